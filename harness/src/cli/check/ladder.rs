//! Which consistency models a history keeps, and which it breaks, as text and as JSON.

use rashomon_checker::consistency::ConsistencyFamily;
use rashomon_checker::ladder::{Ladder, Rung, Standing, is_judged};
use rashomon_checker::{Anomaly, Consistency, Doubt, Verdict};
use serde::Serialize;

use crate::report::{Frame, Page, Screen, anomaly_text};

/// The ladder, for machines.
#[derive(Serialize)]
pub(super) struct LadderReport {
    strongest_held: Vec<&'static str>,
    weakest_broken: Vec<&'static str>,
    rungs: Vec<RungReport>,
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
    // Models of transactions do not apply to a history of single objects.
    let of_objects =
        |it: Consistency| it.family() != ConsistencyFamily::Transactions || is_judged(it);
    let unjudged = |rung: &Rung| match &rung.standing {
        Standing::NotJudged(why) if of_objects(rung.model) => Some(why.clone()),
        _ => None,
    };
    by_reason(frame, "unjudged", ladder, unjudged);
}

fn held(frame: &mut Frame, ladder: &Ladder) {
    let strongest = ladder.strongest_held();
    let others: Vec<&str> = ladder
        .rungs()
        .iter()
        .filter(|rung| rung.holds() && !strongest.contains(&rung.model))
        .map(|rung| rung.model.name())
        .collect();
    let also =
        if others.is_empty() { String::new() } else { format!("; so {}", others.join(", ")) };
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
    let others: Vec<&str> = ladder
        .rungs()
        .iter()
        .filter(|rung| rung.is_broken() && !weakest.contains(&rung.model))
        .filter(|rung| rung.model.family() != ConsistencyFamily::Transactions)
        .map(|rung| rung.model.name())
        .collect();
    if !others.is_empty() {
        frame.line("", &format!("so {}", others.join(", ")));
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
    let mut reasons: Vec<(String, Vec<&str>)> = Vec::new();
    for rung in ladder.rungs() {
        let Some(why) = reason(rung) else { continue };
        match reasons.iter_mut().find(|(known, _)| *known == why) {
            Some((_, models)) => models.push(rung.model.name()),
            None => reasons.push((why, vec![rung.model.name()])),
        }
    }
    for (why, models) in reasons {
        frame.line(label, &format!("{}: {why}", models.join(", ")));
        label = "";
    }
}

fn named(models: &[Consistency]) -> String {
    models.iter().map(|it| it.name()).collect::<Vec<_>>().join(", ")
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
