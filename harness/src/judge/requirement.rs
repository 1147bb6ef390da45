//! What is required of a run, and what is checked without being required.
//!
//! By default the target's own claim is required, as far as it covers the faults of the run; else
//! what `--require` names. The other checks of the workload are made too, and reported as not
//! promised: they never make a run a violation.

use rashomon_checker::{Consistency, Invariant, ModelKind};
use rashomon_targets::{Claim, ConcurrentWrites, FaultKind, ObjectClass, Promise, SafetyProperty};
use rashomon_workloads::Kind;

use super::Question;
use crate::settings::Settings;

/// Who required it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum By {
    /// The target, by its claim.
    Claim,
    /// The user, by `--require`.
    Flag,
}

/// What is required of a run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Requirement {
    /// Who required it.
    pub(crate) by: By,
    /// What.
    pub(crate) required: Vec<Consistency>,
    /// What the target promises, under the faults that it covers, where the workload can show it.
    pub(crate) promised: Vec<Consistency>,
    /// Faults of the run under which the target promises nothing.
    pub(crate) uncovered: Vec<FaultKind>,
    /// What never happens inside, as the target promises under these faults.
    pub(crate) safety: Vec<SafetyProperty>,
    /// The other checks.
    pub(crate) beyond: Vec<Consistency>,
    /// The invariants that are judged.
    pub(crate) invariants: Vec<Invariant>,
    /// Those of them that the target's promises imply.
    pub(crate) promised_invariants: Vec<Invariant>,
    /// Those of them that are required: what the promises imply where the claim is required, else those
    /// that are named.
    pub(crate) required_invariants: Vec<Invariant>,
    /// Whether every copy is read in the end.
    pub(crate) copies: FinalCopies,
}

/// What `--require` names.
#[derive(Clone, Debug, Default)]
struct Named {
    models: Vec<Consistency>,
    invariants: Vec<Invariant>,
}

impl Named {
    /// Who requires something then.
    fn by(&self) -> By {
        if self.models.is_empty() && self.invariants.is_empty() { By::Claim } else { By::Flag }
    }
}

/// Whether every copy is read in the end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum FinalCopies {
    /// It is.
    Read,
    /// The target does not show what each node holds, so nothing that needs this is judged.
    Hidden,
}

impl Requirement {
    /// What these settings require of a run under faults of these kinds, by their names.
    pub(crate) fn new(settings: &Settings, kind: Kind, faults: &[&str]) -> Self {
        let named =
            Named { models: settings.required(), invariants: settings.required_invariants() };
        let all = Self::under(&settings.target.claim(), named, kind, faults);
        if settings.target.shows_copies() { all } else { all.without_copies() }
    }

    /// The same of a target that does not show what each node holds: unless it is required, nothing
    /// that takes this is asked.
    fn without_copies(mut self) -> Self {
        self.beyond
            .retain(|check| !matches!(check, Consistency::Durable | Consistency::Convergent));
        Self { copies: FinalCopies::Hidden, ..self }
    }

    /// What a claim promises under these faults, or what is named instead.
    fn under(claim: &Claim, named: Named, kind: Kind, faults: &[&str]) -> Self {
        let kinds = FaultKind::ALL.into_iter();
        let planned: Vec<FaultKind> = kinds.filter(|kind| faults.contains(&kind.name())).collect();
        let is_covered = |kind: &&FaultKind| claim.under.contains(kind);
        let mut uncovered: Vec<FaultKind> =
            planned.iter().filter(|kind| !is_covered(kind)).copied().collect();
        let mut promised = if uncovered.is_empty() { promises(claim, kind) } else { Vec::new() };
        if !promised.is_empty() && !claim.keeps_order(class(kind), &planned) {
            promised.retain(|&check| check == Consistency::Convergent);
            if promised.is_empty() {
                let less = &claim.registers_only_converge_under;
                uncovered.extend(planned.iter().filter(|&fault| less.contains(fault)));
            }
        }
        let by = named.by();
        let required = if by == By::Claim { promised.clone() } else { named.models };
        let shown = kind.checks().iter().copied().filter(|check| is_shown(*check, &promised));
        let beyond = shown.chain(promised.iter().copied());
        let beyond: Vec<Consistency> = beyond.filter(|check| !required.contains(check)).collect();
        let safety = if uncovered.is_empty() { claim.safety.clone() } else { Vec::new() };
        let (beyond, copies) = (unique(beyond), FinalCopies::Read);
        let mut invariants = kind.invariants().to_vec();
        let mut promised_invariants = invariants.clone();
        promised_invariants
            .retain(|&invariant| uncovered.is_empty() && is_kept(claim, invariant, kind));
        let is_new = |it: &Invariant| !kind.invariants().contains(it);
        invariants.extend(named.invariants.iter().copied().filter(is_new));
        let required_invariants =
            if by == By::Claim { promised_invariants.clone() } else { named.invariants };
        Self {
            by,
            required,
            promised,
            uncovered,
            safety,
            beyond,
            invariants,
            promised_invariants,
            required_invariants,
            copies,
        }
    }

