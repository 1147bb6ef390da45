//! Chance: one seed, split by name.
//!
//! The generator is xoshiro256++ of Blackman and Vigna ("Scrambled linear pseudorandom number
//! generators", TOMS 2021), seeded by `SplitMix64`. It is ours and fixed, so that a saved seed
//! replays whatever happens to dependencies.

/// The one number from which a run's chance follows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Seed(pub u64);

impl Seed {
    /// An independent seed for the named component.
    ///
    /// By name and not by the order of draws, so that a new component leaves every other one's
    /// choices, and every recorded run, as they were.
    #[must_use]
    pub fn stream(self, name: &str) -> Self {
        let mut state = self.0;
        for byte in name.bytes() {
            state = split_mix(&mut (state ^ u64::from(byte)));
        }
        Self(split_mix(&mut state))
    }

    /// The same for one of many: a process, a node.
    #[inline]
    #[must_use]
    pub fn nth(self, number: u64) -> Self {
        Self(split_mix(&mut (self.0 ^ number.rotate_left(32))))
    }

    /// Chance from this seed.
    #[inline]
    pub fn rng(self) -> Rng {
        let mut state = self.0;
        Rng { state: std::array::from_fn(|_| split_mix(&mut state)) }
    }
}

/// `SplitMix64`: advances `state` and returns a well-mixed number.
#[inline]
fn split_mix(state: &mut u64) -> u64 {
    *state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let mut mixed = *state;
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^ (mixed >> 31)
}

/// A stream of equally distributed 64-bit numbers.
#[derive(Clone, Debug)]
pub struct Rng {
    state: [u64; 4],
}

impl Rng {
    /// The next number.
    #[inline]
    pub fn next_u64(&mut self) -> u64 {
        let [a, b, c, d] = &mut self.state;
        let result = a.wrapping_add(*d).rotate_left(23).wrapping_add(*a);
        let shifted = *b << 17;
        *c ^= *a;
        *d ^= *b;
        *b ^= *c;
        *a ^= *d;
        *c ^= shifted;
        *d = d.rotate_left(45);
        result
    }

    /// A number in `0..below`, by Lemire's multiplication without the rejection step: the bias is
    /// below 2^-32 for the sizes used here. `below` 0 counts as 1.
    #[inline]
    pub fn below(&mut self, below: u64) -> u64 {
        let wide = u128::from(self.next_u64()) * u128::from(below.max(1));
        (wide >> 64) as u64
    }

    /// An index of a slice of this length.
    #[inline]
    pub fn index(&mut self, len: usize) -> usize {
        usize::try_from(self.below(len as u64)).unwrap_or(0) // It is below a usize.
    }

    /// A number in `from..=to`.
    #[inline]
    pub fn between(&mut self, from: u64, to: u64) -> u64 {
        from + self.below(to.saturating_sub(from) + 1)
    }

    /// True with a probability of `chances` in a thousand.
    #[inline]
    pub fn per_mille(&mut self, chances: u16) -> bool {
        self.below(1000) < u64::from(chances)
    }

    /// True with a probability of `chances` in a million.
    pub fn per_million(&mut self, chances: u32) -> bool {
        self.below(1_000_000) < u64::from(chances)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_stream_is_the_published_one() {
        // First outputs of xoshiro256++ from the state 1, 2, 3, 4, as its authors' code gives them.
        let mut rng = Rng { state: [1, 2, 3, 4] };
        let drawn: Vec<u64> = (0..4).map(|_| rng.next_u64()).collect();
        assert_eq!(drawn, [41_943_041, 58_720_359, 3_588_806_011_781_223, 3_591_011_842_654_386]);
    }

    #[test]
    fn streams_of_other_names_and_numbers_differ() {
        let seed = Seed(42);
        let seeds = [
            seed.stream("network"),
            seed.stream("disk"),
            seed.stream("network").nth(0),
            seed.stream("network").nth(1),
            Seed(43).stream("network"),
        ];
        for (i, a) in seeds.iter().enumerate() {
            assert!(seeds[i + 1..].iter().all(|b| a != b), "{seeds:?}");
        }
        assert_eq!(seed.stream("network"), Seed(42).stream("network"));
    }

    #[test]
    fn numbers_stay_in_range_and_reach_its_ends() {
        let mut rng = Seed(1).rng();
        let drawn: Vec<u64> = (0..1000).map(|_| rng.between(3, 7)).collect();
        assert!((3..=7).all(|n| drawn.contains(&n)) && drawn.iter().all(|n| (3..=7).contains(n)));
        assert_eq!(rng.below(0), 0);
    }
}
