//! What every world must do to a cluster. One suite, run against the simulation, against real processes
//! and against programs on standard input and output: a simulation is believed only as far as it
//! conforms.
//!
//! Exempt: programs on standard input and output do not tell their role, state and clocks, and cannot be
//! administered; the checks of `whose nodes tell` are asked of the other worlds only.

mod admin_tests;
mod disk_tests;
mod link_tests;

use std::path::PathBuf;

use rashomon_checker::Time;
use rashomon_results::{Occurrence, TRACE_FILE, TraceReader};
use rashomon_targets::{
    Admin, AdminRefused, Caller, FailCode, Family, NodeId, Now, Pace, TargetConfig,
    primary_replica::{Config, Failover, PrimaryReplica, Reads, Replication},
};
use rashomon_workloads::{Action, Op, Place, QueueOp, RegisterOp, Returned, Seed};

use crate::trace::Tracer;
use crate::world::processes::{Cluster, ClusterOptions, ClusterTrace};
use crate::world::simulation::Simulation;
use crate::world::stdio::{Pipes, PipesOptions};
use crate::world::{Administered, CallId, Happening, Launcher, Look, Probe, Reply, Why, World};

use disk_tests::{
    a_disk_that_lies_loses_what_it_called_durable_when_the_power_fails,
    a_node_refuses_a_damaged_log_until_it_is_restored,
    a_node_serves_on_a_log_that_lost_its_end_and_misses_it,
    a_slow_disk_delays_what_it_acknowledges,
    a_write_that_fails_ends_its_node_and_is_not_acknowledged,
};
use link_tests::{
    a_cut_link_drops_and_a_healed_one_catches_up, a_jammed_link_keeps_messages_until_it_heals,
    a_link_that_is_freed_delivers_while_others_are_still_clogged,
    a_narrow_link_carries_one_message_after_another, a_one_way_cut_leaves_the_other_way_open,
    corrupted_messages_are_counted_and_refused,
    doubled_and_delayed_messages_are_counted_and_do_no_harm,
    in_a_ring_of_majorities_a_node_hears_its_neighbours_only,
    what_only_heartbeats_met_is_counted_apart,
};

const SECOND: u64 = 1_000_000_000;

fn family() -> Config {
    Config {
        replication: Replication::Async,
        reads: Reads::Any,
        failover: Failover::None,
        ..Config::default()
    }
}

fn simulated(trace: Tracer) -> (Simulation<PrimaryReplica>, ()) {
    (Simulation::traced((family(), Vec::new()), 3, Seed(7), trace), ())
}

/// The file of this program.
fn rashomon() -> PathBuf {
    let own = std::env::current_exe().unwrap();
    let program: PathBuf = own.parent().and_then(|deps| deps.parent()).unwrap().join("rashomon");
    assert!(program.is_file(), "{} is not there; `cargo build -p rashomon`", program.display());
    program
}

/// The same nodes behind the adapter, which speaks the Maelstrom protocol, and their folder.
fn programs(trace: Tracer) -> (Pipes, tempfile::TempDir) {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let flags = "maelstrom-node primary-replica --replication async --reads any --failover none";
    let mut command = vec![rashomon().display().to_string()];
    command.extend(flags.split(' ').map(str::to_owned));
    command.extend(["--data".to_owned(), data.display().to_string()]);
    let options = PipesOptions {
        rashomon: rashomon(),
        command,
        nodes: 3,
        folder: folder.path().to_owned(),
        seed: Seed(7),
        pace: Pace::LOCAL,
        trace,
    };
    (Pipes::start(&options).unwrap(), folder)
}

/// A real cluster, and the folder it lives in, which goes with it.
fn real(trace: Tracer) -> (Cluster, tempfile::TempDir) {
    let folder = tempfile::tempdir().unwrap();
    let options = ClusterOptions {
        program: rashomon(),
        members: (1..=3).map(NodeId).collect(),
        target: TargetConfig {
            family: Family::PrimaryReplica(family()),
            nodes: 3,
            bugs: Vec::new(),
        },
        folder: folder.path().to_owned(),
        base_port: None,
        seed: Seed(7),
        pace: Pace::LOCAL,
        shown_to: ClusterTrace::to::<PrimaryReplica>(trace),
    };
    (Cluster::start(&options).unwrap(), folder)
}

