//! What operations say of the value.

use crate::intern::Interner;
use crate::model::{RegisterOp, RegisterRet};
use crate::{Call, Observed};

/// What an operation did to the value, or saw of it. Values are dense numbers, 0 what is there at
/// first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Deed {
    /// It was this.
    Read(u32),
    /// It was not this.
    Miss(u32),
    /// It became this.
    Write(u32),
    /// It was `old`, and became `new`.
    Swap { old: u32, new: u32 },
}

/// An operation, as far as it concerns the value.
#[derive(Clone, Copy, Debug)]
pub(super) struct Item {
    pub(super) deed: Deed,
    /// Its place among the calls.
    pub(super) call: u32,
    pub(super) invoked: u32,
    /// None if its return was lost.
    pub(super) completed: Option<u32>,
}

/// What `calls` did, without those of which nothing follows. O(n).
pub(super) fn items(calls: &[Call<RegisterOp<u32>, RegisterRet<u32>>]) -> Vec<Item> {
    let mut values: Interner<Option<u32>> = Interner::default();
    values.intern(None);
    let mut items = Vec::with_capacity(calls.len());
    for (call, it) in (0u32..).zip(calls) {
        let mut number = |value: Option<u32>| values.intern(value);
        let deed = match (it.op, it.seen) {
            (RegisterOp::Read, Observed::Returned(RegisterRet::Read(value))) => {
                Deed::Read(number(value))
            }
            (RegisterOp::Write(value), _) => Deed::Write(number(Some(value))),
            (RegisterOp::Cas { old, .. }, Observed::Returned(RegisterRet::Swapped(false))) => {
                Deed::Miss(number(old))
            }
            (RegisterOp::Cas { old, new }, seen) if old == Some(new) => match seen {
                Observed::Returned(_) => Deed::Read(number(old)),
                Observed::Lost => continue,
            },
            (RegisterOp::Cas { old, new }, _) => {
                Deed::Swap { old: number(old), new: number(Some(new)) }
            }
            (RegisterOp::Read, _) => continue,
        };
        let (invoked, completed) = (it.invoked.0, it.completed.map(|end| end.0));
        items.push(Item { deed, call, invoked, completed });
    }
    items
}
