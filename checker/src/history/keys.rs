//! Which keys' operations to hold, when not all of them can be.

use std::hash::{Hash, Hasher};

use rustc_hash::FxHasher;

use crate::Value;

/// Some of all keys. Each key has a place, by a hash that is the same in every process; these are
/// the keys whose places lie between two, both included. Operations without a key have a place
/// too.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KeyRange {
    first: u64,
    last: u64,
}

impl KeyRange {
    /// All keys.
    pub const ALL: Self = Self { first: 0, last: u64::MAX };

    /// The place of a key, or of having none.
    pub fn place(key: Option<&Value>) -> u64 {
        let mut hasher = FxHasher::default();
        key.hash(&mut hasher);
        // The hasher leaves keys that differ little close together; this scatters them.
        let mut mixed = hasher.finish();
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// The keys at this place alone.
    pub fn at(place: u64) -> Self {
        Self { first: place, last: place }
    }

    /// Whether the keys of this place are among them.
    pub fn contains(self, place: u64) -> bool {
        self.first <= place && place <= self.last
    }

    /// Whether these are the keys of one place.
    pub fn is_one_place(self) -> bool {
        self.first == self.last
    }

    /// The keys up to this place, and those beyond it.
    ///
    /// # Panics
    ///
    /// If the place is not within the range.
    pub fn split_after(self, place: u64) -> (Self, Option<Self>) {
        assert!(self.contains(place), "a range is split within");
        let beyond = (place < self.last).then(|| Self { first: place + 1, last: self.last });
        (Self { first: self.first, last: place }, beyond)
    }

    /// The keys before this place, and those beyond it.
    ///
    /// # Panics
    ///
    /// If the place is not within the range.
    pub fn without(self, place: u64) -> [Option<Self>; 2] {
        let (upto, beyond) = self.split_after(place);
        let before = (place > self.first).then(|| Self { first: self.first, last: upto.last - 1 });
        [before, beyond]
    }

    /// The first of `parts` parts of equal width, and the rest.
    pub fn split_off(self, parts: u64) -> (Self, Option<Self>) {
        self.split_after(self.first + (self.last - self.first) / parts.max(1))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_of_a_range_are_the_range() {
        let (first, rest) = KeyRange::ALL.split_off(3);
        let [before, beyond] = first.without(5);
        let all = [before, beyond, Some(KeyRange::at(5)), rest];
        for place in [0, 4, 5, 6, u64::MAX / 3, u64::MAX / 3 + 1, u64::MAX] {
            let holders = all.iter().flatten().filter(|range| range.contains(place)).count();
            assert_eq!(holders, 1, "{place}");
        }
        assert_eq!(KeyRange::ALL.split_off(1), (KeyRange::ALL, None));
        assert_eq!(KeyRange::at(0).without(0), [None, None]);
    }

    #[test]
    fn keys_are_spread_over_the_range() {
        let (half, _) = KeyRange::ALL.split_off(2);
        let of = |key: i64| KeyRange::place(Some(&Value::Int(key)));
        let low = (0..1000).filter(|&key| half.contains(of(key))).count();
        assert!((400..600).contains(&low), "{low} of 1000 in the lower half");
    }
}
