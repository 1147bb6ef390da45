//! A journal that was torn is read up to where it is whole; one that was damaged is refused.

use std::path::Path;
use std::time::Instant;

use super::*;
use crate::{BuildRecord, StoreError};

fn head() -> JournalHead {
    let build = BuildRecord {
        version: "0.1.0".to_owned(),
        commit: None,
        dirty: None,
        target: "here".to_owned(),
        canary: None,
    };
    let share = Some(ShareRecord { index: 3, of: 16 });
    let all = JournalHead::new(build, "nightly".to_owned(), "0123456789abcdef".to_owned());
    JournalHead { share, ..all }
}

fn job(first: u64) -> JobRecord {
    let covered = [("write kill primary", 12), ("read none replica", 99)];
    JobRecord {
        cell: 7,
        first,
        count: 1,
        old: false,
        facts: JobFactsRecord {
            valid: 1,
            operations: 212,
            covered: covered.map(|(what, times)| (what.to_owned(), times)).into(),
            digest: "00112233445566aa".to_owned(),
            ..JobFactsRecord::default()
        },
        how: JobHowRecord { cpu_us: 550, wall_us: 560 },
    }
}

fn write(path: &Path, jobs: impl IntoIterator<Item = JobRecord>) {
    let mut writer = JournalWriter::lock(path).unwrap();
    let read = read_journal(path, &mut |_, _| Ok(())).unwrap();
    writer.resume(&head(), read.as_ref()).unwrap();
    for job in jobs {
        writer.append(&job).unwrap();
    }
    writer.sync().unwrap();
}

fn firsts(path: &Path) -> Result<(Vec<u64>, u64), StoreError> {
    let mut firsts = Vec::new();
    let read = read_journal(path, &mut |_, job| {
        firsts.push(job.first);
        Ok(())
    })?;
    Ok((firsts, read.map_or(0, |it| it.torn)))
}

#[test]
fn wherever_a_journal_is_torn_all_whole_lines_before_are_read_and_it_goes_on_from_there() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("deep/journal.jsonl");
    write(&path, [1, 2, 3].map(job));
    let whole = std::fs::read(&path).unwrap();
    let ends: Vec<usize> = whole
        .iter()
        .enumerate()
        .filter(|(_, byte)| **byte == b'\n')
        .map(|(at, _)| at + 1)
        .collect();
    for length in 0..=whole.len() {
        std::fs::write(&path, &whole[..length]).unwrap();
        let lines = ends.iter().filter(|&&end| end <= length).count();
        let (read, torn) = firsts(&path).unwrap();
        let jobs = lines.saturating_sub(1) as u64;
        assert_eq!(read, (1..=jobs).collect::<Vec<_>>(), "of {length} bytes");
        let behind = length - ends.iter().copied().filter(|&end| end <= length).max().unwrap_or(0);
        assert_eq!(torn, if lines == 0 { 0 } else { behind as u64 }, "of {length} bytes");
        write(&path, [job(9)]);
        assert_eq!(firsts(&path).unwrap(), ([read, vec![9]].concat(), 0), "after {length} bytes");
    }
}

#[test]
fn a_changed_byte_is_refused_with_its_line_unless_it_is_in_the_last_one() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("journal.jsonl");
    write(&path, [1, 2, 3].map(job));
    let whole = std::fs::read_to_string(&path).unwrap();
    std::fs::write(&path, whole.replacen("\"first\":2", "\"first\":5", 1)).unwrap();
    let refused = firsts(&path).unwrap_err().to_string();
    assert!(refused.contains("line 3") && refused.contains("remove this line"), "{refused}");
    std::fs::write(&path, whole.replacen("\"first\":3", "\"first\":5", 1)).unwrap();
    let (read, torn) = firsts(&path).unwrap();
    assert_eq!(read, [1, 2]);
    assert!(torn > 100, "{torn}");
    std::fs::write(&path, whole.replacen("rashomon-journal", "rashomon-diary", 1)).unwrap();
    assert!(firsts(&path).unwrap_err().to_string().contains("rashomon-diary"));
}

#[test]
fn two_processes_do_not_write_one_journal() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("journal.jsonl");
    let first = JournalWriter::lock(&path).unwrap();
    let refused = JournalWriter::lock(&path).unwrap_err().to_string();
    assert!(refused.contains("--share"), "{refused}");
    drop(first);
    JournalWriter::lock(&path).unwrap();
}

/// `RASHOMON_LINES=1000000` for the long form, which prints what it takes.
#[test]
fn a_long_journal_is_read_in_the_memory_of_one_line() {
    let lines = std::env::var("RASHOMON_LINES").map_or(2_000, |it| it.parse().unwrap());
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("journal.jsonl");
    write(&path, (1..=lines).map(job));
    let size = std::fs::metadata(&path).unwrap().len();
    let begun = Instant::now();
    let mut sum = 0;
    read_journal(&path, &mut |_, job| {
        sum += job.first;
        Ok(())
    })
    .unwrap();
    println!("{lines} lines, {} MB, read in {:?}", size / 1_000_000, begun.elapsed());
    assert_eq!(sum, lines * (lines + 1) / 2);
}
