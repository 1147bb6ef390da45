//! Sets from which nothing is removed, read as wholes.

use super::{SetElement, WholeRead};
use crate::OpIndex;
use crate::linearizability::collection::lifetimes::Take;
use crate::linearizability::moment::{NEVER, Span};
use crate::linearizability::violation::{MonitorVerdict, Violation};
use crate::plant::{Bug, planted};

/// The addition of an element, within the bounds that calls on that element alone set for it.
#[derive(Clone, Copy, Debug)]
struct Addition<'a> {
    /// Every addition of it.
    adds: &'a [Take],
    /// When the first of them was.
    span: Span,
    /// What bounds it from below: a call that did not see it.
    after: Option<Take>,
    /// What bounds it from above: a call that saw it.
    before: Option<Take>,
}

/// Whether some order explains additions, reads, and questions after elements. O(n log n), n
/// counting each element of each read.
pub(super) fn check(elements: &[SetElement], reads: &[WholeRead]) -> Result<(), MonitorVerdict> {
    if let Some(element) = elements.iter().find(|element| element.is_changed_twice()) {
        let ops: Vec<OpIndex> = element.fresh.iter().map(|made| made.op).collect();
        let reason = Violation::Contradictory { op: ops[0] };
        return Err(MonitorVerdict::invalid(ops, reason));
    }
    let additions: Vec<Option<Addition<'_>>> = elements.iter().map(Addition::of).collect();
    for addition in additions.iter().flatten() {
        if addition.span.from > addition.span.to && !planted(Bug::SetForgetNarrowing) {
            return Err(addition.contradiction());
        }
    }
    let mut chain: Vec<&WholeRead> = reads.iter().collect();
    chain.sort_by_key(|read| (read.holds.len(), read.made.span.from));
    for pair in chain.windows(2) {
        if !pair[0].holds.is_subset(&pair[1].holds) && !planted(Bug::SetForgetOverlap) {
            let (one, other) = (pair[0], pair[1]);
            return Err(incomparable(one, other, &additions));
        }
    }
    in_order(&blocks(&chain, &additions))
}

/// The calls in the order of their blocks: each block's number, and a call of it.
fn blocks<'a>(
    chain: &[&WholeRead],
    additions: &[Option<Addition<'a>>],
) -> Vec<(usize, Placed<'a>)> {
    let mut placed = Vec::new();
    let mut held = vec![false; additions.len()];
    let mut block = 0;
    let mut size = 0;
    for read in chain {
        if read.holds.len() > size {
            size = read.holds.len();
            block += 2;
            for &place in &read.holds {
                if !std::mem::replace(&mut held[place], true) {
                    placed.extend(additions[place].map(|made| (block - 1, Placed::Addition(made))));
                }
            }
        }
        placed.push((block, Placed::Read(read.made)));
    }
    for (place, addition) in additions.iter().enumerate() {
        if let Some(addition) = addition
            && !held[place]
            && addition.span.to != NEVER
        {
            placed.push((block + 1, Placed::Addition(*addition)));
        }
    }
    placed
}

/// Something that has its place in the chain.
#[derive(Clone, Copy, Debug)]
enum Placed<'a> {
    Addition(Addition<'a>),
    Read(Take),
}

