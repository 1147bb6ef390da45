//! Nothing that came from a file, a node or the command line acts on the terminal.

#![allow(clippy::unwrap_used, clippy::allow_attributes, reason = "tests may")]

mod program;

use std::os::unix::ffi::OsStrExt;

use program::{Ended, Program};
use rashomon_workloads::Seed;

/// What acts on a terminal, or changes the direction of writing.
fn acts(letter: char) -> bool {
    let directs = "\u{61c}\u{200e}\u{200f}\u{202a}\u{202b}\u{202c}\u{202d}\u{202e}\
                   \u{2066}\u{2067}\u{2068}\u{2069}";
    letter != '\n' && letter.is_control() || directs.contains(letter)
}

#[track_caller]
fn expect_plain(ended: &Ended, given: &str) {
    for stream in [&ended.stdout, &ended.stderr] {
        let at = stream.find(acts);
        assert!(at.is_none(), "byte {at:?} acts on the terminal, of {given:?}\n{stream:?}");
    }
    assert!([0, 1, 2, 3].contains(&ended.code), "{given:?}\n{ended}");
}

/// One text for each kind of thing that acts on a terminal.
const HOSTILE: [&str; 8] = [
    "\u{1b}[2J",
    "\u{1b}]0;title\u{7}",
    "\u{9b}31m",
    "\u{202e}gnp",
    "\u{2066}",
    "\r",
    "\u{8}\u{8}",
    "\u{7f}",
];

/// Histories with a hole for a hostile text in every place where a file may have one: names of
/// functions, processes, nodes, keys, values, errors. In each, something is wrong.
const HISTORIES: [(&str, &str); 5] = [
    (
        "history.jsonl",
        r#"{"process":0,"type":"invoke","f":"write","key":"K@","value":"V@","node":"N@"}
{"process":0,"type":"ok","f":"write","key":"K@","value":"V@","node":"N@"}
{"process":1,"type":"invoke","f":"read","key":"K@","value":null,"node":"M@"}
{"process":1,"type":"ok","f":"read","key":"K@","value":null,"node":"M@"}
{"process":2,"type":"invoke","f":"write","key":"K@","value":"E@"}
{"process":2,"type":"info","f":"write","key":"K@","value":"E@","error":"T@"}
"#,
    ),
    (
        "function.jsonl",
        r#"{"process":0,"type":"invoke","f":"F@","value":"V@"}
{"process":0,"type":"ok","f":"F@","value":"V@"}
"#,
    ),
    (
        "history.edn",
        r#"{:process 0, :type :invoke, :f :write, :value "V@", :node "N@"}
{:process 0, :type :ok, :f :write, :value "V@", :node "N@"}
{:process 1, :type :invoke, :f :read, :value nil, :node "N@"}
{:process 1, :type :ok, :f :read, :value :W@, :node "N@"}
{:process "P@", :type :invoke, :f :read, :value nil}
"#,
    ),
    (
        "set.jsonl",
        r#"{"process":0,"type":"invoke","f":"add","value":"V@","node":"N@"}
{"process":0,"type":"ok","f":"add","value":"V@","node":"N@"}
{"process":1,"type":"invoke","f":"read","value":null,"node":"N@","final":true}
{"process":1,"type":"ok","f":"read","value":[],"node":"N@","final":true}
{"process":1,"type":"invoke","f":"read","value":null,"node":"M@","final":true}
{"process":1,"type":"ok","f":"read","value":["V@"],"node":"M@","final":true}
"#,
    ),
    (
        "other.jsonl",
        r#"{"format":"F@","version":1}
"#,
    ),
];

/// A text as it stands within quotes in a file: as it is, or escaped.
fn spelled(hostile: &str, escaped: bool) -> String {
    if !escaped {
        return hostile.to_owned();
    }
    let mut text = String::new();
    for unit in hostile.encode_utf16() {
        text.push_str(&format!("\\u{unit:04x}"));
    }
    text
}

#[test]
fn no_text_of_a_history_acts_on_the_terminal() {
    let program = Program::new();
    for (name, text) in HISTORIES {
        let path = program.folder().join(name);
        for (hostile, escaped) in HOSTILE.iter().flat_map(|text| [(text, false), (text, true)]) {
            let given = text.replace('@', &spelled(hostile, escaped));
            std::fs::write(&path, &given).unwrap();
            for more in [&[][..], &["--json"], &["--model", "register"], &["--independent"]] {
                let arguments = [&["check", path.to_str().unwrap()], more].concat();
                expect_plain(&program.run(&arguments), &given);
            }
        }
    }
}

