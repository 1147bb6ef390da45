//! A campaign as Markdown, for a summary of a build or a pull request.

use rashomon_checker::visible;

use super::{
    again, blocks, covered, failure_line, failures_in_order, failures_more, faults, first_line,
    legend, matrix, misfits_text, not_run, old_seeds, undecided,
};
use crate::campaign::ToldCampaign;
use crate::report::markdown::{plain, table};
use crate::report::{Headline, thousands};

/// The report as Markdown.
pub(crate) fn campaign_markdown(told: &ToldCampaign<'_>) -> String {
    let title = Headline::of(told.exit()).title;
    let mut text = format!("## {title}: {}\n", plain(&first_line(told)));
    for block in blocks(told) {
        let mut head = vec![plain(&block.title)];
        head.extend(block.columns.iter().map(|name| plain(name)));
        let rows = block.rows.iter().map(|(faults, entries)| {
            let mut row = vec![plain(faults)];
            row.extend(entries.iter().map(|entry| entry.text()));
            row
        });
        text.push_str(&table(&head, &rows.collect::<Vec<_>>()));
    }
    text.push_str(&format!("\n{}\n", legend(told)));
    let failures = failures_in_order(told);
    if !failures.is_empty() {
        text.push_str("\n### Failures\n");
    }
    for (signature, failure) in failures {
        text.push_str(&format!("\n- ✗ {}\n", plain(&failure_line(told, signature, failure))));
        text.push_str(&format!("  {}\n", plain(&failure.shortest().why)));
        text.push_str(&format!("\n  ```sh\n  {}\n  ```\n", visible(&again(told, failure))));
    }
    let faults = faults(told);
    let rows = matrix::covered(&told.tally.covered, &faults);
    if !rows.is_empty() {
        let head: Vec<String> = std::iter::once("covered".to_owned()).chain(faults).collect();
        let rows = rows.into_iter().map(|(name, times)| {
            std::iter::once(name).chain(times.into_iter().map(thousands)).collect()
        });
        text.push_str(&table(&head, &rows.collect::<Vec<_>>()));
        let last = covered(told);
        let last = last.trim_end().lines().last().unwrap_or_default();
        text.push_str(&format!("\n{}\n", plain(last.trim())));
    }
    for part in [
        failures_more(told),
        misfits_text(told.campaign),
        undecided(told),
        not_run(told),
        old_seeds(told),
    ] {
        for line in part.lines().filter(|line| !line.trim().is_empty()) {
            text.push_str(&format!("\n{}\n", plain(line.trim())));
        }
    }
    text
}
