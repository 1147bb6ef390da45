//! Queues and stacks in which equal elements are put in, judged with their order left open and by
//! everything else.

use std::collections::VecDeque;

use super::{Agreed, Chance, brute};
use crate::linearizability::search::delayed::{self, TakenEnd};
use crate::linearizability::search::engine::{self, Answer, Orders};
use crate::linearizability::{decode, wgl};
use crate::model::{Container, ContainerOp, ContainerRet, Fifo, Lifo};
use crate::{
    Budget, Call, Certificate, Event, EventKind, History, Model, ModelKind, OpIndex, PartOrder,
    ProcessId, Value, WitnessOp, verify,
};

type Calls = [Call<ContainerOp<Value>, ContainerRet<Value>>];

/// Judges one random history of a queue or stack of few values by brute force or the reference, by
/// the engine, and with the order of elements left open, however few configurations are kept. Each
/// order must replay, and all must name the same return as the first that nothing explains.
///
/// # Errors
///
/// Tells the history if judges disagree, or if an order is refused.
///
/// # Panics
///
/// If an order found is none.
pub fn delayed_case(model: ModelKind, seed: u64) -> Result<Agreed, String> {
    let history = history(model, &mut Chance::new(seed));
    let lines: Vec<String> =
        history.iter().map(|op| format!("  {} {:?}", WitnessOp::new(&op), span(&op))).collect();
    let told = |what: &str| format!("{model} delayed seed {seed}: {what}\n{}", lines.join("\n"));
    let ops: Vec<OpIndex> = history.indices().collect();
    let calls =
        decode::container(&history, &ops, model).map_err(|doubt| told(&doubt.to_string()))?;
    let (discipline, expected, stuck) = if model == ModelKind::Queue {
        let model = Container::<Value, Fifo>::new();
        (TakenEnd::First, expected(&model, &calls), stuck(&model, &calls))
    } else {
        let model = Container::<Value, Lifo>::new();
        (TakenEnd::Last, expected(&model, &calls), stuck(&model, &calls))
    };
    if expected != stuck.is_none() {
        return Err(told("the engine disagrees"));
    }
    for width in [1, 3, usize::MAX] {
        let budget = Budget::default();
        let found = delayed::search_with(discipline, &calls, &budget, Orders::Told, width);
        let told = |what: &str| told(&format!("kept {width}: {what}"));
        match found.map(|search| search.answer) {
            Some(Answer::Linearizable(Some(order))) if expected => {
                let order = order.iter().map(|&call| calls[call as usize].index).collect();
                let orders = vec![PartOrder { key: None, order }];
                let certificate = Certificate { orders, ..Certificate::default() };
                verify::certificate(&history, model, &certificate)
                    .map_err(|refused| told(&refused.to_string()))?;
            }
            Some(Answer::Violation { stuck: at }) if stuck == Some(at) => {}
            other => return Err(told(&format!("{expected} is true, not {other:?}"))),
        }
    }
    Ok(if expected { Agreed::Linearizable } else { Agreed::NotLinearizable })
}

fn span(op: &crate::Operation<'_>) -> (u32, Option<u32>) {
    (op.invoked.0, op.completed.map(|it| it.0))
}

/// What brute force says of few calls, and the reference of more.
fn expected<M>(model: &M, calls: &Calls) -> bool
where
    M: Model<Op = ContainerOp<Value>, Ret = ContainerRet<Value>>,
{
    if calls.len() <= 7 {
        return brute::linearizable(model, &calls.iter().collect::<Vec<_>>(), &model.init());
    }
    let walk = wgl::search(model, calls, &Budget::default());
    walk.linearizable.expect("the reference suffices for so few")
}

/// The call that the engine gets stuck at.
fn stuck<M>(model: &M, calls: &Calls) -> Option<usize>
where
    M: Model<Op = ContainerOp<Value>, Ret = ContainerRet<Value>>,
{
    match engine::search(model, calls, &Budget::default(), Orders::Untold).answer {
        Answer::Linearizable(_) => None,
        Answer::Violation { stuck } => Some(stuck),
        Answer::Spent | Answer::Stopped => unreachable!("the budget suffices for so few"),
    }
}

/// An operation in flight, and what it returned once it has taken effect.
struct Flight {
    process: u32,
    inserts: Option<Value>,
    effect: Option<Value>,
}

