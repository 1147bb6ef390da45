//! Histories as strangers write them: named processes, times of all kinds, lines out of order,
//! pairs of a key and a value, arrays.
#![expect(clippy::unwrap_used, reason = "a test may panic")]

use std::ops::ControlFlow;

use rashomon_checker::formats::{
    Format, LoadError, Order, ReadOptions, Reader, Torn, Tuples, Writer, load,
};
use rashomon_checker::passes::{Again, Group, Passed, Passes, Room};
use rashomon_checker::{Event, Time, Value};

const ROOM: Room = Room { bytes: 1 << 24, threads: 1 };

fn events(text: &str) -> Vec<Event> {
    let reader = Reader::new(text.as_bytes(), &ReadOptions::default()).unwrap();
    reader.map(|event| event.unwrap_or_else(|error| panic!("{text}: {error}"))).collect()
}

fn refused(text: &str) -> String {
    Reader::new(text.as_bytes(), &ReadOptions::default())
        .and_then(Iterator::collect::<Result<Vec<Event>, _>>)
        .expect_err("the file is wrong")
        .to_string()
}

/// Reads files in passes, until there is a group.
fn passed(files: &[&str], again: Again) -> Result<(Group, u32), LoadError> {
    let passes = Passes::new(&ReadOptions::default(), ROOM, again).finding_tuples();
    let mut passes = if files.len() > 1 { passes.by_time() } else { passes };
    for pass in 1.. {
        let inputs = files.iter().map(|text| text.as_bytes());
        let came = passes.read_all(inputs, &mut |_| ControlFlow::Continue(None));
        if let Passed::Group(group) = came.map_err(|wrong| wrong.error)? {
            return Ok((*group, pass));
        }
    }
    unreachable!("a group comes in the end")
}

#[test]
fn any_scalar_names_a_process_and_only_nemesis_is_the_nemesis() {
    let json = "{\"process\":\"w1\",\"type\":\"invoke\",\"f\":\"read\"}\n\
                {\"process\":2,\"type\":\"invoke\",\"f\":\"read\"}\n\
                {\"process\":\"nemesis\",\"type\":\"info\",\"f\":\"kill\"}\n\
                {\"process\":true,\"type\":\"invoke\",\"f\":\"read\"}\n\
                {\"process\":-1,\"type\":\"invoke\",\"f\":\"read\"}\n\
                {\"process\":1.5,\"type\":\"invoke\",\"f\":\"read\"}\n\
                {\"process\":99999999999,\"type\":\"invoke\",\"f\":\"read\"}\n";
    let edn = "{:process \"w1\", :type :invoke, :f :read}\n{:process 2, :type :invoke, :f :read}\n\
               {:process :nemesis, :type :info, :f :kill}\n{:process true, :type :invoke, :f :read}\n\
               {:process -1, :type :invoke, :f :read}\n{:process 1.5, :type :invoke, :f :read}\n\
               {:process 99999999999, :type :invoke, :f :read}\n";
    for text in [json, edn] {
        let events = events(text);
        let names: Vec<String> = events.iter().map(|event| event.who().to_string()).collect();
        assert_eq!(names, ["w1", "p2", "true", "-1", "1.5", "99999999999"]);
        let loaded = load(text.as_bytes(), &ReadOptions::default()).unwrap();
        assert_eq!(loaded.notes.nemesis_events, 1);
        let first = loaded.history.iter().next().unwrap();
        assert_eq!(first.who().to_string(), "w1");
    }
    let keyword = events("{:process :w1, :type :invoke, :f :read}");
    assert_eq!(keyword[0].who().to_string(), ":w1");
    let log = events("INFO jepsen.util - :w1\t:invoke\t:read\tnil\n");
    assert_eq!(log[0].who().to_string(), ":w1");
    for wrong in ["null", "[1]", "{}"] {
        let text = format!("{{\"process\":{wrong},\"type\":\"invoke\",\"f\":\"read\"}}\n");
        assert!(refused(&text).contains("expected a process: a number, or a name"), "{wrong}");
    }
}

#[test]
fn names_of_processes_survive_being_written() {
    let text =
        "{:process :w1, :type :invoke, :f :read}\n{:process \"p 2\", :type :invoke, :f :read}\n";
    let before = events(text);
    let mut json = Writer::json_lines(Vec::new()).unwrap();
    let mut edn = Writer::edn(Vec::new());
    for event in &before {
        json.event(event).unwrap();
        edn.event(event).unwrap();
    }
    for file in [json.into_inner(), edn.into_inner()] {
        assert_eq!(events(std::str::from_utf8(&file).unwrap()), before);
    }
}

