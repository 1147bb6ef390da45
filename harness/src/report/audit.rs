//! An audit, for people: each claim with the runs that it survived, and the models above it with the runs that
//! refute them.

mod json;
mod markdown;

use std::time::Duration;

use rashomon_checker::visible;

use super::{Headline, Page, Paint, Screen, count, thousands, to_copy};
use crate::audit::{
    AuditedClass, AuditedDesign, ClaimTally, ModelPlace, Refutation, StrongerModel,
};
use crate::campaign::{Cut, SeedRange, wilson};
use crate::exit::Exit;

pub(crate) use json::audit_report;
pub(crate) use markdown::audit_markdown;

/// An audit as far as it came.
#[derive(Debug)]
pub(crate) struct ToldAudit<'a> {
    /// The designs.
    pub(crate) designs: &'a [AuditedDesign],
    /// The seeds of each design with each workload.
    pub(crate) seeds: SeedRange,
    /// Runs that were made.
    pub(crate) runs: u64,
    /// Runs that were asked for.
    pub(crate) planned: u64,
    /// What ended it early, if anything did.
    pub(crate) cut: Option<Cut>,
    /// How long it took.
    pub(crate) elapsed: Duration,
}

impl ToldAudit<'_> {
    /// A claim that is refuted is a violation; one that no run decided is undecided. A stronger model that no run
    /// refutes is neither.
    pub(crate) fn exit(&self) -> Exit {
        let of_one = |design: &AuditedDesign| match design {
            it if it.is_refuted() => Exit::Violation,
            it if it.is_undecided() => Exit::Unknown,
            _ => Exit::Valid,
        };
        let exit = self.designs.iter().map(of_one).fold(Exit::Valid, Exit::and);
        if self.cut == Some(Cut::Interrupted) { exit.and(Exit::Interrupted) } else { exit }
    }
}

/// The report for a terminal.
pub(crate) fn audit_page(told: &ToldAudit<'_>, screen: Screen) -> Page {
    let mut page = Page::default();
    let mut push = |text: &str| page.push_str(&screen.glyphs.fit(text));
    push(&format!(
        "audit   {}   {} in simulation   seeds {}-{}   {:.1} s\n",
        count(told.designs.len() as u64, "design"),
        count(told.runs, "run"),
        told.seeds.first,
        told.seeds.first + (told.seeds.count - 1),
        told.elapsed.as_secs_f64()
    ));
    let is_alone = told.designs.len() == 1;
    for design in told.designs {
        page.push_str(&screen.glyphs.fit(&format!("\n{}\n", visible(&title(design)))));
        for (class, check, tally) in design.claims() {
            claim(&mut page, (class, check), tally, screen);
        }
        for (class, of) in &design.classes {
            if !of.stronger().is_empty() {
                page.push_str(&format!("   above the claim, for {}:\n", class.name()));
            }
            if is_alone {
                models(&mut page, of, screen);
            } else {
                summary(&mut page, of, screen);
            }
        }
    }
    if let Some(cut) = cut(told) {
        page.push_str(&format!("\n {cut}\n"));
    }
    Headline::of(told.exit()).repeat(&mut page, screen, &conclusion(told));
    page
}

/// What a design is called.
fn title(design: &AuditedDesign) -> String {
    let target = &design.target;
    format!("{} {}, {} nodes", target.name(), target.variant(), target.nodes)
}

/// A claim, and what was found.
fn claim(page: &mut Page, (class, check): (&str, &str), tally: &ClaimTally, screen: Screen) {
    let (sign, paint) = sign(tally);
    page.push_str(" ");
    page.paint(paint, &screen.glyphs.fit(sign));
    page.push_str(&screen.glyphs.fit(&format!(" {class:<16} {check:<22} {}\n", figures(tally))));
    if let Some((again, why)) = &tally.first {
        page.push_str(&screen.glyphs.fit(&format!("   {}\n", visible(why))));
        to_copy(page, "again", again);
    }
}

/// The sign of a claim, and its colour.
fn sign(tally: &ClaimTally) -> (&'static str, Paint) {
    match (tally.refuted, tally.decided()) {
        (0, 0) => ("?", Paint::Yellow),
        (0, _) => ("✓", Paint::Green),
        _ => ("✗", Paint::Red),
    }
}

