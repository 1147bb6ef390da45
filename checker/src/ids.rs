//! The numbers by which things are named.

use std::fmt;

use crate::visible;

/// A logical thread: at most one operation in flight at a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "json", derive(serde::Serialize, serde::Deserialize))]
pub struct ProcessId(pub u32);

/// A process as it is shown to people: by the name that its file gives it, or as `p3`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Who<'a> {
    /// Its number.
    pub process: ProcessId,
    /// Its name, if it has one.
    pub name: Option<&'a str>,
}

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

impl fmt::Display for Who<'_> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Some(name) = self.name else { return self.process.fmt(out) };
        let digits = name.strip_prefix('p').unwrap_or_default();
        let is_like_a_number = !digits.is_empty() && digits.bytes().all(|it| it.is_ascii_digit());
        if is_like_a_number { write!(out, "\"{name}\"") } else { out.write_str(&visible(name)) }
    }
}

impl fmt::Display for OpIndex {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "#{}", self.0)
    }
}

impl Time {
    /// This time in units of `decimals` decimals of a second (nine at most), and the units in a second.
    pub(crate) fn rounded(self, decimals: usize) -> (u64, u64) {
        let second = 10u64.pow(u32::try_from(decimals).expect("nine at most"));
        let unit = 1_000_000_000 / second;
        (self.0.saturating_add(unit / 2) / unit, second)
    }
}

/// In seconds, with three decimals unless told otherwise: nine at most.
impl fmt::Display for Time {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let decimals = out.precision().unwrap_or(3).clamp(1, 9);
        let (units, second) = self.rounded(decimals);
        write!(out, "{}.{:0decimals$} s", units / second, units % second)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_print_as_people_write_them() {
        assert_eq!(ProcessId(3).to_string(), "p3");
        let who = |name| Who { process: ProcessId(3), name };
        assert_eq!(who(None).to_string(), "p3");
        assert_eq!(who(Some("client-1")).to_string(), "client-1");
        assert_eq!(who(Some("p3")).to_string(), "\"p3\"", "it is not the process of that number");
        assert_eq!(OpIndex(17).to_string(), "#17");
        assert_eq!(Time(1_204_000_123).to_string(), "1.204 s");
        assert_eq!(Time(999_999).to_string(), "0.001 s");
        assert_eq!(format!("{:.6}", Time(1_204_000_523)), "1.204001 s");
        assert_eq!(format!("{:.9}", Time(1_204_000_523)), "1.204000523 s");
        assert_eq!(format!("{:.9}", Time(u64::MAX)), "18446744073.709551615 s");
    }
}
