//! What every world whose nodes are ours does to their disks.

use rashomon_targets::NodeId;

use super::{DONE, SECOND, await_that, await_value, member, ok, put, reply};
use crate::disk::{Damage, DiskTrouble, WriteFailure};
use crate::world::{Administered, Reply, Why, World};

const HONEST: DiskTrouble = DiskTrouble { slow_by: 0, fails: None, lies: false };

/// Kills the first node, damages its disk, and starts it.
fn damage_n1(world: &mut impl World, damage: Damage) -> u64 {
    let n1 = member(world, 1);
    assert!(world.kill(n1).is_some());
    let damaged = world.damage(n1, damage);
    world.launch(n1);
    damaged
}

fn await_start(world: &mut impl World) {
    await_that(world, "the node serves again", |world| world.looks()[0].is_some());
}

pub(super) fn a_slow_disk_delays_what_it_acknowledges(world: &mut impl World) {
    const BY: u64 = SECOND / 4;
    let n1 = member(world, 1);
    assert_eq!(put(world, 1, 41), DONE);
    let slow = DiskTrouble { slow_by: BY, ..HONEST };
    assert_eq!(world.set_disk(n1, slow), Administered::Done);
    let began = world.now().0;
    assert_eq!(put(world, 2, 42), DONE);
    assert!(world.now().0 - began >= BY, "it was acknowledged before it was written");
    let delayed = world.disk(n1).delayed;
    assert!(delayed > 0);
    world.set_disk(n1, HONEST);
    assert_eq!(put(world, 3, 43), DONE);
    assert_eq!(world.disk(n1).delayed, delayed, "the disk is as quick as it was");
}

pub(super) fn a_write_that_fails_ends_its_node_and_is_not_acknowledged(world: &mut impl World) {
    let n1 = member(world, 1);
    let failures =
        [WriteFailure::Write, WriteFailure::Sync, WriteFailure::Full, WriteFailure::Torn];
    let mut call = 100;
    for (turn, failure) in (0..).zip(failures) {
        let [before, after] = [41, 42].map(|value| value + turn * 10);
        call += 2;
        assert_eq!(put(world, call, before), DONE);
        let fails = DiskTrouble { fails: Some(failure), ..HONEST };
        assert_eq!(world.set_disk(n1, fails), Administered::Done);
        let told = put(world, call + 1, after);
        assert!(matches!(told, Some(Reply::Lost(_))), "{failure:?}: {told:?}");
        await_that(world, "the node has ended", |world| world.has_fallen(n1));
        assert_eq!(world.kill(n1), None, "it is dead");
        world.set_disk(n1, HONEST);
        world.launch(n1);
        assert!(!world.has_fallen(n1));
        let on_disk = if failure == WriteFailure::Sync { after } else { before };
        call += 10_000;
        await_value(world, &mut call, 1, on_disk);
        assert!(world.breakdowns().is_empty(), "a fault is no breakdown");
    }
}

pub(super) fn a_disk_that_lies_loses_what_it_called_durable_when_the_power_fails<W: World>(
    world: &mut W,
) {
    let n1 = member(world, 1);
    assert_eq!(put(world, 1, 41), DONE);
    let lies = DiskTrouble { lies: true, ..HONEST };
    assert_eq!(world.set_disk(n1, lies), Administered::Done);
    assert_eq!(put(world, 2, 42), DONE);
    assert!(world.disk(n1).unwritten > 0, "it has not written it");
    assert!(world.kill(n1).is_some());
    world.set_disk(n1, HONEST);
    world.launch(n1);
    let mut call = 10;
    await_value(world, &mut call, 1, 41);
    // One that becomes honest in time has lost nothing.
    assert_eq!(world.set_disk(n1, lies), Administered::Done);
    assert_eq!(put(world, 3, 43), DONE);
    assert_eq!(world.set_disk(n1, HONEST), Administered::Done);
    await_that(world, "it has written it", |world| world.disk(n1).unwritten == 0);
    assert!(world.kill(n1).is_some());
    world.launch(n1);
    await_value(world, &mut call, 1, 43);
}

pub(super) fn a_node_refuses_a_damaged_log_until_it_is_restored(world: &mut impl World) {
    let n1 = member(world, 1);
    for (call, value) in [(1, 41), (2, 42), (3, 43)] {
        assert_eq!(put(world, call, value), DONE);
    }
    assert_eq!(damage_n1(world, Damage::Flip(1_000_003)), 1);
    assert_eq!(world.damage(n1, Damage::Flip(5)), 0, "the copy that is kept is not hurt");
    await_that(world, "the node has refused", |world| world.has_fallen(n1));
    assert_eq!(put(world, 4, 44), Some(Reply::refused(Why::Unreached)));
    // A new start does not help.
    world.launch(n1);
    await_that(world, "the node has refused again", |world| world.has_fallen(n1));
    assert!(world.breakdowns().is_empty(), "a fault is no breakdown");
    world.restore(n1);
    world.launch(n1);
    let mut call = 10;
    await_value(world, &mut call, 1, 43);
    assert!(world.breakdowns().is_empty());
}

pub(super) fn a_node_serves_on_a_log_that_lost_its_end_and_misses_it(world: &mut impl World) {
    for (call, value) in [(1, 41), (2, 42), (3, 43)] {
        assert_eq!(put(world, call, value), DONE);
    }
    // The other copies would bring it back.
    for node in [2, 3].map(NodeId) {
        assert!(world.kill(node).is_some());
    }
    assert_eq!(damage_n1(world, Damage::Cut(1)), 1);
    let mut call = 10;
    await_value(world, &mut call, 1, 42);
    assert!(damage_n1(world, Damage::All) > 1);
    await_start(world);
    call += 10_000;
    super::ask(
        world,
        call,
        1,
        rashomon_workloads::RegisterOp::Read,
        rashomon_workloads::Place::Local(1),
    );
    assert_eq!(reply(world, call, 5), Some(ok(None)), "nothing is left");
}
