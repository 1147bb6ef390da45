//! The write-ahead log: records become durable in groups.
//!
//! A thread takes all records that wait, writes them with their checksums, syncs, and says up to
//! which record everything is durable. Until then they are in this process's memory only.

use std::fs::{File, OpenOptions};
use std::io::{Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use anyhow::{Context, bail};
use rashomon_targets::PersistId;
use serde::{Serialize, de::DeserializeOwned};
use thiserror::Error;

use crate::disk::record::{self, Damaged};
use crate::disk::{Damage, DiskCounts, DiskTrouble};

/// The first bytes of a log: format and version.
pub(super) const MAGIC: &[u8; 8] = b"RSHWAL2\n";

/// The name of a log's file.
pub(super) const FILE: &str = "wal.log";
/// The name of the file of a log that is damaged now.
const KEPT: &str = "wal.log.kept";

/// An open log, positioned at its end.
pub(super) struct Wal {
    path: PathBuf,
    file: File,
    /// What is wrong with the disk.
    trouble: DiskTrouble,
    /// What a disk that lies has not written.
    cached: Vec<u8>,
}

/// Something for the thread of the disk.
pub(super) enum DiskJob<R> {
    /// To be made durable.
    Write(PersistId, R),
    /// From now on this is wrong; the second is called once it is so.
    Suffer(DiskTrouble, Done),
}

/// Tells that it is done.
pub(super) type Done = Box<dyn FnOnce() + Send>;

/// What the disk has done so far in its troubles; the thread of the node looks.
#[derive(Debug, Default)]
pub(super) struct DiskCounters {
    delayed: AtomicU64,
    lied: AtomicU64,
    unwritten: AtomicU64,
}

impl DiskCounters {
    /// As they are now.
    pub(super) fn read(&self) -> DiskCounts {
        let [delayed, lied, unwritten] =
            [&self.delayed, &self.lied, &self.unwritten].map(|count| count.load(Ordering::Relaxed));
        DiskCounts { delayed, lied, unwritten }
    }
}

/// A log that is damaged before its end.
#[derive(Debug, Error)]
#[error(
    "{}: the record at byte {} is damaged, and an intact one follows at byte {}. Acknowledged writes may be \
     lost, so the node does not start; restore the file from a copy, or start a new run",
    path.display(), damaged.at, damaged.whole_at
)]
pub(super) struct DamagedLog {
    path: PathBuf,
    damaged: Damaged,
}

impl Wal {
    /// Opens or creates a log and reads what survived. An unfinished record at the end, which a
    /// crash while writing leaves, is cut off.
    ///
    /// # Errors
    /// If a record before a whole one is damaged: both may have been acknowledged, so the node must
    /// not start as if nothing had happened.
    pub(super) fn open<R: DeserializeOwned>(path: &Path) -> anyhow::Result<(Self, Vec<R>)> {
        let mut file = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .open(path)
            .with_context(|| format!("open {}", path.display()))?;
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes).with_context(|| format!("read {}", path.display()))?;
        let mut records = Vec::new();
        let mut at = if bytes.is_empty() { 0 } else { MAGIC.len() };
        if !bytes.is_empty() && !bytes.starts_with(MAGIC) {
            // A crash may have come before the first eight bytes were written.
            if !MAGIC.starts_with(&bytes) {
                bail!("{}: this is not a log of this version of rashomon", path.display());
            }
            at = 0;
        }
        if at > 0 {
            let scanned = record::scan(&bytes, at)
                .map_err(|damaged| DamagedLog { path: path.to_owned(), damaged })?;
            for (at, payload) in &scanned.records {
                let record = serde_json::from_slice(payload);
                records.push(
                    record.with_context(|| format!("{}: record at byte {at}", path.display()))?,
                );
            }
            at = scanned.end;
        }
        let end = at as u64;
        file.set_len(end)?;
        file.seek(SeekFrom::Start(end))?;
        if at == 0 {
            file.write_all(MAGIC)?;
        }
        file.sync_all().with_context(|| format!("sync {}", path.display()))?;
        let (trouble, cached) = (DiskTrouble::default(), Vec::new());
        Ok((Self { path: path.to_owned(), file, trouble, cached }, records))
    }

    /// Makes records durable as they come, and says so. Ends when no more can come.
    ///
    /// # Errors
    /// If the disk does not take them. They are then not durable, and must not be called so.
    pub(super) fn run<R: Serialize>(
        mut self,
        jobs: &mpsc::Receiver<DiskJob<R>>,
        counts: &DiskCounters,
        durable: impl Fn(PersistId),
    ) -> anyhow::Result<()> {
        let mut group = Vec::new();
        let mut next = jobs.recv().ok();
        while let Some(job) = next.take() {
            match job {
                DiskJob::Suffer(trouble, done) => {
                    self.suffer(trouble, counts)?;
                    done();
                }
                DiskJob::Write(mut last, first) => {
                    group.clear();
                    append(&mut group, &first)?;
                    let mut records = 1;
                    next = jobs.try_recv().ok();
                    while let Some(DiskJob::Write(id, record)) = &next {
                        append(&mut group, record)?;
                        (last, records) = (*id, records + 1);
                        next = jobs.try_recv().ok();
                    }
                    self.take(&group, records, counts)?;
                    durable(last);
                }
            }
            if next.is_none() {
                next = jobs.recv().ok();
            }
        }
        Ok(())
    }

    /// From now on this is wrong with the disk. What it only said to have written is written, if it does not lie any
    /// more.
    fn suffer(&mut self, trouble: DiskTrouble, counts: &DiskCounters) -> anyhow::Result<()> {
        self.trouble = trouble;
        if !trouble.lies && !self.cached.is_empty() {
            let cached = std::mem::take(&mut self.cached);
            self.write(&cached)?;
            counts.unwritten.store(0, Ordering::Relaxed);
        }
        Ok(())
    }

    /// Writes a group of this many records, as far as the disk is sound.
    fn take(&mut self, group: &[u8], records: u64, counts: &DiskCounters) -> anyhow::Result<()> {
        let DiskTrouble { slow_by, fails, lies } = self.trouble;
        if slow_by > 0 {
            counts.delayed.fetch_add(1, Ordering::Relaxed);
            // The fault itself: this thread is the disk, and nothing else waits for it.
            thread::sleep(Duration::from_nanos(slow_by));
        }
        if let Some(failure) = fails {
            // What is before it in the cache is not there: nothing of it can be.
            let left = if self.cached.is_empty() { failure.leaves(group.len()) } else { 0 };
            self.write(&group[..left])?;
            bail!("{}: {}, as a fault had it", self.path.display(), failure.told());
        }
        if lies {
            self.cached.extend_from_slice(group);
            counts.lied.fetch_add(records, Ordering::Relaxed);
            counts.unwritten.fetch_add(records, Ordering::Relaxed);
            return Ok(());
        }
        self.write(group)
    }

    fn write(&mut self, bytes: &[u8]) -> anyhow::Result<()> {
        let written = self.file.write_all(bytes).and_then(|()| self.file.sync_data());
        written.with_context(|| format!("write {}", self.path.display()))
    }
}

