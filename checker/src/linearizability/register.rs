//! One register: by zones and chains of zones where they decide, and by a search of its own where
//! values repeat.

pub(crate) mod accesses;
pub(crate) mod chains;
mod mismatches;
mod places;
pub(crate) mod switches;
pub(crate) mod zones;
