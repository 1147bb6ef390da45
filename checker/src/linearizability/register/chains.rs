//! Registers with `cas` whose written values are all different, by chains of zones.
//!
//! A `cas` that swapped `a` for `b` says that `b` came straight after `a`. No value is written
//! twice, so none comes back: a value is swapped away at most once, and values linked by swaps form
//! *chains*, each begun by a write or by the register's first value. Within a chain there is no
//! choice: the write, the reads of its value, the swap, the reads of what it gave, and so on. In
//! any order that explains the history a chain is contiguous.
//!
//! So a chain is to a register what an epoch is to a list that [grows](crate::linearizability::list), and the
//! argument there holds: the history is linearizable iff each chain has a beginning, within it
//! nothing ends before something earlier in it begins, and no two chains each must come before the
//! other, which is the comparison of [zones] with a chain for a cluster.
//!
//! A write or `cas` whose return was lost took effect if its value was read, or swapped by one that
//! took effect. Otherwise it never was: what would overwrite its value is a write, which does not
//! care. A `cas` that says it mismatched is a read of anything else. Leaving it out is sound for
//! refuting; for confirming, each must be sure to have found something else, see
//! [mismatches], or else a history without a clash is left to the search.
//!
//! O(n log n) for the sort of the zones, else O(n).

use std::collections::BTreeSet;

use super::accesses::{Access, Accesses, NEVER, NIL, RegisterClash};
use super::mismatches::{self, HeldValue};
use super::places::ValuePlaces;
use super::zones::{self, Cluster, Rules, Zones};
use crate::OpIndex;
use crate::plant::{Bug, planted};

/// A value, and all that is known about it.
struct Link<'a> {
    /// What gave it; nothing gave the register's first value.
    giver: Option<&'a Access>,
    /// The value it was swapped for, if it was.
    old: Option<usize>,
    /// The value that shows that it was there, if its giver's return was lost.
    because: Option<usize>,
    /// The one it is swapped for.
    next: Option<usize>,
    /// The read that ended first, and the one that began last.
    reads: Option<(&'a Access, &'a Access)>,
    took_effect: bool,
}

/// In place of a value that nothing wrote.
const NOTHING: usize = usize::MAX;

/// Judges a register whose accesses include swaps.
pub(crate) fn judge(accesses: &Accesses) -> Zones {
    let Some(mut chains) = Chains::new(accesses) else { return Zones::NotUnique };
    if let Err(clash) = chains.judge(accesses) {
        return Zones::Clash(clash);
    }
    if planted(Bug::ChainForgetFailed) || chains.explain_mismatches(accesses) {
        return Zones::Linearizable;
    }
    Zones::Undecided
}

struct Chains<'a> {
    links: Vec<Link<'a>>,
    of: ValuePlaces,
}

impl<'a> Chains<'a> {
    /// `None` if a value is written twice, or cannot be told from others.
    fn new(accesses: &'a Accesses) -> Option<Self> {
        let olds = accesses.olds.as_ref()?;
        let fresh = |giver| Link {
            giver,
            old: None,
            because: None,
            next: None,
            reads: None,
            took_effect: false,
        };
        let mut links = vec![Link { took_effect: true, ..fresh(None) }];
        let mut of = ValuePlaces::new(accesses.givers.len(), accesses.span);
        of.insert(NIL, 0);
        for giver in &accesses.givers {
            let place = u32::try_from(links.len()).expect("fewer than 2^32 operations");
            if !of.insert(giver.value, place) {
                return None;
            }
            links.push(fresh(Some(giver)));
        }
        let swaps = &accesses.givers[accesses.givers.len() - olds.len()..];
        for (swap, old) in swaps.iter().zip(olds) {
            let at = of.get(swap.value).expect("what every swap gives has a place");
            links[at as usize].old = Some(of.get(*old).map_or(NOTHING, |old| old as usize));
        }
        Some(Self { links, of })
    }

    fn judge(&mut self, accesses: &'a Accesses) -> Result<(), RegisterClash> {
        for read in &accesses.reads {
            let Some(at) = self.of.get(read.value) else {
                return Err(RegisterClash::Nowhere { read: read.op });
            };
            let link = &mut self.links[at as usize];
            if let Some(giver) = link.giver
                && read.completed < giver.invoked
            {
                return Err(RegisterClash::Future { read: read.op, write: giver.op });
            }
            let (first, last) = link.reads.get_or_insert((read, read));
            if read.completed < first.completed {
                *first = read;
            }
            if read.invoked > last.invoked {
                *last = read;
            }
        }
        self.link()?;
        self.compare()
    }

    /// Finds out what took effect, and links it.
    fn link(&mut self) -> Result<(), RegisterClash> {
        for start in 1..self.links.len() {
            let link = &self.links[start];
            let returned = link.giver.is_some_and(|giver| giver.completed != NEVER);
            if !returned && (link.reads.is_none() || planted(Bug::ChainForgetLost)) {
                continue;
            }
            let mut at = start;
            while !self.links[at].took_effect {
                self.links[at].took_effect = true;
                let Some(old) = self.links[at].old else { break };
                let Some(before) = self.links.get_mut(old) else {
                    return Err(self.together([at]));
                };
                before.because = before.because.or(Some(at));
                match before.next {
                    Some(other) if !planted(Bug::ChainForgetRivals) => {
                        return Err(self.together([at, other]));
                    }
                    _ => before.next = Some(at),
                }
                at = old;
            }
        }
        Ok(())
    }

