use std::collections::BTreeMap;

use super::{MODELS, check, check_all};
use crate::agreement::{READABLE, compare_widened, lagging_in_time, told_by_places};
use crate::consistency::StalenessBound;
use crate::k_atomic::{Versioned, measure};
use crate::linearizability::Options;
use crate::plant::{self, Bug};
use crate::weak::session_view;
use crate::{Budget, Event, History, ModelKind, Time};

#[test]
fn bounds_prefix_and_regularity_of_all_objects_with_reads_agree_with_brute_force() {
    for model in READABLE {
        let mut counts = BTreeMap::new();
        for seed in 0..400 {
            compare_widened(model, seed, &mut counts).unwrap_or_else(|told| panic!("{told}"));
        }
        for what in ["bounded", "prefix", "regular"] {
            let of = |name| counts.get(&(what, name)).copied().unwrap_or(0);
            assert!(of("valid") > 20 && of("invalid") > 20, "{model} {what}: {counts:?}");
            assert!(of("unknown") * 10 < of("valid") + of("invalid"), "{model} {what}: {counts:?}");
        }
    }
}

#[test]
fn each_mistake_planted_in_widened_reads_is_caught() {
    for bug in [Bug::WidenTooFar, Bug::WidenPastUpdates, Bug::WidenNothing] {
        let wrong = |seed| compare_widened(ModelKind::Set, seed, &mut BTreeMap::new()).is_err();
        assert!(plant::with(bug, || (0..2_000).any(wrong)), "{bug:?} is not caught");
    }
}

#[test]
fn a_register_keeps_the_bounds_from_the_least_one_on() {
    let mut between = 0;
    for seed in 0..4_000 {
        let history = lagging_in_time(ModelKind::Register, seed);
        let Ok(view) = session_view(&history) else { continue };
        let least = measure(&Versioned::new(&history, &view, &Budget::default())).bound_ns;
        let found = check_all(&history, ModelKind::Register, &Options::default());
        let expected = least.map_or(MODELS.len(), |least| {
            StalenessBound::ALL.into_iter().take_while(|bound| bound.nanos() < least).count()
        });
        assert!(
            found.doubts.is_empty(),
            "{}",
            told_by_places(&history, &format!("{:?}", found.doubts))
        );
        assert_eq!(
            found.held_from,
            expected,
            "{}",
            told_by_places(&history, &format!("seed {seed}"))
        );
        assert_eq!(found.broken_before, expected);
        assert_eq!(found.anomaly.is_some(), expected > 0);
        between += u64::from(expected > 0 && expected < MODELS.len());
    }
    assert!(between > 50, "{between}");
}

#[test]
fn events_without_times_or_with_times_out_of_order_decide_no_bound() {
    let timed = lagging_in_time(ModelKind::Register, 3);
    let with = |time: &dyn Fn(u64, Time) -> Time| {
        let events = timed.events().map(|it| Event { time: time(it.index, it.time), ..it });
        let history = History::from_events(events).unwrap();
        check(&history, ModelKind::Register, StalenessBound::LEAST, &Options::default())
    };
    assert!(!with(&|_, time| time).is_unknown());
    assert!(with(&|_, _| Time(0)).is_unknown());
    assert!(with(&|index, time| if index == 0 { Time(u64::MAX / 2) } else { time }).is_unknown());
}
