//! What each configuration is known to keep, and to break: in simulation over many seeds, and on
//! real processes a few times.

#![allow(clippy::unwrap_used, clippy::allow_attributes, reason = "tests may")]

mod program;

use program::Program;
use serde_json::Value;

/// What last-write-wins by wall clock keeps its promises under.
const NOT_CLOCKS: &str = "partition,messages,kill,pause,corrupt";

/// Runs, and returns the exit code and the JSON result.
fn run(program: &Program, arguments: &str) -> (i32, Value) {
    let mut words: Vec<&str> = vec!["run", "--json", "--quiet"];
    words.extend(arguments.split_whitespace());
    let ended = program.run(&words);
    let result = serde_json::from_str(&ended.stdout).unwrap_or_else(|_| panic!("{ended}"));
    (ended.code, result)
}

/// A tenth of the seeds, unless `RASHOMON_CLAIMS=all`: `rashomon claims` runs every configuration, too.
#[track_caller]
fn survives(arguments: &str) {
    let program = Program::new();
    let all = std::env::var("RASHOMON_CLAIMS").is_ok_and(|it| it == "all");
    let mut words: Vec<String> = arguments.split_whitespace().map(str::to_owned).collect();
    if let Some(at) = words.iter().position(|word| word == "--seeds").filter(|_| !all) {
        words[at + 1] = words[at + 1].parse::<u64>().unwrap().div_ceil(10).to_string();
    }
    let arguments = &words.join(" ");
    let (code, result) = run(&program, arguments);
    assert_eq!(code, 0, "rashomon run {arguments}\n{result:#}");
}

/// The anomalies of a check that a run must break.
#[track_caller]
fn breaks(arguments: &str, check: &str) -> Vec<Value> {
    let program = Program::new();
    let (code, result) = run(&program, &format!("{arguments} --require {check}"));
    assert_eq!(code, 1, "rashomon run {arguments}\n{result:#}");
    let report = result["checks"].as_array().unwrap().iter().find(|c| c["check"] == check);
    let anomalies = report.unwrap()["anomalies"].as_array().unwrap().clone();
    assert!(!anomalies.is_empty(), "{check} of {arguments}\n{result:#}");
    anomalies
}

fn smallest_witness(anomalies: &[Value]) -> usize {
    let size = |anomaly: &Value| anomaly["witness"]["operations"].as_array().unwrap().len();
    anomalies.iter().map(size).min().unwrap()
}

#[test]
fn a_lone_primary_is_linearizable_whatever_happens() {
    survives(
        "primary-replica --replication async --reads primary --failover none \
         --faults kill,pause,partition --sim --seed 1 --seeds 40 --keep-going",
    );
    survives("primary-replica --replication semi-sync --faults all --sim --seed 1 --seeds 10");
    survives("primary-replica --replication sync --faults all --sim --seed 1 --seeds 10");
}

#[test]
fn a_primary_that_a_majority_elects_is_linearizable_whatever_happens() {
    let raft = "primary-replica --failover raft --faults all --sim --seed 1";
    // Both pauses of seed 13 strike a node to which nothing comes meanwhile: undecided, and no violation.
    let others = raft.replace("--seed 1", "--seed 14");
    survives(&format!("{others} --seeds 40 --keep-going"));
    survives(&format!("{raft} --raft-reads lease --nodes 5 --seeds 20 --keep-going"));
    survives(&format!("{raft} --raft-reads follower-index --seeds 20 --keep-going"));
}

#[test]
fn a_primary_that_others_are_fenced_off_from_is_linearizable_whatever_happens() {
    for failover in ["external", "lease"] {
        for reads in ["confirmed", "lease"] {
            let target = format!("primary-replica --failover {failover} --primary-reads {reads}");
            survives(&format!("{target} --faults all --sim --seed 1 --seeds 20 --keep-going"));
            let five = format!("{target} --nodes 5 --workload set --faults all --sim --seed 1");
            survives(&format!("{five} --seeds 10 --keep-going"));
        }
    }
}

/// Followers pass writes on and send them again, and the links double what they send.
#[test]
fn a_write_that_is_sent_again_is_applied_once_and_a_second_time_is_found() {
    let any = "primary-replica --failover raft --raft-writes any --sim --seed 1";
    survives(&format!("{any} --faults all --seeds 20 --keep-going"));
    survives(&format!("{any} --raft-reads log --faults all --seeds 10 --keep-going"));
    let doubled = format!("{any} --faults messages --seeds 10 --keep-going");
    survives(&doubled);
    is_refuted(&format!("{doubled} --bug raft-retry-applies-twice"), "linearizable");
    survives(&format!("{any} --faults messages --workload counter --seeds 5 --keep-going"));
}

