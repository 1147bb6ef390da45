//! Combines what a file names: what fits is a cell, and what does not is listed with the reason.

use rashomon_targets::{FaultKind, TargetConfig};
use rashomon_workloads::Kind;

use crate::campaign::{CampaignCell, CellNames, Misfit};
use crate::cli::target::target_of;
use crate::judge::Requirement;
use crate::settings::{Driver, Settings};

/// What is combined, each with all others.
#[derive(Clone, Debug)]
pub(super) struct Axes {
    /// Each with its name.
    pub(super) worlds: Vec<(String, Driver)>,
    pub(super) workloads: Vec<Kind>,
    pub(super) sizes: Vec<RunSize>,
    /// Each as it is written.
    pub(super) faults: Vec<(String, Vec<FaultKind>)>,
    /// Each with its name and its words.
    pub(super) targets: Vec<(String, String, TargetConfig)>,
    /// What is required of all; nothing: what each target claims.
    pub(super) require: Vec<String>,
}

/// How large a run is.
#[derive(Clone, Debug)]
pub(super) struct RunSize {
    pub(super) name: String,
    pub(super) time_ms: u64,
    pub(super) nodes: Option<u16>,
    pub(super) ops: Option<u64>,
    pub(super) rate: Option<u64>,
    pub(super) processes: Option<u32>,
    pub(super) keys: Option<u32>,
    pub(super) ops_per_key: Option<u32>,
}

/// All combinations, in the order of the file: those that fit, and those that do not.
pub(super) fn combine(axes: &Axes) -> (Vec<CampaignCell>, Vec<Misfit>) {
    let (mut cells, mut misfits) = (Vec::new(), Vec::new());
    for (world, driver) in &axes.worlds {
        for &kind in &axes.workloads {
            for size in &axes.sizes {
                for (written, faults) in &axes.faults {
                    for target in &axes.targets {
                        let names = CellNames {
                            world: world.clone(),
                            workload: kind.name().to_owned(),
                            size: size.name.clone(),
                            faults: written.clone(),
                            target: target.0.clone(),
                        };
                        let require = axes.require.clone();
                        let asked = Combination { driver: *driver, kind, size, faults, require };
                        match asked.settings(target) {
                            Ok(settings) => cells.push(CampaignCell { names, settings }),
                            Err(why) => misfits.push(Misfit { names, why }),
                        }
                    }
                }
            }
        }
    }
    (cells, misfits)
}

/// One of each but the target.
struct Combination<'a> {
    driver: Driver,
    kind: Kind,
    size: &'a RunSize,
    faults: &'a [FaultKind],
    require: Vec<String>,
}

impl Combination<'_> {
    /// The settings of its runs, or why there are none.
    fn settings(self, target: &(String, String, TargetConfig)) -> Result<Settings, String> {
        let (_, words, config) = target;
        let Self { driver, kind, size, faults, require } = self;
        let config = match size.nodes {
            None => config.clone(),
            Some(_) => target_of(words, size.nodes)?,
        };
        let mut settings = Settings::new(config, kind, driver, 0);
        let offered = settings.target.offers();
        if let Some(missing) = kind.needs().iter().find(|op| !offered.contains(op)) {
            return Err(format!("{} does not offer {missing}", settings.target.name()));
        }
        settings.faults = faults.to_vec();
        settings.time_ms = size.time_ms;
        settings.ops = size.ops;
        settings.rate = size.rate;
        settings.processes = size.processes.unwrap_or(settings.processes);
        settings.keys = size.keys.unwrap_or(settings.keys);
        settings.ops_per_key = size.ops_per_key.unwrap_or(settings.ops_per_key);
        settings.require = require;
        settings.validate()?;
        let kinds: Vec<&str> = faults.iter().map(|kind| kind.name()).collect();
        let asked = Requirement::new(&settings, kind, &kinds);
        if asked.names().next().is_none() {
            let uncovered: Vec<&str> = asked.uncovered.iter().map(|kind| kind.name()).collect();
            return Err(match uncovered[..] {
                [] => "the target promises nothing that this workload can test".to_owned(),
                _ => format!("the target promises nothing under {}", uncovered.join(", ")),
            });
        }
        Ok(settings)
    }
}
