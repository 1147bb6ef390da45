//! Files that are damaged, or meant to do harm: `rashomon check` ends by itself with a code of its
//! own, within its memory, and sends none of their control characters to the terminal.
//!
//! `RASHOMON_COPIES` says how many damaged copies of each format there are: 200 for the whole
//! exercise.

#![allow(clippy::unwrap_used, clippy::allow_attributes, reason = "tests may")]

#[path = "../../checker/tests/external/mod.rs"]
mod external;
mod program;

use std::fmt::Write as _;
use std::io::Write as _;
use std::path::Path;
use std::process::Stdio;
use std::sync::Mutex;
use std::time::{Duration, Instant};

use external::corpus;
use program::{Ended, Program};
use rashomon_checker::Value;
use rashomon_checker::formats::{ReadOptions, Reader, Writer};

/// Most memory that a check may take, all in all.
const MEMORY: u64 = 256_000_000;

/// Chance, the same in every run.
struct Chance(u64);

impl Chance {
    fn below(&mut self, bound: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % bound.max(1) as u64).unwrap()
    }
}

/// A small history in every format, by name.
fn originals() -> Vec<(&'static str, String)> {
    let program = Program::new();
    program.run(&["run", "--sim", "--seed", "3", "--ops", "60", "--keys", "2"]);
    let lines = std::fs::read_to_string(program.latest().join("history.jsonl")).unwrap();
    let reader = Reader::new(lines.as_bytes(), &ReadOptions::default()).unwrap();
    let events: Vec<_> = reader.map(Result::unwrap).collect();
    let (mut edn, mut tuples) = (Writer::edn(Vec::new()), Writer::edn_independent(Vec::new()));
    let mut log = String::new();
    let mut kv = String::new();
    for event in &events {
        edn.event(event).unwrap();
        tuples.event(event).unwrap();
        let (process, kind, f) = (event.process.0, event.kind.name(), &event.f);
        writeln!(log, "INFO  jepsen.util - {process}\t:{kind}\t:{f}\t{}", event.value).unwrap();
        let f = if &**f == "read" { "get" } else { "put" };
        let value = if event.value == Value::Nil { String::new() } else { event.value.to_string() };
        writeln!(
            kv,
            "{{:process {process}, :type :{kind}, :f :{f}, :key \"x\", :value \"{value}\"}}"
        )
        .unwrap();
    }
    let edn = String::from_utf8(edn.into_inner()).unwrap();
    let array = lines.lines().skip(1).collect::<Vec<_>>().join(",\n");
    let elle = "{:workload :list-append, :opts {}}\n{:type :invoke, :process 0, :value [[:r 1 nil]]}\n\
                {:type :ok, :process 0, :value [[:r 1 [1 2]]]}\n";
    vec![
        ("array.json", format!("[{array}]\n")),
        ("knossos.edn", format!("[{edn}]")),
        ("history.edn", edn),
        ("tuples.edn", String::from_utf8(tuples.into_inner()).unwrap()),
        ("history.log", log),
        ("kv.edn", kv),
        ("elle.edn", elle.repeat(4)),
        ("history.jsonl", lines),
    ]
}

/// The histories of a folder of the corpus, those in folders within it among them, with their names.
/// Files of megabytes are about time and memory, and have tests of their own.
fn histories(folder: &Path) -> Vec<(String, String)> {
    let mut found = Vec::new();
    let mut paths: Vec<_> =
        std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    for path in paths {
        let name = path.file_name().unwrap().to_str().unwrap().to_owned();
        if path.is_dir() {
            found.extend(histories(&path));
        } else if name != "VERDICTS.csv" && path.metadata().unwrap().len() < 100_000 {
            found.push((name, std::fs::read_to_string(&path).unwrap()));
        }
    }
    found
}

/// Texts that do harm where they are taken for less than they are.
const POISON: [&str; 14] = [
    "\u{1b}[2J\u{1b}[31mred",
    "\u{1b}]0;title\u{7}",
    "\u{9b}31m",
    "\u{202e}desrever",
    "\u{0}",
    "\r\u{8}\u{8}",
    "99999999999999999999999999999999999999",
    "-1e308",
    "NaN",
    "\"\"\"",
    "\\ud800",
    "#_#_#_",
    "\u{feff}",
    "}{][",
];

/// A damaged copy.
fn damaged(text: &str, chance: &mut Chance) -> Vec<u8> {
    let mut bytes = text.as_bytes().to_vec();
    for _ in 0..=chance.below(3) {
        let at = chance.below(bytes.len());
        let mut lines: Vec<Vec<u8>> =
            bytes.split_inclusive(|&byte| byte == b'\n').map(<[u8]>::to_vec).collect();
        let (one, other) = (chance.below(lines.len()), chance.below(lines.len()));
        match chance.below(8) {
            0 => bytes[at] ^= 1 << chance.below(8),
            1 => bytes.truncate(at.max(1)),
            2 => {
                lines.swap(one, other);
                bytes = lines.concat();
            }
            3 => {
                lines.insert(one, lines[other].clone());
                bytes = lines.concat();
            }
            4 => {
                lines.remove(one);
                bytes = lines.concat();
            }
            5 => {
                let open = [&b"["[..], b"{\"a\":", b"{:a ", b"(", b"#{"][chance.below(5)];
                bytes.splice(at..at, open.repeat(1 + chance.below(300)));
            }
            6 => drop(bytes.splice(at..at, POISON[chance.below(POISON.len())].bytes())),
            _ => {
                let digits =
                    bytes[at..].iter().position(u8::is_ascii_digit).map(|place| at + place);
                if let Some(at) = digits {
                    bytes.splice(at..at, b"9".repeat(1 + chance.below(40)));
                }
            }
        }
        if bytes.is_empty() {
            bytes.push(b'\n');
        }
    }
    bytes
}

