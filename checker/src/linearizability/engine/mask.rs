//! Sets of slots.

/// A set of numbers below `64 * W`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Mask<const W: usize>([u64; W]);

impl<const W: usize> Mask<W> {
    pub(super) const EMPTY: Self = Self([0; W]);

    pub(super) fn has(&self, slot: u16) -> bool {
        self.0[usize::from(slot) / 64] >> (slot % 64) & 1 == 1
    }

    pub(super) fn with(mut self, slot: u16) -> Self {
        self.0[usize::from(slot) / 64] |= 1 << (slot % 64);
        self
    }

    pub(super) fn without(mut self, slot: u16) -> Self {
        self.0[usize::from(slot) / 64] &= !(1 << (slot % 64));
        self
    }

    pub(super) fn covers(&self, other: &Self) -> bool {
        self.0.iter().zip(&other.0).all(|(mine, theirs)| theirs & !mine == 0)
    }

    /// The numbers in `self` and not in `other`, ascending.
    pub(super) fn beyond(self, other: Self) -> impl Iterator<Item = u16> {
        let words = (0u16..).zip(self.0.into_iter().zip(other.0));
        words
            .flat_map(|(word, (mine, theirs))| Bits(mine & !theirs).map(move |bit| word * 64 + bit))
    }
}

struct Bits(u64);

impl Iterator for Bits {
    type Item = u16;

    fn next(&mut self) -> Option<u16> {
        let bit = u16::try_from(self.0.trailing_zeros()).expect("at most 64");
        if bit == 64 {
            return None;
        }
        self.0 &= self.0 - 1;
        Some(bit)
    }
}
