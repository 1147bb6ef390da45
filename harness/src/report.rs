//! What people and machines read about a run: wording and drawing only. Everything here is a pure
//! function of the run's record.

mod audit;
mod availability;
mod bugs;
mod campaign;
mod claims;
mod compare;
mod frame;
mod gate;
mod glyphs;
mod headline;
mod json;
mod latency;
mod lost;
mod markdown;
mod page;
pub(crate) mod progress;
mod reading;
mod reproduced;
mod screen;
mod shrunk;
mod space_time;
mod stale_by_age;
mod story;
mod trace;
mod trials;
mod unit;
mod verdict;
mod wrap;
mod written_claims;

pub(crate) use audit::{ToldAudit, audit_markdown, audit_page, audit_report};
pub(crate) use availability::availability;
pub(crate) use bugs::{bugs_report, bugs_text};
pub(crate) use campaign::{campaign_markdown, campaign_page, campaign_report, misfits_text};
pub(crate) use claims::{claims_report, claims_text};
pub(crate) use compare::{ToldComparison, compare_markdown, compare_page, compare_report};
pub(crate) use frame::Frame;
pub(crate) use gate::{
    gate_annotations, gate_junit, gate_markdown, gate_page, gate_report, gate_sarif, gate_summary,
};
pub(crate) use glyphs::{Glyphs, Paint};
pub(crate) use headline::{Headline, to_copy};
pub(crate) use json::{ErrorReport, summary_line, why};
pub(crate) use latency::latency_text;
pub(crate) use page::{Page, PaintedText};
pub(crate) use reading::ReadingBar;
pub(crate) use reproduced::{ReproducedTold, reproduced_report, reproduced_text};
pub(crate) use screen::Screen;
pub(crate) use shrunk::{ShrunkReport, ShrunkTold, shrunk_text};
pub(crate) use space_time::space_time;
pub(crate) use stale_by_age::stale_by_age;
pub(crate) use story::{Cast, Sentence, story};
pub(crate) use trace::TraceText;
pub(crate) use trials::{TrialLine, TrialsTold, trials_report, trials_text};
pub(crate) use unit::in_unit;
pub(crate) use verdict::{anomaly_text, first, plan_text, verdict_page};
pub(crate) use written_claims::{ToldClaims, written_claims_page, written_claims_report};

/// `1234567` as `1,234,567`.
pub(crate) fn thousands(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// `1 run`, `1,200 runs`.
pub(crate) fn count(number: u64, what: &str) -> String {
    let plural = if number == 1 { "" } else { "s" };
    format!("{} {what}{plural}", thousands(number))
}

/// `part` of `whole` in per cent, with one decimal.
pub(crate) fn percent(part: u64, whole: u64) -> String {
    let tenths = (part * 1000 + whole / 2) / whole.max(1);
    format!("{}.{} %", tenths / 10, tenths % 10)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_read_as_people_write_them() {
        assert_eq!(thousands(7), "7");
        assert_eq!(thousands(1000), "1,000");
        assert_eq!(thousands(1_234_567), "1,234,567");
        assert_eq!(count(1, "run"), "1 run");
        assert_eq!(count(1200, "run"), "1,200 runs");
        assert_eq!(percent(1, 3), "33.3 %");
        assert_eq!(percent(0, 0), "0.0 %");
    }
}
