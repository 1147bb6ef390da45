//! The loop of a run: what is asked, hurt, healed, awaited and recorded.

pub(crate) mod drive;
pub(crate) mod recorder;
