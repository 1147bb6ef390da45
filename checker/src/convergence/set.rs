//! Convergence of a set, and of a list.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::replicas::{FinalRead, count, few, join, replica_of, start};
use super::{ConvergenceReport, Named, NotUnderstood};
use crate::Part;
use crate::plant::{Bug, planted};
use crate::{
    Anomaly, AnomalyClass, ConvergenceKind, Fact, History, OpIndex, Operation, Outcome, Position,
    Property, Value, Witness, WitnessOp, visible,
};

/// What happened to one element.
#[derive(Clone, Debug, Default)]
struct Element {
    /// Each `add`, how it ended and where.
    adds: Vec<ElementChange>,
    removes: Vec<ElementChange>,
    /// The reads that showed it, by place among all reads.
    shown: Vec<usize>,
}

#[derive(Clone, Debug)]
struct ElementChange {
    op: OpIndex,
    invoked: Position,
    completed: Option<Position>,
    outcome: Outcome<()>,
}

/// A read that succeeded.
struct SetRead {
    op: OpIndex,
    replica: Arc<str>,
    invoked: Position,
    completed: Position,
    is_final: bool,
    elements: Vec<Value>,
}

impl Element {
    /// What may have put it there.
    fn live(&self) -> impl Iterator<Item = &ElementChange> {
        self.adds.iter().filter(|add| add.outcome != Outcome::Fail)
    }

    /// The first acknowledged `add` that ended before `by`.
    fn acknowledged(&self, by: Position) -> Option<&ElementChange> {
        let ended = |add: &&ElementChange| add.completed.is_some_and(|end| end < by);
        self.adds.iter().filter(|add| add.outcome.ok().is_some()).find(ended)
    }

    /// The operations by which it is known to have been there: an `add` that was acknowledged, or
    /// one whose effect was seen.
    fn known(&self, start: Position, reads: &[SetRead]) -> Option<Vec<OpIndex>> {
        if let Some(add) = self.acknowledged(start) {
            return Some(vec![add.op]);
        }
        let add = self.live().next()?;
        let shows = |read: &&SetRead| {
            !read.is_final && read.completed < start && add.invoked < read.completed
        };
        let read = self.shown.iter().map(|&at| &reads[at]).find(shows)?;
        Some(vec![add.op, read.op])
    }

    /// Whether nothing was done about it after `start`.
    fn is_settled(&self, start: Position) -> bool {
        self.adds.iter().chain(&self.removes).all(|change| {
            let ended = change.outcome.ok().is_none() || change.completed < Some(start);
            change.outcome == Outcome::Fail || change.invoked < start && ended
        })
    }

    fn is_removable(&self) -> bool {
        self.removes.iter().any(|remove| remove.outcome != Outcome::Fail)
    }

    /// A `remove` that was acknowledged after every `add` had ended.
    fn removed(&self, by: Position) -> Option<&ElementChange> {
        self.removes.iter().find(|remove| {
            let after = |add: &ElementChange| add.completed.is_some_and(|end| end < remove.invoked);
            remove.outcome.ok().is_some()
                && remove.completed.is_some_and(|end| end < by)
                && (self.live().all(after) || planted(Bug::ConvergeForgetReadd))
        })
    }
}

