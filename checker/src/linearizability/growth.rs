//! Lists and texts that grow, by their longest reads.
//!
//! Decides linearizability of one list or text with `append`, `put` and reads of the whole, where
//! no two changes may look alike: no element is appended twice, no text written is the beginning of
//! another. The order of appends is had from reads as in Kingsbury and Alvaro, "Elle: inferring
//! isolation anomalies from experimental observations", VLDB 2020; what is done with it is that of
//! [zones](super::zones).
//!
//! An *epoch* is a put (or the start) and the appends after it, up to the last that any read shows.
//! Every read shows which epoch it belongs to, by the put it begins with, and every other read of
//! that epoch must be a beginning of the epoch's longest one. That leaves no choice within the
//! epoch: the put, the reads of it alone, the first append, the reads of that, and so on. A change
//! that returned and that no read shows is an epoch of its own: it comes where no other epoch is
//! under way. One whose return was lost and that no read shows never was.
//!
//! In any order that explains the history an epoch is contiguous. So the history is linearizable
//! iff within each epoch nothing ends before something earlier in it begins, and there is an order
//! of epochs so that nothing in one ends before something in an earlier one begins. Let `f` be an
//! epoch's first return and `s` its last invocation: `D` must come before `C` if `f(D) < s(C)`. Any
//! cycle of such demands has one of two epochs in it: let `s(C)` be the greatest `s` in the cycle,
//! `B` come after `C` in it and `D` after `B`; then `f(B) < s(D) <= s(C)` and `f(C) < s(B)`. So it
//! is enough to look for two epochs that each must come before the other, as for zones.
//!
//! O(n log n) for n operations, plus the length of all reads. Declines when changes may be
//! mistaken for each other.

use std::collections::BTreeMap;

use super::Part;
use crate::plant::{Bug, planted};
use crate::{AnomalyClass, History, ModelKind, OpIndex, Outcome, Value};

/// What the longest read says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Growth {
    /// There is an order.
    Linearizable,
    /// There is none.
    Clash(Clash),
    /// This method does not apply.
    Declined,
}

/// Why there is no order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Clash {
    pub(crate) class: AnomalyClass,
    /// The operation that cannot be explained.
    pub(crate) about: OpIndex,
    /// The one it cannot be reconciled with.
    pub(crate) against: Option<OpIndex>,
    /// The changes that either of them shows, and reads that tell their order.
    pub(crate) shown: Vec<OpIndex>,
}

/// An append or a put.
struct Change {
    op: OpIndex,
    what: Value,
    is_put: bool,
    invoked: u32,
    completed: u32,
}

struct Read {
    op: OpIndex,
    what: Value,
    invoked: u32,
    completed: u32,
}

const NEVER: u32 = u32::MAX;

/// Operations that must be contiguous, in groups that must follow each other.
#[derive(Default)]
struct Epoch {
    /// The changes that reads show, by place among the changes; first the put, if there is one.
    changes: Vec<usize>,
    groups: Vec<Vec<(OpIndex, u32, u32)>>,
}

impl Epoch {
    /// A read that shows all the changes, if there is a read.
    fn longest(&self) -> Option<OpIndex> {
        let whole = self.groups.get(2 * self.changes.len())?;
        whole.first().map(|&(op, ..)| op)
    }

    /// The first return and the last invocation, each plus one, and whose they are.
    fn ends(&self, is_first: bool) -> Option<(Place, Place)> {
        let members = || self.groups.iter().flatten();
        let last = members().map(|&(op, invoked, _)| (invoked + 1, Some(op))).max();
        let first = members().map(|&(op, _, end)| (end.saturating_add(1), Some(op))).min();
        if is_first {
            return Some(((0, None), last.unwrap_or((0, None))));
        }
        first.zip(last)
    }
}

type Place = (u32, Option<OpIndex>);