fn packed(bytes: &[u8]) -> Vec<u8> {
    let mut packer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    packer.write_all(bytes).unwrap();
    packer.finish().unwrap()
}

/// An event in JSON, with some fields of the caller's choice.
fn line(process: &str, kind: &str, f: &str, more: &str) -> String {
    format!("{{\"process\":{process},\"type\":\"{kind}\",\"f\":\"{f}\"{more}}}\n")
}

/// Files that are meant to do harm.
fn hostile() -> Vec<Vec<u8>> {
    let mut files: Vec<Vec<u8>> = Vec::new();
    let invoke = line("0", "invoke", "write", ",\"value\":1");
    // What acts on a terminal, wherever a text may stand.
    for poison in POISON {
        let json = poison.replace('\\', "\\\\").replace('"', "\\\"");
        let json: String = json
            .chars()
            .map(|it| if it < ' ' { format!("\\u{:04x}", u32::from(it)) } else { it.to_string() })
            .collect();
        files.push(line(&format!("\"{json}\""), "invoke", "write", "").repeat(2).into());
        let stale = line("1", "ok", &json, "");
        files.push([&*line("1", "invoke", &json, ""), &stale].concat().into());
        let key = format!(",\"key\":\"{json}\",\"node\":\"{json}\",\"value\":\"{json}\"");
        let read = [line("1", "invoke", "read", &key), line("1", "ok", "read", &key)].concat();
        files.push([&*read, &line("1", "ok", "read", "")].concat().into());
        files.push(read.into());
        files.push(poison.as_bytes().to_vec());
        files.push(format!("{invoke}{{\"process\":{poison}").into());
    }
    let many = |count: u32, each: &dyn Fn(u32) -> String| -> Vec<u8> {
        (0..count).map(each).collect::<String>().into()
    };
    // Much of everything.
    files.push(many(100_000, &|it| line(&it.to_string(), "invoke", "write", ",\"value\":1")));
    files.push(many(100_000, &|it| line(&format!("\"client number {it}\""), "invoke", "read", "")));
    files.push(many(70_000, &|it| line(&it.to_string(), "invoke", &format!("f{it}"), "")));
    files.push(many(70_000, &|it| {
        line(&it.to_string(), "invoke", "read", &format!(",\"node\":\"{it}\""))
    }));
    files.push(many(70_000, &|it| {
        line(
            &it.to_string(),
            "invoke",
            "write",
            &format!(",\"value\":{it},\"time\":{}", 70_000 - it),
        )
    }));
    files.push(
        line("0", "invoke", "write", &format!(",\"value\":[{}1]", "1,".repeat(500_000))).into(),
    );
    files.push(line(&format!("\"{}\"", "x".repeat(1 << 20)), "invoke", "write", "").into());
    files.push(line(&"9".repeat(100_000), "invoke", "write", "").into());
    files.push(line("0", "invoke", "write", &format!(",\"time\":{}", u64::MAX)).into());
    files.push(line("0", "invoke", "write", ",\"time\":1e308").into());
    files.push("[".repeat(100_000).into());
    files.push("{:a ".repeat(100_000).into());
    files.push(format!("[{}", "{\"a\":".repeat(100_000)).into());
    files.push("#_".repeat(100_000).into());
    files.push(b"\n".repeat(1_000_000));
    files.push(vec![b'x'; 20 << 20]);
    files.push(vec![0; 1 << 20]);
    files.push([b"{\"process\":\"", &vec![b'x'; 20 << 20][..]].concat());
    files.push(packed(&vec![b' '; 50 << 20]));
    files.push(packed(&packed(invoke.as_bytes())));
    files.push(packed(invoke.as_bytes())[..20].to_vec());
    files.push(vec![0x1F, 0x8B]);
    files.push(Vec::new());
    files.push(vec![0xFF; 100]);
    files
}

/// Whether only plain text was printed.
fn is_plain(text: &str) -> bool {
    text.chars().all(|letter| {
        letter == '\n'
            || !letter.is_control()
                && !matches!(u32::from(letter), 0x202A..=0x202E | 0x2066..=0x2069 | 0xFEFF)
    })
}

