//! `[gate]`: what a gate asks for beside the campaign of the file.

use rashomon_targets::{Family, PlantedBug, Sought};

use crate::cli::reading::{Entries, Reading};
use crate::cli::words;

/// What a gate asks for beside the campaign of the file.
#[derive(Clone, Debug, Default)]
pub(in crate::cli) struct GateKeys {
    /// The planted bugs that have to be found.
    bugs: Option<Vec<PlantedBug>>,
    /// Within how many runs each.
    bug_seeds: Option<u64>,
}

/// What stands for every bug that is looked for anywhere.
const ALL: &str = "all";
/// Runs in which a bug has to be found, where the file does not say.
const BUG_SEEDS: u64 = 200;

impl GateKeys {
    /// Those of the top of the file, or of a profile.
    pub(super) fn of(reading: &mut Reading<'_>, entries: &Entries<'_>) -> Option<Self> {
        let table = reading.table(entries.get("gate")?, "[gate]")?;
        reading.only(&table, &["bugs", "bug_seeds"]);
        let bugs = table.get("bugs").map(|value| {
            let names = reading.texts(value, "bugs = [\"all\"]");
            let mut bugs: Vec<PlantedBug> = Vec::new();
            for (name, at) in names {
                match named(&name) {
                    Ok(more) => bugs.extend(more),
                    Err(why) => reading.wrong(&at, why),
                }
            }
            bugs
        });
        let bug_seeds = table
            .get("bug_seeds")
            .and_then(|value| reading.whole(value, [1, 100_000], "bug_seeds = 50"));
        Some(Self { bugs, bug_seeds })
    }

    /// Replaces what the other has.
    pub(super) fn replace(&mut self, by: Self) {
        let Self { bugs, bug_seeds } = by;
        self.bugs = bugs.or(self.bugs.take());
        self.bug_seeds = bug_seeds.or(self.bug_seeds);
    }

    /// The planted bugs that have to be found.
    pub(in crate::cli) fn bugs(&self) -> &[PlantedBug] {
        self.bugs.as_deref().unwrap_or_default()
    }

    /// Within how many runs each.
    pub(in crate::cli) fn bug_seeds(&self) -> u64 {
        self.bug_seeds.unwrap_or(BUG_SEEDS)
    }
}

/// The bugs of a name; those that show nowhere cannot be asked for.
fn named(name: &str) -> Result<Vec<PlantedBug>, String> {
    let is_sought = |bug: &PlantedBug| matches!(bug.sought, Sought::In(_));
    if name == ALL {
        return Ok(Family::bugs().filter(is_sought).collect());
    }
    let bug = words::bug(name)?;
    match bug.sought {
        Sought::Needs(what) => {
            Err(format!("`{name}` is looked for nowhere: that would take {what}"))
        }
        Sought::In(_) => Ok(vec![bug]),
    }
}
