//! A history judged key by key.

use super::blocks::{self, Blocks};
use super::least::least;
use super::search::{Found, Tried, search};
use super::steps::{Step, steps};
use super::{Rule, story};
use crate::history::part;
use crate::linearizability::{Options, Witnesses};
use crate::rounds::{self, Attempt, Task};
use crate::{
    Anomaly, Budget, Certificate, Doubt, History, Operation, Outcome, Part, Property, Value,
    Verdict, WitnessOp,
};

/// The verdict on a history, and how it came about.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "json", derive(serde::Serialize, serde::Deserialize))]
pub struct Report {
    /// What it was judged by.
    pub property: Property,
    /// The conclusion.
    pub verdict: Verdict<Anomaly>,
    /// Each part, in the order of the keys' first use.
    pub parts: Vec<PartReport>,
}

/// What became of one part of a history.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "json", derive(serde::Serialize, serde::Deserialize))]
pub struct PartReport {
    /// The key, if the operations have one.
    pub key: Option<Value>,
    /// The word for its verdict.
    pub verdict: String,
    /// Its operations, failed ones and all.
    pub operations: u64,
    /// Configurations visited.
    pub configurations: u64,
}

/// The words of certificates.
const BY_BLOCKS: &str = "write-order";
const BY_SEARCH: &str = "search";

/// Judges each part of `history`, final reads apart.
pub(crate) fn check(history: &History, rule: Rule, options: &Options) -> Report {
    let parts = part::split_clients(history);
    let tasks: Vec<PartTask<'_>> =
        parts.iter().map(|part| PartTask::new(history, part, rule, options)).collect();
    let cheap = rounds::each(&tasks, PartTask::size, PartTask::cheaply);
    let hard: Vec<&PartTask<'_>> =
        tasks.iter().zip(&cheap).filter(|(_, it)| it.is_none()).map(|(task, _)| task).collect();
    let mut searched = rounds::share(&hard, &options.budget).into_iter();
    let findings: Vec<Judged> = cheap
        .into_iter()
        .map(|it| it.or_else(|| searched.next()).expect("each part is judged one way or the other"))
        .collect();
    let mut verdict = Verdict::Valid { certificate: Certificate::default() };
    let mut reports = Vec::with_capacity(parts.len());
    for (task, judged) in tasks.iter().zip(&findings) {
        let found = task.verdict(judged);
        reports.push(PartReport {
            key: task.part.key.clone(),
            verdict: found.name().to_owned(),
            operations: task.part.operations.len() as u64,
            configurations: judged.found().map_or(0, |found| found.configurations),
        });
        verdict = verdict.and(found);
    }
    Report { property: rule.property(), verdict, parts: reports }
}

/// A part, to be judged.
struct PartTask<'a> {
    history: &'a History,
    part: &'a Part,
    rule: Rule,
    options: &'a Options,
    steps: Result<Vec<Step>, Doubt>,
}

/// What judging a part found.
#[derive(Clone, Debug)]
enum Judged {
    Declined(Doubt),
    ByBlocks,
    /// These steps, by their places, have no order.
    Clash(Vec<usize>),
    BySearch(Found),
}

impl Judged {
    fn found(&self) -> Option<&Found> {
        match self {
            Self::BySearch(found) => Some(found),
            Self::Declined(_) | Self::ByBlocks | Self::Clash(_) => None,
        }
    }
}

impl<'a> PartTask<'a> {
    fn new(history: &'a History, part: &'a Part, rule: Rule, options: &'a Options) -> Self {
        let steps = steps(history, part, options.failed_cas);
        Self { history, part, rule, options, steps }
    }

    /// Judges the part if that costs little.
    fn cheaply(&self) -> Option<Judged> {
        match &self.steps {
            Err(doubt) => Some(Judged::Declined(doubt.clone())),
            Ok(steps) => match blocks::judge(steps, self.rule) {
                Blocks::Ordered => Some(Judged::ByBlocks),
                Blocks::Clash(clash) => Some(Judged::Clash(clash)),
                Blocks::Undecided => None,
            },
        }
    }

    /// Events of the part.
    fn size(&self) -> u64 {
        2 * self.part.operations.len() as u64
    }

    fn steps(&self) -> &[Step] {
        self.steps.as_deref().unwrap_or_default()
    }

    fn verdict(&self, judged: &Judged) -> Verdict<Anomaly> {
        let key = || self.part.key.clone();
        let found = match judged {
            Judged::Declined(doubt) => return Verdict::unknown(doubt.clone()),
            Judged::ByBlocks => return Verdict::valid(BY_BLOCKS),
            Judged::Clash(clash) => {
                let clash = clash.iter().map(|&at| self.steps()[at]).collect();
                return Verdict::invalid(self.anomaly(clash, 0));
            }
            Judged::BySearch(found) => found,
        };
        match found.answer {
            Tried::Ordered => Verdict::valid(BY_SEARCH),
            Tried::Never => {
                Verdict::invalid(self.anomaly(self.steps().to_vec(), found.configurations))
            }
            Tried::Spent => Verdict::unknown(Doubt::BudgetSpent {
                key: key(),
                configurations: found.configurations,
                bytes: found.bytes,
                proved_events: 0,
                events: self.size(),
            }),
            Tried::Stopped => Verdict::unknown(Doubt::Stopped { key: key() }),
        }
    }

    /// The anomaly of steps that have no order, as a search of `cost` configurations says.
    fn anomaly(&self, steps: Vec<Step>, cost: u64) -> Anomaly {
        let steps = match self.options.witnesses {
            Witnesses::Least => least(steps, self.rule, cost, &self.options.budget),
            Witnesses::AsFound => steps,
        };
        let mut operations: Vec<WitnessOp> =
            steps.iter().map(|step| story::told(self.operation(step), step.is_lost())).collect();
        // A read that nothing explains is told with what gave its value too late, or failed to.
        if let [read] = operations.as_slice()
            && let Some(value) = read.outcome.ok().cloned()
        {
            let gives = |it: &Operation<'_>| {
                let new = it.argument.as_list().filter(|_| it.f == "cas").and_then(|it| it.get(1));
                value != Value::Nil && *new.unwrap_or(&it.argument) == value
            };
            let all = self.part.operations.iter().map(|&op| self.history.operation(op));
            let told = all.filter(gives).min_by_key(|it| (it.outcome == Outcome::Fail, it.index));
            operations.extend(told.map(|it| WitnessOp::new(&it)));
            operations.sort_by_key(|op| op.invoked);
        }
        story::anomaly(self.rule, self.part.key.clone(), operations)
    }

    fn operation(&self, step: &Step) -> WitnessOp {
        WitnessOp::new(&self.history.operation(step.op))
    }
}

impl Task for &PartTask<'_> {
    type Answer = Judged;

    fn events(&self) -> u64 {
        self.size()
    }

    fn attempt(&self, budget: &Budget) -> Judged {
        Judged::BySearch(search(self.steps(), self.rule, budget))
    }

    fn ends_all(&self, _: &Judged) -> bool {
        false
    }
}

impl Attempt for Judged {
    fn visited(&self) -> u64 {
        self.found().map_or(0, |found| found.configurations)
    }

    fn is_spent(&self) -> bool {
        self.found().is_some_and(|found| found.answer == Tried::Spent)
    }
}
