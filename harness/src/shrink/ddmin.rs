//! Delta debugging: as few parts as can be found that still show it.

/// Leaves out parts as long as `shows` holds of what is left. Nothing that is left can be left out alone, unless
/// `shows` gave up in between. O(n^2) questions for n parts at worst, O(log n) where one part is to blame.
///
/// # Errors
/// Those of `shows`.
pub(super) fn least<T: Clone>(
    all: &[T],
    shows: &mut dyn FnMut(&[T]) -> anyhow::Result<bool>,
) -> anyhow::Result<Vec<T>> {
    let mut left = all.to_vec();
    if left.is_empty() || shows(&[])? {
        return Ok(Vec::new());
    }
    let mut parts = 2.min(left.len());
    while left.len() > 1 {
        let size = left.len().div_ceil(parts);
        let mut from = 0;
        let mut has_shrunk = false;
        while from < left.len() {
            let to = (from + size).min(left.len());
            let without = [&left[..from], &left[to..]].concat();
            // Nothing at all was tried before.
            if !without.is_empty() && shows(&without)? {
                left = without;
                has_shrunk = true;
            } else {
                from = to;
            }
        }
        if size == 1 && !has_shrunk {
            break;
        }
        parts = if size == 1 { left.len() } else { (parts * 2).min(left.len()) };
    }
    Ok(left)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is left of a hundred numbers where these are needed, and how many questions that took.
    fn left(needed: &[u32]) -> (Vec<u32>, usize) {
        let mut asked = 0;
        let all: Vec<u32> = (0..100).collect();
        let left = least(&all, &mut |left| {
            asked += 1;
            Ok(needed.iter().all(|it| left.contains(it)))
        });
        (left.unwrap(), asked)
    }

    #[test]
    fn only_what_is_needed_is_left() {
        assert_eq!(left(&[]), (vec![], 1));
        for needed in [&[42][..], &[0, 99], &[3, 4, 50, 77]] {
            let (left, asked) = left(needed);
            assert_eq!(left, needed);
            assert!(asked < 70, "{asked} questions");
        }
    }

    #[test]
    fn where_parts_are_needed_together_they_stay() {
        let all: Vec<u32> = (0..8).collect();
        let left = least(&all, &mut |left| Ok(left.len() >= 5)).unwrap();
        assert_eq!(left.len(), 5);
    }
}
