//! A coordinator's writes of multi-value registers.

use super::bugs::{CONTEXT_IGNORED, CONTEXT_OF_COORDINATOR, DOT_REUSED};
use super::context::{Context, Dot};
use super::{Item, Leaderless, Life, Siblings};
use crate::{Key, Value};

impl Leaderless {
    /// A write by a client that had seen `context`, with a dot that no other write of the key has.
    pub(super) fn sibling(&mut self, key: &Key, value: Value, context: Context) -> Siblings {
        let mut life = Life { node: self.me, incarnation: self.incarnation };
        if life.incarnation > 1 && self.bugs.hit(DOT_REUSED) {
            life.incarnation = 1;
        }
        let count = self.dots.entry(key.clone()).or_default();
        *count += 1;
        let dot = Dot { life, number: *count };
        Siblings::write(dot, value, self.context_of(key, context))
    }

    /// What a write overwrites: what its client had seen.
    fn context_of(&mut self, key: &Key, context: Context) -> Context {
        if !context.is_empty() && self.bugs.hit(CONTEXT_IGNORED) {
            return Context::default();
        }
        if let Some(Item::Siblings(held)) = self.store.get(key) {
            let mut with_own = context.clone();
            if with_own.join(held.context()) && self.bugs.hit(CONTEXT_OF_COORDINATOR) {
                return with_own;
            }
        }
        context
    }
}
