//! Random small histories, judged by everything that can judge them.
//!
//! Four judges must agree: one that tries every order, the reference search with a memo, the
//! engine, and whatever [`linearizability::check`] chooses, each witness and each certificate
//! passing the separate verifier. A checker with a planted bug must be caught.

mod brute;
mod delayed;
mod finals;
mod generate;
mod growing;
mod k_atomic;
mod lagging;
mod switching;
mod transactions;
mod weak;

pub use delayed::delayed_case;
pub use finals::convergence_case;
pub use generate::{Chance, events, history};
pub use growing::growing_case;
pub use k_atomic::{k_atomic_case, k_atomic_history};
pub use lagging::lagging_case;
#[cfg(test)]
pub(crate) use lagging::{
    READABLE, RULES, compare_rule, compare_widened, lagging, lagging_in_time, told_by_places,
};
pub use switching::switching_case;
#[cfg(test)]
pub(crate) use transactions::{ToldPart, ToldTxn, report, transactions};
pub use transactions::{TxnObject, every_transactions_case, transactions_case};
pub use weak::{Alphabet, HeldModels, JUDGED, every_weak_case, sequential_case, weak_case};
#[cfg(test)]
pub(crate) use weak::{every_history, some_sessions};

use crate::linearizability::decode;
use crate::linearizability::search::engine::{self, Answer, Orders, Tuning};
use crate::linearizability::search::order::explains;
use crate::linearizability::{self, Certificates, FailedCas, Options, wgl};
use crate::{
    Anomaly, Budget, Call, EventKind, History, Model, ModelKind, OpIndex, Value, Verdict,
    WitnessOp, verify,
};

/// What all judges said of one history.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Agreed {
    /// There is an order.
    Linearizable,
    /// There is none.
    NotLinearizable,
}

/// Judges one random history of `model` every way there is.
///
/// # Errors
///
/// Tells the history and the verdicts if two judges disagree, or if evidence is refused.
pub fn case(model: ModelKind, seed: u64) -> Result<Agreed, String> {
    let history = history(model, &mut Chance::new(seed));
    let told = |what: String| {
        let lines: Vec<String> =
            history.iter().map(|op| format!("  {}", WitnessOp::new(&op))).collect();
        format!("{model} seed {seed}: {what}\n{}\n{history:?}", lines.join("\n"))
    };
    let ops: Vec<OpIndex> = history.indices().collect();
    let failed_cas =
        if seed.is_multiple_of(3) { FailedCas::Mismatched } else { FailedCas::SaysNothing };
    let answers = decode::with_model(model, &history, &ops, failed_cas, EveryWay)
        .map_err(|doubt| told(doubt.to_string()))?;
    let expected = answers[0].1;
    if let Some((judge, answer)) = answers.iter().find(|&&(_, answer)| answer != expected) {
        return Err(told(format!("brute force says {expected}, {judge} says {answer}")));
    }
    let options = Options { failed_cas, ..Options::default() };
    for certificates in [Certificates::Named, Certificates::Orders] {
        let options = Options { certificates, ..options.clone() };
        let report = linearizability::check(&history, model, &options);
        if report.verdict.is_valid() != expected || report.verdict.is_unknown() {
            return Err(told(format!("brute force says {expected}, check {report:?}")));
        }
        let evidence = evidence(&history, model, &report.verdict);
        evidence.map_err(|refused| told(format!("{refused}: {report:?}")))?;
    }
    Ok(if expected { Agreed::Linearizable } else { Agreed::NotLinearizable })
}

fn evidence(
    history: &History,
    model: ModelKind,
    verdict: &Verdict<Anomaly>,
) -> Result<(), verify::Refused> {
    for anomaly in verdict.anomalies() {
        verify::anomaly(anomaly)?;
    }
    match verdict {
        Verdict::Valid { certificate } if !certificate.orders.is_empty() => {
            verify::certificate(history, model, certificate)
        }
        Verdict::Valid { .. } | Verdict::Invalid { .. } | Verdict::Unknown { .. } => Ok(()),
    }
}

