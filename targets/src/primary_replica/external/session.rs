//! A node's session with the service.

use std::collections::VecDeque;

use super::super::bugs::SESSION_WALL_CLOCK;
use super::message::Lock;
use super::service::SESSION_ENDS_AFTER;
use crate::{Incarnation, Now, PlantedBug};

/// Beats whose answers are waited for.
const SENT: usize = 32;

/// What a node knows of its own session.
#[derive(Clone, Debug)]
pub(super) struct Session {
    pub(super) life: Incarnation,
    pub(super) beat: u64,
    sent: VecDeque<(u64, Now)>,
    /// The number of the lock that this life holds as far as it knows.
    pub(super) holds: Option<u64>,
    /// When the last beat was sent that was answered so.
    kept: Option<Now>,
    /// The planted bug: the session is counted on the wall clock.
    by_wall: bool,
}

/// What an answer of the service means for the data.
#[derive(Clone, Copy, Debug)]
pub(super) enum News {
    /// This life was given the lock under a number. Its session is not kept before it beats with that.
    Given(u64),
    /// The session that holds the lock lasts, as was certain when this was sent.
    Lasts(Now),
    /// It held the lock, and does no more.
    Lost,
    /// Nothing.
    None,
}

impl Session {
    pub(super) fn new(life: Incarnation, bugs: &[PlantedBug]) -> Self {
        let by_wall = bugs.contains(&SESSION_WALL_CLOCK);
        Self { life, beat: 0, sent: VecDeque::new(), holds: None, kept: None, by_wall }
    }

    /// The next beat.
    pub(super) fn next(&mut self, now: Now) -> u64 {
        self.beat += 1;
        self.sent.push_back((self.beat, now));
        if self.sent.len() > SENT {
            self.sent.pop_front();
        }
        self.beat
    }

    /// An answer to a beat of this life. `shown` is the latest epoch that the data was shown.
    pub(super) fn told(&mut self, beat: u64, lock: Lock, shown: u64) -> News {
        let sent = self.sent.iter().find(|&&(number, _)| number == beat);
        match (lock, self.holds, sent) {
            (Lock::Yours(number), Some(holds), Some(&(_, sent))) if number == holds => {
                if self.kept.is_none_or(|kept| kept.monotonic < sent.monotonic) {
                    self.kept = Some(sent);
                }
                News::Lasts(sent)
            }
            (Lock::Yours(number), None, Some(&(_, sent))) if number > shown => {
                (self.holds, self.kept) = (Some(number), Some(sent));
                News::Given(number)
            }
            (Lock::NotYours(number), Some(holds), _) if number >= holds => self.lose(),
            _ => News::None,
        }
    }

    /// The lock is lost if the service has not answered for as long as it waits.
    pub(super) fn check(&mut self, now: Now) -> News {
        let by_wall = self.by_wall;
        let at = |now: Now| if by_wall { now.wall } else { now.monotonic };
        let ends = |kept: Now| at(kept).saturating_add(SESSION_ENDS_AFTER);
        match (self.holds, self.kept) {
            (Some(_), Some(kept)) if at(now) >= ends(kept) => self.lose(),
            _ => News::None,
        }
    }

    /// The node does not hold the lock any more.
    pub(super) fn lose(&mut self) -> News {
        (self.holds, self.kept) = (None, None);
        News::Lost
    }
}
