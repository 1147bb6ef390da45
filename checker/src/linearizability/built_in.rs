//! How the built-in models are searched.

use super::register::switches::{self, SwitchLimits};
use super::search::delayed::{self, TakenEnd};
use super::search::engine::{self, Answer, Orders, Search};
use crate::model::{
    Container, Counter, Deque, Echo, Fifo, LeastFirst, Lifo, List, Mutex, Register, Set, Text,
    UniqueIds,
};
use crate::{Budget, Call, Model, Value};

/// A built-in model.
pub(crate) trait BuiltIn: Model + Sized {
    /// Looks for an order of `calls` that the model allows.
    fn search(
        &self,
        calls: &[Call<Self::Op, Self::Ret>],
        budget: &Budget,
        orders: Orders,
    ) -> Search {
        engine::search(self, calls, budget, orders)
    }
}

impl BuiltIn for Text {}
impl BuiltIn for Set<Value> {}
impl BuiltIn for Counter {}
impl BuiltIn for Container<Value, LeastFirst> {}
impl BuiltIn for Deque<Value> {}
impl BuiltIn for Mutex {}
impl BuiltIn for List<Value> {}
impl BuiltIn for Echo {}
impl BuiltIn for UniqueIds {}

impl BuiltIn for Register<u32> {
    /// What the changes of the value do not decide with most of the budget is left to the engine.
    fn search(
        &self,
        calls: &[Call<Self::Op, Self::Ret>],
        budget: &Budget,
        orders: Orders,
    ) -> Search {
        let changes = |left: &Budget| {
            let most = Budget { configurations: left.configurations / 4 * 3, ..left.clone() };
            let found = switches::search(calls, &most, orders, SwitchLimits::DEFAULT)?;
            if found.answer != Answer::Spent {
                return Some(found);
            }
            let rest = left.configurations.saturating_sub(found.configurations);
            let rest = Budget { configurations: rest, ..left.clone() };
            Some(found.and_then(engine::search(self, calls, &rest, orders)))
        };
        easily_or(self, calls, (budget, orders), changes)
    }
}

impl BuiltIn for Container<Value, Fifo> {
    fn search(
        &self,
        calls: &[Call<Self::Op, Self::Ret>],
        budget: &Budget,
        orders: Orders,
    ) -> Search {
        let open = |left: &Budget| delayed::search(TakenEnd::First, calls, left, orders);
        easily_or(self, calls, (budget, orders), open)
    }
}

impl BuiltIn for Container<Value, Lifo> {
    fn search(
        &self,
        calls: &[Call<Self::Op, Self::Ret>],
        budget: &Budget,
        orders: Orders,
    ) -> Search {
        let open = |left: &Budget| delayed::search(TakenEnd::Last, calls, left, orders);
        easily_or(self, calls, (budget, orders), open)
    }
}

/// Configurations that the engine visits for each of a few easy calls.
const EASY_PER_CALL: u64 = 8;

/// Searches by the engine what is easy for it, and the rest in the other way, if that can.
fn easily_or<M: Model>(
    model: &M,
    calls: &[Call<M::Op, M::Ret>],
    (budget, orders): (&Budget, Orders),
    other: impl Fn(&Budget) -> Option<Search>,
) -> Search {
    let easy = EASY_PER_CALL * calls.len() as u64;
    let least = Budget { configurations: easy.min(budget.configurations), ..budget.clone() };
    let easily = engine::search(model, calls, &least, orders);
    if easily.answer != Answer::Spent {
        return easily;
    }
    let spent = easily.configurations;
    let left = budget.configurations.saturating_sub(spent);
    match other(&Budget { configurations: left, ..budget.clone() }) {
        Some(found) => Search { configurations: found.configurations + spent, ..found },
        None => engine::search(model, calls, budget, orders),
    }
}
