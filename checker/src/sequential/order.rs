//! What precedes what in every order of all operations.

use crate::Budget;
use crate::weak::{
    Circle, Clocks, Forced, Latest, NoClocks, Readers, Reads, Sessions, Source, Wiring, Writers,
    last_of_each,
};

/// What is the same in each round, and for the search that follows.
#[derive(Clone, Copy, Debug)]
pub(super) struct Registers<'a> {
    pub(super) sessions: &'a Sessions,
    pub(super) session_of: &'a [u32],
    pub(super) writers: &'a Writers,
    pub(super) readers: &'a Readers,
}

/// What precedes what, as far as it was followed.
pub(super) struct ForcedOrder<'a> {
    pub(super) wiring: Wiring,
    pub(super) clocks: Clocks<'a>,
}

impl ForcedOrder<'_> {
    /// Bytes that it takes.
    pub(super) fn bytes(&self) -> u64 {
        self.clocks.bytes() + bytes_of(&self.wiring)
    }
}

/// Bytes of what is forced.
fn bytes_of(wiring: &Wiring) -> u64 {
    wiring.forced.len() as u64 * size_of::<Forced>() as u64
}

/// Why there is no such order.
pub(super) enum NoForcedOrder {
    /// Operations precede each other.
    Circle(Circle, Wiring),
    /// The clocks and what is forced take more bytes than the budget has.
    OutOfBytes,
    /// It was asked to stop.
    Stopped,
}

/// Operations that a round visits for one configuration of the budget.
const OPERATIONS_A_STEP: u64 = 64;

impl<'a> Registers<'a> {
    /// Follows what is forced until nothing more is, or half of the configurations are spent: the rest
    /// is left to the search. Adds what it takes to `spent`.
    pub(super) fn saturate(
        &self,
        budget: &Budget,
        spent: &mut u64,
    ) -> Result<ForcedOrder<'a>, NoForcedOrder> {
        let mut wiring = Wiring::new(Reads::All);
        wiring.forced = self.initial();
        wiring.forced.sort_unstable();
        for round in 1.. {
            let Some(left) = budget.bytes.checked_sub(bytes_of(&wiring)) else {
                return Err(NoForcedOrder::OutOfBytes);
            };
            let clocks = match Clocks::new(self.sessions, self.session_of, &wiring, left) {
                Ok(clocks) => clocks,
                Err(NoClocks::TooLarge) => return Err(NoForcedOrder::OutOfBytes),
                Err(NoClocks::Circle(circle)) => return Err(NoForcedOrder::Circle(circle, wiring)),
            };
            if budget.is_stopped() {
                return Err(NoForcedOrder::Stopped);
            }
            let forced = self.forced(&clocks, round);
            *spent = spent.saturating_add(u64::from(self.sessions.len()) / OPERATIONS_A_STEP + 1);
            if forced.is_empty() || *spent > budget.configurations / 2 {
                return Ok(ForcedOrder { wiring, clocks });
            }
            drop(clocks);
            wiring.forced.extend(forced);
            wiring.forced.sort_unstable();
            wiring.forced.dedup_by_key(|it| (it.later, it.earlier));
        }
        unreachable!("there are fewer rounds than pairs of operations")
    }

    /// Reads of an initial value come before all writes to their key.
    fn initial(&self) -> Vec<Forced> {
        let mut forced = Vec::new();
        for key in 0..self.sessions.keys() {
            for read in last_of_each(self.readers.of_initial(key), self.session_of) {
                for run in self.writers.runs(key) {
                    let Some(&later) = self.writers.writes(run).first() else { continue };
                    // What an update itself writes comes after what it reads, in its one step.
                    if later != read {
                        forced.push(Forced { later, earlier: read, read, round: 0 });
                    }
                }
            }
        }
        forced
    }

    /// What follows from `clocks`, and they do not know.
    fn forced(&self, clocks: &Clocks<'_>, round: u32) -> Vec<Forced> {
        let mut forced = Vec::new();
        let mut latest = Latest::new(self.writers);
        for session in 0..self.sessions.count() {
            latest.restart();
            self.before_what_was_read(session, &mut latest, clocks, |later, earlier, read| {
                forced.push(Forced { later, earlier, read, round });
            });
            latest.restart();
            self.before_what_overwrote(session, &mut latest, clocks, |later, read| {
                forced.push(Forced { later, earlier: read, read, round });
            });
        }
        forced
    }

    /// A write that precedes a read of `session` precedes what that returned.
    fn before_what_was_read(
        &self,
        session: usize,
        latest: &mut Latest<'_>,
        clocks: &Clocks<'_>,
        mut note: impl FnMut(u32, u32, u32),
    ) {
        for read in self.sessions.ops(session) {
            let Some(source @ Source::Write(later)) = self.sessions.source(read) else { continue };
            for run in self.writers.runs(self.sessions.key(read)) {
                let end = clocks.end(read, self.writers.session(run));
                let Some(earlier) = latest.news(run, end, source) else { continue };
                if earlier != later && !clocks.precedes(earlier, later) {
                    note(later, earlier, read);
                }
            }
        }
    }

    /// A read precedes each write of `session` that comes after what it returned.
    fn before_what_overwrote(
        &self,
        session: usize,
        latest: &mut Latest<'_>,
        clocks: &Clocks<'_>,
        mut note: impl FnMut(u32, u32),
    ) {
        for write in self.sessions.ops(session).filter(|&op| self.sessions.is_write(op)) {
            for run in self.writers.runs(self.sessions.key(write)) {
                let end = clocks.end(write, self.writers.session(run));
                let Some(before) = latest.news(run, end, Source::Initial) else { continue };
                for read in last_of_each(self.readers.of(before), self.session_of) {
                    if read != write && !clocks.precedes(read, write) {
                        note(write, read);
                    }
                }
            }
        }
    }
}
