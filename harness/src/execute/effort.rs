//! What simulated runs take, in numbers that are the same on every machine: events that are queued, and
//! memory that is asked for. Time is compared by `cargo bench -p rashomon`, never asserted.

use rashomon_targets::{Family, FaultKind, Given, TargetConfig};

use super::*;
use crate::allocations::allocations;

/// What runs took.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Effort {
    pushes: u64,
    allocations: u64,
}

/// A run in simulation, which nobody judges.
struct Measured<'a> {
    target: &'a TargetConfig,
    work: Work<'a>,
}

struct Quiet;

impl Watcher for Quiet {}

impl Visitor for Measured<'_> {
    type Out = Effort;

    fn visit<P: Protocol>(self, protocol: &P::Settings) -> Effort {
        let before = allocations();
        let config = (protocol.clone(), self.target.bugs.clone());
        let seed = world_seed(self.work.settings);
        let mut world = Simulation::<P>::new(config, self.target.nodes, seed);
        run_in(&mut world, &self.work, Keep::default(), &mut Quiet).unwrap();
        Effort { pushes: world.pushed(), allocations: allocations() - before }
    }
}

/// Three runs of 1,000 operations each, under faults by name, so that a new one changes nothing.
fn measured(name: &str, flags: &[(&str, &str)]) -> Effort {
    let owned = |&(flag, value): &(&str, &str)| (flag.to_owned(), value.to_owned());
    let given: Given = flags.iter().map(owned).collect();
    let family = (Family::named(name).unwrap().configure)(&given).unwrap();
    let target = TargetConfig::new(family, None, Vec::new());
    let kind = Kind::ALL[0];
    let mut sum = Effort { pushes: 0, allocations: 0 };
    for seed in 1..=3 {
        let mut settings = Settings::new(target.clone(), kind, Driver::Simulation, seed);
        settings.faults =
            vec![FaultKind::Partition, FaultKind::Kill, FaultKind::Pause, FaultKind::Messages];
        settings.ops = Some(1_000);
        let (plan, requirement) = (plan(&settings), Requirement::nothing());
        let work = Work::new(&settings, &plan, &requirement).unwrap();
        let Effort { pushes, allocations } =
            target.family.visit(Measured { target: &target, work });
        sum.pushes += pushes;
        sum.allocations += allocations;
    }
    sum
}

/// A configuration, its flags, and what three runs of it took when this was last written down.
type Known = (&'static str, &'static [(&'static str, &'static str)], Effort);

const KNOWN: [Known; 4] = [
    ("primary-replica", &[], Effort { pushes: 12_630, allocations: 5_081 }),
    ("primary-replica", &[("failover", "raft")], Effort { pushes: 23_492, allocations: 37_678 }),
    ("leaderless", &[], Effort { pushes: 30_897, allocations: 10_527 }),
    ("leaderless", &[("write-back", "on")], Effort { pushes: 39_454, allocations: 11_484 }),
];

/// A change that needs more for a reason writes down the new numbers, and says so.
#[test]
fn a_run_takes_no_more_events_and_allocations_than_it_did() {
    let fits = |now: u64, known: u64| now * 100 <= known * 105;
    let mut grown = Vec::new();
    for (name, flags, known) in KNOWN {
        let now = measured(name, flags);
        if !fits(now.pushes, known.pushes) || !fits(now.allocations, known.allocations) {
            grown.push(format!("{name} {flags:?}: {now:?}, and it was {known:?}"));
        }
        assert_eq!(measured(name, flags), now, "{name} {flags:?}: the same again");
    }
    assert!(grown.is_empty(), "{}", grown.join("\n"));
}
