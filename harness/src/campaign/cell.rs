//! What is run: cells, each of which is the settings of runs that differ in their seeds only.

use rashomon_targets::PlantedBug;
use serde::Serialize;

use crate::settings::{Driver, Settings};
use crate::subject::Subject;

/// A campaign, as its file asks for it.
#[derive(Clone, Debug)]
pub(crate) struct Campaign {
    /// Its name.
    pub(crate) name: String,
    /// The profile of the file that was asked for, if one was.
    pub(crate) profile: Option<String>,
    /// The seeds of every cell.
    pub(crate) seeds: SeedRange,
    /// What is run, in the order of the file.
    pub(crate) cells: Vec<CampaignCell>,
    /// Combinations that are not run, and why.
    pub(crate) misfits: Vec<Misfit>,
}

/// Consecutive seeds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct SeedRange {
    /// The first.
    pub(crate) first: u64,
    /// How many; one at least.
    pub(crate) count: u64,
}

impl SeedRange {
    /// Whether a seed is one of them.
    pub(crate) fn contains(self, seed: u64) -> bool {
        seed >= self.first && seed - self.first < self.count
    }

    /// The last.
    pub(crate) fn last(self) -> u64 {
        self.first + (self.count - 1)
    }
}

/// The names that a combination has in the file.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub(crate) struct CellNames {
    /// `sim` or `processes`.
    pub(crate) world: String,
    /// The name of the workload.
    pub(crate) workload: String,
    /// The name of the sizes.
    pub(crate) size: String,
    /// Kinds of fault, as they are written.
    #[serde(rename = "fault_kinds")]
    pub(crate) faults: String,
    /// The name of the target.
    #[serde(rename = "target_name")]
    pub(crate) target: String,
}

impl std::fmt::Display for CellNames {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { world, workload, size, faults, target } = self;
        write!(f, "{target} / {workload} / {faults} / {size} / {world}")
    }
}

/// Runs that differ in their seeds only.
#[derive(Clone, Debug)]
pub(crate) struct CampaignCell {
    /// What the file calls it.
    pub(crate) names: CellNames,
    /// The settings, with seed 0.
    pub(crate) settings: Settings,
}

/// A combination that is not run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Misfit {
    /// What the file calls it.
    pub(crate) names: CellNames,
    /// Why, in a sentence.
    pub(crate) why: String,
}

impl CampaignCell {
    /// The settings of one of its runs.
    pub(crate) fn settings(&self, seed: u64) -> Settings {
        self.settings.with_seed(seed)
    }

    /// The command that makes one of its runs.
    pub(crate) fn command(&self, seed: u64) -> String {
        self.settings(seed).command().expect("a file names families only, which flags make")
    }

    /// What decides its runs, apart from the seed and the build: seeds that have failed are remembered by it.
    pub(crate) fn key(&self) -> String {
        self.command(0)
    }

    /// How many operations a run is expected to have, at most.
    pub(crate) fn operations(&self) -> u64 {
        // As many a second as a simulated run has where nobody says.
        const RATE: u64 = 800;
        let of_rate =
            self.settings.rate.unwrap_or(RATE).saturating_mul(self.settings.time_ms) / 1000;
        self.settings.ops.map_or(of_rate, |ops| ops.min(of_rate.max(1))).max(1)
    }

    /// Whether its runs are simulated.
    pub(crate) fn is_simulated(&self) -> bool {
        self.settings.driver == Driver::Simulation
    }
}

/// What a campaign is by: two files that ask for the same have the same.
#[derive(Serialize)]
struct Canonical<'a> {
    version: u64,
    seeds: SeedRange,
    cells: Vec<&'a Settings>,
}

impl Campaign {
    /// The same with a bug planted in every target that can have it; nothing if none can.
    pub(crate) fn with_bug(&self, bug: PlantedBug) -> Option<Self> {
        let mut campaign = self.clone();
        let mut planted = 0;
        for cell in &mut campaign.cells {
            let Subject::Reference(target) = &mut cell.settings.target else { continue };
            let mut sick = target.clone();
            sick.bugs.push(bug);
            if sick.validate().is_ok() {
                *target = sick;
                planted += 1;
            }
        }
        (planted > 0).then_some(campaign)
    }

    /// A hash of what it asks for, as 16 hexadecimal digits: of the cells in order with all of their settings, and
    /// of the seeds. Names are not in it, and neither is the build.
    pub(crate) fn hash(&self) -> String {
        let cells: Vec<Settings> = self
            .cells
            .iter()
            .map(|cell| {
                let mut settings = cell.settings.clone();
                settings.build.clear();
                settings
            })
            .collect();
        let canonical = Canonical { version: 1, seeds: self.seeds, cells: cells.iter().collect() };
        let text = serde_json::to_string(&canonical).expect("the keys of settings are texts");
        let mut hash = Hash64::default();
        hash.take(text.as_bytes());
        hash.to_string()
    }
}

/// A hash that is the same on all machines and in all builds: FNV-1a of 64 bits (Fowler, Noll, Vo). It tells
/// accidents, not forgeries.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Hash64(u64);

impl Default for Hash64 {
    fn default() -> Self {
        Self(0xcbf2_9ce4_8422_2325)
    }
}

impl Hash64 {
    /// Takes in more.
    pub(crate) fn take(&mut self, bytes: &[u8]) {
        for &byte in bytes {
            self.0 = (self.0 ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3);
        }
    }
}

impl std::fmt::Display for Hash64 {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:016x}", self.0)
    }
}
