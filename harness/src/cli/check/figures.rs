//! Numbers beside the verdict on an invariant, as text.

use rashomon_checker::invariants::Figure;

use super::asking::Answered;
use crate::report::{Frame, latency_text, thousands};

/// Lines of the frame: the figures that are not zero, and the latencies.
pub(super) fn lines(frame: &mut Frame, answered: &Answered) {
    let there: Vec<String> =
        answered.figures.iter().filter(|it| it.number > 0).map(figure).collect();
    if !there.is_empty() {
        frame.line("counted", &there.join(", "));
    }
    for latencies in &answered.latencies {
        frame.line("", &latency_text(latencies));
    }
}

/// How many, and the first of them where they have names.
fn figure(figure: &Figure) -> String {
    const SHOWN: usize = 5;
    let mut some: Vec<String> =
        figure.some.iter().take(SHOWN).map(|it| it.value.to_string()).collect();
    if figure.number > some.len() as u64 && !some.is_empty() {
        some.push("...".to_owned());
    }
    let some = if some.is_empty() { String::new() } else { format!(" ({})", some.join(" ")) };
    format!("{} {}{some}", thousands(figure.number), figure.name)
}