/// A promise narrower than the truth is as wrong as a wider one: these promise no more.
#[test]
fn a_node_that_asks_nobody_before_it_answers_a_read_shows_stale_values() {
    let raft = "primary-replica --failover raft --sim --seed 1";
    let local = format!("{raft} --raft-reads leader-local --faults partition,pause --seeds 20");
    is_refuted(&local, "linearizable");
    survives(&format!("{local} --keep-going"));
    let any = format!("{raft} --raft-reads follower-local --faults none --seeds 1");
    is_refuted(&any, "linearizable");
    survives(&any);
}

/// Some run of the series breaks it.
#[track_caller]
fn is_refuted(arguments: &str, check: &str) {
    let words = format!("run {arguments} --require {check}");
    let ended = Program::new().run(&words.split_whitespace().collect::<Vec<_>>());
    assert_eq!(ended.code, 1, "{words}\n{ended}");
}

#[test]
fn write_back_makes_quorums_linearizable() {
    survives(
        "leaderless --n 3 -r 2 -w 2 --write-back on --faults partition,kill --sim --seed 1 \
         --seeds 100 --keep-going",
    );
    survives("leaderless --nodes 3 --write-back on --faults all --sim --seed 1 --seeds 50");
    survives("leaderless --n 5 -r 3 -w 3 --write-back on --faults all --sim --seed 1 --seeds 20");
}

/// A read whose answers agree may still not skip write-back: the next read may hear others.
#[test]
fn agreeing_answers_alone_do_not_spare_a_read_its_write_back() {
    survives(
        "leaderless --n 3 -r 1 -w 3 --write-back on --faults none --sim --time 2s --seed 1 \
         --seeds 5 --keep-going",
    );
    survives(
        "leaderless --nodes 5 --n 4 -r 2 -w 3 --write-back on --faults none --sim --time 2s \
         --seed 1 --seeds 20 --keep-going",
    );
}

/// A coordinator that has restarted must not count what was said to its former life.
#[test]
fn an_answer_to_a_killed_coordinator_counts_for_nothing_after_its_restart() {
    let kills = "leaderless --n 3 -r 2 -w 2 --write-back on --sim --faults kill,messages \
                 --rate 3000 --processes 24 --time 300ms --seed 1 --seeds 150 --keep-going";
    survives(kills);
    survives(&format!("{kills} --keys 4"));
    let program = Program::new();
    let plan = program.folder().join("plan.json");
    let late = r#"{"format": "rashomon-plan", "version": 1, "spans": [
        {"id": 0, "fault": "pause", "node": {"node": 2}, "start": 50000000, "lasts": 358000000},
        {"id": 1, "fault": "kill", "node": {"node": 1}, "start": 250000000, "lasts": 50000000}]}"#;
    std::fs::write(&plan, late).unwrap();
    let arguments = format!(
        "leaderless --nodes 3 --write-back on --sim --time 1s --rate 2000 --processes 24 \
         --ops-per-key 8 --seed 1 --faults {}",
        plan.display()
    );
    let (code, result) = run(&program, &arguments);
    assert_eq!(code, 0, "{result:#}");
}

#[test]
fn replica_reads_are_stale_with_a_witness_of_at_most_four() {
    let anomalies = breaks(
        "primary-replica --replication async --reads replica --sim --seed 1",
        "linearizable",
    );
    assert!(anomalies.iter().any(|anomaly| anomaly["class"] == "stale-read"));
    assert!(smallest_witness(&anomalies) <= 4);
}

#[test]
fn what_was_never_claimed_is_not_called_a_broken_claim() {
    let program = Program::new();
    let stale = "primary-replica --reads replica --sim --seed 1 --require linearizable";
    let (code, result) = run(&program, stale);
    assert_eq!((code, &result["claim_broken"]), (1, &Value::Bool(false)), "{result:#}");
    let bug = "primary-replica --bug pr-ack-before-fsync --faults kill --sim --seed 1";
    let (code, result) = run(&program, bug);
    assert_eq!((code, &result["claim_broken"]), (1, &Value::Bool(true)), "{result:#}");
}

#[test]
fn naive_failover_loses_acknowledged_writes_and_names_them() {
    let program = Program::new();
    let (code, result) = run(
        &program,
        "primary-replica --failover naive --faults partition --sim --seed 1 --require durable",
    );
    assert_eq!(code, 1, "{result:#}");
    let lost = result["ledger"]["lost"].as_array().unwrap();
    assert!(!lost.is_empty() && lost.iter().all(|l| l["key"].is_string() && l["value"].is_i64()));
}

