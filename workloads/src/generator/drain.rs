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

#[cfg(test)]
mod tests {
    use rashomon_checker::ProcessId;

    use super::*;
    use crate::QueueOp;

    fn drain() -> Drain {
        Drain::new(["a", "b"].map(Key::from), |key| Action::Queue(key, QueueOp::Dequeue))
    }

    /// Takes until all is over, each answered so; how often each key was asked.
    fn asked(mut answer: impl FnMut(u32) -> Completion) -> [u32; 2] {
        let (mut drain, mut asked) = (drain(), [0, 0]);
        let context = Context { now: Time(0), free: &[ProcessId(0)], processes: 1 };
        while let Next::Invoke { op, .. } = drain.next(&context) {
            assert_eq!(drain.next(&context), Next::Pending(Time(u64::MAX)), "one at a time");
            let at = usize::from(op.action.key().is_some_and(|key| &**key == "b"));
            asked[at] += 1;
            drain.observe(&op, &answer(asked[at]));
        }
        asked
    }

    #[test]
    fn each_key_is_taken_from_until_nothing_is_left_and_failures_end_nothing() {
        let taken = |value| Completion::Ok(Returned::Value(value));
        let each = asked(|number| match number {
            1 => taken(Some(7)),
            2 => Completion::Fail("not-primary".to_owned()),
            3 => Completion::Info("timeout".to_owned()),
            _ => taken(None),
        });
        assert_eq!(each, [4, 4]);
    }

    #[test]
    fn a_key_that_never_answers_is_given_up() {
        assert_eq!(asked(|_| Completion::Fail("no-quorum".to_owned())), [TRIES, TRIES]);
    }
}
