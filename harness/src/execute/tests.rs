//! What nodes tell of themselves, over whole simulated runs.

use std::collections::BTreeMap;
use std::os::fd::AsRawFd;
use std::path::Path;

use rashomon_checker::Time;
use rashomon_results::{NodeWord, Occurrence, TraceEnding, TraceReader};
use rashomon_targets::leaderless::UNCONDITIONAL_APPLY;
use rashomon_targets::{Family, FaultKind, Given, PlantedBug, TargetConfig};

use super::*;
use crate::settings::{Settings, fitting};
use crate::subject::USUAL_FAULTS;

/// When, who, and what it told.
type Told = (u64, String, NodeWord);

struct Quiet;

impl Watcher for Quiet {}

/// Runs in simulation, traced into a file.
struct Traced<'a> {
    target: &'a TargetConfig,
    work: Work<'a>,
    file: &'a Path,
}

impl Visitor for Traced<'_> {
    type Out = ();

    fn visit<P: Protocol>(self, protocol: &P::Settings) {
        let config = (protocol.clone(), self.target.bugs.clone());
        let keep = Keep { trace: Tracer::to_file(self.file).unwrap(), ..Keep::default() };
        let (nodes, seed) = (self.target.nodes, world_seed(self.work.settings));
        let mut world = Simulation::<P>::traced(config, nodes, seed, keep.trace.clone());
        run_in(&mut world, &self.work, keep, &mut Quiet).unwrap();
    }
}

/// What nodes told of themselves, as a whole trace has it.
fn words(file: &Path) -> Vec<Told> {
    let mut reader = TraceReader::open(file).unwrap();
    let told = reader.by_ref().filter_map(|line| {
        let line = line.unwrap();
        let Occurrence::Told { node, word } = line.occurrence else { return None };
        Some((line.time, node, word))
    });
    let told = told.collect();
    assert_eq!(reader.ending(), TraceEnding::Whole);
    told
}

/// A run in simulation.
struct Run {
    family: Family,
    bugs: Vec<PlantedBug>,
    faults: Vec<FaultKind>,
    seed: u64,
}

impl Run {
    /// Of the target that these flags make, under all faults.
    fn new(name: &str, flags: &[(&str, &str)], seed: u64) -> Self {
        let owned = |&(flag, value): &(&str, &str)| (flag.to_owned(), value.to_owned());
        let given: Given = flags.iter().map(owned).collect();
        let family = (Family::named(name).unwrap().configure)(&given).unwrap();
        Self { family, bugs: Vec::new(), faults: USUAL_FAULTS.to_vec(), seed }
    }

    /// What its nodes tell of themselves.
    fn traced(&self) -> Vec<Told> {
        let target = TargetConfig::new(self.family.clone(), None, self.bugs.clone());
        let kind = Kind::ALL[0];
        let mut settings = Settings::new(target.clone(), kind, Driver::Simulation, self.seed);
        settings.faults.clone_from(&self.faults);
        settings.time_ms = 3_000;
        let plan = plan(&settings);
        let requirement = Requirement::nothing();
        let work = Work::new(&settings, &plan, &requirement).unwrap();
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join(TRACE_FILE);
        target.family.visit(Traced { target: &target, work, file: &file });
        words(&file)
    }
}

fn traced(name: &str, flags: &[(&str, &str)], seed: u64) -> Vec<Told> {
    Run::new(name, flags, seed).traced()
}

/// Who leads each epoch.
fn leaders(traces: &[Told]) -> BTreeMap<u64, Vec<String>> {
    let mut leaders = BTreeMap::<u64, Vec<String>>::new();
    for (_, node, event) in traces {
        if let NodeWord::Leads { epoch, .. } = event
            && !leaders.entry(*epoch).or_default().contains(node)
        {
            leaders.entry(*epoch).or_default().push(node.clone());
        }
    }
    leaders
}

