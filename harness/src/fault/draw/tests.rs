use rashomon_targets::{FaultKind, NodeId};

use super::*;
use crate::fault::{Aim, Condition};
use crate::subject::USUAL_FAULTS;

const LOAD: u64 = 10_000_000_000;

fn menu(kinds: &[FaultKind]) -> FaultMenu {
    FaultMenu {
        kinds: kinds.to_vec(),
        choice: FaultChoice::Named,
        nodes: (1..=5).map(NodeId).collect(),
        has_primary: true,
        focus: None,
        topologies: Topologies::All,
        lasts: Time(LOAD),
    }
}

fn unnamed(kinds: &[FaultKind]) -> FaultMenu {
    FaultMenu { choice: FaultChoice::Unnamed, ..menu(kinds) }
}

fn plans(menu: &FaultMenu) -> Vec<Plan> {
    (0..400).map(|seed| draw(Seed(seed), menu)).collect()
}

/// The kinds that a plan has, each once.
fn kinds(plan: &Plan) -> Vec<&'static str> {
    let mut kinds = plan.kinds();
    kinds.sort_unstable();
    kinds.dedup();
    kinds
}

#[test]
fn equal_seeds_draw_equal_plans_and_others_do_not() {
    let menu = menu(&FaultKind::ALL);
    assert_eq!(draw(Seed(1), &menu), draw(Seed(1), &menu));
    assert_ne!(draw(Seed(1), &menu), draw(Seed(2), &menu));
}

#[test]
fn every_kind_that_was_named_occurs_and_no_other() {
    for plan in plans(&menu(&[FaultKind::Partition, FaultKind::Kill])) {
        assert_eq!(kinds(&plan), ["kill", "partition"]);
    }
}

#[test]
fn where_nobody_names_kinds_one_run_of_eight_has_no_faults_and_half_have_all_kinds() {
    let plans = plans(&unnamed(&USUAL_FAULTS));
    let count = |is: fn(&Plan) -> bool| plans.iter().filter(|plan| is(plan)).count();
    let none = count(|plan| plan.spans.is_empty());
    let all = count(|plan| kinds(plan).len() == USUAL_FAULTS.len());
    assert!((30..=70).contains(&none) && all > 150, "{none} without, {all} with all kinds");
    assert!(none + all < 350, "some have some kinds");
}

#[test]
fn all_heal_in_time_and_some_of_one_track_overlap_with_lengths_of_every_order() {
    let plans = plans(&menu(&[FaultKind::Kill, FaultKind::Pause]));
    let overlaps = |plan: &&Plan| plan.spans.windows(2).any(|pair| pair[0].end() > pair[1].start);
    let overlapping = plans.iter().filter(overlaps).count();
    // One of four is of the other family.
    assert!((200..=300).contains(&overlapping), "{overlapping} of 400");
    let spans: Vec<&FaultSpan> = plans.iter().flat_map(|plan| &plan.spans).collect();
    assert!(spans.iter().all(|span| span.end() < Time(LOAD) && span.lasts.0 >= SHORTEST));
    for range in [20..40, 40..80, 80..160, 160..320, 320..640, 640..1_400_u64] {
        let many = spans.iter().filter(|span| range.contains(&(span.lasts.0 / 1_000_000))).count();
        assert!(many > 100, "{many} of {range:?} ms");
    }
}

#[test]
fn steady_spans_of_a_track_do_not_overlap() {
    for seed in 0..100 {
        let mut spans = steady(Seed(seed), &menu(&[FaultKind::Kill, FaultKind::Pause]));
        spans.sort_by_key(|span| span.start);
        assert!(spans.len() >= 3, "{spans:?}");
        assert!(spans.windows(2).all(|pair| pair[0].end() < pair[1].start), "{spans:?}");
        assert!(spans.iter().all(|span| span.end() < Time(LOAD)));
    }
}

#[test]
fn most_kills_wait_for_what_is_not_durable_and_some_strike_all_nodes() {
    let plans = plans(&menu(&[FaultKind::Kill, FaultKind::Pause]));
    let spans: Vec<FaultSpan> = plans.into_iter().flat_map(|plan| plan.spans).collect();
    let kills: Vec<&FaultSpan> = spans.iter().filter(|span| span.kind() == "kill").collect();
    let waiting = kills.iter().filter(|span| span.once == Some(Condition::Undurable)).count();
    let of_all = kills.iter().filter(|span| span.fault.aim() == Aim::All).count();
    assert!(waiting * 10 > kills.len() * 7 && waiting * 10 < kills.len() * 8, "{waiting}");
    assert!(of_all * 10 > kills.len() && of_all * 10 < kills.len() * 3, "{of_all}");
    assert!(spans.iter().all(|span| span.kind() == "kill" || span.once.is_none()));
}

#[test]
fn no_kinds_no_faults_and_a_lone_node_has_no_links() {
    for seed in 0..20 {
        assert_eq!(draw(Seed(seed), &menu(&[])), Plan::default());
        let lone = FaultMenu { nodes: vec![NodeId(1)], ..unnamed(&[FaultKind::Partition]) };
        assert_eq!(draw(Seed(seed), &lone), Plan::default());
    }
}

#[test]
fn a_load_that_is_shorter_than_the_shortest_fault_has_shorter_ones() {
    let short = FaultMenu { lasts: Time(100_000_000), ..menu(&FaultKind::ALL) };
    for plan in plans(&short) {
        assert!(!plan.spans.is_empty());
        assert!(plan.spans.iter().all(|span| span.end() <= Time(90_000_000)), "{plan:?}");
    }
}
