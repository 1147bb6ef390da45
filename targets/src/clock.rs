//! The two clocks of a node, and how far a fault has set them apart from true time.

use crate::{Nanos, Now};

/// A node's clocks: made of true time, a wall clock that may be ahead or behind, and a rate at which
/// the node's time passes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Clock {
    /// How far the wall clock is ahead of the true one, in nanoseconds.
    ahead: i64,
    /// How many of a million nanoseconds the node's time gains on true time.
    gains_per_million: i32,
    /// The true time from which the rate holds, and the node's time at that instant.
    since: Nanos,
    at: Nanos,
}

impl Clock {
    /// Sets the wall clock ahead of the true one by this many nanoseconds, or behind: at once, as an
    /// administrator or a time server does. The monotonic clock does not notice.
    pub fn set_ahead(&mut self, nanos: i64) {
        self.ahead = nanos;
    }

    /// From the true time `now` on, the node's time gains this many of a million nanoseconds: more
    /// than -1,000,000, or it would stand still. What it gained so far the monotonic clock keeps, so that it
    /// does not jump; the wall clock is set right first, as a time server does.
    /// Where it gains as much already, nothing is set.
    pub fn set_gain(&mut self, now: Nanos, per_million: i32) {
        let per_million = per_million.max(-999_999);
        if per_million == self.gains_per_million {
            return;
        }
        self.at = self.monotonic(now);
        self.since = now;
        self.gains_per_million = per_million;
    }

    /// The clocks at a true time; `wall` is the date of that time.
    #[inline]
    pub fn read(&self, now: Nanos, wall: Nanos) -> Now {
        let monotonic = self.monotonic(now);
        let passed = i128::from(now.saturating_sub(self.since));
        let gained = i128::from(monotonic - self.at) - passed + i128::from(self.ahead);
        let wall = (i128::from(wall) + gained).max(0);
        Now { monotonic, wall: Nanos::try_from(wall).unwrap_or(Nanos::MAX) }
    }

    /// How long true time goes on until the node's time has gone on by `after`, rounded up: a timer
    /// comes late, never early.
    pub fn lasts(&self, after: Nanos) -> Nanos {
        if self.gains_per_million == 0 {
            return after;
        }
        let real = (u128::from(after) * 1_000_000).div_ceil(self.per_million());
        Nanos::try_from(real).unwrap_or(Nanos::MAX)
    }

    fn monotonic(&self, now: Nanos) -> Nanos {
        if self.gains_per_million == 0 {
            return self.at.saturating_add(now.saturating_sub(self.since)); // Without a division.
        }
        let passed = u128::from(now.saturating_sub(self.since)) * self.per_million() / 1_000_000;
        self.at.saturating_add(Nanos::try_from(passed).unwrap_or(Nanos::MAX))
    }

    fn per_million(&self) -> u128 {
        1_000_000_u128.saturating_add_signed(i128::from(self.gains_per_million))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Nanos = 1_000_000_000;

    #[test]
    fn a_clock_that_nobody_set_tells_the_true_time() {
        let now = Clock::default().read(5 * SECOND, 7 * SECOND);
        assert_eq!(now, Now { monotonic: 5 * SECOND, wall: 7 * SECOND });
        assert_eq!(Clock::default().lasts(123), 123);
    }

    #[test]
    fn the_wall_clock_jumps_and_the_monotonic_one_does_not_notice() {
        let mut clock = Clock::default();
        clock.set_ahead(-3_000_000_000);
        assert_eq!(
            clock.read(5 * SECOND, 7 * SECOND),
            Now { monotonic: 5 * SECOND, wall: 4 * SECOND }
        );
        clock.set_ahead(-9_000_000_000);
        assert_eq!(clock.read(5 * SECOND, 7 * SECOND).wall, 0, "there is no time before all time");
    }

    #[test]
    fn a_clock_that_gains_goes_on_from_where_it_was_and_never_back() {
        let mut clock = Clock::default();
        clock.set_gain(SECOND, 500_000);
        assert_eq!(clock.read(SECOND, 0).monotonic, SECOND);
        assert_eq!(
            clock.read(3 * SECOND, 3 * SECOND),
            Now { monotonic: 4 * SECOND, wall: 4 * SECOND }
        );
        clock.set_gain(2 * SECOND, 500_000); // Once more, as to a node that was paused.
        assert_eq!(clock.read(3 * SECOND, 3 * SECOND).wall, 4 * SECOND, "it keeps what it gained");
        clock.set_gain(3 * SECOND, -500_000);
        let set_right = Now { monotonic: 4 * SECOND, wall: 3 * SECOND };
        assert_eq!(clock.read(3 * SECOND, 3 * SECOND), set_right);
        assert_eq!(clock.read(5 * SECOND, 0).monotonic, 5 * SECOND);
    }

    #[test]
    fn a_timer_is_never_early_by_the_nodes_own_clock() {
        for per_million in [-900_000, -7, 0, 3, 250_000] {
            let mut clock = Clock::default();
            clock.set_gain(0, per_million);
            for after in [1, 7, 50_000_000, SECOND] {
                let real = clock.lasts(after);
                assert!(clock.read(real, 0).monotonic >= after, "{per_million} {after}");
                assert!(clock.read(real - 1, 0).monotonic <= after, "{per_million} {after}");
            }
        }
    }
}
