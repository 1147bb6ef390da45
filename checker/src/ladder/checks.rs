//! Every check of the ladder, the cheapest first.

use super::{Standing, Subject};
use crate::consistency::{StalenessBound, Versions};
use crate::transactions::IsolationJudgement;
use crate::{
    Anomaly, AnomalyClass, Consistency, ConvergenceKind, Doubt, Verdict, bounded, causal,
    convergence, k_atomic, linearizability, pram, prefix, regular, safe, sequential, sessions,
    transactions,
};

/// Judges some models at once.
#[derive(Clone, Copy, Debug)]
pub struct LadderCheck {
    /// What it judges.
    pub models: &'static [Consistency],
    /// For each of those, in that order, what was found.
    pub judge: fn(&Subject<'_>) -> Vec<Standing>,
}

/// Every check, the cheapest first: O(n k) for the sessions, O(n k) for each session and round of PRAM
/// and causal memory, then what may have to search. Of those sequential consistency comes last: what is
/// linearizable is sequential.
pub const CHECKS: &[LadderCheck] = &[
    LadderCheck { models: &[Consistency::Durable, Consistency::Convergent], judge: final_reads },
    LadderCheck { models: &sessions::GUARANTEES, judge: guarantees },
    LadderCheck { models: &causal::MODELS, judge: causality },
    LadderCheck { models: &[Consistency::Pram], judge: one_order_of_writes },
    LadderCheck { models: &[Consistency::CausalMemory], judge: memory },
    LadderCheck { models: &[Consistency::Prefix], judge: beginnings },
    LadderCheck { models: &[Consistency::Regular], judge: last_writes },
    LadderCheck { models: &[Consistency::Safe], judge: last_writes_apart },
    LadderCheck { models: &[Consistency::Linearizable], judge: real_time },
    LadderCheck { models: &k_atomic::MODELS, judge: last_few_writes },
    LadderCheck { models: &bounded::MODELS, judge: by_how_much_time },
    LadderCheck { models: &[Consistency::Sequential], judge: one_order },
    LadderCheck { models: &transactions::MODELS, judge: isolation },
];

fn isolation(of: &Subject<'_>) -> Vec<Standing> {
    let none = |why: Standing| vec![why; transactions::MODELS.len()];
    if !transactions::are_there(of.history) {
        return none(Standing::NotJudged("the history has no transactions".to_owned()));
    }
    match transactions::check(of.history, &of.options.budget) {
        Err(doubt) => none(Standing::Undecided(vec![doubt])),
        Ok(report) => {
            let standing = |it| match report.of(it) {
                None => Standing::NotJudged("only what breaks it is looked for".to_owned()),
                Some(IsolationJudgement::Holds) => Standing::Held,
                Some(IsolationJudgement::Broken(at)) => {
                    Standing::Broken(Box::new(report.anomalies[*at].clone()))
                }
                Some(IsolationJudgement::Undecided(doubt)) => {
                    Standing::Undecided(vec![doubt.clone()])
                }
            };
            transactions::MODELS.into_iter().map(standing).collect()
        }
    }
}

fn guarantees(of: &Subject<'_>) -> Vec<Standing> {
    of.of_sessions(sessions::GUARANTEES, sessions::check)
}

fn causality(of: &Subject<'_>) -> Vec<Standing> {
    of.of_sessions(causal::MODELS, causal::check)
}

fn one_order_of_writes(of: &Subject<'_>) -> Vec<Standing> {
    of.of_sessions([Consistency::Pram], |sessions, budget| [pram::check(sessions, budget)])
}

fn memory(of: &Subject<'_>) -> Vec<Standing> {
    of.of_sessions([Consistency::CausalMemory], |sessions, budget| {
        [causal::check_memory(sessions, budget)]
    })
}

fn beginnings(of: &Subject<'_>) -> Vec<Standing> {
    vec![of_readable(
        of,
        |of| prefix::check(of.history, of.options).verdict,
        |of| prefix::check_objects(of.history, of.model, of.options),
    )]
}

fn last_writes(of: &Subject<'_>) -> Vec<Standing> {
    vec![of_readable(
        of,
        |of| regular::check(of.history, of.options).verdict,
        |of| regular::check_objects(of.history, of.model, of.options),
    )]
}

fn last_writes_apart(of: &Subject<'_>) -> Vec<Standing> {
    vec![of_registers(of, |of| safe::check(of.history, of.options).verdict)]
}

fn real_time(of: &Subject<'_>) -> Vec<Standing> {
    if transactions::are_there(of.history) {
        let why = "defined for operations on single objects, not for transactions";
        return vec![Standing::NotJudged(why.to_owned())];
    }
    let report = linearizability::check(of.history, of.model, of.options);
    vec![Subject::of_verdict(report.verdict)]
}

fn last_few_writes(of: &Subject<'_>) -> Vec<Standing> {
    let none = |why: Standing| vec![why; k_atomic::MODELS.len()];
    if !of.is_of_registers() {
        let why = format!("defined for registers, not for a {}", of.model);
        return none(Standing::NotJudged(why));
    }
    let view = match of.sessions() {
        Ok(view) => view,
        Err(why) => return none(of.undecided(why)),
    };
    if let Some(op) = view.first_update() {
        let reason = "k-atomicity is judged for reads and writes only, not for `cas`".to_owned();
        return none(Standing::Undecided(vec![Doubt::Unsupported { op, reason }]));
    }
    let versioned = of.versioned(view);
    let bounds = versioned.bounds();
    let standing = |versions: Versions| match versioned.breach(versions.get()) {
        Some(ops) => Standing::Broken(Box::new(k_atomic::anomaly(&versioned, versions, &ops))),
        None if bounds.is_some_and(|it| it.most <= versions.get()) => Standing::Held,
        None => of.out_of_budget("the smallest k is not known".to_owned()),
    };
    Versions::ALL.into_iter().map(standing).collect()
}

fn one_order(of: &Subject<'_>) -> Vec<Standing> {
    let begun = of.sessions().map_or(&[][..], |view| &view.ops[..]);
    of.of_sessions([Consistency::Sequential], |sessions, budget| {
        [sequential::check(sessions, begun, budget)]
    })
}

/// By how much time reads are out of date, at most: as few bounds are judged as decide all of them.
fn by_how_much_time(of: &Subject<'_>) -> Vec<Standing> {
    let bounds = StalenessBound::ALL;
    if !bounded::is_defined_for(of.model) || transactions::are_there(of.history) {
        return bounds.map(|_| not_readable(of)).into();
    }
    let found = bounded::check_all(of.history, of.model, of.options);
    let standing = |(at, _)| {
        if at >= found.held_from {
            Standing::Held
        } else if at >= found.broken_before {
            Standing::Undecided(found.doubts.clone())
        } else if let Some(anomaly) =
            found.anomaly.clone().filter(|_| at + 1 == found.broken_before)
        {
            Standing::Broken(Box::new(anomaly))
        } else {
            Standing::FallsWith(Consistency::BoundedStaleness(bounds[found.broken_before - 1]))
        }
    };
    bounds.into_iter().enumerate().map(standing).collect()
}

/// Judges registers by the first, other objects with reads by the second.
fn of_readable(
    of: &Subject<'_>,
    registers: impl FnOnce(&Subject<'_>) -> Verdict<Anomaly>,
    others: impl FnOnce(&Subject<'_>) -> Verdict<Anomaly>,
) -> Standing {
    if of.is_of_registers() {
        Subject::of_verdict(registers(of))
    } else if bounded::is_defined_for(of.model) && !transactions::are_there(of.history) {
        Subject::of_verdict(others(of))
    } else {
        not_readable(of)
    }
}

fn not_readable(of: &Subject<'_>) -> Standing {
    let why = format!("defined for registers, sets, counters and lists, not for a {}", of.model);
    Standing::NotJudged(why)
}

fn of_registers(
    of: &Subject<'_>,
    judge: impl FnOnce(&Subject<'_>) -> Verdict<Anomaly>,
) -> Standing {
    if of.is_of_registers() {
        return Subject::of_verdict(judge(of));
    }
    Standing::NotJudged(format!("defined for registers, not for a {}", of.model))
}

/// What the final reads of each replica show, if there are any.
fn final_reads(of: &Subject<'_>) -> Vec<Standing> {
    let none = |why: &str| vec![Standing::NotJudged(why.to_owned()); 2];
    let Some(kind) = ConvergenceKind::of(of.model) else {
        return none("final reads are judged for registers, sets, counters and lists only");
    };
    if !of.history.indices().any(|op| of.history.is_final(op)) {
        return none("the history has no final read of each replica");
    }
    let report = convergence::check(of.history, kind);
    let part = |wanted: fn(AnomalyClass) -> bool| {
        let found = report.verdict.anomalies().filter(|it| wanted(it.class)).cloned();
        let doubts = report.doubts.iter().cloned().map(Verdict::unknown);
        let all = found.map(Verdict::invalid).chain(doubts);
        Subject::of_verdict(all.fold(Verdict::valid("final-reads"), Verdict::and))
    };
    vec![part(|it| it != AnomalyClass::Divergence), part(|it| it == AnomalyClass::Divergence)]
}
