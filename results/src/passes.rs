//! Histories too large to be held, read again and again.

use std::cell::Cell;
use std::io::BufRead;
use std::ops::ControlFlow;
use std::path::PathBuf;
use std::rc::Rc;

use rashomon_checker::formats::LoadError;
use rashomon_checker::passes::{Again, Beat, Group, Misread, Passed, Passes};
use rashomon_checker::{HistoryError, Stop};

use crate::StoreError;
use crate::mapping::Mapping;
use crate::rows::{self, Rows, Trouble};
use crate::source::Source;

/// What is to be read.
#[derive(Clone, Debug)]
pub struct Input {
    /// The files of one history. Events of several are put in order by their times.
    pub paths: Vec<PathBuf>,
    /// What the fields mean, if it is the user's own log.
    pub mapping: Option<Mapping>,
    /// How many bytes of a pipe are kept, so that a short one can be read again.
    pub keep: usize,
    /// When to wait no longer.
    pub stop: Stop,
}

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
    /// The listener stopped it.
    Stopped,
}

/// Reads a history, in any format that is known, packed by gzip or not, in as many passes as it
/// takes to hold no more of it at a time than there is room for. `begin` makes the passes, when it
/// is known whether the input can be read again; `watch` receives now and then how far it is; `each`
/// is given the groups, the last one cut short if `watch` wants no more.
///
/// A file that grows meanwhile is read as far as it went at first. Of a pipe that is longer than
/// what is kept there is one pass: see [`rashomon_checker::passes`].
///
/// # Errors
/// Names the file, and the line and column at fault.
pub fn read_in_passes(
    input: &Input,
    begin: impl FnOnce(Again) -> Passes,
    watch: &mut dyn FnMut(Reading) -> ControlFlow<()>,
    each: &mut dyn FnMut(Group) -> ControlFlow<()>,
) -> Result<End, StoreError> {
    let open = |path: &PathBuf| Source::open(path, input.keep, &input.stop);
    let mut sources = input.paths.iter().map(open).collect::<Result<Vec<Source>, _>>()?;
    if let [_, _, ..] = sources[..]
        && let Some(pipe) = sources.iter().find(|source| !source.is_lasting())
    {
        if input.stop.asked() {
            return Ok(End::Stopped);
        }
        let problem =
            "a pipe of this length cannot be merged with other files; write it to a file first";
        return Err(StoreError::Content { path: pipe.path.clone(), problem: problem.to_owned() });
    }
    let of = sources.iter().map(Source::len).sum::<Option<u64>>();
    let again = if of.is_some() { Again::Yes } else { Again::No };
    let mut passes = begin(again);
    if sources.len() > 1 {
        passes = passes.by_time();
    }
    loop {
        match pass(input, &mut sources, &mut passes, of, watch)? {
            Passed::Group(group) => {
                if each(*group).is_break() {
                    return Ok(End::Stopped);
                }
            }
            Passed::Again => {}
            Passed::Nothing => return Ok(End::Stopped),
            Passed::Stopped(group) => {
                let _: ControlFlow<()> = each(*group); // It ends here anyhow.
                return Ok(End::Stopped);
            }
        }
        if passes.is_done() {
            return Ok(End::Whole);
        }
    }
}

/// Makes one pass.
fn pass(
    input: &Input,
    sources: &mut [Source],
    passes: &mut Passes,
    of: Option<u64>,
    watch: &mut dyn FnMut(Reading) -> ControlFlow<()>,
) -> Result<Passed, StoreError> {
    let read = Rc::new(Cell::new(0));
    let trouble = Trouble::default();
    let open = |source: &mut Source| -> Result<Box<dyn BufRead + '_>, StoreError> {
        let content = source.read(&read)?;
        let Some(mapping) = &input.mapping else { return Ok(content) };
        let rows = Rows::new(mapping, content, Rc::clone(&trouble));
        Ok(Box::new(rows::buffered(rows.map_err(|e| StoreError::read(&source.path, e))?)))
    };
    let files = sources.iter_mut().map(open).collect::<Result<Vec<_>, _>>()?;
    let came =
        passes.read_all(files, &mut |beat| match watch(Reading { beat, read: read.get(), of }) {
            ControlFlow::Break(()) => ControlFlow::Break(()),
            ControlFlow::Continue(()) => {
                ControlFlow::Continue(of.map(|of| read.get().saturating_mul(1000) / of.max(1)))
            }
        });
    came.map_err(|wrong| {
        let path = input.paths[wrong.file].clone();
        let problem = trouble.borrow_mut().take().unwrap_or_else(|| problem(input, wrong));
        StoreError::Content { path, problem }
    })
}

/// What is wrong, with lines as the file has them.
fn problem(input: &Input, wrong: Misread) -> String {
    let several = input.paths.len() > 1;
    let mut error = wrong.error;
    if let Some(mapping) = &input.mapping {
        let each = mapping.row_kind().lines();
        match &mut error {
            LoadError::Format(error) => error.line = error.line.div_ceil(each),
            LoadError::History { line, .. }
            | LoadError::Order { line, .. }
            | LoadError::Unsorted { line } => *line = line.div_ceil(each),
            LoadError::Tuples => {}
        }
    }
    match &error {
        LoadError::History { error: HistoryError::Overlap { .. }, .. } if several => {
            format!("{error}; processes of different files need different names")
        }
        _ => error.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use std::fs::File;
    use std::io::Write;
    use std::path::Path;

    use rashomon_checker::formats::ReadOptions;
    use rashomon_checker::passes::Room;

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
        let input = Input {
            paths: vec![path.to_owned()],
            mapping: None,
            keep: usize::try_from(bytes / 10).unwrap(),
            stop: Stop::when(|| false),
        };
        let end = read_in_passes(
            &input,
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
