//! The monitor for a collection, a counter or a lock.

use crate::linearizability::decode::{self, decode};
use crate::model::ContainerOp;
use crate::monitors::{self, MonitorVerdict};
use crate::{History, ModelKind, Observed, OpIndex};

/// The answer of the monitor for `kind`, if there is one and it understands the operations.
pub(super) fn monitor(
    kind: ModelKind,
    history: &History,
    ops: &[OpIndex],
) -> Option<MonitorVerdict> {
    match kind {
        ModelKind::Register
        | ModelKind::CasRegister
        | ModelKind::Kv
        | ModelKind::Deque
        | ModelKind::ListAppend
        | ModelKind::Echo => None,
        ModelKind::UniqueIds => {
            Some(monitors::unique_ids::check(&decode(history, ops, decode::unique_ids).ok()?))
        }
        ModelKind::Mutex => {
            Some(monitors::mutex::check(&decode(history, ops, decode::mutex).ok()?))
        }
        ModelKind::Set => Some(monitors::set::check(&decode(history, ops, decode::set).ok()?)),
        ModelKind::Counter => {
            Some(monitors::counter::check(&decode(history, ops, decode::counter).ok()?))
        }
        ModelKind::Queue => {
            Some(monitors::queue::check(&decode::container(history, ops, kind).ok()?))
        }
        ModelKind::Stack => {
            Some(monitors::stack::check(&decode::container(history, ops, kind).ok()?))
        }
        ModelKind::PriorityQueue => {
            Some(monitors::priority_queue::check(&decode::container(history, ops, kind).ok()?))
        }
    }
}

/// What makes a part hard that no monitor and no search decided, if that is known.
pub(super) fn why_hard(kind: ModelKind, history: &History, ops: &[OpIndex]) -> Option<String> {
    if !matches!(kind, ModelKind::Queue | ModelKind::Stack | ModelKind::PriorityQueue) {
        return None;
    }
    let calls = decode::container(history, ops, kind).ok()?;
    let lost = calls.iter().filter(|it| it.op == ContainerOp::Take && it.seen == Observed::Lost);
    let lost = lost.count();
    (lost > 0).then(|| {
        format!(
            "takes with an unknown result: {lost}; each may have taken out any element or none, \
             and every known method has to try the choices"
        )
    })
}

#[cfg(test)]
mod tests {
    use crate::linearizability::{self, Certificates, Options};
    use crate::{Budget, Event, EventKind, History, ModelKind, ProcessId, Value};

    #[test]
    fn a_budget_spent_on_takes_without_a_return_says_what_makes_them_hard() {
        let mut events = Vec::new();
        let mut tell = |process, kind, f: &str, value| {
            let index = events.len() as u64;
            events.push(Event::new(index, ProcessId(process), kind, f, value));
        };
        for value in [1, 2, 3] {
            tell(0, EventKind::Invoke, "push", Value::Int(value));
            tell(0, EventKind::Ok, "push", Value::Nil);
        }
        tell(1, EventKind::Invoke, "pop", Value::Nil);
        tell(2, EventKind::Invoke, "pop", Value::Nil);
        tell(2, EventKind::Ok, "pop", Value::Int(2));
        let history = History::from_events(events).unwrap();
        let told = |configurations| {
            let budget = Budget { configurations, ..Budget::default() };
            // With an order to tell, no monitor decides.
            let certificates = Certificates::Orders;
            let options = Options { budget, certificates, ..Options::default() };
            linearizability::check(&history, ModelKind::Stack, &options).verdict
        };
        assert!(told(1_000).is_valid());
        let doubt = told(1).doubts().next().unwrap().to_string();
        assert!(doubt.contains("takes with an unknown result: 1; each may have taken"), "{doubt}");
    }
}
