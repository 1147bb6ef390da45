//! Judging as few models as it takes.

use super::{CHECKS, Rung, Standing, Subject};
use crate::k_atomic::{StaleByAge, Staleness};
use crate::{Anomaly, Consistency, Doubt, Verdict};

/// What is known of a history, one rung a model, in the order of [`Consistency::ALL`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ladder {
    rungs: Vec<Rung>,
    staleness: Option<Staleness>,
    stale_by_age: Vec<StaleByAge>,
}

const EACH: &str = "each model has a rung";

impl Default for Ladder {
    fn default() -> Self {
        Self::new()
    }
}

impl Ladder {
    /// Nothing is known.
    pub fn new() -> Self {
        let nothing = |model| Rung {
            model,
            standing: Standing::NotJudged(if super::is_judged(model) {
                "not requested".to_owned()
            } else {
                "there is no checker".to_owned()
            }),
        };
        Self {
            rungs: Consistency::ALL.map(nothing).into(),
            staleness: None,
            stale_by_age: Vec::new(),
        }
    }

    /// Judges every model that is not known by then, the cheapest checks first, and measures how stale
    /// reads are.
    pub fn climb(&mut self, subject: &Subject<'_>) {
        self.judge(subject, |_| true);
        self.measure(subject);
    }

    /// Measures how stale reads are, if the objects are registers and reads name their writes.
    pub fn measure(&mut self, subject: &Subject<'_>) {
        self.staleness = subject.staleness();
        self.stale_by_age = subject.stale_by_age();
    }

    /// How likely reads are stale, by the time since the acknowledgement, if that was measured.
    pub fn stale_by_age(&self) -> &[StaleByAge] {
        &self.stale_by_age
    }

    /// How stale reads are, if that was measured.
    pub fn staleness(&self) -> Option<&Staleness> {
        self.staleness.as_ref()
    }

    /// Judges what can decide `model`: that itself and, where it stays open, the models that imply it and
    /// those that it implies.
    pub fn decide(&mut self, subject: &Subject<'_>, model: Consistency) {
        self.judge(subject, |it| it == model);
        if !self.knows(model) {
            self.judge(subject, |it| it.implies(model) || model.implies(it));
        }
    }

    /// Whether the history is consistent with `model`, with the witness of what it falls with; nothing
    /// if that is not judged.
    ///
    /// # Panics
    ///
    /// Never: what falls, falls with something broken.
    pub fn verdict(&self, model: Consistency) -> Option<Verdict<Anomaly>> {
        let broken = |anomaly: &Anomaly| Some(Verdict::invalid(anomaly.clone()));
        match &self.rung(model).standing {
            Standing::Held => Some(Verdict::valid(model.name())),
            Standing::ImpliedBy(by) => Some(Verdict::valid(&format!("implied by {by}"))),
            Standing::Broken(anomaly) => broken(anomaly),
            Standing::FallsWith(weaker) => match &self.rung(*weaker).standing {
                Standing::Broken(anomaly) => broken(anomaly),
                other => unreachable!("{model} falls with {weaker}, which is {other:?}"),
            },
            Standing::Undecided(doubts) => {
                doubts.iter().cloned().map(Verdict::unknown).reduce(Verdict::and)
            }
            Standing::NotJudged(_) => None,
        }
    }

    /// Judges those models that `matters` names and that are not known by then.
    pub fn judge(&mut self, subject: &Subject<'_>, matters: impl Fn(Consistency) -> bool) {
        for check in CHECKS {
            let is_open = |&model: &Consistency| matters(model) && !self.knows(model);
            if !check.models.iter().any(is_open) {
                continue;
            }
            let found = (check.judge)(subject);
            for (&model, standing) in check.models.iter().zip(found) {
                self.note(model, standing);
            }
        }
    }

    /// Says that those models that `matters` names, have a checker and are not known by then are undecided
    /// for this reason.
    pub fn leave_open(&mut self, why: &Doubt, matters: impl Fn(Consistency) -> bool) {
        for model in Consistency::ALL.into_iter().filter(|&it| matters(it)) {
            if !self.knows(model) && super::is_judged(model) {
                self.set(model, Standing::Undecided(vec![why.clone()]));
            }
        }
    }

    /// Takes note of what was found about a model, and of what follows for others.
    ///
    /// # Panics
    ///
    /// If that contradicts what is known: then a checker or an implication is wrong.
    pub fn note(&mut self, model: Consistency, standing: Standing) {
        let (holds, is_broken) = match &standing {
            Standing::Held => (true, false),
            Standing::Broken(_) => (false, true),
            _ => (false, false),
        };
        let known = self.rung(model);
        let contradicts = known.holds() && is_broken || known.is_broken() && holds;
        assert!(!contradicts, "{model} is {standing:?}, and yet {:?}", known.standing);
        let follows_from_others = matches!(
            known.standing,
            Standing::ImpliedBy(_) | Standing::FallsWith(_) | Standing::Held | Standing::Broken(_)
        );
        if holds || is_broken || !follows_from_others {
            self.set(model, standing);
        }
        for other in Consistency::ALL {
            if other == model || self.knows(other) {
                continue;
            }
            if holds && model.implies(other) {
                self.set(other, Standing::ImpliedBy(model));
            } else if is_broken && other.implies(model) {
                self.set(other, Standing::FallsWith(model));
            }
        }
    }

    fn set(&mut self, model: Consistency, standing: Standing) {
        let rung = self.rungs.iter_mut().find(|it| it.model == model);
        rung.expect(EACH).standing = standing;
    }

    /// Whether it is known that the history is consistent with `model`, or that it is not.
    pub fn knows(&self, model: Consistency) -> bool {
        let rung = self.rung(model);
        rung.holds() || rung.is_broken()
    }

    /// What is known of a model.
    ///
    /// # Panics
    ///
    /// Never: each model has a rung.
    pub fn rung(&self, model: Consistency) -> &Rung {
        self.rungs.iter().find(|it| it.model == model).expect(EACH)
    }

    /// What is known of all models.
    pub fn rungs(&self) -> &[Rung] {
        &self.rungs
    }

    /// The models that hold, without those implied by a stronger one that holds.
    pub fn strongest_held(&self) -> Vec<Consistency> {
        let held = || self.rungs.iter().filter(|it| it.holds()).map(|it| it.model);
        held().filter(|&it| !held().any(|other| other != it && other.implies(it))).collect()
    }

    /// The models that are broken, without those that imply a weaker broken one.
    pub fn weakest_broken(&self) -> Vec<Consistency> {
        let broken = || self.rungs.iter().filter(|it| it.is_broken()).map(|it| it.model);
        broken().filter(|&it| !broken().any(|other| other != it && it.implies(other))).collect()
    }
}
