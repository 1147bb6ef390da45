//! What a keeper holds for replicas that did not answer: data.

use std::collections::BTreeMap;

use super::Item;
use crate::{Key, NodeId};

/// What a keeper holds for others: by home and key.
pub(super) type Hinted = BTreeMap<(NodeId, Key), Item>;

/// Adds an item to what is kept; `false` if that changed nothing.
pub(super) fn remember(hints: &mut Hinted, hint: (NodeId, Key), item: &Item) -> bool {
    match hints.get_mut(&hint) {
        Some(held) => held.join(item),
        None => hints.insert(hint, item.clone()).is_none(),
    }
}
