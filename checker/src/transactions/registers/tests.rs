use crate::agreement::{Chance, ToldPart, ToldTxn, TxnObject, report, transactions_case};
use crate::plant::{self, Bug};
use crate::transactions::IsolationJudgement;
use crate::transactions::told::told;
use crate::{Consistency, EventKind, verify};

fn classes(text: &str) -> Vec<&'static str> {
    let report = report(&told(text));
    for anomaly in &report.anomalies {
        assert_eq!(verify::anomaly(anomaly), Ok(()), "{anomaly}");
    }
    report.anomalies.iter().map(|it| it.class.name()).collect()
}

fn holds(text: &str, model: Consistency) -> bool {
    match report(&told(text)).of(model) {
        Some(IsolationJudgement::Holds) => true,
        Some(IsolationJudgement::Broken(_)) => false,
        other => panic!("{model}: {other:?}"),
    }
}

#[test]
fn a_value_that_nothing_wrote_is_an_anomaly() {
    assert_eq!(classes("0 0-1 ok wx1\n0 2-3 ok gx2"), ["read-from-nowhere"]);
}

#[test]
fn reads_of_what_was_aborted_and_of_what_its_writer_overwrote_are_anomalies() {
    assert_eq!(classes("0 0-1 ok gx1\n1 0-1 fail wx1"), ["g1a"]);
    assert_eq!(classes("0 0-1 ok wx1 wx2\n1 0-1 ok gx1"), ["g1b"]);
}

#[test]
fn a_transaction_that_reads_a_key_twice_and_sees_two_values_is_inconsistent_by_itself() {
    assert_eq!(classes("0 0-9 ok gx1 gx2\n1 0-9 ok wx1\n2 0-9 ok wx2")[0], "internal");
    assert_eq!(classes("0 0-9 ok gx1 wx1"), ["internal"]);
}

#[test]
fn transactions_that_read_each_other_are_a_circular_information_flow() {
    assert_eq!(classes("0 0-9 ok wx1 gy1\n1 0-9 ok wy1 gx1"), ["g1c"]);
}

#[test]
fn two_that_read_one_version_and_write_lose_an_update() {
    let found = classes("0 0-9 ok gx_ wx1\n1 0-9 ok gx_ wx2");
    assert_eq!(found, ["lost-update", "g-single"]);
    assert!(!holds("0 0-9 ok gx_ wx1\n1 0-9 ok gx_ wx2", Consistency::SnapshotIsolation));
}

#[test]
fn write_skew_and_a_long_fork_of_registers_are_told_apart() {
    let skew = "0 0-9 ok gx_ wy1\n1 0-9 ok gy_ wx1";
    assert_eq!(classes(skew), ["g2-item"]);
    assert!(holds(skew, Consistency::SnapshotIsolation));
    let fork = "0 0-9 ok wx1\n1 0-9 ok wy1\n2 0-9 ok gx1 gy_\n3 0-9 ok gx_ gy1";
    assert_eq!(classes(fork), ["g-nonadjacent"]);
    assert!(holds(fork, Consistency::ParallelSnapshotIsolation));
}

/// Elle passes it as long as it is not asked to take an order from time.
#[test]
fn a_stale_read_breaks_strict_serializability_whatever_the_order_of_the_versions() {
    let stale = "0 0-1 ok wx1\n1 2-3 ok wx2\n2 4-5 ok gx1";
    assert!(holds(stale, Consistency::StrongSessionSerializable));
    assert!(!holds(stale, Consistency::StrictSerializable));
    assert_eq!(classes(stale), ["g-single-realtime"]);
}

#[test]
fn what_one_process_overwrote_and_read_again_breaks_its_session() {
    let back = "0 0-1 ok wx1\n0 2-3 ok wx2\n0 4-5 ok gx1";
    assert!(holds(back, Consistency::Serializable));
    assert!(!holds(back, Consistency::StrongSessionSnapshotIsolation));
}

/// Blind writes that were read in turn have an order, and it is not that of their invocations.
#[test]
fn an_order_of_blind_writes_is_found_where_there_is_one() {
    let text = "0 0-9 ok wx1\n1 1-9 ok wx2\n2 2-9 ok wx3\n3 10-11 ok gx2\n3 12-13 ok gx2";
    assert!(holds(text, Consistency::StrictSerializable));
    let crossed = "0 0-9 ok wx1 wy1\n1 0-9 ok wx2 wy2\n2 10-11 ok gx1\n2 12-13 ok gy2";
    assert!(!holds(crossed, Consistency::StrictSerializable));
    assert!(holds(crossed, Consistency::Serializable));
}

/// The order of a chain is known, however long it is.
#[test]
fn a_stale_read_at_the_end_of_a_chain_of_updates_is_decided() {
    let mut lines = vec!["0 0-9 ok wx1 wy1".to_owned()];
    lines.extend((2..=12).map(|it| format!("{it} 0-9 ok gx{} wx{it}", it - 1)));
    lines.push("20 0-9 ok gx12 gy_".to_owned());
    let text = lines.join("\n");
    assert!(!holds(&text, Consistency::SnapshotIsolation));
    assert_eq!(classes(&text), ["g-single", "causality-violation"]);
}

/// Each of two writers is older than the other, if their readers see all of each.
const CROSSED: &str = "0 0-9 ok wx1 wy1\n1 0-9 ok wx2 wy2\n2 0-9 ok gx1 gy2";

