//! Exhaustive search, and random histories to compare monitors with it.

use std::collections::BTreeSet;

use rustc_hash::FxHashSet;

use super::violation::MonitorVerdict;
use crate::Call;
use crate::agreement::Chance;
use crate::plant::{self, Bug};
use crate::{Model, Observed, OpIndex, Position};

pub(in crate::linearizability) type CallOf<M> = Call<<M as Model>::Op, <M as Model>::Ret>;

/// Whether some order of the calls explains them, by trying all.
pub(in crate::linearizability) fn explained<M: Model>(model: &M, calls: &[CallOf<M>]) -> bool {
    let mut seen = FxHashSet::default();
    let mut open = vec![(0_u32, model.init())];
    while let Some((done, state)) = open.pop() {
        let waiting = || calls.iter().enumerate().filter(|(at, _)| done & (1 << at) == 0);
        let first_end = waiting().filter_map(|(_, call)| call.completed).min();
        let Some(first_end) = first_end else { return true };
        for (at, call) in waiting().filter(|(_, call)| call.invoked < first_end) {
            for next in model.step(&state, &call.op, seen_of(call)) {
                let reached = (done | 1 << at, next);
                if seen.insert(reached.clone()) {
                    open.push(reached);
                }
            }
        }
    }
    false
}

fn seen_of<O, R>(call: &Call<O, R>) -> Observed<&R> {
    match &call.seen {
        Observed::Returned(ret) => Observed::Returned(ret),
        Observed::Lost => Observed::Lost,
    }
}

/// A history of a correct object: the calls `asked`, some without their results.
pub(in crate::linearizability) fn correct<M: Model>(
    model: &M,
    chance: &mut Chance,
    asked: Vec<M::Op>,
    answers: &[M::Ret],
) -> Vec<CallOf<M>> {
    let mut state = model.init();
    let mut calls: Vec<CallOf<M>> = Vec::new();
    let mut running: Vec<(usize, Option<M::Ret>)> = Vec::new();
    let mut asked = asked.into_iter().peekable();
    let processes = 1 + chance.below(4);
    let odds_of_loss = chance.pick(&[4, 8, 1000]);
    let mut now = 0;
    while asked.peek().is_some() || !running.is_empty() {
        now += 1;
        if running.len() < processes
            && chance.one_in(2)
            && let Some(op) = asked.next()
        {
            let index = OpIndex(u32::try_from(calls.len()).unwrap());
            calls.push(Call::lost(index, op, Position(now)));
            running.push((calls.len() - 1, None));
        } else if !running.is_empty() {
            let at = chance.below(running.len());
            let (call, answer) = running[at].clone();
            match answer {
                None | Some(_) if chance.one_in(odds_of_loss) => drop(running.remove(at)),
                None => {
                    let (ret, next) = answer_of(model, &state, &calls[call].op, answers);
                    state = next;
                    running[at].1 = Some(ret);
                }
                Some(ret) => {
                    running.remove(at);
                    calls[call].seen = Observed::Returned(ret);
                    calls[call].completed = Some(Position(now));
                }
            }
        }
    }
    calls
}

fn answer_of<M: Model>(
    model: &M,
    state: &M::State,
    op: &M::Op,
    answers: &[M::Ret],
) -> (M::Ret, M::State) {
    let fits = |ret: &M::Ret| {
        let next = model.step(state, op, Observed::Returned(ret)).into_iter().next();
        next.map(|next| (ret.clone(), next))
    };
    answers.iter().find_map(fits).expect("some answer fits")
}

