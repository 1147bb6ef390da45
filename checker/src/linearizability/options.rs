//! How to check.

use crate::Budget;

/// How to check.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// How much work all parts may take together.
    pub budget: Budget,
    /// Whether every part has its share of the budget once one is known to violate.
    pub keys: Keys,
    /// What a definite failure of a `cas` says.
    pub failed_cas: FailedCas,
    /// Whether to reduce a violation to a minimal witness.
    pub witnesses: Witnesses,
    /// Whether a valid verdict comes with an order of each part.
    pub certificates: Certificates,
}

/// Whether to reduce a violation to a minimal witness.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Witnesses {
    /// Yes, at the cost of checking again and again.
    #[default]
    Least,
    /// No: a witness is whatever was found first, and is not told as a story.
    AsFound,
}

/// Whether a valid verdict comes with an order of each part.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Certificates {
    /// No: it only names the methods that decided.
    #[default]
    Named,
    /// Yes. Every part is searched then, except lists and texts, because no other method than the
    /// longest read and the search finds an order.
    Orders,
}

/// Whether every part has its share of the budget once one is known to violate.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Keys {
    /// No: the history is not linearizable anyway. The other parts are judged as far as that takes
    /// little.
    #[default]
    UntilViolation,
    /// Yes, to see every part that violates.
    All,
}

/// What a definite failure of a `cas` says.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum FailedCas {
    /// Nothing.
    #[default]
    SaysNothing,
    /// That the comparison failed: the register did not hold the old value. True of histories
    /// whose client fails a `cas` for that reason only, as Jepsen's etcd client does.
    Mismatched,
}
