//! One element of a set.

use crate::linearizability::collection::lifetimes::Take;
use crate::linearizability::moment::{Moment, NEVER, Span};
use crate::linearizability::violation::{Indecision, Violation};
use crate::model::SetRet;
use crate::plant::{Bug, planted};
use crate::{Observed, OpIndex};

/// All calls that speak of one element.
#[derive(Clone, Debug, Default)]
pub(super) struct SetElement {
    pub(super) adds: Vec<Take>,
    pub(super) removals: Vec<Take>,
    /// Those of the additions that say that it was not in.
    pub(super) fresh: Vec<Take>,
    /// Those of the removals that say that it was in.
    pub(super) taken: Vec<Take>,
    /// Calls that saw it.
    pub(super) present: Vec<Take>,
    /// Calls that did not.
    pub(super) absent: Vec<Take>,
}

/// What an addition or removal says of whether it changed the set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Said {
    Nothing,
    Changed,
    Unchanged,
}

impl Said {
    pub(super) fn of<V>(seen: &Observed<SetRet<V>>) -> Self {
        match seen {
            Observed::Returned(SetRet::Changed(true)) => Self::Changed,
            Observed::Returned(SetRet::Changed(false)) => Self::Unchanged,
            Observed::Returned(_) | Observed::Lost => Self::Nothing,
        }
    }
}

impl SetElement {
    /// Takes note of an addition.
    pub(super) fn add(&mut self, made: Take, said: Said) {
        match said {
            Said::Unchanged => return self.present.push(made),
            Said::Changed => self.fresh.push(made),
            Said::Nothing => {}
        }
        self.adds.push(made);
    }

    /// Takes note of a removal.
    pub(super) fn remove(&mut self, made: Take, said: Said) {
        match said {
            Said::Unchanged => return self.absent.push(made),
            Said::Changed => self.taken.push(made),
            Said::Nothing => {}
        }
        self.removals.push(made);
    }

    /// Every call that speaks of it.
    pub(super) fn ops(&self) -> Vec<OpIndex> {
        let all = [&self.adds, &self.removals, &self.present, &self.absent];
        all.into_iter().flatten().map(|made| made.op).collect()
    }

    /// When it was added first. Of several additions one that began first and one that returned
    /// first set the bounds. One that says that it was not in is the first.
    pub(super) fn added(&self) -> Option<Span> {
        let first = if self.fresh.is_empty() || planted(Bug::SetForgetFresh) {
            &self.adds
        } else {
            &self.fresh
        };
        let from = first.iter().map(|made| made.span.from).min()?;
        let to = self.adds.iter().map(|made| made.span.to).min()?;
        Some(Span { from, to })
    }

    /// Whether it may have been in more than once, so that it is not known which time was seen.
    pub(super) fn added_twice(&self) -> Option<Indecision> {
        match self.adds.as_slice() {
            [first, again, ..] if !self.removals.is_empty() => {
                Some(Indecision::InsertedTwice { first: first.op, again: again.op })
            }
            _ => None,
        }
    }

    /// Whether several additions say that it was not in, or several removals that it was.
    pub(super) fn is_changed_twice(&self) -> bool {
        let several = self.fresh.len() > 1 && !planted(Bug::SetForgetFresh);
        several || self.taken.len() > 1 && !planted(Bug::SetForgetTaken)
    }