/// Runs tests against all worlds, and some against those only whose nodes tell what they hold.
macro_rules! in_all_worlds {
    ($($name:ident),* $(,)?; whose nodes tell: $($telling:ident),* $(,)?) => {
        in_all_worlds!(@ simulation, simulated, $($name,)* $($telling,)*);
        in_all_worlds!(@ cluster, real, $($name,)* $($telling,)*);
        in_all_worlds!(@ programs, programs, $($name,)*);
    };
    (@ $world:ident, $start:ident, $($name:ident,)*) => {
        mod $world {
            $(#[test] fn $name() {
                let (mut world, _folder) = super::$start(super::Tracer::default());
                super::$name(&mut world);
            })*
        }
    };
}

in_all_worlds! {
    what_is_written_is_read_back_and_reaches_every_replica,
    a_cut_link_drops_and_a_healed_one_catches_up,
    a_one_way_cut_leaves_the_other_way_open,
    in_a_ring_of_majorities_a_node_hears_its_neighbours_only,
    a_jammed_link_keeps_messages_until_it_heals,
    a_link_that_is_freed_delivers_while_others_are_still_clogged,
    doubled_and_delayed_messages_are_counted_and_do_no_harm,
    a_narrow_link_carries_one_message_after_another,
    corrupted_messages_are_counted_and_refused,
    a_killed_node_refuses_and_comes_back_with_what_was_acknowledged,
    a_request_in_flight_at_a_kill_is_lost_not_answered,
    a_paused_node_answers_when_it_continues,
    an_abandoned_call_is_not_replied_to,
    an_operation_that_is_not_offered_is_refused_and_not_sent;
    whose nodes tell: what_only_heartbeats_met_is_counted_apart,
    a_look_tells_when_all_rest_and_agree,
    a_wall_clock_is_set_apart_and_nothing_else_notices,
    a_wall_clock_stays_as_it_was_set_over_a_stop_and_a_restart,
    clocks_that_run_fast_gain_and_only_the_wall_clock_is_set_right,
    what_a_target_has_not_is_refused_to_its_administrator_by_name,
    a_slow_disk_delays_what_it_acknowledges,
    a_write_that_fails_ends_its_node_and_is_not_acknowledged,
    a_disk_that_lies_loses_what_it_called_durable_when_the_power_fails,
    a_node_refuses_a_damaged_log_until_it_is_restored,
    a_node_serves_on_a_log_that_lost_its_end_and_misses_it,
}

/// The member of this number, counted from 1.
fn member(world: &impl World, number: u16) -> NodeId {
    world.members()[usize::from(number) - 1]
}

/// A client for each call.
fn caller(call: u64) -> Caller {
    Caller { client: call, seq: 1 }
}

fn ask(world: &mut impl World, call: u64, node: u16, op: RegisterOp, place: Place) {
    let action = Action::Register("k".into(), op);
    let node = member(world, node);
    world.submit(CallId(call), caller(call), node, &Op { action, place });
}

/// The reply to `call`, if it comes within `seconds`.
fn reply(world: &mut impl World, call: u64, seconds: u64) -> Option<Reply> {
    let until = Time(world.now().0 + seconds * SECOND);
    loop {
        match world.next(until) {
            Happening::Replied(CallId(id), reply) if id == call => return Some(reply),
            Happening::Replied(..) | Happening::Noticed => {}
            Happening::Reached => return None,
        }
    }
}

fn put(world: &mut impl World, call: u64, value: i64) -> Option<Reply> {
    ask(world, call, 1, RegisterOp::Write(value), Place::Any);
    reply(world, call, 5)
}

/// What a node itself holds, asked until it holds `value`.
fn await_value(world: &mut impl World, call: &mut u64, node: u16, value: i64) {
    let give_up = world.now().0 + 20 * SECOND;
    let mut last = None;
    while world.now().0 < give_up {
        last = local(world, call, node);
        if last == Some(ok(Some(value))) {
            return;
        }
        let pause = Time(world.now().0 + SECOND / 50);
        while world.next(pause) != Happening::Reached {}
    }
    panic!("n{node} never held {value}, but {last:?}");
}

fn local(world: &mut impl World, call: &mut u64, node: u16) -> Option<Reply> {
    *call += 1;
    ask(world, *call, node, RegisterOp::Read, Place::Local(node));
    reply(world, *call, 1)
}

fn ok(value: Option<i64>) -> Reply {
    Reply::Done(Returned::Value(value))
}

const DONE: Option<Reply> = Some(Reply::Done(Returned::Done));

