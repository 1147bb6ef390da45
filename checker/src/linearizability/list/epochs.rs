//! What was written, put beside what was read; and what reads show to belong together.

use super::bounds::{Bound, bounds_of};
use super::cut::{Change, EMPTY, Kind, NEVER, Read, Told, Window, is_seen_append};
use super::trie::{ROOT, Trie};
use super::{Pair, Refuted};
use crate::plant::{Bug, planted};
use crate::{AnomalyClass, OpIndex};

/// Changes and reads, with what is asked of them again and again.
pub(super) struct Shown<'a> {
    pub(super) trie: &'a Trie,
    pub(super) changes: &'a [Change],
    pub(super) reads: &'a [Read],
    pub(super) tokens: usize,
    /// The puts, by invocation.
    pub(super) puts: Vec<usize>,
    /// The appends, by token, and by invocation within each.
    appends: Vec<usize>,
    starts: Vec<usize>,
    /// Whether any read shows a token.
    pub(super) is_seen: Vec<bool>,
}

/// A put, or the start, and what reads show to have been appended to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Epoch {
    /// Nothing for the start.
    pub(super) put: Option<usize>,
    pub(super) reads: Vec<usize>,
    /// The longest of the reads.
    pub(super) longest: Option<usize>,
    /// What that shows.
    pub(super) deepest: u32,
}

/// The bounds of the slots of one epoch.
pub(super) struct Bounds {
    /// The put, and then what was appended: with its token, and the change if there is no choice.
    pub(super) slots: Vec<BoundSlot>,
    /// The end of the epoch is not before this.
    pub(super) floor: Bound,
}

/// The bounds of one slot.
#[derive(Clone, Copy)]
pub(super) struct BoundSlot {
    pub(super) token: Option<u32>,
    pub(super) change: Option<usize>,
    pub(super) lower: Bound,
    pub(super) upper: Bound,
}

/// The first return and the last invocation of an epoch, as far as they are known.
#[derive(Clone, Copy, Debug)]
pub(super) struct Ends {
    pub(super) first: Bound,
    pub(super) last: Bound,
}

impl Ends {
    fn of(change: &Change) -> Self {
        let (last, first) = bounds_of(change.op, change.span);
        Self { first, last }
    }

    pub(super) fn add(&mut self, op: OpIndex, span: Window) {
        let (last, first) = bounds_of(op, span);
        self.last.raise(last);
        self.first.lower(first);
    }

    /// Whether it certainly was there for a while, not only at one moment.
    pub(super) fn is_forward(&self) -> bool {
        self.first.at < self.last.at
    }

    /// Its place among epochs, by the first of its ends. At one moment, an invocation comes before
    /// a return: moment `m` is that after an invocation at `m - 1`, and that before a return at `m`.
    pub(super) fn low(&self) -> (u32, bool) {
        (self.first.at.min(self.last.at), self.is_forward())
    }
}

impl Told {
    pub(super) fn shown(&self) -> Shown<'_> {
        Shown::new(&self.trie, self.tokens, &self.changes, &self.reads)
    }
}

impl<'a> Shown<'a> {
    pub(super) fn new(
        trie: &'a Trie,
        tokens: usize,
        changes: &'a [Change],
        reads: &'a [Read],
    ) -> Self {
        let mut starts = vec![0; tokens + 1];
        let seen = |change: &&Change| is_seen_append(change);
        changes.iter().filter(seen).for_each(|change| starts[change.token as usize + 1] += 1);
        for token in 0..tokens {
            starts[token + 1] += starts[token];
        }
        let mut next = starts.clone();
        let mut appends = vec![0; starts[tokens]];
        for (at, change) in changes.iter().enumerate().filter(|(_, it)| is_seen_append(it)) {
            let place = &mut next[change.token as usize];
            appends[*place] = at;
            *place += 1;
        }
        let puts = (0..changes.len()).filter(|&at| changes[at].kind == Kind::Put).collect();
        let is_seen = is_seen(trie, tokens, reads);
        Self { trie, changes, reads, tokens, puts, appends, starts, is_seen }
    }

