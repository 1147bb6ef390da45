//! Whether transactions on lists, or on registers, show an anomaly that a model forbids.
//!
//! From the transactions of a witness alone: of what others appended nothing is known, so that elements of
//! which no transaction here is the source are passed over.

use std::collections::BTreeSet;

mod registers;

use super::{Refused, STEPS_MAX};
use crate::{AnomalyClass, Consistency, OpIndex, Outcome, Value, WitnessOp};

/// Checks that `operations` show an anomaly of this class, and that `model` forbids it.
pub(super) fn violates(
    model: Consistency,
    class: AnomalyClass,
    operations: &[WitnessOp],
) -> Result<(), Refused> {
    if registers::are_there(operations) {
        return registers::violates(model, class, operations);
    }
    let consistent = |why: &str| Err(Refused::Consistent(why.to_owned()));
    let forbidden = forbids(class);
    if !forbidden.iter().any(|&weak| model.implies(weak)) {
        return consistent("the model does not forbid this class");
    }
    let txns = operations.iter().map(WitnessTxn::new).collect::<Result<Vec<_>, _>>()?;
    let is_there = match class {
        AnomalyClass::ReadFromNowhere => shows(&txns, |key, list| {
            list.iter().any(|it| !txns.iter().any(|other| other.appends(key, it)))
        }),
        AnomalyClass::AbortedRead => shows(&txns, |key, list| {
            list.iter().any(|it| txns.iter().any(|other| other.failed && other.appends(key, it)))
        }),
        AnomalyClass::DirtyUpdate => shows(&txns, |key, list| {
            let failed = |it: &Value| txns.iter().any(|by| by.failed && by.appends(key, it));
            let stands = |it: &Value| txns.iter().any(|by| !by.failed && by.appends(key, it));
            let first = list.iter().position(failed);
            first.is_some_and(|first| list[first..].iter().any(stands))
        }),
        AnomalyClass::IntermediateRead => txns.iter().enumerate().any(|(at, reader)| {
            let ends_within = |(key, list): &(&Value, &[Value])| {
                let Some(last) = list.last() else { return false };
                txns.iter().enumerate().any(|(by, other)| {
                    let appended = other.appended(key);
                    by != at && appended.contains(&last) && appended.last() != Some(&last)
                })
            };
            reader.reads().iter().any(ends_within)
        }),
        AnomalyClass::DuplicateElement => {
            shows(&txns, |_, list| list.iter().collect::<BTreeSet<_>>().len() < list.len())
        }
        AnomalyClass::IncompatibleOrder => {
            let reads: Vec<_> = txns.iter().flat_map(WitnessTxn::reads).collect();
            reads.iter().any(|(key, list)| {
                let is_other =
                    |other: &[Value]| !list.starts_with(other) && !other.starts_with(list);
                reads.iter().any(|(to, other)| to == key && is_other(other))
            })
        }
        AnomalyClass::Internal => txns.iter().any(WitnessTxn::forgets),
        AnomalyClass::LostUpdate => lost_update(&txns),
        _ => return of_cycle(class, &txns, operations),
    };
    if is_there { Ok(()) } else { consistent("no transaction shows it") }
}

/// The weakest models that forbid a class.
fn forbids(class: AnomalyClass) -> Vec<Consistency> {
    use AnomalyClass as A;
    use Consistency as C;
    match class {
        A::ReadFromNowhere
        | A::AbortedRead
        | A::DirtyUpdate
        | A::IntermediateRead
        | A::IncompatibleOrder
        | A::G1c => vec![C::ReadCommitted],
        A::DuplicateElement | A::G0 => vec![C::ReadUncommitted],
        A::Internal => vec![C::ReadAtomic],
        A::LostUpdate => vec![C::CursorStability, C::ParallelSnapshotIsolation],
        A::GSingle => vec![C::RepeatableRead, C::ParallelSnapshotIsolation],
        A::GNonadjacent => vec![C::RepeatableRead, C::SnapshotIsolation],
        A::G2Item => vec![C::RepeatableRead, C::Serializable],
        A::G0Process | A::G1cProcess | A::GSingleProcess | A::GNonadjacentProcess => {
            vec![C::StrongSessionSnapshotIsolation]
        }
        A::G2ItemProcess => vec![C::StrongSessionSerializable],
        A::G0Realtime | A::G1cRealtime | A::GSingleRealtime | A::GNonadjacentRealtime => {
            vec![C::StrongSnapshotIsolation]
        }
        A::G2ItemRealtime => vec![C::StrictSerializable],
        _ => Vec::new(),
    }
}

/// A part of a transaction of a witness.
enum WitnessPart<'a> {
    Append(&'a Value, &'a Value),
    Read(&'a Value, &'a [Value]),
}

