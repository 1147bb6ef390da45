//! The settings of a run: with the build and the plan, they suffice to repeat it.

use rashomon_checker::{Consistency, Invariant, Time};
use rashomon_targets::{FaultKind, NodeId, Pace};
use rashomon_workloads::{Kind, OpKind, Seed, Sizes, Workload};
use serde::{Deserialize, Serialize};

use crate::fault::{FaultChoice, FaultMenu, FaultSpan, Origin, Plan, Topologies, Track};
use crate::regions::Regions;
use crate::strict::Header;
use crate::subject::Subject;

/// What `run.toml` says first.
pub(crate) const HEADER: Header = Header { format: "rashomon-run", version: 1 };

/// Keys in use at a time, at most: each is held, and read at every node in the end.
pub(crate) const KEYS_MAX: u32 = 100_000;
/// Processes at a time, at most.
const PROCESSES_MAX: u32 = 10_000;

/// The longest wait for a node, in milliseconds: a day.
pub(crate) const READY_WITHIN_MAX: u64 = 24 * 60 * 60 * 1000;

/// Which world a run happens in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Driver {
    /// Child processes on this machine.
    Cluster,
    /// One deterministic thread.
    Simulation,
}

/// The workloads whose operations a target all offers.
pub(crate) fn fitting(target: &Subject) -> Vec<Kind> {
    let offered = target.offers();
    let fits = |kind: &Kind| kind.needs().iter().all(|op| offered.contains(op));
    Kind::ALL.into_iter().filter(fits).collect()
}

/// The settings of one run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Settings {
    format: String,
    version: u64,
    /// The version of rashomon that ran it.
    pub(crate) build: String,
    /// Which world.
    pub(crate) driver: Driver,
    /// The seed.
    pub(crate) seed: u64,
    /// The name of the workload.
    pub(crate) workload: String,
    /// Kinds of fault.
    pub(crate) faults: Vec<FaultKind>,
    /// Who chose them.
    #[serde(default, skip_serializing_if = "FaultChoice::is_named")]
    pub(crate) fault_choice: FaultChoice,
    /// How long the load lasts, in milliseconds.
    pub(crate) time_ms: u64,
    /// The most operations of the run.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) ops: Option<u64>,
    /// Operations a second.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) rate: Option<u64>,
    /// How long to wait for a node to serve, in milliseconds, if not as its target says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) ready_within_ms: Option<u64>,
    /// Whether the load stops at the first violation.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(crate) fail_fast: bool,
    /// What is required of it; the target's claim if nothing is named.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) require: Vec<String>,
    /// Processes at a time.
    pub(crate) processes: u32,
    /// Keys in use at a time.
    pub(crate) keys: u32,
    /// Operations on a key before it is replaced.
    pub(crate) ops_per_key: u32,
    /// The regions that the nodes are in, if they are not all near each other.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) regions: Option<Regions>,
    /// What is tested.
    pub(crate) target: Subject,
}

impl Settings {
    /// The settings that a plain `run` of this target has.
    pub(crate) fn new(
        target: impl Into<Subject>,
        workload: Kind,
        driver: Driver,
        seed: u64,
    ) -> Self {
        let target = target.into();
        let nodes = target.members().len();
        Self {
            format: HEADER.format.to_owned(),
            version: HEADER.version,
            build: env!("CARGO_PKG_VERSION").to_owned(),
            driver,
            seed,
            workload: workload.name().to_owned(),
            faults: vec![FaultKind::Partition, FaultKind::Kill],
            fault_choice: FaultChoice::Named,
            time_ms: 8000,
            ops: None,
            rate: None,
            ready_within_ms: None,
            fail_fast: false,
            require: Vec::new(),
            processes: u32::try_from(nodes * 4).unwrap_or(PROCESSES_MAX),
            keys: target.profile().keys,
            ops_per_key: 100,
            regions: None,
            target,
        }
    }

    /// The same run from another seed.
    #[must_use]
    pub(crate) fn with_seed(&self, seed: u64) -> Self {
        let mut settings = self.clone();
        settings.seed = seed;
        settings
    }

