//! A history judged key by key.

use super::blocks::{self, Blocks};
use super::least::least;
use super::overlap::without_overlapped_reads;
use super::search::{OrderAnswer, SearchFound, search};
use super::steps::{UpdateStep, steps};
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
pub struct OrderReport {
    /// What it was judged by.
    pub property: Property,
    /// The conclusion.
    pub verdict: Verdict<Anomaly>,
    /// Each part, in the order of the keys' first use.
    pub parts: Vec<OrderPart>,
}

/// What became of one part of a history.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "json", derive(serde::Serialize, serde::Deserialize))]
pub struct OrderPart {
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
pub(crate) fn check(history: &History, rule: Rule, options: &Options) -> OrderReport {
    let parts = part::split_clients(history);
    let tasks: Vec<OrderTask<'_>> =
        parts.iter().map(|part| OrderTask::new(history, part, rule, options)).collect();
    let cheap = rounds::each(&tasks, OrderTask::size, OrderTask::cheaply);
    let hard: Vec<&OrderTask<'_>> =
        tasks.iter().zip(&cheap).filter(|(_, it)| it.is_none()).map(|(task, _)| task).collect();
    let mut searched = rounds::share(&hard, &options.budget).into_iter();
    let findings: Vec<PartFinding> = cheap
        .into_iter()
        .map(|it| it.or_else(|| searched.next()).expect("each part is judged one way or the other"))
        .collect();
    let mut verdict = Verdict::Valid { certificate: Certificate::default() };
    let mut reports = Vec::with_capacity(parts.len());
    for (task, judged) in tasks.iter().zip(&findings) {
        let found = task.verdict(judged);
        reports.push(OrderPart {
            key: task.part.key.clone(),
            verdict: found.name().to_owned(),
            operations: task.part.operations.len() as u64,
            configurations: judged.found().map_or(0, |found| found.configurations),
        });
        verdict = verdict.and(found);
    }
    OrderReport { property: rule.property(), verdict, parts: reports }
}

/// A part, to be judged.
struct OrderTask<'a> {
    history: &'a History,
    part: &'a Part,
    rule: Rule,
    options: &'a Options,
    steps: Result<Vec<UpdateStep>, Doubt>,
}

/// What judging a part found.
#[derive(Clone, Debug)]
enum PartFinding {
    Declined(Doubt),
    ByBlocks,
    /// These steps, by their places, have no order.
    Clash(Vec<usize>),
    BySearch(SearchFound),
}

impl PartFinding {
    fn found(&self) -> Option<&SearchFound> {
        match self {
            Self::BySearch(found) => Some(found),
            Self::Declined(_) | Self::ByBlocks | Self::Clash(_) => None,
        }
    }
}

impl<'a> OrderTask<'a> {
    fn new(history: &'a History, part: &'a Part, rule: Rule, options: &'a Options) -> Self {
        let mut steps = steps(history, part, options.failed_cas);
        if rule == Rule::Safe {
            steps = steps.map(without_overlapped_reads);
        }
        Self { history, part, rule, options, steps }
    }

    /// Judges the part if that costs little.
    fn cheaply(&self) -> Option<PartFinding> {
        match &self.steps {
            Err(doubt) => Some(PartFinding::Declined(doubt.clone())),
            Ok(steps) => match blocks::judge(steps, self.rule) {
                Blocks::Ordered => Some(PartFinding::ByBlocks),
                Blocks::Clash(clash) => Some(PartFinding::Clash(clash)),
                Blocks::Undecided => None,
            },
        }
    }

    /// Events of the part.
    fn size(&self) -> u64 {
        2 * self.part.operations.len() as u64
    }

    fn steps(&self) -> &[UpdateStep] {
        self.steps.as_deref().unwrap_or_default()
    }

    fn verdict(&self, judged: &PartFinding) -> Verdict<Anomaly> {
        let key = || self.part.key.clone();
        let found = match judged {
            PartFinding::Declined(doubt) => return Verdict::unknown(doubt.clone()),
            PartFinding::ByBlocks => return Verdict::valid(BY_BLOCKS),
            PartFinding::Clash(clash) => {
                let clash = clash.iter().map(|&at| self.steps()[at]).collect();
                return Verdict::invalid(self.anomaly(clash, 0));
            }
            PartFinding::BySearch(found) => found,
        };
        match found.answer {
            OrderAnswer::Ordered => Verdict::valid(BY_SEARCH),
            OrderAnswer::Never => {
                Verdict::invalid(self.anomaly(self.steps().to_vec(), found.configurations))
            }
            OrderAnswer::Spent => Verdict::unknown(Doubt::BudgetSpent {
                key: key(),
                configurations: found.configurations,
                bytes: found.bytes,
                proved_events: 0,
                events: self.size(),
                why: None,
            }),
            OrderAnswer::Stopped => {
                let (key, events) = (key(), self.size());
                Verdict::unknown(Doubt::Stopped { key, proved_events: 0, events })
            }
        }
    }

    /// The anomaly of steps that have no order, as a search of `cost` configurations says.
    fn anomaly(&self, steps: Vec<UpdateStep>, cost: u64) -> Anomaly {
        let steps = match self.options.witnesses {
            Witnesses::Least => least(steps, self.rule, cost, &self.options.budget),
            Witnesses::AsFound => steps,
        };
        let mut operations: Vec<WitnessOp> =
            steps.iter().map(|step| story::told(self.operation(step), step)).collect();
        // A read that nothing explains is reported with the operation that gave its value too late, or
        // failed to.
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

    fn operation(&self, step: &UpdateStep) -> WitnessOp {
        WitnessOp::new(&self.history.operation(step.op))
    }
}

impl Task for &OrderTask<'_> {
    type Answer = PartFinding;

    fn events(&self) -> u64 {
        self.size()
    }

    fn attempt(&self, budget: &Budget) -> PartFinding {
        PartFinding::BySearch(search(self.steps(), self.rule, budget))
    }

    fn ends_all(&self, _: &PartFinding) -> bool {
        false
    }
}

impl Attempt for PartFinding {
    fn visited(&self) -> u64 {
        self.found().map_or(0, |found| found.configurations)
    }

    fn is_spent(&self) -> bool {
        self.found().is_some_and(|found| found.answer == OrderAnswer::Spent)
    }
}
