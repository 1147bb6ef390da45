//! A history in which reads may take effect for longer than they took.
//!
//! Some consistency models are linearizability of such a history: it is made here, and judged by the
//! checkers that there are. Its anomalies show the operations as they were.

use crate::history::{FLAG_FINAL, NO_POSITION};
use crate::linearizability::{self, Certificates, Options, fact};
use crate::plant::{Bug, planted};
use crate::{
    Anomaly, Clock, Doubt, History, ModelKind, OpIndex, Outcome, Position, ProcessId, Verdict,
    WitnessOp,
};

/// When reads may have taken effect.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Widening {
    /// From this many nanoseconds before they began on. Times must be in the order of events.
    Earlier(u64),
    /// From the beginning of the history on.
    FromTheStart,
    /// From the last end of an update before they began, to the first beginning of one after they ended.
    BetweenUpdates,
}

/// A moment between events, or that of one.
type Moment = (u64, u32);

/// Judges `history` with its reads widened, final ones apart. The operations of anomalies are those of
/// `history`; their summaries are of the widened one.
pub(crate) fn check(
    history: &History,
    model: ModelKind,
    widening: Widening,
    options: &Options,
) -> Verdict<Anomaly> {
    let (widened, order) = widened(history, widening);
    // An order of the widened history is none of this one.
    let options = Options { certificates: Certificates::Named, ..options.clone() };
    let mut verdict = linearizability::check(&widened, model, &options).verdict;
    let place = |op: OpIndex| order[op.get()];
    if let Verdict::Unknown { doubt, more } = &mut verdict {
        for doubt in [doubt].into_iter().chain(more) {
            if let Doubt::Unsupported { op, .. } = doubt {
                *op = place(*op);
            }
        }
    }
    verdict.map_anomalies(|anomaly| as_it_was(history, anomaly, place))
}

/// The anomaly, with its operations where they were in `history`.
fn as_it_was(
    history: &History,
    mut anomaly: Anomaly,
    place: impl Fn(OpIndex) -> OpIndex,
) -> Anomaly {
    let witness = &mut anomaly.witness;
    for op in &mut witness.operations {
        let mut was = WitnessOp::new(&history.operation(place(op.index)));
        if op.completed.is_none() {
            was.completed = None;
        }
        was.outcome = op.outcome.clone();
        *op = was;
    }
    witness.operations.sort_by_key(|op| op.invoked);
    // An order of the widened history has reads before what they were invoked after.
    (witness.order, witness.stuck) = (Vec::new(), None);
    let clock = Clock::of(&witness.operations);
    anomaly.facts = witness.operations.iter().map(|op| fact(op, clock)).collect();
    anomaly
}

/// The widened history, without final reads, and where each of its operations was. O(n log n).
fn widened(history: &History, widening: Widening) -> (History, Vec<OpIndex>) {
    let clients: Vec<OpIndex> =
        history.indices().filter(|op| history.flags[op.get()] & FLAG_FINAL == 0).collect();
    let moments = Moments::new(history, &clients, widening);
    // The beginning of an operation comes before all ends of the same moment.
    let mut events: Vec<(Moment, bool, OpIndex)> = Vec::with_capacity(2 * clients.len());
    for &op in &clients {
        let (begun, ended) = moments.of(op);
        events.push((begun, false, op));
        events.extend(ended.map(|ended| (ended, true, op)));
    }
    events.sort_unstable();
    let mut begun = vec![0; history.len()];
    let mut ended = vec![NO_POSITION; history.len()];
    let mut order = Vec::with_capacity(clients.len());
    for (place, (_, is_end, op)) in (0u32..).zip(events) {
        if is_end {
            ended[op.get()] = place;
        } else {
            begun[op.get()] = place;
            order.push(op);
        }
    }
    (reordered(history, &order, &begun, &ended), order)
}

