//! Writes and swaps that take effect together, at the end of an operation that needs them.

use super::configuration::{RegisterConfiguration, Switch, SwitchTrail};
use super::deed::RegisterDeed;
use super::place::OpenItems;
use crate::plant::{Bug, planted};

/// What a burst must lead to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Goal {
    /// The register holds this.
    Show(u32),
    /// It holds something else.
    Leave(u32),
    /// This write or swap takes effect.
    Use(u16),
}

/// All bursts from one configuration.
pub(super) struct Burst<'w, 's, const W: usize> {
    pub(super) place: &'w OpenItems<'s, W>,
    pub(super) goal: Goal,
    pub(super) trail: &'w mut SwitchTrail,
    /// Where they lead.
    pub(super) reached: Vec<RegisterConfiguration<W>>,
    /// Steps taken, and how many may be.
    pub(super) steps: usize,
    pub(super) steps_max: usize,
    /// Whether there are more.
    pub(super) is_cut: bool,
}

/// The steps before.
#[derive(Clone, Copy)]
struct Before {
    /// Values up to this one are passed already, or are not to be: in which order writes follow each
    /// other makes no difference.
    passed: Option<u32>,
    /// Whether the last one was for a swap from its value.
    must_swap: bool,
}

impl<const W: usize> Burst<'_, '_, W> {
    pub(super) fn explore(&mut self, from: &RegisterConfiguration<W>) {
        self.go_on(from, Before { passed: None, must_swap: false });
    }

    fn go_on(&mut self, from: &RegisterConfiguration<W>, before: Before) {
        if self.steps >= self.steps_max {
            self.is_cut = true;
            return;
        }
        self.swap(from);
        if before.must_swap {
            return;
        }
        let writes = self.place.writes(from);
        match self.goal {
            Goal::Leave(value) => {
                for &(_, slot) in writes.iter().filter(|&&(other, _)| other != value) {
                    let to = self.write(from, slot);
                    self.reached.push(to);
                }
            }
            Goal::Show(_) | Goal::Use(_) => {
                if !self.pass_for_nothing(from, &writes, before) {
                    self.arrive(from, &writes);
                    self.pass(from, &writes, before);
                }
            }
        }
    }

    fn step(
        &mut self,
        from: &RegisterConfiguration<W>,
        slot: u16,
        to: RegisterConfiguration<W>,
    ) -> RegisterConfiguration<W> {
        self.steps += 1;
        let trail = self.trail.after(from.trail, Switch { event: self.place.at, slot });
        RegisterConfiguration { trail, ..to }
    }

    fn write(&mut self, from: &RegisterConfiguration<W>, slot: u16) -> RegisterConfiguration<W> {
        self.step(from, slot, self.place.write(from, slot))
    }

    fn swap(&mut self, from: &RegisterConfiguration<W>) {
        for slot in self.place.swaps_from(from, from.value).iter() {
            let RegisterDeed::Swap { new, .. } = self.place.deed(slot) else {
                unreachable!("only swaps lead away from a value")
            };
            let to = self.step(from, slot, self.place.swap(from, slot, new));
            let is_there = match self.goal {
                Goal::Show(value) => new == value,
                Goal::Leave(value) => new != value,
                Goal::Use(wanted) => slot == wanted,
            };
            if is_there {
                self.reached.push(to);
            } else {
                self.go_on(&to, Before { passed: None, must_swap: false });
            }
        }
    }

    /// The last step.
    fn arrive(&mut self, from: &RegisterConfiguration<W>, writes: &[(u32, u16)]) {
        let last = match self.goal {
            Goal::Show(wanted) => {
                writes.iter().find(|&&(value, _)| value == wanted).map(|&(_, slot)| slot)
            }
            Goal::Use(slot) if matches!(self.place.deed(slot), RegisterDeed::Write(_)) => {
                Some(slot)
            }
            Goal::Use(_) | Goal::Leave(_) => None,
        };
        if let Some(slot) = last {
            let to = self.write(from, slot);
            self.reached.push(to);
        }
    }

    /// Passes a value for which reads wait, and whose write is of no other use. There is no reason not
    /// to. `false` if there is none.
    fn pass_for_nothing(
        &mut self,
        from: &RegisterConfiguration<W>,
        writes: &[(u32, u16)],
        before: Before,
    ) -> bool {
        let place = self.place;
        let is_free = |&&(value, slot): &&(u32, u16)| {
            place.spares(slot)
                && value != from.value
                && !self.is_goal(value, slot)
                && place.is_awaited(from, value)
                && place.swaps_from(from, value).is_empty()
        };
        let Some(&(_, slot)) = writes.iter().find(is_free) else { return false };
        let to = self.write(from, slot);
        self.go_on(&to, before);
        true
    }

    /// Passes values of some use.
    fn pass(&mut self, from: &RegisterConfiguration<W>, writes: &[(u32, u16)], before: Before) {
        let place = self.place;
        for &(value, slot) in writes {
            let satisfies = place.satisfies(from, value);
            let swaps = !place.swaps_from(from, value).is_empty();
            let is_in_turn = swaps || before.passed.is_none_or(|passed| passed < value);
            let is_change = value != from.value || swaps && place.is_uncovered(from);
            let is_for_something = (satisfies || swaps) && !planted(Bug::SwitchNeverPass);
            if self.is_goal(value, slot) || !is_in_turn || !is_change || !is_for_something {
                continue;
            }
            let passed = if swaps { before.passed } else { Some(value) };
            let to = self.write(from, slot);
            self.go_on(&to, Before { passed, must_swap: !satisfies });
        }
    }

    /// Whether a write of `value` would be the last step.
    fn is_goal(&self, value: u32, slot: u16) -> bool {
        match self.goal {
            Goal::Show(wanted) => value == wanted,
            Goal::Use(wanted) => slot == wanted,
            Goal::Leave(_) => false,
        }
    }
}
