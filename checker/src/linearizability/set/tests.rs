use std::collections::BTreeSet;
use std::sync::Arc;

use super::check;
use crate::Call;
use crate::Observed;
use crate::agreement::Chance;
use crate::linearizability::testing::{assert_caught, cases, compare, correct, disturb};
use crate::model::{Set, SetOp, SetRet};
use crate::plant::Bug;

type SetCall = Call<SetOp<u8>, SetRet<u8>>;

const ELEMENTS: u8 = 4;

/// What changes something mostly says so, or does not.
fn every_answer(chance: &mut Chance) -> Vec<SetRet<u8>> {
    let mut answers = vec![SetRet::Done, SetRet::Changed(false), SetRet::Changed(true)];
    answers.rotate_left(chance.below(2));
    answers.extend([SetRet::Contains(false), SetRet::Contains(true)]);
    answers.extend(every_content().into_iter().map(SetRet::Elements));
    answers
}

fn every_content() -> Vec<Arc<BTreeSet<u8>>> {
    let holds = |bits: u8| (0..ELEMENTS).filter(move |value| bits & (1 << value) != 0);
    (0..1 << ELEMENTS).map(|bits| Arc::new(holds(bits).collect())).collect()
}

/// What else may be asked, beside additions.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Asks {
    Elements,
    /// The same, of elements that are added again and again.
    Again,
    Wholes,
    Both,
}

fn draw(chance: &mut Chance, asks: Asks, elements: u8) -> Vec<SetCall> {
    let mut additions: Vec<u8> = (0..elements).collect();
    chance.shuffle(&mut additions);
    let mut asked = Vec::new();
    for _ in 0..2 + chance.below(7) {
        let value = u8::try_from(chance.below(usize::from(elements))).unwrap();
        let removal_or_question =
            if chance.one_in(2) { SetOp::Remove(value) } else { SetOp::Contains(value) };
        asked.push(match (chance.below(3), asks) {
            (0, Asks::Again) => SetOp::Add(value),
            (0, _) if !additions.is_empty() => SetOp::Add(additions.pop().unwrap()),
            (0, Asks::Wholes) => SetOp::Add(value),
            (1, Asks::Wholes | Asks::Both) => SetOp::Read,
            (_, Asks::Wholes) => SetOp::Contains(value),
            (_, Asks::Elements | Asks::Again | Asks::Both) => removal_or_question,
        });
    }
    let answers = every_answer(chance);
    let says = answers[0] != SetRet::Done;
    let mut calls = correct(&Set::new(), chance, asked, &answers);
    for call in calls.iter_mut().filter(|_| says) {
        if matches!(call.seen, Observed::Returned(SetRet::Changed(_))) && chance.one_in(3) {
            call.seen = Observed::Returned(SetRet::Done);
        }
    }
    if chance.one_in(5) {
        return calls;
    }
    disturb(chance, &mut calls, |op| match op {
        SetOp::Add(_) | SetOp::Remove(_) if says => {
            vec![SetRet::Done, SetRet::Changed(false), SetRet::Changed(true)]
        }
        SetOp::Add(_) | SetOp::Remove(_) => vec![SetRet::Done],
        SetOp::Contains(_) => vec![SetRet::Contains(false), SetRet::Contains(true)],
        SetOp::Read => every_content()
            .into_iter()
            .filter(|held| held.iter().all(|&value| value < elements))
            .map(SetRet::Elements)
            .collect(),
    });
    calls
}

#[test]
fn element_by_element_it_agrees_with_exhaustive_search() {
    for elements in [1, 2, 4] {
        let draw = |chance: &mut Chance| draw(chance, Asks::Elements, elements);
        let tally = compare(&Set::new(), 1, cases(15_000), draw, check).unwrap();
        println!("{tally:?}");
        assert_eq!(tally.undecided, 0);
        assert!(tally.valid.min(tally.invalid) * 12 > tally.valid.max(tally.invalid), "{tally:?}");
    }
}

#[test]
fn elements_added_again_and_again_are_judged_one_by_one() {
    for elements in [1, 2] {
        let draw = |chance: &mut Chance| draw(chance, Asks::Again, elements);
        let tally = compare(&Set::new(), 4, cases(15_000), draw, check).unwrap();
        println!("{tally:?}");
        assert_eq!(tally.undecided, 0);
        assert!(tally.valid.min(tally.invalid) * 12 > tally.valid.max(tally.invalid), "{tally:?}");
        assert_caught(&[Bug::SetForgetRepeated], &Set::new(), 4_000, draw, check);
    }
}

#[test]
fn with_whole_reads_it_agrees_with_exhaustive_search() {
    for elements in [2, 4] {
        let draw = |chance: &mut Chance| draw(chance, Asks::Wholes, elements);
        let tally = compare(&Set::new(), 2, cases(15_000), draw, check).unwrap();
        println!("{tally:?}");
        assert_eq!(tally.undecided, 0);
        assert!(tally.valid.min(tally.invalid) * 12 > tally.valid.max(tally.invalid), "{tally:?}");
    }
}

#[test]
fn with_whole_reads_and_removals_it_refutes_and_never_guesses() {
    let draw = |chance: &mut Chance| draw(chance, Asks::Both, 3);
    let tally = compare(&Set::new(), 3, cases(15_000), draw, check).unwrap();
    println!("{tally:?}");
    assert!(tally.undecided > 0 && tally.invalid > 0 && tally.valid > 0);
}

#[test]
fn each_planted_mistake_is_caught() {
    let model = Set::new();
    let elements = [
        Bug::SetForgetAbsence,
        Bug::SetForgetRemoval,
        Bug::SetAddLatestOnly,
        Bug::SetEveryRemovalWorks,
        Bug::SetForgetTaken,
    ];
    assert_caught(&elements, &model, 12_000, |chance| draw(chance, Asks::Elements, 1), check);
    let wholes =
        [Bug::SetForgetOverlap, Bug::SetForgetOrder, Bug::SetForgetNarrowing, Bug::SetForgetFresh];
    assert_caught(&wholes, &model, 12_000, |chance| draw(chance, Asks::Wholes, 3), check);
    let both = [Bug::SetTrustProjections];
    assert_caught(&both, &model, 12_000, |chance| draw(chance, Asks::Both, 3), check);
}
