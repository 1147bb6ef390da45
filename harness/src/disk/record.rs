//! Records in the write-ahead log, and what a log that was not written to its end looks like.
//!
//! ```text
//! ┌ length: u32 ┬ CRC-32 of the length: u32 ┬ CRC-32 of the payload: u32 ┬ payload ┐   little-endian
//! ```
//!
//! The length has a checksum of its own, so that a length that points beyond the end of the file
//! can be believed: the record was being written when the node died. A damaged length would look the
//! same, and all records after it would be dropped as if they had never been acknowledged.

/// What a record begins with.
pub(crate) const HEADER: usize = 12;

/// What is found at a place in a log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Found<'a> {
    /// A whole record, and the place after it.
    Whole {
        /// What it holds.
        payload: &'a [u8],
        /// Where the next one begins.
        end: usize,
    },
    /// Nothing: the log ends here.
    End,
    /// The beginning of a record, or remains of one, with no whole record after it: what a crash
    /// while writing leaves.
    Torn,
    /// Something else than a record, with a whole record after it: what was durable is damaged.
    Damaged {
        /// Where the whole record begins.
        whole_at: usize,
    },
}

/// The records of a log, and where they end: there a torn one may begin.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Scanned<'a> {
    /// What each holds, and where it begins.
    pub(crate) records: Vec<(usize, &'a [u8])>,
    /// Where the last whole one ends.
    pub(crate) end: usize,
}

/// Something else than a record, with a whole record after it: what was durable is damaged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Damaged {
    /// Where it is.
    pub(crate) at: usize,
    /// Where the whole record begins.
    pub(crate) whole_at: usize,
}

/// All records from `at` on. What a crash while writing leaves at the end is no record. O(the log).
///
/// # Errors
/// If a record before a whole one is damaged: both may have been acknowledged.
pub(crate) fn scan(log: &[u8], mut at: usize) -> Result<Scanned<'_>, Damaged> {
    let mut records = Vec::new();
    loop {
        match find(log, at) {
            Found::Whole { payload, end } => {
                records.push((at, payload));
                at = end;
            }
            Found::End | Found::Torn => return Ok(Scanned { records, end: at }),
            Found::Damaged { whole_at } => return Err(Damaged { at, whole_at }),
        }
    }
}

/// Appends a record to `log`.
pub(crate) fn append(log: &mut Vec<u8>, payload: &[u8]) {
    let length = u32::try_from(payload.len()).expect("records are far below 4 GiB").to_le_bytes();
    log.extend(length);
    log.extend(crc32fast::hash(&length).to_le_bytes());
    log.extend(crc32fast::hash(payload).to_le_bytes());
    log.extend(payload);
}

/// What is at `at`. O(1) and the length of a record where there is one, else O(the rest).
fn find(log: &[u8], at: usize) -> Found<'_> {
    if at >= log.len() {
        return Found::End;
    }
    if let Some((payload, end)) = whole(log, at) {
        return Found::Whole { payload, end };
    }
    match (at + 1..log.len()).find(|&later| whole(log, later).is_some()) {
        Some(whole_at) => Found::Damaged { whole_at },
        None => Found::Torn,
    }
}

/// The payload of a whole record at `at`, and where it ends.
fn whole(log: &[u8], at: usize) -> Option<(&[u8], usize)> {
    let (header, rest) = log.get(at..)?.split_at_checked(HEADER)?;
    let number = |from: usize| header[from..from + 4].try_into().map(u32::from_le_bytes).ok();
    if number(4)? != crc32fast::hash(&header[..4]) {
        return None;
    }
    let payload = rest.get(..number(0)? as usize)?;
    (number(8)? == crc32fast::hash(payload)).then_some((payload, at + HEADER + payload.len()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn log(payloads: &[&[u8]]) -> Vec<u8> {
        let mut log = Vec::new();
        for payload in payloads {
            append(&mut log, payload);
        }
        log
    }

    #[test]
    fn records_are_found_one_after_another() {
        let log = log(&[b"one", b"", b"three"]);
        let (mut at, mut found) = (0, Vec::new());
        while let Found::Whole { payload, end } = find(&log, at) {
            found.push(payload);
            at = end;
        }
        assert_eq!(found, [&b"one"[..], b"", b"three"]);
        assert_eq!(find(&log, at), Found::End);
    }

    #[test]
    fn a_record_cut_short_anywhere_is_torn() {
        let log = log(&[b"one"]);
        for len in 1..log.len() {
            assert_eq!(find(&log[..len], 0), Found::Torn, "{len} bytes");
        }
    }

    #[test]
    fn damage_to_any_byte_before_a_whole_record_is_damage_and_not_a_torn_tail() {
        let whole = log(&[b"one", b"two"]);
        let second = HEADER + 3;
        for at in 0..whole.len() {
            for bit in 0..8 {
                let mut log = whole.clone();
                log[at] ^= 1 << bit;
                if at < second {
                    assert_eq!(find(&log, 0), Found::Damaged { whole_at: second }, "byte {at}");
                } else {
                    assert_eq!(find(&log, 0), Found::Whole { payload: b"one", end: second });
                    assert_eq!(find(&log, second), Found::Torn, "byte {at}");
                }
            }
        }
    }

    #[test]
    fn zeros_that_a_file_system_left_at_the_end_are_a_torn_tail() {
        let mut log = log(&[b"one"]);
        let end = log.len();
        log.resize(end + 4096, 0);
        assert_eq!(find(&log, end), Found::Torn);
    }
}
