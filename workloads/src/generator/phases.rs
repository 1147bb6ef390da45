//! One generator after another, with all processes free in between.

use std::collections::VecDeque;

use rashomon_checker::Time;

use super::{Context, Generator, Next};
use crate::{Completion, Op};

/// Generators in turn: the next starts when the one before is done and nothing is in flight.
pub struct Phases {
    phases: VecDeque<Box<dyn Generator>>,
}

impl Phases {
    /// These, first to last.
    pub fn new(phases: Vec<Box<dyn Generator>>) -> Self {
        Self { phases: phases.into() }
    }
}

impl Generator for Phases {
    fn next(&mut self, context: &Context<'_>) -> Next {
        while let Some(phase) = self.phases.front_mut() {
            match phase.next(context) {
                Next::Done if context.all_free() => {
                    self.phases.pop_front();
                }
                Next::Done => return Next::Pending(Time(u64::MAX)),
                next @ (Next::Invoke { .. } | Next::Pending(_)) => return next,
            }
        }
        Next::Done
    }

    fn observe(&mut self, op: &Op, completion: &Completion) {
        if let Some(phase) = self.phases.front_mut() {
            phase.observe(op, completion);
        }
    }
}
