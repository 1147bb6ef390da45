//! Workloads, each on a target with the right promise, which keeps it, and on one that it catches.

#![allow(clippy::unwrap_used, clippy::allow_attributes, reason = "tests may")]

mod program;

use program::{Ended, Program};

fn run(arguments: &str) -> Ended {
    let program = Program::new();
    let words: Vec<&str> = ["run"].into_iter().chain(arguments.split_whitespace()).collect();
    program.run(&words)
}

#[test]
fn read_heavy_catches_copies_that_lag_and_nothing_where_reads_are_of_the_primary() {
    run("primary-replica --sim --seed 1 --workload read-heavy").expect(0);
    let lagging = run("primary-replica --reads replica --sim --seed 1 --seeds 10 \
                       --workload read-heavy --require linearizable");
    lagging.expect(1);
}

#[test]
fn clients_that_roam_lose_their_own_writes_where_one_replica_is_enough() {
    let weak = "leaderless -r 1 -w 1 --sim --seed 1 --seeds 10 --workload session-roam";
    run(&format!("{weak} --require read-your-writes")).expect(1);
    run(&format!("{weak} --require monotonic-reads")).expect(1);
    let strong = "leaderless -r 2 -w 2 --write-back on --sim --seed 1 --workload session-roam";
    run(&format!("{strong} --require read-your-writes,monotonic-reads")).expect(0);
}

/// A session that brings what it has seen never goes back, whichever replica answers it.
#[test]
fn session_tokens_keep_the_guarantees_of_sessions_at_replicas_that_lag() {
    let roams = "primary-replica --workload session-roam --sim --seed 1 --time 3s";
    for reads in ["replica", "any"] {
        for replication in ["async", "semi-sync", "sync"] {
            let lags = format!("{roams} --reads {reads} --replication {replication}");
            let kept = format!("{lags} --session-tokens on --faults all --seeds 5 --keep-going");
            run(&kept).expect(0);
        }
    }
    let weak = format!("{roams} --reads any --faults messages --seeds 5");
    run(&format!("{weak} --require read-your-writes")).expect(1);
    run(&format!("{weak} --require monotonic-reads")).expect(1);
    // Its reads may still be stale.
    run(&format!("{weak} --session-tokens on --require linearizable")).expect(1);
    run("primary-replica --session-tokens on").expect(2);
}

/// Transfers of a bank neither make nor destroy money, and what is beside it comes to agree.
#[test]
fn a_bank_on_a_hybrid_target_conserves_money_and_the_logs_beside_it_converge() {
    let hybrid = "hybrid --workload bank-with-logs --sim --seed 1";
    let program = Program::new();
    let words = format!("run {hybrid} --seeds 5 --faults all --keep-going");
    program.run(&words.split_whitespace().collect::<Vec<_>>()).expect(0);
    let apart =
        format!("run {hybrid} --faults partition --read-repair off --anti-entropy off --json");
    let ended = program.run(&apart.split_whitespace().collect::<Vec<_>>());
    let told: serde_json::Value = serde_json::from_str(&ended.stdout).unwrap();
    let verdict = |name: &str| {
        let checks = told["checks"].as_array().unwrap();
        let check = checks.iter().find(|it| it["check"] == name).unwrap();
        (check["verdict"].as_str().unwrap().to_owned(), check["promised"].as_bool().unwrap())
    };
    assert_eq!(verdict("bank"), ("valid".to_owned(), true), "{told:#}");
    assert_eq!(verdict("convergent"), ("invalid".to_owned(), false), "only the logs are apart");
    assert_eq!(ended.code, 0, "{told:#}");
}

#[test]
fn a_bank_catches_transactions_that_compare_too_early_and_reads_of_replicas_keep_its_total() {
    let bank = "primary-replica --workload bank --faults none --sim --seed 1 --time 2s";
    run(&format!("{bank} --failover external")).expect(0);
    run(&format!("{bank} --failover external --bug transaction-compares-early")).expect(1);
    run(&format!("{bank} --reads replica")).expect(0);
    run(&format!("{bank} --failover raft --raft-reads follower-local")).expect(0);
}

#[test]
fn a_queue_and_a_lock_have_no_operation_that_may_lag() {
    for workload in ["queue", "lock"] {
        let lagging =
            format!("primary-replica --reads replica --workload {workload} --faults kill");
        let ended = run(&format!("{lagging} --sim --seed 1 --time 2s"));
        ended.expect(0);
        let naive = format!("primary-replica --failover naive --workload {workload}");
        run(&format!("{naive} --faults partition --sim --seed 1 --require linearizable")).expect(1);
    }
}

/// Writers have one order in a log; who only reads may see what a beginning of it left.
#[test]
fn transactions_are_strictly_serializable_at_a_primary_and_serializable_at_replicas() {
    for workload in ["txn-list-append", "txn-rw-register"] {
        let at_primary = format!("primary-replica --workload {workload} --sim --seed 1 --time 2s");
        run(&format!("{at_primary} --faults kill --require strict-serializable")).expect(0);
        let lagging = format!("{at_primary} --reads replica --faults none");
        run(&lagging).expect(0);
        run(&format!("{lagging} --require strict-serializable")).expect(1);
    }
}
