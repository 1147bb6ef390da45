//! The faults of a run: which are due, which are in force, and what each did.

mod clocks;
mod disks;
mod ending;
mod members;
mod swizzles;
mod turns;

use std::collections::BTreeMap;

use rashomon_checker::Time;
use rashomon_targets::NodeId;
use serde::{Deserialize, Serialize};

use crate::fault::{Condition, Efficacy, FaultSpan, Plan, Strike};
use crate::run::recorder::OperationCounts;
use crate::world::World;
use ending::{Ending, Strobe, Turns};
use swizzles::Steps;

/// What a fault span did, and which nodes it struck.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct SpanOutcome {
    /// As planned.
    #[serde(rename = "fault")]
    pub(crate) span: FaultSpan,
    /// The nodes it struck: the node killed or paused, or the nodes of the side whose links were faulty.
    #[serde(default)]
    pub(crate) on: Vec<NodeId>,
    /// When it struck; `None` if the load ended before.
    pub(crate) struck: Option<Time>,
    /// When it healed.
    pub(crate) healed: Option<Time>,
    /// What it did.
    pub(crate) efficacy: Efficacy,
}

impl SpanOutcome {
    /// One that has not struck.
    pub(crate) fn planned(span: &FaultSpan) -> Self {
        Self {
            span: span.clone(),
            on: Vec::new(),
            struck: None,
            healed: None,
            efficacy: Efficacy::default(),
        }
    }

    /// Whether it has struck and not healed.
    fn is_in_force(&self) -> bool {
        self.struck.is_some() && self.healed.is_none()
    }
}

/// All spans of a run, by their place in the plan.
pub(super) struct Spans {
    outcomes: Vec<SpanOutcome>,
    /// What ends each: one for each node that it struck.
    endings: Vec<Vec<Ending>>,
    /// What had become of operations when each struck.
    before: Vec<OperationCounts>,
    /// When those that wait for a condition look again.
    look_again: Vec<Option<Time>>,
    /// When those in force that do something by turns do it again.
    turns: Vec<Option<Time>>,
    /// How far those have come that clog one node after another.
    steps: BTreeMap<usize, Steps>,
    /// When the members are to be looked at, once a span has changed them.
    tends_at: Option<Time>,
    /// When something is to be done next: the loop asks at each turn.
    next: Option<Time>,
}

impl Spans {
    /// None of them has struck.
    pub(super) fn of(plan: &Plan) -> Self {
        let outcomes: Vec<_> = plan.spans.iter().map(SpanOutcome::planned).collect();
        let endings = vec![Vec::new(); outcomes.len()];
        let [look_again, turns] = [const { None }; 2].map(|none| vec![none; outcomes.len()]);
        let before = vec![OperationCounts::default(); outcomes.len()];
        let steps = BTreeMap::new();
        let (tends_at, next) = (None, None);
        let mut spans =
            Self { outcomes, endings, before, look_again, turns, steps, tends_at, next };
        spans.look_ahead();
        spans
    }

    fn look_ahead(&mut self) {
        let next_of = |(at, outcome): (usize, &SpanOutcome)| match (outcome.struck, outcome.healed)
        {
            (None, _) => Some(self.starts(at)),
            (Some(_), None) => {
                let turn = self.turns[at].unwrap_or(Time(u64::MAX));
                Some(outcome.span.end().min(turn))
            }
            (Some(_), Some(_)) => None,
        };
        let of_spans = self.outcomes.iter().enumerate().filter_map(next_of);
        self.next = of_spans.chain(self.tends_at).min();
    }

    /// When one that has not struck is to strike, or to look again.
    fn starts(&self, at: usize) -> Time {
        self.look_again[at].unwrap_or(self.outcomes[at].span.start)
    }

    /// Whether it has looked for its condition, and not seen it.
    pub(super) fn has_looked(&self, at: usize) -> bool {
        self.look_again[at].is_some()
    }

