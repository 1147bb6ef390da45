//! One step of a search.

/// What may take effect next, and the state it leaves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Branch {
    pub(super) choice: Choice,
    pub(super) state: u32,
}

/// Which operation takes effect.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Choice {
    /// The one open in this slot.
    Slot(u16),
    /// One more of this class of lost operations.
    Class(u32),
}
