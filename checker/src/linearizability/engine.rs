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
//! perhaps by several threads. In each, two strategies take turns on one thread, by count of
//! configurations: depth first finds an order where there is one; breadth first, event by event,
//! sees when there is none. Where nothing is open, breadth carries on only the states that can be
//! reached, and depth, if it is behind, begins again from those. So the answer is the same on every
//! machine.
//!
//! Worst case O(n · 2^k · |S| · k) steps for n operations, at most k open ones that change
//! something, and |S| states; with lost operations also the antichain of their multisets. Unknown
//! means that the budget is spent.

mod breadth;
mod closed;
mod cursor;
mod depth;
mod mask;
mod pieces;
mod script;
mod table;
mod used;

use self::breadth::Breadth;
use self::closed::Closed;
use self::cursor::Cursor;
use self::depth::{Depth, replay};
use self::pieces::Piece;
use self::script::Script;
use self::table::{Steps, Table};
use self::used::{Configuration, UsedTable};
use super::Call;
use crate::{Budget, Model};

/// How far a strategy has come.
enum Progress<T> {
    /// There is an order.
    Linearizable(T),
    /// There is none: no configuration passes the event `at`.
    Violation { at: usize },
    /// Nobody knows yet.
    Open,
}

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

/// Whether there is an order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Answer {
    /// There is. It is told, by places among the calls, if asked for.
    Linearizable(Option<Vec<u32>>),
    /// There is none, and there would be but for the return of this call and what comes after it.
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
/// Each [piece](pieces) of them has the whole budget.
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
    /// How many configurations each strategy visits before the other has its turn.
    pub(crate) turn: u64,
}

impl Tuning {
    const DEFAULT: Self = Self { piece: 1024, turn: 1024 };
}

/// As [`search`], in some other way.
pub(crate) fn search_with<M: Model>(
    model: &M,
    calls: &[Call<M::Op, M::Ret>],
    budget: &Budget,
    orders: Orders,
    tuning: Tuning,
) -> Search {
    let mut table = Table::new(model, budget.bytes);
    let script = Script::new(&mut table, calls);
    let rests = pieces::rests(&script, tuning.piece);
    if !rests.is_empty()
        && let Some(mut closed) = Closed::of(&mut table)
    {
        let pieces = pieces::cut(&script, &rests, tuning.piece, &mut closed);
        if pieces.len() > 1 {
            return piece_by_piece(&pieces, &closed, budget, orders, tuning);
        }
    }
    by_width(table, &Piece::whole(&script), budget, orders, tuning)
}

/// So many pieces at a time are judged, perhaps by several threads.
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
    for batch in pieces.chunks(BATCH) {
        let judge = |piece: &Piece<'_>| by_width(closed.clone(), piece, budget, orders, tuning);
        for found in each(batch, judge) {
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

#[cfg(feature = "parallel")]
fn each(batch: &[Piece<'_>], judge: impl Fn(&Piece<'_>) -> Search + Sync + Send) -> Vec<Search> {
    use rayon::prelude::*;
    if batch.len() < BATCH {
        return batch.iter().map(judge).collect();
    }
    batch.par_iter().map(judge).collect()
}

#[cfg(not(feature = "parallel"))]
fn each(batch: &[Piece<'_>], judge: impl Fn(&Piece<'_>) -> Search) -> impl Iterator<Item = Search> {
    batch.iter().map(judge)
}

fn by_width<T: Steps>(
    table: T,
    piece: &Piece<'_>,
    budget: &Budget,
    orders: Orders,
    tuning: Tuning,
) -> Search {
    match piece.script.slots {
        0..=64 => portfolio::<T, 1>(table, piece, budget, orders, tuning),
        65..=128 => portfolio::<T, 2>(table, piece, budget, orders, tuning),
        129..=512 => portfolio::<T, 8>(table, piece, budget, orders, tuning),
        513..=4096 => portfolio::<T, 64>(table, piece, budget, orders, tuning),
        _ => Search {
            answer: Answer::Spent, // Masks so wide would spend any budget.
            configurations: 0,
            bytes: 0,
            events: piece.script.steps.len() as u64,
            proved_events: piece.from as u64,
        },
    }
}

fn portfolio<T: Steps, const W: usize>(
    mut table: T,
    piece: &Piece<'_>,
    budget: &Budget,
    orders: Orders,
    tuning: Tuning,
) -> Search {
    let mut used = UsedTable::new();
    let mut depth = Depth::<W>::new(piece, Cursor::new(piece, &table));
    let mut breadth = Breadth::<W>::new(piece, Cursor::new(piece, &table));
    let mut left = budget.configurations;
    // An easy history has an order that is found in one go, whatever its length, if there is room.
    let room = budget.bytes / (16 * size_of::<Configuration<W>>() as u64) + 1;
    let turns = ((piece.end() - piece.from) as u64 / 512).max(1);
    let mut turn = (turns * tuning.turn).min(room);
    let answer = loop {
        let mut quota = turn.min(left);
        left -= quota;
        let progress = depth.run(piece, &mut table, &mut used, &mut quota);
        left += quota;
        match progress {
            Progress::Linearizable(taken) => {
                let cursor = Cursor::<W>::new(piece, &table);
                let told = orders == Orders::Told;
                let order = told.then(|| replay(piece, &mut table, cursor, &taken));
                break Answer::Linearizable(order);
            }
            Progress::Violation { at } => {
                break Answer::Violation { stuck: piece.script.call(at) };
            }
            Progress::Open => {}
        }
        let mut quota = turn.min(left);
        left -= quota;
        let progress = breadth.run(piece, &mut table, &mut used, &mut quota);
        left += quota;
        match progress {
            Progress::Linearizable(()) if orders == Orders::Untold => {
                break Answer::Linearizable(None);
            }
            Progress::Violation { at } => {
                break Answer::Violation { stuck: piece.script.call(at) };
            }
            Progress::Linearizable(()) | Progress::Open => {}
        }
        if orders == Orders::Untold {
            let (at, possible) = breadth.rest();
            depth.begin_again(at, possible);
        }
        turn = tuning.turn.min(room);
        let bytes = depth.bytes() + breadth.bytes() + table.bytes() + used.bytes();
        if left == 0 || bytes as u64 > budget.bytes {
            break Answer::Spent;
        }
        if budget.stop.as_ref().is_some_and(crate::Stop::asked) {
            break Answer::Stopped;
        }
    };
    let proved = match answer {
        Answer::Linearizable(_) => piece.end(),
        Answer::Violation { .. } | Answer::Spent | Answer::Stopped => {
            depth.deepest.max(breadth.at())
        }
    };
    let bytes = depth.bytes() + breadth.bytes() + table.bytes() + used.bytes();
    Search {
        answer,
        configurations: budget.configurations - left,
        bytes: bytes as u64,
        events: piece.script.steps.len() as u64,
        proved_events: proved as u64,
    }
}
