//! What operations carry: arguments, returns and keys.

use std::fmt;
use std::sync::Arc;

use crate::visible;

/// A plain value, as files and wires carry them. Cheap to clone.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Value {
    /// Nothing: a key never written, an empty queue.
    #[default]
    Nil,
    /// True or false.
    Bool(bool),
    /// A whole number.
    Int(i64),
    /// A text.
    Str(Arc<str>),
    /// A name, as EDN writes `:name`; held without the colon.
    Keyword(Arc<str>),
    /// Several values, in order.
    List(Arc<[Value]>),
    /// Pairs, in the order in which they were given.
    Map(Arc<[(Value, Value)]>),
    /// Anything else, in the words of its file. Compared as text.
    Raw(Arc<str>),
}

impl Value {
    /// A text.
    pub fn str(text: &str) -> Self {
        Self::Str(Arc::from(text))
    }

    /// A name.
    pub fn keyword(name: &str) -> Self {
        Self::Keyword(Arc::from(name))
    }

    /// Several values, in order.
    pub fn list(items: impl IntoIterator<Item = Value>) -> Self {
        Self::List(items.into_iter().collect())
    }

    /// The number, if it is one.
    pub fn as_int(&self) -> Option<i64> {
        if let Self::Int(number) = self { Some(*number) } else { None }
    }

    /// The text, if it is one.
    pub fn as_str(&self) -> Option<&str> {
        if let Self::Str(text) = self { Some(text) } else { None }
    }

    /// The items, if it is a list.
    pub fn as_list(&self) -> Option<&[Value]> {
        if let Self::List(items) = self { Some(items) } else { None }
    }
}

impl From<i64> for Value {
    fn from(number: i64) -> Self {
        Self::Int(number)
    }
}

impl From<String> for Value {
    fn from(text: String) -> Self {
        Self::str(&text)
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::str(text)
    }
}

/// A list of the items.
impl<const N: usize> From<[Value; N]> for Value {
    fn from(items: [Value; N]) -> Self {
        Self::list(items)
    }
}

/// A list of the items.
impl From<Vec<Value>> for Value {
    fn from(items: Vec<Value>) -> Self {
        Self::list(items)
    }
}

/// Nothing.
impl From<()> for Value {
    fn from((): ()) -> Self {
        Self::Nil
    }
}

impl From<bool> for Value {
    fn from(truth: bool) -> Self {
        Self::Bool(truth)
    }
}

/// For people: nothing in it acts on a terminal.
impl fmt::Display for Value {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Nil => out.write_str("nil"),
            Self::Bool(truth) => write!(out, "{truth}"),
            Self::Int(number) => write!(out, "{number}"),
            Self::Str(text) => write!(out, "{}", visible(&format!("{text:?}"))),
            Self::Keyword(name) => write!(out, ":{}", visible(name)),
            Self::Raw(text) => out.write_str(&visible(text)),
            Self::List(items) => {
                out.write_str("[")?;
                for (place, item) in items.iter().enumerate() {
                    let gap = if place == 0 { "" } else { " " };
                    write!(out, "{gap}{item}")?;
                }
                out.write_str("]")
            }
            Self::Map(pairs) => {
                out.write_str("{")?;
                for (place, (key, value)) in pairs.iter().enumerate() {
                    let gap = if place == 0 { "" } else { ", " };
                    write!(out, "{gap}{key} {value}")?;
                }
                out.write_str("}")
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_print_as_people_write_them() {
        let list = Value::list([Value::Int(1), Value::Nil, Value::str("x"), Value::keyword("k")]);
        assert_eq!(list.to_string(), r#"[1 nil "x" :k]"#);
        let map = Value::Map(Arc::from([(Value::str("a"), Value::Bool(true))]));
        assert_eq!(map.to_string(), r#"{"a" true}"#);
    }
}
