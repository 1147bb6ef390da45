//! What a node sends and writes, as bytes and back.

use rashomon_targets::{Effect, Node, Order};
use serde::Serialize;

/// Messages and records travel as values here and as bytes between processes, and must come out the
/// same: a message that cannot be read would be lost each time it is sent.
pub(super) fn comes_back_from_bytes<N: Node>(order: &Order<N>) {
    fn same<T: std::fmt::Debug + Serialize + serde::de::DeserializeOwned>(sent: &T) {
        let bytes = serde_json::to_vec(sent).unwrap();
        let read: T = serde_json::from_slice(&bytes).unwrap_or_else(|error| {
            panic!("{sent:?} is not read back: {error}");
        });
        assert_eq!(format!("{sent:?}"), format!("{read:?}"));
    }
    match order {
        Effect::Send { message, .. } => same(message),
        Effect::Persist { record, .. } => same(record),
        Effect::Reply { response, .. } => same(response),
        Effect::SetTimer { .. } | Effect::Administered(_) | Effect::Trace(_) => {}
    }
}
