//! What sorts of values a function carries.

use std::fmt;

use crate::Value;

/// A set of sorts of values.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
pub struct Sorts(u16);

/// Names, each at its bit.
const NAMES: [&str; 9] = [
    "nil",
    "booleans",
    "whole numbers",
    "texts",
    "empty texts",
    "keywords",
    "lists",
    "maps",
    "other values",
];

impl Sorts {
    /// Nothing at all.
    pub const NIL: Self = Self(1);
    /// True or false.
    pub const BOOL: Self = Self(1 << 1);
    /// Whole numbers.
    pub const INT: Self = Self(1 << 2);
    /// Texts that are not empty.
    pub const TEXT: Self = Self(1 << 3);
    /// The empty text.
    pub const EMPTY_TEXT: Self = Self(1 << 4);
    /// Names, as EDN writes `:name`.
    pub const KEYWORD: Self = Self(1 << 5);
    /// Lists.
    pub const LIST: Self = Self(1 << 6);
    /// Maps.
    pub const MAP: Self = Self(1 << 7);
    /// What is held in the words of its file, as fractions are.
    pub const RAW: Self = Self(1 << 8);

    /// Every sort.
    pub const ALL: Self = Self((1 << NAMES.len()) - 1);

    /// The sort of a value.
    pub fn of(value: &Value) -> Self {
        match value {
            Value::Nil => Self::NIL,
            Value::Bool(_) => Self::BOOL,
            Value::Int(_) => Self::INT,
            Value::Str(text) if text.is_empty() => Self::EMPTY_TEXT,
            Value::Str(_) => Self::TEXT,
            Value::Keyword(_) => Self::KEYWORD,
            Value::List(_) => Self::LIST,
            Value::Map(_) => Self::MAP,
            Value::Raw(_) => Self::RAW,
        }
    }

    /// Those of either.
    #[must_use]
    pub const fn and(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// Those that are not of the other.
    #[must_use]
    pub const fn but(self, other: Self) -> Self {
        Self(self.0 & !other.0)
    }

    /// Whether there are none.
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// Whether all of these are among the others.
    pub const fn are_among(self, others: Self) -> bool {
        self.but(others).is_empty()
    }

    /// Whether some of these are among the others.
    pub const fn meet(self, others: Self) -> bool {
        self.0 & others.0 != 0
    }
}

impl fmt::Display for Sorts {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names = NAMES.iter().enumerate().filter(|(bit, _)| self.0 & (1 << bit) != 0);
        let names: Vec<&str> = names.map(|(_, &name)| name).collect();
        match names.split_last() {
            None => out.write_str("nothing"),
            Some((only, [])) => out.write_str(only),
            Some((last, rest)) => write!(out, "{} and {last}", rest.join(", ")),
        }
    }
}

impl fmt::Debug for Sorts {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "Sorts({self})")
    }
}

/// What sorts of values a function was seen to carry.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Shapes {
    /// The arguments.
    pub arguments: Sorts,
    /// What is in arguments that are lists of two, as those of a `cas` are.
    pub pairs: Sorts,
    /// The values of completions that are `ok`.
    pub returns: Sorts,
}

impl Shapes {
    /// Takes note of an argument.
    pub fn asked(&mut self, argument: &Value) {
        self.arguments = self.arguments.and(Sorts::of(argument));
        if let Some(pair @ [_, _]) = argument.as_list() {
            self.pairs = pair.iter().map(Sorts::of).fold(self.pairs, Sorts::and);
        }
    }

    /// Takes note of a return.
    pub fn returned(&mut self, ret: &Value) {
        self.returns = self.returns.and(Sorts::of(ret));
    }
}
