//! A place among the events, and what is open there.

use super::branch::{Branch, Choice};
use super::mask::Mask;
use super::pieces::Piece;
use super::script::Step;
use super::table::{Next, Steps};
use super::used::{Configuration, NOTHING, UsedTable};
use crate::plant::{Bug, planted};

/// A place among the events, and what is open there. Moves both ways.
pub(super) struct Cursor<const W: usize> {
    pub(super) at: usize,
    effects: Mask<W>,
    pures: Mask<W>,
    actions: Vec<u32>,
    returns: Vec<u32>,
    available: Vec<u32>,
    /// For each action, the class of its lost twin.
    twins: Vec<u32>,
    candidates: Vec<(u32, u32, u16)>,
    ranked: Vec<((u8, u32), Branch)>,
}

const NO_CLASS: u32 = u32::MAX;

impl<const W: usize> Cursor<W> {
    pub(super) fn new<T: Steps>(piece: &Piece<'_>, table: &T) -> Self {
        let mut class_of = vec![NO_CLASS; table.actions()];
        for (class, &action) in (0u32..).zip(&piece.script.classes) {
            class_of[action as usize] = class;
        }
        let actions = 0..u32::try_from(table.actions()).expect("fewer than calls");
        let twin =
            |action| table.lost_twin(action).map_or(NO_CLASS, |twin| class_of[twin as usize]);
        Self {
            at: piece.from,
            effects: Mask::EMPTY,
            pures: Mask::EMPTY,
            actions: vec![0; piece.script.slots],
            returns: vec![0; piece.script.slots],
            available: vec![0; piece.script.classes.len()],
            twins: actions.map(twin).collect(),
            candidates: Vec::new(),
            ranked: Vec::new(),
        }
    }

    /// Passes the next event.
    pub(super) fn forward(&mut self, step: Step) {
        match step {
            Step::Open { slot, action, pure, returns } => self.open(slot, action, pure, returns),
            Step::Lose { class } => self.available[class as usize] += 1,
            Step::Close { slot, pure, .. } => self.close(slot, pure),
        }
        self.at += 1;
    }

    /// Goes forth to `at`.
    pub(super) fn skip(&mut self, piece: &Piece<'_>, at: usize) {
        while self.at < at {
            self.forward(piece.script.steps[self.at]);
        }
    }

    /// Goes back to `at`, which has been passed.
    pub(super) fn rewind(&mut self, piece: &Piece<'_>, at: usize) {
        while self.at > at {
            self.at -= 1;
            match piece.script.steps[self.at] {
                Step::Open { slot, pure, .. } => self.close(slot, pure),
                Step::Lose { class } => self.available[class as usize] -= 1,
                Step::Close { slot, action, pure, returns } => {
                    self.open(slot, action, pure, returns);
                }
            }
        }
    }

    fn open(&mut self, slot: u16, action: u32, pure: bool, returns: u32) {
        self.actions[usize::from(slot)] = action;
        self.returns[usize::from(slot)] = returns;
        let open = if pure { &mut self.pures } else { &mut self.effects };
        *open = open.with(slot);
    }

    fn close(&mut self, slot: u16, pure: bool) {
        let open = if pure { &mut self.pures } else { &mut self.effects };
        *open = open.without(slot);
    }

    /// Lets every open pure operation that the state allows take effect: it costs nothing.
    pub(super) fn settle<T: Steps>(&self, table: &mut T, it: &mut Configuration<W>) {
        for slot in self.pures.beyond(it.seen) {
            let allowed = table.allows(it.state, self.actions[usize::from(slot)]);
            if allowed || planted(Bug::SearchTakeAnyRead) {
                it.seen = it.seen.with(slot);
            }
        }
    }

    /// Passes events until one asks for an operation that has not taken effect. `true` at the end.
    pub(super) fn advance<T: Steps>(
        &mut self,
        piece: &Piece<'_>,
        table: &mut T,
        it: &mut Configuration<W>,
    ) -> bool {
        while let Some(step) = piece.step(self.at) {
            match step {
                Step::Open { slot, action, pure, .. } => {
                    if pure && table.allows(it.state, action) {
                        it.seen = it.seen.with(slot);
                    }
                }
                Step::Lose { .. } => {}
                Step::Close { slot, pure: true, .. } if it.seen.has(slot) => {
                    it.seen = it.seen.without(slot);
                }
                Step::Close { slot, pure: false, .. } if it.done.has(slot) => {
                    it.done = it.done.without(slot);
                }
                Step::Close { .. } => return false,
            }
            self.forward(step);
        }
        true
    }

