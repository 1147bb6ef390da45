//! A gate as XML of `JUnit`, as the schema of Ant's tasks has it (Windy Road, "JUnit.xsd"): a suite for each target
//! and workload, two cases for each of its cells, and a suite of planted bugs.

use std::time::SystemTime;

use rashomon_checker::{visible, visible_lines};
use rashomon_results::BaselineBugRecord;

use super::wording::{RegressionText, dropped, regressions, vanished};
use crate::gate::{HuntFate, Regression, ToldGate};
use crate::report::{count, thousands};

/// A suite of cases.
struct JunitSuite {
    name: String,
    cases: Vec<JunitCase>,
}

/// A case.
struct JunitCase {
    name: String,
    seconds: f64,
    outcome: JunitOutcome,
}

/// How a case ended.
enum JunitOutcome {
    Passed,
    /// Nothing is known, as it was not run, or not compared.
    Skipped,
    /// It is undecided, for this reason.
    Undecided(String),
    /// It failed: the kind, the first title, and the whole text.
    Failed(&'static str, String, String),
}

/// The report as XML.
pub(crate) fn gate_junit(told: &ToldGate<'_>) -> String {
    let texts = regressions(told);
    let found: Vec<(&Regression, &RegressionText)> =
        told.judged.regressions.iter().zip(&texts).collect();
    let mut suites: Vec<JunitSuite> = Vec::new();
    for number in 0..told.campaign.campaign.cells.len() {
        let names = &told.campaign.campaign.cells[number].names;
        let name = format!("{} / {}", names.target, names.workload);
        let cases = cases(told, number, &found);
        match suites.iter_mut().find(|suite| suite.name == name) {
            Some(suite) => suite.cases.extend(cases),
            None => suites.push(JunitSuite { name, cases: cases.into() }),
        }
    }
    let hunts = told.hunts.iter().map(|hunt| hunt_case(hunt, &found));
    let cases: Vec<JunitCase> = hunts.chain(told.dropped().into_iter().map(dropped_case)).collect();
    if !cases.is_empty() {
        suites.push(JunitSuite { name: "planted bugs".to_owned(), cases });
    }
    let mut text = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>\n");
    for (id, suite) in suites.iter().enumerate() {
        text.push_str(&suite.text(told, id));
    }
    text.push_str("</testsuites>\n");
    text
}

/// The cases of a cell: whether it keeps what is required, and whether it serves as before.
fn cases(
    told: &ToldGate<'_>,
    number: usize,
    found: &[(&Regression, &RegressionText)],
) -> [JunitCase; 2] {
    let names = &told.campaign.campaign.cells[number].names;
    let tally = &told.campaign.tally.cells[number];
    let has = |cell: u32| is_at(cell, number);
    let broken = failed(found, |it| match it {
        Regression::NewAnomaly { cells, .. } => cells.iter().any(|&cell| has(cell)),
        Regression::ClaimRefuted { cell, .. } => has(*cell),
        Regression::BugMissed(_) | Regression::FigureWorse { .. } => false,
    });
    let slower =
        failed(found, |it| matches!(it, Regression::FigureWorse { cell, .. } if has(*cell)));
    let place = format!("{}, {}, {}", names.faults, names.size, names.world);
    #[expect(clippy::cast_precision_loss, reason = "a figure for people")]
    let seconds = tally.wall_us as f64 / 1e6;
    [
        JunitCase {
            name: format!("keeps what is required: {place}"),
            seconds,
            outcome: broken.unwrap_or_else(|| kept(told, number)),
        },
        JunitCase {
            name: format!("serves as before: {place}"),
            seconds: 0.0,
            outcome: slower.unwrap_or_else(|| served(told, number)),
        },
    ]
}

fn is_at(cell: u32, number: usize) -> bool {
    usize::try_from(cell).is_ok_and(|cell| cell == number)
}

/// Whether a cell in which nothing new is broken keeps what is required.
fn kept(told: &ToldGate<'_>, number: usize) -> JunitOutcome {
    let tally = &told.campaign.tally.cells[number];
    let (runs, asked) = (tally.runs(), told.campaign.campaign.seeds.count);
    match tally.doubtful.as_ref().filter(|_| tally.leaves_doubt()) {
        _ if runs == 0 => JunitOutcome::Skipped,
        Some(it) => JunitOutcome::Undecided(format!("seed {}: {}", it.seed, it.why)),
        None if runs < asked => JunitOutcome::Undecided(format!(
            "{} of {} were made",
            thousands(runs),
            count(asked, "run")
        )),
        None => JunitOutcome::Passed,
    }
}

/// Whether a cell of which no figure is worse serves as before: if all of it was run, and compared.
fn served(told: &ToldGate<'_>, number: usize) -> JunitOutcome {
    let gone = told.judged.vanished.iter().filter(|(cell, _)| is_at(*cell, number));
    let gone: Vec<String> = gone.map(|&(_, figure)| vanished(figure)).collect();
    let is_compared = told.judged.comparisons.iter().any(|(cell, _)| is_at(*cell, number));
    let runs = told.campaign.tally.cells[number].runs();
    if !gone.is_empty() {
        JunitOutcome::Undecided(gone.join("; "))
    } else if is_compared && runs >= told.campaign.campaign.seeds.count {
        JunitOutcome::Passed
    } else {
        JunitOutcome::Skipped
    }
}

fn dropped_case(bug: &BaselineBugRecord) -> JunitCase {
    JunitCase {
        name: format!("{} is found: {}", bug.bug, bug.words),
        seconds: 0.0,
        outcome: JunitOutcome::Undecided(dropped(bug)),
    }
}

fn hunt_case(hunt: &crate::gate::BugHunt, found: &[(&Regression, &RegressionText)]) -> JunitCase {
    let is_it = |it: &Regression| matches!(it, Regression::BugMissed(missed) if missed == hunt);
    let outcome = failed(found, is_it).unwrap_or(match hunt.fate() {
        HuntFate::NotRun => JunitOutcome::Skipped,
        HuntFate::Caught | HuntFate::Missed | HuntFate::NotClean => JunitOutcome::Passed,
    });
    JunitCase {
        name: format!("{} is found: {}", hunt.lookout.bug.name, hunt.lookout.hunt.words),
        seconds: hunt.block.as_ref().map_or(0.0, |block| block.seconds),
        outcome,
    }
}

/// How a case failed, if one of these regressions is its own.
fn failed(
    found: &[(&Regression, &RegressionText)],
    is_own: impl Fn(&Regression) -> bool,
) -> Option<JunitOutcome> {
    let own: Vec<&RegressionText> =
        found.iter().filter(|(it, _)| is_own(it)).map(|(_, text)| *text).collect();
    let first = own.first()?;
    let told: Vec<String> = own
        .iter()
        .map(|it| {
            format!("{}: {}\n{}\nagain: {}\n", it.kind.name(), it.title, it.evidence, it.again)
        })
        .collect();
    Some(JunitOutcome::Failed(first.kind.name(), first.title.clone(), told.join("\n")))
}

impl JunitSuite {
    fn text(&self, told: &ToldGate<'_>, id: usize) -> String {
        let campaign = told.campaign.campaign;
        let count = |is_it: fn(&JunitOutcome) -> bool| {
            self.cases.iter().filter(|case| is_it(&case.outcome)).count()
        };
        let seconds: f64 = self.cases.iter().map(|case| case.seconds).sum();
        let mut text = format!(
            " <testsuite name=\"{}\" package=\"{}\" id=\"{id}\" timestamp=\"{}\" hostname=\"localhost\" \
             tests=\"{}\" failures=\"{}\" errors=\"{}\" skipped=\"{}\" time=\"{seconds:.3}\">\n",
            token(&self.name),
            token(&campaign.name),
            timestamp(told.began),
            self.cases.len(),
            count(|it| matches!(it, JunitOutcome::Failed(..))),
            count(|it| matches!(it, JunitOutcome::Undecided(_))),
            count(|it| matches!(it, JunitOutcome::Skipped)),
        );
        let build = told.campaign.build;
        let properties = [
            ("file", told.file.to_owned()),
            ("baseline", told.baseline_file.to_owned()),
            ("version", build.version.clone()),
            ("commit", build.commit.clone().unwrap_or_default()),
            ("seeds", format!("{}-{}", campaign.seeds.first, campaign.seeds.last())),
        ];
        text.push_str("  <properties>\n");
        for (name, value) in properties {
            let value = xml(&visible(&value));
            text.push_str(&format!("   <property name=\"{name}\" value=\"{value}\"/>\n"));
        }
        text.push_str("  </properties>\n");
        let class = token(&format!("{}.{}", campaign.name, self.name));
        for case in &self.cases {
            text.push_str(&case.text(&class));
        }
        text.push_str("  <system-out/>\n  <system-err/>\n </testsuite>\n");
        text
    }
}

impl JunitCase {
    fn text(&self, class: &str) -> String {
        let head = format!(
            "  <testcase name=\"{}\" classname=\"{class}\" time=\"{:.3}\"",
            token(&self.name),
            self.seconds
        );
        let message = |text: &str| xml(&visible(text));
        match &self.outcome {
            JunitOutcome::Passed => format!("{head}/>\n"),
            JunitOutcome::Skipped => format!("{head}><skipped/></testcase>\n"),
            JunitOutcome::Undecided(why) => format!(
                "{head}><error type=\"undecided\" message=\"{}\"/></testcase>\n",
                message(why)
            ),
            JunitOutcome::Failed(kind, title, body) => format!(
                "{head}><failure type=\"{kind}\" message=\"{}\">{}</failure></testcase>\n",
                message(title),
                xml(&visible_lines(body))
            ),
        }
    }
}

/// Text in which nothing is markup. What XML does not allow is hidden, and so shown by its number already.
fn xml(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&apos;"),
            _ => escaped.push(letter),
        }
    }
    escaped
}

/// Text without blanks at its ends or several in a row.
fn token(text: &str) -> String {
    let words: Vec<&str> = text.split_whitespace().collect();
    xml(&visible(&words.join(" ")))
}

/// A time as the schema wants it: of UTC, without a zone.
fn timestamp(time: SystemTime) -> String {
    let text = humantime::format_rfc3339_seconds(time).to_string();
    text.trim_end_matches('Z').to_owned()
}