/// A history of four to sixteen operations of few values; of every two, one is spoiled.
fn history(model: ModelKind, chance: &mut Chance) -> History {
    let (operations, processes) = (4 + chance.below(13), 2 + chance.below(6));
    let (values, inserts) = (1 + chance.below(4), 2 + chance.below(2));
    let [put, take] =
        if model == ModelKind::Queue { ["enqueue", "dequeue"] } else { ["push", "pop"] };
    let mut held = VecDeque::new();
    let mut flights: Vec<Flight> = Vec::new();
    let mut events: Vec<Event> = Vec::new();
    let mut tell = |process: u32, kind, f: &str, value: Value| {
        events.push(Event::new(events.len() as u64, ProcessId(process), kind, f, value));
    };
    let (mut begun, mut next) = (0, 0);
    while begun < operations || !flights.is_empty() {
        if begun < operations && flights.len() < processes && !chance.one_in(3) {
            let value = Value::Int(i64::try_from(1 + chance.below(values)).expect("a few"));
            let inserts = (chance.below(4) < inserts).then_some(value);
            let f = if inserts.is_some() { put } else { take };
            tell(next, EventKind::Invoke, f, inserts.clone().unwrap_or(Value::Nil));
            flights.push(Flight { process: next, inserts, effect: None });
            (begun, next) = (begun + 1, next + 1);
            continue;
        }
        if flights.is_empty() {
            continue;
        }
        let at = chance.below(flights.len());
        let flight = &mut flights[at];
        if flight.effect.is_none() {
            flight.effect = Some(match &flight.inserts {
                Some(value) => {
                    held.push_back(value.clone());
                    Value::Nil
                }
                None if model == ModelKind::Queue => held.pop_front().unwrap_or(Value::Nil),
                None => held.pop_back().unwrap_or(Value::Nil),
            });
        }
        if chance.one_in(2) {
            let flight = flights.remove(at);
            let is_lost = flight.inserts.is_some() && chance.one_in(8);
            let (kind, value) = match flight.effect {
                Some(value) if !is_lost => (EventKind::Ok, value),
                _ => (EventKind::Info, Value::Nil),
            };
            let f = if flight.inserts.is_some() { put } else { take };
            tell(flight.process, kind, f, value);
        }
    }
    if chance.one_in(2) {
        spoil(&mut events, take, values, chance);
    }
    History::from_events(events).expect("the events are well formed")
}

/// A take gives something else.
fn spoil(events: &mut [Event], take: &str, values: usize, chance: &mut Chance) {
    let is_take = |event: &Event| event.kind == EventKind::Ok && &*event.f == take;
    let takes: Vec<usize> = (0..events.len()).filter(|&at| is_take(&events[at])).collect();
    if !takes.is_empty() {
        let value = i64::try_from(chance.below(values + 1)).expect("a few");
        let value = if value == 0 { Value::Nil } else { Value::Int(value) };
        events[takes[chance.below(takes.len())]].value = value;
    }
}

#[cfg(test)]
mod tests {
    use std::panic;

    use super::*;
    use crate::plant::{self, Bug};

    const MODELS: [ModelKind; 2] = [ModelKind::Queue, ModelKind::Stack];

    #[test]
    fn queues_and_stacks_of_few_values_are_judged_as_by_brute_force() {
        for model in MODELS {
            let mut invalid = 0;
            for seed in 0..2_000 {
                match delayed_case(model, seed) {
                    Ok(Agreed::Linearizable) => {}
                    Ok(Agreed::NotLinearizable) => invalid += 1,
                    Err(told) => panic!("{told}"),
                }
            }
            assert!((200..1_800).contains(&invalid), "{model}: {invalid} are not linearizable");
        }
    }

    #[test]
    fn each_mistake_planted_where_the_order_is_left_open_is_caught() {
        let bugs = [
            (Bug::DelayedForgetCuts, ModelKind::Queue),
            (Bug::DelayedForgetCuts, ModelKind::Stack),
            (Bug::DelayedQueueForgetOrder, ModelKind::Queue),
            (Bug::DelayedStackForgetCover, ModelKind::Stack),
            (Bug::DelayedStackTakeLatest, ModelKind::Stack),
            (Bug::DelayedStackSealTooSoon, ModelKind::Stack),
            (Bug::DelayedStackForgetSeal, ModelKind::Stack),
            (Bug::DelayedStackMergeGaps, ModelKind::Stack),
        ];
        for (bug, model) in bugs {
            // What is no order must not be believed: that is a panic.
            let wrong = |seed| {
                let case = || plant::with(bug, || delayed_case(model, seed));
                !matches!(panic::catch_unwind(case), Ok(Ok(_)))
            };
            assert!((0..20_000).any(wrong), "{bug:?} was not noticed on {model}");
        }
    }
}
