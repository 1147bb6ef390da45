//! By how much reads may be out of date.

/// By how much reads may be out of date: one, two or five of a power of ten, from 1 ms to 10 s. A model for
/// each is enough to place a history between two of them; [`Staleness`](crate::k_atomic::Staleness) has the
/// exact time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "json", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "json", serde(into = "u64", try_from = "u64"))]
pub struct StalenessBound(u8);

/// In milliseconds, with the name of the model and the time as people read it.
const TABLE: [(u64, &str, &str); 13] = [
    (1, "bounded-staleness:1ms", "1 ms"),
    (2, "bounded-staleness:2ms", "2 ms"),
    (5, "bounded-staleness:5ms", "5 ms"),
    (10, "bounded-staleness:10ms", "10 ms"),
    (20, "bounded-staleness:20ms", "20 ms"),
    (50, "bounded-staleness:50ms", "50 ms"),
    (100, "bounded-staleness:100ms", "100 ms"),
    (200, "bounded-staleness:200ms", "200 ms"),
    (500, "bounded-staleness:500ms", "500 ms"),
    (1_000, "bounded-staleness:1s", "1 s"),
    (2_000, "bounded-staleness:2s", "2 s"),
    (5_000, "bounded-staleness:5s", "5 s"),
    (10_000, "bounded-staleness:10s", "10 s"),
];

impl StalenessBound {
    /// Every bound, the least first.
    pub const ALL: [Self; 13] = [
        Self::LEAST,
        Self(1),
        Self(2),
        Self(3),
        Self(4),
        Self(5),
        Self(6),
        Self(7),
        Self(8),
        Self(9),
        Self(10),
        Self(11),
        Self(12),
    ];

    /// The least.
    pub const LEAST: Self = Self(0);

    /// The bound of this many milliseconds, if there is one.
    pub fn of_ms(ms: u64) -> Option<Self> {
        Self::ALL.into_iter().find(|bound| bound.row().0 == ms)
    }

    /// In nanoseconds.
    pub fn nanos(self) -> u64 {
        self.row().0 * 1_000_000
    }

    /// As people read it.
    pub fn shown(self) -> &'static str {
        self.row().2
    }

    /// The name of the consistency model.
    pub(super) fn model_name(self) -> &'static str {
        self.row().1
    }

    fn row(self) -> (u64, &'static str, &'static str) {
        TABLE[usize::from(self.0)]
    }
}

/// Files have nanoseconds.
impl From<StalenessBound> for u64 {
    fn from(bound: StalenessBound) -> Self {
        bound.nanos()
    }
}

impl TryFrom<u64> for StalenessBound {
    type Error = super::UnknownConsistency;

    fn try_from(nanos: u64) -> Result<Self, Self::Error> {
        let bound = Self::ALL.into_iter().find(|bound| bound.nanos() == nanos);
        bound.ok_or_else(|| super::UnknownConsistency(format!("bounded-staleness:{nanos}ns")))
    }
}
