//! What is found of an invariant, and how it is reported.

use std::collections::BTreeMap;

use crate::convergence::Named;
use crate::linearizability::deed;
use crate::{
    Anomaly, AnomalyClass, Doubt, Fact, History, Invariant, OpIndex, Property, Time, Value,
    Verdict, Witness, WitnessOp, visible,
};

/// The verdict on an invariant, and numbers beside it.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "json", derive(serde::Serialize, serde::Deserialize))]
pub struct InvariantReport {
    /// What was asked.
    pub invariant: Invariant,
    /// The conclusion. It has at most ten anomalies of a class.
    pub verdict: Verdict<Anomaly>,
    /// How many anomalies there are, those that the verdict lacks too; or, if there is none, doubts.
    #[cfg_attr(feature = "json", serde(default))]
    pub found: u64,
    /// How many of each kind, in the order of the report.
    pub figures: Vec<Figure>,
    /// How long what took.
    pub latencies: Vec<Latencies>,
}

/// How many of something there are.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "json", derive(serde::Serialize, serde::Deserialize))]
pub struct Figure {
    /// Of what: "lost", "never-read".
    pub name: String,
    /// How many.
    pub number: u64,
    /// The first ten of them, where they have names.
    pub some: Vec<Named>,
}

/// How long something took, over all that took any time.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "json", derive(serde::Serialize, serde::Deserialize))]
pub struct Latencies {
    /// What: "stable".
    pub name: String,
    /// How many there are of them.
    pub number: u64,
    /// Half of them took at most this long, in nanoseconds.
    pub p50: Time,
    /// 99 of 100 took at most this long.
    pub p99: Time,
    /// The longest.
    pub max: Time,
}

/// The most of a kind that are named or told.
const KEEP: usize = 10;

/// What has been found so far.
pub(super) struct Findings<'a> {
    pub(super) history: &'a History,
    pub(super) invariant: Invariant,
    figures: Vec<Figure>,
    latencies: Vec<Latencies>,
    anomalies: Vec<Anomaly>,
    of_class: BTreeMap<AnomalyClass, usize>,
    doubts: Vec<Doubt>,
    doubted: u64,
}

impl<'a> Findings<'a> {
    pub(super) fn new(history: &'a History, invariant: Invariant) -> Self {
        Self {
            history,
            invariant,
            figures: Vec::new(),
            latencies: Vec::new(),
            anomalies: Vec::new(),
            of_class: BTreeMap::new(),
            doubts: Vec::new(),
            doubted: 0,
        }
    }

    /// Counts `number` more of `name`; the first call with a name decides its place.
    pub(super) fn count(&mut self, name: &'static str, number: u64) -> &mut Figure {
        let at = self.figures.iter().position(|it| it.name == name).unwrap_or_else(|| {
            self.figures.push(Figure { name: name.to_owned(), number: 0, some: Vec::new() });
            self.figures.len() - 1
        });
        self.figures[at].number += number;
        &mut self.figures[at]
    }

    /// Counts one more of `name`, which has a name of its own.
    pub(super) fn name(&mut self, name: &'static str, key: Option<&Value>, value: &Value) {
        let figure = self.count(name, 1);
        if figure.some.len() < KEEP {
            figure.some.push(Named { key: key.cloned(), value: value.clone() });
        }
    }

    /// How long something took each time.
    pub(super) fn latencies(&mut self, name: &'static str, mut times: Vec<Time>) {
        times.sort_unstable();
        let Some(&max) = times.last() else { return };
        let rank = |percent: usize| times[(times.len() * percent).div_ceil(100).max(1) - 1];
        let (number, p50, p99) = (times.len() as u64, rank(50), rank(99));
        self.latencies.push(Latencies { name: name.to_owned(), number, p50, p99, max });
    }

    /// A violation, which these operations show.
    pub(super) fn found(
        &mut self,
        class: AnomalyClass,
        key: Option<&Value>,
        summary: impl FnOnce() -> String,
        ops: &[OpIndex],
    ) {
        let known = self.of_class.entry(class).or_default();
        *known += 1;
        if *known > KEEP {
            return;
        }
        let mut ops = ops.to_vec();
        ops.sort_unstable();
        ops.dedup();
        let operations: Vec<WitnessOp> =
            ops.iter().map(|&op| WitnessOp::new(&self.history.operation(op))).collect();
        self.anomalies.push(Anomaly {
            class,
            key: key.cloned(),
            summary: summary(),
            facts: operations.iter().map(fact).collect(),
            witness: Witness {
                property: Property::Invariant(self.invariant),
                operations,
                order: Vec::new(),
                stuck: None,
            },
        });
    }

    /// Something that could not be judged.
    pub(super) fn unfit(&mut self, op: OpIndex, reason: impl Into<String>) {
        self.doubt(Doubt::Unsupported { op, reason: reason.into() });
    }

    /// That an operation may have done something unknown.
    pub(super) fn unknown_function(&mut self, op: OpIndex) {
        let f = visible(self.history.f(op));
        self.unfit(op, format!("nothing is known of what `{f}` does"));
    }

    /// Whether nothing is in doubt so far.
    pub(super) fn is_sure(&self) -> bool {
        self.doubts.is_empty()
    }

    /// That there is too little to judge.
    pub(super) fn vacuous(&mut self, reason: &str) {
        self.doubt(Doubt::Vacuous { reason: reason.to_owned() });
    }

    fn doubt(&mut self, doubt: Doubt) {
        self.doubted += 1;
        if self.doubts.len() < KEEP {
            self.doubts.push(doubt);
        }
    }

    pub(super) fn report(self) -> InvariantReport {
        let Self { history, invariant, figures, latencies, anomalies, doubts, .. } = self;
        let anomalies_count: usize = self.of_class.values().sum();
        let found = if anomalies_count > 0 { anomalies_count as u64 } else { self.doubted };
        let doubts = doubts.into_iter().map(Verdict::unknown);
        let verdicts = anomalies.into_iter().map(Verdict::invalid).chain(doubts);
        let verdict = verdicts.fold(Verdict::valid(invariant.name()), Verdict::and);
        let verdict = history.in_whole(verdict);
        // A part of a history may be in doubt as a whole.
        let told = verdict.anomalies().count() + verdict.doubts().count();
        InvariantReport { invariant, verdict, found: found.max(told as u64), figures, latencies }
    }
}

/// An operation as a step of the argument.
fn fact(op: &WitnessOp) -> Fact {
    let when = op.complete_time.unwrap_or(op.invoke_time);
    let node = op.node.as_ref().map_or_else(String::new, |node| format!(" at {}", visible(node)));
    Fact { text: format!("{} {}{node}, by {when}", op.who(), deed(op)), ops: vec![op.index] }
}
