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
//! Two strategies take turns on one thread, by count of configurations: depth first finds an order
//! where there is one; breadth first, event by event, sees when there is none. So the answer is
//! the same on every machine.
//!
//! Worst case O(n · 2^k · |S| · k) steps for n operations, at most k open ones that change
//! something, and |S| states; with lost operations also the antichain of their multisets. Unknown
//! means that the budget is spent.

mod breadth;
mod cursor;
mod depth;
mod mask;
mod script;
mod table;
mod used;

use self::breadth::Breadth;
use self::cursor::Cursor;
use self::depth::{Depth, replay};
use self::script::Script;
use self::table::Table;
use self::used::UsedTable;
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
pub(crate) fn search<M: Model>(
    model: &M,
    calls: &[Call<M::Op, M::Ret>],
    budget: &Budget,
    orders: Orders,
) -> Search {
    let mut table = Table::new(model);
    let script = Script::new(&mut table, calls);
    match script.slots {
        0..=64 => portfolio::<M, 1>(table, &script, budget, orders),
        65..=128 => portfolio::<M, 2>(table, &script, budget, orders),
        129..=512 => portfolio::<M, 8>(table, &script, budget, orders),
        513..=4096 => portfolio::<M, 64>(table, &script, budget, orders),
        _ => Search {
            answer: Answer::Spent, // Masks so wide would spend any budget.
            configurations: 0,
            bytes: 0,
            events: script.steps.len() as u64,
            proved_events: 0,
        },
    }
}

/// How many configurations each strategy visits before the other has its turn.
const TURN: u64 = 1024;

fn portfolio<M: Model, const W: usize>(
    mut table: Table<'_, M>,
    script: &Script,
    budget: &Budget,
    orders: Orders,
) -> Search {
    let mut used = UsedTable::new();
    let mut depth = Depth::<W>::new(Cursor::new(script, &table));
    let mut breadth = Breadth::<W>::new::<M>(Cursor::new(script, &table));
    let events = script.steps.len();
    let mut left = budget.configurations;
    // An easy history has an order that is found in one go, whatever its length.
    let mut turn = TURN.max(2 * events as u64);
    let answer = loop {
        let mut quota = turn.min(left);
        left -= quota;
        match depth.run(script, &mut table, &mut used, &mut quota) {
            Progress::Linearizable(taken) => {
                left += quota;
                let cursor = Cursor::<W>::new(script, &table);
                let told = orders == Orders::Told;
                let order = told.then(|| replay(script, &mut table, cursor, &taken));
                break Answer::Linearizable(order);
            }
            Progress::Violation { at } => {
                left += quota;
                break Answer::Violation { stuck: script.call(at) };
            }
            Progress::Open => {}
        }
        let mut quota = turn.min(left);
        left -= quota;
        match breadth.run(script, &mut table, &mut used, &mut quota) {
            Progress::Linearizable(()) if orders == Orders::Untold => {
                left += quota;
                break Answer::Linearizable(None);
            }
            Progress::Violation { at } => {
                left += quota;
                break Answer::Violation { stuck: script.call(at) };
            }
            Progress::Linearizable(()) | Progress::Open => {}
        }
        turn = TURN;
        let bytes = depth.bytes() + breadth.bytes() + table.bytes() + used.bytes();
        if left == 0 || bytes as u64 > budget.bytes {
            break Answer::Spent;
        }
        if budget.stop.as_ref().is_some_and(crate::Stop::asked) {
            break Answer::Stopped;
        }
    };
    let proved = match answer {
        Answer::Linearizable(_) => events,
        Answer::Violation { .. } | Answer::Spent | Answer::Stopped => {
            depth.deepest.max(breadth.at())
        }
    };
    let bytes = depth.bytes() + breadth.bytes() + table.bytes() + used.bytes();
    Search {
        answer,
        configurations: budget.configurations - left,
        bytes: bytes as u64,
        events: events as u64,
        proved_events: proved as u64,
    }
}
