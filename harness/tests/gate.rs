//! A gate passes on what it was accepted for, and fails with the name of what is worse.
//!
//! `RASHOMON_GATE=all cargo test --release -p rashomon --test gate -- --nocapture` is the long form: all ten planted
//! bugs, and twenty reruns.

#![allow(clippy::unwrap_used, clippy::allow_attributes, reason = "tests may")]

mod program;

use std::path::Path;
use std::process::Stdio;
use std::time::Instant;

use program::{Ended, Program};
use serde_json::Value;

const ROOT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/..");

fn is_long() -> bool {
    std::env::var("RASHOMON_GATE").is_ok_and(|it| it == "all")
}

/// A program whose folder has the committed gate where this repository has it.
fn with_reference() -> Program {
    let program = Program::new();
    let folder = program.folder().join("results/baselines");
    std::fs::create_dir_all(&folder).unwrap();
    for entry in std::fs::read_dir(Path::new(ROOT).join("results/baselines")).unwrap() {
        let entry = entry.unwrap();
        std::fs::copy(entry.path(), folder.join(entry.file_name())).unwrap();
    }
    program
}

fn report(ended: &Ended) -> Value {
    serde_json::from_str(&ended.stdout).unwrap_or_else(|_| panic!("{ended}"))
}

#[test]
fn the_committed_gate_passes_as_often_as_it_is_run() {
    let program = with_reference();
    for _ in 0..if is_long() { 20 } else { 1 } {
        let begun = Instant::now();
        let ended = program.run(&["gate", "results/baselines/ci.toml", "--json", "--quiet"]);
        ended.expect(0);
        let told = report(&ended);
        assert_eq!((&told["not_run"], &told["regressions"]), (&0.into(), &Value::Array(vec![])));
        assert!(told["compared"].as_array().unwrap().len() > 20, "{told:#}");
        for compared in told["compared"].as_array().unwrap() {
            assert_eq!(compared["runs_before"], compared["runs_now"], "{compared}");
        }
        println!("{} runs in {:?}", told["runs"], begun.elapsed());
    }
}

/// Planted bugs, each with the class of the anomaly by which the gate has to name it; those of the short form first.
const BUGS: [(&str, &str); 10] = [
    ("pr-ack-before-fsync", "lost-element"),
    ("w1-counted-as-quorum", "stale-read"),
    ("ml-arrival-wins", "divergence"),
    ("ql-unconditional-apply", "lost-write"),
    ("apply-out-of-order", "divergence"),
    ("ml-ack-before-fsync", "lost-element"),
    ("ml-ships-before-fsync", "divergence"),
    ("ml-holds-ignored", "progress"),
    ("abd-no-write-back", "stale-read"),
    ("pr-cas-at-proposal", "double-cas"),
];

#[test]
fn a_planted_bug_fails_the_gate_by_its_own_class_of_anomaly() {
    let program = with_reference();
    let tried = if is_long() { BUGS.len() } else { 2 };
    for (bug, class) in &BUGS[..tried] {
        let words = ["gate", "results/baselines/ci.toml", "--plant", bug, "--json", "--quiet"];
        let begun = Instant::now();
        let ended = program.run(&words);
        ended.expect(1);
        let told = report(&ended);
        let is_it = |it: &&Value| {
            it["regression"] == "new-anomaly"
                && it["id"].as_str().unwrap().split('/').any(|part| part == *class)
        };
        let found = told["regressions"].as_array().unwrap().iter().find(is_it);
        let found = found.unwrap_or_else(|| panic!("{bug} leads to no {class}: {told:#}"));
        println!("{bug}: {} in {:?}", found["id"], begun.elapsed());
        // The command of the regression shows it to a person.
        let again: Vec<&str> = found["again"].as_str().unwrap().split(' ').skip(1).collect();
        let shown = program.run(&[&again[..], &["--json", "--quiet"]].concat());
        shown.expect(1);
        assert!(shown.stdout.contains(&format!("\"class\":\"{class}\"")) || *class == "progress");
    }
}

/// A small gate of one's own.
const FILE: &str = r#"
format = "rashomon-campaign"
version = 1
name = "own"
seeds = 12
workloads = ["register"]
faults = ["kill"]

[targets]
store = "primary-replica"

[sizes.small]
time = "1s"
ops = 150

[gate]
bugs = ["ml-arrival-wins"]
bug_seeds = 20
"#;
const GATE: [&str; 4] = ["gate", "own.toml", "--json", "--quiet"];

