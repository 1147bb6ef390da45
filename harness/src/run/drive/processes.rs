//! The process table: which processes are free, which rest, and which replaces which.

use std::collections::VecDeque;

use rashomon_checker::{ProcessId, Time};
use rashomon_targets::Caller;

/// How long a process waits after a refusal before its next operation, in nanoseconds.
const REST: u64 = 20_000_000;

/// The state of a process after an operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum After {
    /// It is free.
    Free,
    /// It was refused, and waits.
    Rests,
    /// Its operation may still take effect, so it retires; a new process replaces it.
    Retires,
}

/// The processes of a run, a slot each.
pub(super) struct Processes {
    /// The process in each slot; it changes when one retires.
    in_slots: Vec<ProcessId>,
    /// How many operations the process in each slot has begun.
    begun: Vec<u64>,
    /// Free processes, ascending.
    free: Vec<ProcessId>,
    /// Processes that rest, and until when. All rest equally long, so the first is up first.
    resting: VecDeque<(Time, ProcessId)>,
}

impl Processes {
    pub(super) fn new(count: u32) -> Self {
        Self {
            in_slots: (0..count).map(ProcessId).collect(),
            begun: vec![0; count as usize],
            free: (0..count).map(ProcessId).collect(),
            resting: VecDeque::new(),
        }
    }

    /// How many there are at a time.
    pub(super) fn count(&self) -> u32 {
        u32::try_from(self.in_slots.len()).unwrap_or(u32::MAX)
    }

    /// Those that are free, ascending.
    pub(super) fn free(&self) -> &[ProcessId] {
        &self.free
    }

    /// When the next one has rested.
    pub(super) fn next_rested(&self) -> Option<Time> {
        self.resting.front().map(|&(until, _)| until)
    }

    /// The process in a slot.
    pub(super) fn in_slot(&self, slot: usize) -> ProcessId {
        self.in_slots[slot]
    }

    /// Occupies a free process, and returns its slot.
    pub(super) fn take(&mut self, process: ProcessId) -> usize {
        let at = self.free.binary_search(&process).expect("generators invoke on free processes");
        self.free.remove(at);
        let slot = process.0 as usize % self.in_slots.len();
        self.begun[slot] += 1;
        slot
    }

    /// The process in a slot, as nodes see it, and which of its operations is the last.
    pub(super) fn caller(&self, slot: usize) -> Caller {
        Caller { client: u64::from(self.in_slots[slot].0), seq: self.begun[slot] }
    }

    /// The operation of the process in `slot` ended now.
    pub(super) fn done(&mut self, slot: usize, now: Time, after: After) {
        let process = self.in_slots[slot];
        match after {
            After::Free => self.set_free(process),
            After::Rests => self.resting.push_back((Time(now.0 + REST), process)),
            After::Retires => {
                let next = ProcessId(process.0 + self.count());
                self.in_slots[slot] = next;
                self.begun[slot] = 0;
                self.set_free(next);
            }
        }
    }

    /// Frees those that have rested.
    pub(super) fn wake(&mut self, now: Time) {
        while let Some((_, process)) = self.resting.pop_front_if(|(until, _)| *until <= now) {
            self.set_free(process);
        }
    }

    fn set_free(&mut self, process: ProcessId) {
        let at = self.free.binary_search(&process).unwrap_or_else(|at| at);
        self.free.insert(at, process);
    }
}