    /// The same, with no look at anything else.
    #[must_use]
    pub(crate) fn alone(self) -> Self {
        let invariants = self.required_invariants.clone();
        Self { beyond: Vec::new(), invariants, ..self }
    }

    /// Nothing: for runs whose histories alone are wanted.
    pub(crate) fn nothing() -> Self {
        let [required, promised, beyond] = [const { Vec::new() }; 3];
        let [invariants, promised_invariants, required_invariants] = [const { Vec::new() }; 3];
        let (uncovered, safety, copies) = (Vec::new(), Vec::new(), FinalCopies::Read);
        Self {
            by: By::Flag,
            required,
            promised,
            uncovered,
            safety,
            beyond,
            invariants,
            promised_invariants,
            required_invariants,
            copies,
        }
    }

    /// The names of all that is required.
    pub(crate) fn names(&self) -> impl Iterator<Item = &'static str> {
        let models = self.required.iter().map(|model| model.name());
        models.chain(self.required_invariants.iter().map(|invariant| invariant.name()))
    }

    /// All that is asked, in the order of [`Consistency::ALL`].
    pub(crate) fn questions(&self) -> Vec<Consistency> {
        let asked =
            |check: &Consistency| self.required.contains(check) || self.beyond.contains(check);
        Consistency::ALL.into_iter().filter(asked).collect()
    }

    /// Whether the target promises it: what it promises may imply it.
    pub(crate) fn is_promised(&self, check: Consistency) -> bool {
        self.promised.iter().any(|&promised| promised == check || promised.implies(check))
    }
}

/// What is worth a look though nobody requires it: the weaker orders are not, as nobody wonders
/// about them. A workload that shows what sessions are worth is given for that.
fn is_shown(check: Consistency, promised: &[Consistency]) -> bool {
    match check {
        Consistency::Linearizable
        | Consistency::StrictSerializable
        | Consistency::Durable
        | Consistency::Convergent
        | Consistency::ReadYourWrites
        | Consistency::MonotonicReads
        | Consistency::MonotonicWrites
        | Consistency::WritesFollowReads => true,
        weaker => promised.contains(&weaker),
    }
}

fn unique(mut checks: Vec<Consistency>) -> Vec<Consistency> {
    checks.sort();
    checks.dedup();
    checks
}

/// The kind of object that a workload is about.
pub(crate) fn class(kind: Kind) -> ObjectClass {
    class_of(kind.model())
}

/// The kind of object that a model describes.
pub(crate) fn class_of(model: ModelKind) -> ObjectClass {
    match model {
        ModelKind::Counter => ObjectClass::Counter,
        ModelKind::Set => ObjectClass::Set,
        ModelKind::Queue
        | ModelKind::Stack
        | ModelKind::PriorityQueue
        | ModelKind::Deque
        | ModelKind::Mutex => ObjectClass::Changing,
        ModelKind::Register
        | ModelKind::CasRegister
        | ModelKind::Kv
        | ModelKind::ListAppend
        | ModelKind::Echo
        | ModelKind::UniqueIds => ObjectClass::Register,
    }
}

/// The kind of object that a check of a workload is about.
pub(crate) fn class_asked(check: Question, kind: Kind) -> ObjectClass {
    match check {
        // Accounts are registers, whatever is beside them.
        Question::Invariant(Invariant::Bank) => ObjectClass::Register,
        Question::Invariant(_) | Question::Model(_) => class(kind),
    }
}

