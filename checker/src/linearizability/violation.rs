//! What a monitor answers.

use std::fmt;

use crate::{AnomalyClass, OpIndex};

/// What a monitor concludes about the calls of one object.
#[must_use]
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum MonitorVerdict {
    /// Some order of the calls explains what they returned.
    Valid,
    /// None does.
    Invalid {
        /// Calls that no order explains, whichever other calls are added to them; ascending.
        culprits: Vec<OpIndex>,
        /// What is wrong with them.
        reason: Violation,
    },
    /// This monitor cannot tell. Never to be read as `Valid`.
    Undecided {
        /// Why not.
        reason: Indecision,
    },
}

impl MonitorVerdict {
    pub(super) fn invalid(mut culprits: Vec<OpIndex>, reason: Violation) -> Self {
        culprits.sort_unstable();
        culprits.dedup();
        Self::Invalid { culprits, reason }
    }

    pub(super) fn undecided(reason: Indecision) -> Self {
        Self::Undecided { reason }
    }

    /// Whether some order explains the calls.
    pub fn is_valid(&self) -> bool {
        matches!(self, Self::Valid)
    }

    /// Whether no order explains the calls.
    pub fn is_invalid(&self) -> bool {
        matches!(self, Self::Invalid { .. })
    }
}

/// Why no order of the calls explains what they returned.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Violation {
    /// The op never returns anything of the kind.
    Unreturnable {
        /// What returned so.
        op: OpIndex,
    },
    /// An element came out, or was seen, that nothing had put in.
    NeverInserted {
        /// What returned it.
        seen: OpIndex,
    },
    /// An element came out, or was seen, before its insertion began.
    SeenBeforeInserted {
        /// What returned it.
        seen: OpIndex,
        /// What put it in.
        insert: OpIndex,
    },
    /// An element came out more often than it was put in.
    TakenTooOften {
        /// What returned it first.
        first: OpIndex,
        /// What returned it again.
        again: OpIndex,
    },
    /// An identifier was handed out twice.
    HandedOutTwice {
        /// What returned it first.
        first: OpIndex,
        /// What returned it again.
        again: OpIndex,
    },
    /// A queue: an element came out ahead of one that had been put in before it.
    Overtaken {
        /// What put the earlier element in.
        earlier: OpIndex,
        /// What put the later element in.
        later: OpIndex,
        /// What took the later element out.
        take: OpIndex,
    },
    /// A container was said to be empty, and never was so during the call.
    FalseEmpty {
        /// What found it empty.
        take: OpIndex,
    },
    /// A stack: elements were on it without a break, and none of them can have been at the bottom.
    NoBottom {
        /// The first of them to be pushed for certain.
        first: OpIndex,
    },
    /// A priority queue: an element came out, and throughout the call a lesser one was in.
    NeverLeast {
        /// What took it out.
        take: OpIndex,
    },
    /// A set: what was said of one element cannot all be so.
    Contradictory {
        /// One of the calls that speak of it.
        op: OpIndex,
    },
    /// A set: two reads each hold an element that the other misses, and nothing removes any.
    Incomparable {
        /// One read.
        one: OpIndex,
        /// The other.
        other: OpIndex,
    },
    /// A set: a call that was over before another began saw or made a later state.
    Stale {
        /// The call that was over.
        before: OpIndex,
        /// The call that began later, and saw or made an earlier state.
        after: OpIndex,
    },
    /// A lock: two processes held it at once.
    HeldByTwo {
        /// An acquisition.
        first: OpIndex,
        /// One that returned before what the first acquired was released.
        second: OpIndex,
    },
    /// A lock: a process acquired it and held it already.
    HeldTwice {
        /// The acquisition before.
        first: OpIndex,
        /// The one that cannot have been.
        again: OpIndex,
    },
    /// A lock: a process released it and did not hold it.
    NotHeld {
        /// What released it.
        release: OpIndex,
    },
    /// A counter: the sum is further from zero than everything asked for by then could make it.
    SumTooFar {
        /// What returned the sum.
        read: OpIndex,
    },
    /// A counter: the sum leaves out what had been counted for certain.
    SumTooNear {
        /// What returned the sum.
        read: OpIndex,
        /// A read that was over before, and after which too much was added. `None` if what was
        /// added since the start is already too much.
        since: Option<OpIndex>,
    },
    /// A counter: no choice among the additions gives the sum.
    SumUnreachable {
        /// What returned the sum.
        read: OpIndex,
    },
}

