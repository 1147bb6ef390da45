//! The file of a campaign: its keys, and the cells that they make.

use std::collections::BTreeMap;
use std::ops::Range;
use std::time::Duration;

use rashomon_targets::{FaultKind, TargetConfig};
use rashomon_workloads::Kind;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::combine::{Axes, RunSize, combine};
use super::gate_keys::GateKeys;
use crate::campaign::{Campaign, SeedRange};
use crate::cli::reading::{Entries, Placed, Reading};
use crate::cli::target::target_of;
use crate::cli::values::{consistency, invariant};
use crate::cli::{faults, words};
use crate::settings::{Driver, KEYS_MAX};

/// What the file says first.
const FORMAT: &str = "rashomon-campaign";
const VERSION: u64 = 1;

/// A file that was read.
#[derive(Debug)]
pub(in crate::cli) struct CampaignFile {
    /// What is run.
    pub(in crate::cli) campaign: Campaign,
    /// How long at most, if the file says so.
    pub(in crate::cli) budget: Option<Duration>,
    /// What a gate asks for beside the campaign.
    pub(in crate::cli) gate: GateKeys,
    /// The line at which each target has its name.
    pub(in crate::cli) lines: BTreeMap<String, u64>,
}

/// What may stand at the top of the file, and in a profile.
#[derive(Clone, Debug, Default)]
struct FileParts {
    seeds: Option<SeedRange>,
    worlds: Option<Vec<(String, Driver)>>,
    workloads: Option<Vec<Kind>>,
    faults: Option<Vec<(String, Vec<FaultKind>)>>,
    require: Option<Vec<String>>,
    budget: Option<Duration>,
    /// The names of those that are run, in a profile.
    targets: Option<Vec<String>>,
    sizes: Option<Vec<String>>,
    gate: Option<GateKeys>,
}

/// Runs of real processes in a campaign, at most: each is a job.
const PROCESS_RUNS_MOST: u64 = 1_000_000;

/// Keys of [`FileParts`].
const SHARED: [&str; 7] = ["seeds", "world", "workloads", "faults", "require", "budget", "gate"];

/// Reads a file, or the part of it that a profile asks for.
///
/// # Errors
/// All that is wrong with it, each with its line and column.
pub(in crate::cli) fn read(
    name: &str,
    text: &str,
    profile: Option<&str>,
) -> Result<CampaignFile, String> {
    let mut reading = Reading::new(name, text);
    let table = reading.parse();
    let read = whole(&mut reading, table.get_ref(), profile);
    let lines = lines(&reading, table.get_ref());
    reading.finish()?;
    let (name, parts, axes) = read?;
    let (cells, misfits) = combine(&axes);
    if cells.is_empty() {
        let why = misfits.first().map(|it| it.why.as_str()).unwrap_or_default();
        return Err(format!("{name}: nothing fits: {why}"));
    }
    let seeds = parts.seeds.unwrap_or(SeedRange { first: 1, count: 1 });
    let of_processes = cells.iter().filter(|cell| !cell.is_simulated()).count() as u64;
    if of_processes.saturating_mul(seeds.count) > PROCESS_RUNS_MOST {
        let count = seeds.count;
        return Err(format!(
            "{name}: {count} seeds of {of_processes} kinds of run on real processes; give fewer: a run takes \
             seconds, and more than {PROCESS_RUNS_MOST} are refused"
        ));
    }
    let profile = profile.map(str::to_owned);
    let campaign = Campaign { name, profile, seeds, cells, misfits };
    let gate = parts.gate.unwrap_or_default();
    Ok(CampaignFile { campaign, budget: parts.budget, gate, lines })
}

/// The lines at which targets have their names.
fn lines(reading: &Reading<'_>, table: &DeTable<'_>) -> BTreeMap<String, u64> {
    let targets = Entries::of(table).get("targets").and_then(|it| it.get_ref().as_table());
    let keys = targets.into_iter().flat_map(DeTable::keys);
    keys.map(|key| (key.get_ref().to_string(), reading.line(&key.span()))).collect()
}

