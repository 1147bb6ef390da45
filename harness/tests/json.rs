//! What machines read: `docs/json.md` is what the program writes, and an error is an object too.

#![allow(clippy::unwrap_used, clippy::allow_attributes, reason = "tests may")]

#[path = "../examples/own-node/src/lib.rs"]
#[allow(clippy::pedantic, unreachable_pub, dead_code, reason = "a crate of its own elsewhere")]
mod primary_backup;
mod program;

use std::collections::{BTreeMap, BTreeSet};

use primary_backup::{Draft, PrimaryBackup};
use program::Program;
use serde_json::Value;

const DOC: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/json.md");

/// Fields that only some objects have: the documentation says which.
const OPTIONAL: [&str; 14] = [
    "figures.served_calm",
    "figures.served_struck",
    "figures.served_others",
    "figures.recovery_us",
    "ledger.latencies",
    "ledger.stale_by_age",
    "rashomon-record.ladder",
    "rashomon-check.ladder",
    "operation.process_name",
    "target.program",
    "target.own",
    "target.config",
    "target.profile",
    "target.claim",
];

/// The objects of the documentation: by name, the type of each field.
struct Documented {
    objects: BTreeMap<String, BTreeMap<String, String>>,
    /// Fields that were met, as `object.field`.
    met: BTreeSet<String>,
}

impl Documented {
    fn read() -> Self {
        let mut objects: BTreeMap<String, BTreeMap<String, String>> = BTreeMap::new();
        let mut object = String::new();
        for line in std::fs::read_to_string(DOC).unwrap().lines() {
            if let Some(name) = line.strip_prefix("##") {
                name.trim_start_matches('#').trim().clone_into(&mut object);
                continue;
            }
            let cells: Vec<&str> = line.trim_matches('|').split(" | ").map(str::trim).collect();
            if let [field, kind, _] = cells[..]
                && line.starts_with("| ")
                && field != "field"
            {
                let field = field.trim_matches('`').to_owned();
                let of = objects.entry(object.clone()).or_default();
                assert!(of.insert(field.clone(), kind.to_owned()).is_none(), "{object}.{field}");
            }
        }
        Self { objects, met: BTreeSet::new() }
    }

    /// What is wrong with a value that is documented as an object of this name.
    fn object(&mut self, name: &str, value: &Value, wrong: &mut Vec<String>) {
        let fields = self.objects.get(name).unwrap_or_else(|| panic!("no object {name}")).clone();
        let Some(object) = value.as_object() else {
            return wrong.push(format!("{name} is no object: {value}"));
        };
        for (field, value) in object {
            let documented = fields.get_key_value(field).or_else(|| fields.get_key_value("..."));
            let Some((field, kind)) = documented else {
                wrong.push(format!("{name}.{field} is not documented"));
                continue;
            };
            self.met.insert(format!("{name}.{field}"));
            self.value(kind, value, &format!("{name}.{field}"), wrong);
        }
        let missing = fields.keys().filter(|field| !object.contains_key(*field));
        let missing = missing.filter(|field| {
            !(OPTIONAL.contains(&format!("{name}.{field}").as_str()) || *field == "...")
        });
        wrong.extend(missing.map(|field| format!("{name}.{field} is missing in {value}")));
    }

    /// What is wrong with a value that is documented to be of this type.
    fn value(&mut self, kind: &str, value: &Value, place: &str, wrong: &mut Vec<String>) {
        if let Some(kind) = kind.strip_suffix(" or null") {
            if !value.is_null() {
                self.value(kind, value, place, wrong);
            }
            return;
        }
        if let Some(kind) = kind.strip_prefix("list of ") {
            return match value.as_array() {
                Some(all) => all.iter().for_each(|one| self.value(kind, one, place, wrong)),
                None => wrong.push(format!("{place} is no list: {value}")),
            };
        }
        if let Some(kind) = kind.strip_prefix("map of ") {
            return match value.as_object() {
                Some(all) => all.values().for_each(|one| self.value(kind, one, place, wrong)),
                None => wrong.push(format!("{place} is no map: {value}")),
            };
        }
        let fits = match kind {
            "string" => value.is_string(),
            "integer" => value.is_u64() || value.is_i64(),
            "number" => value.is_number(),
            "boolean" => value.is_boolean(),
            "value" => true,
            name => return self.object(name, value, wrong),
        };
        if !fits {
            wrong.push(format!("{place} is no {kind}: {value}"));
        }
    }
}

/// Makes runs of a node of another crate, until one is kept: one that is not valid.
fn own_run(folder: &std::path::Path) {
    let harness = rashomon::Harness::new().target::<PrimaryBackup>(Draft::First).nodes(2);
    let kept = harness.seeds(1..=200).allow_unknown(200).store(folder.join("results/runs"));
    kept.run().unwrap().assert_violation();
}

