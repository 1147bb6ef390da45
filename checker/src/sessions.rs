//! The four session guarantees of registers.
//!
//! Terry et al., "Session guarantees for weakly consistent replicated data", PDIS 1994, in a form that
//! asks for no versions:
//!
//! > For each session there is, for each of its reads, a set of *visible* writes, and for each key an
//! > order of the writes to it, such that every read returns the last visible write to its key, or the
//! > initial value if there is none. What a read returned is visible to it. And:
//!
//! | guarantee | what else is visible | what else is in order, of one key |
//! |---|---|---|
//! | read your writes | to a read, the earlier writes of its session | |
//! | monotonic reads | to a read, what was visible to earlier reads of its session | |
//! | monotonic writes | once a session sees a write, what that one's session had written before | the writes of a session |
//! | writes follow reads | once a session sees a write, what that one's session had seen before | what a session had seen, before what it then writes |
//!
//! "Once a session sees" a write is: to the read to which it is visible, and to all later reads of that
//! session. In the last, nothing is written after what follows it, whatever the key. Each session may
//! have an order of its own: what all must agree on is a matter of stronger models.
//!
//! **Method.** The least sets that obey the rules are the best, because a larger one asks more of the
//! order. They only grow along a session, so that it suffices to look for three patterns at each read
//! of a key (`observer`): the initial value though a write is visible; a write that a visible one
//! overwrote; a write that was visible when an earlier read returned another one, itself visible now.
//! (If constraints form a cycle, then there is a cycle of two writes: let the first read on the cycle
//! return `a`; all that is visible to it is visible to the others, so that `a`'s successor on the
//! cycle and its predecessor exclude each other.) O(n k) for n operations and k sessions.

mod check;
mod observer;
mod story;

pub use self::check::{GUARANTEES, check};

#[cfg(test)]
mod tests;
