//! The faults of a run: which are due, which are in force, and what each did.

use rashomon_checker::Time;
use rashomon_targets::{Admin, NodeId};
use serde::{Deserialize, Serialize};

use crate::fault::{Efficacy, FaultSpan, Plan, Strike};
use crate::world::{Administered, World};

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

    /// When something is to be done about it.
    fn next(&self) -> Option<Time> {
        match (self.struck, self.healed) {
            (None, _) => Some(self.span.start),
            (Some(_), None) => Some(self.span.end()),
            (Some(_), Some(_)) => None,
        }
    }
}

/// What ends a span in force.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Ending {
    /// It struck no node, or is over already.
    Nothing,
    /// Its links are to be healed.
    Heal,
    /// This node is to be started again.
    Launch(NodeId),
    /// This node is to continue. When it was paused, this number of inputs had arrived during
    /// pauses.
    Resume { node: NodeId, stalled_before: u64 },
    /// The wall clock of this node is to be set right, or as the last span says that still holds it
    /// ahead.
    SetRight { node: NodeId, ahead: i64 },
}

/// All spans of a run, by their place in the plan.
pub(super) struct Spans {
    outcomes: Vec<SpanOutcome>,
    endings: Vec<Ending>,
    /// When something is to be done next: the loop asks at each turn.
    next: Option<Time>,
}

impl Spans {
    /// None of them has struck.
    pub(super) fn of(plan: &Plan) -> Self {
        let outcomes: Vec<_> = plan.spans.iter().map(SpanOutcome::planned).collect();
        let endings = vec![Ending::Nothing; outcomes.len()];
        let mut spans = Self { outcomes, endings, next: None };
        spans.look_ahead();
        spans
    }

    fn look_ahead(&mut self) {
        self.next = self.outcomes.iter().filter_map(SpanOutcome::next).min();
    }

    /// Makes a span strike. `primary` is the primary, as far as is known. Worlds receive nodes
    /// and links only: the victims of a fault are chosen here.
    pub(super) fn strike(&mut self, at: usize, world: &mut impl World, primary: Option<NodeId>) {
        let members = world.members();
        let outcome = &mut self.outcomes[at];
        let fault = &outcome.span.fault;
        outcome.struck = Some(world.now());
        outcome.on = fault.aim().victims(&members, primary);
        let ending = match fault.strike(&members, primary) {
            None => Ending::Nothing,
            Some(Strike::Links { links, effect }) => {
                world.strike(outcome.span.id, &links, &effect);
                Ending::Heal
            }
            Some(Strike::Kill(node)) => self.kill(at, world, node),
            Some(Strike::Pause(node)) => {
                let stalled_before = world.stalled(node);
                let is_paused = world.pause(node);
                if is_paused { Ending::Resume { node, stalled_before } } else { Ending::Nothing }
            }
            Some(Strike::SetClock { node, ahead }) => {
                let set = world.administer(node, Admin::SetClock { ahead });
                outcome.efficacy.clocks_set += u64::from(set == Administered::Done);
                Ending::SetRight { node, ahead }
            }
        };
        self.endings[at] = ending;
        self.look_ahead();
    }

    fn kill(&mut self, at: usize, world: &mut impl World, node: NodeId) -> Ending {
        let Some(killed) = world.kill(node) else { return Ending::Nothing };
        let efficacy = &mut self.outcomes[at].efficacy;
        efficacy.killed += 1;
        efficacy.records_lost += killed.records_lost;
        // A dead node cannot be stopped.
        for other in 0..self.endings.len() {
            if matches!(self.endings[other], Ending::Resume { node: paused, .. } if paused == node)
            {
                self.count_stalled(other, world);
                self.endings[other] = Ending::Nothing;
            }
        }
        Ending::Launch(node)
    }

    /// Ends a span.
    pub(super) fn heal(&mut self, at: usize, world: &mut impl World) {
        self.count_stalled(at, world);
        match std::mem::replace(&mut self.endings[at], Ending::Nothing) {
            Ending::Nothing => {}
            Ending::Heal => world.heal(self.outcomes[at].span.id),
            Ending::Launch(node) => world.launch(node),
            Ending::Resume { node, .. } => world.resume(node),
            Ending::SetRight { node, .. } => {
                let ahead = self.still_ahead(node);
                // One that cannot be reached now is set when it goes on.
                let reached = world.administer(node, Admin::SetClock { ahead });
                // One that was out of reach when the fault struck went on in between.
                if reached == Administered::Done {
                    self.outcomes[at].efficacy.clocks_set = 1;
                }
            }
        }
        self.outcomes[at].healed = Some(world.now());
        self.look_ahead();
    }

