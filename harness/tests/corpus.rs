//! `rashomon check` gives the known verdict of every history of the corpus, and shows why.

#![allow(clippy::unwrap_used, clippy::allow_attributes, reason = "tests may")]

#[path = "../../checker/tests/external/mod.rs"]
mod external;
mod program;

use std::path::Path;

use external::corpus;
use program::Program;
use rashomon_checker::{Anomaly, verify};

/// Checks each file that a table names, with its format and model found out, and says how many
/// there were.
fn check_all(folder: &Path) -> usize {
    let program = Program::new();
    let table = std::fs::read_to_string(folder.join("VERDICTS.csv")).unwrap();
    let mut wrong = Vec::new();
    let mut checked = 0;
    for line in table.lines().skip(1) {
        let [name, _, expected] = line.split(',').collect::<Vec<_>>()[..] else {
            panic!("{line} has three columns")
        };
        let code = match expected.trim() {
            "Ok" => 0,
            "Illegal" => 1,
            other => panic!("{name}: {other} is no verdict"),
        };
        let ended = program.run(&["check", folder.join(name).to_str().unwrap(), "--json"]);
        if ended.code != code {
            wrong.push(format!("{name} is {expected}\n{ended}"));
            continue;
        }
        let told: serde_json::Value = serde_json::from_str(&ended.stdout).unwrap();
        for check in told["checks"].as_array().unwrap() {
            let anomalies: Vec<Anomaly> =
                serde_json::from_value(check["anomalies"].clone()).unwrap();
            assert_eq!(!anomalies.is_empty(), code == 1, "{name}");
            let refused = anomalies.iter().filter_map(|it| verify::anomaly(it).err());
            wrong.extend(refused.map(|why| format!("{name}: the witness is refused: {why}")));
        }
        checked += 1;
    }
    assert!(wrong.is_empty(), "{} of {}:\n{}", wrong.len(), checked, wrong.join("\n"));
    checked
}

#[test]
fn every_history_of_porcupine_gets_its_known_verdict() {
    if let Some(corpus) = corpus() {
        assert_eq!(check_all(&corpus.join("porcupine")), 56);
    }
}

#[test]
fn every_history_of_knossos_gets_its_known_verdict() {
    if let Some(corpus) = corpus() {
        assert_eq!(check_all(&corpus.join("knossos")), 59);
    }
}

#[test]
fn a_history_of_others_in_which_nothing_succeeded_is_valid_and_says_so() {
    let program = Program::new();
    let edn = program.folder().join("history.edn");
    std::fs::write(
        &edn,
        "{:process 0, :type :invoke, :f :read, :value nil}\n{:process 0, :type :fail, :f :read, :value nil}\n",
    )
    .unwrap();
    let ended = program.run(&["check", edn.to_str().unwrap(), "--model", "cas-register"]);
    ended.expect(0);
    assert!(ended.stdout.contains("the only operation did not succeed"), "{ended}");
    // In one of ours a run is judged, and it tested nothing.
    let ours = program.folder().join("history.jsonl");
    std::fs::write(
        &ours,
        "{\"process\":0,\"type\":\"invoke\",\"f\":\"read\"}\n{\"process\":0,\"type\":\"fail\",\"f\":\"read\"}\n",
    )
    .unwrap();
    let ended = program.run(&["check", ours.to_str().unwrap(), "--model", "cas-register"]);
    ended.expect(3);
    assert!(ended.stdout.contains("the only operation did not succeed"), "{ended}");
}

#[test]
fn a_log_without_operations_is_undecided() {
    let program = Program::new();
    let log = program.folder().join("empty.log");
    std::fs::write(&log, "INFO  jepsen.core - Everything looks good!\n").unwrap();
    let ended = program.run(&["check", log.to_str().unwrap(), "--format", "jepsen-log"]);
    ended.expect(3);
    assert!(ended.stdout.contains("there are no operations"), "{ended}");
}
