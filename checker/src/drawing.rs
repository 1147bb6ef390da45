//! Operations drawn as text.
//!
//! A row an operation, time running to the right. Ends of operations stand in their true order, so
//! what lies left of what is what happened before what; distances are stretched to fit the labels,
//! and the true times stand at the end of each row. A drawing too wide for that is drawn without the
//! times, which the argument below it names; and one that is still too wide is a list.

use std::fmt::{self, Write};

use unicode_width::UnicodeWidthStr;

use crate::{Anomaly, Clock, OpIndex, Outcome, Position, Time, Value, Witness, WitnessOp, visible};

/// Columns of what is displayed, where nobody knows how wide the terminal is.
pub const COLUMNS: usize = 80;

/// Columns that a label may take.
const LABEL: usize = 48;
/// Columns that the mark of an operation takes.
const MARK: usize = 8;
/// Columns between the parts of a row, those before the first among them.
const GAPS: usize = 2 + 2 + 2 + 1;

/// What else went on while operations were in flight: a fault, say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Meanwhile {
    /// What kind of thing, in a word.
    pub kind: String,
    /// When it began.
    pub from: Time,
    /// When it ended.
    pub to: Time,
    /// What it was.
    pub what: String,
}

/// Draws the operations of a witness, and above them what else went on.
///
/// Every line ends with a line break, and takes at most `columns` columns unless names and times leave
/// no room for what was done. Nothing in it acts on a terminal.
pub fn draw(witness: &Witness, meanwhile: &[Meanwhile], columns: usize) -> String {
    let clock = Clock::of(&witness.operations);
    // A key is named where there is more than one.
    let mut keys = witness.operations.iter().map(|op| &op.key);
    let first = keys.next();
    let several = keys.any(|key| Some(key) != first);
    let row = |op: &WitnessOp| Row {
        name: match &op.node {
            Some(node) => format!("{} → {node}", op.who()),
            None => op.who().to_string(),
        },
        label: label(op, op.key.as_ref().filter(|_| several)),
        begun: op.invoked,
        ended: op.completed,
        when: clock.span(op),
        mark: match Mark::of(op.index, &witness.order, witness.stuck) {
            Mark::Plain if op.is_final => Mark::Final,
            mark => mark,
        },
        time: (op.invoke_time, op.complete_time.unwrap_or(op.invoke_time)),
    };
    let rows: Vec<Row> = witness.operations.iter().map(row).collect();
    draw_rows(rows, meanwhile, columns)
}

/// Why an anomaly is one: its operations drawn, then the argument step by step, then its end.
///
/// Every line ends with a line break, and takes at most `columns` columns, as [`draw`] has it. Nothing
/// in it acts on a terminal.
pub fn explain(anomaly: &Anomaly, meanwhile: &[Meanwhile], columns: usize) -> String {
    let facts = anomaly.facts.iter().map(|fact| &*fact.text);
    draw(&anomaly.witness, meanwhile, columns) + &argue(facts, &anomaly.summary, columns)
}

/// Below a drawing: the steps of an argument and what follows from them.
pub(crate) fn argue<'a>(
    facts: impl Iterator<Item = &'a str>,
    summary: &str,
    columns: usize,
) -> String {
    let mut text = "\n".to_owned();
    for (number, fact) in (1..).zip(facts) {
        let lead = if number == 1 { "why" } else { "" };
        text.push_str(&hanging(&format!("  {lead:>3}  {number}. "), &visible(fact), columns));
    }
    text.push_str(&hanging(&format!("  {:>3}  ", "so"), &visible(summary), columns));
    text
}

/// A text behind what leads it, broken at blanks; its further lines stand below its beginning.
fn hanging(lead: &str, text: &str, columns: usize) -> String {
    let indent = wide(lead);
    let mut lines = lead.to_owned();
    let mut used = indent;
    for word in text.split(' ') {
        if used > indent && used + 1 + wide(word) > columns {
            lines.push_str(&format!("\n{}", " ".repeat(indent)));
            used = indent;
        } else if used > indent {
            lines.push(' ');
            used += 1;
        }
        lines.push_str(word);
        used += wide(word);
    }
    lines + "\n"
}

impl fmt::Display for Witness {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(draw(self, &[], COLUMNS).trim_end())
    }
}

/// What kind of anomaly, its operations drawn, and the argument.
impl fmt::Display for Anomaly {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.class.title())?;
        if let Some(key) = &self.key {
            write!(out, " at key {key}")?;
        }
        write!(out, "\n\n{}", explain(self, &[], COLUMNS).trim_end())
    }
}

