use super::check;
use super::decide::{Decided, decide};
use super::order::Registers;
use crate::Budget;
use crate::plant::{self, Bug};
use crate::weak::{Readers, WeakJudgement, Writers, sessions_of};

fn holds(text: &str) -> bool {
    check(&sessions_of(text), &[], &Budget::default()) == WeakJudgement::Holds
}

#[test]
fn each_key_may_have_an_order_and_all_together_none() {
    assert!(holds("wx1 rx2 | wx2"));
    assert!(!holds("wx1 ry_ | wy1 rx_"), "each key alone has an order");
    assert!(holds("wx1 ry_ | wy1 rx1"));
}

#[test]
fn a_stale_read_of_another_session_is_sequential() {
    assert!(holds("wx1 wx2 wx3 | rx_ rx1 rx1 rx3"));
    assert!(!holds("wx1 wx2 wx3 | rx_ rx2 rx1"));
}

#[test]
fn a_budget_that_is_spent_is_no_verdict() {
    let sessions = sessions_of("wx1 ry_ | wy1 rx1");
    let budget = |configurations, bytes| Budget { configurations, bytes, stop: None };
    let judged = |budget| check(&sessions, &[], &budget);
    let WeakJudgement::Undecided(why) = judged(budget(0, 1 << 20)) else { panic!() };
    assert!(why.contains("budget of 0 configurations"), "{why}");
    let WeakJudgement::Undecided(why) = judged(budget(1_000, 8)) else { panic!() };
    assert!(why.contains("budget of 8 bytes"), "{why}");
    assert_eq!(judged(budget(1_000, 1 << 20)), WeakJudgement::Holds);
}

/// Two writes to x and two to y may each be in two orders, and each pair of orders has a reader that
/// forbids it: a read of the value that is then overwritten, by a session that knows of the other key.
const FOUR_CHOICES: &str = "wx2 wz1 | rz1 ry1 | rz1 ry2 | wy2 wu1 | ru1 rx1 | ru1 rx2 | wy1 wv1 | \
                            rv1 rx1 | rv1 rx2 | wx1 wt1 | rt1 ry1 | rt1 ry2";

/// The same without one of the readers.
fn with_one_choice_left() -> Vec<String> {
    let all: Vec<&str> = FOUR_CHOICES.split('|').map(str::trim).collect();
    let is_reader = |at: &usize| all[*at].starts_with('r');
    let without = |gone: usize| {
        let rest = (0..all.len()).filter(|&at| at != gone).map(|at| all[at]);
        rest.collect::<Vec<_>>().join(" | ")
    };
    (0..all.len()).filter(is_reader).map(without).collect()
}

#[test]
fn what_saturation_leaves_open_is_searched() {
    let sessions = sessions_of(FOUR_CHOICES);
    let (decided, _) = decide(&sessions, &[], &Budget::default());
    assert!(matches!(decided, Decided::NoOrder(_)), "{decided:?}");
    let WeakJudgement::Broken(breach) = check(&sessions, &[], &Budget::default()) else { panic!() };
    assert_eq!(breach.ops.len(), 24, "all are needed");
    for rest in with_one_choice_left() {
        assert!(holds(&rest), "{rest}");
    }
}

#[test]
fn the_search_gets_the_bytes_that_the_clocks_leave() {
    let sessions = sessions_of(FOUR_CHOICES);
    let session_of = sessions.session_of_each();
    let (writers, readers) = (Writers::new(&sessions, &session_of), Readers::new(&sessions));
    let of = Registers {
        sessions: &sessions,
        session_of: &session_of,
        writers: &writers,
        readers: &readers,
    };
    let Ok(order) = of.saturate(&Budget::default(), &mut 0) else { panic!("nothing is forced") };
    let bytes = |bytes| Budget { bytes, ..Budget::default() };
    let decided = |budget| decide(&sessions, &[], &budget).0;
    assert_eq!(decided(bytes(order.bytes())), Decided::OutOfBytes);
    assert!(matches!(decided(bytes(2 * order.bytes())), Decided::NoOrder(_)));
    let WeakJudgement::Undecided(why) = check(&sessions, &[], &bytes(order.bytes())) else {
        panic!()
    };
    assert!(why.contains("and what the search remembers take more than"), "{why}");
}

#[test]
fn each_mistake_planted_in_the_search_is_caught() {
    for bug in [Bug::SequentialForgetLocks, Bug::SequentialBlameFirst] {
        let right = || !holds(FOUR_CHOICES) && with_one_choice_left().iter().all(|it| holds(it));
        assert!(right());
        assert!(!plant::with(bug, right), "{bug:?} is not caught");
    }
}
