//! Causal memory, session by session.

use super::check::check as check_causality;
use crate::weak::{
    Breach, CLOCKS, OneOrder, Reads, Reasons, Saturation, Sessions, WeakJudgement, Wiring, Writers,
};
use crate::{Budget, Consistency};

/// Judges [causal memory](Consistency::CausalMemory). A configuration of the budget is 64 operations
/// passed in one round of one session. O(n k) a round.
pub fn check(sessions: &Sessions, budget: &Budget) -> WeakJudgement {
    let model = Consistency::CausalMemory;
    let session_of = sessions.session_of_each();
    let wiring = Wiring::new(Reads::All);
    let reasons = Reasons { sessions, session_of: &session_of, wiring: &wiring };
    let [causal, _] = check_causality(sessions, budget);
    match causal {
        WeakJudgement::Broken(breach) => {
            let evidence = breach.ops.into_iter().collect();
            return WeakJudgement::Broken(Breach::new(&reasons, model, evidence));
        }
        WeakJudgement::Undecided(reason) => return WeakJudgement::Undecided(reason),
        WeakJudgement::Holds => {}
    }
    let writers = Writers::new(sessions, &session_of);
    let saturation = Saturation { sessions, session_of: &session_of, writers: &writers, budget };
    let mut spent = 0;
    let mut found = WeakJudgement::Holds;
    for session in 0..sessions.count() {
        match saturation.one_order(session, Reads::All, &mut spent) {
            OneOrder::Exists => {}
            OneOrder::Impossible(evidence) => {
                return WeakJudgement::Broken(Breach::new(&reasons, model, evidence));
            }
            OneOrder::OutOfBytes => found = WeakJudgement::out_of_bytes(CLOCKS, budget),
            OneOrder::OutOfSteps => found = WeakJudgement::out_of_steps(budget),
        }
    }
    found
}
