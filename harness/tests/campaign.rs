//! A campaign makes each of its runs once, however it is killed and wherever its shares are done.
//!
//! `RASHOMON_RUNS=5000 cargo test -p rashomon --test campaign` is the long form of the first two tests.

#![allow(clippy::unwrap_used, clippy::allow_attributes, reason = "tests may")]

mod program;

use std::path::{Path, PathBuf};
use std::process::{Child, Stdio};
use std::sync::OnceLock;
use std::time::Duration;

use program::{Ended, Program};
use serde_json::Value;

/// Two workloads, two sets of faults and two targets, one of which does not keep what it claims.
const FILE: &str = r#"
format = "rashomon-campaign"
version = 1
name = "two"
seeds = SEEDS
workloads = ["register", "set"]
faults = ["none", "kill"]

[targets]
sound = "primary-replica"
broken = "primary-replica --bug pr-ack-before-fsync"

[sizes.small]
time = "1s"
ops = 150
"#;
const CELLS: u64 = 8;

fn runs() -> u64 {
    std::env::var("RASHOMON_RUNS").map_or(160, |it| it.parse().unwrap()) / CELLS * CELLS
}

fn with_file(seeds: u64) -> Program {
    let program = Program::new();
    std::fs::write(program.folder().join("two.toml"), FILE.replace("SEEDS", &seeds.to_string()))
        .unwrap();
    program
}

fn start(program: &Program, words: &[&str]) -> Child {
    let mut command = program.command(env!("CARGO_BIN_EXE_rashomon"), words);
    command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap()
}

fn lines(journal: &Path) -> usize {
    std::fs::read_to_string(journal).map_or(0, |text| text.matches('\n').count())
}

/// Starts a campaign, and awaits that its journal has grown by this number of lines: it is looked at every
/// millisecond, as long as the campaign goes on.
fn start_and_await(program: &Program, words: &[&str], journal: &Path, more: usize) -> Child {
    let before = lines(journal);
    let mut child = start(program, words);
    while lines(journal) < before + more {
        assert!(child.try_wait().unwrap().is_none(), "it ended with {} lines", lines(journal));
        std::thread::sleep(Duration::from_millis(1));
    }
    child
}

/// Kills a campaign as soon as its journal has grown by this number of lines.
fn kill_after(program: &Program, words: &[&str], journal: &Path, more: usize) {
    let mut child = start_and_await(program, words, journal, more);
    child.kill().unwrap();
    child.wait().unwrap();
}

fn report(ended: &Ended) -> Value {
    serde_json::from_str(&ended.stdout).unwrap_or_else(|_| panic!("{ended}"))
}

/// The campaign as nothing disturbs it: made once for all tests.
fn undisturbed() -> &'static Value {
    static WHOLE: OnceLock<Value> = OnceLock::new();
    WHOLE.get_or_init(|| report(&with_file(runs() / CELLS).run(&CAMPAIGN)))
}

/// What must be the same however a campaign was done.
fn matrix(told: &Value) -> Value {
    let mut told = told.clone();
    for field in ["seconds", "cpu_seconds", "done_before", "share"] {
        told.as_object_mut().unwrap().remove(field).unwrap();
    }
    for signature in told["signatures"].as_array_mut().unwrap() {
        signature.as_object_mut().unwrap().remove("run");
        signature.as_object_mut().unwrap().remove("shrunk");
    }
    told
}

const CAMPAIGN: [&str; 4] = ["campaign", "two.toml", "--json", "--quiet"];

#[test]
fn a_campaign_that_is_killed_three_times_makes_every_run_once_and_finds_the_same() {
    let whole = undisturbed();
    assert_eq!((&whole["runs"], &whole["not_run"]), (&runs().into(), &0.into()), "{whole:#}");
    assert!(whole["violations"].as_u64().unwrap() > 0, "{whole:#}");

    let killed = with_file(runs() / CELLS);
    let journal = killed.folder().join("results/campaigns/two/journal.jsonl");
    for more in [5, 17, 31] {
        kill_after(&killed, &CAMPAIGN, &journal, more);
    }
    let done = lines(&journal);
    // A line that is torn by hand, as if the last kill had come in the middle of a write.
    let text = std::fs::read(&journal).unwrap();
    std::fs::write(&journal, &text[..text.len() - 20]).unwrap();
    let rest = killed.run(&CAMPAIGN);
    let again = report(&rest);
    assert!(again["done_before"].as_u64().unwrap() > 0, "{again:#}");
    assert_eq!(matrix(&again), matrix(whole), "after {done} lines");
    assert_eq!(rest.code, 1, "{rest}");
    println!("{} runs in {} jobs", runs(), lines(&journal) - 1);

    let third = report(&killed.run(&CAMPAIGN));
    assert_eq!(third["done_before"], whole["runs"], "nothing is run twice");
    assert_eq!(matrix(&third), matrix(whole));
}

