//! Its settings.

use serde::{Deserialize, Serialize};

/// There is nothing to set.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Config {}
