use super::check;
use crate::linearizability::testing::containers::{draw, draw_longer, draw_peeks};
use crate::linearizability::testing::{assert_caught, cases, compare};
use crate::model::{LeastFirst, PriorityQueue};
use crate::plant::Bug;

#[test]
fn it_agrees_with_exhaustive_search() {
    let tally =
        compare(&PriorityQueue::new(), 1, cases(40_000), draw::<LeastFirst>, check).unwrap();
    println!("{tally:?}");
    assert_eq!(tally.undecided, 0);
    assert!(tally.valid.min(tally.invalid) * 5 > tally.valid.max(tally.invalid), "{tally:?}");
}

#[test]
fn on_longer_histories_it_agrees_with_exhaustive_search() {
    let tally =
        compare(&PriorityQueue::new(), 2, cases(3_000), draw_longer::<LeastFirst>, check).unwrap();
    println!("{tally:?}");
    assert_eq!(tally.undecided, 0);
}

#[test]
fn each_planted_mistake_is_caught() {
    let bugs = [
        Bug::SkipClipping,
        Bug::ForgetTakenTwice,
        Bug::LeastForgetBlocking,
        Bug::LeastForgetMoments,
        Bug::LeastForgetEmpty,
        Bug::LeastIgnoreLostTakes,
    ];
    assert_caught(&bugs, &PriorityQueue::new(), 40_000, draw::<LeastFirst>, check);
}

#[test]
fn what_is_asked_without_being_taken_is_never_guessed() {
    let tally =
        compare(&PriorityQueue::new(), 3, cases(10_000), draw_peeks::<LeastFirst>, check).unwrap();
    println!("{tally:?}");
    assert!(tally.undecided > 0 && tally.invalid > 0 && tally.valid > 0);
    let bugs = [Bug::PeekTrustTheRest];
    assert_caught(&bugs, &PriorityQueue::new(), 10_000, draw_peeks::<LeastFirst>, check);
}
