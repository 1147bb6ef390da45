//! What goes into a record comes out of it again.

use std::num::NonZeroU32;

use rashomon_checker::Time;
use rashomon_targets::{FaultKind, NodeId, TargetConfig};
use rashomon_workloads::Kind;

use super::*;
use crate::doubt::Whose;
use crate::execute::{self, Finished, Keep};
use crate::fault::bit_flip::BitFlip;
use crate::fault::clock_drift::ClockDrift;
use crate::fault::clock_strobe::ClockStrobe;
use crate::fault::corrupt::Flip;
use crate::fault::disk_error::{DiskError, Step};
use crate::fault::kill::Kill;
use crate::fault::lost_disk::LostDisk;
use crate::fault::lying_fsync::LyingFsync;
use crate::fault::messages::Disorder;
use crate::fault::partition::Silence;
use crate::fault::pause::Pause;
use crate::fault::rate_limit::Rate;
use crate::fault::slow::Slow;
use crate::fault::slow_disk::SlowDisk;
use crate::fault::swizzle::Swizzle;
use crate::fault::torn_write::TornWrite;
use crate::fault::truncate::Truncate;
use crate::fault::{
    Condition, Direction, Efficacy, Fault, FaultChoice, FaultSpan, OnLinks, Origin, Plan, Shape,
    Stretch, Victim, Victims,
};
use crate::identity;
use crate::run::drive::{Driven, Ended, Rest, SpanOutcome, Unread, Watcher};
use crate::settings::{Driver, Settings};
use crate::world::{Breakdown, Part};
use rashomon_results::strict;
use rashomon_results::{RunRecord, RunVerdict};

struct Nobody;

impl Watcher for Nobody {}

/// A small simulated run of this target.
fn run(target: TargetConfig, kind: Kind, plan: Option<Plan>) -> (Settings, Finished) {
    let mut settings = Settings::new(target, kind, Driver::Simulation, 5);
    settings.faults = FaultKind::ALL.to_vec();
    settings.time_ms = 200;
    settings.ops = Some(20);
    settings.rate = Some(700);
    settings.fail_fast = kind == Kind::Register;
    if settings.fail_fast {
        settings.fault_choice = FaultChoice::Unnamed;
    }
    let plan = plan.unwrap_or_else(|| execute::plan(&settings));
    let finished = execute::execute(&settings, &plan, Keep::default(), &mut Nobody);
    (settings, finished.expect("a simulated run that is not kept meets no system"))
}

/// The record, as it is read again from its file.
fn stored(settings: &Settings, finished: &Finished) -> RunRecord {
    let (build, folder) = (identity::build(), Some("somewhere".to_owned()));
    let written = record(Told { build, settings, finished, folder, plan_is_drawn: true });
    let text = serde_json::to_string(&written).unwrap();
    let read: RunRecord = strict::json(&text, RunRecord::HEADER).unwrap();
    assert_eq!(read, written);
    read
}

#[test]
fn every_target_workload_and_kind_of_fault_resolves_when_its_record_is_read() {
    // Each workload with one in five: the record names both, and neither in the words of the other.
    for (row, target) in TargetConfig::every(3..=3).into_iter().enumerate() {
        let kinds = crate::settings::fitting(&target.clone().into()).into_iter();
        for kind in kinds.skip(row % 5).step_by(5) {
            let (settings, finished) = run(target.clone(), kind, None);
            let record = stored(&settings, &finished);
            assert_eq!(super::settings(&record).unwrap(), settings);
            assert_eq!(driven(&record).unwrap(), finished.driven);
        }
    }
}

#[test]
fn every_planted_bug_resolves() {
    for bug in rashomon_targets::Family::bugs() {
        let mut target = TargetConfig::every(3..=3).remove(0);
        target.bugs = vec![bug];
        let read: TargetConfig = serde_json::from_value(
            serde_json::to_value(facts::target(&target.clone().into())).expect("it is plain"),
        )
        .expect("it has the same shape");
        assert_eq!(read, target);
    }
}

/// Every fault there is, of every shape.
fn faults() -> Vec<Fault> {
    let (n1, n2) = (NodeId(1), NodeId(2));
    let victims = [Victim::Node(n2), Victim::Primary];
    let shapes = [Shape::Cut { side: vec![n1, n2] }, Shape::All]
        .into_iter()
        .chain(victims.map(|node| Shape::Isolate { node }));
    let directions = [Direction::Both, Direction::Out, Direction::In];
    let mut all = Vec::new();
    for shape in shapes {
        for direction in directions {
            let on = |effect| OnLinks { shape: shape.clone(), direction, effect }.into();
            all.extend([Silence::Drop, Silence::Hold].map(on));
            let on = |effect| OnLinks { shape: shape.clone(), direction, effect }.into();
            all.extend(
                [
                    Disorder::Loss { per_mille: 3 },
                    Disorder::Delay { mean: 5_000_000 },
                    Disorder::Duplicate { per_mille: 7 },
                    Disorder::Reorder { per_mille: 9, by: 11 },
                ]
                .map(on),
            );
            let rate = Rate { per_second: NonZeroU32::MIN, queue: 3 };
            all.push(OnLinks { shape: shape.clone(), direction, effect: rate }.into());
            let effect = Flip { per_mille: 13 };
            all.push(OnLinks { shape: shape.clone(), direction, effect }.into());
        }
    }
    all.extend(
        victims.iter().flat_map(|&node| [Kill { node: node.into() }.into(), Pause { node }.into()]),
    );
    all.push(Kill { node: Victims::All }.into());
    let [stops, goes] = [3, 5].map(Stretch::of_ms);
    all.extend(victims.map(|node| Slow { node, stops, goes }.into()));
    all.push(Swizzle { order: vec![n1, n2], back: vec![n2, n1] }.into());
    for node in victims {
        let every = Stretch::of_ms(3);
        all.extend([
            ClockStrobe { node, ahead: -5, every }.into(),
            ClockDrift { node, gains: -7 }.into(),
        ]);
        all.extend([Step::Write, Step::Sync, Step::Full].map(|on| DiskError { node, on }.into()));
        all.extend([SlowDisk { node, by: 5 }.into(), TornWrite { node }.into()]);
        all.extend([BitFlip { node, bit: 7 }.into(), Truncate { node, records: 3 }.into()]);
        all.extend([LyingFsync { node }.into(), LostDisk { node }.into()]);
    }
    all
}

