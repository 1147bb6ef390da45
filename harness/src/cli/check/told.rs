//! The report of a judged history.

use rashomon_checker::formats::{Order, Tuples};
use rashomon_checker::{Doubt as Undecided, Spent, Verdict, visible};
use rashomon_results::strict::Stamped;
use rashomon_results::{CheckRecord, CheckVerdict};

use super::asking::Answered;
use super::judging::Checked;
use super::report::{Answer, CheckReport, HEADER, PassedOver, TimeUp};
use super::{CheckArgs, figures, memory};
use crate::cli::ladder::{self, LadderReport};
use crate::cli::output::Output;
use crate::doubt::{Doubt, Whose};
use crate::exit::Exit;
use crate::record;
use crate::report::{Frame, Headline, Page, anomaly_text, count, thousands};

/// The most doubts and anomalies that are shown to people.
const FEW: usize = 3;

/// For machines: fields are only ever added.
pub(super) fn report(checked: &Checked, exit: Exit) -> Stamped<CheckReport<'_>> {
    let notes = &checked.notes;
    HEADER.on(CheckReport {
        verdict: exit.word(),
        exit: exit.number(),
        files: &checked.files,
        history_format: checked.format.name(),
        operations: checked.tally.operations,
        keys: checked.keys,
        groups: checked.groups,
        checks: checked.answered.iter().map(answer).collect(),
        ladder: checked.ladder.as_ref().map(LadderReport::new),
        doubts: checked.vacuous.iter().map(record::doubt).collect(),
        order: match notes.order {
            Order::Lines => "lines",
            Order::Times => "times",
        },
        independent: match notes.tuples {
            Tuples::Plain => "no",
            Tuples::Given => "yes",
            Tuples::Assumed => "assumed",
        },
        passed_over: PassedOver {
            nemesis_events: notes.nemesis_events,
            other_lines: notes.other_lines,
            torn_bytes: notes.torn.map(|torn| torn.bytes as u64),
        },
        notes: assumptions(checked),
        advice: advice(checked),
        budget_bytes: checked.memory.0,
        peak_bytes: memory::peak_bytes(),
    })
}

fn answer(answered: &Answered) -> Answer<'_> {
    let verdict = &answered.verdict;
    let guess = answered.guess.as_ref();
    let doubts = verdict.doubts().map(|doubt| record::doubt(&Doubt::of_checker(doubt)));
    Answer {
        check: CheckRecord {
            check: answered.asked.clone(),
            verdict: match verdict {
                Verdict::Valid { .. } => CheckVerdict::Valid,
                Verdict::Invalid { .. } => CheckVerdict::Invalid,
                Verdict::Unknown { .. } => CheckVerdict::Unknown,
            },
            required: answered.required,
            promised: false,
            anomalies: verdict.anomalies().cloned().collect(),
            suspected: Vec::new(),
            doubts: doubts.collect(),
        },
        found: answered.found,
        methods: match verdict {
            Verdict::Valid { certificate } => {
                certificate.methods.iter().map(String::as_str).collect()
            }
            Verdict::Invalid { .. } | Verdict::Unknown { .. } => Vec::new(),
        },
        undecided: verdict.doubts().collect(),
        guessed_from: guess.map(|guess| guess.functions.iter().map(|f| &**f).collect()),
        figures: &answered.figures,
        latencies: &answered.latencies,
    }
}

/// Says that the time was up before anything could be judged.
pub(super) fn time_up(args: &CheckArgs, output: &Output) {
    let what = format!(
        "the time budget of {} s was spent before anything could be judged",
        args.budget_seconds.unwrap_or(0)
    );
    let advice = "a larger --budget-seconds helps if more data is on its way";
    let doubt = Doubt::new(Whose::Budget, what, advice);
    if output.json {
        output.json(&HEADER.on(TimeUp {
            verdict: Exit::Unknown.word(),
            exit: Exit::Unknown.number(),
            files: &args.files,
            checks: [],
            doubts: [record::doubt(&doubt)],
        }));
    } else {
        output.result(&format!("? UNDECIDED: {}; {}\n", doubt.what, doubt.advice));
    }
}

