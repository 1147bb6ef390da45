//! The numbers by which things are named.

use std::fmt;

/// A logical thread: at most one operation in flight at a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "json", derive(serde::Serialize, serde::Deserialize))]
pub struct ProcessId(pub u32);

/// The place of an operation in its history, counted in the order of invocations.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "json", derive(serde::Serialize, serde::Deserialize))]
pub struct OpIndex(pub u32);

impl OpIndex {
    /// The same number, to index a slice with.
    pub fn get(self) -> usize {
        self.0 as usize
    }
}

/// The place of an event in its history. Real-time order is order by position: `a` precedes `b`
/// when `a` completed at a lower position than `b` was invoked. Time stamps decide nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "json", derive(serde::Serialize, serde::Deserialize))]
pub struct Position(pub u32);

/// Nanoseconds since the start of the run. Shown to people; never used to order events.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "json", derive(serde::Serialize, serde::Deserialize))]
pub struct Time(pub u64);

impl fmt::Display for ProcessId {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "p{}", self.0)
    }
}

impl fmt::Display for OpIndex {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "#{}", self.0)
    }
}

impl fmt::Display for Time {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let millis = (self.0 + 500_000) / 1_000_000;
        write!(out, "{}.{:03} s", millis / 1000, millis % 1000)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_print_as_people_write_them() {
        assert_eq!(ProcessId(3).to_string(), "p3");
        assert_eq!(OpIndex(17).to_string(), "#17");
        assert_eq!(Time(1_204_000_123).to_string(), "1.204 s");
        assert_eq!(Time(999_999).to_string(), "0.001 s");
    }
}