    /// The appends of a token, by invocation.
    pub(super) fn appends(&self, token: u32) -> &[usize] {
        &self.appends[self.starts[token as usize]..self.starts[token as usize + 1]]
    }

    /// Whether no token that is seen was appended twice.
    pub(super) fn is_plain(&self) -> bool {
        (0..self.tokens)
            .all(|token| self.starts[token + 1] - self.starts[token] < 2 || !self.is_seen[token])
    }

    /// How many tokens of what is read in an epoch are not appended in it.
    pub(super) fn base(&self, put: Option<usize>) -> usize {
        usize::from(put.is_some_and(|put| self.changes[put].token != EMPTY))
    }

    /// The epochs, the start first and then by puts, if `owner` says whose each read is. Reads
    /// without one are left out, and so are puts that no read returned.
    pub(super) fn epochs(&self, owner: &[Option<usize>]) -> Result<Vec<Epoch>, Refuted> {
        let mut members: Vec<Vec<usize>> = vec![Vec::new(); self.puts.len() + 1];
        for (read, owner) in owner.iter().enumerate() {
            if let Some(owner) = owner {
                members[*owner].push(read);
            }
        }
        let mut epochs = Vec::new();
        for (at, reads) in members.into_iter().enumerate() {
            if at == 0 || !reads.is_empty() {
                epochs.push(self.epoch(at, reads)?);
            }
        }
        Ok(epochs)
    }

    /// The epoch of the start, if `owner` is 0, or else of a put.
    fn epoch(&self, owner: usize, reads: Vec<usize>) -> Result<Epoch, Refuted> {
        let put = owner.checked_sub(1).map(|put| self.puts[put]);
        let depth = |read: usize| self.trie.depth(self.reads[read].node);
        let longest = reads.iter().copied().max_by_key(|&read| depth(read));
        let deepest = longest.map_or(ROOT, |read| self.reads[read].node);
        let stranger =
            reads.iter().find(|&&read| !self.trie.is_beginning(self.reads[read].node, deepest));
        if let (Some(&stranger), Some(longest)) = (stranger, longest)
            && !planted(Bug::GrowthForgetPrefixes)
        {
            let (about, against) = (self.reads[stranger].op, self.reads[longest].op);
            let pair =
                Pair { class: AnomalyClass::IncompatibleOrder, about, against: Some(against) };
            let mut hint = vec![about, against];
            hint.extend(put.map(|put| self.changes[put].op));
            return Err(Refuted::new(Some(pair), hint));
        }
        Ok(Epoch { put, reads, longest, deepest })
    }

    /// The tokens that were appended in an epoch, the last first.
    pub(super) fn tokens(&self, epoch: &Epoch) -> impl Iterator<Item = u32> {
        self.trie.tokens_from_last(epoch.deepest, self.base(epoch.put))
    }

    /// What reads say about when the slots of an epoch take effect. `counts` is of all tokens, and
    /// nought.
    pub(super) fn bounds(&self, epoch: &Epoch, counts: &mut [usize]) -> Bounds {
        let put = epoch.put.map(|put| self.bound_slot(None, Some(put)));
        let mut slots = vec![put.unwrap_or(self.bound_slot(None, None))];
        let mut tokens: Vec<u32> = self.tokens(epoch).collect();
        tokens.reverse();
        for &token in &tokens {
            let appends = self.appends(token);
            let count = &mut counts[token as usize];
            let mut slot = match appends {
                [only] => self.bound_slot(Some(token), Some(*only)),
                _ => self.bound_slot(Some(token), None),
            };
            // A slot is not before as many invocations as there are slots up to it.
            if let Some(&append) = appends.get(*count).filter(|_| slot.change.is_none())
                && !planted(Bug::GrowthForgetInvocations)
            {
                slot.lower = bounds_of(self.changes[append].op, self.changes[append].span).0;
            }
            *count += 1;
            slots.push(slot);
        }
        for token in tokens {
            counts[token as usize] = 0;
        }
        let mut floor = Bound::START;
        let base = self.base(epoch.put);
        for &read in &epoch.reads {
            let Read { op, node, span } = self.reads[read];
            let (lower, upper) = bounds_of(op, span);
            let slot = self.trie.depth(node) - base;
            slots[slot].upper.lower(upper);
            slots.get_mut(slot + 1).map_or(&mut floor, |next| &mut next.lower).raise(lower);
        }
        Bounds { slots, floor }
    }

