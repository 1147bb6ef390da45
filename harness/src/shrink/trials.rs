//! Candidates: each is run, and the least that fails in the same way is kept.

use std::collections::BTreeSet;

use super::evidence::Evidence;
use super::{Failure, ShrinkEnd, Shrunk};
use crate::chance::{Decided, Otherwise};
use crate::execute::{Finished, Keep, run_scenario};
use crate::run::drive::Watcher;
use crate::scenario::Scenario;

/// How large a scenario is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct ScenarioSize {
    /// Operations, without those that come after the load.
    pub(crate) operations: usize,
    /// Processes that invoke them.
    pub(crate) processes: usize,
    /// Objects that they are about.
    pub(crate) keys: usize,
    /// Faults.
    pub(crate) faults: usize,
    /// Nodes.
    pub(crate) nodes: usize,
    /// Things whose chance the file says.
    pub(crate) decided: usize,
}

impl ScenarioSize {
    /// That of a scenario.
    pub(crate) fn of(scenario: &Scenario) -> Self {
        let slots: BTreeSet<u32> = scenario.operations.iter().map(|it| it.slot).collect();
        let keys = scenario.operations.iter().flat_map(|it| it.op.action.keys());
        Self {
            operations: scenario.operations.len(),
            processes: slots.len(),
            keys: keys.collect::<BTreeSet<_>>().len(),
            faults: scenario.plan.spans.len(),
            nodes: scenario.settings.members().len(),
            decided: scenario.chance.decided.len(),
        }
    }
}

/// The least scenario so far, and how many runs may still be made.
pub(crate) struct Trials<'a> {
    failure: Failure,
    least: Scenario,
    /// The run of that, and what shows the failure; nothing before the first run.
    known: Option<(Finished, Evidence)>,
    budget: u64,
    /// How many runs may be made by the end of this pass.
    limit: u64,
    /// Why something was not tried, if anything was not.
    ended: ShrinkEnd,
    made: u64,
    watcher: &'a mut dyn Watcher,
}

impl<'a> Trials<'a> {
    /// From a run as data that was made once.
    pub(crate) fn new(
        failure: Failure,
        whole: Scenario,
        budget: u64,
        watcher: &'a mut dyn Watcher,
    ) -> Self {
        Self {
            failure,
            least: whole,
            known: None,
            budget,
            limit: budget,
            ended: ShrinkEnd::Least,
            made: 1,
            watcher,
        }
    }

    /// Whether the run as data fails as the run did.
    pub(super) fn starts(&mut self) -> anyhow::Result<bool> {
        self.tries(self.least.clone())
    }

    /// Runs a candidate. If it fails in the same way, it is the least from now on. Nothing is run once the budget is
    /// spent, or the user has asked to stop.
    pub(super) fn tries(&mut self, candidate: Scenario) -> anyhow::Result<bool> {
        let is_new = self.known.is_none() || candidate != self.least;
        if !is_new {
            return Ok(false);
        }
        if self.watcher.wants_stop() {
            self.ended = ShrinkEnd::Interrupted;
            return Ok(false);
        }
        if self.made >= self.limit {
            self.ended = ShrinkEnd::Budget;
            return Ok(false);
        }
        self.made += 1;
        let mut run = run_scenario(&candidate, Keep::default(), &mut *self.watcher)?;
        let Some(evidence) = Evidence::of(&self.failure, &candidate, &run) else {
            return Ok(false);
        };
        // What was drawn stays, whatever is cut away later.
        let decided = std::mem::take(&mut run.decided);
        self.least = candidate;
        match self.least.chance.otherwise {
            Otherwise::Drawn => self.least.chance.decided = decided.into(),
            Otherwise::Usual => {
                let was = &self.least.chance.decided;
                let asked = was.iter().filter(|(name, _)| decided.contains_key(name));
                let asked: Decided = asked.map(|(name, value)| (*name, *value)).collect();
                self.least.chance.decided = asked.into();
            }
        }
        self.known = Some((run, evidence));
        Ok(true)
    }

    /// The next pass may make this many runs of a hundred of the budget, as far as they are left.
    pub(super) fn grant(&mut self, percent: u64) {
        let runs = (self.budget.saturating_mul(percent) / 100).max(1);
        self.limit = self.budget.min(self.made + runs);
    }

    /// The least so far.
    pub(super) fn scenario(&self) -> &Scenario {
        &self.least
    }

    /// What shows its failure.
    pub(super) fn evidence(&self) -> Option<&Evidence> {
        self.known.as_ref().map(|(_, evidence)| evidence)
    }

    /// How many runs were made.
    pub(super) fn made(&self) -> u64 {
        self.made
    }

    pub(super) fn into_failure(self) -> Failure {
        self.failure
    }

    /// What came of it.
    pub(super) fn end(self, before: ScenarioSize) -> anyhow::Result<Shrunk> {
        let Some((finished, _)) = self.known else { anyhow::bail!("nothing was run") };
        let (failure, scenario, ended) = (self.failure, self.least, self.ended);
        Ok(Shrunk { failure, scenario, finished, before, replays: self.made, ended })
    }
}
