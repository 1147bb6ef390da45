//! PRAM consistency of registers, also called FIFO consistency.
//!
//! Lipton and Sandberg, "PRAM: a scalable shared memory", Princeton TR 180, 1988:
//!
//! > To each session there is one order of all writes and its own reads, in which the operations of
//! > every session are in their order, and each of its reads returns the last write to its key.
//!
//! It is read your writes, monotonic reads and monotonic writes with one order for all three. Values
//! that no key has twice make it polynomial: the reads of a session force writes before others until
//! nothing more follows or a circle does ([`crate::weak`]), which is exact. O(n) a round for each
//! session. A configuration of the budget is 64 operations passed in one round of one session.

use crate::weak::{
    Breach, CLOCKS, OneOrder, Reads, Reasons, Saturation, Sessions, WeakJudgement, Wiring, Writers,
};
use crate::{Budget, Consistency};

/// Judges [PRAM](Consistency::Pram).
pub fn check(sessions: &Sessions, budget: &Budget) -> WeakJudgement {
    let session_of = sessions.session_of_each();
    let writers = Writers::new(sessions, &session_of);
    let saturation = Saturation { sessions, session_of: &session_of, writers: &writers, budget };
    let mut spent = 0;
    let mut found = WeakJudgement::Holds;
    for session in 0..sessions.count() {
        match saturation.one_order(session, Reads::Of(session), &mut spent) {
            OneOrder::Exists => {}
            OneOrder::Impossible(evidence) => {
                let wiring = Wiring::new(Reads::All);
                let reasons = Reasons { sessions, session_of: &session_of, wiring: &wiring };
                return WeakJudgement::Broken(Breach::new(&reasons, Consistency::Pram, evidence));
            }
            OneOrder::OutOfBytes => found = WeakJudgement::out_of_bytes(CLOCKS, budget),
            OneOrder::OutOfSteps => found = WeakJudgement::out_of_steps(budget),
        }
    }
    found
}
