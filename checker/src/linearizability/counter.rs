//! A sum.
//!
//! # What is decided
//!
//! Histories whose additions, zeros apart, are all of one amount, lost returns included. With
//! different amounts of one sign the same conditions refute, and never confirm; with both signs
//! only the bounds on each sum by itself do. What is neither refuted nor plain (each read at a
//! time when the sum is known for certain) is `Undecided`: which additions a sum is made of is a
//! subset-sum problem.
//!
//! # Why it is exact
//!
//! Count in units of the amount. An order of the calls gives N(t), the number of additions up to
//! t, which starts at 0 and never falls. Then
//! 1. N(t) is at most the number of additions that began before t;
//! 2. N(t) - N(s) is at least the number of additions that began after s and returned before t;
//! 3. a read in `[x, y]` of v needs N(x) <= v <= N(y), and that is enough, as N takes every value on
//!    its way.
//!
//! Conversely let N fulfil 1 and 2. The moments at which it grows must be given to additions,
//! each to one in whose span it is, so that all that returned get one. All moments can be given
//! away by 1 (give each to the additions that began before it: they only grow in number), and all that returned
//! can get one by 2 (Hall's theorem, for intervals of a line). By Mendelsohn and Dulmage both
//! can be had at once.
//!
//! Every lower bound on N(t) comes from an N(s) with s < t, or from a read that returned by t. So there is
//! a least N: N(t) is the greatest, over reads of v that returned at s < t, of v and the number of
//! additions inside (s, t); or that number since the start. It remains to see that no read of v
//! has N(x) > v, or more than v additions begun before it returned.

use super::violation::{Indecision, MonitorVerdict, Violation};
use crate::Call;
use crate::linearizability::moment::{Moment, NEVER, Span};
use crate::model::{CounterOp, CounterRet};
use crate::plant::{Bug, planted};
use crate::{Observed, OpIndex};

mod sweep;

/// Whether a counter explains the calls. O(n log n).
pub fn check(calls: &[Call<CounterOp, CounterRet>]) -> MonitorVerdict {
    let (additions, reads) = match gather(calls) {
        Ok(gathered) => gathered,
        Err(op) => {
            return MonitorVerdict::invalid(vec![op], Violation::Unreturnable { op });
        }
    };
    let total: u128 = additions.iter().map(|one| u128::from(one.amount.unsigned_abs())).sum();
    if total > u128::from(i64::MAX.unsigned_abs()) {
        return MonitorVerdict::undecided(Indecision::MayWrap);
    }
    let step = additions.iter().fold(0, |step, one| gcd(step, one.amount.unsigned_abs()));
    let refuted = sweep::out_of_bounds(&additions, &reads)
        .or_else(|| fraction(&reads, step))
        .or_else(|| sweep::out_of_order(&additions, &reads));
    if let Some((few, reason)) = refuted {
        return MonitorVerdict::invalid(culprits(&additions, &few), reason);
    }
    let equal = additions.windows(2).all(|pair| pair[0].amount == pair[1].amount);
    if equal || planted(Bug::CounterTrustUnequal) || sweep::is_plain(&additions, &reads) {
        MonitorVerdict::Valid
    } else {
        MonitorVerdict::undecided(Indecision::UnequalAdditions)
    }
}

/// Something added; never nothing.
#[derive(Clone, Copy, Debug)]
struct Addition {
    op: OpIndex,
    span: Span,
    amount: i64,
}

/// A sum seen.
#[derive(Clone, Copy, Debug)]
struct Read {
    op: OpIndex,
    span: Span,
    sum: i64,
}

/// Additions of something, and what was read; or an op that returned what it never does.
fn gather(calls: &[Call<CounterOp, CounterRet>]) -> Result<(Vec<Addition>, Vec<Read>), OpIndex> {
    let (mut additions, mut reads) = (Vec::new(), Vec::new());
    for call in calls {
        let (op, span) = (call.index, Span::of(call));
        match (call.op, call.seen) {
            (CounterOp::Add(0), Observed::Returned(CounterRet::Added) | Observed::Lost)
            | (CounterOp::Read, Observed::Lost) => {}
            (CounterOp::Add(amount), Observed::Returned(CounterRet::Added) | Observed::Lost) => {
                additions.push(Addition { op, span, amount });
            }
            (CounterOp::Read, Observed::Returned(CounterRet::Sum(sum))) => {
                reads.push(Read { op, span, sum });
            }
            (CounterOp::Add(_), Observed::Returned(CounterRet::Sum(_)))
            | (CounterOp::Read, Observed::Returned(CounterRet::Added)) => return Err(op),
        }
    }
    Ok((additions, reads))
}

fn gcd(one: u64, other: u64) -> u64 {
    if other == 0 { one } else { gcd(other, one % other) }
}

/// A sum that is no multiple of what divides every amount.
fn fraction(reads: &[Read], step: u64) -> Option<(Vec<Read>, Violation)> {
    let whole = |sum: i64| match step {
        0 => sum == 0,
        _ => sum.unsigned_abs().is_multiple_of(step) || planted(Bug::CounterForgetStep),
    };
    let read = *reads.iter().find(|read| !whole(read.sum))?;
    Some((vec![read], Violation::SumUnreachable { read: read.op }))
}

/// These reads, and all additions that can have been seen by them: those begun before the last of
/// them returned.
fn culprits(additions: &[Addition], reads: &[Read]) -> Vec<OpIndex> {
    let end: Moment = reads.iter().map(|read| read.span.to).max().unwrap_or(NEVER);
    let seen = additions.iter().filter(|one| one.span.from < end);
    seen.map(|one| one.op).chain(reads.iter().map(|read| read.op)).collect()
}

#[cfg(test)]
mod tests;