/// A history slightly wrong, perhaps: returns, times or places exchanged, or other returns.
pub(in crate::linearizability) fn disturb<O: Clone, R: Clone + PartialEq>(
    chance: &mut Chance,
    calls: &mut [Call<O, R>],
    answers: impl Fn(&O) -> Vec<R>,
) {
    let returned: Vec<usize> =
        (0..calls.len()).filter(|&at| calls[at].completed.is_some()).collect();
    let varied: Vec<usize> =
        returned.iter().copied().filter(|&at| answers(&calls[at].op).len() > 1).collect();
    if returned.is_empty() {
        return;
    }
    for _ in 0..=chance.below(3) {
        let (one, other) = (chance.pick(&returned), chance.pick(&returned));
        match chance.below(4) {
            0 if !varied.is_empty() => {
                let (one, other) = (chance.pick(&varied), chance.pick(&varied));
                if answers(&calls[one].op) == answers(&calls[other].op) {
                    let seen = calls[one].seen.clone();
                    calls[one].seen = calls[other].seen.clone();
                    calls[other].seen = seen;
                }
            }
            1 if !varied.is_empty() => {
                let one = chance.pick(&varied);
                let answer = chance.pick(&answers(&calls[one].op));
                calls[one].seen = Observed::Returned(answer);
            }
            2 => {
                let (end, other_end) = (calls[one].completed, calls[other].completed);
                if end > Some(calls[other].invoked) && other_end > Some(calls[one].invoked) {
                    calls[one].completed = other_end;
                    calls[other].completed = end;
                }
            }
            _ => {
                let (start, other_start) = (calls[one].invoked, calls[other].invoked);
                let (end, other_end) = (calls[one].completed, calls[other].completed);
                if start < other_start && end < Some(other_start) && chance.one_in(2) {
                    // The two change places.
                    (calls[one].invoked, calls[one].completed) = (other_start, other_end);
                    (calls[other].invoked, calls[other].completed) = (start, end);
                } else if end > Some(other_start) && other_end > Some(start) {
                    calls[one].invoked = other_start;
                    calls[other].invoked = start;
                }
            }
        }
    }
}

/// How a comparison went.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(in crate::linearizability) struct Comparison {
    pub(in crate::linearizability) valid: usize,
    pub(in crate::linearizability) invalid: usize,
    pub(in crate::linearizability) undecided: usize,
}

/// Compares `check` with exhaustive search on `cases` histories that `draw` makes.
///
/// # Errors
///
/// The first disagreement: a wrong verdict, or culprits that can be explained, alone or beside some of
/// the other calls.
pub(in crate::linearizability) fn compare<M: Model>(
    model: &M,
    seed: u64,
    cases: usize,
    draw: impl Fn(&mut Chance) -> Vec<CallOf<M>>,
    check: impl Fn(&[CallOf<M>]) -> MonitorVerdict,
) -> Result<Comparison, String>
where
    CallOf<M>: std::fmt::Debug,
{
    let mut chance = Chance::new(seed);
    let mut tally = Comparison::default();
    for case in 0..cases {
        let calls = draw(&mut chance);
        let verdict = check(&calls);
        let wrong = |what: &str| format!("case {case}: {what}: {verdict:?} on {calls:#?}");
        match &verdict {
            MonitorVerdict::Valid => {
                tally.valid += 1;
                if !explained(model, &calls) {
                    return Err(wrong("nothing explains it"));
                }
            }
            MonitorVerdict::Invalid { culprits, .. } => {
                tally.invalid += 1;
                if explained(model, &calls) {
                    return Err(wrong("it is explained"));
                }
                let culprits: BTreeSet<OpIndex> = culprits.iter().copied().collect();
                let of_culprits = calls.iter().filter(|call| culprits.contains(&call.index));
                let alone: Vec<CallOf<M>> = of_culprits.cloned().collect();
                if alone.len() < culprits.len() || explained(model, &alone) {
                    return Err(wrong("the culprits alone are explained"));
                }
                let mut more = calls.clone();
                more.retain(|call| culprits.contains(&call.index) || chance.one_in(2));
                if explained(model, &more) {
                    return Err(wrong(&format!("the culprits are explained in {more:#?}")));
                }
            }
            MonitorVerdict::Undecided { .. } => tally.undecided += 1,
        }
    }
    Ok(tally)
}

/// Asserts that each of these mistakes is found by comparison with exhaustive search.
pub(in crate::linearizability) fn assert_caught<M: Model>(
    bugs: &[Bug],
    model: &M,
    cases: usize,
    draw: impl Fn(&mut Chance) -> Vec<CallOf<M>>,
    check: impl Fn(&[CallOf<M>]) -> MonitorVerdict,
) where
    CallOf<M>: std::fmt::Debug,
{
    compare(model, 7, cases, &draw, &check).expect("without a mistake there is nothing to catch");
    for &bug in bugs {
        let compared = plant::with(bug, || compare(model, 7, cases, &draw, &check));
        assert!(compared.is_err(), "{bug:?} is not caught in {cases} cases");
    }
}

