//! Histories too large to be held, read again and again.

use std::cell::Cell;
use std::fs::File;
use std::io::{self, BufReader, Read};
use std::ops::ControlFlow;
use std::path::Path;
use std::rc::Rc;

use rashomon_checker::formats::passes::{Again, Beat, Group, Passed, Passes};

use crate::StoreError;

/// How far reading is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reading {
    /// Which pass, and of how many, and how many events.
    pub beat: Beat,
    /// Bytes read in this pass.
    pub read: u64,
    /// Bytes of the file; unknown of a pipe.
    pub of: Option<u64>,
}

/// How reading ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// With the last group.
    Whole,
    /// Whoever was told wanted no more.
    Stopped,
}

/// Reads a history, in any format that is known, in as many passes as it takes to hold no more of
/// it at a time than there is room for. `begin` makes the passes, when it is known whether the file
/// can be read again; `watch` is told now and then how far it is; `each` is given
/// the groups, the last one cut short if `watch` wants no more.
///
/// A file that grows meanwhile is read as far as it went at first. What cannot be read twice, such
/// as a pipe, is read once: see [`rashomon_checker::formats::passes`].
///
/// # Errors
/// Names the file, and the line and column at fault.
pub fn read_in_passes(
    path: &Path,
    begin: impl FnOnce(Again) -> Passes,
    watch: &mut dyn FnMut(Reading) -> ControlFlow<()>,
    each: &mut dyn FnMut(Group) -> ControlFlow<()>,
) -> Result<End, StoreError> {
    let mut file = File::open(path).map_err(|e| StoreError::read(path, e))?;
    let about = file.metadata().map_err(|e| StoreError::read(path, e))?;
    let of = (about.is_file() && about.len() > 0).then_some(about.len());
    let again = if of.is_some() { Again::Yes } else { Again::No };
    let mut passes = begin(again);
    loop {
        let read = Rc::new(Cell::new(0));
        let counted = Counted { input: file.take(of.unwrap_or(u64::MAX)), read: Rc::clone(&read) };
        let came = passes.read(BufReader::with_capacity(BUFFER, counted), &mut |beat| match watch(
            Reading { beat, read: read.get(), of },
        ) {
            ControlFlow::Break(()) => ControlFlow::Break(()),
            ControlFlow::Continue(()) => {
                ControlFlow::Continue(of.map(|of| read.get().saturating_mul(1000) / of))
            }
        });
        match came
            .map_err(|e| StoreError::Content { path: path.to_owned(), problem: e.to_string() })?
        {
            Passed::Group(group) => {
                if each(*group).is_break() {
                    return Ok(End::Stopped);
                }
            }
            Passed::TooMuch => {}
            Passed::Stopped(group) => {
                let _: ControlFlow<()> = each(*group); // It ends here anyhow.
                return Ok(End::Stopped);
            }
        }
        if passes.is_done() {
            return Ok(End::Whole);
        }
        file = File::open(path).map_err(|e| StoreError::read(path, e))?;
    }
}

const BUFFER: usize = 1 << 18;

/// Counts what is read.
struct Counted<R> {
    input: R,
    read: Rc<Cell<u64>>,
}

impl<R: Read> Read for Counted<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.input.read(buffer)?;
        self.read.set(self.read.get() + read as u64);
        Ok(read)
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use rashomon_checker::formats::ReadOptions;
    use rashomon_checker::formats::passes::Room;

    use super::*;

    fn history(operations: u64) -> String {
        let line = |process: u64, kind: &str, key: u64| {
            format!("{{\"process\":{process},\"type\":\"{kind}\",\"f\":\"read\",\"key\":{key}}}\n")
        };
        (0..operations).map(|op| line(op, "invoke", op % 50) + &line(op, "ok", op % 50)).collect()
    }

    fn read(path: &Path, bytes: u64) -> (usize, usize) {
        let room = Room { bytes, threads: 1 };
        let (mut groups, mut operations) = (0, 0);
        let end = read_in_passes(
            path,
            |again| Passes::new(&ReadOptions::default(), room, again),
            &mut |_| ControlFlow::Continue(()),
            &mut |group| {
                groups += 1;
                operations += group.history.len();
                ControlFlow::Continue(())
            },
        );
        assert_eq!(end.unwrap(), End::Whole);
        (groups, operations)
    }

    #[test]
    fn every_operation_of_a_file_is_in_one_group() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("history.jsonl");
        std::fs::write(&path, history(5000)).unwrap();
        assert_eq!(read(&path, 100 << 20), (1, 5000));
        let (groups, operations) = read(&path, 200_000);
        assert!((2..8).contains(&groups), "{groups} groups");
        assert_eq!(operations, 5000);
    }

    #[test]
    fn a_pipe_is_read_once_and_its_beginning_held() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("pipe");
        let made = std::process::Command::new("mkfifo").arg(&path).status().unwrap();
        assert!(made.success());
        let writer = std::thread::spawn({
            let path = path.clone();
            move || File::create(path).unwrap().write_all(history(5000).as_bytes()).unwrap()
        });
        let (groups, operations) = read(&path, 200_000);
        assert_eq!(groups, 1);
        assert!((100..4000).contains(&operations), "{operations} operations");
        writer.join().unwrap();
    }
}
