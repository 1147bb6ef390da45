//! Every configuration against its own claim: what is run, and what is counted.
//!
//! A claim is about all runs, so no number of runs confirms it: it survives them, or one refutes
//! it.
//! The runs differ in what they find: short ones have restarts at every step of a protocol, long
//! ones
//! have long cuts and the recovery after them, and a written plan repeats one that found something
//! before.

use rashomon_targets::{Claim, FaultKind, Leadership, Operation, Profile, TargetConfig};
use rashomon_workloads::Kind;
use serde::Serialize;

use crate::fault::Plan;
use crate::judge::{Judgement, Outcome, Requirement};
use crate::settings::{Driver, Settings};
use crate::subject::USUAL_FAULTS;

/// The sizes of clusters whose claims are tested.
pub(crate) const SIZES: std::ops::RangeInclusive<u16> = 3..=7;

/// How many times slower a plan is for configurations in which a replica promotes itself.
pub(crate) const SLOWNESS: u64 = 8;

/// The fault that divides a cluster into sides, of which claims of availability speak.
pub(crate) const CUT: FaultKind = FaultKind::Partition;

/// A kind of run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Style {
    /// 300 ms of dense load; where nothing is acknowledged before a replica has taken over, a second, or
    /// two and a half times as long as that takes. A kill lasts some 20 ms, or 70.
    Short,
    /// 8 s of bursts, faults of up to a second and a half.
    Long,
    /// 8 s of load under a plan that was given; eight times as long, load and plan, where nothing is
    /// acknowledged before a replica has promoted itself.
    Planned,
}

impl Style {
    /// The settings of a run of this kind.
    pub(crate) fn settings(self, target: &TargetConfig, seed: u64) -> Settings {
        let profile = target.profile();
        // Elements are never overwritten, so a set tells what was lost, where there are copies to
        // compare; registers tell the rest.
        let set = seed.is_multiple_of(4) && profile.copies > 1;
        let registers = if target.claim().sessions {
            Kind::SessionRoam
        } else if profile.offers.contains(&Operation::Get) {
            Kind::Register
        } else {
            Kind::Siblings // A register has several values there.
        };
        let removes = profile.offers.contains(&Operation::Remove) && seed.is_multiple_of(8);
        let kind = match (set, removes) {
            (false, _) => registers,
            (true, false) => Kind::Set,
            (true, true) => Kind::Cart,
        };
        self.with_workload(target, kind, seed)
    }

    /// The settings of a run of this kind with this workload.
    pub(crate) fn with_workload(self, target: &TargetConfig, kind: Kind, seed: u64) -> Settings {
        let profile = target.profile();
        let mut settings = Settings::new(target.clone(), kind, Driver::Simulation, seed);
        settings.faults = faults_for(&target.claim(), kind, seed);
        match self {
            Self::Short => {
                settings.time_ms = match profile.leadership {
                    Leadership::Taken { within } => (within / 400_000).max(1_000),
                    Leadership::None | Leadership::Fixed => 300,
                };
                settings.ops = Some(900);
                // Nothing goes on while a primary waits for a message that was lost, so a second
                // fault of 300 ms would change nothing; and operations that all wait together take
                // long to judge.
                let may_lose = profile.leadership == Leadership::None && seed % 2 == 1;
                settings.processes = if may_lose { 24 } else { 8 };
                settings.faults.retain(|&kind| {
                    kind == FaultKind::Kill || may_lose && kind == FaultKind::Messages
                });
            }
            Self::Long => settings.ops = Some(1000),
            Self::Planned => {
                settings.time_ms *= self.slowness(target);
                // A rate, and no number of operations, so that the load lasts as long as the plan.
                settings.rate = Some(2_000_000 / settings.time_ms);
            }
        }
        settings
    }

    /// How many times slower than written a plan is carried out. A replica waits for up to 450 ms
    /// before it promotes itself, and a coordination service may need twice that: where every node is
    /// killed more often, there is never a primary, and nothing is tested.
    pub(crate) fn slowness(self, target: &TargetConfig) -> u64 {
        if self == Self::Planned && takes_over(&target.profile()) { SLOWNESS } else { 1 }
    }
}

/// The usual faults that a claim covers. Under some of them registers may only converge, and a run has faults of
/// all kinds: then every other run of registers does without those, so that the rest of the claim is tested.
/// Where not even that is promised, all do.
fn faults_for(claim: &Claim, kind: Kind, seed: u64) -> Vec<FaultKind> {
    let less = &claim.registers_only_converge_under;
    let tests_order = kind != Kind::Set && (!claim.converges || seed % 2 == 1);
    let under = claim.under.iter().copied().filter(|kind| USUAL_FAULTS.contains(kind));
    under.filter(|kind| !(tests_order && less.contains(kind))).collect()
}

/// Whether a replica takes over by itself, before which nothing is acknowledged.
fn takes_over(profile: &Profile) -> bool {
    matches!(profile.leadership, Leadership::Taken { .. })
}

/// What is required of a run: the claim alone.
pub(crate) fn requirement(settings: &Settings, kind: Kind, plan: &Plan) -> Requirement {
    Requirement::new(settings, kind, &plan.kinds()).alone()
}

/// A configuration, and the results of its runs.
#[derive(Clone, Debug)]
pub(crate) struct Tested {
    /// The configuration.
    pub(crate) target: TargetConfig,
    /// The results of its runs.
    pub(crate) tally: RunCounts,
    /// The first run that broke the claim: the command that runs it again, and what it found.
    pub(crate) violation: Option<(String, String)>,
    /// The first run that is undecided: the command that runs it again, and why.
    pub(crate) doubt: Option<(String, String)>,
}

