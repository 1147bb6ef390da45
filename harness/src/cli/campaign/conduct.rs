//! Does jobs of a campaign within limits: what `rashomon campaign` and `rashomon gate` have in common.

use std::path::Path;

use super::book::Book;
use super::estimate::Estimate;
use super::lane::{Lane, Violations};
use super::limits::Limits;
use super::showing::Showing;
use crate::campaign::{Campaign, Job};
use crate::cli::output::Output;

/// What is done, and where it goes.
pub(in crate::cli) struct Conduct<'a> {
    /// The campaign.
    pub(in crate::cli) campaign: &'a Campaign,
    /// How many runs are asked for, those that were done before among them.
    pub(in crate::cli) planned: u64,
    /// Where runs of real processes that fail are kept.
    pub(in crate::cli) store: &'a Path,
    /// What a violation means.
    pub(in crate::cli) violations: Violations,
    /// Where progress is shown.
    pub(in crate::cli) output: &'a Output,
}

impl Conduct<'_> {
    /// Says what the jobs will take, does them until it is time to stop, and gives the book back, all of it on the
    /// disk. `says` makes the line before the first run of the estimate.
    ///
    /// # Errors
    /// If a run cannot be made, or the journal cannot be written.
    pub(in crate::cli) fn run(
        &self,
        book: Book,
        to_do: &[Job],
        limits: &Limits<'_>,
        says: &dyn Fn(&str) -> String,
    ) -> anyhow::Result<Book> {
        let estimate = Estimate::of(self.campaign, &book.tally, to_do, limits)?;
        self.output.note(&says(&estimate.text()));
        let (planned, before) = (self.planned, book.tally.runs());
        let showing = Showing::new(self.output, self.campaign, (planned, before), estimate);
        showing.expect(to_do);
        let mut lane = Lane::new((self.campaign, book), self.store, self.violations);
        lane.run(to_do, limits, &showing)?;
        showing.finish();
        lane.into_book()
    }
}
