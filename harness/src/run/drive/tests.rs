//! The run loop against a world that does what a test says and writes down what is asked of it.

mod scripted;

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

use rashomon_checker::{Event, EventKind};
use rashomon_targets::{Admin, Caller, Family, Now, Pace, Role, TargetConfig, leaderless};
use rashomon_workloads::{Kind, Returned, Seed, Sizes};

use super::*;
use crate::doubt::Whose;
use crate::fault::kill::Kill;
use crate::fault::partition::{Partition, Silence};
use crate::fault::pause::Pause;
use crate::fault::{DirectedLink, Direction, Efficacy, Fault, FaultSpan, Shape, SharedEffect};
use crate::fault::{Victim, Victims};
use crate::world::{Administered, Client, Disks, Killed, Launcher, Links, Look, Part, Probe, Why};
use scripted::{Entry, Scripted, Watching, done};

const MS: u64 = 1_000_000;

fn look(rests: bool, digest: u64) -> Look {
    Look { role: Some(Role::Peer), epoch: 0, rests, digest, bug_hits: 0, members: None }
}

fn kill(id: u32, start: u64, lasts: u64) -> FaultSpan {
    span(Kill { node: Victims::Node(NodeId(1)) }.into(), id, start, lasts)
}

fn cut(id: u32, start: u64, lasts: u64) -> FaultSpan {
    let (shape, effect) = (Shape::Isolate { node: Victim::Primary }, Silence::Drop);
    span(Partition { shape, direction: Direction::Out, effect }.into(), id, start, lasts)
}

fn span(fault: Fault, id: u32, start: u64, lasts: u64) -> FaultSpan {
    FaultSpan::written(id, fault, [start * MS, lasts * MS])
}

/// Half a second of reads and writes by four processes.
fn run(world: &mut Scripted, spans: Vec<FaultSpan>) -> Driven {
    stopped_after(usize::MAX, world, spans)
}

fn stopped_after(events: usize, world: &mut Scripted, spans: Vec<FaultSpan>) -> Driven {
    let family = leaderless::Config { n: 2, r: 1, w: 2, read_repair: false, ..Default::default() };
    let target = TargetConfig { family: Family::Leaderless(family), nodes: 2, bugs: Vec::new() };
    let sizes = Sizes {
        lasts: Time(500 * MS),
        ops: Some(60),
        rate: None,
        burst: 4,
        keys: 1,
        ops_per_key: 1000,
    };
    let mut workload =
        Workload::new(Kind::Register, Seed(1), &sizes, &client::offered(&target.profile()));
    let mut recorder = Recorder::new(None);
    let router = Router::new(&target.profile(), &world.members(), 4, Seed(1));
    let mut watcher = Watching { log: world.log.clone(), stop_after: events };
    let closing = world.closing;
    let asked = Schedule { plan: &Plan { spans }, processes: 4, pace: Pace::LOCAL, closing };
    let drive = Drive::new(world, &mut recorder, router, &mut watcher, asked);
    let driven = drive.run(&mut workload).unwrap();
    recorder.finish().unwrap();
    driven
}

fn events(log: &[Entry]) -> impl Iterator<Item = &Event> {
    log.iter()
        .filter_map(|entry| if let Entry::Recorded(event) = entry { Some(event) } else { None })
}

#[test]
fn an_invocation_is_recorded_before_it_is_sent_and_with_the_time_of_before() {
    let mut world = Scripted::new();
    run(&mut world, Vec::new());
    let log = world.log.borrow();
    let sent: Vec<(&Entry, u64)> = log
        .windows(2)
        .filter_map(|pair| match &pair[1] {
            Entry::Submitted { at, .. } => Some((&pair[0], *at)),
            _ => None,
        })
        .collect();
    assert!(sent.len() > 50, "{log:#?}");
    for (before, at) in sent {
        let Entry::Recorded(event) = before else { panic!("sent after {before:?}") };
        assert_eq!((event.kind, event.time), (EventKind::Invoke, Time(at)), "{event:?}");
    }
}

#[test]
fn a_completion_is_recorded_once_its_reply_is_there_and_with_that_time() {
    let mut world = Scripted::new();
    run(&mut world, Vec::new());
    let log = world.log.borrow();
    let mut completions = 0;
    for pair in log.windows(2) {
        let Entry::Recorded(event) = &pair[1] else { continue };
        if event.kind == EventKind::Invoke {
            continue;
        }
        completions += 1;
        assert_eq!(pair[0], Entry::Replied(event.time.0), "{event:?}");
    }
    assert!(completions > 50, "{log:#?}");
}

#[test]
fn replies_that_are_there_are_taken_before_anything_new_is_asked() {
    let mut world = Scripted::new();
    // The next submission takes longer than the answer to the one before.
    world.answering = Box::new(|_, _, op| (MS / 2, done(op)));
    run(&mut world, Vec::new());
    let log = world.log.borrow();
    let waiting = log.iter().filter_map(|entry| match entry {
        Entry::Submitted { waiting, .. } => Some(*waiting),
        _ => None,
    });
    assert_eq!(waiting.max(), Some(0), "an operation that had ended is told as concurrent");
}