/// Damages the log in the folder of a dead node, and returns how many records that were. What a flipped bit damages is
/// kept for [`restore`].
///
/// # Errors
/// If the files cannot be read or written.
pub(crate) fn damage(data: &Path, damage: Damage) -> anyhow::Result<u64> {
    let path = data.join(FILE);
    let mut bytes = std::fs::read(&path).with_context(|| format!("read {}", path.display()))?;
    if !bytes.starts_with(MAGIC) {
        return Ok(0); // It died before it had written anything.
    }
    let damaged = damage.strike(&mut bytes, MAGIC.len());
    if damaged > 0 {
        if matches!(damage, Damage::Flip(_)) {
            let kept = data.join(KEPT);
            std::fs::copy(&path, &kept).with_context(|| format!("write {}", kept.display()))?;
        }
        std::fs::write(&path, bytes).with_context(|| format!("write {}", path.display()))?;
    }
    Ok(damaged)
}

/// Puts the log that was kept in the place of the one that was damaged.
///
/// # Errors
/// If it cannot be moved.
pub(crate) fn restore(data: &Path) -> anyhow::Result<()> {
    let kept = data.join(KEPT);
    std::fs::rename(&kept, data.join(FILE)).with_context(|| format!("move {}", kept.display()))
}

fn append<R: Serialize>(group: &mut Vec<u8>, record: &R) -> anyhow::Result<()> {
    record::append(group, &serde_json::to_vec(record)?);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::disk::WriteFailure;

    fn write(path: &Path, records: &[&str]) {
        let (wal, _) = Wal::open::<String>(path).unwrap();
        let (tx, rx) = mpsc::channel();
        for (id, record) in (1..).zip(records) {
            tx.send(DiskJob::Write(PersistId(id), (*record).to_owned())).unwrap();
        }
        drop(tx);
        let last = std::cell::Cell::new(PersistId(0));
        wal.run(&rx, &DiskCounters::default(), |id| last.set(id)).unwrap();
        assert_eq!(last.get(), PersistId(records.len() as u64));
    }

    fn survivors(path: &Path) -> anyhow::Result<Vec<String>> {
        Wal::open(path).map(|(_, records)| records)
    }

    #[test]
    fn what_was_durable_is_read_back_in_order() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("wal.log");
        write(&path, &["a", "b"]);
        write(&path, &["c"]);
        assert_eq!(survivors(&path).unwrap(), ["a", "b", "c"]);
    }

    #[test]
    fn a_torn_tail_is_cut_wherever_it_was_torn() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("wal.log");
        write(&path, &["first", "second"]);
        let whole = std::fs::read(&path).unwrap();
        let first_end = MAGIC.len() + record::HEADER + "\"first\"".len();
        for len in 0..whole.len() {
            std::fs::write(&path, &whole[..len]).unwrap();
            let expected: &[&str] = if len >= first_end { &["first"] } else { &[] };
            assert_eq!(survivors(&path).unwrap(), expected, "cut to {len} bytes");
            write(&path, &["third"]);
            assert_eq!(survivors(&path).unwrap().last().unwrap(), "third");
        }
    }

    #[test]
    fn damage_to_any_byte_before_a_whole_record_is_refused_and_the_file_left_as_it_is() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("wal.log");
        write(&path, &["first", "second"]);
        let whole = std::fs::read(&path).unwrap();
        let second = MAGIC.len() + record::HEADER + "\"first\"".len();
        for at in MAGIC.len()..second {
            let mut bytes = whole.clone();
            bytes[at] ^= 0x40; // In a length it points beyond the end, as an unfinished record does.
            std::fs::write(&path, &bytes).unwrap();
            let error = survivors(&path).unwrap_err().to_string();
            let told = format!("byte 8 is damaged, and an intact one follows at byte {second}");
            assert!(error.contains(&told), "byte {at}: {error}");
            assert_eq!(std::fs::read(&path).unwrap(), bytes, "nothing was cut off");
        }
    }

    #[test]
    fn a_full_disk_makes_nothing_durable() {
        let file = OpenOptions::new().write(true).open("/dev/full").unwrap();
        let (trouble, cached) = (DiskTrouble::default(), Vec::new());
        let wal = Wal { path: "/dev/full".into(), file, trouble, cached };
        let (tx, rx) = mpsc::channel();
        tx.send(DiskJob::Write(PersistId(1), "a")).unwrap();
        drop(tx);
        let counts = DiskCounters::default();
        let error = wal.run(&rx, &counts, |_| panic!("nothing is durable")).unwrap_err();
        assert!(format!("{error:#}").contains("No space left"), "{error:#}");
    }

    /// Opens the log, has the disk suffer and write by turns, and ends without another write, as a kill does.
    /// Returns how that ended, and the last record that was called durable.
    fn in_trouble(
        path: &Path,
        jobs: Vec<DiskJob<String>>,
    ) -> (anyhow::Result<()>, u64, DiskCounts) {
        let (wal, _) = Wal::open::<String>(path).unwrap();
        let (tx, rx) = mpsc::channel();
        for job in jobs {
            tx.send(job).unwrap();
        }
        drop(tx);
        let (last, counts) = (std::cell::Cell::new(0), DiskCounters::default());
        let ended = wal.run(&rx, &counts, |id| last.set(id.0));
        (ended, last.get(), counts.read())
    }

    fn suffer(trouble: DiskTrouble) -> DiskJob<String> {
        DiskJob::Suffer(trouble, Box::new(|| ()))
    }

    #[test]
    fn a_write_that_fails_is_never_called_durable_and_leaves_what_its_failure_says() {
        for (failure, kept, told) in [
            (WriteFailure::Write, &["a"][..], "Input/output error"),
            (WriteFailure::Sync, &["a", "b"], "fsync: Input/output error"),
            (WriteFailure::Full, &["a"], "No space left on device"),
            (WriteFailure::Torn, &["a"], "the power failed"),
        ] {
            let folder = tempfile::tempdir().unwrap();
            let path = folder.path().join("wal.log");
            write(&path, &["a"]);
            let fails = DiskTrouble { fails: Some(failure), ..DiskTrouble::default() };
            let jobs = vec![suffer(fails), DiskJob::Write(PersistId(1), "b".to_owned())];
            let (ended, durable, _) = in_trouble(&path, jobs);
            let error = format!("{:#}", ended.unwrap_err());
            assert!(error.contains(told), "{error}");
            assert_eq!(
                (durable, survivors(&path).unwrap()),
                (0, kept.iter().map(|it| (*it).to_owned()).collect())
            );
        }
    }

    #[test]
    fn a_disk_that_lies_writes_what_it_has_cached_once_it_does_not_lie_and_loses_it_else() {
        let lies = DiskTrouble { lies: true, ..DiskTrouble::default() };
        for (becomes_honest, kept) in [(false, 1), (true, 3)] {
            let folder = tempfile::tempdir().unwrap();
            let path = folder.path().join("wal.log");
            write(&path, &["a"]);
            let mut jobs = vec![suffer(lies)];
            jobs.extend((1..=2).map(|id| DiskJob::Write(PersistId(id), id.to_string())));
            jobs.extend(becomes_honest.then(|| suffer(DiskTrouble::default())));
            let (ended, durable, counts) = in_trouble(&path, jobs);
            ended.unwrap();
            let unwritten = if becomes_honest { 0 } else { 2 };
            assert_eq!((durable, counts), (2, DiskCounts { delayed: 0, lied: 2, unwritten }));
            assert_eq!(survivors(&path).unwrap().len(), kept);
        }
    }

    #[test]
    fn a_slow_disk_takes_its_time_and_counts_its_writes() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("wal.log");
        let slow = DiskTrouble { slow_by: 30_000_000, ..DiskTrouble::default() };
        let began = std::time::Instant::now();
        let jobs = vec![suffer(slow), DiskJob::Write(PersistId(1), "a".to_owned())];
        let (ended, durable, counts) = in_trouble(&path, jobs);
        ended.unwrap();
        assert_eq!((durable, counts.delayed), (1, 1));
        assert!(began.elapsed() >= Duration::from_millis(30));
    }
}
