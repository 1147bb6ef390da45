//! A run as plain facts.

use rashomon_results::{
    BreachRecord, BreakdownRecord, BuildRecord, CheckRecord, CheckVerdict, ClaimRecord,
    DoubtRecord, DriverRecord, EfficacyRecord, EvidenceRecord, FaultRecord, KnownRecord,
    PartRecord, RequiredBy, RequiredRecord, RestRecord, RunRecord, RunVerdict, SettingsRecord,
    SightingRecord, SpanRecord, StopReason, StopRecord, TargetRecord, UnreadRecord, WhoseRecord,
};
use rashomon_targets::{Claim, FaultKind, ObjectClass};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::availability::availability;
use crate::doubt::{Doubt, Whose};
use crate::execute::Finished;
use crate::fault::Efficacy;
use crate::judge::{By, CheckFinding, Outcome, Requirement};
use crate::run::drive::{Driven, Ended, Rest, SpanOutcome};
use crate::safety::Breach;
use crate::settings::{Driver, Settings};
use crate::subject::Subject;
use crate::world::{Breakdown, Part};

/// A finished run, and what is known of it apart from what came of it.
pub(crate) struct Told<'a> {
    /// The build that ran it.
    pub(crate) build: BuildRecord,
    /// What was run.
    pub(crate) settings: &'a Settings,
    /// What came of it.
    pub(crate) finished: &'a Finished,
    /// Its folder, if it was kept.
    pub(crate) folder: Option<String>,
    /// Whether its plan is the one that its seed draws, so that the command tells it all.
    pub(crate) plan_is_drawn: bool,
}

/// The record of a run.
pub(crate) fn record(told: Told<'_>) -> RunRecord {
    let Told { build, settings, finished, folder, plan_is_drawn } = told;
    let claim = settings.target.claim();
    let (judgement, driven) = (&finished.judgement, &finished.driven);
    RunRecord {
        format: RunRecord::HEADER.format.to_owned(),
        version: RunRecord::HEADER.version,
        verdict: verdict(judgement.outcome()),
        exit: finished.exit().number(),
        run: folder,
        build,
        seed: settings.seed,
        driver: match settings.driver {
            Driver::Cluster => DriverRecord::Cluster,
            Driver::Simulation => DriverRecord::Simulation,
        },
        workload: settings.workload.clone(),
        target: target(&settings.target),
        settings: sizes(settings),
        claim_broken: judgement.breaks_claim(),
        claim: self::claim(&claim),
        required: required(&judgement.requirement),
        checks: judgement.checks.iter().map(check).collect(),
        ledger: judgement.ledger.clone(),
        doubts: judgement.doubts.iter().map(doubt).collect(),
        known: known(driven),
        stopped: match driven.ended {
            Ended::InTime => None,
            Ended::Violation { at } => Some(StopRecord { at, why: StopReason::Violation }),
            Ended::Interrupted { at } => Some(StopRecord { at, why: StopReason::Interrupted }),
        },
        evidence: EvidenceRecord {
            operations: finished.tally.invoked,
            ok: finished.tally.ok,
            fail: finished.tally.fail,
            info: finished.tally.info,
            concurrency: finished.history.peak_concurrency().into(),
            bug_hits: driven.bug_hits,
            judged_seconds: finished.judged_in.as_secs(),
            faults: driven.spans.iter().map(span).collect(),
            availability: Some(availability(&finished.history, &driven.spans)),
        },
        again: settings.command().filter(|_| plan_is_drawn),
    }
}

fn verdict(outcome: Outcome) -> RunVerdict {
    match outcome {
        Outcome::Valid => RunVerdict::Valid,
        Outcome::Violation => RunVerdict::Violation,
        Outcome::Unknown => RunVerdict::Unknown,
    }
}

/// The same data in another type of the same shape: settings of a target and parameters of a fault
/// are known by their own types only, and the record keeps them as they write themselves.
fn reshaped<T: DeserializeOwned>(data: &impl Serialize) -> T {
    serde_json::to_value(data)
        .and_then(serde_json::from_value)
        .expect("a test has every target and every kind of fault reshaped")
}

pub(super) fn target(target: &Subject) -> TargetRecord {
    reshaped(target)
}

pub(super) fn sizes(settings: &Settings) -> SettingsRecord {
    SettingsRecord {
        faults: settings.faults.iter().map(|kind| kind.name().to_owned()).collect(),
        time_ms: settings.time_ms,
        ops: settings.ops,
        rate: settings.rate,
        ready_within_ms: settings.ready_within_ms,
        faults_named: settings.fault_choice.is_named(),
        fail_fast: settings.fail_fast,
        require: settings.require.clone(),
        regions: settings.regions.map(|regions| regions.count),
        across_ms: settings.regions.map(|regions| regions.across_ms),
        processes: settings.processes,
        keys: settings.keys,
        ops_per_key: settings.ops_per_key,
    }
}

