//! Settings of things that this crate does not know.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// A setting of a target or a parameter of a fault: the target or fault knows what it means.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Plain {
    /// On or off.
    Flag(bool),
    /// A number: of nanoseconds, where it is a time.
    Number(u64),
    /// A number below zero.
    Negative(i64),
    /// A word.
    Word(String),
    /// Several.
    List(Vec<Plain>),
    /// Several, by name.
    Table(BTreeMap<String, Plain>),
}