#[test]
fn quorums_without_write_back_are_not_linearizable() {
    // Some seeds do not show it: the first that does ends the series.
    let program = Program::new();
    let seeds = "leaderless --n 3 -r 2 -w 2 --sim --seed 1 --seeds 10 --require linearizable";
    let (code, result) = run(&program, seeds);
    assert_eq!(code, 1, "{result:#}");
}

/// Neither reads nor writes mend what a partition kept from a replica; comparing hashes does.
#[test]
fn sets_and_registers_converge_by_anti_entropy_alone() {
    let apart =
        "leaderless --n 3 -r 1 -w 1 --read-repair off --faults partition,kill --sim --seed 1";
    for workload in ["set", "register"] {
        let mends = format!("{apart} --workload {workload} --seeds 20");
        survives(&format!("{mends} --anti-entropy on --keep-going"));
        is_refuted(&mends, "convergent");
    }
    survives(
        "leaderless --write-back on --read-repair off --anti-entropy on --faults all --sim \
         --seed 1 --seeds 20",
    );
}

/// Counters of replicas that join come to agree, and are not linearizable even with write-back.
#[test]
fn counters_converge_by_shares_and_two_reads_may_each_see_what_the_other_does_not() {
    let counter = "leaderless --write-back on --workload counter --sim --seed 1 --seeds 20";
    survives(&format!("{counter} --faults all --keep-going"));
    is_refuted(&format!("{counter} --faults none"), "linearizable");
    let repaired = "leaderless --n 3 -r 1 -w 1 --anti-entropy on --workload counter --faults kill";
    survives(&format!("{repaired} --sim --seed 1 --seeds 20 --keep-going"));
}

/// Exactly those writes survive that no other had seen, whatever quorums and clocks there are.
#[test]
fn siblings_survive_whatever_happens_and_no_order_of_them_is_judged() {
    let siblings = "leaderless --conflict siblings --workload siblings --sim --seed 1 --time 4s";
    for flags in [
        "",
        "--n 3 -r 1 -w 1",
        "--nodes 3 --n 3 -r 1 -w 1 --read-repair off --anti-entropy on",
        "--n 3 -r 2 -w 3 --hints on",
        "--n 2 -r 1 -w 1 --hints on --sloppy on",
    ] {
        survives(&format!("{siblings} {flags} --faults all --seeds 8 --keep-going"));
    }
    let apart = format!("{siblings} --n 3 -r 1 -w 1 --read-repair off --faults partition");
    survives(&apart);
    is_refuted(&format!("{apart} --seeds 5"), "convergent");
    let program = Program::new();
    let (code, result) = run(&program, &format!("{siblings} --require linearizable"));
    assert_eq!(code, 3, "there is no model of them\n{result:#}");
    let (code, result) = run(&program, &format!("{siblings} --ladder"));
    assert_eq!(code, 0, "{result:#}");
    let required = &result["required"]["checks"];
    assert_eq!(required, &serde_json::json!(["durable", "convergent", "mv-register"]));
}

/// Additions win over removals that have not observed them, and what one has observed does not come back.
#[test]
fn removals_take_away_what_they_observe_whatever_happens() {
    let cart = "leaderless --workload cart --sim --seed 1 --time 4s";
    for flags in [
        "",
        "--n 3 -r 1 -w 1 --anti-entropy on",
        "--write-back on",
        "--conflict siblings --nodes 3 --read-repair off --anti-entropy on",
        "--n 2 -r 1 -w 1 --hints on --sloppy on",
    ] {
        survives(&format!("{cart} {flags} --faults all --seeds 8 --keep-going"));
    }
    survives("hybrid --workload cart --faults all --sim --seed 1 --seeds 5 --time 4s --keep-going");
    let apart = "--n 3 -r 1 -w 1 --read-repair off --faults partition --seeds 5";
    is_refuted(&format!("{cart} {apart}"), "convergent");
    // Some order of operations explains no removal that passes over an addition.
    is_refuted(&format!("{cart} --n 3 -r 2 -w 2 --faults messages --seeds 5"), "linearizable");
}

/// Where one write wins, a concurrent one is gone, and nothing else is claimed.
#[test]
fn one_of_two_concurrent_writes_is_lost_where_one_wins() {
    for flags in ["", "--write-back on", "--conflict hlc"] {
        let program = Program::new();
        let lww = format!("leaderless {flags} --workload siblings --faults none --sim --seed 1");
        let (code, result) = run(&program, &lww);
        assert_eq!(code, 0, "{result:#}");
        let mut checks = result["checks"].as_array().unwrap().iter();
        let siblings = checks.find(|it| it["check"] == "mv-register").unwrap();
        assert_eq!(siblings["promised"], false);
        assert_eq!(siblings["anomalies"][0]["class"], "lost-write", "{siblings:#}");
    }
}

