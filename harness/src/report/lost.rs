//! Anomalies that are many of one kind, named in one line.

use std::collections::BTreeMap;

use rashomon_checker::{Anomaly, AnomalyClass, Time, WitnessOp};

/// How many are named before the rest is only counted.
const NAMED: usize = 6;

/// A line for each class with more than one anomaly, or whose anomalies have names worth telling:
/// `12 lost-write: k3 = 17 (p2, acknowledged at 1.204 s), …`.
pub(super) fn lines<'a>(anomalies: impl Iterator<Item = &'a Anomaly>) -> Vec<String> {
    let mut classes: BTreeMap<AnomalyClass, Vec<&Anomaly>> = BTreeMap::new();
    for anomaly in anomalies {
        classes.entry(anomaly.class).or_default().push(anomaly);
    }
    classes.into_iter().map(|(class, anomalies)| line(class, &anomalies)).collect()
}

fn line(class: AnomalyClass, anomalies: &[&Anomaly]) -> String {
    let named: Vec<String> = anomalies.iter().take(NAMED).map(|anomaly| name(anomaly)).collect();
    let rest = anomalies.len() - named.len();
    let more = if rest > 0 { format!(", and {rest} more in verdict.json") } else { String::new() };
    format!("{} × {}: {}{more}", anomalies.len(), class.title(), named.join(", ")).replace('×', "x")
}

fn name(anomaly: &Anomaly) -> String {
    let key = anomaly.key.as_ref().map(ToString::to_string).unwrap_or_default();
    let key = key.trim_matches('"');
    match (anomaly.class, written(anomaly)) {
        (AnomalyClass::LostWrite | AnomalyClass::LostElement, Some(op)) => {
            let value = op.argument.as_list().and_then(|pair| pair.last()).unwrap_or(&op.argument);
            let at = op.complete_time.unwrap_or(Time(0));
            format!("{key} = {value} ({} at {at})", op.process)
        }
        _ => format!("key {key}"),
    }
}

/// The write that a witness is about: the first of its operations that is one.
fn written(anomaly: &Anomaly) -> Option<&WitnessOp> {
    anomaly.witness.operations.iter().find(|op| matches!(&*op.f, "write" | "cas" | "add"))
}
