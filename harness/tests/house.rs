//! The shape of the source, which no compiler checks: functions that fit a screen, few arguments, no
//! flags, no import circles between rooms, and one name for one type.
//!
//! A *room* is a folder of a crate together with the file that is named for it. Each list of
//! exceptions is a ratchet: what is mended must be struck from it, and nothing is added.

#![allow(clippy::unwrap_used, clippy::allow_attributes, reason = "tests may")]

mod source;

use std::collections::{BTreeMap, BTreeSet};

use source::{Crate, Function};

/// The longest function, in lines with its signature.
const LINES: usize = 70;
/// The most arguments, apart from `self`.
const ARGUMENTS: usize = 5;

const LONG: &[&str] = &[
    "checker/src/linearizability/search/engine/breadth.rs::Breadth::pass",
    "checker/src/linearizability/search/wgl.rs::walk",
    "checker/src/online/testing.rs::register_history",
    "checker/src/verify/convergent.rs::violates",
    "checker/src/verify/semantics.rs::apply",
];
const MANY_ARGUMENTS: &[&str] = &[
    "checker/src/formats/edn/stream.rs::Forms::advance",
    "checker/src/linearizability/search/engine/breadth.rs::Breadth::pass",
    "checker/src/linearizability/search/engine/cursor.rs::Cursor::branches",
    "checker/src/linearizability/explain.rs::as_found",
    "checker/src/linearizability/explain.rs::culprits",
    "checker/src/linearizability/explain.rs::reduce",
    "targets/src/primary_replica/shipping/replica.rs::Shipping::on_append",
];
const FLAGS: &[&str] = &[
    "checker/src/formats/edn/parse.rs::EdnParser::part",
    "harness/src/cli/output.rs::Output::new",
    "harness/src/node.rs::run",
];
/// Names that each family of targets gives to its own: who knows one family knows the next. Nothing
/// outside a family names them.
const OF_EACH_FAMILY: &[&str] =
    &["Config", "Entry", "Log", "Message", "Out", "Reads", "Record", "Timer"];
const ROOMS: &[&[&str]] = &[];

#[test]
fn functions_fit_a_screen() {
    ratchet(LONG, |function| function.lines > LINES, "is longer than 70 lines");
}

#[test]
fn functions_take_few_arguments() {
    ratchet(MANY_ARGUMENTS, |f| f.arguments > ARGUMENTS, "takes more than 5 arguments");
}

#[test]
fn no_function_that_others_call_takes_a_flag() {
    ratchet(FLAGS, |function| function.is_public && function.takes_a_flag, "takes a `bool`");
}

#[test]
fn no_rooms_import_each_other_in_a_circle() {
    let found = Crate::all().iter().flat_map(Crate::circles_of_rooms).collect();
    unlisted(ROOMS, &found, "rooms that import each other");
}

#[test]
fn no_two_types_of_a_crate_that_other_files_can_name_have_one_name() {
    let mut found = Vec::new();
    let mut types = 0;
    for one in Crate::all() {
        for (name, files) in one.shared_types() {
            types += 1;
            let is_of_a_family = OF_EACH_FAMILY.contains(&&*name)
                && files.iter().all(|file| file.starts_with("targets/src/"));
            if files.len() > 1 && !is_of_a_family {
                found.push((name, files));
            }
        }
    }
    assert!(types > 300, "the types were found");
    assert!(found.is_empty(), "tell these apart by what they are: {found:#?}");
}

/// The map is a table in `checker/src/lib.rs`, whose first column names rooms.
#[test]
fn each_room_of_the_checker_is_on_its_map_below_those_that_it_imports() {
    let checker = Crate::all().swap_remove(0);
    let library = concat!(env!("CARGO_MANIFEST_DIR"), "/../checker/src/lib.rs");
    let library = std::fs::read_to_string(library).unwrap();
    let (_, map) = library.split_once("//! # The map").unwrap();
    let (map, _) = map.split_once("//! # ").unwrap();
    let mut row_of: BTreeMap<&str, usize> = BTreeMap::new();
    for (row, line) in map.lines().enumerate() {
        let first = line.split('|').nth(1).unwrap_or_default();
        let rooms = first.split('`').skip(1).step_by(2);
        row_of.extend(rooms.map(|room| (room.trim_end_matches('/'), row)));
    }
    for (room, imported) in checker.top_rooms() {
        let row = row_of.get(&*room).unwrap_or_else(|| panic!("{room} is not on the map"));
        for other in imported {
            let above = row_of.get(&*other).unwrap_or_else(|| panic!("{other} is not on the map"));
            assert!(above <= row, "{room} imports {other}, which is below it on the map");
        }
    }
}

/// Every circle found is listed, and every one listed is found.
#[track_caller]
fn unlisted(listed: &[&[&str]], found: &BTreeSet<Vec<String>>, what: &str) {
    let owned = |circle: &&[&str]| circle.iter().map(|&name| name.to_owned()).collect();
    let listed: BTreeSet<Vec<String>> = listed.iter().map(owned).collect();
    let new: Vec<_> = found.difference(&listed).collect();
    let crates = Crate::all();
    let why =
        |circle: &&Vec<String>| crates.iter().flat_map(|it| it.imports_between(circle)).collect();
    let why: Vec<Vec<String>> = new.iter().map(why).collect();
    assert!(new.is_empty(), "{what}, and are not listed: {new:#?}, by {why:#?}");
    let gone: Vec<_> = listed.difference(found).collect();
    assert!(gone.is_empty(), "these circles are open now; strike them from the list: {gone:#?}");
}