/// Whether what is promised of objects implies an invariant of them.
fn is_kept(claim: &Claim, invariant: Invariant, kind: Kind) -> bool {
    let promise = claim.of(class_asked(invariant.into(), kind));
    match invariant {
        // Each read is of what some beginning of all transactions made, and each of those keeps the total.
        Invariant::Bank => {
            matches!(promise, Promise::Linearizable | Promise::Regular | Promise::Prefix)
        }
        Invariant::TotalQueue => promise == Promise::Linearizable && claim.durable,
        Invariant::MutualExclusion | Invariant::Fencing => promise == Promise::Linearizable,
        // A replica that is never mended may keep what was overwritten.
        Invariant::MvRegister => {
            claim.concurrent_writes == ConcurrentWrites::AllSurvive
                && claim.durable
                && claim.converges
        }
        // What no removal has observed stays, and what one has observed is gone, once all replicas agree.
        Invariant::OrSet => promise != Promise::Nothing && claim.durable && claim.converges,
        // No workload has them judged.
        Invariant::SetFull
        | Invariant::UniqueIds
        | Invariant::Monotonic
        | Invariant::MonotonicRealtime
        | Invariant::LongFork
        | Invariant::CounterBounds
        | Invariant::PnCounter
        | Invariant::LwwRegister => false,
    }
}

/// What each session can rely on.
pub(crate) const SESSION_GUARANTEES: [Consistency; 4] = [
    Consistency::ReadYourWrites,
    Consistency::MonotonicReads,
    Consistency::MonotonicWrites,
    Consistency::WritesFollowReads,
];

/// The order that a promise speaks of; none where it speaks of none. What is eventual is whether replicas come
/// to agree, and a claim says that by itself.
pub(crate) fn order(promise: Promise) -> Option<Consistency> {
    match promise {
        Promise::Linearizable => Some(Consistency::Linearizable),
        Promise::Regular => Some(Consistency::Regular),
        Promise::Prefix => Some(Consistency::Prefix),
        Promise::Eventual | Promise::Nothing => None,
    }
}

/// The checks that a claim foretells, of those that the workload can show.
pub(crate) fn promises(claim: &Claim, kind: Kind) -> Vec<Consistency> {
    let order = order(claim.of(class(kind)));
    // Where a workload shows an order at all, whatever order is promised is asked about, whether or not
    // there is a checker for it; and what final reads show, where they are compared.
    let shows = |check: &Consistency| kind.checks().contains(check);
    let order = order.filter(|_| shows(&Consistency::Linearizable));
    let isolation = match claim.of(class(kind)) {
        Promise::Linearizable => Some(Consistency::StrictSerializable),
        // Those that change something have one order. One that only reads sees what a beginning of them left.
        Promise::Regular | Promise::Prefix => Some(Consistency::Serializable),
        Promise::Eventual | Promise::Nothing => None,
    };
    let isolation = isolation.filter(shows);
    let sessions = SESSION_GUARANTEES.into_iter().filter(|check| claim.sessions && shows(check));
    let durable = claim.durable.then_some(Consistency::Durable).filter(shows);
    let converges = claim.converges.then_some(Consistency::Convergent).filter(shows);
    order.into_iter().chain(isolation).chain(sessions).chain(durable).chain(converges).collect()
}

#[cfg(test)]
mod tests {
    use rashomon_targets::TargetConfig;

    use super::*;
    use crate::settings::Driver;

    #[test]
    fn an_invariant_that_is_named_is_required_in_place_of_the_claim() {
        let mut settings = settings(Promise::Prefix, &[]);
        settings.require = vec!["long-fork".to_owned()];
        let of = Requirement::new(&settings, Kind::Register, &[]);
        assert_eq!((of.by, of.required.len()), (By::Flag, 0));
        assert_eq!(of.names().collect::<Vec<_>>(), ["long-fork"]);
        assert!(of.invariants.contains(&Invariant::LongFork), "it is judged");
        assert_eq!(of.clone().alone().invariants, [Invariant::LongFork]);
        assert!(of.is_promised(Consistency::Prefix), "what is promised is promised still");
    }

    /// Settings of a target with this promise of registers.
    fn settings(promise: Promise, require: &[Consistency]) -> Settings {
        let mut targets = TargetConfig::every(3..=3).into_iter();
        let target = targets.find(|it| it.claim().registers == promise && it.claim().durable);
        let target = target.expect("some configuration promises it");
        let mut settings = Settings::new(target, Kind::Register, Driver::Simulation, 1);
        settings.require = require.iter().map(|check| check.name().to_owned()).collect();
        settings
    }

    fn models(names: &[Consistency]) -> Named {
        Named { models: names.to_vec(), invariants: Vec::new() }
    }

