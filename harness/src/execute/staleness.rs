//! What the probe workload measures is what the delays of the simulated world foretell, by Monte Carlo: the model
//! WARS of Bailis et al., "Probabilistically bounded staleness for practical partial quorums", VLDB 2012.

use std::collections::BTreeMap;
use std::sync::Arc;

use rashomon_checker::k_atomic::stale_by_age;
use rashomon_checker::weak::session_view;
use rashomon_checker::{Event, EventKind, History, ProcessId};
use rashomon_targets::{Family, Given, TargetConfig};
use rashomon_workloads::{Kind, Measure, Rng, Seed};

use super::*;
use crate::fault::usual_delay;
use crate::world::simulation::delays::{client_delay, sync_time};

/// Draws of the model.
const DRAWS: usize = 100_000;

struct Quiet;

impl Watcher for Quiet {}

/// A run without faults of three nodes that mend nothing, each quorum one of them.
fn history() -> Arc<History> {
    let flags = [("n", "3"), ("r", "1"), ("w", "1"), ("read-repair", "off")];
    let given: Given = flags.iter().map(|&(flag, on)| (flag.to_owned(), on.to_owned())).collect();
    let family = (Family::named("leaderless").unwrap().configure)(&given).unwrap();
    let target = TargetConfig::new(family, Some(3), Vec::new());
    let tells = |kind: &Kind| kind.measure() == Some(Measure::StaleByAge);
    let kind = Kind::ALL.into_iter().find(tells).unwrap();
    let mut settings = Settings::new(target, kind, Driver::Simulation, 1);
    (settings.rate, settings.time_ms) = (Some(2_000), 60_000);
    let (requirement, plan) = (Requirement::nothing(), Plan::default());
    let run = execute_asking(&requirement, &settings, &plan, Keep::default(), &mut Quiet);
    run.unwrap().history
}

/// The events without reads at the node that was written to: it has what it acknowledged.
fn reads_elsewhere(events: &[Event]) -> Vec<Event> {
    let mut written = BTreeMap::new();
    let mut left_out: Option<ProcessId>;
    let mut gone: Vec<ProcessId> = Vec::new();
    let mut kept = Vec::new();
    for event in events.iter().filter(|event| !event.is_final) {
        left_out = None;
        let key = event.key.as_ref().map(ToString::to_string);
        match (event.kind, &*event.f) {
            (EventKind::Invoke, "write") => drop(written.insert(key, event.node.clone())),
            (EventKind::Invoke, "read") if written.get(&key) == Some(&event.node) => {
                gone.push(event.process);
                continue;
            }
            (EventKind::Invoke, _) => {}
            _ if gone.contains(&event.process) => left_out = Some(event.process),
            _ => {}
        }
        match left_out {
            Some(process) => gone.retain(|&it| it != process),
            None => kept.push(event.clone()),
        }
    }
    kept
}

/// By how much later than the soonest possible read a copy arrives at another node, in nanoseconds, in many
/// draws, ascending: it is stale as long as it is read sooner than that.
fn margins() -> Vec<i64> {
    let mut rng = Seed(2).rng();
    let mut draw = || {
        let arrives = usual_delay(&mut rng);
        let acknowledges =
            |rng: &mut Rng, on_its_way: u64| on_its_way + sync_time(rng) + usual_delay(rng);
        let other = usual_delay(&mut rng);
        // The writer's own copy, or that of a node that has it sooner on its disk.
        let known = sync_time(&mut rng)
            .min(acknowledges(&mut rng, arrives))
            .min(acknowledges(&mut rng, other));
        let read = known + client_delay(&mut rng) + client_delay(&mut rng);
        arrives.cast_signed() - read.cast_signed()
    };
    let mut margins: Vec<i64> = (0..DRAWS).map(|_| draw()).collect();
    margins.sort_unstable();
    margins
}

/// For each read of an acknowledged write, how long after that it began.
fn ages(events: &[Event]) -> Vec<u64> {
    let mut acknowledged = BTreeMap::new();
    let mut ages = Vec::new();
    for event in events {
        let key = event.key.as_ref().map(ToString::to_string);
        match (event.kind, &*event.f) {
            (EventKind::Ok, "write") => drop(acknowledged.insert(key, event.time.0)),
            (EventKind::Invoke, "read") => {
                ages.extend(acknowledged.get(&key).map(|at| event.time.0 - at));
            }
            _ => {}
        }
    }
    ages
}

#[test]
#[expect(clippy::cast_precision_loss, reason = "a test counts less than 2^52")]
fn the_measured_probability_of_a_stale_read_is_that_which_the_delays_foretell() {
    let events = reads_elsewhere(&history().events().collect::<Vec<_>>());
    let (ages, margins) = (ages(&events), margins());
    let stale_at = |age: u64| {
        let fresh = margins.partition_point(|&margin| margin <= age.cast_signed());
        (DRAWS - fresh) as f64 / DRAWS as f64
    };
    let history = History::from_events(events).unwrap();
    let curve = stale_by_age(&history, &session_view(&history).unwrap());
    let (mut inside, mut outside) = (0, Vec::new());
    for class in curve.iter().filter(|class| class.reads >= 100) {
        let is_in = |age: &&u64| **age >= class.from_ns && class.to_ns.is_none_or(|to| **age < to);
        let here: Vec<f64> = ages.iter().filter(is_in).map(|&age| stale_at(age)).collect();
        assert_eq!(here.len() as u64, class.reads);
        let foretold = here.iter().sum::<f64>() / here.len() as f64 * 1e6;
        if (f64::from(class.low_ppm)..=f64::from(class.high_ppm)).contains(&foretold) {
            inside += 1;
        } else {
            outside.push((foretold, class));
        }
    }
    // One interval of twenty does not contain what it should.
    assert!(inside >= 11 && outside.len() <= 1, "{inside} agree, and these do not: {outside:#?}");
    assert!(curve[0].stale > curve[0].reads / 2 && curve.last().unwrap().stale == 0, "{curve:#?}");
}
