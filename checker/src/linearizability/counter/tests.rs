use super::check;
use crate::Call;
use crate::agreement::Chance;
use crate::linearizability::testing::{assert_caught, cases, compare, correct, disturb};
use crate::model::{Counter, CounterOp, CounterRet};
use crate::plant::Bug;

type CounterCall = Call<CounterOp, CounterRet>;

fn draw(chance: &mut Chance, amounts: &[i64]) -> Vec<CounterCall> {
    let mut asked = Vec::new();
    for _ in 0..2 + chance.below(8) {
        let read = chance.one_in(2);
        asked.push(if read { CounterOp::Read } else { CounterOp::Add(chance.pick(amounts)) });
    }
    let mut answers = vec![CounterRet::Added];
    answers.extend((-40..=40).map(CounterRet::Sum));
    let mut calls = correct(&Counter, chance, asked, &answers);
    if chance.one_in(5) {
        return calls;
    }
    let sums: Vec<i64> = calls
        .iter()
        .filter_map(|call| match call.seen {
            crate::Observed::Returned(CounterRet::Sum(sum)) => Some(sum),
            crate::Observed::Returned(CounterRet::Added) | crate::Observed::Lost => None,
        })
        .flat_map(|sum| [sum - 1, sum - amounts[0], sum, sum + amounts[0]])
        .collect();
    disturb(chance, &mut calls, |op| match op {
        CounterOp::Add(_) => vec![CounterRet::Added],
        CounterOp::Read => sums.iter().copied().map(CounterRet::Sum).collect(),
    });
    calls
}

#[test]
fn with_equal_additions_it_agrees_with_exhaustive_search() {
    for amounts in [[1, 1], [3, 3], [-2, -2], [0, 1]] {
        let draw = |chance: &mut Chance| draw(chance, &amounts);
        let tally = compare(&Counter, 1, cases(15_000), draw, check).unwrap();
        println!("{amounts:?} {tally:?}");
        assert_eq!(tally.undecided, 0);
        assert!(tally.valid.min(tally.invalid) * 8 > tally.valid.max(tally.invalid), "{tally:?}");
    }
}

#[test]
fn with_unequal_additions_it_refutes_and_never_guesses() {
    for amounts in [[1, 2], [2, 5], [1, -1], [4, -2], [-1, -3]] {
        let draw = |chance: &mut Chance| draw(chance, &amounts);
        let tally = compare(&Counter, 2, cases(15_000), draw, check).unwrap();
        println!("{amounts:?} {tally:?}");
        assert!(tally.undecided > 0 && tally.invalid > 0 && tally.valid > 0);
    }
}

#[test]
fn each_planted_mistake_is_caught() {
    let equal = [
        Bug::CounterForgetUpper,
        Bug::CounterForgetLower,
        Bug::CounterForgetReads,
        Bug::CounterForgetContained,
    ];
    assert_caught(&equal, &Counter, 20_000, |chance| draw(chance, &[1]), check);
    let stepped = [Bug::CounterForgetStep];
    assert_caught(&stepped, &Counter, 20_000, |chance| draw(chance, &[3]), check);
    let unequal = [Bug::CounterTrustUnequal];
    assert_caught(&unequal, &Counter, 20_000, |chance| draw(chance, &[2, 5]), check);
}
