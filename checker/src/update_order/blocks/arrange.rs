//! Blocks put in order, or a cycle of blocks that must each come before the next.

use std::cmp::Reverse;
use std::collections::{BTreeSet, BinaryHeap};

use crate::plant::{Bug, planted};

/// What orders a block, each with the cluster that it is of.
pub(super) struct BlockEnds {
    /// The first end of what gave a value of it.
    pub(super) ended: (u32, usize),
    /// The first end of anything in it.
    pub(super) first: (u32, usize),
    /// The last beginning of what gave a value of it.
    pub(super) begun: (u32, usize),
    /// The last beginning of anything in it that counts.
    pub(super) last: (u32, usize),
}

impl BlockEnds {
    fn is_before(&self, other: &Self) -> bool {
        self.ended.0 < other.last.0 || self.first.0 < other.begun.0
    }
}

/// A moment, and a block.
type BlockMoment = (u32, usize);

/// Blocks by moments before which nothing else may be left.
struct Waiting {
    /// By the latest such moment, the first one last.
    blocks: Vec<BlockMoment>,
    /// Those that nothing keeps any more.
    is_free: Vec<bool>,
    /// The moments of all blocks left that keep others.
    keeping: BTreeSet<BlockMoment>,
}

impl Waiting {
    fn new(blocks: impl Iterator<Item = u32>, keeping: impl Iterator<Item = u32>) -> Self {
        let mut blocks: Vec<BlockMoment> = blocks.enumerate().map(|(at, it)| (it, at)).collect();
        let is_free = vec![false; blocks.len()];
        blocks.sort_unstable_by_key(|&block| Reverse(block));
        Self { blocks, is_free, keeping: keeping.enumerate().map(|(at, it)| (it, at)).collect() }
    }

    /// Frees what only blocks that are gone kept.
    fn free(&mut self, moments: impl Fn(usize) -> u32, freed: &mut Vec<usize>) {
        let mut first = self.keeping.iter();
        let Some(&(least, owner)) = first.next() else { return };
        let next = first.next().map_or(u32::MAX, |&(moment, _)| moment);
        while let Some(&(moment, block)) = self.blocks.last()
            && moment <= least
        {
            self.blocks.pop();
            freed
                .extend(Some(block).filter(|_| !std::mem::replace(&mut self.is_free[block], true)));
        }
        // A block does not keep itself.
        if moments(owner) <= next && !std::mem::replace(&mut self.is_free[owner], true) {
            freed.push(owner);
        }
    }
}

/// An order of the blocks in which each comes before those that it must be before; of those that may
/// come next, the most urgent first.
///
/// # Errors
///
/// A circle, as pairs of a block and the next.
pub(super) fn arrange(
    ends: &[BlockEnds],
    urgency: &[u32],
) -> Result<Vec<usize>, Vec<(usize, usize)>> {
    let mut lasts = Waiting::new(ends.iter().map(|it| it.last.0), ends.iter().map(|it| it.ended.0));
    let mut begins =
        Waiting::new(ends.iter().map(|it| it.begun.0), ends.iter().map(|it| it.first.0));
    let mut ready = BinaryHeap::new();
    let mut order = Vec::with_capacity(ends.len());
    let mut freed = Vec::new();
    loop {
        let is_next = |block: usize| Reverse((urgency[block], ends[block].begun.0, block));
        lasts.free(|block| ends[block].last.0, &mut freed);
        ready.extend(freed.drain(..).filter(|&it| begins.is_free[it]).map(is_next));
        begins.free(|block| ends[block].begun.0, &mut freed);
        ready.extend(freed.drain(..).filter(|&it| lasts.is_free[it]).map(is_next));
        let Some(Reverse((.., block))) = ready.pop() else { break };
        order.push(block);
        lasts.keeping.remove(&(ends[block].ended.0, block));
        begins.keeping.remove(&(ends[block].first.0, block));
    }
    if order.len() == ends.len() || planted(Bug::OrderForgetCircles) {
        return Ok(order);
    }
    let left: Vec<usize> = lasts.keeping.iter().map(|&(_, block)| block).collect();
    Err(circle(ends, &left))
}

/// A shortest cycle among blocks that must each come after some other.
fn circle(ends: &[BlockEnds], left: &[usize]) -> Vec<(usize, usize)> {
    let by_end = left.iter().copied().min_by_key(|&it| ends[it].ended);
    let by_first = left.iter().copied().min_by_key(|&it| ends[it].first);
    // Whichever block it is, one of a few comes before it: walk back until one comes again.
    let second = |least: Option<usize>, key: fn(&BlockEnds) -> (u32, usize)| {
        left.iter().copied().filter(|&it| Some(it) != least).min_by_key(|&it| key(&ends[it]))
    };
    let few = [by_end, by_first, second(by_end, |it| it.ended), second(by_first, |it| it.first)];
    let before = |block: usize| {
        let found = few
            .iter()
            .flatten()
            .copied()
            .find(|&other| other != block && ends[other].is_before(&ends[block]));
        found.expect("something left must come before it")
    };
    let mut walked = vec![left[0]];
    loop {
        let next = before(*walked.last().expect("it began"));
        if let Some(place) = walked.iter().position(|&it| it == next) {
            let mut circle = walked.split_off(place);
            circle.reverse();
            return shortest(ends, &circle);
        }
        walked.push(next);
    }
}

/// A shortest circle among the blocks of one: by breadth from each.
fn shortest(ends: &[BlockEnds], circle: &[usize]) -> Vec<(usize, usize)> {
    let mut best = circle.to_vec();
    for &start in circle {
        let mut came_from = vec![(start, start)];
        let mut next = 0;
        while next < came_from.len() {
            let (at, _) = came_from[next];
            next += 1;
            if at != start && ends[at].is_before(&ends[start]) {
                let mut path = vec![at];
                while let Some(&last) = path.last()
                    && last != start
                {
                    let from = came_from.iter().find(|&&(to, _)| to == last);
                    path.push(from.expect("it was reached").1);
                }
                path.reverse();
                if path.len() < best.len() {
                    best = path;
                }
                break;
            }
            for &other in circle {
                let is_new = came_from.iter().all(|&(to, _)| to != other);
                if is_new && ends[at].is_before(&ends[other]) {
                    came_from.push((other, at));
                }
            }
        }
    }
    let nexts = best.iter().copied().cycle().skip(1);
    best.iter().copied().zip(nexts).collect()
}
