//! Each planted bug is found within some seeds, and the same seeds without it are clean.

#![allow(clippy::unwrap_used, clippy::allow_attributes, reason = "tests may")]

mod program;

use program::Program;
use serde_json::Value;

/// Runs some seeds with a planted bug and without. The bug must break what it is said to break: its
/// anomaly is found, it mattered, and no run of the same seeds without it finds anything.
#[track_caller]
fn is_found(bug: &str, target: &str, class: &str) {
    let program = Program::new();
    let seeds = format!("run {target} --sim --seed 1 --seeds 60");
    let run = |arguments: &str| program.run(&arguments.split_whitespace().collect::<Vec<_>>());
    let clean = run(&format!("{seeds} --keep-going"));
    assert_eq!(clean.code, 0, "{seeds} is not clean without {bug}\n{clean}");
    let planted = run(&format!("{seeds} --bug {bug}"));
    assert_eq!(planted.code, 1, "{bug} was not found\n{planted}");
    assert!(!planted.stdout.contains("had an effect 0 times"), "{planted}");
    // The run that found it is kept.
    let verdict = std::fs::read_to_string(program.latest().join("verdict.json")).unwrap();
    let result: Value = serde_json::from_str(&verdict).unwrap();
    assert_eq!(result["claim_broken"], Value::Bool(true), "{result:#}");
    let checks = result["checks"].as_array().unwrap().iter();
    let anomalies = checks.flat_map(|check| check["anomalies"].as_array().unwrap());
    let classes: Vec<&str> = anomalies.map(|found| found["class"].as_str().unwrap()).collect();
    assert!(classes.contains(&class), "{class} is not among {classes:?}");
}

/// Each in a configuration that keeps its claim without the bug.
mod every_planted_bug_is_found_where_nothing_is_without_it {
    use super::is_found;

    #[test]
    fn hybrid_falls_back_to_logs() {
        let target = "hybrid --faults partition,kill --time 3s";
        is_found("hybrid-falls-back-to-logs", target, "lost-write");
    }

    #[test]
    fn pr_ack_before_fsync() {
        let target = "primary-replica --workload set --faults kill";
        is_found("pr-ack-before-fsync", target, "lost-element");
    }

    #[test]
    fn read_exposes_undurable() {
        is_found("read-exposes-undurable", "primary-replica --faults kill", "stale-read");
    }

    /// The primary shows what is committed, and that lags behind what it acknowledged.
    #[test]
    fn ack_before_quorum() {
        let target = "primary-replica --replication sync --faults none";
        is_found("ack-before-quorum", target, "stale-read");
    }

    /// All three replicas must have lost a write, or the one that a read asks.
    #[test]
    fn ql_ack_before_fsync() {
        let target = "leaderless --write-back on -r 1 -w 3 --faults kill --time 300ms --ops 900 \
                      --processes 24";
        is_found("ql-ack-before-fsync", target, "stale-read");
    }

    /// Of Raft, under faults that hurt less than a majority at a time.
    mod in_the_core_of_raft {
        use super::is_found;

        #[test]
        fn acknowledged_before_a_majority_has_it() {
            let target = "primary-replica --failover raft --faults partition,kill";
            is_found("raft-ack-before-majority", target, "lost-write");
        }

        #[test]
        fn half_of_the_members_are_a_majority() {
            let target = "primary-replica --failover raft --faults partition";
            is_found("raft-quorum-off-by-one", target, "lost-write");
        }

        #[test]
        fn a_vote_for_a_shorter_log() {
            let target = "primary-replica --failover raft --faults partition,kill";
            is_found("raft-vote-stale-log", target, "stale-read");
        }

        #[test]
        fn entries_after_others_than_the_leaders() {
            let target = "primary-replica --failover raft --faults partition,kill";
            is_found("raft-previous-unchecked", target, "divergence");
        }

        #[test]
        fn compared_before_it_is_applied() {
            let target = "primary-replica --failover raft --faults none --time 2s";
            is_found("raft-cas-at-proposal", target, "non-linearizable");
        }

