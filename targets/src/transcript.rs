//! Scripted transcripts of tests: commands, and below each what follows from it.
//!
//! A file is a scenario that can be read line by line. A line that begins with `>` is a command; what is
//! indented below it is what it made happen; any other line is for the reader. To write down anew what
//! happens: `RASHOMON_UPDATE=1 cargo test -p rashomon-targets transcript`, and read the difference.

use std::path::Path;

use crate::{Answer, NodeId, Returned};

/// A cluster that is stepped by commands.
pub(crate) trait Scripted {
    /// As the words after `> cluster` say.
    fn new(words: &[&str]) -> Self;

    /// Does what a command says.
    fn run(&mut self, command: &str);

    /// The lines of what has happened since the last call, each indented by two.
    fn take_happened(&mut self) -> String;
}

/// `n3`.
pub(crate) fn node(word: &str) -> NodeId {
    NodeId(word.strip_prefix('n').and_then(|number| number.parse().ok()).expect("n1, n2, ..."))
}

/// An answer in a few words.
pub(crate) fn answer(answer: Answer) -> String {
    match answer {
        Answer::Ok { returned: Returned::Done } => "ok".to_owned(),
        Answer::Ok { returned: Returned::Value(value) } => {
            format!("ok {}", value.map_or("nil".to_owned(), |it| it.to_string()))
        }
        other => format!("{other:?}"),
    }
}

/// The transcript as its commands make it now.
fn transcribe<T: Scripted>(text: &str) -> String {
    let mut table: Option<T> = None;
    let mut now = String::new();
    for line in text.lines().filter(|line| !line.starts_with("  ")) {
        now.push_str(line);
        now.push('\n');
        let Some(command) = line.strip_prefix("> ") else { continue };
        match command.strip_prefix("cluster ") {
            Some(words) => table = Some(T::new(&words.split_whitespace().collect::<Vec<_>>())),
            None => table.as_mut().expect("a cluster first").run(command),
        }
        now.push_str(&table.as_mut().expect("a cluster").take_happened());
    }
    now
}

/// Plays every file of a folder below `src`, and compares.
#[expect(clippy::disallowed_methods, reason = "the transcripts are files, to be read by people")]
pub(crate) fn each_is_what_happens<T: Scripted>(folder: &str) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src").join(folder);
    let mut files: Vec<_> =
        std::fs::read_dir(&folder).unwrap().map(|it| it.unwrap().path()).collect();
    files.sort();
    assert!(files.len() >= 6, "{files:?}");
    for file in files {
        let written = std::fs::read_to_string(&file).unwrap();
        let now = transcribe::<T>(&written);
        if std::env::var_os("RASHOMON_UPDATE").is_some() {
            std::fs::write(&file, &now).unwrap();
        } else if now != written {
            let differs = written.lines().zip(now.lines()).position(|(a, b)| a != b);
            let at = differs.unwrap_or_else(|| written.lines().count().min(now.lines().count()));
            let here: Vec<&str> = now.lines().skip(at.saturating_sub(8)).take(24).collect();
            panic!("{}, line {}, is now:\n{}", file.display(), at + 1, here.join("\n"));
        }
    }
}
