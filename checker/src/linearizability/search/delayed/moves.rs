//! What may take effect next.

use super::configuration::{ContainerConfiguration, ContainerItem, GONE};
use super::place::OpenCalls;
use super::queue::{self, TakenItem};
use super::replay::Effect;
use super::script::{ContainerScript, ContainerStep, NOTHING};
use super::{TakenEnd, stack};
use crate::plant::{Bug, planted};

/// Makes configurations of others, and remembers how.
pub(super) struct Moves<'a> {
    script: &'a ContainerScript,
    discipline: TakenEnd,
    /// What took effect, and the place of what did before.
    trail: Vec<(u32, Effect)>,
}

/// Where every trail starts.
const START: u32 = u32::MAX;

/// What comes of the end of an operation.
pub(super) struct Ended {
    /// The configurations after it, if nothing else takes effect before.
    pub(super) reached: Vec<ContainerConfiguration>,
    /// Whether something else may have to.
    pub(super) is_early: bool,
}

impl<'a> Moves<'a> {
    pub(super) fn new(script: &'a ContainerScript, discipline: TakenEnd) -> Self {
        Self { script, discipline, trail: Vec::new() }
    }

    /// Forgets what took effect, and begins at rest.
    pub(super) fn begin(&mut self) -> ContainerConfiguration {
        self.trail.clear();
        ContainerConfiguration::at_rest(START)
    }

    /// An insertion begins.
    pub(super) fn insert(&self, it: &mut ContainerConfiguration) {
        it.open.push(self.now(it));
    }

    /// The number for what begins or ends now.
    fn now(&self, it: &ContainerConfiguration) -> u32 {
        match self.discipline {
            TakenEnd::First => it.gaps,
            TakenEnd::Last => it.gaps - 1,
        }
    }

    /// Lets a take that must find nothing do so, if that may be.
    pub(super) fn look(
        &mut self,
        place: &OpenCalls<'_>,
        it: &mut ContainerConfiguration,
        take: u32,
    ) {
        if it.may_be_empty() {
            self.note(it, Effect { take, insertion: None, at: place.at });
        }
    }

    /// Passes the event `step`, the end of an operation.
    pub(super) fn end(
        &mut self,
        place: &OpenCalls<'_>,
        step: ContainerStep,
        from: &ContainerConfiguration,
    ) -> Ended {
        match step {
            ContainerStep::Inserted(insertion) => self.inserted(place, insertion, from),
            ContainerStep::Taken(take) if from.is_done(take) => {
                let mut it = from.clone();
                it.done.retain(|&other| other != take);
                self.tidy(&mut it, place.at + 1);
                Ended { reached: vec![it], is_early: false }
            }
            ContainerStep::Taken(_) => Ended { reached: Vec::new(), is_early: true },
            ContainerStep::Insert(_) | ContainerStep::Take(_) => {
                unreachable!("these are beginnings")
            }
        }
    }

    fn inserted(
        &mut self,
        place: &OpenCalls<'_>,
        insertion: u32,
        from: &ContainerConfiguration,
    ) -> Ended {
        let which = place.which(insertion);
        let value = place.open[which].value;
        let mut reached = Vec::new();
        let mut it = from.clone();
        let begun = it.open.remove(which);
        if begun == GONE {
            self.tidy(&mut it, place.at + 1);
            return Ended { reached: vec![it], is_early: false };
        }
        if self.discipline == TakenEnd::Last
            && let Some(take) = place.soonest(from, value)
        {
            let mut it = it.clone();
            self.note(&mut it, Effect { take, insertion: Some(insertion), at: place.at });
            self.tidy(&mut it, place.at + 1);
            reached.push(it);
        }
        it.items.push(ContainerItem { from: begun, to: self.now(&it), value, insertion });
        it.gaps += 1;
        self.tidy(&mut it, place.at + 1);
        reached.push(it);
        // A take from a queue can wait, unless it empties the queue for another call to see.
        let is_early = match self.discipline {
            TakenEnd::First => !from.items.is_empty() && !place.unseen(from).is_empty(),
            TakenEnd::Last => true,
        };
        Ended { reached, is_early }
    }

    /// All ways in which one take takes effect before the event `step`.
    pub(super) fn takes(
        &mut self,
        place: &OpenCalls<'_>,
        step: ContainerStep,
        from: &ContainerConfiguration,
    ) -> Vec<ContainerConfiguration> {
        let mut reached = Vec::new();
        let mut values: Vec<u32> = Vec::new();
        for &open in &place.takes {
            let value = self.script.removal(open).value;
            if value == NOTHING || values.contains(&value) {
                continue;
            }
            values.push(value);
            let Some(take) = place.soonest(from, value) else { continue };
            let choices: Vec<TakenItem> = match self.discipline {
                TakenEnd::First => queue::takes(place, from, value).into_iter().collect(),
                TakenEnd::Last => {
                    let inside = stack::inside(from, value).into_iter().map(TakenItem::Inside);
                    let is_demanded = step == ContainerStep::Taken(take);
                    let open =
                        if is_demanded { stack::open(place, from, value) } else { Vec::new() };
                    inside.chain(open.into_iter().map(TakenItem::Open)).collect()
                }
            };
            let after = choices.into_iter().filter_map(|taken| self.take(place, from, take, taken));
            reached.extend(after);
        }
        reached
    }

    /// The configuration after a take took something out, if all else can still be explained.
    fn take(
        &mut self,
        place: &OpenCalls<'_>,
        from: &ContainerConfiguration,
        take: u32,
        taken: TakenItem,
    ) -> Option<ContainerConfiguration> {
        let mut it = from.clone();
        let insertion = match taken {
            TakenItem::Open(at) => {
                it.open[at] = GONE;
                place.insertions[at]
            }
            TakenItem::Inside(at) => {
                let item = it.items.remove(at);
                if self.discipline == TakenEnd::Last && !stack::cover(&mut it, item.to) {
                    return None;
                }
                item.insertion
            }
        };
        self.note(&mut it, Effect { take, insertion: Some(insertion), at: place.at });
        for unseen in place.unseen(&it) {
            self.look(place, &mut it, unseen);
        }
        self.tidy(&mut it, place.at);
        Some(it)
    }

    /// Makes equal what is alike, where the first `at` events are over.
    fn tidy(&self, it: &mut ContainerConfiguration, at: u32) {
        match self.discipline {
            TakenEnd::First => queue::tidy(it),
            TakenEnd::Last => {
                let at = at + u32::from(planted(Bug::DelayedStackSealTooSoon));
                stack::tidy(it, |value| self.script.last_taken[value as usize] < at);
            }
        }
    }

    fn note(&mut self, it: &mut ContainerConfiguration, effect: Effect) {
        it.take(effect.take);
        self.trail.push((it.trail, effect));
        it.trail = u32::try_from(self.trail.len() - 1).expect("the budget is spent before");
    }

    /// What took effect on the way to a configuration, the first one first.
    pub(super) fn effects(&self, it: &ContainerConfiguration) -> Vec<Effect> {
        let mut effects = Vec::new();
        let mut trail = it.trail;
        while trail != START {
            let (before, effect) = self.trail[trail as usize];
            effects.push(effect);
            trail = before;
        }
        effects.reverse();
        effects
    }

    pub(super) fn bytes(&self) -> usize {
        self.trail.capacity() * size_of::<(u32, Effect)>()
    }
}
