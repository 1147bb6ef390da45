//! Ordinary logs as strangers have them: each is judged as its row of the corpus's table says.

#![allow(clippy::unwrap_used, clippy::allow_attributes, reason = "tests may")]

#[path = "../../checker/tests/external/mod.rs"]
mod external;
mod program;

use std::path::PathBuf;

use external::corpus;
use program::{Ended, Program};

/// The logs; `None` if the corpus is absent.
fn strangers() -> Option<PathBuf> {
    Some(corpus()?.join("strangers"))
}

/// Whether a check ended as a row of the table expects, which is in words.
fn is_as_expected(expect: &str, ended: &Ended) -> bool {
    let told = serde_json::from_str::<serde_json::Value>(&ended.stdout).unwrap_or_default();
    let asked = told["checks"][0]["check"].as_str().unwrap_or_default().to_owned();
    let refused = |word: &str| ended.code == 2 && ended.stderr.contains(word);
    match expect {
        "valid" => ended.code == 0,
        "violation" => ended.code == 1,
        "exit 2" => ended.code == 2,
        "valid or exit 2" => ended.code == 0 || ended.code == 2,
        "valid as a counter or exit 2" => {
            ended.code == 0 && asked == "linearizable as counter" || ended.code == 2
        }
        "valid or exit 2 naming --independent" => ended.code == 0 || refused("--independent"),
        "an operation that never ended" => ended.code == 3 && told["operations"] == 1,
        other => panic!("the table expects {other:?}, which this test does not know"),
    }
}

#[test]
fn every_log_of_a_stranger_is_judged_as_the_table_says() {
    let Some(folder) = strangers() else { return };
    let table = std::fs::read_to_string(folder.join("VERDICTS.csv")).unwrap();
    let mut wrong = Vec::new();
    let mut checked = 0;
    for line in table.lines().skip(1) {
        let [file, flags, expect, why] = line.splitn(4, ',').collect::<Vec<_>>()[..] else {
            panic!("{line} has four columns")
        };
        let path = folder.join(file);
        let mut arguments = vec!["check", path.to_str().unwrap(), "--json"];
        arguments.extend(flags.split_whitespace());
        let ended = Program::new().run(&arguments);
        if !is_as_expected(expect, &ended) {
            wrong.push(format!("{file} {flags}: expected {expect}, as {why}\n{ended}"));
        }
        checked += 1;
    }
    assert!(wrong.is_empty(), "{} of {checked}:\n{}", wrong.len(), wrong.join("\n"));
    assert!(checked >= 9, "the table has {checked} rows");
}

#[test]
fn what_was_taken_for_granted_is_said() {
    let Some(folder) = strangers() else { return };
    let said = |file: &str, flags: &[&str]| {
        let path = folder.join(file);
        let mut arguments = vec!["check", path.to_str().unwrap()];
        arguments.extend(flags);
        let text = Program::new().run(&arguments);
        arguments.push("--json");
        let json = Program::new().run(&arguments);
        (text, serde_json::from_str::<serde_json::Value>(&json.stdout).unwrap_or_default())
    };
    let (text, json) = said("merge.jsonl", &[]);
    assert!(text.stdout.contains("events are ordered by their times, because line 5"), "{text}");
    assert_eq!(json["order"], "times");
    let (text, json) = said("jepsen-store", &[]);
    assert!(text.stdout.contains("values are assumed to be [key value]"), "{text}");
    assert!(text.stdout.contains("skipped: 1 event of the nemesis"), "{text}");
    assert_eq!(json["independent"], "assumed");
    assert_eq!(json["passed_over"]["nemesis_events"], 1);
    let (text, json) = said("jepsen-store", &["--independent"]);
    assert!(!text.stdout.contains("assumed"), "{text}");
    assert_eq!(json["independent"], "yes");
    let (text, _) = said("jepsen-store", &["--independent=no"]);
    text.expect(1);
    let (text, _) = said("a11.jsonl", &["--model", "kv"]);
    assert!(text.stderr.contains("set"), "the function that the model lacks is named: {text}");
}