/// The name, the parts that hold, and what is combined. An error is one of the command line; those of the file are
/// noted.
fn whole(
    reading: &mut Reading<'_>,
    table: &DeTable<'_>,
    profile: Option<&str>,
) -> Result<(String, FileParts, Axes), String> {
    let top = Entries::of(table);
    let own = ["format", "version", "name", "targets", "sizes", "profile"];
    reading.only(&top, &[&own[..], &SHARED].concat());
    reading.header(&top, FORMAT, VERSION);
    let example = "name = \"nightly\"";
    let name = top.get("name").and_then(|value| {
        let name = reading.text(value, example)?;
        plain(reading, &name, &value.span()).then_some(name)
    });
    let mut parts = FileParts::of(reading, &top);
    let targets = targets(reading, &top);
    let sizes = sizes(reading, &top);
    let mut profiles = BTreeMap::new();
    if let Some(all) = top.get("profile").and_then(|it| reading.table(it, "[profile.ci]")) {
        for (key, value) in &all.0 {
            let Some(entries) = reading.table(value, "[profile.ci]") else { continue };
            reading.only(&entries, &[&SHARED[..], &["targets", "sizes"]].concat());
            plain(reading, key.get_ref(), &key.span());
            let mut of = FileParts::of(reading, &entries);
            of.targets = chosen(reading, &entries, "targets", targets.iter().map(|it| &it.0));
            of.sizes = chosen(reading, &entries, "sizes", sizes.iter().map(|it| &it.name));
            profiles.insert(key.get_ref().to_string(), of);
        }
    }
    if let Some(wanted) = profile {
        let known = profiles.keys().map(String::as_str).collect::<Vec<_>>().join(", ");
        let known = if known.is_empty() { "none".to_owned() } else { known };
        let of = profiles.remove(wanted).ok_or_else(|| {
            format!("--profile {wanted}: the file has no such profile; it has {known}")
        })?;
        parts.replace(of);
    }
    let mut need = |is_there: bool, key: &str, example: &str| {
        if !is_there && top.get(key).is_none() {
            reading.wrong(&(0..0), format!("`{key}` is missing; write {example}"));
        }
    };
    need(name.is_some(), "name", example);
    need(parts.seeds.is_some(), "seeds", "seeds = \"1-50\"");
    need(parts.workloads.is_some(), "workloads", "workloads = [\"register\"]");
    need(parts.faults.is_some(), "faults", "faults = [\"none\", \"kill\"]");
    need(
        !targets.is_empty(),
        "targets",
        "[targets] and below it a name: raft = \"primary-replica --failover raft\"",
    );
    need(!sizes.is_empty(), "sizes", "[sizes.small] and below it time = \"2s\"");
    let is_chosen = |chosen: &Option<Vec<String>>, name: &String| {
        chosen.as_ref().is_none_or(|all| all.contains(name))
    };
    let axes = Axes {
        worlds: parts
            .worlds
            .clone()
            .unwrap_or_else(|| vec![("sim".to_owned(), Driver::Simulation)]),
        workloads: parts.workloads.clone().unwrap_or_default(),
        sizes: sizes.into_iter().filter(|it| is_chosen(&parts.sizes, &it.name)).collect(),
        faults: parts.faults.clone().unwrap_or_default(),
        targets: targets.into_iter().filter(|it| is_chosen(&parts.targets, &it.0)).collect(),
        require: parts.require.clone().unwrap_or_default(),
    };
    Ok((name.unwrap_or_default(), parts, axes))
}

/// Whether a name can be one of a folder, and a column.
fn plain(reading: &mut Reading<'_>, name: &str, at: &Range<usize>) -> bool {
    let is_plain = |it: char| it.is_ascii_alphanumeric() || "-_".contains(it);
    let fits = !name.is_empty() && name.len() <= 40 && name.chars().all(is_plain);
    if !fits {
        reading.wrong(at, "a name has 1 to 40 letters, digits, hyphens and underscores");
    }
    fits
}

