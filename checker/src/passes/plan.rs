//! Which keys to hold in which pass.

use super::{Beat, Room};
use crate::{HistoryBuilder, KeyRange, ModelKind};

/// Which keys to hold in which pass.
///
/// Keys are grouped by hash, so that a group is a fair sample of all keys at every place in the
/// file: what a group takes of its beginning tells what it will take of the whole.
#[derive(Clone, Debug)]
pub(super) struct Plan {
    room: Room,
    /// Keys not judged yet; those of the next pass first.
    pending: Vec<KeyRange>,
    /// Passes begun.
    passes: u32,
    /// Passes that are likely to come, the one that goes on too.
    likely: u64,
    /// Operations on keys already judged.
    judged: u64,
}

/// Of the room, how many thousandths what is held and what judging it takes may fill. The rest is
/// for what an allocator takes beside, and for searches.
const FILL: u64 = 800;

/// Of that, how many thousandths a group should take when it is planned: a guess may be wrong by
/// the rest.
const PLANNED: u64 = 850;

/// Bytes that judging takes for a unit of weight of a register's part, and of any part, what a
/// search takes by its own count apart. Measured on histories of 400,000 operations on one object:
/// 160 bytes an operation of a register, 345 of a queue; 195 of a set, of which each carried half
/// an item.
const OF_REGISTERS: u64 = 48;
const OF_ANYTHING: u64 = 100;

impl Plan {
    pub(super) fn new(room: Room) -> Self {
        Self { room, pending: vec![KeyRange::ALL], passes: 0, likely: 1, judged: 0 }
    }

    /// The keys that are next.
    pub(super) fn next(&self) -> Option<KeyRange> {
        self.pending.first().copied()
    }

    /// Begins a pass for the keys that are next.
    pub(super) fn begin(&mut self) -> KeyRange {
        self.passes += 1;
        self.next().expect("there is something left to read")
    }

    pub(super) fn beat(&self, events: u64) -> Beat {
        let before = self.passes.saturating_sub(1);
        let likely = u32::try_from(self.likely).unwrap_or(u32::MAX);
        Beat { pass: self.passes, passes: before.saturating_add(likely), events }
    }

    /// Bytes that what is held takes, and judging it.
    fn taken(&self, builder: &HistoryBuilder) -> u64 {
        let only_registers = builder.functions().all(|f| ModelKind::CasRegister.has(f));
        let each = if only_registers { OF_REGISTERS } else { OF_ANYTHING };
        let at_once = builder.largest_part().saturating_mul(self.threads());
        let lists = 8 * builder.len() as u64 + 64 * builder.key_count() as u64;
        builder.bytes() as u64 + lists + at_once.min(builder.weight()) * each
    }

    fn threads(&self) -> u64 {
        u64::from(self.room.threads.max(1))
    }

    /// Bytes for all searches that go on at the same time.
    pub(super) fn search_bytes(&self, builder: &HistoryBuilder) -> u64 {
        self.room.bytes.saturating_sub(self.taken(builder)) / 2
    }

    pub(super) fn is_too_much(&self, builder: &HistoryBuilder) -> bool {
        !builder.is_closed() && !builder.is_empty() && self.taken(builder) > self.limit()
    }

    fn limit(&self) -> u64 {
        self.room.bytes / 1000 * FILL
    }

    /// Plans anew after too much was held when `read` thousandths of the file were read. Returns the
    /// keys held if no less than their beginning can be held; otherwise the pass must begin again.
    pub(super) fn narrow(
        &mut self,
        builder: &HistoryBuilder,
        read: Option<u64>,
    ) -> Option<KeyRange> {
        let range = self.pending.remove(0);
        // Of an input of unknown length half of what there was may fit.
        let share = read.map_or(500, |read| (read * PLANNED / 1000).max(1));
        if let Some(place) = builder.place_of_share(share) {
            let (next, rest) = range.split_after(place);
            self.pending.splice(0..0, [next].into_iter().chain(rest));
            self.likely = self.likely.max(1000u64.div_ceil(share)) + 1;
            return None;
        }
        let place = builder.some_place().expect("too much is not nothing");
        let only = KeyRange::at(place);
        let others = range.without(place).into_iter().flatten();
        self.pending.splice(0..0, [only].into_iter().chain(others));
        Some(only)
    }

    /// Ends a pass that was made to the end of the file, or as far as it can be read.
    pub(super) fn end(&mut self, builder: &HistoryBuilder) {
        self.pending.remove(0);
        let held = builder.len() as u64;
        self.judged += held + builder.late_operations();
        let left = builder.tally().operations.saturating_sub(self.judged);
        self.likely = 0;
        if left == 0 {
            self.pending.clear();
        }
        let Some(range) = self.next() else { return };
        // Nothing is known of operations if none was held.
        let each = (builder.bytes() as u64).checked_div(held).unwrap_or(0).max(1);
        let planned = self.limit() / 1000 * PLANNED;
        self.likely = (left.saturating_mul(each)).div_ceil(planned.max(1)).max(1);
        if self.pending.len() == 1 {
            let (next, rest) = range.split_off(self.likely);
            self.pending.splice(0..1, [next].into_iter().chain(rest));
        } else {
            self.likely = self.likely.max(self.pending.len() as u64);
        }
    }
}
