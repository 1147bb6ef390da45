//! The public interface, with reference nodes and with nodes that nobody should write.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use rashomon_checker::Consistency;
use rashomon_results::{RunRecord, TRACE_FILE, strict};
use rashomon_targets::primary_replica::{Config, PrimaryReplica, Reads};
use rashomon_targets::{
    Boot, Claim, Digest, Family, FaultKind, Input, Node, NodeId, Now, Operation, Outbox,
    PlantedBug, Role, Status, TargetConfig,
};
use rashomon_workloads::Kind;

use super::*;
use crate::execute::{Keep, execute, plan};
use crate::run::drive::Watcher;
use crate::settings::{self, Driver, Settings};
use crate::subject::USUAL_FAULTS;

struct Quiet;

impl Watcher for Quiet {}

const FAULTS: [FaultKind; 2] = [FaultKind::Partition, FaultKind::Kill];

/// A reference target, used as if it came from another crate.
fn as_own(config: Config) -> Harness<Target<PrimaryReplica>> {
    let target = reference(config);
    Harness::new()
        .target::<PrimaryReplica>((config, Vec::new()))
        .profile(target.profile())
        .claim(target.claim())
        .faults(FAULTS)
        .ops(300)
}

fn reference(config: Config) -> TargetConfig {
    TargetConfig { family: Family::PrimaryReplica(config), nodes: 3, bugs: Vec::new() }
}

/// Replicas answer reads, which is not linearizable.
fn weak() -> Config {
    Config { reads: Reads::Any, ..Config::default() }
}

#[test]
fn a_run_of_somebodys_node_is_the_run_that_the_same_node_has_as_a_reference() {
    let mut settings = Settings::new(reference(weak()), Kind::Register, Driver::Simulation, 7);
    settings.faults = FAULTS.to_vec();
    settings.ops = Some(300);
    let usual = execute(&settings, &plan(&settings), Keep::default(), &mut Quiet).unwrap();
    let own = Arc::new(Mutex::new(None));
    let seen = own.clone();
    let told = move |ran: &Ran| *seen.lock().unwrap() = ran.record().cloned();
    as_own(weak()).seed(7).each(told).run().unwrap();
    let own = own.lock().unwrap().take().expect("each run is told");
    assert_eq!(own.evidence.operations, usual.history.len() as u64);
    assert_eq!(own.known.end, usual.driven.end);
    assert_eq!(own.evidence.faults.len(), usual.driven.spans.len());
    let anomalies: Vec<_> = usual.judgement.anomalies().collect();
    assert_eq!(own.anomalies().map(|(_, anomaly)| anomaly).collect::<Vec<_>>(), anomalies);
}

#[test]
fn a_violation_tells_its_story_and_its_seed_which_makes_the_same_run_again() {
    let weak = || as_own(weak()).require([Consistency::Linearizable]);
    let report = weak().seeds(1..=50).run().unwrap();
    let violation = report.assert_violation();
    let story = violation.story();
    assert!(story.contains(&violation.summary.split(',').next().unwrap()[..20]), "{story}");
    assert!(story.ends_with(&format!("again     .seed({})\n", violation.seed)), "{story}");
    assert!(!story.contains("rashomon run"), "no command line runs it: {story}");
    let again = weak().seed(violation.seed).run().unwrap();
    assert_eq!(again.assert_violation().story(), story);
    let refused = std::panic::catch_unwind(|| report.assert_kept()).unwrap_err();
    assert!(refused.downcast_ref::<String>().unwrap().contains("VIOLATION"));
}

#[test]
fn a_series_ends_at_its_first_violation_unless_it_is_to_go_on() {
    let weak = || as_own(weak()).require([Consistency::Linearizable]).seeds(1..=8);
    let (first, all) = (weak().run().unwrap(), weak().keep_going().run().unwrap());
    assert_eq!(first.violating.len(), 1);
    assert_eq!(first.violating[0], all.violating[0], "the lowest seed, on any number of cores");
    assert_eq!(all.runs, 8);
    assert!(all.violating.len() > 1, "{:?}", all.violating);
}