/// Where too few replicas are within reach, a sloppy write goes on and a strict one does not.
#[test]
fn a_sloppy_quorum_writes_on_where_replicas_are_out_of_reach() {
    let program = Program::new();
    let ok = |flags: &str| {
        let target = format!("leaderless --nodes 5 --n 3 -r 2 -w 3 {flags} --workload set");
        let (code, result) = run(&program, &format!("{target} --faults partition --sim --seed 1"));
        assert_eq!(code, 0, "{target}\n{result:#}");
        result["evidence"]["ok"].as_u64().unwrap()
    };
    let (strict, kept, sloppy) = (ok(""), ok("--hints on"), ok("--hints on --sloppy on"));
    assert!(
        sloppy > strict && sloppy > kept,
        "{strict} strict, {kept} with hints, {sloppy} sloppy"
    );
    let read = "leaderless --nodes 5 --n 3 -r 2 -w 2 --hints on --faults partition --sim --seed 1";
    is_refuted(&format!("{read} --sloppy on --seeds 10"), "regular");
    survives(&format!("{read} --require regular --seeds 10"));
    survives(&format!("{read} --write-back on --require linearizable --seeds 10"));
}

/// Each of the faults alone, and all together, in every topology, with every workload that fits.
#[test]
fn leaders_converge_in_every_topology() {
    for topology in ["all", "ring", "star"] {
        for workload in ["register", "set", "counter"] {
            let target = format!("multi-leader --topology {topology} --workload {workload}");
            survives(&format!(
                "{target} --faults {NOT_CLOCKS} --sim --seed 1 --seeds 20 --keep-going"
            ));
            survives(&format!("{target} --faults all --sim --seed 1 --seeds 10 --keep-going"));
        }
    }
    let ring = "multi-leader --topology ring --nodes 7 --sim --seed 1 --seeds 10";
    survives(&format!("{ring} --faults {NOT_CLOCKS}"));
}

/// A promise narrower than the truth is as wrong as a wider one.
#[test]
fn a_leader_that_asks_nobody_shows_stale_values() {
    for require in ["linearizable", "regular"] {
        is_refuted("multi-leader --faults none --sim --seed 1 --seeds 5", require);
    }
}

/// Only a counter tells how often something was applied.
#[test]
fn an_update_applied_again_is_seen_by_no_workload_but_the_counter() {
    let bug =
        "multi-leader --topology ring --bug ml-loop-no-dedupe --faults messages --sim --seed 1";
    for workload in ["register", "set"] {
        survives(&format!("{bug} --workload {workload} --seeds 40 --keep-going"));
    }
    breaks(&format!("{bug} --workload counter"), "convergent");
}

#[test]
fn sets_converge_by_read_repair_and_only_by_it() {
    let set = "leaderless --n 3 -r 1 -w 1 --workload set --faults partition --sim --seed 1";
    survives(&format!("{set} --seeds 10 --keep-going"));
    let anomalies = breaks(&format!("{set} --read-repair off"), "convergent");
    assert_eq!(anomalies[0]["class"], "divergence");
}

/// Every configuration of four nodes, a few runs each; `.ci/run` runs those of three, and `rashomon claims` those of every size.
#[test]
fn every_configuration_keeps_its_claim_in_short_runs() {
    let ended = Program::new().run(&["claims", "--nodes", "4", "--json", "--quiet"]);
    let told: Value = serde_json::from_str(&ended.stdout).unwrap_or_else(|_| panic!("{ended}"));
    let all = told["configurations"].as_array().unwrap();
    assert!(all.len() > 300, "{} configurations", all.len());
    assert!(all.iter().all(|one| one["tally"]["runs"] == 5), "each is run");
    let broken: Vec<&Value> = all.iter().filter(|one| one["tally"]["violations"] != 0).collect();
    assert!(broken.is_empty(), "{broken:#?}");
    let is_judged = |one: &Value| one["tally"]["not_judged"] == 0;
    assert!(all.iter().all(is_judged), "each promise has a checker");
    assert_eq!(ended.code, 0, "too few runs could tell\n{ended}");
}

/// Real processes; each run takes some seconds. A machine that stalls for a second can keep a fault
/// from having an effect, or a replica from missing its primary: then the next seed is tried.
mod on_real_processes {
    use super::*;

    const SEEDS: std::ops::Range<u64> = 1..4;

