//! Causal consistency of registers, in three forms.
//!
//! Bouajjani, Enea, Guerraoui and Hamza, "On verifying causal consistency", POPL 2017. What precedes an
//! operation *causally* (`co`) is what its session did before, what wrote the value that it read, and
//! what precedes those.
//!
//! | model | definition | a history violates it iff one of these is there |
//! |---|---|---|
//! | [causal](crate::Consistency::Causal) (CC) | for each read there is an order of what precedes it, along which it returns the last write to its key | `CyclicCO`, `WriteCOInitRead`, `WriteCORead` |
//! | [causal convergence](crate::Consistency::CausalConvergence) (`CCv`) | there is one order of all writes, which contains `co`; each read returns the last of those that precede it | `CyclicCO`, `WriteCOInitRead`, `CyclicCF` |
//! | [causal memory](crate::Consistency::CausalMemory) (CM) | for each session there is an order of what precedes its operations, along which each of its reads returns the last write to its key | `CyclicCO`, `WriteHBInitRead`, `CyclicHB` |
//!
//! | pattern | what it is |
//! |---|---|
//! | `CyclicCO` | something precedes itself |
//! | `WriteCOInitRead` | a write precedes a read of its key that returned the initial value |
//! | `WriteCORead` | `w1 co w2 co r` on one key, and `r` returned `w1` |
//! | `CyclicCF` | `co`, and `w1` before `w2` wherever `w1` precedes a read that returned `w2`, form a cycle |
//! | `WriteHBInitRead`, `CyclicHB` | the same for one session, where what its reads force counts as preceding for its other reads: [`crate::weak`] has the fixpoint |
//!
//! (`ThinAirRead`, a read of what nothing wrote, cannot be said in [`Sessions`](crate::weak::Sessions).) CM
//! and `CCv` each imply CC; neither implies the other.
//!
//! **Method.** One vector clock for each operation that learns something of another session. For each
//! read and each session that writes to its key, the last write of that session that precedes the read
//! is enough: the idea of Møldrup and Pavlogiannis, "AWDIT", PLDI 2025. O(n k) for n operations and k
//! sessions, for CC and `CCv`; CM takes that for each session and each round of its fixpoint.

mod check;
mod memory;

pub use self::check::{MODELS, check};
pub use self::memory::check as check_memory;

#[cfg(test)]
mod tests;
