//! Files of ours, read to the last key: an unknown key is a typing mistake, and its author
//! believes that it counts.

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

/// What a file or an object of ours says first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Header {
    /// `rashomon-<thing>`.
    pub format: &'static str,
    /// The version that this build reads and writes.
    pub version: u64,
}

/// An object with its format and version before its own fields.
#[derive(Clone, Debug, Serialize)]
pub struct Stamped<T> {
    format: &'static str,
    version: u64,
    #[serde(flatten)]
    content: T,
}

/// Reads JSON: all of it, or nothing.
///
/// # Errors
/// Names the line and column, the format, or the path of the key that is not known.
pub fn json<T: Serialize + DeserializeOwned>(text: &str, header: Header) -> Result<T, String> {
    let there: Value = serde_json::from_str(text).map_err(|error| error.to_string())?;
    header.check(&there)?;
    let read: T = serde_json::from_str(text).map_err(|error| error.to_string())?;
    whole(read, &there)
}

/// Whether a text is the first line of a file of this format and version.
///
/// # Errors
/// As [`json`].
pub fn header(text: &str, header: Header) -> Result<(), String> {
    let there: Value = serde_json::from_str(text).map_err(|error| error.to_string())?;
    header.check(&there)
}

/// Reads one line of a file whose first line says its format.
///
/// # Errors
/// Names the column, or the path of the key that is not known.
pub fn line<T: Serialize + DeserializeOwned>(text: &str) -> Result<T, String> {
    let read: T = serde_json::from_str(text).map_err(|error| error.to_string())?;
    // Ours are written so; others are compared key by key, which takes longer.
    if serde_json::to_string(&read).is_ok_and(|written| written == text) {
        return Ok(read);
    }
    let there: Value = serde_json::from_str(text).map_err(|error| error.to_string())?;
    whole(read, &there)
}

/// Reads TOML.
///
/// # Errors
/// As [`json`].
pub fn toml<T: Serialize + DeserializeOwned>(text: &str, header: Header) -> Result<T, String> {
    let plain = |error: ::toml::de::Error| error.to_string().trim_end().to_owned();
    let there: Value = ::toml::from_str(text).map_err(plain)?;
    header.check(&there)?;
    let read: T = ::toml::from_str(text).map_err(plain)?;
    whole(read, &there)
}

impl Header {
    /// An object that begins with this.
    pub fn on<T: Serialize>(self, content: T) -> Stamped<T> {
        Stamped { format: self.format, version: self.version, content }
    }

    /// Whether a file is of this format and version.
    fn check(self, there: &Value) -> Result<(), String> {
        let Self { format, version } = self;
        match there.get("format") {
            Some(Value::String(is)) if is == format => {}
            Some(is) => return Err(format!("format {is} is not {format:?}")),
            None => {
                return Err(format!(
                    "it has no `format`; this kind of file has format {format:?} and version {version}"
                ));
            }
        }
        match there.get("version") {
            Some(is) if is.as_u64() == Some(version) => Ok(()),
            Some(is) => {
                Err(format!("version {is} of {format}; this build reads version {version}"))
            }
            None => Err(format!("it has no `version`; this build reads version {version}")),
        }
    }
}

/// What was read, if it is all that is there.
fn whole<T: Serialize>(read: T, there: &Value) -> Result<T, String> {
    let understood = serde_json::to_value(&read).map_err(|error| error.to_string())?;
    match stranger(there, &understood) {
        None => Ok(read),
        Some(path) => Err(format!("`{path}` is not a known field; remove it or correct it")),
    }
}

/// The path of the first key that is there and was not understood.
fn stranger(there: &Value, understood: &Value) -> Option<String> {
    match (there, understood) {
        (Value::Object(there), Value::Object(understood)) => {
            there.iter().find_map(|(key, value)| {
                match understood.get(key) {
                    Some(read) => stranger(value, read).map(|rest| format!("{key}.{rest}")),
                    // What is left out where it is empty.
                    None if value.as_array().is_some_and(Vec::is_empty) => None,
                    None if *value == Value::Bool(false) => None,
                    None => Some(key.clone()),
                }
            })
        }
        (Value::Array(there), Value::Array(understood)) => {
            there.iter().zip(understood).enumerate().find_map(|(at, (value, read))| {
                stranger(value, read).map(|rest| format!("{at}.{rest}"))
            })
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    use super::*;

    const HEADER: Header = Header { format: "rashomon-shelf", version: 2 };

    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    struct Shelf {
        format: String,
        version: u32,
        books: Vec<Book>,
    }

    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    #[serde(tag = "kind", rename_all = "kebab-case")]
    enum Book {
        Novel,
        Atlas { maps: u32 },
    }

    #[track_caller]
    fn refused(text: &str, told: &str) {
        let error = json::<Shelf>(text, HEADER).unwrap_err();
        assert!(error.contains(told), "{error}");
    }

    #[test]
    fn a_key_that_nobody_reads_is_refused_wherever_it_is() {
        let shelf =
            |books: &str| format!(r#"{{"format":"rashomon-shelf","version":2,"books":[{books}]}}"#);
        let both = shelf(r#"{"kind":"novel"},{"kind":"atlas","maps":3}"#);
        let read: Shelf = json(&both, HEADER).unwrap();
        assert_eq!(read.books, [Book::Novel, Book::Atlas { maps: 3 }]);
        refused(&shelf(r#"{"kind":"novel"},{"kind":"novel","maps":3}"#), "`books.1.maps`");
        refused(&shelf("").replace("books", "boks"), "missing field `books`");
        refused(&shelf("").replacen('{', r#"{"door":1,"#, 1), "`door`");
    }

    #[test]
    fn another_format_or_version_is_refused_by_name() {
        let text = r#"{"format":"rashomon-shelf","version":2,"books":[]}"#;
        refused(
            &text.replace("shelf", "table"),
            r#"format "rashomon-table" is not "rashomon-shelf""#,
        );
        refused(
            &text.replace(":2", ":3"),
            "version 3 of rashomon-shelf; this build reads version 2",
        );
        refused(r#"{"books":[]}"#, "it has no `format`");
        refused("{\"format\":\n oops", "line 2 column");
    }
}
