use super::IsolationJudgement;
use super::told::told;
use crate::agreement::{
    TxnObject, every_transactions_case, report, transactions, transactions_case,
};
use crate::plant::{self, Bug};
use crate::{AnomalyClass, Consistency, verify};

fn classes(text: &str) -> Vec<&'static str> {
    let report = report(&told(text));
    for anomaly in &report.anomalies {
        assert_eq!(verify::anomaly(anomaly), Ok(()), "{anomaly}");
    }
    report.anomalies.iter().map(|it| it.class.name()).collect()
}

#[test]
fn transactions_that_append_to_two_lists_in_opposite_orders_are_a_write_cycle() {
    let text = "0 0-9 ok ax1 ay1\n1 0-9 ok ax2 ay2\n2 10-11 ok rx[1,2] ry[2,1]";
    assert!(classes(text).contains(&"g0"), "{:?}", classes(text));
}

#[test]
fn transactions_that_read_each_other_are_a_circular_information_flow() {
    assert_eq!(classes("0 0-9 ok ax1 ry[1]\n1 0-9 ok ay1 rx[1]"), ["g1c"]);
}

#[test]
fn one_that_sees_half_of_another_is_read_skew() {
    let vanishes = "observed-transaction-vanishes";
    assert_eq!(classes("0 0-9 ok ax1 ay1\n1 0-9 ok rx[1] ry[]"), ["g-single", vanishes]);
    assert_eq!(classes("0 0-9 ok ax1 ay1\n1 0-9 ok rx[] ry[1]"), ["g-single", "fractured-read"]);
}

#[test]
fn one_that_sees_an_effect_and_not_its_cause_violates_causality() {
    let text = "0 0-9 ok ax1\n1 0-9 ok rx[1] ay1\n2 0-9 ok ry[1] rx[]";
    assert_eq!(classes(text), ["g-single", "causality-violation"]);
}

#[test]
fn an_append_between_a_read_and_an_append_of_another_is_one_under_a_cursor() {
    let text = "0 0-9 ok rx[] ax1\n1 0-9 ok ax2\n2 10-11 ok rx[2,1]";
    assert_eq!(classes(text), ["g-cursor", "g-single"]);
}

#[test]
fn two_that_miss_each_other_are_write_skew() {
    assert_eq!(classes("0 0-9 ok rx[] ay1\n1 0-9 ok ry[] ax1"), ["g2-item"]);
}

#[test]
fn two_readers_that_see_two_writers_in_opposite_orders_are_a_long_fork() {
    let text = "0 0-9 ok ax1\n1 0-9 ok ay1\n2 0-9 ok rx[1] ry[]\n3 0-9 ok rx[] ry[1]";
    assert_eq!(classes(text), ["g-nonadjacent"]);
}

#[test]
fn two_that_update_the_same_version_lose_an_update() {
    let text = "0 0-9 ok rx[] ax1\n1 0-9 ok rx[] ax2\n2 10-11 ok rx[1,2]";
    assert_eq!(classes(text), ["lost-update", "g-single"]);
}

#[test]
fn a_read_of_an_aborted_transaction_and_what_comes_upon_it_are_told() {
    let text = "0 0-1 fail ax1\n1 0-9 ok ax2\n2 10-11 ok rx[1,2]";
    assert_eq!(classes(text), ["g1a", "dirty-update"]);
}

#[test]
fn a_read_between_two_appends_of_a_transaction_is_intermediate() {
    let found = classes("0 0-9 ok ax1 ax2\n1 0-9 ok rx[1]");
    assert!(found.contains(&"g1b"), "{found:?}");
}

#[test]
fn what_nobody_appended_or_appended_once_and_is_there_twice_is_told() {
    assert_eq!(classes("0 0-9 ok rx[7]"), ["read-from-nowhere"]);
    assert!(classes("0 0-9 ok ax1\n1 0-9 ok rx[1,1]").contains(&"duplicate-element"));
}

#[test]
fn a_transaction_that_forgets_what_it_did_is_internally_inconsistent() {
    assert_eq!(classes("0 0-9 ok ax1 rx[]"), ["internal"]);
    assert_eq!(classes("0 0-9 ok rx[] rx[1]\n1 0-9 ok ax1"), ["internal", "g-single"]);
    assert_eq!(classes("0 0-9 ok rx[] ax1 rx[1]"), [""; 0]);
}

#[test]
fn two_lists_that_grew_differently_are_incompatible() {
    let text = "0 0-9 ok ax1\n1 0-9 ok ax2\n2 10-11 ok rx[1,2]\n3 10-11 ok rx[2,1]";
    assert!(classes(text).contains(&"incompatible-order"));
}

#[test]
fn a_stale_read_breaks_only_what_respects_the_process_or_real_time() {
    let stale = |process: u32| format!("0 0-1 ok ax1\n{process} 2-3 ok rx[]\n2 4-5 ok rx[1]");
    assert_eq!(classes(&stale(0)), ["g-single-process", "g-single-realtime"]);
    assert_eq!(classes(&stale(1)), ["g-single-realtime"]);
    let other = report(&told(&stale(1)));
    let of = |model| other.of(model).unwrap().clone();
    assert_eq!(of(Consistency::StrongSessionSerializable), IsolationJudgement::Holds);
    assert!(matches!(of(Consistency::StrictSerializable), IsolationJudgement::Broken(_)));
}

