//! A least part of a register's operations that has no order.
//!
//! Operations are left out only in ways after which what has an order would still have one:
//!
//! - what happens after some moment; operations open then may or may not have taken effect;
//! - a read, or a `cas` that found another value;
//! - a value altogether: what gave it, what read it, what was made of it by swaps, and each `cas` that
//!   found another value and may have found this one.

use super::Rule;
use super::search::{OrderAnswer, search};
use super::steps::{NEVER, UpdateDeed, UpdateStep};
use crate::Budget;

/// What may still be tried.
struct Reduction<'a> {
    rule: Rule,
    budget: &'a Budget,
    left: u64,
}

/// As few of `steps` as can be found that have no order, in the order of their invocations. They
/// have none, as a search of `cost` configurations says.
pub(super) fn least(
    steps: Vec<UpdateStep>,
    rule: Rule,
    cost: u64,
    budget: &Budget,
) -> Vec<UpdateStep> {
    let left = budget.configurations.min(cost.saturating_mul(40).saturating_add(100_000));
    let mut trial = Reduction { rule, budget, left };
    let mut kept = trial.shortest(steps);
    loop {
        let before = kept.len();
        for value in values(&kept) {
            trial.keep_if_never(&mut kept, |steps| without(steps, value));
        }
        for op in kept.iter().map(|step| step.op).collect::<Vec<_>>() {
            let looks = |step: &UpdateStep| step.deed.gives().is_none();
            trial.keep_if_never(&mut kept, |steps| {
                steps.iter().filter(|step| step.op != op || !looks(step)).copied().collect()
            });
        }
        if kept.len() == before || trial.left == 0 {
            return kept;
        }
    }
}

impl Reduction<'_> {
    /// Whether it is certain that there is no order.
    fn is_never(&mut self, steps: &[UpdateStep]) -> bool {
        let budget = Budget { configurations: self.left, ..self.budget.clone() };
        let found = search(steps, self.rule, &budget);
        // A result without a search has a cost, too.
        self.left = self.left.saturating_sub(found.configurations + steps.len() as u64);
        found.answer == OrderAnswer::Never
    }

    fn keep_if_never(
        &mut self,
        kept: &mut Vec<UpdateStep>,
        leave_out: impl Fn(&[UpdateStep]) -> Vec<UpdateStep>,
    ) {
        let fewer = leave_out(kept);
        if fewer.len() < kept.len() && self.left > 0 && self.is_never(&fewer) {
            *kept = fewer;
        }
    }

    /// The shortest beginning that has no order.
    fn shortest(&mut self, steps: Vec<UpdateStep>) -> Vec<UpdateStep> {
        let mut ends: Vec<u32> =
            steps.iter().map(|step| step.completed).filter(|&end| end != NEVER).collect();
        ends.sort_unstable();
        let (mut low, mut high) = (0, ends.len().saturating_sub(1));
        while low < high && self.left > 0 {
            let middle = usize::midpoint(low, high);
            if self.is_never(&until(&steps, ends[middle])) {
                high = middle;
            } else {
                low = middle + 1;
            }
        }
        match ends.get(high) {
            Some(&end) => until(&steps, end),
            None => steps,
        }
    }
}

/// What had happened when something ended. What was open then has lost its return.
fn until(steps: &[UpdateStep], end: u32) -> Vec<UpdateStep> {
    let begun = steps.iter().filter(|step| step.invoked < end);
    let cut = begun.filter_map(|step| match step.deed {
        _ if step.completed <= end => Some(*step),
        UpdateDeed::Read(_) | UpdateDeed::Miss { .. } => None,
        UpdateDeed::Write(_) | UpdateDeed::Swap { .. } => {
            Some(UpdateStep { completed: NEVER, ..*step })
        }
    });
    cut.collect()
}

/// Every value given or read.
fn values(steps: &[UpdateStep]) -> Vec<u32> {
    let of = |step: &UpdateStep| match step.deed {
        UpdateDeed::Read(value) => Some(value),
        deed => deed.gives(),
    };
    let mut values: Vec<u32> = steps.iter().filter_map(of).collect();
    values.sort_unstable();
    values.dedup();
    values
}

/// The steps without this value.
fn without(steps: &[UpdateStep], value: u32) -> Vec<UpdateStep> {
    let mut gone = vec![value];
    let mut next = 0;
    while let Some(&value) = gone.get(next) {
        next += 1;
        for step in steps {
            if let UpdateDeed::Swap { old, new } = step.deed
                && old == value
                && !gone.contains(&new)
            {
                gone.push(new);
            }
        }
    }
    let gives = |step: &&UpdateStep| step.deed.gives().is_some_and(|value| gone.contains(&value));
    let first = steps.iter().filter(gives).map(|step| step.invoked).min();
    let stays = |step: &&UpdateStep| match step.deed {
        UpdateDeed::Read(value) => !gone.contains(&value),
        UpdateDeed::Miss { .. } => first.is_none_or(|first| step.completed < first),
        deed => deed.gives().is_none_or(|value| !gone.contains(&value)),
    };
    steps.iter().filter(stays).copied().collect()
}
