//! How much memory there is.

use rashomon_checker::passes::Room;

use crate::system;
pub(super) use crate::system::peak_bytes;

/// Bytes, as people write them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Size(pub(super) u64);

/// What the program takes before it holds anything: itself, its threads, and buffers.
const BASE: u64 = 20 << 20;

/// The least budget: a few events must fit.
const LEAST: u64 = BASE + (8 << 20);

/// Where nothing is known about the machine.
const UNKNOWN_MACHINE: u64 = 2 << 30;

impl Size {
    /// Reads `500MB` or `2GiB`.
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        let number = text.trim_end_matches(|letter: char| letter.is_ascii_alphabetic());
        let unit: u64 = match &*text[number.len()..].to_ascii_lowercase() {
            "" | "b" => 1,
            "k" | "kb" => 1000,
            "m" | "mb" => 1_000_000,
            "g" | "gb" => 1_000_000_000,
            "t" | "tb" => 1_000_000_000_000,
            "kib" => 1 << 10,
            "mib" => 1 << 20,
            "gib" => 1 << 30,
            "tib" => 1 << 40,
            _ => return Err("a size is a number and a unit, such as 500MB or 2GiB".to_owned()),
        };
        let wrong = || "a size is a number and a unit, such as 500MB or 1.5GiB".to_owned();
        let (whole, part) = number.trim_end().split_once('.').unwrap_or((number.trim_end(), ""));
        let whole: u64 = whole.parse().map_err(|_| wrong())?;
        let thousandths: u64 = match part.len() {
            0 => 0,
            length @ 1..=3 => part.parse::<u64>().map_err(|_| wrong())? * [100, 10, 1][length - 1],
            _ => return Err("a size has at most three decimals".to_owned()),
        };
        let bytes = whole.checked_mul(unit).and_then(|bytes| {
            bytes
                .checked_add(u64::try_from(u128::from(unit) * u128::from(thousandths) / 1000).ok()?)
        });
        match bytes {
            Some(bytes) if bytes >= LEAST => Ok(Self(bytes)),
            Some(_) => Err(format!("the program itself needs {} MB", LEAST.div_ceil(1_000_000))),
            None => Err("that is too large".to_owned()),
        }
    }

    /// Three quarters of what is available here.
    pub(super) fn of_machine() -> Self {
        let share = system::available_bytes().map_or(UNKNOWN_MACHINE, |bytes| bytes / 4 * 3);
        Self(share.max(LEAST))
    }

    /// What of it there is for histories and for judging them.
    pub(super) fn room(self) -> Room {
        let threads = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
        Room {
            bytes: self.0.saturating_sub(BASE),
            threads: u32::try_from(threads).unwrap_or(u32::MAX),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_read_as_people_write_them() {
        let read = |text| Size::parse(text).map(|size| size.0);
        assert_eq!(read("500MB"), Ok(500_000_000));
        assert_eq!(read("2GiB"), Ok(2 << 30));
        assert_eq!(read("1.5gb"), Ok(1_500_000_000));
        assert_eq!(read("536870912"), Ok(512 << 20));
        for wrong in ["", "MB", "500 miles", "-3GB", "1.2345GB", "99999999999TB", "1KB"] {
            assert!(read(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_budget_is_never_less_than_the_program_needs() {
        assert!(Size::of_machine().0 >= LEAST);
    }
}