struct WitnessTxn<'a> {
    op: &'a WitnessOp,
    failed: bool,
    parts: Vec<WitnessPart<'a>>,
}

impl<'a> WitnessTxn<'a> {
    fn new(op: &'a WitnessOp) -> Result<Self, Refused> {
        let malformed = || Refused::Malformed(op.index);
        let (told, committed) = match &op.outcome {
            Outcome::Ok(value) => (value, true),
            Outcome::Fail | Outcome::Indeterminate => (&op.argument, false),
        };
        let mut parts = Vec::new();
        for part in told.as_list().ok_or_else(malformed)? {
            let (f, key, value) = match part.as_list() {
                Some([f, key, value]) => (f, key, value),
                Some([f, key]) => (f, key, &Value::Nil),
                _ => return Err(malformed()),
            };
            let (Value::Keyword(f) | Value::Str(f)) = f else { return Err(malformed()) };
            match (&**f, value) {
                ("append", _) => parts.push(WitnessPart::Append(key, value)),
                ("r" | "read", _) if !committed => {}
                ("r" | "read", Value::Nil) => parts.push(WitnessPart::Read(key, &[])),
                ("r" | "read", Value::List(list)) => parts.push(WitnessPart::Read(key, list)),
                _ => return Err(malformed()),
            }
        }
        Ok(Self { op, failed: op.outcome == Outcome::Fail, parts })
    }

    fn appended(&self, key: &Value) -> Vec<&'a Value> {
        let append = |part: &WitnessPart<'a>| match part {
            WitnessPart::Append(to, value) if *to == key => Some(*value),
            WitnessPart::Append(..) | WitnessPart::Read(..) => None,
        };
        self.parts.iter().filter_map(append).collect()
    }

    fn appends(&self, key: &Value, value: &Value) -> bool {
        self.appended(key).contains(&value)
    }

    /// What it read of others: each list without the elements of its own at the end.
    fn reads(&self) -> Vec<(&'a Value, &'a [Value])> {
        let mut own: BTreeSet<(&Value, &Value)> = BTreeSet::new();
        let mut reads = Vec::new();
        for part in &self.parts {
            match *part {
                WitnessPart::Append(key, value) => {
                    own.insert((key, value));
                }
                WitnessPart::Read(key, list) => {
                    let is_own = |it: &&Value| own.contains(&(key, *it));
                    let mine = list.iter().rev().take_while(is_own).count();
                    reads.push((key, &list[..list.len() - mine]));
                }
            }
        }
        reads
    }

    /// Whether some read is not what the reads and appends before it leave, or has what comes after it.
    fn forgets(&self) -> bool {
        (0..self.parts.len()).any(|at| {
            let WitnessPart::Read(key, list) = self.parts[at] else { return false };
            let mut expected: Vec<&Value> = Vec::new();
            let mut is_whole = false;
            for part in &self.parts[..at] {
                match part {
                    WitnessPart::Append(to, value) if *to == key => expected.push(value),
                    WitnessPart::Read(to, list) if *to == key => {
                        expected = list.iter().collect();
                        is_whole = true;
                    }
                    WitnessPart::Append(..) | WitnessPart::Read(..) => {}
                }
            }
            let is_later = |part: &WitnessPart<'_>| {
                matches!(part, WitnessPart::Append(to, value) if *to == key && list.contains(value))
            };
            if self.parts[at..].iter().any(is_later) {
                return true;
            }
            let end = list.len().checked_sub(expected.len());
            let ends_so = end.is_some_and(|end| list[end..].iter().eq(expected.iter().copied()));
            !ends_so || is_whole && list.len() != expected.len()
        })
    }
}

/// Whether some list that a transaction read, all of it, is as `is_it` says.
fn shows(txns: &[WitnessTxn<'_>], is_it: impl Fn(&Value, &[Value]) -> bool) -> bool {
    txns.iter().any(|txn| {
        txn.parts.iter().any(|part| match part {
            WitnessPart::Read(key, list) => is_it(key, list),
            WitnessPart::Append(..) => false,
        })
    })
}

fn lost_update(txns: &[WitnessTxn<'_>]) -> bool {
    let updates = |txn: &WitnessTxn<'_>, key: &Value| !txn.failed && !txn.appended(key).is_empty();
    txns.iter().enumerate().any(|(at, one)| {
        one.reads().iter().any(|(key, list)| {
            let same = |other: &WitnessTxn<'_>| {
                other.reads().iter().any(|(to, seen)| to == key && seen == list)
            };
            updates(one, key)
                && txns[at + 1..].iter().any(|other| updates(other, key) && same(other))
        })
    })
}

/// How one transaction comes before another.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Before {
    /// The other wrote upon what it wrote.
    Depends,
    /// The process or real time says so, where that counts.
    Ordered,
    /// The other read what it wrote.
    Reads,
    /// It did not see the next thing that the other wrote.
    Misses,
    /// It did not see something that the other wrote later: it misses the next thing, and what that
    /// depends on.
    MissesEarlier,
}