/// The same for files that are broken anywhere.
#[test]
fn no_byte_of_a_mutated_file_acts_on_the_terminal() {
    let program = Program::new();
    let mut rng = Seed(8).stream("hostile").rng();
    for (name, text) in HISTORIES {
        let path = program.folder().join(name);
        for round in 0..40 {
            let mut bytes = text.as_bytes().to_vec();
            for _ in 0..=round % 4 {
                let mut below = |bound: usize| usize::try_from(rng.below(bound as u64)).unwrap();
                let kind = HOSTILE[below(HOSTILE.len())];
                let at = below(bytes.len());
                let gone = below(3);
                let end = (at + gone).min(bytes.len());
                bytes.splice(at..end, kind.bytes());
            }
            std::fs::write(&path, &bytes).unwrap();
            let mode = if round % 2 == 0 { &["--json"][..] } else { &[] };
            let arguments = [&["check", path.to_str().unwrap()], mode].concat();
            expect_plain(&program.run(&arguments), &String::from_utf8_lossy(&bytes));
        }
    }
}

#[test]
fn json_holds_the_same_texts_with_what_acts_escaped() {
    let program = Program::new();
    let path = program.folder().join("history.jsonl");
    let key = "K\u{9b}\u{202e}\u{1b}";
    std::fs::write(&path, HISTORIES[0].1.replace("K@", key.trim_end_matches('\u{1b}'))).unwrap();
    let ended = program.run(&["check", path.to_str().unwrap(), "--json"]);
    ended.expect(1);
    assert!(ended.stdout.contains(r"K\u009b\u202e"), "{ended}");
    let told: serde_json::Value = serde_json::from_str(&ended.stdout).unwrap();
    let found = told.to_string();
    assert!(
        found.contains("K\u{9b}\u{202e}"),
        "the same text to whoever reads the object: {found}"
    );
}

#[test]
fn no_file_name_and_no_argument_acts_on_the_terminal() {
    let program = Program::new();
    for hostile in HOSTILE.iter().chain(&["\n"]) {
        let name = format!("a{hostile}error: b");
        let path = program.folder().join(&name);
        std::fs::write(&path, "Dear reader,").unwrap();
        let path = path.to_str().unwrap();
        let commands: [&[&str]; 12] = [
            &["check", path],
            &["check", "--json", path],
            &["check", &name, "--model", &name],
            &["check", &name, "--format", &name],
            &[&name],
            &["run", &name],
            &["run", "--sim", "--faults", &name],
            &["run", "--sim", "--faults", path],
            &["run", "--bug", &name],
            &["run", "--seed", &name, "--color", "always"],
            &["run", "--sim", "--ops", "20", "--store", path],
            &["replay", &name],
        ];
        for arguments in commands {
            let ended = program.run(arguments);
            if arguments.contains(&"always") {
                let mut plain = ended.stderr.clone();
                for own in [
                    "\u{1b}[0m",
                    "\u{1b}[1m",
                    "\u{1b}[4m",
                    "\u{1b}[31m",
                    "\u{1b}[33m",
                    "\u{1b}[32m",
                ] {
                    plain = plain.replace(own, "");
                }
                assert!(!plain.contains(acts), "{arguments:?}\n{plain:?}");
                continue;
            }
            expect_plain(&ended, &format!("{arguments:?}"));
            let forged = ended.stderr.lines().skip(1).any(|line| line.starts_with("error: b"));
            assert!(!forged, "{arguments:?} begins a line of its own\n{ended}");
        }
    }
    // A name that is no text at all.
    let name = std::ffi::OsStr::from_bytes(b"\xff\x1b[2J");
    let output =
        program.command(env!("CARGO_BIN_EXE_rashomon"), &["check"]).arg(name).output().unwrap();
    expect_plain(&Ended::from(output), "a name that is not UTF-8");
}

#[test]
fn no_stored_run_acts_on_the_terminal() {
    let program = Program::new();
    program.run(&["run", "--sim", "--ops", "50", "--seed", "1"]).expect(0);
    let folder = program.latest();
    for file in ["run.toml", "plan.json"] {
        let path = folder.join(file);
        let whole = std::fs::read_to_string(&path).unwrap();
        for hostile in HOSTILE {
            for word in ["register", "kill", "fault", "driver"] {
                std::fs::write(&path, whole.replacen(word, &format!("{word}{hostile}"), 1))
                    .unwrap();
                expect_plain(&program.run(&["replay", folder.to_str().unwrap()]), hostile);
            }
        }
        std::fs::write(&path, whole).unwrap();
    }
}

/// A node is a program, and its last words are its own.
#[test]
fn what_a_node_says_does_not_act_on_the_terminal() {
    let program = Program::new();
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    let store = "s\u{1b}[2J\u{9b}\u{202e}";
    let ended = program.run(&["run", "--time", "1s", "--base-port", &port, "--store", store]);
    ended.expect(2);
    expect_plain(&ended, store);
}
