//! How available a cluster was: what share of operations it did, at which nodes, under which faults, and how
//! soon after them it did any.

mod sides;

use std::collections::{BTreeMap, BTreeSet};

use rashomon_checker::k_atomic::Quantiles;
use rashomon_checker::{History, Operation, Time};
use rashomon_results::{AvailabilityRecord, FaultServedRecord, ServedRecord};

use crate::fault::Aim;
use crate::run::drive::SpanOutcome;

pub(crate) use sides::{CutServed, SideServed, is_read, served_across_cuts};

/// A fault that struck.
struct Struck {
    kind: &'static str,
    /// From when to when.
    from: Time,
    to: Time,
    /// The nodes; where a side is named, those of the smaller one.
    nodes: BTreeSet<String>,
    /// When the first operation after it was done, as far as that is known.
    served: Option<Time>,
    /// Whether any was invoked.
    is_asked: bool,
}

/// The availability of a cluster to the clients of `history`, under `spans`. O(n log n + n f), for n
/// operations and f faults.
pub(crate) fn availability(history: &History, spans: &[SpanOutcome]) -> AvailabilityRecord {
    let asked: BTreeSet<&str> = history.nodes().collect();
    let mut struck: Vec<Struck> =
        spans.iter().filter_map(|span| Struck::of(span, &asked)).collect();
    struck.sort_by_key(|it| (it.from, it.to));
    let mut without_faults = ServedRecord::default();
    let mut during: BTreeMap<&str, [ServedRecord; 2]> = BTreeMap::new();
    let (mut lasting, mut next): (Vec<usize>, usize) = (Vec::new(), 0);
    for op in history.iter().filter(|op| !op.is_final) {
        let Some(node) = op.node else { continue };
        while struck.get(next).is_some_and(|it| it.from <= op.invoke_time) {
            lasting.push(next);
            next += 1;
        }
        lasting.retain(|&at| struck[at].to > op.invoke_time);
        let mut kinds: BTreeSet<&str> = BTreeSet::new();
        for &at in &lasting {
            let it = &struck[at];
            let is_other = usize::from(!it.nodes.contains(node));
            // Two faults of one kind count it once.
            if kinds.insert(it.kind) {
                count(&mut during.entry(it.kind).or_default()[is_other], &op);
            }
        }
        if lasting.is_empty() {
            count(&mut without_faults, &op);
        }
    }
    let told = |(kind, [struck, others]): (&str, [ServedRecord; 2])| FaultServedRecord {
        kind: kind.to_owned(),
        struck,
        others,
    };
    let during = during.into_iter().map(told).collect();
    recoveries(history, &mut struck);
    let recovered: Vec<u64> =
        struck.iter().filter_map(|it| Some(it.served?.0.saturating_sub(it.to.0))).collect();
    AvailabilityRecord {
        without_faults,
        during,
        not_recovered: struck.iter().filter(|it| it.is_asked && it.served.is_none()).count() as u64,
        recovered_ns: (!recovered.is_empty()).then(|| Quantiles::of(recovered)),
        longest_without_ns: longest_without(history),
    }
}

fn count(served: &mut ServedRecord, op: &Operation<'_>) {
    served.asked += 1;
    served.ok += u64::from(op.outcome.ok().is_some());
}

impl Struck {
    fn of(span: &SpanOutcome, all: &BTreeSet<&str>) -> Option<Self> {
        let (from, to) = (span.struck?, span.healed.unwrap_or(Time(u64::MAX)));
        let kind = span.span.kind();
        let on: BTreeSet<String> = span.on.iter().map(ToString::to_string).collect();
        let others: BTreeSet<String> =
            all.iter().filter(|it| !on.contains(**it)).map(|&it| it.to_owned()).collect();
        let names_a_side = matches!(span.span.fault.aim(), Aim::Nodes(_));
        let is_larger = names_a_side && !others.is_empty() && others.len() < on.len();
        let nodes = if is_larger { others } else { on };
        Some(Self { kind, from, to, nodes, served: None, is_asked: false })
    }
}

/// Finds for each fault when it was over for clients of the nodes that it had struck.
fn recoveries(history: &History, struck: &mut [Struck]) {
    let mut waiting: Vec<&mut Struck> = struck.iter_mut().collect();
    waiting.sort_by_key(|it| it.to);
    for op in history.iter().filter(|op| !op.is_final) {
        let Some(node) = op.node else { continue };
        let healed = waiting.partition_point(|it| it.to <= op.invoke_time);
        for it in waiting[..healed].iter_mut().filter(|it| it.nodes.contains(node)) {
            // Operations come in the order of invocation: an earlier end may follow.
            if it.served.is_none_or(|served| op.invoke_time < served) {
                it.is_asked = true;
                let done = op.complete_time.filter(|_| op.outcome.ok().is_some());
                it.served = it.served.into_iter().chain(done).min();
            }
        }
    }
}

