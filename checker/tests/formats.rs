//! What each format says, and what is said of files that are wrong.

use std::sync::Arc;

use rashomon_checker::formats::{
    self, Format, FormatError, LoadError, ReadOptions, Reader, Torn, Writer, detect, json,
};
use rashomon_checker::{Event, EventKind, OpIndex, Outcome, ProcessId, Time, Value};

fn read(text: &str) -> Result<Vec<Event>, FormatError> {
    read_with(text, &ReadOptions::default())
}

fn read_with(text: &str, options: &ReadOptions) -> Result<Vec<Event>, FormatError> {
    Reader::new(text.as_bytes(), options)?.collect()
}

/// The error about a file that is wrong.
#[track_caller]
fn refused(text: &str) -> String {
    read(text).expect_err("the file is wrong").to_string()
}

fn event(index: u64, process: u32, kind: EventKind, f: &str, value: Value) -> Event {
    Event::new(index, ProcessId(process), kind, f, value)
}

fn ints(numbers: &[i64]) -> Value {
    Value::list(numbers.iter().map(|&number| Value::Int(number)))
}

const HEADER: &str = "{\"format\":\"rashomon-history\",\"version\":1}\n";

#[test]
fn a_line_of_json_is_an_event() {
    let text = format!(
        "{HEADER}{}",
        r#"{"index":17,"time":1204000123,"process":3,"type":"info","f":"write","key":"k3","value":5,"node":"n2","final":true,"error":"timeout","shard":[1,null],"note":{"a":1.5}}"#
    );
    let raw = |text: &str| Value::Raw(Arc::from(text));
    let expected = Event {
        time: Time(1_204_000_123),
        key: Some(Value::str("k3")),
        node: Some(Arc::from("n2")),
        is_final: true,
        error: Some(Value::str("timeout")),
        extra: vec![
            (Arc::from("shard"), Value::list([Value::Int(1), Value::Nil])),
            (Arc::from("note"), Value::Map(Arc::from([(Value::str("a"), raw("1.5"))]))),
        ],
        ..event(17, 3, EventKind::Info, "write", Value::Int(5))
    };
    assert_eq!(read(&text), Ok(vec![expected.clone()]));
    let mut again = String::from(HEADER);
    json::push_event(&mut again, &expected);
    assert_eq!(again, format!("{text}\n"), "unknown fields are written back");
}

#[test]
fn json_of_strangers_may_lack_the_header_and_much_else() {
    let text = "\u{feff}\r\n { \"f\" : \"read\" , \"type\":\"invoke\",\"process\":0 } \r\n\n\
                {\"process\":0,\"type\":\"ok\",\"f\":\"read\",\"value\":\"\\u00e9\\ud83d\\ude00\\n\"}\n";
    let expected = vec![
        event(0, 0, EventKind::Invoke, "read", Value::Nil),
        event(1, 0, EventKind::Ok, "read", Value::str("é😀\n")),
    ];
    assert_eq!(read(text), Ok(expected));
}

#[test]
fn fields_that_look_like_ours_survive() {
    let odd = |name: &str| (Arc::from(name), Value::Int(1));
    let extra = vec![odd("index"), odd("$x"), odd("final?"), odd("a b"), odd("")];
    let event = Event { extra, ..event(0, 0, EventKind::Invoke, "read", Value::Nil) };
    let mut json = Writer::json_lines(Vec::new()).unwrap();
    let mut edn = Writer::edn(Vec::new());
    json.event(&event).unwrap();
    edn.event(&event).unwrap();
    for file in [json.into_inner(), edn.into_inner()] {
        assert_eq!(read(std::str::from_utf8(&file).unwrap()), Ok(vec![event.clone()]));
    }
}

#[test]
fn a_newer_version_is_refused_by_name() {
    assert_eq!(
        refused("{\"format\":\"rashomon-history\",\"version\":2}\n{\"what\":\"ever\"}\n"),
        "line 1, column 40: version 2, this build reads 1; read the file with the build that wrote it, or a newer one"
    );
    // Even when the writer was killed after a first line without its line break.
    assert!(refused("{\"format\":\"rashomon-history\",\"version\":3}").contains("version 3"));
}

#[test]
fn another_format_is_refused_by_name() {
    assert_eq!(
        refused("{\"format\":\"rashomon-plan\",\"version\":1}\n"),
        "line 1, column 11: expected a file of format `rashomon-history`, found format \"rashomon-plan\""
    );
    assert!(refused("{\"format\":\"rashomon-history\"}\n").contains("expected `\"version\":1`"));
}