/// Judges one random history of some fifty operations by whatever [`linearizability::check`] chooses
/// and by search, which must agree, each with its evidence.
///
/// # Errors
///
/// Tells the seed and the verdicts if they disagree, or if evidence is refused.
pub fn long_case(model: ModelKind, seed: u64) -> Result<Option<Agreed>, String> {
    let chance = &mut Chance::new(seed);
    let operations = 20 + chance.below(60);
    let history = History::from_events(generate::events_of(model, operations, chance))
        .expect("the events are well formed");
    let failed_cas =
        if seed.is_multiple_of(3) { FailedCas::Mismatched } else { FailedCas::SaysNothing };
    let budget = Budget { configurations: 5_000, ..Budget::default() };
    let check = |certificates| {
        let options =
            Options { failed_cas, certificates, budget: budget.clone(), ..Options::default() };
        linearizability::check(&history, model, &options).verdict
    };
    let (chosen, searched) = (check(Certificates::Named), check(Certificates::Orders));
    let told = |what: &str| format!("{model} long seed {seed}: {what}: {chosen:?}, {searched:?}");
    for verdict in [&chosen, &searched] {
        evidence(&history, model, verdict).map_err(|refused| told(&refused.to_string()))?;
    }
    if chosen.is_unknown() || searched.is_unknown() {
        return Ok(None);
    }
    if chosen.is_valid() != searched.is_valid() {
        return Err(told("they disagree"));
    }
    let valid = chosen.is_valid();
    Ok(Some(if valid { Agreed::Linearizable } else { Agreed::NotLinearizable }))
}

/// Judges one random history with many operations of unknown outcome by the reference and by the engine,
/// which must agree. Nothing if that is too hard for one of them.
///
/// # Errors
///
/// Tells the history if they disagree.
pub fn crashed_case(model: ModelKind, seed: u64) -> Result<Option<Agreed>, String> {
    let chance = &mut Chance::new(seed);
    let operations = 6 + chance.below(10);
    let odds = 2 + chance.below(3);
    let mut events = generate::events_of(model, operations, chance);
    for event in &mut events {
        if event.kind == EventKind::Ok && &*event.f != "read" && chance.one_in(odds) {
            (event.kind, event.value) = (EventKind::Info, Value::Nil);
        }
    }
    let history = History::from_events(events).expect("the events are well formed");
    let ops: Vec<OpIndex> = history.indices().collect();
    let answers = decode::with_model(model, &history, &ops, FailedCas::SaysNothing, InTurns)
        .map_err(|doubt| doubt.to_string())?;
    let mut told = answers.into_iter().flatten();
    let Some(expected) = told.next() else { return Ok(None) };
    if told.any(|answer| answer != expected) {
        let ops: Vec<String> =
            history.iter().map(|op| format!("  {}", WitnessOp::new(&op))).collect();
        return Err(format!("{model} crashed seed {seed}: {answers:?}\n{}", ops.join("\n")));
    }
    if answers.contains(&None) {
        return Ok(None);
    }
    Ok(Some(if expected { Agreed::Linearizable } else { Agreed::NotLinearizable }))
}

/// Judges by the reference, and by the engine with turns small and large; the last one tells an order,
/// which must replay.
struct InTurns;

impl decode::ModelTask for InTurns {
    type Answer = [Option<bool>; 5];

    fn judge<M: Model>(self, model: &M, calls: Vec<Call<M::Op, M::Ret>>) -> Self::Answer {
        let budget = Budget { configurations: 100_000, ..Budget::default() };
        let whole = Tuning { piece: usize::MAX / 2, turn: 1, hard: 0, width: 1 };
        let wide = Tuning { turn: 3, width: 4, ..whole };
        let broad = Tuning { hard: u64::MAX, ..whole };
        let ways = [
            (whole, Orders::Untold),
            (wide, Orders::Untold),
            (broad, Orders::Untold),
            (whole, Orders::Told),
        ];
        let [turns, wide, broad, told] = ways.map(|(tuning, orders)| {
            match engine::search_with(model, &calls, &budget, orders, tuning).answer {
                Answer::Linearizable(Some(order)) => Some(explains(model, &calls, order)),
                Answer::Linearizable(None) => Some(true),
                Answer::Violation { .. } => Some(false),
                Answer::Spent | Answer::Stopped => None,
            }
        });
        [wgl::search(model, &calls, &budget).linearizable, turns, wide, broad, told]
    }
}

struct EveryWay;

