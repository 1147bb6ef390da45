//! Each planted bug is found where it is said to show, by the class of anomaly that it is said to lead to, and the
//! same seeds without it are clean.

#![allow(clippy::unwrap_used, clippy::allow_attributes, reason = "tests may")]

mod program;

use program::Program;
use serde_json::Value;

/// One of each family that has some.
const SOME: [&str; 5] = [
    "pr-ack-before-fsync",
    "raft-quorum-off-by-one",
    "abd-async-write-back",
    "ml-arrival-wins",
    "dvv-drop-sibling",
];

fn hunted(words: &[&str]) -> Vec<Value> {
    let ended = Program::new().run(&[&["bugs", "--json"], words].concat());
    assert_eq!(ended.code, 0, "{ended}");
    let report: Value = serde_json::from_str(&ended.stdout).unwrap();
    report["planted"].as_array().unwrap().clone()
}

/// Some of them by default, and all with `RASHOMON_BUGS=all`; `rashomon bugs` looks for all of them.
#[test]
fn every_planted_bug_is_found_where_it_shows_and_nothing_is_without_it() {
    let all = std::env::var("RASHOMON_BUGS").is_ok_and(|it| it == "all");
    let planted: Vec<Value> =
        if all { hunted(&[]) } else { SOME.iter().flat_map(|bug| hunted(&[bug])).collect() };
    let (looked_for, needing): (Vec<&Value>, Vec<&Value>) =
        planted.iter().partition(|one| one["came"] != "not-judged");
    for one in &looked_for {
        assert_eq!(one["came"], "found", "{one:#}");
        assert_eq!(one["control_violations"], 0, "{one:#}");
        let block = &one["blocks"][0];
        assert!(block["bug_hits"].as_u64().unwrap() > 0, "it mattered: {one:#}");
        assert!(block["found_in"]["class"].is_string(), "{one:#}");
    }
    assert!(looked_for.len() > needing.len(), "most are looked for, but {}", needing.len());
}
