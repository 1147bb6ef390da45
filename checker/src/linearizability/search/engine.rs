//! Linearizability against any model, by search over configurations.
//!
//! A configuration is a place among the events, the open operations that have taken effect, the
//! state they leave, and the multiset of lost operations used. Nothing in it grows with the length
//! of the history, unlike the set of all operations linearized that Lowe's memo holds.
//!
//! Wing and Gong, "Testing and verifying concurrent objects", JPDC 1993; Lowe, "Testing for
//! linearizability", CCPE 2017, for taking effect only when some return demands it ("just in
//! time"). Ours, each with its argument where it is done: operations that change nothing take
//! effect as soon as they may; lost operations with the same op are interchangeable, and counted;
//! so are open ones, the first to return first; of two configurations with equal effects, the one
//! that used fewer lost operations can do all the other can.
//!
//! Long scripts are cut into [pieces] where what came before cannot matter, which are judged apart,
//! perhaps by several threads. In each, strategies take turns on one thread: see [portfolio].
//!
//! Worst case O(n · 2^k · |S| · k) steps for n operations, at most k open ones that change
//! something, and |S| states; with lost operations also the antichain of their multisets. Unknown
//! means that the budget is spent.

mod branch;
mod breadth;
mod closed;
mod cursor;
mod depth;
mod doubt;
pub(in crate::linearizability) mod mask;
mod numbers;
mod pieces;
mod portfolio;
mod progress;
mod script;
mod table;
mod trail;
mod used;

use self::closed::Closed;
use self::numbers::NumberedModel;
use self::pieces::Piece;
use self::portfolio::Portfolio;
use self::script::Script;
pub(in crate::linearizability) use self::table::grown;
use self::table::{Steps, Table};
use crate::Call;
use crate::rounds::{self, Attempt, Task};
use crate::{Budget, Model};

/// What a search found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Search {
    pub(crate) answer: Answer,
    /// Configurations visited.
    pub(crate) configurations: u64,
    /// Bytes held in the end.
    pub(crate) bytes: u64,
    /// Events, those of lost operations that change nothing apart.
    pub(crate) events: u64,
    /// How many of them, the first ones, are proved consistent.
    pub(crate) proved_events: u64,
}

impl Search {
    /// This search, which did not decide, and another one for the same calls after it.
    pub(crate) fn and_then(self, next: Self) -> Self {
        Self {
            answer: next.answer,
            configurations: self.configurations + next.configurations,
            bytes: self.bytes.max(next.bytes),
            events: self.events,
            proved_events: self.proved_events.max(next.proved_events),
        }
    }
}

/// Whether there is an order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Answer {
    /// An order exists. It is returned, as places among the calls, if it was asked for.
    Linearizable(Option<Vec<u32>>),
    /// There is no order; without the return of this call and all later events there would be one.
    Violation { stuck: usize },
    /// The budget is spent.
    Spent,
    /// The budget's `stop` said so.
    Stopped,
}

/// Whether to tell the order found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Orders {
    Told,
    Untold,
}

/// Looks for an order of `calls` that `model` allows.
///
/// Its [pieces](pieces) share the budget.
pub(crate) fn search<M: Model>(
    model: &M,
    calls: &[Call<M::Op, M::Ret>],
    budget: &Budget,
    orders: Orders,
) -> Search {
    search_with(model, calls, budget, orders, Tuning::DEFAULT)
}

/// How a search goes about it; whatever it is, the answer is the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Tuning {
    /// The fewest events worth a piece of their own.
    pub(crate) piece: usize,
    /// How many configurations each strategy visits before another has its turn.
    pub(crate) turn: u64,
    /// The number of turns after which a search with lost operations counts as hard.
    pub(crate) hard: u64,
    /// How many configurations are kept first where not all are.
    pub(crate) width: usize,
}

impl Tuning {
    const DEFAULT: Self = Self { piece: 1024, turn: 1024, hard: 100, width: 16 };
}

/// As [`search`], in some other way.
pub(crate) fn search_with<M: Model>(
    model: &M,
    calls: &[Call<M::Op, M::Ret>],
    budget: &Budget,
    orders: Orders,
    tuning: Tuning,
) -> Search {
    let mut numbers = NumberedModel::new(model);
    let script = Script::new(&mut numbers, calls);
    search_script(&script, Table::new(&mut numbers, budget.bytes), budget, orders, tuning)
}

