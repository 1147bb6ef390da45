//! What holds of all events, and of any bytes whatever.
#![expect(clippy::unwrap_used, reason = "a test may panic")]

use std::sync::Arc;

use proptest::collection::vec;
use proptest::prelude::*;
use rashomon_checker::formats::{
    Format, FormatError, MAX_DEPTH, Problem, ReadOptions, Reader, Writer, edn, load,
};
use rashomon_checker::{Event, EventKind, ProcessId, Time, Value};

fn text() -> impl Strategy<Value = Arc<str>> {
    prop_oneof![
        "[a-z]{1,8}".prop_map(Arc::from),
        "[ -~]{0,12}".prop_map(Arc::from),
        any::<String>().prop_map(Arc::from),
        proptest::sample::select(vec![
            "1.5",
            "-0",
            "1e5",
            "01",
            "99999999999999999999",
            "nil",
            "\\a",
            "#_x",
            "#{1}",
            ":k",
            "#inst \"x\"",
            "final?",
            "final",
            "index",
            "$map",
            "$name",
            "(a b)",
            "a;b",
            "\u{0}",
            "",
        ])
        .prop_map(Arc::from),
    ]
}

fn value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Nil),
        any::<bool>().prop_map(Value::Bool),
        any::<i64>().prop_map(Value::Int),
        (-9i64..9).prop_map(Value::Int),
        text().prop_map(Value::Str),
        text().prop_map(Value::Keyword),
        text().prop_map(Value::Raw),
    ];
    leaf.prop_recursive(4, 24, 4, |inner| {
        prop_oneof![
            vec(inner.clone(), 0..4).prop_map(Value::list),
            vec((inner.clone(), inner), 0..4).prop_map(|pairs| Value::Map(Arc::from(pairs))),
        ]
    })
}

fn event() -> impl Strategy<Value = Event> {
    let kinds = [EventKind::Invoke, EventKind::Ok, EventKind::Fail, EventKind::Info];
    let numbers = (any::<u64>(), 0..=i64::MAX.cast_unsigned(), any::<u32>());
    let rest = (value(), proptest::option::of(text()), any::<bool>());
    let errors = (proptest::option::of(value()), vec((text(), value()), 0..3));
    let kind = proptest::sample::select(kinds.to_vec());
    (numbers, kind, text(), proptest::option::of(value()), rest, errors).prop_map(
        |((index, time, process), kind, f, key, (value, node, is_final), (error, extra))| Event {
            index: index >> 1,
            time: Time(time),
            process: ProcessId(process),
            process_name: None,
            kind,
            f,
            key,
            value,
            node,
            is_final,
            error,
            extra,
        },
    )
}

fn read(file: &[u8]) -> Result<Vec<Event>, FormatError> {
    Reader::new(file, &ReadOptions::default())?.collect()
}

/// Reads to the end in every format, and as a history too. Nothing may panic, and no error may
/// lie outside the file.
fn survive(file: &[u8]) {
    let lines = file.split(|&byte| byte == b'\n').count() as u64;
    let formats = Format::ALL.into_iter().map(Some).chain([None]);
    for (format, independent) in formats.zip([true, false].into_iter().cycle()) {
        let options = ReadOptions { format, independent, event_bytes_max: 1 << 12 };
        if let Ok(reader) = Reader::new(file, &options) {
            for event in reader {
                match event {
                    Ok(event) => drop(again(&event)),
                    Err(error) => {
                        assert!(error.line >= 1 && error.line <= lines && error.column >= 1);
                        assert!(!error.to_string().is_empty());
                    }
                }
            }
        }
        let _either = load(file, &options);
    }
}

fn again(event: &Event) -> Vec<u8> {
    let mut writer = Writer::json_lines(Vec::new()).unwrap();
    writer.event(event).unwrap();
    writer.into_inner()
}