#[test]
fn no_two_nodes_lead_one_epoch_and_only_naive_failover_forgets() {
    let (mut epochs, mut forgot) = (0, 0);
    for seed in 0..6 {
        let fixed = traced("primary-replica", &[], seed);
        assert_eq!(leaders(&fixed), BTreeMap::from([(1, vec!["n1".to_owned()])]), "seed {seed}");
        let forgets = |(_, _, event): &&Told| matches!(event, NodeWord::Forgot { .. });
        assert_eq!(fixed.iter().find(forgets), None, "seed {seed}");
        let naive = traced("primary-replica", &[("failover", "naive")], seed);
        for (epoch, nodes) in leaders(&naive) {
            assert_eq!(nodes.len(), 1, "seed {seed}: {nodes:?} lead epoch {epoch}");
            epochs += 1;
        }
        forgot += naive.iter().filter(forgets).count();
    }
    assert!(epochs > 12 && forgot > 0, "{epochs} epochs, {forgot} times forgotten");
}

#[test]
fn two_nodes_that_apply_the_same_place_of_a_log_apply_the_same_entry() {
    for seed in 0..6 {
        let traces = traced("primary-replica", &[("replication", "semi-sync")], seed);
        let mut applied = BTreeMap::<u64, u64>::new();
        for (at, node, event) in &traces {
            let NodeWord::Applied { index, epoch } = event else { continue };
            let first = *applied.entry(*index).or_insert(*epoch);
            assert_eq!(first, *epoch, "seed {seed}: {node} at {at:?}, place {index}");
        }
        assert!(applied.len() > 100, "seed {seed}: {} places", applied.len());
    }
}

/// How often a node comes to hold an earlier version of a key than it held.
fn times_gone_back(traces: &[Told]) -> usize {
    let mut held = BTreeMap::new();
    let mut back = 0;
    for (_, node, event) in traces {
        let NodeWord::Holds { key, counter, by, life } = event else { continue };
        let version = (counter, by, life);
        let before = held.insert((node, key), version);
        back += usize::from(before.is_some_and(|before| before >= version));
    }
    assert!(held.len() > 10, "{} copies", held.len());
    back
}

#[test]
fn a_replica_that_lives_never_goes_back_to_an_earlier_version_unless_that_is_planted() {
    let mut planted = 0;
    for seed in 0..3 {
        let mut run = Run::new("leaderless", &[("write-back", "on")], seed);
        // A kill may take what was not durable, which is then held again.
        run.faults.retain(|kind| *kind != FaultKind::Kill);
        assert_eq!(times_gone_back(&run.traced()), 0, "seed {seed}");
        run.bugs = vec![UNCONDITIONAL_APPLY];
        planted += times_gone_back(&run.traced());
    }
    assert!(planted > 0, "the planted bug is seen from inside");
}

/// What a simulated run of counters on this target, under all faults, says of its claim.
fn counted(flags: &[(&str, &str)], seed: u64) -> (Outcome, Vec<String>) {
    let run = Run::new("primary-replica", flags, seed);
    let target = TargetConfig::new(run.family, None, Vec::new());
    let mut settings = Settings::new(target, Kind::Counter, Driver::Simulation, seed);
    settings.faults = USUAL_FAULTS.to_vec();
    settings.time_ms = 3_000;
    let finished = execute(&settings, &plan(&settings), Keep::default(), &mut Quiet).unwrap();
    let doubts = finished.judgement.all_doubts().map(ToString::to_string).collect();
    (finished.judgement.outcome(), doubts)
}

#[test]
fn a_counter_at_the_primary_counts_and_one_read_at_replicas_counts_a_beginning() {
    for seed in 0..4 {
        for flags in [&[][..], &[("reads", "replica")]] {
            let (outcome, doubts) = counted(flags, seed);
            assert_eq!(outcome, Outcome::Valid, "{flags:?}, seed {seed}: {doubts:?}");
        }
    }
}