/// The two stale reads form a cycle each, both through the first transaction: whether they form one together is
/// looked for along all of the process.
#[test]
fn two_stale_reads_at_the_end_of_a_long_process_are_judged() {
    let mut lines = vec!["0 0-0 ok ax1".to_owned()];
    lines.extend((1..20_000).map(|at| format!("0 {at}-{at} ok rz[]")));
    lines.extend(["0 20000-20000 ok rx[]".to_owned(), "0 20001-20001 ok rx[]".to_owned()]);
    let found = classes(&lines.join("\n"));
    assert_eq!(found, ["g-single-process", "g-single-realtime"]);
}

#[test]
fn a_transaction_of_unknown_outcome_counts_if_it_was_read() {
    let found = classes("0 0-9 info ax1 ay1\n1 0-9 ok rx[1] ry[]");
    assert_eq!(found, ["g-single", "observed-transaction-vanishes"]);
    assert_eq!(classes("0 0-9 info ax1 ay1\n1 0-9 ok rx[] ry[]"), [""; 0]);
}

#[test]
fn an_argument_names_each_transaction_and_ends_in_a_cycle() {
    let report = report(&told("0 0-9 ok ax1 ay1\n1 0-9 ok rx[1] ry[]"));
    let anomaly = &report.anomalies[0];
    let facts: Vec<&str> = anomaly.facts.iter().map(|it| it.text.as_str()).collect();
    assert_eq!(
        facts,
        [
            "let T1 be: p1: read \"x\" [1], read \"y\" []",
            "let T2 be: p0: append 1 to \"x\", append 1 to \"y\"",
            "T1 comes before T2, because T1 read \"y\" without what T2 appended to it",
            "T2 comes before T1, because T1 read what T2 appended to \"x\"",
        ]
    );
    assert_eq!(anomaly.summary, "T1 before T2 before T1: a cycle");
}

fn case(seed: u64) -> Result<(usize, usize), String> {
    transactions_case(TxnObject::List, seed)
}

/// Either of two lists that contradict each other may be the one that is wrong.
#[test]
fn lists_that_contradict_each_other_show_no_order_and_so_no_cycle() {
    let text = "0 0-9 ok ax1 ax2\n1 0-9 ok ax3\n2 0-9 ok rx[1,2,3]\n3 0-9 ok rx[1,3,2]";
    assert_eq!(classes(text), ["incompatible-order"]);
    let behind = "0 0-9 ok ax1\n1 0-9 ok rx[] ay1\n2 0-9 ok ry[1] ax2\n3 0-9 ok rx[1,2] rx[1,3]\n4 0-9 ok ax3";
    assert_eq!(classes(behind), ["incompatible-order", "internal"]);
}

/// All of them are judged by `agree -- N txn`.
#[test]
fn histories_of_three_short_transactions_are_judged_as_by_brute_force() {
    for (object, stride) in [(TxnObject::List, 997), (TxnObject::Register, 211)] {
        let judged =
            every_transactions_case(object, stride).unwrap_or_else(|told| panic!("{told}"));
        assert!(judged > 900, "{object:?}: {judged}");
    }
}

#[test]
fn the_checker_of_transactions_agrees_with_brute_force() {
    let (mut held, mut open, cases) = (0, 0, 6_000);
    for seed in (0..).take(cases) {
        let (now, left) = case(seed).unwrap_or_else(|told| panic!("{told}"));
        held += now;
        open += left;
    }
    let share = |count: usize| count * 100 / (11 * cases);
    assert!((20..=80).contains(&share(held)), "{} % hold", share(held));
    assert!(share(open) < 5, "{} % are open", share(open));
}

#[test]
fn each_mistake_planted_in_the_checker_of_transactions_is_caught() {
    for bug in [
        Bug::TxnForgetUnread,
        Bug::TxnForgetAdjacent,
        Bug::TxnForgetUnknown,
        Bug::TxnForgetFirst,
        Bug::TxnForgetCursor,
        Bug::ObservedForgetOthers,
    ] {
        let caught = (0..6_000).any(|seed| plant::with(bug, || case(seed)).is_err());
        assert!(caught, "{bug:?} is not caught");
    }
}

#[test]
fn each_class_of_cycle_is_found_and_its_witness_needs_each_transaction() {
    let mut seen = std::collections::BTreeSet::new();
    for seed in 0..6_000 {
        let txns = transactions(TxnObject::List, seed);
        for anomaly in report(&txns).anomalies {
            seen.insert(anomaly.class);
            // One that read what it appended upon an aborted write shows that by itself.
            if anomaly.class == AnomalyClass::DirtyUpdate {
                continue;
            }
            for at in 0..anomaly.witness.operations.len() {
                let mut less = anomaly.clone();
                less.witness.operations.remove(at);
                assert!(verify::anomaly(&less).is_err(), "seed {seed}, without {at}: {anomaly}");
            }
        }
    }
    for class in [
        AnomalyClass::G1c,
        AnomalyClass::GSingle,
        AnomalyClass::GNonadjacent,
        AnomalyClass::G2Item,
        AnomalyClass::GSingleProcess,
        AnomalyClass::GSingleRealtime,
        AnomalyClass::G2ItemRealtime,
        AnomalyClass::AbortedRead,
        AnomalyClass::LostUpdate,
        AnomalyClass::GCursor,
        AnomalyClass::ObservedTransactionVanishes,
        AnomalyClass::FracturedRead,
        AnomalyClass::CausalityViolation,
        AnomalyClass::Internal,
    ] {
        assert!(seen.contains(&class), "{class} is never found");
    }
}
