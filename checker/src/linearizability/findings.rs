//! Parts judged under one budget, and then explained under what of it is for that.

use super::engine::{self, Answer};
use super::{Explain, Finding, Judged, Keys, Method, Options, Part, PartReport};
use super::{judge_by_search, judge_cheaply, judged};
use crate::rounds::{self, Attempt, Task};
use crate::{Budget, Doubt, History, ModelKind, Value, Verdict};

/// All parts of a history, judged: the ones that cost little, then the others under one budget.
pub(super) fn judge_all(
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
            let doubt = Doubt::Stopped { key: self.part.key.clone() };
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

impl Finding<'_> {
    fn is_violation(&self) -> bool {
        match self {
            Self::Told((verdict, _)) => verdict.is_invalid(),
            Self::Seen { .. } => true,
        }
    }
}

impl Attempt for Finding<'_> {
    fn visited(&self) -> u64 {
        match self {
            Self::Told((_, report)) | Self::Seen { report, .. } => report.configurations,
        }
    }

    fn is_spent(&self) -> bool {
        match self {
            Self::Told((verdict, _)) => {
                verdict.doubts().any(|doubt| matches!(doubt, Doubt::BudgetSpent { .. }))
            }
            Self::Seen { .. } => false,
        }
    }
}

/// Of the budget, one part in so many is for making witnesses least, beside what is for judging.
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

impl<'a> Finding<'a> {
    fn explain(&self) -> Option<&Explain<'a>> {
        match self {
            Self::Told(_) => None,
            Self::Seen { explain, .. } => Some(explain),
        }
    }
}

/// What is reported of a part.
pub(super) fn report(
    part: &Part,
    verdict: &str,
    method: Method,
    search: Option<&engine::Search>,
) -> PartReport {
    PartReport {
        key: part.key.clone(),
        verdict: verdict.to_owned(),
        method,
        operations: part.operations.len() as u64,
        configurations: search.map_or(0, |search| search.configurations),
        bytes: search.map_or(0, |search| search.bytes),
    }
}

/// Why a search did not decide, if it did not.
pub(super) fn doubt(key: Option<&Value>, search: &engine::Search) -> Option<Doubt> {
    match search.answer {
        Answer::Linearizable(_) | Answer::Violation { .. } => None,
        Answer::Spent => Some(Doubt::BudgetSpent {
            key: key.cloned(),
            configurations: search.configurations,
            bytes: search.bytes,
            proved_events: search.proved_events,
            events: search.events,
        }),
        Answer::Stopped => Some(Doubt::Stopped { key: key.cloned() }),
    }
}
