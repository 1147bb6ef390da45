//! The history of one key so far, judged from the beginning each time.
//!
//! Linearizability is closed under prefixes: what is wrong with the beginning of a history stays
//! wrong whatever follows. Operations in flight are taken as indeterminate.

use super::evidence::{self, WholePlaces};
use crate::linearizability::Options;
use crate::{
    Anomaly, Event, EventKind, HistoryBuilder, HistoryError, ModelKind, OpIndex, Position,
};

/// All that happened to one key so far.
#[derive(Clone, Debug, Default)]
pub(super) struct Prefix {
    builder: HistoryBuilder,
    places: WholePlaces,
}

impl Prefix {
    /// How many operations there are.
    pub(super) fn len(&self) -> usize {
        self.builder.len()
    }

    /// Takes the next event, which belongs to `op` and is at `at` in the whole history.
    ///
    /// # Errors
    ///
    /// If there is too much of something.
    pub(super) fn push(
        &mut self,
        event: &Event,
        op: OpIndex,
        at: Position,
    ) -> Result<(), HistoryError> {
        self.builder.push(event)?;
        self.places.events.push(at);
        if event.kind == EventKind::Invoke {
            self.places.operations.push(op);
        }
        Ok(())
    }

    /// Judges all of it. O(n), apart from the judging.
    ///
    /// # Errors
    ///
    /// If it cannot be told.
    pub(super) fn judge(
        &self,
        model: ModelKind,
        options: &Options,
    ) -> Result<Option<Anomaly>, evidence::Undecided> {
        evidence::judge(&self.places.part(self.builder.snapshot()), model, options)
    }
}
