//! What a transaction that observes another one must see of it.
//!
//! A transaction observes another one if it read something that that one wrote: of a list each element counts.
//! What else that one wrote must then be seen as well, or something newer:
//!
//! | class | what was missed is of one | weakest model that forbids it |
//! |---|---|---|
//! | `observed-transaction-vanishes` | that was observed before | monotonic atomic view |
//! | `fractured-read` | that is observed, before or after | read atomic |
//! | `causality-violation` | that is observed, if by way of others | transactional causal |
//!
//! Bailis et al., "Highly available transactions: virtues and limitations", VLDB 2013; Cerone, Bernardi and
//! Gotsman, "A framework for transactional consistency models with atomic visibility", CONCUR 2015. Each of the
//! models is read committed with this beside it, and read atomic is that with transactions that read what they had
//! read and written themselves. Biswas and Enea, "On the complexity of checking transactional consistency",
//! OOPSLA 2019, show that such models are decided in polynomial time: what must be older than something else is
//! known from the reads, and the model is kept if that is an order.

mod lists;

pub(super) use self::lists::{MissedAppend, observe};

use rustc_hash::FxHashMap;

use crate::{AnomalyClass, Consistency};

/// Of which transactions one must see all.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Sight {
    /// Of those that it had observed.
    FromThenOn,
    /// Of those that it observes.
    AtAnyTime,
    /// Of those that it observes, if by way of others.
    ByWayOfOthers,
}

impl Sight {
    /// The weakest demand first.
    pub(super) const ALL: [Self; 3] = [Self::FromThenOn, Self::AtAnyTime, Self::ByWayOfOthers];

    /// What a model demands, if it is one of these.
    pub(super) fn of(model: Consistency) -> Option<Self> {
        Self::ALL.into_iter().find(|it| it.model() == model)
    }

    /// The model that demands it.
    pub(super) fn model(self) -> Consistency {
        match self {
            Self::FromThenOn => Consistency::MonotonicAtomicView,
            Self::AtAnyTime => Consistency::ReadAtomic,
            Self::ByWayOfOthers => Consistency::TransactionalCausal,
        }
    }

    /// What it is called where that is missing.
    pub(super) fn class(self) -> AnomalyClass {
        match self {
            Self::FromThenOn => AnomalyClass::ObservedTransactionVanishes,
            Self::AtAnyTime => AnomalyClass::FracturedRead,
            Self::ByWayOfOthers => AnomalyClass::CausalityViolation,
        }
    }
}

/// What each transaction wrote to each key, and left there.
#[derive(Debug)]
pub(super) struct LeftWrites(FxHashMap<(u32, u32), u32>);

impl LeftWrites {
    /// Of these writes: the transaction, the key and what was written, later ones last.
    pub(super) fn new(writes: impl Iterator<Item = (u32, u32, u32)>) -> Self {
        Self(writes.map(|(txn, key, what)| ((txn, key), what)).collect())
    }

    /// Which of these reads, each a key and a place, in the order of the keys, are of keys that `writer` wrote, and
    /// what it left there. O(the shorter of them and the keys that it has parts of, with a logarithm).
    pub(super) fn read(
        &self,
        writer: u32,
        touched: impl ExactSizeIterator<Item = u32>,
        reads: &[(u32, usize)],
    ) -> Vec<(usize, u32)> {
        let left = |key: u32| self.0.get(&(writer, key)).copied();
        let mut found: Vec<(usize, u32)> = Vec::new();
        if touched.len() < reads.len() {
            for key in touched {
                let Some(what) = left(key) else { continue };
                let from = reads.partition_point(|&(it, _)| it < key);
                let same = reads[from..].iter().take_while(|&&(it, _)| it == key);
                found.extend(same.map(|&(_, at)| (at, what)));
            }
        } else {
            found.extend(reads.iter().filter_map(|&(key, at)| Some((at, left(key)?))));
        }
        found.sort_unstable();
        found.dedup();
        found
    }
}

/// A search gave up, as its steps were spent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct StepsSpent;
