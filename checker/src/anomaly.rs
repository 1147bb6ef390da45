//! Named ways for a history to be wrong.

use std::fmt;

use crate::{OpIndex, Value, Witness};

/// One thing wrong with a history, with an argument that a person can check.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "json", derive(serde::Serialize, serde::Deserialize))]
pub struct Anomaly {
    /// What kind of anomaly.
    pub class: AnomalyClass,
    /// The object concerned, where there are several.
    pub key: Option<Value>,
    /// The anomaly in one sentence.
    pub summary: String,
    /// The steps of the argument, in order.
    pub facts: Vec<Fact>,
    /// The operations that show it.
    pub witness: Witness,
}

/// One step of an argument, with the operations that show it.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "json", derive(serde::Serialize, serde::Deserialize))]
pub struct Fact {
    /// What is so.
    pub text: String,
    /// Where to look.
    pub ops: Vec<OpIndex>,
}

/// Makes [`AnomalyClass`] of a list: what each class is, its name in files, and what reports call it.
macro_rules! classes {
    ($($(#[doc = $doc:literal])* $class:ident($name:literal, $title:literal),)+) => {
        /// Kinds of anomaly.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[cfg_attr(feature = "json", derive(serde::Serialize, serde::Deserialize))]
        pub enum AnomalyClass {
            $(
                $(#[doc = $doc])*
                #[cfg_attr(feature = "json", serde(rename = $name))]
                $class,
            )+
        }

        impl AnomalyClass {
            /// Every class.
            pub const ALL: [Self; [$(Self::$class),+].len()] = [$(Self::$class),+];

            /// The stable name: files and scripts rely on it.
            pub fn name(self) -> &'static str {
                match self {
                    $(Self::$class => $name,)+
                }
            }

            /// What reports call it: "stale read". A pattern of the literature has its name behind what
            /// it is.
            pub fn title(self) -> &'static str {
                match self {
                    $(Self::$class => $title,)+
                }
            }
        }
    };
}

classes! {
    /// A read returned a value that had been overwritten before the read began.
    StaleRead("stale-read", "stale read"),
    /// A read returned a value whose write had not begun when the read ended.
    FutureRead("future-read", "future read"),
    /// A read returned a value that nothing had written.
    ReadFromNowhere("read-from-nowhere", "read of a value that was never written"),
    /// An acknowledged write had no effect, and was not overwritten.
    LostWrite("lost-write", "lost write"),
    /// Two compare-and-sets swapped the same value away.
    DoubleCas("double-cas", "double compare-and-set"),
    /// No order of the operations explains what they returned, for no simpler reason.
    NonLinearizable("non-linearizable", "linearizability violation"),
    /// An acknowledged element is in no final read.
    LostElement("lost-element", "lost element"),
    /// An element is in a final read although its removal was acknowledged after its addition.
    ResurrectedElement("resurrected-element", "resurrected element"),
    /// An element was known to be present, and a later read missed it.
    StaleElement("stale-element", "stale element"),
    /// A read holds an element that was never added.
    PhantomElement("phantom-element", "phantom element"),
    /// A read holds an element or value whose addition or write had definitely failed.
    FalseFailure("false-failure", "effect of a failed operation"),
    /// An element was returned more often than it was added.
    DuplicateElement("duplicate-element", "duplicate element"),
    /// Elements came out in an order no such container could give.
    OutOfOrder("out-of-order", "element out of order"),
    /// A container said it was empty, or an element absent, when it could not have been.
    FalseEmpty("false-empty", "false empty result"),
    /// A counter's value lies outside what its additions allow.
    CounterOutOfBounds("counter-out-of-bounds", "counter out of bounds"),
    /// A lock was acquired while it was held.
    DoubleAcquire("double-acquire", "lock held twice"),
    /// Two reads of a list disagree on the order of its elements.
    IncompatibleOrder("incompatible-order", "incompatible orders"),
    /// Replicas disagree in the end.
    Divergence("divergence", "diverged replicas"),
    /// No one order of the writes has each read see the last write before it, or one that overlaps
    /// it, for no simpler reason.
    NonRegular("non-regular", "regularity violation"),
    /// No one order of the writes has each read that overlaps none of them see the last one before it, for
    /// no simpler reason.
    NonSafe("non-safe", "safety violation"),
    /// No one order of the writes has each read see the state after a prefix of it, for no simpler
    /// reason.
    NonPrefix("non-prefix", "consistent-prefix violation"),
    /// No order explains the operations even if each read had begun some bounded time earlier, for no
    /// simpler reason.
    NonBoundedStaleness("non-bounded-staleness", "bounded-staleness violation"),
    /// No order of the operations on a register has each read return one of the last few writes, for no
    /// simpler reason.
    NonKAtomic("non-k-atomic", "k-atomicity violation"),
    /// A session did not see what it had written.
    ReadYourWritesViolation("read-your-writes-violation", "read-your-writes violation"),
    /// A session did not see what it had seen.
    NonMonotonicRead("non-monotonic-read", "non-monotonic read"),
    /// A session saw a write, and not what the writing session had written before.
    NonMonotonicWrite("non-monotonic-write", "monotonic-writes violation"),
    /// A session saw a write, and not what the writing session had seen before.
    WritesFollowReadsViolation("writes-follow-reads-violation", "writes-follow-reads violation"),
    /// No one order of all writes explains the reads of a session.
    NonPram("non-pram", "PRAM violation"),
    /// An operation precedes itself causally.
    CyclicCo("cyclic-co", "cycle in causal order (cyclic-CO)"),
    /// A read returned the initial value although a write to its key precedes it causally.
    WriteCoInitRead("write-co-init-read", "read of the initial value after a causally earlier write (write-CO-init-read)"),
    /// A read returned a write although a later one precedes it causally.
    WriteCoRead("write-co-read", "read of a causally overwritten value (write-CO-read)"),
    /// Causal order, and the order in which sessions saw conflicting writes, form a cycle.
    CyclicCf("cyclic-cf", "cycle of causal and conflict order (cyclic-CF)"),
    /// A read returned the initial value although what the reads of its session force puts a write
    /// before it.
    WriteHbInitRead("write-hb-init-read", "read of the initial value after a write that happened before it (write-HB-init-read)"),
    /// Causal order, and what the reads of one session force, form a cycle.
    CyclicHb("cyclic-hb", "cycle in happened-before order (cyclic-HB)"),
    /// No one order of all operations, in which those of each session are in their order, explains
    /// what they returned.
    NonSequential("non-sequential", "sequential consistency violation"),
    /// A number that is to be unique was handed out twice.
    DuplicateId("duplicate-id", "duplicate id"),
    /// A lock was acquired with a number no greater than one returned before.
    FencingWentBack("fencing-went-back", "fencing number went back"),
    /// Two reads saw two writes in different orders.
    LongFork("long-fork", "long fork"),
    /// Balances add up to something else than they did.
    WrongTotal("wrong-total", "wrong total"),
    /// A balance is negative.
    NegativeBalance("negative-balance", "negative balance"),
    /// A value is still there although a write overwrote it that had seen it.
    SurvivingOverwritten("surviving-overwritten", "overwritten value that survives"),
    /// Transactions overwrote each other in a cycle.
    G0("g0", "write cycle (G0)"),
    /// A transaction read what one that failed had written.
    AbortedRead("g1a", "read of an aborted transaction (G1a)"),
    /// A transaction read what another wrote and then wrote over or beyond.
    IntermediateRead("g1b", "intermediate read (G1b)"),
    /// Transactions read from and overwrote each other in a cycle.
    G1c("g1c", "circular information flow (G1c)"),
    /// The same, where one transaction missed what another wrote.
    GSingle("g-single", "read skew (G-single)"),
    /// The same, where several missed what others wrote, no two of them in a row.
    GNonadjacent("g-nonadjacent", "cycle with separate missed writes (G-nonadjacent)"),
    /// The same, where two in a row missed what others wrote: write skew, for one.
    G2Item("g2-item", "cycle with missed writes in a row (G2-item)"),
    /// `g0`, with the order of a process in the cycle.
    G0Process("g0-process", "write cycle with the order of a process (G0-process)"),
    /// `g1c`, with the order of a process in the cycle.
    G1cProcess("g1c-process", "circular information flow with the order of a process (G1c-process)"),
    /// `g-single`, with the order of a process in the cycle.
    GSingleProcess("g-single-process", "read skew with the order of a process (G-single-process)"),
    /// `g-nonadjacent`, with the order of a process in the cycle.
    GNonadjacentProcess("g-nonadjacent-process", "cycle with separate missed writes and the order of a process (G-nonadjacent-process)"),
    /// `g2-item`, with the order of a process in the cycle.
    G2ItemProcess("g2-item-process", "cycle with missed writes in a row and the order of a process (G2-item-process)"),
    /// `g0`, with real time in the cycle.
    G0Realtime("g0-realtime", "write cycle with real time (G0-realtime)"),
    /// `g1c`, with real time in the cycle.
    G1cRealtime("g1c-realtime", "circular information flow with real time (G1c-realtime)"),
    /// `g-single`, with real time in the cycle.
    GSingleRealtime("g-single-realtime", "read skew with real time (G-single-realtime)"),
    /// `g-nonadjacent`, with real time in the cycle.
    GNonadjacentRealtime("g-nonadjacent-realtime", "cycle with separate missed writes and real time (G-nonadjacent-realtime)"),
    /// `g2-item`, with real time in the cycle.
    G2ItemRealtime("g2-item-realtime", "cycle with missed writes in a row and real time (G2-item-realtime)"),
    /// A transaction did not read what it had read and written itself.
    Internal("internal", "internal inconsistency"),
    /// A transaction wrote on top of what one that failed had written.
    DirtyUpdate("dirty-update", "update of an aborted write"),
    /// Two transactions read the same version of an object, and both wrote to it.
    LostUpdate("lost-update", "lost update"),
    /// A transaction read a version of an object and wrote to it, and another one wrote to it in between.
    GCursor("g-cursor", "write between a read and a write of one object (G-cursor)"),
    /// A transaction observed another one, and then did not see all that that one wrote.
    ObservedTransactionVanishes("observed-transaction-vanishes", "observed transaction that vanishes"),
    /// A transaction observes another one, and does not see all that that one wrote.
    FracturedRead("fractured-read", "fractured read"),
    /// A transaction does not see all that one wrote that it observes by way of others.
    CausalityViolation("causality-violation", "causality violation"),
}

impl fmt::Display for AnomalyClass {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.name())
    }
}
