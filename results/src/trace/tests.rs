//! Traces are read back as they were written, whole, cut or broken off; others are refused.

use std::fs;
use std::path::{Path, PathBuf};

use super::*;
use crate::StoreError;

fn copy(message: u64) -> MessageCopy {
    MessageCopy { from: "n1".into(), to: "n2".into(), message, copy: 1 }
}

fn lines(count: u64) -> Vec<TraceLine> {
    let occurrence = |at| match at % 4 {
        0 => Occurrence::Sent { message: copy(at), what: "append \u{1b}[31m Ω".into() },
        1 => Occurrence::Lost { message: copy(at), why: Loss::Fault, span: Some(3) },
        2 => {
            let word = NodeWord::Follows { epoch: at, leader: None };
            Occurrence::Told { node: "n1".into(), word }
        }
        _ => {
            let (node, what) = ("n2".into(), "put k1 5".into());
            Occurrence::Request { node, request: at, process: None, what }
        }
    };
    (0..count).map(|at| TraceLine { time: at * 30_000_000, occurrence: occurrence(at) }).collect()
}

/// Writes lines into a file with this limit.
fn write(path: &Path, lines: &[TraceLine], limit: usize) {
    let mut writer = TraceWriter::create(path, limit).unwrap();
    for line in lines {
        writer.write(line);
    }
    writer.finish(lines.last().map_or(0, |line| line.time)).unwrap();
}

fn read(path: &Path) -> Result<(Vec<TraceLine>, TraceEnding), StoreError> {
    let mut reader = TraceReader::open(path)?;
    let lines = reader.by_ref().collect::<Result<_, _>>()?;
    Ok((lines, reader.ending()))
}

fn place() -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(TRACE_FILE);
    (folder, path)
}

#[test]
fn a_trace_is_read_back_as_it_was_written() {
    let (_folder, path) = place();
    let lines = lines(50);
    write(&path, &lines, TraceWriter::LIMIT);
    assert_eq!(read(&path).unwrap(), (lines, TraceEnding::Whole));
    let text = fs::read_to_string(&path).unwrap();
    assert!(text.starts_with("{\"format\":\"rashomon-trace\",\"version\":1}\n"), "{text}");
    assert!(!text.contains('\u{1b}'), "nothing in it acts on a terminal");
}

#[test]
fn a_trace_at_its_limit_says_how_many_lines_are_left_out() {
    let (_folder, path) = place();
    let lines = lines(50);
    for limit in [0, 100, 1_000, 2_000] {
        write(&path, &lines, limit);
        let (kept, ending) = read(&path).unwrap();
        assert_eq!(kept, lines[..kept.len()]);
        let not_written = (lines.len() - kept.len()) as u64;
        assert_eq!(ending, TraceEnding::Cut { not_written });
        let text = fs::read_to_string(&path).unwrap();
        let without_last = text.trim_end().rfind('\n').unwrap() + 1;
        let header = text.find('\n').unwrap() + 1;
        assert!(without_last <= limit.max(header), "{without_last} bytes of {limit}");
    }
}

#[test]
fn a_trace_broken_off_at_any_byte_loads() {
    let (_folder, path) = place();
    let lines = lines(12);
    write(&path, &lines, TraceWriter::LIMIT);
    let bytes = fs::read(&path).unwrap();
    let header = bytes.iter().position(|&byte| byte == b'\n').unwrap() + 1;
    for length in header..bytes.len() {
        fs::write(&path, &bytes[..length]).unwrap();
        let (kept, ending) = read(&path).unwrap();
        assert_eq!(ending, TraceEnding::BrokenOff);
        let whole = bytes[header..length].split(|&byte| byte == b'\n').count() - 1;
        assert_eq!(kept, lines[..whole], "{length} bytes");
    }
}

#[test]
fn lines_are_in_the_file_100_ms_later_and_after_a_failure() {
    let (_folder, path) = place();
    let lines = lines(6);
    let mut writer = TraceWriter::create(&path, TraceWriter::LIMIT).unwrap();
    for line in &lines {
        writer.write(line);
    }
    let (kept, ending) = read(&path).unwrap();
    assert_eq!((kept.len(), ending), (5, TraceEnding::BrokenOff), "120 ms after the first");
    drop(writer);
    assert_eq!(read(&path).unwrap(), (lines, TraceEnding::BrokenOff));
}

#[test]
fn what_is_no_trace_of_ours_is_refused_by_name() {
    let (_folder, path) = place();
    let header = "{\"format\":\"rashomon-trace\",\"version\":1}\n";
    let refused = |text: &str, told: &str| {
        fs::write(&path, text).unwrap();
        let error = read(&path).unwrap_err().to_string();
        assert!(error.contains(TRACE_FILE) && error.contains(told), "{error}");
    };
    refused(&header.replace("-trace", "-history"), "line 1: format \"rashomon-history\" is not");
    refused(
        &header.replace(":1}", ":2}"),
        "version 2 of rashomon-trace; this build reads version 1",
    );
    refused("nonsense\n", "line 1: expected");
    fs::write(&path, [header.as_bytes(), b"\xff\n"].concat()).unwrap();
    assert!(read(&path).unwrap_err().to_string().contains("line 2: invalid utf-8"));
    refused("", "line 1: EOF");
    let with = |line: &str| format!("{header}{line}\n");
    refused(
        &with("{\"time\":1,\"event\":\"exploded\",\"node\":\"n1\"}"),
        "line 2: unknown variant `exploded`",
    );
    refused(&with("{\"time\":1,\"event\":\"paused\"}"), "line 2: missing field `node`");
    refused(
        &with("{\"time\":1,\"event\":\"paused\",\"node\":\"n1\",\"why\":2}"),
        "line 2: `why` is not a known field",
    );
    let end = "{\"time\":1,\"event\":\"end\",\"not_written\":0}";
    refused(&with(&format!("{end}\n{end}")), "line 3: nothing comes after");
}

#[test]
fn a_full_disk_is_told_of_at_the_end() {
    let (_folder, path) = place();
    std::os::unix::fs::symlink("/dev/full", &path).unwrap();
    let error = TraceWriter::create(&path, TraceWriter::LIMIT).unwrap_err().to_string();
    assert!(error.contains(TRACE_FILE) && error.contains("No space left"), "{error}");
}
