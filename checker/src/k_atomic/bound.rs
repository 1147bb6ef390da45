//! The least bound on staleness in time.

use super::values::RegisterValues;
use crate::weak::SessionView;
use crate::{History, OpIndex};

/// A moment: its time in nanoseconds, and the place of its event.
type Stamp = (u64, u32);

/// A value from when it is known on; and how late it is begun to be written, and read.
struct Zone {
    known: Stamp,
    begun: Stamp,
    last_read: Option<Stamp>,
}

/// The least time in nanoseconds by which the beginning of each read must be moved back to have the
/// registers linearizable; `None` if a read ended before the write of its value began, or if one is stale
/// where reads have no times. O(n log n) for each of at most 64 bounds that are tried.
pub(super) fn least_bound(
    history: &History,
    view: &SessionView,
    registers: &[RegisterValues],
) -> Option<u64> {
    let mut least = 0;
    for register in registers {
        if register.future_read().is_some() {
            return None;
        }
        let zones = zones(history, view, register);
        if fit(&zones, 0) {
            continue;
        }
        let reads = zones.iter().filter_map(|zone| zone.last_read);
        let (mut low, mut high) = (least, reads.map(|read| read.0).max().unwrap_or(0));
        if high == 0 {
            return None;
        }
        if fit(&zones, low) {
            continue;
        }
        if high <= low || !fit(&zones, high) {
            return None; // Times that contradict the order of events.
        }
        while high - low > 1 {
            let middle = low + (high - low) / 2;
            if fit(&zones, middle) { high = middle } else { low = middle }
        }
        least = high;
    }
    Some(least)
}

/// In the order in which they are known.
fn zones(history: &History, view: &SessionView, register: &RegisterValues) -> Vec<Zone> {
    let index = |op: u32| view.ops[op as usize];
    let begun = |op: OpIndex| (history.invoke_time[op.get()].0, history.invoked[op.get()].0 + 1);
    let ended = |op: OpIndex| {
        let end = history.completed_at(op).map_or(u32::MAX, |end| end.0 + 1);
        let is_lost = end == u32::MAX;
        (if is_lost { u64::MAX } else { history.complete_time[op.get()].0 }, end)
    };
    let zone = |value: &super::values::WrittenValue| Zone {
        known: value.known_by.map_or((0, 0), |op| ended(index(op))),
        begun: value.write.map_or((0, 0), |op| begun(index(op))),
        last_read: None,
    };
    let mut zones: Vec<Zone> = register.values.iter().map(zone).collect();
    for read in &register.reads {
        let last = &mut zones[read.value].last_read;
        *last = (*last).max(Some(begun(index(read.op))));
    }
    zones.sort_by_key(|zone| zone.known);
    zones
}

/// Whether an order is left if reads may have begun `bound` earlier.
fn fit(zones: &[Zone], bound: u64) -> bool {
    let last = |zone: &Zone| {
        let moved = |read: Stamp| if bound == 0 { read } else { (read.0.saturating_sub(bound), 0) };
        zone.last_read.map_or(zone.begun, |read| zone.begun.max(moved(read)))
    };
    // Values that are read after they were known hold from then to the last of these reads.
    let mut forward: Vec<(Stamp, Stamp)> = Vec::new();
    for zone in zones {
        let last = last(zone);
        if zone.known < last {
            if forward.last().is_some_and(|&(_, end)| zone.known < end) {
                return false;
            }
            forward.push((zone.known, last));
        }
    }
    // The others need a place where none of those holds.
    zones.iter().all(|zone| {
        let last = last(zone);
        let before = forward.partition_point(|&(known, _)| known < last);
        zone.known < last || before == 0 || forward[before - 1].1 <= zone.known
    })
}
