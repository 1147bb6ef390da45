//! The reports for programs of a build fit their schemas, whatever the texts of others are.

use std::collections::BTreeMap;

use rashomon_results::{BaselineRecord, FigureRecord, FiguresRecord, JobFactsRecord};
use serde_json::Value;

use super::*;
use crate::gate::testing::{RUNS, Scene, failing, gate, hunted, serving, valid};
use crate::gate::{BugHunt, ToldGate, judge};
use crate::report::{Glyphs, Screen};

/// What a target might send: markup of every kind, commands, and what no terminal should get.
const HOSTILE: &str = "k<1>&\"'|`x`]]> ::error::no\n::stop-commands::x\r%0A \u{1b}[2J\u{202e}\u{0}";
const STALE: &str = "linearizable/stale-read/read";

/// What all reports say of a gate that fails in every way.
fn with_told<T>(look: impl FnOnce(&ToldGate<'_>) -> T) -> T {
    let clean = Scene::clean();
    let mut unknown = valid();
    (unknown.valid, unknown.unknown) = (30, 10);
    let doubtful = rashomon_results::DoubtfulRunRecord { seed: 7, why: HOSTILE.to_owned() };
    unknown.doubtful = Some(doubtful);
    let bad = Scene::of(&[(0, failing(&[STALE], HOSTILE)), (1, unknown)]);
    let hunts = [hunted(Some(3), 0), BugHunt { block: None, ..hunted(None, 0) }, hunted(None, 0)];
    let baseline = clean.baseline(&hunts);
    let judged = judge(&bad.tally, Some(&baseline), &hunts);
    let campaign = bad.told();
    let lines = BTreeMap::from([("one".to_owned(), 12)]);
    look(&gate(&campaign, &baseline, (&judged, &hunts), &lines))
}

/// An element: its name, its attributes, what is in it.
#[derive(Debug)]
struct Element {
    name: String,
    attributes: BTreeMap<String, String>,
    inside: Vec<Element>,
    text: String,
}

/// Reads XML as strictly as this needs: elements, attributes in double quotes, the five entities.
fn parse(text: &str) -> Element {
    let body = text.strip_prefix("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n").unwrap();
    let (mut open, mut rest): (Vec<Element>, &str) = (Vec::new(), body);
    loop {
        let (before, tag) = rest.split_once('<').unwrap();
        match open.last_mut() {
            Some(element) => element.text.push_str(&plain(before)),
            None => assert!(before.trim().is_empty(), "{before}"),
        }
        let (tag, after) = tag.split_once('>').unwrap();
        rest = after;
        let done = if let Some(name) = tag.strip_prefix('/') {
            let element = open.pop().unwrap();
            assert_eq!(element.name, name);
            Some(element)
        } else {
            let (tag, is_whole) = tag.strip_suffix('/').map_or((tag, false), |tag| (tag, true));
            let element = element(tag);
            if is_whole {
                Some(element)
            } else {
                open.push(element);
                None
            }
        };
        match (done, open.last_mut()) {
            (Some(element), Some(around)) => around.inside.push(element),
            (Some(element), None) => {
                assert!(rest.trim().is_empty(), "{rest}");
                return element;
            }
            (None, _) => {}
        }
    }
}

fn element(tag: &str) -> Element {
    let (name, mut rest) = tag.split_once(' ').unwrap_or((tag, ""));
    let mut attributes = BTreeMap::new();
    while !rest.trim().is_empty() {
        let (attribute, value) = rest.trim_start().split_once("=\"").unwrap();
        let (value, after) = value.split_once('"').unwrap();
        assert!(attributes.insert(attribute.to_owned(), plain(value)).is_none(), "{tag}");
        rest = after;
    }
    Element { name: name.to_owned(), attributes, inside: Vec::new(), text: String::new() }
}

/// Text without entities, in which every character is one that XML allows.
fn plain(text: &str) -> String {
    assert!(!text.contains(['<', '>']), "{text}");
    let allowed = |it: char| it == '\n' || !it.is_control() && !"\u{fffe}\u{ffff}".contains(it);
    assert!(text.chars().all(allowed), "{text:?}");
    let known = ["&lt;", "&gt;", "&quot;", "&apos;", "&amp;"];
    for (at, _) in text.match_indices('&') {
        assert!(known.iter().any(|it| text[at..].starts_with(it)), "{text}");
    }
    known
        .iter()
        .zip(["<", ">", "\"", "'", "&"])
        .fold(text.to_owned(), |text, (from, to)| text.replace(from, to))
}

fn number(element: &Element, name: &str) -> usize {
    element.attributes[name].parse().unwrap()
}

/// Which attributes an element must have, and which it may have.
fn expect_attributes(element: &Element, must: &[&str], may: &[&str]) {
    for name in must {
        assert!(element.attributes.contains_key(*name), "{name} of {element:?}");
    }
    let known = |name: &String| must.contains(&name.as_str()) || may.contains(&name.as_str());
    assert!(element.attributes.keys().all(known), "{element:?}");
}

/// A token has no blanks at its ends, and no two in a row.
fn expect_token(text: &str) {
    assert!(
        !text.is_empty() && text.split_whitespace().collect::<Vec<_>>().join(" ") == text,
        "{text:?}"
    );
}

/// What JUnit.xsd of Windy Road says of a case.
fn expect_case(case: &Element) {
    assert_eq!(case.name, "testcase");
    expect_attributes(case, &["name", "classname", "time"], &[]);
    expect_token(&case.attributes["name"]);
    expect_token(&case.attributes["classname"]);
    case.attributes["time"].parse::<f64>().unwrap();
    assert!(case.inside.len() < 2, "one of skipped, error and failure: {case:?}");
    for inside in &case.inside {
        match inside.name.as_str() {
            "skipped" => expect_attributes(inside, &[], &[]),
            "error" | "failure" => expect_attributes(inside, &["type"], &["message"]),
            other => panic!("{other}"),
        }
    }
}

#[test]
fn junit_fits_its_schema_and_its_counts_are_those_of_its_cases() {
    let text = with_told(gate_junit);
    let suites = parse(&text);
    assert_eq!(suites.name, "testsuites");
    let mut failures = 0;
    for (id, suite) in suites.inside.iter().enumerate() {
        assert_eq!(suite.name, "testsuite");
        let must = [
            "name",
            "package",
            "id",
            "timestamp",
            "hostname",
            "tests",
            "failures",
            "errors",
            "time",
        ];
        expect_attributes(suite, &must, &["skipped"]);
        assert_eq!(number(suite, "id"), id);
        assert_eq!(suite.attributes["timestamp"], "1970-01-01T00:00:00");
        for name in ["name", "package", "hostname"] {
            expect_token(&suite.attributes[name]);
        }
        // A sequence: properties, cases, what was printed.
        let (properties, rest) = suite.inside.split_first().unwrap();
        assert_eq!(properties.name, "properties");
        for property in &properties.inside {
            assert_eq!(property.name, "property");
            expect_attributes(property, &["name", "value"], &[]);
        }
        let [cases @ .., out, err] = rest else { panic!("{rest:?}") };
        assert_eq!([&*out.name, &*err.name], ["system-out", "system-err"]);
        cases.iter().for_each(expect_case);
        let count = |name: &str| {
            cases.iter().filter(|case| case.inside.iter().any(|it| it.name == name)).count()
        };
        assert_eq!(number(suite, "tests"), cases.len());
        assert_eq!(number(suite, "failures"), count("failure"));
        assert_eq!(number(suite, "errors"), count("error"));
        assert_eq!(number(suite, "skipped"), count("skipped"));
        failures += count("failure");
    }
    // The cell with a new class and a refuted claim is one case; the missed bug is another.
    assert_eq!((suites.inside.len(), failures), (3, 2), "{text}");
    let all = text.as_str();
    for told in ["new-anomaly", "claim-refuted", "bug-missed", "type=\"undecided\"", "<skipped/>"] {
        assert!(all.contains(told), "{told} in {all}");
    }
}

/// What becomes of each case if this baseline is compared with this: its element, and the message of that.
fn cases(baseline: &BaselineRecord, now: &Scene) -> Vec<String> {
    let judged = judge(&now.tally, Some(baseline), &[]);
    let (campaign, lines) = (now.told(), BTreeMap::new());
    let suites = parse(&gate_junit(&gate(&campaign, baseline, (&judged, &[]), &lines)));
    let inside = suites.inside.iter().flat_map(|suite| &suite.inside);
    let cases = inside.filter(|it| it.name == "testcase").inspect(|it| expect_case(it));
    cases
        .map(|case| {
            let Some(inside) = case.inside.first() else { return "passed".to_owned() };
            let message = inside.attributes.get("message").map_or("", String::as_str);
            format!("{} {message}", inside.name).trim_end().to_owned()
        })
        .collect()
}

#[test]
fn a_case_that_was_run_in_part_or_not_compared_or_not_looked_for_does_not_pass() {
    let silence = |runs| FiguresRecord {
        silence_us: FigureRecord::from([runs, 9 * runs, 81 * runs]),
        ..FiguresRecord::default()
    };
    let whole = |cell| (cell, serving(silence(RUNS)));
    let both = Scene::of(&[whole(0), whole(1)]);
    let baseline = both.baseline(&[]);
    let gone = "error the longest time in which nothing was done: eight runs of the baseline had that, or more, and \
                fewer have it now";
    assert_eq!(cases(&baseline, &both), ["passed"; 4]);
    assert_eq!(
        cases(&baseline, &Scene::of(&[whole(0), (1, valid())])),
        ["passed", "passed", "passed", gone]
    );
    let part = JobFactsRecord { valid: 9, ..serving(silence(9)) };
    assert_eq!(
        cases(&baseline, &Scene::of(&[whole(0), (1, part)])),
        ["passed", "passed", "error 9 of 40 runs were made", "skipped"]
    );
    let clean = Scene::clean();
    assert_eq!(
        cases(&clean.baseline(&[]), &clean),
        ["passed", "skipped", "passed", "skipped"],
        "no figure is compared"
    );
    let hunt = hunted(Some(3), 0);
    let dropped = cases(&both.baseline(std::slice::from_ref(&hunt)), &both);
    let told = format!("error {} was found for the baseline, ", hunt.lookout.bug.name);
    assert!(dropped.len() == 5 && dropped[4].starts_with(&told), "{dropped:?}");
}

/// Of each object of SARIF that is written: the members that the schema requires, and those that it allows and that are used here.
const SARIF: [(&str, &[&str], &[&str]); 13] = [
    ("sarifLog", &["version", "runs"], &["$schema"]),
    ("run", &["tool"], &["automationDetails", "invocations", "results"]),
    ("tool", &["driver"], &[]),
    ("toolComponent", &["name"], &["version", "rules"]),
    ("reportingDescriptor", &["id"], &["shortDescription"]),
    ("runAutomationDetails", &[], &["id"]),
    ("invocation", &["executionSuccessful"], &["exitCode"]),
    (
        "result",
        &["message"],
        &["ruleId", "ruleIndex", "level", "locations", "partialFingerprints", "properties"],
    ),
    ("message", &["text"], &[]),
    ("location", &[], &["physicalLocation"]),
    ("physicalLocation", &["artifactLocation"], &["region"]),
    ("artifactLocation", &[], &["uri"]),
    ("region", &[], &["startLine"]),
];

#[track_caller]
fn expect_sarif<'a>(name: &str, value: &'a Value) -> &'a serde_json::Map<String, Value> {
    let (_, must, may) = SARIF.iter().find(|(it, ..)| *it == name).unwrap();
    let object = value.as_object().unwrap_or_else(|| panic!("{name}: {value}"));
    for member in *must {
        assert!(object.contains_key(*member), "{name} has no {member}: {value}");
    }
    let is_known = |it: &String| must.contains(&it.as_str()) || may.contains(&it.as_str());
    assert!(object.keys().all(is_known), "{name}: {value}");
    object
}