impl Tested {
    /// Nothing has been run yet.
    pub(crate) fn new(target: TargetConfig) -> Self {
        Self { target, tally: RunCounts::default(), violation: None, doubt: None }
    }
}

/// Counts of runs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub(crate) struct RunCounts {
    /// Runs that ended.
    pub(crate) runs: u64,
    /// Runs that broke the claim.
    pub(crate) violations: u64,
    /// Runs that are undecided.
    pub(crate) unknown: u64,
    /// Those of them in which a promise has no checker, or nothing was promised.
    pub(crate) not_judged: u64,
    /// Time that one core spent on them, in seconds.
    pub(crate) seconds: f64,
}

impl RunCounts {
    /// Counts a run.
    pub(crate) fn count(&mut self, judgement: &Judgement, seconds: f64) {
        let outcome = judgement.outcome();
        self.runs += 1;
        self.violations += u64::from(outcome == Outcome::Violation);
        self.unknown += u64::from(outcome == Outcome::Unknown);
        self.not_judged += u64::from(judgement.leaves_out());
        self.seconds += seconds;
    }

    /// Adds the counts of other runs.
    pub(crate) fn add(&mut self, other: Self) {
        self.runs += other.runs;
        self.violations += other.violations;
        self.unknown += other.unknown;
        self.not_judged += other.not_judged;
        self.seconds += other.seconds;
    }

    /// The percentage of runs that are undecided.
    #[expect(clippy::cast_precision_loss, reason = "a figure for people")]
    pub(crate) fn unknown_percent(&self) -> f64 {
        self.unknown as f64 / (self.runs as f64).max(1.0) * 100.0
    }

    /// Whether too few runs are decided. Of a few runs, one decided run is enough.
    pub(crate) fn tells_too_little(&self) -> bool {
        let few = self.runs < 20;
        if few { self.unknown == self.runs } else { self.unknown * 20 >= self.runs }
    }
}

#[cfg(test)]
mod tests {
    use rashomon_targets::NodeId;

    use super::*;
    use crate::execute::{Keep, execute_asking};
    use crate::fault::kill::Kill;
    use crate::fault::partition::{Partition, Silence};
    use crate::fault::{Direction, FaultSpan, Origin, Plan, Shape, Victim};
    use crate::run::drive::Watcher;

    struct Quiet;

    impl Watcher for Quiet {}

    /// Three nodes killed in turn, one every 60 ms, until the load is nearly over; and now and then one
    /// of them cut off for a quarter of a second.
    fn dense_kills() -> Plan {
        const MS: u64 = 1_000_000;
        let node = |id: u32| Victim::Node(NodeId(1 + u16::try_from(id % 3).unwrap()));
        let span = |id: u32, fault, [start, lasts]: [u32; 2]| {
            let times = [start, lasts].map(|ms| u64::from(ms) * MS);
            // Clients that wait for a dead primary ask for nothing while it is cut off.
            FaultSpan { origin: Origin::Drawn, ..FaultSpan::written(id, fault, times) }
        };
        let kill = |id| span(id, Kill { node: node(id).into() }.into(), [150 + 60 * id, 25]);
        let cut = |id| {
            let shape = Shape::Isolate { node: node(id) };
            let (direction, effect) = (Direction::Both, Silence::Drop);
            span(id, Partition { shape, direction, effect }.into(), [200 + 400 * (id - 126), 250])
        };
        let spans = (0..126).map(kill).chain((126..144).map(cut)).collect();
        Plan { spans }.checked(&[1, 2, 3].map(NodeId)).unwrap()
    }

    #[test]
    fn runs_of_every_configuration_ask_for_all_that_it_promises_of_registers() {
        for target in TargetConfig::every(3..=3) {
            let claim = target.claim();
            let asked = |seed: u64| {
                let settings = Style::Long.settings(&target, seed);
                let names: Vec<&str> = settings.faults.iter().map(|kind| kind.name()).collect();
                let kind = settings.kind().unwrap();
                let required = |names| Requirement::new(&settings, kind, names).required;
                (names.len(), required(&names), required(&[]))
            };
            let (with, without) = (asked(2), asked(1));
            let all = without.2;
            assert_eq!(without.1, all, "{:?}", target.flags());
            assert!(!with.1.is_empty() || all.is_empty(), "{:?}", target.flags());
            let usual =
                |kinds: &[FaultKind]| kinds.iter().filter(|it| USUAL_FAULTS.contains(it)).count();
            let (under, less) = (usual(&claim.under), usual(&claim.registers_only_converge_under));
            assert_eq!(without.0, under - less, "{:?}", target.flags());
            let drawn = if claim.converges { 0 } else { less };
            assert_eq!(with.0, under - drawn, "{:?}", target.flags());
        }
    }

    #[test]
    fn runs_under_a_plan_can_tell_however_densely_it_kills_and_however_shortly_it_cuts() {
        let style = Style::Planned;
        // One seed is of registers, the other of sets. Settings that alternate get both. One in eleven of them, as
        // each run is long.
        let some = TargetConfig::every(3..=3).into_iter().step_by(11);
        for (target, seed) in some.zip([1, 4, 4].into_iter().cycle()) {
            let plan = dense_kills().slowed(style.slowness(&target));
            let settings = style.settings(&target, seed);
            let asked = requirement(&settings, settings.kind().unwrap(), &plan);
            let run = execute_asking(&asked, &settings, &plan, Keep::default(), &mut Quiet);
            let judgement = run.unwrap().judgement;
            let doubts: Vec<String> = judgement.all_doubts().map(ToString::to_string).collect();
            assert!(doubts.is_empty(), "{:?} seed {seed}: {doubts:#?}", target.flags());
        }
    }
}
