//! An object that holds nothing and repeats what it hears.

use super::{Model, Observed};
use crate::Value;

/// Whatever is said to it comes back. It holds nothing, so that no operation matters to another.
#[derive(Clone, Copy, Debug, Default)]
pub struct Echo;

impl Model for Echo {
    type State = ();
    /// What is said.
    type Op = Value;
    /// What comes back.
    type Ret = Value;
    type Next = Option<()>;

    fn init(&self) {}

    fn step(&self, (): &(), said: &Value, seen: Observed<&Value>) -> Option<()> {
        match seen {
            Observed::Returned(heard) if heard != said => None,
            Observed::Returned(_) | Observed::Lost => Some(()),
        }
    }

    fn is_pure(&self, _said: &Value, _seen: Observed<&Value>) -> bool {
        true
    }
}
