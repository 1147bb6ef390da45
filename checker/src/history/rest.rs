//! What events say beside what checkers read, so that a history can be written back as it was.
//!
//! An event mostly says nothing that the columns do not: a completion is of its invocation's key and
//! node, a failed one repeats the argument, and numbers are places. Only what is otherwise is held, by the
//! place of the event, so that a plain history holds nothing here.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::held::heap;
use super::{FLAG_FAIL, FLAG_OK, History};
use crate::{Event, EventKind, OpIndex, Outcome, Position, Value};

/// What one event says beside the columns.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct EventRest {
    /// Why it failed or is unknown.
    error: Option<Value>,
    /// Fields that nobody here understands.
    extra: Vec<(Arc<str>, Value)>,
    /// The value of a completion that failed or is unknown, where it is not the argument.
    value: Option<Value>,
    /// The node of a completion, where it is not that of the invocation.
    #[expect(clippy::option_option, reason = "whether it differs, and whether there is one")]
    node: Option<Option<Arc<str>>>,
    /// Whether a completion leaves out the key.
    lacks_key: bool,
    /// Whether the event is final, where the operation is and it is not.
    is_not_final: bool,
}

/// All that the events of a history say beside the columns.
#[derive(Clone, Debug, Default)]
pub(crate) struct Rest {
    events: BTreeMap<Position, EventRest>,
    /// Where a process gave up an operation, by the place where that began.
    given_up: BTreeMap<Position, Position>,
    /// From which place on numbers are how much greater than places.
    numbers: Vec<(Position, u64)>,
    /// Bytes in the contents of all that.
    heap: usize,
}

impl Rest {
    /// Bytes held, by count.
    pub(super) fn bytes(&self) -> usize {
        /// A node of a tree is half full at the worst.
        const SPARE: usize = 2;
        let events = self.events.len() * (size_of::<(Position, EventRest)>() * SPARE);
        let given_up = self.given_up.len() * (size_of::<[Position; 2]>() * SPARE);
        events + given_up + self.numbers.len() * size_of::<(Position, u64)>() + self.heap
    }

    /// Notes the number of the event at `place`.
    pub(super) fn number(&mut self, place: Position, number: u64) {
        // Numbers increase, and begin at 0 or later: none is less than its place.
        let more = number.saturating_sub(u64::from(place.0));
        if more != self.numbers.last().map_or(0, |last| last.1) {
            self.numbers.push((place, more));
        }
    }

    /// Notes what the invocation at `place` says besides.
    pub(super) fn invoked(&mut self, place: Position, event: &Event) {
        let rest = EventRest {
            error: event.error.clone(),
            extra: event.extra.clone(),
            ..EventRest::default()
        };
        self.hold(place, rest);
    }

    /// Notes what the completion at `place` says besides, of this operation.
    pub(super) fn completed(&mut self, place: Position, event: &Event, of: &Completed<'_>) {
        if event.kind == EventKind::Info {
            self.given_up.insert(of.invoked, place);
        }
        let is_told = event.kind == EventKind::Ok || event.value == *of.argument;
        let rest = EventRest {
            error: event.error.clone(),
            extra: event.extra.clone(),
            value: (!is_told).then(|| event.value.clone()),
            node: (event.node.as_ref() != of.node).then(|| event.node.clone()),
            lacks_key: of.has_key && event.key.is_none(),
            is_not_final: of.is_final && !event.is_final,
        };
        self.hold(place, rest);
        if event.is_final && !of.is_final {
            self.events.entry(of.invoked).or_default().is_not_final = true;
        }
    }

    fn hold(&mut self, place: Position, rest: EventRest) {
        if rest == EventRest::default() {
            return;
        }
        let extra: usize = rest.extra.iter().map(|(_, value)| heap(value) + 64).sum();
        self.heap +=
            extra + [&rest.error, &rest.value].into_iter().flatten().map(heap).sum::<usize>();
        self.events.insert(place, rest);
    }

    fn number_at(&self, place: Position) -> u64 {
        let runs = self.numbers.partition_point(|run| run.0 <= place);
        let more = runs.checked_sub(1).map_or(0, |last| self.numbers[last].1);
        u64::from(place.0) + more
    }
}

/// What the columns have of an operation that ends.
pub(super) struct Completed<'a> {
    pub(super) invoked: Position,
    pub(super) argument: &'a Value,
    pub(super) node: Option<&'a Arc<str>>,
    pub(super) has_key: bool,
    pub(super) is_final: bool,
}

impl History {
    /// The events of which it is made, as they were. Of a part of a history, those of its operations.
    ///
    /// A completion that left out what its invocation had said has it left out again. O(n log n).
    pub fn events(&self) -> impl Iterator<Item = Event> {
        let mut places: Vec<(Position, OpIndex, EventKind)> = Vec::with_capacity(self.len() * 2);
        for op in self.indices() {
            let invoked = self.invoked[op.get()];
            places.push((invoked, op, EventKind::Invoke));
            let flags = self.flags[op.get()];
            let kind = match flags & (FLAG_OK | FLAG_FAIL) {
                FLAG_OK => EventKind::Ok,
                FLAG_FAIL => EventKind::Fail,
                _ => EventKind::Info,
            };
            let given_up = || self.rest.given_up.get(&invoked).copied();
            let end = self.completed_at(op).or_else(given_up);
            places.extend(end.map(|end| (end, op, kind)));
        }
        places.sort_unstable_by_key(|it| it.0);
        places.into_iter().map(|(place, op, kind)| self.event(place, op, kind))
    }

    fn event(&self, place: Position, op: OpIndex, kind: EventKind) -> Event {
        let operation = self.operation(op);
        let rest = self.rest.events.get(&place).cloned().unwrap_or_default();
        let node = || operation.node.map(Arc::from);
        let value = match (kind, &operation.outcome) {
            (EventKind::Ok, Outcome::Ok(returned)) => returned.clone(),
            _ => rest.value.unwrap_or_else(|| operation.argument.clone()),
        };
        Event {
            index: self.rest.number_at(place),
            time: match kind {
                EventKind::Invoke => operation.invoke_time,
                _ => operation.complete_time.unwrap_or_default(),
            },
            process: operation.process,
            process_name: operation.process_name.cloned(),
            kind,
            f: Arc::from(operation.f),
            key: operation.key.filter(|_| !rest.lacks_key).cloned(),
            value,
            node: rest.node.unwrap_or_else(node),
            is_final: operation.is_final && !rest.is_not_final,
            error: rest.error,
            extra: rest.extra,
        }
    }

    /// Why the operation failed or is unknown, in the words of its file.
    pub fn error_of(&self, op: OpIndex) -> Option<&Value> {
        self.rest_of(op).find_map(|rest| rest.error.as_ref())
    }

    /// A field of its events that nobody here understands, such as `session`, `version` or `context`:
    /// of the completion, else of the invocation.
    pub fn extra_of(&self, op: OpIndex, name: &str) -> Option<&Value> {
        let named = |rest: &'_ EventRest| rest.extra.iter().position(|(field, _)| **field == *name);
        self.rest_of(op).find_map(|rest| Some(&rest.extra[named(rest)?].1))
    }

    /// What its completion says, then its invocation.
    fn rest_of(&self, op: OpIndex) -> impl Iterator<Item = &EventRest> {
        let invoked = self.invoked[op.get()];
        let given_up = || self.rest.given_up.get(&invoked).copied();
        let end = self.completed_at(op).or_else(given_up);
        end.into_iter().chain([invoked]).filter_map(|place| self.rest.events.get(&place))
    }
}
