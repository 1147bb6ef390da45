//! What a checker concludes, and why it might not.

use std::collections::BTreeSet;
use std::fmt;

use crate::{Consistency, OpIndex, Value, visible};

/// What a checker concludes about one history. It says nothing about other histories.
#[must_use]
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "json", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "json", serde(rename_all = "kebab-case", tag = "verdict"))]
pub enum Verdict<A> {
    /// The history is consistent with the model.
    Valid {
        /// How that is known.
        certificate: Certificate,
    },
    /// It is not, and here is why.
    Invalid {
        /// The first anomaly found; there is always one.
        anomaly: A,
        /// The others.
        more: Vec<A>,
    },
    /// The checker could not decide. Never to be read as `Valid`.
    Unknown {
        /// The first reason; there is always one.
        doubt: Doubt,
        /// The others.
        more: Vec<Doubt>,
    },
}

/// How a valid verdict is known.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "json", derive(serde::Serialize, serde::Deserialize))]
pub struct Certificate {
    /// The algorithms that decided, by name.
    pub methods: BTreeSet<String>,
    /// For each part of the history, an order that explains it; empty unless asked for.
    pub orders: Vec<PartOrder>,
}

/// An order of the operations of one part that a sequential object could have produced.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "json", derive(serde::Serialize, serde::Deserialize))]
pub struct PartOrder {
    /// The key, if the history was split by key.
    pub key: Option<Value>,
    /// The operations, first to last. An indeterminate one that is absent never took effect.
    pub order: Vec<OpIndex>,
}

/// Why a checker could not decide.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "json", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "json", serde(rename_all = "kebab-case", tag = "doubt"))]
pub enum Doubt {
    /// The search spent its budget.
    BudgetSpent {
        /// The key being judged, if the history was split by key.
        key: Option<Value>,
        /// Configurations visited.
        configurations: u64,
        /// Bytes held at the most.
        bytes: u64,
        /// The first `proved_events` events of the part are proved consistent.
        proved_events: u64,
        /// Events of the part.
        events: u64,
        /// What makes it hard, if that is known.
        #[cfg_attr(feature = "json", serde(default, skip_serializing_if = "Option::is_none"))]
        why: Option<String>,
    },
    /// The history tests nothing, or next to nothing.
    Vacuous {
        /// What is missing.
        reason: String,
    },
    /// The model does not understand an operation.
    Unsupported {
        /// Which operation.
        op: OpIndex,
        /// What is wrong with it.
        reason: String,
    },
    /// No verdict on a consistency model.
    Unjudged {
        /// The model.
        consistency: Consistency,
        /// Why.
        reason: String,
    },
    /// Not all of the history could be held. What was held is consistent, unless another doubt says
    /// that it is not known to be.
    Unheld {
        /// The key, if only one is concerned and there are keys.
        key: Option<Value>,
        /// The first `held_events` events were held and judged.
        held_events: u64,
        /// The number of all events, held or not.
        events: u64,
        /// Bytes that those held took.
        bytes: u64,
    },
    /// The history goes on where reading had to end.
    Unread {
        /// The line, counted from 1.
        line: u64,
        /// Why.
        reason: String,
        /// What was spent.
        #[cfg_attr(feature = "json", serde(default))]
        spent: Spent,
    },
    /// The checker was asked to stop.
    Stopped {
        /// The key being judged, if the history was split by key.
        key: Option<Value>,
        /// Events that are proved consistent: of a key, its first ones.
        #[cfg_attr(feature = "json", serde(default))]
        proved_events: u64,
        /// Events of the key, or of all that was to be judged.
        #[cfg_attr(feature = "json", serde(default))]
        events: u64,
    },
}

/// What was spent when reading ended.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "json", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "json", serde(rename_all = "kebab-case"))]
pub enum Spent {
    /// The memory that reading may take.
    #[default]
    Memory,
    /// The time, or the caller stopped the check.
    Time,
}

impl<A> Verdict<A> {
    /// Valid, by the named algorithm.
    pub fn valid(method: &str) -> Self {
        let methods = BTreeSet::from([method.to_owned()]);
        Self::Valid { certificate: Certificate { methods, orders: Vec::new() } }
    }

    /// Invalid, by this anomaly.
    pub fn invalid(anomaly: A) -> Self {
        Self::Invalid { anomaly, more: Vec::new() }
    }

    /// Unknown, for this reason.
    pub fn unknown(doubt: Doubt) -> Self {
        Self::Unknown { doubt, more: Vec::new() }
    }

