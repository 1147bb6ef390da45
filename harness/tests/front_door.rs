//! The first minutes with the program: what it prints where, its stored runs, its messages.

#![allow(clippy::unwrap_used, clippy::allow_attributes, reason = "tests may")]

mod program;

use program::{Ended, Program};

#[test]
fn commands_stand_below_the_box_unbroken_and_the_verdict_is_the_last_line() {
    let program = Program::new();
    for (reads, title) in [("replica", "✗ VIOLATION"), ("primary", "✓ NO VIOLATION FOUND")] {
        let ended = program.run(&[
            "run",
            "--sim",
            "--seed",
            "3",
            "--reads",
            reads,
            "--require",
            "linearizable",
        ]);
        let lines: Vec<&str> = ended.stdout.lines().collect();
        let bottom = lines.iter().position(|line| line.starts_with('╰')).unwrap();
        assert!(lines[..=bottom].iter().all(|line| line.chars().count() == 80), "{ended}");
        let again = lines[bottom + 1].strip_prefix("  again     ").expect("again is below");
        let replay = lines[bottom + 2].strip_prefix("  replay    ").expect("replay is below");
        let mut left = lines[bottom + 3..].iter();
        if ended.code == 1 {
            assert!(left.next().unwrap().starts_with("  shrink    rashomon shrink "), "{ended}");
        }
        assert!(left.next().unwrap().starts_with("  run       "), "{ended}");
        let last = lines.last().unwrap();
        assert!(
            last.starts_with(title) && last.contains(&format!("exit {}", ended.code)),
            "{ended}"
        );
        // They do as printed what they say.
        for command in [again, replay] {
            let words: Vec<&str> = command.split(' ').skip(1).collect();
            assert_eq!(program.run(&words).code, ended.code, "{command}");
        }
    }
}

/// Three runs: a violation, one that is valid, one that was killed before it was judged.
fn three_runs() -> (Program, Vec<String>) {
    let program = Program::new();
    for (reads, code) in [("replica", 1), ("primary", 0), ("primary", 0)] {
        program
            .run(&["run", "--sim", "--seed", "3", "--reads", reads, "--require", "linearizable"])
            .expect(code);
    }
    let newest = std::fs::canonicalize(program.latest()).unwrap();
    std::fs::remove_file(newest.join("verdict.json")).unwrap();
    let ids = listed(&program).into_iter().map(|row| row[1].clone()).collect();
    (program, ids)
}

/// The rows of `list runs`, in words.
fn listed(program: &Program) -> Vec<Vec<String>> {
    let ended = program.run(&["list", "runs"]);
    ended.expect(0);
    let words = |line: &str| line.split_whitespace().map(str::to_owned).collect();
    ended.stdout.lines().map(words).collect()
}

#[test]
fn stored_runs_are_listed_newest_first_with_their_verdicts() {
    let (program, ids) = three_runs();
    let verdicts: Vec<String> = listed(&program).into_iter().map(|row| row[0].clone()).collect();
    assert_eq!(verdicts, ["unfinished", "valid", "violation"]);
    let ended = program.run(&["list", "runs", "--json"]);
    let rows: Vec<serde_json::Value> = serde_json::from_str(&ended.stdout).unwrap();
    assert_eq!(rows.iter().map(|row| row["name"].as_str().unwrap()).collect::<Vec<_>>(), ids);
    assert!(rows[2]["summary"].as_str().unwrap().contains("read"), "{ended}");
    let none = Program::new().run(&["list", "runs"]);
    assert!(none.code == 0 && none.stderr.contains("no runs in"), "{none}");
}