#[test]
fn a_process_that_does_not_know_never_asks_again() {
    let mut world = Scripted::new();
    world.answering = Box::new(|number, _, op| match number % 5 {
        0 => (MS, Reply::Lost("reset".into())),
        _ => (MS, done(op)),
    });
    run(&mut world, Vec::new());
    let log = world.log.borrow();
    let retired: Vec<(usize, ProcessId)> = events(&log)
        .enumerate()
        .filter(|(_, event)| event.kind == EventKind::Info)
        .map(|(at, event)| (at, event.process))
        .collect();
    assert!(!retired.is_empty(), "{log:#?}");
    for (at, process) in retired {
        assert!(events(&log).skip(at + 1).all(|event| event.process != process), "{process}");
    }
}

/// A process, and which of its operations each is. What is passed on is the same operation.
#[test]
fn a_caller_counts_its_operations_from_1_and_one_that_is_passed_on_is_not_another() {
    let mut world = Scripted::new();
    world.answering = Box::new(|number, node, op| match number % 7 {
        0 => (MS, Reply::Lost("reset".into())),
        3 if node == NodeId(1) => {
            (MS, Reply::Refused { why: Why::NotPrimary, hint: Some(NodeId(2)) })
        }
        _ => (MS, done(op)),
    });
    run(&mut world, Vec::new());
    let log = world.log.borrow();
    let asked = |entry: &Entry| match entry {
        Entry::Submitted { caller, op, .. } => Some((*caller, op.clone())),
        _ => None,
    };
    let mut last: BTreeMap<u64, (u64, Op)> = BTreeMap::new();
    let mut passed_on = 0;
    for (Caller { client, seq }, op) in log.iter().filter_map(asked) {
        match last.get(&client) {
            Some((before, same)) if *before == seq => {
                assert_eq!(*same, op);
                passed_on += 1;
            }
            before => assert_eq!(seq, before.map_or(0, |(before, _)| *before) + 1, "{client}"),
        }
        last.insert(client, (seq, op));
    }
    let begun: u64 = last.values().map(|(seq, _)| seq).sum();
    let invoked = events(&log).filter(|event| event.kind == EventKind::Invoke).count() as u64;
    assert_eq!(begun, invoked);
    assert!(passed_on > 0 && last.len() > 2, "{log:#?}");
}

#[test]
fn every_fault_heals_before_the_cluster_is_awaited_and_none_strikes_after_the_load() {
    let mut world = Scripted::new();
    // The second lasts beyond the load; the third is planned for after it.
    let driven = run(&mut world, vec![cut(0, 50, 50), cut(1, 300, 90_000), cut(2, 90_000, 1)]);
    let log = world.log.borrow();
    let of = |wanted: &Entry| log.iter().position(|entry| entry == wanted);
    let struck = |id| Entry::Struck(id, vec![(NodeId(1), NodeId(2))]);
    let (first_look, healed) = (of(&Entry::Looked(true)), of(&Entry::Healed(1)));
    // A look at each strike tells who is primary, so the first look after healing is what counts.
    assert!(first_look < of(&struck(0)), "a strike looks for a primary");
    let settling =
        log.iter().rposition(|entry| matches!(entry, Entry::Struck(..) | Entry::Healed(_)));
    assert_eq!(settling, healed, "healing is the last that is done to the cluster");
    let finals =
        log.iter().position(|entry| matches!(entry, Entry::Submitted { op, .. } if op.is_final()));
    assert!(healed.is_some() && healed < finals, "{log:#?}");
    let looks = log[healed.unwrap()..finals.unwrap()].iter();
    assert!(looks.filter(|entry| **entry == Entry::Looked(true)).count() >= 2);
    assert!(of(&Entry::Healed(0)) < of(&struck(1)), "each ends when its time is over");
    assert_eq!(of(&struck(2)), None);
    let began: Vec<bool> = driven.spans.iter().map(|outcome| outcome.struck.is_some()).collect();
    let healed: Vec<bool> = driven.spans.iter().map(|outcome| outcome.healed.is_some()).collect();
    assert_eq!((began, healed), (vec![true, true, false], vec![true, true, false]));
}

#[test]
fn copies_are_read_only_once_the_cluster_rests_and_stays_so() {
    let mut world = Scripted::new();
    // It rests from the 9th look on; at the 5th it rests, and then goes on.
    world.looks = Box::new(|number| match number {
        5 => vec![Some(look(true, 5)), Some(look(true, 5))],
        9.. => vec![Some(look(true, 9)), Some(look(true, 9))],
        _ => vec![Some(look(true, number)), Some(look(false, number))],
    });
    let driven = run(&mut world, Vec::new());
    assert_eq!(driven.rest, Rest::Rested);
    let log = world.log.borrow();
    let finals =
        log.iter().position(|entry| matches!(entry, Entry::Submitted { op, .. } if op.is_final()));
    let looks = log[..finals.unwrap()].iter().filter(|entry| matches!(entry, Entry::Looked(_)));
    assert!(looks.count() >= 10, "two looks in a row see the same");
}

