//! What is accepted becomes the baseline.

use rashomon_results::{BaselineBugRecord, BaselineCellRecord, BaselineRecord};

use super::BugHunt;
use super::required::required;
use crate::campaign::ToldCampaign;

/// The baseline that this campaign, all of which was run, and these bugs make.
pub(crate) fn accepted(told: &ToldCampaign<'_>, hunts: &[BugHunt]) -> BaselineRecord {
    let campaign = told.campaign;
    let signatures = |cell: u32| {
        let of = told.tally.failures.iter().filter(|(_, all)| all.cells.contains_key(&cell));
        of.map(|(signature, _)| signature.clone()).collect()
    };
    let cells = (0..).zip(campaign.cells.iter().zip(&told.tally.cells));
    let cell = |(number, (asked, found)): (
        u32,
        (&crate::campaign::CampaignCell, &crate::campaign::CellTally),
    )| {
        BaselineCellRecord {
            cell: asked.names.to_string(),
            required: required(asked),
            valid: found.valid,
            violations: found.violation,
            unknown: found.unknown,
            signatures: signatures(number),
            figures: found.figures,
        }
    };
    let bug = |hunt: &BugHunt| {
        let block = hunt.block.as_ref()?;
        let found = block.found_in.as_ref()?;
        Some(BaselineBugRecord {
            bug: hunt.lookout.bug.name.to_owned(),
            words: hunt.lookout.hunt.words.to_owned(),
            class: found.class.clone(),
            runs: block.runs,
        })
    };
    BaselineRecord {
        format: BaselineRecord::HEADER.format.to_owned(),
        version: BaselineRecord::HEADER.version,
        name: campaign.name.clone(),
        profile: campaign.profile.clone(),
        campaign: campaign.hash(),
        build: told.build.clone(),
        seed: campaign.seeds.first,
        seeds: campaign.seeds.count,
        cells: cells.map(cell).collect(),
        bugs: hunts.iter().filter_map(bug).collect(),
    }
}