/// Judges one list or text.
pub(crate) fn judge(history: &History, model: ModelKind, part: &Part) -> Growth {
    let Some((changes, reads)) = gather(history, model, part) else { return Growth::Declined };
    let Some(words) = Words::new(&changes) else { return Growth::Declined };
    let epochs = match epochs(&changes, &reads, &words) {
        Ok(epochs) => epochs,
        Err(clash) => return Growth::Clash(clash),
    };
    let within = epochs.iter().find_map(|epoch| compare(epoch, &changes));
    let within = within.filter(|_| !planted(Bug::GrowthForgetWithin));
    let between = || between(&epochs, &changes).filter(|_| !planted(Bug::GrowthForgetBetween));
    within.or_else(between).map_or(Growth::Linearizable, Growth::Clash)
}

/// Sorts the operations into epochs, of which the first is the one before any put.
fn epochs(changes: &[Change], reads: &[Read], words: &Words<'_>) -> Result<Vec<Epoch>, Clash> {
    let mut by_put: BTreeMap<Option<usize>, Vec<&Read>> = BTreeMap::from([(None, Vec::new())]);
    for read in reads {
        let first =
            words.first(&read.what).map_err(|class| clash(class, read, None, Vec::new()))?;
        by_put.entry(first.filter(|&at| changes[at].is_put)).or_default().push(read);
    }
    let shown = |order: &[usize]| order.iter().map(|&at| changes[at].op).collect::<Vec<_>>();
    let mut placed: Vec<Option<OpIndex>> = vec![None; changes.len()];
    let mut epochs = Vec::new();
    for (put, reads) in by_put {
        let longest = reads.iter().max_by_key(|read| length(&read.what));
        let Some(longest) = longest else {
            epochs.push(Epoch::default());
            continue;
        };
        let order =
            words.split(&longest.what).map_err(|class| clash(class, longest, None, Vec::new()))?;
        for (level, &at) in order.iter().enumerate() {
            let class = AnomalyClass::IncompatibleOrder;
            if changes[at].is_put && level > 0 {
                return Err(clash(class, longest, None, shown(&order)));
            }
            if let Some(other) = placed[at].replace(longest.op) {
                return Err(clash(class, longest, Some(other), shown(&order)));
            }
        }
        // The put is there from the start of its epoch: level 1 shows it alone.
        let mut groups = vec![Vec::new(); 2 * order.len() + 1];
        for read in &reads {
            let Some(level) = words.level(&longest.what, &order, &read.what) else {
                if planted(Bug::GrowthForgetPrefixes) {
                    continue;
                }
                let other = words
                    .split(&read.what)
                    .map_err(|class| clash(class, read, None, Vec::new()))?;
                let shown = shown(&order).into_iter().chain(shown(&other)).collect();
                let class = AnomalyClass::IncompatibleOrder;
                return Err(clash(class, read, Some(longest.op), shown));
            };
            groups[2 * level].push((read.op, read.invoked, read.completed));
        }
        for (level, &at) in order.iter().enumerate() {
            let change = &changes[at];
            groups[2 * level + 1].push((change.op, change.invoked, change.completed));
        }
        assert!(put.is_none() || put == order.first().copied(), "its put begins an epoch");
        epochs.push(Epoch { changes: order, groups });
    }
    let unseen = changes.iter().zip(&placed).enumerate();
    let unseen =
        unseen.filter(|(_, (change, placed))| placed.is_none() && change.completed != NEVER);
    epochs.extend(unseen.map(|(at, (change, _))| Epoch {
        changes: vec![at],
        groups: vec![vec![(change.op, change.invoked, change.completed)]],
    }));
    Ok(epochs)
}

