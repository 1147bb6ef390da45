//! Sequential consistency of registers.
//!
//! Lamport, "How to make a multiprocessor computer that correctly executes multiprocess programs", IEEE
//! Trans. Computers 1979:
//!
//! > There is one order of all operations, in which those of each session are in their order, and along
//! > which each read returns the last write to its key.
//!
//! Real time says nothing across sessions. It is not local: each key may have such an order, and all keys
//! together none. So all keys are judged together. To decide it is NP-complete even where each read names
//! its write (Gibbons and Korach, "Testing shared memories", SIAM J. Comput. 1997), and polynomial for any
//! fixed number of sessions.
//!
//! **Method.** Zennou, Bouajjani, Enea and Erradi, "Gradual consistency checking", CAV 2019: first what
//! follows anyway, then a search.
//!
//! | step | what it does | cost |
//! |---|---|---|
//! | saturation | a write that precedes a read precedes what that returned; a read precedes what overwrote what it returned; until nothing more follows, or a circle does | O(n k) a round, for n operations of k sessions |
//! | search | takes operations one by one, session by session; remembers from where it has failed | at most one state for each set of beginnings of the sessions |
//!
//! The state of the search is how much of each session it has taken, and nothing else: a value that is
//! still to be read locks its key, since no other write brings it back. So a read is taken as soon as it
//! can be, a write that must be the next to its key as well, and there is a choice only between writes
//! to one key that nothing puts in order. Where no session can go on, the locks that hold them in a cycle
//! tell which choice to take back; the choices since then are not tried again.
//!
//! What is found is exact; `Unknown` means that the steps or the bytes of the budget are spent.
//!
//! ```
//! use rashomon_checker::{Budget, sequential};
//! use rashomon_checker::weak::{ReadOrWrite, Sessions, Source, WeakJudgement};
//!
//! let mut sessions = Sessions::new();
//! sessions.push(0, ReadOrWrite::Write);
//! sessions.push(1, ReadOrWrite::Read(Source::Initial));
//! sessions.end_session();
//! sessions.push(1, ReadOrWrite::Write);
//! sessions.end_session();
//! let budget = Budget::default();
//! assert_eq!(sequential::check(&sessions, &[], &budget), WeakJudgement::Holds);
//! ```

mod check;
mod decide;
mod least;
mod order;
mod search;
mod stuck;

pub use self::check::check;

#[cfg(test)]
mod tests;