/// Lines such as the corpus has, to be damaged.
const LINES: &[&str] = &[
    r#"{"format":"rashomon-history","version":1}"#,
    r#"{"index":17,"time":1204000123,"process":3,"type":"invoke","f":"write","key":"k3","value":5}"#,
    r#"{"index":18,"time":9,"process":3,"type":"ok","f":"cas","value":[1,{"$name":"x"}],"x":{"$map":[[1,2]]}}"#,
    "({:type :invoke, :f :cas, :value [1 4], :process 101, :time 99286665244}",
    " {:type :info,\n  :f :cas,\n  :value [3 4],\n  :process 62,\n  :error\n  \"clojure.lang.ExceptionInfo: {:r [\\\"Cannot\\\"]}\"})",
    "[{:process 4, :type :invoke, :f :write, :value 2} ; comment",
    "{:process 9, :type :invoke, :f :append, :key \"0\", :value \"x 9 0 y\"}",
    "#jepsen.history.Op{:index 1, :process :nemesis, :type :info, :f :kill, :value #{\"n1\" \\a 1.5 ##Inf}}",
    "{:workload :list-append, :opts {:consistency-models nil}, :expect {:valid? false}}",
    "{:index 0, :process 0, :time -1, :type :ok, :value [[:w :x 1] [:r :y #_ 2 \"\\u00e9\\ud83d\\ude00\"]]}",
    "INFO  jepsen.util - 0\t:invoke\t:read\tnil",
    "INFO  jepsen.util - :nemesis\t:info\t:start\t\"Cut off {:n1 #{:n2}}\"",
    "14\t:info\t:write\t:timed-out\t[:a",
];

proptest! {
    #[test]
    fn events_survive_json(events in vec(event(), 0..6)) {
        let mut writer = Writer::json_lines(Vec::new()).unwrap();
        for event in &events {
            writer.event(event).unwrap();
        }
        let file = writer.into_inner();
        prop_assert_eq!(read(&file), Ok(events), "{}", String::from_utf8_lossy(&file));
    }

    #[test]
    fn events_survive_edn(events in vec(event(), 1..6)) {
        let mut writer = Writer::edn(Vec::new());
        for event in &events {
            writer.event(event).unwrap();
        }
        let file = writer.into_inner();
        prop_assert_eq!(read(&file), Ok(events), "{}", String::from_utf8_lossy(&file));
    }

    #[test]
    fn values_in_edn_are_read_back_whatever_stands_around_them(inner in value(), more in value()) {
        let outer = Value::list([inner.clone(), Value::Map(Arc::from([(more.clone(), inner)])), more]);
        let mut line = String::from("{:process 0 :type :ok :f :f :value");
        edn::push_value(&mut line, &Value::Nil);
        line.truncate(line.len() - "nil".len());
        line.push(' ');
        edn::push_value(&mut line, &outer);
        line.push('}');
        let events = read(line.as_bytes());
        prop_assert_eq!(events.map(|events| events[0].value.clone()), Ok(outer), "{}", line);
    }

    #[test]
    fn a_prefix_of_a_file_loads_as_far_as_its_whole_lines(
        events in vec(event(), 1..4),
        cut in any::<proptest::sample::Index>(),
    ) {
        let mut writer = Writer::json_lines(Vec::new()).unwrap();
        for event in &events {
            writer.event(event).unwrap();
        }
        let file = writer.into_inner();
        let file = &file[..cut.index(file.len())];
        let options = ReadOptions { format: Some(Format::JsonLines), ..ReadOptions::default() };
        let mut reader = Reader::new(file, &options).unwrap();
        let read: Vec<Event> = reader.by_ref().collect::<Result<_, _>>().unwrap();
        let breaks = file.split(|&byte| byte == b'\n').count() - 1;
        let whole = breaks.saturating_sub(1);
        let unbroken = usize::from(reader.torn().is_none() && !file.ends_with(b"\n"));
        prop_assert!(read.len() >= whole && read.len() <= whole + unbroken);
        prop_assert_eq!(&read[..], &events[..read.len()]);
    }

    #[test]
    fn any_bytes_are_survived(file in vec(any::<u8>(), 0..300)) {
        survive(&file);
    }

    #[test]
    fn texts_that_look_like_histories_are_survived(file in "[\\[\\](){}:#_;\"\\\\ ,\n\tau01.\\-]{0,80}") {
        survive(file.as_bytes());
    }

    #[test]
    fn damaged_files_are_survived(
        lines in vec(proptest::sample::select(LINES.to_vec()), 1..6),
        edits in vec((any::<proptest::sample::Index>(), any::<proptest::sample::Index>(), 0..4), 0..6),
    ) {
        const BYTES: &[u8] = b"{}[]()\"\\:#_;, \n\t0-a\xff\x00\xc3";
        let mut file = lines.join("\n").into_bytes();
        for (place, byte, edit) in edits {
            let at = place.index(file.len() + 1);
            let byte = BYTES[byte.index(BYTES.len())];
            match edit {
                0 => file.insert(at, byte),
                1 => file.truncate(at),
                2 if at < file.len() => drop(file.remove(at)),
                _ if at < file.len() => file[at] = byte,
                _ => {}
            }
        }
        survive(&file);
    }

    #[test]
    fn small_buffers_change_nothing(events in vec(event(), 1..5), capacity in 1usize..40) {
        let mut json = Writer::json_lines(Vec::new()).unwrap();
        let mut edn = Writer::edn(Vec::new());
        for event in &events {
            json.event(event).unwrap();
            edn.event(event).unwrap();
        }
        for file in [json.into_inner(), edn.into_inner()] {
            let input = std::io::BufReader::with_capacity(capacity, &file[..]);
            let reader = Reader::new(input, &ReadOptions::default()).unwrap();
            let read: Result<Vec<Event>, _> = reader.collect();
            prop_assert_eq!(read.as_ref(), Ok(&events));
        }
    }
}

