//! For each implication between two models that are judged, a least history that separates them: it keeps
//! the weaker one and breaks the stronger one.
//!
//! A new checker takes a new line for each edge of the ladder that it completes.

use std::collections::BTreeSet;

use super::{Ladder, Subject, is_judged};
use crate::agreement::{Alphabet, every_history};
use crate::consistency::{ConsistencyFamily, EDGES, StalenessBound, Versions};
use crate::linearizability::Options;
use crate::transactions::separating as transactions;
use crate::weak::{Sessions, history_of_line, session_view, violates};
use crate::{Consistency, History, ModelKind};

/// Whether a history of registers keeps a model. What has no checker goes by the definition.
fn keeps(model: Consistency, history: &History) -> bool {
    if !is_judged(model) {
        return !violates(model, &session_view(history).unwrap().sessions).unwrap();
    }
    let options = Options::default();
    let mut ladder = Ladder::new();
    ladder.decide(&Subject::new(history, ModelKind::Register, &options), model);
    assert!(ladder.knows(model), "{model}: {:?}", ladder.rung(model));
    ladder.rung(model).holds()
}

fn separates(stronger: Consistency, weaker: Consistency, line: &str) {
    assert!(stronger.implies(weaker), "{stronger} does not imply {weaker}");
    let history = history_of_line(line);
    assert!(keeps(weaker, &history), "{weaker} is broken by {line}");
    assert!(!keeps(stronger, &history), "{stronger} is kept by {line}");
    is_least(stronger, weaker, &history, line);
}

/// Checks that no history of fewer operations separates them, where both are models of sessions.
fn is_least(stronger: Consistency, weaker: Consistency, history: &History, line: &str) {
    let sessions = session_view(history).unwrap().sessions;
    let separates =
        |sessions: &Sessions| Some(violates(stronger, sessions)? && !violates(weaker, sessions)?);
    if separates(&sessions).is_none() {
        return real_time_is_least(stronger, weaker, line);
    }
    for ops in 1..sessions.len() as usize {
        let none = every_history(ops, Alphabet::Plain, &mut |less| match separates(less) {
            Some(true) => Err(crate::weak::line(less)),
            _ => Ok(()),
        });
        assert_eq!(none, Ok(()), "this separates {stronger} from {weaker} too");
    }
}

/// Checks that each part of the line, a write together with the reads of it, is needed.
fn real_time_is_least(stronger: Consistency, weaker: Consistency, line: &str) {
    let words: Vec<&str> = line.split_whitespace().collect();
    let name = |word: &str| word.split('@').next().unwrap()[1..].to_owned();
    for gone in words.iter().filter(|word| **word != "|") {
        let is_gone =
            |word: &&str| word == gone || gone.starts_with('w') && name(word) == name(gone);
        let rest: Vec<&str> =
            words.iter().copied().filter(|word| *word == "|" || !is_gone(word)).collect();
        if rest.iter().all(|word| *word == "|") {
            continue;
        }
        let less = history_of_line(&rest.join(" "));
        let separates = keeps(weaker, &less) && !keeps(stronger, &less);
        assert!(!separates, "{gone} is not needed in {line}");
    }
}

/// One test a line, and the table of all of them.
macro_rules! separating {
    ($($name:ident: $stronger:ident > $weaker:ident, $line:literal;)*) => {
        $(
            #[test]
            fn $name() {
                separates(Consistency::$stronger, Consistency::$weaker, $line);
            }
        )*
        const SEPARATED: &[(Consistency, Consistency)] =
            &[$((Consistency::$stronger, Consistency::$weaker)),*];
    };
}

