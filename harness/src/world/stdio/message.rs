//! Messages of the Maelstrom protocol: one JSON object a line.

use rashomon_checker::visible;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::maelstrom::Raw;

/// Longer lines are no messages.
pub(super) const LINE_MAX: u64 = 16 << 20;
/// How much of a line that is no message is shown, in characters.
const SHOWN: usize = 80;

/// A message from any sender.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Message {
    /// Who sends it.
    pub(super) src: String,
    /// Who is to get it.
    pub(super) dest: String,
    /// What it says.
    pub(super) body: Raw,
}

impl Message {
    /// The message in a line.
    ///
    /// # Errors
    /// What the line is instead.
    pub(super) fn read(line: &[u8]) -> Result<Self, String> {
        if line.len() as u64 > LINE_MAX {
            return Err(format!("wrote a line of more than {} MiB", LINE_MAX >> 20));
        }
        let text = std::str::from_utf8(line).map_err(|_| "wrote a line that is not UTF-8")?;
        serde_json::from_str(text).map_err(|error| {
            let start: String = text.trim_end().chars().take(SHOWN).collect();
            format!("wrote a line that is not a message: {} ({error})", visible(&start))
        })
    }

    /// Its line, with the end of it.
    pub(super) fn line(&self) -> Vec<u8> {
        let mut line = serde_json::to_vec(self).expect("strings and JSON are JSON");
        line.push(b'\n');
        line
    }

    /// Its number, if it is a request.
    pub(super) fn number(&self) -> Option<u64> {
        self.body.get("msg_id").and_then(Value::as_u64)
    }

    /// The number of the request that it answers.
    pub(super) fn in_reply_to(&self) -> Option<u64> {
        self.body.get("in_reply_to").and_then(Value::as_u64)
    }

    /// What kind of message it is.
    pub(super) fn kind(&self) -> &str {
        self.body.get("type").and_then(Value::as_str).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_read_and_written_and_fields_that_mean_nothing_are_taken() {
        let line = br#"{"id":3,"src":"n0","dest":"c1","body":{"type":"read_ok","in_reply_to":7}}"#;
        let message = Message::read(line).unwrap();
        assert_eq!((message.kind(), message.in_reply_to()), ("read_ok", Some(7)));
        assert_eq!(Message::read(&message.line()).unwrap(), message);
    }

    #[test]
    fn what_is_no_message_is_told_as_what_it_is() {
        for (line, told) in [
            (&b"hello"[..], "not a message: hello"),
            (br#"{"src":"n0","dest":"n1"}"#, "not a message"),
            (b"\xff\xfe", "not UTF-8"),
            (b"\x1b[31m", r"\u{1b}"),
        ] {
            let error = Message::read(line).unwrap_err();
            assert!(error.contains(told), "{error}");
        }
        let long = vec![b' '; usize::try_from(LINE_MAX).unwrap() + 1];
        assert!(Message::read(&long).unwrap_err().contains("16 MiB"));
    }
}
