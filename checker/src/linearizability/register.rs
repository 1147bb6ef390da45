//! One register, as far as it can be judged without search.

pub(crate) mod accesses;
pub(crate) mod chains;
mod mismatches;
mod places;
pub(crate) mod zones;
