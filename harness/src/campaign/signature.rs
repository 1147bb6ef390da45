//! What tells one failure from another: the check, the class of the anomaly, and the kind of operation.

use std::collections::BTreeMap;

use crate::judge::{Judgement, operation};

/// The signatures of a run's failures, each with what was found, in a sentence: `linearizable/stale-read/read`.
pub(super) fn signatures(judgement: &Judgement) -> BTreeMap<String, String> {
    let mut found = BTreeMap::new();
    for check in judgement.required() {
        for anomaly in &check.anomalies {
            let class = anomaly.class.name();
            let signature = format!("{}/{class}/{}", check.check.name(), operation(anomaly));
            found.entry(signature).or_insert_with(|| anomaly.summary.clone());
        }
    }
    if let Some(breach) = judgement.required_breach() {
        found.insert(format!("safety/{}/inside", breach.property.name()), breach.to_string());
    }
    found
}