#[test]
fn shares_one_of_which_is_killed_add_up_to_the_same() {
    let whole = undisturbed();
    let shared = with_file(runs() / CELLS);
    let folder = shared.folder().join("results/campaigns/two");
    let share = |index: &'static str| [&CAMPAIGN[..], &["--share", index]].concat();
    kill_after(&shared, &share("1/4"), &folder.join("journal.1-of-4.jsonl"), 3);
    let merge = [&CAMPAIGN[..], &["--merge", "results/campaigns/two"]].concat();
    let part = shared.run(&merge);
    assert!(report(&part)["not_run"].as_u64().unwrap() > 0, "{part}");
    let mut sum = 0;
    for index in ["0/4", "1/4", "2/4", "3/4"] {
        let told = report(&shared.run(&share(index)));
        assert_eq!((&told["runs"], &told["not_run"]), (&told["asked"], &0.into()));
        sum += told["runs"].as_u64().unwrap();
    }
    assert_eq!(sum, runs());
    let merged = shared.run(&merge);
    assert_eq!(matrix(&report(&merged)), matrix(whole));
    assert_eq!(merged.code, 1, "{merged}");

    // A share whose results were changed, and sealed again, is not believed.
    forge(&folder.join("journal.2-of-4.jsonl"), "\"digest\":\"");
    let refused = shared.run(&merge);
    assert_eq!(refused.code, 70, "{refused}");
    assert!(refused.stderr.contains("found something else"), "{refused}");
}

/// Changes the digit that follows these letters in the first job of a journal, and seals it again.
fn forge(path: &Path, after: &str) {
    let text = std::fs::read_to_string(path).unwrap();
    let line = text.lines().nth(1).unwrap();
    let (body, _) = line.rsplit_once(",\"crc32\":\"").unwrap();
    let at = body.find(after).unwrap() + after.len();
    let other = if body[at..].starts_with('1') { "2" } else { "1" };
    let mut forged = body.to_owned();
    forged.replace_range(at..=at, other);
    let sum = crc32fast::hash(forged.as_bytes());
    let forged = format!("{forged},\"crc32\":\"{sum:08x}\"}}");
    std::fs::write(path, text.replacen(line, &forged, 1)).unwrap();
}

#[test]
fn a_contradiction_is_gone_with_the_journal_that_has_it_whatever_fact_is_wrong() {
    let program = with_file(2);
    let folder = program.folder().join("results/campaigns/two");
    program.run(&[&CAMPAIGN[..], &["--share", "0/1000"]].concat());
    let wrong = folder.join("journal.0-of-1000.jsonl");
    std::fs::copy(&wrong, folder.join("journal.right.jsonl")).unwrap();
    let merge = [&CAMPAIGN[..], &["--merge", "results/campaigns/two"]].concat();
    // How often something was asked is in no verdict, and follows from the seed nevertheless.
    forge(&wrong, "\"covered\":{\"cas none primary\":");
    let refused = program.run(&merge);
    assert_eq!(refused.code, 70, "{refused}");
    assert_eq!(lines(&folder.join("journal.jsonl")), 1, "nothing is written before all is known");
    assert!(refused.stderr.contains("two/journal.jsonl too"), "{refused}");
    std::fs::remove_file(&wrong).unwrap();
    let merged = program.run(&merge);
    assert_ne!(merged.code, 70, "{merged}");
    assert!(report(&merged)["runs"].as_u64().unwrap() > 0, "{merged}");
}

#[test]
fn results_that_another_process_writes_are_not_put_aside() {
    let program = with_file(1);
    program.run(&CAMPAIGN);
    let folder = program.folder().join("results/campaigns/two");
    let fresh = [&CAMPAIGN[..], &["--fresh"]].concat();
    let written = std::fs::OpenOptions::new().append(true).open(folder.join("journal.jsonl"));
    let written = written.unwrap();
    written.lock().unwrap();
    let refused = program.run(&fresh);
    refused.expect(2);
    assert!(refused.stderr.contains("another process runs this campaign"), "{refused}");
    assert!(!folder.with_file_name("two.old-1").exists(), "nothing is moved");
    written.unlock().unwrap();
    assert_eq!(report(&program.run(&fresh))["done_before"], 0);
    assert!(folder.with_file_name("two.old-1").exists());
}

