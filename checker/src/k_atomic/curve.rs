//! How likely a read is stale, by the time since the write that it should see was acknowledged: the
//! *t-visibility* of Bailis, Venkataraman, Franklin, Hellerstein and Stoica, "Probabilistically bounded
//! staleness for practical partial quorums", VLDB 2012.
//!
//! Of the writes of its key that were acknowledged before a read began, the last acknowledged is the one that
//! it should see, or a newer one. It is stale if it returned a value that is certainly older. Reads before the
//! first acknowledgement count for nothing.

use super::values::{NEVER, RegisterValues, registers};
use crate::History;
use crate::weak::SessionView;

/// The ends of the classes of age, in nanoseconds; the last class has none.
const ENDS: [u64; 16] = {
    let mut ends = [10_000; 16];
    let mut at = 1;
    while at < ends.len() {
        // 10, 20, 50, 100 microseconds, and so on.
        ends[at] = if at % 3 == 2 { ends[at - 1] / 2 * 5 } else { ends[at - 1] * 2 };
        at += 1;
    }
    ends
};
/// 95 of 100 intervals contain the probability.
const Z: f64 = 1.96;

/// Reads that began within some time of the acknowledgement.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "json", derive(serde::Serialize, serde::Deserialize))]
pub struct StaleByAge {
    /// They began at least this long after it, in nanoseconds.
    pub from_ns: u64,
    /// And less than this long; none: however long.
    pub to_ns: Option<u64>,
    /// How many.
    pub reads: u64,
    /// Those that were stale.
    pub stale: u64,
    /// The Wilson interval of the probability to be stale, with 95 %: its lower end, in millionths.
    pub low_ppm: u32,
    /// Its upper end.
    pub high_ppm: u32,
}

impl StaleByAge {
    /// With these reads added.
    #[must_use]
    #[expect(
        clippy::cast_precision_loss,
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "millionths of a probability"
    )]
    pub fn with(self, reads: u64, stale: u64) -> Self {
        let (reads, stale) = (self.reads + reads, self.stale + stale);
        let (number, share) = (reads as f64, stale as f64 / (reads as f64).max(1.0));
        let spread = Z * Z / number.max(1.0);
        let middle = share + spread / 2.0;
        let half =
            Z * (share * (1.0 - share) / number.max(1.0) + spread / (4.0 * number.max(1.0))).sqrt();
        let ppm = |at: f64| (at / (1.0 + spread) * 1e6).round().clamp(0.0, 1e6) as u32;
        Self { reads, stale, low_ppm: ppm(middle - half), high_ppm: ppm(middle + half), ..self }
    }
}

/// The curve of a history, of which `view` is what its sessions did: the classes of age with reads in them,
/// the youngest first. O(n log n).
pub fn stale_by_age(history: &History, view: &SessionView) -> Vec<StaleByAge> {
    let mut curve: Vec<StaleByAge> = classes().collect();
    for register in registers(history, view) {
        for (age, stale) in ages(history, view, &register) {
            let class = ENDS.partition_point(|&end| end <= age);
            curve[class].reads += 1;
            curve[class].stale += u64::from(stale);
        }
    }
    curve.retain(|class| class.reads > 0);
    curve.into_iter().map(|class| class.with(0, 0)).collect()
}

fn classes() -> impl Iterator<Item = StaleByAge> {
    let starts = std::iter::once(0).chain(ENDS);
    let ends = ENDS.into_iter().map(Some).chain([None]);
    starts.zip(ends).map(|(from_ns, to_ns)| StaleByAge { from_ns, to_ns, ..StaleByAge::default() })
}

/// For each read with an acknowledged write before it, the time since then in nanoseconds, and whether it is
/// stale.
fn ages<'a>(
    history: &'a History,
    view: &'a SessionView,
    register: &'a RegisterValues,
) -> impl Iterator<Item = (u64, bool)> + 'a {
    let index = |op: u32| view.ops[op as usize];
    let mut acknowledged: Vec<(u32, u32, u64)> = Vec::new();
    for value in register.values.iter().filter(|value| value.ended != NEVER) {
        if let Some(write) = value.write {
            acknowledged.push((
                value.ended,
                value.begun,
                history.complete_time[index(write).get()].0,
            ));
        }
    }
    acknowledged.sort_unstable();
    register.reads.iter().filter_map(move |read| {
        let before = acknowledged.partition_point(|&(ended, ..)| ended < read.begun);
        let (_, begun, at) = *acknowledged.get(before.checked_sub(1)?)?;
        let age = history.invoke_time[index(read.op).get()].0.saturating_sub(at);
        Some((age, register.values[read.value].known < begun))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::weak::{history_of_line, session_view};

    /// `from-to: stale/reads` of each class.
    fn curve(line: &str) -> Vec<(u64, u64, u64)> {
        let history = history_of_line(line);
        let view = session_view(&history).unwrap();
        let curve = stale_by_age(&history, &view);
        curve.iter().map(|class| (class.from_ns, class.stale, class.reads)).collect()
    }

    #[test]
    fn a_read_is_as_old_as_the_last_acknowledgement_before_it() {
        let line = "wx1@0-1 wx2@2-1000 | rx1@11500-11600 rx2@12000-12100 rx2@40000-40100";
        assert_eq!(curve(line), [(10_000, 1, 2), (20_000, 0, 1)]);
        assert!(curve("wx1@0-100 | rx_@10-20").is_empty(), "nothing was acknowledged before");
        assert_eq!(curve("wx1@0-10 | rx_@20-30"), [(0, 1, 1)], "the initial value is old");
        assert_eq!(curve("wx1@0-10 | wy1@1-5 | rx1@20-30"), [(0, 0, 1)]);
    }

    #[test]
    fn what_may_be_newer_is_not_stale() {
        assert_eq!(curve("wx1@0-10 | wx2@5-8 | rx2@20-30"), [(0, 0, 1)], "they overlap");
        assert_eq!(curve("wx1@0-10 | wx2@15-90 | rx2@20-30"), [(0, 0, 1)], "not acknowledged yet");
    }

    #[test]
    fn classes_grow_by_one_two_and_five_and_the_last_has_no_end() {
        let ends: Vec<Option<u64>> = classes().map(|class| class.to_ns).collect();
        let first = [10_000, 20_000, 50_000, 100_000, 200_000].map(Some);
        assert_eq!(ends[..5], first);
        assert_eq!(ends[ends.len() - 2..], [Some(1_000_000_000), None]);
    }

    #[test]
    fn an_interval_is_as_wide_as_reads_are_few() {
        let of = |reads, stale| StaleByAge::default().with(reads, stale);
        // Newcombe, "Two-sided confidence intervals for the single proportion", 1998, method 3.
        let table = of(263, 81);
        assert!(
            table.low_ppm.abs_diff(255_300) < 100 && table.high_ppm.abs_diff(366_200) < 100,
            "{table:?}"
        );
        let none = of(20, 0);
        assert!(none.low_ppm == 0 && none.high_ppm.abs_diff(161_100) < 100, "{none:?}");
        assert!(of(10, 5).low_ppm < of(1_000, 500).low_ppm);
        assert_eq!(of(100, 7).with(163, 74), table, "the parts make the whole");
    }
}