#[test]
fn a_torn_last_line_is_noted_and_the_rest_loads() {
    let whole = format!(
        "{HEADER}{}\n{}\n",
        r#"{"index":0,"time":0,"process":0,"type":"invoke","f":"write","value":{"é":1}}"#,
        r#"{"index":1,"time":5,"process":0,"type":"ok","f":"write","value":"é"}"#
    );
    let last = whole.trim_end().rfind('\n').unwrap() + 1;
    for cut in HEADER.len()..whole.len() {
        let options = ReadOptions { format: Some(Format::JsonLines), ..ReadOptions::default() };
        let mut reader = Reader::new(&whole.as_bytes()[..cut], &options).unwrap();
        let events = reader.by_ref().collect::<Result<Vec<_>, _>>().unwrap();
        let whole_lines = if cut >= whole.len() - 1 { 2 } else { usize::from(cut >= last - 1) };
        assert_eq!(events.len(), whole_lines, "cut at {cut}");
        let starts_line = cut == HEADER.len() || cut == last;
        let ends_line = cut == last - 1 || cut >= whole.len() - 1;
        assert_eq!(reader.torn().is_some(), !starts_line && !ends_line, "cut at {cut}");
    }
}

#[test]
fn a_bad_line_before_the_last_is_an_error() {
    assert_eq!(
        refused("{\"process\":0,\"type\":\"invoke\",\"f\":\"read\"}\n{\"proc\n{}\n"),
        "line 2, column 7: expected `\"` at the end of a text, found the end of the line"
    );
}

#[test]
fn a_last_line_that_is_whole_but_wrong_is_an_error() {
    assert_eq!(
        refused("{\"process\":0,\"type\":\"invoke\"}"),
        "line 1, column 1: expected the field `f` in this event, found none"
    );
    assert_eq!(
        refused("{\"process\":0,\"f\":\"read\",\"type\":\"maybe\"}"),
        "line 1, column 32: expected `\"invoke\"`, `\"ok\"`, `\"fail\"` or `\"info\"`, found `\"maybe\"`"
    );
}

#[test]
fn errors_in_json_name_line_column_and_what_was_expected() {
    let good = "{\"process\":0,\"type\":\"invoke\",\"f\":\"read\"}\n";
    let refused = |line: &str| refused(&format!("{good}{line}\n"));
    assert_eq!(
        refused("{\"process\":null}"),
        "line 2, column 12: expected a process: a number, or a name such as `\"client-1\"`, found `null`"
    );
    assert_eq!(
        refused("{\"é\":1,\"process\":[7]}"),
        "line 2, column 18: expected a process: a number, or a name such as `\"client-1\"`, found `[7`"
    );
    assert_eq!(
        refused("{\"index\":1.5}"),
        "line 2, column 10: expected an event's number, from 0, found `1.5`"
    );
    assert_eq!(
        refused("{\"index\":1 \"f\""),
        "line 2, column 12: expected `,` or `}`, found `\"f\"`"
    );
    assert_eq!(refused("{\"a\":1}}"), "line 2, column 8: expected the end of the line, found `}`");
    assert_eq!(
        refused("{\"f\":\"a\",\"f\":\"b\"}"),
        "line 2, column 10: expected each field once, found `f` again"
    );
    assert_eq!(
        refused("{\"value\":{\"$name\":\"x\",\"y\":1}}"),
        "line 2, column 10: expected no other field beside one that begins `$`, found `{\"$name\":\"x\"`"
    );
    assert_eq!(
        refused("[1]"),
        "line 2, column 1: expected an object, as `{\"index\":0, ...}`, found `[1`"
    );
    let deep = "[".repeat(101);
    assert_eq!(
        refused(&format!("{{\"value\":{deep}")),
        "line 2, column 109: expected at most 100 nested brackets, found more"
    );
}

#[test]
fn bytes_that_are_no_text_are_refused() {
    let file = b"{\"process\":0,\"f\":\"\xff\"}\n";
    let refused = Reader::new(&file[..], &ReadOptions::default()).unwrap().next().unwrap();
    assert_eq!(
        refused.unwrap_err().to_string(),
        "line 1, column 19: expected UTF-8 text, found other bytes"
    );
}