/// What a run may know at its end, one after another.
fn endings(finished: &Finished) -> Vec<Driven> {
    let plain = &finished.driven;
    let [n1, n2] = [NodeId(1), NodeId(2)];
    let parts = [Part::Node(n1), Part::Link { from: n1, to: n2 }, Part::Clients, Part::Harness];
    let whose = [Whose::Target, Whose::Harness, Whose::Environment, Whose::Budget];
    let breakdowns = parts.into_iter().zip(whose);
    let spans = faults().into_iter().zip(0..).map(|(fault, id)| SpanOutcome {
        span: FaultSpan {
            id,
            fault,
            start: Time(1 + u64::from(id)),
            lasts: Time(2),
            once: Some(Condition::Undurable),
            origin: [Origin::Written, Origin::Drawn][id as usize % 2],
        },
        on: [n1, n2][..id as usize % 3].to_vec(),
        struck: (id % 3 > 0).then_some(Time(3)),
        healed: (id % 3 > 1).then_some(Time(4)),
        efficacy: Efficacy {
            dropped: 1,
            held: 2,
            changed: 3,
            of_operations: 5,
            overlapped: 6,
            failed: 1,
            killed: 4,
            records_lost: 5,
            stalled: u64::from(id),
            clocks_set: 2,
            disk_hits: 3,
            members_changed: 4,
        },
    });
    vec![
        Driven { spans: spans.collect(), ..plain.clone() },
        Driven {
            rest: Rest::NotRested,
            unread: vec![Unread { key: "k".to_owned(), node: n2, why: "late".to_owned() }],
            breakdowns: breakdowns
                .map(|(part, whose)| Breakdown { part, whose, what: "broke".to_owned() })
                .collect(),
            bug_hits: 17,
            ..plain.clone()
        },
        Driven { rest: Rest::NotLooked, ..plain.clone() },
        Driven { ended: Ended::Violation { at: Time(7) }, ..plain.clone() },
        Driven { ended: Ended::Interrupted { at: Time(8) }, ..plain.clone() },
    ]
}

#[test]
fn every_fault_and_all_that_a_run_knows_at_its_end_is_read_as_it_was() {
    let target = TargetConfig::every(3..=3).remove(0);
    let (settings, mut finished) = run(target, Kind::Register, Some(Plan::default()));
    for driven in endings(&finished) {
        finished.driven = driven;
        let record = stored(&settings, &finished);
        assert_eq!(super::driven(&record).unwrap(), finished.driven);
    }
}

#[test]
fn a_name_that_this_build_does_not_know_is_told() {
    let target = TargetConfig::every(3..=3).remove(0);
    let (settings, mut finished) = run(target, Kind::Register, Some(Plan::default()));
    finished.driven = endings(&finished).remove(0);
    let record = stored(&settings, &finished);
    let told = |change: fn(&mut RunRecord)| {
        let mut record = record.clone();
        change(&mut record);
        super::settings(&record).err().or_else(|| driven(&record).err()).unwrap_or_default()
    };
    assert!(told(|it| it.workload = "casino".to_owned()).contains("\"casino\""));
    assert!(told(|it| it.target.target = "paxos".to_owned()).contains("`paxos`"));
    assert!(told(|it| it.settings.faults.push("meteor".to_owned())).contains("\"meteor\""));
    assert!(told(|it| it.evidence.faults[0].fault.fault = "meteor".to_owned()).contains("meteor"));
    assert!(told(|_| ()).is_empty());
}

#[test]
fn the_record_says_what_was_judged() {
    let target = TargetConfig::every(3..=3).remove(0);
    let (settings, finished) = run(target, Kind::Register, Some(Plan::default()));
    let record = stored(&settings, &finished);
    assert_eq!(record.verdict, RunVerdict::Valid, "{record:#?}");
    assert_eq!(record.checks.len(), finished.judgement.checks.len());
    assert_eq!(record.evidence.operations, finished.history.len() as u64);
    assert_eq!(record.ledger, finished.judgement.ledger);
}

#[test]
fn a_record_that_only_tells_whether_the_cluster_settled_is_read_as_rest_or_none() {
    let target = TargetConfig::every(3..=3).remove(0);
    let (settings, finished) = run(target, Kind::Register, Some(Plan::default()));
    let mut record = stored(&settings, &finished);
    for (settled, rest) in [(true, Rest::Rested), (false, Rest::NotRested)] {
        (record.known.settled, record.known.rest) = (settled, None);
        assert_eq!(driven(&record).unwrap().rest, rest);
    }
}
