//! How long something took, in a line.

use rashomon_checker::Time;
use rashomon_checker::invariants::Latencies;

use super::thousands;

/// `stable latency of 12: p50 1.500 ms, p99 80.000 ms, max 81.250 ms`.
pub(crate) fn latency_text(latencies: &Latencies) -> String {
    let [p50, p99, max] = [latencies.p50, latencies.p99, latencies.max].map(milliseconds);
    let (name, number) = (&latencies.name, thousands(latencies.number));
    format!("{name} latency of {number}: p50 {p50}, p99 {p99}, max {max}")
}

fn milliseconds(time: Time) -> String {
    format!("{}.{:03} ms", time.0 / 1_000_000, time.0 / 1_000 % 1_000)
}