    /// The same run, of which this alone is required.
    #[must_use]
    pub(crate) fn requiring(&self, model: Consistency) -> Self {
        let mut settings = self.clone();
        settings.require = vec![model.name().to_owned()];
        settings
    }

    /// The same without planted bugs.
    pub(crate) fn without_bugs(&self) -> Self {
        let mut settings = self.clone();
        if let Subject::Reference(target) = &mut settings.target {
            target.bugs.clear();
        }
        settings
    }

    /// Checks what was read from a file.
    ///
    /// # Errors
    /// Names the field at fault.
    pub(crate) fn validate(&self) -> Result<(), String> {
        let ranges = [
            ("processes", u64::from(self.processes), u64::from(PROCESSES_MAX)),
            ("keys", u64::from(self.keys), u64::from(KEYS_MAX)),
            ("ops_per_key", u64::from(self.ops_per_key), u64::from(u32::MAX)),
            ("ops", self.ops.unwrap_or(1), u64::MAX),
            ("rate", self.rate.unwrap_or(1), u64::MAX),
            ("ready_within_ms", self.ready_within_ms.unwrap_or(1), READY_WITHIN_MAX),
        ];
        for (field, value, most) in ranges {
            if value == 0 || value > most {
                return Err(format!("{field} is {value}; give 1 to {most}"));
            }
        }
        let is_known = |name: &&String| {
            name.parse::<Consistency>().is_ok() || name.parse::<Invariant>().is_ok()
        };
        if let Some(name) = self.require.iter().find(|name| !is_known(name)) {
            return Err(format!(
                "no consistency model and no invariant is called {name:?}; `rashomon list consistency` \
                 and `rashomon list invariants` list them"
            ));
        }
        let kind = self.kind().ok_or_else(|| format!("no workload {:?}", self.workload))?;
        self.target.validate()?;
        self.regions.map_or(Ok(()), |regions| regions.check(self.members().len()))?;
        self.check_offered(kind)
    }

    /// Checks that the target offers what the workload asks.
    ///
    /// # Errors
    /// Names what it does not offer, and what it does.
    pub(crate) fn check_offered(&self, kind: Kind) -> Result<(), String> {
        let offered = self.target.offers();
        let Some(missing) = kind.needs().iter().find(|op| !offered.contains(op)) else {
            return Ok(());
        };
        let fitting = fitting(&self.target);
        let fitting: Vec<&str> = fitting.into_iter().map(Kind::name).collect();
        let offered: Vec<&str> = offered.into_iter().map(OpKind::name).collect();
        Err(format!(
            "{} does not offer {missing}, which the {} workload needs; it offers {}: give --workload {}",
            self.target.name(),
            kind.name(),
            offered.join(", "),
            fitting.join(" or "),
        ))
    }

    /// The workload; none of that name is refused by [`validate`](Self::validate).
    pub(crate) fn kind(&self) -> Option<Kind> {
        Kind::ALL.into_iter().find(|kind| kind.name() == self.workload)
    }

    /// The models required by name; names that nothing has are refused by [`validate`](Self::validate).
    pub(crate) fn required(&self) -> Vec<Consistency> {
        self.require.iter().filter_map(|name| name.parse().ok()).collect()
    }

    /// The invariants required by name.
    pub(crate) fn required_invariants(&self) -> Vec<Invariant> {
        self.require.iter().filter_map(|name| name.parse().ok()).collect()
    }

    /// The timeouts: those of the target, unless the settings override them.
    pub(crate) fn pace(&self) -> Pace {
        let pace = self.target.profile().pace;
        let ready_within = self.ready_within_ms.map(|ms| ms.saturating_mul(1_000_000));
        Pace { ready_within: ready_within.unwrap_or(pace.ready_within), ..pace }
    }

    /// How long the load lasts.
    pub(crate) fn lasts(&self) -> Time {
        Time(self.time_ms.saturating_mul(1_000_000))
    }

