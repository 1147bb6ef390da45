//! The objects in use at a time, each replaced by a new one after some operations.
//!
//! A few are in use, so that operations meet; none stays long, so that checking stays cheap.

use crate::Key;
use crate::definition::Making;
use crate::keys::Keys;

/// An object in use.
pub(crate) struct Active {
    key: Key,
    written: i64,
    left: u32,
}

/// The objects in use.
pub(crate) struct Rotation {
    keys: Keys,
    prefix: &'static str,
    ops_per_key: u32,
    active: Vec<Active>,
}

impl Rotation {
    /// As many as a workload is to have, whose names begin with `prefix`.
    pub(crate) fn new(making: &Making<'_>, prefix: &'static str) -> Self {
        let ops_per_key = making.sizes.ops_per_key.max(1);
        let mut all = Self { keys: making.keys.clone(), prefix, ops_per_key, active: Vec::new() };
        all.active = (0..making.sizes.keys.max(1)).map(|_| all.open()).collect();
        all
    }

    /// How many are in use.
    pub(crate) fn len(&self) -> usize {
        self.active.len()
    }

    /// The one at a place, for one more operation; a new one where the last had its share.
    pub(crate) fn take(&mut self, at: usize) -> &mut Active {
        if self.active[at].left == 0 {
            self.active[at] = self.open();
        }
        self.active[at].left -= 1;
        &mut self.active[at]
    }

    /// The place of the one of this name, if it is in use.
    pub(crate) fn place(&self, key: &Key) -> Option<usize> {
        self.active.iter().position(|active| active.key == *key)
    }

    fn open(&self) -> Active {
        Active { key: self.keys.open(self.prefix), written: 0, left: self.ops_per_key }
    }
}

impl Active {
    /// Its name.
    pub(crate) fn key(&self) -> Key {
        self.key.clone()
    }

    /// A value that was not written to it before.
    pub(crate) fn value(&mut self) -> i64 {
        self.written += 1;
        self.written
    }
}
