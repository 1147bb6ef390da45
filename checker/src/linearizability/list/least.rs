//! A least part of a history that still has no order.
//!
//! Leaving out a read only allows more, and so does losing the return of a change. What is left are
//! the ends that clash; every other change may have happened at any time. A change that was lost
//! and that no read left shows never was, and nor was what began after all that is left ended.

use super::cut::{Change, EMPTY, Kind, NEVER, Read, Told};
use super::epochs::Shown;
use super::left::Left;
use super::orders::{Allowance, Branching};
use super::{Refuted, Solved, at_most, solve_plain};
use crate::linearizability::options::{Options, Witnesses};
use crate::plant::{Bug, planted};
use crate::{OpIndex, Stop};

/// What a witness says of an operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ending {
    /// All that is known.
    Told,
    /// That it may have happened, at any time since it began.
    Lost,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Fate {
    Told,
    Lost,
    Gone,
}

/// Demands that may be asked to make a witness least.
const TO_LEAST: Left = 20_000_000;
/// And if it need not be.
const AS_FOUND: Left = 1_000_000;
/// And however small the budget is.
const LEAST: Left = 200_000;

/// Demands that one trial may ask: for each operation, beyond that, and for each that it took to
/// find the violation.
const TRIAL: (Left, Left, Left) = (50, 20_000, 4);

/// What is left of each change and each read.
#[derive(Clone)]
struct Rest {
    changes: Vec<Fate>,
    reads: Vec<Fate>,
}

struct Trials<'a> {
    told: &'a Told,
    /// Demands it took to find the violation.
    cost: Left,
    left: Left,
    stop: Option<&'a Stop>,
}

/// The operations of a least violation, in the order of their invocations.
pub(super) fn least(told: &Told, refuted: &Refuted, options: &Options) -> Vec<(OpIndex, Ending)> {
    let most = if options.witnesses == Witnesses::Least { TO_LEAST } else { AS_FOUND };
    let left = at_most(&options.budget).clamp(LEAST, most);
    let stop = options.budget.stop.as_ref();
    let mut trials = Trials { told, cost: refuted.cost, left, stop };
    let mut rest = Rest::only(told, &refuted.hint);
    if !trials.violates(&rest) && !planted(Bug::GrowthTrustHints) {
        rest = trials.beginning(&Rest::all(told));
    }
    trials.forget(&mut rest);
    trials.halve(&mut rest);
    trials.forget(&mut rest);
    if told.shown().is_plain() {
        // Nothing can be mistaken for anything else: the witness holds all that is shown.
        rest.changes.iter_mut().filter(|it| **it == Fate::Lost).for_each(|it| *it = Fate::Told);
    } else {
        trials.forget_each(&mut rest);
    }
    rest.operations(told)
}

impl Rest {
    fn all(told: &Told) -> Self {
        Self {
            changes: vec![Fate::Told; told.changes.len()],
            reads: vec![Fate::Told; told.reads.len()],
        }
    }

    /// Only the ends of these are kept.
    fn only(told: &Told, hint: &[OpIndex]) -> Self {
        let fate = |op: OpIndex, other| if hint.contains(&op) { Fate::Told } else { other };
        Self {
            changes: told.changes.iter().map(|it| fate(it.op, Fate::Lost)).collect(),
            reads: told.reads.iter().map(|it| fate(it.op, Fate::Gone)).collect(),
        }
    }

    fn kept(&self, told: &Told) -> (Vec<Change>, Vec<Read>) {
        let change = |(change, fate): (&Change, &Fate)| match fate {
            Fate::Told => Some(*change),
            Fate::Lost => {
                let mut lost = *change;
                lost.span.to = NEVER;
                Some(lost)
            }
            Fate::Gone => None,
        };
        let changes = told.changes.iter().zip(&self.changes).filter_map(change).collect();
        let reads = told.reads.iter().zip(&self.reads);
        let reads = reads.filter(|(_, fate)| **fate == Fate::Told).map(|(read, _)| *read).collect();
        (changes, reads)
    }

    /// The changes and the reads whose ends are kept; reads have numbers after those of changes.
    fn ends(&self) -> Vec<usize> {
        let all = self.changes.iter().chain(&self.reads).enumerate();
        all.filter(|(_, fate)| **fate == Fate::Told).map(|(at, _)| at).collect()
    }

    fn drop_end(&mut self, at: usize) {
        match at.checked_sub(self.changes.len()) {
            None => self.changes[at] = Fate::Lost,
            Some(read) => self.reads[read] = Fate::Gone,
        }
    }

    fn operations(&self, told: &Told) -> Vec<(OpIndex, Ending)> {
        let changes = told.changes.iter().map(|it| it.op).zip(&self.changes);
        let reads = told.reads.iter().map(|it| it.op).zip(&self.reads);
        let ending = |(op, fate): (OpIndex, &Fate)| match fate {
            Fate::Told => Some((op, Ending::Told)),
            Fate::Lost => Some((op, Ending::Lost)),
            Fate::Gone => None,
        };
        let mut operations: Vec<_> = changes.chain(reads).filter_map(ending).collect();
        operations.sort_unstable_by_key(|&(op, _)| op);
        operations
    }
}

