//! What every world does to the messages between nodes.

use std::num::NonZeroU32;
use std::sync::Arc;

use super::{DONE, SECOND, await_that, await_value, local, member, ok, put};
use crate::fault::corrupt::Flip;
use crate::fault::messages::Disorder;
use crate::fault::partition::Silence;
use crate::fault::rate_limit::Rate;
use crate::fault::{Direction, LinkEffect, Shape, SharedEffect, Victim};
use crate::world::World;

/// The number of the only span.
const SPAN: u32 = 0;

/// Puts an effect on links of n1.
fn hurt_n1(world: &mut impl World, direction: Direction, effect: impl LinkEffect + 'static) {
    let shape = Shape::Isolate { node: Victim::Node(member(world, 1)) };
    let links = shape.links(direction, &world.members(), &[]);
    let effect: SharedEffect = Arc::new(effect);
    world.strike(SPAN, &links, &effect);
}

/// Puts an effect on every link.
fn hurt_all(world: &mut impl World, effect: impl LinkEffect + 'static) {
    let links = Shape::All.links(Direction::Both, &world.members(), &[]);
    let effect: SharedEffect = Arc::new(effect);
    world.strike(SPAN, &links, &effect);
}

pub(super) fn a_cut_link_drops_and_a_healed_one_catches_up(world: &mut impl World) {
    hurt_n1(world, Direction::Both, Silence::Drop);
    assert_eq!(put(world, 1, 41), DONE);
    await_that(world, "something was dropped", |world| world.efficacy(SPAN).dropped > 0);
    let mut call = 10;
    assert_eq!(local(world, &mut call, 2), Some(ok(None)), "nothing gets through");
    world.heal(SPAN);
    await_value(world, &mut call, 2, 41);
    await_value(world, &mut call, 3, 41);
}

pub(super) fn a_one_way_cut_leaves_the_other_way_open(world: &mut impl World) {
    // n1 is not heard by the others' acknowledgements, but its entries get through.
    hurt_n1(world, Direction::In, Silence::Drop);
    assert_eq!(put(world, 1, 41), DONE);
    let mut call = 10;
    await_value(world, &mut call, 2, 41);
    await_that(world, "an acknowledgement was dropped", |world| world.efficacy(SPAN).dropped > 0);
    world.heal(SPAN);
}

/// n3 and n1 are the ends of the ring n1, n2, n3. No replica passes on what it was sent.
pub(super) fn in_a_ring_of_majorities_a_node_hears_its_neighbours_only(world: &mut impl World) {
    let links =
        Shape::MajoritiesRing { order: Vec::new() }.links(Direction::Both, &world.members(), &[]);
    let effect: SharedEffect = Arc::new(Silence::Drop);
    world.strike(SPAN, &links, &effect);
    assert_eq!(put(world, 1, 41), DONE);
    let mut call = 10;
    await_value(world, &mut call, 2, 41);
    await_that(world, "something was dropped", |world| world.efficacy(SPAN).dropped > 0);
    assert_eq!(local(world, &mut call, 3), Some(ok(None)), "the ends hear nothing of each other");
    world.heal(SPAN);
    await_value(world, &mut call, 3, 41);
}

pub(super) fn a_jammed_link_keeps_messages_until_it_heals(world: &mut impl World) {
    hurt_n1(world, Direction::Out, Silence::Hold);
    assert_eq!(put(world, 1, 41), DONE);
    await_that(world, "something was held", |world| world.efficacy(SPAN).held > 0);
    let mut call = 10;
    assert_eq!(local(world, &mut call, 2), Some(ok(None)), "nothing gets through");
    world.heal(SPAN);
    await_value(world, &mut call, 2, 41);
}

/// A span that ends on some links holds on the others.
pub(super) fn a_link_that_is_freed_delivers_while_others_are_still_clogged(world: &mut impl World) {
    hurt_n1(world, Direction::Out, Silence::Hold);
    assert_eq!(put(world, 1, 41), DONE);
    await_that(world, "something was held", |world| world.efficacy(SPAN).held > 1);
    let [n1, n2] = [1, 2].map(|number| member(world, number));
    world.heal_on(SPAN, &[(n1, n2)]);
    let mut call = 10;
    await_value(world, &mut call, 2, 41);
    assert_eq!(local(world, &mut call, 3), Some(ok(None)), "its link is clogged still");
    world.heal(SPAN);
    await_value(world, &mut call, 3, 41);
}

pub(super) fn doubled_and_delayed_messages_are_counted_and_do_no_harm(world: &mut impl World) {
    hurt_all(world, Disorder::Duplicate { per_mille: 1000 });
    for value in 1..=5 {
        assert_eq!(put(world, u64::try_from(value).unwrap(), value), DONE);
    }
    let mut call = 10;
    await_value(world, &mut call, 3, 5);
    assert!(world.efficacy(SPAN).changed > 0);
    world.heal(SPAN);
    let before = world.efficacy(SPAN).changed;
    hurt_all(world, Disorder::Delay { mean: SECOND / 100 });
    assert_eq!(put(world, 6, 6), DONE);
    await_value(world, &mut call, 2, 6);
    assert!(world.efficacy(SPAN).changed > before);
    world.heal(SPAN);
}

/// Ten messages a second of each link: an entry waits for those before it.
pub(super) fn a_narrow_link_carries_one_message_after_another(world: &mut impl World) {
    let per_second = NonZeroU32::new(10).unwrap();
    hurt_n1(world, Direction::Out, Rate { per_second, queue: 60 * SECOND });
    let began = world.now().0;
    for value in 1..=10 {
        assert_eq!(put(world, u64::try_from(value).unwrap(), value), DONE);
    }
    let mut call = 100;
    await_value(world, &mut call, 2, 10);
    let took = world.now().0 - began;
    assert!(took >= SECOND / 4, "ten writes went through in {took} ns");
    assert!(world.efficacy(SPAN).changed > 0);
    world.heal(SPAN);
    hurt_n1(world, Direction::Out, Rate { per_second, queue: 0 });
    for value in 11..=30 {
        assert_eq!(put(world, u64::try_from(value).unwrap(), value), DONE);
    }
    await_that(world, "one was lost", |world| world.efficacy(SPAN).dropped > 0);
    world.heal(SPAN);
    await_value(world, &mut call, 2, 30);
}

pub(super) fn corrupted_messages_are_counted_and_refused(world: &mut impl World) {
    hurt_all(world, Flip { per_mille: 1000 });
    assert_eq!(put(world, 1, 41), DONE);
    await_that(world, "something was changed", |world| world.efficacy(SPAN).changed > 0);
    let mut call = 10;
    assert_eq!(local(world, &mut call, 2), Some(ok(None)), "nothing gets through");
    world.heal(SPAN);
    await_value(world, &mut call, 2, 41);
    await_value(world, &mut call, 3, 41);
    assert!(world.breakdowns().is_empty(), "a fault is no breakdown");
}

/// Of programs nobody tells what a message is for.
pub(super) fn what_only_heartbeats_met_is_counted_apart(world: &mut impl World) {
    hurt_n1(world, Direction::Out, Silence::Drop);
    await_that(world, "heartbeats were dropped", |world| world.efficacy(SPAN).dropped > 2);
    assert_eq!(world.efficacy(SPAN).of_operations, 0, "nobody has asked for anything");
    assert_eq!(put(world, 1, 41), DONE);
    await_that(world, "an entry was dropped", |world| world.efficacy(SPAN).of_operations > 0);
    world.heal(SPAN);
}
