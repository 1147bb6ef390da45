//! A gate in sentences, from which all of its reports are made.

use rashomon_results::{BaselineBugRecord, BuildRecord};

use crate::campaign::Cut;
use crate::exit::Exit;
use crate::gate::{BugHunt, Comparison, Figure, HuntFate, Regression, RegressionKind, ToldGate};
use crate::report::{Headline, Paint, count, thousands};

/// A regression in sentences.
pub(super) struct RegressionText {
    /// Its kind.
    pub(super) kind: RegressionKind,
    /// What tells it from others, the same in every run that finds it.
    pub(super) id: String,
    /// What is worse.
    pub(super) title: String,
    /// What shows it.
    pub(super) evidence: String,
    /// The command that makes it again.
    pub(super) again: String,
    /// The folder of a run that shows it, if one is kept.
    pub(super) run: Option<String>,
    /// The line of the gate's file that it is about.
    pub(super) line: u64,
}

/// Every regression, in order.
pub(super) fn regressions(told: &ToldGate<'_>) -> Vec<RegressionText> {
    told.judged.regressions.iter().map(|it| text(told, it)).collect()
}

fn text(told: &ToldGate<'_>, regression: &Regression) -> RegressionText {
    let kind = regression.kind();
    let of = match regression {
        Regression::NewAnomaly { signature, .. } => signature.clone(),
        Regression::ClaimRefuted { cell, .. } => names(told, *cell),
        Regression::BugMissed(BugHunt { lookout, .. }) => {
            format!("{} at {}", lookout.bug.name, lookout.hunt.words)
        }
        Regression::FigureWorse { cell, comparison } => {
            format!("{}/{}", comparison.figure.name(), names(told, *cell))
        }
    };
    RegressionText {
        kind,
        id: format!("{}/{of}", kind.name()),
        title: title(told, regression),
        evidence: match regression {
            Regression::NewAnomaly { shortest, .. } => shortest.why.clone(),
            Regression::ClaimRefuted { signature, shortest, .. } => {
                format!("{signature}: {}", shortest.why)
            }
            Regression::BugMissed(hunt) => missed(hunt),
            Regression::FigureWorse { comparison, .. } => noise(comparison),
        },
        again: again(told, regression),
        run: kept(told, regression),
        line: regression.cell().map_or(1, |cell| line(told, cell)),
    }
}

fn names(told: &ToldGate<'_>, cell: u32) -> String {
    told.campaign.campaign.cells[place(cell)].names.to_string()
}

/// What is worse, in a sentence.
fn title(told: &ToldGate<'_>, regression: &Regression) -> String {
    match regression {
        Regression::NewAnomaly { signature, cells, shortest } => format!(
            "{signature} in {}; the baseline does not have it. The shortest run: {}, seed {}, {}",
            count(cells.len() as u64, "cell"),
            names(told, shortest.cell),
            shortest.seed,
            count(shortest.operations, "operation")
        ),
        Regression::ClaimRefuted { cell, signature, violations, decided, kept, .. } => format!(
            "{} breaks {} in {} of {}; in the baseline {} kept it",
            names(told, *cell),
            signature.split('/').next().unwrap_or_default(),
            thousands(*violations),
            count(*decided, "run"),
            count(*kept, "run")
        ),
        Regression::BugMissed(BugHunt { lookout, within, .. }) => format!(
            "{} is not found within {}, where it leads to {}: {}",
            lookout.bug.name,
            count(*within, "run"),
            lookout.hunt.shows,
            lookout.hunt.words
        ),
        Regression::FigureWorse { cell, comparison } => {
            format!("{}: {}", names(told, *cell), changed(comparison))
        }
    }
}

/// The command that makes it again.
fn again(told: &ToldGate<'_>, regression: &Regression) -> String {
    let campaign = told.campaign.campaign;
    let command = |cell: u32, seed: u64| campaign.cells[place(cell)].command(seed);
    match regression {
        Regression::NewAnomaly { shortest, .. } | Regression::ClaimRefuted { shortest, .. } => {
            command(shortest.cell, shortest.seed)
        }
        Regression::BugMissed(hunt) => hunt.command(),
        Regression::FigureWorse { cell, .. } => command(*cell, campaign.seeds.first),
    }
}