    /// Whether a span that is due waits for its condition from now on.
    pub(super) fn waits(
        &mut self,
        at: usize,
        world: &mut impl World,
        primaries: &[NodeId],
    ) -> bool {
        let span = &self.outcomes[at].span;
        let Some(Condition::Undurable) = span.once else { return false };
        let until = Time(span.start.0.saturating_add(span.lasts.0 / 2));
        if world.now() >= until {
            return false;
        }
        let victims = span.fault.aim().victims(&world.members(), primaries);
        let is_met = |&node: &NodeId| world.holds_undurable(node).unwrap_or(true);
        if victims.is_empty() || victims.iter().any(is_met) {
            return false;
        }
        world.watch_for_undurable(&victims);
        self.look_again[at] = Some(until);
        self.look_ahead();
        true
    }

    /// A node that is watched holds what it was watched for.
    pub(super) fn notice(&mut self, now: Time) {
        for (outcome, look_again) in self.outcomes.iter().zip(&mut self.look_again) {
            if outcome.struck.is_none() && look_again.is_some() {
                *look_again = Some(now);
            }
        }
        self.look_ahead();
    }

    /// Makes a span strike, where `primaries` take themselves to be primary, as far as is known, the latest
    /// epoch first. Worlds receive nodes and links only: the victims of a fault are chosen here.
    pub(super) fn strike(&mut self, at: usize, world: &mut impl World, primaries: &[NodeId]) {
        let members = world.members();
        let outcome = &mut self.outcomes[at];
        let fault = &outcome.span.fault;
        outcome.struck = Some(world.now());
        outcome.on = fault.aim().victims(&members, primaries);
        let endings = match fault.strike(&members, primaries) {
            None => Vec::new(),
            Some(Strike::Links { links, effect }) => {
                world.strike(outcome.span.id, &links, &effect);
                vec![Ending::Heal]
            }
            Some(Strike::Swizzle { order, back, effect }) => {
                self.swizzle(at, world, ([order, back], effect))
            }
            Some(Strike::Kill(nodes)) => {
                nodes.into_iter().filter_map(|node| self.kill(at, world, node)).collect()
            }
            Some(Strike::Pause(node)) => {
                let stalled_before = world.stalled(node);
                let is_paused = world.pause(node) || self.is_held(|it| it.stops(node));
                is_paused.then_some(Ending::Resume { node, stalled_before }).into_iter().collect()
            }
            Some(Strike::Slow { node, stops, goes }) => {
                let stalled_before = world.stalled(node);
                let turns = Turns { stops, goes, is_stopped: false };
                self.turns[at] = outcome.struck; // Its first turn is due.
                vec![Ending::GoOn { node, turns, stalled_before }]
            }
            Some(Strike::Disk { node, trouble }) => self.trouble(at, world, (node, trouble)),
            Some(Strike::Damage { node, damage }) => self.damage(at, world, (node, damage)),
            Some(Strike::Remove { node, data }) => self.keep_out(world, node, data),
            Some(Strike::SetClock { node, ahead }) => self.set_clock(at, world, (node, ahead)),
            Some(Strike::SetRate { node, gains }) => self.set_rate(at, world, (node, gains)),
            Some(Strike::Strobe { node, ahead, every }) => {
                self.turns[at] = outcome.struck; // As above.
                let strobe = Strobe { ahead, every, is_ahead: false };
                vec![Ending::StopStrobe { node, strobe }]
            }
        };
        self.endings[at] = endings;
        self.look_ahead();
    }

    fn kill(&mut self, at: usize, world: &mut impl World, node: NodeId) -> Option<Ending> {
        self.count_disk_of(node, world);
        let Some(killed) = world.kill(node) else {
            let is_killed = |it: &Ending| *it == Ending::Launch(node);
            let is_dead = self.is_held(is_killed) || world.has_fallen(node);
            return is_dead.then_some(Ending::KeepDead(node));
        };
        let efficacy = &mut self.outcomes[at].efficacy;
        efficacy.killed += 1;
        efficacy.records_lost += killed.records_lost;
        for other in 0..self.endings.len() {
            if self.endings[other].iter().any(|it| it.stops(node)) {
                self.count_stalled(other, world);
            }
            let left = self.endings[other].iter().filter_map(|it| it.after_death(node));
            self.endings[other] = left.collect();
        }
        Some(Ending::Launch(node))
    }

