//! How available a cluster was, in lines.

use rashomon_results::{AvailabilityRecord, ServedRecord};

use super::{Frame, in_unit};

/// What was served with and without faults, and how soon after them.
pub(crate) fn availability(frame: &mut Frame, of: &AvailabilityRecord) {
    let mut served: Vec<String> = share(of.without_faults)
        .map(|share| format!("{share} without faults"))
        .into_iter()
        .collect();
    for it in &of.during {
        let parts: Vec<String> = [(it.struck, "where it struck"), (it.others, "elsewhere")]
            .into_iter()
            .filter_map(|(served, place)| Some(format!("{} {place}", share(served)?)))
            .collect();
        if !parts.is_empty() {
            served.push(format!("under {}: {}", it.kind, parts.join(", ")));
        }
    }
    if served.is_empty() {
        return;
    }
    if let Some(after) = &of.recovered_ns {
        let [p50, max] = [after.p50, after.max].map(in_unit);
        let never = match of.not_recovered {
            0 => String::new(),
            faults => format!(", after {faults} not at all"),
        };
        served.push(format!("recovered after p50 {p50}, max {max}{never}"));
    }
    served.push(format!("longest time without any {}", in_unit(of.longest_without_ns)));
    frame.line("served", &served.join("; "));
}

fn share(served: ServedRecord) -> Option<String> {
    (served.asked > 0).then(|| super::percent(served.ok, served.asked))
}
