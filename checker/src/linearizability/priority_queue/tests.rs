use super::check;
use crate::linearizability::testing::containers;
use crate::model::LeastFirst;
use crate::plant::Bug;

#[test]
fn it_agrees_with_exhaustive_search() {
    containers::assert_agrees::<LeastFirst>(check);
}

#[test]
fn on_longer_histories_it_agrees_with_exhaustive_search() {
    containers::assert_agrees_on_longer::<LeastFirst>(check);
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
    containers::assert_bugs_are_caught::<LeastFirst>(&bugs, check);
}

#[test]
fn what_is_asked_without_being_taken_is_never_guessed() {
    containers::assert_peeks_are_never_guessed::<LeastFirst>(check);
}