/// Judges one set by its final reads.
pub(super) fn judge(
    history: &History,
    part: &Part,
    finals: &[FinalRead],
    report: &mut ConvergenceReport,
) -> Result<Vec<Anomaly>, NotUnderstood> {
    let kind = report.kind;
    let (elements, reads) = gather(history, part, kind)?;
    let start = start(finals);
    let final_places: Vec<usize> =
        finals.iter().filter_map(|last| reads.iter().position(|read| read.op == last.op)).collect();
    let mut found = Findings::new((history, part), kind, finals, &reads);
    for (value, element) in &elements {
        let held: BTreeSet<usize> = element.shown.iter().copied().collect();
        let named = || Named { key: part.key.clone(), value: value.clone() };
        let in_finals = final_places.iter().filter(|place| held.contains(place)).count();
        let acknowledged = element.acknowledged(start);
        report.acknowledged += u64::from(acknowledged.is_some());
        note_ghosts(&mut found, value, element, &reads);
        if !element.is_settled(start) {
            continue;
        }
        let missed = in_finals < final_places.len();
        if in_finals == 0 || missed && planted(Bug::ConvergeMissedIsLost) {
            let known = element.known(start, &reads).filter(|_| !element.is_removable());
            if let Some(ops) = known {
                report.lost.push(named());
                found.note(AnomalyClass::LostElement, value, &ops);
            } else if element.shown.is_empty() && element.live().next().is_some() {
                report.never_read.push(named());
            }
        } else {
            if missed {
                report.diverged.push(named());
                let adds: Vec<OpIndex> = element.live().map(|add| add.op).take(1).collect();
                found.note(AnomalyClass::Divergence, value, &adds);
            }
            if acknowledged.is_none() && element.live().next().is_some() {
                report.recovered.push(named());
            }
            if let Some(remove) = element.removed(start) {
                let ops: Vec<OpIndex> =
                    element.live().map(|add| add.op).chain([remove.op]).collect();
                found.note(AnomalyClass::ResurrectedElement, value, &ops);
            }
        }
        if !element.is_removable() {
            let (stale, resurrected) = on_the_way(element, &held, &reads);
            report.stale.extend(stale.then(named));
            report.resurrected.extend(resurrected.then(named));
        }
    }
    let lasts = final_places.iter().map(|&place| &reads[place]);
    if kind == ConvergenceKind::List
        && let Some(value) = out_of_order(lasts)
    {
        report.diverged.push(Named { key: part.key.clone(), value: value.clone() });
        found.note(AnomalyClass::Divergence, &value, &[]);
    }
    Ok(found.tell())
}

/// The first item that two final reads of the same items show at different places, if any.
fn out_of_order<'a>(mut lasts: impl Iterator<Item = &'a SetRead>) -> Option<Value> {
    let first = lasts.next()?;
    let sorted = |read: &SetRead| {
        let mut items = read.elements.clone();
        items.sort();
        items
    };
    let items = sorted(first);
    let other = lasts.find(|it| it.elements != first.elements && sorted(it) == items)?;
    let mut places = first.elements.iter().zip(&other.elements);
    places.find(|(here, there)| here != there).map(|(here, _)| here.clone())
}

/// Whether a function of this name puts an element into a set, or an item at the end of a list.
fn grows(kind: ConvergenceKind, f: &str) -> bool {
    f == if kind == ConvergenceKind::List { "append" } else { "add" }
}

fn gather(
    history: &History,
    part: &Part,
    kind: ConvergenceKind,
) -> Result<(BTreeMap<Value, Element>, Vec<SetRead>), NotUnderstood> {
    let mut elements: BTreeMap<Value, Element> = BTreeMap::new();
    let mut reads: Vec<SetRead> = Vec::new();
    for operation in part.operations.iter().map(|&op| history.operation(op)) {
        match operation.f {
            f if grows(kind, f) => {
                elements
                    .entry(operation.argument.clone())
                    .or_default()
                    .adds
                    .push(change(&operation));
            }
            "remove" if kind == ConvergenceKind::Set => {
                let element = elements.entry(operation.argument.clone()).or_default();
                element.removes.push(change(&operation));
            }
            "read" | "get" => {
                let (Outcome::Ok(value), Some(completed)) =
                    (&operation.outcome, operation.completed)
                else {
                    continue;
                };
                let held = match value {
                    Value::Nil => &[],
                    other => other.as_list().ok_or_else(|| {
                        (operation.index, format!("{value} is not a list of elements"))
                    })?,
                };
                for element in held {
                    elements.entry(element.clone()).or_default().shown.push(reads.len());
                }
                reads.push(SetRead {
                    op: operation.index,
                    replica: replica_of(&operation),
                    invoked: operation.invoked,
                    completed,
                    is_final: operation.is_final,
                    elements: held.to_vec(),
                });
            }
            "contains" if kind == ConvergenceKind::Set => {}
            f => {
                let what = if kind == ConvergenceKind::List { "list" } else { "set" };
                return Err((operation.index, format!("`{f}` is not a function of a {what}")));
            }
        }
    }
    Ok((elements, reads))
}

