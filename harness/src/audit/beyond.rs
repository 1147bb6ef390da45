//! The models above a claim: those that it does not imply, and which of them come next.

use rashomon_checker::consistency::ConsistencyFamily;
use rashomon_checker::{Consistency, ladder};
use rashomon_targets::{Claim, ObjectClass};

use crate::judge::{SESSION_GUARANTEES, order};

/// The models of single objects that a claim does not imply, and that a checker judges.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Unclaimed(Vec<Consistency>);

impl Unclaimed {
    /// Those above what a claim promises of a kind of object. Of queues and locks none: each of their operations
    /// changes something, so there is one order or none.
    pub(crate) fn of(claim: &Claim, class: ObjectClass) -> Self {
        if class == ObjectClass::Changing {
            return Self(Vec::new());
        }
        let sessions = SESSION_GUARANTEES.into_iter();
        let sessions = sessions.filter(|_| claim.sessions && class == ObjectClass::Register);
        let claimed: Vec<Consistency> =
            order(claim.of(class)).into_iter().chain(sessions).collect();
        let Self(mut models) = Self::above(&claimed);
        if class != ObjectClass::Register {
            models.retain(|it| is_of_any_object(*it));
        }
        Self(models)
    }

    /// Those that none of these implies.
    pub(crate) fn above(claimed: &[Consistency]) -> Self {
        let is_implied = |it: Consistency| claimed.iter().any(|by| by.implies(it));
        let is_seen = |it: Consistency| {
            let family = it.family();
            matches!(family, ConsistencyFamily::RealTime | ConsistencyFamily::Sessions)
                && ladder::is_judged(it)
        };
        let all = Consistency::ALL.into_iter();
        Self(all.filter(|&it| is_seen(it) && !is_implied(it)).collect())
    }

    /// All of them.
    pub(crate) fn models(&self) -> &[Consistency] {
        &self.0
    }
}

/// Whether a model speaks of other objects than registers, too.
fn is_of_any_object(model: Consistency) -> bool {
    matches!(
        model,
        Consistency::Linearizable
            | Consistency::Regular
            | Consistency::BoundedStaleness(_)
            | Consistency::Prefix
    )
}

/// Those of some models that none of the others implies.
pub(crate) fn strongest(models: &[Consistency]) -> Vec<Consistency> {
    let is_strongest =
        |it: &Consistency| models.iter().all(|other| other == it || !other.implies(*it));
    models.iter().copied().filter(is_strongest).collect()
}

/// Those of some models that imply none of the others.
pub(crate) fn weakest(models: &[Consistency]) -> Vec<Consistency> {
    let is_weakest = |it: &Consistency| {
        models.iter().all(|other| other == it || !it.implies(*other) || other.implies(*it))
    };
    models.iter().copied().filter(is_weakest).collect()
}
