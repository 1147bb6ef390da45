//! What `rashomon check` can be pointed at.

#![allow(clippy::unwrap_used, clippy::allow_attributes, reason = "tests may")]

mod program;

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::{Duration, Instant};

use program::{Ended, Program};

/// Writes a file into the program's folder.
fn file(program: &Program, name: &str, text: impl AsRef<[u8]>) -> PathBuf {
    let path = program.folder().join(name);
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(&path, text).unwrap();
    path
}

fn check(program: &Program, paths: &[&Path], flags: &[&str]) -> (Ended, serde_json::Value) {
    let mut arguments = vec!["check", "--json"];
    arguments.extend(paths.iter().map(|path| path.to_str().unwrap()));
    arguments.extend(flags);
    let ended = program.run(&arguments);
    let told = serde_json::from_str(&ended.stdout).unwrap_or_default();
    (ended, told)
}

/// A write and a read after it that does not see it.
const STALE: &str = "{\"process\":\"a\",\"type\":\"invoke\",\"f\":\"write\",\"value\":1,\"time\":1.0}\n\
                     {\"process\":\"a\",\"type\":\"ok\",\"f\":\"write\",\"value\":1,\"time\":2.0}\n\
                     {\"process\":\"b\",\"type\":\"invoke\",\"f\":\"read\",\"time\":3.0}\n\
                     {\"process\":\"b\",\"type\":\"ok\",\"f\":\"read\",\"value\":null,\"time\":4.0}\n";

fn packed(text: &str) -> Vec<u8> {
    let mut packer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    packer.write_all(text.as_bytes()).unwrap();
    packer.finish().unwrap()
}

#[test]
fn a_packed_history_is_read_from_a_file_and_from_a_pipe() {
    let program = Program::new();
    let path = file(&program, "history.jsonl.gz", packed(STALE));
    check(&program, &[&path], &[]).0.expect(1);
    let ended = program.shell("cat history.jsonl.gz | \"$RASHOMON\" check -");
    ended.expect(1);
    let cut = packed(STALE);
    let path = file(&program, "cut.gz", &cut[..cut.len() - 10]);
    let (ended, _) = check(&program, &[&path], &[]);
    ended.expect(2);
    assert!(ended.stderr.contains("cut.gz"), "{ended}");
}

#[test]
fn several_files_are_one_history_by_time() {
    let program = Program::new();
    let lines: Vec<&str> = STALE.lines().collect();
    let (write, read) = (lines[..2].join("\n"), lines[2..].join("\n"));
    let write = file(&program, "a.jsonl", write + "\n");
    let read = file(&program, "b.jsonl.gz", packed(&(read + "\n")));
    for paths in [[&*write, &*read], [&*read, &*write]] {
        let (ended, told) = check(&program, &paths, &[]);
        ended.expect(1);
        assert_eq!(told["order"], "times");
        assert_eq!(told["files"].as_array().unwrap().len(), 2);
    }
    // A process of the same name that overlaps itself says what to do.
    let (ended, _) = check(&program, &[&write, &write], &[]);
    ended.expect(2);
    assert!(
        ended.stderr.contains("different names") && ended.stderr.contains("a.jsonl"),
        "{ended}"
    );
    let untimed = file(&program, "c.jsonl", "{\"process\":7,\"type\":\"invoke\",\"f\":\"read\"}\n");
    let (ended, _) = check(&program, &[&write, &untimed], &[]);
    ended.expect(2);
    assert!(ended.stderr.contains("c.jsonl: line 1: this event has no time"), "{ended}");
}

