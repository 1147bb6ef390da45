//! When calls took effect, as far as their invocations and completions tell.

use crate::Call;

/// A point in time: the position of an event, or [`NEVER`].
pub(in crate::linearizability) type Moment = u64;

/// After everything.
pub(in crate::linearizability) const NEVER: Moment = u64::MAX;

/// When a call took effect: at some moment from its invocation to its completion.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::linearizability) struct Span {
    pub(in crate::linearizability) from: Moment,
    pub(in crate::linearizability) to: Moment,
}

impl Span {
    pub(in crate::linearizability) fn of<O, R>(call: &Call<O, R>) -> Self {
        let to = call.completed.map_or(NEVER, |position| Moment::from(position.0));
        Self { from: Moment::from(call.invoked.0), to }
    }
}
