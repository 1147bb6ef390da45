//! A history that comes in groups of keys, judged as they come.

use std::ops::ControlFlow;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};

use rashomon_checker::formats::{Format, Notes};
use rashomon_checker::linearizability::{Keys, Options};
use rashomon_checker::passes::Group;
use rashomon_checker::{Doubt as Undecided, Stop, Tally};
use rashomon_results::End;

use super::asking::{Answered, Asking};
use super::memory::Size;
use super::{CheckArgs, budget};
use crate::doubt::{self, Doubt};

/// A history, judged.
pub(super) struct Checked {
    /// Where it was found.
    pub(super) files: Vec<PathBuf>,
    pub(super) format: Format,
    pub(super) notes: Notes,
    pub(super) tally: Tally,
    pub(super) keys: u64,
    /// Groups of keys that were held one after the other.
    pub(super) groups: u64,
    pub(super) memory: Size,
    pub(super) answered: Vec<Answered>,
    /// Why a valid verdict says next to nothing, if so.
    pub(super) vacuous: Option<Doubt>,
}

/// What came of reading.
pub(super) enum Came {
    Judged(Box<Checked>),
    /// It was interrupted before anything was found.
    Interrupted,
    /// The time was up before anything could be judged.
    TimeUp,
}

/// What has been judged so far.
pub(super) struct Judging<'a> {
    args: &'a CheckArgs,
    options: Options,
    memory: Size,
    checked: Option<Checked>,
    /// What is asked, which the first group decides; or why nothing can be.
    asking: anyhow::Result<Option<Asking>>,
}

impl<'a> Judging<'a> {
    /// Nothing has come yet.
    pub(super) fn new(args: &'a CheckArgs, memory: Size, stop: &Stop) -> Self {
        let keys = if args.all_keys { Keys::All } else { Keys::UntilViolation };
        let options = Options { budget: budget(args, stop), keys, ..Options::default() };
        Self { args, options, memory, checked: None, asking: Ok(None) }
    }

    /// Judges a group, unless nothing that fits can be asked.
    pub(super) fn take(&mut self, group: &Group, files: &[PathBuf]) -> ControlFlow<()> {
        let so_far = self.checked.get_or_insert_with(|| Checked {
            files: files.to_vec(),
            format: group.format,
            notes: group.notes,
            tally: group.tally.clone(),
            keys: 0,
            groups: 0,
            memory: self.memory,
            answered: Vec::new(),
            vacuous: None,
        });
        so_far.keys += group.history.keys().len() as u64;
        so_far.groups += 1;
        if let Ok(None) = self.asking {
            let asking = Asking::of(&group.tally, self.args.model, self.options.clone());
            self.asking = asking.map(Some);
        }
        let Ok(Some(asking)) = &mut self.asking else { return ControlFlow::Break(()) };
        asking.judge(group);
        ControlFlow::Continue(())
    }

    /// What came of it, where reading came to this `end`.
    ///
    /// # Errors
    /// If nothing that fits can be asked.
    pub(super) fn finish(self, end: End, interrupted: &AtomicBool) -> anyhow::Result<Came> {
        let asking = self.asking?;
        // What has been found stays found.
        let has_found = asking.as_ref().is_some_and(Asking::has_found);
        if interrupted.load(Ordering::Relaxed) && !has_found {
            return Ok(Came::Interrupted);
        }
        let Some((mut checked, mut asking)) = self.checked.zip(asking) else {
            return Ok(Came::TimeUp);
        };
        if end == End::Stopped {
            let (proved_events, events) = (asking.proved_events(), checked.tally.events);
            asking.doubt(&Undecided::Stopped { key: None, proved_events, events });
        }
        checked.answered = asking.finish();
        checked.vacuous = doubt::of_file(&checked.tally);
        Ok(Came::Judged(Box::new(checked)))
    }
}
