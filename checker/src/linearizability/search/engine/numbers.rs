//! A model as numbers: its states and actions.

use crate::Call;
use crate::intern::Interner;
use crate::{Model, Observed};

/// Where an action leads from a state.
pub(super) struct Led {
    /// The numbers of the states, in any order.
    pub(super) states: Vec<u32>,
    /// Bytes of states looked at.
    pub(super) handled: usize,
    /// Bytes of those that are new.
    pub(super) made: usize,
}

/// The states and actions of a model, by number.
pub(super) trait ModelNumbers {
    /// Where `action` leads from `state`: one step of the model.
    fn step(&mut self, state: u32, action: u32) -> Led;

    /// How many states have been met.
    fn states(&self) -> usize;

    /// How many actions there are.
    fn actions(&self) -> usize;

    /// The number of the same op with its return lost, if some call did that.
    fn lost_twin(&self, action: u32) -> Option<u32>;

    /// Bytes held for states, what they point to apart.
    fn bytes(&self) -> usize;
}

/// A model whose states and actions get numbers.
pub(super) struct NumberedModel<'m, M: Model> {
    model: &'m M,
    states: Interner<M::State>,
    actions: Interner<(M::Op, Observed<M::Ret>)>,
    pure: Vec<bool>,
}

impl<'m, M: Model> NumberedModel<'m, M> {
    /// The first state has the number [`INIT`](super::table::INIT).
    pub(super) fn new(model: &'m M) -> Self {
        let mut states = Interner::default();
        states.intern(model.init());
        Self { model, states, actions: Interner::default(), pure: Vec::new() }
    }

    /// The number of what a call did.
    pub(super) fn action(&mut self, call: &Call<M::Op, M::Ret>) -> u32 {
        let action = self.actions.intern((call.op.clone(), call.seen.clone()));
        if action as usize == self.pure.len() {
            self.pure.push(self.model.is_pure(&call.op, as_ref(&call.seen)));
        }
        action
    }

    /// Which actions change nothing.
    pub(super) fn pure(&self) -> &[bool] {
        &self.pure
    }
}

impl<M: Model> ModelNumbers for NumberedModel<'_, M> {
    fn step(&mut self, state: u32, action: u32) -> Led {
        let (op, seen) = self.actions.get(action);
        let from = self.states.get(state);
        let mut led = Led { states: Vec::new(), handled: self.model.state_bytes(from), made: 0 };
        for state in self.model.step(from, op, as_ref(seen)) {
            let (before, bytes) = (self.states.len(), self.model.state_bytes(&state));
            led.handled += bytes;
            led.states.push(self.states.intern(state));
            led.made += if self.states.len() > before { bytes } else { 0 };
        }
        led
    }

    fn states(&self) -> usize {
        self.states.len()
    }

    fn actions(&self) -> usize {
        self.pure.len()
    }

    fn lost_twin(&self, action: u32) -> Option<u32> {
        let (op, _) = self.actions.get(action);
        self.actions.find(&(op.clone(), Observed::Lost)).filter(|&twin| twin != action)
    }

    fn bytes(&self) -> usize {
        self.states.bytes()
    }
}

fn as_ref<R>(seen: &Observed<R>) -> Observed<&R> {
    match seen {
        Observed::Returned(ret) => Observed::Returned(ret),
        Observed::Lost => Observed::Lost,
    }
}