#[test]
fn a_journal_of_another_file_or_another_build_is_refused_with_the_fix() {
    let program = with_file(2);
    program.run(&CAMPAIGN).expect(1);
    let file = program.folder().join("two.toml");
    std::fs::write(&file, FILE.replace("SEEDS", "3")).unwrap();
    let refused = program.run(&CAMPAIGN);
    refused.expect(2);
    assert!(refused.stderr.contains("another campaign"), "{refused}");
    assert!(refused.stderr.contains("--fresh"), "{refused}");
    std::fs::write(&file, FILE.replace("SEEDS", "2")).unwrap();
    let journal = program.folder().join("results/campaigns/two/journal.jsonl");
    let text = std::fs::read_to_string(&journal).unwrap();
    let canary = text.find("\"canary\":\"").unwrap() + "\"canary\":\"".len();
    let mut other = text.clone();
    other.replace_range(canary..canary + 8, "00000000");
    std::fs::write(&journal, other).unwrap();
    let refused = program.run(&CAMPAIGN);
    refused.expect(2);
    assert!(refused.stderr.contains("another build"), "{refused}");
    assert!(refused.stderr.contains("--fresh"), "{refused}");
    let fresh = program.run(&[&CAMPAIGN[..], &["--fresh"]].concat());
    assert_eq!(report(&fresh)["done_before"], 0, "{fresh}");
    assert!(program.folder().join("results/campaigns/two.old-1/journal.jsonl").is_file());
}

#[test]
fn what_is_wrong_with_a_file_is_told_with_its_line_and_column_and_the_fix() {
    let program = Program::new();
    let path = program.folder().join("two.toml");
    let file = FILE.replace("SEEDS", "2");
    for (from, to, told) in [
        ("seeds = 2", "sedes = 2", &["two.toml:5:1: there is no key `sedes`", "`seeds`"][..]),
        ("seeds = 2", "seeds = \"9-3\"", &["two.toml:5:9: ", "seeds = \"1-50\""]),
        ("seeds = 2", "seeds = true", &["two.toml:5:9: ", "seeds = 50"]),
        ("\"kill\"]", "\"kil\"]", &["two.toml:7:19: ", "did you mean `kill`?"]),
        ("\"set\"]", "\"register\"]", &["two.toml:6:26: `register` is listed twice"]),
        ("\"register\", ", "\"rgister\", ", &["two.toml:6:14: ", "did you mean `register`?"]),
        ("150", "\"many\"", &["two.toml:15:7: it takes a whole number", "ops = 100"]),
        ("150", "0", &["two.toml:15:7: it takes a whole number from 1"]),
        ("\"1s\"", "\"1\"", &["two.toml:14:8: ", "such as 500ms"]),
        ("time = \"1s\"", "tiem = \"1s\"", &["two.toml:14:1: ", "did you mean `time`?"]),
        ("sound = \"primary-replica\"", "sound = \"primary-replca\"", &["two.toml:10:9: "]),
        ("pr-ack-before-fsync", "pr-ack", &["two.toml:11:10: ", "no bug has this name"]),
        ("name = \"two\"", "name = \"../two\"", &["two.toml:4:8: a name has"]),
        ("name = \"two\"", "", &["`name` is missing; write name = \"nightly\""]),
        ("version = 1", "version = 2", &["two.toml:3:11: this build reads version = 1"]),
        ("[targets]", "[targets", &["two.toml:9:"]),
        ("[targets]", "[profile.ci]\ntargets = [\"sond\"]\n[targets]", &[":10:12: ", "`sound`"]),
        ("[\"none\", \"kill\"]", "[]", &["two.toml:7:10: the list is empty"]),
    ] {
        assert!(file.contains(from), "{from}");
        std::fs::write(&path, file.replacen(from, to, 1)).unwrap();
        let refused = program.run(&CAMPAIGN);
        refused.expect(2);
        for told in told {
            assert!(refused.stderr.contains(told), "{to}: no {told:?} in {refused}");
        }
    }
    assert!(!program.folder().join("results").exists(), "nothing was begun");
    std::fs::write(&path, &file).unwrap();
    let refused = program.run(&[&CAMPAIGN[..], &["--profile", "ci"]].concat());
    assert!(refused.code == 2 && refused.stderr.contains("no such profile"), "{refused}");
}

