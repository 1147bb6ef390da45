//! Breaches of PRAM, of the forms of causal consistency and of sequential consistency.

use super::OperationNames;
use super::argument::{Argument, Precedence, Precedences, class_of};
use crate::weak::{Sessions, Source};
use crate::{AnomalyClass, Consistency};

/// The contradiction in what `small` does, if one is found that follows step by step.
pub(super) fn argue(
    model: Consistency,
    small: &Sessions,
    names: &OperationNames,
) -> Option<Argument> {
    let of_session = |session| {
        let scope = OrderScope { model, session };
        ForcedOrder::new(scope, small, names).contradiction()
    };
    match model {
        Consistency::Pram | Consistency::CausalMemory => {
            (0..small.count()).find_map(|session| of_session(Some(session)))
        }
        _ => of_session(None),
    }
}

/// Whose reads count.
#[derive(Clone, Copy)]
struct OrderScope {
    model: Consistency,
    /// The session for which there is to be an order; none if it is one for all.
    session: Option<usize>,
}

struct ForcedOrder<'a> {
    scope: OrderScope,
    small: &'a Sessions,
    names: &'a OperationNames,
    order: Precedences,
}

impl<'a> ForcedOrder<'a> {
    fn new(scope: OrderScope, small: &'a Sessions, names: &'a OperationNames) -> Self {
        let mut it = Self { scope, small, names, order: Precedences::default() };
        for session in 0..small.count() {
            let first = small.ops(session).start;
            let trunk = small.trunk(session).map(|trunk| (trunk, first));
            let pairs = small.ops(session).skip(1).map(|other| (other - 1, other));
            for (one, other) in trunk.into_iter().chain(pairs) {
                it.add(one, other, format!("{} invoked them in that order", names.who(one)));
            }
        }
        for read in 0..small.len() {
            let is_own = |session| small.session(read) == session;
            let counts = scope.model != Consistency::Pram || scope.session.is_none_or(is_own);
            if let Some(write) = small.write_read(read).filter(|_| counts) {
                let because = format!("{} returned what {} wrote", names.of(read), names.of(write));
                it.add(write, read, because);
            }
        }
        it
    }

    fn add(&mut self, one: u32, other: u32, because: String) {
        let premises = Vec::new();
        self.order.known.push(Precedence { one, other, because, premises, is_forced: false });
    }

    fn contradiction(mut self) -> Option<Argument> {
        let base = self.order.known.len();
        if let Some(circle) = self.circle(base) {
            return Some(self.told(&circle, AnomalyClass::CyclicCo));
        }
        // What a read forces rests on causality alone, unless there is one order for a session.
        let is_once =
            matches!(self.scope.model, Consistency::Causal | Consistency::CausalConvergence);
        loop {
            let known = self.order.known.len();
            let until = if is_once { base } else { known };
            for (read, source) in self.reads() {
                if self.scope.model == Consistency::Sequential {
                    self.force_overwritten(read, source, until);
                }
                for write in self.rivals(read, source) {
                    let Some(path) = self.order.path((write, read), until, |_| true) else {
                        continue;
                    };
                    let Source::Write(seen) = source else {
                        return Some(self.initial(write, read, &path));
                    };
                    if !self.order.has(write, seen) {
                        self.force(write, seen, read, path);
                    }
                }
            }
            if let Some(circle) = self.circle(self.order.known.len()) {
                let forced = circle.iter().filter(|&&it| self.order.known[it].is_forced);
                let is_plain = |&it: &usize| {
                    self.order.known[it].premises.iter().all(|&it| !self.order.known[it].is_forced)
                };
                let is_co_read = forced.clone().count() == 1 && forced.clone().all(is_plain);
                let class =
                    if is_co_read { AnomalyClass::WriteCoRead } else { class_of(self.scope.model) };
                return Some(self.told(&circle, class));
            }
            if self.order.known.len() == known || is_once {
                return None;
            }
        }
    }