/// The operations of `history` in this order, with these places. Each is of a process of its own, as those
/// of one process may overlap now.
fn reordered(history: &History, order: &[OpIndex], begun: &[u32], ended: &[u32]) -> History {
    fn column<T: Copy>(order: &[OpIndex], of: &[T]) -> Vec<T> {
        order.iter().map(|op| of[op.get()]).collect()
    }
    History {
        process: order.iter().map(|op| ProcessId(op.0)).collect(),
        f: column(order, &history.f),
        key: column(order, &history.key),
        argument: column(order, &history.argument),
        ret: column(order, &history.ret),
        invoked: order.iter().map(|op| Position(begun[op.get()])).collect(),
        completed: column(order, ended),
        invoke_time: column(order, &history.invoke_time),
        complete_time: column(order, &history.complete_time),
        flags: column(order, &history.flags),
        node: column(order, &history.node),
        event_index: Vec::new(),
        functions: history.functions.clone(),
        nodes: history.nodes.clone(),
        process_names: std::sync::Arc::default(),
        keys: history.keys.clone(),
        values: history.values.clone(),
        rest: history.rest.clone(),
        whole: Vec::new(),
        events: history.events,
        peak_concurrency: history.peak_concurrency,
    }
}

/// When operations began and ended.
struct Moments<'a> {
    history: &'a History,
    widening: Widening,
    /// Places of the ends of updates, and of their beginnings, in order.
    ends: Vec<u32>,
    begins: Vec<u32>,
}

impl<'a> Moments<'a> {
    fn new(history: &'a History, clients: &[OpIndex], widening: Widening) -> Self {
        let (mut ends, mut begins) = (Vec::new(), Vec::new());
        if widening == Widening::BetweenUpdates {
            let may_change = |op: &&OpIndex| {
                !is_read(history, **op) && history.outcome_id(**op) != Outcome::Fail
            };
            for op in clients.iter().filter(may_change) {
                begins.push(history.invoked[op.get()].0);
                ends.extend(history.completed_at(*op).map(|end| end.0));
            }
            begins.sort_unstable();
            ends.sort_unstable();
        }
        Self { history, widening, ends, begins }
    }

    /// When an operation began, and when it ended if it did.
    fn of(&self, op: OpIndex) -> (Moment, Option<Moment>) {
        let history = self.history;
        let (begun, ended) = (history.invoked[op.get()].0, history.completed_at(op));
        let place = |at: u32| (u64::from(at) + 1, 0);
        let (by_place, end) = (place(begun), ended.map(|end| place(end.0)));
        let is_read = is_read(history, op);
        match self.widening {
            _ if planted(Bug::WidenNothing) => (by_place, end),
            Widening::Earlier(by) => {
                let time = history.invoke_time[op.get()].0;
                let by = if planted(Bug::WidenTooFar) { 2 * by } else { by };
                let begun = if is_read { (time.saturating_sub(by), 0) } else { (time, begun + 1) };
                let end = ended.map(|end| (history.complete_time[op.get()].0, end.0 + 1));
                (begun, end)
            }
            Widening::FromTheStart if is_read => ((0, 0), end),
            Widening::BetweenUpdates if is_read => {
                let begun = if planted(Bug::WidenPastUpdates) { 0 } else { begun };
                let before = self.ends.partition_point(|&it| it < begun).checked_sub(1);
                let before = before.map_or((0, 1), |at| (place(self.ends[at]).0, 1));
                let end = ended.map(|end| {
                    let after = self.begins.partition_point(|&it| it < end.0);
                    self.begins.get(after).map_or((u64::MAX, 0), |&it| (place(it).0 - 1, 2))
                });
                (before, end)
            }
            Widening::FromTheStart | Widening::BetweenUpdates => (by_place, end),
        }
    }
}

fn is_read(history: &History, op: OpIndex) -> bool {
    only_reads(history.f(op))
}

/// Whether a function of an object reads it, and never changes it.
pub(crate) fn only_reads(f: &str) -> bool {
    matches!(f, "read" | "get" | "contains")
}
