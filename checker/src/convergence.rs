//! Eventual convergence: once all is healed and quiet, do the replicas agree, and is everything
//! still there that was acknowledged?
//!
//! The property is about *final reads*: reads marked as final, each of one node's own copy, made
//! when nothing else goes on. The last one that succeeded at a node speaks for it; where no node is
//! named, the process that read stands for a replica. The checker takes the harness's word that
//! the cluster had settled; it sets aside whatever was still going on when the final reads began.
//!
//! **Set** (`add`, `remove`, `read` of all elements), in the words of Jepsen's `set-full`, for an
//! element that was never asked to be removed:
//!
//! | an element is | when |
//! |---|---|
//! | acknowledged | some `add` of it returned before the final reads began |
//! | lost | it is acknowledged, or an earlier read showed it, and it is in no final read |
//! | diverged | it is in some final reads and not in others |
//! | recovered | it is in a final read though no `add` of it was acknowledged |
//! | never read | it may have been added, no read ever showed it, and it is not lost |
//! | stale | it was known (an `add` returned, or a read that showed it), and a later read missed it |
//! | resurrected | one replica's reads showed it, then missed it, then showed it again, one after the other |
//!
//! Lost and diverged elements are anomalies; so are elements in a read that were never added, whose
//! `add` had failed, that appear twice, or that are in a final read though a `remove` was
//! acknowledged after every `add` of them had ended. Stale and resurrected ones are what eventual
//! consistency allows on the way: they are named, and are no anomalies here.
//!
//! **List** (`append`, `read` of all items, by key): the same of its items. Replicas whose final reads
//! show the same items in different orders diverge, too: a list grows at its end only.
//!
//! **Register** (`write`, `cas`, `read`, by key): replicas that read different values diverge. An
//! acknowledged write is *lost* if, for every final read of its key, all that may have written the
//! value read had ended before the write began (or the read found nothing at all, and it is the
//! register's first value). Being overwritten cannot explain that: the value read is older. It
//! implies that the history is not linearizable: the read follows the write in real time, the
//! write follows every writer of the value read, so the write comes between them in every order.
//!
//! **Multi-value register** (`write`, `read` of all values that are left, by key): the same of its values.
//! Replicas diverge if one has a value that another has not. An acknowledged write is lost if that is so for
//! every value of every final read of its key: a write can only be overwritten by one that began after it
//! did, and that by another. [`MvRegister`](crate::Invariant::MvRegister) tells more.
//!
//! **Counter** (`add`, `read`, by key), in the words of Jepsen's `counter`: replicas that count
//! differently diverge. Additions that were acknowledged before the final reads began have taken
//! effect, and any other that did not fail may have. A sum outside the bounds that this leaves, in
//! every final read, means that an acknowledged addition was *lost*. A sum that is more than all
//! positive amounts, or less than all negative ones, is *out of bounds* whatever was acknowledged:
//! something was counted twice, or was never added. Sums within the bounds that no choice of
//! additions makes are not looked for.
//!
//! O(n + r log r) for n operations and r values read in all. Unknown if nothing was acknowledged or
//! if final reads are missing.

mod anomaly;
mod counter;
mod register;
mod replicas;
mod set;

pub(crate) use replicas::final_reads;

use std::sync::Arc;

use crate::groups::{First, LAST};
use crate::history::part;
use crate::{
    Anomaly, Certificate, ConvergenceKind, Doubt, History, OpIndex, Part, Value, Verdict, visible,
};

/// The verdict on a history's final reads, and what became of what was acknowledged.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "json", derive(serde::Serialize, serde::Deserialize))]
pub struct ConvergenceReport {
    /// What kind of object was to converge.
    pub kind: ConvergenceKind,
    /// The conclusion.
    pub verdict: Verdict<Anomaly>,
    /// What could not be judged, beside an anomaly too. A caller that asks about some classes of
    /// anomaly only must not take the absence of those for an answer.
    pub doubts: Vec<Doubt>,
    /// The replicas heard in final reads.
    pub replicas: Vec<Arc<str>>,
    /// Elements or writes that were acknowledged.
    pub acknowledged: u64,
    /// Acknowledged, and gone. Of a counter: the amount that is missing.
    pub lost: Vec<Named>,
    /// There at some replicas but not at others.
    pub diverged: Vec<Named>,
    /// There, though nobody knew.
    pub recovered: Vec<Named>,
    /// Perhaps there, and never seen. Of sets only: a register's values come and go unseen.
    pub never_read: Vec<Named>,
    /// Known, and then missed by a read. Of sets only.
    pub stale: Vec<Named>,
    /// Seen, missed and seen again at one replica. Of sets only.
    pub resurrected: Vec<Named>,
}

/// An element or a value, and the object it belongs to.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[cfg_attr(feature = "json", derive(serde::Serialize, serde::Deserialize))]
pub struct Named {
    /// The object, where there are several.
    pub key: Option<Value>,
    /// The element or value.
    pub value: Value,
}