/// What was skipped, and what was assumed, one sentence each.
fn assumptions(checked: &Checked) -> Vec<String> {
    let notes = &checked.notes;
    let mut told = Vec::new();
    told.extend(checked.assumed.told());
    if notes.order == Order::Times {
        told.push(match notes.disorder {
            Some(disorder) => format!(
                "events are ordered by their times, because line {} is earlier than one before it",
                thousands(disorder.line)
            ),
            None => "events are ordered by their times".to_owned(),
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
        told.push(format!("skipped: {}", passed.join(", ")));
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
        keys => count(keys, "key"),
    };
    let mut read = format!(
        "{} on {objects}, up to {} at once",
        count(checked.tally.operations, "operation"),
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
    for how in &checked.implied {
        frame.line("because", how);
    }
    if let Some(ladder) = &checked.ladder {
        frame.rule();
        ladder::lines(&mut frame, ladder);
    }
    if let Some(doubt) = &checked.vacuous {
        frame.line("doubt", &format!("{}: {}", doubt.whose.name(), doubt.what));
    }
    if let Some(advice) = advice(checked) {
        frame.line("try", &advice);
    }
    let mut page = frame.close();
    let required = || checked.answered.iter().filter(|it| it.required);
    let first = required().find_map(|it| it.verdict.anomalies().next());
    if let Some(anomaly) = first {
        page.push_str("\n");
        page.push_str(&anomaly_text(anomaly, &[], output.screen()));
    }
    if let Some(ladder) = &checked.ladder {
        ladder::stories(&mut page, ladder, first, output.screen());
    }
    let doubt = || required().find_map(|it| it.verdict.doubts().next());
    let why = match first {
        Some(anomaly) => anomaly.class.title().to_owned(),
        None => match doubt() {
            Some(doubt) => doubt.to_string(),
            None => match &checked.vacuous {
                Some(doubt) => doubt.what.clone(),
                None => "in this history".to_owned(),
            },
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
    let aside = if answered.required { "" } else { "   (not required)" };
    frame.line("asked", &format!("{sign} {}{aside}", answered.asked));
    if let Some(guess) = &answered.guess {
        let from = guess.functions.iter().map(|f| format!("`{}`", visible(f))).collect::<Vec<_>>();
        let from = if from.is_empty() { "no operations".to_owned() } else { from.join(", ") };
        frame.line("", &format!("the model is guessed from {from}; --model overrides it"));
    }
    figures::lines(frame, answered);
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
        let all = if listed as u64 >= answered.found { "all" } else { "the first ones" };
        frame.line("", &format!("and {} more; --json has {all}", thousands(rest)));
    }
}

/// What to change to decide what is undecided.
fn advice(checked: &Checked) -> Option<String> {
    let required = || checked.answered.iter().filter(|it| it.required);
    let doubts = || required().flat_map(|it| it.verdict.doubts());
    let time = |doubt: &Undecided| {
        matches!(doubt, Undecided::Stopped { .. } | Undecided::Unread { spent: Spent::Time, .. })
    };
    if doubts().any(time) {
        return Some("a larger --budget-seconds".to_owned());
    }
    let memory =
        |doubt: &Undecided| matches!(doubt, Undecided::Unheld { .. } | Undecided::Unread { .. });
    if doubts().any(memory) {
        let now = checked.memory.0.div_ceil(1_000_000);
        return Some(format!("a larger --budget-memory than {} MB", thousands(now)));
    }
    let spent = |doubt: &Undecided| matches!(doubt, Undecided::BudgetSpent { .. });
    if doubts().any(spent) {
        let larger = "a larger --budget-configurations or --budget-memory";
        return Some(larger.to_owned());
    }
    let unjudged = |doubt: &Undecided| matches!(doubt, Undecided::Unjudged { .. });
    if doubts().any(unjudged) {
        let other = "--require with another model (`rashomon list consistency`)";
        return Some(other.to_owned());
    }
    let unfit = |doubt: &Undecided| matches!(doubt, Undecided::Unsupported { .. });
    if doubts().any(unfit) && checked.model.is_none() {
        let other = "--invariant with another one (`rashomon list invariants`)";
        return Some(other.to_owned());
    }
    if doubts().any(unfit) && checked.answered.iter().any(|it| !it.required) {
        let plain = "a history of reads and writes in which no value is written twice to one key";
        return Some(plain.to_owned());
    }
    if doubts().any(unfit) {
        return Some("--model with another model (`rashomon list models`)".to_owned());
    }
    let thin = |doubt: &Undecided| matches!(doubt, Undecided::Vacuous { .. });
    if doubts().any(thin) {
        return Some("a history in which more operations succeed".to_owned());
    }
    checked.vacuous.as_ref().map(|doubt| doubt.advice.clone())
}
