//! What is required of a cell, and what a baseline required of it that nobody requires now.
//!
//! A claim that is weaker is kept more easily: a gate that required less than its baseline would pass for that alone.

use rashomon_checker::Consistency;
use rashomon_results::{BaselineCellRecord, BaselineRecord};

use crate::campaign::{Campaign, CampaignCell};
use crate::judge::{By, Requirement};

/// The names of all that is required of a run of this cell that has faults of all of its kinds: of none is less.
pub(super) fn required(cell: &CampaignCell) -> Vec<String> {
    names(&requirement(cell)).into_iter().map(str::to_owned).collect()
}

/// What a baseline required of cells, which are those of the campaign, and nobody requires now, in a sentence. Nothing
/// if all of it is required still, or something that implies it.
pub(crate) fn no_longer_required(baseline: &BaselineRecord, campaign: &Campaign) -> Option<String> {
    let less = |(cell, before): (&CampaignCell, &BaselineCellRecord)| {
        let now = requirement(cell);
        let before = before.required.iter().map(String::as_str);
        let gone: Vec<&str> = before.filter(|name| !has(&now, name)).collect();
        (!gone.is_empty()).then(|| format!("{} of {}", gone.join(", "), cell.names))
    };
    let all: Vec<String> = campaign.cells.iter().zip(&baseline.cells).filter_map(less).collect();
    let first = all.first()?;
    let cells = all.len();
    Some(format!(
        "it required {first}, and this build does not: a weaker claim (cells like that: {cells})"
    ))
}

fn requirement(cell: &CampaignCell) -> Requirement {
    let settings = &cell.settings;
    let faults: Vec<&str> = settings.faults.iter().map(|fault| fault.name()).collect();
    Requirement::new(settings, settings.kind().expect("the file was checked"), &faults)
}

fn names(requirement: &Requirement) -> Vec<&'static str> {
    // What never happens inside is judged where the claim is required.
    let inside = requirement.safety.iter().filter(|_| requirement.by == By::Claim);
    requirement.names().chain(inside.map(|property| property.name())).collect()
}

fn has(requirement: &Requirement, name: &str) -> bool {
    let is_implied = |model: Consistency| requirement.required.iter().any(|it| it.implies(model));
    names(requirement).contains(&name) || name.parse().is_ok_and(is_implied)
}
