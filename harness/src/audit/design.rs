//! What the runs of one design add up to. Runs are taken in the order of their jobs, so that the first that refutes
//! something is the same on all machines.

use std::collections::{BTreeMap, BTreeSet};

use rashomon_checker::Consistency;
use rashomon_targets::{Claim, ObjectClass, TargetConfig};

use super::beyond::weakest;
use super::job::{AuditedCheck, promised};
use super::{AuditRun, Unclaimed};
use crate::judge::Outcome;
use crate::settings::Settings;

/// A design, and what its runs showed.
#[derive(Clone, Debug)]
pub(crate) struct AuditedDesign {
    /// The configuration.
    pub(crate) target: TargetConfig,
    /// What it claims.
    pub(crate) claim: Claim,
    /// Each kind of object of which something is claimed or was judged.
    pub(crate) classes: BTreeMap<ObjectClass, AuditedClass>,
    /// Each property that the claim promises of what happens inside, by its name.
    pub(crate) inside: BTreeMap<&'static str, ClaimTally>,
}

/// What was found of one kind of object.
#[derive(Clone, Debug)]
pub(crate) struct AuditedClass {
    /// Each check that the claim requires, by its name.
    pub(crate) claims: BTreeMap<&'static str, ClaimTally>,
    /// The models that the claim does not imply.
    pub(crate) unclaimed: Unclaimed,
    /// Runs that decided each of them.
    decided: BTreeMap<Consistency, u64>,
    /// The first run that refuted each of them by itself.
    refuted: BTreeMap<Consistency, Refutation>,
}

/// In how many runs a claim survived.
#[derive(Clone, Debug, Default)]
pub(crate) struct ClaimTally {
    /// Runs in which nothing was found against it.
    pub(crate) survived: u64,
    /// Runs that refute it.
    pub(crate) refuted: u64,
    /// Runs that are undecided.
    pub(crate) unknown: u64,
    /// The kinds of fault in the runs that are decided.
    pub(crate) faults: BTreeSet<&'static str>,
    /// The first run that refutes it: the command, and what was found.
    pub(crate) first: Option<(String, String)>,
}

/// A run that refutes a model.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Refutation {
    /// The model that it breaks by itself: the one that is refuted, or a weaker one that this implies.
    pub(crate) by: Consistency,
    /// Its seed.
    pub(crate) seed: u64,
    /// What was found, in a sentence.
    pub(crate) why: String,
    /// The command that makes it again, and that ends with a violation.
    pub(crate) again: String,
}

/// A model above the claim, and what became of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct StrongerModel {
    /// Which.
    pub(crate) model: Consistency,
    /// Whether no other model is between it and the claim.
    pub(crate) place: ModelPlace,
    /// Runs that decided it, if none refutes it.
    pub(crate) runs: u64,
    /// The first run that refutes it.
    pub(crate) refuted: Option<Refutation>,
}

/// Where a model is above the claim.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum ModelPlace {
    /// Right above it.
    Next,
    /// Above one that is not refuted.
    Above,
    /// On top.
    Top,
}

impl ClaimTally {
    fn take(&mut self, (_, outcome, found): &AuditedCheck, run: &AuditRun) {
        match outcome {
            Outcome::Valid => self.survived += 1,
            Outcome::Violation => self.refuted += 1,
            Outcome::Unknown => self.unknown += 1,
        }
        if *outcome != Outcome::Unknown {
            self.faults.extend(&run.faults);
        }
        if let Some(found) = found.as_ref().filter(|_| *outcome == Outcome::Violation) {
            self.first.get_or_insert_with(|| (command(&run.settings), found.clone()));
        }
    }

    /// Runs that tell something.
    pub(crate) fn decided(&self) -> u64 {
        self.survived + self.refuted
    }
}

impl AuditedDesign {
    /// A design that has not been run: no run decided any of its claims.
    pub(crate) fn new(target: TargetConfig) -> Self {
        let claim = target.claim();
        let inside = claim.safety.iter().map(|it| (it.name(), ClaimTally::default())).collect();
        let mut new = Self { target, claim, classes: BTreeMap::new(), inside };
        for (class, check) in promised(&new.target) {
            new.of(class).claims.insert(check, ClaimTally::default());
        }
        new
    }

    /// Adds a run.
    pub(crate) fn take(&mut self, run: &AuditRun) {
        for (class, check) in &run.checks {
            self.of(*class).claims.entry(check.0).or_default().take(check, run);
        }
        self.of(run.class).take_beyond(run);
        for check in &run.inside {
            self.inside.entry(check.0).or_default().take(check, run);
        }
    }