#[test]
fn an_error_names_a_process_as_its_file_does() {
    let line = "{\"process\":\"w1\",\"type\":\"invoke\",\"f\":\"read\"}\n";
    let error = load(line.repeat(2).as_bytes(), &ReadOptions::default()).unwrap_err();
    assert_eq!(
        error.to_string(),
        "line 2: event 1: process w1 invoked an op while its op at event 0 is in flight"
    );
}

#[test]
fn times_are_nanoseconds_seconds_or_dates_but_one_of_these() {
    let at = |time: &str| {
        events(&format!("{{\"process\":0,\"type\":\"invoke\",\"f\":\"read\",\"time\":{time}}}\n"))
            [0]
        .time
    };
    assert_eq!(at("17"), Time(17));
    assert_eq!(at("1.5"), Time(1_500_000_000));
    assert_eq!(at("\"1970-01-01T00:00:01Z\""), Time(1_000_000_000));
    assert_eq!(at("null"), Time(0));
    let inst = "{:process 0, :type :invoke, :f :read, :time #inst \"1970-01-01T00:00:02.5Z\"}";
    assert_eq!(events(inst)[0].time, Time(2_500_000_000));
    let line = |process: u32, time: &str| {
        format!("{{\"process\":{process},\"type\":\"invoke\",\"f\":\"read\",\"time\":{time}}}\n")
    };
    let mixed = refused(&format!("{}{}", line(0, "1.5"), line(1, "2")));
    assert!(mixed.contains("line 2") && mixed.contains("as the times before it are"), "{mixed}");
    let wrong = refused(&line(0, "\"yesterday\""));
    assert!(wrong.contains("ISO 8601"), "{wrong}");
}

#[test]
fn a_date_is_told_since_the_first_event() {
    let line = |kind: &str, second: u32| {
        format!(
            "{{\"process\":0,\"type\":\"{kind}\",\"f\":\"read\",\"time\":\"2026-11-24T10:00:0{second}Z\"}}\n"
        )
    };
    let (group, _) = passed(&[&(line("invoke", 1) + &line("ok", 3))], Again::Yes).unwrap();
    let read = group.history.iter().next().unwrap();
    assert_eq!((read.invoke_time, read.complete_time), (Time(0), Some(Time(2_000_000_000))));
}

/// Two clients' logs, each in order.
const FIRST: &str = "{\"process\":0,\"type\":\"invoke\",\"f\":\"write\",\"value\":1,\"time\":10}\n\
                     {\"process\":0,\"type\":\"ok\",\"f\":\"write\",\"value\":1,\"time\":30}\n";
const SECOND: &str = "{\"process\":1,\"type\":\"invoke\",\"f\":\"read\",\"time\":5}\n\
                      {\"process\":1,\"type\":\"ok\",\"f\":\"read\",\"value\":null,\"time\":40}\n";

#[test]
fn where_times_contradict_lines_events_are_taken_by_time_and_that_is_said() {
    let (group, _) = passed(&[&format!("{FIRST}{SECOND}")], Again::Yes).unwrap();
    assert_eq!(group.notes.order, Order::Times);
    assert_eq!(group.notes.disorder.map(|disorder| disorder.line), Some(3));
    let functions: Vec<String> = group.history.iter().map(|op| op.f.to_owned()).collect();
    assert_eq!(functions, ["read", "write"], "the read began first");
    // Several files are the same history, in whatever order they are given.
    for files in [[FIRST, SECOND], [SECOND, FIRST]] {
        let (group, _) = passed(&files, Again::Yes).unwrap();
        assert_eq!(group.notes.order, Order::Times);
        let functions: Vec<String> = group.history.iter().map(|op| op.f.to_owned()).collect();
        assert_eq!(functions, ["read", "write"]);
    }
    let (group, passes) = passed(&[FIRST], Again::Yes).unwrap();
    assert_eq!((group.notes.order, passes), (Order::Lines, 1));
}

#[test]
fn an_order_that_is_not_well_defined_is_refused_by_line() {
    let untimed = "{\"process\":2,\"type\":\"invoke\",\"f\":\"read\"}\n";
    let told = |text: &str, again| passed(&[text], again).unwrap_err().to_string();
    let error = told(&format!("{FIRST}{SECOND}{untimed}"), Again::Yes);
    assert!(error.starts_with("line 5: this event has no time"), "{error}");
    let back = FIRST.replace("30", "3");
    let error = told(&back, Again::Yes);
    assert!(error.starts_with("line 2: by its time this event of process 0"), "{error}");
    let error = told(&format!("{FIRST}{SECOND}"), Again::No);
    assert!(error.starts_with("line 3: this event is earlier than one before it"), "{error}");
    assert!(passed(&[FIRST, untimed], Again::Yes).unwrap_err().to_string().contains("no time"));
}