fn search_script(
    script: &Script,
    mut table: Table<'_>,
    budget: &Budget,
    orders: Orders,
    tuning: Tuning,
) -> Search {
    let rests = pieces::rests(script, tuning.piece);
    if !rests.is_empty()
        && let Some(mut closed) = Closed::of(&mut table)
    {
        let pieces = pieces::cut(script, &rests, tuning.piece, &mut closed);
        if pieces.len() > 1 {
            return piece_by_piece(&pieces, &closed, budget, orders, tuning);
        }
    }
    by_width(table, &Piece::whole(script), budget, orders, tuning)
}

/// Pieces that are judged before it is asked whether the next ones need be.
const BATCH: usize = 32;

fn piece_by_piece(
    pieces: &[Piece<'_>],
    closed: &Closed,
    budget: &Budget,
    orders: Orders,
    tuning: Tuning,
) -> Search {
    let script = pieces[0].script;
    let mut whole = Search {
        answer: Answer::Linearizable((orders == Orders::Told).then(Vec::new)),
        configurations: 0,
        bytes: 0,
        events: script.steps.len() as u64,
        proved_events: 0,
    };
    let tasks: Vec<PieceTask<'_>> =
        pieces.iter().map(|&piece| PieceTask { piece, closed, orders, tuning }).collect();
    let mut left = budget.clone();
    for batch in tasks.chunks(BATCH) {
        for (task, found) in batch.iter().zip(rounds::share(batch, &left)) {
            let beyond = found.configurations.saturating_sub(rounds::easy(task));
            left.configurations = left.configurations.saturating_sub(beyond);
            whole.configurations += found.configurations;
            whole.bytes = whole.bytes.max(found.bytes);
            match (&mut whole.answer, found.answer) {
                (Answer::Linearizable(order), Answer::Linearizable(more)) => {
                    order.iter_mut().zip(more).for_each(|(order, more)| order.extend(more));
                    whole.proved_events = found.proved_events;
                }
                (Answer::Linearizable(_), other) => {
                    (whole.answer, whole.proved_events) = (other, found.proved_events);
                }
                // Beyond a piece not decided, one without an order still decides.
                (answer, other @ Answer::Violation { .. }) => *answer = other,
                _ => {}
            }
            if matches!(whole.answer, Answer::Violation { .. }) {
                return whole;
            }
        }
    }
    whole
}

/// A piece, to be judged.
struct PieceTask<'a> {
    piece: Piece<'a>,
    closed: &'a Closed,
    orders: Orders,
    tuning: Tuning,
}

impl Task for PieceTask<'_> {
    type Answer = Search;

    fn events(&self) -> u64 {
        (self.piece.end() - self.piece.from) as u64
    }

    fn attempt(&self, budget: &Budget) -> Search {
        by_width(self.closed.clone(), &self.piece, budget, self.orders, self.tuning)
    }

    fn ends_all(&self, answer: &Search) -> bool {
        matches!(answer.answer, Answer::Violation { .. })
    }
}

impl Attempt for Search {
    fn visited(&self) -> u64 {
        self.configurations
    }

    fn is_spent(&self) -> bool {
        self.answer == Answer::Spent
    }
}

fn by_width<T: Steps>(
    table: T,
    piece: &Piece<'_>,
    budget: &Budget,
    orders: Orders,
    tuning: Tuning,
) -> Search {
    match piece.script.slots {
        0..=64 => Portfolio::<T, 1>::new(table, piece, budget, orders, tuning).search(),
        65..=128 => Portfolio::<T, 2>::new(table, piece, budget, orders, tuning).search(),
        129..=512 => Portfolio::<T, 8>::new(table, piece, budget, orders, tuning).search(),
        513..=4096 => Portfolio::<T, 64>::new(table, piece, budget, orders, tuning).search(),
        _ => Search {
            answer: Answer::Spent, // Masks so wide would spend any budget.
            configurations: 0,
            bytes: 0,
            events: piece.script.steps.len() as u64,
            proved_events: piece.from as u64,
        },
    }
}