    fn of(&mut self, class: ObjectClass) -> &mut AuditedClass {
        let claim = &self.claim;
        self.classes.entry(class).or_insert_with(|| AuditedClass {
            claims: BTreeMap::new(),
            unclaimed: Unclaimed::of(claim, class),
            decided: BTreeMap::new(),
            refuted: BTreeMap::new(),
        })
    }

    /// The models of a kind of object that the claim does not imply, and that no run refutes so far.
    pub(crate) fn open(&self, class: ObjectClass) -> Vec<Consistency> {
        match self.classes.get(&class) {
            Some(of) => of.open(),
            None => Unclaimed::of(&self.claim, class).models().to_vec(),
        }
    }

    /// Whether a run refutes something that the design claims.
    pub(crate) fn is_refuted(&self) -> bool {
        self.claims().any(|(_, _, tally)| tally.refuted > 0)
    }

    /// Whether no run decided something that the design claims.
    pub(crate) fn is_undecided(&self) -> bool {
        let mut claims = self.claims().peekable();
        claims.peek().is_none() || claims.any(|(_, _, tally)| tally.decided() == 0)
    }

    /// Each claim, with the kind of objects that it is about.
    pub(crate) fn claims(&self) -> impl Iterator<Item = (&'static str, &'static str, &ClaimTally)> {
        let of_objects = self.classes.iter().flat_map(|(class, of)| {
            of.claims.iter().map(move |(&check, tally)| (class.name(), check, tally))
        });
        let inside = self.inside.iter().map(|(&property, tally)| ("inside", property, tally));
        of_objects.chain(inside)
    }
}

impl AuditedClass {
    fn take_beyond(&mut self, run: &AuditRun) {
        for (model, found) in &run.beyond {
            *self.decided.entry(*model).or_default() += 1;
            let Some(why) = found.as_ref().filter(|_| self.refutation(*model).is_none()) else {
                continue;
            };
            self.refuted.entry(*model).or_insert_with(|| Refutation {
                by: *model,
                seed: run.settings.seed,
                why: why.clone(),
                again: command_requiring(&run.settings, *model),
            });
        }
    }

    /// The models that no run refutes so far, by themselves or with a weaker one.
    pub(crate) fn open(&self) -> Vec<Consistency> {
        let is_open = |it: &Consistency| self.refutation(*it).is_none();
        self.unclaimed.models().iter().copied().filter(is_open).collect()
    }

    /// The models right above the claim; above those that no run refutes, the weakest that one does; and
    /// linearizability, which is on top of all.
    pub(crate) fn stronger(&self) -> Vec<StrongerModel> {
        let judged: Vec<Consistency> = self.unclaimed.models().to_vec();
        let judged: Vec<Consistency> =
            judged.into_iter().filter(|it| self.is_judged(*it)).collect();
        let refuted: Vec<Consistency> =
            judged.iter().copied().filter(|it| self.refutation(*it).is_some()).collect();
        let mut found: Vec<StrongerModel> = Vec::new();
        let mut add = |model: Consistency, place: ModelPlace| {
            if found.iter().all(|known| known.model != model) {
                let runs = self.decided.get(&model).copied().unwrap_or(0);
                let refuted = self.refutation(model).cloned();
                found.push(StrongerModel { model, place, runs, refuted });
            }
        };
        for model in weakest(&judged) {
            add(model, ModelPlace::Next);
            if !refuted.contains(&model) {
                let above: Vec<Consistency> =
                    refuted.iter().copied().filter(|it| it.implies(model)).collect();
                for it in weakest(&above) {
                    add(it, ModelPlace::Above);
                }
            }
        }
        if judged.contains(&Consistency::Linearizable) {
            add(Consistency::Linearizable, ModelPlace::Top);
        }
        found.sort_by_key(|it| (it.place, it.model));
        found
    }

    /// Whether some run decided a model, or what it falls with.
    fn is_judged(&self, model: Consistency) -> bool {
        self.decided.contains_key(&model) || self.refutation(model).is_some()
    }

    /// The first run that refutes a model: by itself, or by a weaker one that it implies.
    fn refutation(&self, model: Consistency) -> Option<&Refutation> {
        let own = self.refuted.get(&model);
        own.or_else(|| self.refuted.iter().find(|(by, _)| model.implies(**by)).map(|(_, it)| it))
    }
}

/// The command that makes a run again.
fn command(settings: &Settings) -> String {
    settings.command().expect("flags make every family")
}

/// The same, with a model required.
fn command_requiring(settings: &Settings, model: Consistency) -> String {
    command(&settings.requiring(model))
}
