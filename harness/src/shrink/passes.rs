//! The dimensions in which a scenario is cut down, one after another.

use std::sync::Arc;

use rashomon_checker::Time;

use super::ddmin::least;
use super::trials::Trials;
use crate::chance::{Decided, Name, Otherwise};
use crate::fault::FaultSpan;
use crate::scenario::Scenario;
use crate::subject::Subject;

/// Cuts down in one dimension.
pub(super) type Pass = fn(&mut Trials<'_>) -> anyhow::Result<()>;

/// Leaves out operations: those that the witness has no need of first, then any.
pub(super) fn operations(trials: &mut Trials<'_>) -> anyhow::Result<()> {
    let whole = trials.scenario().clone();
    let witness = trials.evidence().map(|it| it.ops.clone()).unwrap_or_default();
    let (kept, others): (Vec<usize>, Vec<usize>) =
        (0..whole.operations.len()).partition(|place| witness.contains(place));
    let with = |places: &mut dyn Iterator<Item = usize>| {
        let mut places: Vec<usize> = places.collect();
        places.sort_unstable();
        places.into_iter().map(|place| whole.operations[place].clone()).collect::<Vec<_>>()
    };
    least(&others, &mut |left| {
        let operations = with(&mut kept.iter().chain(left).copied());
        let candidate = Scenario { operations, ..trials.scenario().clone() };
        trials.tries(candidate)
    })?;
    let left = trials.scenario().operations.clone();
    let one_by_one = |trials: &mut Trials<'_>| {
        least(&left, &mut |left| {
            let candidate = Scenario { operations: left.to_vec(), ..trials.scenario().clone() };
            trials.tries(candidate)
        })
    };
    one_by_one(trials).map(|_| ())
}

/// Leaves out faults.
pub(super) fn faults(trials: &mut Trials<'_>) -> anyhow::Result<()> {
    let spans = trials.scenario().plan.spans.clone();
    let left = least(&spans, &mut |left| {
        let mut candidate = trials.scenario().clone();
        candidate.plan.spans = left.to_vec();
        trials.tries(candidate)
    });
    left.map(|_| ())
}

/// Makes faults shorter: by halves from their ends, then from their starts.
pub(super) fn lengths(trials: &mut Trials<'_>) -> anyhow::Result<()> {
    const HALVES: usize = 4;
    let ends_sooner = |span: &mut FaultSpan| span.lasts.0 /= 2;
    let starts_later = |span: &mut FaultSpan| {
        let half = span.lasts.0 / 2;
        (span.start, span.lasts) = (Time(span.start.0 + half), Time(span.lasts.0 - half));
    };
    let cuts: [&dyn Fn(&mut FaultSpan); 2] = [&ends_sooner, &starts_later];
    for place in 0..trials.scenario().plan.spans.len() {
        for cut in cuts {
            for _ in 0..HALVES {
                let mut candidate = trials.scenario().clone();
                cut(&mut candidate.plan.spans[place]);
                if !trials.tries(candidate)? {
                    break;
                }
            }
        }
    }
    Ok(())
}

/// Leaves out nodes that nothing names, from the last on.
pub(super) fn nodes(trials: &mut Trials<'_>) -> anyhow::Result<()> {
    loop {
        let mut candidate = trials.scenario().clone();
        let Subject::Reference(target) = &mut candidate.settings.target else { return Ok(()) };
        target.nodes -= 1;
        let nodes = target.nodes;
        let is_asked = candidate.operations.iter().any(|it| it.node() > nodes);
        let can_be = nodes > 0
            && !is_asked
            && candidate.settings.validate().is_ok()
            && candidate.plan.check_nodes(&candidate.settings.members()).is_ok();
        if !can_be || !trials.tries(candidate)? {
            return Ok(());
        }
    }
}

/// Has messages, disks and clients take the usual time, all but those that matter.
pub(super) fn times(trials: &mut Trials<'_>) -> anyhow::Result<()> {
    let drawn = trials.scenario().chance.decided.clone();
    let usual = |trials: &mut Trials<'_>, decided: Decided| {
        let mut candidate = trials.scenario().clone();
        candidate.chance.otherwise = Otherwise::Usual;
        candidate.chance.decided = decided.into();
        trials.tries(candidate)
    };
    if usual(trials, Decided::new())? {
        return Ok(());
    }
    let (times, others) = times_and_others(&drawn);
    // The more unlike the usual one a time is, the likelier it matters.
    let unlike = |(name, time): (&Name, &u64)| time.abs_diff(name.usual().unwrap_or(0));
    let mut ranked: Vec<(Name, u64)> = times.iter().map(|(name, time)| (*name, *time)).collect();
    ranked.sort_by_key(|(name, time)| std::cmp::Reverse(unlike((name, time))));
    let left = least(&ranked, &mut |left| {
        let decided = others.iter().map(|(name, it)| (*name, *it)).chain(left.iter().copied());
        usual(trials, decided.collect())
    });
    left.map(|_| ())
}

/// Leaves out what chance decides of other things than times: it is drawn from the key then.
pub(super) fn chance(trials: &mut Trials<'_>) -> anyhow::Result<()> {
    if trials.scenario().chance.otherwise != Otherwise::Usual {
        return Ok(());
    }
    let decided = trials.scenario().chance.decided.clone();
    let (times, others) = times_and_others(&decided);
    let others: Vec<(Name, u64)> = others.into_iter().collect();
    let left = least(&others, &mut |left| {
        let mut candidate = trials.scenario().clone();
        let times = times.iter().map(|(name, time)| (*name, *time));
        candidate.chance.decided = Arc::new(times.chain(left.iter().copied()).collect());
        trials.tries(candidate)
    });
    left.map(|_| ())
}

/// Decided times, and what else is decided.
fn times_and_others(decided: &Decided) -> (Decided, Decided) {
    decided.iter().map(|(name, it)| (*name, *it)).partition(|(name, _)| name.usual().is_some())
}