/// Commands that write all objects between them, and the objects.
const COMMANDS: [(&str, &str); 38] = [
    ("run --sim --seed 1 --faults all", "rashomon-record"),
    ("trace latest --to 300ms", "rashomon-trace-window"),
    ("check latest", "rashomon-record"),
    ("check latest --ladder", "rashomon-record"),
    ("run --sim --seed 3 --ops 200 --bug pr-ack-before-fsync --faults kill", "rashomon-record"),
    (
        "run --sim --seed 3 --failover naive --faults partition --require linearizable --fail-fast",
        "rashomon-record",
    ),
    ("run leaderless --sim --seed 1 -r 1 -w 1 --workload probe --faults none", "rashomon-record"),
    (
        "run --sim --seed 1 --failover raft --bug raft-quorum-off-by-one --faults partition",
        "rashomon-record",
    ),
    ("run leaderless --sim --seed 2 -r 1 -w 1 --workload set --read-repair off", "rashomon-record"),
    (
        "run --sim --seed 1 --seeds 3 --failover naive --faults partition --require durable --keep-going",
        "rashomon-seeds",
    ),
    ("run --sim --seed 1 --seeds 2 --faults late.json", "rashomon-seeds"),
    (
        "run --sim --seed 3 --ops 200 --workload set --bug pr-ack-before-fsync --faults kill",
        "rashomon-record",
    ),
    ("shrink latest", "rashomon-shrink"),
    ("replay results/runs/latest/shrunk.json --real --trials 1", "rashomon-trials"),
    (
        "run leaderless --seed 1 -r 1 -w 1 --time 1s --faults none --require linearizable",
        "rashomon-record",
    ),
    ("reproduce latest --budget 50", "rashomon-reproduce"),
    ("run leaderless --sim --seed 2 -r 1 -w 1 --workload set --read-repair off", "rashomon-record"),
    ("check latest --model set", "rashomon-check"),
    ("check stale.jsonl", "rashomon-check"),
    ("check stale.jsonl --ladder --require causal", "rashomon-check"),
    ("check odd.jsonl --model cas-register", "rashomon-check"),
    ("check missed.jsonl --model set", "rashomon-check"),
    ("claims primary-replica --nodes 3", "rashomon-claims"),
    ("bugs pr-ack-before-fsync --seeds 20", "rashomon-bugs"),
    ("campaign small.toml --profile some", "rashomon-campaign"),
    ("campaign small.toml --profile some --share 1/2", "rashomon-campaign"),
    ("gate small.toml --profile some --update-baseline --on-unknown warn", "rashomon-gate"),
    ("gate small.toml --profile some --on-unknown warn", "rashomon-gate"),
    ("gate small.toml --profile some --plant apply-out-of-order", "rashomon-gate"),
    ("audit primary-replica --reads replica --seeds 2", "rashomon-audit"),
    ("audit primary-replica --bug pr-ack-before-fsync --seeds 3", "rashomon-audit"),
    ("audit --claims claims.toml stale.jsonl", "rashomon-claims-audit"),
    (
        "audit --claims claims.toml primary-replica --reads replica --seeds 1",
        "rashomon-claims-audit",
    ),
    ("compare multi-leader --seeds 1", "rashomon-compare"),
    ("list bugs", "row"),
    ("list runs", "run-row"),
    ("prune --keep 1", "rashomon-prune"),
    ("run --faults meteor", "rashomon-error"),
];

/// A campaign with a cell that fails, one that is undecided, one that does not fit, and operations that are never asked.
const SMALL: &str = r#"
format = "rashomon-campaign"
version = 1
name = "small"
seeds = 3
workloads = ["register", "cart"]
faults = ["kill"]
[targets]
broken = "primary-replica --bug pr-ack-before-fsync"
raft = "primary-replica --failover raft"
[sizes.small]
time = "1s"
ops = 24
[profile.some]
seeds = 10
[gate]
bugs = ["ml-arrival-wins"]
"#;
/// Claims, one of which a stale read breaks.
const CLAIMS: &str = r#"
format = "rashomon-claims-file"
version = 1
[claims.fresh]
keeps = "linearizable"
keys = "k"
source = "README"
[claims.order]
keeps = "linearizable"
"#;
/// A fault that comes after the load.
const LATE: &str = r#"{"format":"rashomon-plan","version":1,"spans":[
    {"id":0,"fault":"kill","node":{"node":2},"start":90000000000,"lasts":1000000000}]}"#;
const STALE: &str = r#"{"process":"a","type":"invoke","f":"write","value":1}
{"process":"a","type":"ok","f":"write","value":1}
{"process":"b","type":"invoke","f":"read","value":null}
{"process":"b","type":"ok","f":"read","value":null}
"#;
/// A set whose element is missed and then seen.
const LATE_ELEMENT: &str = r#"{"process":"a","type":"invoke","f":"add","value":1,"time":0}
{"process":"a","type":"ok","f":"add","value":1,"time":1000}
{"process":"b","type":"invoke","f":"read","value":null,"time":2000}
{"process":"b","type":"ok","f":"read","value":[],"time":3000}
{"process":"b","type":"invoke","f":"read","value":null,"time":4000}
{"process":"b","type":"ok","f":"read","value":[1],"time":5000}
"#;
const ODD: &str = r#"{"process":0,"type":"invoke","f":"cas","value":1}
{"process":0,"type":"ok","f":"cas","value":1}
"#;