#[test]
fn one_that_sees_half_of_each_of_two_reads_what_is_fractured() {
    let found = report(&told(CROSSED));
    assert!(found.holds(Consistency::MonotonicAtomicView), "{:?}", found.models);
    let broken = found.of(Consistency::ReadAtomic).unwrap();
    let IsolationJudgement::Broken(at) = broken else { panic!("{broken:?}") };
    let facts: Vec<&str> = found.anomalies[*at].facts.iter().map(|it| it.text.as_str()).collect();
    assert_eq!(
        facts[3..],
        [
            "T3 comes before T1, because T2 observes T3, and read from \"y\" what T1 wrote",
            "T1 comes before T3, because T2 observes T1, and read from \"x\" what T3 wrote",
        ]
    );
}

/// Pairs of transactions, each of which forms a cycle in the likely order, and has another one.
fn wrong_guesses() -> String {
    let mut lines = Vec::new();
    for (at, keys) in ('A'..='z').collect::<Vec<_>>().chunks_exact(2).enumerate() {
        let (x, y, one, two) = (keys[0], keys[1], 2 * at, 2 * at + 1);
        lines.push(format!("{one} 0-9 ok g{y}_ w{x}1"));
        lines.push(format!("{two} 0-5 ok w{y}1 w{x}2"));
    }
    lines.join("\n")
}

#[test]
fn independent_guesses_that_are_wrong_are_mended_one_by_one() {
    let text = wrong_guesses();
    assert!(text.lines().count() > 56, "{text}");
    assert!(holds(&text, Consistency::StrictSerializable));
}

/// Transactions of 24 processes on a few registers, each of which takes effect at one instant while it runs. Of the
/// reads `stale` in a hundred are of what was overwritten before the transaction began.
fn busy(seed: u64, stale: usize) -> Vec<ToldTxn> {
    let chance = &mut Chance::new(seed);
    let mut versions: [Vec<(u64, i64)>; 2] = Default::default();
    let mut free = [0u64; 24];
    let mut txns = Vec::new();
    for at in 1..=200u64 {
        let now = 100 * at;
        let process = chance.below(24);
        if free[process] >= now {
            continue;
        }
        let mut until = |most: usize| u64::try_from(chance.below(most)).unwrap();
        let start = now.saturating_sub(until(900)).max(free[process] + 1);
        let end = now + until(900);
        free[process] = end;
        let mut parts = Vec::new();
        for key in 0..2 {
            let name = ['x', 'y'][key];
            let wrote = versions[key].iter().filter(|(when, _)| *when + 1_000 < start);
            let old = wrote.rev().nth(1).map(|(_, value)| *value);
            match chance.below(3) {
                0 => {
                    let value = at.cast_signed();
                    parts.push(ToldPart::Write(name, value));
                    versions[key].push((now, value));
                }
                1 if old.is_some() && chance.below(100) < stale => {
                    parts.push(ToldPart::Get(name, old));
                }
                1 => parts.push(ToldPart::Get(name, versions[key].last().map(|(_, it)| *it))),
                _ => {}
            }
        }
        let process = u32::try_from(process).unwrap();
        txns.push(ToldTxn { process, span: (start, end), end: EventKind::Ok, parts });
    }
    txns
}

#[test]
fn blind_writes_of_many_processes_at_once_are_decided() {
    for seed in 0..8 {
        let valid = report(&busy(seed, 0));
        assert!(valid.holds(Consistency::StrictSerializable), "seed {seed}: {:?}", valid.models);
        let stale = report(&busy(seed, 20));
        let strict = stale.of(Consistency::StrictSerializable).unwrap();
        let IsolationJudgement::Broken(at) = strict else { panic!("seed {seed}: {strict:?}") };
        assert_eq!(verify::anomaly(&stale.anomalies[*at]), Ok(()), "seed {seed}");
    }
}

#[test]
fn an_argument_names_each_order_of_the_versions() {
    let report = report(&told("0 0-1 ok wx1\n1 2-3 ok wx2\n2 4-5 ok gx1"));
    let facts: Vec<&str> = report.anomalies[0].facts.iter().map(|it| it.text.as_str()).collect();
    let expected = [
        "let T1 be: p2: read 1 from \"x\"",
        "let T2 be: p1: write 2 to \"x\"",
        "let T3 be: p0: write 1 to \"x\"",
        "T1 comes before T2, because T1 read 1 from \"x\", which T2 overwrote",
        "T2 comes before T1, because T2 had completed when T1 was invoked",
        "if \"x\" was 2 before 1: T2 before T3, because T3 wrote 1 to \"x\" after what T2 wrote; \
         T3 before T2, because T3 had completed when T2 was invoked",
    ];
    assert_eq!(facts, expected);
}

fn case(seed: u64) -> Result<(usize, usize), String> {
    transactions_case(TxnObject::Register, seed)
}

#[test]
fn the_checker_of_registers_agrees_with_brute_force_and_leaves_nothing_open() {
    let (mut held, cases) = (0, 4_000);
    for seed in (0..).take(cases) {
        let (now, open) = case(seed).unwrap_or_else(|told| panic!("{told}"));
        assert_eq!(open, 0, "seed {seed}");
        held += now;
    }
    let share = held * 100 / (10 * cases);
    assert!((20..=85).contains(&share), "{share} % hold");
}

#[test]
fn each_mistake_planted_in_the_checker_of_registers_is_caught() {
    for bug in [
        Bug::TxnForgetUnknown,
        Bug::RegistersTrustLikely,
        Bug::RegistersForgetInitial,
        Bug::RegistersTryOne,
        Bug::ObservedForgetOthers,
        Bug::ObservedForgetInitial,
        Bug::ObservedForgetNewer,
    ] {
        let caught = (0..4_000).any(|seed| plant::with(bug, || case(seed)).is_err());
        let is_lost = || !holds(&wrong_guesses(), Consistency::StrictSerializable);
        let is_found = || holds(CROSSED, Consistency::ReadAtomic);
        let caught = caught || plant::with(bug, is_lost) || plant::with(bug, is_found);
        assert!(caught, "{bug:?} is not caught");
    }
}
