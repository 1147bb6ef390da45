//! The weak consistency models by their definitions, with every order and every set tried.

use crate::Consistency;
use crate::weak::{Sessions, Source};

/// Whether a model holds for a few operations. Exponential in them.
pub(super) fn holds(model: Consistency, sessions: &Sessions) -> bool {
    let brute = Brute { sessions, session: sessions.session_of_each() };
    let all: Vec<u32> = brute.ops().collect();
    let is_own = |session: usize, op: u32| brute.session[op as usize] as usize == session;
    match model {
        Consistency::ReadYourWrites
        | Consistency::MonotonicReads
        | Consistency::MonotonicWrites
        | Consistency::WritesFollowReads => brute.has_sets(model),
        Consistency::Pram => (0..sessions.count()).all(|session| {
            let ops = all.iter().copied();
            let ops = ops.filter(|&op| is_own(session, op) || sessions.is_write(op)).collect();
            let mut order =
                Order { ops, before: &|a, b| brute.so(a, b), explains: &|op| is_own(session, op) };
            order.exists(&brute, &mut Vec::new())
        }),
        Consistency::Sequential => {
            let mut order = Order { ops: all, before: &|a, b| brute.so(a, b), explains: &|_| true };
            order.exists(&brute, &mut Vec::new())
        }
        Consistency::Causal | Consistency::CausalMemory => {
            let Some(past) = brute.pasts() else { return false };
            all.iter().all(|&last| {
                let mut ops = past[last as usize].clone();
                ops.push(last);
                let explains = |op: u32| match model {
                    Consistency::Causal => op == last,
                    _ => op == last || brute.so(op, last),
                };
                let before = |a: u32, b: u32| past[b as usize].contains(&a);
                Order { ops, before: &before, explains: &explains }.exists(&brute, &mut Vec::new())
            })
        }
        Consistency::CausalConvergence => {
            let Some(past) = brute.pasts() else { return false };
            let before = |a: u32, b: u32| past[b as usize].contains(&a);
            let mut found = false;
            orders(&all, &before, &mut Vec::new(), &mut |order| {
                found |=
                    all.iter().all(|&read| brute.returns_last(read, order, &past[read as usize]));
            });
            found
        }
        other => panic!("brute force judges no {other}"),
    }
}

struct Brute<'a> {
    sessions: &'a Sessions,
    session: Vec<u32>,
}

/// Operations to be put in order.
struct Order<'a> {
    ops: Vec<u32>,
    before: &'a dyn Fn(u32, u32) -> bool,
    /// Which reads must return the last write.
    explains: &'a dyn Fn(u32) -> bool,
}

impl Order<'_> {
    fn exists(&mut self, brute: &Brute<'_>, placed: &mut Vec<u32>) -> bool {
        if placed.len() == self.ops.len() {
            return true;
        }
        (0..self.ops.len()).any(|at| {
            let op = self.ops[at];
            let is_open = !placed.contains(&op)
                && self.ops.iter().all(|&it| placed.contains(&it) || !(self.before)(it, op));
            let is_right = !(self.explains)(op) || brute.returns_last(op, placed, placed);
            if !is_open || !is_right {
                return false;
            }
            placed.push(op);
            let exists = self.exists(brute, placed);
            placed.pop();
            exists
        })
    }
}

