//! Numbers that operations returned, and which of them fell behind one that had ended before.

use crate::{OpIndex, Operation, Position};

/// A number that an operation returned.
#[derive(Clone, Copy, Debug)]
struct Seen {
    op: OpIndex,
    invoked: Position,
    completed: Position,
    number: i64,
}

/// Numbers in the order of the invocations.
#[derive(Clone, Debug, Default)]
pub(super) struct Greatest {
    seen: Vec<Seen>,
}

impl Greatest {
    /// Takes the number that an operation returned; operations come in the order of invocations.
    pub(super) fn add(&mut self, operation: &Operation<'_>, number: i64) {
        let (op, invoked) = (operation.index, operation.invoked);
        let completed = operation.completed.unwrap_or(invoked);
        self.seen.push(Seen { op, invoked, completed, number });
    }

    /// The operations that returned less than `step` more than the greatest number of those that had
    /// ended before they began, each after the one that returned the greatest. O(n log n).
    pub(super) fn falls(&self, step: i64) -> Vec<(OpIndex, OpIndex)> {
        let mut ends: Vec<&Seen> = self.seen.iter().collect();
        ends.sort_unstable_by_key(|it| it.completed);
        let mut ends = ends.into_iter().peekable();
        let mut greatest: Option<&Seen> = None;
        let mut falls = Vec::new();
        for seen in &self.seen {
            while let Some(ended) = ends.next_if(|it| it.completed < seen.invoked) {
                if greatest.is_none_or(|known| known.number < ended.number) {
                    greatest = Some(ended);
                }
            }
            if let Some(before) = greatest
                && seen.number < before.number.saturating_add(step)
            {
                falls.push((before.op, seen.op));
            }
        }
        falls
    }
}
