//! What `docs/faults.md` says of plan files: each form in it is taken, and each kind of fault is in it.

#![allow(clippy::unwrap_used, clippy::allow_attributes, reason = "tests may")]

mod program;

use program::Program;
use serde_json::{Value, json};

const DOC: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/faults.md");

/// The pieces of JSON in code spans of the first column of tables whose heading begins so.
fn forms(doc: &str, heading: &str) -> Vec<Value> {
    let table = doc.split(heading).nth(1).unwrap().split("\n\n").next().unwrap();
    let firsts = table.lines().filter_map(|line| line.strip_prefix("| `")?.split(" | ").next());
    let pieces = firsts.flat_map(|cell| cell.trim_end_matches('`').split("`, `"));
    pieces
        .map(|piece| serde_json::from_str(piece).unwrap_or_else(|e| panic!("{piece}: {e}")))
        .collect()
}

/// A plan of one span after another, each with these parameters.
fn plan(parameters: impl Iterator<Item = Value>) -> Value {
    let spans = (0..).zip(parameters).map(|(id, mut span)| {
        let whole = span.as_object_mut().unwrap();
        let times = [("id", id), ("start", id * 100_000_000_i64), ("lasts", 50_000_000)];
        whole.extend(times.map(|(name, number)| (name.to_owned(), Value::from(number))));
        span
    });
    json!({"format": "rashomon-plan", "version": 1, "spans": spans.collect::<Vec<_>>()})
}

#[test]
fn each_form_in_the_doc_is_taken_and_each_kind_is_in_it() {
    let doc = std::fs::read_to_string(DOC).unwrap();
    let links = |shape: &Value, direction: &Value, effect: &Value| json!({"fault": "links", "shape": shape, "direction": direction, "effect": effect});
    let (shapes, effects) = (forms(&doc, "| shape |"), forms(&doc, "| effect |"));
    let (directions, nodes) = (forms(&doc, "| direction |"), forms(&doc, "| fault |"));
    assert!(shapes.len() > 7 && directions.len() == 3 && effects.len() > 6 && nodes.len() > 2);
    let all = shapes.iter().map(|it| links(it, &directions[1], &effects[0]));
    let all = all.chain(effects.iter().map(|it| links(&json!("all"), &directions[0], it)));
    let written = plan(all.chain(nodes));
    let example = doc.split("```json plan\n").nth(1).unwrap().split("```").next().unwrap();
    let program = Program::new();
    let folder = tempfile::tempdir().unwrap();
    for text in [written.to_string(), example.to_owned()] {
        let file = folder.path().join("plan.json");
        std::fs::write(&file, &text).unwrap();
        let ended = program.run(&[
            "run",
            "--sim",
            "--seed",
            "1",
            "--time",
            "4s",
            "--faults",
            file.to_str().unwrap(),
            "--json",
        ]);
        assert!([0, 1, 3].contains(&ended.code), "{ended}");
        let record: Value = serde_json::from_str(&ended.stdout).unwrap();
        let spans = record["evidence"]["faults"].as_array().unwrap();
        assert!(spans.iter().all(|span| span["struck"].is_u64()), "{spans:#?}");
        assert_eq!(spans.len(), text.matches("\"lasts\"").count());
    }
    let changes = plan(forms(&doc, "| change |").into_iter());
    let file = folder.path().join("members.json");
    std::fs::write(&file, changes.to_string()).unwrap();
    let words =
        ["run", "primary-replica", "--failover", "raft", "--sim", "--seed", "1", "--faults"];
    let ended = program.run(&[&words[..], &[file.to_str().unwrap(), "--json"]].concat());
    let record: Value = serde_json::from_str(&ended.stdout).unwrap();
    let spans = record["evidence"]["faults"].as_array().unwrap();
    assert!(!spans.is_empty() && spans.iter().all(|span| span["struck"].is_u64()), "{spans:#?}");
    let listed = program.run(&["list", "faults", "--json"]);
    let rows: Vec<Value> = serde_json::from_str(&listed.stdout).unwrap();
    for name in rows.iter().map(|row| row["name"].as_str().unwrap()) {
        assert!(doc.contains(&format!("| {name} |")), "docs/faults.md does not name {name}");
    }
}
