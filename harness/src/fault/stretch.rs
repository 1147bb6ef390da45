//! How long a fault that takes turns keeps to one of them.

use serde::{Deserialize, Serialize};

/// A length of time in nanoseconds, 0.1 ms at least: shorter turns would be all that a run does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "u64", into = "u64")]
pub(crate) struct Stretch(u64);

/// The shortest.
const SHORTEST: u64 = 100_000;

impl Stretch {
    /// One of this many milliseconds, 1 at least.
    pub(crate) const fn of_ms(ms: u64) -> Self {
        Self(if ms == 0 { 1_000_000 } else { ms * 1_000_000 })
    }

    /// In nanoseconds.
    pub(crate) fn nanos(self) -> u64 {
        self.0
    }
}

impl TryFrom<u64> for Stretch {
    type Error = String;

    fn try_from(nanos: u64) -> Result<Self, String> {
        if nanos < SHORTEST {
            return Err(format!("{nanos} ns is too short; give {SHORTEST} ns or more"));
        }
        Ok(Self(nanos))
    }
}

impl From<Stretch> for u64 {
    fn from(stretch: Stretch) -> Self {
        stretch.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_turn_that_would_stall_the_run_is_refused_with_the_least_there_is() {
        let told = serde_json::from_str::<Stretch>("99999").unwrap_err().to_string();
        assert!(told.contains("give 100000 ns or more"), "{told}");
        let read: Stretch = serde_json::from_str("100000").unwrap();
        assert_eq!(read.nanos(), SHORTEST);
        assert_eq!(serde_json::to_string(&Stretch::of_ms(3)).unwrap(), "3000000");
    }
}
