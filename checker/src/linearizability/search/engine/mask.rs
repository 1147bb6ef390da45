//! Sets of slots.

/// A set of numbers below `64 * W`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(in crate::linearizability) struct Mask<const W: usize>([u64; W]);

impl<const W: usize> Mask<W> {
    pub(in crate::linearizability) const EMPTY: Self = Self([0; W]);

    pub(in crate::linearizability) fn has(&self, slot: u16) -> bool {
        self.0[usize::from(slot) / 64] >> (slot % 64) & 1 == 1
    }

    pub(in crate::linearizability) fn with(mut self, slot: u16) -> Self {
        self.0[usize::from(slot) / 64] |= 1 << (slot % 64);
        self
    }

    pub(in crate::linearizability) fn without(mut self, slot: u16) -> Self {
        self.0[usize::from(slot) / 64] &= !(1 << (slot % 64));
        self
    }

    pub(in crate::linearizability) fn and(mut self, other: Self) -> Self {
        self.0.iter_mut().zip(other.0).for_each(|(mine, theirs)| *mine &= theirs);
        self
    }

    pub(in crate::linearizability) fn or(mut self, other: Self) -> Self {
        self.0.iter_mut().zip(other.0).for_each(|(mine, theirs)| *mine |= theirs);
        self
    }

    /// The numbers in `self` and not in `other`.
    pub(in crate::linearizability) fn beside(mut self, other: Self) -> Self {
        self.0.iter_mut().zip(other.0).for_each(|(mine, theirs)| *mine &= !theirs);
        self
    }

    pub(in crate::linearizability) fn is_empty(&self) -> bool {
        self.0.iter().all(|&word| word == 0)
    }

    pub(in crate::linearizability) fn len(&self) -> usize {
        self.0.iter().map(|word| word.count_ones() as usize).sum()
    }

    /// The numbers, ascending.
    pub(in crate::linearizability) fn iter(self) -> impl Iterator<Item = u16> {
        self.beyond(Self::EMPTY)
    }

    pub(in crate::linearizability) fn covers(&self, other: &Self) -> bool {
        self.0.iter().zip(&other.0).all(|(mine, theirs)| theirs & !mine == 0)
    }

    /// The numbers in `self` and not in `other`, ascending.
    pub(in crate::linearizability) fn beyond(self, other: Self) -> impl Iterator<Item = u16> {
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
