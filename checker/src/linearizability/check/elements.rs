//! The monitor for a collection, a counter or a lock.

use crate::linearizability::decode::{self, decode};
use crate::monitors::{self, MonitorVerdict};
use crate::{History, ModelKind, OpIndex};

/// The answer of the monitor for `kind`, if there is one and it understands the operations.
pub(crate) fn monitor(
    kind: ModelKind,
    history: &History,
    ops: &[OpIndex],
) -> Option<MonitorVerdict> {
    match kind {
        ModelKind::Register
        | ModelKind::CasRegister
        | ModelKind::Kv
        | ModelKind::Deque
        | ModelKind::ListAppend => None,
        ModelKind::Mutex => {
            Some(monitors::mutex::check(&decode(history, ops, decode::mutex).ok()?))
        }
        ModelKind::Set => Some(monitors::set::check(&decode(history, ops, decode::set).ok()?)),
        ModelKind::Counter => {
            Some(monitors::counter::check(&decode(history, ops, decode::counter).ok()?))
        }
        ModelKind::Queue => {
            Some(monitors::queue::check(&decode::container(history, ops, kind).ok()?))
        }
        ModelKind::Stack => {
            Some(monitors::stack::check(&decode::container(history, ops, kind).ok()?))
        }
        ModelKind::PriorityQueue => {
            Some(monitors::priority_queue::check(&decode::container(history, ops, kind).ok()?))
        }
    }
}
