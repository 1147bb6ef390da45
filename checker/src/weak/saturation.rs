//! One order for one session: of what must precede its reads, and along which each of them returns the
//! last write to its key.
//!
//! Whatever writes to the key of a read and precedes it must precede the write that it returned, and
//! that may put other writes before other reads. The reads of one session are in order; so if that
//! comes to an end without a circle, an order exists. It takes what precedes the first read, then what
//! else precedes the second, and so on: all writes to the key of a read that precede it are known to
//! precede what it returned, which is therefore the last. (This is the argument of Bouajjani, Enea,
//! Guerraoui and Hamza, "On verifying causal consistency", POPL 2017, for causal memory. It uses of
//! causality only that it contains the order of each session and the reads at hand.)
//!
//! O(n k) a round. There are as many rounds as there are writes whose place follows from that of
//! others, and one more.

use super::path::Reasons;
use super::walk::{Forced, Wiring};
use super::{Clocks, Evidence, Latest, NoClocks, Reads, Sessions, Source, Writers};
use crate::Budget;
use crate::plant::{Bug, planted};

/// Whether there is one order for a session.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum OneOrder {
    /// There is.
    Exists,
    /// There is none, as these operations show.
    Impossible(Evidence),
    /// The vector clocks do not fit into the bytes of the budget.
    OutOfBytes,
    /// The rounds take more steps than the budget has.
    OutOfSteps,
}

/// What is the same for all sessions.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Saturation<'a> {
    pub(crate) sessions: &'a Sessions,
    pub(crate) session_of: &'a [u32],
    pub(crate) writers: &'a Writers,
    pub(crate) budget: &'a Budget,
}

/// Operations that a round visits for one configuration of the budget.
const OPERATIONS_A_STEP: u64 = 64;

impl Saturation<'_> {
    /// Whether there is one order for `session`, of what `reads` puts in order; adds what it takes to
    /// `spent`.
    pub(crate) fn one_order(&self, session: usize, reads: Reads, spent: &mut u64) -> OneOrder {
        let mut wiring = Wiring::new(reads);
        for round in 1.. {
            let cost = u64::from(self.sessions.len()) / OPERATIONS_A_STEP + 1;
            *spent = spent.saturating_add(cost);
            if *spent > self.budget.configurations || self.budget.is_stopped() {
                return OneOrder::OutOfSteps;
            }
            let (sessions, session_of) = (self.sessions, self.session_of);
            let reasons = Reasons { sessions, session_of, wiring: &wiring };
            match Clocks::new(sessions, session_of, &wiring, self.budget.bytes) {
                Err(NoClocks::TooLarge) => return OneOrder::OutOfBytes,
                Err(NoClocks::Circle(circle)) => {
                    return OneOrder::Impossible(reasons.of_circle(&circle));
                }
                Ok(clocks) => match self.forced(session, &clocks, round) {
                    Err((write, read)) => {
                        let path = reasons.path(write, read, round).expect("the clocks say so");
                        let mut ops = Evidence::from_iter(path.ops);
                        reasons.explain(path.forced, &mut ops);
                        return OneOrder::Impossible(ops);
                    }
                    Ok(forced) if forced.is_empty() => return OneOrder::Exists,
                    Ok(forced) => wiring.forced.extend(forced),
                },
            }
            wiring.forced.sort_unstable();
            if planted(Bug::OneOrderForgetRounds) {
                let clocks = Clocks::new(sessions, session_of, &wiring, self.budget.bytes);
                return if clocks.is_ok() { OneOrder::Exists } else { continue };
            }
        }
        unreachable!("there are fewer rounds than pairs of writes")
    }

    /// What the reads of `session` force that `clocks` do not know; or a write that precedes a read of
    /// the initial value, and that read.
    fn forced(
        &self,
        session: usize,
        clocks: &Clocks<'_>,
        round: u32,
    ) -> Result<Vec<Forced>, (u32, u32)> {
        let mut latest = Latest::new(self.writers);
        let mut forced = Vec::new();
        for read in self.sessions.ops(session) {
            let Some(source) = self.sessions.source(read) else { continue };
            for run in self.writers.runs(self.sessions.key(read)) {
                let end = clocks.end(read, self.writers.session(run));
                let Some(earlier) = latest.news(run, end, source) else { continue };
                match source {
                    Source::Initial => return Err((earlier, read)),
                    Source::Write(later) if earlier == later => {}
                    Source::Write(later) if clocks.precedes(earlier, later) => {}
                    Source::Write(later) => forced.push(Forced { later, earlier, read, round }),
                }
            }
        }
        Ok(forced)
    }
}