#[test]
fn a_line_beyond_the_limit_is_refused_before_it_is_read() {
    let options = ReadOptions { event_bytes_max: 50, ..ReadOptions::default() };
    let json = format!("{HEADER}{{\"value\":\"{}\"}}\n", "x".repeat(100));
    let edn = format!("\n{{:value \"{}", "x".repeat(100));
    for text in [json, edn] {
        assert_eq!(
            read_with(&text, &options).unwrap_err().to_string(),
            "line 2, column 1: expected an event of at most 50 bytes, found a longer one (or brackets or quotes that never close)"
        );
    }
}

#[test]
fn a_map_in_edn_is_an_event() {
    let text = r#"
        ; A history, by hand.
        #jepsen.history.Op{:type :invoke, :f :cas, :process 1 :value [1 2] :index 4 :time 12},
        {:process :nemesis :type :info :f :kill :value {"n1" #{:a :b}}} #_ {:discarded true}
        {:index 9, :time -1, :type :info, :process 1, :f :cas, :value #{3 1 2}, :key :x,
         :node "n2" :error [:timeout 1.5] :final? true :debug #inst "2020-01-01", "s" \newline 7 (a)}"#;
    let raw = |text: &str| Value::Raw(Arc::from(text));
    let expected = vec![
        Event { time: Time(12), ..event(4, 1, EventKind::Invoke, "cas", ints(&[1, 2])) },
        Event {
            key: Some(Value::keyword("x")),
            node: Some(Arc::from("n2")),
            is_final: true,
            error: Some(Value::list([Value::keyword("timeout"), raw("1.5")])),
            extra: vec![
                (Arc::from("debug"), raw("#inst \"2020-01-01\"")),
                (Arc::from("s"), raw("\\newline")),
                (Arc::from("7"), Value::list([raw("a")])),
            ],
            ..event(9, 1, EventKind::Info, "cas", ints(&[1, 2, 3]))
        },
    ];
    let mut reader = Reader::new(text.as_bytes(), &ReadOptions::default()).unwrap();
    assert_eq!(reader.by_ref().collect::<Result<Vec<_>, _>>(), Ok(expected));
    assert_eq!((reader.format(), reader.notes().nemesis_events), (Format::Edn, 1));
}

#[test]
fn values_in_edn_are_what_they_look_like() {
    let value = |text: &str| {
        let text = format!("{{:process 0 :type :invoke :f :f :value {text}}}");
        read(&text).map(|events| events[0].value.clone())
    };
    let raw = |text: &str| Ok(Value::Raw(Arc::from(text)));
    assert_eq!(value("nil"), Ok(Value::Nil));
    assert_eq!(value("true"), Ok(Value::Bool(true)));
    assert_eq!(value("-9223372036854775808"), Ok(Value::Int(i64::MIN)));
    assert_eq!(value("+7"), Ok(Value::Int(7)));
    assert_eq!(value("12N"), Ok(Value::Int(12)));
    assert_eq!(value("9223372036854775808"), raw("9223372036854775808"));
    assert_eq!(value("1/2"), raw("1/2"));
    assert_eq!(value("-"), raw("-"));
    assert_eq!(value("##NaN"), raw("##NaN"));
    assert_eq!(value("\\,"), raw("\\,"));
    assert_eq!(value(":a.b/c?"), Ok(Value::keyword("a.b/c?")));
    assert_eq!(value(r#""a\tb\"\u00e9\ud83d\ude00é""#), Ok(Value::str("a\tb\"é😀é")));
    assert_eq!(value("#rashomon/raw \"] }\""), raw("] }"));
    assert_eq!(value("#rashomon/keyword \"a b\""), Ok(Value::keyword("a b")));
    assert_eq!(value("()"), Ok(Value::list([])));
    assert_eq!(
        value("{:a 1 \"b\" [nil]}"),
        Ok(Value::Map(Arc::from([
            (Value::keyword("a"), Value::Int(1)),
            (Value::str("b"), Value::list([Value::Nil])),
        ])))
    );
}

#[test]
fn errors_in_edn_name_line_column_and_what_was_expected() {
    let good = "{:process 0, :type :invoke, :f :read}\n";
    let refused = |line: &str| refused(&format!("{good}{line}\n{good}"));
    assert_eq!(
        refused("{:process nil}"),
        "line 2, column 11: expected a process: a number, or a name such as `\"client-1\"`, found `nil`"
    );
    assert_eq!(
        refused("{:é 1 :type :maybe}"),
        "line 2, column 13: expected `:invoke`, `:ok`, `:fail` or `:info`, found `:maybe`"
    );
    assert_eq!(
        refused("{:process 0 :type :ok}"),
        "line 2, column 1: expected the field `f` in this event, found none"
    );
    assert_eq!(
        refused("{:value [1 2}"),
        "line 2, column 13: expected `]` to close the vector that begins here, found `}`"
    );
    assert_eq!(
        refused("\n  {:process 0 :value [1"),
        "line 3, column 22: expected `]` to close the vector that begins here, found the end of the file"
    );
    assert_eq!(
        refused("{:error \"lost"),
        "line 2, column 9: expected `\"` to end the text that begins here, found the end of the file"
    );
    assert_eq!(
        refused("17"),
        "line 2, column 1: expected an operation, as `{:process 0, :type :invoke, ...}`, found `17`"
    );
    assert_eq!(refused("{:f}"), "line 2, column 4: expected a value, found `}`");
    assert_eq!(
        refused("{:f :a :f :b}"),
        "line 2, column 8: expected each field once, found `f` again"
    );
    assert_eq!(
        refused(&"#_".repeat(200)),
        "line 2, column 201: expected at most 100 nested brackets, found more"
    );
}

#[test]
fn knossos_encloses_its_operations() {
    let text = "({:process 0 :type :invoke :f :read}\n {:process 0 :type :ok :f :read :value 3})\n";
    assert_eq!(detect(text.as_bytes()), Some(Format::Knossos));
    assert_eq!(read(text).map(|events| events.len()), Ok(2));
    assert_eq!(read("[]"), Ok(vec![]));
    assert_eq!(
        refused(&format!("{text}{{}}")),
        "line 3, column 1: expected nothing after the bracket that closes the history, found `{`"
    );
    let mut torn = Reader::new(&text.as_bytes()[..50], &ReadOptions::default()).unwrap();
    assert_eq!(torn.by_ref().count(), 1);
    assert_eq!(torn.torn(), Some(Torn { line: 2, bytes: 12 }));
    let mut open = Reader::new(&text.as_bytes()[..38], &ReadOptions::default()).unwrap();
    assert_eq!(open.by_ref().count(), 1);
    assert_eq!(open.torn(), Some(Torn { line: 2, bytes: 0 }));
}

#[test]
fn tuples_are_split_only_when_asked() {
    let text = "{:process 0 :type :invoke :f :write :value [x 3]}\n{:process 0 :type :info :f :write :value nil}";
    let plain = read(text).unwrap();
    assert_eq!((plain[0].key.as_ref(), plain[0].value.as_list().unwrap().len()), (None, 2));
    let options = ReadOptions { independent: true, ..ReadOptions::default() };
    let split = read_with(text, &options).unwrap();
    assert_eq!(split[0].key, Some(Value::Raw(Arc::from("x"))));
    assert_eq!((&split[0].value, &split[1].key), (&Value::Int(3), &None));
    let refused = read_with("{:process 0 :type :invoke :f :read :value nil}", &options);
    assert_eq!(
        refused.unwrap_err().to_string(),
        "line 1, column 1: expected a tuple `[key value]` in every invocation, as values are independent, found the value nil"
    );
}

#[test]
fn tuples_are_written_for_other_checkers() {
    let mut writer = Writer::edn_independent(Vec::new());
    let read = event(0, 1, EventKind::Invoke, "read", Value::Nil);
    writer.event(&Event { key: Some(Value::Int(7)), ..read }).unwrap();
    assert_eq!(
        String::from_utf8(writer.into_inner()).unwrap(),
        "{:index 0, :time 0, :type :invoke, :process 1, :f :read, :value [7 nil]}\n"
    );
}

#[test]
fn lines_of_a_log_are_events_among_others() {
    let text = "INFO  jepsen.core - Running test\n\
        INFO  jepsen.util - 4\t:invoke\t:cas\t[1 2]\n\
        INFO  jepsen.util - :nemesis\t:info\t:start\tnil\n\
        2024-01-01 10:00:00,000{GMT}\tINFO\t[jepsen worker 4] jepsen.util: 4\t:info\t:cas\t[1 2]\t:timed-out\n\
        INFO  jepsen.util - :nemesis\t:info\t:stop\t\"Cut off\"\n\
        5\t:invoke\t:read\tnil\n\
        5\t:fail\t:read\t:timed-out\t[not edn\n";
    let mut reader = Reader::new(text.as_bytes(), &ReadOptions::default()).unwrap();
    let expected = vec![
        event(0, 4, EventKind::Invoke, "cas", ints(&[1, 2])),
        Event {
            error: Some(Value::keyword("timed-out")),
            ..event(2, 4, EventKind::Info, "cas", ints(&[1, 2]))
        },
        event(4, 5, EventKind::Invoke, "read", Value::Nil),
        Event {
            error: Some(Value::Raw(Arc::from("[not edn"))),
            ..event(5, 5, EventKind::Fail, "read", Value::keyword("timed-out"))
        },
    ];
    assert_eq!(reader.by_ref().collect::<Result<Vec<_>, _>>(), Ok(expected));
    let notes = reader.notes();
    assert_eq!((notes.nemesis_events, notes.other_lines), (2, 1));
    assert_eq!(
        refused("INFO  jepsen.util - 4\t:invoke\t:cas\t[1 2\n"),
        "line 1, column 36: expected `]` to close the vector that begins here, found the end of the line"
    );
    assert_eq!(
        refused("INFO  jepsen.util - 4\t:invoke\t[]\t[1 2]\n"),
        "line 1, column 31: expected a function, as `:read`, found `[`"
    );
}

#[test]
fn porcupine_and_elle_are_known_by_their_looks() {
    let kv = "{:process 0, :type :invoke, :f :put, :key \"1\", :value \"x\"}\n";
    assert_eq!(detect(kv.as_bytes()), Some(Format::PorcupineKv));
    assert_eq!(read(kv).unwrap()[0].key, Some(Value::str("1")));
    let elle =
        "{:workload :list-append, :opts {}}\n{:process 0, :type :ok, :value [[:r :x nil]]}\n";
    let mut reader = Reader::new(elle.as_bytes(), &ReadOptions::default()).unwrap();
    assert_eq!(&*reader.next().unwrap().unwrap().f, "txn");
    assert_eq!(reader.format(), Format::Elle);
    assert!(matches!(reader.metadata(), Some(Value::Map(pairs)) if pairs.len() == 2));
}

#[test]
fn a_file_like_none_is_refused() {
    let expected = "line 1, column 1: expected a history in JSON lines, EDN or a Jepsen log; if it is one, name it with --format";
    for text in ["", "\n\n", "hello\nworld\n", "[1,2]", "<html>"] {
        assert_eq!(refused(text), expected, "{text}");
    }
    let empty = ReadOptions { format: Some(Format::JsonLines), ..ReadOptions::default() };
    assert_eq!(read_with("", &empty), Ok(vec![]), "but a named format may be empty");
}

#[test]
fn formats_are_known_by_name() {
    for format in Format::ALL {
        assert_eq!(format.to_string().parse(), Ok(format));
    }
    assert!("jsonl".parse::<Format>().unwrap_err().to_string().starts_with("no format `jsonl`"));
}

#[test]
fn loading_says_on_which_line_a_history_goes_wrong() {
    let text = "{:process 0 :type :invoke :f :read}\n\n{:process 0 :type :invoke :f :read}\n";
    let error = formats::load(text.as_bytes(), &ReadOptions::default()).unwrap_err();
    assert!(matches!(error, LoadError::History { line: 3, .. }), "{error}");
    assert_eq!(
        error.to_string(),
        "line 3: event 1: process 0 invoked an op while its op at event 0 is in flight"
    );
}

#[test]
fn an_unknown_completion_leaves_the_operation_open() {
    let text = "{:process 0 :type :invoke :f :write :value 1}\n{:process 0 :type :info :f :write :value :timed-out}";
    let loaded = formats::load(text.as_bytes(), &ReadOptions::default()).unwrap();
    let write = loaded.history.operation(OpIndex(0));
    assert_eq!((write.argument, write.outcome), (Value::Int(1), Outcome::Indeterminate));
}

#[test]
fn lone_completions_become_operations_without_order() {
    let events = [
        event(3, 0, EventKind::Invoke, "txn", Value::Int(1)),
        event(4, 0, EventKind::Ok, "txn", Value::Int(2)),
        event(6, 0, EventKind::Fail, "txn", Value::Int(3)),
        event(8, 0, EventKind::Invoke, "txn", Value::Int(4)),
    ];
    let expected = vec![
        event(4, 0, EventKind::Invoke, "txn", Value::Int(1)),
        event(6, 1, EventKind::Invoke, "txn", Value::Int(3)),
        event(8, 2, EventKind::Invoke, "txn", Value::Int(4)),
        event(9, 0, EventKind::Ok, "txn", Value::Int(2)),
        event(10, 1, EventKind::Fail, "txn", Value::Int(3)),
    ];
    assert_eq!(formats::without_real_time(events), expected);
}
