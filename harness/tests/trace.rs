//! The trace of a stored run: the same for the same seed, no message unaccounted for, no answer before
//! its record is durable.

#![allow(clippy::unwrap_used, clippy::allow_attributes, reason = "tests may")]

mod program;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;
use std::process::Stdio;

use program::Program;
use rashomon_results::{
    Loss, MessageCopy, Occurrence, TRACE_FILE, TraceEnding, TraceLine, TraceReader,
};
use serde_json::Value;

/// Runs this, and reads its trace to the end.
fn traced(program: &Program, command: &str) -> (Vec<TraceLine>, TraceEnding) {
    let words: Vec<&str> = command.split(' ').chain(["--quiet"]).collect();
    let ended = program.run(&words);
    assert!([0, 1, 3].contains(&ended.code), "{command}\n{ended}");
    lines(&program.latest().join(TRACE_FILE))
}

fn lines(path: &Path) -> (Vec<TraceLine>, TraceEnding) {
    let mut reader = TraceReader::open(path).unwrap();
    let lines = reader.by_ref().map(Result::unwrap).collect();
    (lines, reader.ending())
}

#[test]
fn the_same_seed_leaves_the_same_trace_and_another_does_not() {
    let of = |seed: &str| {
        let program = Program::new();
        let command = "run primary-replica --failover raft --sim --time 2s --faults all --seed";
        let (_, ending) = traced(&program, &format!("{command} {seed}"));
        assert_eq!(ending, TraceEnding::Whole);
        fs::read(program.latest().join(TRACE_FILE)).unwrap()
    };
    let first = of("4");
    assert!(first == of("4"), "one seed, one trace");
    assert!(first != of("5"), "another seed, another trace");
}

/// Where a copy of a message is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Place {
    UnderWay,
    Held(u32),
    Delivered,
    Lost,
}

/// How many copies ended in each place, and what each span took, kept and changed. Each copy is sent once,
/// and is in one place at a time.
#[derive(Debug, Default)]
struct Accounts {
    places: BTreeMap<MessageCopy, Place>,
    dropped: BTreeMap<u32, u64>,
    held: BTreeMap<u32, u64>,
    changed: BTreeMap<u32, u64>,
}

impl Accounts {
    fn of(lines: &[TraceLine]) -> Self {
        let mut accounts = Self::default();
        for line in lines {
            accounts.take(line);
        }
        accounts
    }

    fn take(&mut self, line: &TraceLine) {
        use Place::{Delivered, Held, Lost, UnderWay};
        let mut step = |message: &MessageCopy, from: Option<Place>, to: Place| {
            assert_eq!(self.places.insert(message.clone(), to), from, "{line:?}");
        };
        match &line.occurrence {
            Occurrence::Sent { message, .. } => step(message, None, UnderWay),
            Occurrence::Doubled { message, span } => {
                assert_eq!(message.copy, 2);
                step(message, None, UnderWay);
                *self.changed.entry(*span).or_default() += 1;
            }
            Occurrence::Delayed { span, .. } => *self.changed.entry(*span).or_default() += 1,
            Occurrence::Delivered { message } => step(message, Some(UnderWay), Delivered),
            Occurrence::Lost { message, why, span } => {
                step(message, Some(UnderWay), Lost);
                let count = match why {
                    Loss::Fault => &mut self.dropped,
                    Loss::Damaged => &mut self.changed,
                    Loss::Dead | Loss::NotTaken => return assert_eq!(*span, None, "{line:?}"),
                };
                *count.entry(span.unwrap()).or_default() += 1;
            }
            Occurrence::Held { message, span } => {
                step(message, Some(UnderWay), Held(*span));
                *self.held.entry(*span).or_default() += 1;
            }
            Occurrence::Released { message, span } => step(message, Some(Held(*span)), UnderWay),
            _ => {}
        }
    }

    fn count(&self, place: Place) -> usize {
        self.places.values().filter(|&&it| it == place).count()
    }
}

/// A fault of messages, on all links or a cut: its effect, when it begins and how long it lasts, in
/// milliseconds.
fn links(id: u32, shape: &str, effect: &str, [start, lasts]: [u64; 2]) -> String {
    format!(
        r#"{{"id":{id},"fault":"links","shape":{shape},"direction":"both","effect":{{{effect}}},"start":{start}000000,"lasts":{lasts}000000}}"#
    )
}

