//! What a campaign has done so far: an append-only file with a line for each finished job.
//!
//! ```text
//! {"format":"rashomon-journal","version":2,"build":{…},"campaign":"<16 hex digits>",…}
//! {"cell":0,"first":1,"count":64,"facts":{…},"how":{…},"crc32":"8f3a91bc"}
//! ```
//!
//! A line is one write, and its checksum is of all that stands before it. A program that is killed leaves at
//! most one line that is not whole, which is the last: it is cut off, and its job counts as not done.

mod read;
mod record;
mod write;

pub use read::{JournalRead, read_journal};
pub use record::{
    DoubtfulRunRecord, FailureRecord, JobFactsRecord, JobHowRecord, JobRecord, JournalHead,
    ShareRecord,
};
pub use write::JournalWriter;

#[cfg(test)]
mod tests;

/// What stands between a record and its checksum.
const CHECKSUM: &str = ",\"crc32\":\"";

/// The line of a record, with its checksum and the end of the line.
fn sealed(json: &str) -> String {
    let body = json.strip_suffix('}').unwrap_or(json);
    format!("{body}{CHECKSUM}{:08x}\"}}\n", crc32fast::hash(body.as_bytes()))
}

/// The record in a line without its end, if its checksum is right: the text is JSON but for the brace that
/// closes it.
fn opened(line: &str) -> Option<&str> {
    let (body, sum) = line.rsplit_once(CHECKSUM)?;
    let sum = u32::from_str_radix(sum.strip_suffix("\"}")?, 16).ok()?;
    (sum == crc32fast::hash(body.as_bytes())).then_some(body)
}
