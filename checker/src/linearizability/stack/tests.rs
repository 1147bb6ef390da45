use super::check;
use crate::linearizability::testing::containers;
use crate::model::Lifo;
use crate::plant::Bug;

#[test]
fn it_agrees_with_exhaustive_search() {
    containers::assert_agrees::<Lifo>(check);
}

#[test]
fn on_longer_histories_it_agrees_with_exhaustive_search() {
    containers::assert_agrees_on_longer::<Lifo>(check);
}

#[test]
fn each_planted_mistake_is_caught() {
    let bugs = [
        Bug::SkipClipping,
        Bug::ForgetTakenTwice,
        Bug::StackKeepMoments,
        Bug::StackForgetEmpty,
        Bug::StackForgetEarlyPush,
        Bug::StackForgetLatePop,
        Bug::StackStopAtFirstLayer,
        Bug::StackIgnoreLostTakes,
        Bug::StackFirstLostTakeOnly,
    ];
    containers::assert_bugs_are_caught::<Lifo>(&bugs, check);
}

#[test]
fn what_is_asked_without_being_taken_is_never_guessed() {
    containers::assert_peeks_are_never_guessed::<Lifo>(check);
}
