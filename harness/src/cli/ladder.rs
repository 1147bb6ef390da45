//! Which consistency models a history keeps, and which it breaks, as text and as JSON.

use rashomon_checker::consistency::ConsistencyFamily;
use rashomon_checker::k_atomic::{StaleByAge, Staleness};
use rashomon_checker::ladder::{Ladder, Rung, Standing, Subject};
use rashomon_checker::linearizability::Options;
use rashomon_checker::{Anomaly, Consistency, Doubt, Verdict};
use rashomon_workloads::Kind;
use serde::Serialize;

use crate::execute::Finished;
use crate::judge::{Outcome, Question};
use crate::report::{Frame, Page, Screen, anomaly_text, in_unit, stale_by_age, thousands};

/// The ladder, for machines.
#[derive(Serialize)]
pub(super) struct LadderReport {
    strongest_held: Vec<&'static str>,
    weakest_broken: Vec<&'static str>,
    rungs: Vec<RungReport>,
    staleness: Option<Staleness>,
    stale_by_age: Vec<StaleByAge>,
}

/// What was found about one model.
#[derive(Serialize)]
struct RungReport {
    consistency: &'static str,
    standing: &'static str,
    by: Option<&'static str>,
    anomaly: Option<Anomaly>,
    reasons: Vec<String>,
}

impl LadderReport {
    /// All rungs, in the order of [`Consistency::ALL`].
    pub(super) fn new(ladder: &Ladder) -> Self {
        let names = |models: Vec<Consistency>| models.into_iter().map(Consistency::name).collect();
        Self {
            strongest_held: names(ladder.strongest_held()),
            weakest_broken: names(ladder.weakest_broken()),
            rungs: ladder.rungs().iter().map(rung).collect(),
            staleness: ladder.staleness().copied(),
            stale_by_age: ladder.stale_by_age().to_vec(),
        }
    }
}

fn rung(rung: &Rung) -> RungReport {
    let mut report = RungReport {
        consistency: rung.model.name(),
        standing: "held",
        by: None,
        anomaly: None,
        reasons: Vec::new(),
    };
    match &rung.standing {
        Standing::Held => {}
        Standing::ImpliedBy(by) => (report.standing, report.by) = ("implied", Some(by.name())),
        Standing::Broken(anomaly) => {
            (report.standing, report.anomaly) = ("broken", Some(Anomaly::clone(anomaly)));
        }
        Standing::FallsWith(by) => (report.standing, report.by) = ("falls", Some(by.name())),
        Standing::Undecided(doubts) => {
            report.standing = "undecided";
            report.reasons = doubts.iter().map(Doubt::to_string).collect();
        }
        Standing::NotJudged(why) => {
            (report.standing, report.reasons) = ("not-judged", vec![why.clone()]);
        }
    }
    report
}

/// The answer to whether the history keeps `model`.
pub(super) fn answer(ladder: &Ladder, model: Consistency) -> Verdict<Anomaly> {
    ladder.verdict(model).unwrap_or_else(|| {
        let reason = match &ladder.rung(model).standing {
            Standing::NotJudged(why) => why.clone(),
            _ => "it was not judged".to_owned(),
        };
        Verdict::unknown(Doubt::Unjudged { consistency: model, reason })
    })
}

/// How the answer on `model` follows from that on another, if it does.
pub(super) fn follows(ladder: &Ladder, model: Consistency) -> Option<String> {
    match ladder.rung(model).standing {
        Standing::ImpliedBy(by) => Some(format!("{by} holds, and implies {model}")),
        Standing::FallsWith(by) => Some(format!("{model} implies {by}, which is broken")),
        _ => None,
    }
}

