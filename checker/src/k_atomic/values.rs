//! One register: when each of its values was written, known and read.

use crate::History;
use crate::weak::{SessionView, Source};

/// A place that is never reached: the end of a write of unknown outcome.
pub(super) const NEVER: u32 = u32::MAX;

/// A value of a register. Places are those of events, from 1 on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct WrittenValue {
    /// The write, by its number in the view; none for the initial value.
    pub(super) write: Option<u32>,
    pub(super) begun: u32,
    pub(super) ended: u32,
    /// Where it was first known, and by which operation: its write or a read of it.
    pub(super) known: u32,
    pub(super) known_by: Option<u32>,
    /// The last beginning of its write, or of a read of it.
    pub(super) last_begun: u32,
}

/// A read of a register.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct ReadOfValue {
    /// Its number in the view.
    pub(super) op: u32,
    /// The place of the value among those of the register.
    pub(super) value: usize,
    pub(super) begun: u32,
    pub(super) ended: u32,
}

/// The operations on one key.
#[derive(Clone, Debug, Default)]
pub(super) struct RegisterValues {
    /// The initial value first.
    pub(super) values: Vec<WrittenValue>,
    pub(super) reads: Vec<ReadOfValue>,
}

/// The registers of a history, by the number of their key. O(n).
pub(super) fn registers(history: &History, view: &SessionView) -> Vec<RegisterValues> {
    by_place(history, view, view.sessions.keys(), |key| key)
}

/// The register of a view of operations on one key. O(n), whatever the number of the key.
pub(super) fn one_register(history: &History, view: &SessionView) -> RegisterValues {
    by_place(history, view, 1, |_| 0).pop().expect("there is one")
}

/// As many registers as `count`, of which that of each key has this place.
fn by_place(
    history: &History,
    view: &SessionView,
    count: usize,
    place_of: impl Fn(usize) -> usize,
) -> Vec<RegisterValues> {
    let sessions = &view.sessions;
    let span = |op: u32| {
        let index = view.ops[op as usize];
        let ended = history.completed_at(index).map_or(NEVER, |end| end.0 + 1);
        (history.invoked[index.get()].0 + 1, ended)
    };
    let initial =
        WrittenValue { write: None, begun: 0, ended: 0, known: 0, known_by: None, last_begun: 0 };
    let empty = RegisterValues { values: vec![initial], reads: Vec::new() };
    let mut registers = vec![empty; count];
    let mut place = vec![0; sessions.len() as usize];
    for op in (0..sessions.len()).filter(|&op| sessions.is_write(op)) {
        let (begun, ended) = span(op);
        let values = &mut registers[place_of(sessions.key(op))].values;
        place[op as usize] = values.len();
        values.push(WrittenValue {
            write: Some(op),
            begun,
            ended,
            known: ended,
            known_by: Some(op),
            last_begun: begun,
        });
    }
    for op in 0..sessions.len() {
        let Some(source) = sessions.source(op) else { continue };
        let value = match source {
            Source::Initial => 0,
            Source::Write(write) => place[write as usize],
        };
        let (begun, ended) = span(op);
        let register = &mut registers[place_of(sessions.key(op))];
        register.reads.push(ReadOfValue { op, value, begun, ended });
        let known = &mut register.values[value];
        known.last_begun = known.last_begun.max(begun);
        if ended < known.known {
            (known.known, known.known_by) = (ended, Some(op));
        }
    }
    registers
}

impl RegisterValues {
    /// A read that ended before the write of its value began.
    pub(super) fn future_read(&self) -> Option<&ReadOfValue> {
        self.reads.iter().find(|read| read.ended < self.values[read.value].begun)
    }

    /// The operations on this key, by their numbers in the view.
    pub(super) fn ops(&self) -> Vec<u32> {
        let writes = self.values.iter().filter_map(|value| value.write);
        let mut ops: Vec<u32> = writes.chain(self.reads.iter().map(|read| read.op)).collect();
        ops.sort_unstable();
        ops
    }
}