/// Checks a file, and ends a check that does not end by itself.
fn check(program: &Program, path: &Path, flags: &[&str]) -> (Ended, Duration) {
    const HANGS: Duration = Duration::from_mins(2);
    let mut arguments = vec!["check", path.to_str().unwrap(), "--budget-memory", "200MB"];
    arguments.extend(flags);
    let mut command = program.command(env!("CARGO_BIN_EXE_rashomon"), &arguments);
    let begun = Instant::now();
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let (stdout, stderr) = (child.stdout.take().unwrap(), child.stderr.take().unwrap());
    let read = |mut input: Box<dyn std::io::Read + Send>| {
        std::thread::spawn(move || {
            let mut text = Vec::new();
            input.read_to_end(&mut text).unwrap();
            String::from_utf8(text).expect("what is printed is UTF-8")
        })
    };
    let (stdout, stderr) = (read(Box::new(stdout)), read(Box::new(stderr)));
    loop {
        if let Some(status) = child.try_wait().unwrap() {
            let (stdout, stderr) = (stdout.join().unwrap(), stderr.join().unwrap());
            let code = status.code().unwrap_or(-1);
            return (Ended { code, stdout, stderr }, begun.elapsed());
        }
        assert!(begun.elapsed() < HANGS, "{} is judged for ever", path.display());
        std::thread::sleep(Duration::from_millis(2));
    }
}

/// Checks all files, on two threads, as JSON and as text in turn, and prints what the worst took.
fn check_all(what: &str, files: Vec<(String, Vec<u8>)>) {
    let program = Program::new();
    let count = files.len();
    let files = Mutex::new(files.into_iter().enumerate());
    let worst = Mutex::new((Duration::ZERO, String::new(), 0));
    let codes = Mutex::new([0; 4]);
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                loop {
                    let Some((number, (name, bytes))) = files.lock().unwrap().next() else {
                        return;
                    };
                    let path = program.folder().join(format!("{number}-{name}"));
                    std::fs::write(&path, &bytes).unwrap();
                    let flags: &[&str] = if number % 2 == 0 { &["--json"] } else { &[] };
                    let (ended, took) = check(&program, &path, flags);
                    let shown = String::from_utf8_lossy(&bytes[..bytes.len().min(2000)]);
                    assert!((0..=3).contains(&ended.code), "{name}: {ended}\nof {shown:?}");
                    let is_plain = is_plain(&ended.stdout) && is_plain(&ended.stderr);
                    assert!(
                        is_plain,
                        "{name}: {:?} {:?}\nof {shown:?}",
                        ended.stdout, ended.stderr
                    );
                    let told: serde_json::Value =
                        serde_json::from_str(&ended.stdout).unwrap_or_default();
                    let peak = told["peak_bytes"].as_u64().unwrap_or(0);
                    assert!(peak < MEMORY, "{name} took {peak} bytes\nof {shown:?}");
                    codes.lock().unwrap()[usize::try_from(ended.code).unwrap()] += 1;
                    let mut worst = worst.lock().unwrap();
                    worst.2 = worst.2.max(peak);
                    if took > worst.0 {
                        (worst.0, worst.1) = (took, path.display().to_string());
                    }
                }
            });
        }
    });
    let (took, path, peak) = worst.into_inner().unwrap();
    let codes = codes.into_inner().unwrap();
    eprintln!(
        "{count} {what}: exits 0, 1, 2, 3: {codes:?}; the slowest took {took:.1?} ({path}), \
         the largest {} MB",
        peak / 1_000_000
    );
}

/// How many damaged copies of each format.
fn copies() -> usize {
    let copies = std::env::var("RASHOMON_COPIES").ok();
    copies.map_or(12, |copies| copies.parse().expect("RASHOMON_COPIES is a number"))
}

#[test]
fn a_damaged_history_of_others_is_judged_or_refused_and_nothing_of_it_acts_on_the_terminal() {
    let Some(corpus) = corpus() else { return };
    let mut chance = Chance(0xD1B5_4A32_D192_ED03);
    for format in ["elle", "knossos", "porcupine/jepsen-etcd", "porcupine/kv", "strangers"] {
        let originals = histories(&corpus.join(format));
        assert!(!originals.is_empty(), "{format} has histories");
        let damaged = |(name, text): &(String, String)| (name.clone(), damaged(text, &mut chance));
        let files = originals.iter().cycle().take(copies()).map(damaged).collect();
        check_all(&format!("damaged copies of {format}"), files);
    }
}

#[test]
fn a_damaged_file_is_judged_or_refused_and_nothing_of_it_acts_on_the_terminal() {
    let mut chance = Chance(0x9E37_79B9_7F4A_7C15);
    let mut files = Vec::new();
    for (name, text) in originals() {
        for _ in 0..copies() {
            files.push((name.to_owned(), damaged(&text, &mut chance)));
        }
    }
    check_all("damaged copies", files);
}

#[test]
fn a_hostile_file_is_judged_or_refused_and_nothing_of_it_acts_on_the_terminal() {
    let files: Vec<(String, Vec<u8>)> =
        hostile().into_iter().map(|bytes| ("hostile".to_owned(), bytes)).collect();
    assert!(files.len() >= 100, "{}", files.len());
    check_all("hostile files", files);
}
