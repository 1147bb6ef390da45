use super::check;
use crate::linearizability::testing::containers;
use crate::model::Fifo;
use crate::plant::Bug;

#[test]
fn it_agrees_with_exhaustive_search() {
    containers::assert_agrees::<Fifo>(check);
}

#[test]
fn on_longer_histories_it_agrees_with_exhaustive_search() {
    containers::assert_agrees_on_longer::<Fifo>(check);
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
    containers::assert_bugs_are_caught::<Fifo>(&bugs, check);
}

#[test]
fn what_is_asked_without_being_taken_is_never_guessed() {
    containers::assert_peeks_are_never_guessed::<Fifo>(check);
}
