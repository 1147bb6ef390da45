use rashomon_targets::primary_replica::{Config, PrimaryReplica};
use rashomon_targets::{Caller, TargetConfig};
use rashomon_workloads::{Action, Kind, Op, Place, RegisterOp, Seed};

use super::*;
use crate::execute::{Keep, execute_asking};
use crate::fault::clock_drift::ClockDrift;
use crate::fault::clock_skew::ClockSkew;
use crate::fault::clock_strobe::ClockStrobe;
use crate::fault::disk_error::{DiskError, Step};
use crate::fault::kill::Kill;
use crate::fault::pause::Pause;
use crate::fault::slow_disk::SlowDisk;
use crate::fault::swizzle::Swizzle;
use crate::fault::{Fault, Stretch, Victim, Victims};
use crate::judge::Requirement;
use crate::run::drive::Watcher;
use crate::settings::{Driver, Settings};
use crate::world::simulation::Simulation;
use crate::world::{CallId, Client, Happening, Links, Probe};

const MS: i64 = 1_000_000;

struct Quiet;

impl Watcher for Quiet {}

type Cluster = Simulation<PrimaryReplica>;

/// Spans that hold the clocks of these nodes ahead by these numbers of milliseconds.
fn skews(of: &[(u16, i64)]) -> Spans {
    let span = |(id, &(node, ahead)): (u32, &(u16, i64))| {
        let skew = ClockSkew { node: Victim::Node(NodeId(node)), ahead: ahead * MS };
        FaultSpan::written(id, skew.into(), [0, 1])
    };
    Spans::of(&Plan { spans: (0..).zip(of).map(span).collect() })
}

/// Kills of the first node at each of these times, in milliseconds.
fn kills(at: impl Iterator<Item = u64>, once: Option<Condition>) -> Plan {
    let span = |(id, start): (u32, u64)| {
        let fault = Kill { node: Victims::Node(NodeId(1)) }.into();
        FaultSpan { once, ..FaultSpan::written(id, fault, [start * 1_000_000, 60_000_000]) }
    };
    Plan { spans: (0..).zip(at).map(span).collect() }
}

/// How many of forty kills under load lost a record.
fn lost_a_record(once: Option<Condition>) -> usize {
    let target = TargetConfig::every(3..=3).remove(0);
    let mut settings = Settings::new(target, Kind::Register, Driver::Simulation, 1);
    (settings.time_ms, settings.rate) = (8_000, Some(1_000));
    let plan = kills((0..40).map(|number| 200 + 180 * number), once);
    let (asked, keep) = (Requirement::nothing(), Keep::default());
    let run = execute_asking(&asked, &settings, &plan, keep, &mut Quiet).unwrap();
    let spans = &run.driven.spans;
    assert!(spans.iter().all(|span| span.efficacy.killed == 1), "{spans:#?}");
    for SpanOutcome { span, struck, healed, .. } in spans {
        let waited = struck.unwrap().0 - span.start.0;
        assert!(waited <= span.lasts.0 / 2 && healed.unwrap() == span.end(), "{span:?}");
    }
    spans.iter().filter(|span| span.efficacy.records_lost > 0).count()
}

#[test]
fn a_kill_that_waits_for_what_is_not_durable_takes_it() {
    let (waiting, at_once) = (lost_a_record(Some(Condition::Undurable)), lost_a_record(None));
    assert!(waiting >= 20 && at_once < 10, "{waiting} of 40 that wait, {at_once} of the others");
}

#[test]
fn a_kill_waits_for_its_own_victim() {
    let once = Some(Condition::Undurable);
    let mut plan = kills([1, 1].into_iter(), once);
    plan.spans[1].fault = Kill { node: Victims::Node(NodeId(2)) }.into();
    let mut world = Cluster::new((Config::default(), Vec::new()), 2, Seed(1));
    let mut spans = Spans::of(&plan);
    while world.next(Time(20_000_000)) != Happening::Reached {}
    assert_eq!([0, 1].map(|at| spans.waits(at, &mut world, &[])), [true, true]);
    let action = Action::Register("k".into(), RegisterOp::Write(1));
    let caller = Caller { client: 1, seq: 1 };
    world.submit(CallId(1), caller, NodeId(1), &Op { action, place: Place::Any });
    assert_eq!(world.next(Time(30_000_000)), Happening::Noticed);
    spans.notice(world.now());
    // The write is on its way to the disk of the first node, and to the second one.
    assert_eq!([0, 1].map(|at| spans.waits(at, &mut world, &[])), [false, true]);
}

/// How far the wall clock of the first node is ahead of that of the second one, in milliseconds.
fn first_is_ahead(world: &mut Cluster) -> i64 {
    let clocks: Vec<_> = world.clocks().into_iter().map(|now| now.unwrap().wall).collect();
    (clocks[0].cast_signed() - clocks[1].cast_signed()) / MS
}

