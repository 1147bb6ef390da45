//! What a witness shows, in words.

use std::collections::BTreeSet;

use super::values::{given, shows};
use crate::{AnomalyClass, Clock, Fact, ModelKind, OpIndex, Outcome, Value, WitnessOp, visible};

/// What a witness shows, in words.
pub(super) struct Story {
    pub(super) class: AnomalyClass,
    pub(super) summary: String,
    pub(super) facts: Vec<Fact>,
    /// The operation the sentence is about, if another than the search was stuck at.
    pub(super) stuck: Option<OpIndex>,
}

/// Says what is wrong with the operations of a witness.
pub(super) fn tell(model: ModelKind, operations: &[WitnessOp], stuck: Option<OpIndex>) -> Story {
    let clock = Clock::of(operations);
    let facts = operations.iter().map(|op| fact(op, clock)).collect();
    let register = matches!(model, ModelKind::Register | ModelKind::CasRegister);
    let told = if register { told_of_register(operations) } else { None };
    let (class, summary, about) = told.unwrap_or_else(|| told_of_any(model, operations, stuck));
    Story { class, summary, facts, stuck: about }
}

/// Says only that there is something wrong.
pub(super) fn untold(
    model: ModelKind,
    operations: &[WitnessOp],
    stuck: Option<OpIndex>,
) -> (AnomalyClass, String) {
    let (class, summary, _) = told_of_any(model, operations, stuck);
    (class, summary)
}

/// A sentence about operations, with the process of each in the place of its number, if that tells
/// them apart.
pub(super) fn by_process(text: &str, operations: &[WitnessOp]) -> String {
    let mut named = BTreeSet::new();
    let mut pieces = text.split('#');
    let mut told = pieces.next().unwrap_or_default().to_owned();
    for piece in pieces {
        let end = piece.find(|sign: char| !sign.is_ascii_digit()).unwrap_or(piece.len());
        let (number, rest) = piece.split_at(end);
        let index = number.parse().map(OpIndex);
        let op = operations.iter().find(|op| Ok(op.index) == index);
        // "From then on" is said of one operation, not of its process.
        match op.filter(|op| named.insert(op.process) && !told.ends_with("from ")) {
            Some(op) => told.push_str(&format!("{}{rest}", op.process)),
            None => return text.to_owned(),
        }
    }
    told
}

pub(crate) type Sentence = (AnomalyClass, String, Option<OpIndex>);

fn told_of_register(operations: &[WitnessOp]) -> Option<Sentence> {
    let reads = || {
        operations.iter().filter_map(|op| match (&*op.f, op.outcome.ok()) {
            ("read" | "get", Some(value)) => Some((op, value)),
            _ => None,
        })
    };
    reads()
        .find_map(|(read, value)| unwritten(operations, read, value))
        .or_else(|| double_cas(operations))
        .or_else(|| {
            let mut reads: Vec<_> = reads().collect();
            reads.reverse();
            reads.into_iter().find_map(|(read, value)| stale(operations, read, value))
        })
}

/// A read of what had not begun to be written.
pub(crate) fn unwritten(
    operations: &[WitnessOp],
    read: &WitnessOp,
    value: &Value,
) -> Option<Sentence> {
    if *value == Value::Nil {
        return None;
    }
    let clock = Clock::of(operations);
    let who = said(read, clock);
    let givers = || operations.iter().filter(|op| given(op).contains(&value));
    let mut live = givers().filter(|op| op.outcome != Outcome::Fail);
    if let Some(first) = live.next() {
        if Some(first.invoked) < read.completed {
            return None;
        }
        let summary = format!(
            "{who}, but {} did not begin to write it before {}",
            first.who(),
            clock.begun(first)
        );
        return Some((AnomalyClass::FutureRead, summary, Some(read.index)));
    }
    if let Some(failed) = givers().next() {
        let summary = format!("{who}, but {}'s write of it had failed", failed.who());
        return Some((AnomalyClass::FalseFailure, summary, Some(read.index)));
    }
    let summary = format!("{who}, but nothing ever wrote {value}");
    Some((AnomalyClass::ReadFromNowhere, summary, Some(read.index)))
}