#[test]
fn a_process_that_invokes_twice_is_an_error_whatever_the_order() {
    let twice = FIRST.replace("\"ok\"", "\"invoke\"");
    for text in [twice.clone(), format!("{twice}{SECOND}")] {
        let error = passed(&[&text], Again::Yes).unwrap_err().to_string();
        assert!(error.contains("process 0 invoked an op while"), "{error}");
        assert!(error.starts_with("line 2: "), "{error}");
    }
}

#[test]
fn pairs_of_a_key_and_a_value_are_recognised_by_reads_that_carry_a_key() {
    let pairs = "{:process 0, :type :invoke, :f :write, :value [1 3]}\n\
                 {:process 0, :type :ok, :f :write, :value [1 3]}\n\
                 {:process 0, :type :invoke, :f :cas, :value [1 [3 4]]}\n\
                 {:process 0, :type :info, :f :cas, :value [1 [3 4]]}\n\
                 {:process 1, :type :invoke, :f :read, :value [1 nil]}\n\
                 {:process 1, :type :ok, :f :read, :value [1 4]}\n";
    let (group, _) = passed(&[pairs], Again::Yes).unwrap();
    assert_eq!(group.notes.tuples, Tuples::Assumed);
    assert_eq!(group.history.keys(), [Value::Int(1)]);
    let error = passed(&[pairs], Again::No).unwrap_err();
    assert_eq!(error, LoadError::Tuples, "a pipe cannot be read again");
    // Without the read, a pair may be the value: the user must say.
    let unclear = pairs.lines().take(4).collect::<Vec<_>>().join("\n");
    assert_eq!(passed(&[&unclear], Again::Yes).unwrap_err(), LoadError::Tuples);
}

#[test]
fn values_that_are_pairs_are_not_taken_for_a_key_and_a_value() {
    let plain = [
        // A comparison carries what it expects, and what it writes.
        "{:process 0, :type :invoke, :f :cas, :value [1 2]}\n",
        // A register of pairs: reads carry nothing.
        "{:process 0, :type :invoke, :f :write, :value [1 2]}\n\
         {:process 1, :type :invoke, :f :read, :value nil}\n",
        // What is written is a pair, and nobody reads.
        "{:process 0, :type :invoke, :f :write, :value [1 2]}\n",
        "{:process 0, :type :invoke, :f :read, :value [1 nil]}\n\
         {:process 1, :type :invoke, :f :write, :value 7}\n",
        "{:process 0, :type :invoke, :f :txn, :value [[:r 1 nil] [:w 1 2]]}\n",
    ];
    for text in plain {
        let (group, passes) = passed(&[text], Again::Yes).unwrap();
        assert_eq!((group.notes.tuples, passes), (Tuples::Plain, 1), "{text}");
        assert!(group.history.keys().is_empty());
    }
}

#[test]
fn an_array_of_events_is_read_over_any_number_of_lines() {
    let text = "\u{feff}[\n  {\n    \"process\": 0,\n    \"type\": \"invoke\", \"f\": \"write\",\n    \
                \"value\": {\"a\": [\"}\", \"\\\"]\"]}\n  },\n  {\"process\":0,\"type\":\"ok\",\"f\":\"write\"}\n]\n";
    let reader = Reader::new(text.as_bytes(), &ReadOptions::default()).unwrap();
    assert_eq!(reader.format(), Format::JsonArray);
    assert_eq!(events(text).len(), 2);
    assert_eq!(events("[{\"process\":0,\"type\":\"invoke\",\"f\":\"read\"}]").len(), 1);
    let wrong = text.replace("\"type\":\"ok\"", "\"type\":\"yes\"");
    assert!(
        refused(&wrong).starts_with("line 7, column 23: expected `\"invoke\"`"),
        "{}",
        refused(&wrong)
    );
    let late = text.replace("\"invoke\"", "7");
    assert!(refused(&late).starts_with("line 4, column 13: "), "{}", refused(&late));
    assert!(refused(&format!("{text}x")).contains("nothing after the `]`"));
}

#[test]
fn an_array_that_a_killed_writer_left_is_read_as_far_as_it_goes() {
    let whole = "[{\"process\":0,\"type\":\"invoke\",\"f\":\"read\"},\n{\"process\":0,\"type\":\"ok\",\"f\":\"read\"}]";
    let second = whole.find('\n').unwrap() + 1;
    for cut in second..whole.len() {
        let mut reader = Reader::new(&whole.as_bytes()[..cut], &ReadOptions::default()).unwrap();
        let events = reader.by_ref().collect::<Result<Vec<_>, _>>().unwrap();
        assert_eq!(events.len(), 1 + usize::from(cut == whole.len() - 1), "cut at {cut}");
        let Torn { line, bytes } = reader.torn().unwrap();
        let begun = if cut == whole.len() - 1 { 0 } else { cut - second };
        assert_eq!((line, bytes), (2, begun), "cut at {cut}");
    }
}
