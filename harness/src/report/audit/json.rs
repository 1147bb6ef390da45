//! An audit, for machines.

use rashomon_results::ClaimRecord;
use rashomon_results::strict::{Header, Stamped};
use serde::Serialize;

use super::{ToldAudit, place};
use crate::audit::{AuditedDesign, ClaimTally, StrongerModel};
use crate::campaign::{Cut, wilson};
use crate::record::claim;

/// What it says first.
const HEADER: Header = Header { format: "rashomon-audit", version: 1 };

/// An audit as far as it came.
#[derive(Serialize)]
pub(crate) struct AuditReport {
    verdict: &'static str,
    exit: u8,
    seed: u64,
    seeds: u64,
    runs: u64,
    asked: u64,
    interrupted: bool,
    budget_spent: bool,
    seconds: f64,
    designs: Vec<ReportedDesign>,
}

/// A design.
#[derive(Serialize)]
struct ReportedDesign {
    flags: Vec<String>,
    variant: String,
    claim: ClaimRecord,
    tested: Vec<ReportedClaim>,
    stronger: Vec<ReportedStronger>,
}

/// A check that a claim requires.
#[derive(Serialize)]
struct ReportedClaim {
    objects: &'static str,
    check: &'static str,
    survived: u64,
    refuted_in: u64,
    unknown: u64,
    refuted_low: Option<f64>,
    refuted_high: Option<f64>,
    faults_met: Vec<&'static str>,
    why: Option<String>,
    again: Option<String>,
}

/// A model above a claim.
#[derive(Serialize)]
struct ReportedStronger {
    objects: &'static str,
    consistency: &'static str,
    place: &'static str,
    runs: u64,
    refuted_by: Option<ReportedRefutation>,
}

/// A run that refutes a model.
#[derive(Serialize)]
struct ReportedRefutation {
    consistency: &'static str,
    seed: u64,
    why: String,
    again: String,
}

/// Everything.
pub(crate) fn audit_report(told: &ToldAudit<'_>) -> Stamped<AuditReport> {
    let exit = told.exit();
    HEADER.on(AuditReport {
        verdict: exit.word(),
        exit: exit.number(),
        seed: told.seeds.first,
        seeds: told.seeds.count,
        runs: told.runs,
        asked: told.planned,
        interrupted: told.cut == Some(Cut::Interrupted),
        budget_spent: told.cut == Some(Cut::Budget),
        seconds: told.elapsed.as_secs_f64(),
        designs: told.designs.iter().map(reported_design).collect(),
    })
}

fn reported_design(design: &AuditedDesign) -> ReportedDesign {
    let above = design.classes.iter().flat_map(|(class, of)| {
        of.stronger().into_iter().map(|model| reported_stronger(class.name(), model))
    });
    let tested = design.claims();
    ReportedDesign {
        flags: design.target.flags(),
        variant: design.target.variant(),
        claim: claim(&design.claim),
        stronger: above.collect(),
        tested: tested.map(|(class, check, of)| reported_claim(class, check, of)).collect(),
    }
}

fn reported_claim(objects: &'static str, check: &'static str, of: &ClaimTally) -> ReportedClaim {
    let interval = wilson(of.refuted, of.decided());
    ReportedClaim {
        objects,
        check,
        survived: of.survived,
        refuted_in: of.refuted,
        unknown: of.unknown,
        refuted_low: interval.map(|it| it[0]),
        refuted_high: interval.map(|it| it[1]),
        faults_met: of.faults.iter().copied().collect(),
        why: of.first.as_ref().map(|(_, why)| why.clone()),
        again: of.first.as_ref().map(|(again, _)| again.clone()),
    }
}

fn reported_stronger(objects: &'static str, of: StrongerModel) -> ReportedStronger {
    let place = place(&of);
    let refuted_by = of.refuted.map(|it| ReportedRefutation {
        consistency: it.by.name(),
        seed: it.seed,
        why: it.why,
        again: it.again,
    });
    let consistency = of.model.name();
    ReportedStronger { objects, consistency, place, runs: of.runs, refuted_by }
}
