//! Any bytes, read in every format and made a history: nothing panics, no error lies outside the
//! file, and a torn event is reported only at its end.
#![no_main]

use libfuzzer_sys::fuzz_target;
use rashomon_checker::formats::{Format, ReadOptions, Reader, load};

fuzz_target!(|file: &[u8]| {
    let lines = file.split(|&byte| byte == b'\n').count() as u64;
    for format in Format::ALL.into_iter().map(Some).chain([None]) {
        for independent in [false, true] {
            let options = ReadOptions { format, independent, event_bytes_max: 1 << 12 };
            let Ok(mut reader) = Reader::new(file, &options) else { continue };
            for event in reader.by_ref() {
                if let Err(error) = event {
                    assert!((1..=lines).contains(&error.line) && error.column >= 1, "{error}");
                }
            }
            assert!(reader.torn().is_none_or(|torn| torn.line == lines), "{:?}", reader.torn());
            let _either = load(file, &options);
        }
    }
});
