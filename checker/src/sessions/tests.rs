use super::{GUARANTEES, check};
use crate::Budget;
use crate::weak::{WeakJudgement, sessions_of};

/// The names of the guarantees that a line of sessions breaks.
fn broken(line: &str) -> Vec<&'static str> {
    let judged = GUARANTEES.into_iter().zip(check(&sessions_of(line), &Budget::default()));
    judged
        .filter(|(_, judgement)| matches!(judgement, WeakJudgement::Broken(_)))
        .map(|(guarantee, _)| guarantee.name())
        .collect()
}

#[test]
fn a_session_that_does_not_see_its_own_write_breaks_read_your_writes() {
    assert_eq!(broken("wx1 rx_"), ["read-your-writes"]);
}

#[test]
fn a_session_that_sees_a_write_and_then_not_breaks_monotonic_reads() {
    assert_eq!(broken("wx1 | rx1 rx_"), ["monotonic-reads"]);
}

#[test]
fn a_session_that_returns_to_a_value_it_had_left_breaks_monotonic_reads() {
    assert_eq!(broken("wx1 | wx2 | rx1 rx2 rx1"), ["monotonic-reads"]);
}

#[test]
fn a_session_that_sees_the_second_write_and_not_the_first_breaks_monotonic_writes() {
    assert_eq!(broken("wx1 wy2 | ry2 rx_"), ["monotonic-writes"]);
}

#[test]
fn a_session_that_sees_a_reply_and_not_its_question_breaks_writes_follow_reads() {
    assert_eq!(broken("wx1 | rx1 wy2 | ry2 rx_"), ["writes-follow-reads"]);
}

#[test]
fn sessions_may_see_concurrent_writes_in_different_orders() {
    assert!(broken("wx1 | wx2 | rx1 rx2 | rx2 rx1").is_empty());
}
