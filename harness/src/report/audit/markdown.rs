//! An audit as Markdown. The same build and seeds give the same text, on any machine.

use std::collections::BTreeSet;
use std::fmt::Write;

use rashomon_checker::visible;

use super::{ToldAudit, conclusion, cut, fate, figures, place, sign, title};
use crate::audit::AuditedDesign;
use crate::report::markdown::plain;
use crate::report::{Headline, count};

/// The report as Markdown: a section for each design.
pub(crate) fn audit_markdown(told: &ToldAudit<'_>) -> String {
    let mut text = format!(
        "# Audit: {}\n\n{}. {} in simulation, seeds {} to {} of each design with each workload.\n",
        Headline::of(told.exit()).title,
        plain(&conclusion(told)),
        count(told.runs, "run"),
        told.seeds.first,
        told.seeds.first + (told.seeds.count - 1),
    );
    if let Some(cut) = cut(told) {
        let _ = writeln!(text, "\n{cut}.");
    }
    for design in told.designs {
        section(&mut text, design);
    }
    text
}

fn section(text: &mut String, design: &AuditedDesign) {
    let _ = writeln!(text, "\n## {}\n", plain(&title(design)));
    let _ = writeln!(
        text,
        "Claims {}: {}.\n",
        plain(&design.claim.to_string()),
        plain(&design.claim.because)
    );
    let faults: BTreeSet<&str> = design.claims().flat_map(|(_, _, it)| it.faults.clone()).collect();
    let faults: Vec<&str> = faults.into_iter().collect();
    if !faults.is_empty() {
        let _ = writeln!(text, "Runs without faults, and under {}.\n", faults.join(", "));
    }
    text.push_str("| claim | | runs |\n| --- | --- | --- |\n");
    for (class, check, tally) in design.claims() {
        let _ = writeln!(text, "| {class} | {} {check} | {} |", sign(tally).0, figures(tally));
    }
    for (_, _, tally) in design.claims() {
        if let Some((again, why)) = &tally.first {
            let _ = writeln!(text, "\n✗ {}\n\n```sh\n{}\n```", plain(why), visible(again));
        }
    }
    let mut commands: Vec<String> = Vec::new();
    for (class, of) in &design.classes {
        let models = of.stronger();
        if models.is_empty() {
            continue;
        }
        let name = class.name();
        let _ = writeln!(text, "\n| above, for {name} | | |\n| --- | --- | --- |");
        for model in &models {
            let sign = if model.refuted.is_some() { "✗" } else { "–" };
            let (place, fate) = (place(model), plain(&fate(model)));
            let _ = writeln!(text, "| {place} | {sign} {} | {fate} |", model.model);
        }
        for by in models.into_iter().filter_map(|it| it.refuted) {
            let command = visible(&by.again).into_owned();
            if !commands.contains(&command) {
                commands.push(command);
            }
        }
    }
    if commands.is_empty() {
        return;
    }
    // Each of them names the design: once is enough.
    let flags = design.target.flags().join(" ");
    let short =
        |it: &String| it.replacen(&format!("rashomon run {flags}"), "rashomon run $design", 1);
    let commands: Vec<String> = commands.iter().map(short).collect();
    let _ = writeln!(text, "\n```sh\ndesign=\"{flags}\"\n{}\n```", commands.join("\n"));
}
