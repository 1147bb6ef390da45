//! How likely reads are stale, as a table.

use rashomon_checker::k_atomic::StaleByAge;

use super::{Frame, in_unit, thousands};

/// A line for each class of age, under a heading; nothing where there are none.
pub(crate) fn stale_by_age(frame: &mut Frame, curve: &[StaleByAge]) {
    if curve.is_empty() {
        return;
    }
    frame.line("by age", "stale reads, by the time since the acknowledgement (95 % interval)");
    for class in curve {
        let from = in_unit(class.from_ns);
        let ages = match class.to_ns {
            Some(to) => format!("{from} to {}", in_unit(to)),
            None => format!("from {from}"),
        };
        let share = ppm(class.stale * 1_000_000 / class.reads.max(1));
        let (low, high) = (ppm(class.low_ppm.into()), ppm(class.high_ppm.into()));
        let of = format!("{} of {}", thousands(class.stale), thousands(class.reads));
        frame.line("", &format!("{ages:<20} {share:>7}  ({low} to {high})  {of}"));
    }
}

/// Millionths as a percentage.
fn ppm(millionths: u64) -> String {
    format!("{}.{:02} %", millionths / 10_000, millionths / 100 % 100)
}