/// A claim as it is stored.
pub(crate) fn claim(claim: &Claim) -> ClaimRecord {
    let names = |kinds: &[FaultKind]| kinds.iter().map(|kind| kind.name().to_owned()).collect();
    ClaimRecord {
        text: claim.to_string(),
        registers: claim.registers.name().to_owned(),
        sets: claim.of(ObjectClass::Set).name().to_owned(),
        counters: claim.counters.name().to_owned(),
        concurrent_writes: claim.concurrent_writes.name().to_owned(),
        sessions: claim.sessions,
        durable: claim.durable,
        converges: claim.converges,
        under: names(&claim.under),
        registers_only_converge_under: names(&claim.registers_only_converge_under),
        safety: claim.safety.iter().map(|property| property.name().to_owned()).collect(),
        because: claim.because.clone(),
    }
}

fn required(requirement: &Requirement) -> RequiredRecord {
    RequiredRecord {
        by: match requirement.by {
            By::Claim => RequiredBy::Claim,
            By::Flag => RequiredBy::Flag,
        },
        checks: requirement.names().map(str::to_owned).collect(),
        uncovered: requirement.uncovered.iter().map(|kind| kind.name().to_owned()).collect(),
    }
}

fn check(report: &CheckFinding) -> CheckRecord {
    CheckRecord {
        check: report.check.name().to_owned(),
        verdict: match report.outcome() {
            Outcome::Valid => CheckVerdict::Valid,
            Outcome::Violation => CheckVerdict::Invalid,
            Outcome::Unknown if !report.judged => CheckVerdict::NotJudged,
            Outcome::Unknown => CheckVerdict::Unknown,
        },
        required: report.required,
        promised: report.promised,
        anomalies: report.anomalies.clone(),
        suspected: report.suspected.clone(),
        doubts: report.doubts.iter().map(doubt).collect(),
    }
}

/// A doubt as it is stored.
pub(crate) fn doubt(doubt: &Doubt) -> DoubtRecord {
    let (whose, what, advice) = (whose(doubt.whose), doubt.what.clone(), doubt.advice.clone());
    DoubtRecord { whose, what, advice }
}

fn whose(whose: Whose) -> WhoseRecord {
    match whose {
        Whose::Target => WhoseRecord::Target,
        Whose::Harness => WhoseRecord::Harness,
        Whose::Environment => WhoseRecord::Environment,
        Whose::Budget => WhoseRecord::Budget,
    }
}

fn known(driven: &Driven) -> KnownRecord {
    let unread = driven.unread.iter().map(|unread| UnreadRecord {
        key: unread.key.clone(),
        node: unread.node.0,
        why: unread.why.clone(),
    });
    let sighting = driven
        .sighting
        .as_ref()
        .map(|sighting| SightingRecord { at: sighting.at, anomaly: sighting.anomaly.clone() });
    KnownRecord {
        settled: driven.rest == Rest::Rested,
        rest: Some(match driven.rest {
            Rest::Rested => RestRecord::Rested,
            Rest::NotRested => RestRecord::NotRested,
            Rest::NotLooked => RestRecord::NotLooked,
        }),
        unread: unread.collect(),
        breakdowns: driven.breakdowns.iter().map(breakdown).collect(),
        breaches: driven.breaches.iter().map(breach).collect(),
        sighting,
        end: driven.end,
    }
}

fn breach(breach: &Breach) -> BreachRecord {
    BreachRecord {
        property: breach.property.name().to_owned(),
        at: breach.at,
        what: breach.what.clone(),
    }
}

fn breakdown(breakdown: &Breakdown) -> BreakdownRecord {
    BreakdownRecord {
        part: match breakdown.part {
            Part::Node(node) => PartRecord::Node(node.0),
            Part::Link { from, to } => PartRecord::Link { from: from.0, to: to.0 },
            Part::Clients => PartRecord::Clients,
            Part::Harness => PartRecord::Harness,
        },
        whose: whose(breakdown.whose),
        what: breakdown.what.clone(),
    }
}

fn span(outcome: &SpanOutcome) -> SpanRecord {
    let Efficacy {
        dropped,
        held,
        changed,
        of_operations,
        overlapped,
        failed,
        killed,
        records_lost,
        stalled,
        clocks_set,
        disk_hits,
        members_changed,
    } = outcome.efficacy;
    let fault: FaultRecord = reshaped(&outcome.span);
    SpanRecord {
        what: outcome.span.fault.to_string(),
        kind: outcome.span.kind().to_owned(),
        on: outcome.on.iter().map(|node| node.0).collect(),
        struck: outcome.struck,
        healed: outcome.healed,
        efficacy: EfficacyRecord {
            dropped,
            held,
            changed,
            of_operations: Some(of_operations),
            overlapped: Some(overlapped),
            failed: Some(failed),
            killed,
            records_lost,
            stalled,
            clocks_set,
            disk_hits,
            members_changed,
        },
        fault,
    }
}