    /// The verdict on a history that must satisfy both.
    ///
    /// The first that applies of `Invalid`, `Unknown` and `Valid`.
    pub fn and(self, other: Self) -> Self {
        match (self, other) {
            (Self::Invalid { anomaly, mut more }, Self::Invalid { anomaly: next, more: rest }) => {
                more.push(next);
                more.extend(rest);
                Self::Invalid { anomaly, more }
            }
            (invalid @ Self::Invalid { .. }, _) | (_, invalid @ Self::Invalid { .. }) => invalid,
            (Self::Unknown { doubt, mut more }, Self::Unknown { doubt: next, more: rest }) => {
                more.push(next);
                more.extend(rest);
                Self::Unknown { doubt, more }
            }
            (unknown @ Self::Unknown { .. }, _) | (_, unknown @ Self::Unknown { .. }) => unknown,
            (Self::Valid { mut certificate }, Self::Valid { certificate: rest }) => {
                certificate.methods.extend(rest.methods);
                certificate.orders.extend(rest.orders);
                Self::Valid { certificate }
            }
        }
    }

    /// The same verdict with each anomaly changed.
    pub fn map_anomalies<B>(self, mut change: impl FnMut(A) -> B) -> Verdict<B> {
        match self {
            Self::Valid { certificate } => Verdict::Valid { certificate },
            Self::Unknown { doubt, more } => Verdict::Unknown { doubt, more },
            Self::Invalid { anomaly, more } => Verdict::Invalid {
                anomaly: change(anomaly),
                more: more.into_iter().map(change).collect(),
            },
        }
    }

    /// Whether an anomaly was found.
    pub fn is_invalid(&self) -> bool {
        matches!(self, Self::Invalid { .. })
    }

    /// Whether the history is consistent with the model.
    pub fn is_valid(&self) -> bool {
        matches!(self, Self::Valid { .. })
    }

    /// Whether the checker could not decide.
    pub fn is_unknown(&self) -> bool {
        matches!(self, Self::Unknown { .. })
    }

    /// The word for it: `valid`, `invalid` or `unknown`.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Valid { .. } => "valid",
            Self::Invalid { .. } => "invalid",
            Self::Unknown { .. } => "unknown",
        }
    }

    /// Every anomaly, the first one first. Empty unless invalid.
    pub fn anomalies(&self) -> impl Iterator<Item = &A> {
        let (first, rest) = match self {
            Self::Invalid { anomaly, more } => (Some(anomaly), more.as_slice()),
            Self::Valid { .. } | Self::Unknown { .. } => (None, [].as_slice()),
        };
        first.into_iter().chain(rest)
    }

    /// Every reason for doubt, the first one first. Empty unless unknown.
    pub fn doubts(&self) -> impl Iterator<Item = &Doubt> {
        let (first, rest) = match self {
            Self::Unknown { doubt, more } => (Some(doubt), more.as_slice()),
            Self::Valid { .. } | Self::Invalid { .. } => (None, [].as_slice()),
        };
        first.into_iter().chain(rest)
    }
}

impl fmt::Display for Doubt {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::BudgetSpent { key, configurations, bytes, proved_events, events, why } => {
                if let Some(key) = key {
                    write!(out, "key {key}: ")?;
                }
                let mib = bytes / (1 << 20);
                write!(
                    out,
                    "budget spent after {configurations} configurations and {mib} MiB; \
                     the first {proved_events} of {events} events are consistent"
                )?;
                why.iter().try_for_each(|why| write!(out, "; {}", visible(why)))
            }
            Self::Vacuous { reason } => write!(out, "vacuous: {}", visible(reason)),
            Self::Unsupported { op, reason } => write!(out, "operation {op}: {}", visible(reason)),
            Self::Unjudged { consistency, reason } => {
                write!(out, "`{consistency}` is not judged: {}", visible(reason))
            }
            Self::Unheld { key, held_events, events, bytes } => {
                if let Some(key) = key {
                    write!(out, "key {key}: ")?;
                }
                let mib = bytes.div_ceil(1 << 20);
                write!(
                    out,
                    "only its first {held_events} of {events} events could be held, in {mib} MiB"
                )
            }
            Self::Unread { line, reason, .. } => {
                write!(out, "nothing from line {line} on was judged: {}", visible(reason))
            }
            Self::Stopped { key, proved_events, events } => {
                if let Some(key) = key {
                    write!(out, "key {key}: ")?;
                }
                write!(
                    out,
                    "stopped on request; {proved_events} of {events} events are proved consistent"
                )
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn invalid_beats_unknown_and_unknown_beats_valid() {
        let valid = || Verdict::<u8>::valid("zones");
        let unknown = || Verdict::<u8>::unknown(Doubt::Vacuous { reason: "nothing".into() });
        assert!(valid().and(valid()).is_valid());
        assert!(valid().and(unknown()).is_unknown());
        assert!(unknown().and(Verdict::invalid(1)).is_invalid());
        let both = Verdict::invalid(1).and(Verdict::invalid(2));
        assert_eq!(both.anomalies().copied().collect::<Vec<_>>(), [1, 2]);
        assert_eq!(unknown().and(unknown()).doubts().count(), 2);
    }
}