#[test]
fn sarif_fits_its_schema_and_each_result_is_of_a_rule_and_at_a_line() {
    let log = with_told(|told| serde_json::to_value(gate_sarif(told)).unwrap());
    let log = expect_sarif("sarifLog", &log);
    assert_eq!(log["version"], "2.1.0");
    assert!(log["$schema"].as_str().unwrap().ends_with("sarif-schema-2.1.0.json"));
    let run = expect_sarif("run", &log["runs"][0]);
    expect_sarif("runAutomationDetails", &run["automationDetails"]);
    expect_sarif("invocation", &run["invocations"][0]);
    let driver = expect_sarif("toolComponent", &expect_sarif("tool", &run["tool"])["driver"]);
    let rules = driver["rules"].as_array().unwrap();
    for rule in rules {
        expect_sarif("message", &expect_sarif("reportingDescriptor", rule)["shortDescription"]);
    }
    let results = run["results"].as_array().unwrap();
    let kinds: Vec<&str> = results.iter().map(|it| it["ruleId"].as_str().unwrap()).collect();
    assert_eq!(kinds, ["new-anomaly", "claim-refuted", "bug-missed", "undecided", "undecided"]);
    for result in results {
        let result = expect_sarif("result", result);
        let index = usize::try_from(result["ruleIndex"].as_u64().unwrap()).unwrap();
        assert_eq!(rules[index]["id"], result["ruleId"]);
        assert!(["none", "note", "warning", "error"].contains(&result["level"].as_str().unwrap()));
        assert!(!expect_sarif("message", &result["message"])["text"].as_str().unwrap().is_empty());
        let place = &expect_sarif("location", &result["locations"][0])["physicalLocation"];
        let place = expect_sarif("physicalLocation", place);
        assert_eq!(
            expect_sarif("artifactLocation", &place["artifactLocation"])["uri"],
            "gates/two.toml"
        );
        assert!(expect_sarif("region", &place["region"])["startLine"].as_u64().unwrap() > 0);
        assert!(result["partialFingerprints"].as_object().unwrap().values().all(Value::is_string));
    }
    assert_eq!(results[0]["locations"][0]["physicalLocation"]["region"]["startLine"], 12);
}