impl Trials<'_> {
    /// Whether what is left certainly has no order, as far as that is found without much ado.
    fn violates(&mut self, rest: &Rest) -> bool {
        let (changes, reads) = rest.kept(self.told);
        let cost = (changes.len() + reads.len() + self.told.trie.len()) as u64;
        self.left = self.left.saturating_sub(cost);
        let shown = Shown::new(&self.told.trie, self.told.tokens, &changes, &reads);
        let each = self.left.min(TRIAL.0 * cost + TRIAL.1 + TRIAL.2 * self.cost);
        let mut limits =
            Allowance { left: each, held: 0, branching: Branching::Yes, stop: self.stop };
        let solved = solve_plain(&shown, &mut limits);
        self.left -= each - limits.left.min(each);
        matches!(solved, Some(Solved::Never(_)))
    }

    fn is_over(&self) -> bool {
        self.left == 0 || self.stop.is_some_and(Stop::asked)
    }

    /// What had happened when there was first no order.
    fn beginning(&mut self, all: &Rest) -> Rest {
        let told = self.told;
        let spans =
            told.changes.iter().map(|it| it.span).chain(told.reads.iter().map(|it| it.span));
        let mut ends: Vec<u32> = spans.map(|it| it.to).filter(|&to| to != NEVER).collect();
        ends.sort_unstable();
        let until = |end: u32| {
            let mut rest = all.clone();
            for (fate, change) in rest.changes.iter_mut().zip(&told.changes) {
                if change.span.to > end {
                    *fate = if change.span.from <= end { Fate::Lost } else { Fate::Gone };
                }
            }
            for (fate, read) in rest.reads.iter_mut().zip(&told.reads) {
                if read.span.to > end {
                    *fate = Fate::Gone;
                }
            }
            rest
        };
        let (mut low, mut high) = (0, ends.len());
        while low < high && !self.is_over() {
            let middle = usize::midpoint(low, high);
            if self.violates(&until(ends[middle])) {
                high = middle;
            } else {
                low = middle + 1;
            }
        }
        ends.get(high).map_or_else(|| all.clone(), |&end| until(end))
    }

    /// Drops as many ends as it can: half of them at once, then less and less.
    fn halve(&mut self, rest: &mut Rest) {
        let mut ends = rest.ends();
        let mut size = ends.len();
        while size > 0 {
            let mut start = 0;
            while start < ends.len() && !self.is_over() {
                let end = (start + size).min(ends.len());
                let mut trial = rest.clone();
                ends[start..end].iter().for_each(|&at| trial.drop_end(at));
                if self.violates(&trial) {
                    *rest = trial;
                    ends.drain(start..end);
                } else {
                    start = end;
                }
            }
            size = if size == 1 { 0 } else { size.div_ceil(2) };
        }
    }

    /// Drops the changes that make no difference.
    fn forget(&mut self, rest: &mut Rest) {
        let (changes, reads) = rest.kept(self.told);
        let shown = Shown::new(&self.told.trie, self.told.tokens, &changes, &reads);
        let first = self.told.trie.first_tokens();
        let mut is_first = vec![false; self.told.tokens];
        for read in &reads {
            is_first[first[read.node as usize] as usize] = true;
        }
        let ends = changes.iter().map(|it| it.span.to).chain(reads.iter().map(|it| it.span.to));
        let end = ends.filter(|&to| to != NEVER).max().unwrap_or(0);
        let mut trial = rest.clone();
        for (fate, change) in trial.changes.iter_mut().zip(&self.told.changes) {
            let is_shown = match change.kind {
                Kind::Append => shown.is_seen[change.token as usize],
                Kind::Put => is_first[change.token as usize] || change.token == EMPTY,
            };
            if *fate == Fate::Lost && (!is_shown || change.span.from > end) {
                *fate = Fate::Gone;
            }
        }
        if self.violates(&trial) {
            *rest = trial;
        }
    }

    /// Drops lost changes one by one, so long as there are as many of each as are shown.
    fn forget_each(&mut self, rest: &mut Rest) {
        let (_, reads) = rest.kept(self.told);
        let mut most = vec![0; self.told.tokens];
        for read in &reads {
            let mut counts = vec![0; self.told.tokens];
            for token in self.told.trie.tokens_from_last(read.node, 0) {
                counts[token as usize] += 1;
                most[token as usize] = counts[token as usize].max(most[token as usize]);
            }
        }
        let mut left = vec![0; self.told.tokens];
        for (change, _) in
            self.told.changes.iter().zip(&rest.changes).filter(|it| *it.1 != Fate::Gone)
        {
            left[change.token as usize] += 1;
        }
        let lost: Vec<usize> =
            (0..rest.changes.len()).filter(|&at| rest.changes[at] == Fate::Lost).collect();
        for at in lost.into_iter().rev() {
            let token = self.told.changes[at].token as usize;
            if left[token] <= most[token] || self.is_over() {
                continue;
            }
            let mut trial = rest.clone();
            trial.changes[at] = Fate::Gone;
            if self.violates(&trial) {
                *rest = trial;
                left[token] -= 1;
            }
        }
    }
}
