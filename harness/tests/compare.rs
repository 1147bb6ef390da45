//! `rashomon compare`: what is measured is measured, and known shapes come out.

#![allow(clippy::unwrap_used, clippy::allow_attributes, reason = "tests may")]

mod program;

use std::path::Path;

use program::Program;
use serde_json::Value;

const ROOT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/..");

/// The figures of each design.
fn compared(designs: &[&str], seeds: &str) -> Vec<Value> {
    let program = Program::new();
    let ended = program.run(&[&["compare", "--json", "--seeds", seeds], designs].concat());
    ended.expect(0);
    let told: Value = serde_json::from_str(&ended.stdout).unwrap_or_else(|_| panic!("{ended}"));
    let rows = told["rows"].as_array().unwrap();
    assert!(rows.iter().all(|row| row["values"].as_array().unwrap().len() == designs.len()));
    told["compared"].as_array().unwrap().clone()
}

fn at(design: &Value, nodes: u64, what: &str) -> u64 {
    let sizes = design["sizes"].as_array().unwrap();
    let size = sizes.iter().find(|it| it["nodes"] == nodes);
    size.unwrap_or_else(|| panic!("{sizes:#?}"))[what].as_u64().unwrap()
}

fn words(design: &Value, lone: &str, objects: &str) -> (String, String) {
    let cuts = design["cuts"].as_array().unwrap().iter();
    let mut cuts = cuts.filter(|it| it["lone"] == lone && it["objects"] == objects);
    let cut = cuts.next().unwrap_or_else(|| panic!("{design:#}"));
    let word = |field: &str| cut[field].as_str().unwrap().to_owned();
    (word("reads_are"), word("writes_are"))
}

#[test]
fn designs_differ_as_they_are_known_to() {
    let designs = [
        "primary-replica --reads any",
        "leaderless --n 3 --write-back on",
        "multi-leader",
        "primary-replica --failover raft",
    ];
    let all = compared(&designs, "1");
    let [any, quorums, leaders, raft] = &all[..] else { panic!("{all:#?}") };
    // Reads of any replica grow with replicas, and writes do not; with quorums of three, both do.
    assert!(at(any, 9, "reads_a_second") > at(any, 3, "reads_a_second") * 2, "{any:#}");
    assert!(at(any, 9, "writes_a_second") < at(any, 3, "writes_a_second"), "{any:#}");
    for what in ["reads_a_second", "writes_a_second"] {
        assert!(at(quorums, 9, what) > at(quorums, 3, what) * 3 / 2, "{what}: {quorums:#}");
    }
    assert_eq!(words(leaders, "n3 alone", "registers"), ("AP".into(), "AP".into()));
    assert_eq!(words(quorums, "n3 alone", "registers"), ("CP".into(), "CP".into()));
    assert_eq!(words(raft, "the primary alone", "registers"), ("CP".into(), "CP".into()));
    let (reads, writes) = words(any, "n3 alone", "registers");
    assert_eq!((reads.as_str(), writes.as_str()), ("AP", "neither"), "stale reads everywhere");
    assert_eq!(raft["models_kept"][0]["model"], "linearizable");
    assert!(raft["models_kept"][0]["runs"].as_u64() > Some(0), "{raft:#}");
    // One by one, each write is on the disk of each of its three copies.
    assert!(quorums["syncs_per_write"].as_f64() >= Some(2.9), "{quorums:#}");
    assert!(any["messages_per_write"].as_f64() > any["messages_per_read"].as_f64(), "{any:#}");
    let outage = |it: &Value| it["write_outage_ns"]["p50"].as_u64().unwrap();
    assert!(
        outage(raft) > outage(quorums) && outage(any) > outage(raft),
        "3 s, an election, nothing"
    );
}

/// The committed comparison is what this build says: one design each time, all of it with
/// `RASHOMON_AUDITS=all`.
#[test]
fn the_committed_comparison_is_what_this_build_says() {
    let committed =
        std::fs::read_to_string(Path::new(ROOT).join("results/audits/comparison.md")).unwrap();
    let program = Program::new();
    let all = std::env::var("RASHOMON_AUDITS").is_ok_and(|it| it == "all");
    let designs: &[&str] = if all {
        &["primary-replica", "leaderless", "multi-leader", "hybrid"]
    } else {
        &["multi-leader"]
    };
    let words = [&["compare", "--markdown", "comparison.md"], designs].concat();
    program.run(&words).expect(0);
    let made = std::fs::read_to_string(program.folder().join("comparison.md")).unwrap();
    if all {
        assert_eq!(made, committed, "make it again, as docs/audits.md says");
        return;
    }
    // The column of that design is the third of the committed ones. Heads have its number, and some rows do not apply
    // to it.
    let column = |text: &str, at: usize| -> Vec<[String; 3]> {
        let rows = text.lines().filter(|line| line.starts_with("| ") && !line.starts_with("| ---"));
        let cells = rows.map(|line| line.split(" | ").collect::<Vec<_>>());
        let filled = cells.filter(|it| !it[at].starts_with("\\[") && it[at] != "–");
        filled.map(|it| [it[0], it[at], it[it.len() - 1]].map(str::to_owned)).collect()
    };
    let (committed, made) = (column(&committed, 3), column(&made, 1));
    assert!(made.len() > 20, "{made:#?}");
    for (made, committed) in made.iter().zip(&committed) {
        assert_eq!(made, committed, "make it again, as docs/audits.md says");
    }
    assert_eq!(made.len(), committed.len(), "rows came or went");
}