#[test]
fn annotations_are_one_line_each_at_a_line_of_the_file() {
    let lines = with_told(gate_annotations);
    assert_eq!(lines.len(), 5, "{lines:#?}");
    for line in &lines {
        assert!(line.starts_with("::error file=gates/two.toml,line="), "{line}");
        assert!(!line.contains(['\n', '\r', '\u{1b}', '\u{202e}']), "{line:?}");
        assert_eq!(line.matches("title=rashomon gate%3A ").count(), 1, "{line}");
    }
    assert!(lines[0].contains(",line=12,"), "{lines:#?}");
}

#[test]
fn more_than_ten_errors_are_left_to_the_summary() {
    let signatures: Vec<String> = (0..30).map(|it| format!("durable/class-{it:02}/read")).collect();
    let signatures: Vec<&str> = signatures.iter().map(String::as_str).collect();
    let bad = Scene::of(&[(0, failing(&signatures, "it is lost")), (1, valid())]);
    let baseline = Scene::clean().baseline(&[]);
    let judged = judge(&bad.tally, Some(&baseline), &[]);
    let (campaign, lines) = (bad.told(), BTreeMap::new());
    let told = gate(&campaign, &baseline, (&judged, &[]), &lines);
    let annotations = gate_annotations(&told);
    assert_eq!(annotations.iter().filter(|it| it.starts_with("::error ")).count(), 10);
    assert_eq!(gate_summary(&told).matches("**new-anomaly**").count(), 30);
}

#[test]
fn people_are_told_each_regression_with_its_evidence_and_the_command_that_shows_it() {
    let screen = Screen { glyphs: Glyphs::unicode(), columns: 80 };
    let (page, markdown, json) = with_told(|told| {
        let json = serde_json::to_value(gate_report(told)).unwrap();
        (gate_page(told, screen).text(), gate_markdown(told), json)
    });
    for text in [&page, &markdown] {
        for told in [
            "✗ GATE FAILED",
            "linearizable/stale-read/read in 1 cell",
            "breaks linearizable in 1 of 40 runs",
            "it had an effect 7 times, and no check noticed",
            "rashomon run ",
            "--seed 3",
            " --seeds 20",
            "not looked for",
            "10 of 40 runs are undecided",
        ] {
            assert!(text.replace('\\', "").contains(told), "no {told:?} in {text}");
        }
    }
    assert!(!markdown.contains("<1>") && !markdown.contains('\u{1b}'), "{markdown}");
    assert_eq!(json["regressions"].as_array().unwrap().len(), 3, "{json:#}");
    assert_eq!((&json["exit"], &json["verdict"]), (&1.into(), &"violation".into()));
}