/// Our JSON against that of `serde_json`.
#[cfg(feature = "json")]
mod against_serde {
    use rashomon_checker::formats::json;

    use super::*;

    /// The value of one line, as we read it.
    fn ours(text: &str) -> Option<Value> {
        let line = format!("{{\"process\":0,\"type\":\"ok\",\"f\":\"f\",\"value\":{text}}}\n");
        Some(read(line.as_bytes()).ok()?.pop()?.value)
    }

    proptest! {
        #[test]
        fn what_we_write_serde_reads_alike(value in value()) {
            let mut text = String::new();
            json::push_value(&mut text, &value);
            let plain: Result<serde_json::Value, _> = serde_json::from_str(&text);
            prop_assert!(plain.is_ok(), "{}", text);
            let read: Value = serde_json::from_str(&text).unwrap();
            let mut again = serde_json::to_string(&read).unwrap();
            // Numbers that do not fit are kept as text by us, and rounded by serde.
            if !text.chars().any(|letter| letter.is_ascii_digit()) {
                prop_assert_eq!(&read, &value, "{}", text);
                again = serde_json::to_string(&value).unwrap();
            }
            prop_assert!(ours(&again).is_some(), "{}", again);
        }

        #[test]
        fn what_serde_writes_we_read_alike(value in value()) {
            let text = serde_json::to_string(&value).unwrap();
            prop_assert_eq!(ours(&text), Some(value), "{}", text);
        }

        #[test]
        fn texts_are_json_to_both_or_neither(
            text in "([\\[\\]{},:\"\\\\ u0-9a-f.eE+\\-]|null|true|false|\"a\":|\\\\ud83d\\\\ude00|\"x\"){0,12}"
        ) {
            let line = format!("{{\"process\":0,\"type\":\"ok\",\"f\":\"f\",\"value\":{text}}}\n");
            let theirs = serde_json::from_str::<serde_json::Value>(&line);
            let ours = read(line.as_bytes());
            let repeated = |error: &FormatError| matches!(error.problem, Problem::Repeated { .. });
            // Numbers beyond an `f64`, and fields given twice, are matters of taste.
            let beyond = theirs.as_ref().is_err_and(|error| error.to_string().contains("range"));
            if !beyond && !ours.as_ref().is_err_and(repeated) {
                prop_assert_eq!(ours.is_ok(), theirs.is_ok(), "{}", text);
            }
        }
    }
}

#[test]
fn depth_is_limited_alike_in_both_formats() {
    for depth in [MAX_DEPTH - 1, MAX_DEPTH, 100_000] {
        let brackets = "[".repeat(depth) + &"]".repeat(depth);
        let json = format!("{{\"process\":0,\"type\":\"ok\",\"f\":\"f\",\"value\":{brackets}}}\n");
        let edn = format!("{{:process 0, :type :ok, :f :f, :value {brackets}}}\n");
        for file in [json, edn] {
            let read = read(file.as_bytes());
            if depth < MAX_DEPTH {
                assert!(read.is_ok(), "{depth}");
            } else {
                let limit = Problem::TooDeep { limit: MAX_DEPTH };
                assert_eq!(read.map_err(|error| error.problem), Err(limit), "{depth}");
            }
        }
    }
    survive("{:a #_".repeat(50_000).as_bytes());
    survive("#a ".repeat(50_000).as_bytes());
    survive("[{(#{".repeat(50_000).as_bytes());
    survive("{\"a\":".repeat(50_000).as_bytes());
}