/// The names in a profile's list, each of which must be one of these.
fn chosen<'n>(
    reading: &mut Reading<'_>,
    entries: &Entries<'_>,
    key: &str,
    known: impl Iterator<Item = &'n String>,
) -> Option<Vec<String>> {
    let value = entries.get(key)?;
    let known: Vec<&str> = known.map(String::as_str).collect();
    let example = format!("{key} = [\"NAME\"]");
    let names = reading.texts(value, &example);
    for (name, at) in &names {
        if !known.contains(&name.as_str()) {
            let meant = words::meant(name, known.iter().copied());
            let all = known.join(", ");
            reading.wrong(at, format!("[{key}] has no `{name}`{meant}; it has {all}"));
        }
    }
    Some(names.into_iter().map(|(name, _)| name).collect())
}

/// `[targets]`.
fn targets(reading: &mut Reading<'_>, top: &Entries<'_>) -> Vec<(String, String, TargetConfig)> {
    let example = "raft = \"primary-replica --failover raft\"";
    let Some(all) = top.get("targets").and_then(|it| reading.table(it, example)) else {
        return Vec::new();
    };
    let mut found = Vec::new();
    for (key, value) in &all.0 {
        let name = key.get_ref().to_string();
        let Some(given) = reading.text(value, example) else { continue };
        if !plain(reading, &name, &key.span()) {
            continue;
        }
        match target_of(&given, None) {
            Ok(target) => found.push((name, given, target)),
            Err(why) => reading.wrong(&value.span(), why),
        }
    }
    found
}

/// `[sizes.NAME]`.
fn sizes(reading: &mut Reading<'_>, top: &Entries<'_>) -> Vec<RunSize> {
    let Some(all) = top.get("sizes").and_then(|it| reading.table(it, "[sizes.small]")) else {
        return Vec::new();
    };
    let mut found = Vec::new();
    for (key, value) in &all.0 {
        let Some(of) = reading.table(value, "[sizes.small]") else { continue };
        let numbers = ["nodes", "ops", "rate", "processes", "keys", "ops_per_key"];
        reading.only(&of, &[&["time"][..], &numbers].concat());
        let name = key.get_ref().to_string();
        if !plain(reading, &name, &key.span()) {
            continue;
        }
        let mut number = |key: &str, most: u64| {
            let example = format!("{key} = 100");
            of.get(key).and_then(|value| reading.whole(value, [1, most], &example))
        };
        let narrow = |number: Option<u64>| number.and_then(|it| u32::try_from(it).ok());
        let mut size = RunSize {
            name,
            nodes: number("nodes", 64).and_then(|it| u16::try_from(it).ok()),
            ops: number("ops", u64::MAX >> 1),
            rate: number("rate", u64::MAX >> 1),
            processes: narrow(number("processes", 10_000)),
            keys: narrow(number("keys", u64::from(KEYS_MAX))),
            ops_per_key: narrow(number("ops_per_key", u64::from(u32::MAX))),
            time_ms: 0,
        };
        let Some(time) = of.get("time") else {
            reading.wrong(&key.span(), "`time` is missing; write time = \"2s\" below it");
            continue;
        };
        size.time_ms = time_ms(reading, time).unwrap_or(1000);
        found.push(size);
    }
    found
}

fn time_ms(reading: &mut Reading<'_>, value: Placed<'_>) -> Option<u64> {
    let time = duration(reading, value, "time = \"2s\"")?;
    let ms = u64::try_from(time.as_millis()).unwrap_or(u64::MAX);
    if !(100..=7 * 24 * 60 * 60 * 1000).contains(&ms) {
        reading.wrong(&value.span(), "a load lasts from 100ms to 7d; write time = \"2s\"");
        return None;
    }
    Some(ms)
}

fn duration(reading: &mut Reading<'_>, value: Placed<'_>, example: &str) -> Option<Duration> {
    let text = reading.text(value, example)?;
    match words::time(&text) {
        Ok(time) => Some(time),
        Err(why) => {
            reading.wrong(&value.span(), why);
            None
        }
    }
}