    /// Ends a span.
    pub(super) fn heal(&mut self, at: usize, world: &mut impl World) {
        self.count_stalled(at, world);
        self.count_disks(at, world);
        for ending in std::mem::take(&mut self.endings[at]) {
            match ending {
                Ending::Heal => world.heal(self.outcomes[at].span.id),
                Ending::Launch(node) => self.launch(world, node),
                Ending::Resume { node, .. }
                | Ending::GoOn { node, turns: Turns { is_stopped: true, .. }, .. } => {
                    if !self.is_held(|it| it.stops(node)) {
                        world.resume(node);
                    }
                }
                // It is dead, or goes, or nobody keeps it out now.
                Ending::KeepDead(_) | Ending::GoOn { .. } | Ending::Admit(_) => {}
                Ending::MendDisk { node, trouble, .. } => self.mend(at, world, (node, trouble)),
                Ending::Restore(node) => self.restore(world, node),
                Ending::SetRight { node, .. } | Ending::StopStrobe { node, .. } => {
                    self.set_right(at, world, node);
                }
                Ending::SetRateRight { node, .. } => self.set_rate_right(at, world, node),
            }
        }
        self.turns[at] = None;
        self.steps.remove(&at);
        self.outcomes[at].healed = Some(world.now());
        self.look_ahead();
    }

    /// Whether a span in force ends with this.
    fn is_held(&self, is_it: impl Fn(&Ending) -> bool) -> bool {
        self.endings.iter().flatten().any(is_it)
    }

    /// Starts a node that a span killed which has ended; unless another one keeps it dead: then it is as if that
    /// one had killed it.
    fn launch(&mut self, world: &mut impl World, node: NodeId) {
        let keeps = |it: &Ending| *it == Ending::KeepDead(node);
        let mut others = self.endings.iter_mut().zip(&mut self.outcomes);
        let heir = others.find_map(|(endings, outcome)| {
            Some((endings.iter_mut().find(|it| keeps(it))?, outcome))
        });
        match heir {
            Some((ending, outcome)) => {
                *ending = Ending::Launch(node);
                outcome.efficacy.killed += 1;
            }
            None => world.launch(node),
        }
    }

    /// Takes note of what had become of operations when a span struck.
    pub(super) fn note_before(&mut self, at: usize, operations: OperationCounts) {
        self.before[at] = operations;
    }

    /// Takes note of what had become of operations when it healed: those that had begun by then, and had not ended
    /// before, overlapped it.
    pub(super) fn note_after(&mut self, at: usize, operations: OperationCounts) {
        let (before, efficacy) = (self.before[at], &mut self.outcomes[at].efficacy);
        efficacy.overlapped = operations.invoked - (before.ok + before.fail + before.info);
        efficacy.failed = operations.fail + operations.info - (before.fail + before.info);
    }

    fn count_stalled(&mut self, at: usize, world: &impl World) {
        for ending in &self.endings[at] {
            if let Ending::Resume { node, stalled_before }
            | Ending::GoOn { node, stalled_before, .. } = *ending
            {
                self.outcomes[at].efficacy.stalled = world.stalled(node) - stalled_before;
            }
        }
    }

    pub(super) fn get(&self, at: usize) -> &SpanOutcome {
        &self.outcomes[at]
    }

    /// Those in force.
    pub(super) fn in_force(&self) -> impl Iterator<Item = &FaultSpan> {
        self.outcomes.iter().filter(|outcome| outcome.is_in_force()).map(|outcome| &outcome.span)
    }

    /// The next of those in force that ends at `now` or before.
    pub(super) fn next_over(&self, now: Time) -> Option<usize> {
        self.outcomes.iter().position(|outcome| outcome.is_in_force() && outcome.span.end() <= now)
    }

    /// The next that is to strike at `now` or before.
    pub(super) fn next_due(&self, now: Time) -> Option<usize> {
        let is_due = |(at, outcome): (usize, &SpanOutcome)| {
            outcome.struck.is_none() && self.starts(at) <= now
        };
        self.outcomes.iter().enumerate().position(is_due)
    }

    /// When something is to be done next.
    pub(super) fn next(&self) -> Option<Time> {
        self.next
    }

    /// What each did in the end.
    pub(super) fn into_outcomes(mut self, world: &impl World) -> Vec<SpanOutcome> {
        for outcome in &mut self.outcomes {
            outcome.efficacy += &world.efficacy(outcome.span.id);
        }
        self.outcomes
    }
}

#[cfg(test)]
mod tests;
