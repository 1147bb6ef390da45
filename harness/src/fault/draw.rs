//! Draws a plan from a seed.

use rashomon_checker::Time;
use rashomon_targets::{FaultKind, NodeId};
use rashomon_workloads::{Rng, Seed};

use super::{Direction, Fault, FaultSpan, LinkEffect, Plan, Shape, Victim};

/// What a plan may hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct FaultMenu {
    /// Kinds of fault, each of which occurs if there is time.
    pub(crate) kinds: Vec<FaultKind>,
    /// The nodes, in ascending order.
    pub(crate) nodes: Vec<NodeId>,
    /// Whether one of them is primary, and so worth aiming at.
    pub(crate) has_primary: bool,
    /// How long the load lasts.
    pub(crate) lasts: Time,
}

/// Draws a plan: one track of network faults and one of process faults, side by side, each fault
/// followed by a quiet time. Everything heals before the load ends.
pub(crate) fn draw(seed: Seed, menu: &FaultMenu) -> Plan {
    let on = |kind: FaultKind| menu.kinds.contains(&kind).then_some(kind);
    // A node alone has no links.
    let links = menu.nodes.len() > 1;
    let network: Vec<FaultKind> = [FaultKind::Partition, FaultKind::Messages, FaultKind::Corrupt]
        .into_iter()
        .filter_map(on)
        .filter(|_| links)
        .collect();
    let process: Vec<FaultKind> =
        [FaultKind::Kill, FaultKind::Pause].into_iter().filter_map(on).collect();
    let mut spans = track(seed.stream("network"), menu, &network);
    spans.extend(track(seed.stream("process"), menu, &process));
    spans.sort_by_key(|span| span.start);
    for (id, span) in (0..).zip(&mut spans) {
        span.id = id;
    }
    Plan { spans }
}

fn track(seed: Seed, menu: &FaultMenu, kinds: &[FaultKind]) -> Vec<FaultSpan> {
    let mut rng = seed.rng();
    let mut spans = Vec::new();
    if kinds.is_empty() {
        return spans;
    }
    let unit = (menu.lasts.0 / 100).max(1);
    let end = unit * 90;
    let mut start = unit * rng.between(6, 12);
    let mut turn = rng.index(kinds.len());
    loop {
        // A process fault is shorter than a network fault, so that none of these can fall into a
        // time in which nobody who could be cut off is alive.
        let kind = kinds[turn % kinds.len()];
        let lasts = unit
            * match kind {
                FaultKind::Partition | FaultKind::Messages | FaultKind::Corrupt => {
                    rng.between(11, 18)
                }
                FaultKind::Kill | FaultKind::Pause => rng.between(4, 7),
            };
        if start + lasts > end {
            return spans;
        }
        let fault = make(&mut rng, menu, kind);
        spans.push(FaultSpan { id: 0, fault, start: Time(start), lasts: Time(lasts) });
        start += lasts + unit * rng.between(5, 10);
        turn += 1;
    }
}

fn make(rng: &mut Rng, menu: &FaultMenu, kind: FaultKind) -> Fault {
    match kind {
        FaultKind::Partition => partition(rng, menu),
        FaultKind::Messages => {
            let effect = match rng.below(4) {
                0 => LinkEffect::Loss { per_mille: 200 },
                1 => LinkEffect::Delay { mean: 20_000_000 },
                2 => LinkEffect::Duplicate { per_mille: 300 },
                _ => LinkEffect::Reorder { per_mille: 300, by: 50_000_000 },
            };
            Fault::Links { shape: Shape::All, direction: Direction::Both, effect }
        }
        FaultKind::Corrupt => {
            let effect = LinkEffect::Corrupt { per_mille: 200 };
            Fault::Links { shape: Shape::All, direction: Direction::Both, effect }
        }
        FaultKind::Kill => Fault::Kill { node: victim(rng, menu) },
        FaultKind::Pause => Fault::Pause { node: victim(rng, menu) },
    }
}

fn partition(rng: &mut Rng, menu: &FaultMenu) -> Fault {
    let shape = match rng.below(2) {
        0 => Shape::Isolate { node: victim(rng, menu) },
        _ => Shape::Cut { side: half(rng, &menu.nodes) },
    };
    let direction = match rng.below(5) {
        0 => Direction::Out,
        1 => Direction::In,
        _ => Direction::Both,
    };
    Fault::Links { shape, direction, effect: LinkEffect::Drop }
}

/// The primary half of the time, where there is one; else any node.
fn victim(rng: &mut Rng, menu: &FaultMenu) -> Victim {
    if menu.has_primary && rng.below(2) == 0 {
        Victim::Primary
    } else {
        Victim::Node(menu.nodes[rng.index(menu.nodes.len())])
    }
}

/// A random half of the nodes, the smaller one if they are odd.
fn half(rng: &mut Rng, nodes: &[NodeId]) -> Vec<NodeId> {
    let mut all = nodes.to_vec();
    let size = (all.len() / 2).max(1);
    for at in 0..size {
        let other = at + rng.index(all.len() - at);
        all.swap(at, other);
    }
    all.truncate(size);
    all.sort_unstable();
    all
}

#[cfg(test)]
mod tests {
    use super::*;

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
    fn no_kinds_no_faults_and_a_lone_node_has_no_links() {
        assert_eq!(draw(Seed(1), &menu(&[])), Plan::default());
        let lone = FaultMenu { nodes: vec![NodeId(1)], ..menu(&[FaultKind::Partition]) };
        assert_eq!(draw(Seed(1), &lone), Plan::default());
    }
}
