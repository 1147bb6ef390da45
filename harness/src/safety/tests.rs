//! Each property is broken by the least that breaks it, and kept by what only looks like that.

use super::*;

fn node(id: u16) -> NodeId {
    NodeId(id)
}

/// The properties that do not hold, and when, if nodes tell this, one thing after the other.
fn broken(told: &[(u16, TraceEvent)]) -> Vec<(&'static str, u64)> {
    let mut oracles = Oracles::default();
    for (at, (id, event)) in (1..).zip(told) {
        oracles.hear(Time(at), node(*id), event);
    }
    oracles.breaches().iter().map(|breach| (breach.property.name(), breach.at.0)).collect()
}

fn leads(epoch: u64, last: (u64, u64)) -> TraceEvent {
    TraceEvent::Leads { epoch, last }
}

fn follows(epoch: u64) -> TraceEvent {
    TraceEvent::Follows { epoch, leader: None }
}

fn applied(index: u64, epoch: u64) -> TraceEvent {
    TraceEvent::Applied { index, epoch }
}

fn counts(epoch: u64, voter: u16) -> TraceEvent {
    TraceEvent::Counts { epoch, voter: node(voter) }
}

#[test]
fn two_leaders_of_an_epoch_break_election_safety() {
    let two = [(1, leads(1, (0, 0))), (2, leads(1, (0, 0)))];
    assert_eq!(broken(&two), [("election-safety", 2)]);
    assert!(broken(&[(1, leads(1, (0, 0))), (2, leads(2, (0, 0)))]).is_empty());
    assert!(broken(&[(1, leads(1, (0, 0))), (1, leads(1, (0, 0)))]).is_empty());
}

#[test]
fn a_vote_that_two_candidates_count_breaks_vote_once() {
    assert_eq!(broken(&[(1, counts(4, 3)), (2, counts(4, 3))]), [("vote-once", 2)]);
    let apart = [(1, counts(4, 3)), (1, counts(4, 3)), (2, counts(5, 3)), (2, counts(4, 2))];
    assert!(broken(&apart).is_empty());
}

#[test]
fn two_entries_at_one_place_break_state_machine_safety() {
    assert_eq!(broken(&[(1, applied(7, 2)), (2, applied(7, 3))]), [("state-machine-safety", 2)]);
    let installed = TraceEvent::Installed { index: 7, epoch: 3 };
    assert_eq!(broken(&[(1, applied(7, 2)), (2, installed)]), [("state-machine-safety", 2)]);
    assert!(broken(&[(1, applied(7, 2)), (2, applied(7, 2)), (2, applied(8, 3))]).is_empty());
}

#[test]
fn a_leader_without_a_committed_entry_breaks_leader_completeness() {
    let committed = [(1, leads(1, (0, 0))), (1, applied(1, 1)), (1, applied(2, 1))];
    let then = |leader: TraceEvent| broken(&[&committed[..], &[(2, leader)]].concat());
    assert!(then(leads(2, (2, 1))).is_empty());
    assert_eq!(then(leads(2, (1, 1))), [("leader-completeness", 4)], "its log is shorter");
    let of_later = [(2, follows(3)), (2, applied(3, 3)), (3, leads(4, (9, 2)))];
    let longer = broken(&[&committed[..], &of_later].concat());
    assert_eq!(longer, [("leader-completeness", 6)], "its log is longer, of an earlier epoch");
}

/// It was elected before the entry was committed, and learns it late.
#[test]
fn a_leader_of_an_earlier_epoch_need_not_have_what_a_later_one_committed() {
    let late = [(2, leads(5, (1, 4))), (2, applied(2, 5)), (1, leads(4, (1, 3)))];
    assert!(broken(&late).is_empty());
    // Though the entry was made before it was elected: the later leader committed it.
    let old_entry = [(2, leads(5, (2, 3))), (2, applied(2, 3)), (1, leads(4, (1, 2)))];
    assert!(broken(&old_entry).is_empty());
}
