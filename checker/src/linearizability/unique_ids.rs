//! A source of unique numbers.
//!
//! # What is decided
//!
//! Every history.
//!
//! # Why it is exact
//!
//! What was handed out depends on nothing but what was handed out before, so that every order of calls
//! that returned different things explains them, and none explains two that returned the same. A call
//! whose return was lost may have returned something that nobody else saw.

use rustc_hash::FxHashMap;

use super::violation::{MonitorVerdict, Violation};
use crate::plant::{Bug, planted};
use crate::{Call, Observed, OpIndex, Value};

/// Whether no two calls returned the same. O(n).
pub fn check(calls: &[Call<(), Value>]) -> MonitorVerdict {
    let mut by: FxHashMap<&Value, OpIndex> = FxHashMap::default();
    for call in calls {
        let Observed::Returned(id) = &call.seen else { continue };
        if let Some(&first) = by.get(id)
            && !(planted(Bug::IdsForgetNext) && first.0 + 1 == call.index.0)
        {
            let reason = Violation::HandedOutTwice { first, again: call.index };
            return MonitorVerdict::invalid(vec![first, call.index], reason);
        }
        by.insert(id, call.index);
    }
    MonitorVerdict::Valid
}
