//! Why a run may be undecided, whatever its checks say.

use rashomon_checker::{History, Time, vacuity};
use rashomon_targets::FaultKind;

use super::Requirement;
use crate::doubt::{Doubt, Whose};
use crate::fault::Origin;
use crate::run::drive::{Driven, Ended, Rest, SpanOutcome};

/// Why the final reads of a run prove nothing, if so. The reason that explains the others is first.
pub(super) fn of_final_reads(driven: &Driven) -> Vec<Doubt> {
    let mut doubts: Vec<Doubt> = driven
        .breakdowns
        .iter()
        .map(|broken| {
            let what = format!("{} {}", broken.part, broken.what);
            let advice = match broken.whose {
                // It has not broken: there is something that it cannot do.
                Whose::Harness => "test a program that does not use it",
                Whose::Target | Whose::Environment | Whose::Budget => {
                    "find out why (the logs are in nodes/), then run it again"
                }
            };
            Doubt::new(broken.whose, what, advice)
        })
        .collect();
    // A part that broke explains copies that do not answer and a cluster that does not rest.
    let whose = doubts.first().map_or(Whose::Target, |doubt| doubt.whose);
    if let Some(first) = driven.unread.first() {
        let more = others(driven.unread.len() - 1);
        let what = format!(
            "the final read of {} at {} failed ({}), so that copy was not judged{more}",
            first.key, first.node, first.why
        );
        let advice = format!("look at nodes/{}/log, or try another --seed", first.node);
        doubts.push(Doubt::new(whose, what, advice));
    }
    if driven.rest == Rest::NotRested {
        doubts.push(Doubt::new(
            whose,
            "the cluster did not come to rest after the faults had ended",
            "look at the logs in nodes/, or lower the load (--rate, --processes)",
        ));
    }
    doubts
}

/// Why what final reads lack proves nothing, though nothing else is in doubt: the harness could not
/// observe whether the cluster had come to rest. What they do contain still counts, so that a run without such an anomaly
/// is not in doubt.
pub(super) fn of_rest(driven: &Driven) -> Option<Doubt> {
    (driven.rest == Rest::NotLooked).then(|| {
        Doubt::new(
            Whose::Harness,
            "the harness could not observe whether the cluster had come to rest",
            "read again later, or test a target that reports whether it is at rest",
        )
    })
}

/// Why the load and its faults tested less than was asked, if so.
pub(super) fn of_load(driven: &Driven) -> Vec<Doubt> {
    match driven.ended {
        Ended::InTime => of_spans(&driven.spans),
        // What was still to come was not tried, as was asked, and the report says so.
        Ended::Violation { .. } => Vec::new(),
        Ended::Interrupted { at } => vec![interrupted(at)],
    }
}

/// The run was interrupted.
pub(crate) fn interrupted(at: Time) -> Doubt {
    let what = format!("the run was interrupted at {at}; the rest of its plan was not tried");
    Doubt::new(Whose::Environment, what, "run it again without interrupting it")
}

/// Faults that did nothing, in one doubt for each reason. One that was drawn is not missed if another of its
/// kind did something.
fn of_spans(spans: &[SpanOutcome]) -> Vec<Doubt> {
    let (struck, to_come): (Vec<&SpanOutcome>, Vec<&SpanOutcome>) =
        spans.iter().partition(|outcome| outcome.struck.is_some());
    let worked: Vec<FaultKind> = struck
        .iter()
        .filter(|it| it.efficacy.had_effect())
        .map(|it| it.span.fault.kind())
        .collect();
    let is_missed = |it: &&SpanOutcome| match it.span.origin {
        Origin::Written => true,
        Origin::Drawn => !worked.contains(&it.span.fault.kind()),
    };
    let idle = struck.into_iter().filter(|it| !it.efficacy.had_effect()).filter(is_missed);
    let idle: Vec<_> = idle.collect();
    let mut doubts = Vec::new();
    if let Some(SpanOutcome { span, .. }) = to_come.first() {
        let what = format!(
            "fault {} ({}) was planned for {}, but the load ended before{}",
            span.id,
            span.fault,
            span.start,
            others(to_come.len() - 1)
        );
        doubts.push(Doubt::new(Whose::Harness, what, "give a longer --time or more --ops"));
    }
    if let Some(SpanOutcome { span, .. }) = idle.first() {
        let more = others(idle.len() - 1);
        let (fault, why) = (&span.fault, span.fault.about().idle);
        let what = format!("fault {} ({fault}) changed nothing: {why}{more}", span.id);
        let advice = "give more operations (--ops, --rate, --time) or another --seed";
        doubts.push(Doubt::new(Whose::Harness, what, advice));
    }
    doubts
}

/// That nothing was required, if so.
pub(super) fn of_requirement(requirement: &Requirement) -> Vec<Doubt> {
    if requirement.names().next().is_some() {
        return Vec::new();
    }
    let uncovered: Vec<&str> = requirement.uncovered.iter().map(|kind| kind.name()).collect();
    let (what, advice) = match uncovered[..] {
        [] => (
            "the target promises nothing that this workload can test".to_owned(),
            "say what to require (--require NAME), or give another --workload",
        ),
        _ => (
            format!("the target promises nothing under {}", uncovered.join(", ")),
            "say what to require (--require NAME), or leave those --faults out",
        ),
    };
    vec![Doubt::new(Whose::Harness, what, advice)]
}

/// That the same holds for others, which are only counted.
fn others(number: usize) -> String {
    match number {
        0 => String::new(),
        1 => "; the same holds for 1 other".to_owned(),
        more => format!("; the same holds for {more} others"),
    }
}

/// Why a history tests nothing, or next to nothing, if so.
pub(super) fn of_history(history: &History) -> Vec<Doubt> {
    // Where everything failed, the target did it; else the load was too thin.
    let whose = if history.counts().ok == 0 { Whose::Target } else { Whose::Harness };
    let advice =
        "give more operations (--ops, --time, --processes), fewer --faults or another --seed";
    let doubt = vacuity(history).map(|doubt| Doubt::new(whose, doubt.to_string(), advice));
    doubt.into_iter().collect()
}