/// The ladder, for people: lines of the frame.
pub(super) fn lines(frame: &mut Frame, ladder: &Ladder) {
    held(frame, ladder);
    broken(frame, ladder);
    let undecided = |rung: &Rung| match &rung.standing {
        Standing::Undecided(doubts) => Some(doubts.first()?.to_string()),
        _ => None,
    };
    by_reason(frame, "undecided", ladder, undecided);
    let unjudged = |rung: &Rung| match &rung.standing {
        Standing::NotJudged(why) if applies(ladder, rung.model) => Some(why.clone()),
        _ => None,
    };
    by_reason(frame, "unjudged", ladder, unjudged);
    if let Some(staleness) = ladder.staleness().filter(|it| it.reads > 0) {
        frame.line("stale", &stale(staleness));
    }
    if ladder.staleness().is_some_and(|it| it.stale_reads > 0) {
        stale_by_age(frame, ladder.stale_by_age());
    }
}

/// Whether a model is one of such a history: of transactions, or of single objects.
fn applies(ladder: &Ladder, model: Consistency) -> bool {
    let is_of_transactions = |it: Consistency| it.family() == ConsistencyFamily::Transactions;
    let is_judged = |rung: &Rung| !matches!(rung.standing, Standing::NotJudged(_));
    // What is broken for single objects is broken for transactions, and so proves nothing.
    let weakest = ladder.rung(Consistency::ReadUncommitted);
    is_of_transactions(model) == is_judged(weakest)
}

/// How stale reads are, in one line.
fn stale(of: &Staleness) -> String {
    let Staleness { versions_behind: versions, time_behind_ns: times, .. } = of;
    let [p50, p99, max] = [times.p50, times.p99, times.max].map(in_unit);
    let k = match (of.k_least, of.k_most) {
        (Some(least), Some(most)) if least == most => format!("k-atomic for k = {least}"),
        (Some(least), Some(most)) => format!("k-atomic for some k from {least} to {most}"),
        (Some(1), None) => "smallest k not known".to_owned(),
        (Some(least), None) => format!("k-atomic for no k below {least}"),
        (None, _) => "k-atomic for no k".to_owned(),
    };
    let bound = of.bound_ns.map_or_else(String::new, |bound| format!(", bound {}", in_unit(bound)));
    format!(
        "{} of {} reads; versions behind p50 {}, p99 {}, max {}; time behind p50 {p50}, p99 {p99}, \
         max {max}; {k}{bound}",
        thousands(of.stale_reads),
        thousands(of.reads),
        versions.p50,
        versions.p99,
        versions.max,
    )
}

fn held(frame: &mut Frame, ladder: &Ladder) {
    let strongest = ladder.strongest_held();
    let others: Vec<Consistency> = ladder
        .rungs()
        .iter()
        .filter(|rung| rung.holds() && !strongest.contains(&rung.model))
        .map(|rung| rung.model)
        .collect();
    let also = if others.is_empty() { String::new() } else { format!("; so {}", named(&others)) };
    let text = match strongest.as_slice() {
        [] => "nothing".to_owned(),
        strongest => format!("{}{also}", named(strongest)),
    };
    frame.line("held", &text);
}

fn broken(frame: &mut Frame, ladder: &Ladder) {
    let weakest = ladder.weakest_broken();
    let mut label = "broken";
    for &model in &weakest {
        if let Standing::Broken(anomaly) = &ladder.rung(model).standing {
            let title = anomaly.class.title();
            frame.line(label, &format!("{model}: {title}; {}", anomaly.summary));
            label = "";
        }
    }
    let others: Vec<Consistency> = ladder
        .rungs()
        .iter()
        .filter(|rung| rung.is_broken() && !weakest.contains(&rung.model))
        .filter(|rung| applies(ladder, rung.model))
        .map(|rung| rung.model)
        .collect();
    if !others.is_empty() {
        frame.line("", &format!("so {}", named(&others)));
    }
    if weakest.is_empty() {
        frame.line("broken", "nothing that was judged");
    }
}

