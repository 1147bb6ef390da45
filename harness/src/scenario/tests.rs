//! A scenario is the run that it was made of, and a file of it says the same.

use rashomon_checker::{History, OpIndex};
use rashomon_targets::TargetConfig;
use rashomon_workloads::Kind;

use super::*;
use crate::execute::{Keep, execute, plan, run_noted, run_scenario};
use crate::run::drive::Watcher;
use crate::settings::Driver;
use crate::strict;
use crate::subject::USUAL_FAULTS;

struct Quiet;

impl Watcher for Quiet {}

fn settings(target: TargetConfig, seed: u64) -> Settings {
    let mut settings = Settings::new(target, Kind::ALL[0], Driver::Simulation, seed);
    settings.faults = USUAL_FAULTS.to_vec();
    (settings.time_ms, settings.ops) = (1_000, Some(300));
    settings
}

/// The first operations of a history, with the times of their ends.
fn beginning(history: &History, count: usize) -> Vec<String> {
    let each = (0..count).map(|at| {
        let operation = history.operation(OpIndex(u32::try_from(at).unwrap()));
        format!("{operation:?}")
    });
    each.collect()
}

#[test]
fn a_scenario_repeats_the_run_it_was_made_of_and_notes_change_nothing() {
    for (number, target) in (1..).zip(TargetConfig::every(3..=3)).step_by(31) {
        let settings = settings(target, number);
        let drawn = plan(&settings);
        let plain = execute(&settings, &drawn, Keep::default(), &mut Quiet).unwrap();
        let (noted, scenario) = run_noted(&settings, &drawn, &mut Quiet).unwrap();
        let count = plain.history.len();
        let name = settings.target.name();
        assert_eq!(beginning(&plain.history, count), beginning(&noted.history, count), "{name}");
        let again = run_scenario(&scenario, Keep::default(), &mut Quiet).unwrap();
        let load = scenario.operations.len();
        assert!(load > 100, "{name}: {load}");
        assert_eq!(beginning(&noted.history, load), beginning(&again.history, load), "{name}");
    }
}

/// A short run as data, under faults, and its file.
fn short() -> (Scenario, String) {
    let target = TargetConfig::every(3..=3).remove(0);
    let mut settings = settings(target, 5);
    settings.ops = Some(30);
    let (_, scenario) = run_noted(&settings, &plan(&settings), &mut Quiet).unwrap();
    assert!(!scenario.plan.spans.is_empty() && !scenario.chance.decided.is_empty());
    let text = serde_json::to_string(&scenario).unwrap();
    (scenario, text)
}

#[test]
fn a_scenario_is_the_same_after_writing_and_reading() {
    let (scenario, text) = short();
    let mut read: Scenario = strict::json(&text, HEADER).unwrap();
    assert_eq!(read, scenario);
    read.operations.pop();
    assert_ne!(read, scenario);
}

#[test]
fn what_cannot_be_run_is_refused_with_its_place_and_the_fix() {
    let (_, text) = short();
    let first = |field: &str| {
        let from = text.find("\"operations\":[{").unwrap();
        let at = from + text[from..].find(field).unwrap();
        let end = at + text[at..].find([',', '}']).unwrap();
        text[at..end].to_owned()
    };
    let changed = |old: &str, new: &str| {
        let (head, tail) = text.split_once("\"operations\":[{").unwrap();
        format!("{head}\"operations\":[{{{}", tail.replacen(old, new, 1))
    };
    let cases = [
        (changed(&first("\"node\""), "\"node\":9"), "operations.0: node is 9; give 1 to"),
        (changed(&first("\"process\""), "\"process\":99"), "operations.0: process is 99"),
        (changed(&first("\"f\""), "\"f\":\"fly\""), "operations.0: \"fly\" with this key"),
        (changed(&first("\"object\""), "\"object\":\"hat\""), "there is no object \"hat\""),
        (changed("\"node\"", "\"nodes\":1,\"node\""), "`operations.0.nodes`"),
        (text.replacen("\"delay-", "\"delays-", 1), "no name of a thing"),
        (
            text.replace("\"driver\":\"simulation\"", "\"driver\":\"cloud\""),
            "unknown variant `cloud`",
        ),
        (text.replacen("\"version\":1", "\"version\":2", 1), "version"),
    ];
    for (text, told) in cases {
        let refused = strict::json::<Scenario>(&text, HEADER).unwrap_err();
        assert!(refused.contains(told), "{told}: {refused}");
    }
}
