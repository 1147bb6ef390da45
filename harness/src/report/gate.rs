//! A gate, for people and for the programs of a build: what is worse, its evidence, and the command that shows it.

mod annotations;
mod json;
mod junit;
mod markdown;
mod page;
mod sarif;
#[cfg(test)]
mod tests;
mod wording;

pub(crate) use annotations::gate_annotations;
pub(crate) use json::gate_report;
pub(crate) use junit::gate_junit;
pub(crate) use markdown::{gate_markdown, gate_summary};
pub(crate) use page::gate_page;
pub(crate) use sarif::gate_sarif;