/// Models without a verdict: those with the same reason on one line, with this label.
fn by_reason(
    frame: &mut Frame,
    mut label: &str,
    ladder: &Ladder,
    reason: impl Fn(&Rung) -> Option<String>,
) {
    let mut reasons: Vec<(String, Vec<Consistency>)> = Vec::new();
    for rung in ladder.rungs() {
        let Some(why) = reason(rung) else { continue };
        match reasons.iter_mut().find(|(known, _)| *known == why) {
            Some((_, models)) => models.push(rung.model),
            None => reasons.push((why, vec![rung.model])),
        }
    }
    for (why, models) in reasons {
        frame.line(label, &format!("{}: {why}", named(&models)));
        label = "";
    }
}

/// The names of models, in their order. Of those in a row that differ in a number only, the first and the
/// last.
fn named(models: &[Consistency]) -> String {
    let differ_in_a_number = |one: &Consistency, other: &Consistency| {
        matches!(
            (one, other),
            (Consistency::KAtomic(_), Consistency::KAtomic(_))
                | (Consistency::BoundedStaleness(_), Consistency::BoundedStaleness(_))
        )
    };
    let told = |row: &[Consistency]| match row {
        [first, .., last] => format!("{first} to {last}"),
        [only] => only.to_string(),
        [] => String::new(),
    };
    models.chunk_by(differ_in_a_number).map(told).collect::<Vec<_>>().join(", ")
}

/// Each of the weakest broken models, with its witness drawn and explained, except `drawn`.
pub(super) fn stories(page: &mut Page, ladder: &Ladder, drawn: Option<&Anomaly>, screen: Screen) {
    for model in ladder.weakest_broken() {
        let Standing::Broken(anomaly) = &ladder.rung(model).standing else { continue };
        if drawn == Some(anomaly) {
            continue;
        }
        page.push_str(&format!("\nnot {model}: {}\n\n", anomaly.class.title()));
        page.push_str(&anomaly_text(anomaly, &[], screen));
    }
}

/// The ladder by itself.
pub(super) fn page(ladder: &Ladder, drawn: Option<&Anomaly>, screen: Screen) -> Page {
    let mut frame = Frame::plain(screen, "LADDER");
    lines(&mut frame, ladder);
    let mut page = frame.close();
    stories(&mut page, ladder, drawn, screen);
    page.push_str(
        "
",
    );
    page
}

/// A record, and the ladder that was asked for.
#[derive(Serialize)]
pub(super) struct WithLadder<'a, T> {
    #[serde(flatten)]
    record: &'a T,
    ladder: LadderReport,
}

impl<'a, T> WithLadder<'a, T> {
    /// Both.
    pub(super) fn new(record: &'a T, ladder: &Ladder) -> Self {
        Self { record, ladder: LadderReport::new(ladder) }
    }
}

/// The ladder of a run, from what its checks found on.
pub(super) fn climb(finished: &Finished, kind: Kind, options: &Options) -> Ladder {
    let mut ladder = Ladder::new();
    for finding in finished.judgement.checks.iter().filter(|it| it.judged) {
        let Question::Model(consistency) = finding.check else { continue };
        let standing = match (finding.outcome(), finding.anomalies.first()) {
            (Outcome::Violation, Some(anomaly)) => Standing::Broken(Box::new(anomaly.clone())),
            (Outcome::Valid, _) => Standing::Held,
            _ => {
                let reasons = finding
                    .doubts
                    .iter()
                    .map(|it| Doubt::Unjudged { consistency, reason: it.what.clone() });
                Standing::Undecided(reasons.collect())
            }
        };
        ladder.note(consistency, standing);
    }
    let subject = Subject::new(&finished.history, kind.model(), options);
    // What final reads prove, the judge of the run knows.
    let of_final_reads = [Consistency::Durable, Consistency::Convergent];
    if kind.has_order() {
        ladder.judge(&subject, |model| !of_final_reads.contains(&model));
        ladder.measure(&subject);
    }
    ladder
}
