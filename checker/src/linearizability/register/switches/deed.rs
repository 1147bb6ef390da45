//! What operations say of the value.

use crate::intern::Interner;
use crate::model::{RegisterOp, RegisterRet};
use crate::{Call, Observed};

/// What an operation did to the value, or saw of it. Values are dense numbers, 0 what is there at
/// first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum RegisterDeed {
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
pub(super) struct RegisterItem {
    pub(super) deed: RegisterDeed,
    /// Its place among the calls.
    pub(super) call: u32,
    pub(super) invoked: u32,
    /// None if its return was lost.
    pub(super) completed: Option<u32>,
}

/// What `calls` did, without those that imply nothing. O(n).
pub(super) fn items(calls: &[Call<RegisterOp<u32>, RegisterRet<u32>>]) -> Vec<RegisterItem> {
    let mut values: Interner<Option<u32>> = Interner::default();
    values.intern(None);
    let mut items = Vec::with_capacity(calls.len());
    for (call, it) in (0u32..).zip(calls) {
        let mut number = |value: Option<u32>| values.intern(value);
        let deed = match (it.op, it.seen) {
            (RegisterOp::Read, Observed::Returned(RegisterRet::Read(value))) => {
                RegisterDeed::Read(number(value))
            }
            (RegisterOp::Write(value), _) => RegisterDeed::Write(number(Some(value))),
            (RegisterOp::Cas { old, .. }, Observed::Returned(RegisterRet::Swapped(false))) => {
                RegisterDeed::Miss(number(old))
            }
            (RegisterOp::Cas { old, new }, seen) if old == Some(new) => match seen {
                Observed::Returned(_) => RegisterDeed::Read(number(old)),
                Observed::Lost => continue,
            },
            (RegisterOp::Cas { old, new }, _) => {
                RegisterDeed::Swap { old: number(old), new: number(Some(new)) }
            }
            (RegisterOp::Read, _) => continue,
        };
        let (invoked, completed) = (it.invoked.0, it.completed.map(|end| end.0));
        items.push(RegisterItem { deed, call, invoked, completed });
    }
    items
}
