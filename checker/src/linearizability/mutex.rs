//! A lock.
//!
//! # What is decided
//!
//! Histories in which nothing found the lock held, and in which no process went on after an
//! operation whose return was lost.
//!
//! # Why it is exact
//!
//! The operations of a process come one after the other, so each release is of the acquisition
//! before it; without one, and with two acquisitions between which nothing was released, nothing
//! explains them. A lost acquisition need not have taken effect, since its process does nothing
//! after it; a lost release may as well have taken effect at once. So the lock was held at least
//! from the return of each acquisition to the invocation of its release, and for ever if there is
//! none. These spans must be apart, and if they are, an order that has each acquisition just before
//! its return and each release just after its invocation explains everything.

use std::collections::BTreeMap;

use super::violation::{Indecision, MonitorVerdict, Violation};
use crate::Call;
use crate::linearizability::moment::{Moment, NEVER};
use crate::model::{MutexOp, MutexRet};
use crate::plant::{Bug, planted};
use crate::{Observed, OpIndex, ProcessId};

type MutexCall = Call<MutexOp, MutexRet>;

/// A time during which a process held the lock for certain.
#[derive(Clone, Copy, Debug)]
struct Hold {
    from: Moment,
    to: Moment,
    acquire: OpIndex,
    release: Option<OpIndex>,
}

impl Hold {
    /// It, ended by this release.
    fn until(self, release: &MutexCall) -> Self {
        Self { to: Moment::from(release.invoked.0), release: Some(release.index), ..self }
    }
}

/// Whether a lock explains the calls. O(n log n).
pub fn check(calls: &[MutexCall]) -> MonitorVerdict {
    let mut of: BTreeMap<ProcessId, Vec<&MutexCall>> = BTreeMap::new();
    for call in calls {
        if call.seen == Observed::Returned(MutexRet::Refused) {
            return MonitorVerdict::undecided(Indecision::Refusals { op: call.index });
        }
        let (MutexOp::Acquire(process) | MutexOp::Release(process)) = call.op;
        of.entry(process).or_default().push(call);
    }
    let mut holds = Vec::new();
    for mine in of.values_mut() {
        mine.sort_unstable_by_key(|call| call.invoked);
        match held_by_one(mine) {
            Ok(times) => holds.extend(times),
            Err(verdict) => return verdict,
        }
    }
    holds.sort_unstable_by_key(|hold| hold.from);
    let together = holds.windows(2).find(|pair| pair[0].to > pair[1].from);
    match together {
        Some(&[one, other]) if !planted(Bug::MutexForgetOthers) => {
            let culprits = [Some(one.acquire), one.release, Some(other.acquire), other.release];
            let reason = Violation::HeldByTwo { first: one.acquire, second: other.acquire };
            MonitorVerdict::invalid(culprits.into_iter().flatten().collect(), reason)
        }
        _ => MonitorVerdict::Valid,
    }
}

/// When a process held the lock, of its calls one after the other.
fn held_by_one(calls: &[&MutexCall]) -> Result<Vec<Hold>, MonitorVerdict> {
    let mut holds: Vec<Hold> = Vec::new();
    let mut current: Option<Hold> = None;
    for (place, call) in calls.iter().enumerate() {
        let Some(completed) = call.completed else {
            if place + 1 < calls.len() {
                return Err(MonitorVerdict::undecided(Indecision::WentOn { op: call.index }));
            }
            if let MutexOp::Release(_) = call.op
                && let Some(hold) = current.take()
            {
                holds.push(hold.until(call));
            }
            break;
        };
        match (call.op, current.take()) {
            (MutexOp::Acquire(_), None) => {
                let from = Moment::from(completed.0);
                current = Some(Hold { from, to: NEVER, acquire: call.index, release: None });
            }
            (MutexOp::Release(_), Some(hold)) => holds.push(hold.until(call)),
            (MutexOp::Acquire(_), Some(hold)) => {
                let reason = Violation::HeldTwice { first: hold.acquire, again: call.index };
                return Err(MonitorVerdict::invalid(vec![hold.acquire, call.index], reason));
            }
            (MutexOp::Release(_), None) if planted(Bug::MutexForgetHolder) => {}
            (MutexOp::Release(_), None) => {
                // What is before it shows that the process held nothing: its own calls alone do.
                let mine = calls[..=place].iter().map(|call| call.index).collect();
                let reason = Violation::NotHeld { release: call.index };
                return Err(MonitorVerdict::invalid(mine, reason));
            }
        }
    }
    if let Some(hold) = current.filter(|_| !planted(Bug::MutexForgetUnreleased)) {
        holds.push(hold);
    }
    Ok(holds)
}

#[cfg(test)]
mod tests;
