//! Our parser of JSON takes what `serde_json` takes, and understands the same by it.
#![no_main]

use libfuzzer_sys::fuzz_target;
use rashomon_checker::Value;
use rashomon_checker::formats::{Format, FormatError, Problem, ReadOptions, Reader};

fn ours(line: &str) -> Result<Value, FormatError> {
    let format = Some(Format::JsonLines);
    let options = ReadOptions { format, ..ReadOptions::default() };
    let mut reader = Reader::new(line.as_bytes(), &options)?;
    let event = reader.next().expect("a line with a line break is an event or an error")?;
    Ok(event.value)
}

fuzz_target!(|text: &str| {
    if text.contains(['\n', '\r']) {
        return; // Two lines are two events to us, and a blank to serde.
    }
    let line = format!("{{\"process\":0,\"type\":\"ok\",\"f\":\"f\",\"value\":[{text}]}}\n");
    let theirs = serde_json::from_str::<serde_json::Value>(&line);
    let beyond = theirs.as_ref().is_err_and(|error| {
        let error = error.to_string(); // Their numbers are of 64 bits, and they nest deeper.
        error.contains("range") || error.contains("recursion")
    });
    match ours(&line) {
        Err(FormatError {
            problem: Problem::Repeated { .. } | Problem::TooDeep { .. }, ..
        }) => {}
        ours if beyond => drop(ours),
        // A field given after the value may have another type than it should.
        Err(_) if text.contains("],\"") => {}
        Err(error) if error.to_string().contains("begins `$`") => {}
        Err(error) if error.to_string().contains("a list of pairs") => {}
        Err(error) if text.contains("\"$") => drop(error),
        ours => assert_eq!(ours.is_ok(), theirs.is_ok(), "{ours:?} {theirs:?}"),
    }
});
