//! Which consistency model implies which, and who says so.

use std::sync::LazyLock;

use super::{Consistency, StalenessBound, Versions};

/// One implication, from which others follow.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Edge {
    /// What implies.
    pub stronger: Consistency,
    /// What is implied.
    pub weaker: Consistency,
    /// A paper, or the argument where no paper has it.
    pub source: &'static str,
}

const PAGE: &str = "Kingsbury, https://jepsen.io/consistency";
const ADYA: &str = "Adya, Weak Consistency, MIT PhD thesis 1999";
const LAMPORT: &str = "Lamport, On interprocess communication, Distributed Computing 1986";
const BOUAJJANI: &str =
    "Bouajjani, Enea, Guerraoui and Hamza, On verifying causal consistency, POPL 2017";
const AHAMAD: &str = "Ahamad, Neiger, Burns, Kohli and Hutto, Causal memory: definitions, \
                      implementation and programming, Distributed Computing 1995";
const BRZEZINSKI: &str =
    "Brzezinski, Sobaniec and Wawrzyniak, From session causality to causal consistency, PDP 2004";
const HERLIHY: &str = "Herlihy and Wing, Linearizability, TOPLAS 1990";
const STALE: &str =
    "Golab, Li and Shah, Analyzing consistency properties for fun and profit, PODC 2011";
const AIYER: &str =
    "Aiyer, Alvisi and Bazzi, On the availability of non-strict quorum systems, DISC 2005";
const CERONE: &str = "Cerone, Bernardi and Gotsman, A framework for transactional consistency models \
                      with atomic visibility, CONCUR 2015";
const DAUDJEE: &str =
    "Daudjee and Salem, Lazy database replication with snapshot isolation, VLDB 2006";
const BAILIS: &str = "Bailis, Davidson, Fekete, Ghodsi, Hellerstein and Stoica, Highly available \
                      transactions, VLDB 2013";
const SHAPIRO: &str = "Shapiro, Preguica, Baquero and Zawirski, Conflict-free replicated data types, \
                       SSS 2011";
const ARBITRATION: &str = "what causally precedes a read is visible to it, and the one order of all \
                           writes is that of each session";
const OWN_WRITES: &str = "two writes of one session are in the order of causality, and so is each with \
                          the later reads of its session: a read that returned the earlier one, or the \
                          initial value, is WriteCORead or WriteCOInitRead";
const OWN_ORDER: &str = "the order of what precedes a session's operations contains causality, so that \
                         an operation that sees a write sees what the writing session had seen";
const COMPLETED: &str = "a write of a session has completed before the session's next operation begins, \
                         so that no later read sees an older one";
const MOVED: &str =
    "each read is put right behind the write that it returns; updates keep their order";

const fn edge(stronger: Consistency, weaker: Consistency, source: &'static str) -> Edge {
    Edge { stronger, weaker, source }
}

const fn k(versions: u8) -> Consistency {
    Consistency::KAtomic(Versions(versions))
}

const fn within(place: usize) -> Consistency {
    Consistency::BoundedStaleness(StalenessBound::ALL[place])
}

