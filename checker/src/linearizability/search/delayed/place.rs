//! What is open at an event.

use super::configuration::ContainerConfiguration;
use super::script::{ContainerScript, ContainerStep, Insertion, NOTHING};

/// What is open at an event.
pub(super) struct OpenCalls<'a> {
    script: &'a ContainerScript,
    /// How many events there were before.
    pub(super) at: u32,
    /// The open insertions, in the order in which they began; and by number.
    pub(super) open: Vec<Insertion>,
    pub(super) insertions: Vec<u32>,
    /// The open takes.
    pub(super) takes: Vec<u32>,
}

impl<'a> OpenCalls<'a> {
    /// Before all events.
    pub(super) fn new(script: &'a ContainerScript) -> Self {
        let (open, insertions, takes) = (Vec::new(), Vec::new(), Vec::new());
        Self { script, at: 0, open, insertions, takes }
    }

    /// Passes the next event.
    pub(super) fn pass(&mut self, step: ContainerStep) {
        match step {
            ContainerStep::Insert(number) => {
                self.open.push(self.script.insertion(number));
                self.insertions.push(number);
            }
            ContainerStep::Inserted(number) => {
                let which = self.which(number);
                self.open.remove(which);
                self.insertions.remove(which);
            }
            ContainerStep::Take(take) => self.takes.push(take),
            ContainerStep::Taken(take) => self.takes.retain(|&other| other != take),
        }
        self.at += 1;
    }

    /// Where an open insertion is among all.
    pub(super) fn which(&self, insertion: u32) -> usize {
        let which = self.insertions.iter().position(|&other| other == insertion);
        which.expect("what ends is open")
    }

    /// Of the open takes of `value` that have not taken effect, the one that returns first.
    pub(super) fn soonest(&self, it: &ContainerConfiguration, value: u32) -> Option<u32> {
        let of_value = |&take: &u32| self.script.removal(take).value == value && !it.is_done(take);
        let equal = self.takes.iter().copied().filter(of_value);
        equal.min_by_key(|&take| self.script.removal(take).ends)
    }

    /// The open takes that must find nothing, and have not.
    pub(super) fn unseen(&self, it: &ContainerConfiguration) -> Vec<u32> {
        let finds_nothing =
            |&take: &u32| self.script.removal(take).value == NOTHING && !it.is_done(take);
        self.takes.iter().copied().filter(finds_nothing).collect()
    }
}
