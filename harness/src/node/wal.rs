//! The write-ahead log: records become durable in groups.
//!
//! A thread takes all records that wait, writes them with their checksums, syncs, and says up to
//! which record everything is durable. Until then they are in this process's memory only.

use std::fs::{File, OpenOptions};
use std::io::{Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::sync::mpsc;

use anyhow::{Context, bail};
use rashomon_targets::PersistId;
use serde::{Serialize, de::DeserializeOwned};

use super::record::{self, Found};

/// The first bytes of a log: format and version.
const MAGIC: &[u8; 8] = b"RSHWAL2\n";

/// An open log, positioned at its end.
pub(super) struct Wal {
    path: PathBuf,
    file: File,
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
        while at > 0 {
            let (payload, end) = match record::find(&bytes, at) {
                Found::Whole { payload, end } => (payload, end),
                Found::End | Found::Torn => break,
                Found::Damaged { whole_at } => bail!(
                    "{}: the record at byte {at} is damaged, and an intact one follows at byte \
                     {whole_at}. Acknowledged writes may be lost, so the node does not start; \
                     restore the file from a copy, or start a new run",
                    path.display()
                ),
            };
            records.push(
                serde_json::from_slice(payload)
                    .with_context(|| format!("{}: record at byte {at}", path.display()))?,
            );
            at = end;
        }
        let end = at as u64;
        file.set_len(end)?;
        file.seek(SeekFrom::Start(end))?;
        if at == 0 {
            file.write_all(MAGIC)?;
        }
        file.sync_all().with_context(|| format!("sync {}", path.display()))?;
        Ok((Self { path: path.to_owned(), file }, records))
    }

    /// Makes records durable as they come, and says so. Ends when no more can come.
    ///
    /// # Errors
    /// If the disk does not take them. They are then not durable, and must not be called so.
    pub(super) fn run<R: Serialize>(
        mut self,
        records: &mpsc::Receiver<(PersistId, R)>,
        durable: impl Fn(PersistId),
    ) -> anyhow::Result<()> {
        let mut group = Vec::new();
        while let Ok((mut last, first)) = records.recv() {
            group.clear();
            append(&mut group, &first)?;
            while let Ok((id, record)) = records.try_recv() {
                append(&mut group, &record)?;
                last = id;
            }
            self.file
                .write_all(&group)
                .and_then(|()| self.file.sync_data())
                .with_context(|| format!("write {}", self.path.display()))?;
            durable(last);
        }
        Ok(())
    }
}

fn append<R: Serialize>(group: &mut Vec<u8>, record: &R) -> anyhow::Result<()> {
    record::append(group, &serde_json::to_vec(record)?);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn write(path: &Path, records: &[&str]) {
        let (wal, _) = Wal::open::<String>(path).unwrap();
        let (tx, rx) = mpsc::channel();
        for (id, record) in (1..).zip(records) {
            tx.send((PersistId(id), (*record).to_owned())).unwrap();
        }
        drop(tx);
        let last = std::cell::Cell::new(PersistId(0));
        wal.run(&rx, |id| last.set(id)).unwrap();
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
        let wal = Wal {
            path: "/dev/full".into(),
            file: OpenOptions::new().write(true).open("/dev/full").unwrap(),
        };
        let (tx, rx) = mpsc::channel();
        tx.send((PersistId(1), "a")).unwrap();
        drop(tx);
        let error = wal.run(&rx, |_| panic!("nothing is durable")).unwrap_err();
        assert!(format!("{error:#}").contains("No space left"), "{error:#}");
    }
}
