//! A history, judged part by part under one budget; what is wrong is explained under what of it is
//! for that.
//!
//! This is above all methods: it alone chooses among them.

mod elements;
mod one;
mod reference;

pub use self::reference::reference;

use self::one::{Explain, Finding, Judged, judge_by_search, judge_cheaply, judged};
use super::options::{Keys, Options};
use super::report::{Method, Report};
use crate::history::part;
use crate::rounds::{self, Task};
use crate::{Anomaly, Budget, Certificate, Doubt, History, ModelKind, Part, Verdict};

/// Judges `history` against `model`.
///
/// The same history, model and options give the same report on every machine, however many threads
/// there are, unless the budget has a `stop`.
pub fn check(history: &History, model: ModelKind, options: &Options) -> Report {
    let parts = part::split_clients(history);
    let mut verdict: Option<Verdict<Anomaly>> = None;
    let mut reports = Vec::with_capacity(parts.len());
    for (part_verdict, report) in judge_all(history, model, &parts, options) {
        reports.push(report);
        verdict = Some(match verdict {
            None => part_verdict,
            Some(so_far) => so_far.and(part_verdict),
        });
    }
    let verdict = verdict.unwrap_or(Verdict::Valid { certificate: Certificate::default() });
    Report { model, verdict, parts: reports }
}

/// All parts of a history, judged: the ones that cost little, then the others under one budget.
fn judge_all(
    history: &History,
    model: ModelKind,
    parts: &[Part],
    options: &Options,
) -> Vec<Judged> {
    let tasks: Vec<PartTask<'_>> =
        parts.iter().map(|part| PartTask { history, model, part, options }).collect();
    let cheap = rounds::each(&tasks, Task::events, PartTask::cheaply);
    let hard: Vec<PartTask<'_>> =
        tasks.iter().zip(&cheap).filter(|(_, it)| it.is_none()).map(|(task, _)| *task).collect();
    let is_over = cheap.iter().flatten().any(Finding::is_violation);
    let mut searched = if is_over && options.keys == Keys::UntilViolation {
        rounds::first(&hard, &options.budget)
    } else {
        rounds::share(&hard, &options.budget)
    }
    .into_iter();
    let findings: Vec<Finding<'_>> = cheap
        .into_iter()
        .map(|it| it.or_else(|| searched.next()).expect("each part is judged one way or the other"))
        .collect();
    explained(findings, options)
}

/// A part, to be judged.
#[derive(Clone, Copy)]
struct PartTask<'a> {
    history: &'a History,
    model: ModelKind,
    part: &'a Part,
    options: &'a Options,
}

impl<'a> PartTask<'a> {
    /// Judges the part if that costs little.
    fn cheaply(&self) -> Option<Finding<'a>> {
        if self.options.budget.is_stopped() {
            let key = self.part.key.clone();
            let doubt = Doubt::Stopped { key, proved_events: 0, events: self.events() };
            let judged = judged(self.part, Verdict::unknown(doubt), Method::Declined, None);
            return Some(Finding::Told(judged));
        }
        judge_cheaply(self.history, self.model, self.part, self.options)
    }
}

impl<'a> Task for PartTask<'a> {
    type Answer = Finding<'a>;

    fn events(&self) -> u64 {
        2 * self.part.operations.len() as u64
    }

    fn attempt(&self, budget: &Budget) -> Finding<'a> {
        let options = Options { budget: budget.clone(), ..self.options.clone() };
        judge_by_search(self.history, self.model, self.part, &options)
    }

    fn ends_all(&self, finding: &Finding<'a>) -> bool {
        self.options.keys == Keys::UntilViolation && finding.is_violation()
    }
}

/// The part of the budget that is for making witnesses small: one in `OF_BUDGET`, in addition to
/// what is for judging.
const OF_BUDGET: u64 = 4;

/// What each violation may cost to explain, however many there are.
const LEAST: u64 = 1_000;

/// Violations that are explained at the same time.
const AT_ONCE: u64 = 16;

/// What was found, with the violations explained.
fn explained(findings: Vec<Finding<'_>>, options: &Options) -> Vec<Judged> {
    let seen: Vec<&Explain<'_>> = findings.iter().filter_map(Finding::explain).collect();
    let count = (seen.len() as u64).max(1);
    let configurations = (options.budget.configurations / OF_BUDGET / count).max(LEAST);
    let bytes = options.budget.bytes / count.min(AT_ONCE);
    let budget = Budget { configurations, bytes, ..options.budget.clone() };
    let options = Options { budget, ..options.clone() };
    // An explanation may take as long as judging many events.
    let events = |_: &&Explain<'_>| 10_000;
    let mut anomalies = rounds::each(&seen, events, |explain| explain(&options)).into_iter();
    let told = findings.into_iter().map(|finding| match finding {
        Finding::Told(judged) => judged,
        Finding::Seen { report, .. } => {
            let anomaly = anomalies.next().expect("each violation was explained");
            (Verdict::invalid(anomaly), report)
        }
    });
    told.collect()
}
