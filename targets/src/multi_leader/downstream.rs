//! What a leader knows of those that it ships to.

use super::VersionVector;

/// A leader that this one ships to.
#[derive(Clone, Debug, Default)]
pub(super) struct Downstream {
    /// What it has said that it holds; `None` until it has said something in this incarnation.
    pub(super) holds: Option<VersionVector>,
    /// What has been sent to it, and may be on the way.
    pub(super) sent: VersionVector,
}