/// The simulation of tests writes what nodes send and persist to bytes, and reads it back.
#[test]
fn what_nodes_of_any_configuration_send_and_persist_is_read_back_as_it_was() {
    let folder = tempfile::tempdir().unwrap();
    // One in nine of them: they differ in few settings at a time.
    for family in Family::ALL.iter().flat_map(|about| (about.every)(3)).step_by(9) {
        let target = TargetConfig { family, nodes: 3, bugs: Vec::new() };
        let fitting = fitting(&Subject::from(target.clone()));
        let kinds = [Kind::Register, Kind::Set, Kind::Siblings, Kind::Cart];
        for kind in kinds.into_iter().filter(|kind| fitting.contains(kind)) {
            let mut settings = Settings::new(target.clone(), kind, Driver::Simulation, 1);
            settings.time_ms = 200;
            let plan = plan(&settings);
            let requirement = Requirement::nothing();
            let work = Work::new(&settings, &plan, &requirement).unwrap();
            let file = folder.path().join(TRACE_FILE);
            target.family.visit(Traced { target: &target, work, file: &file });
            let records = std::fs::read_to_string(file).unwrap();
            assert!(records.contains("\"persist\"") && records.contains("\"sent\""));
        }
    }
}

/// Runs this in simulation, and judges nothing.
fn run_kept(run: &Run, keep: Keep) -> Finished {
    let target = TargetConfig::new(run.family.clone(), None, run.bugs.clone());
    let mut settings = Settings::new(target, Kind::ALL[0], Driver::Simulation, run.seed);
    settings.faults.clone_from(&run.faults);
    settings.time_ms = 2_000;
    let nothing = Requirement::nothing();
    execute_asking(&nothing, &settings, &plan(&settings), keep, &mut Quiet).unwrap()
}

#[test]
fn a_run_that_is_traced_has_the_history_of_one_that_is_not() {
    let folder = tempfile::tempdir().unwrap();
    let (history, trace) = (folder.path().join("history.jsonl"), folder.path().join(TRACE_FILE));
    for about in Family::ALL {
        let run = Run::new(about.name, &[], 3);
        let of = |trace: Tracer| {
            let writer = HistoryWriter::create(&history).unwrap();
            run_kept(&run, Keep { history: Some(writer), trace, ..Keep::default() });
            std::fs::read(&history).unwrap()
        };
        let untraced = of(Tracer::default());
        assert!(untraced.len() > 10_000, "{}: {} bytes", about.name, untraced.len());
        assert!(of(Tracer::to_file(&trace).unwrap()) == untraced, "{}", about.name);
        assert!(std::fs::metadata(&trace).unwrap().len() > untraced.len() as u64);
    }
}

/// A disk that is full, or gone: here a pipe without a reader.
#[test]
fn a_trace_that_cannot_be_written_is_told_and_the_run_is_judged() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("history.jsonl");
    let (reader, writer) = std::io::pipe().unwrap();
    let trace = Tracer::to_file(Path::new(&format!("/dev/fd/{}", writer.as_raw_fd()))).unwrap();
    drop((reader, writer));
    let history = Some(HistoryWriter::create(&path).unwrap());
    let run = Run::new("primary-replica", &[], 1);
    let finished = run_kept(&run, Keep { history, trace, ..Keep::default() });
    assert!(finished.trace_failed.unwrap().to_string().contains("cannot write /dev/fd/"));
    let lines = std::fs::read_to_string(&path).unwrap().lines().count();
    assert_eq!(lines as u64, 1 + finished.history.events().count() as u64, "the history is whole");
}

#[test]
fn a_signal_that_did_not_end_the_load_ends_judging() {
    let at = Time(1);
    assert_eq!(heeded(Ended::Interrupted { at }, [2, 3]), 3);
    assert_eq!(heeded(Ended::InTime, [2, 3]), 2);
    assert_eq!(heeded(Ended::Violation { at }, [2, 3]), 2);
}