/// Every function that breaks a rule is listed, and every one listed breaks it.
#[track_caller]
fn ratchet(listed: &[&str], breaks: impl Fn(&Function) -> bool, how: &str) {
    let functions: Vec<Function> = Crate::all().iter().flat_map(Crate::functions).collect();
    assert!(functions.len() > 1000, "the functions were found");
    let found: BTreeSet<&str> =
        functions.iter().filter(|&it| breaks(it)).map(|it| it.name.as_str()).collect();
    let listed: BTreeSet<&str> = listed.iter().copied().collect();
    let new: Vec<_> = found.difference(&listed).collect();
    assert!(new.is_empty(), "each of these {how}: {new:#?}");
    let gone: Vec<_> = listed.difference(&found).collect();
    assert!(gone.is_empty(), "none of these {how} now; strike them from the list: {gone:#?}");
}

/// What a newcomer asks, the file that answers it, and what is to be found there. The map has each
/// question with its file.
const QUESTIONS: [(&str, &str, &str); 20] = [
    (
        "Where is it decided whether an operation certainly failed, or may still happen?",
        "harness/src/client/honesty.rs",
        "fn completion",
    ),
    ("Where is the main loop of a run?", "harness/src/run/drive.rs", "struct Drive<"),
    (
        "Where is it decided what a fault does to a message?",
        "harness/src/fault/link.rs",
        "struct Link<",
    ),
    (
        "Where are the time and the victim of each fault drawn?",
        "harness/src/fault/draw.rs",
        "fn draw(",
    ),
    ("Where would I add a family of protocols?", "targets/src/family.rs", "families! {"),
    ("Where would I add a fault?", "targets/src/claim.rs", "macro_rules! faults"),
    ("Where would I add a workload?", "workloads/src/kind.rs", "workloads! {"),
    ("Where would I add a model of an object?", "checker/src/model/kind.rs", "enum ModelKind"),
    (
        "Where are the words of a history written and read?",
        "workloads/src/op/words.rs",
        "fn invocation",
    ),
    (
        "Where does a node wait for its disk before it answers?",
        "targets/src/barrier.rs",
        "struct Barrier<",
    ),
    (
        "Where does a configuration say what it promises?",
        "targets/src/leaderless/claim.rs",
        "-> Claim",
    ),
    (
        "Where is it decided what is required of a run?",
        "harness/src/judge/requirement.rs",
        "struct Requirement",
    ),
    (
        "Where is it decided that a run is undecided?",
        "harness/src/judge/doubts.rs",
        "-> Vec<Doubt>",
    ),
    ("Which consistency model implies which?", "checker/src/consistency/edges.rs", "const EDGES"),
    (
        "Where is a history given to the fastest method that is exact for it?",
        "checker/src/linearizability/check/one.rs",
        "fn judge_cheaply",
    ),
    (
        "Where is a counterexample made as small as possible?",
        "checker/src/linearizability/explain/shrink.rs",
        "struct Shrink",
    ),
    (
        "Which code checks the evidence, and shares nothing with the code that found it?",
        "checker/src/verify.rs",
        "pub fn anomaly",
    ),
    ("Where is the format of a file recognised?", "checker/src/formats/detect.rs", "pub fn detect"),
    ("What does `verdict.json` hold?", "results/src/record.rs", "pub struct RunRecord"),
    ("What do the exit codes mean?", "harness/src/exit.rs", "enum Exit"),
];

#[test]
fn the_map_answers_twenty_questions_of_a_newcomer() {
    let root = std::path::Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/.."));
    let map = std::fs::read_to_string(root.join("ARCHITECTURE.md")).unwrap();
    for (question, file, answer) in QUESTIONS {
        let text = std::fs::read_to_string(root.join(file));
        let text = text.unwrap_or_else(|why| panic!("{question} {file}: {why}"));
        assert!(text.contains(answer), "{question} {file} has no `{answer}`");
        let row = map.lines().find(|line| line.starts_with(&format!("| {question} |")));
        let row = row.unwrap_or_else(|| panic!("ARCHITECTURE.md does not ask: {question}"));
        assert!(row.contains(&format!("`{file}`")), "{question} {file}, and the map says {row}");
    }
}

#[test]
fn every_file_that_the_map_names_exists() {
    let root = std::path::Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/.."));
    let map = std::fs::read_to_string(root.join("ARCHITECTURE.md")).unwrap();
    let words = map.split('`').skip(1).step_by(2);
    let crates = ["checker/", "harness/", "results/src/", "targets/", "workloads/"];
    let files = words.filter(|it| crates.iter().any(|folder| it.starts_with(folder)));
    let files: Vec<&str> = files.filter(|it| !it.contains(['*', '<', ' ', '\n'])).collect();
    assert!(files.len() > 30, "the names were found: {files:?}");
    for file in files {
        assert!(root.join(file).exists(), "ARCHITECTURE.md names {file}, which does not exist");
    }
}
