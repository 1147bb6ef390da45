//! Does a job: all of its runs, one after another.

use std::collections::BTreeMap;
use std::sync::Arc;

use anyhow::Context;
use rashomon_checker::formats::json;
use rashomon_checker::{Event, Time};
use rashomon_results::{DoubtfulRunRecord, FailureRecord, JobFactsRecord};
use rashomon_targets::Role;

use super::cell::Hash64;
use super::coverage::{AskedCell, DOWN, NO_FAULT, PAIR, UNSEEN};
use super::signature::signatures;
use super::{CampaignCell, Job};
use crate::availability::availability;
use crate::execute::{self, Finished, Keep};
use crate::exit::Exit;
use crate::fault::FaultSpan;
use crate::judge::{Outcome, Requirement};
use crate::run::drive::{AskedRole, Ended, SpanOutcome, Stage, Watcher};
use crate::run::recorder::OperationCounts;
use crate::settings::Settings;

/// The most signatures that a job tells of.
const SIGNATURES: usize = 32;

/// Does a job in simulation; `None` if it was stopped, and then nothing of it counts.
///
/// # Errors
/// If a run cannot be made, which is no fault of the target.
pub(crate) fn execute_simulated(
    job: &Job,
    cell: &CampaignCell,
    stop: &dyn Fn() -> bool,
) -> anyhow::Result<Option<JobFactsRecord>> {
    let mut facts = Facts::default();
    for seed in job.first..job.first + job.count {
        let settings = cell.settings(seed);
        let mut seen = SeenRun::new(stop);
        let finished = run(&settings, &mut seen)?;
        if matches!(finished.driven.ended, Ended::Interrupted { .. }) || stop() {
            return Ok(None);
        }
        facts.take((seed, None), &finished, seen);
    }
    Ok(Some(facts.record()))
}

/// Makes one simulated run. It is judged by what is required alone: what is kept is judged in full.
fn run(settings: &Settings, seen: &mut SeenRun<'_>) -> anyhow::Result<Finished> {
    let plan = execute::plan(settings);
    let kind = settings.kind().context("the file was checked")?;
    let asked = Requirement::new(settings, kind, &plan.kinds()).alone();
    execute::execute_asking(&asked, settings, &plan, Keep::default(), seen)
}

/// What the runs of a job add up to.
#[derive(Default)]
pub(crate) struct Facts {
    record: JobFactsRecord,
    failures: BTreeMap<String, FailureRecord>,
    covered: BTreeMap<OperationAsked, u64>,
    digest: Hash64,
}

impl Facts {
    /// Adds a run; one that failed and that no seed repeats is kept.
    pub(crate) fn take(
        &mut self,
        (seed, folder): (u64, Option<&str>),
        finished: &Finished,
        run: SeenRun<'_>,
    ) {
        let judgement = &finished.judgement;
        let outcome = judgement.outcome();
        match outcome {
            Outcome::Valid => self.record.valid += 1,
            Outcome::Violation => {
                self.record.violation += 1;
                self.fail((seed, folder), finished);
            }
            Outcome::Unknown => {
                self.record.unknown += 1;
                let why = judgement.all_doubts().map(ToString::to_string).next();
                let doubtful = DoubtfulRunRecord { seed, why: why.unwrap_or_default() };
                self.record.doubtful.get_or_insert(doubtful);
            }
        }
        self.record.operations += finished.tally.invoked;
        self.record.bug_hits += finished.driven.bug_hits;
        self.record.figures.take(&availability(&finished.history, &finished.driven.spans));
        for (asked, times) in run.covered {
            *self.covered.entry(asked).or_default() += times;
        }
        let outcome = Exit::from(outcome).number();
        self.digest.take(&seed.to_le_bytes());
        self.digest.take(&[outcome]);
        self.digest.take(&run.history.finalize().to_le_bytes());
    }

