//! Draws a plan from a seed.

use rashomon_checker::Time;
use rashomon_workloads::Seed;

use super::{About, Fault, FaultMenu, FaultSpan, Origin, Plan, Track};

/// Draws a plan: one track of network faults and one of process faults, side by side, each fault
/// followed by a quiet time. Everything heals before the load ends.
pub(crate) fn draw(seed: Seed, menu: &FaultMenu) -> Plan {
    let mut spans: Vec<FaultSpan> =
        Track::ALL.into_iter().flat_map(|it| track(seed.stream(it.stream()), menu, it)).collect();
    spans.sort_by_key(|span| span.start);
    for (id, span) in (0..).zip(&mut spans) {
        span.id = id;
    }
    Plan { spans }
}

fn track(seed: Seed, menu: &FaultMenu, track: Track) -> Vec<FaultSpan> {
    let is_wanted = |it: &&About| it.track == track && menu.kinds.contains(&it.kind);
    let kinds: Vec<&About> = Fault::ALL.iter().filter(is_wanted).collect();
    let (mut rng, mut waits) = (seed.rng(), seed.stream("waits").rng());
    let mut spans = Vec::new();
    if kinds.is_empty() || menu.nodes.len() < track.least_nodes() {
        return spans;
    }
    let unit = (menu.lasts.0 / 100).max(1);
    let end = unit * 90;
    let mut start = unit * rng.between(6, 12);
    let mut turn = rng.index(kinds.len());
    let (least, most) = track.lasts();
    loop {
        let lasts = unit * rng.between(least, most);
        if start + lasts > end {
            return spans;
        }
        let kind = kinds[turn % kinds.len()];
        let fault = (kind.draw)(&mut rng, menu);
        let once = kind.once.filter(|_| waits.below(4) > 0);
        spans.push(FaultSpan {
            id: 0,
            fault,
            start: Time(start),
            lasts: Time(lasts),
            once,
            origin: Origin::Drawn,
        });
        start += lasts + unit * rng.between(5, 10);
        turn += 1;
    }
}

#[cfg(test)]
mod tests {
    use rashomon_targets::{FaultKind, NodeId};

    use super::*;
    use crate::fault::{Aim, Condition};

    fn menu(kinds: &[FaultKind]) -> FaultMenu {
        FaultMenu {
            kinds: kinds.to_vec(),
            nodes: (1..=5).map(NodeId).collect(),
            has_primary: true,
            lasts: Time(10_000_000_000),
        }
    }

    #[test]
    fn equal_seeds_draw_equal_plans_and_others_do_not() {
        let menu = menu(&FaultKind::ALL);
        assert_eq!(draw(Seed(1), &menu), draw(Seed(1), &menu));
        assert_ne!(draw(Seed(1), &menu), draw(Seed(2), &menu));
    }

    #[test]
    fn every_kind_asked_for_occurs_and_no_other() {
        for seed in 0..100 {
            let plan = draw(Seed(seed), &menu(&[FaultKind::Partition, FaultKind::Kill]));
            let kinds: Vec<&str> = plan.spans.iter().map(FaultSpan::kind).collect();
            assert!(kinds.contains(&"partition") && kinds.contains(&"kill"), "{kinds:?}");
            assert!(!kinds.contains(&"pause") && !kinds.contains(&"messages"), "{kinds:?}");
        }
    }

    #[test]
    fn spans_of_a_track_do_not_overlap_and_all_heal_in_time() {
        for seed in 0..100 {
            let plan = draw(Seed(seed), &menu(&[FaultKind::Kill, FaultKind::Pause]));
            assert!(plan.spans.len() >= 3, "{plan:?}");
            for pair in plan.spans.windows(2) {
                assert!(pair[0].end() < pair[1].start, "{plan:?}");
            }
            assert!(plan.spans.iter().all(|span| span.end() < Time(10_000_000_000)));
        }
    }

    #[test]
    fn most_kills_wait_for_what_is_not_durable_and_some_strike_all_nodes() {
        let plans =
            (0..100).map(|seed| draw(Seed(seed), &menu(&[FaultKind::Kill, FaultKind::Pause])));
        let spans: Vec<FaultSpan> = plans.flat_map(|plan| plan.spans).collect();
        let kills: Vec<&FaultSpan> = spans.iter().filter(|span| span.kind() == "kill").collect();
        let waiting = kills.iter().filter(|span| span.once == Some(Condition::Undurable)).count();
        let of_all = kills.iter().filter(|span| span.fault.aim() == Aim::All).count();
        assert!(waiting * 10 > kills.len() * 7 && waiting * 10 < kills.len() * 8, "{waiting}");
        assert!(of_all * 10 > kills.len() && of_all * 10 < kills.len() * 3, "{of_all}");
        assert!(spans.iter().all(|span| span.kind() == "kill" || span.once.is_none()));
    }

    #[test]
    fn no_kinds_no_faults_and_a_lone_node_has_no_links() {
        assert_eq!(draw(Seed(1), &menu(&[])), Plan::default());
        let lone = FaultMenu { nodes: vec![NodeId(1)], ..menu(&[FaultKind::Partition]) };
        assert_eq!(draw(Seed(1), &lone), Plan::default());
    }
}
