//! What the fields of the user's log mean.

use std::collections::BTreeMap;
use std::path::Path;

use rashomon_checker::Value;
use serde::Deserialize;

use crate::StoreError;

/// What the fields of the user's log mean, as its owner says in a few lines of TOML.
///
/// ```toml
/// process = "thread"       # which field names the client
/// function = "call"
/// key = "account"
/// value = "amount"         # what is asked; several fields make a list
/// result = "answer"        # what is answered, if that is another field
/// start = "begun"          # a row an operation; else: type = "phase", time = "at"
/// end = "ended"
/// outcome = "status"       # ok, fail or info
///
/// [functions]
/// GET = "read"
///
/// [types]
/// success = "ok"
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Mapping {
    /// How the log is written; found out if not said.
    pub format: Option<RowFormat>,
    /// What stands between the fields of a line of CSV: a comma if not said.
    pub separator: Option<char>,
    /// The field that names the process. Without one each row is a process of its own.
    pub process: Option<String>,
    /// The field that names the function.
    pub function: String,
    /// The field that names the object.
    pub key: Option<String>,
    /// The field with the argument, or several that make a list.
    pub value: Option<Fields>,
    /// The field with the return, if it is not the one with the argument.
    pub result: Option<Fields>,
    /// The field that says whether a row is an invocation or a completion.
    #[serde(rename = "type")]
    pub kind: Option<String>,
    /// The field with the time of a row.
    pub time: Option<String>,
    /// The field with the time at which an operation began.
    pub start: Option<String>,
    /// The field with the time at which it ended; empty if it did not.
    pub end: Option<String>,
    /// The field that says how it ended: `ok` if there is none.
    pub outcome: Option<String>,
    /// What the log's functions are called here.
    #[serde(default)]
    pub functions: BTreeMap<String, String>,
    /// What the log's types and outcomes are called here.
    #[serde(default)]
    pub types: BTreeMap<String, String>,
}

/// How the rows of a log are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RowFormat {
    /// The first line names the fields, and each line after it is a row.
    Csv,
    /// Each line is an object.
    JsonLines,
}

/// A field, or several that make a list.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(untagged)]
pub enum Fields {
    /// One.
    One(String),
    /// Several.
    List(Vec<String>),
}

/// Whether a row is an event or an operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum RowKind {
    Event,
    Operation,
}

impl Mapping {
    /// Reads a mapping.
    ///
    /// # Errors
    /// Names the file, and the line or the field at fault.
    pub fn read(path: &Path) -> Result<Self, StoreError> {
        let text = std::fs::read_to_string(path).map_err(|e| StoreError::read(path, e))?;
        Self::parse(&text).map_err(|problem| StoreError::Content { path: path.to_owned(), problem })
    }

    fn parse(text: &str) -> Result<Self, String> {
        let mapping: Self = toml::from_str(text).map_err(|error| {
            let before = error.span().map_or("", |span| &text[..span.start.min(text.len())]);
            let line = before.matches('\n').count() + 1;
            format!("line {line}: {}", error.message().lines().next().unwrap_or("this is not TOML"))
        })?;
        match mapping.contradiction() {
            None => Ok(mapping),
            Some(wrong) => Err(wrong.to_owned()),
        }
    }

    /// What is invalid, if anything.
    fn contradiction(&self) -> Option<&'static str> {
        match (&self.kind, &self.start, &self.end) {
            (Some(_), None, None) if self.process.is_none() => {
                Some("`type` needs `process`, the field with the process of an event")
            }
            (Some(_), None, None) if self.outcome.is_some() => Some(
                "`outcome` belongs to rows with `start` and `end`; `type` says how an operation ended",
            ),
            (None, Some(_), Some(_)) if self.time.is_some() => {
                Some("`time` belongs to rows with a `type`; `start` and `end` are times already")
            }
            (Some(_), None, None) | (None, Some(_), Some(_)) => None,
            (None, None, None) => Some(
                "give `type` if a row is an event, or `start` and `end` if a row is an operation",
            ),
            (None, _, _) => Some("a row that is an operation has both `start` and `end`"),
            (Some(_), _, _) => Some("a row has either a `type` or `start` and `end`"),
        }
    }

    /// Whether a row is an event or an operation.
    pub(crate) fn row_kind(&self) -> RowKind {
        if self.kind.is_some() { RowKind::Event } else { RowKind::Operation }
    }

    /// What a function of the log is called here.
    pub(crate) fn function_named(&self, name: &str) -> String {
        self.functions.get(name).map_or(name, String::as_str).to_owned()
    }

    /// What a type or an outcome of the log is called here.
    pub(crate) fn type_named(&self, name: &str) -> Option<&'static str> {
        let name = self.types.get(name).map_or(name, String::as_str);
        ["invoke", "ok", "fail", "info"].into_iter().find(|&known| known == name)
    }
}

impl Fields {
    /// The value of these fields of a row, if it has all of them.
    pub(crate) fn of(&self, row: &dyn Fn(&str) -> Option<Value>) -> Result<Value, String> {
        match self {
            Self::One(field) => row(field).ok_or_else(|| field.clone()),
            Self::List(fields) => {
                let values = fields.iter().map(|field| row(field).ok_or_else(|| field.clone()));
                Ok(Value::list(values.collect::<Result<Vec<_>, _>>()?))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mapping_that_makes_no_sense_says_what_is_missing() {
        let cases = [
            ("function = \"f\"\n", "give `type` if a row is an event"),
            ("function = \"f\"\nstart = \"s\"\n", "both `start` and `end`"),
            ("function = \"f\"\ntype = \"t\"\n", "needs `process`"),
            ("function = \"f\"\ntype = \"t\"\nstart = \"s\"\n", "either a `type`"),
            ("process = \"p\"\ntype = \"t\"\n", "missing field `function`"),
            ("function = \"f\"\n\nkeey = \"k\"\n", "line 3: unknown field `keey`"),
        ];
        for (text, said) in cases {
            let error = Mapping::parse(text).unwrap_err();
            assert!(error.contains(said), "{error}");
        }
    }
}
