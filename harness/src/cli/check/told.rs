//! What is told of a history judged.

use rashomon_checker::formats::{Order, Tuples};
use rashomon_checker::{Doubt, Verdict, visible};
use serde_json::{Value, json};

use super::{Answered, CheckArgs, Checked, memory};
use crate::cli::output::Output;
use crate::doubt::Whose;
use crate::exit::Exit;
use crate::report::{Frame, Headline, Page, anomaly_text, thousands};

/// Doubts and anomalies that are told to people.
const FEW: usize = 3;

/// For machines: fields are only ever added.
pub(super) fn json(checked: &Checked, exit: Exit) -> Value {
    let checks: Vec<Value> = checked
        .answered
        .iter()
        .map(|it| {
            let guessed_from = it.guess.as_ref().map(|guess| &guess.functions);
            json!({
                "check": it.asked, "verdict": it.verdict, "found": it.found,
                "whose": it.verdict.doubts().map(Whose::of_checker).collect::<Vec<_>>(),
                "guessed_from": guessed_from.map(|all| all.iter().map(|f| &**f).collect::<Vec<_>>()),
            })
        })
        .collect();
    let notes = &checked.notes;
    json!({
        "schema": "rashomon.check/1", "file": checked.files.first(), "files": checked.files,
        "format": checked.format.name(),
        "operations": checked.tally.operations, "exit": exit.number(), "checks": checks,
        "doubts": checked.vacuous, "keys": checked.keys, "groups": checked.groups,
        "order": match notes.order { Order::Lines => "lines", Order::Times => "times" },
        "independent": match notes.tuples {
            Tuples::Plain => "no",
            Tuples::Given => "yes",
            Tuples::Assumed => "assumed",
        },
        "passed_over": {
            "nemesis_events": notes.nemesis_events, "other_lines": notes.other_lines,
            "torn_bytes": notes.torn.map(|torn| torn.bytes),
        },
        "notes": assumptions(checked),
        "try": advice(checked), "budget_bytes": checked.memory.0,
        "peak_bytes": memory::peak_bytes(),
    })
}

/// Says that the time was up before anything could be judged.
pub(super) fn time_up(args: &CheckArgs, output: &Output) {
    let doubt = format!(
        "the time was up after {} s, before anything could be judged; a larger --budget-seconds helps if more is to come",
        args.budget_seconds.unwrap_or(0)
    );
    if output.json {
        output.json(&json!({
            "schema": "rashomon.check/1", "file": args.files.first(), "files": args.files,
            "exit": Exit::Unknown.number(), "checks": [], "doubts": doubt,
        }));
    } else {
        output.result(&format!("? UNDECIDED: {doubt}\n"));
    }
}

/// What was passed over, and what was taken for granted, a sentence each.
fn assumptions(checked: &Checked) -> Vec<String> {
    let notes = &checked.notes;
    let mut told = Vec::new();
    if notes.order == Order::Times {
        told.push(match notes.disorder {
            Some(disorder) => format!(
                "events are taken by their times, as line {} is earlier than one before it",
                thousands(disorder.line)
            ),
            None => "events are taken by their times".to_owned(),
        });
    }
    if notes.tuples == Tuples::Assumed {
        told.push(
            "values are assumed to be [key value], as Jepsen's `independent` writes them; \
             --independent=no says that they are not"
                .to_owned(),
        );
    }
    let mut passed = Vec::new();
    if notes.nemesis_events > 0 {
        passed.push(format!("{} of the nemesis", counted(notes.nemesis_events, "event")));
    }
    if notes.other_lines > 0 {
        passed.push(format!("{} of something else", counted(notes.other_lines, "line")));
    }
    if let Some(torn) = &notes.torn {
        passed.push(format!("line {}, cut short after {} bytes", torn.line, torn.bytes));
    }
    if !passed.is_empty() {
        told.push(format!("passed over: {}", passed.join(", ")));
    }
    told
}

/// `1 event`, `2 events`.
fn counted(number: u64, what: &str) -> String {
    format!("{} {what}{}", thousands(number), if number == 1 { "" } else { "s" })
}