/// One operation of a drawing.
pub(crate) struct Row {
    /// Whose it was.
    pub(crate) name: String,
    /// What it did.
    pub(crate) label: String,
    /// Where it began.
    pub(crate) begun: Position,
    /// Where it ended, if it did.
    pub(crate) ended: Option<Position>,
    /// When it began and ended, for people.
    pub(crate) when: String,
    /// What is particular about it.
    pub(crate) mark: Mark,
    /// When it began, and when its end was known.
    pub(crate) time: (Time, Time),
}

/// What is particular about an operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mark {
    /// Nothing.
    Plain,
    /// Its place in the order that was found, counted from 1.
    Place(usize),
    /// No place was found for it.
    Stuck,
    /// It shows what a replica itself holds at the end.
    Final,
}

impl Mark {
    /// The mark of `index`, where these could be put in an order and one could not.
    pub(crate) fn of(index: OpIndex, order: &[OpIndex], stuck: Option<OpIndex>) -> Self {
        if stuck == Some(index) {
            return Self::Stuck;
        }
        order.iter().position(|&it| it == index).map_or(Self::Plain, |place| Self::Place(place + 1))
    }
}

impl fmt::Display for Mark {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::Plain => Ok(()),
            Self::Stuck => out.write_str("✗ stuck"),
            Self::Final => out.write_str("final"),
            Self::Place(place) => match u32::try_from(place) {
                Ok(place @ 1..=20) => {
                    let sign = char::from_u32(u32::from('①') + place - 1);
                    out.write_char(sign.expect("there are twenty of these signs"))
                }
                _ => write!(out, "({place})"),
            },
        }
    }
}

/// How much of a drawing there is room for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum LabelRoom {
    /// Bars, and the times of each.
    Times,
    /// Bars.
    Bars,
    /// No bars: a list.
    List,
}

/// Draws operations, and above them what else went on.
pub(crate) fn draw_rows(mut rows: Vec<Row>, meanwhile: &[Meanwhile], columns_max: usize) -> String {
    for row in &mut rows {
        row.name = visible(&row.name).into_owned();
        row.label = cut(&visible(&row.label), LABEL);
    }
    let columns = columns(&rows);
    let width = columns.iter().map(|(_, end)| end + 1).max().unwrap_or(0);
    let kinds = meanwhile.iter().map(|it| wide(&it.kind));
    let left = rows.iter().map(|row| wide(&row.name)).chain(kinds).max().unwrap_or(0).max(5);
    let times = rows.iter().map(|row| wide(&row.when)).max().unwrap_or(0);
    let fits = |times: usize| left + width + MARK + times + GAPS <= columns_max;
    let room = match (fits(times), fits(0)) {
        (true, _) => LabelRoom::Times,
        (false, true) => LabelRoom::Bars,
        (false, false) => LabelRoom::List,
    };
    let mut text = String::new();
    if room == LabelRoom::List {
        let labels = columns_max.saturating_sub(left + MARK + times + GAPS).clamp(20, LABEL);
        for row in &mut rows {
            row.label = cut(&row.label, labels);
        }
        let width = rows.iter().map(|row| wide(&row.label)).max().unwrap_or(0);
        for row in &rows {
            line(&mut text, (&row.name, left), (&row.label, width), (row.mark, &row.when));
        }
    } else {
        for it in meanwhile {
            if let Some(bar) = backdrop(&rows, &columns, (it.from, it.to), width) {
                let kind = padded(&visible(&it.kind), left);
                let what = columns_max.saturating_sub(left + width + 6).max(MARK);
                let what = cut(&visible(&it.what), what);
                text.push_str(&format!("  {kind}  {bar}  {what}\n"));
            }
        }
        for (row, &(start, end)) in rows.iter().zip(&columns) {
            let when = if room == LabelRoom::Times { &*row.when } else { "" };
            line(&mut text, (&row.name, left), (&bar(row, start, end), width), (row.mark, when));
        }
    }
    text.push_str(&legend(&rows, columns_max));
    text
}

/// One line: whose, what, the mark, and when.
fn line(text: &mut String, name: (&str, usize), what: (&str, usize), end: (Mark, &str)) {
    let (name, what) = (padded(name.0, name.1), padded(what.0, what.1));
    let (mark, when) = (padded(&end.0.to_string(), MARK), end.1);
    text.push_str(format!("  {name}  {what}  {mark} {when}").trim_end());
    text.push('\n');
}

/// The bar of an operation, from its first column to its last, behind blanks.
fn bar(row: &Row, start: usize, end: usize) -> String {
    let (fill, close) = if row.ended.is_some() { ("─", "┤") } else { ("╌", "…") };
    let label = format!(" {} ", row.label);
    let rest = (end - start - 1).saturating_sub(wide(&label));
    format!("{}├{label}{}{close}", " ".repeat(start), fill.repeat(rest))
}