#[test]
fn prune_removes_old_runs_and_nothing_else() {
    let (program, ids) = three_runs();
    let store = program.folder().join("results/runs");
    std::fs::create_dir(store.join("my-notes")).unwrap();
    std::fs::write(store.join("my-notes/run.toml"), "seed = 1\n").unwrap();
    let unsaid = program.run(&["prune"]);
    assert!(unsaid.code == 2 && unsaid.stderr.contains("--keep"), "{unsaid}");
    let dry = program.run(&["prune", "--keep", "0", "--dry-run"]);
    assert!(dry.stdout.contains("would remove 2 runs; 1 run left"), "{dry}");
    assert_eq!(listed(&program).len(), 3);
    program.run(&["prune", "--older-than", "1d"]).expect(0);
    assert_eq!(listed(&program).len(), 3, "all of them are young");
    program.run(&["prune", "--keep", "2"]).expect(0);
    let left: Vec<String> = listed(&program).into_iter().map(|row| row[1].clone()).collect();
    assert_eq!(left, ids[..2]);
    // The newest has no verdict and may still go on.
    program.run(&["prune", "--keep", "0"]).expect(0);
    let left: Vec<String> = listed(&program).into_iter().map(|row| row[1].clone()).collect();
    assert_eq!(left, ids[..1]);
    assert!(store.join("my-notes/run.toml").exists(), "it is no run of ours");
}

#[test]
fn a_store_elsewhere_is_listed_and_pruned() {
    let program = Program::new().with_environment("RASHOMON_STORE", "elsewhere");
    let ended: Ended = program.run(&["run", "--sim", "--seed", "3", "--ops", "100"]);
    assert!(ended.stdout.contains("elsewhere/"), "{ended}");
    assert_eq!(listed(&program).len(), 1);
    program.run(&["prune", "--keep", "0"]).expect(0);
    assert!(listed(&program).is_empty());
}

#[test]
fn shells_and_man_know_every_command() {
    let program = Program::new();
    let commands = ["run", "check", "replay", "list", "prune", "completions", "man"];
    for shell in ["bash", "zsh", "fish"] {
        let ended = program.run(&["completions", shell]);
        ended.expect(0);
        assert!(commands.iter().all(|name| ended.stdout.contains(name)), "{shell}");
        assert!(ended.stdout.contains("budget-memory"), "flags of commands, too: {shell}");
    }
    let page = program.run(&["man"]);
    assert!(page.code == 0 && page.stdout.contains(".TH rashomon 1"), "{page}");
    for name in commands {
        assert!(page.stdout.contains(name), "{name} in\n{page}");
        let ended = program.run(&["man", name]);
        assert!(ended.code == 0 && ended.stdout.contains(".TH"), "{ended}");
    }
    let ended = program.run(&["man", "rn"]);
    assert!(ended.code == 2 && ended.stderr.contains("run, check"), "{ended}");
}

#[test]
fn every_typo_is_told_in_a_sentence_with_the_fix() {
    let program = Program::new();
    let cases: [(&[&str], &str); 30] = [
        (&["replai"], "did you mean `replay`?"),
        (&["rnu"], "did you mean `run`?"),
        (&["run", "primry-replica"], "TARGET does not take `primry-replica`"),
        (&["run", "--seed", "-1"], "numbers cannot be negative here"),
        (&["run", "--base-port", "99999"], "a whole number from 1 to 65535"),
        (&["check", "a.edn", "--format", "jsn"], "did you mean `json-"),
        (&["claims", "--nodes", "9"], "a whole number from 3 to 7"),
        (&["claims", "--seed", "x"], "a whole number from 0"),
        (&["claims", "--plan", "no-such-file"], "cannot read no-such-file"),
        (&["run", "--sedd", "1"], "did you mean `--seed`?"),
        (
            &["run", "primary-bakup"],
            "TARGET does not take `primary-bakup`; did you mean `primary-replica`?",
        ),
        (&["run", "--workload", "registr"], "did you mean `register`?"),
        (&["run", "--faults", "partitoin"], "did you mean `partition`?"),
        (&["run", "--bug", "pr-ack-before-fsyn"], "did you mean `pr-ack-before-fsync`?"),
        (&["run", "--replication", "semisync"], "did you mean `semi-sync`?"),
        (&["run", "--time", "5"], "such as 500ms, 10s"),
        (&["run", "--ops", "many"], "a whole number from 1"),
        (&["run", "--nodes", "0"], "a whole number from 1 to 64"),
        (&["run", "--processes", "0"], "a whole number from 1 to 10000"),
        (&["run", "--seed", "x"], "a whole number from 0"),
        (&["run", "--keep-going"], "--seeds"),
        (&["run", "leaderless", "-r", "x"], "a whole number from 1 to 64"),
        (&["check", "a.edn", "--model", "registe"], "did you mean `register`?"),
        (&["check", "a.edn", "--budget-memory", "5X"], "500MB"),
        (&["check", "a.edn", "--budget-seconds", "soon"], "a whole number from 0"),
        (&["check", "no-such-file"], "cannot read no-such-file"),
        (&["replay", "lastest"], "`latest`, an id or a unique prefix"),
        (&["list", "bug"], "did you mean `bugs`?"),
        (&["prune"], "--keep N, --older-than TIME, or both"),
        (&["prune", "--older-than", "week"], "7d"),
    ];
    for (arguments, fix) in cases {
        let ended = program.run(arguments);
        assert_eq!(ended.code, 2, "{arguments:?}\n{ended}");
        assert!(ended.stderr.contains(fix), "{fix:?} in\n{ended}");
        let sentences = ended.stderr.lines().filter(|line| line.starts_with("error: ")).count();
        assert_eq!((sentences, ended.stdout.as_str()), (1, ""), "{ended}");
    }
}