impl FileParts {
    fn of(reading: &mut Reading<'_>, entries: &Entries<'_>) -> Self {
        let worlds = |word: &str| match word {
            "sim" => Ok(("sim".to_owned(), Driver::Simulation)),
            "processes" => Ok(("processes".to_owned(), Driver::Cluster)),
            _ => Err("a world is \"sim\" or \"processes\"".to_owned()),
        };
        let workloads = |word: &str| {
            let meant = || words::meant(word, Kind::ALL.map(Kind::name));
            Kind::named(word).ok_or_else(|| {
                format!(
                    "there is no workload `{word}`{}; `rashomon list workloads` lists them",
                    meant()
                )
            })
        };
        let faults = |word: &str| faults::kinds(word).map(|kinds| (word.to_owned(), kinds));
        let require = |word: &str| {
            let is_invariant = invariant(word).is_ok();
            if is_invariant {
                Ok(word.to_owned())
            } else {
                consistency(word).map(|_| word.to_owned())
            }
        };
        Self {
            seeds: entries.get("seeds").and_then(|it| seeds(reading, it)),
            worlds: each(reading, entries, ("world", "world = [\"sim\"]"), worlds),
            workloads: each(
                reading,
                entries,
                ("workloads", "workloads = [\"register\"]"),
                workloads,
            ),
            faults: each(reading, entries, ("faults", "faults = [\"none\", \"kill\"]"), faults),
            require: each(reading, entries, ("require", "require = [\"linearizable\"]"), require),
            budget: entries.get("budget").and_then(|it| duration(reading, it, "budget = \"10m\"")),
            targets: None,
            sizes: None,
            gate: GateKeys::of(reading, entries),
        }
    }

    /// Replaces what the other has.
    fn replace(&mut self, by: Self) {
        let Self { seeds, worlds, workloads, faults, require, budget, targets, sizes, gate } = by;
        self.seeds = seeds.or(self.seeds.take());
        self.worlds = worlds.or(self.worlds.take());
        self.workloads = workloads.or(self.workloads.take());
        self.faults = faults.or(self.faults.take());
        self.require = require.or(self.require.take());
        self.budget = budget.or(self.budget.take());
        self.targets = targets.or(self.targets.take());
        self.sizes = sizes.or(self.sizes.take());
        if let Some(gate) = gate {
            self.gate.get_or_insert_default().replace(gate);
        }
    }
}

/// The things that a list names, each once.
fn each<T>(
    reading: &mut Reading<'_>,
    entries: &Entries<'_>,
    (key, example): (&str, &str),
    read: impl Fn(&str) -> Result<T, String>,
) -> Option<Vec<T>> {
    let value = entries.get(key)?;
    let texts = reading.texts(value, example);
    let mut found = Vec::new();
    for (at, (text, span)) in texts.iter().enumerate() {
        if texts[..at].iter().any(|(before, _)| before == text) {
            reading.wrong(span, format!("`{text}` is listed twice"));
        }
        match read(text) {
            Ok(one) => found.push(one),
            Err(why) => reading.wrong(span, why),
        }
    }
    Some(found)
}

/// `50`, or `"101-200"`.
fn seeds(reading: &mut Reading<'_>, value: &Spanned<DeValue<'_>>) -> Option<SeedRange> {
    // Seeds are written into TOML, whose numbers have a sign.
    const MOST: u64 = (i64::MAX as u64) >> 1;
    // Of a cell: more take longer than anybody waits, and their jobs longer than a second.
    const RUNS_MOST: u64 = 1_000_000_000;
    let how = "it takes how many seeds, as in seeds = 50, or the first and the last, as in seeds = \"1-50\"";
    let range = match value.get_ref() {
        DeValue::Integer(_) => {
            let count = reading.whole(value, [1, RUNS_MOST], "seeds = 50")?;
            return Some(SeedRange { first: 1, count });
        }
        DeValue::String(text) => text.split_once('-').and_then(|(first, last)| {
            let number = |text: &str| text.trim().parse::<u64>().ok().filter(|it| *it <= MOST);
            Some((number(first)?, number(last)?))
        }),
        _ => None,
    };
    match range {
        Some((first, last)) if first <= last && last - first >= RUNS_MOST => {
            reading.wrong(&value.span(), "that is more than 1,000,000,000 seeds; give fewer");
            None
        }
        Some((first, last)) if first <= last => Some(SeedRange { first, count: last - first + 1 }),
        _ => {
            reading.wrong(&value.span(), how);
            None
        }
    }
}
