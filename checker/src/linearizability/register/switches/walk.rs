//! From event to event, with what is possible after each.

use rustc_hash::FxHashMap;

use super::SwitchLimits;
use super::burst::{Burst, Goal};
use super::configuration::{RegisterConfiguration, Switch, SwitchTrail};
use super::deed::RegisterDeed;
use super::place::OpenItems;
use super::script::{RegisterScript, RegisterStep};
use crate::Budget;
use crate::linearizability::search::engine::grown;
use crate::plant::{Bug, planted};

/// How a walk ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum WalkEnd {
    /// These took effect; the others in between.
    Order(Vec<Switch>),
    /// Nothing gets past the end of this call, or of an earlier one.
    Stuck { call: u32 },
    /// Nothing gets through, which proves nothing.
    Lost,
    /// The budget is spent.
    Spent,
    /// The budget's `stop` said so.
    Stopped,
}

/// A walk through all events.
pub(super) struct SwitchWalk<'s, const W: usize> {
    place: OpenItems<'s, W>,
    limits: SwitchLimits,
    frontier: Vec<RegisterConfiguration<W>>,
    reached: Vec<RegisterConfiguration<W>>,
    trail: SwitchTrail,
    /// For each value, what is kept.
    kept: FxHashMap<u32, Vec<RegisterConfiguration<W>>>,
    compared: u64,
    /// The latest end that something let go had no hope to get past.
    hopeless: u32,
    /// Whether something possible was let go.
    pub(super) is_cut: bool,
    /// Configurations visited.
    pub(super) visited: u64,
    /// Configurations that may be.
    most: u64,
    /// Bytes that may be held.
    room: u64,
    /// Events passed.
    pub(super) passed: usize,
}

/// Configurations visited before the budget's `stop` is asked again.
const TURN: u64 = 4096;

/// Comparisons that take as long as one visit to a configuration.
const COMPARISONS: u64 = 64;

/// Steps of a burst that take as long as one visit to a configuration.
const STEPS: u64 = 2;

/// One waiting operation weighs as much as this number of writes in stock.
const WAITING: usize = 2;

impl<'s, const W: usize> SwitchWalk<'s, W> {
    pub(super) fn new(script: &'s RegisterScript, limits: SwitchLimits) -> Self {
        Self {
            place: OpenItems::new(script),
            limits,
            frontier: vec![RegisterConfiguration::START],
            reached: Vec::new(),
            trail: SwitchTrail::new(),
            kept: FxHashMap::default(),
            compared: 0,
            hopeless: 0,
            is_cut: false,
            visited: 0,
            most: 0,
            room: 0,
            passed: 0,
        }
    }

    pub(super) fn run(&mut self, budget: &Budget) -> WalkEnd {
        let script = self.place.script;
        let mut asked = 0;
        (self.most, self.room) = (budget.configurations, budget.bytes);
        for (at, &step) in (0u32..).zip(&script.steps) {
            self.place.at = at;
            match step {
                RegisterStep::Open { slot, item } => self.open(slot, item),
                RegisterStep::Close { slot, item } => {
                    if !self.close(slot, item) {
                        return WalkEnd::Spent;
                    }
                }
            }
            if self.frontier.is_empty() {
                return self.stuck(at);
            }
            self.passed = at as usize + 1;
            if self.visited >= asked + TURN {
                asked = self.visited;
                if budget.is_stopped() {
                    return WalkEnd::Stopped;
                }
            }
        }
        let found = self.frontier.first().expect("something is possible");
        WalkEnd::Order(self.trail.to(found.trail))
    }

    fn stuck(&self, at: u32) -> WalkEnd {
        let script = self.place.script;
        let (RegisterStep::Open { item, .. } | RegisterStep::Close { item, .. }) =
            script.steps[self.hopeless.max(at) as usize];
        WalkEnd::Stuck { call: script.items[item as usize].call }
    }

    fn open(&mut self, slot: u16, item: u32) {
        self.place.open(slot, item);
        let item = self.place.script.items[item as usize];
        for it in &mut self.frontier {
            let owes = match item.deed {
                RegisterDeed::Read(value) => it.value != value,
                RegisterDeed::Miss(value) => it.value == value,
                RegisterDeed::Write(_) | RegisterDeed::Swap { .. } => {
                    it.stock = it.stock.with(slot);
                    item.completed.is_some()
                }
            };
            it.debt = if owes { it.debt.with(slot) } else { it.debt };
        }
        if matches!(item.deed, RegisterDeed::Read(_)) {
            let (place, latest) = (&self.place, &mut self.hopeless);
            self.frontier.retain(|it| has_hope(place, it, latest));
        }
    }