impl Before {
    fn is_miss(self) -> bool {
        match self {
            Self::Misses | Self::MissesEarlier => true,
            Self::Depends | Self::Ordered | Self::Reads => false,
        }
    }
}

/// What order beside data counts for a class.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Beside {
    Nothing,
    Process,
    Time,
}

/// How often transactions miss something in a cycle of a class.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Missing {
    /// Never, and nobody reads.
    WritesOnly,
    Never,
    Once,
    Apart,
    Any,
}

fn kind_of(class: AnomalyClass) -> Option<(Missing, Beside)> {
    use AnomalyClass as A;
    let missing = match class {
        A::G0 | A::G0Process | A::G0Realtime => Missing::WritesOnly,
        A::G1c | A::G1cProcess | A::G1cRealtime => Missing::Never,
        A::GSingle | A::GSingleProcess | A::GSingleRealtime => Missing::Once,
        A::GNonadjacent | A::GNonadjacentProcess | A::GNonadjacentRealtime => Missing::Apart,
        A::G2Item | A::G2ItemProcess | A::G2ItemRealtime => Missing::Any,
        _ => return None,
    };
    let beside = match class {
        A::G0Process
        | A::G1cProcess
        | A::GSingleProcess
        | A::GNonadjacentProcess
        | A::G2ItemProcess => Beside::Process,
        A::G0Realtime
        | A::G1cRealtime
        | A::GSingleRealtime
        | A::GNonadjacentRealtime
        | A::G2ItemRealtime => Beside::Time,
        _ => Beside::Nothing,
    };
    Some((missing, beside))
}

/// Checks that there is a cycle in which no more is missed than the class says.
fn of_cycle(
    class: AnomalyClass,
    txns: &[WitnessTxn<'_>],
    operations: &[WitnessOp],
) -> Result<(), Refused> {
    let Some((missing, beside)) = kind_of(class) else {
        return Err(Refused::Consistent("it is no class of transactions".to_owned()));
    };
    let index = |at: usize| operations.get(at).map_or(OpIndex(0), |op| op.index);
    if let Some(at) = txns.iter().position(|txn| txn.failed) {
        return Err(Refused::Malformed(index(at)));
    }
    let mut edges: Vec<Vec<(usize, Before)>> = vec![Vec::new(); txns.len()];
    for (from, one) in txns.iter().enumerate() {
        for (to, other) in txns.iter().enumerate().filter(|&(to, _)| to != from) {
            edges[from].extend(before(one, other, txns, (missing, beside)).map(|it| (to, it)));
        }
    }
    let mut ways =
        Ways { edges: &edges, missing, beside, passed: vec![false; txns.len()], steps: 0 };
    for start in 0..txns.len() {
        if ways.come_back(start)? {
            return Ok(());
        }
    }
    Err(Refused::Consistent("there is no such cycle".to_owned()))
}

/// How `one` comes before `other`, if it does.
fn before<'a>(
    one: &WitnessTxn<'a>,
    other: &WitnessTxn<'a>,
    txns: &[WitnessTxn<'a>],
    (missing, beside): (Missing, Beside),
) -> impl Iterator<Item = Before> + use<> {
    let is_earlier = one.op.completed.is_some_and(|end| end < other.op.invoked);
    let in_process = is_earlier && one.op.process == other.op.process;
    let by_order = match beside {
        Beside::Nothing => false,
        Beside::Process => in_process,
        Beside::Time => is_earlier,
    };
    let reads = missing != Missing::WritesOnly;
    let read_it = reads
        && other
            .reads()
            .iter()
            .any(|(key, list)| list.last().is_some_and(|last| one.appends(key, last)));
    // As far as no other contradicts it.
    let longest = |key: &Value| {
        let lists = || txns.iter().flat_map(WitnessTxn::reads).filter(|(to, _)| *to == key);
        let longest = lists().map(|(_, list)| list).max_by_key(|list| list.len()).unwrap_or(&[]);
        let alike = |list: &[Value]| longest.iter().zip(list).take_while(|(a, b)| a == b).count();
        let contradicts = |list: &&[Value]| !longest.starts_with(list);
        let alike = lists().map(|(_, list)| list).filter(contradicts).map(alike).min();
        &longest[..alike.unwrap_or(longest.len())]
    };
    // The place of an element among all that were read; after them, if it was not.
    let place = |key: &Value, element: &Value| longest(key).iter().position(|it| it == element);
    let keys: BTreeSet<&Value> = txns
        .iter()
        .flat_map(|txn| &txn.parts)
        .map(|part| match part {
            WitnessPart::Append(key, _) | WitnessPart::Read(key, _) => *key,
        })
        .collect();
    let wrote_before = keys.iter().any(|key| {
        one.appended(key).iter().any(|mine| {
            other.appended(key).iter().any(|theirs| match (place(key, mine), place(key, theirs)) {
                (Some(mine), Some(theirs)) => mine < theirs,
                (Some(_), None) => true,
                (None, _) => false,
            })
        })
    });
    let mine = if reads { one.reads() } else { Vec::new() };
    let in_order = |(key, list): &&(&Value, &[Value])| longest(key).starts_with(list);
    let missed = mine.iter().filter(in_order).filter_map(|(key, list)| {
        // The first thing after the list of which the source is here.
        let rest = longest(key).get(list.len()..).unwrap_or(&[]);
        let is_known = |it: &Value| txns.iter().any(|txn| txn.appends(key, it));
        let is_missed = if let Some(at) = rest.iter().position(is_known) {
            other.appends(key, &rest[at]).then_some(at == 0)
        } else {
            let is_unread = |it: &&Value| place(key, it).is_none();
            other.appended(key).iter().any(is_unread).then_some(rest.is_empty())
        };
        is_missed.map(|at_once| if at_once { Before::Misses } else { Before::MissesEarlier })
    });
    let unseen: BTreeSet<Before> = missed.collect();
    let depends = wrote_before.then_some(Before::Depends);
    let ordered = by_order.then_some(Before::Ordered);
    let reads = read_it.then_some(Before::Reads);
    depends.into_iter().chain(ordered).chain(reads).chain(unseen)
}

/// Ways from one transaction to the next that pass none twice.
struct Ways<'a> {
    edges: &'a [Vec<(usize, Before)>],
    missing: Missing,
    beside: Beside,
    passed: Vec<bool>,
    steps: u64,
}