separating! {
    a_stale_read_is_sequential_and_not_linearizable: Linearizable > Sequential, "wx1@0-1 | rx_@2-3";
    a_new_value_and_then_the_old_is_regular_and_not_linearizable: Linearizable > Regular, "wx1@0-5 | rx1@1-2 rx_@3-4";
    an_old_value_during_a_write_is_safe_and_not_regular: Regular > Safe, "wx1@0-1 wx2@2-5 | rx_@3-4";
    a_stale_read_is_a_prefix_and_not_regular: Regular > Prefix, "wx1@0-1 | rx_@2-3";
    a_stale_read_of_another_session_keeps_read_your_writes_and_is_not_regular: Regular > ReadYourWrites, "wx1@0-1 | rx_@2-3";
    a_stale_read_keeps_monotonic_writes_and_is_not_regular: Regular > MonotonicWrites, "wx1@0-1 | rx_@2-3";
    two_sessions_that_miss_each_other_converge_and_are_not_sequential: Sequential > CausalConvergence, "wx1 ry_ | wy1 rx_";
    two_sessions_that_swap_values_are_causal_memory_and_not_sequential: Sequential > CausalMemory, "wx1 rx2 | wx2 rx1";
    two_sessions_that_swap_values_are_causal_and_do_not_converge: CausalConvergence > Causal, "wx1 rx2 | wx2 rx1";
    a_session_that_returns_to_its_own_value_is_causal_and_not_causal_memory: CausalMemory > Causal, "wx1 rx2 rx1 | wx2";
    values_before_their_causes_are_pram_and_not_causal_memory: CausalMemory > Pram, "rx1 wy1 | ry1 wx1";
    an_own_write_missed_keeps_writes_follow_reads_and_is_not_causal_memory: CausalMemory > WritesFollowReads, "wx1 rx_";
    a_read_before_its_write_keeps_monotonic_reads_and_does_not_converge: CausalConvergence > MonotonicReads, "rx1 wx1";
    a_read_before_its_write_keeps_monotonic_writes_and_does_not_converge: CausalConvergence > MonotonicWrites, "rx1 wx1";
    an_own_write_missed_keeps_writes_follow_reads_and_does_not_converge: CausalConvergence > WritesFollowReads, "wx1 rx_";
    a_read_before_its_write_keeps_read_your_writes_and_is_not_causal: Causal > ReadYourWrites, "rx1 wx1";
    a_read_before_its_write_keeps_read_your_writes_and_is_not_pram: Pram > ReadYourWrites, "rx1 wx1";
    a_read_before_its_write_keeps_monotonic_reads_and_is_not_pram: Pram > MonotonicReads, "rx1 wx1";
    a_read_before_its_write_keeps_monotonic_writes_and_is_not_pram: Pram > MonotonicWrites, "rx1 wx1";
}

/// From linearizable over 2-atomic to 9-atomic and to prefix, each with the next weaker one.
fn versions() -> impl Iterator<Item = (Consistency, Consistency)> {
    let numbers = Versions::ALL.map(Consistency::KAtomic);
    let stronger = [Consistency::Linearizable].into_iter().chain(numbers);
    stronger.zip(numbers.into_iter().chain([Consistency::Prefix]))
}

#[test]
fn a_read_that_ignores_one_value_more_is_k_atomic_for_the_next_k_alone() {
    for (ignored, (stronger, weaker)) in versions().enumerate() {
        let write = |at: usize| format!("wx{at}@{}-{}", 2 * at, 2 * at + 1);
        let writes: Vec<String> = (0..=ignored).map(write).collect();
        separates(stronger, weaker, &format!("{} | rx_@90-91", writes.join(" ")));
    }
}

/// From linearizable over each bound to prefix, each with the next weaker one.
fn bounds() -> impl Iterator<Item = (Consistency, Consistency)> {
    let bounds = StalenessBound::ALL.map(Consistency::BoundedStaleness);
    let stronger = [Consistency::Linearizable].into_iter().chain(bounds);
    stronger.zip(bounds.into_iter().chain([Consistency::Prefix]))
}

#[test]
fn a_read_that_is_older_than_one_bound_keeps_the_next_alone() {
    let none = 0;
    let ages = [none].into_iter().chain(StalenessBound::ALL.map(StalenessBound::nanos));
    for (age, (stronger, weaker)) in ages.zip(bounds()) {
        // One nanosecond older than the stronger bound allows.
        let read = 1 + age + 1;
        separates(stronger, weaker, &format!("wx1@0-1 | rx_@{read}-{}", read + 1));
    }
}