fn with_own(text: &str) -> Program {
    let program = Program::new();
    std::fs::write(program.folder().join("own.toml"), text).unwrap();
    program
}

/// One with its baseline.
fn accepted() -> Program {
    let program = with_own(FILE);
    program.run(&[&GATE[..], &["--update-baseline"]].concat()).expect(0);
    program
}

/// Changes the baseline.
fn forge(program: &Program, change: impl FnOnce(&mut Value)) {
    let path = program.folder().join("own.json");
    let text = std::fs::read_to_string(&path).unwrap();
    let mut baseline: Value = serde_json::from_str(&text).unwrap();
    change(&mut baseline);
    std::fs::write(&path, baseline.to_string()).unwrap();
}

#[test]
fn a_gate_needs_a_baseline_of_its_own_file() {
    let program = with_own(FILE);
    let none = program.run(&GATE);
    none.expect(2);
    assert!(
        none.stderr.contains("no baseline own.json; run this command with --update-baseline"),
        "{none}"
    );
    let written = program.run(&["gate", "own.toml", "--update-baseline"]);
    written.expect(0);
    assert!(written.stdout.contains("written: own.json; commit it"), "{written}");
    let first = std::fs::read_to_string(program.folder().join("own.json")).unwrap();
    let passed = program.run(&GATE);
    passed.expect(0);
    assert_eq!(report(&passed)["bugs_sought"][0]["found"], true, "{passed}");
    program.run(&[&GATE[..], &["--update-baseline"]].concat()).expect(0);
    let again = std::fs::read_to_string(program.folder().join("own.json")).unwrap();
    assert_eq!(first, again, "the same build writes the same");
    std::fs::write(program.folder().join("own.toml"), FILE.replace("12", "13")).unwrap();
    let other = program.run(&GATE);
    other.expect(2);
    assert!(
        other.stderr.contains("of another campaign") && other.stderr.contains("--update-baseline")
    );
}

#[test]
fn a_baseline_that_required_more_or_is_of_an_older_build_is_refused_with_the_command_that_makes_it_again()
 {
    let program = accepted();
    forge(&program, |baseline| {
        let required = baseline["cells"][0]["required"].as_array_mut().unwrap();
        assert!(required.iter().any(|it| it == "linearizable"), "{required:?}");
        required.push("strict-serializable".into());
    });
    let more = program.run(&GATE);
    more.expect(2);
    let told = "it required strict-serializable of store / register / kill / small / sim, and this build does not";
    assert!(more.stderr.contains(told) && more.stderr.contains("with --update-baseline"), "{more}");
    forge(&program, |baseline| baseline["version"] = 1.into());
    let older = program.run(&GATE);
    older.expect(2);
    let told = "own.json: version 1 of rashomon-baseline; this build reads version 2; run this command with --update";
    assert!(older.stderr.contains(told), "{older}");
}

#[test]
fn what_is_worse_beyond_its_noise_fails_and_what_is_noise_does_not() {
    let program = accepted();
    let of = |sums: [u64; 3]| {
        forge(&program, |baseline| {
            let there = &mut baseline["cells"][0]["figures"]["silence_us"];
            assert!(there.is_array(), "{there}");
            *there = serde_json::json!(sums);
        });
        program.run(&GATE)
    };
    let told = report(&program.run(&GATE));
    let is_it = |it: &&Value| it["figure"] == "longest-silence";
    let compared = told["compared"].as_array().unwrap().iter().find(is_it).unwrap().clone();
    let (now, noise) = (compared["now"].as_f64().unwrap(), compared["noise"].as_f64().unwrap());
    // Without any scatter of its own, the noise of the baseline is that of the build: less than this.
    let sums = |mean: f64| {
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a test")]
        let mean = mean as u64;
        [12, 12 * mean, 12 * mean * mean]
    };
    of(sums(now + noise)).expect(0);
    let worse = of(sums((now - noise).max(0.0)));
    let (regressed, told) = (report(&worse), &compared);
    assert!(now > noise, "{told}");
    worse.expect(1);
    assert_eq!(regressed["regressions"][0]["regression"], "less-available", "{told}");
    program.run(&[&GATE[..], &["--expect-violation"]].concat()).expect(0);
}

