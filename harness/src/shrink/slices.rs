//! What cannot matter, or does not seem to, is left out at one stroke: the most at first.

use std::collections::BTreeSet;

use rashomon_checker::Time;
use rashomon_workloads::Key;

use super::evidence::Evidence;
use super::trials::Trials;
use crate::chance::{Chance, Decided, Otherwise};
use crate::run::drive::Closing;
use crate::scenario::Scenario;

/// The number of operations that is much.
const MUCH: usize = 100;
/// How many other chances are tried.
const OTHERS: u64 = 8;
/// How long before a failure its causes are looked for, the shortest time first, in nanoseconds.
const BEFORE: [u64; 3] = [200_000_000, 1_000_000_000, 4_000_000_000];

/// Keeps the least of some slices that still fails; then once more of that, as its witness may be another.
pub(super) fn slice(trials: &mut Trials<'_>) -> anyhow::Result<()> {
    for _ in 0..2 {
        let Some(evidence) = trials.evidence().cloned() else { return Ok(()) };
        let candidates = candidates(trials.scenario(), &evidence);
        let mut has_shrunk = false;
        for candidate in candidates {
            has_shrunk = trials.tries(candidate)?;
            if has_shrunk {
                break;
            }
        }
        if !has_shrunk {
            break;
        }
    }
    with_other_chances(trials)
}

/// Where much is left, because what was left out had moved an election, say, a slice is tried with other chances.
fn with_other_chances(trials: &mut Trials<'_>) -> anyhow::Result<()> {
    let Some(evidence) = trials.evidence().cloned() else { return Ok(()) };
    if trials.scenario().operations.len() < MUCH {
        return Ok(());
    }
    let [_, of_keys, ..] = &candidates(trials.scenario(), &evidence)[..] else { return Ok(()) };
    for other in 1..=OTHERS {
        let mut candidate = of_keys.clone();
        candidate.chance = Chance {
            key: candidate.chance.key.wrapping_add(other),
            otherwise: Otherwise::Drawn,
            decided: Decided::new().into(),
        };
        if trials.tries(candidate)? {
            break;
        }
    }
    Ok(())
}

/// From those that leave the most out to those that leave out only what comes later than the failure.
fn candidates(scenario: &Scenario, evidence: &Evidence) -> Vec<Scenario> {
    let is_later = |at: Time| evidence.closing == Closing::Nothing && at > evidence.to;
    let [soon, sooner, soonest] = BEFORE.map(|it| Time(evidence.from.0.saturating_sub(it)));
    let keys: BTreeSet<&Key> = evidence
        .ops
        .iter()
        .flat_map(|&place| scenario.operations[place].op.action.keys())
        .collect();
    let shares_key = |place: usize| {
        let its = scenario.operations[place].op.action.keys();
        its.into_iter().any(|key| keys.contains(key))
    };
    let at = |place: usize| scenario.operations[place].at;
    let keeps: [&dyn Fn(usize) -> bool; 7] = [
        &|_| false,
        &|place| shares_key(place) && at(place) >= soon,
        &shares_key,
        &|place| at(place) >= soon,
        &|place| at(place) >= sooner,
        &|place| at(place) >= soonest,
        &|_| true,
    ];
    let slice = |keeps: &&dyn Fn(usize) -> bool| {
        let mut slice = scenario.clone();
        let kept = (0..scenario.operations.len()).filter(|&place| {
            evidence.ops.contains(&place) || (keeps(place) && !is_later(at(place)))
        });
        slice.operations = kept.map(|place| scenario.operations[place].clone()).collect();
        slice.plan.spans.retain(|span| !is_later(span.start));
        slice.closing = evidence.closing;
        if evidence.closing == Closing::Nothing {
            // One that waits for a condition would wait less long if it were shorter.
            for span in slice.plan.spans.iter_mut().filter(|span| span.once.is_none()) {
                let left = (evidence.to.0 + 1).saturating_sub(span.start.0);
                span.lasts = span.lasts.min(Time(left));
            }
        }
        slice
    };
    keeps.iter().map(slice).collect()
}
