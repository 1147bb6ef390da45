//! Small histories of sessions, judged by the checkers of weak models and by brute force.

mod brute;
mod every;
mod generate;
mod logged;

#[cfg(test)]
pub(crate) use self::every::every_history;
pub use self::every::{Alphabet, every_weak_case};

use super::Chance;
use crate::weak::{Breach, Sessions, WeakJudgement, line, violates};
use crate::{Budget, Consistency};
use crate::{causal, pram, sequential, sessions};

/// Which models hold for one history, in the order of [`JUDGED`].
pub type HeldModels = [bool; JUDGED.len()];

/// The models that are judged.
pub const JUDGED: [Consistency; 9] = [
    Consistency::ReadYourWrites,
    Consistency::MonotonicReads,
    Consistency::MonotonicWrites,
    Consistency::WritesFollowReads,
    Consistency::Pram,
    Consistency::Causal,
    Consistency::CausalMemory,
    Consistency::CausalConvergence,
    Consistency::Sequential,
];

/// Judges one random history by every checker and by brute force, and each breach by the definition.
///
/// # Errors
///
/// Tells the history if they disagree.
pub fn weak_case(seed: u64) -> Result<HeldModels, String> {
    let sessions = generate::sessions(&mut Chance::new(seed));
    agreed(&sessions).map_err(|told| format!("weak seed {seed}: {told}"))
}

/// A random history of sessions.
#[cfg(test)]
pub(crate) fn some_sessions(seed: u64) -> Sessions {
    generate::sessions(&mut Chance::new(seed))
}

/// Judges `sessions` by every checker and by brute force, and each breach by the definition.
fn agreed(sessions: &Sessions) -> Result<HeldModels, String> {
    let told = |what: String| format!("{what}\n  {}", line(sessions));
    let mut held = [false; JUDGED.len()];
    for ((held, model), judgement) in held.iter_mut().zip(JUDGED).zip(judged(sessions)) {
        let expected = brute::holds(model, sessions);
        let definition = violates(model, sessions);
        if definition != Some(!expected) {
            return Err(told(format!("{model}: brute force says {expected}, the definition not")));
        }
        *held = match judgement {
            WeakJudgement::Holds => true,
            WeakJudgement::Broken(breach) => {
                is_least(sessions, model, &breach).map_err(told)?;
                false
            }
            WeakJudgement::Undecided(reason) => return Err(told(format!("{model}: {reason}"))),
        };
        if *held != expected {
            return Err(told(format!("{model}: brute force says {expected}")));
        }
    }
    let holds = |model| held[JUDGED.iter().position(|&it| it == model).expect("it is judged")];
    let pairs = JUDGED.into_iter().flat_map(|one| JUDGED.map(|other| (one, other)));
    let mut implied = pairs.filter(|&(one, other)| one.implies(other));
    match implied.find(|&(one, other)| holds(one) && !holds(other)) {
        Some((one, other)) => Err(told(format!("{one} holds, and {other} does not"))),
        None => Ok(held),
    }
}

/// What the checkers say, in the order of [`JUDGED`].
fn judged(sessions: &Sessions) -> [WeakJudgement; JUDGED.len()] {
    let budget = Budget::default();
    let [own, reads, writes, follows] = sessions::check(sessions, &budget);
    let [causal, convergence] = causal::check(sessions, &budget);
    let pram = pram::check(sessions, &budget);
    let memory = causal::check_memory(sessions, &budget);
    let sequential = sequential::check(sessions, &[], &budget);
    [own, reads, writes, follows, pram, causal, memory, convergence, sequential]
}