    #[test]
    fn the_claim_is_required_unless_something_else_is() {
        let of = |require: &[Consistency]| {
            Requirement::new(&settings(Promise::Prefix, require), Kind::Register, &[])
        };
        let claim = of(&[]);
        assert_eq!((claim.by, claim.required[0]), (By::Claim, Consistency::Prefix));
        assert_eq!(
            claim.beyond,
            [Consistency::Linearizable],
            "a look is taken at what is stronger"
        );
        assert!(!claim.is_promised(Consistency::Linearizable));
        let named = of(&[Consistency::Linearizable]);
        assert_eq!((named.by, &named.required), (By::Flag, &vec![Consistency::Linearizable]));
        assert_eq!(
            named.beyond,
            [Consistency::Prefix, Consistency::Durable, Consistency::Convergent]
        );
        assert!(named.is_promised(Consistency::Prefix), "it is promised still");
    }

    #[test]
    fn a_stronger_order_implies_the_weaker() {
        let of = Requirement::new(&settings(Promise::Linearizable, &[]), Kind::Register, &[]);
        assert!(
            [Consistency::Linearizable, Consistency::Regular, Consistency::Prefix]
                .map(|it| of.is_promised(it))
                == [true; 3]
        );
        let of = Requirement::new(&settings(Promise::Regular, &[]), Kind::Register, &[]);
        assert!(!of.is_promised(Consistency::Linearizable) && of.is_promised(Consistency::Prefix));
    }

    #[test]
    fn nothing_is_required_of_a_claim_under_a_fault_that_it_does_not_cover() {
        let mut claim = settings(Promise::Linearizable, &[]).target.claim();
        assert!(claim.under.contains(&FaultKind::Kill));
        claim.under.retain(|&kind| kind != FaultKind::Kill);
        let of = |require: &[Consistency], faults: &[&str]| {
            Requirement::under(&claim, models(require), Kind::Register, faults)
        };
        assert_eq!(of(&[], &[]).required.len(), 3, "without the fault all of it is");
        let uncovered = of(&[], &["kill"]);
        assert!(uncovered.required.is_empty(), "{uncovered:?}");
        assert_eq!(uncovered.uncovered, [FaultKind::Kill]);
        assert!(
            uncovered.beyond.contains(&Consistency::Linearizable),
            "a look is taken: {uncovered:?}"
        );
        assert!(!uncovered.is_promised(Consistency::Linearizable));
        let named = of(&[Consistency::Linearizable], &["kill"]);
        assert_eq!(named.required, [Consistency::Linearizable], "what is named is required");
    }

    #[test]
    fn an_invariant_is_required_where_the_promises_imply_it() {
        let mut claim = settings(Promise::Prefix, &[]).target.claim();
        let of = |claim: &Claim, kind, require: &[Consistency]| {
            Requirement::under(claim, models(require), kind, &["kill"])
        };
        let bank = of(&claim, Kind::Bank, &[]);
        assert_eq!(bank.names().collect::<Vec<_>>(), ["bank"], "a stale read has the same total");
        let queue = of(&claim, Kind::Queue, &[]);
        assert_eq!(
            queue.names().collect::<Vec<_>>(),
            ["linearizable", "total-queue"],
            "no operation of a queue only reads, so none lags"
        );
        let named = of(&claim, Kind::Queue, &[Consistency::Linearizable]);
        assert_eq!(
            named.names().collect::<Vec<_>>(),
            ["linearizable"],
            "what is named, and no more"
        );
        assert_eq!(named.invariants, [Invariant::TotalQueue], "a look is taken");
        assert!(named.alone().invariants.is_empty());
        claim.durable = false;
        let lossy = of(&claim, Kind::Queue, &[]);
        assert_eq!(lossy.names().collect::<Vec<_>>(), ["linearizable"]);
        claim.under.retain(|&kind| kind != FaultKind::Kill);
        let uncovered = of(&claim, Kind::Bank, &[]);
        assert!(uncovered.names().next().is_none() && uncovered.promised_invariants.is_empty());
        assert_eq!(uncovered.invariants, [Invariant::Bank], "a look is taken");
    }

    #[test]
    fn where_registers_do_not_even_converge_under_a_fault_that_fault_is_not_covered() {
        let mut claim = settings(Promise::Linearizable, &[]).target.claim();
        claim.registers_only_converge_under = vec![FaultKind::ClockSkew];
        let of = |claim: &Claim| {
            Requirement::under(claim, Named::default(), Kind::Register, &["kill", "clock"])
        };
        let converges = of(&claim);
        assert_eq!(converges.required, [Consistency::Convergent]);
        assert!(converges.uncovered.is_empty(), "{converges:?}");
        claim.converges = false;
        let nothing = of(&claim);
        assert!(nothing.required.is_empty(), "{nothing:?}");
        assert_eq!(nothing.uncovered, [FaultKind::ClockSkew], "and the report names it");
    }
}