#[test]
fn what_cannot_be_asked_is_refused_in_a_sentence() {
    let refused = |harness: Harness<Target<PrimaryReplica>>| harness.run().unwrap_err().to_string();
    let own = || as_own(Config::default());
    let mut registers = reference(Config::default()).profile();
    registers.offers = vec![Operation::Get, Operation::Put].into();
    let told = refused(own().profile(registers).workload(Kind::Set));
    assert!(told.contains("primary-replica does not offer set add"), "{told}");
    assert!(told.contains("it offers register read, register write"), "{told}");
    assert!(refused(own().nodes(0)).contains("1 to 64 nodes, not 0; give .nodes(...)"));
    assert!(refused(own().name("my store")).contains("give .name(...)"));
    assert!(refused(own().clients(0)).contains("processes is 0"));
    let told = refused(own().processes("/nowhere/node"));
    assert!(told.contains("/nowhere/node") || told.contains("start"), "{told}");
}

#[test]
fn no_run_is_not_a_kept_promise() {
    #[expect(clippy::reversed_empty_ranges, reason = "this is about one")]
    let seeds = 2..=1;
    let none = as_own(Config::default()).seeds(seeds).allow_unknown(9).run().unwrap();
    assert!(matches!(none.verdict(), Verdict::Unknown([])), "{none}");
    assert!(none.to_string().contains("no run was made"), "{none}");
}

#[test]
fn runs_that_cannot_tell_are_unknown_unless_that_many_are_allowed() {
    // One operation meets no other, so such a run shows nothing.
    let few = |allowed| as_own(Config::default()).ops(1).seeds(1..=2).allow_unknown(allowed);
    let report = few(0).run().unwrap();
    let Verdict::Unknown(undecided) = report.verdict() else { panic!("{report}") };
    assert!(undecided.iter().all(|it| !it.doubts.is_empty() && !it.panicked), "{undecided:?}");
    assert!(!matches!(few(2).run().unwrap().verdict(), Verdict::Valid), "none could tell");
}

#[test]
fn a_run_that_is_kept_can_be_judged_again_and_says_that_its_own_test_runs_it() {
    let store = tempfile::tempdir().unwrap();
    let weak =
        as_own(weak()).require([Consistency::Linearizable]).seeds(1..=50).store(store.path());
    let report = weak.run().unwrap();
    let record = &report.assert_violation().record;
    let folder = std::path::Path::new(record.run.as_ref().expect("it is kept"));
    let text = std::fs::read_to_string(folder.join("run.toml")).unwrap();
    let stored: Settings = strict::toml(&text, settings::HEADER).unwrap();
    stored.validate().unwrap();
    assert_eq!(crate::record::settings(record).unwrap(), stored);
    let text = std::fs::read_to_string(folder.join("verdict.json")).unwrap();
    assert_eq!(&strict::json::<RunRecord>(&text, RunRecord::HEADER).unwrap(), record);
    let refused = stored.target.check_runs_here().unwrap_err();
    assert!(
        refused.contains("PrimaryReplica") && refused.contains("rashomon check RUN"),
        "{refused}"
    );
    assert!(execute(&stored, &plan(&stored), Keep::default(), &mut Quiet).is_err());
}

#[test]
fn every_run_is_told_once_and_a_planted_bug_is_named_and_counted() {
    const BUG: PlantedBug = PlantedBug::new("no-such-family-has-it", "a test");
    let runs = Arc::new(AtomicU64::new(0));
    let told = runs.clone();
    let planted = as_own(Config::default())
        .plant(BUG, |(_, bugs)| bugs.extend(Family::bug("pr-ack-before-fsync")))
        .each(move |_| {
            told.fetch_add(1, Ordering::Relaxed);
        })
        .seeds(1..=6)
        .keep_going();
    let report = planted.run().unwrap();
    assert_eq!(runs.load(Ordering::Relaxed), 6);
    assert!(report.bug_hits > 0, "{report}");
    if let Some(violation) = &report.violation {
        assert_eq!(violation.record.target.bugs, [BUG.name]);
    }
}

