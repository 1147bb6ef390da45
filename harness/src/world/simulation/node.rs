//! One simulated process and its disk.

use std::collections::VecDeque;

use rashomon_targets::{
    Admin, AdminRefused, Boot, InputOf, Moment, Node, NodeId, Order, PersistId, Shell,
};
use rashomon_workloads::Rng;
use serde::Serialize;

use super::lineage::Lineage;
use crate::disk::{Damage, DiskCounts, DiskTrouble, WriteFailure, record};

/// A process, alive or not, and its disk.
pub(super) struct SimulatedNode<N: Node> {
    pub(super) id: NodeId,
    /// `None` while it is dead.
    pub(super) state: Option<Shell<N>>,
    /// How often it has started.
    pub(super) incarnation: u64,
    pub(super) is_paused: bool,
    /// How many inputs came while it was paused, since the start of the run.
    pub(super) stalled: u64,
    /// How often planted bugs had an effect in its former lives.
    pub(super) former_hits: u64,
    /// What came while it was paused.
    pub(super) waiting: VecDeque<InputOf<N>>,
    /// Records that survive a crash, in order.
    pub(super) disk: Vec<N::Record>,
    /// Records that need not survive one, in order.
    pub(super) unsynced: VecDeque<(PersistId, N::Record)>,
    /// The last record of the disk write under way.
    syncing: Option<PersistId>,
    /// What is wrong with its disk.
    pub(super) trouble: DiskTrouble,
    /// Records that the disk only says to have written.
    cached: Vec<N::Record>,
    pub(super) disk_counts: DiskCounts,
    /// Whether a record on its disk is damaged before the last one.
    pub(super) is_damaged: bool,
    /// Whether it has ended by itself, as its disk had it do.
    pub(super) has_fallen: bool,
    /// How far the wall clock of its machine is ahead, in nanoseconds.
    ahead: i64,
    /// How much the clocks of its machine gain, in millionths.
    gains: i32,
    chance: Rng,
}

impl<N: Node> SimulatedNode<N> {
    pub(super) fn new(id: NodeId, chance: Rng) -> Self {
        Self {
            id,
            state: None,
            incarnation: 0,
            is_paused: false,
            stalled: 0,
            former_hits: 0,
            waiting: VecDeque::new(),
            disk: Vec::new(),
            unsynced: VecDeque::new(),
            syncing: None,
            trouble: DiskTrouble::default(),
            cached: Vec::new(),
            disk_counts: DiskCounts::default(),
            is_damaged: false,
            has_fallen: false,
            ahead: 0,
            gains: 0,
            chance,
        }
    }

    /// Starts its process on what the disk holds. It refuses to serve on a damaged log, and ends.
    pub(super) fn boot(&mut self, config: &N::Config, members: Vec<NodeId>, moment: Moment) {
        self.incarnation += 1;
        self.disk_counts = DiskCounts::default();
        self.has_fallen = self.is_damaged;
        if self.is_damaged {
            return;
        }
        let boot = Boot { me: self.id, members, incarnation: self.incarnation };
        let mut shell = Shell::boot(config, boot, self.disk.iter().cloned());
        shell.clock().set_ahead(self.ahead);
        shell.clock().set_gain(moment.elapsed, self.gains);
        self.state = Some(shell);
    }

    /// Gives it an input, if it lives. Returns how many of its orders, the first ones, had waited for its disk.
    pub(super) fn step(
        &mut self,
        moment: Moment,
        input: InputOf<N>,
        lineage: Option<&mut Lineage>,
        orders: &mut Vec<Order<N>>,
    ) -> usize {
        let Some(shell) = &mut self.state else { return 0 };
        let chance = &mut self.chance;
        let Some(lineage) = lineage else {
            return shell.step(moment, input, &mut || chance.next_u64(), orders);
        };
        let waited = shell.waiting();
        let mut drawn = || lineage.draw(|| chance.next_u64());
        let released = shell.step(moment, input, &mut drawn, orders);
        lineage.stepped(self.id, shell.waiting() + released - waited);
        released
    }

