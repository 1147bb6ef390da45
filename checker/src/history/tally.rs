//! What can be said of a whole history without holding it.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::{History, OutcomeCounts, Shapes};

/// What can be said of a whole history without holding it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Its events.
    pub events: u64,
    /// Its operations.
    pub operations: u64,
    /// How many of them belong to the final phase.
    pub finals: u64,
    /// How many operations of each function ended how.
    pub by_f: BTreeMap<Arc<str>, OutcomeCounts>,
    /// What sorts of values each function carried.
    pub shapes: BTreeMap<Arc<str>, Shapes>,
    /// The nodes that were asked.
    pub nodes: u64,
    /// The greatest number of processes that had an op in flight at once.
    pub peak_concurrency: u32,
}

impl Tally {
    /// How many operations ended how.
    pub fn counts(&self) -> OutcomeCounts {
        self.by_f.values().fold(OutcomeCounts::default(), |sum, counts| OutcomeCounts {
            ok: sum.ok + counts.ok,
            fail: sum.fail + counts.fail,
            indeterminate: sum.indeterminate + counts.indeterminate,
        })
    }
}

impl History {
    /// The tally of this history.
    pub fn tally(&self) -> Tally {
        Tally {
            events: u64::from(self.events),
            operations: self.len() as u64,
            finals: self.indices().filter(|&index| self.is_final(index)).count() as u64,
            by_f: self.counts_by_f().into_iter().map(|(f, it)| (Arc::from(f), it)).collect(),
            shapes: self.shapes(),
            nodes: self.nodes.len() as u64,
            peak_concurrency: self.peak_concurrency,
        }
    }

    fn shapes(&self) -> BTreeMap<Arc<str>, Shapes> {
        let mut shapes = vec![Shapes::default(); self.functions.len()];
        for index in self.indices() {
            let of = &mut shapes[usize::from(self.f[index.get()])];
            of.asked(&self.value(self.argument_id(index)));
            if let Some(ret) = self.outcome_id(index).ok() {
                of.returned(&self.value(*ret));
            }
        }
        self.functions.iter().cloned().zip(shapes).collect()
    }
}