/// How many cases to compare: this many, or as `RASHOMON_MONITOR_CASES` says at compile time.
pub(in crate::linearizability) fn cases(usual: usize) -> usize {
    option_env!("RASHOMON_MONITOR_CASES").map_or(usual, |cases| cases.parse().unwrap())
}

/// Random histories of containers.
pub(in crate::linearizability) mod containers {
    use super::{CallOf, assert_caught, cases, compare, correct, disturb};
    use crate::Call;
    use crate::agreement::Chance;
    use crate::linearizability::violation::MonitorVerdict;
    use crate::model::{Container, ContainerOp, ContainerRet, Discipline};
    use crate::plant::Bug;
    use crate::{Observed, OpIndex, Position};

    pub(in crate::linearizability) type ContainerCall = Call<ContainerOp<u8>, ContainerRet<u8>>;

    type Check = fn(&[ContainerCall]) -> MonitorVerdict;

    /// Asserts that a monitor says of short histories what exhaustive search says.
    pub(in crate::linearizability) fn assert_agrees<D: Discipline>(check: Check) {
        let model = Container::<u8, D>::new();
        let tally = compare(&model, 1, cases(40_000), draw::<D>, check).unwrap();
        assert_eq!(tally.undecided, 0);
        assert!(tally.valid.min(tally.invalid) * 5 > tally.valid.max(tally.invalid), "{tally:?}");
    }

    /// Asserts that a monitor says of longer histories what exhaustive search says.
    pub(in crate::linearizability) fn assert_agrees_on_longer<D: Discipline>(check: Check) {
        let model = Container::<u8, D>::new();
        let tally = compare(&model, 2, cases(3_000), draw_longer::<D>, check).unwrap();
        assert_eq!(tally.undecided, 0);
        assert!(tally.valid > 0 && tally.invalid > 0, "{tally:?}");
    }

    /// Asserts that each of these mistakes in a monitor is found.
    pub(in crate::linearizability) fn assert_bugs_are_caught<D: Discipline>(
        bugs: &[Bug],
        check: Check,
    ) {
        assert_caught(bugs, &Container::<u8, D>::new(), 40_000, draw::<D>, check);
    }

    /// Asserts that a monitor leaves a history with peeks undecided where it cannot be sure.
    pub(in crate::linearizability) fn assert_peeks_are_never_guessed<D: Discipline>(check: Check) {
        let model = Container::<u8, D>::new();
        let tally = compare(&model, 3, cases(10_000), draw_peeks::<D>, check).unwrap();
        assert!(tally.undecided > 0 && tally.invalid > 0 && tally.valid > 0, "{tally:?}");
        assert_caught(&[Bug::PeekTrustTheRest], &model, 10_000, draw_peeks::<D>, check);
    }

    /// A random history of 2 to 10 calls.
    pub(in crate::linearizability) fn draw<D: Discipline>(
        chance: &mut Chance,
    ) -> Vec<ContainerCall> {
        let len = 2 + chance.below(7);
        if chance.one_in(2) { disturbed::<D>(chance, len) } else { scattered(chance) }
    }

    /// A random history of 9 to 14 calls, most of them disturbed.
    pub(in crate::linearizability) fn draw_longer<D: Discipline>(
        chance: &mut Chance,
    ) -> Vec<ContainerCall> {
        loop {
            let len = 9 + chance.below(6);
            let calls = disturbed::<D>(chance, len);
            // Exhaustive search does not bear more.
            if calls.iter().filter(|call| call.completed.is_none()).count() <= 4 {
                return calls;
            }
        }
    }

    /// A random history of 2 to 8 calls, including peeks.
    pub(in crate::linearizability) fn draw_peeks<D: Discipline>(
        chance: &mut Chance,
    ) -> Vec<ContainerCall> {
        let len = 2 + chance.below(7);
        disturbed_with::<D>(chance, len, 3)
    }