#[test]
fn a_bug_that_is_not_found_in_its_budget_fails_and_is_not_accepted() {
    // This one takes more than one run.
    let blind = FILE.replace("ml-arrival-wins", "ql-ack-before-fsync");
    let blind = blind.replace("bug_seeds = 20", "bug_seeds = 1");
    let program = with_own(&blind);
    let refused = program.run(&[&GATE[..], &["--update-baseline"]].concat());
    refused.expect(1);
    assert_eq!(report(&refused)["regressions"][0]["regression"], "bug-missed");
    assert!(!program.folder().join("own.json").exists(), "nothing is written");
    let wrong = with_own(&FILE.replace("ml-arrival-wins", "ml-arrival-win"));
    let refused = wrong.run(&GATE);
    refused.expect(2);
    assert!(refused.stderr.contains("own.toml:17:9: ") && refused.stderr.contains("did you mean"));
}

#[test]
fn what_is_not_known_fails_or_is_a_warning_and_is_said() {
    let program = accepted();
    let short = [&GATE[..2], &["--budget", "1ms", "--annotate", "github"]].concat();
    let failed = program.run(&short);
    failed.expect(3);
    for told in ["12 runs not run: the budget of time was spent", "not looked for: ml-arrival-wins"]
    {
        assert!(failed.stdout.contains(told), "no {told:?} in {failed}");
    }
    assert_eq!(failed.stderr.matches("::error file=own.toml,line=1,").count(), 2, "{failed}");
    let warned = program.run(&[&short[..], &["--on-unknown", "warn"]].concat());
    warned.expect(0);
    assert_eq!(warned.stderr.matches("::warning file=own.toml,line=1,").count(), 2, "{warned}");
}

#[test]
fn reports_are_written_where_a_build_looks_for_them() {
    let program = accepted().with_environment("GITHUB_ACTIONS", "true");
    let summary = program.folder().join("summary");
    let program = program.with_environment("GITHUB_STEP_SUMMARY", summary.to_str().unwrap());
    let files = ["--junit", "a.xml", "--sarif", "a.sarif", "--markdown", "a.md"];
    let plant = ["--plant", "read-exposes-undurable"];
    let ended = program.run(&[&GATE[..], &files, &plant].concat());
    ended.expect(1);
    let read = |name: &str| std::fs::read_to_string(program.folder().join(name)).unwrap();
    assert!(read("a.xml").contains("<failure type=\"new-anomaly\""), "{}", read("a.xml"));
    let sarif: Value = serde_json::from_str(&read("a.sarif")).unwrap();
    let place = &sarif["runs"][0]["results"][0]["locations"][0]["physicalLocation"];
    assert_eq!(
        (&place["artifactLocation"]["uri"], &place["region"]["startLine"]),
        (&"own.toml".into(), &10.into())
    );
    assert!(read("a.md").starts_with("## ✗ GATE FAILED: "), "{}", read("a.md"));
    assert_eq!(read("summary"), read("a.md"));
    assert!(
        ended.stderr.contains("::error file=own.toml,line=10,title=rashomon gate%3A new-anomaly::")
    );
    let run = |ended: &Ended| report(ended)["regressions"][0]["run"].clone();
    let expected = program.run(&[&GATE[..], &plant, &["--expect-violation"]].concat());
    expected.expect(0);
    assert!(run(&ended).is_string() && run(&expected).is_string(), "{ended}");
    assert_ne!(run(&ended), run(&expected), "a run that another build made shows nothing");
    assert!(expected.stderr.contains("::notice ") && !expected.stderr.contains("::error "));
    let quiet = program.run(&[&GATE[..], &["--annotate", "nowhere"]].concat());
    quiet.expect(0);
    assert!(quiet.stderr.is_empty(), "{quiet}");
    let awake = program.run(&[&GATE[..], &["--expect-violation"]].concat());
    awake.expect(1);
}

#[test]
fn what_is_worse_is_told_though_no_run_and_not_every_report_can_be_written() {
    let program = accepted();
    let files = ["--junit", "nowhere/a.xml", "--sarif", "a.sarif", "--store", "own.toml"];
    let plant = ["--plant", "read-exposes-undurable"];
    let ended = program.run(&[&GATE[..3], &files, &plant].concat());
    ended.expect(1);
    let told = report(&ended);
    assert_eq!(told["regressions"][0]["regression"], "new-anomaly", "{told:#}");
    assert!(told["regressions"][0]["run"].is_null(), "{told:#}");
    assert!(program.folder().join("a.sarif").is_file(), "the other report is written");
    for told in ["cannot write nowhere/a.xml", "failing runs are not kept: "] {
        assert!(ended.stderr.contains(told), "no {told:?} in {ended}");
    }
}

