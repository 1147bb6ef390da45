//! The histories of Elle's own tests: what it finds in lists, ours finds too.
#![expect(clippy::disallowed_methods, reason = "the corpus lies in files")]
#![expect(clippy::unwrap_used, reason = "a test may panic")]

mod external;

use std::path::PathBuf;

use external::corpus;
use rashomon_checker::formats::{ReadOptions, Reader, without_real_time};
use rashomon_checker::transactions::{IsolationJudgement, TransactionReport, check};
use rashomon_checker::{Budget, Consistency, Event, History, verify};

/// What a file's first line says of it.
struct Expected {
    is_valid: bool,
    /// Elle's names of the anomalies.
    anomalies: Vec<String>,
    /// The models that Elle was asked about.
    models: Vec<String>,
}

/// The words of a list `[:a :b]` after a name.
fn words_after(line: &str, name: &str) -> Vec<String> {
    let Some((_, rest)) = line.split_once(name) else { return Vec::new() };
    let Some(list) = rest.trim_start().strip_prefix('[') else { return Vec::new() };
    let list = list.split(']').next().unwrap();
    list.split_whitespace().map(|word| word.trim_start_matches(':').to_owned()).collect()
}

fn expected(line: &str) -> Expected {
    let (before, after) = line.split_once(":expect").unwrap();
    Expected {
        is_valid: after.contains(":valid? true"),
        anomalies: words_after(after, ":anomaly-types"),
        models: words_after(before, ":consistency-models"),
    }
}

/// What Elle calls a class of ours.
fn elle_name(class: &str) -> String {
    let (base, form) = match class.strip_suffix("-process") {
        Some(base) => (base, "-process"),
        None => class.strip_suffix("-realtime").map_or((class, ""), |base| (base, "-realtime")),
    };
    let name = match base {
        "g0" => "G0",
        "g1a" => "G1a",
        "g1b" => "G1b",
        "g1c" => "G1c",
        "g-single" => "G-single-item",
        "g-nonadjacent" => "G-nonadjacent-item",
        "g2-item" => "G2-item",
        "duplicate-element" => "duplicate-elements",
        other => other,
    };
    format!("{name}{form}")
}

fn judged(text: &str) -> TransactionReport {
    let reader = Reader::new(text.as_bytes(), &ReadOptions::default()).unwrap();
    let events: Vec<Event> = reader.collect::<Result<_, _>>().unwrap();
    // Some files have completions alone, all at one time: they tell of data only.
    let history = History::from_events(events.clone())
        .unwrap_or_else(|_| History::from_events(without_real_time(events)).unwrap());
    check(&history, &Budget::default()).unwrap_or_else(|doubt| panic!("{doubt}: {text}"))
}

fn files(workload: &str) -> Vec<PathBuf> {
    let Some(corpus) = corpus() else { return Vec::new() };
    let entries = std::fs::read_dir(corpus.join("elle")).unwrap();
    let mut files: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
    files.retain(|path| path.to_string_lossy().contains(workload));
    files.sort();
    files
}

#[test]
fn what_elle_finds_in_lists_is_found_and_what_it_calls_valid_is_not_broken() {
    let mut wrong = Vec::new();
    for path in files("list-append") {
        let text = std::fs::read_to_string(&path).unwrap();
        let expected = expected(text.lines().next().unwrap());
        let report = judged(&text);
        let found: Vec<String> =
            report.anomalies.iter().map(|it| elle_name(it.class.name())).collect();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        for anomaly in &report.anomalies {
            let accepted = verify::anomaly(anomaly);
            assert_eq!(accepted, Ok(()), "{name}: {anomaly}");
        }
        for anomaly in &expected.anomalies {
            let is_of_contradiction = name.contains(CONTRADICTED.0) && anomaly == CONTRADICTED.1;
            if anomaly != "empty-transaction-graph"
                && !found.contains(anomaly)
                && !is_of_contradiction
            {
                wrong.push(format!("{name}: {anomaly} is not among {found:?}"));
            }
        }
        let models = expected.models.iter().filter_map(|it| match it.as_str() {
            "strong-serializable" => Some(Consistency::StrictSerializable),
            other => other.parse().ok(),
        });
        for model in models {
            let broken = matches!(report.of(model), Some(IsolationJudgement::Broken(_)));
            if expected.is_valid && broken {
                wrong.push(format!("{name}: {model} is said to hold, and yet {found:?}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// A file, and a cycle that Elle finds there along a key whose lists contradict each other: `[1 3]` and `[1 2 3]`. We
/// say that they do, which breaks the same models, and take no order from what they differ in.
const CONTRADICTED: (&str, &str) = ("041", "G1c");

/// A file of which Elle says something else: what is found in it, and why that is right.
struct Otherwise {
    file: &'static str,
    found: &'static [&'static str],
    /// Why.
    why: &'static str,
}

const FROM_NOWHERE: &str = "a value was read that nothing wrote, and Elle does not look for that";

const OTHERWISE: [Otherwise; 4] = [
    Otherwise { file: "051", found: &["read-from-nowhere"], why: FROM_NOWHERE },
    Otherwise { file: "067", found: &["read-from-nowhere"], why: FROM_NOWHERE },
    Otherwise { file: "071", found: &["read-from-nowhere"], why: FROM_NOWHERE },
    Otherwise {
        file: "073",
        found: &["G-single-item-process"],
        why: "Elle was asked to assume that versions come in the order of sessions, and says that they \
              cannot; whatever their order, what breaks is the model that keeps that of sessions",
    },
];

#[test]
fn what_elle_finds_in_registers_is_found_whatever_it_was_asked_to_assume() {
    let mut wrong = Vec::new();
    for path in files("rw-register") {
        let text = std::fs::read_to_string(&path).unwrap();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        let expected = expected(text.lines().next().unwrap());
        let report = judged(&text);
        let found: Vec<String> =
            report.anomalies.iter().map(|it| elle_name(it.class.name())).collect();
        for anomaly in &report.anomalies {
            assert_eq!(verify::anomaly(anomaly), Ok(()), "{name}: {anomaly}");
        }
        if let Some(otherwise) = OTHERWISE.iter().find(|it| name.contains(it.file)) {
            assert_eq!(found, otherwise.found, "{name}: {}", otherwise.why);
            continue;
        }
        for anomaly in &expected.anomalies {
            if anomaly != "empty-transaction-graph" && !found.contains(anomaly) {
                wrong.push(format!("{name}: {anomaly} is not among {found:?}"));
            }
        }
        for model in expected.models.iter().filter(|_| expected.is_valid) {
            let model: Consistency = model.parse().unwrap();
            if report.of(model) != Some(&IsolationJudgement::Holds) {
                wrong.push(format!("{name}: {model} does not hold, and yet {found:?}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}
