//! A run from its record: all but the history that judging it again takes.

use rashomon_results::{
    BreachRecord, BreakdownRecord, DriverRecord, EfficacyRecord, KnownRecord, PartRecord,
    RestRecord, RunRecord, SpanRecord, StopReason, WhoseRecord,
};
use rashomon_targets::{FaultKind, NodeId, SafetyProperty};
use rashomon_workloads::Kind;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::doubt::Whose;
use crate::fault::{Efficacy, FaultChoice};
use crate::regions::Regions;
use crate::run::drive::{Driven, Ended, Rest, SpanOutcome, Unread};
use crate::run::recorder::Sighting;
use crate::safety::Breach;
use crate::settings::{Driver, Settings};
use crate::subject::Subject;
use crate::world::{Breakdown, Part};

/// What was run.
///
/// # Errors
/// Names what this build does not know.
pub(crate) fn settings(record: &RunRecord) -> Result<Settings, String> {
    let target: Subject = reshaped(&record.target).map_err(|why| format!("target: {why}"))?;
    let workload = Kind::ALL.into_iter().find(|kind| kind.name() == record.workload);
    let workload = workload.ok_or_else(|| format!("no workload {:?}", record.workload))?;
    let driver = match record.driver {
        DriverRecord::Cluster => Driver::Cluster,
        DriverRecord::Simulation => Driver::Simulation,
    };
    let fault = |name: &String| {
        let known = FaultKind::ALL.into_iter().find(|kind| kind.name() == name);
        known.ok_or_else(|| format!("no kind of fault {name:?}"))
    };
    let mut settings = Settings::new(target, workload, driver, record.seed);
    let sizes = &record.settings;
    settings.build.clone_from(&record.build.version);
    settings.faults = sizes.faults.iter().map(fault).collect::<Result<_, _>>()?;
    settings.time_ms = sizes.time_ms;
    settings.ops = sizes.ops;
    settings.rate = sizes.rate;
    settings.ready_within_ms = sizes.ready_within_ms;
    settings.fault_choice =
        if sizes.faults_named { FaultChoice::Named } else { FaultChoice::Unnamed };
    settings.fail_fast = sizes.fail_fast;
    settings.require.clone_from(&sizes.require);
    let regions = |(count, across_ms)| Regions { count, across_ms };
    settings.regions = sizes.regions.zip(sizes.across_ms).map(regions);
    settings.processes = sizes.processes;
    settings.keys = sizes.keys;
    settings.ops_per_key = sizes.ops_per_key;
    settings.validate()?;
    Ok(settings)
}

/// What the run knew at its end.
///
/// # Errors
/// Names the fault that this build does not know.
pub(crate) fn driven(record: &RunRecord) -> Result<Driven, String> {
    let known = &record.known;
    let unread = known.unread.iter().map(|unread| Unread {
        key: unread.key.clone(),
        node: NodeId(unread.node),
        why: unread.why.clone(),
    });
    let sighting = known.sighting.as_ref();
    Ok(Driven {
        spans: record.evidence.faults.iter().map(span).collect::<Result<_, _>>()?,
        rest: rest(known),
        unread: unread.collect(),
        breakdowns: known.breakdowns.iter().map(breakdown).collect(),
        breaches: known.breaches.iter().map(breach).collect::<Result<_, _>>()?,
        sighting: sighting
            .map(|sighting| Sighting { at: sighting.at, anomaly: sighting.anomaly.clone() }),
        ended: match record.stopped {
            None => Ended::InTime,
            Some(stop) => match stop.why {
                StopReason::Violation => Ended::Violation { at: stop.at },
                StopReason::Interrupted => Ended::Interrupted { at: stop.at },
            },
        },
        end: known.end,
        bug_hits: record.evidence.bug_hits,
    })
}

fn breach(breach: &BreachRecord) -> Result<Breach, String> {
    let property = SafetyProperty::ALL.into_iter().find(|it| it.name() == breach.property);
    let property = property
        .ok_or_else(|| format!("this build knows no safety property `{}`", breach.property))?;
    Ok(Breach { property, at: breach.at, what: breach.what.clone() })
}

/// Whether the cluster came to rest. An earlier rashomon did not tell whether anybody had looked.
fn rest(known: &KnownRecord) -> Rest {
    match (known.rest, known.settled) {
        (Some(RestRecord::Rested), _) | (None, true) => Rest::Rested,
        (Some(RestRecord::NotRested), _) | (None, false) => Rest::NotRested,
        (Some(RestRecord::NotLooked), _) => Rest::NotLooked,
    }
}

/// The same data in its own type; a name or a parameter that this does not have is an error that names it.
fn reshaped<T: DeserializeOwned + Serialize>(data: &impl Serialize) -> Result<T, String> {
    serde_json::to_value(data).and_then(serde_json::from_value).map_err(|error| error.to_string())
}

fn span(span: &SpanRecord) -> Result<SpanOutcome, String> {
    let planned = reshaped(&span.fault).map_err(|why| format!("fault {}: {why}", span.fault.id))?;
    Ok(SpanOutcome {
        span: planned,
        on: span.on.iter().copied().map(NodeId).collect(),
        struck: span.struck,
        healed: span.healed,
        efficacy: efficacy(span.efficacy),
    })
}

/// What a fault did. A record of an earlier version does not tell which messages were sent for operations: then
/// all count as such.
pub(crate) fn efficacy(efficacy: EfficacyRecord) -> Efficacy {
    let EfficacyRecord {
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
    } = efficacy;
    let of_operations = of_operations.unwrap_or(dropped + held + changed);
    let (overlapped, failed) = (overlapped.unwrap_or(of_operations), failed.unwrap_or(0));
    Efficacy {
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
    }
}

fn breakdown(breakdown: &BreakdownRecord) -> Breakdown {
    Breakdown {
        part: match breakdown.part {
            PartRecord::Node(node) => Part::Node(NodeId(node)),
            PartRecord::Link { from, to } => Part::Link { from: NodeId(from), to: NodeId(to) },
            PartRecord::Clients => Part::Clients,
            PartRecord::Harness => Part::Harness,
        },
        whose: match breakdown.whose {
            WhoseRecord::Target => Whose::Target,
            WhoseRecord::Harness => Whose::Harness,
            WhoseRecord::Environment => Whose::Environment,
            WhoseRecord::Budget => Whose::Budget,
        },
        what: breakdown.what.clone(),
    }
}
