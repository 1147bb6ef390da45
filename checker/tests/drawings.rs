//! What a witness looks like in text.

use rashomon_checker::drawing::{COLUMNS, Meanwhile, draw, explain};
use rashomon_checker::linearizability::{self, Options};
use rashomon_checker::{Anomaly, Event, EventKind, History, ModelKind, ProcessId, Time, Value};
use rashomon_checker::{ConvergenceKind, convergence};

use EventKind::{Info, Invoke, Ok};

type Said = (u32, EventKind, &'static str, Value);

/// The first anomaly of events a millisecond apart.
fn anomaly(model: ModelKind, said: Vec<Said>) -> Anomaly {
    let events = said.into_iter().zip(0..).map(|((process, kind, f, value), index)| Event {
        time: Time(index * 1_000_000),
        node: Some("n1".into()),
        ..Event::new(index, ProcessId(process), kind, f, value)
    });
    let history = History::from_events(events).expect("well formed");
    let report = linearizability::check(&history, model, &Options::default());
    report.verdict.anomalies().next().expect("an anomaly").clone()
}

fn stale_read() -> Anomaly {
    anomaly(
        ModelKind::Register,
        vec![
            (0, Invoke, "write", Value::Int(41)),
            (0, Ok, "write", Value::Int(41)),
            (1, Invoke, "write", Value::Int(42)),
            (1, Ok, "write", Value::Int(42)),
            (2, Invoke, "read", Value::Nil),
            (2, Ok, "read", Value::Int(41)),
        ],
    )
}

/// Compares, and shows both where they differ.
fn assert_drawn(drawn: &str, expected: &str) {
    let expected = expected.trim_matches('\n');
    let trimmed: Vec<&str> = drawn.lines().map(str::trim_end).collect();
    assert_eq!(trimmed.join("\n"), expected, "drawn:\n{drawn}\nexpected:\n{expected}");
}

#[test]
fn an_anomaly_displays_its_class_a_drawing_and_the_argument() {
    assert_drawn(
        &stale_read().to_string(),
        "
stale read

  p0 → n1  ├ write 41 ┤                           ①        0.000–0.001 s
  p1 → n1              ├ write 42 ┤               ②        0.002–0.003 s
  p2 → n1                          ├ read → 41 ┤  ✗ stuck  0.004–0.005 s
  ① ... an order that explains these    ✗ stuck: has no place in it

  why  1. p0 wrote 41, from 0.000 s to 0.001 s, asking n1
       2. p1 wrote 42, from 0.002 s to 0.003 s, asking n1
       3. p2 read 41, from 0.004 s to 0.005 s, asking n1
   so  p2 read 41 at 0.005 s, but 42 had been written before that read began
",
    );
}

#[test]
fn what_happened_meanwhile_is_drawn_above() {
    let cut = Meanwhile {
        kind: "fault".to_owned(),
        from: Time(0),
        to: Time(2_500_000),
        what: "cut".to_owned(),
    };
    assert_drawn(
        &draw(&stale_read().witness, &[cut], COLUMNS),
        "
  fault    ▒▒▒▒▒▒▒▒▒▒▒▒▒                          cut
  p0 → n1  ├ write 41 ┤                           ①        0.000–0.001 s
  p1 → n1              ├ write 42 ┤               ②        0.002–0.003 s
  p2 → n1                          ├ read → 41 ┤  ✗ stuck  0.004–0.005 s
  ① ... an order that explains these    ✗ stuck: has no place in it
",
    );
}

#[test]
fn a_list_drawn_instead_of_bars_is_aligned() {
    let long = |number: usize| Value::str(&number.to_string().repeat(40));
    let mut said = Vec::new();
    for number in 0..3 {
        said.push((0, Invoke, "write", long(number)));
        said.push((0, Ok, "write", Value::Nil));
    }
    said.extend([(11, Invoke, "read", Value::Nil), (11, Ok, "read", long(1))]);
    assert_drawn(
        &anomaly(ModelKind::Register, said).witness.to_string(),
        r#"
  p0 → n1   write "11111111111111…11111111111111111111"  ①        0.002–0.003 s
  p0 → n1   write "22222222222222…22222222222222222222"  ②        0.004–0.005 s
  p11 → n1  read → "1111111111111…11111111111111111111"  ✗ stuck  0.006–0.007 s
  ① ... an order that explains these    ✗ stuck: has no place in it
"#,
    );
}

/// Where a drawing is too wide, it loses first its times, and then its bars.
#[test]
fn no_line_is_wider_than_the_terminal() {
    use unicode_width::UnicodeWidthStr;
    let cut = Meanwhile {
        kind: "fault".to_owned(),
        from: Time(0),
        to: Time(2_500_000),
        what: "partition n1 n2 n3 n4 n5 n6 n7 | others, outgoing only".to_owned(),
    };
    let anomaly = stale_read();
    let drawn = |columns| explain(&anomaly, std::slice::from_ref(&cut), columns);
    for columns in 52..=120 {
        let text = drawn(columns);
        let widest = text.lines().map(UnicodeWidthStr::width).max().unwrap();
        assert!(widest <= columns, "{widest} columns of {columns}\n{text}");
    }
    let (full, bars, list) = (drawn(80), drawn(60), drawn(52));
    assert!(full.contains("├ write 42 ┤") && full.contains("① "), "{full}");
    assert!(bars.contains("├ write 42 ┤") && !bars.contains("✗ stuck  0.004"), "{bars}");
    assert!(!list.contains('├') && list.contains("✗ stuck  0.004–0.005 s"), "{list}");
}

/// Of a write that was acknowledged and is nowhere in the end.
#[test]
fn final_reads_are_marked_and_the_mark_explained() {
    let said = [
        (0, Invoke, "write", Value::Int(1)),
        (0, Ok, "write", Value::Int(1)),
        (1, Invoke, "read", Value::Nil),
        (1, Ok, "read", Value::Nil),
    ];
    let events = said.into_iter().zip(0..).map(|((process, kind, f, value), index)| Event {
        time: Time(index * 1_000_000),
        key: Some(Value::str("k")),
        node: Some("n1".into()),
        is_final: process == 1,
        ..Event::new(index, ProcessId(process), kind, f, value)
    });
    let history = History::from_events(events).expect("well formed");
    let found = convergence::check(&history, ConvergenceKind::Register);
    let anomaly = found.verdict.anomalies().next().expect("a lost write");
    assert_drawn(
        &anomaly.witness.to_string(),
        "
  p0 → n1  ├ write 1 ┤                         0.000–0.001 s
  p1 → n1             ├ read → nil ┤  final    0.002–0.003 s
  final: what that replica holds in the end
",
    );
}

#[test]
fn wide_letters_take_two_columns() {
    let said = vec![
        (0, Invoke, "write", Value::str("東京")),
        (0, Ok, "write", Value::Nil),
        (1, Invoke, "write", Value::str("é")),
        (1, Ok, "write", Value::Nil),
        (2, Invoke, "read", Value::Nil),
        (2, Ok, "read", Value::str("東京")),
    ];
    assert_drawn(
        &anomaly(ModelKind::Register, said).witness.to_string(),
        r#"
  p0 → n1  ├ write "東京" ┤                                ①
  p1 → n1                  ├ write "é" ┤                   ②
  p2 → n1                               ├ read → "東京" ┤  ✗ stuck
  ① ... an order that explains these    ✗ stuck: has no place in it
"#,
    );
}

#[test]
fn what_did_not_return_has_no_end() {
    let said = vec![
        (0, Invoke, "write", Value::Int(1)),
        (0, Info, "write", Value::Nil),
        (1, Invoke, "read", Value::Nil),
        (1, Ok, "read", Value::Int(1)),
        (1, Invoke, "read", Value::Nil),
        (1, Ok, "read", Value::Nil),
    ];
    assert_drawn(
        &anomaly(ModelKind::Register, said).witness.to_string(),
        "
  p0 → n1  ├ write 1 ? ╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌…  ①        0.000 s …
  p1 → n1   ├ read → 1 ┤                 ②        0.002–0.003 s
  p1 → n1               ├ read → nil ┤   ✗ stuck  0.004–0.005 s
  ① ... an order that explains these    ✗ stuck: has no place in it
  ? it is not known how this ended
",
    );
}

#[test]
fn no_byte_of_a_value_a_node_or_a_function_acts_on_a_terminal() {
    let evil = "\u{1b}[2J\u{9b}\u{202e}\r\n\t";
    let events = [
        (0, Invoke, "write", Value::Raw(evil.into())),
        (0, Ok, "write", Value::Nil),
        (1, Invoke, "read", Value::Nil),
        (1, Ok, "read", Value::keyword(evil)),
    ];
    let events = events.into_iter().zip(0..).map(|((process, kind, f, value), index)| Event {
        node: Some(evil.into()),
        key: Some(Value::keyword(evil)),
        ..Event::new(index, ProcessId(process), kind, f, value)
    });
    let history = History::from_events(events).expect("well formed");
    let report = linearizability::check(&history, ModelKind::Register, &Options::default());
    let anomaly = report.verdict.anomalies().next().expect("an anomaly");
    let drawn = explain(anomaly, &[], 10_000); // One line each.
    let acts = |sign: char| sign != '\n' && (sign.is_control() || sign == '\u{202e}');
    assert!(!drawn.contains(acts), "{drawn:?}");
    let of_witness = draw(&anomaly.witness, &[], 10_000).lines().count();
    assert_eq!(drawn.lines().count(), of_witness + anomaly.facts.len() + 2, "{drawn}");
    assert!(!anomaly.to_string().contains(acts), "{drawn:?}");
}

#[test]
fn the_readme_shows_what_is_drawn() {
    let events = [
        (0, Invoke, "add", Value::Int(1)),
        (0, Ok, "add", Value::Nil),
        (1, Invoke, "read", Value::Nil),
        (1, Ok, "read", Value::Int(0)),
    ];
    let events = events.into_iter().zip(0..).map(|((process, kind, f, value), index)| {
        Event::new(index, ProcessId(process), kind, f, value)
    });
    let history = History::from_events(events).expect("well formed");
    let report = linearizability::check(&history, ModelKind::Counter, &Options::default());
    let drawn = report.verdict.anomalies().next().expect("an anomaly").to_string();
    let readme = include_str!("../README.md");
    assert!(readme.contains(&drawn), "not in the README:\n{drawn}");
}