/// A kill of the third node, and its return.
fn kill(id: u32, [start, lasts]: [u64; 2]) -> String {
    format!(
        r#"{{"id":{id},"fault":"kill","node":{{"node":3}},"start":{start}000000,"lasts":{lasts}000000}}"#
    )
}

const ALL: &str = r#""all""#;
const LOSS: &str = r#""effect":"loss","per_mille":100"#;
const DUPLICATE: &str = r#""effect":"duplicate","per_mille":100"#;
const DELAY: &str = r#""effect":"delay","mean":5000000"#;
const REORDER: &str = r#""effect":"reorder","per_mille":300,"by":20000000"#;
const CORRUPT: &str = r#""effect":"corrupt","per_mille":100"#;

/// Writes a plan, and returns the name of its file. Spans are numbered in the order of time.
fn plan(program: &Program, spans: &[String]) -> String {
    let file = program.folder().join("plan.json");
    let spans = spans.join(",");
    let text = format!(r#"{{"format":"rashomon-plan","version":1,"spans":[{spans}]}}"#);
    fs::write(&file, text).unwrap();
    file.display().to_string()
}

#[test]
fn every_copy_that_is_sent_is_delivered_lost_held_or_under_way() {
    let program = Program::new();
    // Each fault that takes messages strikes before those that change them: a message that is changed and
    // then lost is one that was lost.
    let plan = plan(
        &program,
        &[
            links(0, ALL, LOSS, [100, 300]),
            links(1, ALL, DUPLICATE, [200, 400]),
            links(2, ALL, DELAY, [300, 300]),
            links(3, ALL, CORRUPT, [400, 500]),
            links(4, ALL, REORDER, [600, 300]),
            links(5, r#"{"cut":{"side":[1]}}"#, r#""effect":"hold""#, [1000, 300]),
            links(6, r#"{"cut":{"side":[2]}}"#, r#""effect":"drop""#, [1100, 300]),
            kill(7, [1500, 300]),
        ],
    );
    let raft = "primary-replica --failover raft";
    for (target, seed) in [("primary-replica", 1), ("leaderless", 2), (raft, 3)] {
        let command = format!("run {target} --sim --time 2s --seed {seed} --faults {plan}");
        let (lines, _) = traced(&program, &command);
        let accounts = Accounts::of(&lines);
        assert!(accounts.count(Place::Delivered) > 100, "{target}");
        assert!(accounts.places.keys().any(|copy| copy.copy == 2), "{target}");
        assert_eq!(accounts.held.len(), 1, "{target}: {:?}", accounts.held);
        let dead =
            |line: &&TraceLine| matches!(line.occurrence, Occurrence::Lost { why: Loss::Dead, .. });
        assert!(lines.iter().filter(dead).count() > 0, "{target}: n3 was dead for a while");
        assert!(accounts.places.values().all(|place| !matches!(place, Place::Held(_))));
        // What links count is what the trace shows.
        let faults = fs::read_to_string(program.latest().join("faults.jsonl")).unwrap();
        for line in faults.lines().skip(1) {
            let fault: Value = serde_json::from_str(line).unwrap();
            let span = u32::try_from(fault["fault"]["id"].as_u64().unwrap()).unwrap();
            let shown = |of: &BTreeMap<u32, u64>| of.get(&span).copied().unwrap_or(0);
            let efficacy = &fault["efficacy"];
            assert_eq!(efficacy["dropped"], shown(&accounts.dropped), "{target}: {line}");
            assert_eq!(efficacy["held"], shown(&accounts.held), "{target}: {line}");
            assert_eq!(efficacy["changed"], shown(&accounts.changed), "{target}: {line}");
        }
        assert_eq!(accounts.changed.keys().collect::<Vec<_>>(), [&1, &2, &3, &4], "{target}");
    }
}

/// Acknowledged writes whose record was not durable at their node when the answer left it; and how many
/// were acknowledged.
fn early_answers(lines: &[TraceLine]) -> (usize, usize) {
    let mut writes: BTreeMap<(&str, u64), Vec<String>> = BTreeMap::new();
    let mut records: BTreeMap<&str, Vec<(u64, &str)>> = BTreeMap::new();
    let mut durable: BTreeMap<&str, u64> = BTreeMap::new();
    let (mut early, mut answered) = (0, 0);
    for line in lines {
        match &line.occurrence {
            // Numbers of records are those of a life.
            Occurrence::Started { node, .. } => {
                records.remove(&**node);
                durable.remove(&**node);
            }
            Occurrence::Request { node, request, what, .. } => {
                if let Some(write) = what.strip_prefix("put ") {
                    let words = write.split(' ').map(str::to_owned).collect();
                    writes.insert((node, *request), words);
                }
            }
            Occurrence::Persist { node, record, what } => {
                records.entry(node).or_default().push((*record, what));
            }
            Occurrence::Durable { node, record } => {
                durable.insert(node, *record);
            }
            Occurrence::Reply { node, request, what } if what == "ok" => {
                let Some(write) = writes.get(&(&**node, *request)) else { continue };
                let put = format!("\"key\":\"{}\",\"value\":{}}}", write[0], write[1]);
                let holds = |what: &str| what.contains(&put);
                let here = records.get(&**node).map_or(&[][..], |records| records);
                let up_to = durable.get(&**node).copied().unwrap_or(0);
                answered += 1;
                early += usize::from(!here.iter().any(|(id, what)| *id <= up_to && holds(what)));
            }
            _ => {}
        }
    }
    (early, answered)
}

#[test]
fn an_acknowledged_write_is_durable_before_its_answer_unless_that_is_planted() {
    let program = Program::new();
    let command = "run primary-replica --sim --time 2s --seed 6 --faults kill,partition";
    let (early, answered) = early_answers(&traced(&program, command).0);
    assert_eq!(early, 0);
    assert!(answered > 100, "{answered} answers");
    let planted = format!("{command} --bug pr-ack-before-fsync");
    let (early, answered) = early_answers(&traced(&program, &planted).0);
    assert!(early > answered / 2, "{early} of {answered} early");
}

#[test]
fn a_run_that_is_killed_leaves_a_trace_that_loads() {
    let program = Program::new();
    let words = ["run", "--sim", "--time", "1h", "--quiet", "--seed", "1"];
    let mut command = program.command(env!("CARGO_BIN_EXE_rashomon"), &words);
    let mut child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    let path = program.latest().join(TRACE_FILE);
    while fs::metadata(&path).map_or(0, |it| it.len()) < 300_000 {
        assert!(child.try_wait().unwrap().is_none(), "it runs for an hour of its time");
        std::thread::yield_now();
    }
    child.kill().unwrap();
    child.wait().unwrap();
    let shown = program.run(&["trace", "latest", "--to", "200ms"]);
    shown.expect(0);
    assert!(shown.stderr.contains("the trace has no end"), "{shown}");
    assert_eq!(lines(&path).1, TraceEnding::BrokenOff);
}

#[test]
fn a_run_whose_trace_the_disk_does_not_take_is_judged_and_says_so() {
    let program = Program::new();
    // Its history has room, and its trace has not.
    let run = "run --sim --seed 1 --time 1s --faults none";
    let ended = program.shell(&format!("trap '' XFSZ; ulimit -f 800; exec \"$RASHOMON\" {run}"));
    ended.expect(0);
    assert!(ended.stderr.contains("the trace lacks the rest of the run"), "{ended}");
    program.run(&["check", "latest"]).expect(0);
    assert_eq!(lines(&program.latest().join(TRACE_FILE)).1, TraceEnding::BrokenOff);
}

#[test]
fn a_window_is_around_an_operation_or_from_a_time_to_another() {
    let program = Program::new();
    let (all, _) = traced(&program, "run --sim --time 1s --seed 2 --faults none");
    let at = |index: u64| {
        let of = |line: &&TraceLine| match line.occurrence {
            Occurrence::Invoked { index: it, .. } | Occurrence::Completed { index: it, .. } => {
                it == index
            }
            _ => false,
        };
        all.iter().find(of).unwrap().time
    };
    let around = program.run(&["trace", "latest", "--around", "40", "--json"]);
    let window: Value = serde_json::from_str(&around.stdout).unwrap();
    let (from, to) = (window["from"].as_u64().unwrap(), window["to"].as_u64().unwrap());
    assert!(from < at(40) && at(40) < to && to - from < 200_000_000, "{from} to {to}");
    let shown = window["lines"].as_array().unwrap();
    assert!(shown.iter().any(|line| line["index"] == 40), "{window:#}");
    let inside = all.iter().filter(|line| (from..=to).contains(&line.time)).count();
    assert_eq!(shown.len(), inside);
    let text = program.run(&["trace", "latest", "--from", "100ms", "--to", "0.2s"]);
    let inside = all.iter().filter(|line| (100_000_000..=200_000_000).contains(&line.time));
    assert_eq!(text.stdout.lines().count(), inside.count(), "{text}");
    let places: BTreeSet<&str> =
        text.stdout.lines().filter_map(|it| it.split_whitespace().nth(2)).collect();
    assert!(["n1", "n2", "n3"].iter().all(|node| places.contains(node)), "{places:?}");
    for part in
        ["->", "<-", "takes request", "answers request", "writes record", "durable", "invokes"]
    {
        assert!(text.stdout.contains(part), "{part}: {text}");
    }
}

#[test]
fn what_cannot_be_shown_is_refused_with_the_fix() {
    let program = Program::new();
    traced(&program, "run --sim --time 1s --seed 2 --faults none");
    let refused = |words: &[&str], told: &str| {
        let ended = program.run(words);
        ended.expect(2);
        assert!(ended.stderr.contains(told), "{ended}");
    };
    refused(
        &["trace", "latest", "--around", "9999999"],
        "give the `index` of a line of history.jsonl",
    );
    refused(&["trace", "latest", "--from", "2s", "--to", "1s"], "--from is later than --to");
    refused(&["trace", "latest", "--from", "soon"], "--from");
    let path = program.latest().join(TRACE_FILE);
    let text = fs::read_to_string(&path).unwrap();
    fs::write(&path, text.replacen("rashomon-trace", "rashomon-faults", 1)).unwrap();
    refused(&["trace", "latest"], "trace.jsonl: line 1: format \"rashomon-faults\" is not");
    fs::write(&path, text.replacen("\"event\":\"started\"", "\"event\":\"began\"", 1)).unwrap();
    refused(&["trace", "latest"], "line 2: unknown variant `began`");
    fs::remove_file(&path).unwrap();
    refused(&["trace", "latest"], "an earlier rashomon ran it; `rashomon replay");
}

/// Nodes that are processes tell what happens in them, and proxies what becomes of messages.
#[test]
fn real_processes_are_traced_too() {
    let program = Program::new();
    // Each lasts until the load ends, so that a machine that stalls for a while still sees it at work.
    let plan = plan(
        &program,
        &[
            links(0, ALL, LOSS, [50, 60_000]),
            links(1, ALL, DUPLICATE, [50, 60_000]),
            links(2, ALL, DELAY, [50, 60_000]),
            links(3, ALL, CORRUPT, [50, 60_000]),
            links(4, r#"{"cut":{"side":[2]}}"#, r#""effect":"hold""#, [300, 60_000]),
            kill(5, [1200, 60_000]),
        ],
    );
    let command = format!("run primary-replica --time 2s --seed 1 --faults {plan}");
    let (mut all, ending) = traced(&program, &command);
    assert_eq!(ending, TraceEnding::Whole);
    let accounts = Accounts::of(&all);
    assert!(accounts.count(Place::Delivered) > 100);
    assert!(accounts.held.contains_key(&4) && accounts.dropped.contains_key(&0));
    for span in [1, 2, 3] {
        assert!(accounts.changed.contains_key(&span), "{span}: {:?}", accounts.changed);
    }
    all.sort_by_key(|line| line.time);
    let (early, answered) = early_answers(&all);
    assert_eq!(early, 0);
    assert!(answered > 20, "{answered} answers");
    let told: BTreeSet<&str> = all.iter().filter_map(|line| line.occurrence.node()).collect();
    assert_eq!(told.into_iter().collect::<Vec<_>>(), ["n1", "n2", "n3"]);
    let lives = |line: &&TraceLine| matches!(&line.occurrence, Occurrence::Started { node, life: 2 } if node == "n3");
    assert_eq!(all.iter().filter(lives).count(), 1);
}