#[test]
fn a_bug_that_the_file_does_not_name_any_more_is_not_known() {
    let program = accepted();
    let own = FILE.replace("bugs = [\"ml-arrival-wins\"]\n", "");
    std::fs::write(program.folder().join("own.toml"), own).unwrap();
    let dropped = program.run(&GATE);
    dropped.expect(3);
    let unknown = report(&dropped)["unknown"][0].to_string();
    assert!(unknown.contains("ml-arrival-wins was found for the baseline"), "{dropped}");
    program.run(&[&GATE[..], &["--update-baseline"]].concat()).expect(0);
    program.run(&GATE).expect(0);
}

#[test]
fn an_interrupted_gate_ends_with_130_and_writes_no_baseline() {
    let program = with_own(&FILE.replace("seeds = 12", "seeds = 100000"));
    let words = ["gate", "own.toml", "--update-baseline", "--quiet"];
    let mut command = program.command(env!("CARGO_BIN_EXE_rashomon"), &words);
    let mut child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    let journal = program.folder().join("results/campaigns/own+gate/journal.jsonl");
    while std::fs::read_to_string(&journal).map_or(0, |text| text.lines().count()) < 2 {
        assert!(child.try_wait().unwrap().is_none(), "it ended");
        std::thread::sleep(std::time::Duration::from_millis(1));
    }
    let pid = nix::unistd::Pid::from_raw(i32::try_from(child.id()).unwrap());
    nix::sys::signal::kill(pid, nix::sys::signal::Signal::SIGINT).unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(130));
    assert!(!program.folder().join("own.json").exists());
}

/// The text of each block of this language in a document.
fn blocks<'a>(document: &'a str, language: &str) -> Vec<&'a str> {
    let begin = format!("```{language}\n");
    document.split(&*begin).skip(1).map(|block| block.split("```\n").next().unwrap()).collect()
}

/// What a workflow runs, with what each is called: lines `run: COMMAND` of its steps.
fn steps(workflow: &str) -> Vec<(&str, &str)> {
    let mut steps = Vec::new();
    let mut name = "";
    for line in workflow.lines() {
        assert!(!line.contains('\t') && line == line.trim_end(), "{line:?}");
        let indented = line.len() - line.trim_start().len();
        assert!(indented % 2 == 0, "{line:?}");
        if let Some(told) = line.trim_start().strip_prefix("- name: ") {
            name = told;
        }
        if let Some(command) = line.trim_start().strip_prefix("run: ") {
            assert!(!command.starts_with(['|', '>', '{', '[', '&', '*']), "{command}");
            assert!(
                !command.contains(": ") && !command.contains(" #"),
                "YAML reads that otherwise"
            );
            steps.push((name, command));
        }
    }
    steps
}

#[test]
fn the_documentation_of_builds_does_what_it_says() {
    let document = std::fs::read_to_string(format!("{ROOT}/docs/ci.md")).unwrap();
    let readme = std::fs::read_to_string(format!("{ROOT}/README.md")).unwrap();
    let program = with_reference();
    let path = "PATH=$(dirname \"$RASHOMON\"):$PATH; ";
    for block in blocks(&document, "sh") {
        let ended = program.shell(&format!("{path}set -e; {block}"));
        ended.expect(0);
        assert!(ended.stdout.contains("✓ GATE PASSED"), "{ended}");
    }
    let [workflow] = blocks(&document, "yaml")[..] else { panic!("one workflow") };
    let github = program.with_environment("GITHUB_ACTIONS", "true");
    let summary = github.folder().join("summary");
    let github = github.with_environment("GITHUB_STEP_SUMMARY", summary.to_str().unwrap());
    let steps = steps(workflow);
    let [(_, install), gates @ ..] = &steps[..] else { panic!("{steps:?}") };
    assert!(readme.contains(&format!("{install} && ")), "the README installs it so: {install}");
    assert_eq!(gates.len(), 2, "{steps:?}");
    for (name, command) in gates {
        let ended = github.shell(&format!("{path}{command}"));
        assert_eq!(ended.code, 0, "{name}: {ended}");
    }
    for file in ["junit.xml", "rashomon.sarif", "summary"] {
        assert!(github.folder().join(file).is_file(), "{file}");
    }
    // What the file says of [gate] is read by the program.
    let [keys] = blocks(&document, "toml")[..] else { panic!("one file") };
    let own = with_own(FILE.split("[gate]").next().unwrap());
    let text = format!("{}{keys}", FILE.split("[gate]").next().unwrap());
    std::fs::write(own.folder().join("own.toml"), text).unwrap();
    let ended = own.run(&GATE);
    assert!(ended.code == 2 && ended.stderr.contains("no baseline"), "{ended}");
}
