//! Long scripts, cut where what came before cannot matter.
//!
//! An operation that nothing overlaps may leave one state only, whatever was there: a write does,
//! and so does a read, which is allowed in that state alone. No order can put anything across it.
//! So the script has an order iff each piece between two such operations has one that begins in the
//! state left by the first. What was lost, though, may take effect ever after: no cuts once
//! something that matters was lost.

use super::closed::Closed;
use super::script::{Script, Step};
use super::table::{INIT, Next, Steps};
use crate::plant::{Bug, planted};

/// Some of the events of a script, and the state before them.
#[derive(Clone, Copy)]
pub(super) struct Piece<'s> {
    pub(super) script: &'s Script,
    pub(super) from: usize,
    to: usize,
    pub(super) start: u32,
}

impl<'s> Piece<'s> {
    /// All events.
    pub(super) fn whole(script: &'s Script) -> Self {
        Self { script, from: 0, to: script.steps.len(), start: INIT }
    }

    /// The event `at`, if it is within the piece.
    pub(super) fn step(&self, at: usize) -> Option<Step> {
        (at < self.to).then(|| self.script.steps[at])
    }

    /// How many events there are up to the end of the piece.
    pub(super) fn end(&self) -> usize {
        self.to
    }
}

/// The places after operations that nothing overlaps, with what each did, before anything is lost.
pub(super) fn rests(script: &Script, least: usize) -> Vec<(usize, u32)> {
    if script.steps.len() < 2 * least {
        return Vec::new();
    }
    let mut rests = Vec::new();
    let mut open = 0u32;
    let mut begun_alone = None;
    for (at, &step) in script.steps.iter().enumerate() {
        match step {
            Step::Lose { .. } if planted(Bug::PieceForgetLost) => {}
            Step::Lose { .. } => break,
            Step::Open { action, .. } => {
                begun_alone = (open == 0).then_some((at, action));
                open += 1;
            }
            Step::Close { .. } => {
                open -= 1;
                let alone = begun_alone.filter(|&(begun, _)| begun + 1 == at);
                rests.extend(alone.map(|(_, action)| (at + 1, action)));
            }
        }
    }
    rests
}

/// Cuts a script at as many of its rests as leave one state only and are not too near each other.
pub(super) fn cut<'s>(
    script: &'s Script,
    rests: &[(usize, u32)],
    least: usize,
    closed: &mut Closed,
) -> Vec<Piece<'s>> {
    let mut pieces = Vec::new();
    let (mut from, mut start) = (0, INIT);
    for &(at, action) in rests {
        let far = at >= from + least && at + least <= script.steps.len();
        if far && let Some(state) = only_state_after(closed, action) {
            pieces.push(Piece { script, from, to: at, start });
            (from, start) = (at, state);
        }
    }
    pieces.push(Piece { script, from, to: script.steps.len(), start });
    pieces
}

fn only_state_after(closed: &mut Closed, action: u32) -> Option<u32> {
    let mut only = None;
    for state in 0..closed.states() {
        match (closed.next(state, action), only) {
            (Next::Nowhere, _) => {}
            (Next::To(after), None) => only = Some(after),
            (Next::To(after), Some(other)) if after == other => {}
            (Next::To(_), Some(_)) if planted(Bug::PieceTrustAnyRest) => {}
            (Next::To(_) | Next::Several(_), _) => return None,
        }
    }
    only
}