impl decode::ModelTask for EveryWay {
    type Answer = Vec<(&'static str, bool)>;

    fn judge<M: Model>(self, model: &M, calls: Vec<Call<M::Op, M::Ret>>) -> Self::Answer {
        let budget = Budget::default();
        let left: Vec<_> = calls.iter().collect();
        let search = engine::search(model, &calls, &budget, Orders::Told);
        // Pieces and turns as small as can be, since the histories are.
        let tuning = Tuning { piece: 2, turn: 1, hard: 2, width: 1 };
        let pieces = engine::search_with(model, &calls, &budget, Orders::Untold, tuning);
        let tuning = Tuning { piece: usize::MAX / 2, turn: 1, hard: 0, width: 1 };
        let turns = engine::search_with(model, &calls, &budget, Orders::Untold, tuning);
        vec![
            ("brute force", brute::linearizable(model, &left, &model.init())),
            ("reference", wgl::search(model, &calls, &budget).linearizable == Some(true)),
            ("engine", matches!(search.answer, Answer::Linearizable(Some(_)))),
            ("engine in turns", matches!(turns.answer, Answer::Linearizable(_))),
            ("engine in pieces", matches!(pieces.answer, Answer::Linearizable(_))),
        ]
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::panic;

    use super::*;
    use crate::plant::{self, Bug};
    use crate::{AnomalyClass, ConvergenceKind};

    fn agree(model: ModelKind, cases: u64) {
        let mut invalid = 0;
        for seed in 0..cases {
            match case(model, seed) {
                Ok(Agreed::Linearizable) => {}
                Ok(Agreed::NotLinearizable) => invalid += 1,
                Err(told) => panic!("{told}"),
            }
        }
        let share = invalid * 100 / cases;
        assert!((10..=90).contains(&share), "{model}: {share} % of the histories are invalid");
    }

    /// How many of `cases` histories are linearizable, are not, and are too hard.
    fn counts(cases: u64, case: impl Fn(u64) -> Result<Option<Agreed>, String>) -> [u32; 3] {
        let mut counts = [0; 3];
        for seed in 0..cases {
            match case(seed) {
                Ok(Some(Agreed::Linearizable)) => counts[0] += 1,
                Ok(Some(Agreed::NotLinearizable)) => counts[1] += 1,
                Ok(None) => counts[2] += 1,
                Err(told) => panic!("{told}"),
            }
        }
        counts
    }

    #[test]
    fn what_search_says_of_longer_histories_monitors_say_too() {
        // Of identifiers the search has no small witness: each order of those before is tried. Small
        // histories of them are judged by all in a test of their own.
        let searched = ModelKind::ALL.into_iter().filter(|&it| it != ModelKind::UniqueIds);
        for model in searched {
            let [valid, invalid, unknown] = counts(150, |seed| long_case(model, seed));
            assert!(
                valid > 10 && invalid > 10,
                "{model}: {valid} valid, {invalid} not, {unknown} too hard"
            );
            assert!(unknown < 40, "{model}: {unknown} too hard to search");
        }
    }

    #[test]
    fn what_does_not_converge_is_witnessed_and_lost_writes_are_not_linearizable() {
        let mut classes: BTreeMap<AnomalyClass, u32> = BTreeMap::new();
        let kinds = [
            ConvergenceKind::Register,
            ConvergenceKind::MultiValue,
            ConvergenceKind::Set,
            ConvergenceKind::Counter,
            ConvergenceKind::List,
        ];
        for kind in kinds {
            let seeds = match kind {
                ConvergenceKind::List => 5_000,
                // Elements that come back are rare.
                ConvergenceKind::Set => 80_000,
                _ => 20_000,
            };
            for seed in 0..seeds {
                let verdict = convergence_case(kind, seed).unwrap();
                for anomaly in verdict.anomalies() {
                    *classes.entry(anomaly.class).or_default() += 1;
                }
            }
        }
        let wanted = [
            AnomalyClass::LostWrite,
            AnomalyClass::Divergence,
            AnomalyClass::LostElement,
            AnomalyClass::ResurrectedElement,
            AnomalyClass::PhantomElement,
            AnomalyClass::CounterOutOfBounds,
        ];
        for class in wanted {
            assert!(classes.get(&class) > Some(&3), "{class} is rare: {classes:?}");
        }
    }

    /// Whether a planted mistake is noticed among the first `cases` histories.
    fn is_caught(bug: Bug, model: ModelKind, cases: u64) -> bool {
        (0..cases).any(|seed| plant::with(bug, || case(model, seed)).is_err())
    }

    #[test]
    fn each_mistake_planted_in_the_chains_is_caught() {
        let bugs = [
            Bug::ChainForgetOrder,
            Bug::ChainForgetRivals,
            Bug::ChainForgetLoops,
            Bug::ChainForgetLost,
            Bug::ChainForgetFailed,
            Bug::MismatchTrustAnyLater,
            Bug::MismatchTrustAnyEarlier,
        ];
        for bug in bugs {
            assert!(is_caught(bug, ModelKind::CasRegister, 40_000), "{bug:?} was not noticed");
        }
    }

    #[test]
    fn each_mistake_planted_in_the_search_is_caught() {
        let bugs = [
            Bug::SearchIgnoreLostInDominance,
            Bug::SearchIgnoreSeenInDominance,
            Bug::SearchForgetLost,
            Bug::SearchTakeAnyRead,
            Bug::PieceForgetLost,
            Bug::PieceTrustAnyRest,
            Bug::RestForgetOthers,
        ];
        for bug in bugs {
            assert!(is_caught(bug, ModelKind::CasRegister, 40_000), "{bug:?} was not noticed");
        }
    }

    #[test]
    fn the_engine_agrees_with_the_reference_where_much_is_lost() {
        let lossy = [
            ModelKind::CasRegister,
            ModelKind::Queue,
            ModelKind::Set,
            ModelKind::Stack,
            ModelKind::Deque,
            ModelKind::Mutex,
        ];
        for model in lossy {
            let [valid, invalid, unknown] = counts(4_000, |seed| crashed_case(model, seed));
            assert!(
                valid > 200 && invalid > 200 && unknown < 800,
                "{model}: {valid} valid, {invalid} not, {unknown} too hard"
            );
        }
    }

    #[test]
    fn each_mistake_planted_in_the_use_of_what_is_lost_is_caught() {
        for bug in [Bug::SearchNeedNothing, Bug::NarrowForgetCuts] {
            for model in [ModelKind::CasRegister, ModelKind::Queue, ModelKind::Stack] {
                let wrong = |seed| plant::with(bug, || crashed_case(model, seed)).is_err();
                assert!((0..20_000).any(wrong), "{bug:?} was not noticed on {model}");
            }
        }
    }

    #[test]
    fn a_mistake_planted_in_what_the_narrow_search_remembers_is_caught() {
        for model in [ModelKind::CasRegister, ModelKind::Queue, ModelKind::Stack] {
            // Branches that lead nowhere are a panic, where they are followed again.
            let wrong = |seed| {
                let case = || plant::with(Bug::TrailForgetFirst, || crashed_case(model, seed));
                !matches!(panic::catch_unwind(case), Ok(Ok(_)))
            };
            assert!((0..20_000).any(wrong), "it was not noticed on {model}");
        }
    }

    #[test]
    fn each_mistake_planted_in_the_longest_read_is_caught() {
        let bugs = [
            (Bug::GrowthForgetWithin, ModelKind::Kv),
            (Bug::GrowthForgetBetween, ModelKind::Kv),
            (Bug::GrowthForgetPrefixes, ModelKind::ListAppend),
        ];
        for (bug, model) in bugs {
            assert!(is_caught(bug, model, 20_000), "{bug:?} was not noticed");
        }
    }

    #[test]
    fn each_mistake_planted_in_convergence_is_caught() {
        let bugs = [
            (Bug::ConvergeForgetOverlap, ConvergenceKind::Register),
            (Bug::ConvergeAlwaysApart, ConvergenceKind::Register),
            (Bug::ConvergeMissedIsLost, ConvergenceKind::Set),
            (Bug::ConvergeForgetReadd, ConvergenceKind::Set),
            (Bug::ConvergeCountUnknown, ConvergenceKind::Counter),
        ];
        for (bug, kind) in bugs {
            let wrong = |seed| plant::with(bug, || convergence_case(kind, seed)).is_err();
            assert!((0..30_000).any(wrong), "{bug:?} was not noticed");
        }
    }

    #[test]
    fn all_judges_agree_on_registers() {
        agree(ModelKind::Register, 10_000);
    }

    #[test]
    fn all_judges_agree_on_registers_with_cas() {
        agree(ModelKind::CasRegister, 10_000);
    }

    #[test]
    fn all_judges_agree_on_texts() {
        agree(ModelKind::Kv, 2_000);
    }

    #[test]
    fn all_judges_agree_on_lists() {
        agree(ModelKind::ListAppend, 2_000);
    }

    #[test]
    fn all_judges_agree_on_sets() {
        agree(ModelKind::Set, 2_000);
    }

    #[test]
    fn all_judges_agree_on_counters() {
        agree(ModelKind::Counter, 2_000);
    }

    #[test]
    fn all_judges_agree_on_locks() {
        agree(ModelKind::Mutex, 2_000);
    }

    #[test]
    fn all_judges_agree_on_echoes() {
        agree(ModelKind::Echo, 2_000);
    }

    #[test]
    fn all_judges_agree_on_identifiers() {
        agree(ModelKind::UniqueIds, 2_000);
        assert!(is_caught(Bug::IdsForgetNext, ModelKind::UniqueIds, 5_000));
    }

    #[test]
    fn all_judges_agree_on_deques() {
        agree(ModelKind::Deque, 2_000);
    }

    #[test]
    fn all_judges_agree_on_containers() {
        agree(ModelKind::Queue, 2_000);
        agree(ModelKind::Stack, 2_000);
        agree(ModelKind::PriorityQueue, 2_000);
    }
}