/// A node that panics at its first request.
struct Panics;

impl Node for Panics {
    type Message = ();
    type Record = ();
    type Timer = ();
    type Config = ();

    fn recover((): &(), _: Boot, _: impl IntoIterator<Item = ()>) -> Self {
        Self
    }

    fn handle(&mut self, _: Now, input: Input<(), ()>, _: &mut Outbox<'_, (), (), ()>) {
        assert!(!matches!(input, Input::Request { .. }), "no requests, please");
    }

    fn status(&self) -> Status {
        let (role, digest) = (Role::Peer, Digest(0));
        Status::settled(role, digest)
    }

    fn describe((): &()) -> String {
        String::new()
    }
}

#[test]
fn a_node_that_panics_ends_the_series_with_its_words_and_its_seed_and_is_never_allowed() {
    let report = Harness::new().target::<Panics>(()).seeds(5..=90).allow_unknown(90).run().unwrap();
    assert_eq!(report.runs, 1);
    let Verdict::Unknown([undecided]) = report.verdict() else { panic!("{report}") };
    assert_eq!((undecided.seed, undecided.panicked), (5, true));
    assert_eq!(undecided.doubts, ["a node panicked: no requests, please"]);
}

/// A reference node that cannot say what its messages are.
struct Speechless(PrimaryReplica);

impl Node for Speechless {
    type Message = <PrimaryReplica as Node>::Message;
    type Record = <PrimaryReplica as Node>::Record;
    type Timer = <PrimaryReplica as Node>::Timer;
    type Config = <PrimaryReplica as Node>::Config;

    fn recover(
        config: &Self::Config,
        boot: Boot,
        records: impl IntoIterator<Item = Self::Record>,
    ) -> Self {
        Self(PrimaryReplica::recover(config, boot, records))
    }

    fn handle(
        &mut self,
        now: Now,
        input: Input<Self::Message, Self::Timer>,
        out: &mut Outbox<'_, Self::Message, Self::Record, Self::Timer>,
    ) {
        self.0.handle(now, input, out);
    }

    fn status(&self) -> Status {
        self.0.status()
    }

    fn describe(_: &Self::Message) -> String {
        panic!("no words")
    }
}

#[test]
fn a_node_that_cannot_describe_its_messages_is_judged_and_kept_all_the_same() {
    let store = tempfile::tempdir().unwrap();
    let target = reference(weak());
    let harness = Harness::new()
        .target::<Speechless>((weak(), Vec::new()))
        .profile(target.profile())
        .claim(target.claim());
    let weak = harness.faults(FAULTS).ops(300).require([Consistency::Linearizable]);
    let report = weak.seeds(1..=50).store(store.path()).run().unwrap();
    let record = &report.assert_violation().record;
    let trace = std::path::Path::new(record.run.as_ref().unwrap()).join(TRACE_FILE);
    let trace = std::fs::read_to_string(trace).unwrap();
    assert!(trace.contains("`describe` panicked: no words"), "{trace}");
    assert!(trace.trim_end().ends_with("\"not_written\":0}"), "the trace is whole");
}

#[test]
fn a_panic_that_is_not_of_a_node_goes_on() {
    let ours = std::panic::catch_unwind(|| caught::unless_node_panics(|| panic!("ours")));
    assert!(ours.is_err());
}

#[test]
fn what_is_required_of_a_node_without_a_claim_is_all_that_is_judged() {
    let claim: Claim = Target::<Panics>::new(()).described().unwrap().claim;
    assert!(claim.durable && claim.converges);
    assert!(USUAL_FAULTS.iter().all(|kind| claim.under.contains(kind)), "{claim}");
    assert_eq!(Target::<Panics>::new(()).described().unwrap().nodes, 3);
    assert_eq!(NodeId(3).to_string(), "n3");
}