/// The folder of the run that shows it. What is kept is the shortest run of a signature, which may be one of another
/// cell.
fn kept(told: &ToldGate<'_>, regression: &Regression) -> Option<String> {
    match regression {
        Regression::NewAnomaly { signature, shortest, .. }
        | Regression::ClaimRefuted { signature, shortest, .. } => {
            let all = told.campaign.tally.failures.get(signature)?;
            let kept = told.campaign.kept.get(signature)?;
            (all.shortest() == shortest).then(|| kept.folder.clone())
        }
        Regression::BugMissed(_) | Regression::FigureWorse { .. } => None,
    }
}

/// As much of a text as a summary has room for; the object for machines has all.
pub(super) fn brief(text: &str) -> String {
    const MOST: usize = 240;
    match text.char_indices().nth(MOST) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

/// Why a bug does not count as found.
fn missed(hunt: &BugHunt) -> String {
    let Some(block) = &hunt.block else { return String::new() };
    match (hunt.fate(), block.bug_hits) {
        (HuntFate::NotClean, _) => format!(
            "{} of the same seeds without it are not clean",
            count(block.control_violations, "run")
        ),
        (_, 0) => "it never had an effect".to_owned(),
        (_, hits) => format!("it had an effect {}, and no check noticed", count(hits, "time")),
    }
}

/// `operations done without faults: 91.20 %, was 99.80 %`.
fn changed(Comparison { figure, before, now, .. }: &Comparison) -> String {
    format!("{}: {}, was {}", figure.title(), figure.text(*now), figure.text(*before))
}

fn noise(Comparison { figure, before, now, noise, runs }: &Comparison) -> String {
    format!(
        "the means of {} and {} runs differ by {}, and noise is up to {}",
        thousands(runs[0]),
        thousands(runs[1]),
        figure.text((now - before).abs()),
        figure.text(*noise)
    )
}

/// The line of the gate's file that names the target of a cell.
fn line(told: &ToldGate<'_>, cell: u32) -> u64 {
    let names = &told.campaign.campaign.cells[place(cell)].names;
    told.lines.get(&names.target).copied().unwrap_or(1)
}

/// What is not known, each in a sentence, with the line of the file that it is about.
pub(super) fn unknowns(told: &ToldGate<'_>) -> Vec<(String, u64)> {
    let campaign = told.campaign;
    let mut found = Vec::new();
    let cut = match campaign.cut {
        Some(Cut::Interrupted) => "interrupted",
        Some(Cut::Budget) => "the budget of time was spent",
        None => "not in the journal",
    };
    for (cell, tally) in told.undecided() {
        let why = tally
            .doubtful
            .as_ref()
            .map_or_else(String::new, |it| format!(": seed {}: {}", it.seed, it.why));
        let text = format!(
            "{}: {} of {} are undecided{why}",
            campaign.campaign.cells[place(cell)].names,
            thousands(tally.unknown),
            count(tally.runs(), "run"),
        );
        found.push((text, line(told, cell)));
    }
    for &(cell, figure) in &told.judged.vanished {
        found.push((format!("{}: {}", names(told, cell), vanished(figure)), line(told, cell)));
    }
    if campaign.not_run() > 0 {
        found.push((format!("{} not run: {cut}", count(campaign.not_run(), "run")), 1));
    }
    let bugs = told.hunts.iter().filter(|hunt| hunt.fate() == HuntFate::NotRun);
    let mut bugs: Vec<&str> = bugs.map(|hunt| hunt.lookout.bug.name).collect();
    // One that shows in several places has them one after another.
    bugs.dedup();
    if !bugs.is_empty() {
        found.push((format!("not looked for: {} ({cut})", bugs.join(", ")), 1));
    }
    found.extend(told.dropped().into_iter().map(|bug| (dropped(bug), 1)));
    found
}

/// Why a figure is not compared though the baseline has it.
pub(super) fn vanished(figure: Figure) -> String {
    format!(
        "{}: eight runs of the baseline had that, or more, and fewer have it now",
        figure.title()
    )
}

/// Why a bug of the baseline is not known to be found.
pub(super) fn dropped(BaselineBugRecord { bug, words, .. }: &BaselineBugRecord) -> String {
    format!(
        "{bug} was found for the baseline, and this gate does not look for it: {words}; name it in [gate], or take it \
         out with --update-baseline"
    )
}

/// What else is worth a line: bugs that were found, anomalies that are gone, a bug that was planted.
pub(super) fn notes(told: &ToldGate<'_>) -> Vec<String> {
    let mut notes = Vec::new();
    if let Some(bug) = told.planted {
        notes.push(format!(
            "planted: {} in every target that can have it; the bugs of the file were not looked for",
            bug.name
        ));
    }
    let caught: Vec<u64> = told
        .hunts
        .iter()
        .filter(|hunt| hunt.fate() == HuntFate::Caught)
        .filter_map(|hunt| Some(hunt.block.as_ref()?.runs))
        .collect();
    if let Some(most) = caught.iter().max() {
        let bugs = count(caught.len() as u64, "planted bug");
        notes.push(format!("{bugs} found, each within {}", count(*most, "run")));
    }
    let compared = told.judged.comparisons.len() as u64;
    if compared > 0 {
        let figures = count(compared, "figure");
        notes.push(format!("{figures} of availability and recovery compared"));
    } else if told.baseline.is_some() {
        notes.push(
            "no figure of availability or recovery compared: eight runs of a cell have to have it, now and in the \
             baseline"
                .to_owned(),
        );
    }
    if !told.judged.gone.is_empty() {
        notes.push(format!(
            "no longer found: {}; --update-baseline takes it out",
            told.judged.gone.join(", ")
        ));
    }
    if told.is_accepted {
        notes.push(format!("written: {}; commit it", told.baseline_file));
    } else if told.baseline.is_none() {
        notes.push(
            "no baseline is written: all has to be run for that, every bug found, and nothing unknown unless \
             --on-unknown warn"
                .to_owned(),
        );
    }
    notes
}

/// `gate reference --profile ci   1,200 of 1,200 runs   12.3 s   against …`.
pub(super) fn first_line(told: &ToldGate<'_>) -> String {
    let campaign = told.campaign;
    let against = match told.baseline {
        Some(baseline) => {
            format!("   against {} of {}", told.baseline_file, build(&baseline.build))
        }
        None => String::new(),
    };
    format!(
        "gate {}   {} of {}   {:.1} s{against}",
        name(told),
        thousands(campaign.tally.runs()),
        count(campaign.planned, "run"),
        campaign.elapsed.as_secs_f64(),
    )
}

/// The name of the campaign, with its profile.
pub(super) fn name(told: &ToldGate<'_>) -> String {
    let campaign = told.campaign.campaign;
    match &campaign.profile {
        None => campaign.name.clone(),
        Some(profile) => format!("{} --profile {profile}", campaign.name),
    }
}

fn build(build: &BuildRecord) -> String {
    format!("rashomon {}, {}", build.version, build.short_commit())
}

/// The title and how the program ends.
pub(super) fn headline(told: &ToldGate<'_>) -> Headline {
    let exit = told.exit();
    let (title, paint) = match exit {
        Exit::Violation => ("✗ GATE FAILED", Paint::Red),
        Exit::Valid => ("✓ GATE PASSED", Paint::Green),
        Exit::Unknown | Exit::Usage | Exit::Interrupted | Exit::OurBug => {
            ("? UNDECIDED", Paint::Yellow)
        }
    };
    Headline { paint, title, exit }
}

/// Why, in a few words.
pub(super) fn reason(told: &ToldGate<'_>) -> String {
    let found = told.judged.regressions.len() as u64;
    let expected = match (told.rules.expects_regression, found) {
        (true, 0) => ", and one was expected",
        (true, _) => ", as expected",
        (false, _) => "",
    };
    let unknown = match unknowns(told).len() as u64 {
        0 => String::new(),
        unknown => format!("; {unknown} not known"),
    };
    match found {
        0 if told.is_accepted => format!("the baseline is written{unknown}"),
        0 => format!("no regression{expected}{unknown}"),
        found => format!("{}{expected}{unknown}", count(found, "regression")),
    }
}

fn place(cell: u32) -> usize {
    usize::try_from(cell).expect("cells are counted by usize")
}
