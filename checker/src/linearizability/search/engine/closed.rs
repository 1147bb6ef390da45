//! A model small enough to be written down as a whole.

use std::sync::Arc;

use super::table::{Next, Steps, Table};

/// Every state that can be reached and where every action leads from it. Cheap to copy, and free
/// of the model, so that threads can share it.
#[derive(Clone)]
pub(super) struct Closed {
    actions: usize,
    rows: Arc<[Next]>,
    several: Arc<[Vec<u32>]>,
    twins: Arc<[Option<u32>]>,
}

/// The most states and steps worth writing down.
const STATES_MAX: usize = 64;
const STEPS_MAX: usize = 1 << 16;

impl Closed {
    /// All of `table`, if it is small. O(states · actions) steps of the model.
    pub(super) fn of(table: &mut Table<'_>) -> Option<Self> {
        let actions = table.actions();
        let mut rows = Vec::new();
        let mut state = 0;
        while (state as usize) < table.states() {
            if table.states() > STATES_MAX || table.states() * actions > STEPS_MAX {
                return None;
            }
            for action in 0..actions {
                let action = u32::try_from(action).expect("fewer than calls");
                rows.push(table.next(state, action));
            }
            state += 1;
        }
        let twins = (0u32..).take(actions).map(|action| table.lost_twin(action)).collect();
        Some(Self { actions, rows: rows.into(), several: table.lists().into(), twins })
    }

    /// How many states there are.
    pub(super) fn states(&self) -> u32 {
        u32::try_from(self.rows.len() / self.actions.max(1)).expect("there are few")
    }
}

impl Steps for Closed {
    fn next(&mut self, state: u32, action: u32) -> Next {
        self.rows[state as usize * self.actions + action as usize]
    }

    fn several(&self, list: u32) -> &[u32] {
        &self.several[list as usize]
    }

    fn actions(&self) -> usize {
        self.actions
    }

    fn lost_twin(&self, action: u32) -> Option<u32> {
        self.twins[action as usize]
    }

    fn bytes(&self) -> usize {
        size_of_val(&*self.rows) + size_of_val(&*self.twins)
    }

    fn toll(&mut self) -> u64 {
        0 // All states were made beforehand.
    }

    fn is_full(&self) -> bool {
        false // There are few states, whatever they are.
    }
}
