//! Leaving out of a list what is not needed, half of it first.

use std::ops::Range;

/// What came of leaving something out.
pub(crate) enum Halved {
    /// This is left, and is enough.
    Enough(Vec<u32>),
    /// What was left was not enough, or nobody knows.
    Needed,
    /// No more is to be tried.
    Spent,
}

/// What is left of `ops` after parts of it were left out: each half of it, then each quarter, and so on to
/// one by one, if it is at most `one_by_one_max` by then.
pub(crate) fn halved(
    mut ops: Vec<u32>,
    one_by_one_max: usize,
    mut without: impl FnMut(&[u32], Range<usize>) -> Halved,
) -> Vec<u32> {
    let mut size = ops.len().div_ceil(2);
    while size > 0 && (size > 1 || ops.len() <= one_by_one_max) {
        let mut end = ops.len();
        while end > 0 {
            let start = end.saturating_sub(size);
            match without(&ops, start..end) {
                Halved::Enough(rest) => ops = rest,
                Halved::Needed => {}
                Halved::Spent => return ops,
            }
            end = start.min(ops.len());
        }
        size = if size == 1 { 0 } else { size.div_ceil(2) };
    }
    ops
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is left if these are needed, and how often something was tried, at most `attempts` times.
    fn left(needed: &[u32], attempts: usize) -> (Vec<u32>, usize) {
        let mut tried = 0;
        let left = halved((0..1_000).collect(), 100, |ops, gone| {
            if tried == attempts {
                return Halved::Spent;
            }
            tried += 1;
            let rest: Vec<u32> = [&ops[..gone.start], &ops[gone.end..]].concat();
            let is_enough = needed.iter().all(|it| rest.contains(it));
            if is_enough { Halved::Enough(rest) } else { Halved::Needed }
        });
        (left, tried)
    }

    #[test]
    fn what_is_needed_is_left_and_nothing_else() {
        let (left, tried) = left(&[0, 500, 999], usize::MAX);
        assert_eq!(left, [0, 500, 999]);
        assert!(tried < 100, "{tried}");
    }

    #[test]
    fn nothing_is_tried_after_all_is_spent() {
        let (left, tried) = left(&[0], 1);
        assert_eq!((left.len(), tried), (500, 1));
    }

    #[test]
    fn what_is_long_is_not_tried_one_by_one() {
        let needed: Vec<u32> = (0..1_000).step_by(4).collect();
        assert_eq!(left(&needed, usize::MAX).0.len(), 500);
    }
}