    /// The workload under this plan, fresh.
    pub(crate) fn workload(&self, kind: Kind, plan: &Plan) -> Workload {
        // A simulated second costs no time, but each of its operations does.
        let simulated = self.driver == Driver::Simulation && self.ops.is_none();
        let of_rate = self.rate.map(|rate| rate.saturating_mul(self.time_ms) / 1000);
        let ops_expected = self.ops.or(of_rate).unwrap_or(u64::MAX);
        let sizes = Sizes {
            lasts: self.lasts(),
            ops: self.ops,
            rate: self.rate.or(simulated.then_some(800)),
            // Every process is busy for a while, then all rest: most of what can go wrong takes
            // operations that overlap.
            // The last burst must not come so early that later faults meet no operation.
            burst: (u64::from(self.processes) * 3)
                .min(ops_expected / 24)
                .min(self.burst_under(plan, ops_expected))
                .max(1),
            keys: self.keys,
            ops_per_key: self.ops_per_key,
        };
        let offered = self.target.offers();
        Workload::new(kind, Seed(self.seed).stream("workload"), &sizes, &offered)
    }

    /// The nodes, in ascending order.
    pub(crate) fn members(&self) -> Vec<NodeId> {
        self.target.members()
    }

    /// Operations in a burst, so that a dozen bursts fall into the shortest fault of links that is
    /// written: it does nothing where no message is under way. Of those that are drawn, one of each kind is long
    /// enough.
    fn burst_under(&self, plan: &Plan, ops: u64) -> u64 {
        const BURSTS: u64 = 12;
        let of_links = |span: &&FaultSpan| {
            span.fault.about().track == Track::Network && span.origin == Origin::Written
        };
        let shortest = plan.spans.iter().filter(of_links).map(|span| span.lasts.0 / 1_000_000);
        match shortest.min() {
            Some(ms) if ms < self.time_ms / BURSTS => {
                ops.saturating_mul(ms) / self.time_ms.saturating_mul(BURSTS).max(1)
            }
            Some(_) | None => u64::MAX,
        }
    }

    /// What a plan for this run may hold.
    pub(crate) fn menu(&self) -> FaultMenu {
        FaultMenu {
            kinds: self.faults.clone(),
            choice: self.fault_choice,
            nodes: self.members(),
            has_primary: self.target.profile().has_primary(),
            focus: None,
            topologies: Topologies::All,
            lasts: self.lasts(),
        }
    }

    /// The name of a run's folder, after its time.
    pub(crate) fn label(&self) -> String {
        format!("{}-{}-{}", self.target.name(), self.workload, self.seed)
    }

    /// The command that repeats it; there is none for a node of another crate.
    pub(crate) fn command(&self) -> Option<String> {
        let mut words = vec!["rashomon".to_owned(), "run".to_owned()];
        let (first, last) = self.target.words()?;
        words.extend(first);
        let faults: Vec<&str> = self.faults.iter().map(|kind| kind.name()).collect();
        let faults = if faults.is_empty() { "none".to_owned() } else { faults.join(",") };
        let mut flag = |name: &str, value: String| words.extend([name.to_owned(), value]);
        flag("--workload", self.workload.clone());
        if self.fault_choice.is_named() {
            flag("--faults", faults);
        }
        let time = |ms: u64| match ms {
            ms if ms % 1000 == 0 => format!("{}s", ms / 1000),
            ms => format!("{ms}ms"),
        };
        flag("--time", time(self.time_ms));
        if let Some(ms) = self.ready_within_ms {
            flag("--ready-within", time(ms));
        }
        if let Some(ops) = self.ops {
            flag("--ops", ops.to_string());
        }
        if let Some(rate) = self.rate {
            flag("--rate", rate.to_string());
        }
        if let Some(Regions { count, across_ms }) = self.regions {
            flag("--regions", count.to_string());
            flag("--across", time(across_ms));
        }
        flag("--processes", self.processes.to_string());
        flag("--keys", self.keys.to_string());
        flag("--ops-per-key", self.ops_per_key.to_string());
        flag("--seed", self.seed.to_string());
        if self.driver == Driver::Simulation {
            words.push("--sim".to_owned());
        }
        for name in &self.require {
            let flag = if name.parse::<Invariant>().is_ok() { "--invariant" } else { "--require" };
            words.extend([flag.to_owned(), name.clone()]);
        }
        if self.fail_fast {
            words.push("--fail-fast".to_owned());
        }
        words.extend(last);
        Some(words.join(" "))
    }
}
