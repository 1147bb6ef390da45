use std::collections::BTreeSet;

use super::*;

fn nodes(count: u16) -> Vec<NodeId> {
    (1..=count).map(NodeId).collect()
}

/// Links by the numbers of their nodes.
fn links(shape: &Shape, direction: Direction, count: u16, primaries: &[u16]) -> Vec<(u16, u16)> {
    let primaries: Vec<NodeId> = primaries.iter().copied().map(NodeId).collect();
    let links = shape.links(direction, &nodes(count), &primaries);
    links.into_iter().map(|(from, to)| (from.0, to.0)).collect()
}

fn ids(numbers: &[u16]) -> Vec<NodeId> {
    numbers.iter().copied().map(NodeId).collect()
}

/// The nodes that a node hears while these links are cut, itself included.
fn heard_by(node: u16, cut: &[(u16, u16)], count: u16) -> BTreeSet<u16> {
    (1..=count).filter(|&from| !cut.contains(&(from, node))).collect()
}

fn shapes() -> Vec<Shape> {
    vec![
        Shape::Cut { side: ids(&[1, 2]) },
        Shape::Isolate { node: Victim::Primary },
        Shape::Primaries,
        Shape::Split { groups: vec![ids(&[2]), ids(&[4, 1])] },
        Shape::Bridge { side: ids(&[1, 2]), over: NodeId(3) },
        Shape::MajoritiesRing { order: ids(&[2, 5, 1]) },
        Shape::All,
    ]
}

#[test]
fn each_way_of_a_two_way_fault_is_a_part_of_it_and_together_they_are_all_of_it() {
    for shape in shapes() {
        let of = |direction| -> BTreeSet<(u16, u16)> {
            links(&shape, direction, 5, &[4, 2]).into_iter().collect()
        };
        let (both, out, into) = (of(Direction::Both), of(Direction::Out), of(Direction::In));
        assert!(!out.is_empty() && both == &out | &into, "{shape}: {both:?}");
        let reversed: BTreeSet<_> = out.iter().map(|&(from, to)| (to, from)).collect();
        assert_eq!(into, reversed, "{shape}");
        assert!(both.iter().all(|(from, to)| from != to), "{shape}");
    }
}

#[test]
fn a_one_way_cut_is_half_of_the_two_way_cut() {
    let shape = Shape::Cut { side: ids(&[1]) };
    assert_eq!(links(&shape, Direction::Out, 3, &[]), [(1, 2), (1, 3)]);
    assert_eq!(links(&shape, Direction::In, 3, &[]), [(2, 1), (3, 1)]);
    assert_eq!(links(&shape, Direction::Both, 3, &[]).len(), 4);
}

#[test]
fn isolating_the_primary_needs_one_and_takes_the_latest() {
    let shape = Shape::Isolate { node: Victim::Primary };
    assert!(links(&shape, Direction::Both, 3, &[]).is_empty());
    assert_eq!(links(&shape, Direction::Out, 3, &[2, 1]), [(2, 1), (2, 3)]);
}

#[test]
fn every_primary_is_cut_off_even_from_another_one() {
    assert!(links(&Shape::Primaries, Direction::Both, 3, &[]).is_empty());
    let cut = links(&Shape::Primaries, Direction::Both, 4, &[3, 1]);
    assert_eq!(heard_by(1, &cut, 4), [1].into());
    assert_eq!(heard_by(3, &cut, 4), [3].into());
    assert_eq!(heard_by(2, &cut, 4), [2, 4].into());
}

#[test]
fn groups_hear_themselves_only_and_nodes_that_none_names_are_one_more() {
    let shape = Shape::Split { groups: vec![ids(&[1, 2]), ids(&[4])] };
    let cut = links(&shape, Direction::Both, 6, &[]);
    for (node, heard) in [(1, [1, 2].into()), (4, [4].into()), (5, BTreeSet::from([3, 5, 6]))] {
        assert_eq!(heard_by(node, &cut, 6), heard);
    }
}

#[test]
fn a_bridge_is_all_that_two_sides_have_in_common() {
    let shape = Shape::Bridge { side: ids(&[1, 2]), over: NodeId(3) };
    let cut = links(&shape, Direction::Both, 5, &[]);
    assert_eq!(heard_by(2, &cut, 5), [1, 2, 3].into());
    assert_eq!(heard_by(3, &cut, 5), [1, 2, 3, 4, 5].into());
    assert_eq!(heard_by(5, &cut, 5), [3, 4, 5].into());
}

#[test]
fn in_a_ring_each_node_reaches_a_majority_and_no_two_the_same() {
    for count in 3..=9 {
        let cut = links(&Shape::MajoritiesRing { order: Vec::new() }, Direction::Both, count, &[]);
        let heard: Vec<BTreeSet<u16>> =
            (1..=count).map(|node| heard_by(node, &cut, count)).collect();
        let majority = usize::from(count) / 2 + 1;
        let more = heard.iter().filter(|heard| heard.len() == majority + 1).count();
        assert!(heard.iter().all(|heard| [majority, majority + 1].contains(&heard.len())));
        assert_eq!(more, usize::from(count % 4 == 3), "{count}: {heard:?}");
        let distinct: BTreeSet<_> = heard.iter().collect();
        assert_eq!(distinct.len(), heard.len(), "{count}: {heard:?}");
    }
}

#[test]
fn the_order_of_a_ring_is_as_told_and_nodes_that_it_leaves_out_follow() {
    let shape = Shape::MajoritiesRing { order: ids(&[3, 1]) };
    // The ring 3, 1, 2: the first and the last are apart.
    assert_eq!(links(&shape, Direction::Both, 3, &[]), [(2, 3), (3, 2)]);
    assert_eq!(links(&shape, Direction::Out, 3, &[]), [(3, 2)]);
}

#[test]
fn all_links_are_all_pairs() {
    assert_eq!(links(&Shape::All, Direction::Both, 3, &[]).len(), 6);
}

#[test]
fn a_shape_is_the_same_after_writing_and_reading_and_names_its_nodes() {
    for shape in shapes() {
        let text = serde_json::to_string(&shape).unwrap();
        assert_eq!(serde_json::from_str::<Shape>(&text).unwrap(), shape, "{text}");
        for node in shape.named() {
            assert!(text.contains(&node.0.to_string()), "{text}: {node}");
        }
    }
    let ring: Shape = serde_json::from_str(r#"{"majorities-ring":{}}"#).unwrap();
    assert_eq!(ring, Shape::MajoritiesRing { order: Vec::new() });
    let bridge = Shape::Bridge { side: ids(&[1]), over: NodeId(2) };
    assert_eq!(bridge.named(), ids(&[1, 2]));
}