    /// How far the spans in force hold the clock of a node ahead: as the one says that struck last.
    fn still_ahead(&self, node: NodeId) -> i64 {
        let holding = self.endings.iter().zip(&self.outcomes).enumerate();
        let holding = holding.filter_map(|(at, (ending, outcome))| match *ending {
            Ending::SetRight { node: of, ahead } if of == node => Some((outcome.struck, at, ahead)),
            _ => None,
        });
        holding.max_by_key(|&(struck, at, _)| (struck, at)).map_or(0, |(.., ahead)| ahead)
    }

    fn count_stalled(&mut self, at: usize, world: &impl World) {
        if let Ending::Resume { node, stalled_before } = self.endings[at] {
            self.outcomes[at].efficacy.stalled = world.stalled(node) - stalled_before;
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
        self.outcomes
            .iter()
            .position(|outcome| outcome.struck.is_none() && outcome.span.start <= now)
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
mod tests {
    use rashomon_targets::primary_replica::{Config, PrimaryReplica};
    use rashomon_workloads::Seed;

    use super::*;
    use crate::fault::Victim;
    use crate::fault::clock_skew::ClockSkew;
    use crate::world::simulation::Simulation;
    use crate::world::{Happening, Probe};

    const MS: i64 = 1_000_000;

    type Cluster = Simulation<PrimaryReplica>;

    /// Spans that hold the clocks of these nodes ahead by these numbers of milliseconds.
    fn skews(of: &[(u16, i64)]) -> Spans {
        let span = |(id, &(node, ahead)): (u32, &(u16, i64))| FaultSpan {
            id,
            fault: ClockSkew { node: Victim::Node(NodeId(node)), ahead: ahead * MS }.into(),
            start: Time(0),
            lasts: Time(1),
        };
        Spans::of(&Plan { spans: (0..).zip(of).map(span).collect() })
    }

    /// How far the wall clock of the first node is ahead of that of the second one, in milliseconds.
    fn first_is_ahead(world: &mut Cluster) -> i64 {
        let clocks: Vec<_> = world.clocks().into_iter().map(|now| now.unwrap().wall).collect();
        (clocks[0].cast_signed() - clocks[1].cast_signed()) / MS
    }

    /// A cluster whose clocks have run for a while.
    fn later() -> Cluster {
        let mut world = Cluster::new((Config::default(), Vec::new()), 2, Seed(1));
        while world.next(Time(5_000_000_000)) != Happening::Reached {}
        world
    }

    #[test]
    fn a_clock_is_right_only_once_the_last_span_that_holds_it_ahead_has_ended() {
        // Whichever of two that overlap ends first: the other one still holds.
        for (first_to_end, left) in [(0, 700), (1, 400)] {
            let (mut world, mut spans) = (later(), skews(&[(1, 400), (1, 700)]));
            spans.strike(0, &mut world, None);
            assert_eq!(first_is_ahead(&mut world), 400);
            spans.strike(1, &mut world, None);
            assert_eq!(first_is_ahead(&mut world), 700);
            spans.heal(first_to_end, &mut world);
            assert_eq!(first_is_ahead(&mut world), left);
            spans.heal(1 - first_to_end, &mut world);
            assert_eq!(first_is_ahead(&mut world), 0);
            let did = spans.into_outcomes(&world);
            assert!(did.iter().all(|outcome| outcome.efficacy.clocks_set == 1), "{did:?}");
        }
    }

    #[test]
    fn a_span_on_the_clock_of_another_node_holds_none_but_that() {
        let (mut world, mut spans) = (later(), skews(&[(1, 400), (2, 300)]));
        spans.strike(0, &mut world, None);
        spans.strike(1, &mut world, None);
        assert_eq!(first_is_ahead(&mut world), 100);
        spans.heal(0, &mut world);
        assert_eq!(first_is_ahead(&mut world), -300);
    }
}
