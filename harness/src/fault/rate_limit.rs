//! Links that carry few messages a second.

use std::fmt;
use std::num::NonZeroU32;
use std::time::Duration;

use rashomon_workloads::Rng;
use serde::{Deserialize, Serialize};

use super::effect::LinkMemory;
use super::{Definition, Fate, FaultMenu, LinkEffect, OnLinks, Track};

/// Narrow links.
pub(crate) type RateLimit = OnLinks<Rate>;

/// A link sends one message after another, at a rate. Those that come faster wait in its queue, which is bounded: a message
/// that would have to wait longer is lost.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "effect", rename = "rate")]
pub(crate) struct Rate {
    /// How many a second each link carries.
    pub(crate) per_second: NonZeroU32,
    /// How long a message waits at most, in nanoseconds.
    pub(crate) queue: u64,
}

/// How many a second drawn ones carry.
const DRAWN: [u32; 3] = [50, 200, 1_000];
/// How long messages wait at most, in milliseconds.
const QUEUES: [u64; 3] = [20, 200, 2_000];

impl Definition for RateLimit {
    const SUMMARY: &'static str =
        "links carry few messages a second: others wait in a queue, and are lost where it is full";
    const PARAMETERS: &'static str = "shape and direction as for partition; effect: rate (per_second: messages, queue: \
                                      nanoseconds that one waits at most); drawn: all links, 50, 200 or 1000, at most 20, 200 \
                                      or 2000 ms";
    const WORDS: &'static [&'static str] = &["rate"];
    const TRACK: Track = Track::Network;
    const IDLE: &'static str =
        "it met no message of an operation, and none failed, or none was under way";

    fn draw(rng: &mut Rng, _menu: &FaultMenu) -> Self {
        let per_second = NonZeroU32::new(DRAWN[rng.index(DRAWN.len())]).unwrap_or(NonZeroU32::MIN);
        Self::all(Rate { per_second, queue: QUEUES[rng.index(QUEUES.len())] * 1_000_000 })
    }
}

impl LinkEffect for Rate {
    fn on_send(&self, _rng: &mut Rng, memory: &mut LinkMemory) -> Fate {
        let starts = memory.free_at.max(memory.now);
        let late = starts - memory.now;
        if late > self.queue {
            return Fate { lost: true, ..Fate::default() };
        }
        memory.free_at = starts + 1_000_000_000 / u64::from(self.per_second.get());
        Fate { late, ..Fate::default() }
    }
}

impl fmt::Display for Rate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let queue = humantime::format_duration(Duration::from_nanos(self.queue));
        write!(f, "rate {} a second, queue {queue}", self.per_second)
    }
}

#[cfg(test)]
mod tests {
    use rashomon_workloads::Seed;

    use super::*;

    const MS: u64 = 1_000_000;

    #[test]
    fn messages_leave_at_the_rate_and_those_that_would_wait_too_long_are_lost() {
        let rate = Rate { per_second: NonZeroU32::new(100).unwrap(), queue: 25 * MS };
        let (mut memory, mut rng) = (LinkMemory::default(), Seed(1).rng());
        let mut send = |now: u64| {
            memory.now = now * MS;
            let fate = rate.on_send(&mut rng, &mut memory);
            (!fate.lost).then_some(fate.late / MS)
        };
        // Four at once: one in 10 ms.
        assert_eq!([0; 4].map(&mut send), [Some(0), Some(10), Some(20), None]);
        assert_eq!(send(10), Some(20), "one has left the queue");
        assert_eq!(send(100), Some(0), "the queue is empty");
    }
}