/// What the signs in use say.
fn legend(rows: &[Row], columns: usize) -> String {
    let mut said = Vec::new();
    if rows.iter().any(|row| matches!(row.mark, Mark::Place(_))) {
        said.push("① ... an order that explains these");
    }
    if rows.iter().any(|row| row.mark == Mark::Stuck) {
        said.push("✗ stuck: has no place in it");
    }
    if rows.iter().any(|row| row.ended.is_none()) {
        said.push("? it is not known how this ended");
    }
    if rows.iter().any(|row| row.mark == Mark::Final) {
        said.push("final: what that replica holds in the end");
    }
    let mut text = String::new();
    let mut used = 0;
    for said in said {
        let gap = if used == 0 { "  " } else { "    " };
        if used > 0 && used + wide(gap) + wide(said) > columns {
            text.push_str("\n  ");
            used = 2;
        } else {
            text.push_str(gap);
            used += wide(gap);
        }
        text.push_str(said);
        used += wide(said);
    }
    if used > 0 {
        text.push('\n');
    }
    text
}

/// Where each bar starts and ends: in true order, and as wide as its label.
fn columns(rows: &[Row]) -> Vec<(usize, usize)> {
    // Every end, by its place in the history; an operation without an end ends after all others.
    let mut ends: Vec<(u64, usize, bool)> = Vec::new();
    for (at, row) in rows.iter().enumerate() {
        ends.push((u64::from(row.begun.0), at, true));
        let end = row.ended.map_or(u64::MAX, |position| u64::from(position.0));
        ends.push((end, at, false));
    }
    ends.sort_unstable();
    let mut columns = vec![(0, 0); rows.len()];
    let mut column = 0;
    for (_, at, starts) in ends {
        if starts {
            columns[at].0 = column;
        } else {
            column = column.max(columns[at].0 + wide(&rows[at].label) + 3);
            columns[at].1 = column;
        }
        column += 1;
    }
    columns
}

/// A bar over the columns in whose time something went on; `None`: in none of them.
fn backdrop(
    rows: &[Row],
    columns: &[(usize, usize)],
    (from, to): (Time, Time),
    width: usize,
) -> Option<String> {
    let ends = rows.iter().zip(columns);
    let points = ends.flat_map(|(row, &(start, end))| [(start, row.time.0), (end, row.time.1)]);
    let inside = points.filter(|&(_, time)| from <= time && time <= to);
    let inside: Vec<usize> = inside.map(|(column, _)| column).collect();
    let (first, last) = (*inside.iter().min()?, *inside.iter().max()?);
    let bar = "▒".repeat(last - first + 1);
    Some(format!("{}{bar}{}", " ".repeat(first), " ".repeat(width - last - 1)))
}

fn label(op: &WitnessOp, key: Option<&Value>) -> String {
    let key = key.map_or_else(String::new, |key| format!(" {}", short(key)));
    let argument = match (&*op.f, &op.argument) {
        ("cas", Value::List(pair)) if pair.len() == 2 => format!(" {}→{}", pair[0], pair[1]),
        (_, Value::Nil) => String::new(),
        (_, value) => format!(" {}", short(value)),
    };
    let ending = match &op.outcome {
        Outcome::Ok(value) if op.argument == Value::Nil => format!(" → {}", short(value)),
        Outcome::Ok(Value::Bool(false)) if &*op.f == "cas" => " mismatch".to_owned(),
        Outcome::Ok(value @ Value::Bool(_)) => format!(" → {value}"),
        Outcome::Ok(_) => String::new(),
        Outcome::Fail => " failed".to_owned(),
        Outcome::Indeterminate => " ?".to_owned(),
    };
    format!("{}{key}{argument}{ending}", op.f)
}

/// A value, a long list shortened.
fn short(value: &Value) -> String {
    match value.as_list() {
        Some(list) if list.len() > 3 => format!("[{} elements]", list.len()),
        _ => value.to_string(),
    }
}

/// Columns that a text takes on a terminal.
fn wide(text: &str) -> usize {
    UnicodeWidthStr::width(text)
}

/// A text, and blanks up to `room` columns.
fn padded(text: &str, room: usize) -> String {
    format!("{text}{}", " ".repeat(room.saturating_sub(wide(text))))
}

/// A text of at most `most` columns: a longer one loses its middle, for its end says what came of
/// it.
fn cut(text: &str, most: usize) -> String {
    if wide(text) <= most {
        return text.to_owned();
    }
    let half = (most - 1) / 2;
    let fitting = |text: &mut dyn Iterator<Item = char>| {
        let mut room = half;
        text.take_while(|sign| {
            let width = wide(sign.encode_utf8(&mut [0; 4]));
            let fits = width <= room;
            room = room.saturating_sub(width);
            fits
        })
        .collect::<Vec<char>>()
    };
    let start: String = fitting(&mut text.chars()).into_iter().collect();
    let end: String = fitting(&mut text.chars().rev()).into_iter().rev().collect();
    format!("{start}…{end}")
}