/// Every implication from which the others follow.
///
/// What is *not* here matters too. Sequential consistency says nothing of real time, so that it implies
/// neither regularity nor a prefix. `CC` and `CCv` let the reads of one session go to and fro, in different
/// ways, so that they do not imply PRAM. Nothing that clients see implies anything of what replicas
/// hold in the end.
pub const EDGES: &[Edge] = {
    use Consistency as C;
    &[
        edge(C::Linearizable, C::Sequential, HERLIHY),
        edge(C::Sequential, C::CausalConvergence, BOUAJJANI),
        edge(C::Sequential, C::CausalMemory, BOUAJJANI),
        edge(C::CausalConvergence, C::Causal, BOUAJJANI),
        edge(C::CausalMemory, C::Causal, BOUAJJANI),
        edge(C::CausalMemory, C::Pram, AHAMAD),
        edge(C::CausalMemory, C::WritesFollowReads, OWN_ORDER),
        edge(C::CausalConvergence, C::MonotonicReads, ARBITRATION),
        edge(C::CausalConvergence, C::MonotonicWrites, ARBITRATION),
        edge(C::CausalConvergence, C::WritesFollowReads, ARBITRATION),
        edge(C::Causal, C::ReadYourWrites, OWN_WRITES),
        edge(C::Pram, C::ReadYourWrites, BRZEZINSKI),
        edge(C::Pram, C::MonotonicReads, BRZEZINSKI),
        edge(C::Pram, C::MonotonicWrites, BRZEZINSKI),
        edge(C::Linearizable, C::Regular, LAMPORT),
        edge(C::Regular, C::Safe, LAMPORT),
        edge(C::Regular, C::Prefix, MOVED),
        edge(C::Regular, C::ReadYourWrites, COMPLETED),
        edge(C::Regular, C::MonotonicWrites, COMPLETED),
        edge(C::Linearizable, k(2), AIYER),
        edge(k(2), k(3), AIYER),
        edge(k(3), k(4), AIYER),
        edge(k(4), k(5), AIYER),
        edge(k(5), k(6), AIYER),
        edge(k(6), k(7), AIYER),
        edge(k(7), k(8), AIYER),
        edge(k(8), k(9), AIYER),
        edge(k(9), C::Prefix, MOVED),
        edge(C::Linearizable, within(0), STALE),
        edge(within(0), within(1), STALE),
        edge(within(1), within(2), STALE),
        edge(within(2), within(3), STALE),
        edge(within(3), within(4), STALE),
        edge(within(4), within(5), STALE),
        edge(within(5), within(6), STALE),
        edge(within(6), within(7), STALE),
        edge(within(7), within(8), STALE),
        edge(within(8), within(9), STALE),
        edge(within(9), within(10), STALE),
        edge(within(10), within(11), STALE),
        edge(within(11), within(12), STALE),
        edge(within(12), C::Prefix, MOVED),
        edge(C::StrongConvergent, C::Convergent, SHAPIRO),
        edge(C::StrictSerializable, C::Linearizable, HERLIHY),
        edge(C::StrictSerializable, C::StrongSessionSerializable, DAUDJEE),
        edge(C::StrictSerializable, C::StrongSnapshotIsolation, DAUDJEE),
        edge(C::StrongSessionSerializable, C::Serializable, DAUDJEE),
        edge(C::StrongSessionSerializable, C::StrongSessionSnapshotIsolation, DAUDJEE),
        edge(C::StrongSnapshotIsolation, C::StrongSessionSnapshotIsolation, DAUDJEE),
        edge(C::StrongSessionSnapshotIsolation, C::SnapshotIsolation, DAUDJEE),
        edge(C::Serializable, C::SnapshotIsolation, CERONE),
        edge(C::Serializable, C::RepeatableRead, ADYA),
        edge(C::SnapshotIsolation, C::ParallelSnapshotIsolation, CERONE),
        edge(C::ParallelSnapshotIsolation, C::TransactionalCausal, CERONE),
        edge(C::TransactionalCausal, C::ReadAtomic, CERONE),
        edge(C::ReadAtomic, C::MonotonicAtomicView, BAILIS),
        edge(C::RepeatableRead, C::MonotonicAtomicView, PAGE),
        edge(C::RepeatableRead, C::CursorStability, ADYA),
        edge(C::CursorStability, C::ReadCommitted, ADYA),
        edge(C::MonotonicAtomicView, C::ReadCommitted, BAILIS),
        edge(C::ReadCommitted, C::ReadUncommitted, ADYA),
    ]
};

const COUNT: usize = Consistency::ALL.len();

/// For each model those that it implies, itself included.
static CLOSURE: LazyLock<[[bool; COUNT]; COUNT]> = LazyLock::new(|| {
    let mut closure = [[false; COUNT]; COUNT];
    for (at, row) in closure.iter_mut().enumerate() {
        row[at] = true;
    }
    for edge in EDGES {
        closure[edge.stronger.place()][edge.weaker.place()] = true;
    }
    for middle in 0..COUNT {
        let beyond = closure[middle];
        for row in &mut closure {
            if row[middle] {
                row.iter_mut().zip(beyond).for_each(|(mine, theirs)| *mine |= theirs);
            }
        }
    }
    closure
});

/// Whether whatever is the one is also the other.
pub(super) fn implies(stronger: Consistency, weaker: Consistency) -> bool {
    CLOSURE[stronger.place()][weaker.place()]
}