/// `survived 33 of 33 runs, at most 10.4 % break it (3 undecided)`.
fn figures(tally: &ClaimTally) -> String {
    let decided = tally.decided();
    let unknown = match tally.unknown {
        0 => String::new(),
        unknown => format!(", {} undecided", thousands(unknown)),
    };
    match wilson(tally.refuted, decided) {
        None => format!("no run decided it{unknown}"),
        Some([_, most]) if tally.refuted == 0 => format!(
            "survived {} of {}, at most {:.1} % break it{unknown}",
            thousands(tally.survived),
            count(decided, "run"),
            most * 100.0
        ),
        Some([least, most]) => format!(
            "REFUTED in {} of {} ({:.1}-{:.1} %){unknown}",
            thousands(tally.refuted),
            count(decided, "run"),
            least * 100.0,
            most * 100.0
        ),
    }
}

/// Where a model is above the claim, in a word.
fn place(model: &StrongerModel) -> &'static str {
    match model.place {
        ModelPlace::Next => "next",
        ModelPlace::Above => "above",
        ModelPlace::Top => "top",
    }
}

/// What became of a model, without the command.
fn fate(model: &StrongerModel) -> String {
    match &model.refuted {
        None => format!("not refuted in {}", count(model.runs, "run")),
        Some(by) if by.by == model.model => format!("refuted by seed {}: {}", by.seed, by.why),
        Some(by) => format!("refuted with {}, which it implies, by seed {}", by.by, by.seed),
    }
}

/// The models above the claim, each with the run that refutes it.
fn models(page: &mut Page, of: &AuditedClass, screen: Screen) {
    let all = of.stronger();
    let mut told: Vec<&str> = Vec::new();
    for model in &all {
        let sign = if model.refuted.is_some() { "✗" } else { "–" };
        page.push_str(&screen.glyphs.fit(&format!(
            "   {:<5} {sign} {:<22} {}\n",
            place(model),
            model.model,
            visible(&fate(model))
        )));
        // A command that several of them rest on stands once: with the model that it refutes by itself, if that is
        // here.
        let is_told = |by: &Refutation, told: &[&str]| {
            let is_of_other = by.by != model.model && all.iter().any(|it| it.model == by.by);
            is_of_other || told.contains(&by.again.as_str())
        };
        if let Some(by) = model.refuted.as_ref().filter(|by| !is_told(by, &told)) {
            to_copy(page, "   again", &by.again);
            told.push(&by.again);
        }
    }
}

/// The same in two lines and one command.
fn summary(page: &mut Page, of: &AuditedClass, screen: Screen) {
    let all = of.stronger();
    let names = |is_refuted: bool| {
        let chosen = all.iter().filter(|it| it.refuted.is_some() == is_refuted);
        chosen.map(|it| it.model.to_string()).collect::<Vec<_>>().join(", ")
    };
    let (refuted, open) = (names(true), names(false));
    if !refuted.is_empty() {
        page.push_str(&screen.glyphs.fit(&format!("   stronger, refuted: {refuted}\n")));
    }
    if !open.is_empty() {
        page.push_str(&screen.glyphs.fit(&format!("   stronger, not refuted: {open}\n")));
    }
    if let Some(by) = all.iter().find_map(|it| it.refuted.as_ref()) {
        to_copy(page, "   again", &by.again);
    }
}

/// What was not run, if anything.
fn cut(told: &ToldAudit<'_>) -> Option<String> {
    let why = match told.cut? {
        Cut::Interrupted => "it was interrupted",
        Cut::Budget => "the budget is spent",
    };
    let (runs, planned) = (thousands(told.runs), count(told.planned, "run"));
    Some(format!("{runs} of {planned} were made: {why}"))
}

/// Claims weaker than linearizability, and for how many of them a stronger model is refuted.
fn conclusion(told: &ToldAudit<'_>) -> String {
    let claims = told.designs.iter().flat_map(AuditedDesign::claims);
    let (mut all, mut refuted, mut undecided) = (0, 0, 0);
    for (_, _, tally) in claims {
        all += 1;
        refuted += u64::from(tally.refuted > 0);
        undecided += u64::from(tally.decided() == 0);
    }
    let classes = told.designs.iter().flat_map(|design| design.classes.values());
    let weaker: Vec<Vec<StrongerModel>> =
        classes.map(AuditedClass::stronger).filter(|it| !it.is_empty()).collect();
    let tight = weaker.iter().filter(|it| it.iter().any(|model| model.refuted.is_some())).count();
    let weaker = if weaker.is_empty() {
        String::new()
    } else {
        format!("; above {tight} of {} weak ones, a stronger one is refuted", weaker.len())
    };
    let open = match undecided {
        0 => String::new(),
        undecided => format!(", {} undecided", thousands(undecided)),
    };
    match refuted {
        0 => format!("{} survived{open}{weaker}", count(all - undecided, "claim")),
        _ => format!("{refuted} of {} refuted{open}{weaker}", count(all, "claim")),
    }
}