#[test]
fn a_cluster_that_never_rests_is_told_as_unsettled() {
    for silent in [Some(look(false, 1)), None] {
        let mut world = Scripted::new();
        world.looks = Box::new(move |_| vec![Some(look(true, 1)), silent.clone()]);
        assert_eq!(run(&mut world, Vec::new()).rest, Rest::NotRested);
    }
    let mut world = Scripted::new();
    // Each look sees another state: something is still under way that no node knows of.
    world.looks = Box::new(|number| vec![Some(look(true, number)), Some(look(true, number))]);
    assert_eq!(run(&mut world, Vec::new()).rest, Rest::NotRested);
}

#[test]
fn a_cluster_whose_copies_are_not_read_is_not_looked_at_for_rest() {
    let mut world = Scripted { closing: Closing::Sweep, ..Scripted::new() };
    // A probe would find it at rest at once.
    assert_eq!(run(&mut world, Vec::new()).rest, Rest::NotLooked);
}

#[test]
fn a_copy_that_could_not_be_read_is_told_unless_there_is_none() {
    let mut world = Scripted::new();
    world.answering = Box::new(|_, node, op| match (op.is_final(), node) {
        (true, NodeId(2)) => (MS, Reply::refused(Why::Unreached)),
        _ => (MS, done(op)),
    });
    let driven = run(&mut world, Vec::new());
    let nodes: Vec<NodeId> = driven.unread.iter().map(|unread| unread.node).collect();
    assert_eq!(nodes, [NodeId(2)], "{driven:#?}");
    let mut world = Scripted::new();
    let no_copy = || Reply::refused(Why::NotReplica);
    world.answering = Box::new(move |_, node, op| match (op.is_final(), node) {
        (true, NodeId(2)) => (MS, no_copy()),
        _ => (MS, done(op)),
    });
    assert_eq!(run(&mut world, Vec::new()).unread, []);
}

#[test]
fn an_interrupted_load_heals_and_is_told_as_interrupted() {
    let mut world = Scripted::new();
    let driven = stopped_after(20, &mut world, vec![kill(0, 0, 400), kill(1, 450, 10)]);
    assert!(matches!(driven.ended, Ended::Interrupted { at } if at < Time(500 * MS)), "{driven:?}");
    assert!(driven.spans[0].healed.is_some() && driven.spans[1].struck.is_none(), "{driven:?}");
    let log = world.log.borrow();
    assert!(events(&log).any(|event| event.is_final), "copies are read all the same");
}

#[test]
fn what_broke_is_known_at_the_end() {
    let mut world = Scripted::new();
    let broken = Breakdown {
        part: Part::Node(NodeId(2)),
        whose: Whose::Environment,
        what: "was ended from outside".into(),
    };
    world.breakdowns = vec![broken.clone()];
    assert_eq!(run(&mut world, Vec::new()).breakdowns, [broken]);
}

#[test]
fn a_fault_aimed_at_the_primary_strikes_whoever_that_is_and_the_outcome_says_who() {
    let mut world = Scripted::new();
    let lead = |role| Some(Look { role: Some(role), ..look(true, 1) });
    world.looks = Box::new(move |_| vec![lead(Role::Replica), lead(Role::Primary)]);
    let fault = Kill { node: Victims::Primary }.into();
    let driven = run(&mut world, vec![span(fault, 0, 50, 50), cut(1, 200, 50)]);
    let log = world.log.borrow();
    assert!(log.contains(&Entry::Killed(NodeId(2))) && log.contains(&Entry::Launched(NodeId(2))));
    assert!(log.contains(&Entry::Struck(1, vec![(NodeId(2), NodeId(1))])), "n2 is not heard");
    let did: Vec<_> = driven.spans.iter().map(|it| (&it.on[..], it.efficacy.killed)).collect();
    assert_eq!(did, [(&[NodeId(2)][..], 1), (&[NodeId(2)][..], 0)]);
    assert_eq!(driven.spans[0].efficacy.records_lost, 2);
    assert_eq!(driven.spans[1].efficacy.dropped, 3, "links are counted by the world");
}

#[test]
fn a_pause_counts_what_came_while_it_lasted_and_a_kill_ends_it() {
    let mut world = Scripted::new();
    let pause =
        |id, start, lasts| span(Pause { node: Victim::Node(NodeId(1)) }.into(), id, start, lasts);
    let driven = run(&mut world, vec![pause(0, 50, 50), pause(1, 200, 100), kill(2, 240, 20)]);
    let stalled = |at: usize| driven.spans[at].efficacy.stalled;
    assert!((50..70).contains(&stalled(0)), "{}", stalled(0));
    assert!((40..60).contains(&stalled(1)), "{}: it ended with the node", stalled(1));
    let log = world.log.borrow();
    let resumed = log.iter().filter(|entry| **entry == Entry::Resumed(NodeId(1))).count();
    assert_eq!(resumed, 1, "the one that was killed does not go on");
}
