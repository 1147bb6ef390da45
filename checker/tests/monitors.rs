//! Monitors on long histories, through the public interface.

use std::collections::{BTreeSet, VecDeque};

use rashomon_checker::linearizability::Call;
use rashomon_checker::model::{ContainerOp, ContainerRet, CounterOp, CounterRet, SetOp, SetRet};
use rashomon_checker::monitors::{
    Indecision, MonitorVerdict, Violation, counter, priority_queue, queue, set, stack,
};
use rashomon_checker::{Observed, OpIndex, Position};

/// Chance, from a seed: the same on every machine.
struct Chance(u64);

impl Chance {
    fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        usize::try_from(self.0 >> 33).expect("31 bits are left") % limit
    }
}

/// Runs calls on a correct object, `processes` at a time: each takes effect at one moment between
/// its invocation and its return. One in `odds_of_loss` loses its return.
fn run<O: Clone, R>(
    chance: &mut Chance,
    len: u32,
    processes: usize,
    odds_of_loss: usize,
    mut ask: impl FnMut(&mut Chance) -> O,
    mut apply: impl FnMut(&O) -> R,
) -> Vec<Call<O, R>> {
    let mut calls: Vec<Call<O, R>> = Vec::new();
    let mut running: Vec<(usize, Option<R>)> = Vec::new();
    for now in 0.. {
        let done = calls.len() == len as usize;
        if done && running.is_empty() {
            return calls;
        }
        if !done && running.len() < processes && chance.below(2) == 0 {
            let index = OpIndex(u32::try_from(calls.len()).expect("a u32 was asked for"));
            calls.push(Call::lost(index, ask(chance), Position(now)));
            running.push((calls.len() - 1, None));
        } else if let Some(last) = running.len().checked_sub(1) {
            let at = chance.below(last + 1);
            let lost = chance.below(odds_of_loss) == 0;
            match running.swap_remove(at) {
                (call, None) => {
                    let ret = apply(&calls[call].op);
                    running.push((call, Some(ret)));
                }
                (call, Some(ret)) if !lost => {
                    calls[call].seen = Observed::Returned(ret);
                    calls[call].completed = Some(Position(now));
                }
                (_, Some(_)) => {}
            }
        }
    }
    unreachable!("the loop ends when all calls have run");
}

type ContainerCalls = Vec<Call<ContainerOp<u32>, ContainerRet<u32>>>;

fn container<S>(
    len: u32,
    odds_of_loss: usize,
    mut state: S,
    put: impl Fn(&mut S, u32),
    take: impl Fn(&mut S) -> Option<u32>,
) -> ContainerCalls {
    let mut next = 0_u32;
    let ask = |chance: &mut Chance| {
        if chance.below(2) == 0 {
            return ContainerOp::Take;
        }
        next += 1;
        // Distinct, and not in order.
        ContainerOp::Insert(next.wrapping_mul(2_654_435_761))
    };
    let apply = |op: &ContainerOp<u32>| match op {
        ContainerOp::Insert(value) => {
            put(&mut state, *value);
            ContainerRet::Inserted
        }
        ContainerOp::Take => ContainerRet::Taken(take(&mut state)),
        ContainerOp::Peek => unreachable!("nothing asks without taking"),
    };
    run(&mut Chance(len.into()), len, 8, odds_of_loss, ask, apply)
}

fn long_queue(odds_of_loss: usize) -> ContainerCalls {
    container(100_000, odds_of_loss, VecDeque::new(), VecDeque::push_back, VecDeque::pop_front)
}

fn long_stack(odds_of_loss: usize) -> ContainerCalls {
    container(100_000, odds_of_loss, Vec::new(), Vec::push, Vec::pop)
}

fn long_priority_queue(odds_of_loss: usize) -> ContainerCalls {
    let put = |held: &mut BTreeSet<u32>, value| assert!(held.insert(value), "each once");
    container(100_000, odds_of_loss, BTreeSet::new(), put, BTreeSet::pop_first)
}

/// Exchanges what two takes returned, the second long after the first.
fn exchange(calls: &mut ContainerCalls) {
    let took = |call: &Call<ContainerOp<u32>, ContainerRet<u32>>| {
        matches!(call.seen, Observed::Returned(ContainerRet::Taken(Some(_))))
    };
    let takes: Vec<usize> = (0..calls.len()).filter(|&at| took(&calls[at])).collect();
    let (one, other) = (takes[takes.len() / 2], takes[takes.len() / 2 + 12]);
    let seen = calls[one].seen;
    calls[one].seen = calls[other].seen;
    calls[other].seen = seen;
}

fn culprits(verdict: &MonitorVerdict) -> usize {
    match verdict {
        MonitorVerdict::Invalid { culprits, .. } => culprits.len(),
        MonitorVerdict::Valid | MonitorVerdict::Undecided { .. } => 0,
    }
}

#[test]
fn a_long_history_of_a_queue_is_valid_until_two_returns_are_exchanged() {
    for odds_of_loss in [usize::MAX, 1000, 20] {
        let mut calls = long_queue(odds_of_loss);
        assert!(queue::check(&calls).is_valid());
        exchange(&mut calls);
        let verdict = queue::check(&calls);
        assert!((2..=6).contains(&culprits(&verdict)), "{verdict:?}");
    }
}

#[test]
fn a_long_history_of_a_stack_is_valid_until_two_returns_are_exchanged() {
    for odds_of_loss in [usize::MAX, 10_000] {
        let mut calls = long_stack(odds_of_loss);
        assert!(stack::check(&calls).is_valid());
        exchange(&mut calls);
        let verdict = stack::check(&calls);
        assert!((2..=12).contains(&culprits(&verdict)), "{verdict:?}");
    }
}