/// Two swaps of a value that was there but once.
pub(crate) fn double_cas(operations: &[WitnessOp]) -> Option<Sentence> {
    let swaps = || {
        operations.iter().filter_map(|op| match (&*op.f, op.argument.as_list(), op.outcome.ok()) {
            ("cas", Some([old, _]), Some(ret)) if *ret != Value::Bool(false) => Some((op, old)),
            _ => None,
        })
    };
    swaps().enumerate().find_map(|(place, (second, old))| {
        let first = swaps().take(place).find(|&(_, other)| other == old)?.0;
        let initial = usize::from(*old == Value::Nil);
        let given = operations.iter().filter(|op| given(op).contains(&old)).count();
        (given + initial <= 1).then(|| {
            let summary = format!(
                "{} and {} both swapped {old} away, but it was there only once",
                first.who(),
                second.who()
            );
            (AnomalyClass::DoubleCas, summary, Some(second.index))
        })
    })
}

/// A read of a value although another was known before it began, and after the value itself.
fn stale(operations: &[WitnessOp], read: &WitnessOp, value: &Value) -> Option<Sentence> {
    let earlier =
        || operations.iter().filter(|op| op.completed.is_some_and(|end| end < read.invoked));
    let values: BTreeSet<&Value> = operations.iter().flat_map(given).collect();
    let two_values = values.len() <= 2 && !operations.iter().any(|op| &*op.f == "cas");
    let newer = |op: &&WitnessOp| {
        let shows_other = match (&*op.f, op.outcome.ok()) {
            (_, None) => false,
            ("read" | "get", Some(ret)) => ret != value,
            ("cas", Some(ret)) => *ret != Value::Bool(false) && !given(op).contains(&value),
            (_, Some(_)) => !given(op).contains(&value),
        };
        let mut givers = operations.iter().filter(|giver| given(giver).contains(&value));
        let overwrites = givers.all(|giver| giver.completed.is_some_and(|end| end < op.invoked));
        let flips = earlier().any(|seen| {
            seen.completed < Some(op.invoked)
                && matches!(&*seen.f, "read" | "get")
                && shows(seen, value)
        });
        shows_other && (overwrites || flips || two_values)
    };
    let newer = earlier().filter(newer).max_by_key(|op| op.completed)?;
    let held = match &*newer.f {
        "read" | "get" => newer.outcome.ok().cloned()?,
        _ => given(newer).first().map(|&value| value.clone())?,
    };
    let was = |verb: &str| {
        let mut which = earlier().filter(|op| match verb {
            "written" => given(op).contains(&&held),
            _ => matches!(&*op.f, "read" | "get") && shows(op, &held),
        });
        which.next().is_some()
    };
    let had = match (was("written"), was("read")) {
        (true, true) => "written and read",
        (true, false) => "written",
        (false, _) => "read",
    };
    let who = said(read, Clock::of(operations));
    let summary = format!("{who}, but {held} had been {had} before that read began");
    Some((AnomalyClass::StaleRead, summary, Some(read.index)))
}

/// What is wrong with a list or text that grows.
pub(super) fn growth(
    class: AnomalyClass,
    about: &WitnessOp,
    against: Option<&WitnessOp>,
) -> (String, Vec<Fact>) {
    let clock = Clock::of([Some(about), against].into_iter().flatten());
    let brief = |op| brief(op, clock);
    let who = brief(about);
    let summary = match (class, against) {
        (AnomalyClass::IncompatibleOrder, Some(other)) => {
            format!("{who}, but {}, and there is no order of appends for both", brief(other))
        }
        (AnomalyClass::FutureRead, Some(read)) => {
            format!("{}, before {} began to append {}", brief(read), about.who(), about.argument)
        }
        (_, Some(other)) if !matches!(&*about.f, "read" | "get") => {
            format!("{who}, and {}, and no order of these fits what was read", brief(other))
        }
        (_, Some(other)) => {
            format!("{who}, but {} before that read began, and it shows less", brief(other))
        }
        (AnomalyClass::DuplicateElement, None) => {
            format!("{who}, which has something twice that was appended once")
        }
        (_, None) => format!("{who}, which has something that nothing appended"),
    };
    let both = [Some(about), against].into_iter().flatten();
    (summary, both.map(|op| fact(op, clock)).collect())
}

