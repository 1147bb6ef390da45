//! The guide to judging a log of one's own holds: its files are written as it shows them, and its
//! commands end as it says.

#![allow(clippy::unwrap_used, clippy::allow_attributes, reason = "tests may")]

mod program;

use std::path::Path;

use program::Program;

/// A block of the guide: how it is written, the name of its file if it is one, and its text.
struct Block<'a> {
    language: &'a str,
    file: Option<&'a str>,
    text: String,
}

fn blocks(guide: &str) -> Vec<Block<'_>> {
    let mut blocks: Vec<Block<'_>> = Vec::new();
    let mut is_inside = false;
    for line in guide.lines() {
        match line.strip_prefix("```") {
            Some(_) if is_inside => is_inside = false,
            Some(head) => {
                let mut words = head.split(' ');
                let language = words.next().unwrap_or_default();
                blocks.push(Block { language, file: words.next(), text: String::new() });
                is_inside = true;
            }
            None if is_inside => {
                let text = &mut blocks.last_mut().unwrap().text;
                text.push_str(line);
                text.push('\n');
            }
            None => {}
        }
    }
    blocks
}

/// The command of a line, and how it should end: `# exit 1` says so.
fn command(line: &str) -> (&str, i32) {
    match line.split_once('#') {
        None => (line.trim(), 0),
        Some((command, comment)) => {
            let code = comment.trim().strip_prefix("exit ").expect("a comment says how it ends");
            (command.trim(), code.parse().unwrap())
        }
    }
}

#[test]
fn every_command_of_the_guide_ends_as_it_says() {
    let guide = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/judge-your-own-log.md");
    let guide = std::fs::read_to_string(guide).unwrap();
    let has_python = std::process::Command::new("python3").arg("--version").output().is_ok();
    let program = Program::new();
    std::fs::create_dir(program.folder().join("bin")).unwrap();
    let binary = program.folder().join("bin/rashomon");
    std::os::unix::fs::symlink(env!("CARGO_BIN_EXE_rashomon"), binary).unwrap();
    let mut run = 0;
    for block in blocks(&guide) {
        if let Some(file) = block.file {
            std::fs::write(program.folder().join(file), &block.text).unwrap();
            continue;
        }
        assert_eq!(block.language, "sh", "a block is a file or commands");
        if !has_python && block.text.contains("python3") {
            eprintln!("NOT RUN: python3 is absent\n{}", block.text);
            continue;
        }
        for line in block.text.lines() {
            let (command, code) = command(line);
            let ended = program.shell(&format!("PATH=\"$PWD/bin:$PATH\"; {command}"));
            assert_eq!(ended.code, code, "{command}\n{ended}");
            run += 1;
        }
    }
    assert!(run >= 7, "{run} commands");
}

#[test]
fn the_recorder_is_as_short_as_promised() {
    let guide = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/judge-your-own-log.md");
    let guide = std::fs::read_to_string(guide).unwrap();
    let blocks = blocks(&guide);
    let lines = |file: &str| {
        let block = blocks.iter().find(|block| block.file == Some(file)).unwrap();
        block.text.lines().filter(|line| !line.trim().is_empty()).count()
    };
    assert!(lines("recorder.py") <= 25, "{} lines", lines("recorder.py"));
    assert!(lines("requests.toml") <= 20, "{} lines", lines("requests.toml"));
}
