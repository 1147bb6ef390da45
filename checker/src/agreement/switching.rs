//! Registers whose values repeat, judged by the changes of the value.

use crate::linearizability::register::switches::{self, SwitchLimits};
use crate::linearizability::search::engine::{Answer, Orders};
use crate::linearizability::wgl;
use crate::model::{Register, RegisterOp, RegisterRet};
use crate::{Budget, Call, Model, OpIndex, Position};

use super::{Agreed, Chance};

type RegisterCall = Call<RegisterOp<u32>, RegisterRet<u32>>;

/// Judges one random history of a register with few values by the changes of its value, in several
/// widths, and by the reference, which must agree. Nothing if only orders are found, and none was.
///
/// # Errors
///
/// Tells the history if they disagree.
///
/// # Panics
///
/// If an order that was found is none.
pub fn switching_case(seed: u64) -> Result<Option<Agreed>, String> {
    let calls = calls(&mut Chance::new(seed));
    let budget = Budget { configurations: 1_000_000, ..Budget::default() };
    let Some(expected) = wgl::search(&Register::new(), &calls, &budget).linearizable else {
        return Ok(None);
    };
    let mut is_decided = false;
    for (width, steps) in [(1, 1), (3, 4), (256, 16)] {
        let search = switches::search(&calls, &budget, Orders::Told, SwitchLimits { width, steps });
        let answer = search.expect("there are few slots").answer;
        let told = match answer {
            Answer::Linearizable(_) => true,
            Answer::Violation { stuck } => {
                check_stuck(&calls, stuck, seed)?;
                false
            }
            Answer::Spent | Answer::Stopped => continue,
        };
        if told != expected {
            let lines: Vec<String> = calls.iter().map(|call| format!("  {call:?}")).collect();
            return Err(format!(
                "switching seed {seed}: the reference says {expected}, width {width} says {told}\n{}",
                lines.join("\n")
            ));
        }
        is_decided = true;
    }
    let agreed = if expected { Agreed::Linearizable } else { Agreed::NotLinearizable };
    Ok(Some(agreed).filter(|_| is_decided))
}

/// What happened up to the end of the call that got stuck has no order either.
fn check_stuck(calls: &[RegisterCall], stuck: usize, seed: u64) -> Result<(), String> {
    let end = calls[stuck].completed.expect("only what returns gets stuck");
    let until = calls.iter().filter(|call| call.invoked <= end).map(|call| {
        if call.completed.is_some_and(|at| at <= end) {
            call.clone()
        } else {
            Call::lost(call.index, call.op, call.invoked)
        }
    });
    let until: Vec<RegisterCall> = until.collect();
    match wgl::search(&Register::new(), &until, &Budget::default()).linearizable {
        Some(false) => Ok(()),
        other => Err(format!("switching seed {seed}: {other:?} up to call {stuck} of {calls:?}")),
    }
}

/// An operation, and when it begins, takes effect and ends.
struct Planned {
    begins: usize,
    effect: usize,
    ends: usize,
}

/// What an operation asked, and what it was told, if anything.
type Told = (Planned, RegisterOp<u32>, Option<RegisterRet<u32>>);

/// Calls of three to fourteen operations, mostly on a plain register, that a correct one might
/// answer; in two of three histories something is then wrong.
fn calls(chance: &mut Chance) -> Vec<RegisterCall> {
    let operations = 3 + chance.below(12);
    let values = 2 + chance.below(4);
    let has_cas = chance.one_in(4);
    let loses = chance.one_in(3);
    let wide = 12 * (1 + chance.below(4));
    let mut planned: Vec<Planned> = (0..operations)
        .map(|_| {
            let effect = chance.below(100);
            let begins = effect.saturating_sub(chance.below(wide));
            Planned { begins, effect, ends: effect + chance.below(wide) }
        })
        .collect();
    planned.sort_by_key(|op| op.effect);
    let model = Register::new();
    let mut state = model.init();
    let mut told: Vec<Told> = Vec::new();
    for op in planned {
        let mut draw = || u32::try_from(chance.below(values)).expect("there are few values");
        let (one, other) = (draw(), draw());
        let asked = match chance.below(if has_cas { 6 } else { 4 }) {
            0 | 1 => RegisterOp::Read,
            2 | 3 => RegisterOp::Write(one),
            _ if chance.one_in(2) => RegisterOp::Cas { old: state, new: other },
            _ => RegisterOp::Cas { old: Some(one), new: other },
        };
        let ret = match asked {
            RegisterOp::Read => RegisterRet::Read(state),
            RegisterOp::Write(_) => RegisterRet::Written,
            RegisterOp::Cas { old, .. } => RegisterRet::Swapped(old == state),
        };
        let next = model.step(&state, &asked, crate::Observed::Returned(&ret));
        state = next.expect("that is what it returns");
        let is_lost = loses && asked != RegisterOp::Read && chance.one_in(5);
        told.push((op, asked, Some(ret).filter(|_| !is_lost)));
    }
    if !chance.one_in(3) {
        spoil(&mut told, values, chance);
    }
    placed(told, chance)
}