/// Lets time pass until a condition holds.
fn await_that<W: World>(world: &mut W, what: &str, holds: impl Fn(&mut W) -> bool) {
    let give_up = world.now().0 + 20 * SECOND;
    while !holds(world) {
        assert!(world.now().0 < give_up, "never: {what}");
        let pause = Time(world.now().0 + SECOND / 50);
        while world.next(pause) != Happening::Reached {}
    }
}

fn what_is_written_is_read_back_and_reaches_every_replica(world: &mut impl World) {
    assert_eq!(put(world, 1, 41), DONE);
    let mut call = 10;
    for node in 1..=3 {
        await_value(world, &mut call, node, 41);
    }
}

fn a_look_tells_when_all_rest_and_agree(world: &mut impl World) {
    assert_eq!(put(world, 1, 41), DONE);
    await_that(world, "all nodes settled, with equal digests", |world| {
        let looks: Option<Vec<Look>> = world.looks().into_iter().collect();
        looks.is_some_and(|all| {
            all.iter().all(|look| look.rests && look.digest == all[0].digest) && all.len() == 3
        })
    });
}

/// What the members' own clocks say.
fn clocks(world: &mut impl World) -> Vec<Now> {
    world.clocks().into_iter().map(|now| now.expect("it lives, and tells")).collect()
}

/// How far the wall clocks of members have moved against their monotonic clocks, in nanoseconds.
fn moved(before: &[Now], after: &[Now]) -> Vec<i64> {
    let apart = |now: &Now| now.wall.cast_signed() - now.monotonic.cast_signed();
    before.iter().zip(after).map(|(before, after)| apart(after) - apart(before)).collect()
}

/// Each node is compared with itself only. A machine under load may read the two clocks of a node far
/// apart, now and then.
fn a_wall_clock_is_set_apart_and_nothing_else_notices(world: &mut impl World) {
    const MS: i64 = 1_000_000;
    let (n1, began) = (member(world, 1), world.now().0);
    let before = clocks(world);
    let began_by = world.now().0;
    for ahead in [200 * MS, -200 * MS, 0] {
        assert_eq!(world.administer(n1, Admin::SetClock { ahead }), Administered::Done);
        await_that(world, "the first wall clock has moved, and no other", |world| {
            let moved = moved(&before, &clocks(world));
            let wanted = [ahead, 0, 0];
            moved.iter().zip(wanted).all(|(moved, wanted)| (moved - wanted).abs() < 50 * MS)
        });
        let ended = world.now().0;
        let passed = clocks(world)[0].monotonic - before[0].monotonic;
        let most = world.now().0 - began;
        assert!((ended - began_by..=most).contains(&passed), "{passed} ns of at most {most}");
    }
    assert_eq!(world.administer(n1, Admin::SetClock { ahead: 200 * MS }), Administered::Done);
    assert_eq!(put(world, 1, 41), DONE);
    let mut call = 10;
    await_value(world, &mut call, 3, 41);
}

/// A node whose clocks gain a half of the time: its monotonic clock keeps what it gained, its wall clock does not, over
/// a restart, too; those of others do not notice.
fn clocks_that_run_fast_gain_and_only_the_wall_clock_is_set_right(world: &mut impl World) {
    const MS: i64 = 1_000_000;
    let n1 = member(world, 1);
    assert_eq!(world.administer(n1, Admin::SetRate { gains: 500_000 }), Administered::Done);
    let before = clocks(world);
    let gained = |after: &[Now], node: usize| {
        after[node].monotonic.cast_signed() - before[node].monotonic.cast_signed()
    };
    await_that(world, "the first node has gained 400 ms on the others", |world| {
        let after = clocks(world);
        let apart = |other| gained(&after, 0) - gained(&after, other);
        let walls = after[0].wall.cast_signed() - after[1].wall.cast_signed();
        apart(1) >= 400 * MS && (apart(1) - apart(2)).abs() < 300 * MS && walls > 300 * MS
    });
    assert_eq!(world.administer(n1, Admin::SetRate { gains: 0 }), Administered::Done);
    let after = clocks(world);
    assert!(gained(&after, 0) - gained(&after, 1) >= 300 * MS, "{before:?}, {after:?}");
    await_that(world, "its wall clock is right", |world| {
        let now = clocks(world);
        (now[0].wall.cast_signed() - now[1].wall.cast_signed()).abs() < 100 * MS
    });
    assert_eq!(world.administer(n1, Admin::SetRate { gains: -500_000 }), Administered::Done);
    assert!(world.kill(n1).is_some());
    world.launch(n1);
    await_that(world, "its new life is slow, too", |world| {
        let [Some(first), Some(second), _] = &world.clocks()[..] else { return false };
        second.wall.cast_signed() - first.wall.cast_signed() > 300 * MS
    });
}

