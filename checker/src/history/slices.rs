//! A history in slices, of a few keys each.

use super::{History, NO_KEY};
use crate::{OpIndex, Position, Value};
use std::collections::BTreeMap;

/// Cuts a history of many keys into slices, so that the results of each part need not be held for
/// all of them at once.
///
/// Four bytes an operation, and then as much as the slice that is asked for.
#[derive(Debug)]
pub struct Slices<'a> {
    history: &'a History,
    /// The operations, slice by slice, in their order.
    order: Vec<u32>,
    /// Where each slice begins in `order`, and its first key.
    starts: Vec<(usize, u32)>,
}

impl<'a> Slices<'a> {
    /// Slices of at most `keys_max` keys. Operations without a key come last.
    ///
    /// # Panics
    ///
    /// If `keys_max` is 0.
    pub fn new(history: &'a History, keys_max: u32) -> Self {
        let keys = u32::try_from(history.keys.len()).expect("keys have numbers");
        let slice_of =
            |key: u32| if key == NO_KEY { keys.div_ceil(keys_max) } else { key / keys_max };
        let count = keys.div_ceil(keys_max) as usize + 1;
        let mut ends = vec![0usize; count + 1];
        for &key in &history.key {
            ends[slice_of(key) as usize + 1] += 1;
        }
        for slice in 0..count {
            ends[slice + 1] += ends[slice];
        }
        let starts = (0u32..).zip(&ends).map(|(slice, &start)| (start, slice * keys_max)).collect();
        let mut next = ends;
        let mut order = vec![0u32; history.len()];
        for (index, &key) in (0u32..).zip(&history.key) {
            let place = &mut next[slice_of(key) as usize];
            order[*place] = index;
            *place += 1;
        }
        Self { history, order, starts }
    }

    /// Each slice, as a history of its own: its operations have the positions that they have in
    /// the whole.
    pub fn iter(&self) -> impl Iterator<Item = History> {
        let slices = self.starts.windows(2).filter(|window| window[0].0 < window[1].0);
        slices.map(|window| self.slice(window[0], window[1]))
    }

    fn slice(&self, (start, first): (usize, u32), (end, beyond): (usize, u32)) -> History {
        let history = self.history;
        let ops = &self.order[start..end];
        let at = |op: u32| op as usize;
        let keys = history.keys.len();
        History {
            process: ops.iter().map(|&op| history.process[at(op)]).collect(),
            f: ops.iter().map(|&op| history.f[at(op)]).collect(),
            key: ops
                .iter()
                .map(|&op| Some(history.key[at(op)]).filter(|&key| key != NO_KEY))
                .map(|key| key.map_or(NO_KEY, |key| key - first))
                .collect(),
            argument: ops.iter().map(|&op| history.argument[at(op)]).collect(),
            ret: ops.iter().map(|&op| history.ret[at(op)]).collect(),
            invoked: ops.iter().map(|&op| history.invoked[at(op)]).collect::<Vec<Position>>(),
            completed: ops.iter().map(|&op| history.completed[at(op)]).collect(),
            invoke_time: ops.iter().map(|&op| history.invoke_time[at(op)]).collect(),
            complete_time: ops.iter().map(|&op| history.complete_time[at(op)]).collect(),
            flags: ops.iter().map(|&op| history.flags[at(op)]).collect(),
            node: ops.iter().map(|&op| history.node[at(op)]).collect(),
            event_index: ops
                .iter()
                .filter_map(|&op| history.event_index.get(at(op)).copied())
                .collect(),
            functions: history.functions.clone(),
            nodes: history.nodes.clone(),
            process_names: history.process_names.clone(),
            keys: history.keys[keys.min(first as usize)..keys.min(beyond as usize)].to_vec(),
            values: history.values.clone(),
            rest: history.rest.clone(),
            whole: ops.iter().map(|&op| history.place_in_whole(OpIndex(op))).collect(),
            events: history.events,
            peak_concurrency: history.peak_concurrency,
        }
    }
}

impl History {
    /// The index of an operation in the whole history, of which this may be a part.
    pub fn place_in_whole(&self, index: OpIndex) -> OpIndex {
        self.whole.get(index.get()).copied().unwrap_or(index)
    }

    /// Where each key is first used; operations without a key come after all.
    pub fn first_uses(&self) -> BTreeMap<Option<&Value>, Position> {
        let mut first = BTreeMap::new();
        for index in self.indices() {
            let key = self.key_of(index);
            let position =
                if key.is_some() { self.invoked[index.get()] } else { Position(u32::MAX) };
            first.entry(key).or_insert(position);
        }
        first
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Event, EventKind, ProcessId, Value};

    #[test]
    fn slices_hold_every_operation_once_where_it_was() {
        let keys = [Some(1), Some(2), None, Some(3), Some(1), Some(4), None, Some(5)];
        let events = (0..).zip(keys).map(|(index, key)| Event {
            key: key.map(Value::Int),
            ..Event::new(index, ProcessId(0), EventKind::Invoke, "write", Value::Int(7))
        });
        let ends = |event: &Event| Event { index: 0, kind: EventKind::Ok, ..event.clone() };
        let both = events.flat_map(|event| [ends(&event), event].into_iter().rev());
        let numbered = (0..).zip(both).map(|(index, event)| Event { index, ..event });
        let whole = History::from_events(numbered).unwrap();
        let slices = Slices::new(&whole, 2);
        let mut seen: Vec<(u32, Option<Value>)> = Vec::new();
        for slice in slices.iter() {
            assert!(slice.keys().len() <= 2);
            for index in slice.indices() {
                let place = slice.place_in_whole(index);
                let mut there = whole.operation(place);
                there.index = index;
                assert_eq!(slice.operation(index), there);
                seen.push((place.0, slice.key_of(index).cloned()));
            }
        }
        seen.sort();
        assert_eq!(seen.len(), whole.len());
        assert!(seen.windows(2).all(|two| two[0].0 + 1 == two[1].0));
    }
}