impl Brute<'_> {
    fn ops(&self) -> impl Iterator<Item = u32> + use<> {
        0..self.sessions.len()
    }

    fn so(&self, one: u32, other: u32) -> bool {
        let is_home = |it: u32| self.session[it as usize] == self.session[one as usize];
        let trunk = self.sessions.trunk(self.session[other as usize] as usize);
        is_home(other) && one < other || trunk.is_some_and(|it| is_home(it) && one <= it)
    }

    /// Whether `op` reads nothing, or returned the last write of `order` to its key among `visible`.
    fn returns_last(&self, op: u32, order: &[u32], visible: &[u32]) -> bool {
        let Some(source) = self.sessions.source(op) else { return true };
        let key = self.sessions.key(op);
        let is_to_key = |it: &&u32| {
            visible.contains(it) && self.sessions.is_write(**it) && self.sessions.key(**it) == key
        };
        let last = order.iter().rev().find(is_to_key);
        last.map_or(Source::Initial, |&write| Source::Write(write)) == source
    }

    /// What precedes each operation causally; nothing if some precede each other.
    fn pasts(&self) -> Option<Vec<Vec<u32>>> {
        let direct = |one: u32, other: u32| {
            self.so(one, other) || self.sessions.write_read(other) == Some(one)
        };
        let mut pasts: Vec<Vec<u32>> = Vec::new();
        for op in self.ops() {
            let mut past = Vec::new();
            let mut open = vec![op];
            while let Some(later) = open.pop() {
                for earlier in self.ops().filter(|&it| direct(it, later)) {
                    if !past.contains(&earlier) {
                        past.push(earlier);
                        open.push(earlier);
                    }
                }
            }
            if past.contains(&op) {
                return None;
            }
            pasts.push(past);
        }
        Some(pasts)
    }

    /// Tries every set of visible writes for every read.
    fn has_sets(&self, model: Consistency) -> bool {
        let reads: Vec<u32> = self.ops().filter(|&op| self.sessions.source(op).is_some()).collect();
        let writes: Vec<u32> = self.ops().filter(|&op| self.sessions.is_write(op)).collect();
        let sets = 1u32 << writes.len();
        let mut chosen = vec![0; reads.len()];
        loop {
            let is_visible = |write: u32, read: u32| {
                let write = writes.iter().position(|&it| it == write).expect("it is a write");
                let read = reads.iter().position(|&it| it == read).expect("it is a read");
                chosen[read] & 1 << write != 0
            };
            if self.obeys(model, &reads, &writes, &is_visible) {
                return true;
            }
            let Some(at) = chosen.iter().position(|&set| set + 1 < sets) else { return false };
            chosen[at] += 1;
            chosen[..at].fill(0);
        }
    }

    /// Whether these sets of visible writes are what `model` demands, and have orders.
    fn obeys(
        &self,
        model: Consistency,
        reads: &[u32],
        writes: &[u32],
        sees: &dyn Fn(u32, u32) -> bool,
    ) -> bool {
        let is_seen =
            |&read: &u32| self.sessions.write_read(read).is_none_or(|write| sees(write, read));
        if !reads.iter().all(is_seen) {
            return false;
        }
        let had_seen = |write: u32, later: u32| {
            // An update has seen what it returns when it writes.
            let is_known = |read: u32| read == later || self.so(read, later);
            reads.iter().any(|&read| is_known(read) && sees(write, read))
        };
        let obeys = |&read: &u32| {
            let until_now = || reads.iter().filter(|&&it| it == read || self.so(it, read));
            writes.iter().all(|&write| {
                let once_seen = |rule: &dyn Fn(u32) -> bool| {
                    until_now()
                        .any(|&it| writes.iter().any(|&later| sees(later, it) && rule(later)))
                };
                let must = match model {
                    Consistency::ReadYourWrites => self.so(write, read),
                    Consistency::MonotonicReads => until_now().any(|&it| sees(write, it)),
                    Consistency::MonotonicWrites => once_seen(&|later| self.so(write, later)),
                    _ => once_seen(&|later| had_seen(write, later)),
                };
                !must || sees(write, read)
            })
        };
        if !reads.iter().all(obeys) {
            return false;
        }
        let before = |one: u32, other: u32| match model {
            Consistency::MonotonicWrites => self.so(one, other),
            Consistency::WritesFollowReads => had_seen(one, other),
            _ => false,
        };
        let mut is_possible = false;
        orders(writes, &before, &mut Vec::new(), &mut |_| is_possible = true);
        is_possible && self.each_session_has_orders(reads, writes, sees, &before)
    }

    fn each_session_has_orders(
        &self,
        reads: &[u32],
        writes: &[u32],
        sees: &dyn Fn(u32, u32) -> bool,
        before: &dyn Fn(u32, u32) -> bool,
    ) -> bool {
        (0..self.sessions.count()).all(|session| {
            (0..self.sessions.keys()).all(|key| {
                let to_key = |ops: &[u32]| -> Vec<u32> {
                    ops.iter().copied().filter(|&op| self.sessions.key(op) == key).collect()
                };
                let (reads, writes) = (to_key(reads), to_key(writes));
                let is_own = |read: &&u32| self.session[**read as usize] as usize == session;
                let own: Vec<u32> = reads.iter().filter(is_own).copied().collect();
                let mut found = false;
                orders(&writes, before, &mut Vec::new(), &mut |order| {
                    found |= own.iter().all(|&read| {
                        let visible: Vec<u32> =
                            writes.iter().copied().filter(|&write| sees(write, read)).collect();
                        self.returns_last(read, order, &visible)
                    });
                });
                found
            })
        })
    }
}

/// Shows every order of `ops` that respects `before`.
fn orders(
    ops: &[u32],
    before: &dyn Fn(u32, u32) -> bool,
    placed: &mut Vec<u32>,
    show: &mut dyn FnMut(&[u32]),
) {
    if placed.len() == ops.len() {
        show(placed);
    }
    for &op in ops {
        let waits = ops.iter().any(|&it| !placed.contains(&it) && before(it, op));
        if !waits && !placed.contains(&op) {
            placed.push(op);
            orders(ops, before, placed, show);
            placed.pop();
        }
    }
}
