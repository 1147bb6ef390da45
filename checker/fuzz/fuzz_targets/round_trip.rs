//! Whatever is read in some format is the same when written in JSON or EDN and read again.
#![no_main]

use libfuzzer_sys::fuzz_target;
use rashomon_checker::Event;
use rashomon_checker::formats::{Format, ReadOptions, Reader, Writer};

fn read(file: &[u8], format: Option<Format>) -> Option<Vec<Event>> {
    let options = ReadOptions { format, event_bytes_max: 1 << 20, ..ReadOptions::default() };
    Reader::new(file, &options).ok()?.collect::<Result<_, _>>().ok()
}

fuzz_target!(|file: &[u8]| {
    let Some(events) = read(file, None) else { return };
    let mut json = Writer::json_lines(Vec::new()).expect("a vector takes anything");
    let mut edn = Writer::edn(Vec::new());
    for event in &events {
        json.event(event).expect("a vector takes anything");
        edn.event(event).expect("a vector takes anything");
    }
    assert_eq!(read(json.get_ref(), Some(Format::JsonLines)).as_ref(), Some(&events));
    assert_eq!(read(edn.get_ref(), Some(Format::Edn)).as_ref(), Some(&events));
});