fn change(operation: &Operation<'_>) -> ElementChange {
    ElementChange {
        op: operation.index,
        invoked: operation.invoked,
        completed: operation.completed,
        outcome: operation.outcome.clone().map(|_| ()),
    }
}

/// Notes reads of an element that nothing can have put there, and reads that show it twice.
fn note_ghosts(found: &mut Findings<'_>, value: &Value, element: &Element, reads: &[SetRead]) {
    let Some(&first) = element.shown.first() else { return };
    let begun = element.live().map(|add| add.invoked).min();
    let ghost =
        element.shown.iter().find(|&&at| begun.is_none_or(|begun| begun > reads[at].completed));
    if let Some(&at) = ghost {
        match element.adds.first().filter(|_| begun.is_none()) {
            Some(failed) => {
                found.note(AnomalyClass::FalseFailure, value, &[failed.op, reads[at].op]);
            }
            None => found.note(AnomalyClass::PhantomElement, value, &[reads[at].op]),
        }
    }
    if let Some(twice) = element.shown.windows(2).find(|pair| pair[0] == pair[1]) {
        let at = twice.first().copied().unwrap_or(first);
        found.note(AnomalyClass::DuplicateElement, value, &[reads[at].op]);
    }
}

/// Whether a read missed an element that was known, and whether a replica showed it again.
fn on_the_way(element: &Element, held: &BTreeSet<usize>, reads: &[SetRead]) -> (bool, bool) {
    let acknowledged = element.adds.iter().filter(|add| add.outcome.ok().is_some());
    let shown = element.shown.iter().map(|&at| reads[at].completed);
    let known = acknowledged.filter_map(|add| add.completed).chain(shown).min();
    let Some(known) = known else { return (false, false) };
    let missed = |at: &usize| !held.contains(at) && reads[*at].invoked > known;
    let stale = (0..reads.len()).any(|at| missed(&at));
    if !stale {
        return (false, false);
    }
    let mut by_replica: BTreeMap<&str, (Option<Position>, Option<Position>)> = BTreeMap::new();
    let resurrected = reads.iter().enumerate().any(|(at, read)| {
        let (shown, gone) = by_replica.entry(&read.replica).or_default();
        if !held.contains(&at) {
            let after = shown.is_some_and(|shown| shown < read.invoked);
            *gone = if after { (*gone).or(Some(read.completed)) } else { *gone };
            return false;
        }
        *shown = (*shown).or(Some(read.completed));
        gone.is_some_and(|gone| gone < read.invoked)
    });
    (stale, resurrected)
}

/// What is wrong, by class: the values, and for the first of them the operations that show it.
struct Findings<'a> {
    history: &'a History,
    part: &'a Part,
    kind: ConvergenceKind,
    finals: &'a [FinalRead],
    reads: &'a [SetRead],
    classes: BTreeMap<AnomalyClass, (Vec<String>, Value, Vec<OpIndex>)>,
}

impl<'a> Findings<'a> {
    fn new(
        (history, part): (&'a History, &'a Part),
        kind: ConvergenceKind,
        finals: &'a [FinalRead],
        reads: &'a [SetRead],
    ) -> Self {
        Self { history, part, kind, finals, reads, classes: BTreeMap::new() }
    }

    fn note(&mut self, class: AnomalyClass, value: &Value, ops: &[OpIndex]) {
        let fresh = || (Vec::new(), value.clone(), ops.to_vec());
        self.classes.entry(class).or_insert_with(fresh).0.push(value.to_string());
    }

    fn tell(self) -> Vec<Anomaly> {
        self.classes
            .iter()
            .map(|(&class, (names, value, ops))| self.anomaly(class, names, value, ops))
            .collect()
    }