/// For people.
pub(super) fn page(checked: &Checked, exit: Exit, output: &Output) -> Page {
    let headline = Headline::of(exit);
    let aside = format!("{} · exit {}", checked.format.name(), exit.number());
    let mut frame = Frame::new(output.screen(), headline, &aside);
    for (file, label) in checked.files.iter().zip(["file"].into_iter().chain(std::iter::repeat("")))
    {
        frame.line(label, &file.display().to_string());
    }
    let objects = match checked.keys {
        0 => "one object".to_owned(),
        keys => format!("{} keys", thousands(keys)),
    };
    let mut read = format!(
        "{} operations on {objects}, up to {} at once",
        thousands(checked.tally.operations),
        checked.tally.peak_concurrency
    );
    if checked.groups > 1 {
        let memory = thousands(checked.memory.0 / 1_000_000);
        read.push_str(&format!(", in {} groups of keys to fit into {memory} MB", checked.groups));
    }
    frame.line("read", &read);
    for note in assumptions(checked) {
        frame.line("note", &note);
    }
    for answered in &checked.answered {
        lines(&mut frame, answered);
    }
    if let Some(doubt) = &checked.vacuous {
        frame.line("doubt", doubt);
    }
    if let Some(advice) = advice(checked) {
        frame.line("try", &advice);
    }
    let mut page = frame.close();
    let first = checked.answered.iter().find_map(|it| it.verdict.anomalies().next());
    if let Some(anomaly) = first {
        page.push_str("\n");
        page.push_str(&anomaly_text(anomaly, &[], output.glyphs));
    }
    let doubt = || checked.answered.iter().find_map(|it| it.verdict.doubts().next());
    let why = match first {
        Some(anomaly) => anomaly.class.title(),
        None => match doubt() {
            Some(doubt) => doubt.to_string(),
            None => checked.vacuous.clone().unwrap_or_else(|| "in this history".to_owned()),
        },
    };
    headline.repeat(&mut page, output.screen(), &why);
    page
}

fn lines(frame: &mut Frame, answered: &Answered) {
    let verdict = &answered.verdict;
    let sign = match verdict {
        Verdict::Valid { .. } => "✓",
        Verdict::Invalid { .. } => "✗",
        Verdict::Unknown { .. } => "?",
    };
    frame.line("asked", &format!("{sign} {}", answered.asked));
    if let Some(guess) = &answered.guess {
        let from = guess.functions.iter().map(|f| format!("`{}`", visible(f))).collect::<Vec<_>>();
        let from = if from.is_empty() { "no operations".to_owned() } else { from.join(", ") };
        frame.line("", &format!("the model is guessed from {from}; --model gives another"));
    }
    for anomaly in verdict.anomalies().take(FEW) {
        frame.line("found", &anomaly.summary);
    }
    for doubt in verdict.doubts().take(FEW) {
        frame.line("doubt", &format!("{}: {doubt}", Whose::of_checker(doubt).name()));
    }
    let told = verdict.anomalies().count().min(FEW) + verdict.doubts().count().min(FEW);
    let rest = answered.found.saturating_sub(told as u64);
    if rest > 0 {
        let listed = verdict.anomalies().count() + verdict.doubts().count();
        let all = if listed as u64 >= answered.found { "all" } else { "the first of them" };
        frame.line("", &format!("and {} more; --json has {all}", thousands(rest)));
    }
}

/// What may decide what was left undecided.
fn advice(checked: &Checked) -> Option<String> {
    let doubts = || checked.answered.iter().flat_map(|it| it.verdict.doubts());
    if doubts().any(|doubt| matches!(doubt, Doubt::Stopped { .. })) {
        return Some("a larger --budget-seconds".to_owned());
    }
    let memory = |doubt: &Doubt| matches!(doubt, Doubt::Unheld { .. } | Doubt::Unread { .. });
    if doubts().any(memory) {
        let now = checked.memory.0.div_ceil(1_000_000);
        return Some(format!("a larger --budget-memory than {} MB", thousands(now)));
    }
    let spent = |doubt: &Doubt| matches!(doubt, Doubt::BudgetSpent { .. });
    if doubts().any(spent) {
        let larger = "a larger --budget-configurations or --budget-memory, whichever was spent";
        return Some(larger.to_owned());
    }
    let unfit = |doubt: &Doubt| matches!(doubt, Doubt::Unsupported { .. });
    if doubts().any(unfit) {
        return Some("--model with another model (`rashomon list models`)".to_owned());
    }
    let thin = |doubt: &Doubt| matches!(doubt, Doubt::Vacuous { .. });
    doubts().any(thin).then(|| "a history in which more operations succeed".to_owned())
}
