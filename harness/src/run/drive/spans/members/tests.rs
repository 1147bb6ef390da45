//! The members, as the nodes themselves say, while spans keep some of them out.

use rashomon_targets::primary_replica::{Config, Failover, PrimaryReplica, Replication};
use rashomon_targets::{Caller, FaultKind, TargetConfig};
use rashomon_workloads::{Action, Op, Place, RegisterOp, Seed};

use super::*;
use crate::fault::membership::Membership;
use crate::fault::{FaultSpan, Plan, Victim};
use crate::subject::Subject;
use crate::world::simulation::Simulation;
use crate::world::{CallId, Client, Happening, Probe};

const MS: u64 = 1_000_000;

type Cluster = Simulation<PrimaryReplica>;

fn raft() -> Config {
    let (replication, failover) = (Replication::SemiSync, Failover::Raft);
    Config { replication, failover, ..Config::default() }
}

/// A cluster that has a leader, and spans on these nodes.
fn struck(of: &[(u16, Data)]) -> (Cluster, Spans) {
    let span = |(id, &(node, data)): (u32, &(u16, Data))| {
        let fault = Membership { node: Victim::Node(NodeId(node)), data };
        FaultSpan::written(id, fault.into(), [0, 60_000 * MS])
    };
    let spans = Spans::of(&Plan { spans: (0..).zip(of).map(span).collect() });
    let mut world = Simulation::new((raft(), Vec::new()), 3, Seed(1));
    while world.next(Time(1_000 * MS)) != Happening::Reached {}
    (world, spans)
}

/// Lets a second pass, in which the administrator does its work.
fn pass(world: &mut Cluster, spans: &mut Spans) {
    let until = Time(world.now().0 + 1_000 * MS);
    while world.now() < until {
        let wake = Time(world.now().0 + 10 * MS);
        while world.next(wake) != Happening::Reached {}
        spans.tend_if_due(world);
    }
}

/// Who the members are, as each node says that is one of them.
fn members(world: &mut Cluster) -> Vec<Vec<u16>> {
    let said = world.looks().into_iter().map(|look| look.unwrap().members.unwrap());
    let each = (1..).map(NodeId).zip(said).filter(|(node, said)| said.contains(node));
    each.map(|(_, said)| said.into_iter().map(|it| it.0).collect()).collect()
}

#[test]
fn a_node_is_no_member_while_a_span_keeps_it_out_and_then_is_one_again() {
    let (mut world, mut spans) = struck(&[(2, Data::Kept)]);
    assert_eq!(members(&mut world), vec![vec![1, 2, 3]; 3]);
    spans.strike(0, &mut world, &[]);
    pass(&mut world, &mut spans);
    assert_eq!(members(&mut world), vec![vec![1, 3]; 2]);
    spans.heal(0, &mut world);
    pass(&mut world, &mut spans);
    assert_eq!(members(&mut world), vec![vec![1, 2, 3]; 3]);
    assert_eq!(spans.into_outcomes(&world)[0].efficacy.members_changed, 1);
}

#[test]
fn a_node_that_is_replaced_loses_what_it_holds_and_has_it_again_in_the_end() {
    let (mut world, mut spans) = struck(&[(2, Data::Lost)]);
    let op = Op { action: Action::Register("k".into(), RegisterOp::Write(1)), place: Place::Any };
    let leader = primaries(&world.members(), &world.looks())[0];
    world.submit(CallId(1), Caller { client: 1, seq: 1 }, leader, &op);
    pass(&mut world, &mut spans);
    let digests = |world: &mut Cluster| {
        let each = world.looks().into_iter().map(|look| look.unwrap().digest);
        each.collect::<Vec<u64>>()
    };
    let [first, second, third] = digests(&mut world)[..] else { panic!("three nodes") };
    assert_eq!([second, third], [first; 2]);
    spans.strike(0, &mut world, &[]);
    pass(&mut world, &mut spans);
    let [_, emptied, _] = digests(&mut world)[..] else { panic!("three nodes") };
    assert_ne!(emptied, first);
    spans.heal(0, &mut world);
    pass(&mut world, &mut spans);
    assert_eq!(digests(&mut world), [first; 3]);
    assert_eq!(spans.into_outcomes(&world)[0].efficacy.members_changed, 2);
}