/// What a way has passed.
#[derive(Clone, Copy)]
#[expect(clippy::struct_excessive_bools, reason = "they are independent facts")]
struct WayPassed {
    start: usize,
    /// How often something was missed; two stands for more.
    missed: u8,
    /// Whether that was so in the first step.
    first: bool,
    /// Whether it was so in the last step, of the next thing.
    last: bool,
    /// Whether something was read.
    read: bool,
    /// Whether the order of a process or of time was used.
    ordered: bool,
}

impl Ways<'_> {
    /// Whether a way of the kind leads back to `start`.
    fn come_back(&mut self, start: usize) -> Result<bool, Refused> {
        for (to, before) in self.edges[start].clone() {
            let is_miss = before.is_miss();
            let (last, read) = (before == Before::Misses, before == Before::Reads);
            let (missed, ordered) = (u8::from(is_miss), before == Before::Ordered);
            let way = WayPassed { start, missed, first: is_miss, last, read, ordered };
            if self.allows(way) && self.goes_on(to, way)? {
                return Ok(true);
            }
        }
        Ok(false)
    }

    fn goes_on(&mut self, here: usize, way: WayPassed) -> Result<bool, Refused> {
        self.steps += 1;
        if self.steps > STEPS_MAX {
            return Err(Refused::TooLarge(STEPS_MAX));
        }
        if here == way.start {
            return Ok(self.is_whole(way));
        }
        self.passed[here] = true;
        for (to, before) in self.edges[here].clone() {
            let is_miss = before.is_miss();
            let is_apart = !(is_miss && way.last);
            let missed = (way.missed + u8::from(is_miss)).min(2);
            let read = way.read || before == Before::Reads;
            let ordered = way.ordered || before == Before::Ordered;
            let last = before == Before::Misses;
            let next = WayPassed { missed, last, read, ordered, ..way };
            let is_allowed = self.allows(next) && (is_apart || self.missing != Missing::Apart);
            if is_allowed && !self.passed[to] && self.goes_on(to, next)? {
                return Ok(true);
            }
        }
        self.passed[here] = false;
        Ok(false)
    }

    fn allows(&self, way: WayPassed) -> bool {
        match self.missing {
            Missing::WritesOnly | Missing::Never => way.missed == 0,
            Missing::Once => way.missed <= 1,
            Missing::Apart | Missing::Any => true,
        }
    }

    fn is_whole(&self, way: WayPassed) -> bool {
        if self.beside != Beside::Nothing && !way.ordered {
            return false;
        }
        match self.missing {
            Missing::WritesOnly => true,
            Missing::Never => way.read,
            Missing::Once => way.missed == 1,
            Missing::Apart => way.missed == 2 && !(way.first && way.last),
            Missing::Any => way.missed == 2,
        }
    }
}