    fn anomaly(
        &self,
        class: AnomalyClass,
        names: &[String],
        value: &Value,
        ops: &[OpIndex],
    ) -> Anomaly {
        let of_finals = matches!(
            class,
            AnomalyClass::LostElement | AnomalyClass::Divergence | AnomalyClass::ResurrectedElement
        );
        let finals = self.finals.iter().map(|read| read.op).filter(|_| of_finals);
        let ops: BTreeSet<OpIndex> = ops.iter().copied().chain(finals).collect();
        let operations: Vec<WitnessOp> =
            ops.iter().map(|&op| WitnessOp::new(&self.history.operation(op))).collect();
        Anomaly {
            class,
            key: self.part.key.clone(),
            summary: self.summary(class, names, value, &operations),
            facts: self.facts(value, &operations),
            witness: Witness {
                property: Property::Convergent(self.kind),
                operations,
                order: Vec::new(),
                stuck: None,
            },
        }
    }

    fn summary(
        &self,
        class: AnomalyClass,
        names: &[String],
        value: &Value,
        ops: &[WitnessOp],
    ) -> String {
        let some = few(names);
        let elements = count(names.len(), "element");
        let add = ops.iter().find(|op| grows(self.kind, &op.f));
        match class {
            AnomalyClass::LostElement => {
                let acknowledged = add.filter(|add| add.outcome.ok().is_some());
                let who = acknowledged.map_or_else(String::new, |add| {
                    let when = add.complete_time.unwrap_or_default();
                    format!(" ({value} was added by {} and acknowledged at {when})", add.who())
                });
                format!("{elements} missing from every final read: {some}{who}")
            }
            AnomalyClass::Divergence => {
                let (has, lacks) = self.sides(value);
                if lacks.is_empty() {
                    return format!(
                        "replicas have the same items in different orders: {value} is not at one place"
                    );
                }
                format!(
                    "replicas disagree on {elements}: {some} ({value} is at {}, and not at {})",
                    join(&has),
                    join(&lacks)
                )
            }
            AnomalyClass::ResurrectedElement => {
                format!("{elements} present again after an acknowledged remove: {some}")
            }
            AnomalyClass::FalseFailure => {
                format!("{elements} read although the add had failed: {some}")
            }
            AnomalyClass::DuplicateElement => {
                format!("{elements} returned twice by one read: {some}")
            }
            _ => format!("{elements} read, but never added: {some}"),
        }
    }

    /// The replicas whose final reads show a value, and those whose do not.
    fn sides(&self, value: &Value) -> (Vec<Arc<str>>, Vec<Arc<str>>) {
        let shows = |last: &&FinalRead| {
            let read = self.reads.iter().find(|read| read.op == last.op);
            read.is_some_and(|read| read.elements.contains(value))
        };
        let (has, lacks): (Vec<&FinalRead>, Vec<&FinalRead>) = self.finals.iter().partition(shows);
        let names =
            |side: Vec<&FinalRead>| side.into_iter().map(|read| read.replica.clone()).collect();
        (names(has), names(lacks))
    }

    fn facts(&self, value: &Value, operations: &[WitnessOp]) -> Vec<Fact> {
        let fact = |op: &WitnessOp| {
            let when = op.complete_time.unwrap_or(op.invoke_time);
            let text = match (&*op.f, &op.outcome) {
                ("add" | "append" | "remove", Outcome::Ok(_)) => {
                    format!("{}'s {} of {value} was acknowledged at {when}", op.who(), op.f)
                }
                ("add" | "append" | "remove", Outcome::Fail) => {
                    format!("{}'s {} of {value} failed at {when}", op.who(), op.f)
                }
                ("add" | "append" | "remove", Outcome::Indeterminate) => {
                    format!("{} never learned the outcome of its {} of {value}", op.who(), op.f)
                }
                _ => {
                    let read = self.reads.iter().find(|read| read.op == op.index);
                    let at = read.map_or_else(Default::default, |read| visible(&read.replica));
                    let shows = read.is_some_and(|read| read.elements.contains(value));
                    let verb = if shows { "shows" } else { "does not show" };
                    format!("the read of {at} at {when} {verb} {value}")
                }
            };
            Fact { text, ops: vec![op.index] }
        };
        operations.iter().map(fact).collect()
    }
}