        #[test]
        fn a_read_of_a_leader_that_asks_nobody() {
            let target = "primary-replica --failover raft --faults partition,pause";
            is_found("raft-local-read", target, "stale-read");
        }

        #[test]
        fn a_read_of_a_leader_that_does_not_know_what_is_committed() {
            let target = "primary-replica --failover raft --faults kill,partition";
            is_found("raft-read-index-no-term", target, "stale-read");
        }
    }

    /// Of a primary that others are fenced off from.
    mod behind_a_fence {
        use super::is_found;

        /// A primary that was stopped for longer than its session lasts writes on when it wakes.
        #[test]
        fn entries_of_a_primary_whose_session_is_over() {
            let target = "primary-replica --failover external --faults pause --time 16s";
            is_found("no-fencing", target, "lost-write");
        }

        /// A primary that stops, and whose clock was set back, believes in its lease for too long. Of
        /// `session-wall-clock`, which is the same of a session, no run of 60 shows anything so far.
        #[test]
        fn a_lease_counted_on_a_clock_that_is_set_back() {
            let target = "primary-replica --failover lease --primary-reads lease \
                          --faults clock,partition,pause --time 8s";
            is_found("lease-wall-clock", target, "stale-read");
        }

        #[test]
        fn the_next_primary_keeps_the_log_it_has() {
            for (failover, class) in [("external", "stale-read"), ("lease", "lost-write")] {
                let target = format!("primary-replica --failover {failover} --faults partition");
                is_found("promote-any-replica", &target, class);
            }
        }

        #[test]
        fn acknowledged_alone_after_a_while() {
            for failover in ["external", "lease"] {
                let target = format!("primary-replica --failover {failover} --faults partition");
                is_found("semi-sync-fallback", &target, "lost-write");
            }
        }
    }

    /// Of leaders that write at once, each where only its own workload shows it.
    mod among_leaders {
        use super::is_found;

        #[test]
        fn acknowledged_before_fsync() {
            let target = "multi-leader --workload set --faults kill";
            is_found("ml-ack-before-fsync", target, "lost-element");
        }

        #[test]
        fn applied_again_when_it_arrives_again() {
            let target = "multi-leader --topology ring --workload counter --faults messages";
            is_found("ml-loop-no-dedupe", target, "counter-out-of-bounds");
        }

        #[test]
        fn the_last_arrival_wins() {
            let target = "multi-leader --workload register --faults none --time 1s";
            is_found("ml-arrival-wins", target, "divergence");
        }

        #[test]
        fn what_was_received_is_not_shipped_on() {
            let target = "multi-leader --topology star --workload set --faults none --time 1s";
            is_found("ml-not-forwarded", target, "divergence");
        }
    }

    #[test]
    fn w1_counted_as_quorum() {
        is_found("w1-counted-as-quorum", "leaderless --write-back on --faults none", "stale-read");
    }

    #[test]
    fn merkle_hashes_names() {
        let target = "leaderless --n 3 -r 1 -w 1 --read-repair off --anti-entropy on \
                      --faults partition,kill";
        is_found("merkle-hashes-names", target, "divergence");
    }

    #[test]
    fn counter_merge_adds() {
        let target = "leaderless --workload counter --faults none --time 1s";
        is_found("counter-merge-adds", target, "counter-out-of-bounds");
    }

    #[test]
    fn hint_counts_in_strict() {
        let target =
            "leaderless --nodes 5 --n 3 -r 1 -w 3 --write-back on --hints on --faults partition";
        is_found("hint-counts-in-strict", target, "stale-read");
    }

    #[test]
    fn hint_offered_once() {
        let target = "leaderless --nodes 5 --n 2 -r 1 -w 1 --hints on --sloppy on --workload set \
                      --faults partition";
        is_found("hint-offered-once", target, "lost-element");
    }

    #[test]
    fn ql_unconditional_apply() {
        is_found("ql-unconditional-apply", "leaderless --write-back on", "lost-write");
    }
}
