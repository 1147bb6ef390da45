//! A witness as a space-time diagram.
//!
//! A row an operation, time running to the right. Ends of operations stand in their true order, so
//! what lies left of what is what happened before what; distances are stretched to fit the labels,
//! and the true times stand at the end of each row.

use rashomon_checker::{Clock, Outcome, Time, Value, Witness, WitnessOp, visible};

use super::Glyphs;

/// Characters a diagram may take for its bars. Wider ones are told as a list.
const BARS: usize = 84;

/// Draws the operations of a witness, and the faults that were in force meanwhile.
pub(crate) fn draw(witness: &Witness, faults: &[(Time, Time, String)], glyphs: Glyphs) -> String {
    let labels: Vec<String> = witness.operations.iter().map(label).collect();
    let columns = columns(&witness.operations, &labels);
    let width = columns.iter().map(|(_, end)| end + 1).max().unwrap_or(0);
    let names: Vec<String> = witness.operations.iter().map(name).collect();
    let left = names.iter().map(|name| name.chars().count()).max().unwrap_or(0).max(5);
    let fits = width <= BARS;
    let clock = Clock::of(&witness.operations);
    let mut text = String::new();
    for (from, to, what) in faults {
        if let Some(bar) = fault_bar(&witness.operations, &columns, (*from, *to), width)
            && fits
        {
            text.push_str(&format!("  {:<left$}  {bar}  {what}\n", "fault"));
        }
    }
    for (at, op) in witness.operations.iter().enumerate() {
        let (start, end) = columns[at];
        let bar = if fits {
            let open = op.completed.is_none();
            let inside = end - start - 1;
            let fill = if open { '╌' } else { '─' };
            let mut bar = format!(" {} ", labels[at]);
            while bar.chars().count() < inside {
                bar.push(fill);
            }
            let close = if open { '…' } else { '┤' };
            let pad = " ".repeat(width - end);
            format!("{}├{bar}{close}{pad}", " ".repeat(start))
        } else {
            labels[at].clone()
        };
        let mark = mark(witness, op);
        let times = clock.span(op);
        text.push_str(&format!("  {:<left$}  {bar} {mark:<8} {times}\n", names[at]));
    }
    glyphs.fit(&text)
}

fn name(op: &WitnessOp) -> String {
    match &op.node {
        Some(node) => format!("{} → {}", op.process, visible(node)),
        None => op.process.to_string(),
    }
}

fn label(op: &WitnessOp) -> String {
    let argument = match (&*op.f, &op.argument) {
        ("cas", Value::List(pair)) if pair.len() == 2 => format!(" {}→{}", pair[0], pair[1]),
        (_, Value::Nil) => String::new(),
        (_, value) => format!(" {}", short(value)),
    };
    let ending = match &op.outcome {
        Outcome::Ok(value) if op.argument == Value::Nil => format!(" → {}", short(value)),
        Outcome::Ok(Value::Bool(false)) => " mismatch".to_owned(),
        Outcome::Ok(_) => String::new(),
        Outcome::Fail => " failed".to_owned(),
        Outcome::Indeterminate => " ?".to_owned(),
    };
    format!("{}{argument}{ending}", visible(&op.f))
}

/// A value, a long list shortened.
fn short(value: &Value) -> String {
    match value.as_list() {
        Some(list) if list.len() > 3 => format!("[{} elements]", list.len()),
        _ => value.to_string(),
    }
}

fn mark(witness: &Witness, op: &WitnessOp) -> String {
    if witness.stuck == Some(op.index) {
        return "✗ stuck".to_owned();
    }
    let place = witness.order.iter().position(|&index| index == op.index);
    place
        .and_then(|place| char::from_u32(u32::from('①') + u32::try_from(place).ok()?))
        .map(String::from)
        .unwrap_or_default()
}

/// Where each bar starts and ends: in true order, and as wide as its label.
fn columns(ops: &[WitnessOp], labels: &[String]) -> Vec<(usize, usize)> {
    // Every end, by its place in the history; an operation without an end ends after all others.
    let mut ends: Vec<(u64, usize, bool)> = Vec::new();
    for (at, op) in ops.iter().enumerate() {
        ends.push((u64::from(op.invoked.0), at, true));
        let end = op.completed.map_or(u64::MAX, |position| u64::from(position.0));
        ends.push((end, at, false));
    }
    ends.sort_unstable();
    let mut columns = vec![(0, 0); ops.len()];
    let mut column = 0;
    for (_, at, starts) in ends {
        if starts {
            columns[at].0 = column;
        } else {
            column = column.max(columns[at].0 + labels[at].chars().count() + 3);
            columns[at].1 = column;
        }
        column += 1;
    }
    columns
}

/// A bar over the columns in whose time a fault was in force; `None`: in none of them.
fn fault_bar(
    ops: &[WitnessOp],
    columns: &[(usize, usize)],
    (from, to): (Time, Time),
    width: usize,
) -> Option<String> {
    let mut points: Vec<(usize, Time)> = Vec::new();
    for (op, &(start, end)) in ops.iter().zip(columns) {
        points.push((start, op.invoke_time));
        points.push((end, op.complete_time.unwrap_or(op.invoke_time)));
    }
    let inside = |time: Time| from <= time && time <= to;
    let first = points.iter().filter(|(_, time)| inside(*time)).map(|(column, _)| *column).min()?;
    let last = points.iter().filter(|(_, time)| inside(*time)).map(|(column, _)| *column).max()?;
    let bar = "▒".repeat(last - first + 1);
    Some(format!("{}{bar}{}", " ".repeat(first), " ".repeat(width - last - 1)))
}

#[cfg(test)]
mod tests {
    use rashomon_checker::linearizability::{self, Options};
    use rashomon_checker::{Event, EventKind, History, ModelKind, ProcessId};

    use super::*;

    fn stale_read() -> Witness {
        let events = [
            (0, EventKind::Invoke, "write", Value::Int(41)),
            (0, EventKind::Ok, "write", Value::Int(41)),
            (1, EventKind::Invoke, "write", Value::Int(42)),
            (1, EventKind::Ok, "write", Value::Int(42)),
            (2, EventKind::Invoke, "read", Value::Nil),
            (2, EventKind::Ok, "read", Value::Int(41)),
        ];
        let events = events.into_iter().zip(0..).map(|((process, kind, f, value), index)| Event {
            time: Time(index * 1_000_000),
            node: Some("n1".into()),
            ..Event::new(index, ProcessId(process), kind, f, value)
        });
        let history = History::from_events(events).unwrap();
        let report = linearizability::check(&history, ModelKind::Register, &Options::default());
        report.verdict.anomalies().next().unwrap().witness.clone()
    }

    #[test]
    fn what_happened_before_what_is_left_of_it() {
        let witness = stale_read();
        let drawn = draw(&witness, &[(Time(0), Time(2_500_000), "cut".into())], Glyphs::unicode());
        let start = |what: &str| {
            let line = drawn
                .lines()
                .find(|line| line.contains(what))
                .unwrap_or_else(|| panic!("no {what} in\n{drawn}"));
            line.chars().position(|sign| sign == '├').unwrap()
        };
        assert!(start("write 42") < start("read"), "\n{drawn}");
        assert!(drawn.contains("✗ stuck"), "\n{drawn}");
        assert!(drawn.lines().next().unwrap().contains('▒'), "\n{drawn}");
        assert!(draw(&witness, &[], Glyphs::ascii()).is_ascii());
    }
}