/// Looks for an operation that ends before one begins that must come earlier in its epoch.
fn compare(epoch: &Epoch, changes: &[Change]) -> Option<Clash> {
    let mut latest: Option<(u32, OpIndex, usize)> = None;
    for (group, members) in epoch.groups.iter().enumerate() {
        for &(op, _, completed) in members {
            if let Some((_, earlier, its_group)) = latest.filter(|&(begun, ..)| completed < begun) {
                let is_read = |group: usize| group.is_multiple_of(2);
                let class = match (is_read(its_group), is_read(group)) {
                    (true, _) => AnomalyClass::StaleRead,
                    (false, true) => AnomalyClass::FutureRead,
                    (false, false) => AnomalyClass::IncompatibleOrder,
                };
                // Where a change belongs is known by a read that shows it: the longest one.
                let all = epoch.changes.len();
                let reader = if is_read(group) { None } else { epoch.longest() };
                let levels = if reader.is_some() { all } else { all.min(group.div_ceil(2)) };
                let shown = epoch.changes[..levels].iter().map(|&at| changes[at].op);
                let shown = shown.chain(reader).collect();
                return Some(Clash { class, about: earlier, against: Some(op), shown });
            }
        }
        for &(op, invoked, _) in members {
            latest = latest.max(Some((invoked, op, group)));
        }
    }
    None
}

/// Looks for two epochs each of which must come before the other.
fn between(epochs: &[Epoch], changes: &[Change]) -> Option<Clash> {
    let ends =
        |(at, epoch): (usize, &Epoch)| epoch.ends(at == 0).map(|(f, s)| (f.0.min(s.0), at, f, s));
    let mut order: Vec<(u32, usize, Place, Place)> =
        epochs.iter().enumerate().filter_map(ends).collect();
    order.sort_unstable();
    let mut held: Option<(usize, Place, Place)> = None;
    for (_, at, first, last) in order {
        let is_forward = first.0 < last.0;
        if let Some((other, other_first, other_last)) = held {
            let end = if is_forward { first.0 } else { first.0.max(last.0) };
            if end < other_last.0 {
                let both = [&epochs[other], &epochs[at]];
                let ops = [other_first.1, other_last.1, first.1, last.1];
                let ops = ops.into_iter().chain(both.map(Epoch::longest)).flatten();
                let shown = both.into_iter().flat_map(|epoch| &epoch.changes);
                let shown = shown.map(|&at| changes[at].op).chain(ops);
                let about = other_last.1.expect("a forward zone ends with an invocation");
                let against = first.1;
                let class = AnomalyClass::StaleRead;
                return Some(Clash { class, about, against, shown: shown.collect() });
            }
        }
        if is_forward && held.is_none_or(|(_, _, other)| other.0 < last.0) {
            held = Some((at, first, last));
        }
    }
    None
}

fn clash(class: AnomalyClass, read: &Read, against: Option<OpIndex>, shown: Vec<OpIndex>) -> Clash {
    Clash { class, about: read.op, against, shown }
}

fn gather(history: &History, model: ModelKind, part: &Part) -> Option<(Vec<Change>, Vec<Read>)> {
    let (mut changes, mut reads) = (Vec::new(), Vec::new());
    for &op in &part.operations {
        let invoked = history.invoked[op.get()].0;
        let completed = history.completed_at(op).map_or(NEVER, |end| end.0);
        match (history.f(op), history.outcome_id(op)) {
            (_, Outcome::Fail) | ("read" | "get", Outcome::Indeterminate) => {}
            (f @ ("append" | "put" | "write"), Outcome::Ok(_) | Outcome::Indeterminate) => {
                let what = history.value(history.argument_id(op));
                let is_put = f != "append";
                changes.push(Change { op, what, is_put, invoked, completed });
            }
            ("read" | "get", Outcome::Ok(ret)) => {
                reads.push(Read { op, what: history.value(ret), invoked, completed });
            }
            _ => return None,
        }
    }
    let is_text = model == ModelKind::Kv;
    let plain = |change: &Change| !is_text && !change.is_put || change.what.as_str().is_some();
    if !changes.iter().all(plain) {
        return None;
    }
    let understood = |read: &Read| match &read.what {
        Value::Nil => true,
        Value::Str(_) => is_text,
        Value::List(_) => !is_text,
        Value::Bool(_) | Value::Int(_) | Value::Keyword(_) | Value::Map(_) | Value::Raw(_) => false,
    };
    reads.iter().all(understood).then_some((changes, reads))
}

