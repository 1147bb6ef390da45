//! Ways from one transaction to the next, tried one after the other.

use super::{Before, Beside, Missing};
use crate::verify::{Refused, STEPS_MAX};

/// Ways from one transaction to the next that pass none twice.
pub(super) struct Ways<'a> {
    edges: &'a [Vec<(usize, Before)>],
    missing: Missing,
    beside: Beside,
    passed: Vec<bool>,
    steps: u64,
}

/// What a way has passed.
#[derive(Clone, Copy)]
#[expect(clippy::struct_excessive_bools, reason = "they are independent facts")]
struct WayPassed {
    start: usize,
    /// How often something was missed; two stands for more.
    missed: u8,
    /// Whether that was so in the first step.
    first: bool,
    /// Whether it was so in the last step, of the next thing.
    last: bool,
    /// Whether something was read.
    read: bool,
    /// Whether the order of a process or of time was used.
    ordered: bool,
}

impl<'a> Ways<'a> {
    pub(super) fn new(edges: &'a [Vec<(usize, Before)>], missing: Missing, beside: Beside) -> Self {
        Self { edges, missing, beside, passed: vec![false; edges.len()], steps: 0 }
    }

    /// Whether a way of the kind leads back to `start`.
    pub(super) fn come_back(&mut self, start: usize) -> Result<bool, Refused> {
        for (to, before) in self.edges[start].clone() {
            let is_miss = before.is_miss();
            let (last, read) = (before == Before::Misses, before == Before::Reads);
            let (missed, ordered) = (u8::from(is_miss), before == Before::Ordered);
            let way = WayPassed { start, missed, first: is_miss, last, read, ordered };
            if self.allows(way) && self.goes_on(to, way)? {
                return Ok(true);
            }
        }
        Ok(false)
    }

    fn goes_on(&mut self, here: usize, way: WayPassed) -> Result<bool, Refused> {
        self.steps += 1;
        if self.steps > STEPS_MAX {
            return Err(Refused::TooLarge(STEPS_MAX));
        }
        if here == way.start {
            return Ok(self.is_whole(way));
        }
        self.passed[here] = true;
        for (to, before) in self.edges[here].clone() {
            let is_miss = before.is_miss();
            let is_apart = !(is_miss && way.last);
            let missed = (way.missed + u8::from(is_miss)).min(2);
            let read = way.read || before == Before::Reads;
            let ordered = way.ordered || before == Before::Ordered;
            let last = before == Before::Misses;
            let next = WayPassed { missed, last, read, ordered, ..way };
            let is_allowed = self.allows(next) && (is_apart || self.missing != Missing::Apart);
            if is_allowed && !self.passed[to] && self.goes_on(to, next)? {
                return Ok(true);
            }
        }
        self.passed[here] = false;
        Ok(false)
    }

    fn allows(&self, way: WayPassed) -> bool {
        match self.missing {
            Missing::WritesOnly | Missing::Never => way.missed == 0,
            Missing::Once => way.missed <= 1,
            Missing::Apart | Missing::Any => true,
        }
    }

    fn is_whole(&self, way: WayPassed) -> bool {
        if self.beside != Beside::Nothing && !way.ordered {
            return false;
        }
        match self.missing {
            Missing::WritesOnly => true,
            Missing::Never => way.read,
            Missing::Once => way.missed == 1,
            Missing::Apart => way.missed == 2 && !(way.first && way.last),
            Missing::Any => way.missed == 2,
        }
    }
}
