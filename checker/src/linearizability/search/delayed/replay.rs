//! From what was taken out, and when, to an order of all calls.

use super::TakenEnd;
use super::script::{ContainerScript, ContainerStep, NEVER};

/// A take that took effect.
#[derive(Clone, Copy, Debug)]
pub(super) struct Effect {
    pub(super) take: u32,
    /// What had put in what it took out; `None` if it found nothing.
    pub(super) insertion: Option<u32>,
    /// It took effect right before this event.
    pub(super) at: u32,
}

/// When something took effect: before an event, and there by rank.
type Moment = (u32, Rank);

/// First those things that happened by the way, in their order; then what was put in for longer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Rank {
    /// The effect with this number, or what was put in just before it.
    Effect(usize),
    /// At the end, and there in this order.
    End(usize),
}

/// The calls, by number, in an order that follows from these effects.
pub(super) fn order(
    script: &ContainerScript,
    discipline: TakenEnd,
    effects: &[Effect],
) -> Vec<u32> {
    let put_in = match discipline {
        TakenEnd::First => first_in_first_out(script, effects),
        TakenEnd::Last => last_in_first_out(script, effects),
    };
    // What is put in at the moment of an effect comes before it, in its order.
    let mut order: Vec<(Moment, bool, usize, u32)> = Vec::new();
    for (place, (insertion, moment)) in put_in.into_iter().enumerate() {
        order.push((moment, false, place, script.insertion(insertion).call));
    }
    for (number, effect) in effects.iter().enumerate() {
        let call = script.removal(effect.take).call;
        order.push(((effect.at, Rank::Effect(number)), true, 0, call));
    }
    order.sort_unstable();
    order.into_iter().map(|(.., call)| call).collect()
}

/// What is put in though nothing took it out.
fn left_inside<'a>(
    script: &'a ContainerScript,
    effects: &[Effect],
) -> impl Iterator<Item = u32> + 'a {
    let mut is_taken = vec![false; script.insertions.len()];
    effects.iter().filter_map(|it| it.insertion).for_each(|it| is_taken[it as usize] = true);
    let all = (0u32..).zip(&script.insertions);
    let left = all.filter(move |&(number, it)| it.ends != NEVER && !is_taken[number as usize]);
    left.map(|(number, _)| number)
}

/// When each element was put in: as late as it can be, if all come out in their order.
fn first_in_first_out(script: &ContainerScript, effects: &[Effect]) -> Vec<(u32, Moment)> {
    let mut put_in: Vec<(u32, Moment)> = Vec::new();
    let mut left: Vec<u32> = left_inside(script, effects).collect();
    left.sort_unstable_by_key(|&it| script.insertion(it).ends);
    let end = |insertion: u32| (script.insertion(insertion).ends, Rank::End(0));
    put_in.extend(left.iter().rev().map(|&it| (it, end(it))));
    let mut limit = left.first().map_or((NEVER, Rank::End(0)), |&it| end(it));
    for (number, effect) in effects.iter().enumerate().rev() {
        let Some(insertion) = effect.insertion else { continue };
        limit = limit.min(end(insertion)).min((effect.at, Rank::Effect(number)));
        put_in.push((insertion, limit));
    }
    put_in.reverse();
    put_in
}

/// When each element was put in: as late as what is covered allows: see [`stack`](super::stack).
fn last_in_first_out(script: &ContainerScript, effects: &[Effect]) -> Vec<(u32, Moment)> {
    // The gap of each event, and the event that ends each gap.
    let mut gap_of = Vec::with_capacity(script.steps.len());
    let mut ends = Vec::new();
    for (at, step) in (0u32..).zip(&script.steps) {
        gap_of.push(ends.len());
        if matches!(step, ContainerStep::Inserted(_)) {
            ends.push(at);
        }
    }
    ends.push(NEVER);
    let mut is_covered = vec![false; ends.len()];
    let latest = |is_covered: &[bool], insertion: u32, now: usize| {
        let it = script.insertion(insertion);
        let last = if it.ends == NEVER { now } else { gap_of[it.ends as usize].min(now) };
        let gaps = gap_of[it.begins as usize]..=last;
        gaps.rev().find(|&gap| !is_covered[gap]).expect("there is room for what is inside")
    };
    let mut put_in = Vec::new();
    for (number, effect) in effects.iter().enumerate() {
        let Some(insertion) = effect.insertion else { continue };
        let now = gap_of[effect.at as usize];
        let gap = latest(&is_covered, insertion, now);
        let moment = if gap == now {
            (effect.at, Rank::Effect(number))
        } else {
            // What comes out last lies lowest.
            is_covered[gap + 1..now].fill(true);
            (ends[gap], Rank::End(effects.len() - number))
        };
        put_in.push((insertion, moment));
    }
    for insertion in left_inside(script, effects) {
        let gap = latest(&is_covered, insertion, ends.len() - 1);
        put_in.push((insertion, (ends[gap], Rank::End(0))));
    }
    put_in
}