    /// Passes the end of an operation. `false` if the budget was spent on the way.
    fn close(&mut self, slot: u16, item: u32) -> bool {
        let deed = self.place.script.items[item as usize].deed;
        self.visited += self.frontier.len() as u64 / 4;
        for it in std::mem::take(&mut self.frontier) {
            if self.is_spent() {
                return false;
            }
            let owes = it.debt.has(slot);
            match deed {
                _ if !owes && !it.stock.has(slot) => self.reached.push(it),
                RegisterDeed::Read(value) => self.burst(&it, Goal::Show(value)),
                RegisterDeed::Miss(value) => self.burst(&it, Goal::Leave(value)),
                RegisterDeed::Swap { .. } => self.burst(&it, Goal::Use(slot)),
                RegisterDeed::Write(value) => self.close_write(&it, slot, value),
            }
        }
        self.place.close(slot);
        for it in &mut self.reached {
            (it.debt, it.stock) = (it.debt.without(slot), it.stock.without(slot));
            self.place.trim(it);
        }
        let (place, latest) = (&self.place, &mut self.hopeless);
        self.reached.retain(|it| has_hope(place, it, latest));
        self.keep();
        !self.is_spent()
    }

    /// A write ends that was not used. If its value is of no use it is, if nothing covers it.
    fn close_write(&mut self, it: &RegisterConfiguration<W>, slot: u16, value: u32) {
        let owes = it.debt.has(slot) && !planted(Bug::SwitchForgetCover);
        let is_useful = self.place.is_useful(it, value) && !planted(Bug::SwitchNeverUseAtEnd);
        if is_useful {
            self.burst(it, Goal::Use(slot));
        }
        if it.value == value || owes && !is_useful {
            // If the value is there already, that costs nothing, and covers what is open.
            let trail = self.trail.after(it.trail, Switch { event: self.place.at, slot });
            self.reached.push(RegisterConfiguration { trail, ..self.place.write(it, slot) });
        } else if !owes {
            self.reached.push(*it);
        }
    }

    fn burst(&mut self, from: &RegisterConfiguration<W>, goal: Goal) {
        let mut burst = Burst {
            place: &self.place,
            goal,
            trail: &mut self.trail,
            reached: std::mem::take(&mut self.reached),
            steps: 0,
            steps_max: self.limits.steps,
            is_cut: false,
        };
        burst.explore(from);
        self.visited += 1 + burst.steps as u64 / STEPS;
        self.is_cut |= burst.is_cut;
        self.reached = burst.reached;
    }

    /// Keeps what was reached, but for what is worth less than another, and but for the least
    /// promising if that is too much.
    fn keep(&mut self) {
        let place = &self.place;
        self.reached.sort_by_cached_key(|it| {
            (WAITING * place.waiting(it)).cast_signed() - it.stock.len().cast_signed()
        });
        self.kept.clear();
        for it in self.reached.drain(..) {
            let kept = self.kept.entry(it.value).or_default();
            let better = kept.iter().position(|other| other.is_as_good_as(&it));
            self.compared += better.unwrap_or(kept.len()) as u64;
            if better.is_some() {
                continue;
            }
            if self.frontier.len() == self.limits.width {
                self.is_cut = true;
                break;
            }
            kept.push(it);
            self.frontier.push(it);
        }
        self.visited += self.compared / COMPARISONS;
        self.compared %= COMPARISONS;
    }

    fn is_spent(&self) -> bool {
        self.visited > self.most || self.bytes() as u64 > self.room
    }

    pub(super) fn bytes(&self) -> usize {
        let reached = grown(self.reached.len(), self.reached.capacity());
        let kept = 4 * (self.frontier.capacity() + reached);
        let configurations = kept * size_of::<RegisterConfiguration<W>>();
        self.trail.bytes() + configurations + self.place.bytes() + self.place.script.bytes()
    }
}

/// Whether nothing waits in vain; if something does, its end may be the latest.
fn has_hope<const W: usize>(
    place: &OpenItems<'_, W>,
    it: &RegisterConfiguration<W>,
    latest: &mut u32,
) -> bool {
    let hopeless = place.hopeless(it);
    *latest = hopeless.map_or(*latest, |end| end.max(*latest));
    hopeless.is_none()
}
