//! How available runs were, as sums: enough for the mean of each figure and for its spread.

use serde::{Deserialize, Serialize};

use crate::{AvailabilityRecord, ServedRecord};

/// A figure of runs: how many have it, the sum of it, and the sum of its squares. Written as a list of these three.
///
/// Sums of whole numbers do not depend on the order in which runs are counted. One that does not fit stays at
/// the largest number: that takes a million runs in each of which a time is four seconds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "[u64; 3]", into = "[u64; 3]")]
pub struct FigureRecord {
    /// How many runs have it.
    pub runs: u64,
    /// Its sum.
    pub sum: u64,
    /// The sum of its squares.
    pub squares: u64,
}

impl From<[u64; 3]> for FigureRecord {
    fn from([runs, sum, squares]: [u64; 3]) -> Self {
        Self { runs, sum, squares }
    }
}

impl From<FigureRecord> for [u64; 3] {
    fn from(FigureRecord { runs, sum, squares }: FigureRecord) -> Self {
        [runs, sum, squares]
    }
}

impl FigureRecord {
    /// Counts a run that has this value.
    pub fn take(&mut self, value: u64) {
        self.add(&Self { runs: 1, sum: value, squares: value.saturating_mul(value) });
    }

    /// Counts other runs.
    pub fn add(&mut self, other: &Self) {
        self.runs += other.runs;
        self.sum = self.sum.saturating_add(other.sum);
        self.squares = self.squares.saturating_add(other.squares);
    }

    /// Whether no run has it.
    pub fn is_empty(&self) -> bool {
        self.runs == 0
    }
}

/// How available runs were, and how soon they recovered. A run counts once in each figure that it has.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FiguresRecord {
    /// Of a million operations that were invoked while no fault lasted, how many were done.
    #[serde(default, skip_serializing_if = "FigureRecord::is_empty")]
    pub served_calm: FigureRecord,
    /// The same at the nodes that a fault had struck, while it lasted.
    #[serde(default, skip_serializing_if = "FigureRecord::is_empty")]
    pub served_struck: FigureRecord,
    /// The same at the other nodes.
    #[serde(default, skip_serializing_if = "FigureRecord::is_empty")]
    pub served_others: FigureRecord,
    /// The slowest recovery from a fault, in microseconds.
    #[serde(default, skip_serializing_if = "FigureRecord::is_empty")]
    pub recovery_us: FigureRecord,
    /// Faults after which the nodes that they had struck did nothing that was asked.
    #[serde(default, skip_serializing_if = "FigureRecord::is_empty")]
    pub not_recovered: FigureRecord,
    /// The longest time without any operation that was done, in microseconds.
    #[serde(default, skip_serializing_if = "FigureRecord::is_empty")]
    pub silence_us: FigureRecord,
}

impl FiguresRecord {
    /// Counts a run.
    pub fn take(&mut self, run: &AvailabilityRecord) {
        let mut sides = [ServedRecord::default(); 2];
        for kind in &run.during {
            for (side, more) in sides.iter_mut().zip([kind.struck, kind.others]) {
                side.asked += more.asked;
                side.ok += more.ok;
            }
        }
        let [struck, others] = sides;
        let shares = [
            (&mut self.served_calm, run.without_faults),
            (&mut self.served_struck, struck),
            (&mut self.served_others, others),
        ];
        for (figure, served) in shares {
            if let Some(share) = millionths(served) {
                figure.take(share);
            }
        }
        if let Some(recovered) = &run.recovered_ns {
            self.recovery_us.take(recovered.max / 1000);
        }
        self.not_recovered.take(run.not_recovered);
        self.silence_us.take(run.longest_without_ns / 1000);
    }

    /// Counts other runs.
    pub fn add(&mut self, other: &Self) {
        self.served_calm.add(&other.served_calm);
        self.served_struck.add(&other.served_struck);
        self.served_others.add(&other.served_others);
        self.recovery_us.add(&other.recovery_us);
        self.not_recovered.add(&other.not_recovered);
        self.silence_us.add(&other.silence_us);
    }

    /// Whether no run was counted.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// How many of a million operations were done; nothing if none was asked.
fn millionths(ServedRecord { asked, ok }: ServedRecord) -> Option<u64> {
    let share = (u128::from(ok) * 1_000_000).checked_div(u128::from(asked))?;
    u64::try_from(share).ok()
}

#[cfg(test)]
mod tests {
    use rashomon_checker::k_atomic::Quantiles;

    use super::*;
    use crate::FaultServedRecord;

    fn served(asked: u64, ok: u64) -> ServedRecord {
        ServedRecord { asked, ok }
    }

    #[test]
    fn runs_counted_in_any_order_have_equal_sums_and_a_figure_that_a_run_lacks_is_not_counted() {
        let calm =
            AvailabilityRecord { without_faults: served(3, 3), ..AvailabilityRecord::default() };
        let kind = |struck, others| FaultServedRecord { kind: "a".to_owned(), struck, others };
        let hurt = AvailabilityRecord {
            without_faults: served(8, 4),
            during: vec![kind(served(4, 0), served(2, 2)), kind(served(4, 2), served(2, 1))],
            recovered_ns: Some(Quantiles { p50: 1_000, p99: 9_000, max: 9_000 }),
            not_recovered: 2,
            longest_without_ns: 7_999,
        };
        let mut figures = FiguresRecord::default();
        assert!(figures.is_empty());
        figures.take(&calm);
        figures.take(&hurt);
        let of = |sums: [u64; 3]| FigureRecord::from(sums);
        assert_eq!(figures.served_calm, of([2, 1_500_000, 1_250_000_000_000]));
        assert_eq!(figures.served_struck, of([1, 250_000, 62_500_000_000]));
        assert_eq!(figures.served_others.sum, 750_000);
        assert_eq!(figures.recovery_us, of([1, 9, 81]));
        assert_eq!(figures.not_recovered, of([2, 2, 4]));
        assert_eq!(figures.silence_us, of([2, 7, 49]));
        let (mut one, mut other) = (FiguresRecord::default(), FiguresRecord::default());
        other.take(&calm);
        one.take(&hurt);
        one.add(&other);
        assert_eq!(one, figures);
        let text = serde_json::to_string(&figures).unwrap();
        assert!(text.contains("\"recovery_us\":[1,9,81]"), "{text}");
        assert_eq!(serde_json::from_str::<FiguresRecord>(&text).unwrap(), figures);
    }
}
