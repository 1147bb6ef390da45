//! How much may still be asked.

/// Demands asked, of all those that may be.
pub(super) type Left = u64;

/// Takes a cost from what is left, if there is enough.
pub(super) fn spend(left: &mut Left, cost: usize) -> Option<()> {
    *left = left.checked_sub(cost as u64)?;
    Some(())
}
