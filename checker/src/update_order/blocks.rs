//! Registers whose written values are all different, by blocks of values.
//!
//! A swap of `a` for `b` comes straight after what gave `a`, as no value comes back. So values
//! linked by swaps are one *block*: its order is given, and nothing comes between. A value's
//! *cluster* is what gave it and the reads of it. Let `e` be the end of what gave it, `f` the first
//! end in the cluster, `b` the beginning of what gave it and `s` the last beginning in the cluster,
//! or `b` where reads may lag. A read is after what gave it, and before what gives the next value.
//! So cluster `X` is before `Y` iff
//!
//! - `e(X) < s(Y)`: an update ended before another, or a read of what another gave, began; or
//! - `f(X) < b(Y)`: a read ended before an update began.
//!
//! That is all real time says of updates. So there is an order iff within each block the clusters
//! are in it, and no blocks form a cycle of precedence. Whether a block must come
//! before another follows from the least `e` and `f` in the one, and the greatest `s` and `b` in the
//! other. So of the blocks left, one of few comes before any that cannot come next: that of the
//! least `e`, that of the least `f`, or the next least of these, as no block comes before itself. A
//! circle has at most four blocks.
//!
//! Updates whose returns were lost took effect if what they gave was read or swapped away, and never
//! were otherwise. Where a `cas` found another value, it needs a place in the order that is not
//! just after the value it was to swap away; the places it may have are an interval. If one has none
//! in the order found, another order may do: that is undecided.
//!
//! O(n log n). For one writer and [`Rule::Regular`] this is Lamport's regular register; for several,
//! the order is one for all reads.

use rustc_hash::FxHashMap;

use super::Rule;
use super::steps::{NEVER, NIL, UpdateDeed, UpdateStep};
use crate::plant::{Bug, planted};

mod arrange;
mod misses;

use self::arrange::{BlockEnds, arrange};

/// What the blocks say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Blocks {
    /// There is an order.
    Ordered,
    /// These steps, by their places, have none.
    Clash(Vec<usize>),
    /// This method does not tell.
    Undecided,
}

/// A value, and what is known of when it was there.
struct ValueCluster {
    /// The step that gave it; nothing gave the register's first value.
    giver: Option<usize>,
    begun: u32,
    ended: u32,
    /// The first end, and the last beginning as far as it counts, each with its step.
    first: (u32, Option<usize>),
    last: (u32, Option<usize>),
    /// The last beginning of a read or of what gave it.
    seen: u32,
    a_read: Option<usize>,
    /// The cluster it was swapped for, and the one that it was swapped for.
    next: Option<usize>,
    old: Option<usize>,
    took_effect: bool,
}

/// Judges steps that are in the order of their invocations.
pub(super) fn judge(steps: &[UpdateStep], rule: Rule) -> Blocks {
    let Some(mut clusters) = ValueClusters::new(steps) else { return Blocks::Undecided };
    match clusters.judge(rule) {
        Err(mut clash) => {
            clash.sort_unstable();
            Blocks::Clash(clash)
        }
        Ok(order) if misses::fit(steps, rule, &clusters, &order) => Blocks::Ordered,
        Ok(_) => Blocks::Undecided,
    }
}

/// Every value, with the register's first one at 0.
struct ValueClusters<'a> {
    steps: &'a [UpdateStep],
    all: Vec<ValueCluster>,
    of: FxHashMap<u32, usize>,
}

impl ValueCluster {
    fn given(at: Option<usize>, begun: u32, ended: u32) -> Self {
        Self {
            giver: at,
            begun,
            ended,
            first: (ended, at),
            last: (begun, at),
            seen: begun,
            a_read: None,
            next: None,
            old: None,
            took_effect: ended != NEVER,
        }
    }
}

impl<'a> ValueClusters<'a> {
    /// `None` if some value was given twice.
    fn new(steps: &'a [UpdateStep]) -> Option<Self> {
        let mut all = vec![ValueCluster::given(None, 0, 0)];
        let mut of = FxHashMap::from_iter([(NIL, 0)]);
        for (at, step) in steps.iter().enumerate() {
            let Some(value) = step.deed.gives() else { continue };
            if of.insert(value, all.len()).is_some() {
                return None;
            }
            all.push(ValueCluster::given(Some(at), step.invoked, step.completed));
        }
        Some(Self { steps, all, of })
    }

    /// The order of clusters, or steps that have none.
    fn judge(&mut self, rule: Rule) -> Result<Vec<usize>, Vec<usize>> {
        self.add_reads(rule)?;
        self.link()?;
        let blocks = self.blocks()?;
        for block in &blocks {
            self.check_within(block)?;
        }
        let ends: Vec<BlockEnds> = blocks.iter().map(|block| self.ends_of(block)).collect();
        let urgency = misses::urgency(self, &blocks);
        match arrange(&ends, &urgency) {
            Ok(order) => Ok(order.into_iter().flat_map(|at| blocks[at].clone()).collect()),
            Err(circle) => {
                let mut clash = Vec::new();
                for (before, after) in circle {
                    let (x, y) = (&ends[before], &ends[after]);
                    if x.ended.0 < y.last.0 {
                        clash.push((x.ended.1, None));
                        clash.push((y.last.1, self.all[y.last.1].last.1));
                    } else {
                        clash.push((x.first.1, self.all[x.first.1].first.1));
                        clash.push((y.begun.1, None));
                    }
                }
                Err(self.told(clash))
            }
        }
    }

