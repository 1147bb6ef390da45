//! Whether a few operations of sessions violate a weak consistency model.
//!
//! It follows the definitions with relations as tables of bits, in O(n^3) steps and more: meant for
//! witnesses. Sequential consistency is searched for, in exponential time.

use std::collections::BTreeSet;

use super::{Sessions, Source};
use crate::Consistency;

/// States after which a search for an order gives up.
const STATES_MAX: usize = 100_000;

/// A relation on operations.
#[derive(Clone, PartialEq, Eq)]
struct Relation {
    size: usize,
    rows: Vec<Vec<u64>>,
}

impl Relation {
    fn new(size: usize) -> Self {
        Self { size, rows: vec![vec![0; size.div_ceil(64)]; size] }
    }

    fn has(&self, one: u32, other: u32) -> bool {
        self.rows[one as usize][other as usize / 64] & 1 << (other % 64) != 0
    }

    fn add(&mut self, one: u32, other: u32) {
        self.rows[one as usize][other as usize / 64] |= 1 << (other % 64);
    }

    /// What follows from what follows is added.
    fn close(&mut self) {
        for middle in 0..self.size {
            let after = self.rows[middle].clone();
            for row in &mut self.rows {
                if row[middle / 64] & 1 << (middle % 64) != 0 {
                    row.iter_mut().zip(&after).for_each(|(mine, theirs)| *mine |= theirs);
                }
            }
        }
    }

    /// Whether something comes before itself.
    fn is_circular(&self) -> bool {
        let mut closed = self.clone();
        closed.close();
        (0u32..).zip(0..self.size).any(|(op, _)| closed.has(op, op))
    }
}

/// Whether `sessions` violates `model`; nothing if that takes too many steps to tell, or if `model` is
/// none that is defined for the sessions of registers: sequential consistency and what it implies are.
pub fn violates(model: Consistency, sessions: &Sessions) -> Option<bool> {
    let definition = Definition { sessions, session: sessions.session_of_each() };
    Some(match model {
        Consistency::ReadYourWrites
        | Consistency::MonotonicReads
        | Consistency::MonotonicWrites
        | Consistency::WritesFollowReads => definition.breaks_guarantee(model),
        Consistency::Pram => {
            (0..sessions.count()).any(|it| definition.breaks_one_order(it, definition.seen_by(it)))
        }
        Consistency::Causal => definition.breaks_causality(),
        Consistency::CausalMemory => {
            definition.causality().is_circular()
                || (0..sessions.count())
                    .any(|it| definition.breaks_one_order(it, definition.causality()))
        }
        Consistency::CausalConvergence => definition.breaks_convergence(),
        Consistency::Sequential => !definition.has_one_order()?,
        _ => return None, // It does not speak of the sessions of registers alone.
    })
}

struct Definition<'a> {
    sessions: &'a Sessions,
    session: Vec<u32>,
}

