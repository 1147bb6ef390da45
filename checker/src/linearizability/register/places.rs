//! Where the clusters of values are.

use rustc_hash::FxHashMap;

/// From the numbers of values to places: by arithmetic if the numbers are close together, as those
/// of values handed out one by one are, else by hash.
pub(super) struct ValuePlaces {
    base: u32,
    near: Vec<u32>,
    far: FxHashMap<u32, u32>,
}

const NOWHERE: u32 = u32::MAX;

impl ValuePlaces {
    /// Room for `count` values within `span`. O(n), in time and in memory.
    pub(super) fn new(count: usize, span: (u32, u32)) -> Self {
        let width = if count == 0 { 0 } else { (span.1 - span.0) as usize + 1 };
        let mut far = FxHashMap::default();
        if width <= 4 * count + 64 {
            return Self { base: span.0, near: vec![NOWHERE; width], far };
        }
        far.reserve(count + 1);
        Self { base: span.0, near: Vec::new(), far }
    }

    /// The place of `value`, if it has one.
    pub(super) fn get(&self, value: u32) -> Option<u32> {
        match self.near.get(value.wrapping_sub(self.base) as usize) {
            Some(&place) => (place != NOWHERE).then_some(place),
            None => self.far.get(&value).copied(),
        }
    }

    /// Gives `value` a place. Whether it had none.
    pub(super) fn insert(&mut self, value: u32, place: u32) -> bool {
        match self.near.get_mut(value.wrapping_sub(self.base) as usize) {
            Some(old) => std::mem::replace(old, place) == NOWHERE,
            None => self.far.insert(value, place).is_none(),
        }
    }
}
