//! A campaign, for people: the matrix, what failed and how, what was covered, and what was not run.

mod json;
mod markdown;
mod matrix;

use rashomon_checker::visible;

use super::{Headline, Page, Paint, Screen, count, thousands, to_copy};
use crate::campaign::{
    Campaign, CellNames, CellTally, Cut, NO_FAULT, OldTally, SignatureTally, ToldCampaign, wilson,
};
use matrix::{MatrixBlock, MatrixEntry, blocks};

pub(crate) use json::campaign_report;
pub(crate) use markdown::campaign_markdown;

/// The report for a terminal.
pub(crate) fn campaign_page(told: &ToldCampaign<'_>, screen: Screen) -> Page {
    let mut page = Page::default();
    let mut push = |text: &str| page.push_str(&screen.glyphs.fit(text));
    push(&format!("{}\n", first_line(told)));
    for block in blocks(told) {
        draw(&mut page, &block, screen);
    }
    let mut push = |text: &str| page.push_str(&screen.glyphs.fit(text));
    push(&format!("\n {}\n", legend(told)));
    push(&misfits_text(told.campaign));
    push(&undecided(told));
    let failures = failures_in_order(told);
    if !failures.is_empty() {
        push("\n failures, the most frequent first\n");
    }
    for (signature, failure) in failures {
        let mark = screen.glyphs.fit("✗");
        page.push_str(" ");
        page.paint(Paint::Red, &mark);
        page.push_str(
            &screen.glyphs.fit(&format!(" {}\n", failure_line(told, signature, failure))),
        );
        page.push_str(&screen.glyphs.fit(&format!("   {}\n", visible(&failure.shortest().why))));
        if let Some(kept) = told.kept.get(signature) {
            to_copy(&mut page, "replay", &format!("rashomon replay {}", kept.folder));
            if let Some(file) = &kept.shrunk {
                to_copy(&mut page, "least", &format!("rashomon replay {file}"));
            }
        }
        to_copy(&mut page, "again", &again(told, failure));
    }
    let mut push = |text: &str| page.push_str(&screen.glyphs.fit(text));
    push(&failures_more(told));
    push(&covered(told));
    push(&not_run(told));
    push(&old_seeds(told));
    Headline::of(told.exit()).repeat(&mut page, screen, &reason(told));
    page
}

/// `campaign nightly   1,200 of 1,200 runs   …`.
fn first_line(told: &ToldCampaign<'_>) -> String {
    let campaign = told.campaign;
    let profile =
        campaign.profile.as_ref().map_or_else(String::new, |it| format!(" --profile {it}"));
    let share =
        told.share.map_or_else(String::new, |it| format!("   share {} of {}", it.index, it.of));
    let seeds = campaign.seeds;
    format!(
        "campaign {}{profile}   {} of {}{share}   {:.1} s   {}   seeds {}-{}",
        campaign.name,
        thousands(told.tally.runs()),
        count(told.planned, "run"),
        told.elapsed.as_secs_f64(),
        count(told.threads as u64, "core"),
        seeds.first,
        seeds.last(),
    )
}

/// A block of the matrix, in as many tables below each other as its columns take.
fn draw(page: &mut Page, block: &MatrixBlock, screen: Screen) {
    let rows = block.rows.iter().map(|(name, _)| name.chars().count());
    let first = rows.chain([block.title.chars().count()]).max().unwrap_or(0).max(10) + 1;
    let widths: Vec<usize> = (0..block.columns.len())
        .map(|at| {
            let cells = block.rows.iter().map(|(_, cells)| cells[at].text().chars().count());
            cells.chain([block.columns[at].chars().count()]).max().unwrap_or(0) + 2
        })
        .collect();
    let mut from = 0;
    while from < widths.len() {
        let mut to = from + 1;
        let width = |to: usize| 1 + first + widths[from..to].iter().sum::<usize>();
        while to < widths.len() && width(to + 1) <= screen.columns {
            to += 1;
        }
        page.push_str(&screen.glyphs.fit(&format!("\n {:first$}", block.title)));
        for (column, &width) in block.columns[from..to].iter().zip(&widths[from..to]) {
            page.push_str(&format!("{column:>width$}"));
        }
        page.push_str("\n");
        for (name, cells) in &block.rows {
            page.push_str(&format!(" {name:first$}"));
            for (entry, &width) in cells[from..to].iter().zip(&widths[from..to]) {
                let text = screen.glyphs.fit(&entry.text());
                page.push_str(&" ".repeat(width.saturating_sub(text.chars().count())));
                match entry {
                    MatrixEntry::Violated { .. } => page.paint(Paint::Red, &text),
                    MatrixEntry::Undecided { .. } => page.paint(Paint::Yellow, &text),
                    _ => page.push_str(&text),
                }
            }
            page.push_str("\n");
        }
        from = to;
    }
}

