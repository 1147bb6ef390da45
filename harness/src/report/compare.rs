//! Designs side by side: a row for each thing that was measured, a column for each design. All times are simulated.

mod json;
mod rows;

use std::time::Duration;

use rashomon_checker::visible;

use super::markdown::{plain, table};
use super::{Page, Screen, count};
use crate::campaign::SeedRange;
use crate::compare::{ComparedDesign, SERVICE_NS};
use rows::{ComparedRow, rows};

pub(crate) use json::compare_report;

/// A comparison as far as it came.
pub(crate) struct ToldComparison<'a> {
    /// The designs.
    pub(crate) designs: &'a [ComparedDesign],
    /// The seeds of each row.
    pub(crate) seeds: SeedRange,
    /// Whether the user ended it early.
    pub(crate) is_interrupted: bool,
    /// How long it took.
    pub(crate) elapsed: Duration,
}

impl ToldComparison<'_> {
    fn seeds(&self) -> String {
        format!("{}-{}", self.seeds.first, self.seeds.first + (self.seeds.count - 1))
    }
}

/// What a design is called.
fn name(design: &ComparedDesign) -> String {
    format!("{} {}, {} nodes", design.target.name(), design.target.variant(), design.target.nodes)
}

/// The report for a terminal.
pub(crate) fn compare_page(told: &ToldComparison<'_>, screen: Screen) -> Page {
    let mut page = Page::default();
    let mut push = |text: &str| page.push_str(&screen.glyphs.fit(text));
    push(&format!(
        "compare   {}   seeds {}   {:.1} s; every figure below is of simulated time\n",
        count(told.designs.len() as u64, "design"),
        told.seeds(),
        told.elapsed.as_secs_f64()
    ));
    for (at, design) in (1..).zip(told.designs) {
        push(&format!("  [{at}] {}\n", visible(&name(design))));
    }
    let mut group = "";
    for row in rows(told) {
        if row.group != group {
            group = row.group;
            push(&format!("\n {group}\n"));
        }
        push(&format!("   {}   ({})\n", row.label, row.how));
        for (at, cell) in (1..).zip(&row.cells) {
            push(&format!("     [{at}] {}\n", visible(cell)));
        }
    }
    if told.is_interrupted {
        push("\n interrupted: rows that were not measured are absent\n");
    }
    page
}

/// The same as Markdown, which is the same for the same build and seeds.
pub(crate) fn compare_markdown(told: &ToldComparison<'_>) -> String {
    let names: Vec<String> =
        (1..).zip(told.designs).map(|(at, _): (u32, _)| format!("[{at}]")).collect();
    let mut text = format!(
        "# Comparison\n\nEvery figure is measured in simulation and of simulated time, with seeds {}. A message takes about a \
         millisecond, a disk write 0.2 to 1 ms. As replicas grow, each node is busy for {} us with every message and \
         request.\n\n",
        told.seeds(),
        SERVICE_NS / 1000
    );
    for (at, design) in (1..).zip(told.designs) {
        let _: u32 = at;
        text.push_str(&format!(
            "- [{at}] {}: `{}`\n",
            plain(&name(design)),
            design.target.flags().join(" ")
        ));
    }
    let mut group = "";
    let mut open: Vec<Vec<String>> = Vec::new();
    let head = |group: &str| {
        let mut head = vec![group.to_owned()];
        head.extend(names.iter().map(|name| plain(name)));
        head.push("measured".to_owned());
        head
    };
    for ComparedRow { group: of, label, cells, how } in rows(told) {
        if of != group && !open.is_empty() {
            text.push_str(&table(&head(group), &std::mem::take(&mut open)));
        }
        group = of;
        let mut row = vec![plain(&label)];
        row.extend(cells.iter().map(|cell| plain(cell)));
        row.push(plain(&how));
        open.push(row);
    }
    text.push_str(&table(&head(group), &open));
    let commands = rows::commands(told);
    if !commands.is_empty() {
        text.push_str("\n## Runs to look at\n");
        for (what, command) in commands {
            text.push_str(&format!("\n{}:\n\n```sh\n{}\n```\n", plain(&what), visible(&command)));
        }
    }
    text
}