/// Who did what, with long values cut short.
fn brief(op: &WitnessOp, clock: Clock) -> String {
    const MAX: usize = 60;
    let said = said(op, clock);
    match said.char_indices().nth(MAX) {
        Some((end, _)) => format!("{}...", &said[..end]),
        None => said,
    }
}

fn told_of_any(model: ModelKind, operations: &[WitnessOp], stuck: Option<OpIndex>) -> Sentence {
    let about = operations.iter().find(|op| Some(op.index) == stuck);
    let count = operations.len();
    let summary = match about {
        Some(op) => {
            let who = said(op, Clock::of(operations));
            if count == 1 {
                format!("{who}, and nothing explains it")
            } else {
                format!("{who}, and no order of these {count} operations explains it")
            }
        }
        None => format!("no order of these {count} operations is one of a {model}"),
    };
    (AnomalyClass::NonLinearizable, summary, stuck)
}

/// Who did what, and when it was over.
pub(crate) fn said(op: &WitnessOp, clock: Clock) -> String {
    let when = clock.ended(op).map_or_else(String::new, |end| format!(" at {end}"));
    format!("{} {}{when}", op.who(), deed(op))
}

/// What an operation did, in the past tense.
pub(crate) fn deed(op: &WitnessOp) -> String {
    let argument = &op.argument;
    let did = match (&*op.f, argument.as_list()) {
        ("read" | "get", _) => match &op.outcome {
            Outcome::Ok(ret) => format!("read {ret}"),
            Outcome::Fail | Outcome::Indeterminate => "tried to read".to_owned(),
        },
        ("write" | "put" | "set", _) => format!("wrote {argument}"),
        ("append", _) => format!("appended {argument}"),
        ("add", _) => format!("added {argument}{}", change(op, ", which was there already")),
        ("remove", _) => format!("removed {argument}{}", change(op, ", which was not there")),
        ("acquire", _) if says_no(op) => "found the lock held".to_owned(),
        ("acquire", _) => "acquired the lock".to_owned(),
        ("release", _) if says_no(op) => "could not release the lock".to_owned(),
        ("release", _) => "released the lock".to_owned(),
        ("push-front", _) => format!("pushed {argument} at the front"),
        ("push-back", _) => format!("pushed {argument} at the back"),
        ("cas", Some([old, new])) if op.outcome == Outcome::Ok(Value::Bool(false)) => {
            format!("could not swap {old} for {new}")
        }
        ("cas", Some([old, new])) => format!("swapped {old} for {new}"),
        ("enqueue", _) => format!("enqueued {argument}"),
        ("push", _) => format!("pushed {argument}"),
        ("insert", _) => format!("inserted {argument}"),
        (f, _) => match &op.outcome {
            Outcome::Ok(ret) if *argument == Value::Nil => {
                format!("did {} and got {ret}", visible(f))
            }
            Outcome::Ok(ret) => format!("did {} of {argument} and got {ret}", visible(f)),
            Outcome::Fail | Outcome::Indeterminate => format!("did {}", visible(f)),
        },
    };
    match (&op.outcome, &*op.f) {
        (_, "read" | "get") | (Outcome::Ok(_), _) => did,
        (Outcome::Indeterminate, _) => format!("perhaps {did}"),
        (Outcome::Fail, _) => format!("failed: had it, it would have {did}"),
    }
}

fn says_no(op: &WitnessOp) -> bool {
    op.outcome == Outcome::Ok(Value::Bool(false))
}

/// What an addition or removal said of whether it changed a set.
fn change<'a>(op: &WitnessOp, unchanged: &'a str) -> &'a str {
    match op.outcome.ok() {
        Some(said @ Value::Bool(_)) if *said == op.argument => "",
        Some(Value::Bool(true)) if &*op.f == "add" => ", which was new",
        Some(Value::Bool(true)) => ", which was there",
        Some(Value::Bool(false)) => unchanged,
        _ => "",
    }
}

pub(crate) fn fact(op: &WitnessOp, clock: Clock) -> Fact {
    let begun = clock.begun(op);
    let span = match clock.ended(op) {
        Some(end) => format!("from {begun} to {end}"),
        None => format!("from {begun} on"),
    };
    let node =
        op.node.as_ref().map_or_else(String::new, |node| format!(", asking {}", visible(node)));
    Fact { text: format!("{} {}, {span}{node}", op.who(), deed(op)), ops: vec![op.index] }
}