    fn compare(&self) -> Result<(), RegisterClash> {
        let mut clusters = Vec::new();
        let mut ends = Vec::new();
        let mut linked = 0;
        for start in 0..self.links.len() {
            let link = &self.links[start];
            if link.old.is_some() || !link.took_effect {
                continue;
            }
            let (cluster, first, last, length) = self.follow(start)?;
            linked += length;
            clusters.push(cluster);
            ends.push([first, last]);
        }
        let effective = self.links.iter().filter(|link| link.took_effect).count();
        if linked < effective && !planted(Bug::ChainForgetLoops) {
            return Err(self.everything());
        }
        let Some((one, other)) = zones::rivals(&clusters, Rules::ALL) else { return Ok(()) };
        let mut clash = self.together([ends[one], ends[other]].into_iter().flatten());
        if let RegisterClash::Several { ops } = &mut clash {
            let edges = [one, other].map(|it| clusters[it].edges());
            ops.extend(edges.into_iter().flatten().flatten());
        }
        Err(clash)
    }

    /// The cluster of the chain that begins at `start`, the values of its edges, and its length.
    fn follow(&self, start: usize) -> Result<(Cluster, usize, usize, usize), RegisterClash> {
        let mut cluster = Cluster::INITIAL;
        if let Some(giver) = self.links[start].giver {
            cluster = Cluster::new(giver);
        }
        let mut begun = (0, start, None);
        let (mut first, mut last, mut length) = (start, start, 0);
        let mut next = Some(start);
        while let Some(at) = next {
            let link = &self.links[at];
            let giver = link.giver.map(|giver| (giver, giver));
            for (ends, begins) in [giver, link.reads].into_iter().flatten() {
                if ends.completed < begun.0 && !planted(Bug::ChainForgetOrder) {
                    let mut clash = self.together([at, begun.1]);
                    if let RegisterClash::Several { ops } = &mut clash {
                        ops.extend([ends.op].into_iter().chain(begun.2));
                    }
                    return Err(clash);
                }
                if begins.invoked >= begun.0 {
                    begun = (begins.invoked, at, Some(begins.op));
                }
                if cluster.add_end(ends) {
                    first = at;
                }
                if cluster.add_begin(begins) {
                    last = at;
                }
            }
            length += 1;
            next = link.next;
        }
        Ok((cluster, first, last, length))
    }

    /// Whether all that mismatched is sure to have found something else than it looked for.
    fn explain_mismatches(&self, accesses: &Accesses) -> bool {
        let Some(mismatches) = &accesses.mismatches else { return false };
        if mismatches.is_empty() {
            return true;
        }
        let mut held = Vec::new();
        let mut place = vec![None; self.links.len()];
        for start in 0..self.links.len() {
            if self.links[start].old.is_some() || !self.links[start].took_effect {
                continue;
            }
            let begun = held.len();
            let mut next = Some(start);
            while let Some(at) = next {
                place[at] = Some(held.len());
                held.push(self.held(at));
                next = self.links[at].next;
            }
            let chain = &mut held[begun..];
            for at in 1..chain.len() {
                let before = chain[at - 1];
                chain[at].last_before = Some(before.last).max(before.last_before);
            }
            for at in (1..chain.len()).rev() {
                let after = chain[at];
                let first = after.first_after.map_or(after.first, |first| first.min(after.first));
                chain[at - 1].first_after = Some(first);
            }
        }
        let sought = |cas: &Access| place[self.of.get(cas.value)? as usize];
        mismatches::have_moments(&held, mismatches.iter().map(|cas| (cas, sought(cas))))
    }

    /// What is known of when a value was there.
    fn held(&self, at: usize) -> HeldValue {
        let link = &self.links[at];
        let taker = link.next.and_then(|next| self.links[next].giver);
        let mut held = match link.giver {
            None => HeldValue { begun: 0, first: 0, last: 0, first_after: None, last_before: None },
            Some(giver) => HeldValue {
                begun: giver.invoked + 1,
                first: giver.completed.saturating_add(1),
                last: giver.invoked + 1,
                first_after: None,
                last_before: None,
            },
        };
        let (first, last) = link.reads.unzip();
        for end in [first, taker].into_iter().flatten() {
            held.first = held.first.min(end.completed.saturating_add(1));
        }
        for begin in [last, taker].into_iter().flatten() {
            held.last = held.last.max(begin.invoked + 1);
        }
        held
    }

    /// What gave these values, and what shows that it took effect.
    fn together(&self, values: impl IntoIterator<Item = usize>) -> RegisterClash {
        let mut ops: BTreeSet<OpIndex> = BTreeSet::new();
        let mut told: BTreeSet<usize> = BTreeSet::new();
        for value in values {
            let mut shown = value;
            while self.links[shown].giver.is_some_and(|giver| giver.completed == NEVER) {
                match (self.links[shown].reads, self.links[shown].because) {
                    (Some((read, _)), _) => {
                        ops.insert(read.op);
                        break;
                    }
                    (None, Some(next)) => shown = next,
                    (None, None) => break,
                }
            }
            let mut given = Some(shown);
            while let Some(link) = given.and_then(|at| self.links.get(at))
                && given.is_some_and(|at| told.insert(at))
            {
                ops.extend(link.giver.map(|giver| giver.op));
                given = link.old;
            }
        }
        RegisterClash::Several { ops: ops.into_iter().collect() }
    }

    /// All that took effect and is part of no chain with a beginning.
    fn everything(&self) -> RegisterClash {
        let mut rooted = vec![false; self.links.len()];
        for start in (0..self.links.len()).filter(|&at| self.links[at].old.is_none()) {
            let mut next = Some(start);
            while let Some(at) = next {
                rooted[at] = true;
                next = self.links[at].next;
            }
        }
        let adrift = (0..self.links.len()).filter(|&at| self.links[at].took_effect && !rooted[at]);
        self.together(adrift)
    }
}