#[test]
fn the_example_runs_its_profile_and_says_what_it_does_not_run() {
    let program = Program::new();
    let example = program.run(&["campaign", "--example"]);
    let set = "workloads = [\"register\"]\ntargets";
    assert!(example.stdout.contains(set), "{example}");
    // A target has no copies to compare, and one promises nothing of the others.
    let more = "workloads = [\"register\", \"bank\"]\ntargets";
    let text = example.stdout.replace(set, more).replace("seeds = \"1-4\"", "seeds = 2");
    std::fs::write(program.folder().join("nightly.toml"), text).unwrap();
    let words = ["campaign", "nightly.toml", "--profile", "ci", "--markdown", "summary.md"];
    let ended = program.run(&words);
    assert!([0, 3].contains(&ended.code), "{ended}");
    assert!(!ended.stdout.contains('\x1b') && !ended.stderr.contains('\x1b'), "{ended}");
    for told in ["register small sim", "– n/a", "does not offer", "write at primary"] {
        assert!(ended.stdout.contains(told), "no {told:?} in {ended}");
    }
    for told in ["estimate: ", "core-hours", "– quorum / bank / none / small / sim"] {
        assert!(ended.stderr.contains(told), "no {told:?} in {ended}");
    }
    let markdown = std::fs::read_to_string(program.folder().join("summary.md")).unwrap();
    assert!(markdown.contains("| register small sim | primary | quorum |"), "{markdown}");
    assert!(program.folder().join("results/campaigns/nightly.ci/journal.jsonl").is_file());
}

#[test]
fn a_budget_that_is_spent_says_what_was_not_run_and_the_rest_can_follow() {
    let program = with_file(4);
    let none = program.run(&[&CAMPAIGN[..2], &["--budget", "1ms"]].concat());
    none.expect(3);
    assert!(none.stdout.contains("32 runs not run: its budget of time was spent"), "{none}");
    assert!(none.stdout.contains("– not run"), "{none}");
    let told = report(&program.run(&CAMPAIGN));
    assert_eq!((&told["runs"], &told["budget_spent"]), (&32.into(), &false.into()), "{told:#}");
}

#[test]
fn an_interrupted_campaign_ends_with_130_and_goes_on_from_there() {
    let program = Program::new();
    let sound = FILE.replace("SEEDS", "400").replace("broken", "other");
    let sound = sound.replace(" --bug pr-ack-before-fsync", " --replication sync");
    std::fs::write(program.folder().join("two.toml"), sound).unwrap();
    let journal: PathBuf = program.folder().join("results/campaigns/two/journal.jsonl");
    let mut child = start_and_await(&program, &CAMPAIGN, &journal, 4);
    let pid = nix::unistd::Pid::from_raw(i32::try_from(child.id()).unwrap());
    nix::sys::signal::kill(pid, nix::sys::signal::Signal::SIGINT).unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(130));
    let done = lines(&journal);
    let next = report(&program.run(&[&CAMPAIGN[..], &["--budget", "1ms"]].concat()));
    assert!(next["done_before"].as_u64().unwrap() > 0, "{next:#}");
    assert_eq!(lines(&journal), done, "the journal is whole");
}

#[test]
fn the_shortest_failure_is_kept_and_its_seed_is_tried_first_by_the_next_campaign() {
    let program = with_file(12);
    let told = report(&program.run(&CAMPAIGN));
    let signature = &told["signatures"][0];
    let run = signature["run"].as_str().expect("it is kept");
    let words: Vec<&str> = signature["again"].as_str().unwrap().split(' ').skip(1).collect();
    let again = report(&program.run(&[&words[..], &["--json"]].concat()));
    assert_eq!((&again["exit"], &again["seed"]), (&1.into(), &signature["seed"]), "{again:#}");
    assert_eq!(again["evidence"]["operations"], signature["operations"]);
    let replayed = program.run(&["replay", run]);
    assert!(replayed.code == 1 && replayed.stderr.contains("byte for byte"), "{replayed}");
    // It is cut down to the least, which fails in the same way.
    let least = signature["shrunk"].as_str().expect("it is cut down");
    let shown = program.run(&["replay", least, "--json"]);
    assert!(
        shown.code == 1 && report(&shown)["evidence"]["operations"].as_u64() < Some(20),
        "{shown}"
    );
    let story = program.folder().join(run).join("story.txt");
    let written = std::fs::read_to_string(&story).unwrap();
    // As if the program had been killed before it had written the story.
    std::fs::remove_file(&story).unwrap();
    let plain = report(&program.run(&[&CAMPAIGN[..], &["--no-shrink"]].concat()));
    assert!(plain["signatures"][0]["shrunk"].is_null() && !story.exists(), "{plain:#}");
    let kept = std::fs::read_dir(program.folder().join("results/runs")).unwrap().count();
    program.run(&CAMPAIGN).expect(1);
    let after = std::fs::read_dir(program.folder().join("results/runs")).unwrap().count();
    assert_eq!(after, kept, "what is kept is not kept again");
    assert_eq!(std::fs::read_to_string(&story).unwrap(), written, "it is cut down again");

    let file = program.folder().join("two.toml");
    let other = FILE.replace("SEEDS", "\"1001-1002\"").replace("\"two\"", "\"next\"");
    std::fs::write(file, other).unwrap();
    let next = program.run(&CAMPAIGN);
    let told = report(&next);
    assert!(told["old_seeds"]["tried"].as_u64().unwrap() > 0, "{told:#}");
    assert_eq!(told["old_seeds"]["tried"], told["old_seeds"]["failing"], "{told:#}");
    assert_eq!((&told["runs"], next.code), (&16.into(), 1), "they are no runs of the campaign");
    let journal = program.folder().join("results/campaigns/next/journal.jsonl");
    let text = std::fs::read_to_string(journal).unwrap();
    assert!(text.lines().nth(1).unwrap().contains("\"old\":true"), "they come first: {text}");
}

