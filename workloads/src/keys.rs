//! The keys that a workload has used.

use std::cell::RefCell;
use std::rc::Rc;

use crate::Key;

/// The keys a workload has used, in order.
#[derive(Clone, Debug, Default)]
pub(crate) struct Keys(Rc<RefCell<Vec<Key>>>);

impl Keys {
    /// All of them so far.
    pub(crate) fn used(&self) -> Vec<Key> {
        self.0.borrow().clone()
    }

    /// These.
    pub(crate) fn of(keys: Vec<Key>) -> Self {
        Self(Rc::new(RefCell::new(keys)))
    }

    /// A new one.
    pub(crate) fn open(&self, prefix: &str) -> Key {
        let mut keys = self.0.borrow_mut();
        let key: Key = format!("{prefix}{}", keys.len()).into();
        keys.push(key.clone());
        key
    }
}
