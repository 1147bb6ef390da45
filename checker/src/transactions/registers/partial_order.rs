//! A partial order of few things, which grows and can be taken back.

/// Which of some things come before which, with all that follows.
#[derive(Clone, Debug)]
pub(super) struct PartialOrder {
    /// For each thing those that come after it, as bits.
    after: Vec<u64>,
    /// How many words that is.
    words: usize,
    /// What was changed, in order: a word's place, and what it was.
    changed: Vec<(u32, u64)>,
}

/// A state to which a [`PartialOrder`] can be taken back.
#[derive(Clone, Copy, Debug)]
pub(super) struct OrderMark(usize);

impl PartialOrder {
    /// Nothing comes before anything.
    pub(super) fn new(count: usize) -> Self {
        let words = count.div_ceil(64);
        Self { after: vec![0; count * words], words, changed: Vec::new() }
    }

    /// Whether one comes before the other.
    pub(super) fn is(&self, (one, other): (u32, u32)) -> bool {
        let word = self.after[one as usize * self.words + other as usize / 64];
        word & 1 << (other % 64) != 0
    }

    /// Has one come before the other; `false` if the other comes before it. O(n^2 / 64) for n things.
    pub(super) fn add(&mut self, (one, other): (u32, u32)) -> bool {
        if one == other || self.is((other, one)) {
            return false;
        }
        if self.is((one, other)) {
            return true;
        }
        let from = other as usize * self.words;
        let mut gained = self.after[from..from + self.words].to_vec();
        gained[other as usize / 64] |= 1 << (other % 64);
        for before in 0..self.after.len() / self.words {
            let number = u32::try_from(before).expect("there are few");
            if number != one && !self.is((number, one)) {
                continue;
            }
            for (word, gained) in gained.iter().enumerate() {
                let at = before * self.words + word;
                let grown = self.after[at] | gained;
                if grown != self.after[at] {
                    let place = u32::try_from(at).expect("there are few");
                    self.changed.push((place, self.after[at]));
                    self.after[at] = grown;
                }
            }
        }
        true
    }

    /// How many come after it.
    pub(super) fn count_after(&self, one: u32) -> u32 {
        let from = one as usize * self.words;
        self.after[from..from + self.words].iter().map(|word| word.count_ones()).sum()
    }

    pub(super) fn mark(&self) -> OrderMark {
        OrderMark(self.changed.len())
    }

    /// Takes back all that was added since.
    pub(super) fn take_back(&mut self, mark: OrderMark) {
        while self.changed.len() > mark.0 {
            if let Some((at, before)) = self.changed.pop() {
                self.after[at as usize] = before;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_follows_is_known_at_once_and_is_gone_when_it_is_taken_back() {
        let mut order = PartialOrder::new(70);
        assert!(order.add((0, 1)) && order.add((68, 69)));
        let mark = order.mark();
        assert!(order.add((1, 68)));
        assert!(order.is((0, 69)) && !order.add((69, 0)));
        assert_eq!(order.count_after(0), 3);
        order.take_back(mark);
        assert!(!order.is((0, 69)) && order.is((0, 1)));
        assert!(order.add((69, 0)));
    }
}
