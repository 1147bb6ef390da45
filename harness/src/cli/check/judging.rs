//! A history that comes in groups of keys, judged as they come.

use std::ops::ControlFlow;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};

use rashomon_checker::consistency::ConsistencyFamily;
use rashomon_checker::formats::{Format, Notes};
use rashomon_checker::ladder::{Ladder, Subject};
use rashomon_checker::linearizability::{Keys, Options};
use rashomon_checker::passes::Group;
use rashomon_checker::{
    Consistency, Doubt as Undecided, History, ModelKind, Stop, Tally, Value, Verdict, invariants,
};
use rashomon_results::End;

use super::asking::{Answered, Asking};
use super::assumed::Assumed;
use super::memory::Size;
use super::{CheckArgs, budget};
use crate::cli::ladder;
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
    /// What the objects are, unless nothing was asked but invariants.
    pub(super) model: Option<ModelKind>,
    /// Which consistency models it keeps, if that was asked for.
    pub(super) ladder: Option<Ladder>,
    /// What was required by name is decided by another model, in words.
    pub(super) implied: Vec<String>,
    /// What is required of transactions although no argument says so.
    pub(super) assumed: Assumed,
    /// Why a valid verdict says next to nothing, if so.
    pub(super) vacuous: Option<Doubt>,
}

/// How reading ended.
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
    /// The checks, which the first group decides; or why there are none.
    asking: anyhow::Result<Option<Asking>>,
    /// The history, as long as one group may have all of it.
    whole: Option<History>,
    /// What the file says of its test.
    metadata: Option<Value>,
    /// Bytes that holding the last group left for judging it.
    bytes_left: u64,
}

impl<'a> Judging<'a> {
    /// Nothing has come yet.
    pub(super) fn new(args: &'a CheckArgs, memory: Size, stop: &Stop) -> Self {
        let keys = if args.all_keys { Keys::All } else { Keys::UntilViolation };
        let options = Options { budget: budget(args, stop), keys, ..Options::default() };
        Self {
            args,
            options,
            memory,
            checked: None,
            asking: Ok(None),
            whole: None,
            metadata: None,
            bytes_left: 0,
        }
    }

    /// Judges a group, unless no check applies.
    pub(super) fn take(&mut self, group: Group, files: &[PathBuf]) -> ControlFlow<()> {
        let so_far = self.checked.get_or_insert_with(|| Checked {
            files: files.to_vec(),
            format: group.format,
            notes: group.notes,
            tally: group.tally.clone(),
            keys: 0,
            groups: 0,
            memory: self.memory,
            answered: Vec::new(),
            model: None,
            ladder: None,
            implied: Vec::new(),
            assumed: Assumed::Nothing,
            vacuous: None,
        });
        so_far.keys += group.history.keys().len() as u64;
        so_far.groups += 1;
        let alone = self.args.asks_invariants_alone();
        if !alone && let Ok(None) = self.asking {
            let asking = Asking::of(&group.tally, self.args.model, self.options.clone());
            self.asking = asking.map(Some);
        }
        let mut asks = self.args.ladder || !self.args.require.is_empty();
        asks |= !self.args.invariant.is_empty();
        match &mut self.asking {
            Ok(Some(asking)) => {
                asking.judge(&group);
                asks |= invariants::of_model(asking.model()).is_some();
                asks |= asking.is_of_transactions();
            }
            Ok(None) if alone => {}
            Ok(None) | Err(_) => return ControlFlow::Break(()),
        }
        self.metadata = group.metadata;
        let all = group.cut.is_none() && group.history.event_count() as u64 == group.tally.events;
        self.whole = Some(group.history).filter(|_| asks && all);
        self.bytes_left = group.search_bytes;
        ControlFlow::Continue(())
    }

