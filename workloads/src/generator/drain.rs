//! Taking what is left, until nothing is.

use std::collections::VecDeque;

use rashomon_checker::Time;

use super::{Context, Generator, Next};
use crate::{Action, Completion, Key, Op, Place, Returned};

/// How many operations in a row may not succeed before a key is given up: then what it still holds is not
/// known.
const TRIES: u32 = 100;

/// Takes from one key after the other until one finds that nothing is left.
///
/// One at a time: what was taken comes in the order in which it was taken.
#[derive(Clone, Debug)]
pub struct Drain {
    keys: VecDeque<Key>,
    take: fn(Key) -> Action,
    asks: bool,
    failed: u32,
}

impl Drain {
    /// Of these keys, by `take`, which returns nothing where nothing is left.
    pub fn new(keys: impl IntoIterator<Item = Key>, take: fn(Key) -> Action) -> Self {
        Self { keys: keys.into_iter().collect(), take, asks: false, failed: 0 }
    }
}

impl Generator for Drain {
    fn next(&mut self, context: &Context<'_>) -> Next {
        let Some(key) = self.keys.front() else { return Next::Done };
        let Some(&process) = context.free.first().filter(|_| !self.asks) else {
            return Next::Pending(Time(u64::MAX));
        };
        self.asks = true;
        Next::Invoke { process, op: Op { action: (self.take)(key.clone()), place: Place::Any } }
    }

    fn observe(&mut self, _op: &Op, completion: &Completion) {
        self.asks = false;
        let is_over = match completion {
            Completion::Ok(Returned::Value(None)) => true,
            Completion::Ok(_) => {
                self.failed = 0;
                false
            }
            Completion::Fail(_) | Completion::Info(_) => {
                self.failed += 1;
                self.failed >= TRIES
            }
        };
        if is_over {
            self.keys.pop_front();
            self.failed = 0;
        }
    }
}
