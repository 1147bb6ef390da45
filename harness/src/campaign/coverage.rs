//! What a campaign covered: which operation was asked under which kind of fault, and of which node.

use std::collections::{BTreeMap, BTreeSet};

/// An operation, a kind of fault that lasted or none, and what the node took itself to be that was asked.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct AskedCell {
    /// The operation.
    pub(crate) operation: String,
    /// The kind of fault, or `none`.
    pub(crate) fault: String,
    /// The role of the node; `down` where it was dead or stopped, `unseen` where its role is not known.
    pub(crate) role: String,
}

impl AskedCell {
    /// As a journal has it.
    pub(crate) fn key(&self) -> String {
        format!("{} {} {}", self.operation, self.fault, self.role)
    }

    fn of_key(key: &str) -> Option<Self> {
        let mut words = key.split(' ').map(str::to_owned);
        let (operation, fault, role) = (words.next()?, words.next()?, words.next()?);
        Some(Self { operation, fault, role })
    }
}

/// How many operations were asked, by operation, kind of fault and role. While several kinds of fault lasted, an
/// operation counts for each.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Covered(BTreeMap<AskedCell, u64>);

/// Where no fault lasted.
pub(crate) const NO_FAULT: &str = "none";
/// The roles of a cluster with a primary.
pub(super) const PAIR: [&str; 2] = ["primary", "replica"];
/// The role of a node that was dead or stopped.
pub(crate) const DOWN: &str = "down";
/// The role of a node whose role was not looked at.
pub(crate) const UNSEEN: &str = "unseen";

impl Covered {
    /// Adds what a job covered.
    pub(crate) fn add(&mut self, covered: &BTreeMap<String, u64>) {
        for (key, times) in covered {
            if let Some(cell) = AskedCell::of_key(key) {
                *self.0.entry(cell).or_default() += times;
            }
        }
    }

    /// Every cell that has something, in order.
    pub(crate) fn cells(&self) -> impl Iterator<Item = (&AskedCell, u64)> {
        self.0.iter().map(|(cell, &times)| (cell, times))
    }

    /// How often a cell was met.
    pub(crate) fn times(&self, cell: &AskedCell) -> u64 {
        self.0.get(cell).copied().unwrap_or(0)
    }

    /// Every operation, in order.
    pub(crate) fn operations(&self) -> BTreeSet<&str> {
        self.0.keys().map(|cell| cell.operation.as_str()).collect()
    }

    /// Every role in which an operation was asked, `down` among them.
    pub(crate) fn roles(&self, operation: &str) -> BTreeSet<&str> {
        let of = self.0.keys().filter(|cell| cell.operation == operation);
        of.map(|cell| cell.role.as_str()).collect()
    }

    /// Which operations were never asked under these kinds of fault, of a node of a role in which one can be asked: one
    /// that was met, and primary and replica go together. A node need not be down, so that is not missed.
    pub(crate) fn empty(&self, faults: &[String]) -> Vec<AskedCell> {
        let mut empty = Vec::new();
        for operation in self.operations() {
            let mut roles = self.roles(operation);
            roles.remove(DOWN);
            if PAIR.iter().any(|role| roles.contains(role)) {
                roles.extend(PAIR);
            }
            for fault in faults {
                for &role in &roles {
                    let cell = AskedCell {
                        operation: operation.to_owned(),
                        fault: fault.clone(),
                        role: role.to_owned(),
                    };
                    if self.times(&cell) == 0 {
                        empty.push(cell);
                    }
                }
            }
        }
        empty
    }
}