/// A cluster whose clocks have run for a while.
fn later() -> Cluster {
    let mut world = Cluster::new((Config::default(), Vec::new()), 2, Seed(1));
    while world.next(Time(5_000_000_000)) != Happening::Reached {}
    world
}

#[test]
fn a_clock_is_right_only_once_the_last_span_that_holds_it_ahead_has_ended() {
    // Whichever of two that overlap ends first: the other one still holds.
    for (first_to_end, left) in [(0, 700), (1, 400)] {
        let (mut world, mut spans) = (later(), skews(&[(1, 400), (1, 700)]));
        spans.strike(0, &mut world, &[]);
        assert_eq!(first_is_ahead(&mut world), 400);
        spans.strike(1, &mut world, &[]);
        assert_eq!(first_is_ahead(&mut world), 700);
        spans.heal(first_to_end, &mut world);
        assert_eq!(first_is_ahead(&mut world), left);
        spans.heal(1 - first_to_end, &mut world);
        assert_eq!(first_is_ahead(&mut world), 0);
        let did = spans.into_outcomes(&world);
        assert!(did.iter().all(|outcome| outcome.efficacy.clocks_set == 1), "{did:?}");
    }
}

#[test]
fn a_span_on_the_clock_of_another_node_holds_none_but_that() {
    let (mut world, mut spans) = (later(), skews(&[(1, 400), (2, 300)]));
    spans.strike(0, &mut world, &[]);
    spans.strike(1, &mut world, &[]);
    assert_eq!(first_is_ahead(&mut world), 100);
    spans.heal(0, &mut world);
    assert_eq!(first_is_ahead(&mut world), -300);
}

/// A cluster and the one span that strikes it for a minute.
fn struck_by(fault: Fault) -> (Cluster, Spans) {
    let span = FaultSpan::written(0, fault, [0, 60_000_000_000]);
    let (mut world, mut spans) = (later(), Spans::of(&Plan { spans: vec![span] }));
    spans.strike(0, &mut world, &[]);
    (world, spans)
}

#[test]
fn a_clock_that_jumps_to_and_fro_is_ahead_every_other_time_and_right_in_the_end() {
    let (node, every) = (Victim::Node(NodeId(1)), Stretch::of_ms(10));
    let (mut world, mut spans) = struck_by(ClockStrobe { node, ahead: 400 * MS, every }.into());
    let seen = [(); 3].map(|()| {
        while world.next(spans.next().unwrap()) != Happening::Reached {}
        spans.turn(spans.next_turn(world.now()).unwrap(), &mut world);
        (first_is_ahead(&mut world), world.now().0 / 1_000_000)
    });
    assert_eq!(seen, [(400, 5_000), (0, 5_010), (400, 5_020)]);
    spans.heal(0, &mut world);
    assert_eq!((first_is_ahead(&mut world), spans.next()), (0, None));
    assert_eq!(spans.into_outcomes(&world)[0].efficacy.clocks_set, 3);
}

/// When something was done, and whether messages were held after that.
#[test]
fn nodes_are_clogged_in_one_order_and_freed_in_another() {
    let order = [1, 2].map(NodeId).to_vec();
    let swizzle = Swizzle { order: order.clone(), back: order };
    let span = FaultSpan::written(0, swizzle.into(), [5_000_000_000, 400_000_000]);
    let mut world = Cluster::new((Config::default(), Vec::new()), 3, Seed(1));
    while world.next(Time(5_000_000_000)) != Happening::Reached {}
    let mut spans = Spans::of(&Plan { spans: vec![span] });
    spans.strike(0, &mut world, &[]);
    let mut held = Vec::new();
    while let Some(at) = spans.next_turn(Time(5_399_000_000)) {
        while world.next(spans.next().unwrap()) != Happening::Reached {}
        spans.turn(at, &mut world);
        let began = world.now().0;
        let before = world.efficacy(0).held;
        while world.next(Time(began + 90_000_000)) != Happening::Reached {}
        held.push((began / 1_000_000, world.efficacy(0).held > before));
    }
    // The first, both, the second, none.
    assert_eq!(held, [(5_000, true), (5_100, true), (5_200, true), (5_300, false)]);
    spans.heal(0, &mut world);
    assert_eq!(spans.next(), None);
}

#[test]
fn a_clock_that_drifts_is_set_right_and_its_monotonic_time_is_not() {
    let node = Victim::Node(NodeId(1));
    let (mut world, mut spans) = struck_by(ClockDrift { node, gains: 500_000 }.into());
    while world.next(Time(6_000_000_000)) != Happening::Reached {}
    assert_eq!(first_is_ahead(&mut world), 500);
    spans.heal(0, &mut world);
    assert_eq!(first_is_ahead(&mut world), 0);
    let clocks: Vec<_> = world.clocks().into_iter().map(|now| now.unwrap().monotonic).collect();
    assert_eq!(clocks[0] - clocks[1], 500_000_000);
    assert_eq!(spans.into_outcomes(&world)[0].efficacy.clocks_set, 1);
}

