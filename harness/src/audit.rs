//! An audit: in how many runs each claim of a design survived, and which stronger models the same runs refute.
//!
//! A claim that no run refutes may still be too modest. So each run is also judged by the models that the
//! design does *not* claim: one that a run refutes could not be claimed, and the run shows why.

mod beyond;
mod design;
mod history;
mod job;
mod judged;
mod target;
mod written;

#[cfg(test)]
mod tests;

pub(crate) use beyond::{Unclaimed, strongest, weakest};
pub(crate) use design::{
    AuditedClass, AuditedDesign, ClaimTally, ModelPlace, Refutation, StrongerModel,
};
pub(crate) use history::{HistorySource, JudgedHistory, JudgedRun};
pub(crate) use job::{AuditRun, designs, execute_audited, round};
pub(crate) use judged::{ClaimEvidence, ClaimFate, JudgedClaim, SideShare, options};
pub(crate) use target::JudgedTarget;
pub(crate) use written::{
    ClaimedSide, ServedOperations, WrittenClaim, WrittenClaims, WrittenPromise, contradiction,
    question,
};
