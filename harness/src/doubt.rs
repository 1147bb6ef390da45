//! Why a run is undecided: who caused it, what happened, and what to do.

use std::fmt;

use rashomon_checker::{Spent, Tally, vacuity_of};
use serde::{Deserialize, Serialize};

/// Who caused a doubt: the first question of its reader.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Whose {
    /// What is tested did it, or did not do it.
    Target,
    /// The run asked too little, or broke it itself.
    Harness,
    /// The machine, the operating system, or another user.
    Environment,
    /// Judging took more than it may.
    Budget,
}

impl Whose {
    /// The word in reports.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Target => "target",
            Self::Harness => "harness",
            Self::Environment => "environment",
            Self::Budget => "budget",
        }
    }

    /// Who caused that a checker could not decide.
    pub(crate) fn of_checker(doubt: &rashomon_checker::Doubt) -> Self {
        use rashomon_checker::Doubt as Of;
        match doubt {
            Of::BudgetSpent { .. } | Of::Unheld { .. } | Of::Unread { .. } | Of::Stopped { .. } => {
                Self::Budget
            }
            // Nothing, or nothing of some kind, took effect.
            Of::Vacuous { .. } => Self::Target,
            // The questions do not fit what was recorded.
            Of::Unsupported { .. } | Of::Unjudged { .. } => Self::Harness,
        }
    }
}

/// What the user's file does not say, whatever the verdict on it.
pub(crate) fn of_file(tally: &Tally) -> Option<Doubt> {
    let doubt = vacuity_of(tally)?;
    let asked_little = tally.operations == 0 || tally.by_f.values().all(|counts| counts.ok > 0);
    Some(if asked_little {
        let advice = "record a history of processes whose operations overlap";
        Doubt::new(Whose::Harness, doubt.to_string(), advice)
    } else {
        let advice = "record a history in which operations of every function succeed";
        Doubt::new(Whose::of_checker(&doubt), doubt.to_string(), advice)
    })
}

/// A reason why a run cannot tell.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Doubt {
    /// Who caused it.
    pub(crate) whose: Whose,
    /// What happened, and to what.
    pub(crate) what: String,
    /// What to do.
    pub(crate) advice: String,
}

impl Doubt {
    /// A doubt of these words.
    pub(crate) fn new(whose: Whose, what: impl Into<String>, advice: impl Into<String>) -> Self {
        Self { whose, what: what.into(), advice: advice.into() }
    }

    /// What a checker could not decide about the load or the final reads of a run.
    pub(crate) fn of_checker(doubt: &rashomon_checker::Doubt) -> Self {
        use rashomon_checker::Doubt as Of;
        let advice = match doubt {
            Of::BudgetSpent { .. } => {
                "lower --ops-per-key, --processes or --ops, so that there is less to judge"
            }
            Of::Unheld { .. } => "lower --ops-per-key or --ops, or free memory",
            Of::Stopped { .. } | Of::Unread { spent: Spent::Time, .. } => {
                "run `rashomon check` on the run, without interrupting it"
            }
            Of::Vacuous { .. } => "look at the logs in nodes/, or try more --ops or another --seed",
            Of::Unsupported { .. } => "choose a workload with operations that the model has",
            Of::Unjudged { .. } => "require something else (`rashomon list consistency`)",
            Of::Unread { spent: Spent::Memory, .. } => "lower --ops or --processes, or free memory",
        };
        Self::new(Whose::of_checker(doubt), doubt.to_string(), advice)
    }
}

impl fmt::Display for Doubt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}; {}", self.whose.name(), self.what, self.advice)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_doubt_of_a_budget_says_so_and_what_to_do() {
        let spent = rashomon_checker::Doubt::BudgetSpent {
            key: None,
            configurations: 5,
            bytes: 1 << 20,
            proved_events: 3,
            events: 9,
            why: None,
        };
        let told = Doubt::of_checker(&spent).to_string();
        assert!(told.starts_with("budget: ") && told.contains("lower --ops"), "{told}");
    }

    #[test]
    fn reading_that_ended_early_is_a_budget_and_not_the_environment() {
        for spent in [Spent::Memory, Spent::Time] {
            let reason = "reading was stopped".to_owned();
            let unread = rashomon_checker::Doubt::Unread { line: 7, reason, spent };
            let doubt = Doubt::of_checker(&unread);
            assert_eq!(doubt.whose, Whose::Budget, "{doubt}");
            let stopped = doubt.advice.contains("without interrupting it");
            assert_eq!(stopped, spent == Spent::Time, "{doubt}");
        }
    }
}
