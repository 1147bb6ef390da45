//! Planted bugs: named deviations from the protocols, off by default.
//!
//! A harness that finds nothing may be looking at a correct target, or may be blind. These tell
//! the two apart. Each deviation is one `if` at one place, and counts how often it had an effect. A
//! family declares its own, and where each of them shows.

use serde::{Serialize, Serializer};

/// A named deviation. Written to files as its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PlantedBug {
    /// The name on the command line, and in files.
    pub name: &'static str,
    /// One sentence: what is wrong, and what it leads to.
    pub summary: &'static str,
    /// Where it shows.
    pub sought: Sought,
}

/// Where a planted bug shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sought {
    /// In each of these places, and there the same runs without it are clean.
    In(&'static [Hunt]),
    /// Nowhere so far. What a search for it would need.
    Needs(&'static str),
}

/// A place where a planted bug shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Hunt {
    /// The class of the anomaly that it leads to, or the safety property that it breaks.
    pub shows: &'static str,
    /// The target, the workload and the faults that suit it, as `rashomon run` takes them.
    pub words: &'static str,
}

/// A place where a planted bug leads to an anomaly of this class.
pub(crate) const fn hunt(shows: &'static str, words: &'static str) -> Hunt {
    Hunt { shows, words }
}

impl PlantedBug {
    /// A bug of a node whose author looks for it.
    pub const fn new(name: &'static str, summary: &'static str) -> Self {
        Self { name, summary, sought: Sought::Needs("a test of its author") }
    }

    /// The same, which shows in these places.
    #[must_use]
    pub(crate) const fn sought(self, places: &'static [Hunt]) -> Self {
        Self { sought: Sought::In(places), ..self }
    }

    /// The same, which shows nowhere so far.
    #[must_use]
    pub(crate) const fn needs(self, what: &'static str) -> Self {
        Self { sought: Sought::Needs(what), ..self }
    }
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