#[test]
fn a_folder_is_searched_for_its_history() {
    let program = Program::new();
    let edn = "{:process 0, :type :invoke, :f :write, :value 1}\n{:process 0, :type :ok, :f :write, :value 1}\n";
    file(&program, "store/register/20261124T000000.000Z/history.edn", edn);
    let store = program.folder().join("store");
    let (ended, told) = check(&program, &[&store], &[]);
    ended.expect(0);
    assert!(
        told["files"][0].as_str().unwrap().ends_with("20261124T000000.000Z/history.edn"),
        "{ended}"
    );
    file(&program, "store/register/20261125T000000.000Z/history.edn", edn);
    let (ended, _) = check(&program, &[&store], &[]);
    ended.expect(2);
    assert!(ended.stderr.contains("20261124T") && ended.stderr.contains("20261125T"), "{ended}");
    let ended = program.run(&["run", "--sim", "--seed", "1", "--ops", "50"]);
    // The folder of a run of ours is asked what the run asked; with a model, its history is read.
    let (checked, _) = check(&program, &[&program.latest()], &[]);
    assert_eq!(checked.code, ended.code, "{checked}");
    let (checked, told) = check(&program, &[&program.latest()], &["--model", "cas-register"]);
    assert!(told["files"][0].as_str().unwrap().ends_with("history.jsonl"), "{checked}");
}

#[test]
fn a_log_of_ones_own_is_judged_by_a_mapping() {
    let program = Program::new();
    let csv = "at;until;who;call;id;amount;status\n\
               2026-11-24T10:00:01Z;2026-11-24T10:00:02Z;a;PUT;x;1;200\n\
               \n\
               2026-11-24T10:00:03Z;2026-11-24T10:00:04Z;b;GET;x;;200\n\
               2026-11-24T10:00:05Z;;b;PUT;x;\"2\";\n";
    let csv = file(&program, "requests.csv", csv);
    let map = "separator = \";\"\nprocess = \"who\"\nfunction = \"call\"\nkey = \"id\"\nvalue = \"amount\"\n\
               start = \"at\"\nend = \"until\"\noutcome = \"status\"\n\
               [functions]\nGET = \"read\"\nPUT = \"write\"\n[types]\n200 = \"ok\"\n";
    let map = file(&program, "map.toml", map);
    let flags = ["--map", map.to_str().unwrap()];
    let (ended, told) = check(&program, &[&csv], &flags);
    ended.expect(1);
    assert_eq!(told["operations"], 3);
    let witness = &told["checks"][0]["anomalies"][0]["witness"]["operations"];
    assert_eq!(witness[0]["process_name"], "a", "{ended}");
    let wrong = std::fs::read_to_string(&csv).unwrap().replace(";;200", ";;418");
    let wrong = file(&program, "wrong.csv", wrong);
    let (ended, _) = check(&program, &[&wrong], &flags);
    ended.expect(2);
    assert!(ended.stderr.contains("wrong.csv: line 4: `418` is neither"), "{ended}");
    // Rows that are events, as JSON lines with fields within fields.
    let json = "{\"ctx\":{\"client\":\"a\"},\"phase\":\"start\",\"op\":\"set\",\"args\":[1],\"ts\":1.5}\n\
                {\"ctx\":{\"client\":\"a\"},\"phase\":\"done\",\"op\":\"set\",\"args\":[1],\"ts\":2.5}\n";
    let json = file(&program, "events.json", json);
    let map = "process = \"ctx.client\"\nfunction = \"op\"\nvalue = \"args\"\ntype = \"phase\"\ntime = \"ts\"\n\
               [functions]\nset = \"write\"\n[types]\nstart = \"invoke\"\ndone = \"ok\"\n";
    let map = file(&program, "map2.toml", map);
    let (ended, told) = check(&program, &[&json], &["--map", map.to_str().unwrap()]);
    ended.expect(0);
    assert_eq!(told["operations"], 1);
    let bad = file(&program, "bad.toml", "function = \"op\"\nkeey = \"k\"\n");
    let (ended, _) = check(&program, &[&json], &["--map", bad.to_str().unwrap()]);
    ended.expect(2);
    assert!(ended.stderr.contains("bad.toml: line 2: unknown field `keey`"), "{ended}");
}