    fn bound_slot(&self, token: Option<u32>, change: Option<usize>) -> BoundSlot {
        let bounds = change.map(|at| bounds_of(self.changes[at].op, self.changes[at].span));
        let (lower, upper) = bounds.unwrap_or((Bound::START, Bound::NEVER));
        BoundSlot { token, change, lower, upper }
    }

    /// The ends of an epoch; of a token that was appended more than once, only what is certain.
    pub(super) fn ends(&self, epoch: &Epoch) -> Ends {
        let Some(put) = epoch.put else {
            let mut ends = Ends { first: Bound::START, last: Bound::START };
            epoch.reads.iter().for_each(|&read| ends.add_read(&self.reads[read]));
            self.tokens(epoch).for_each(|token| self.add_token(&mut ends, token));
            return Ends { first: Bound::START, ..ends };
        };
        let mut ends = Ends::of(&self.changes[put]);
        epoch.reads.iter().for_each(|&read| ends.add_read(&self.reads[read]));
        self.tokens(epoch).for_each(|token| self.add_token(&mut ends, token));
        ends
    }

    fn add_token(&self, ends: &mut Ends, token: u32) {
        match self.appends(token) {
            [] => {}
            &[only] => ends.add(self.changes[only].op, self.changes[only].span),
            &[first, ..] => {
                ends.last.raise(bounds_of(self.changes[first].op, self.changes[first].span).0);
            }
        }
    }

    /// Whether an epoch may be over at once, so that it needs no more than one moment.
    pub(super) fn is_loose(&self, epoch: &Epoch, ends: &Ends) -> bool {
        let is_only = |token| self.appends(token).len() == 1;
        epoch.put.is_some() && !ends.is_forward() && self.tokens(epoch).all(is_only)
    }

    /// The completed puts that no read shows if these are all epochs, and the completed appends of
    /// tokens that none shows.
    pub(super) fn unseen(&self, epochs: &[Epoch]) -> Vec<usize> {
        let mut is_put_seen = vec![false; self.changes.len()];
        let mut is_seen = vec![false; self.tokens];
        for epoch in epochs {
            epoch.put.into_iter().for_each(|put| is_put_seen[put] = true);
            self.tokens(epoch).for_each(|token| is_seen[token as usize] = true);
        }
        let unseen = |at: &usize| {
            let change = &self.changes[*at];
            let is_unseen = match change.kind {
                Kind::Put => !is_put_seen[*at],
                Kind::Append => change.token != EMPTY && !is_seen[change.token as usize],
            };
            is_unseen && change.span.to != NEVER
        };
        (0..self.changes.len()).filter(unseen).collect()
    }

    /// As [`Shown::unseen`], whosever the reads without an owner are.
    pub(super) fn surely_unseen(&self, epochs: &[Epoch], owner: &[Option<usize>]) -> Vec<usize> {
        let unseen = self.unseen(epochs);
        if owner.iter().all(Option::is_some) {
            return unseen;
        }
        let is_sure = |&at: &usize| {
            let change = &self.changes[at];
            change.kind == Kind::Put || !self.is_seen[change.token as usize]
        };
        unseen.into_iter().filter(is_sure).collect()
    }
}

impl Ends {
    fn add_read(&mut self, read: &Read) {
        self.add(read.op, read.span);
    }

    /// The ends of a change that is an epoch of its own.
    pub(super) fn alone(change: &Change) -> Self {
        Self::of(change)
    }
}

fn is_seen(trie: &Trie, tokens: usize, reads: &[Read]) -> Vec<bool> {
    let mut is_read = vec![false; trie.len()];
    for read in reads {
        is_read[read.node as usize] = true;
    }
    let mut is_seen = vec![false; tokens];
    for node in (0..trie.len()).rev().filter_map(|node| u32::try_from(node).ok()) {
        if let Some((parent, token)) = trie.last(node).filter(|_| is_read[node as usize]) {
            is_read[parent as usize] = true;
            is_seen[token as usize] = true;
        }
    }
    is_seen
}
