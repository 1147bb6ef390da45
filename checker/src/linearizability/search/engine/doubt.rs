//! Why a search did not decide.

use super::{Answer, Search};
use crate::{Doubt, Value};

impl Search {
    /// Why the search did not decide, if it did not.
    pub(crate) fn doubt(&self, key: Option<&Value>) -> Option<Doubt> {
        match self.answer {
            Answer::Linearizable(_) | Answer::Violation { .. } => None,
            Answer::Spent => Some(Doubt::BudgetSpent {
                key: key.cloned(),
                configurations: self.configurations,
                bytes: self.bytes,
                proved_events: self.proved_events,
                events: self.events,
                why: None,
            }),
            Answer::Stopped => Some(Doubt::Stopped {
                key: key.cloned(),
                proved_events: self.proved_events,
                events: self.events,
            }),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU32, Ordering};

    use crate::linearizability::{Judgement, check_calls};
    use crate::model::{Counter, CounterOp, CounterRet};
    use crate::{Budget, Call, Doubt, OpIndex, Position, Stop};

    #[test]
    fn a_search_that_is_stopped_says_what_was_proved_until_then() {
        let add = |index: u32, amount, invoked, completed| {
            let (op, ret) = (CounterOp::Add(amount), CounterRet::Added);
            Call::returned(OpIndex(index), op, ret, Position(invoked), Position(completed))
        };
        // Five additions, one after the other; and then many at once, and a sum that is none.
        let mut calls: Vec<_> = (0..5).map(|at| add(at, 1, 2 * at, 2 * at + 1)).collect();
        calls.extend((0..24).map(|at| add(5 + at, 3 << at, 10 + at, 100 + at)));
        let (op, ret) = (CounterOp::Read, CounterRet::Sum(7));
        calls.push(Call::returned(OpIndex(29), op, ret, Position(40), Position(50)));
        let asked = AtomicU32::new(0);
        let stop = Stop::when(move || asked.fetch_add(1, Ordering::Relaxed) >= 1);
        let budget = Budget { stop: Some(stop), ..Budget::default() };
        let judgement = check_calls(&Counter, &calls, &budget);
        let Judgement::Unknown(doubt) = judgement else { panic!("{judgement:?}") };
        let told = doubt.to_string();
        let Doubt::Stopped { key: None, proved_events, events } = doubt else { panic!("{told}") };
        assert_eq!((proved_events, events), (35, 60), "{told}");
        assert_eq!(told, "stopped on request; 35 of 60 events are proved consistent");
    }
}