/// Compared with the clock of another node, as the monotonic clock of a process begins with it.
fn a_wall_clock_stays_as_it_was_set_over_a_stop_and_a_restart<W: World>(world: &mut W) {
    const MS: i64 = 1_000_000;
    let n1 = member(world, 1);
    let await_ahead = |world: &mut W, ahead: i64, what: &str| {
        await_that(world, what, |world| {
            let [Some(first), Some(second), _] = &world.clocks()[..] else { return false };
            let apart = first.wall.cast_signed() - second.wall.cast_signed();
            (apart - ahead).abs() < 100 * MS
        });
    };
    assert_eq!(world.administer(n1, Admin::SetClock { ahead: 900 * MS }), Administered::Done);
    assert!(world.kill(n1).is_some());
    world.launch(n1);
    await_ahead(world, 900 * MS, "a restart leaves the clock as it was set");
    assert!(world.pause(n1));
    world.administer(n1, Admin::SetClock { ahead: -900 * MS });
    world.resume(n1);
    await_ahead(world, -900 * MS, "a node that was stopped goes on with its clock set");
    assert!(world.kill(n1).is_some());
    world.administer(n1, Admin::SetClock { ahead: 0 });
    world.launch(n1);
    await_ahead(world, 0, "the clock of a dead node is set right");
}

fn what_a_target_has_not_is_refused_to_its_administrator_by_name(world: &mut impl World) {
    let n1 = member(world, 1);
    let (add, remove) = (Admin::Add { node: n1 }, Admin::Remove { node: n1 });
    let members = [Admin::Transfer { to: n1 }, add, remove, Admin::Reset];
    for admin in [Admin::StepDown, Admin::Compact].into_iter().chain(members) {
        let refused = AdminRefused { admin, code: FailCode::Unsupported };
        assert_eq!(world.administer(n1, admin), Administered::Refused(refused));
    }
    assert!(world.pause(n1));
    assert_eq!(world.administer(n1, Admin::Compact), Administered::Unreached);
    assert!(world.kill(n1).is_some());
    assert_eq!(world.administer(n1, Admin::Compact), Administered::Unreached);
}

#[test]
fn a_foreign_program_cannot_be_administered_and_its_world_says_so() {
    let (mut world, _folder) = programs(Tracer::default());
    let n1 = member(&world, 1);
    assert_eq!(world.administer(n1, Admin::SetClock { ahead: 1 }), Administered::NoWay);
    assert_eq!(world.clocks(), [None, None, None]);
}

/// What is noted of the first node's lives, in the order of time.
fn noted_lives<W: World, F>(start: impl FnOnce(Tracer) -> (W, F)) -> Vec<&'static str> {
    let place = tempfile::tempdir().unwrap();
    let path = place.path().join(TRACE_FILE);
    let trace = Tracer::to_file(&path).unwrap();
    let (mut world, _folder) = start(trace.clone());
    let n1 = member(&world, 1);
    let before = world.now().0;
    assert!(world.kill(n1).is_some());
    assert_eq!(world.kill(n1), None);
    let killed = before..=world.now().0;
    for _ in 0..2 {
        world.launch(n1);
        await_that(&mut world, "the node serves again", |world| world.looks()[0].is_some());
        assert!(world.pause(n1));
        assert!(!world.pause(n1));
        world.resume(n1);
        let is_killed = world.kill(n1).is_some();
        assert!(is_killed, "it was dead before: {:?}", world.breakdowns());
    }
    trace.finish(world.now().0).unwrap();
    let lines = TraceReader::open(&path).unwrap().map(Result::unwrap);
    let name = n1.to_string();
    let mut lines: Vec<_> = lines.filter(|it| it.occurrence.node() == Some(&*name)).collect();
    lines.sort_by_key(|line| line.time);
    let kill = lines.iter().find(|it| matches!(it.occurrence, Occurrence::Killed { .. })).unwrap();
    assert!(
        killed.contains(&kill.time),
        "{kill:?} in {killed:?}: the clock of the world is its own"
    );
    let words = lines.iter().filter_map(|line| match line.occurrence {
        Occurrence::Started { .. } => Some("starts"),
        Occurrence::Killed { .. } => Some("is killed"),
        Occurrence::Paused { .. } => Some("is stopped"),
        Occurrence::Resumed { .. } => Some("goes on"),
        Occurrence::Told { .. } | Occurrence::Timer { .. } => Some("acts"),
        _ => None,
    });
    words.collect()
}

