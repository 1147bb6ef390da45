//! A weighted choice for each operation.

use rashomon_checker::Time;

use super::{Context, Generator, Next};
use crate::{Completion, Op, Rng, Seed};

/// Draws one of several generators for each operation, by weight.
///
/// The one drawn is asked until it invokes something, so that a slow one is not starved by quick
/// ones. One that is done is drawn no more.
pub struct Mix {
    choices: Vec<(u32, Box<dyn Generator>)>,
    drawn: Option<usize>,
    rng: Rng,
}

impl Mix {
    /// A mix of `choices`, each with its weight.
    pub fn new(seed: Seed, choices: Vec<(u32, Box<dyn Generator>)>) -> Self {
        Self { choices, drawn: None, rng: seed.rng() }
    }

    fn draw(&mut self) -> Option<usize> {
        let total: u32 = self.choices.iter().map(|(weight, _)| weight).sum();
        if total == 0 {
            return None;
        }
        let mut at = self.rng.below(u64::from(total));
        self.choices.iter().position(|&(weight, _)| {
            let here = at < u64::from(weight);
            at = at.saturating_sub(u64::from(weight));
            here
        })
    }
}

impl Generator for Mix {
    fn next(&mut self, context: &Context<'_>) -> Next {
        if context.free.is_empty() {
            return Next::Pending(Time(u64::MAX));
        }
        loop {
            let Some(drawn) = self.drawn.or_else(|| self.draw()) else { return Next::Done };
            self.drawn = Some(drawn);
            match self.choices[drawn].1.next(context) {
                next @ Next::Invoke { .. } => {
                    self.drawn = None;
                    return next;
                }
                pending @ Next::Pending(_) => return pending,
                Next::Done => {
                    self.choices[drawn].0 = 0; // Never drawn again.
                    self.drawn = None;
                }
            }
        }
    }

    fn observe(&mut self, op: &Op, completion: &Completion) {
        for (_, choice) in &mut self.choices {
            choice.observe(op, completion);
        }
    }
}
