//! Nodes in regions: how long operations take within one and across them, as the history has it.

#![allow(clippy::unwrap_used, clippy::allow_attributes, reason = "tests may")]

mod program;

use std::collections::BTreeMap;

use program::Program;
use serde_json::Value;

/// The lengths of the operations that each node completed in the last run, in milliseconds, in ascending order.
fn lengths(program: &Program) -> BTreeMap<String, Vec<u64>> {
    let history = std::fs::read_to_string(program.latest().join("history.jsonl")).unwrap();
    let (mut began, mut found) = (BTreeMap::new(), BTreeMap::<String, Vec<u64>>::new());
    for line in history.lines().skip(1) {
        let event: Value = serde_json::from_str(line).unwrap();
        let [process, time] = ["process", "time"].map(|name| event[name].as_u64().unwrap());
        if event["type"] == "invoke" && event["final"] != true {
            began.insert(process, time);
        } else if let (true, Some(began)) = (event["type"] == "ok", began.remove(&process)) {
            let node = event["node"].as_str().unwrap().to_owned();
            found.entry(node).or_default().push((time - began) / 1_000_000);
        }
    }
    for lengths in found.values_mut() {
        lengths.sort_unstable();
    }
    found
}

/// Two of three nodes are in one region: what is asked there has its quorum there. The third asks across, there and
/// back.
#[test]
fn an_operation_takes_the_way_across_and_back_only_where_its_quorum_is_not_in_one_region() {
    let target = ["run", "leaderless", "--n", "3", "-r", "2", "-w", "2", "--nodes", "3"];
    let load = ["--faults", "none", "--time", "2s", "--rate", "200", "--seed", "1", "--json"];
    let apart = ["--regions", "2", "--across", "40ms"];
    let near: [&str; 0] = [];
    for (world, apart) in [(&["--sim"][..], &apart[..]), (&[], &apart), (&["--sim"], &near)] {
        let program = Program::new();
        let ended = program.run(&[&target[..], &load, apart, world].concat());
        ended.expect(0);
        let lengths = lengths(&program);
        let slow = |node: &str| !apart.is_empty() && node == "n2";
        for node in ["n1", "n2", "n3"] {
            assert!(lengths[node].len() > 20, "{node}: {lengths:?}");
            // A machine under load makes some longer, and none shorter.
            let least = lengths[node][0];
            let is_as_told = if slow(node) { (80..200).contains(&least) } else { least < 40 };
            assert!(is_as_told, "{node}: {:?}", lengths[node]);
        }
        let record: Value = serde_json::from_str(&ended.stdout).unwrap();
        let there = (&record["settings"]["regions"], &record["settings"]["across_ms"]);
        let wanted =
            if apart.is_empty() { (Value::Null, Value::Null) } else { (2.into(), 40.into()) };
        assert_eq!(there, (&wanted.0, &wanted.1));
    }
}

#[test]
fn a_run_in_regions_is_repeated_by_its_folder_and_by_its_command() {
    let program = Program::new();
    let words = ["run", "primary-replica", "--replication", "sync", "--sim", "--seed", "3"];
    let apart = ["--regions", "3", "--across", "40ms", "--time", "1s", "--quiet"];
    program.run(&[&words[..], &apart].concat()).expect(0);
    let newest = || std::fs::canonicalize(program.latest()).unwrap();
    let first = newest();
    let history = |folder: &std::path::Path| std::fs::read(folder.join("history.jsonl")).unwrap();
    let run = std::fs::read_to_string(first.join("run.toml")).unwrap();
    assert!(run.contains("across_ms = 40"), "{run}");
    let again = program.run(&["replay", first.to_str().unwrap(), "--quiet"]);
    again.expect(0);
    assert_ne!(newest(), first);
    assert_eq!(history(&newest()), history(&first));
    let refused = program.run(&[&words[..], &["--regions", "4", "--across", "40ms"]].concat());
    refused.expect(2);
    assert!(refused.stderr.contains("give 2 to 3, or more --nodes"), "{refused}");
}
