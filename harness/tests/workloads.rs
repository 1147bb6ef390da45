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