/// What the signs mean, and how little a clean cell says.
fn legend(told: &ToldCampaign<'_>) -> String {
    let clean = told.tally.cells.iter().filter(|cell| cell.violation == 0);
    let most = clean.map(CellTally::decided).filter(|&decided| decided > 0).max();
    let bound = most.and_then(|decided| Some((decided, wilson(0, decided)?[1])));
    let bound = bound.map_or_else(String::new, |(decided, most)| {
        format!("   0/{} means at most {} (95 %)", thousands(decided), share(most))
    });
    format!("✗ violation   ? undecided   – not run{bound}")
}

/// A share in per cent; a small one has more decimals, so that it does not look like nothing.
fn share(share: f64) -> String {
    let percent = share * 100.0;
    if percent >= 10.0 {
        format!("{percent:.0} %")
    } else if percent >= 0.1 {
        format!("{percent:.1} %")
    } else {
        format!("{percent:.4} %")
    }
}

/// Combinations that are not run, by their reasons.
pub(crate) fn misfits_text(campaign: &Campaign) -> String {
    let mut reasons: Vec<(&str, Vec<&CellNames>)> = Vec::new();
    for misfit in &campaign.misfits {
        match reasons.iter_mut().find(|(why, _)| *why == misfit.why) {
            Some((_, all)) => all.push(&misfit.names),
            None => reasons.push((&misfit.why, vec![&misfit.names])),
        }
    }
    let mut text = String::new();
    for (why, all) in reasons {
        let more = match all.len() - 1 {
            0 => String::new(),
            more => format!(" and {}", count(more as u64, "more combination")),
        };
        text.push_str(&format!(" – {}{more}: {}\n", all[0], visible(why)));
    }
    text
}

/// Why cells have undecided runs: the first of each.
fn undecided(told: &ToldCampaign<'_>) -> String {
    let mut text = String::new();
    for (cell, of) in told.tally.cells.iter().zip(&told.campaign.cells) {
        if let Some(doubtful) = cell.doubtful.as_ref().filter(|_| cell.tells_too_little()) {
            text.push_str(&format!(
                " ? {}: {} of {}, seed {}: {}\n",
                of.names,
                thousands(cell.unknown),
                count(cell.runs(), "run"),
                doubtful.seed,
                visible(&doubtful.why)
            ));
        }
    }
    text
}

/// Signatures, the most frequent first.
fn failures_in_order<'a>(told: &'a ToldCampaign<'_>) -> Vec<(&'a String, &'a SignatureTally)> {
    let mut all: Vec<_> = told.tally.failures.iter().collect();
    all.sort_by_key(|(_, failure)| std::cmp::Reverse(failure.runs));
    all
}

/// What is not among the signatures, as a job lists 32 of them at most.
fn failures_more(told: &ToldCampaign<'_>) -> String {
    match told.tally.failures_more {
        0 => String::new(),
        more => format!(" and {} in single jobs\n", count(more, "more signature")),
    }
}

fn failure_line(told: &ToldCampaign<'_>, signature: &str, failure: &SignatureTally) -> String {
    let place = usize::try_from(failure.shortest().cell).expect("cells are counted by usize");
    format!(
        "{signature}   {} in {}; the shortest: {}, seed {}, {}",
        count(failure.runs, "run"),
        count(failure.cells.len() as u64, "cell"),
        told.campaign.cells[place].names,
        failure.shortest().seed,
        count(failure.shortest().operations, "operation"),
    )
}

/// The command that makes the shortest run again.
fn again(told: &ToldCampaign<'_>, failure: &SignatureTally) -> String {
    let place = usize::try_from(failure.shortest().cell).expect("cells are counted by usize");
    told.campaign.cells[place].command(failure.shortest().seed)
}

