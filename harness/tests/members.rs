//! The fault of members on real processes, read from the target's side: what is in the logs of its nodes.

#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, clippy::allow_attributes, reason = "tests may")]

mod program;

use program::Program;
use serde_json::Value;

const RAFT: [&str; 3] = ["run", "primary-replica", "--failover"];

/// The log of a node of the last run, as text; what is not text does not matter.
fn log(program: &Program, node: &str) -> String {
    let data = program.latest().join("nodes").join(node).join("data");
    let files =
        std::fs::read_dir(data).unwrap().map(|it| std::fs::read(it.unwrap().path()).unwrap());
    files.map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).collect()
}

/// One node is replaced and another removed, one after the other; in the end all are members.
#[test]
fn members_are_removed_replaced_and_added_again_on_real_processes() {
    let program = Program::new();
    let plan = program.folder().join("plan.json");
    let spans = r#"{"id":0,"start":300000000,"lasts":900000000,"fault":"membership","node":{"node":3},"data":"lost"},
        {"id":1,"start":1700000000,"lasts":700000000,"fault":"membership","node":{"node":2},"data":"kept"}"#;
    let text = format!(r#"{{"format":"rashomon-plan","version":1,"spans":[{spans}]}}"#);
    std::fs::write(&plan, text).unwrap();
    let faults = ["--faults", plan.to_str().unwrap(), "--time", "3s", "--rate", "300"];
    let run = |seed: &str| {
        let words = [&RAFT[..], &["raft", "--seed", seed, "--json"], &faults[..]].concat();
        let ended = program.run(&words);
        assert!([0, 3].contains(&ended.code), "{ended}");
        ended
    };
    // A machine that stalls can keep a run from telling: then the next seed is tried.
    let mut seeds = ["1", "2", "3"].into_iter().map(run);
    let ended = seeds.find(|ended| ended.code == 0).expect("some run can tell");
    let record: Value = serde_json::from_str(&ended.stdout).unwrap();
    let faults = record["evidence"]["faults"].as_array().unwrap();
    let changed: Vec<_> = faults.iter().map(|it| &it["efficacy"]["members_changed"]).collect();
    assert_eq!(changed, [2, 1], "{faults:#?}");
    for node in ["n1", "n2", "n3"] {
        let log = log(&program, node);
        let lists: Vec<&str> = log.split(r#"{"members":"#).skip(1).collect();
        let lists: Vec<&str> = lists.iter().map(|it| it.split('}').next().unwrap()).collect();
        // The new n3 has the list without it, too.
        let wanted = ["[1,2]", "[1,2,3]", "[1,3]", "[1,2,3]"];
        assert!(lists.ends_with(&wanted), "{node}: {lists:?}");
        assert_eq!(log.contains(r#"{"reset":"#), node == "n3", "{node}");
    }
}

#[test]
fn a_target_whose_members_never_change_refuses_the_fault_and_names_one_that_takes_it() {
    let program = Program::new();
    let ended = program.run(&["run", "--sim", "--faults", "membership"]);
    ended.expect(2);
    assert!(ended.stderr.contains("give primary-replica --failover raft"), "{ended}");
}