    /// Elements that go in and mostly come out, at any time at all.
    fn scattered(chance: &mut Chance) -> Vec<ContainerCall> {
        let mut spans = Vec::new();
        let mut values: Vec<u8> = (1..=4).collect();
        chance.shuffle(&mut values);
        values.truncate(2 + chance.below(3));
        let odds_of_loss = chance.pick(&[3, 6, 1000]);
        let length = chance.pick(&[2, 4, 8, 16]);
        let mut asked = Vec::new();
        for value in values {
            let start = chance.below(30);
            let middle = start + chance.below(length);
            let take_start = if chance.one_in(4) { start } else { middle } + chance.below(12);
            asked.push((ContainerOp::Insert(value), ContainerRet::Inserted));
            spans.push((start, middle));
            asked.push((ContainerOp::Take, ContainerRet::Taken(Some(value))));
            spans.push((take_start, take_start + chance.below(length)));
        }
        for _ in 0..chance.below(3) {
            let start = chance.below(40);
            asked.push((ContainerOp::Take, ContainerRet::Taken(None)));
            spans.push((start, start + chance.below(4)));
        }
        let mut ends: Vec<(usize, usize, bool, usize)> = Vec::new();
        for (at, (start, end)) in spans.into_iter().enumerate() {
            ends.push((start, chance.below(100), false, at));
            ends.push((end, 100 + chance.below(100), true, at));
        }
        ends.sort_unstable();
        let mut calls = Vec::new();
        let mut place = vec![0; asked.len()];
        for (now, (_, _, is_end, at)) in (0_u32..).zip(ends) {
            if !is_end {
                place[at] = calls.len();
                let index = OpIndex(u32::try_from(calls.len()).unwrap());
                calls.push(Call::lost(index, asked[at].0, Position(now)));
            } else if !chance.one_in(odds_of_loss) {
                calls[place[at]].seen = Observed::Returned(asked[at].1);
                calls[place[at]].completed = Some(Position(now));
            }
        }
        calls
    }

    /// A history of `len` calls, most likely disturbed.
    fn disturbed<D: Discipline>(chance: &mut Chance, len: usize) -> Vec<ContainerCall> {
        disturbed_with::<D>(chance, len, 0)
    }

    /// The same, with `peeks` of each eight calls asking what is next.
    fn disturbed_with<D: Discipline>(
        chance: &mut Chance,
        len: usize,
        peeks: usize,
    ) -> Vec<ContainerCall> {
        let mut values: Vec<u8> = (1..=20).collect();
        chance.shuffle(&mut values);
        let mut asked = Vec::new();
        for _ in 0..len {
            let insert = chance.below(5) < 3;
            asked.push(if peeks > 0 && chance.below(8) < peeks {
                ContainerOp::Peek
            } else if insert {
                ContainerOp::Insert(values.pop().unwrap())
            } else {
                ContainerOp::Take
            });
        }
        let mut answers = vec![ContainerRet::Inserted, ContainerRet::Taken(None)];
        answers.extend((1..=20).map(|value| ContainerRet::Taken(Some(value))));
        answers.push(ContainerRet::Peeked(None));
        answers.extend((1..=20).map(|value| ContainerRet::Peeked(Some(value))));
        let model = Container::<u8, D>::new();
        let inserted: Vec<u8> = asked
            .iter()
            .filter_map(|op| if let ContainerOp::Insert(value) = op { Some(*value) } else { None })
            .collect();
        let mut calls: Vec<CallOf<Container<u8, D>>> = correct(&model, chance, asked, &answers);
        if chance.one_in(5) {
            return calls;
        }
        disturb(chance, &mut calls, |op| match op {
            ContainerOp::Insert(_) => vec![ContainerRet::Inserted],
            ContainerOp::Take => {
                let some = inserted.iter().map(|&value| ContainerRet::Taken(Some(value)));
                some.chain([ContainerRet::Taken(None)]).collect()
            }
            ContainerOp::Peek => {
                let some = inserted.iter().map(|&value| ContainerRet::Peeked(Some(value)));
                some.chain([ContainerRet::Peeked(None)]).collect()
            }
        });
        calls
    }
}