impl Definition<'_> {
    fn ops(&self) -> impl Iterator<Item = u32> + use<> {
        0..self.sessions.len()
    }

    /// Whether `one` comes before `other` in one session, or in that from which it branched off.
    fn so(&self, one: u32, other: u32) -> bool {
        self.sessions.has_in_order(&self.session, one, other)
    }

    /// The writes to the key of `op`.
    fn writes_to_key_of(&self, op: u32) -> impl Iterator<Item = u32> {
        let key = self.sessions.key(op);
        self.ops().filter(move |&it| self.sessions.is_write(it) && self.sessions.key(it) == key)
    }

    fn source(&self, op: u32) -> Option<Source> {
        self.sessions.source(op)
    }

    /// Whether what `read` returned was known when `write` was written: an update reads, then writes.
    fn is_known_at(&self, read: u32, write: u32) -> bool {
        read == write || self.so(read, write)
    }

    /// Session order, and from each write to the reads of it by those sessions that `sees` allows.
    fn order(&self, sees: impl Fn(u32) -> bool) -> Relation {
        let mut order = Relation::new(self.session.len());
        for one in self.ops() {
            if let Some(Source::Write(write)) = self.source(one)
                && sees(one)
            {
                order.add(write, one);
            }
            for other in self.ops().filter(|&other| self.so(one, other)) {
                order.add(one, other);
            }
        }
        order.close();
        order
    }

    fn causality(&self) -> Relation {
        self.order(|_| true)
    }

    fn seen_by(&self, session: usize) -> Relation {
        self.order(|op| self.session[op as usize] as usize == session)
    }

    /// No order of what precedes a read has it return what it did.
    fn breaks_causality(&self) -> bool {
        let co = self.causality();
        let is_wrong = |read: u32, source: Source| {
            self.writes_to_key_of(read).any(|write| {
                co.has(write, read)
                    && match source {
                        Source::Initial => true,
                        Source::Write(seen) => write != seen && co.has(seen, write),
                    }
            })
        };
        co.is_circular()
            || self.ops().any(|op| self.source(op).is_some_and(|source| is_wrong(op, source)))
    }

    /// No one order of the writes has each read return the last of those that precede it causally.
    fn breaks_convergence(&self) -> bool {
        let co = self.causality();
        let mut order = co.clone();
        let missed = self.ops().any(|read| self.put_in_order(read, &co, &mut order));
        missed || order.is_circular()
    }

    /// No one order, in which `before` holds, has each read of `session` return the last write.
    fn breaks_one_order(&self, session: usize, before: Relation) -> bool {
        let mut order = before;
        loop {
            let known = order.clone();
            for read in self.ops().filter(|&op| self.session[op as usize] as usize == session) {
                if self.put_in_order(read, &known, &mut order) {
                    return true;
                }
            }
            order.close();
            if order == known {
                return order.is_circular();
            }
        }
    }

    /// Puts what precedes `read` before what it returned. Whether it returned the initial value all
    /// the same.
    fn put_in_order(&self, read: u32, before: &Relation, order: &mut Relation) -> bool {
        let Some(source) = self.source(read) else { return false };
        for write in self.writes_to_key_of(read).filter(|&write| before.has(write, read)) {
            match source {
                Source::Initial => return true,
                Source::Write(seen) if seen != write => order.add(write, seen),
                Source::Write(_) => {}
            }
        }
        false
    }

    fn breaks_guarantee(&self, model: Consistency) -> bool {
        let visible = self.visible(model);
        let mut base = Relation::new(self.session.len());
        let mut follows = base.clone();
        for (one, other) in self.ops().flat_map(|one| self.ops().map(move |other| (one, other))) {
            let is_before = match model {
                Consistency::MonotonicWrites => self.so(one, other),
                Consistency::WritesFollowReads => self.ops().any(|read| {
                    self.source(read).is_some()
                        && visible.has(one, read)
                        && self.is_known_at(read, other)
                }),
                _ => false,
            };
            if is_before && self.sessions.is_write(one) && self.sessions.is_write(other) {
                follows.add(one, other);
                if self.sessions.key(one) == self.sessions.key(other) {
                    base.add(one, other);
                }
            }
        }
        let breaks = |session: usize| {
            let mut order = base.clone();
            let mut reads = self.sessions.ops(session);
            let missed = reads.any(|read| self.put_in_order(read, &visible, &mut order));
            missed || order.is_circular()
        };
        follows.is_circular() || (0..self.sessions.count()).any(breaks)
    }

    /// Which writes a guarantee makes visible to which reads.
    fn visible(&self, model: Consistency) -> Relation {
        let mut visible = Relation::new(self.session.len());
        let reads = || self.ops().filter(|&op| self.source(op).is_some());
        let writes = || self.ops().filter(|&op| self.sessions.is_write(op));
        for read in reads() {
            if let Some(Source::Write(write)) = self.source(read) {
                visible.add(write, read);
            }
        }
        loop {
            let known = visible.clone();
            for (write, read) in reads().flat_map(|read| writes().map(move |write| (write, read))) {
                let until = |&it: &u32| it == read || self.so(it, read);
                let is_visible = match model {
                    Consistency::ReadYourWrites => self.so(write, read),
                    Consistency::MonotonicReads => {
                        reads().filter(until).any(|it| known.has(write, it))
                    }
                    Consistency::MonotonicWrites => reads().filter(until).any(|it| {
                        writes().any(|later| known.has(later, it) && self.so(write, later))
                    }),
                    _ => reads().filter(until).any(|it| {
                        let had_seen = |later: u32| {
                            reads().any(|had| known.has(write, had) && self.is_known_at(had, later))
                        };
                        writes().any(|later| known.has(later, it) && had_seen(later))
                    }),
                };
                if is_visible {
                    visible.add(write, read);
                }
            }
            if visible == known {
                return visible;
            }
        }
    }

    /// Searches for one order of all operations, that of each session, along which each read returns
    /// the last write.
    fn has_one_order(&self) -> Option<bool> {
        let mut open = vec![(vec![0u32; self.sessions.count()], vec![None; self.sessions.keys()])];
        let mut tried = BTreeSet::new();
        while let Some((done, held)) = open.pop() {
            let is_left = |session: &usize| done[*session] < self.session_len(*session);
            if !(0..done.len()).any(|session| is_left(&session)) {
                return Some(true);
            }
            let next = |session: usize| self.sessions.ops(session).start + done[session];
            let is_next = |session: &usize| {
                let trunk = self.sessions.trunk(*session);
                let is_taken = |trunk: u32| trunk < next(self.session[trunk as usize] as usize);
                is_left(session) && trunk.is_none_or(is_taken)
            };
            if tried.len() > STATES_MAX {
                return None;
            }
            for session in (0..done.len()).filter(is_next) {
                let op = next(session);
                let mut held = held.clone();
                let here = &mut held[self.sessions.key(op)];
                match self.source(op) {
                    Some(Source::Initial) if here.is_some() => continue,
                    Some(Source::Write(seen)) if *here != Some(seen) => continue,
                    _ if self.sessions.is_write(op) => *here = Some(op),
                    _ => {}
                }
                let mut done = done.clone();
                done[session] += 1;
                if tried.insert((done.clone(), held.clone())) {
                    open.push((done, held));
                }
            }
        }
        Some(false)
    }

    fn session_len(&self, session: usize) -> u32 {
        let ops = self.sessions.ops(session);
        ops.end - ops.start
    }
}