#[test]
fn each_start_and_each_end_of_a_node_is_noted_once_and_all_that_it_does_between_them() {
    let life = ["starts", "is stopped", "goes on", "is killed"];
    let lives = [&life[..1], &life[3..], &life[..], &life[..]].concat();
    for words in [noted_lives(simulated), noted_lives(real), noted_lives(programs)] {
        let without_acts: Vec<&str> = words.iter().copied().filter(|it| *it != "acts").collect();
        assert_eq!(without_acts, lives);
        let acts_dead = words.windows(2).any(|pair| pair == ["is killed", "acts"]);
        assert!(words[0] == "starts" && !acts_dead, "{words:?}");
    }
}

fn a_killed_node_refuses_and_comes_back_with_what_was_acknowledged(world: &mut impl World) {
    let n1 = member(world, 1);
    assert_eq!(put(world, 1, 41), DONE);
    assert!(world.kill(n1).is_some());
    assert_eq!(world.kill(n1), None, "the dead do not die");
    assert_eq!(put(world, 2, 42), Some(Reply::refused(Why::Unreached)));
    assert_eq!(world.looks()[0], None, "nobody sees the dead");
    world.launch(n1);
    let mut call = 10;
    await_value(world, &mut call, 1, 41);
    assert!(world.breakdowns().is_empty(), "a kill is no breakdown");
}

fn a_request_in_flight_at_a_kill_is_lost_not_answered(world: &mut impl World) {
    let n1 = member(world, 1);
    // Paused, the node has certainly not answered when it is killed.
    assert!(world.pause(n1));
    ask(world, 1, 1, RegisterOp::Write(41), Place::Any);
    assert_eq!(reply(world, 1, 1), None);
    assert!(world.kill(n1).is_some());
    let broken = reply(world, 1, 5);
    assert!(
        matches!(broken, Some(Reply::Lost(_) | Reply::Refused { why: Why::Unreached, .. })),
        "{broken:?}"
    );
    world.launch(n1);
    let mut call = 10;
    await_that(world, "the node serves again", |world| world.looks()[0].is_some());
    await_that(world, "it holds nothing", |world| {
        let mut call = 100 + world.now().0;
        local(world, &mut call, 1) == Some(ok(None))
    });
    assert_eq!(put(world, 2, 42), DONE);
    await_value(world, &mut call, 2, 42);
}

fn a_paused_node_answers_when_it_continues(world: &mut impl World) {
    let n1 = member(world, 1);
    assert!(world.pause(n1));
    ask(world, 1, 1, RegisterOp::Write(41), Place::Any);
    assert_eq!(reply(world, 1, 1), None, "it is stopped");
    assert_eq!(world.looks()[0], None, "the stopped say nothing");
    assert!(world.stalled(n1) > 0);
    world.resume(n1);
    assert_eq!(reply(world, 1, 5), DONE, "the request was not lost");
}

fn an_abandoned_call_is_not_replied_to(world: &mut impl World) {
    ask(world, 1, 1, RegisterOp::Write(41), Place::Any);
    world.abandon(CallId(1));
    assert_eq!(put(world, 2, 42), DONE);
    assert_eq!(reply(world, 1, 1), None);
}

fn an_operation_that_is_not_offered_is_refused_and_not_sent(world: &mut impl World) {
    let n1 = member(world, 1);
    // Our targets have no identifiers, and the protocol of programs has no queues.
    let actions = [Action::Queue("q".into(), QueueOp::Enqueue(1)), Action::Generate];
    let replies = (1..).zip(actions).map(|(call, action)| {
        world.submit(CallId(call), caller(call), n1, &Op { action, place: Place::Any });
        reply(world, call, 5)
    });
    let is_refused =
        |told: &Option<Reply>| matches!(told, Some(Reply::Refused { why: Why::NotOffered(_), .. }));
    assert_eq!(replies.filter(is_refused).count(), 1, "the one, and not the other");
}