#[test]
fn the_documentation_of_json_has_every_field_with_its_type_and_no_other() {
    let program = Program::new();
    let files = [
        ("late.json", LATE),
        ("small.toml", SMALL),
        ("claims.toml", CLAIMS),
        ("stale.jsonl", STALE),
        ("odd.jsonl", ODD),
        ("missed.jsonl", LATE_ELEMENT),
    ];
    for (name, text) in files {
        std::fs::write(program.folder().join(name), text).unwrap();
    }
    let mut documented = Documented::read();
    let mut wrong = Vec::new();
    for (command, object) in COMMANDS {
        let words: Vec<&str> = command.split(' ').chain(["--json", "--quiet"]).collect();
        let ended = program.run(&words);
        let told: Value =
            serde_json::from_str(&ended.stdout).unwrap_or_else(|_| panic!("{command}\n{ended}"));
        let before = wrong.len();
        match &told {
            Value::Array(rows) => {
                for row in rows {
                    documented.object(object, row, &mut wrong);
                }
            }
            told => {
                assert!(told["format"] == object || object.ends_with("row"), "{command}: {told:#}");
                assert!(told["exit"].is_null() || told["exit"] == ended.code, "{command}\n{ended}");
                documented.object(object, told, &mut wrong);
            }
        }
        wrong[before..].iter_mut().for_each(|it| *it = format!("{command}: {it}"));
    }
    let baseline = std::fs::read_to_string(program.folder().join("small.some.json")).unwrap();
    let baseline = serde_json::from_str(&baseline).unwrap();
    documented.object("rashomon-baseline", &baseline, &mut wrong);
    own_run(program.folder());
    let own = program.run(&["check", "latest", "--json", "--quiet"]);
    let told = serde_json::from_str(&own.stdout).unwrap_or_else(|_| panic!("{own}"));
    documented.object("rashomon-record", &told, &mut wrong);
    // Two take a node that is killed by hand (`cleanup.rs` does it, and `record/tests.rs` has them),
    // and one a claim that is broken.
    let rare = ["unread", "breakdown", "one-run"];
    for (object, fields) in &documented.objects {
        let unmet =
            fields.keys().filter(|field| !documented.met.contains(&format!("{object}.{field}")));
        if !rare.contains(&object.as_str()) {
            // A program of the user's takes another language than this (`maelstrom.rs` has some).
            let unmet = unmet.filter(|field| format!("{object}.{field}") != "target.program");
            wrong.extend(unmet.map(|field| format!("{object}.{field} is written by no command")));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn an_error_under_json_is_one_object_with_the_exit_code_and_the_message() {
    let program = Program::new();
    let cases: [(&[&str], &str); 7] = [
        (&["check", "no-such-file"], "no-such-file"),
        (&["replay", "lastest"], "lastest"),
        (&["run", "--sedd", "1"], "--sedd"),
        (&["run", "--time"], "--time"),
        (&["run", "--faults", "meteor"], "meteor"),
        (&["prune"], "--keep"),
        (&["run", "--sim", "--workload", "set", "--fail-fast"], "--fail-fast"),
    ];
    for (arguments, told) in cases {
        let ended = program.run(&[arguments, &["--json"]].concat());
        let object: Value =
            serde_json::from_str(&ended.stdout).unwrap_or_else(|_| panic!("{ended}"));
        assert_eq!(object["format"], "rashomon-error", "{ended}");
        assert_eq!((object["exit"].as_i64(), ended.code), (Some(2), 2), "{ended}");
        assert!(object["message"].as_str().unwrap().contains(told), "{ended}");
        assert!(ended.stderr.contains(told), "a person is told too: {ended}");
    }
    let plain = program.run(&["check", "no-such-file"]);
    assert!(plain.stdout.is_empty(), "{plain}");
}

#[test]
fn a_series_lists_its_failing_seeds_with_what_was_found_and_the_command() {
    let program = Program::new();
    let arguments = "run --sim --seed 1 --seeds 6 --failover naive --faults partition --require durable --keep-going";
    let words: Vec<&str> = arguments.split(' ').chain(["--json"]).collect();
    let told: Value = serde_json::from_str(&program.run(&words).stdout).unwrap();
    let failing = told["violations"].as_array().unwrap();
    assert!(!failing.is_empty(), "{told:#}");
    let listed: Vec<&Value> = told["not_valid"].as_array().unwrap().iter().collect();
    for seed in failing {
        let run = listed.iter().find(|run| run["seed"] == *seed).expect("it is listed");
        let again: Vec<&str> = run["again"].as_str().unwrap().split(' ').skip(1).collect();
        let alone = program.run(&[&again[..], &["--json"]].concat());
        let record: Value = serde_json::from_str(&alone.stdout).unwrap();
        for field in ["seed", "exit", "verdict"] {
            assert_eq!(record[field], run[field], "{field} of seed {seed}");
        }
        assert!(alone.stdout.contains(run["why"].as_str().unwrap()), "the same anomaly: {run:#}");
    }
}