/// The longest time without a success, from the first invocation to the last.
fn longest_without(history: &History) -> u64 {
    let clients = || history.iter().filter(|op| !op.is_final);
    let Some(first) = clients().next().map(|op| op.invoke_time) else { return 0 };
    let last = clients().last().map_or(first, |op| op.invoke_time);
    let done = clients().filter(|op| op.outcome.ok().is_some()).filter_map(|op| op.complete_time);
    let mut moments: Vec<Time> = done.filter(|at| *at < last).chain([first, last]).collect();
    moments.sort_unstable();
    moments.windows(2).map(|pair| pair[1].0 - pair[0].0).max().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use rashomon_checker::{Event, EventKind, ProcessId, Value};
    use rashomon_targets::NodeId;

    use super::*;
    use crate::fault::{FaultSpan, Plan};

    /// One operation a row: when it began and ended, in nanoseconds, at which node, and whether it was done.
    fn history(ops: &[(u64, u64, &str, bool)]) -> History {
        let mut events: Vec<Event> = Vec::new();
        for (process, &(begun, ended, node, is_done)) in (0..).zip(ops) {
            let event = |time, kind| Event {
                time: Time(time),
                node: Some(node.into()),
                ..Event::new(0, ProcessId(process), kind, "write", Value::Int(process.into()))
            };
            let end = if is_done { EventKind::Ok } else { EventKind::Fail };
            events.extend([event(begun, EventKind::Invoke), event(ended, end)]);
        }
        events.sort_by_key(|event| event.time);
        let numbered = (0..).zip(events).map(|(index, event)| Event { index, ..event });
        History::from_events(numbered).unwrap()
    }

    fn span(fault: &str, on: &[u16], from: u64, to: u64) -> SpanOutcome {
        let plan = format!(
            r#"{{"format": "rashomon-plan", "version": 1, "spans": [{{"id": 0, "start": {from}, "lasts": {}, {fault}}}]}}"#,
            to - from
        );
        let plan: Plan = serde_json::from_str(&plan).unwrap();
        let span: &FaultSpan = &plan.spans[0];
        SpanOutcome {
            on: on.iter().copied().map(NodeId).collect(),
            struck: Some(Time(from)),
            healed: Some(Time(to)),
            ..SpanOutcome::planned(span)
        }
    }

    const KILL: &str = r#""fault": "kill", "node": {"node": 1}"#;
    const CUT: &str = r#""fault": "links", "shape": {"cut": {"side": [1, 2]}}, "direction": "both", "effect": {"effect": "drop"}"#;

    fn served(asked: u64, ok: u64) -> ServedRecord {
        ServedRecord { asked, ok }
    }

    #[test]
    fn operations_count_at_the_node_that_they_asked_while_a_fault_lasted() {
        let ops = [
            (1, 2, "n1", true),
            (11, 12, "n1", false),
            (13, 14, "n2", true),
            (15, 30, "n3", true),
            (21, 22, "n1", false),
            (23, 26, "n1", true),
        ];
        let found = availability(&history(&ops), &[span(KILL, &[1], 10, 20)]);
        assert_eq!(found.without_faults, served(3, 2));
        let [kill] = found.during.as_slice() else { panic!("{:?}", found.during) };
        assert_eq!((&*kill.kind, kill.struck, kill.others), ("kill", served(1, 0), served(2, 2)));
        assert_eq!(found.recovered_ns.map(|it| it.max), Some(6), "at 26, healed at 20");
        assert_eq!(found.not_recovered, 0);
        assert_eq!(found.longest_without_ns, 12, "from 2 to 14");
    }

    #[test]
    fn of_two_sides_the_smaller_one_is_the_one_struck() {
        let ops = [(11, 12, "n1", true), (13, 14, "n2", true), (15, 16, "n3", false)];
        let found = availability(&history(&ops), &[span(CUT, &[1, 2], 10, 20)]);
        let [cut] = found.during.as_slice() else { panic!("{:?}", found.during) };
        assert_eq!((&*cut.kind, cut.struck, cut.others), ("partition", served(1, 0), served(2, 2)));
        assert_eq!(
            (found.recovered_ns, found.not_recovered),
            (None, 0),
            "nothing was asked after it"
        );
    }

    #[test]
    fn a_node_that_does_nothing_after_a_fault_has_not_recovered() {
        let ops = [(21, 22, "n1", false), (23, 24, "n2", true)];
        let found = availability(&history(&ops), &[span(KILL, &[1], 10, 20)]);
        assert_eq!((found.recovered_ns, found.not_recovered), (None, 1));
    }

    #[test]
    fn faults_that_overlap_count_an_operation_for_each_kind_once() {
        let ops = [(11, 12, "n1", true)];
        let spans = [span(KILL, &[1], 10, 20), span(KILL, &[1], 10, 15), span(CUT, &[1, 2], 5, 20)];
        let found = availability(&history(&ops), &spans);
        let kinds: Vec<(&str, u64)> = found
            .during
            .iter()
            .map(|it| (it.kind.as_str(), it.struck.asked + it.others.asked))
            .collect();
        assert_eq!(kinds, [("kill", 1), ("partition", 1)]);
        assert_eq!(found.without_faults, ServedRecord::default());
    }
}
