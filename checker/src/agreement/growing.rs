//! Lists and texts whose elements repeat, judged by the longest read and by everything else.

use super::{Agreed, Chance, EveryWay, InTurns, generate};
use crate::history::part;
use crate::linearizability::decode;
use crate::linearizability::list::{self, Effort, Growth};
use crate::linearizability::{Certificates, FailedCas, Options, explain};
use crate::{
    Certificate, Event, EventKind, History, ModelKind, OpIndex, PartOrder, Value, WitnessOp, verify,
};

/// The texts in a history: some empty, some prefixes of others, some that make
/// reads that can be cut in two ways.
const TEXTS: [&[&str]; 6] =
    [&["a"], &["a", "b"], &["a", "b", "c"], &["a", "ab"], &["", "a"], &["", "a", "ab", "b"]];

/// Judges one random history of a list or text of few elements by brute force or the reference,
/// and by the longest read, with orders of epochs tried in every other. The longest read may decline
/// only what it cannot cut. Each order must replay, and each witness must have none.
///
/// # Errors
///
/// Tells the history if judges disagree, or if evidence is refused.
pub fn growing_case(model: ModelKind, seed: u64) -> Result<Option<Agreed>, String> {
    let history = history(model, &mut Chance::new(seed));
    let lines: Vec<String> =
        history.iter().map(|op| format!("  {} {:?}", WitnessOp::new(&op), span(&op))).collect();
    let told = |what: &str| format!("{model} growing seed {seed}: {what}\n{}", lines.join("\n"));
    let Some(expected) = expected(&history, model) else { return Ok(None) };
    let [part] = &part::split(&history)[..] else { return Ok(None) };
    let is_ambiguous = list::is_ambiguous(&history, model, part);
    for (certificates, effort) in [
        (Certificates::Orders, Effort::Whole),
        (Certificates::Orders, Effort::Orders),
        (Certificates::Named, Effort::Quick),
        (Certificates::Named, Effort::Whole),
    ] {
        let options = Options { certificates, ..Options::default() };
        let growth = list::judge(&history, model, part, &options, effort);
        let told = |what: &str| told(&format!("{effort:?}: {what}"));
        match &growth {
            Growth::Declined if is_ambiguous || effort == Effort::Quick => {}
            Growth::Declined => return Err(told("declined")),
            Growth::Linearizable(_) if !expected => return Err(told("there is no order")),
            Growth::Linearizable(None) => {}
            Growth::Linearizable(Some(order)) => {
                let orders = vec![PartOrder { key: part.key.clone(), order: order.clone() }];
                let certificate = Certificate { orders, ..Certificate::default() };
                verify::certificate(&history, model, &certificate)
                    .map_err(|refused| told(&refused.to_string()))?;
            }
            Growth::Refuted(refuted) => {
                let clash = refuted.least(&options);
                if expected {
                    return Err(told(&format!("there is an order: {clash:?}")));
                }
                let anomaly = explain::growth(&history, model, part, &clash, &options);
                verify::anomaly(&anomaly)
                    .map_err(|refused| told(&format!("{refused}: {clash:?}")))?;
            }
        }
    }
    Ok(Some(if expected { Agreed::Linearizable } else { Agreed::NotLinearizable }))
}

fn span(op: &crate::Operation<'_>) -> (u32, Option<u32>) {
    (op.invoked.0, op.completed.map(|it| it.0))
}

/// What brute force says of a short history, and the reference and the search of a longer one.
fn expected(history: &History, model: ModelKind) -> Option<bool> {
    let ops: Vec<OpIndex> = history.indices().collect();
    if ops.len() <= 7 {
        let answers = decode::with_model(model, history, &ops, FailedCas::SaysNothing, EveryWay);
        return answers.ok().map(|answers| answers[0].1);
    }
    let answers = decode::with_model(model, history, &ops, FailedCas::SaysNothing, InTurns).ok()?;
    answers.into_iter().flatten().next()
}

/// A history of two to thirteen operations, with letters for texts or elements.
fn history(model: ModelKind, chance: &mut Chance) -> History {
    let operations = 2 + chance.below(12);
    let texts = TEXTS[chance.below(TEXTS.len())];
    let mut events = generate::events_of(model, operations, chance);
    let odds = 2 + chance.below(8);
    for event in &mut events {
        event.value = renamed(&event.value, texts);
        if event.kind == EventKind::Ok && &*event.f == "append" && chance.one_in(odds) {
            (event.kind, event.value) = (EventKind::Info, Value::Nil);
        }
    }
    let events = lost_for_good(events);
    History::from_events(events).expect("the events are well formed")
}

/// A process whose operation was lost goes on as another.
fn lost_for_good(events: Vec<Event>) -> Vec<Event> {
    let mut lives: Vec<(u32, u32)> = Vec::new();
    let mut renamed = Vec::with_capacity(events.len());
    for mut event in events {
        let own = event.process.0;
        let at = lives.iter().position(|&(process, _)| process == own).unwrap_or(lives.len());
        if at == lives.len() {
            lives.push((own, 0));
        }
        event.process.0 = own + 1_000 * lives[at].1;
        lives[at].1 += u32::from(event.kind == EventKind::Info);
        renamed.push(event);
    }
    renamed
}

/// The value with each letter or number for one of a few texts or elements.
fn renamed(value: &Value, texts: &[&str]) -> Value {
    let text = |letter: u8| texts[usize::from(letter) % texts.len()];
    match value {
        Value::Str(letters) => Value::str(&letters.bytes().map(text).collect::<String>()),
        Value::Int(number) => {
            let place = usize::try_from(*number).unwrap_or(0) % texts.len();
            Value::str(texts[place])
        }
        Value::List(items) => Value::list(items.iter().map(|item| renamed(item, texts))),
        other => other.clone(),
    }
}

#[cfg(test)]
mod tests;
