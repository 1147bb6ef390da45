//! A campaign: a set of simulated or real runs, its jobs, and what they add up to.
//!
//! A campaign is data, made of a file by `cli/campaign/`. Its jobs are a function of it, and a job's facts are a
//! function of the build and the job, so that a job may be done anywhere, at any time, and again. All is added
//! up in an order that does not matter.

mod cell;
mod coverage;
mod interval;
mod jobs;
mod share;
mod signature;
mod tally;
mod told;
mod work;

pub(crate) use cell::{Campaign, CampaignCell, CellNames, Misfit, SeedRange};
pub(crate) use coverage::{AskedCell, Covered, NO_FAULT};
pub(crate) use interval::wilson;
pub(crate) use jobs::{Job, JobClass, Jobs};
pub(crate) use share::Share;
pub(crate) use tally::{CellTally, OldTally, ShortestRun, SignatureTally, Tally};
pub(crate) use told::{Cut, KeptFailure, ToldCampaign};
pub(crate) use work::{Facts, SeenRun, execute_simulated};

#[cfg(test)]
mod tests;
