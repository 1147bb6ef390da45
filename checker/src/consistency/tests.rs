//! What the ladder must be, whatever is on it.

use std::collections::BTreeSet;

use super::{Consistency, ConsistencyFamily, EDGES, Versions};

#[test]
fn no_model_implies_a_model_that_implies_it() {
    for one in Consistency::ALL {
        assert!(one.implies(one), "{one}");
        for other in Consistency::ALL {
            let both = one.implies(other) && other.implies(one);
            assert_eq!(both, one == other, "{one}, {other}");
        }
    }
}

#[test]
fn what_is_implied_by_what_is_implied_is_implied() {
    for one in Consistency::ALL {
        for middle in one.implied() {
            for other in middle.implied() {
                assert!(one.implies(other), "{one}, {middle}, {other}");
            }
        }
    }
}

#[test]
fn every_edge_has_a_source_and_says_what_no_other_edges_say() {
    let mut seen = BTreeSet::new();
    for edge in EDGES {
        assert!(edge.source.len() > 20, "{edge:?}");
        assert!(seen.insert((edge.stronger, edge.weaker)), "it is there twice: {edge:?}");
        let mut between = edge.stronger.implied().filter(|it| *it != edge.weaker);
        let longer = between.find(|middle| middle.implies(edge.weaker));
        assert_eq!(longer, None, "it follows from others: {edge:?}");
    }
}

#[test]
fn names_are_read_back_and_no_two_models_share_one() {
    let names: BTreeSet<&str> = Consistency::ALL.iter().map(|it| it.name()).collect();
    assert_eq!(names.len(), Consistency::ALL.len());
    for model in Consistency::ALL {
        assert_eq!(model.name().parse(), Ok(model));
        assert!(!model.summary().ends_with('.'), "{model}: {}", model.summary());
    }
    let unknown = "linearisable".parse::<Consistency>().unwrap_err();
    assert_eq!(unknown.to_string(), "no consistency model is called `linearisable`");
    let ten = Versions::new(10);
    assert_eq!((ten, Versions::new(1), Versions::new(2)), (None, None, Some(Versions::TWO)));
}

#[test]
fn of_the_four_session_guarantees_none_implies_another() {
    use Consistency as C;
    let guarantees =
        [C::ReadYourWrites, C::MonotonicReads, C::MonotonicWrites, C::WritesFollowReads];
    for one in guarantees {
        assert_eq!(one.implied().count(), 0, "{one}");
    }
    let implied = |model: C| guarantees.map(|it| model.implies(it));
    assert_eq!(implied(C::Pram), [true, true, true, false]);
    assert_eq!(implied(C::CausalMemory), [true; 4]);
    assert_eq!(implied(C::CausalConvergence), [true; 4]);
    assert_eq!(implied(C::Causal), [true, false, false, false]);
}

#[test]
fn nothing_that_clients_see_implies_anything_of_replicas() {
    let is_of_replicas = |it: &Consistency| it.family() == ConsistencyFamily::Replicas;
    for model in Consistency::ALL.into_iter().filter(|it| !is_of_replicas(it)) {
        assert_eq!(model.implied().find(is_of_replicas), None, "{model}");
    }
}