    /// Some seed can tell, and none finds an anomaly.
    #[track_caller]
    fn survives(arguments: &str) {
        let mut last = Value::Null;
        for seed in SEEDS {
            let program = Program::new();
            let (code, result) = run(&program, &format!("{arguments} --seed {seed}"));
            assert!([0, 3].contains(&code), "rashomon run {arguments} --seed {seed}\n{result:#}");
            if code == 0 {
                return;
            }
            last = result["doubts"].clone();
        }
        panic!("rashomon run {arguments}: no run could tell\n{last:#}");
    }

    /// The anomalies of a check, in the first run that breaks it.
    #[track_caller]
    fn breaks(arguments: &str, check: &str) -> Vec<Value> {
        for seed in SEEDS {
            let program = Program::new();
            let words = format!("{arguments} --seed {seed} --require {check}");
            let (code, result) = run(&program, &words);
            let report = result["checks"].as_array().unwrap().iter().find(|c| c["check"] == check);
            let anomalies = report.unwrap()["anomalies"].as_array().unwrap();
            if !anomalies.is_empty() {
                assert_eq!(code, 1);
                return anomalies.clone();
            }
        }
        panic!("rashomon run {arguments}: never broke {check}");
    }

    #[test]
    fn a_lone_primary_is_linearizable() {
        survives("primary-replica --faults kill,pause,partition --time 4s");
    }

    #[test]
    fn lists_queues_locks_and_transactions_keep_what_a_log_claims() {
        for workload in ["append", "queue", "lock", "users", "bank"] {
            let target = "primary-replica --failover raft";
            survives(&format!("{target} --workload {workload} --faults none --time 1s"));
        }
    }

    #[test]
    fn replica_reads_are_stale() {
        let arguments = "primary-replica --reads replica --time 3s --faults none";
        assert!(smallest_witness(&breaks(arguments, "linearizable")) <= 4);
    }

    #[test]
    fn naive_failover_loses_acknowledged_writes() {
        // Long enough cuts for a replica to miss its primary.
        let arguments = "primary-replica --failover naive --faults partition --time 8s";
        let lost = breaks(arguments, "durable");
        assert_eq!(lost[0]["class"], "lost-write");
    }

    #[test]
    fn sets_converge_by_read_repair_and_only_by_it() {
        let set = "leaderless --n 3 -r 1 -w 1 --workload set --rate 200 --time 4s";
        survives(&format!("{set} --faults partition"));
        let faults = "--faults partition --read-repair off";
        breaks(&format!("{set} {faults}"), "convergent");
    }

    #[test]
    fn write_back_keeps_quorums_linearizable_under_kills() {
        survives("leaderless --n 3 -r 2 -w 2 --write-back on --time 4s");
    }

    #[test]
    fn siblings_survive_and_a_replica_that_drops_them_is_found() {
        let siblings = "leaderless --conflict siblings --workload siblings --faults kill --time 3s";
        survives(siblings);
        let bug = format!("{siblings} --bug dvv-context-of-coordinator");
        for seed in SEEDS {
            let (code, result) = run(&Program::new(), &format!("{bug} --seed {seed}"));
            if code == 1 {
                assert_eq!(result["claim_broken"], true, "{result:#}");
                return;
            }
        }
        panic!("rashomon run {bug}: never found");
    }

    #[test]
    fn sessions_never_go_back_with_tokens() {
        let roams = "primary-replica --reads any --session-tokens on --workload session-roam";
        survives(&format!("{roams} --faults partition,kill --time 3s"));
    }

    #[test]
    fn additions_win_over_removals_that_have_not_observed_them() {
        survives("leaderless --workload cart --faults partition,kill --time 3s");
    }

    #[test]
    fn a_hybrid_cluster_keeps_both_promises() {
        survives("hybrid --faults partition,kill --time 3s");
        survives("hybrid --workload set --faults partition,kill --time 3s");
    }
}

/// Each namespace keeps the promise of its protocol, beside the other one on one disk; and what is
/// promised of the one is refuted of the other.
#[test]
fn a_hybrid_cluster_keeps_records_linearizable_and_logs_convergent() {
    for workload in ["register", "set", "counter"] {
        let hybrid = format!("hybrid --workload {workload} --sim --seed 1");
        survives(&format!("{hybrid} --faults all --seeds 20 --keep-going"));
    }
    let logs = "hybrid --workload set --faults none --sim --seed 1 --seeds 10";
    is_refuted(logs, "linearizable");
    survives("hybrid --raft-reads follower-local --faults all --sim --seed 1 --seeds 20");
    let local = "hybrid --raft-reads follower-local --faults none --sim --seed 1 --seeds 10";
    is_refuted(local, "linearizable");
}
