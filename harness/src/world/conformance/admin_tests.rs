//! What an administrator has a cluster do that elects its primary and changes its members: in simulation, and on
//! real processes through the ports of their administrators.

use super::*;

fn raft() -> Config {
    let (replication, failover) = (Replication::SemiSync, Failover::Raft);
    Config { replication, failover, ..Config::default() }
}

fn simulated() -> (Simulation<PrimaryReplica>, ()) {
    (Simulation::traced((raft(), Vec::new()), 3, Seed(7), Tracer::default()), ())
}

fn real() -> (Cluster, tempfile::TempDir) {
    let folder = tempfile::tempdir().unwrap();
    let family = Family::PrimaryReplica(raft());
    let options = ClusterOptions {
        program: rashomon(),
        members: (1..=3).map(NodeId).collect(),
        target: TargetConfig { family, nodes: 3, bugs: Vec::new() },
        folder: folder.path().to_owned(),
        base_port: None,
        seed: Seed(7),
        pace: Pace::LOCAL,
        shown_to: ClusterTrace::to::<PrimaryReplica>(Tracer::default()),
    };
    (Cluster::start(&options).unwrap(), folder)
}

/// The primary, and its epoch, as soon as there is one.
fn primary<W: World>(world: &mut W) -> (NodeId, u64) {
    let seen = |world: &mut W| {
        let (members, looks) = (world.members(), world.looks());
        let node = crate::world::primaries(&members, &looks).first().copied()?;
        let place = members.iter().position(|&it| it == node)?;
        looks[place].as_ref().map(|look| (node, look.epoch))
    };
    await_that(world, "there is a primary", |world| seen(world).is_some());
    seen(world).unwrap()
}

fn the_primary_hands_over_to_the_node_that_is_named<W: World>(world: &mut W) {
    let (old, epoch) = primary(world);
    let to = world.members().into_iter().rfind(|&it| it != old).unwrap();
    // It may have committed nothing of its epoch yet, and then has nothing to wait for either.
    assert_eq!(world.administer(old, Admin::Transfer { to }), Administered::Done);
    await_that(world, "it has handed over", |world| {
        let (now, since) = primary(world);
        now == to && since > epoch
    });
    let admin = Admin::Transfer { to: old };
    let refused = AdminRefused { admin, code: FailCode::NotPrimary };
    await_that(world, "it knows", |world| {
        world.administer(old, admin) == Administered::Refused(refused)
    });
}

/// The lists of the members, as all nodes say.
fn lists<W: World>(world: &mut W) -> Vec<Option<Vec<NodeId>>> {
    world.looks().into_iter().map(|look| look?.members).collect()
}

fn a_node_is_removed_replaced_and_added_as_the_nodes_say<W: World>(world: &mut W) {
    let (leader, _) = primary(world);
    let members = world.members();
    let node = members.iter().copied().find(|&it| it != leader).unwrap();
    let place = members.iter().position(|&it| it == leader).unwrap();
    assert_eq!(lists(world), vec![Some(members.clone()); 3]);
    let rest: Vec<NodeId> = members.iter().copied().filter(|&it| it != node).collect();
    // At first it may have committed nothing of its epoch, and refuses.
    await_that(world, "it is no member", |world| {
        world.administer(leader, Admin::Remove { node });
        lists(world)[place].as_ref() == Some(&rest)
    });
    await_that(world, "it knows, and throws its data away", |world| {
        world.administer(node, Admin::Reset) == Administered::Done
    });
    await_that(world, "all are members again, as all say", |world| {
        world.administer(leader, Admin::Add { node });
        lists(world) == vec![Some(members.clone()); 3]
    });
}

#[test]
fn a_primary_hands_over_in_both_worlds() {
    the_primary_hands_over_to_the_node_that_is_named(&mut simulated().0);
    let (mut world, _folder) = real();
    the_primary_hands_over_to_the_node_that_is_named(&mut world);
}

#[test]
fn members_change_in_both_worlds() {
    a_node_is_removed_replaced_and_added_as_the_nodes_say(&mut simulated().0);
    let (mut world, _folder) = real();
    a_node_is_removed_replaced_and_added_as_the_nodes_say(&mut world);
}
