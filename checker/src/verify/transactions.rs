//! Whether transactions on lists, or on registers, show an anomaly that a model forbids.
//!
//! From the transactions of a witness alone: of what others appended nothing is known, so that elements of
//! which no transaction here is the source are passed over.

use std::collections::BTreeSet;

mod observed;
mod registers;
mod ways;

use self::observed::Observes;
use self::ways::Ways;
use super::Refused;
use crate::{AnomalyClass, Consistency, Outcome, Value, WitnessOp};

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
    appended_once(&txns)?;
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
        AnomalyClass::IncompatibleOrder if out_of_turn(&txns) => true,
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
        AnomalyClass::GCursor => came_between(&txns),
        AnomalyClass::ObservedTransactionVanishes => observed::misses(&txns, Observes::Before),
        AnomalyClass::FracturedRead => observed::misses(&txns, Observes::Itself),
        AnomalyClass::CausalityViolation => observed::misses(&txns, Observes::ByWayOfOthers),
        _ => {
            if let Some(txn) = txns.iter().find(|txn| !txn.counts(&txns)) {
                return Err(Refused::Malformed(txn.op.index));
            }
            return of_cycle(class, &txns);
        }
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
        A::Internal | A::FracturedRead => vec![C::ReadAtomic],
        A::LostUpdate | A::GCursor => vec![C::CursorStability, C::ParallelSnapshotIsolation],
        A::ObservedTransactionVanishes => vec![C::MonotonicAtomicView],
        A::CausalityViolation => vec![C::TransactionalCausal],
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

/// The word, the key and the value of each part of a transaction, as it returned them if it committed.
fn told(op: &WitnessOp) -> Result<Vec<(&str, &Value, &Value)>, Refused> {
    let told = match &op.outcome {
        Outcome::Ok(value) => value,
        Outcome::Fail | Outcome::Indeterminate => &op.argument,
    };
    let part = |part| match Value::as_list(part)? {
        [Value::Keyword(f) | Value::Str(f), key, value] => Some((&**f, key, value)),
        [Value::Keyword(f) | Value::Str(f), key] => Some((&**f, key, &Value::Nil)),
        _ => None,
    };
    let parts = told.as_list().and_then(|parts| parts.iter().map(part).collect());
    parts.ok_or(Refused::Malformed(op.index))
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
        let committed = op.outcome.ok().is_some();
        let mut parts = Vec::new();
        for (f, key, value) in told(op)? {
            match (f, value) {
                ("append", _) => parts.push(WitnessPart::Append(key, value)),
                ("r" | "read", _) if !committed => {}
                ("r" | "read", Value::Nil) => parts.push(WitnessPart::Read(key, &[])),
                ("r" | "read", Value::List(list)) => parts.push(WitnessPart::Read(key, list)),
                _ => return Err(Refused::Malformed(op.index)),
            }
        }
        Ok(Self { op, failed: op.outcome == Outcome::Fail, parts })
    }

    /// Whether it is known to have taken effect: of one of unknown outcome, another read something.
    fn counts(&self, txns: &[Self]) -> bool {
        match self.op.outcome {
            Outcome::Ok(_) => true,
            Outcome::Indeterminate => {
                shows(txns, |key, list| list.iter().any(|element| self.appends(key, element)))
            }
            Outcome::Fail => false,
        }
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

/// Checks that no element is appended to a key twice, so that a read tells which it saw.
fn appended_once(txns: &[WitnessTxn<'_>]) -> Result<(), Refused> {
    let mut appended = BTreeSet::new();
    for txn in txns {
        for part in &txn.parts {
            if let WitnessPart::Append(key, element) = *part
                && !appended.insert((key, element))
            {
                return Err(Refused::Malformed(txn.op.index));
            }
        }
    }
    Ok(())
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

/// Whether some list has an element without, before it, what the same transaction appended to it before.
fn out_of_turn(txns: &[WitnessTxn<'_>]) -> bool {
    shows(txns, |key, list| {
        txns.iter().any(|by| {
            by.appended(key).windows(2).any(|pair| {
                let [before, after] =
                    [pair[0], pair[1]].map(|it| list.iter().position(|at| at == it));
                after.is_some_and(|after| before.is_none_or(|before| before > after))
            })
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

/// Whether some transaction read a list and appended to it, and some list has an element of another one in between.
fn came_between(txns: &[WitnessTxn<'_>]) -> bool {
    let shows = |txn: &WitnessTxn<'_>, key: &Value, seen: &[Value]| {
        txns.iter().flat_map(WitnessTxn::reads).any(|(to, list)| {
            let more = list.strip_prefix(seen).filter(|_| to == key);
            let next = more.and_then(|more| more.first());
            next.is_some_and(|next| {
                txns.iter()
                    .any(|by| by.op.index != txn.op.index && !by.failed && by.appends(key, next))
            })
        })
    };
    txns.iter().filter(|txn| txn.op.outcome.ok().is_some()).any(|txn| {
        txn.parts.iter().enumerate().any(|(at, part)| {
            let WitnessPart::Read(key, seen) = *part else { return false };
            let appends =
                |it: &WitnessPart<'_>| matches!(it, WitnessPart::Append(to, _) if *to == key);
            let (before, after) = txn.parts.split_at(at);
            let is_update = !before.iter().any(appends) && after.iter().any(appends);
            let is_own = seen.iter().any(|element| txn.appends(key, element));
            is_update && !is_own && shows(txn, key, seen)
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
fn of_cycle(class: AnomalyClass, txns: &[WitnessTxn<'_>]) -> Result<(), Refused> {
    let Some((missing, beside)) = kind_of(class) else {
        return Err(Refused::Consistent("it is no class of transactions".to_owned()));
    };
    let mut edges: Vec<Vec<(usize, Before)>> = vec![Vec::new(); txns.len()];
    for (from, one) in txns.iter().enumerate() {
        for (to, other) in txns.iter().enumerate().filter(|&(to, _)| to != from) {
            edges[from].extend(before(one, other, txns, (missing, beside)).map(|it| (to, it)));
        }
    }
    let mut ways = Ways::new(&edges, missing, beside);
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