/// Whether the first node lives and runs.
fn first_runs(world: &mut Cluster) -> bool {
    world.looks()[0].is_some()
}

#[test]
fn a_node_goes_on_only_once_the_last_span_that_holds_it_has_ended() {
    let kill: Fault = Kill { node: Victims::Node(NodeId(1)) }.into();
    let pause: Fault = Pause { node: Victim::Node(NodeId(1)) }.into();
    for (fault, first_to_end) in [(&kill, 0), (&kill, 1), (&pause, 0), (&pause, 1)] {
        let plan = [0, 1, 2].map(|id| FaultSpan::written(id, fault.clone(), [0, 1]));
        let (mut world, mut spans) = (later(), Spans::of(&Plan { spans: plan.into() }));
        spans.strike(0, &mut world, &[]);
        spans.strike(1, &mut world, &[]);
        while world.next(Time(5_200_000_000)) != Happening::Reached {}
        spans.heal(first_to_end, &mut world);
        assert!(!first_runs(&mut world), "{fault}: the other one still holds it");
        spans.heal(1 - first_to_end, &mut world);
        assert!(first_runs(&mut world), "{fault}");
        let did = spans.into_outcomes(&world);
        let killed = did.iter().map(|outcome| outcome.efficacy.killed).sum::<u64>();
        // The first one killed it, and the second kept it dead if it outlasted the first.
        assert_eq!(killed, if *fault == kill { 2 - first_to_end as u64 } else { 0 });
    }
}

/// A cluster whose first node has ended, as its disk refused a write; and the spans of that and of another fault on
/// the same node, both in force.
fn felled_under(other: Fault) -> (Cluster, Spans) {
    let disk = DiskError { node: Victim::Node(NodeId(1)), on: Step::Sync };
    let plan = [disk.into(), other].into_iter();
    let plan = (0..).zip(plan).map(|(id, fault)| FaultSpan::written(id, fault, [0, 1]));
    let (mut world, mut spans) = (later(), Spans::of(&Plan { spans: plan.collect() }));
    spans.strike(0, &mut world, &[]);
    let action = Action::Register("k".into(), RegisterOp::Write(1));
    let op = Op { action, place: Place::Any };
    world.submit(CallId(1), Caller { client: 1, seq: 1 }, NodeId(1), &op);
    while world.next(Time(5_500_000_000)) != Happening::Reached {}
    assert!(!first_runs(&mut world), "its disk has felled it");
    spans.strike(1, &mut world, &[]);
    (world, spans)
}

#[test]
fn a_kill_keeps_a_node_dead_that_its_disk_had_felled() {
    let (mut world, mut spans) = felled_under(Kill { node: Victims::Node(NodeId(1)) }.into());
    spans.heal(0, &mut world);
    assert!(!first_runs(&mut world), "the kill lasts still");
    spans.heal(1, &mut world);
    assert!(first_runs(&mut world));
}

#[test]
fn a_slow_disk_neither_counts_nor_ends_the_fall_of_a_node_whose_disk_refuses() {
    let slow = SlowDisk { node: Victim::Node(NodeId(1)), by: 1_000_000 };
    let (mut world, mut spans) = felled_under(slow.into());
    spans.heal(1, &mut world);
    assert!(!first_runs(&mut world), "the fault that felled it has not ended");
    spans.heal(0, &mut world);
    assert!(first_runs(&mut world));
    let killed =
        spans.into_outcomes(&world).iter().map(|it| it.efficacy.killed).collect::<Vec<_>>();
    assert_eq!(killed, [1, 0]);
}

#[test]
fn a_kill_ends_every_pause_of_its_victim() {
    let faults: [Fault; 3] = [
        Pause { node: Victim::Node(NodeId(1)) }.into(),
        Pause { node: Victim::Node(NodeId(1)) }.into(),
        Kill { node: Victims::Node(NodeId(1)) }.into(),
    ];
    let plan = (0..).zip(faults).map(|(id, fault)| FaultSpan::written(id, fault, [0, 1]));
    let (mut world, mut spans) = (later(), Spans::of(&Plan { spans: plan.collect() }));
    for at in 0..3 {
        spans.strike(at, &mut world, &[]);
    }
    spans.heal(2, &mut world);
    assert!(first_runs(&mut world), "its new life was never stopped");
    for at in 0..2 {
        spans.heal(at, &mut world);
        assert!(first_runs(&mut world));
    }
}