/// Whether no call ended before one began that belongs to an earlier block.
fn in_order(placed: &[(usize, Placed<'_>)]) -> Result<(), MonitorVerdict> {
    // The latest to begin of all earlier blocks, and of all blocks so far.
    let mut earlier: Option<(usize, Placed<'_>)> = None;
    let mut latest: Option<(usize, Placed<'_>)> = None;
    let mut current = 0;
    for &(block, one) in placed {
        if block > current {
            current = block;
            earlier = latest;
        }
        if let Some((before, other)) = earlier
            && one.span().to < other.span().from
            && !planted(Bug::SetForgetOrder)
        {
            return Err(stale(one, (before, other), placed));
        }
        if latest.is_none_or(|(_, latest)| latest.span().from < one.span().from) {
            latest = Some((block, one));
        }
    }
    Ok(())
}

impl<'a> Addition<'a> {
    fn of(element: &'a SetElement) -> Option<Self> {
        let mut span = element.added()?;
        let before = element.present.iter().copied().min_by_key(|made| made.span.to);
        let after = element.absent.iter().copied().max_by_key(|made| made.span.from);
        if let Some(saw) = before
            && !planted(Bug::SetForgetNarrowing)
        {
            span.to = span.to.min(saw.span.to);
        }
        if let Some(missed) = after
            && !planted(Bug::SetForgetNarrowing)
        {
            span.from = span.from.max(missed.span.from);
        }
        Some(Self { adds: &element.adds, span, after, before })
    }

    /// The addition and what bounds it.
    fn ops(&self) -> impl Iterator<Item = OpIndex> {
        let bounds = self.after.into_iter().chain(self.before);
        bounds.chain(self.adds.iter().copied()).map(|made| made.op)
    }

    /// One call to name it by.
    fn op(&self) -> OpIndex {
        self.adds.first().expect("what is not added has no addition").op
    }

    /// The verdict when the bounds leave no time.
    fn contradiction(&self) -> MonitorVerdict {
        let insert = self.op();
        let reason = match (self.before, self.after) {
            (Some(seen), _) if self.adds.iter().all(|add| seen.span.to < add.span.from) => {
                Violation::SeenBeforeInserted { seen: seen.op, insert }
            }
            (_, Some(missed)) => Violation::Contradictory { op: missed.op },
            (_, None) => Violation::Contradictory { op: insert },
        };
        MonitorVerdict::invalid(self.ops().collect(), reason)
    }
}

impl Placed<'_> {
    fn span(self) -> Span {
        match self {
            Self::Addition(addition) => addition.span,
            Self::Read(made) => made.span,
        }
    }

    /// The call, and those that bound its time.
    fn ops(self) -> Vec<OpIndex> {
        match self {
            Self::Addition(addition) => addition.ops().collect(),
            Self::Read(made) => vec![made.op],
        }
    }

    fn op(self) -> OpIndex {
        match self {
            Self::Addition(addition) => addition.op(),
            Self::Read(made) => made.op,
        }
    }
}

/// The verdict on two reads that each hold what the other misses.
fn incomparable(
    one: &WholeRead,
    other: &WholeRead,
    additions: &[Option<Addition<'_>>],
) -> MonitorVerdict {
    let mut culprits = vec![one.made.op, other.made.op];
    for place in one.holds.union(&other.holds) {
        let adds = additions[*place].iter().flat_map(|addition| addition.adds);
        culprits.extend(adds.map(|add| add.op));
    }
    let reason = Violation::Incomparable { one: one.made.op, other: other.made.op };
    MonitorVerdict::invalid(culprits, reason)
}

/// The verdict on a call that was over before one of an earlier block began. Culprits are these two,
/// a read that parts their blocks if neither is one, and the additions of what the reads hold.
fn stale(
    late: Placed<'_>,
    (block, early): (usize, Placed<'_>),
    placed: &[(usize, Placed<'_>)],
) -> MonitorVerdict {
    let reason = Violation::Stale { before: late.op(), after: early.op() };
    let mut culprits: Vec<OpIndex> = late.ops();
    culprits.extend(early.ops());
    // Reads have even numbers, and hold what was added in the blocks before theirs.
    let mut read = if block % 2 == 0 { block } else { block + 1 };
    let parting = placed.iter().find(|&&(other, _)| other == read);
    if let (Placed::Addition(_), Placed::Addition(_)) = (late, early) {
        culprits.extend(parting.map(|(_, parting)| parting.op()));
    }
    if let Placed::Read(made) = late {
        let of_late = placed.iter().find(|(_, one)| one.op() == made.op);
        read = of_late.map_or(read, |&(block, _)| block);
    }
    let held = placed.iter().take_while(|&&(other, _)| other < read);
    for (_, one) in held {
        if let Placed::Addition(addition) = one {
            culprits.extend(addition.adds.iter().map(|add| add.op));
        }
    }
    MonitorVerdict::invalid(culprits, reason)
}