/// The kinds of fault that the cells have, and none.
fn faults(told: &ToldCampaign<'_>) -> Vec<String> {
    let mut found = vec![NO_FAULT.to_owned()];
    for cell in &told.campaign.cells {
        for kind in &cell.settings.faults {
            if !found.iter().any(|there| there == kind.name()) {
                found.push(kind.name().to_owned());
            }
        }
    }
    found
}

/// Operations by kind of fault and role of the node that was asked, and the cells with none.
fn covered(told: &ToldCampaign<'_>) -> String {
    let covered = &told.tally.covered;
    let faults = faults(told);
    let rows = matrix::covered(covered, &faults);
    if rows.is_empty() {
        return String::new();
    }
    let name = rows.iter().map(|(name, _)| name.len()).max().unwrap_or(0).max(10) + 1;
    let width = |at: usize| {
        let cells = rows.iter().map(|(_, cells)| thousands(cells[at]).len());
        cells.chain([faults[at].len()]).max().unwrap_or(0) + 2
    };
    let mut text = format!("\n {:name$}", "covered");
    for (at, fault) in faults.iter().enumerate() {
        text.push_str(&format!("{fault:>width$}", width = width(at)));
    }
    text.push('\n');
    for (row, cells) in &rows {
        text.push_str(&format!(" {row:name$}"));
        for (at, &times) in cells.iter().enumerate() {
            text.push_str(&format!("{:>width$}", thousands(times), width = width(at)));
        }
        text.push('\n');
    }
    let empty = covered.empty(&faults);
    let told = empty.iter().map(|it| format!("{} under {} at {}", it.operation, it.fault, it.role));
    match empty.len() {
        0 => text.push_str(" operations asked, by kind of fault; no cell is empty\n"),
        all => text.push_str(&format!(
            " operations asked, by kind of fault; {} never met: {}\n",
            count(all as u64, "cell"),
            told.collect::<Vec<_>>().join(", ")
        )),
    }
    text
}

/// What was asked for and not run, and why.
fn not_run(told: &ToldCampaign<'_>) -> String {
    if told.not_run() == 0 {
        return String::new();
    }
    let why = match told.cut {
        Some(Cut::Interrupted) => "the campaign was interrupted",
        Some(Cut::Budget) => "its budget of time was spent",
        None => "they are not in the journal",
    };
    let all = told.tally.cells.iter().zip(&told.campaign.cells);
    let never: Vec<String> =
        all.filter(|(cell, _)| cell.runs() == 0).map(|(_, of)| of.names.to_string()).collect();
    let cells = match never.len() {
        0 => String::new(),
        cells => format!("; {} not begun, {} the first", count(cells as u64, "cell"), never[0]),
    };
    let fix = "the same command goes on from there";
    format!("\n {} not run: {why}{cells}; {fix}\n", count(told.not_run(), "run"))
}

/// What became of seeds that had failed before.
fn old_seeds(told: &ToldCampaign<'_>) -> String {
    let OldTally { tried, failing, unknown } = told.tally.old;
    if tried == 0 {
        return String::new();
    }
    let gone = tried.saturating_sub(failing + unknown);
    let part = |number: u64, one: &str, more: &str| match number {
        0 => None,
        1 => Some(format!("1 {one}")),
        _ => Some(format!("{} {more}", thousands(number))),
    };
    let parts = [
        part(failing, "fails still", "fail still"),
        part(gone, "fails no more", "fail no more"),
        part(unknown, "is undecided", "are undecided"),
    ];
    let parts: Vec<String> = parts.into_iter().flatten().collect();
    format!("\n {} that had failed before: {}\n", count(tried, "seed"), parts.join(", "))
}

/// The verdict in a few words.
fn reason(told: &ToldCampaign<'_>) -> String {
    let tally = told.tally;
    let violations = tally.violations() + tally.old.failing;
    if violations > 0 {
        let kinds = count(tally.failures.len() as u64, "signature");
        return format!("{} of {kinds}", count(violations, "violation"));
    }
    match (told.not_run(), told.cut) {
        (0, _) if tally.cells.iter().any(CellTally::tells_too_little) => {
            "too few runs are decided".to_owned()
        }
        (0, _) if tally.old.unknown > 0 => {
            let seeds = count(tally.old.unknown, "seed");
            format!("undecided is what became of {seeds} that had failed before")
        }
        (0, _) => format!("in {}", count(tally.runs(), "run")),
        (runs, _) => format!("{} not run", count(runs, "run")),
    }
}

#[cfg(test)]
mod tests;