    /// The reads that the order must explain.
    fn reads(&self) -> Vec<(u32, Source)> {
        let is_own =
            |op: u32| self.scope.session.is_none_or(|session| self.small.session(op) == session);
        let own = (0..self.small.len()).filter(|&op| is_own(op));
        own.filter_map(|op| Some((op, self.small.source(op)?))).collect()
    }

    /// The other writes to the key of `read`, except the one it returned.
    fn rivals(&self, read: u32, source: Source) -> Vec<u32> {
        let is_rival = |&op: &u32| {
            self.small.is_write(op)
                && op != read
                && self.small.key(op) == self.small.key(read)
                && source != Source::Write(op)
        };
        (0..self.small.len()).filter(is_rival).collect()
    }

    fn force(&mut self, write: u32, seen: u32, read: u32, premises: Vec<usize>) {
        let (w, s, r) = (self.names.of(write), self.names.of(seen), self.names.of(read));
        let because = format!("{w} comes before {r}, which returned {s} of the same key");
        self.order.known.push(Precedence {
            one: write,
            other: seen,
            because,
            premises,
            is_forced: true,
        });
    }

    /// A read comes before what overwrote what it returned.
    fn force_overwritten(&mut self, read: u32, source: Source, until: usize) {
        for write in self.rivals(read, source) {
            let (w, r) = (self.names.of(write), self.names.of(read));
            let (premises, because) = match source {
                Source::Initial => (
                    Vec::new(),
                    format!("{r} returned the initial value of the key that {w} wrote"),
                ),
                Source::Write(seen) => {
                    let Some(path) = self.order.path((seen, write), until, |_| true) else {
                        continue;
                    };
                    let s = self.names.of(seen);
                    (path, format!("{r} returned {s}, and {w} comes after that"))
                }
            };
            if !self.order.has(read, write) {
                let (one, other) = (read, write);
                self.order.known.push(Precedence {
                    one,
                    other,
                    because,
                    premises,
                    is_forced: true,
                });
            }
        }
    }

    /// The shortest circle over the first `until` that are known.
    fn circle(&self, until: usize) -> Option<Vec<usize>> {
        let may_force = |it: &Precedence, first: &Precedence| {
            !(it.is_forced && first.is_forced && self.scope.model == Consistency::Causal)
        };
        let from = |number: usize| {
            let first = &self.order.known[number];
            let ends = (first.other, first.one);
            let mut path = self.order.path(ends, until, |it| may_force(it, first))?;
            path.insert(0, number);
            Some(path)
        };
        // A circle with something forced in it is looked for from that on.
        let is_start = |number: &usize| {
            self.order.known[*number].is_forced
                || !self.order.known[..until].iter().any(|it| it.is_forced)
        };
        (0..until).filter(is_start).filter_map(from).min_by_key(Vec::len)
    }

    fn initial(&self, write: u32, read: u32, path: &[usize]) -> Argument {
        let (w, r) = (self.names.of(write), self.names.of(read));
        let is_forced = path.iter().any(|&it| self.order.known[it].is_forced);
        let class = match self.scope.model {
            Consistency::Pram | Consistency::Sequential => class_of(self.scope.model),
            _ if is_forced => AnomalyClass::WriteHbInitRead,
            _ => AnomalyClass::WriteCoInitRead,
        };
        let summary =
            format!("{w} comes before {r}, which returned the initial value of the same key");
        Argument { class, summary, steps: self.steps(path) }
    }

    fn told(&self, circle: &[usize], class: AnomalyClass) -> Argument {
        let class = match self.scope.model {
            Consistency::Pram | Consistency::Sequential => class_of(self.scope.model),
            _ => class,
        };
        let names = circle.iter().map(|&it| self.names.of(self.order.known[it].one));
        let mut names: Vec<&str> = names.collect();
        names.extend(names.first().copied());
        let summary = format!("{}: a cycle", names.join(" before "));
        Argument { class, summary, steps: self.steps(circle) }
    }

    fn steps(&self, numbers: &[usize]) -> Vec<(String, Vec<u32>)> {
        self.order.told(numbers, |op| self.names.of(op).to_owned())
    }
}
