//! What is told of a history judged.

use rashomon_checker::{Doubt, Verdict, visible};
use serde_json::{Value, json};

use super::{Answered, CheckArgs, Checked, memory};
use crate::cli::output::Output;
use crate::exit::Exit;
use crate::report::{Frame, Headline, Page, anomaly_text, thousands};

/// Doubts and anomalies that are told to people.
const FEW: usize = 3;

/// For machines: fields are only ever added.
pub(super) fn json(args: &CheckArgs, checked: &Checked, exit: Exit) -> Value {
    let checks: Vec<Value> = checked
        .answered
        .iter()
        .map(|it| {
            let guessed_from = it.guess.as_ref().map(|guess| &guess.functions);
            json!({
                "check": it.asked, "verdict": it.verdict, "found": it.found,
                "guessed_from": guessed_from.map(|all| all.iter().map(|f| &**f).collect::<Vec<_>>()),
            })
        })
        .collect();
    json!({
        "schema": "rashomon.check/1", "file": args.file, "format": checked.format.name(),
        "operations": checked.tally.operations, "exit": exit.number(), "checks": checks,
        "doubts": checked.vacuous, "keys": checked.keys, "groups": checked.groups,
        "budget_bytes": checked.memory.0, "peak_bytes": memory::peak_bytes(),
    })
}

/// For people.
pub(super) fn page(args: &CheckArgs, checked: &Checked, exit: Exit, output: &Output) -> Page {
    let headline = Headline::of(exit);
    let aside = format!("{} · exit {}", checked.format.name(), exit.number());
    let mut frame = Frame::new(output.screen(), headline, &aside);
    frame.line("file", &args.file.display().to_string());
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
        frame.line("doubt", &doubt.to_string());
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
    doubts().any(spent).then(|| {
        "a larger --budget-configurations or --budget-memory, whichever was spent".to_owned()
    })
}