    /// The result, if reading ended like this.
    ///
    /// # Errors
    /// If no check applies.
    pub(super) fn finish(mut self, end: End, interrupted: &AtomicBool) -> anyhow::Result<Came> {
        let asking = std::mem::replace(&mut self.asking, Ok(None))?;
        // What has been found stays found.
        let has_found = asking.as_ref().is_some_and(Asking::has_found);
        if interrupted.load(Ordering::Relaxed) && !has_found {
            return Ok(Came::Interrupted);
        }
        let Some(mut checked) = self.checked.take() else { return Ok(Came::TimeUp) };
        let model = asking.as_ref().map(Asking::model);
        let is_of_transactions = asking.as_ref().is_some_and(Asking::is_of_transactions);
        if is_of_transactions && self.args.require.is_empty() {
            checked.assumed = Assumed::of(self.metadata.as_ref())?;
        }
        match asking {
            Some(mut asking) => {
                if end == End::Stopped {
                    let (proved_events, events) = (asking.proved_events(), checked.tally.events);
                    asking.doubt(&Undecided::Stopped { key: None, proved_events, events });
                }
                self.climb(&mut checked, asking, end);
            }
            None if self.args.asks_invariants_alone() => {}
            None => return Ok(Came::TimeUp),
        }
        checked.model = model;
        self.invariants(&mut checked, end);
        checked.vacuous = doubt::of_file(&checked.tally);
        Ok(Came::Judged(Box::new(checked)))
    }

    /// The answers, and what follows from them for the models that were asked about.
    fn climb(&self, checked: &mut Checked, asking: Asking, end: End) {
        let (model, mut options) = (asking.model(), asking.options().clone());
        options.budget.bytes = options.budget.bytes.min(self.bytes_left);
        let of_order = asking.linearizable_is_asked();
        let of_objects = !asking.is_of_transactions();
        let assumed = checked.assumed.models();
        let require: Vec<Consistency> = self.args.require.iter().chain(assumed).copied().collect();
        checked.answered = asking.finish();
        let mut ladder = Ladder::new();
        if let Some(first) = checked.answered.first().filter(|_| of_order) {
            ladder.note(Consistency::Linearizable, Subject::of_verdict(first.verdict.clone()));
        }
        if let Some(history) = &self.whole {
            let subject = Subject::new(history, model, &options);
            if self.args.ladder {
                ladder.climb(&subject);
            }
            for &required in &require {
                ladder.decide(&subject, required);
            }
        } else {
            let is_of_transactions =
                |it: Consistency| it.family() == ConsistencyFamily::Transactions;
            let why = unheld(checked, end);
            ladder.leave_open(&why, |it| is_of_transactions(it) != of_objects);
        }
        if !require.is_empty() {
            let mut required = Vec::new();
            for &model in &require {
                checked.implied.extend(ladder::follows(&ladder, model));
                let verdict = ladder::answer(&ladder, model);
                required.push(Answered::of(model.name().to_owned(), verdict));
            }
            checked.answered.iter_mut().for_each(|it| it.required = false);
            required.append(&mut checked.answered);
            checked.answered = required;
        }
        checked.ladder = Some(ladder).filter(|_| self.args.ladder);
    }
}

impl Judging<'_> {
    /// The answers on invariants: those that are required, and what tells more of objects of this model.
    fn invariants(&self, checked: &mut Checked, end: End) {
        let required = self.args.invariant.iter().copied();
        let more = checked.model.and_then(invariants::of_model);
        let more = more.filter(|it| !self.args.invariant.contains(it));
        for invariant in required.chain(more) {
            let asked = invariant.name().to_owned();
            let mut answered = match &self.whole {
                Some(history) => {
                    let report = invariants::check(history, invariant);
                    let (found, figures) = (report.found, report.figures);
                    let latencies = report.latencies;
                    Answered { found, figures, latencies, ..Answered::of(asked, report.verdict) }
                }
                None => Answered::of(asked, Verdict::unknown(unheld(checked, end))),
            };
            answered.required = Some(invariant) != more;
            checked.answered.push(answered);
        }
    }
}

/// Why models over all keys cannot be judged for a history that was read in groups of keys, or not to its
/// end.
fn unheld(checked: &Checked, end: End) -> Undecided {
    let events = checked.tally.events;
    if end == End::Stopped {
        return Undecided::Stopped { key: None, proved_events: 0, events };
    }
    Undecided::Unheld { key: None, held_events: 0, events, bytes: checked.memory.0 }
}