    /// Whether some moments of addition and removal explain what was seen. O(n log n).
    pub(super) fn is_explained(&self) -> bool {
        let taken: &[Take] = if planted(Bug::SetForgetTaken) { &[] } else { &self.taken };
        let Some(added) = self.added() else { return self.present.is_empty() && taken.is_empty() };
        if self.present.is_empty() && taken.is_empty() && added.to == NEVER {
            return true; // It need not have been added.
        }
        // It was added once, or never removed: see `added_twice`.
        if self.is_changed_twice() {
            return false;
        }
        let seen = self.present.iter().chain(taken);
        let first_seen = seen.map(|made| made.span.to).min().unwrap_or(NEVER);
        let last_seen = self.present.iter().map(|made| made.span.from).max().unwrap_or(0);
        let latest = added.to.min(first_seen);
        if latest < added.from {
            return false;
        }
        let mut starts: Vec<Moment> = vec![added.from];
        let all = [&self.removals, &self.present, &self.absent];
        for made in all.into_iter().flatten() {
            starts.extend([made.span.from, made.span.to]);
        }
        starts.retain(|&start| start >= added.from && start < latest);
        starts.sort_unstable();
        if planted(Bug::SetAddLatestOnly) {
            starts.drain(..starts.len() - 1);
        }
        let removals = Removals::new(self);
        // The addition may be anywhere between one event and the next.
        starts.into_iter().any(|start| {
            let limit = removals.limit(start);
            let gone = match taken {
                [] if limit == NEVER => return true, // Nothing need have removed it.
                [] => removals.next(start.max(last_seen)),
                [made, ..] => Some(start.max(last_seen).max(made.span.from))
                    .filter(|&gone| gone < made.span.to),
            };
            gone.is_some_and(|gone| gone < limit || planted(Bug::SetEveryRemovalWorks))
        })
    }

    /// Contradictory calls, no more of those that saw it or did not than needed; and what is wrong.
    pub(super) fn shrunk(&self) -> (Self, Violation) {
        let mut few = self.clone();
        for said in [SetElement::present_mut, SetElement::absent_mut] {
            let mut size = said(&mut few).len();
            while size > 0 {
                let mut start = 0;
                while start < said(&mut few).len() {
                    let mut fewer = few.clone();
                    let end = (start + size).min(said(&mut fewer).len());
                    said(&mut fewer).drain(start..end);
                    if fewer.is_explained() {
                        start += size;
                    } else {
                        few = fewer;
                    }
                }
                size /= 2;
            }
        }
        let saw = few.present.first().or(few.absent.first()).or(few.adds.first());
        let op = saw.expect("an element that no call mentions is explained").op;
        let reason = match (few.present.as_slice(), few.adds.as_slice()) {
            ([_, ..], []) => Violation::NeverInserted { seen: op },
            ([seen], [add, ..]) if self.added().is_some_and(|added| seen.span.to < added.from) => {
                Violation::SeenBeforeInserted { seen: op, insert: add.op }
            }
            _ => Violation::Contradictory { op },
        };
        (few, reason)
    }

    fn present_mut(&mut self) -> &mut Vec<Take> {
        &mut self.present
    }

    fn absent_mut(&mut self) -> &mut Vec<Take> {
        &mut self.absent
    }
}

/// When an element may or must be gone. A moment stands for the time up to the next event.
struct Removals {
    /// Spans of removals, by start, each with the last end so far.
    spans: Vec<(Moment, Moment)>,
    /// Calls before the addition or after the removal, by start, each with the first end from here
    /// on.
    outside: Vec<(Moment, Moment)>,
}

impl Removals {
    fn new(element: &SetElement) -> Self {
        let sorted = |made: &[Take]| {
            let mut spans: Vec<_> =
                made.iter().map(|made| (made.span.from, made.span.to)).collect();
            spans.sort_unstable();
            spans
        };
        let mut spans = sorted(&element.removals);
        let mut last = 0;
        for (_, to) in &mut spans {
            last = last.max(*to);
            *to = last;
        }
        let mut outside = Vec::new();
        if !planted(Bug::SetForgetAbsence) {
            outside.extend(sorted(&element.absent));
        }
        if !planted(Bug::SetForgetRemoval) {
            outside.extend(sorted(&element.removals));
        }
        outside.sort_unstable();
        let mut first = NEVER;
        for (_, to) in outside.iter_mut().rev() {
            first = first.min(*to);
            *to = first;
        }
        Self { spans, outside }
    }

    /// The first return of the calls that begin after `added`, and so must be at the removal or
    /// after it.
    fn limit(&self, added: Moment) -> Moment {
        let after = self.outside.partition_point(|&(from, _)| from <= added);
        self.outside.get(after).map_or(NEVER, |&(_, to)| to)
    }

    /// The first time from `moment` on at which something may remove the element.
    fn next(&self, moment: Moment) -> Option<Moment> {
        let begun = self.spans.partition_point(|&(from, _)| from <= moment);
        if begun > 0 && self.spans[begun - 1].1 > moment {
            return Some(moment);
        }
        self.spans.get(begun).map(|&(from, _)| from)
    }
}
