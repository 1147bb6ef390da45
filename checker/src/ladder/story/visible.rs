//! Breaches of the four session guarantees.

use super::OperationNames;
use super::argument::{Argument, Precedence, Precedences, class_of};
use crate::Consistency;
use crate::weak::{Sessions, Source};

/// The contradiction in what `small` does, if one is found.
pub(super) fn argue(
    model: Consistency,
    small: &Sessions,
    names: &OperationNames,
) -> Option<Argument> {
    let session_of = small.session_of_each();
    let mut search = Visibility { model, small, session_of, names, sights: Vec::new() };
    search.see_all();
    if let Some(argument) = search.missed() {
        return Some(argument);
    }
    let all = search.follows(|_, _| true);
    if let Some(argument) = search.circle(&all, &[]) {
        return Some(argument);
    }
    (0..small.count()).find_map(|session| search.of_session(session))
}

/// That a write is visible to a read, and why.
struct Sight {
    write: u32,
    read: u32,
    because: String,
    premise: Option<usize>,
}

struct Visibility<'a> {
    model: Consistency,
    small: &'a Sessions,
    session_of: Vec<u32>,
    names: &'a OperationNames,
    sights: Vec<Sight>,
}

impl Visibility<'_> {
    fn ops(&self) -> impl Iterator<Item = u32> + use<> {
        0..self.small.len()
    }

    fn so(&self, one: u32, other: u32) -> bool {
        self.small.has_in_order(&self.session_of, one, other)
    }

    fn sight(&self, write: u32, read: u32) -> Option<usize> {
        self.sights.iter().position(|it| it.write == write && it.read == read)
    }

    /// Finds what is visible, round by round, so that reasons are short.
    fn see_all(&mut self) {
        for read in self.ops() {
            if let Some(write) = self.small.write_read(read) {
                let because = format!("{} returned its value", self.names.of(read));
                self.sights.push(Sight { write, read, because, premise: None });
            }
        }
        loop {
            let writes = || self.ops().filter(|&op| self.small.is_write(op));
            let reads = self.ops().filter(|&op| self.small.source(op).is_some());
            let pairs = reads.flat_map(|read| writes().map(move |write| (write, read)));
            let new = |(write, read): (u32, u32)| {
                if self.sight(write, read).is_some() {
                    return None;
                }
                let (because, premise) = self.reason(write, read)?;
                Some(Sight { write, read, because, premise })
            };
            let found: Vec<Sight> = pairs.filter_map(new).collect();
            if found.is_empty() {
                return;
            }
            self.sights.extend(found);
        }
    }

    /// Why `write` is visible to `read`, if what is known says so.
    fn reason(&self, write: u32, read: u32) -> Option<(String, Option<usize>)> {
        let name = |op| self.names.of(op);
        let who = self.names.who(write);
        if self.model == Consistency::ReadYourWrites {
            return self
                .so(write, read)
                .then(|| (format!("{who} wrote it earlier in the same session"), None));
        }
        let seen = |&number: &usize| {
            let it = &self.sights[number];
            it.read == read || self.so(it.read, read)
        };
        (0..self.sights.len()).filter(seen).find_map(|number| {
            let it = &self.sights[number];
            let (later, reader) = (it.write, name(it.read));
            let because = match self.model {
                Consistency::MonotonicReads if it.write == write => {
                    format!("{reader}, earlier in its session, saw it")
                }
                Consistency::MonotonicWrites if self.so(write, later) => {
                    format!("{reader} saw {}, which {who} wrote after it", name(later))
                }
                Consistency::WritesFollowReads => {
                    let had = self.had_seen(write, later)?;
                    let (had, writer) = (name(self.sights[had].read), self.names.who(later));
                    format!(
                        "{reader} saw {}, and {writer} had seen it (at {had}) before it wrote that",
                        name(later)
                    )
                }
                _ => return None,
            };
            Some((because, Some(number)))
        })
    }

    /// How the session of `later` had seen `write` before.
    fn had_seen(&self, write: u32, later: u32) -> Option<usize> {
        // An update has seen what it returned when it writes.
        let is_known = |read: u32| read == later || self.so(read, later);
        self.sights.iter().position(|it| it.write == write && is_known(it.read))
    }

    /// A read of the initial value to which a write is visible.
    fn missed(&self) -> Option<Argument> {
        let is_missed = |&number: &usize| {
            let Sight { write, read, .. } = self.sights[number];
            self.small.source(read) == Some(Source::Initial)
                && self.small.key(write) == self.small.key(read)
        };
        let number = (0..self.sights.len()).find(is_missed)?;
        let (w, r) = (self.sights[number].write, self.sights[number].read);
        let (w, r) = (self.names.of(w), self.names.of(r));
        let summary = format!("{w} is visible to {r}, which returned the initial value");
        Some(Argument { class: class_of(self.model), summary, steps: self.chain(number) })
    }

    /// A sight, and before it what it rests on.
    fn chain(&self, number: usize) -> Vec<(String, Vec<u32>)> {
        let mut steps = Vec::new();
        let mut next = Some(number);
        while let Some(number) = next {
            let Sight { write, read, because, premise } = &self.sights[number];
            let text = format!(
                "{} is visible to {}, because {because}",
                self.names.of(*write),
                self.names.of(*read)
            );
            steps.push((text, vec![*write, *read]));
            next = *premise;
        }
        steps.reverse();
        steps
    }

    /// The writes that come before others in every session's order.
    fn follows(&self, counts: impl Fn(u32, u32) -> bool) -> Precedences {
        let mut order = Precedences::default();
        let writes = || self.ops().filter(|&op| self.small.is_write(op));
        for (one, other) in writes().flat_map(|one| writes().map(move |other| (one, other))) {
            let because = match self.model {
                Consistency::MonotonicWrites if self.so(one, other) => {
                    Some(format!("{} wrote them in that order", self.names.who(one)))
                }
                Consistency::WritesFollowReads => self.had_seen(one, other).map(|had| {
                    let had = self.names.of(self.sights[had].read);
                    format!("{} had seen it (at {had})", self.names.who(other))
                }),
                _ => None,
            };
            if let Some(because) = because.filter(|_| counts(one, other)) {
                let premises = Vec::new();
                order.known.push(Precedence { one, other, because, premises, is_forced: false });
            }
        }
        order
    }

    /// What the reads of a session force.
    fn of_session(&self, session: usize) -> Option<Argument> {
        let same_key = |one, other| self.small.key(one) == self.small.key(other);
        let mut order = self.follows(same_key);
        let mut forced_by = Vec::new();
        for (number, sight) in self.sights.iter().enumerate() {
            let Some(seen) = self.small.write_read(sight.read) else { continue };
            let counts = self.small.session(sight.read) == session
                && sight.write != seen
                && same_key(sight.write, seen)
                && !order.has(sight.write, seen);
            if counts {
                let because = format!(
                    "it is visible to {}, which returned {}",
                    self.names.of(sight.read),
                    self.names.of(seen)
                );
                let (one, other) = (sight.write, seen);
                forced_by.push((order.known.len(), number));
                let premises = Vec::new();
                order.known.push(Precedence { one, other, because, premises, is_forced: true });
            }
        }
        self.circle(&order, &forced_by)
    }

    /// The shortest circle of an order, with what is forced in it explained.
    fn circle(&self, order: &Precedences, forced_by: &[(usize, usize)]) -> Option<Argument> {
        let from = |number: usize| {
            let first = &order.known[number];
            let mut path = order.path((first.other, first.one), order.known.len(), |_| true)?;
            path.insert(0, number);
            Some(path)
        };
        let circle = (0..order.known.len()).filter_map(from).min_by_key(Vec::len)?;
        let mut steps = Vec::new();
        for number in &circle {
            let sight = forced_by.iter().find(|(it, _)| it == number);
            for step in sight.map_or_else(Vec::new, |&(_, sight)| self.chain(sight)) {
                if !steps.contains(&step) {
                    steps.push(step);
                }
            }
        }
        steps.extend(order.told(&circle, |op| self.names.of(op).to_owned()));
        let mut names: Vec<&str> =
            circle.iter().map(|&it| self.names.of(order.known[it].one)).collect();
        names.extend(names.first().copied());
        let summary = format!("{}: a cycle", names.join(" before "));
        Some(Argument { class: class_of(self.model), summary, steps })
    }
}