    /// Has it do what an administrator asks, if it lives and is not stopped.
    pub(super) fn administer(
        &mut self,
        (moment, admin): (Moment, Admin),
        lineage: Option<&mut Lineage>,
        orders: &mut Vec<Order<N>>,
    ) -> Option<Result<(), AdminRefused>> {
        match admin {
            Admin::SetClock { ahead } => self.ahead = ahead,
            Admin::SetRate { gains } => self.gains = gains,
            Admin::StepDown
            | Admin::Transfer { .. }
            | Admin::Add { .. }
            | Admin::Remove { .. }
            | Admin::Reset
            | Admin::Compact => {}
        }
        let shell = self.state.as_mut().filter(|_| admin.is_of_clocks() || !self.is_paused)?;
        let chance = &mut self.chance;
        let Some(lineage) = lineage else {
            return Some(shell.administer(moment, admin, &mut || chance.next_u64(), orders));
        };
        let waited = shell.waiting();
        let mut drawn = || lineage.draw(|| chance.next_u64());
        let done = shell.administer(moment, admin, &mut drawn, orders);
        lineage.stepped(self.id, shell.waiting() - waited);
        Some(done)
    }

    /// Starts a disk write of all records that wait, unless one is under way or none waits.
    /// Returns the last record it covers.
    pub(super) fn begin_sync(&mut self) -> Option<PersistId> {
        if self.syncing.is_some() {
            return None;
        }
        self.syncing = Some(self.unsynced.back()?.0);
        self.syncing
    }

    /// A disk write that covers records up to `last` is over.
    pub(super) fn end_sync(&mut self, last: PersistId) {
        self.syncing = None;
        while let Some((_, record)) = self.unsynced.pop_front_if(|(id, _)| *id <= last) {
            if self.trouble.lies {
                self.cached.push(record);
                self.disk_counts.lied += 1;
                self.disk_counts.unwritten += 1;
            } else {
                self.disk.push(record);
            }
        }
    }

    /// From now on this is wrong with its disk. What that only said to have written is written, if it does not lie
    /// any more.
    pub(super) fn suffer(&mut self, trouble: DiskTrouble) {
        self.trouble = trouble;
        if !trouble.lies {
            self.disk.append(&mut self.cached);
            self.disk_counts.unwritten = 0;
        }
    }

    /// How the next write of its process fails, if it does.
    pub(super) fn failure(&self) -> Option<WriteFailure> {
        self.trouble.fails.filter(|_| self.state.is_some())
    }

    /// How many records survive of a write that covers those up to `last`, and fails so.
    pub(super) fn kept_of_failed(&self, last: PersistId, failure: WriteFailure) -> u64 {
        if !self.cached.is_empty() {
            return 0; // What came before is gone.
        }
        let covered = self.unsynced.iter().take_while(|(id, _)| *id <= last);
        let group = log(covered.map(|(_, record)| record));
        let left = &group[..failure.leaves(group.len())];
        record::scan(left, 0).map_or(0, |left| left.records.len() as u64)
    }

    /// Damages what its disk holds, if its process is dead; returns how many records it damaged.
    pub(super) fn damage(&mut self, damage: Damage) -> u64 {
        if self.state.is_some() || self.is_damaged {
            return 0;
        }
        let mut bytes = log(&self.disk);
        let damaged = damage.strike(&mut bytes, 0);
        match record::scan(&bytes, 0) {
            Ok(left) => self.disk.truncate(left.records.len()),
            Err(_) => self.is_damaged = true,
        }
        damaged
    }

    /// How many of the records that are not durable survive a kill: a random prefix of them, half of the time none;
    /// `keep` is the chance for that.
    pub(super) fn kept_of_killed(&self, keep: u64) -> u64 {
        let waiting = self.unsynced.len() as u64;
        // Nothing survives where what came before is gone.
        if keep & 1 == 0 || !self.cached.is_empty() { 0 } else { (keep >> 1) % (waiting + 1) }
    }

    /// Its process ends, and this number of its records that are not durable survive. Returns how many were lost, apart
    /// from those that the disk only said to have written.
    pub(super) fn end(&mut self, kept: u64) -> u64 {
        let waiting = self.unsynced.len() as u64;
        for _ in 0..kept {
            if let Some((_, record)) = self.unsynced.pop_front() {
                self.disk.push(record);
            }
        }
        self.unsynced.clear();
        self.cached.clear();
        self.syncing = None;
        self.former_hits += self.state.take().map_or(0, |state| state.status().bug_hits);
        self.is_paused = false;
        self.waiting.clear();
        waiting - kept
    }
}

/// Records as they lie in the log of a real node.
fn log<'a, R: Serialize + 'a>(records: impl IntoIterator<Item = &'a R>) -> Vec<u8> {
    let mut log = Vec::new();
    for record in records {
        let payload = serde_json::to_vec(record).expect("a record is written to a real disk, too");
        record::append(&mut log, &payload);
    }
    log
}