impl Violation {
    /// The kind of anomaly it is.
    pub fn class(self) -> AnomalyClass {
        match self {
            Self::Unreturnable { .. } | Self::NotHeld { .. } => AnomalyClass::NonLinearizable,
            Self::NeverInserted { .. } => AnomalyClass::PhantomElement,
            Self::SeenBeforeInserted { .. } => AnomalyClass::FutureRead,
            Self::TakenTooOften { .. } => AnomalyClass::DuplicateElement,
            Self::HandedOutTwice { .. } => AnomalyClass::DuplicateId,
            Self::Overtaken { .. } | Self::NoBottom { .. } | Self::NeverLeast { .. } => {
                AnomalyClass::OutOfOrder
            }
            Self::FalseEmpty { .. } => AnomalyClass::FalseEmpty,
            Self::Contradictory { .. } | Self::Stale { .. } => AnomalyClass::StaleElement,
            Self::HeldByTwo { .. } | Self::HeldTwice { .. } => AnomalyClass::DoubleAcquire,
            Self::Incomparable { .. } => AnomalyClass::IncompatibleOrder,
            Self::SumTooFar { .. } | Self::SumTooNear { .. } | Self::SumUnreachable { .. } => {
                AnomalyClass::CounterOutOfBounds
            }
        }
    }
}

impl fmt::Display for Violation {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unreturnable { op } => {
                write!(out, "{op} returned what such an operation never returns")
            }
            Self::NeverInserted { seen } => {
                write!(out, "{seen} returned an element that nothing had put in")
            }
            Self::SeenBeforeInserted { seen, insert } => {
                write!(out, "{seen} returned an element before {insert} began to put it in")
            }
            Self::TakenTooOften { first, again } => {
                write!(out, "{again} took out what {first} had taken out")
            }
            Self::HandedOutTwice { first, again } => {
                write!(out, "{again} returned what {first} had returned")
            }
            Self::Overtaken { earlier, later, take } => {
                write!(out, "{take} took out what {later} put in, ahead of what {earlier} put in")
            }
            Self::FalseEmpty { take } => {
                write!(out, "{take} found nothing, though an element was present throughout")
            }
            Self::NoBottom { first } => write!(
                out,
                "from {first} on the stack was never empty, \
                 but none of its elements can have been at the bottom"
            ),
            Self::NeverLeast { take } => {
                write!(
                    out,
                    "{take} took an element out, though a smaller one was present throughout"
                )
            }
            Self::Contradictory { op } => {
                write!(out, "{op} and other operations on the same element contradict each other")
            }
            Self::Incomparable { one, other } => {
                write!(out, "{one} and {other} each hold an element that the other misses")
            }
            Self::Stale { before, after } => {
                write!(
                    out,
                    "{after} saw or made an earlier state than {before}, which had completed before"
                )
            }
            Self::HeldByTwo { first, second } => {
                write!(out, "{second} acquired the lock while {first} held it")
            }
            Self::HeldTwice { first, again } => {
                write!(out, "{again} acquired the lock, which its process held since {first}")
            }
            Self::NotHeld { release } => {
                write!(out, "{release} released the lock, which its process did not hold")
            }
            Self::SumTooFar { read } => {
                write!(out, "{read} returned a sum beyond what all additions so far can make")
            }
            Self::SumTooNear { read, since: None } => {
                write!(out, "{read} returned a sum that leaves out what had been added")
            }
            Self::SumTooNear { read, since: Some(since) } => {
                write!(out, "{read} returned a sum that leaves out what was added after {since}")
            }
            Self::SumUnreachable { read } => {
                write!(out, "{read} returned a sum that no choice of the additions gives")
            }
        }
    }
}

/// Why a monitor cannot tell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Indecision {
    /// An element was put in more than once, so that it is not known which time was seen.
    InsertedTwice {
        /// One of its insertions.
        first: OpIndex,
        /// Another.
        again: OpIndex,
    },
    /// Takes whose return was lost may have removed elements, in too many ways to try all.
    TooManyLostTakes {
        /// How many such takes there are.
        lost: usize,
    },
    /// A container was asked what is next, which orders elements that are still in it.
    Peeks {
        /// One that asked.
        op: OpIndex,
    },
    /// A lock was said to be held, or not to be held by the process.
    Refusals {
        /// What was refused.
        op: OpIndex,
    },
    /// A lock: a process went on after an operation whose return was lost.
    WentOn {
        /// The operation whose return was lost.
        op: OpIndex,
    },
    /// A set: there are reads of the whole set, and removals.
    ReadsAndRemovals,
    /// A counter: the amounts added differ, so that one sum may have many explanations.
    UnequalAdditions,
    /// A counter: the additions together exceed what it can hold without wrapping.
    MayWrap,
}

impl fmt::Display for Indecision {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::InsertedTwice { first, again } => {
                write!(out, "{first} and {again} put the same element in")
            }
            Self::TooManyLostTakes { lost: 1 } => {
                write!(out, "a take has an unknown result, and may have removed any element")
            }
            Self::TooManyLostTakes { lost } => {
                write!(
                    out,
                    "{lost} takes have an unknown result, and each may have removed any element"
                )
            }
            Self::Peeks { op } => write!(out, "{op} is a peek"),
            Self::Refusals { op } => write!(out, "{op} was refused"),
            Self::WentOn { op } => write!(out, "the process of {op} continued without its result"),
            Self::ReadsAndRemovals => {
                out.write_str("there are both reads of the whole set and removals")
            }
            Self::UnequalAdditions => out.write_str("the amounts added differ"),
            Self::MayWrap => out.write_str("the counter may have wrapped"),
        }
    }
}
