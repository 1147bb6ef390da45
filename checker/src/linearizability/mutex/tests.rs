use super::{MutexCall, check};
use crate::Call;
use crate::agreement::Chance;
use crate::linearizability::testing::{assert_caught, cases, compare, explained};
use crate::model::{Mutex, MutexOp, MutexRet};
use crate::plant::Bug;
use crate::{Observed, OpIndex, Position, ProcessId};

/// A random history of up to four processes that acquire and release, of which each stops after an
/// operation whose return was lost. Most hold the lock for a time only.
fn draw(chance: &mut Chance, refusals: bool) -> Vec<MutexCall> {
    let mut calls: Vec<MutexCall> = Vec::new();
    let mut open: Vec<Option<usize>> = vec![None; 1 + chance.below(4)];
    let mut done = vec![false; open.len()];
    let mut holds = vec![false; open.len()];
    let odds_of_loss = chance.pick(&[5, 12, 1000]);
    let odds_of_chaos = chance.pick(&[6, 1000]);
    let operations = 2 + chance.below(8);
    for now in 0..40_u32 {
        let at = chance.below(open.len());
        let process = ProcessId(u32::try_from(at).unwrap());
        match open[at] {
            None if !done[at] && calls.len() < operations => {
                let acquires = holds[at] == chance.one_in(odds_of_chaos);
                let op =
                    if acquires { MutexOp::Acquire(process) } else { MutexOp::Release(process) };
                let index = OpIndex(u32::try_from(calls.len()).unwrap());
                calls.push(Call::lost(index, op, Position(now)));
                open[at] = Some(calls.len() - 1);
            }
            Some(call) if chance.one_in(odds_of_loss) => {
                (open[at], done[at]) = (None, true);
                calls[call].completed = None;
            }
            Some(call) => {
                // Mostly as a lock would have it, as far as it is known.
                let acquires = matches!(calls[call].op, MutexOp::Acquire(_));
                let is_free = holds.iter().all(|held| !held);
                if acquires && !is_free && !chance.one_in(8) {
                    if refusals && chance.one_in(2) {
                        calls[call].seen = Observed::Returned(MutexRet::Refused);
                        calls[call].completed = Some(Position(now));
                        open[at] = None;
                    }
                    continue;
                }
                calls[call].seen = Observed::Returned(MutexRet::Done);
                calls[call].completed = Some(Position(now));
                (open[at], holds[at]) = (None, acquires);
            }
            None => {}
        }
    }
    calls
}

#[test]
fn it_agrees_with_exhaustive_search() {
    let draw = |chance: &mut Chance| draw(chance, false);
    let tally = compare(&Mutex, 1, cases(30_000), draw, check).unwrap();
    println!("{tally:?}");
    assert_eq!(tally.undecided, 0);
    assert!(tally.valid.min(tally.invalid) * 8 > tally.valid.max(tally.invalid), "{tally:?}");
}

#[test]
fn where_the_lock_was_refused_it_does_not_guess() {
    let draw = |chance: &mut Chance| draw(chance, true);
    let tally = compare(&Mutex, 2, cases(10_000), draw, check).unwrap();
    println!("{tally:?}");
    assert!(tally.undecided > 0 && tally.invalid > 0 && tally.valid > 0);
}

#[test]
fn each_planted_mistake_is_caught() {
    let bugs = [Bug::MutexForgetOthers, Bug::MutexForgetHolder, Bug::MutexForgetUnreleased];
    assert_caught(&bugs, &Mutex, 10_000, |chance| draw(chance, false), check);
}

/// Calls of processes by number, `a`cquire or `r`elease, from one position to another; nothing for
/// a return that was lost.
fn calls(told: &[(u32, char, u32, Option<u32>)]) -> Vec<MutexCall> {
    let call = |(at, &(process, f, from, to)): (u32, &(u32, char, u32, Option<u32>))| {
        let process = ProcessId(process);
        let op = if f == 'a' { MutexOp::Acquire(process) } else { MutexOp::Release(process) };
        match to {
            Some(to) => {
                Call::returned(OpIndex(at), op, MutexRet::Done, Position(from), Position(to))
            }
            None => Call::lost(OpIndex(at), op, Position(from)),
        }
    };
    (0..).zip(told).map(call).collect()
}

#[test]
fn a_lock_held_by_a_lost_acquisition_may_or_may_not_be_held() {
    let may_not = calls(&[(0, 'a', 0, None), (1, 'a', 1, Some(2))]);
    assert!(check(&may_not).is_valid() && explained(&Mutex, &may_not));
    let released = calls(&[(0, 'a', 0, None), (0, 'r', 1, Some(2)), (1, 'a', 3, Some(4))]);
    assert!(!check(&released).is_invalid() && explained(&Mutex, &released));
}

#[test]
fn holding_twice_and_releasing_what_another_holds_are_violations() {
    for wrong in [
        calls(&[(0, 'a', 0, Some(1)), (0, 'a', 2, Some(3))]),
        calls(&[(0, 'a', 0, Some(1)), (1, 'a', 2, Some(3))]),
        calls(&[(0, 'a', 0, Some(1)), (1, 'r', 2, Some(3))]),
        calls(&[(0, 'r', 0, Some(1))]),
    ] {
        assert!(check(&wrong).is_invalid() && !explained(&Mutex, &wrong), "{wrong:#?}");
    }
}
