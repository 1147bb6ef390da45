//! Planted bugs: named deviations from the protocols, off by default.
//!
//! A harness that finds nothing may be looking at a correct target, or may be blind. These tell
//! the two apart. Each deviation is one `if` at one place, and counts how often it had an effect. A
//! family declares its own.

use serde::{Serialize, Serializer};

/// A named deviation. Written to files as its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PlantedBug {
    /// The name on the command line, and in files.
    pub name: &'static str,
    /// One sentence: what is wrong, and what it leads to.
    pub summary: &'static str,
}

impl Serialize for PlantedBug {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name)
    }
}

/// The planted bugs of one node, with a count of how often each had an effect.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Bugs {
    planted: Vec<PlantedBug>,
    hits: u64,
}

impl Bugs {
    /// These bugs, none of which has had an effect yet.
    pub fn new(planted: Vec<PlantedBug>) -> Self {
        Self { planted, hits: 0 }
    }

    /// Whether `bug` is planted. Asking counts nothing: use it where the answer changes nothing.
    pub fn has(&self, bug: PlantedBug) -> bool {
        self.planted.contains(&bug)
    }

    /// Whether `bug` is planted; counts a hit if so. Ask only where the answer changes what happens.
    pub fn hit(&mut self, bug: PlantedBug) -> bool {
        let has = self.has(bug);
        self.hits += u64::from(has);
        has
    }

    /// How often a planted bug changed what happened.
    pub fn hits(&self) -> u64 {
        self.hits
    }
}