    fn fail(&mut self, (seed, folder): (u64, Option<&str>), finished: &Finished) {
        let operations = finished.tally.invoked;
        for (signature, why) in signatures(&finished.judgement) {
            let all = self.failures.entry(signature.clone()).or_insert_with(|| FailureRecord {
                signature,
                runs: 0,
                seed,
                operations,
                why: why.clone(),
                run: folder.map(str::to_owned),
            });
            all.runs += 1;
            // Of equal ones the lower seed, which comes first.
            if operations < all.operations {
                (all.seed, all.operations, all.why) = (seed, operations, why);
            }
        }
    }

    /// As the journal has it.
    pub(crate) fn record(self) -> JobFactsRecord {
        let mut failures: Vec<FailureRecord> = self.failures.into_values().collect();
        failures.sort_by(|one, other| {
            (one.operations, &one.signature).cmp(&(other.operations, &other.signature))
        });
        let failures_more = failures.len().saturating_sub(SIGNATURES) as u64;
        failures.truncate(SIGNATURES);
        let covered = self.covered.into_iter();
        let covered = covered.map(|(asked, times)| (asked.cell().key(), times)).collect();
        let digest = self.digest.to_string();
        JobFactsRecord { failures, failures_more, covered, digest, ..self.record }
    }
}

/// What was asked, of which node, under which kind of fault.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
struct OperationAsked {
    operation: Arc<str>,
    fault: &'static str,
    role: &'static str,
}

impl OperationAsked {
    fn cell(&self) -> AskedCell {
        AskedCell {
            operation: self.operation.to_string(),
            fault: self.fault.to_owned(),
            role: self.role.to_owned(),
        }
    }
}

/// Sees a run: what it asks, and the checksum of its history.
pub(crate) struct SeenRun<'a> {
    stop: &'a dyn Fn() -> bool,
    history: crc32fast::Hasher,
    line: String,
    /// The kinds of the faults that last, each as often as it does.
    lasting: Vec<&'static str>,
    covered: BTreeMap<OperationAsked, u64>,
}

impl<'a> SeenRun<'a> {
    /// Of a run that has not begun; `stop` ends it.
    pub(crate) fn new(stop: &'a dyn Fn() -> bool) -> Self {
        Self {
            stop,
            history: crc32fast::Hasher::new(),
            line: String::new(),
            lasting: Vec::new(),
            covered: BTreeMap::new(),
        }
    }

    fn count(&mut self, operation: &Arc<str>, fault: &'static str, role: &'static str) {
        let asked = OperationAsked { operation: operation.clone(), fault, role };
        *self.covered.entry(asked).or_default() += 1;
    }
}

impl Watcher for SeenRun<'_> {
    fn recorded(&mut self, event: &Event) {
        self.line.clear();
        json::push_event(&mut self.line, event);
        self.history.update(self.line.as_bytes());
    }

    fn minds_roles(&mut self) -> bool {
        true
    }

    fn asked(&mut self, event: &Event, role: AskedRole) {
        let role = match role {
            AskedRole::Is(Role::Primary) => PAIR[0],
            AskedRole::Is(Role::Replica) => PAIR[1],
            AskedRole::Is(Role::Peer) => "peer",
            AskedRole::Down => DOWN,
            AskedRole::Unseen => UNSEEN,
        };
        if self.lasting.is_empty() {
            self.count(&event.f, NO_FAULT, role);
        }
        for at in 0..self.lasting.len() {
            // Two faults of one kind count once.
            if !self.lasting[..at].contains(&self.lasting[at]) {
                self.count(&event.f, self.lasting[at], role);
            }
        }
    }

    fn fault_began(&mut self, _now: Time, span: &SpanOutcome) {
        self.lasting.push(span.span.kind());
    }

    fn fault_healed(&mut self, _now: Time, span: &SpanOutcome) {
        let kind = span.span.kind();
        if let Some(at) = self.lasting.iter().position(|it| *it == kind) {
            self.lasting.swap_remove(at);
        }
    }

    fn tick(
        &mut self,
        _now: Time,
        _tally: OperationCounts,
        _stage: Stage,
        _in_force: &mut dyn Iterator<Item = &FaultSpan>,
    ) {
    }

    fn wants_stop(&mut self) -> bool {
        (self.stop)()
    }
}
