//! Whether few transactions can have taken effect at instants that a model allows.
//!
//! Serializability and its kin: each takes effect at one instant. Snapshot isolation and its kin: each sees what
//! was committed at its start, and what it writes is there from its commit on; of two that write a key, one
//! commits before the other starts (Berenson et al., "A critique of ANSI SQL isolation levels", SIGMOD 1995). A
//! read of a version says of each other version of its key that it was overwritten before or came after. That is
//! an order, and pairs of orders of which one holds: what follows is taken until nothing more does, then one of a
//! pair is tried, and the other one if that fails. Exponential in the pairs that are left open, which the steps
//! limit.

use super::demand::{Demand, DemandKind};
use super::partial_order::{OrderMark, PartialOrder};
use super::rank::versions_of_keys;
use super::table::RegisterTable;
use super::trials::Tried;
use crate::plant::{Bug, planted};
use crate::transactions::judge::Form;

/// Steps of the first search.
const STEPS_FIRST: u64 = 100_000;

/// One instant before another one.
type Before = (u32, u32);

/// Two orders of which one holds; the likely one is the first.
#[derive(Clone, Copy, Debug)]
struct Either {
    one: Before,
    other: Before,
    /// How likely the first one is: how far apart those that wrote the versions usually are.
    gap: u32,
}

/// The instants of transactions.
pub(super) struct Instants<'a> {
    table: &'a RegisterTable,
    /// How many a transaction has: one, or a start and a commit.
    each: u32,
    places: &'a [u32],
    order: PartialOrder,
    /// The first `open` of them are looked at: for the others one of the two holds.
    eithers: Vec<Either>,
    open: usize,
    /// For each transaction how often a pair of orders with it could not hold.
    weights: Vec<u32>,
    /// Whether what holds anyway is an order.
    is_sound: bool,
    steps: u64,
}

/// A pair of orders of which the first was tried, and what was known before.
struct Choice {
    mark: OrderMark,
    open: usize,
    either: Either,
}

impl<'a> Instants<'a> {
    /// Those of a model that knows instants; nothing of one that does not. What is like `places` is likely.
    pub(super) fn of(table: &'a RegisterTable, demand: &Demand, places: &'a [u32]) -> Option<Self> {
        let each = match demand.kind {
            _ if !demand.has_instants() => return None,
            DemandKind::MissedApart => 2,
            DemandKind::OfEdges(_) | DemandKind::MissedOnce => 1,
        };
        let order = PartialOrder::new(table.txns.len() * each as usize);
        let (eithers, open, is_sound, steps) = (Vec::new(), 0, true, 0);
        let weights = vec![0; table.txns.len()];
        let mut it = Self { table, each, places, order, eithers, open, weights, is_sound, steps };
        it.order_within(demand.form);
        it.order_by_reads();
        it.open = it.eithers.len();
        Some(it)
    }

    fn start(&self, txn: u32) -> u32 {
        txn * self.each
    }

    fn commit(&self, txn: u32) -> u32 {
        txn * self.each + self.each - 1
    }

    fn surely(&mut self, before: Before) {
        self.is_sound &= self.order.add(before);
    }

    /// Has one come before another, while searching: steps for all transactions, of which some then come before more.
    fn put(&mut self, before: Before) -> bool {
        self.steps += self.table.txns.len() as u64 / 16 + 1;
        self.order.add(before)
    }

    /// One of these two orders holds.
    fn either(&mut self, one: Before, other: Before) {
        let place = |instant: u32| self.places[(instant / self.each) as usize];
        let gap = place(one.0).abs_diff(place(one.1));
        let is_likely = place(one.0) < place(one.1);
        let (one, other) = if is_likely { (one, other) } else { (other, one) };
        self.eithers.push(Either { one, other, gap });
    }

    /// What a process or time says.
    fn order_within(&mut self, form: Form) {
        let txns: Vec<u32> = (0u32..).take(self.table.txns.len()).collect();
        let counts = |txn: &&u32| self.table.counts[**txn as usize];
        let mut sure = Vec::new();
        // From the last one back, so that most follow from those that are known.
        for &one in txns.iter().rev().filter(counts) {
            for &other in txns.iter().filter(counts) {
                let [before, after] = [one, other].map(|it| &self.table.txns[it as usize]);
                let is_earlier = before.completed.is_some_and(|end| end < after.invoked);
                let is_ordered = match form {
                    Form::Plain => false,
                    Form::Process => is_earlier && before.process == after.process,
                    Form::Realtime => is_earlier,
                };
                if is_ordered {
                    sure.push((self.commit(one), self.start(other)));
                }
            }
            if self.each == 2 {
                sure.push((self.start(one), self.commit(one)));
            }
        }
        for before in sure {
            self.surely(before);
        }
    }