#[test]
fn a_node_comes_back_only_once_the_last_span_has_ended_that_keeps_it_out() {
    for first_to_end in [0, 1] {
        let (mut world, mut spans) = struck(&[(3, Data::Kept), (3, Data::Kept)]);
        spans.strike(0, &mut world, &[]);
        pass(&mut world, &mut spans);
        spans.strike(1, &mut world, &[]);
        spans.heal(first_to_end, &mut world);
        pass(&mut world, &mut spans);
        assert_eq!(members(&mut world), vec![vec![1, 2]; 2]);
        spans.heal(1 - first_to_end, &mut world);
        pass(&mut world, &mut spans);
        assert_eq!(members(&mut world), vec![vec![1, 2, 3]; 3]);
        // The second span found it removed, and changed nothing.
        let outcomes = spans.into_outcomes(&world);
        let changed: Vec<u64> = outcomes.iter().map(|it| it.efficacy.members_changed).collect();
        assert_eq!(changed, [1, 0]);
    }
}

/// What a span of a few milliseconds asked for may come about after its end.
#[test]
fn a_node_that_was_being_removed_when_the_span_ended_is_a_member_in_the_end() {
    let (mut world, mut spans) = struck(&[(1, Data::Kept), (2, Data::Lost), (3, Data::Kept)]);
    for at in 0..3 {
        spans.strike(at, &mut world, &[]);
        spans.tend_if_due(&mut world);
        while world.next(Time(world.now().0 + 3 * MS)) != Happening::Reached {}
        spans.heal(at, &mut world);
    }
    pass(&mut world, &mut spans);
    let looks = world.looks();
    assert!(spans.tend(&mut world, &looks), "{looks:?}");
    assert_eq!(members(&mut world), vec![vec![1, 2, 3]; 3]);
}

/// What it has acknowledged counts as soon as it is one: it must not lose that meanwhile.
#[test]
fn a_node_that_is_on_its_way_back_is_removed_again_before_it_is_replaced() {
    let (mut world, mut spans) = struck(&[(2, Data::Kept), (2, Data::Lost)]);
    spans.strike(0, &mut world, &[]);
    pass(&mut world, &mut spans);
    spans.heal(0, &mut world);
    for wait in [0, 1, 2, 3, 4, 5, 8] {
        let looks = world.looks();
        spans.tend(&mut world, &looks); // It is asked for.
        while world.next(Time(world.now().0 + wait * MS)) != Happening::Reached {}
        spans.strike(1, &mut world, &[]);
        pass(&mut world, &mut spans);
        // The second one has an empty log, and takes the members to be those of the start.
        let looks = world.looks();
        for place in [0, 2] {
            let said = looks[place].as_ref().unwrap().members.clone();
            assert_eq!(said, Some([1, 3].map(NodeId).to_vec()), "after {wait} ms");
        }
        spans.heal(1, &mut world);
    }
    pass(&mut world, &mut spans);
    assert_eq!(members(&mut world), vec![vec![1, 2, 3]; 3]);
    assert!(world.looks().into_iter().all(|look| look.unwrap().rests));
}

#[test]
fn only_a_target_takes_the_fault_whose_claim_covers_it() {
    let kind = FaultKind::ALL.into_iter().find(|it| it.name() == "membership");
    let takes = |target: &TargetConfig| Subject::from(target.clone()).takes(kind.unwrap());
    let every = TargetConfig::every(3..=3);
    let (taking, others): (Vec<_>, Vec<_>) = every.into_iter().partition(takes);
    assert!(taking.iter().all(|it| it.flags().contains(&"raft".to_owned())) && taking.len() >= 12);
    let refusal = Subject::from(others[0].clone()).refusal(kind.unwrap());
    assert!(refusal.is_some_and(|why| why.contains("give primary-replica --failover raft")));
}
