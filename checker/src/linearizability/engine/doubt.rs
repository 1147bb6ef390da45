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
            }),
            Answer::Stopped => Some(Doubt::Stopped { key: key.cloned() }),
        }
    }
}