fn length(what: &Value) -> usize {
    what.as_str().map(str::len).or(what.as_list().map(<[_]>::len)).unwrap_or(0)
}

/// What was appended or put, so that it can be told apart in what was read.
struct Words<'a> {
    changes: &'a [Change],
    /// Places among the changes, in the order of what was written.
    sorted: Vec<usize>,
}

impl<'a> Words<'a> {
    /// `None` if some may be mistaken for others.
    fn new(changes: &'a [Change]) -> Option<Self> {
        let mut sorted: Vec<usize> = (0..changes.len()).collect();
        sorted.sort_unstable_by(|&one, &other| changes[one].what.cmp(&changes[other].what));
        let alike = |pair: &[usize]| {
            let (one, other) = (&changes[pair[0]].what, &changes[pair[1]].what);
            match (one.as_str(), other.as_str()) {
                (Some(one), Some(other)) => other.starts_with(one),
                _ => one == other,
            }
        };
        let is_empty = |change: &Change| change.what.as_str() == Some("");
        if changes.iter().any(is_empty) {
            return None;
        }
        (!sorted.windows(2).any(alike)).then_some(Self { changes, sorted })
    }

    /// The change that `what` begins with, if it is not empty.
    fn first(&self, what: &Value) -> Result<Option<usize>, AnomalyClass> {
        if let Some(text) = what.as_str() {
            return if text.is_empty() { Ok(None) } else { self.word(text).map(Some) };
        }
        what.as_list().unwrap_or_default().first().map(|item| self.item(item)).transpose()
    }

    /// The change whose text `text` begins with.
    fn word(&self, text: &str) -> Result<usize, AnomalyClass> {
        // No word is the beginning of another, so only the last one not beyond can fit.
        let beyond = |&at: &usize| self.changes[at].what.as_str() <= Some(text);
        let last = self.sorted.partition_point(beyond).checked_sub(1);
        let at = last.map(|word| self.sorted[word]);
        at.filter(|&at| self.changes[at].what.as_str().is_some_and(|word| text.starts_with(word)))
            .ok_or(AnomalyClass::ReadFromNowhere)
    }

    /// The change that appended `item`.
    fn item(&self, item: &Value) -> Result<usize, AnomalyClass> {
        let found = self.sorted.binary_search_by(|&at| self.changes[at].what.cmp(item));
        found.map(|word| self.sorted[word]).map_err(|_| AnomalyClass::ReadFromNowhere)
    }

    /// The changes that `what` consists of.
    fn split(&self, what: &Value) -> Result<Vec<usize>, AnomalyClass> {
        let mut order = Vec::new();
        if let Some(mut text) = what.as_str() {
            while !text.is_empty() {
                let at = self.word(text)?;
                text = &text[self.changes[at].what.as_str().map_or(0, str::len)..];
                order.push(at);
            }
        }
        for item in what.as_list().unwrap_or_default() {
            order.push(self.item(item)?);
        }
        let mut once = order.clone();
        once.sort_unstable();
        once.dedup();
        if once.len() == order.len() { Ok(order) } else { Err(AnomalyClass::DuplicateElement) }
    }

    /// How many of the appends in `longest` are in `what`, if it is a beginning of it.
    fn level(&self, longest: &Value, order: &[usize], what: &Value) -> Option<usize> {
        if let (Some(longest), Some(text)) = (longest.as_str(), what.as_str()) {
            longest.starts_with(text).then_some(())?;
            let mut length = 0;
            let mut level = 0;
            while length < text.len() {
                length += self.changes[order[level]].what.as_str().map_or(0, str::len);
                level += 1;
            }
            return (length == text.len()).then_some(level);
        }
        let items = what.as_list().unwrap_or_default();
        longest.as_list().unwrap_or_default().starts_with(items).then_some(items.len())
    }
}