/// Of each flag, its last two letters changed places, or one is left out.
#[test]
fn a_slip_in_any_flag_of_any_command_is_told_with_the_flag() {
    let program = Program::new();
    let mut tried = 0;
    for command in
        ["run", "check", "replay", "list", "prune", "claims", "bugs", "completions", "man"]
    {
        let help = program.run(&[command, "--help"]).stdout;
        let words = help.split(|letter: char| !(letter == '-' || letter.is_ascii_lowercase()));
        for flag in words.filter(|word| word.starts_with("--") && word.len() > 4) {
            let (start, end) = flag.split_at(flag.len() - 2);
            let swapped: String = end.chars().rev().collect();
            let slip = format!("{start}{}", if swapped == end { &end[1..] } else { &swapped });
            let ended = program.run(&[command, &slip]);
            let said = format!("error: unexpected argument `{slip}`; did you mean `{flag}`?\n");
            assert_eq!((ended.code, &ended.stderr), (2, &said), "{command} {slip}");
            tried += 1;
        }
    }
    assert!(tried > 50, "{tried} flags");
}

/// The line of a seed and the box tell the same anomaly.
#[test]
fn the_line_of_a_seed_and_its_box_tell_the_same_anomaly() {
    let words = "run --reads replica --require linearizable --faults partition --time 2s --sim --seed 7 \
                 --seeds 1";
    let ended = Program::new().run(&words.split_whitespace().collect::<Vec<_>>());
    assert_eq!(ended.code, 1, "{ended}");
    let line = ended.stdout.lines().find(|line| line.starts_with("VIOLATION  seed 7 "));
    let line = line.unwrap_or_else(|| panic!("{ended}"));
    let (_, why) = line.split_once(" ops  ").unwrap();
    let flat = ended.stdout.replace('│', " ").split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(!why.is_empty() && flat.contains(&format!("found stale read: {why}")), "{ended}");
}

#[test]
fn one_operation_on_one_key_is_written_in_the_singular() {
    let program = Program::new();
    let history = r#"{"process":0,"type":"invoke","f":"write","key":"k","value":1}
{"process":0,"type":"ok","f":"write","key":"k","value":1}
"#;
    std::fs::write(program.folder().join("one.jsonl"), history).unwrap();
    let ended = program.run(&["check", "one.jsonl"]);
    assert!(ended.stdout.contains("1 operation on 1 key, up to 1 at once"), "{ended}");
}

#[test]
fn a_doubt_that_two_checks_share_is_told_once() {
    let words = "run --sim --ops 1 --processes 1 --faults none --seed 3";
    let ended = Program::new().run(&words.split(' ').collect::<Vec<_>>());
    assert_eq!(ended.code, 3, "{ended}");
    let line = "│ doubt     target: vacuous: nothing was acknowledged";
    assert_eq!(ended.stdout.matches(line).count(), 1, "{ended}");
}
