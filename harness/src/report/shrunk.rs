//! What came of shrinking a run: a page for people, an object for machines.

use rashomon_results::strict::{Header, Stamped};
use serde::Serialize;

use super::story::instant;
use super::{Sentence, count, thousands};
use crate::exit::Exit;
use crate::shrink::{ScenarioSize, ShrinkEnd, Shrunk};

/// What is shown of a run that was cut down.
pub(crate) struct ShrunkTold<'a> {
    /// What came of it.
    pub(crate) shrunk: &'a Shrunk,
    /// The folder of the run.
    pub(crate) run: &'a str,
    /// The file of the scenario.
    pub(crate) scenario: &'a str,
    /// What is wrong, in a sentence.
    pub(crate) summary: &'a str,
    /// What happens.
    pub(crate) story: &'a [Sentence],
    /// The same, drawn.
    pub(crate) drawing: &'a str,
}

impl ShrunkTold<'_> {
    /// The command that runs what is left.
    fn again(&self) -> String {
        format!("rashomon replay {}", self.scenario)
    }
}

/// The sizes, the story, the drawing, and the command. The first two lines say all that fits.
pub(crate) fn shrunk_text(told: &ShrunkTold<'_>) -> String {
    let Shrunk { failure, scenario, before, replays, ended, .. } = told.shrunk;
    let after = ScenarioSize::of(scenario);
    let part = |left: usize, of: usize, what: &str| {
        format!("{} of {}", thousands(left as u64), count(of as u64, what))
    };
    let more = match ended {
        ShrinkEnd::Least => "",
        ShrinkEnd::Budget => "; a larger --budget may leave less",
        ShrinkEnd::Interrupted => "; it was interrupted, and the same command may leave less",
    };
    let mut text = format!(
        "{failure}\nleft: {}, {}, {}, after {}{more}\n\n",
        part(after.operations, before.operations, "operation"),
        part(after.faults, before.faults, "fault"),
        part(after.nodes, before.nodes, "node"),
        count(*replays, "run"),
    );
    for (number, Sentence { time, text: what, .. }) in (1..).zip(told.story) {
        text.push_str(&format!("{number:>4}. {}  {what}\n", instant(*time)));
    }
    text.push_str(&format!("      so: {}\n\n{}\n", told.summary, told.drawing));
    text.push_str(&format!("  again     {}\n", told.again()));
    text
}

/// The object for machines.
#[derive(Debug, Serialize)]
pub(crate) struct ShrunkReport<'a> {
    exit: u8,
    run: &'a str,
    scenario: &'a str,
    again: String,
    failure: FailureTold,
    replays: u64,
    is_least: bool,
    before: SizeTold,
    after: SizeTold,
    story: Vec<SentenceTold<'a>>,
    drawing: &'a str,
}

/// How the run fails.
#[derive(Debug, Serialize)]
struct FailureTold {
    what: String,
    class: &'static str,
    summary: String,
}

/// How large a run is.
#[derive(Debug, Serialize)]
struct SizeTold {
    operations: usize,
    processes: usize,
    keys: usize,
    faults: usize,
    nodes: usize,
    decided: usize,
}

impl From<ScenarioSize> for SizeTold {
    fn from(size: ScenarioSize) -> Self {
        let ScenarioSize { operations, processes, keys, faults, nodes, decided } = size;
        Self { operations, processes, keys, faults, nodes, decided }
    }
}

/// A sentence of the story.
#[derive(Debug, Serialize)]
struct SentenceTold<'a> {
    time: u64,
    text: &'a str,
}

impl<'a> ShrunkReport<'a> {
    const HEADER: Header = Header { format: "rashomon-shrink", version: 1 };

    /// Of a run that was cut down.
    pub(crate) fn new(told: &ShrunkTold<'a>) -> Stamped<Self> {
        let Shrunk { failure, scenario, before, replays, ended, .. } = told.shrunk;
        let sentence = |it: &'a Sentence| SentenceTold { time: it.time, text: &it.text };
        Self::HEADER.on(Self {
            exit: Exit::Violation.number(),
            run: told.run,
            scenario: told.scenario,
            again: told.again(),
            failure: FailureTold {
                what: failure.to_string(),
                class: failure.class(),
                summary: told.summary.to_owned(),
            },
            replays: *replays,
            is_least: *ended == ShrinkEnd::Least,
            before: (*before).into(),
            after: ScenarioSize::of(scenario).into(),
            story: told.story.iter().map(sentence).collect(),
            drawing: told.drawing,
        })
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicBool, Ordering};

    use rashomon_targets::{Family, FaultKind, TargetConfig};
    use rashomon_workloads::Kind;

    use super::*;
    use crate::execute::{self, Keep, execute};
    use crate::judge::Outcome;
    use crate::run::drive::UntilStopped;
    use crate::settings::{Driver, Settings};
    use crate::shrink::{Shrinking, Start, shrink};

    /// Settings of a run that is a violation.
    fn failing() -> Settings {
        let mut target = TargetConfig::every(3..=3).swap_remove(0);
        target.bugs = Family::bug("pr-ack-before-fsync").into_iter().collect();
        let runs = (0..100).map(|seed| {
            let mut settings =
                Settings::new(target.clone(), Kind::Register, Driver::Simulation, seed);
            settings.faults = vec![FaultKind::Kill];
            (settings.time_ms, settings.ops) = (1000, Some(150));
            settings
        });
        let fails = |settings: &Settings| {
            let stop = AtomicBool::new(false);
            let plan = execute::plan(settings);
            let ended =
                execute(settings, &plan, Keep::default(), &mut UntilStopped(&stop)).unwrap();
            ended.judgement.outcome() == Outcome::Violation
        };
        runs.into_iter().find(fails).unwrap()
    }

    #[test]
    fn a_report_says_whether_the_budget_or_the_user_ended_it() {
        let settings = failing();
        let plan = execute::plan(&settings);
        // Stopped after this number of passes.
        for (budget, passes, says) in [
            (6, 100, Some("a larger --budget may leave less")),
            (100, 1, Some("it was interrupted")),
            (1_000, 100, None),
        ] {
            let stop = AtomicBool::new(false);
            let mut left = passes;
            let mut heard = |_: &str, _: u64, _: &ScenarioSize| {
                left -= 1;
                stop.store(left == 0, Ordering::Relaxed);
            };
            let start = Start::Run { settings: settings.clone(), plan: plan.clone() };
            let Shrinking::Shrunk(shrunk) =
                shrink(start, budget, &mut UntilStopped(&stop), &mut heard).unwrap()
            else {
                panic!("it fails in the same way")
            };
            let told = ShrunkTold {
                shrunk: &shrunk,
                run: "run",
                scenario: "run/shrunk.json",
                summary: "",
                story: &[],
                drawing: "",
            };
            let text = shrunk_text(&told);
            let (budget, interrupted) = ("--budget", "interrupted");
            for part in [budget, interrupted] {
                assert_eq!(text.contains(part), says.is_some_and(|it| it.contains(part)), "{text}");
            }
            let json = serde_json::to_value(ShrunkReport::new(&told)).unwrap();
            assert_eq!(json["is_least"], says.is_none(), "{json:#}");
        }
    }
}