    fn add_reads(&mut self, rule: Rule) -> Result<(), Vec<usize>> {
        for (at, step) in self.steps.iter().enumerate() {
            let UpdateDeed::Read(value) = step.deed else { continue };
            let Some(&of) = self.of.get(&value) else { return Err(vec![at]) };
            let cluster = &mut self.all[of];
            if step.completed < cluster.begun {
                return Err(cluster.giver.into_iter().chain([at]).collect());
            }
            cluster.took_effect = true;
            cluster.a_read.get_or_insert(at);
            cluster.seen = cluster.seen.max(step.invoked);
            if step.completed < cluster.first.0 && !planted(Bug::OrderForgetFuture) {
                cluster.first = (step.completed, Some(at));
            }
            let counts = rule.is_fresh() && !planted(Bug::OrderForgetFresh);
            if counts && step.invoked > cluster.last.0 {
                cluster.last = (step.invoked, Some(at));
            }
        }
        Ok(())
    }

    /// Links each value that was there with the one it was swapped for.
    fn link(&mut self) -> Result<(), Vec<usize>> {
        let mut open: Vec<usize> =
            (0..self.all.len()).rev().filter(|&at| self.all[at].took_effect).collect();
        while let Some(at) = open.pop() {
            let Some(UpdateDeed::Swap { old, .. }) =
                self.all[at].giver.map(|it| self.steps[it].deed)
            else {
                continue;
            };
            let Some(&from) = self.of.get(&old) else {
                return Err(self.told(vec![(at, None)]));
            };
            self.all[at].old = Some(from);
            match self.all[from].next {
                Some(other) if other != at => {
                    let clash = vec![(at, None), (other, None)];
                    return Err(self.told(clash));
                }
                _ => self.all[from].next = Some(at),
            }
            if !std::mem::replace(&mut self.all[from].took_effect, true) {
                open.push(from);
            }
        }
        Ok(())
    }

    /// The values of each block, in their order.
    fn blocks(&self) -> Result<Vec<Vec<usize>>, Vec<usize>> {
        let mut blocks: Vec<Vec<usize>> = Vec::new();
        let mut reached = vec![false; self.all.len()];
        let begins = |at: &usize| {
            let cluster = &self.all[*at];
            *at == 0 || (cluster.took_effect && cluster.old.is_none())
        };
        for root in (0..self.all.len()).filter(begins) {
            let block: Vec<usize> =
                std::iter::successors(Some(root), |&at| self.all[at].next).collect();
            for &at in &block {
                reached[at] = true;
            }
            blocks.push(block);
        }
        let lost = (0..self.all.len()).find(|&at| self.all[at].took_effect && !reached[at]);
        match lost {
            Some(at) => Err(self.told(vec![(at, None)])), // A cycle of swaps.
            None => Ok(blocks),
        }
    }

    /// Whether nothing in a block must come before what is before it there.
    fn check_within(&self, block: &[usize]) -> Result<(), Vec<usize>> {
        if planted(Bug::OrderForgetWithin) {
            return Ok(());
        }
        let (mut last, mut begun) = (block[0], block[0]);
        for &at in &block[1..] {
            let cluster = &self.all[at];
            if cluster.ended < self.all[last].last.0 {
                let clash = vec![(at, cluster.giver), (last, self.all[last].last.1)];
                return Err(self.told(clash));
            }
            if cluster.first.0 < self.all[begun].begun {
                let clash = vec![(at, cluster.first.1), (begun, self.all[begun].giver)];
                return Err(self.told(clash));
            }
            if cluster.last.0 > self.all[last].last.0 {
                last = at;
            }
            if cluster.begun > self.all[begun].begun {
                begun = at;
            }
        }
        Ok(())
    }

    fn ends_of(&self, block: &[usize]) -> BlockEnds {
        let of = |value: fn(&ValueCluster) -> u32| {
            block.iter().map(move |&at| (value(&self.all[at]), at)).collect::<Vec<_>>()
        };
        let least = |values: Vec<(u32, usize)>| values.into_iter().min().expect("some are in it");
        let most = |values: Vec<(u32, usize)>| values.into_iter().max().expect("some are in it");
        BlockEnds {
            ended: least(of(|it| it.ended)),
            first: least(of(|it| it.first.0)),
            begun: most(of(|it| it.begun)),
            last: most(of(|it| it.last.0)),
        }
    }

    /// These steps of these clusters, with all that shows that each cluster was there and what came
    /// before it in its block.
    fn told(&self, of: Vec<(usize, Option<usize>)>) -> Vec<usize> {
        let mut told: Vec<usize> = Vec::new();
        for (cluster, step) in of {
            told.extend(step);
            told.extend(self.shown_by(cluster));
            let mut seen = vec![cluster];
            told.extend(self.all[cluster].giver);
            while let Some(UpdateDeed::Swap { old, .. }) =
                seen.last().and_then(|&at| self.all[at].giver).map(|it| self.steps[it].deed)
                && let Some(&from) = self.of.get(&old)
                && !seen.contains(&from)
            {
                told.extend(self.all[from].giver);
                seen.push(from);
            }
        }
        told.sort_unstable();
        told.dedup();
        told
    }

    /// What shows that a value was there, if its giver's return was lost: a read of it, or the swaps
    /// that were made of it up to one that returned or was read.
    fn shown_by(&self, cluster: usize) -> Vec<usize> {
        let mut shown = Vec::new();
        let mut at = cluster;
        loop {
            let cluster = &self.all[at];
            shown.extend(cluster.giver);
            if at == 0 || cluster.ended != NEVER {
                return shown;
            }
            if let Some(read) = cluster.a_read {
                shown.push(read);
                return shown;
            }
            match cluster.next {
                Some(next) if !shown.contains(&self.all[next].giver.unwrap_or(usize::MAX)) => {
                    at = next;
                }
                _ => return shown,
            }
        }
    }
}
