//! Final reads: which of them speak for a replica, and what follows where there are none.

use std::collections::BTreeSet;

use super::report::Findings;
use crate::convergence;
use crate::{History, OpIndex, Part};

/// The last final read that succeeded at each replica: earlier ones may have been of an old copy.
pub(super) fn speaking(history: &History, part: &Part) -> BTreeSet<OpIndex> {
    convergence::final_reads(history, part).into_iter().map(|read| read.op).collect()
}

/// Notes that something of this key was acknowledged, and that no final read of it succeeded.
pub(super) fn lack(findings: &mut Findings<'_>, part: &Part) {
    if convergence::acknowledges(findings.history, part) {
        let of = part.key.as_ref().map_or_else(String::new, |key| format!(" of {key}"));
        findings.vacuous(&format!("no final read{of} succeeded"));
    }
}
