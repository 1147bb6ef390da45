use super::{check, check_memory};
use crate::Budget;
use crate::plant::{self, Bug};
use crate::weak::{WeakJudgement, sessions_of};
use crate::{pram, sessions};

/// Whether `CC`, `CCv` and `CM` hold.
fn held(line: &str) -> [bool; 3] {
    let (these, budget) = (sessions_of(line), Budget::default());
    let [causal, convergence] = check(&these, &budget);
    let holds = |judgement: &WeakJudgement| *judgement == WeakJudgement::Holds;
    [holds(&causal), holds(&convergence), holds(&check_memory(&these, &budget))]
}

#[test]
fn bouajjani_figure_3a_is_causal_memory_and_does_not_converge() {
    assert_eq!(held("wx1 rx2 | wx2 rx1"), [true, false, true]);
}

#[test]
fn bouajjani_figure_3b_converges_and_is_not_causal_memory() {
    assert_eq!(held("wz1 wx1 wy1 | wx2 rz_ ry1 rx2"), [true, true, false]);
}

#[test]
fn bouajjani_figure_3c_is_causal_and_neither_of_the_stronger_forms() {
    assert_eq!(held("wx1 | wx2 rx1 rx2"), [true, false, false]);
}

#[test]
fn bouajjani_figure_3d_is_all_forms_though_not_sequential() {
    assert_eq!(held("wx1 ry_ wy1 rx1 | wx2 ry_ wy2 rx2"), [true, true, true]);
}

#[test]
fn bouajjani_figure_3e_is_not_causal() {
    assert_eq!(held("wx1 wy1 | ry1 wx2 | rx2 rx1"), [false, false, false]);
}

#[test]
fn operations_that_precede_themselves_are_not_causal() {
    assert_eq!(held("ry1 wx1 | rx1 wy1"), [false, false, false]);
}

#[test]
fn a_long_fork_is_causal_in_all_forms() {
    assert_eq!(held("wx1 | wy1 | rx1 ry_ | ry1 rx_"), [true, true, true]);
}

#[test]
fn a_reply_without_its_question_is_pram_and_not_causal() {
    let line = "wx1 | rx1 wy2 | ry2 rx_";
    assert_eq!(held(line), [false, false, false]);
    assert_eq!(pram::check(&sessions_of(line), &Budget::default()), WeakJudgement::Holds);
}

#[test]
fn two_writes_seen_in_the_wrong_order_keep_each_guarantee_and_break_pram() {
    let these = sessions_of("wx1 wx2 | rx2 rx1");
    let budget = Budget::default();
    assert_eq!(sessions::check(&these, &budget), [(); 4].map(|()| WeakJudgement::Holds));
    assert!(matches!(pram::check(&these, &budget), WeakJudgement::Broken(_)));
}

/// Random histories of seven operations seldom need two rounds; figure 3b does.
#[test]
fn a_mistake_planted_in_the_rounds_of_causal_memory_is_caught() {
    let line = "wz1 wx1 wy1 | wx2 rz_ ry1 rx2";
    assert_eq!(plant::with(Bug::OneOrderForgetRounds, || held(line)), [true, true, true]);
    assert_eq!(held(line), [true, true, false]);
}

#[test]
fn what_reads_force_counts_against_the_bytes_of_the_budget() {
    // Two readers see the writes of others in turn: each read forces an order of writes.
    let writers: Vec<String> = (0..40).map(|at| format!("wx{at}")).collect();
    let reads: Vec<String> = (0..40).map(|at| format!("rx{at}")).collect();
    let line = format!("{} | {}", writers.join(" | "), reads.join(" "));
    let sessions = sessions_of(&line);
    let clocks = 4 * 41 * 42;
    let judged = |bytes| check(&sessions, &Budget { bytes, ..Budget::default() });
    assert_eq!(judged(clocks + 16 * 1_600), [(); 2].map(|()| WeakJudgement::Holds));
    let [causal, WeakJudgement::Undecided(why)] = judged(clocks + 16) else { panic!() };
    assert_eq!(causal, WeakJudgement::Holds);
    assert!(why.contains("that reads force"), "{why}");
}
