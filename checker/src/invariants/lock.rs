//! Locks: who holds one, and the numbers that fence off those who no longer do.
//!
//! **Mutual exclusion.** A process holds the lock for certain from the return of an `acquire` that
//! succeeded to the invocation of its next `release` that may have taken effect, and to the end where there
//! is none. A `release` that was refused (`false`) says that the lock was lost before, so nothing is known
//! of that time; nor of a process that goes on after a `release` of unknown outcome, which may release what it
//! acquires afterwards. No two such spans of two processes may overlap. A lock whose holder can lose it, by a lease that runs out,
//! does not promise this to a holder that was paused; then its numbers must protect what it guards.
//!
//! **Fencing.** Kleppmann, "How to do distributed locking", 2016: each `acquire` returns a number, and
//! what the lock guards refuses a number less than one it has seen. That works only if an acquisition
//! that began after another had ended has the greater number.
//!
//! O(n log n) for n operations, both.

use std::collections::{BTreeMap, BTreeSet};

use super::growth::Greatest;
use super::report::Findings;
use crate::history::part;
use crate::plant::{Bug, planted};
use crate::{AnomalyClass, History, OpIndex, Outcome, Part, Position, ProcessId, Value};

/// A time in which a process held the lock for certain.
#[derive(Clone, Copy, Debug)]
struct Holding {
    from: Position,
    /// Without end if it was never released.
    to: Option<Position>,
    acquire: OpIndex,
    release: Option<OpIndex>,
}

/// Whether no two processes hold a lock at once.
pub(super) fn judge_holders(findings: &mut Findings<'_>) {
    findings.count("acquired", 0);
    findings.count("overlaps", 0);
    for part in part::split_clients(findings.history) {
        let mut holdings = holdings(findings.history, &part);
        findings.count("acquired", holdings.len() as u64);
        holdings.sort_unstable_by_key(|it| it.from);
        let last = |it: &Holding| it.to.map_or((1, Position(0)), |end| (0, end));
        let mut longest: Option<Holding> = None;
        for holding in holdings {
            let process = |it: &Holding| findings.history.operation(it.acquire).process;
            if let Some(other) = longest
                && process(&other) != process(&holding)
                && other.to.is_none_or(|end| end > holding.from)
                && !(other.to.is_none() && planted(Bug::LockForgetUnreleased))
            {
                overlap(findings, &part, other, holding);
            }
            longest = [longest, Some(holding)].into_iter().flatten().max_by_key(last);
        }
    }
    if findings.count("acquired", 0).number == 0 {
        findings.vacuous("no `acquire` succeeded");
    }
}

fn overlap(findings: &mut Findings<'_>, part: &Part, other: Holding, holding: Holding) {
    let history = findings.history;
    findings.count("overlaps", 1);
    let who = |holding: Holding| history.operation(holding.acquire).who().to_string();
    let summary = || {
        let (later, earlier) = (who(holding), who(other));
        format!("{later} acquired the lock while {earlier} held it")
    };
    let ops: Vec<OpIndex> = [other.acquire, holding.acquire]
        .into_iter()
        .chain(other.release)
        .chain(holding.release)
        .collect();
    findings.found(AnomalyClass::DoubleAcquire, part.key.as_ref(), summary, &ops);
}

fn holdings(history: &History, part: &Part) -> Vec<Holding> {
    let mut open: BTreeMap<ProcessId, Vec<Holding>> = BTreeMap::new();
    let mut ended = Vec::new();
    let mut vague: BTreeSet<ProcessId> = BTreeSet::new();
    for operation in part.operations.iter().map(|&op| history.operation(op)) {
        let refused = operation.outcome == Outcome::Ok(Value::Bool(false));
        let op = operation.index;
        match operation.f {
            "acquire"
                if operation.outcome.ok().is_some()
                    && !refused
                    && !vague.contains(&operation.process) =>
            {
                let from = operation.completed.expect("it returned");
                let holding = Holding { from, to: None, acquire: op, release: None };
                // Acquired twice, it is released once.
                open.entry(operation.process).or_default().push(holding);
            }
            "release" if operation.outcome != Outcome::Fail => {
                if operation.outcome == Outcome::Indeterminate {
                    vague.insert(operation.process);
                }
                let held = open.remove(&operation.process).unwrap_or_default();
                let (to, release) = (Some(operation.invoked), Some(op));
                // Refused: it is not known since when the lock was lost.
                let held = held.into_iter().filter(|_| !refused);
                ended.extend(held.map(|holding| Holding { to, release, ..holding }));
            }
            _ => {}
        }
    }
    ended.extend(open.into_values().flatten());
    ended
}

/// Whether the numbers of acquisitions grow.
pub(super) fn judge_numbers(findings: &mut Findings<'_>) {
    let history = findings.history;
    findings.count("acquired", 0);
    findings.count("went-back", 0);
    for part in part::split_clients(history) {
        let mut growth = Greatest::default();
        for operation in part.operations.iter().map(|&op| history.operation(op)) {
            match (operation.f, &operation.outcome) {
                ("acquire", Outcome::Ok(Value::Bool(false))) => {}
                ("acquire", Outcome::Ok(Value::Int(number))) => {
                    findings.count("acquired", 1);
                    growth.add(&operation, *number);
                }
                ("acquire", Outcome::Ok(other)) => {
                    let reason = format!("an acquire returns a whole number, not {other}");
                    findings.unfit(operation.index, reason);
                }
                _ => {}
            }
        }
        let least = i64::from(!planted(Bug::FencingAllowEqual));
        for (before, op) in growth.falls(least) {
            findings.count("went-back", 1);
            let number = |op: OpIndex| history.operation(op).outcome.ok().cloned();
            let summary = || {
                let (one, other) = (number(before).unwrap_or_default(), number(op));
                let who = history.operation(op);
                let other = other.unwrap_or_default();
                format!(
                    "{} acquired the lock with {other}, after {one} had been returned",
                    who.who()
                )
            };
            let class = AnomalyClass::FencingWentBack;
            findings.found(class, part.key.as_ref(), summary, &[before, op]);
        }
    }
    if findings.count("acquired", 0).number == 0 {
        findings.vacuous("no `acquire` returned a number");
    }
}