/// Judges one random history of up to sixteen operations by the checker of sequential consistency and by
/// a search that knows nothing but the definition. Whether it is sequentially consistent.
///
/// # Errors
///
/// Tells the history if they disagree, or if a breach is none or not the least.
pub fn sequential_case(seed: u64) -> Result<bool, String> {
    let sessions = logged::sessions(&mut Chance::new(seed));
    let model = Consistency::Sequential;
    let told = |what: String| format!("sequential seed {seed}: {what}\n  {}", line(&sessions));
    let is_broken = |sessions: &Sessions| violates(model, sessions).expect("it is small");
    let holds = !is_broken(&sessions);
    match sequential::check(&sessions, &[], &Budget::default()) {
        WeakJudgement::Holds if holds => Ok(true),
        WeakJudgement::Broken(breach) if !holds => {
            is_least_breach(&sessions, model, &breach, is_broken).map_err(told)?;
            Ok(false)
        }
        other => Err(told(format!("{other:?}, and yet {holds}"))),
    }
}

/// Whether the operations of a breach violate the model, and no fewer do, by brute force.
fn is_least(sessions: &Sessions, model: Consistency, breach: &Breach) -> Result<(), String> {
    is_least_breach(sessions, model, breach, |these| !brute::holds(model, these))
}

fn is_least_breach(
    sessions: &Sessions,
    model: Consistency,
    breach: &Breach,
    is_broken: impl Fn(&Sessions) -> bool,
) -> Result<(), String> {
    let is_broken = |ops: &[u32]| is_broken(&sessions.only(ops));
    if breach.model != model || !is_broken(&breach.ops) {
        return Err(format!("{breach:?} is no breach of {model}"));
    }
    for (place, gone) in breach.ops.iter().enumerate() {
        if is_broken(&sessions.without(&breach.ops, place..place + 1)) {
            return Err(format!("{breach:?} does not need {gone}"));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::panic;

    use super::*;
    use crate::plant::{self, Bug};

    #[test]
    fn checkers_of_weak_models_agree_with_brute_force() {
        let mut held = [0; JUDGED.len()];
        let cases = 7_000;
        for seed in 0..cases {
            let now = weak_case(seed).unwrap_or_else(|told| panic!("{told}"));
            held.iter_mut().zip(now).for_each(|(count, holds)| *count += u64::from(holds));
        }
        for (model, count) in JUDGED.iter().zip(held) {
            let share = count * 100 / cases;
            assert!((10..=98).contains(&share), "{model} holds for {share} % of the histories");
        }
    }

    #[test]
    fn checkers_of_weak_models_agree_with_brute_force_on_every_history_of_four_operations() {
        let every =
            |ops, alphabet| every_weak_case(ops, alphabet).unwrap_or_else(|it| panic!("{it}"));
        assert!(every(4, Alphabet::Plain) > 1_000, "there are many");
        assert!(every(3, Alphabet::WithUpdates) > 1_000, "there are many");
    }

    #[test]
    fn the_checker_of_sequential_consistency_agrees_with_its_definition_on_longer_histories() {
        let cases = 2_000;
        let held = (0..cases)
            .filter(|&seed| sequential_case(seed).unwrap_or_else(|told| panic!("{told}")));
        let share = held.count() * 100 / 2_000;
        assert!((30..=80).contains(&share), "{share} % are sequentially consistent");
    }

    #[test]
    fn each_mistake_planted_in_the_checkers_of_weak_models_is_caught() {
        for bug in [
            Bug::SessionsForgetOwn,
            Bug::SessionsForgetReads,
            Bug::SessionsForgetInitial,
            Bug::SessionsForgetOverwritten,
            Bug::SessionsForgetSwapped,
            Bug::SessionsForgetLateSight,
            Bug::SessionsForgetCauses,
            Bug::UpdateForgetKnown,
            Bug::UpdateReadsLate,
            Bug::CausalForgetInitial,
            Bug::CausalForgetOverwritten,
            Bug::CausalForgetForced,
            Bug::CausalOwnSessionOnly,
        ] {
            // Evidence that shows nothing is a panic.
            let wrong = |seed| {
                let case = || plant::with(bug, || weak_case(seed));
                !matches!(panic::catch_unwind(case), Ok(Ok(_)))
            };
            let caught = (0..20_000).any(wrong);
            assert!(caught, "{bug:?} is not caught");
        }
    }
}