#[test]
fn a_long_history_of_a_priority_queue_is_valid_until_two_returns_are_exchanged() {
    for odds_of_loss in [usize::MAX, 10_000] {
        let mut calls = long_priority_queue(odds_of_loss);
        assert!(priority_queue::check(&calls).is_valid());
        exchange(&mut calls);
        let verdict = priority_queue::check(&calls);
        assert!((2..=12).contains(&culprits(&verdict)), "{verdict:?}");
    }
}

#[test]
fn elements_that_never_come_out_cost_no_more() {
    let only_inserts: ContainerCalls =
        long_stack(usize::MAX).into_iter().filter(|call| call.op != ContainerOp::Take).collect();
    assert!(stack::check(&only_inserts).is_valid());
    assert!(queue::check(&only_inserts).is_valid());
    assert!(priority_queue::check(&only_inserts).is_valid());
}

#[test]
fn a_long_history_of_a_counter_is_valid_until_a_read_forgets_an_addition() {
    let mut sum = 0;
    let ask = |chance: &mut Chance| {
        if chance.below(2) == 0 { CounterOp::Read } else { CounterOp::Add(2) }
    };
    let apply = |op: &CounterOp| match *op {
        CounterOp::Read => CounterRet::Sum(sum),
        CounterOp::Add(amount) => {
            sum += amount;
            CounterRet::Added
        }
    };
    let mut calls = run(&mut Chance(1), 100_000, 8, 100, ask, apply);
    assert!(counter::check(&calls).is_valid());
    let read = calls[60_000..].iter_mut().find_map(|call| match &mut call.seen {
        Observed::Returned(CounterRet::Sum(sum)) => Some(sum),
        Observed::Returned(CounterRet::Added) | Observed::Lost => None,
    });
    *read.unwrap() -= 40;
    let verdict = counter::check(&calls);
    let reason = Violation::SumTooNear { read: OpIndex(0), since: None };
    let MonitorVerdict::Invalid { reason: found, .. } = &verdict else { panic!("{verdict:?}") };
    assert_eq!(found.class(), reason.class());
}

#[test]
fn a_long_history_of_a_set_is_valid_until_an_acknowledged_addition_is_missed() {
    let mut next = 0;
    let ask = |chance: &mut Chance| match chance.below(4) {
        0 | 1 => {
            next += 1;
            SetOp::Add(next)
        }
        2 => SetOp::Contains(1 + chance.below(50_000)),
        _ => SetOp::Remove(1 + chance.below(50_000)),
    };
    let mut held = BTreeSet::new();
    let apply = |op: &SetOp<usize>| match op {
        SetOp::Add(value) => {
            held.insert(*value);
            SetRet::Done
        }
        SetOp::Remove(value) => {
            held.remove(value);
            SetRet::Done
        }
        SetOp::Contains(value) => SetRet::Contains(held.contains(value)),
        SetOp::Read => unreachable!("nothing asks for the whole set"),
    };
    let mut calls = run(&mut Chance(1), 100_000, 8, 100, ask, apply);
    assert!(set::check(&calls).is_valid());
    let seen = calls.iter_mut().find_map(|call| match &mut call.seen {
        Observed::Returned(SetRet::Contains(seen @ true)) => Some(seen),
        Observed::Returned(_) | Observed::Lost => None,
    });
    *seen.unwrap() = false;
    let verdict = set::check(&calls);
    assert!((2..=4).contains(&culprits(&verdict)), "{verdict:?}");
}

#[test]
fn an_element_put_in_twice_leaves_the_monitor_undecided() {
    let insert = |index, at| {
        let (invoked, completed) = (Position(at), Position(at + 1));
        Call::returned(
            OpIndex(index),
            ContainerOp::Insert(7),
            ContainerRet::Inserted,
            invoked,
            completed,
        )
    };
    let calls = [insert(0, 0), insert(1, 2)];
    let reason = Indecision::InsertedTwice { first: OpIndex(0), again: OpIndex(1) };
    assert_eq!(queue::check(&calls), MonitorVerdict::Undecided { reason });
}

#[test]
fn a_set_of_few_elements_changed_by_many_clients_is_decided_element_by_element() {
    for seed in 1..=10 {
        let ask = |chance: &mut Chance| {
            let element = chance.below(20);
            match chance.below(3) {
                0 => SetOp::Add(element),
                1 => SetOp::Remove(element),
                _ => SetOp::Contains(element),
            }
        };
        let mut held = BTreeSet::new();
        let apply = |op: &SetOp<usize>| match op {
            SetOp::Add(value) => SetRet::Changed(held.insert(*value)),
            SetOp::Remove(value) => SetRet::Changed(held.remove(value)),
            SetOp::Contains(value) => SetRet::Contains(held.contains(value)),
            SetOp::Read => unreachable!("nothing asks for the whole set"),
        };
        let mut calls = run(&mut Chance(seed), 500, 20, 10, ask, apply);
        assert_eq!(set::check(&calls), MonitorVerdict::Valid, "seed {seed}");
        // The same without a word on what was changed.
        for call in &mut calls {
            if let Observed::Returned(seen @ SetRet::Changed(_)) = &mut call.seen {
                *seen = SetRet::Done;
            }
        }
        assert_eq!(set::check(&calls), MonitorVerdict::Valid, "seed {seed}");
    }
}