/// The least operations that intervals of a mapping can have are judged as their events are.
#[test]
fn a_process_that_overlaps_itself_is_named_by_the_row() {
    let program = Program::new();
    let csv = file(&program, "rows.csv", "s,e,p,f,v\n1,5,w,write,1\n2,6,w,write,2\n");
    let map = "process = \"p\"\nfunction = \"f\"\nvalue = \"v\"\nstart = \"s\"\nend = \"e\"\n";
    let map = file(&program, "map.toml", map);
    let (ended, _) = check(&program, &[&csv], &["--map", map.to_str().unwrap()]);
    ended.expect(2);
    assert!(ended.stderr.contains("rows.csv: line 3: "), "{ended}");
    assert!(ended.stderr.contains("process w"), "{ended}");
}

/// Waits for the end of a child, which must come by itself.
fn ended(mut child: std::process::Child) -> (i32, Duration, String) {
    let begun = Instant::now();
    while child.try_wait().unwrap().is_none() {
        if begun.elapsed() > Duration::from_mins(1) {
            child.kill().unwrap();
            panic!("it waits for ever");
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    let output = child.wait_with_output().unwrap();
    let text = String::from_utf8_lossy(&output.stdout).into_owned()
        + &String::from_utf8_lossy(&output.stderr);
    (output.status.code().unwrap_or(-1), begun.elapsed(), text)
}

/// Makes a pipe with the name `fifo`.
fn make_fifo(program: &Program) {
    let made = std::process::Command::new("mkfifo").arg(program.folder().join("fifo")).status();
    assert!(made.unwrap().success());
}

/// Starts the program, with pipes for what it says.
fn start(program: &Program, arguments: &[&str], stdin: Stdio) -> std::process::Child {
    let mut command = program.command(env!("CARGO_BIN_EXE_rashomon"), arguments);
    command.stdin(stdin).stdout(Stdio::piped()).stderr(Stdio::piped());
    command.spawn().unwrap()
}

#[test]
fn a_pipe_that_is_silent_is_given_up_when_the_time_is_up() {
    let program = Program::new();
    make_fifo(&program);
    let spawn = |arguments: &[&str], stdin| start(&program, arguments, stdin);
    // Nobody ever writes to it.
    let (code, _, text) = ended(spawn(&["check", "fifo", "--budget-seconds", "1"], Stdio::null()));
    assert_eq!(code, 3, "{text}");
    assert!(text.contains("the time budget of 1 s was spent"), "{text}");
    // A beginning comes, and then silence: it is judged.
    let mut child = spawn(&["check", "-", "--budget-seconds", "1"], Stdio::piped());
    let mut pipe = child.stdin.take().unwrap();
    pipe.write_all(STALE.as_bytes()).unwrap();
    let (code, _, text) = ended(child);
    assert_eq!(code, 1, "what was found stays found: {text}");
    drop(pipe);
}

#[test]
fn what_is_not_judged_because_the_time_is_up_asks_for_time_not_for_memory() {
    let program = Program::new();
    for asked in [["--invariant", "monotonic"], ["--require", "causal"]] {
        let arguments = ["check", "-", "--budget-seconds", "1", asked[0], asked[1]];
        let mut child = start(&program, &arguments, Stdio::piped());
        let mut pipe = child.stdin.take().unwrap();
        let written = STALE.lines().take(2).fold(String::new(), |text, line| text + line + "\n");
        pipe.write_all(written.as_bytes()).unwrap();
        let (code, _, text) = ended(child);
        assert_eq!(code, 3, "{text}");
        assert!(text.contains("a larger --budget-seconds"), "{text}");
        assert!(!text.contains("could be held"), "{text}");
        drop(pipe);
    }
}

#[test]
#[cfg(target_os = "linux")]
fn a_pipe_that_is_silent_is_given_up_at_ctrl_c() {
    let program = Program::new();
    make_fifo(&program);
    // Once it listens: then it has set up its answer to signals, and opened the pipe.
    let child = start(&program, &["check", "fifo"], Stdio::null());
    let id = child.id().to_string();
    let signals = format!("/proc/{id}/status");
    let begun = Instant::now();
    while !caught_interrupt(&signals) {
        assert!(begun.elapsed() < Duration::from_secs(30), "it never listens for a signal");
        std::thread::sleep(Duration::from_millis(5));
    }
    assert!(std::process::Command::new("kill").args(["-INT", &id]).status().unwrap().success());
    let (code, _, text) = ended(child);
    assert_eq!(code, 130, "{text}");
}

/// Whether the process catches SIGINT by now.
#[cfg(target_os = "linux")]
fn caught_interrupt(status: &str) -> bool {
    let text = std::fs::read_to_string(status).unwrap_or_default();
    let caught = text.lines().find_map(|line| line.strip_prefix("SigCgt:"));
    let caught = caught.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok());
    caught.is_some_and(|mask| mask & 2 != 0)
}

/// A key with a read that nothing wrote, and one whose violation shows only once all orders of its
/// writes have been tried: with a compare-and-set among them, no method refutes it but the search.
fn one_wrong_key_and_a_hard_one() -> String {
    let event = |process: u32, kind: &str, f: &str, key: &str, value: Option<u32>| {
        let event = serde_json::json!({
            "process": process, "type": kind, "f": f, "key": key, "value": value,
        });
        format!("{event}\n")
    };
    let mut text = String::new();
    for (f, value) in [("write", 1), ("write", 1), ("read", 2)] {
        let of = |kind| event(0, kind, f, "wrong", Some(value));
        text += &(of("invoke") + &of("ok"));
    }
    let writers = || (0..12_u32).map(|at| (100 + at, at % 7));
    let of = |kind, (process, value)| event(process, kind, "write", "hard", Some(value));
    text.extend(writers().map(|writer| of("invoke", writer)));
    text += r#"{"process":2,"type":"invoke","f":"cas","key":"hard","value":[90,91]}"#;
    text += "\n";
    text += r#"{"process":2,"type":"ok","f":"cas","key":"hard","value":false}"#;
    text += "\n";
    for at in 0..14 {
        text += &event(1, "invoke", "read", "hard", None);
        text += &event(1, "ok", "read", "hard", Some(at % 7));
    }
    text.extend(writers().map(|writer| of("ok", writer)));
    text
}

#[test]
fn all_keys_are_searched_after_a_violation_only_where_that_is_asked() {
    let program = Program::new();
    let path = file(&program, "history.jsonl", one_wrong_key_and_a_hard_one());
    for (flags, found) in [(&[][..], 1), (&["--all-keys"][..], 2)] {
        let flags = [&["--model", "cas-register"], flags].concat();
        let (ended, told) = check(&program, &[&path], &flags);
        ended.expect(1);
        assert_eq!(told["checks"][0]["found"], found, "{flags:?}: {told:#}");
    }
}

#[test]
fn a_misspelt_flag_model_or_format_is_guessed_in_one_sentence() {
    let program = Program::new();
    let cases: [(&[&str], &str); 5] = [
        (
            &["check", "x", "--modle", "kv"],
            "unexpected argument `--modle`; did you mean `--model`?",
        ),
        (&["check", "x", "--model", "kvv"], "--model does not take `kvv`; did you mean `kv`?"),
        (&["check", "x", "--format", "ednn"], "--format does not take `ednn`; did you mean `edn`?"),
        (&["chekc", "x"], "there is no command `chekc`; did you mean `check`?"),
        (&["list", "format"], "did you mean `formats`?"),
    ];
    for (arguments, said) in cases {
        let ended = program.run(arguments);
        ended.expect(2);
        assert!(ended.stderr.contains(said), "{said} in\n{ended}");
        assert_eq!(ended.stderr.trim().lines().count(), 1, "{ended}");
    }
    let help = program.run(&["check", "--help"]);
    for name in ["json-lines", "porcupine-kv", "cas-register", "list-append", "--map"] {
        assert!(help.stdout.contains(name), "{name} in\n{help}");
    }
    let formats = program.run(&["list", "formats"]);
    assert!(formats.stdout.contains("json-array"), "{formats}");
}

/// A write of one process, and then a read of the same one.
const ALONE: &str = "{\"process\":0,\"type\":\"invoke\",\"f\":\"write\",\"value\":1}\n\
                     {\"process\":0,\"type\":\"ok\",\"f\":\"write\",\"value\":1}\n\
                     {\"process\":0,\"type\":\"invoke\",\"f\":\"read\"}\n\
                     {\"process\":0,\"type\":\"ok\",\"f\":\"read\",\"value\":1}\n";

#[test]
fn a_file_that_tests_next_to_nothing_says_whose_doing_that_is_and_what_to_do() {
    let program = Program::new();
    let path = file(&program, "alone.jsonl", ALONE);
    let (_, told) = check(&program, &[&path], &[]);
    assert_eq!(told["doubts"][0]["whose"], "harness", "no more was requested: {told}");
    assert!(told["try"].as_str().unwrap().contains("overlap"), "{told}");
    let page = program.run(&["check", "alone.jsonl"]);
    let words = page.stdout.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(words.contains("doubt harness: vacuous: no two operations"), "{page}");

    let lost =
        ALONE.replacen("\"type\":\"ok\",\"f\":\"write\"", "\"type\":\"fail\",\"f\":\"write\"", 1);
    let path = file(
        &program,
        "refused.jsonl",
        lost.replace("\"read\",\"value\":1", "\"read\",\"value\":null"),
    );
    let (_, told) = check(&program, &[&path], &[]);
    assert_eq!(told["doubts"][0]["whose"], "target", "it took no write: {told}");
    assert!(told["try"].as_str().unwrap().contains("succeed"), "{told}");
}

/// Twelve keys, none of which a budget of one configuration decides, in an order of their own.
#[test]
fn doubts_come_in_the_order_in_which_their_keys_are_first_used() {
    let program = Program::new();
    let keys = ["k10", "k2", "z", "k1", "k33", "a", "k4", "k20", "7", "k3", "b", "k11"];
    for order in [0, 5, 9] {
        let keys: Vec<&str> = keys.iter().cycle().skip(order).take(keys.len()).copied().collect();
        let mut text = String::new();
        for key in &keys {
            let ops =
                [("write", 1), ("write", 2), ("write", 1), ("write", 2), ("read", 1), ("read", 2)];
            for kind in ["invoke", "ok"] {
                for (process, (f, value)) in ops.iter().enumerate() {
                    let value =
                        if kind == "invoke" && *f == "read" { "null" } else { &value.to_string() };
                    text += &format!(
                        "{{\"process\":{process},\"type\":\"{kind}\",\"f\":\"{f}\",\"key\":\"{key}\",\"value\":{value}}}\n"
                    );
                }
            }
        }
        std::fs::write(program.folder().join("many.jsonl"), text).unwrap();
        let words = ["check", "many.jsonl", "--model", "register", "--budget-configurations", "1"];
        let ended = program.run(&[&words[..], &["--json"]].concat());
        ended.expect(3);
        let told: serde_json::Value = serde_json::from_str(&ended.stdout).unwrap();
        let answer = &told["checks"][0];
        let undecided = answer["undecided"].as_array().unwrap();
        let of: Vec<&str> = undecided.iter().map(|doubt| doubt["key"].as_str().unwrap()).collect();
        assert_eq!(of, keys);
        let doubts = answer["doubts"].as_array().unwrap().iter().zip(&keys);
        for (doubt, key) in doubts {
            let what = doubt["what"].as_str().unwrap();
            assert!(what.starts_with(&format!("key \"{key}\":")), "{what}");
        }
        let text = program.run(&words).stdout;
        let places: Vec<Option<usize>> =
            keys[..3].iter().map(|key| text.find(&format!("key \"{key}\""))).collect();
        assert!(places.is_sorted() && places[0].is_some(), "{text}");
    }
}
