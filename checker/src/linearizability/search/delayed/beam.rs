//! Breadth first, event by event; first with few configurations, then with more.

use super::TakenEnd;
use super::configuration::ContainerConfiguration;
use super::moves::Moves;
use super::place::OpenCalls;
use super::replay::{self, Effect};
use super::script::{ContainerScript, ContainerStep, NOTHING};
use crate::Budget;
use crate::intern::Interner;
use crate::linearizability::search::engine::{Answer, Search};
use crate::plant::{Bug, planted};

/// A search for an order.
pub(super) struct Beam<'a> {
    script: &'a ContainerScript,
    discipline: TakenEnd,
    moves: Moves<'a>,
    budget: &'a Budget,
    /// The most configurations to keep after an event.
    width: usize,
    /// Configurations that may still be visited.
    left: u64,
    /// The most bytes held, and the most events passed.
    bytes: u64,
    passed: u32,
}

/// How a search with some width ended.
enum End {
    /// There is an order, by these effects.
    Found(Vec<Effect>),
    /// No configuration that was kept passes this event.
    Stuck {
        at: u32,
        is_cut: bool,
    },
    Spent,
    Stopped,
}

/// What is possible after an event.
struct Passed {
    reached: Vec<ContainerConfiguration>,
    /// Whether not all that may come before the event was tried.
    is_cut: bool,
}

/// By how much the width grows.
const WIDER: usize = 8;

/// Bytes of configurations that take as long to make as one visit to a configuration.
const BYTES_A_CONFIGURATION: usize = 1024;

/// Configurations that are expanded for each one that is kept.
const EXPANDED_PER_KEPT: usize = 64;

impl<'a> Beam<'a> {
    pub(super) fn new(
        script: &'a ContainerScript,
        discipline: TakenEnd,
        budget: &'a Budget,
        width: usize,
    ) -> Self {
        let (moves, left) = (Moves::new(script, discipline), budget.configurations);
        Self { script, discipline, moves, budget, width, left, bytes: 0, passed: 0 }
    }

    /// Looks for an order, and tells it if there is one.
    pub(super) fn search(mut self) -> Search {
        let answer = loop {
            match self.attempt() {
                End::Found(effects) => {
                    let order = replay::order(self.script, self.discipline, &effects);
                    break Answer::Linearizable(Some(order));
                }
                End::Stuck { is_cut: true, .. } if !planted(Bug::DelayedForgetCuts) => {
                    self.width = self.width.saturating_mul(WIDER);
                }
                End::Stuck { at, .. } => break self.violation(at),
                End::Spent => break Answer::Spent,
                End::Stopped => break Answer::Stopped,
            }
        };
        Search {
            answer,
            configurations: self.budget.configurations - self.left,
            bytes: self.bytes,
            events: self.script.steps.len() as u64,
            proved_events: u64::from(self.passed),
        }
    }

    fn violation(&self, at: u32) -> Answer {
        let ContainerStep::Taken(take) = self.script.steps[at as usize] else {
            unreachable!("an insertion can always be delayed until it ends")
        };
        Answer::Violation { stuck: self.script.removal(take).call as usize }
    }

    /// Goes through all events, and keeps no more than the width after each.
    fn attempt(&mut self) -> End {
        let mut place = OpenCalls::new(self.script);
        let mut frontier = vec![self.moves.begin()];
        let mut is_cut = false;
        for &step in &self.script.steps {
            match step {
                ContainerStep::Insert(_) => {
                    for it in &mut frontier {
                        self.moves.insert(it);
                    }
                }
                ContainerStep::Take(take) if self.script.removal(take).value == NOTHING => {
                    for it in &mut frontier {
                        self.moves.look(&place, it, take);
                    }
                }
                ContainerStep::Take(_) => {}
                ContainerStep::Inserted(_) | ContainerStep::Taken(_) => {
                    if self.budget.is_stopped() {
                        return End::Stopped;
                    }
                    let Some(next) = self.pass(&place, step, frontier) else { return End::Spent };
                    is_cut |= next.is_cut || next.reached.len() > self.width;
                    if next.reached.is_empty() {
                        return End::Stuck { at: place.at, is_cut };
                    }
                    frontier = self.narrow(next.reached);
                }
            }
            place.pass(step);
            self.passed = self.passed.max(place.at);
        }
        End::Found(self.moves.effects(&frontier[0]))
    }

    /// Those from which most may still be done.
    fn narrow(&self, mut frontier: Vec<ContainerConfiguration>) -> Vec<ContainerConfiguration> {
        if frontier.len() > self.width {
            frontier.sort_by_key(|it| (it.haste(), u32::MAX - it.gaps));
            frontier.truncate(self.width);
        }
        frontier
    }

    /// All that is possible after the event `step`, the end of an operation. `None` if the budget
    /// does not suffice.
    fn pass(
        &mut self,
        place: &OpenCalls<'_>,
        step: ContainerStep,
        frontier: Vec<ContainerConfiguration>,
    ) -> Option<Passed> {
        let (mut before, mut after) = (Met::default(), Met::default());
        before.add(frontier);
        let mut next = 0;
        while (next as usize) < before.known.len() {
            if next as usize / EXPANDED_PER_KEPT > self.width {
                return Some(Passed { reached: after.known.into_items(), is_cut: true });
            }
            let held = (before.bytes() + after.bytes() + self.moves.bytes()) as u64;
            self.bytes = self.bytes.max(held);
            if self.left == 0 || held > self.budget.bytes {
                return None;
            }
            self.left -= 1;
            let from = before.known.get(next);
            next += 1;
            let ended = self.moves.end(place, step, from);
            let mut made = after.add(ended.reached);
            if ended.is_early {
                let reached = self.moves.takes(place, step, from);
                made += before.add(reached);
            }
            self.left = self.left.saturating_sub((made / BYTES_A_CONFIGURATION) as u64);
        }
        Some(Passed { reached: after.known.into_items(), is_cut: false })
    }
}

/// Configurations met, each once, in the order in which they were.
#[derive(Default)]
struct Met {
    known: Interner<ContainerConfiguration>,
    contents: usize,
}

impl Met {
    /// Adds some, and says how many bytes they took to make.
    fn add(&mut self, some: Vec<ContainerConfiguration>) -> usize {
        let mut made = 0;
        for it in some {
            let (contents, before) = (it.contents(), self.known.len());
            made += contents + size_of::<ContainerConfiguration>();
            self.known.intern(it);
            self.contents += if self.known.len() > before { contents } else { 0 };
        }
        made
    }

    fn bytes(&self) -> usize {
        self.known.bytes() + self.contents
    }
}
