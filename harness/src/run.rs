//! The loop of a run: operations, faults, healing, waiting and recording.

pub(crate) mod drive;
pub(crate) mod recorder;
