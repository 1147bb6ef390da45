//! Whose epoch a read is in, where more than one put may have begun what it shows.

use super::cut::{Change, NEVER, Read};
use super::epochs::{Ends, Epoch, Shown};
use super::left::spend;
use super::orders::{Allowance, Branching, arrange, is_refuted};
use super::prepass::{Owners, refute};
use super::{Refuted, Solved};
use crate::plant::{Bug, planted};

/// The epochs each read may be of, as choices are made.
#[derive(Clone)]
pub(super) struct Choices {
    may: Owners,
    owner: Vec<Option<usize>>,
}

impl Choices {
    pub(super) fn new(may: Owners) -> Self {
        let only = |may: &Vec<usize>| if let [only] = may[..] { Some(only) } else { None };
        let owner = may.iter().map(only).collect();
        Self { may, owner }
    }

    /// The epoch of each read, as far as known.
    pub(super) fn owner(&self) -> &[Option<usize>] {
        &self.owner
    }

    /// Strikes out what cannot be, until nothing changes; and looks for what is wrong with the rest.
    ///
    /// # Errors
    ///
    /// If a read can be nowhere, or something is wrong.
    pub(super) fn narrow(
        &mut self,
        shown: &Shown<'_>,
        limits: &mut Allowance<'_>,
    ) -> Result<Vec<Epoch>, Refuted> {
        loop {
            let epochs = shown.epochs(&self.owner)?;
            refute(shown, &epochs, &self.owner)?;
            let open: Vec<usize> =
                (0..self.owner.len()).filter(|&read| self.owner[read].is_none()).collect();
            let cost: usize = open.iter().map(|&read| self.may[read].len()).sum();
            let cost = cost * (shown.puts.len() + 1);
            if open.is_empty() || spend(&mut limits.left, cost).is_none() {
                return Ok(epochs);
            }
            if !self.strike_out(shown, &epochs, &open)? {
                return Ok(epochs);
            }
        }
    }

    /// Whether it is known now whose one of `open` is.
    fn strike_out(
        &mut self,
        shown: &Shown<'_>,
        epochs: &[Epoch],
        open: &[usize],
    ) -> Result<bool, Refuted> {
        let mut deepest: Vec<Option<u32>> = vec![None; shown.puts.len() + 1];
        let mut ends: Vec<Option<Ends>> = vec![None; shown.puts.len() + 1];
        for (at, &put) in shown.puts.iter().enumerate() {
            ends[at + 1] = Some(Ends::alone(&shown.changes[put]));
        }
        for epoch in epochs {
            let at = epoch.put.map_or(0, |put| shown.puts.partition_point(|&it| it < put) + 1);
            deepest[at] = Some(epoch.deepest);
            ends[at] = Some(shown.ends(epoch));
        }
        let is_sure =
            |at: usize| deepest[at].is_some() || ends[at].is_some_and(|it| it.first.at != NEVER);
        let sure: Vec<(usize, Ends)> = (0..ends.len())
            .filter(|&at| is_sure(at))
            .filter_map(|at| ends[at].map(|ends| (at, ends)))
            .collect();
        let mut is_new = false;
        for &read in open {
            let Read { op, node, span } = shown.reads[read];
            self.may[read].retain(|&at| {
                let agrees = deepest[at].is_none_or(|deepest| shown.trie.agree(node, deepest));
                let Some(mut mine) = ends[at] else { return agrees };
                mine.add(op, span);
                let clashes = |&(other, its): &(usize, Ends)| {
                    other != at && its.first.at < mine.last.at && mine.first.at < its.last.at
                };
                let keeps = !sure.iter().any(clashes);
                agrees && keeps && !(planted(Bug::GrowthStrikeStart) && at == 0)
            });
            match self.may[read][..] {
                [] => return Err(Refuted::new(None, vec![op])),
                [only] => {
                    self.owner[read] = Some(only);
                    is_new = true;
                }
                _ => {}
            }
        }
        Ok(is_new)
    }

    /// Tries all choices that are left.
    pub(super) fn branch(&self, shown: &Shown<'_>, limits: &mut Allowance<'_>) -> Solved {
        let open = (0..self.owner.len()).filter(|&read| self.owner[read].is_none());
        let Some(read) = open.min_by_key(|&read| shown.reads[read].span.to) else {
            return match shown.epochs(&self.owner) {
                Ok(epochs) => arrange(shown, &epochs, limits),
                Err(refuted) => Solved::Never(refuted),
            };
        };
        if limits.branching == Branching::No {
            return Solved::Open;
        }
        let cost = shown.changes.len() + shown.reads.len() + shown.trie.len();
        if !limits.hold(shown.reads.len()) {
            return Solved::Open;
        }
        let solved = self.branch_on(read, shown, cost, limits);
        limits.let_go(shown.reads.len());
        solved
    }

    /// Tries all epochs that one read may be in.
    fn branch_on(
        &self,
        read: usize,
        shown: &Shown<'_>,
        cost: usize,
        limits: &mut Allowance<'_>,
    ) -> Solved {
        let mut is_open = false;
        for &owner in self.may[read].iter().rev() {
            if spend(&mut limits.left, cost).is_none() {
                limits.left = 0;
                return Solved::Open;
            }
            let mut next = self.clone();
            next.owner[read] = Some(owner);
            next.may[read] = vec![owner];
            if next.is_refuted_until(shown, shown.reads[read].span.to, limits)
                || next.narrow(shown, limits).is_err()
            {
                continue;
            }
            match next.branch(shown, limits) {
                solved @ Solved::Order(_) => return solved,
                Solved::Never(_) => {}
                Solved::Open => is_open = true,
            }
        }
        if is_open { Solved::Open } else { Solved::never() }
    }

    /// Whether the operations completed by `end`, for which every choice is made, have no order.
    fn is_refuted_until(&self, shown: &Shown<'_>, end: u32, limits: &mut Allowance<'_>) -> bool {
        let (changes, reads) = until(shown, end);
        let owner: Vec<Option<usize>> = shown
            .reads
            .iter()
            .zip(&self.owner)
            .filter(|(read, _)| read.span.to <= end)
            .map(|(_, owner)| *owner)
            .collect();
        let shown = Shown::new(shown.trie, shown.tokens, &changes, &reads);
        match shown.epochs(&owner) {
            Err(_) => true,
            Ok(epochs) => {
                refute(&shown, &epochs, &owner).is_err() || is_refuted(&shown, &epochs, limits)
            }
        }
    }
}

/// What happened until `end`: reads that were over, and changes that had begun.
pub(super) fn until(shown: &Shown<'_>, end: u32) -> (Vec<Change>, Vec<Read>) {
    let mut changes = shown.changes.to_vec();
    changes.retain(|change| change.span.from <= end);
    for change in changes.iter_mut().filter(|change| change.span.to > end) {
        change.span.to = NEVER;
    }
    let reads = shown.reads.iter().filter(|read| read.span.to <= end).copied().collect();
    (changes, reads)
}