/// Judges the final reads of `history`.
pub fn check(history: &History, kind: ConvergenceKind) -> ConvergenceReport {
    let mut judge = Judge::new(kind);
    judge.add(history);
    judge.finish(history.nodes().count() as u64)
}

/// Judges a history that comes in groups of keys: each key's part is in one of them.
#[derive(Clone, Debug)]
pub struct Judge {
    report: ConvergenceReport,
    anomalies: First<Anomaly>,
    doubts: First<Doubt>,
    keep: usize,
}

impl Judge {
    /// For an empty history.
    pub fn new(kind: ConvergenceKind) -> Self {
        Self::keeping(kind, usize::MAX)
    }

    /// The same, but the report holds at most `keep` anomalies and `keep` doubts, to bound memory.
    pub fn keeping(kind: ConvergenceKind, keep: usize) -> Self {
        let report = ConvergenceReport {
            kind,
            verdict: Verdict::Valid { certificate: Certificate::default() },
            doubts: Vec::new(),
            replicas: Vec::new(),
            acknowledged: 0,
            lost: Vec::new(),
            diverged: Vec::new(),
            recovered: Vec::new(),
            never_read: Vec::new(),
            stale: Vec::new(),
            resurrected: Vec::new(),
        };
        Self { report, anomalies: First::default(), doubts: First::default(), keep }
    }

    /// Judges the parts of this group.
    pub fn add(&mut self, history: &History) {
        let (kind, report) = (self.report.kind, &mut self.report);
        for part in part::split(history) {
            // Operations without a key are reported last.
            let place = match (&part.key, part.operations.first()) {
                (Some(_), Some(first)) => history.invoked[first.get()],
                _ => LAST,
            };
            let finals = final_reads(history, &part);
            if finals.is_empty() {
                if acknowledges(history, &part) {
                    let of = part.key.as_ref().map_or_else(String::new, |key| format!(" of {key}"));
                    let reason = format!("no final read{of} succeeded");
                    self.doubts.add(place, Doubt::Vacuous { reason });
                }
                continue;
            }
            let outcome = match kind {
                ConvergenceKind::Set | ConvergenceKind::List => {
                    set::judge(history, &part, &finals, report)
                }
                ConvergenceKind::Register | ConvergenceKind::MultiValue => {
                    register::judge(history, &part, &finals, report)
                }
                ConvergenceKind::Counter => counter::judge(history, &part, &finals, report),
            };
            report.replicas.extend(finals.into_iter().map(|read| read.replica));
            match outcome {
                Ok(found) => {
                    for verdict in found.into_iter().map(Verdict::invalid) {
                        let lifted = history.in_whole(verdict);
                        lifted.anomalies().for_each(|it| self.anomalies.add(place, it.clone()));
                    }
                }
                Err((op, reason)) => {
                    let op = history.place_in_whole(op);
                    self.doubts.add(place, Doubt::Unsupported { op, reason });
                }
            }
        }
        report.replicas.sort();
        report.replicas.dedup();
        let ConvergenceReport { lost, diverged, recovered, never_read, stale, resurrected, .. } =
            &mut self.report;
        for list in [lost, diverged, recovered, never_read, stale, resurrected] {
            list.truncate(self.keep);
        }
        self.doubts.trim(self.keep);
        self.anomalies.trim(self.keep);
    }

    /// Takes note of something that could not be judged.
    pub fn doubt(&mut self, doubt: Doubt) {
        self.doubts.add(LAST, doubt);
    }

    /// The report on all groups of a history in which `nodes` nodes were asked.
    pub fn finish(self, nodes: u64) -> ConvergenceReport {
        let Self { mut report, anomalies, doubts, .. } = self;
        report.doubts = doubts.into_kept().collect();
        if report.acknowledged == 0 && report.doubts.is_empty() {
            report.doubts.push(Doubt::Vacuous { reason: "nothing was acknowledged".to_owned() });
        }
        if report.replicas.len() == 1 && nodes > 1 {
            let reason = format!("only {} answered final reads", visible(&report.replicas[0]));
            report.doubts.push(Doubt::Vacuous { reason });
        }
        let doubts = report.doubts.iter().cloned().map(Verdict::unknown);
        let verdicts = anomalies.into_kept().map(Verdict::invalid).chain(doubts);
        report.verdict = verdicts.fold(Verdict::valid("final-reads"), Verdict::and);
        report
    }
}

/// Whether something of a part was acknowledged, apart from reads.
pub(crate) fn acknowledges(history: &History, part: &Part) -> bool {
    part.operations.iter().any(|&op| {
        history.outcome_id(op).ok().is_some() && !matches!(history.f(op), "read" | "get")
    })
}

/// An operation, and what is wrong with it.
type NotUnderstood = (OpIndex, String);

#[cfg(test)]
mod tests;
