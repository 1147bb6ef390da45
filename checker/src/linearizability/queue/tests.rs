use super::check;
use crate::linearizability::testing::containers::{draw, draw_longer, draw_peeks};
use crate::linearizability::testing::{assert_caught, cases, compare};
use crate::model::{Fifo, Queue};
use crate::plant::Bug;

#[test]
fn it_agrees_with_exhaustive_search() {
    let tally = compare(&Queue::new(), 1, cases(40_000), draw::<Fifo>, check).unwrap();
    println!("{tally:?}");
    assert_eq!(tally.undecided, 0);
    assert!(tally.valid.min(tally.invalid) * 5 > tally.valid.max(tally.invalid), "{tally:?}");
}

#[test]
fn on_longer_histories_it_agrees_with_exhaustive_search() {
    let tally = compare(&Queue::new(), 2, cases(3_000), draw_longer::<Fifo>, check).unwrap();
    println!("{tally:?}");
    assert_eq!(tally.undecided, 0);
}

#[test]
fn each_planted_mistake_is_caught() {
    let bugs = [
        Bug::SkipClipping,
        Bug::ForgetTakenTwice,
        Bug::QueueForgetOrder,
        Bug::QueueForgetStranded,
        Bug::QueueForgetEmpty,
        Bug::QueueEmptyOneByOne,
        Bug::QueueLostTakesAreFree,
        Bug::QueueIgnoreLostTakes,
        Bug::QueueEmptyIgnoresLostTakes,
    ];
    assert_caught(&bugs, &Queue::new(), 40_000, draw::<Fifo>, check);
}

#[test]
fn what_is_asked_without_being_taken_is_never_guessed() {
    let tally = compare(&Queue::new(), 3, cases(10_000), draw_peeks::<Fifo>, check).unwrap();
    println!("{tally:?}");
    assert!(tally.undecided > 0 && tally.invalid > 0 && tally.valid > 0);
    let bugs = [Bug::PeekTrustTheRest];
    assert_caught(&bugs, &Queue::new(), 10_000, draw_peeks::<Fifo>, check);
}