fn spoil(told: &mut [Told], values: usize, chance: &mut Chance) {
    for _ in 0..=chance.below(2) {
        let at = chance.below(told.len());
        if let Some(RegisterRet::Read(value)) = &mut told[at].2 {
            *value = Some(u32::try_from(chance.below(values)).expect("there are few values"));
        }
    }
}

/// The calls, with what happens at the same time in some order.
fn placed(told: Vec<Told>, chance: &mut Chance) -> Vec<RegisterCall> {
    let mut events: Vec<(usize, usize, usize, bool)> = Vec::new();
    for (number, (op, ..)) in told.iter().enumerate() {
        events.push((2 * op.begins, chance.below(1_000), number, false));
        events.push((2 * op.ends + 1, chance.below(1_000), number, true));
    }
    events.sort_unstable();
    let mut at = vec![[Position(0); 2]; told.len()];
    for (position, &(_, _, number, is_end)) in (0u32..).zip(&events) {
        at[number][usize::from(is_end)] = Position(position);
    }
    let mut calls: Vec<RegisterCall> = (0u32..)
        .zip(told)
        .map(|(index, (_, op, ret))| {
            let [invoked, completed] = at[index as usize];
            match ret {
                Some(ret) => Call::returned(OpIndex(index), op, ret, invoked, completed),
                None => Call::lost(OpIndex(index), op, invoked),
            }
        })
        .collect();
    calls.sort_by_key(|call| call.invoked);
    calls
}

#[cfg(test)]
mod tests {
    use std::panic::{AssertUnwindSafe, catch_unwind};

    use super::*;
    use crate::plant::{self, Bug};

    #[test]
    fn the_changes_of_a_register_tell_what_the_reference_tells() {
        let mut counts = [0; 3];
        for seed in 0..15_000 {
            match switching_case(seed) {
                Ok(Some(Agreed::Linearizable)) => counts[0] += 1,
                Ok(Some(Agreed::NotLinearizable)) => counts[1] += 1,
                Ok(None) => counts[2] += 1,
                Err(told) => panic!("{told}"),
            }
        }
        let [valid, invalid, undecided] = counts;
        assert!(valid > 5_000 && invalid > 1_250, "{valid} valid, {invalid} not");
        assert!(undecided < 1_500, "{undecided} undecided");
    }

    #[test]
    fn each_mistake_planted_in_the_changes_of_a_register_is_caught() {
        let bugs = [
            Bug::SwitchForgetCuts,
            Bug::SwitchForgetDebt,
            Bug::SwitchForgetStock,
            Bug::SwitchForgetNeeds,
            Bug::SwitchForgetCover,
            Bug::SwitchUseLast,
            Bug::SwitchNeverPass,
            Bug::SwitchNeverUseAtEnd,
        ];
        for bug in bugs {
            // An order that is none is found out by a panic.
            let is_wrong = |seed| {
                let judge = || plant::with(bug, || switching_case(seed));
                !matches!(catch_unwind(AssertUnwindSafe(judge)), Ok(Ok(_)))
            };
            assert!((0..60_000).any(is_wrong), "{bug:?} was not noticed");
        }
    }
}