#[test]
fn each_implication_between_two_models_that_are_judged_is_separated() {
    let of_transactions = transactions::SEPARATED.iter().copied();
    let separated: BTreeSet<_> = SEPARATED
        .iter()
        .copied()
        .chain(versions())
        .chain(bounds())
        .chain(of_transactions)
        .collect();
    // No history is one of transactions and of single objects.
    let both = |one: Consistency, other: Consistency| match (one.family(), other.family()) {
        (ConsistencyFamily::Transactions, ConsistencyFamily::Transactions) => {
            transactions::is_decided(one) && transactions::is_decided(other)
        }
        (ConsistencyFamily::Transactions, _) | (_, ConsistencyFamily::Transactions) => false,
        _ => is_judged(one) && is_judged(other),
    };
    let edges = EDGES.iter().map(|edge| (edge.stronger, edge.weaker));
    let missing: Vec<_> = edges
        .filter(|&(one, other)| both(one, other) && !separated.contains(&(one, other)))
        .collect();
    assert!(missing.is_empty(), "no line separates {missing:?}");
}

/// Models that one may take to imply another, and a history that shows that they do not.
macro_rules! not_implied {
    ($($name:ident: $one:ident, not $other:ident, $line:literal;)*) => {
        $(
            #[test]
            fn $name() {
                let (one, other) = (Consistency::$one, Consistency::$other);
                let history = history_of_line($line);
                assert!(keeps(one, &history) && !keeps(other, &history));
                assert!(!one.implies(other));
            }
        )*
    };
}

not_implied! {
    convergence_is_not_pram: CausalConvergence, not Pram, "wz1 wx1 wy1 | wx2 rz_ ry1 rx2";
    convergence_is_not_causal_memory: CausalConvergence, not CausalMemory, "wz1 wx1 wy1 | wx2 rz_ ry1 rx2";
    causal_memory_is_not_convergence: CausalMemory, not CausalConvergence, "wx1 rx2 | wx2 rx1";
    causality_does_not_keep_monotonic_writes: Causal, not MonotonicWrites, "wx1 wy1 | wx2 wz3 | ry1 rz3 rx1 rx2";
    causality_does_not_keep_writes_follow_reads: Causal, not WritesFollowReads, "wx1 | rx1 wy1 | wx2 | rx2 wz3 | ry1 rz3 rx1 rx2";
    causality_keeps_no_order_of_two_causes: Causal, not Pram, "wx1 | rx1 wy1 | wx2 wz3 | ry1 rz3 rx1 rx2";
    causality_is_not_convergence_with_two_causes: Causal, not CausalConvergence, "wx1 | rx1 wy1 | wx2 wz3 | ry1 rz3 rx1 rx2";
    causality_is_not_causal_memory_with_two_causes: Causal, not CausalMemory, "wx1 | rx1 wy1 | wx2 wz3 | ry1 rz3 rx1 rx2";
    causality_does_not_keep_monotonic_reads: Causal, not MonotonicReads, "wx1 | wx2 | rx1 rx2 rx1";
    causality_is_not_pram: Causal, not Pram, "wx1 | wx2 | rx1 rx2 rx1";
    pram_does_not_keep_writes_follow_reads: Pram, not WritesFollowReads, "wx1 | rx1 wy2 | ry2 rx_";
    sequential_consistency_is_not_regular: Sequential, not Regular, "wx1@0-1 | rx_@2-3";
    regularity_does_not_keep_monotonic_reads: Regular, not MonotonicReads, "wx1@0-5 | rx1@1-2 rx_@3-4";
    a_prefix_does_not_keep_read_your_writes: Prefix, not ReadYourWrites, "wx1@0-1 rx_@2-3";
    read_your_writes_does_not_keep_monotonic_reads: ReadYourWrites, not MonotonicReads, "wx1 | rx1 rx_";
    monotonic_reads_do_not_keep_read_your_writes: MonotonicReads, not ReadYourWrites, "wx1 rx_";
    monotonic_writes_do_not_keep_writes_follow_reads: MonotonicWrites, not WritesFollowReads, "wx1 | rx1 wy2 | ry2 rx_";
    writes_follow_reads_does_not_keep_monotonic_writes: WritesFollowReads, not MonotonicWrites, "wx1 wy2 | ry2 rx_";
}
