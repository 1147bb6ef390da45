//! Histories without a reliable order of events: only their data can be trusted.

use std::collections::{BTreeMap, VecDeque};

use crate::{Event, EventKind, ProcessId};

/// The same operations without any order in real time: each by a process of its own, all invoked
/// before any of them ends.
///
/// For files, such as some of Elle's tests, in which completions have no invocation or all
/// processes bear one number. A completion belongs to the oldest invocation of its process that
/// has none; one with no invocation is its own, with what it returned for an argument. Operations
/// keep the order in which they ended, then that in which they began. The numbers of the
/// invocations are those of the completions, where there are any; completions are numbered on.
pub fn without_real_time(events: impl IntoIterator<Item = Event>) -> Vec<Event> {
    let mut open: BTreeMap<ProcessId, VecDeque<Event>> = BTreeMap::new();
    let mut operations: Vec<(Event, Option<Event>)> = Vec::new();
    for event in events {
        if event.kind == EventKind::Invoke {
            open.entry(event.process).or_default().push_back(event);
            continue;
        }
        let invocation = open.get_mut(&event.process).and_then(VecDeque::pop_front);
        let invocation = Event {
            index: event.index,
            kind: EventKind::Invoke,
            error: None,
            ..invocation.unwrap_or_else(|| event.clone())
        };
        operations.push((invocation, Some(event)));
    }
    operations.extend(open.into_values().flatten().map(|invocation| (invocation, None)));
    operations.sort_by_key(|(invocation, _)| invocation.index);
    renumber(operations)
}

fn renumber(operations: Vec<(Event, Option<Event>)>) -> Vec<Event> {
    let mut next_index = 0;
    let mut invocations = Vec::with_capacity(operations.len());
    let mut completions = Vec::with_capacity(operations.len());
    for (process, (mut invocation, completion)) in (0..).map(ProcessId).zip(operations) {
        invocation.process = process;
        invocation.index = invocation.index.max(next_index);
        next_index = invocation.index + 1;
        completions.extend(completion.map(|completion| Event {
            process,
            f: invocation.f.clone(),
            key: completion.key.filter(|_| invocation.key.is_some()),
            ..completion
        }));
        invocations.push(invocation);
    }
    for (index, completion) in (next_index..).zip(&mut completions) {
        completion.index = index;
    }
    invocations.append(&mut completions);
    invocations
}
