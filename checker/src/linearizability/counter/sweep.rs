//! What can be said of sums by going through the events in order.

use super::{Addition, Read};
use crate::linearizability::moment::{Moment, NEVER};
use crate::linearizability::violation::Violation;
use crate::plant::{Bug, planted};

/// Reads that cannot all be explained, and why.
type Refuted = Option<(Vec<Read>, Violation)>;

/// Sums of additions by time: of those that had happened for certain, and of what else may have.
struct Bounds {
    /// Returns, ascending, each with the sum of what had returned by then.
    certain: Vec<(Moment, i64)>,
    /// Invocations, ascending, each with the sums of the positive, and of the negative, so far.
    begun: Vec<(Moment, (i64, i64))>,
    /// As `begun`, of returns.
    ended: Vec<(Moment, (i64, i64))>,
}

impl Bounds {
    fn new(additions: &[Addition]) -> Self {
        let signs = |amount: i64| (amount.max(0), amount.min(0));
        let mut begun: Vec<_> =
            additions.iter().map(|one| (one.span.from, signs(one.amount))).collect();
        let returned = additions.iter().filter(|one| one.span.to != NEVER);
        let mut ended: Vec<_> = returned.map(|one| (one.span.to, signs(one.amount))).collect();
        for sums in [&mut begun, &mut ended] {
            sums.sort_unstable();
            let (mut up, mut down) = (0, 0);
            for (_, (more, less)) in sums {
                up += *more;
                down += *less;
                (*more, *less) = (up, down);
            }
        }
        let certain = ended.iter().map(|&(at, (up, down))| (at, up + down)).collect();
        Self { certain, begun, ended }
    }

    /// The least and the greatest sum a read may have seen.
    fn of(&self, read: &Read) -> (i64, i64) {
        let at = |sums: &[(Moment, (i64, i64))], moment| {
            let before = sums.partition_point(|&(at, _)| at < moment);
            sums[..before].last().map_or((0, 0), |&(_, sums)| sums)
        };
        let before = self.certain.partition_point(|&(at, _)| at < read.span.from);
        let certain = self.certain[..before].last().map_or(0, |&(_, sum)| sum);
        let (up, down) = at(&self.begun, read.span.to);
        let (up_before, down_before) = at(&self.ended, read.span.from);
        (certain + down - down_before, certain + up - up_before)
    }
}

/// A sum that no choice among the additions that overlap its read gives. O(n log n).
pub(super) fn out_of_bounds(additions: &[Addition], reads: &[Read]) -> Refuted {
    let bounds = Bounds::new(additions);
    let falls = additions.iter().any(|one| one.amount < 0);
    for &read in reads {
        let (least, most) = bounds.of(&read);
        let far = if falls { read.sum < least } else { read.sum > most };
        let near = if falls { read.sum > most } else { read.sum < least };
        if far && !planted(Bug::CounterForgetUpper) {
            return Some((vec![read], Violation::SumTooFar { read: read.op }));
        }
        if near && !planted(Bug::CounterForgetLower) {
            return Some((vec![read], Violation::SumTooNear { read: read.op, since: None }));
        }
    }
    None
}

/// Whether each read was at a time when only one sum is possible. O(n log n).
pub(super) fn is_plain(additions: &[Addition], reads: &[Read]) -> bool {
    let bounds = Bounds::new(additions);
    reads.iter().all(|read| {
        let (least, most) = bounds.of(read);
        least == most
    })
}

/// What happens at a moment.
#[derive(Clone, Copy, Debug)]
enum Happening {
    Added(Addition),
    ReadBegan(Read),
    ReadEnded(Read),
}

/// A sum that leaves out what was added for certain after an earlier read. Additions of both signs
/// are not judged. O(n log n).
pub(super) fn out_of_order(additions: &[Addition], reads: &[Read]) -> Refuted {
    let falls = additions.iter().any(|one| one.amount < 0);
    let grows = additions.iter().any(|one| one.amount > 0);
    if (falls && grows) || planted(Bug::CounterForgetReads) {
        return None;
    }
    let mut happenings: Vec<(Moment, Happening)> = Vec::new();
    for &one in additions.iter().filter(|one| one.span.to != NEVER) {
        happenings.push((one.span.to, Happening::Added(one)));
    }
    for &read in reads {
        happenings.push((read.span.from, Happening::ReadBegan(read)));
        happenings.push((read.span.to, Happening::ReadEnded(read)));
    }
    happenings.sort_unstable_by_key(|&(moment, _)| moment);
    let mut floor = Floor::default();
    for (_, happening) in happenings {
        match happening {
            Happening::Added(one) => floor.raise(one),
            Happening::ReadEnded(read) => floor.push(read),
            Happening::ReadBegan(read) => {
                if let Some((least, since)) = floor.highest()
                    && read.sum.unsigned_abs() < least
                {
                    let reason = Violation::SumTooNear { read: read.op, since: Some(since.op) };
                    return Some((vec![since, read], reason));
                }
            }
        }
    }
    None
}

/// The distance from zero that the sum has reached for certain, after what each read saw.
///
/// What raises a read's floor raises those of all reads before it. So one whose floor is no higher
/// than that of a read before it will never matter again: floors are kept in ascending order.
#[derive(Default)]
struct Floor {
    /// Reads, in the order of their returns, each with how much higher its floor is than that of
    /// the one before; never 0, except for the first.
    steps: Vec<(Read, u64)>,
    /// The floor of the last.
    top: u64,
}

impl Floor {
    fn highest(&self) -> Option<(u64, Read)> {
        self.steps.last().map(|&(read, _)| (self.top, read))
    }

    fn push(&mut self, read: Read) {
        let sum = read.sum.unsigned_abs();
        if self.steps.is_empty() || sum > self.top {
            self.steps.push((read, sum - self.top));
            self.top = sum;
        }
    }

    /// An addition returned: it counts for reads that were over before it began.
    fn raise(&mut self, one: Addition) {
        if planted(Bug::CounterForgetContained) {
            return;
        }
        let over = self.steps.partition_point(|(read, _)| read.span.to < one.span.from);
        if over == 0 {
            return;
        }
        // Those before rise; those from here on keep their floors, until they are overtaken.
        let amount = one.amount.unsigned_abs();
        self.steps[0].1 += amount;
        let mut debt = amount;
        while debt > 0 && over < self.steps.len() {
            let (_, step) = &mut self.steps[over];
            if *step > debt {
                *step -= debt;
                return;
            }
            debt -= *step;
            self.steps.remove(over);
        }
        self.top += debt;
    }
}