#[test]
fn the_shortest_failure_of_each_cell_is_remembered() {
    let program = Program::new();
    // The same bug in clusters of two sizes: failures of one signature in several cells.
    let more = "sound = \"primary-replica --nodes 5 --bug pr-ack-before-fsync\"";
    let file = FILE.replace("SEEDS", "12").replace("sound = \"primary-replica\"", more);
    std::fs::write(program.folder().join("two.toml"), file).unwrap();
    let told = report(&program.run(&CAMPAIGN));
    let cells: Vec<u64> = told["signatures"]
        .as_array()
        .unwrap()
        .iter()
        .map(|it| it["cells_hit"].as_u64().unwrap())
        .collect();
    assert!(cells.iter().any(|&cells| cells > 1), "{told:#}");
    let seeds =
        std::fs::read_to_string(program.folder().join("results/campaigns/failing-seeds.jsonl"))
            .unwrap();
    assert_eq!(seeds.lines().count() as u64 - 1, cells.iter().sum::<u64>(), "{seeds} {told:#}");
}

#[test]
fn the_file_for_slurm_does_the_whole_campaign() {
    let program = with_file(2);
    let export = program.run(&["campaign", "two.toml", "--export", "slurm", "--shares", "3"]);
    export.expect(0);
    std::fs::write(program.folder().join("campaign.sbatch"), &export.stdout).unwrap();
    assert!(export.stdout.contains("#SBATCH --array=0-2\n"), "{export}");
    let script = "set -e
        for share in 0 1 2; do
            PATH=$(dirname \"$RASHOMON\"):$PATH SLURM_ARRAY_TASK_ID=$share bash campaign.sbatch >&2
        done
        PATH=$(dirname \"$RASHOMON\"):$PATH
        RASHOMON_CAMPAIGNS=$PWD/results/campaigns
        command=$(sed -n 's/^# Afterwards: //p' campaign.sbatch)
        eval \"$command --json\"";
    let merged = program.shell(script);
    let told = report(&merged);
    assert_eq!((&told["runs"], merged.code), (&16.into(), 1), "{merged}");

    let words = ["campaign", "two.toml", "--export", "kubernetes", "--shares", "3"];
    let refused = program.run(&words);
    assert!(refused.code == 2 && refused.stderr.contains("--image"), "{refused}");
    let job = program.run(&[&words[..], &["--image", "registry/rashomon:1"]].concat());
    for part in
        ["completionMode: Indexed", "completions: 3", "    name = \"two\"", "/campaign.toml"]
    {
        assert!(job.stdout.contains(part), "no {part:?} in {job}");
    }
}

#[test]
fn every_command_of_the_document_does_what_it_is_there_for() {
    let document = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/campaigns.md");
    let document = std::fs::read_to_string(document).unwrap();
    let program = Program::new();
    let mut tried = 0;
    for block in document.split("```sh\n").skip(1) {
        for line in block.split("```").next().unwrap().lines() {
            let ended = program.shell(&format!("PATH=$(dirname \"$RASHOMON\"):$PATH; {line}"));
            assert!([0, 3].contains(&ended.code), "{line}: {ended}");
            assert!(!ended.stderr.contains("error:"), "{line}: {ended}");
            tried += 1;
        }
    }
    assert!(tried > 7, "{tried} commands were found");
    let merged = program.run(&["campaign", "nightly.toml", "--profile", "ci", "--json"]);
    assert_eq!(report(&merged)["done_before"], report(&merged)["asked"], "{merged}");
}
