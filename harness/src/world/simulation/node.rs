//! One simulated process and its disk.

use std::collections::VecDeque;

use rashomon_targets::{
    Admin, AdminRefused, Boot, InputOf, Moment, Node, NodeId, Order, PersistId, Shell,
};
use rashomon_workloads::Rng;

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
    /// How far the wall clock of its machine is ahead, in nanoseconds.
    ahead: i64,
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
            ahead: 0,
            chance,
        }
    }

    /// Starts its process on what the disk holds.
    pub(super) fn boot(&mut self, config: &N::Config, members: Vec<NodeId>) {
        self.incarnation += 1;
        let boot = Boot { me: self.id, members, incarnation: self.incarnation };
        let mut shell = Shell::boot(config, boot, self.disk.iter().cloned());
        shell.clock().set_ahead(self.ahead);
        self.state = Some(shell);
    }

    /// Gives it an input, if it lives.
    pub(super) fn step(&mut self, moment: Moment, input: InputOf<N>, orders: &mut Vec<Order<N>>) {
        if let Some(shell) = &mut self.state {
            shell.step(moment, input, &mut || self.chance.next_u64(), orders);
        }
    }

    /// Has it do what an administrator asks, if it lives and is not stopped.
    pub(super) fn administer(
        &mut self,
        moment: Moment,
        admin: Admin,
        orders: &mut Vec<Order<N>>,
    ) -> Option<Result<(), AdminRefused>> {
        if let Admin::SetClock { ahead } = admin {
            self.ahead = ahead;
        }
        let is_clock = matches!(admin, Admin::SetClock { .. });
        let shell = self.state.as_mut().filter(|_| is_clock || !self.is_paused)?;
        Some(shell.administer(moment, admin, &mut || self.chance.next_u64(), orders))
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
            self.disk.push(record);
        }
    }

    /// Dies. A random prefix of what was not durable survives, half of the time none of it; `keep`
    /// is the chance for that. Returns how many records were lost.
    pub(super) fn crash(&mut self, keep: u64) -> u64 {
        let waiting = self.unsynced.len() as u64;
        let kept = if keep & 1 == 0 { 0 } else { (keep >> 1) % (waiting + 1) };
        for _ in 0..kept {
            if let Some((_, record)) = self.unsynced.pop_front() {
                self.disk.push(record);
            }
        }
        self.unsynced.clear();
        self.syncing = None;
        self.former_hits += self.state.take().map_or(0, |state| state.status().bug_hits);
        self.is_paused = false;
        self.waiting.clear();
        waiting - kept
    }
}
