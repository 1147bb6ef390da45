//! Anomalies that are many of one kind, and what was lost, each in a line.

use std::collections::BTreeMap;

use rashomon_checker::convergence::Named;
use rashomon_checker::{Anomaly, AnomalyClass};

use super::thousands;

/// How many are named before the rest is only counted.
const NAMED: usize = 12;

/// `9 x stale read (k0, k1, k2)`, for each class with several anomalies.
pub(super) fn classes<'a>(anomalies: impl Iterator<Item = &'a Anomaly>) -> Vec<String> {
    let mut classes: BTreeMap<AnomalyClass, Vec<String>> = BTreeMap::new();
    for anomaly in anomalies {
        let key = anomaly.key.as_ref().map(|key| plain(&key.to_string())).unwrap_or_default();
        classes.entry(anomaly.class).or_default().push(key);
    }
    classes
        .into_iter()
        .filter(|(_, keys)| keys.len() > 1)
        .map(|(class, mut keys)| {
            keys.sort_by_cached_key(|key| counted(key));
            (class, keys)
        })
        .map(|(class, keys)| {
            let told = format!("{} x {}", keys.len(), class.title());
            // What transactions show is of no one key.
            let of_keys = keys.iter().any(|key| !key.is_empty());
            if of_keys { format!("{told} ({})", some(&keys, ", ")) } else { told }
        })
        .collect()
}

/// `41: k0 = 40, 41, 42; k3 = 7`.
pub(super) fn named(elements: &[Named]) -> String {
    let mut keys: BTreeMap<(String, u64), (String, Vec<String>)> = BTreeMap::new();
    for Named { key, value } in elements.iter().take(NAMED) {
        let key = key.as_ref().map(|key| plain(&key.to_string())).unwrap_or_default();
        let named = keys.entry(counted(&key)).or_insert_with(|| (key, Vec::new()));
        named.1.push(value.to_string());
    }
    let listed: Vec<String> =
        keys.into_values().map(|(key, values)| format!("{key} = {}", values.join(", "))).collect();
    let rest = elements.len().saturating_sub(NAMED);
    let more = if rest > 0 {
        format!("; {} more in verdict.json", thousands(rest as u64))
    } else {
        String::new()
    };
    format!("{}: {}{more}", thousands(elements.len() as u64), listed.join("; "))
}

fn some(names: &[String], separator: &str) -> String {
    let shown = names.iter().take(NAMED).cloned().collect::<Vec<_>>().join(separator);
    let rest = names.len().saturating_sub(NAMED);
    if rest > 0 { format!("{shown}{separator}{rest} more") } else { shown }
}

/// A key without the quotes of a text.
fn plain(key: &str) -> String {
    key.trim_matches('"').to_owned()
}

/// What puts `k2` before `k10`: the text before the number at the end, and the number.
fn counted(key: &str) -> (String, u64) {
    let text = key.trim_end_matches(|letter: char| letter.is_ascii_digit());
    match key[text.len()..].parse() {
        Ok(number) => (text.to_owned(), number),
        Err(_) => (key.to_owned(), 0),
    }
}

#[cfg(test)]
mod tests {
    use rashomon_checker::Value;

    use super::*;

    #[test]
    fn keys_are_named_in_the_order_of_their_numbers() {
        let element = |key: &str| Named { key: Some(Value::from(key)), value: Value::Int(1) };
        let elements = ["k10", "k2", "a", "k9"].map(element);
        assert_eq!(named(&elements), "4: a = 1; k2 = 1; k9 = 1; k10 = 1");
    }
}