    /// Appends all that may take effect next, where `wanted` must before long; the best comes last.
    ///
    /// Of open operations that did the same, only the one that returns first: they are
    /// interchangeable, and it is the most pressing. A lost operation that would do what an open
    /// one with the same op would do is left for later for the same reason: the open one must be
    /// used sooner or later. A lost operation that would change nothing need not be used.
    ///
    /// Nor need one whose effect nothing sees. Take an order that uses the fewest lost operations,
    /// and one of these in it, from state `s` to `t`. If what comes next, from `t` to `u`, were
    /// possible from `s` to `u` too, the order would do without the lost one. Pure operations that
    /// take effect in `t` did not in `s`, where all that could have. So either some take effect, or
    /// what comes next must be impossible from `s` to `u`: until then `s` is owed.
    pub(super) fn branches<T: Steps>(
        &mut self,
        piece: &Piece<'_>,
        table: &mut T,
        used: &UsedTable,
        it: &Configuration<W>,
        wanted: u16,
        out: &mut Vec<Branch>,
    ) {
        let wanted_action = self.actions[usize::from(wanted)];
        self.candidates.clear();
        for slot in self.effects.beyond(it.done) {
            let at = usize::from(slot);
            self.candidates.push((self.actions[at], self.returns[at], slot));
        }
        self.candidates.sort_unstable();
        self.candidates.dedup_by_key(|&mut (action, ..)| action);
        self.ranked.clear();
        let rank = |table: &mut T, state: u32, is_lost: bool, returns: u32| {
            let enables = table.next(state, wanted_action) != Next::Nowhere;
            (u8::from(!is_lost) + u8::from(enables) * 2, u32::MAX - returns)
        };
        for &(action, returns, slot) in &self.candidates {
            let next = table.next(it.state, action);
            for which in 0..table.count(next) {
                let state = table.pick(next, which);
                if Self::is_needless(table, it, action, state) {
                    continue;
                }
                let rank =
                    if slot == wanted { (u8::MAX, 0) } else { rank(table, state, false, returns) };
                self.ranked.push((rank, Branch { choice: Choice::Slot(slot), state }));
            }
        }
        for (class, &action) in (0u32..).zip(&piece.script.classes) {
            let spent = used.count(it.used, class) >= self.available[class as usize];
            if spent || planted(Bug::SearchForgetLost) {
                continue;
            }
            let next = table.next(it.state, action);
            if next == Next::To(it.state) || self.has_twin(table, it.state, class, next) {
                continue;
            }
            for which in 0..table.count(next) {
                let state = table.pick(next, which);
                if Self::is_needless(table, it, action, state) {
                    continue;
                }
                let rank = rank(table, state, true, 0);
                self.ranked.push((rank, Branch { choice: Choice::Class(class), state }));
            }
        }
        self.ranked.sort_by_key(|&(rank, _)| rank);
        out.extend(self.ranked.iter().map(|&(_, branch)| branch));
    }

    /// Whether `action`, that would lead to `state`, could have led there without the lost operation
    /// that took effect last.
    fn is_needless<T: Steps>(
        table: &mut T,
        it: &Configuration<W>,
        action: u32,
        state: u32,
    ) -> bool {
        if it.owes == NOTHING {
            return false;
        }
        match table.next(it.owes, action) {
            Next::Nowhere => planted(Bug::SearchNeedNothing),
            Next::To(other) => other == state,
            Next::Several(list) => table.several(list).contains(&state),
        }
    }

    fn has_twin<T: Steps>(&self, table: &mut T, state: u32, class: u32, next: Next) -> bool {
        matches!(next, Next::To(_))
            && self.candidates.iter().any(|&(action, ..)| {
                self.twins[action as usize] == class && table.next(state, action) == next
            })
    }

    /// The configuration after a branch.
    pub(super) fn take<T: Steps>(
        &self,
        table: &mut T,
        used: &mut UsedTable,
        from: &Configuration<W>,
        branch: Branch,
    ) -> Configuration<W> {
        let mut it = Configuration { state: branch.state, owes: NOTHING, ..*from };
        match branch.choice {
            Choice::Slot(slot) => it.done = it.done.with(slot),
            Choice::Class(class) => it.used = used.plus(it.used, class),
        }
        self.settle(table, &mut it);
        if matches!(branch.choice, Choice::Class(_)) && it.seen == from.seen {
            it.owes = from.state;
        }
        it
    }
}
