//! Strategies that take turns, by count of configurations, so that the answer is the same on every
//! machine.
//!
//! | strategy | good at |
//! |---|---|
//! | depth first | finding an order where there is one |
//! | breadth first, event by event | seeing that there is none |
//! | breadth first, keeping only what used few lost operations | finding an order where many were lost |
//!
//! The third is for hard searches only. Where breadth carries on but a few configurations, depth
//! begins again from those, if it is behind.

use super::branch::Branch;
use super::breadth::Breadth;
use super::cursor::Cursor;
use super::depth::{Depth, replay};
use super::pieces::Piece;
use super::progress::Progress;
use super::table::Steps;
use super::used::{Configuration, UsedTable};
use super::{Answer, Orders, Search, Tuning};
use crate::{Budget, Stop};

/// The search of a piece.
pub(super) struct Portfolio<'p, T, const W: usize> {
    piece: &'p Piece<'p>,
    table: T,
    used: UsedTable,
    depth: Depth<W>,
    breadth: Breadth<W>,
    narrow: Option<Breadth<W>>,
    budget: &'p Budget,
    orders: Orders,
    tuning: Tuning,
    /// Configurations that may still be visited.
    left: u64,
}

impl<'p, T: Steps, const W: usize> Portfolio<'p, T, W> {
    pub(super) fn new(
        table: T,
        piece: &'p Piece<'p>,
        budget: &'p Budget,
        orders: Orders,
        tuning: Tuning,
    ) -> Self {
        let cursor = || Cursor::new(piece, &table);
        let has_lost = !piece.script.classes.is_empty();
        let narrow = || Breadth::narrow(piece, cursor(), tuning.width, orders);
        Self {
            piece,
            used: UsedTable::new(),
            depth: Depth::new(piece, cursor()),
            breadth: Breadth::new(piece, cursor()),
            narrow: has_lost.then(narrow),
            table,
            budget,
            orders,
            tuning,
            left: budget.configurations,
        }
    }

    pub(super) fn search(mut self) -> Search {
        let answer = self.answer();
        let proved = match answer {
            Answer::Linearizable(_) => self.piece.end(),
            Answer::Violation { .. } | Answer::Spent | Answer::Stopped => {
                self.depth.deepest.max(self.breadth.at())
            }
        };
        Search {
            answer,
            configurations: self.visited(),
            bytes: self.bytes(),
            events: self.piece.script.steps.len() as u64,
            proved_events: proved as u64,
        }
    }

    fn answer(&mut self) -> Answer {
        // An easy history has an order that is found in one go, whatever its length, if there is
        // room.
        let room = self.budget.bytes / (16 * size_of::<Configuration<W>>() as u64) + 1;
        let turns = ((self.piece.end() - self.piece.from) as u64 / 512).max(1);
        let mut turn = (turns * self.tuning.turn).min(room);
        loop {
            let answer = self.go_deep(turn).or_else(|| self.go_broad(turn));
            if let Some(answer) = answer.or_else(|| self.go_narrow(turn)) {
                return answer;
            }
            turn = self.tuning.turn.min(room);
            if self.left == 0 || self.bytes() > self.budget.bytes {
                return Answer::Spent;
            }
            if self.budget.stop.as_ref().is_some_and(Stop::asked) {
                return Answer::Stopped;
            }
        }
    }

    /// Lets `strategy` visit `turn` configurations.
    fn run<A>(
        &mut self,
        turn: u64,
        strategy: impl FnOnce(&mut Self, &mut u64) -> Progress<A>,
    ) -> Progress<A> {
        let mut quota = turn.min(self.left);
        self.left -= quota;
        let progress = strategy(self, &mut quota);
        self.left += quota;
        progress
    }

    fn go_deep(&mut self, turn: u64) -> Option<Answer> {
        if self.orders == Orders::Untold {
            let (at, possible) = self.breadth.rest();
            self.depth.begin_again(at, possible);
        }
        let progress =
            self.run(turn, |it, quota| it.depth.run(it.piece, &mut it.table, &mut it.used, quota));
        match progress {
            Progress::Linearizable(taken) => Some(self.linearizable(&taken)),
            Progress::Violation { at } => Some(self.violation(at)),
            Progress::Open => None,
        }
    }

    /// There is an order, by these branches.
    fn linearizable(&mut self, taken: &[Branch]) -> Answer {
        let cursor = Cursor::<W>::new(self.piece, &self.table);
        let told = self.orders == Orders::Told;
        let order = told.then(|| replay(self.piece, &mut self.table, cursor, taken));
        Answer::Linearizable(order)
    }

    fn go_broad(&mut self, turn: u64) -> Option<Answer> {
        let progress = self
            .run(turn, |it, quota| it.breadth.run(it.piece, &mut it.table, &mut it.used, quota));
        self.answered(progress)
    }

    fn go_narrow(&mut self, turn: u64) -> Option<Answer> {
        let is_hard = self.visited() > self.tuning.hard * self.tuning.turn;
        let mut narrow = self.narrow.take_if(|_| is_hard)?;
        let progress =
            self.run(turn, |it, quota| narrow.run(it.piece, &mut it.table, &mut it.used, quota));
        let taken = match progress {
            Progress::Linearizable(()) => narrow.taken(),
            Progress::Violation { .. } | Progress::Open => None,
        };
        self.narrow = Some(narrow);
        taken.map(|taken| self.linearizable(&taken)).or_else(|| self.answered(progress))
    }

    /// What one of those that tell no order says, if that is an answer to what was asked.
    fn answered(&self, progress: Progress<()>) -> Option<Answer> {
        match progress {
            Progress::Linearizable(()) if self.orders == Orders::Untold => {
                Some(Answer::Linearizable(None))
            }
            Progress::Violation { at } => Some(self.violation(at)),
            Progress::Linearizable(()) | Progress::Open => None,
        }
    }

    fn violation(&self, at: usize) -> Answer {
        Answer::Violation { stuck: self.piece.script.call(at) }
    }

    fn visited(&self) -> u64 {
        self.budget.configurations - self.left
    }

    fn bytes(&self) -> u64 {
        let narrow = self.narrow.as_ref().map_or(0, Breadth::bytes);
        let strategies = self.depth.bytes() + self.breadth.bytes() + narrow;
        (strategies + self.table.bytes() + self.used.bytes()) as u64
    }
}