    fn order_by_reads(&mut self) {
        let versions = versions_of_keys(self.table);
        let reads: Vec<_> = self.table.outside_reads().collect();
        for read in reads {
            let source = read.seen.map(|(_, writer)| writer);
            if let Some(writer) = source {
                self.surely((self.commit(writer), self.start(read.txn)));
            }
            for &(_, other) in &versions[read.key as usize] {
                if other == read.txn || Some(other) == source {
                    continue;
                }
                let missed = (self.start(read.txn), self.commit(other));
                match source {
                    None => self.surely(missed),
                    Some(writer) => self.either((self.commit(other), self.commit(writer)), missed),
                }
            }
        }
        if self.each == 2 {
            for versions in &versions {
                for (at, &(_, one)) in versions.iter().enumerate() {
                    for &(_, other) in &versions[at + 1..] {
                        let turn = |a, b| (self.commit(a), self.start(b));
                        self.either(turn(one, other), turn(other, one));
                    }
                }
            }
        }
    }

    /// What was done: pairs of orders that were looked at.
    pub(super) fn steps(&self) -> u64 {
        self.steps
    }

    /// Looks for an order of the instants. What takes long is begun again, with what could not hold first: each time
    /// with twice the steps (Boussemart et al., "Boosting systematic search by weighting constraints", ECAI 2004).
    pub(super) fn try_all(&mut self, steps_max: u64) -> Tried {
        let (mark, open) = (self.order.mark(), self.open);
        let mut granted = STEPS_FIRST;
        loop {
            let limit = self.steps.saturating_add(granted).min(steps_max);
            match self.try_until(limit) {
                Tried::Spent if limit < steps_max => {
                    self.order.take_back(mark);
                    self.open = open;
                    granted = granted.saturating_mul(2);
                }
                tried => return tried,
            }
        }
    }

    fn try_until(&mut self, steps_max: u64) -> Tried {
        let mut choices: Vec<Choice> = Vec::new();
        let mut is_sound = self.is_sound;
        loop {
            is_sound = is_sound && self.follow();
            if self.steps > steps_max {
                return Tried::Spent;
            }
            if is_sound {
                let Some(either) = self.next() else { return Tried::Found(self.pairs()) };
                choices.push(Choice { mark: self.order.mark(), open: self.open, either });
                is_sound = self.put(either.one);
                continue;
            }
            let Some(Choice { mark, open, either }) = choices.pop() else { return Tried::None };
            if planted(Bug::RegistersTryOne) {
                return Tried::None;
            }
            // The first does not hold, and so the other way round does.
            self.order.take_back(mark);
            self.open = open;
            let (one, other) = either.one;
            is_sound = self.put((other, one)) && self.put(either.other);
        }
    }

    /// What is tried next: that of which the first is most likely. What is close to each other follows from that, or
    /// is tried last.
    fn next(&self) -> Option<Either> {
        let weight = |(one, other): Before| {
            [one, other].map(|it| self.weights[(it / self.each) as usize]).iter().sum::<u32>()
        };
        let likely = |it: &&Either| (weight(it.one), it.gap, std::cmp::Reverse(it.one));
        self.eithers[..self.open].iter().max_by_key(likely).copied()
    }

    /// Takes what follows: where one of two cannot hold, the other does. `false` if neither can.
    fn follow(&mut self) -> bool {
        let mut goes_on = true;
        while goes_on {
            goes_on = false;
            let mut at = 0;
            while at < self.open {
                self.steps += 1;
                let it = self.eithers[at];
                if !self.order.is(it.one) && !self.order.is(it.other) {
                    let cannot = |(one, other)| one == other || self.order.is((other, one));
                    let follows = match (cannot(it.one), cannot(it.other)) {
                        (true, true) => return self.cannot_hold(it),
                        (true, false) if planted(Bug::RegistersTryOne) => return false,
                        (true, false) => it.other,
                        (false, true) => it.one,
                        (false, false) => {
                            at += 1;
                            continue;
                        }
                    };
                    goes_on = true;
                    if !self.put(follows) {
                        return self.cannot_hold(it);
                    }
                }
                // One of the two holds, and so it is looked at no more.
                self.open -= 1;
                self.eithers.swap(at, self.open);
            }
        }
        true
    }

    /// Takes note that neither of two orders can hold.
    fn cannot_hold(&mut self, it: Either) -> bool {
        for instant in [it.one.0, it.one.1, it.other.0, it.other.1] {
            self.weights[(instant / self.each) as usize] += 1;
        }
        false
    }

    /// The versions of each key in the order of the commits: one that comes before another has more after it.
    fn pairs(&self) -> Vec<(u32, u32)> {
        let mut pairs = Vec::new();
        for mut versions in versions_of_keys(self.table) {
            versions.sort_by_key(|&(_, writer)| {
                let after = self.order.count_after(self.commit(writer));
                (std::cmp::Reverse(after), self.places[writer as usize])
            });
            pairs.extend(versions.windows(2).map(|pair| (pair[0].1, pair[1].1)));
        }
        pairs
    }
}
