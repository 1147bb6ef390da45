//! A coordinator's writes of multi-value registers, and its additions to observed-remove sets.

use super::bugs::{CONTEXT_IGNORED, CONTEXT_OF_COORDINATOR, DOT_REUSED};
use super::context::{Context, Dot};
use super::{Dotted, Item, Leaderless, Life};
use crate::{Key, Value};

impl Leaderless {
    /// A write by a client that had seen `context`.
    pub(super) fn sibling(&mut self, key: &Key, value: Value, context: Context) -> Dotted {
        let dot = self.next_dot(key);
        Dotted::write(dot, value, self.context_of(key, context))
    }

    /// An addition to a set. It is apart from all others, so that only who observes it removes it.
    pub(super) fn addition(&mut self, key: &Key, element: Value) -> Dotted {
        Dotted::write(self.next_dot(key), element, Context::default())
    }

    /// A dot that no other write of the key has.
    fn next_dot(&mut self, key: &Key) -> Dot {
        let mut life = Life { node: self.me, incarnation: self.incarnation };
        if life.incarnation > 1 && self.bugs.hit(DOT_REUSED) {
            life.incarnation = 1;
        }
        let count = self.dots.entry(key.clone()).or_default();
        *count += 1;
        Dot { life, number: *count }
    }

    /// What a write overwrites: what its client had seen.
    fn context_of(&mut self, key: &Key, context: Context) -> Context {
        if !context.is_empty() && self.bugs.hit(CONTEXT_IGNORED) {
            return Context::default();
        }
        if self.bugs.has(CONTEXT_OF_COORDINATOR)
            && let Some(Item::Siblings(held)) = self.store.get(key)
        {
            let mut with_own = context.clone();
            if with_own.join(held.context()) && self.bugs.hit(CONTEXT_OF_COORDINATOR) {
                return with_own;
            }
        }
        context
    }
}
