//! Transactions on lists and on registers: which isolation models a history keeps, and which it breaks.
//!
//! A transaction is an operation with a list of micro-operations, `[f key value]`: `append` puts an element
//! at the end of the list of a key, and `r` reads a whole list (nil, or no value, is an empty one). No element is appended to a key twice, so
//! that a read tells which transactions it saw, and in which order. Those that write registers (`w`) are in
//! `registers.rs`.
//!
//! Kingsbury and Alvaro, "Elle: inferring isolation anomalies from experimental observations", VLDB 2020,
//! after Adya, "Weak Consistency", doctoral thesis 1999. The longest list that was read of a key is the order
//! of its versions; all others must be beginnings of it. From that follow the dependencies:
//!
//! | edge | from | to |
//! |---|---|---|
//! | `ww` | who appended an element | who appended the next |
//! | `wr` | who appended the last element of a list | who read that list |
//! | `rw` | who read a list | who appended the next element |
//! | `process` | a transaction | the next of its process |
//! | `realtime` | a transaction | each that was invoked after its completion |
//!
//! An element that was never read, of a transaction that is known to have committed, comes after all that
//! were. A transaction of unknown outcome committed if something that it appended was read, and else is
//! left out.
//!
//! | class | what forms a cycle | models that forbid it |
//! |---|---|---|
//! | `g0` | `ww` | read uncommitted and all above |
//! | `g1c` | `ww` and `wr` | read committed |
//! | `g-single` | `ww`, `wr` and one `rw` | parallel snapshot isolation, repeatable read |
//! | `g-nonadjacent` | `ww`, `wr` and several `rw`, no two of them in a row | snapshot isolation, repeatable read |
//! | `g2-item` | `ww`, `wr` and several `rw`, two of them in a row | repeatable read, serializability |
//!
//! The same with a `process` edge, or with a `realtime` edge, is forbidden by the strong session form and
//! the strong form of the models. (Cerone and Gotsman, "Analysing snapshot isolation", JACM 2018: snapshot
//! isolation forbids exactly the cycles in which no two `rw` come in a row.) Beside cycles there are
//! anomalies of single reads and versions, with the names of the paper. What transactions must see of those that they
//! observe is in `observed.rs`.
//!
//! To decide the models takes O(n) steps for n micro-operations and elements of lists that were read, as
//! real time is an edge to one node for each completion; parallel snapshot isolation takes a search from each
//! `rw` edge. The shortest cycle of a class takes a search from each edge that it needs, in steps of the
//! budget.

mod argument;
mod cycles;
mod direct;
mod graph;
mod judge;
mod lists;
mod observed;
pub mod part;
mod registers;
mod story;
mod table;
mod txn;

pub use self::judge::{IsolationJudgement, TransactionReport};

pub(crate) use self::judge::MODELS;

use crate::{Budget, Doubt, History};

/// Judges the transactions of `history`, on lists or on registers. A configuration of the budget is an edge
/// that a search for the shortest cycle of a class passes.
///
/// # Errors
///
/// Says why, if it is not a history of transactions on lists, nor one of transactions on registers.
pub fn check(history: &History, budget: &Budget) -> Result<TransactionReport, Doubt> {
    if registers::are_there(history) {
        registers::check(history, budget)
    } else {
        judge::check(history, budget)
    }
}

/// Whether a history has transactions.
pub(crate) fn are_there(history: &History) -> bool {
    history.indices().next().is_some_and(|first| matches!(history.f(first), "txn" | "transaction"))
}

#[cfg(test)]
pub(crate) mod separating;
#[cfg(test)]
mod tests;
#[cfg(test)]
mod told;
