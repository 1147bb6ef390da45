//! The flags of a family as data: what they are called, what they take, and what was given.

use std::collections::BTreeMap;

use crate::ConfigError;

/// A setting that is one of a few, each with a name.
pub trait Choice: Copy + PartialEq + 'static {
    /// All of them, in the order in which they are listed.
    const ALL: &'static [Self];

    /// The word on the command line.
    fn name(self) -> &'static str;

    /// What it means, in a few words; empty where the word says it.
    fn summary(self) -> &'static str;
}

/// Whether something is done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Switch {
    /// It is.
    On,
    /// It is not.
    Off,
}

impl Choice for Switch {
    const ALL: &'static [Self] = &[Self::On, Self::Off];

    fn name(self) -> &'static str {
        match self {
            Self::On => "on",
            Self::Off => "off",
        }
    }

    fn summary(self) -> &'static str {
        ""
    }
}

impl From<bool> for Switch {
    fn from(on: bool) -> Self {
        if on { Self::On } else { Self::Off }
    }
}

/// How a flag is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// `--replication`
    Long,
    /// `-r`
    Short,
}

/// What a flag takes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Takes {
    /// One of these words; each with what it means.
    OneOf(Vec<(&'static str, &'static str)>),
    /// A whole number from the first to the second.
    Whole(u16, u16),
}

/// A flag of a family.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Flag {
    /// Without dashes.
    pub name: &'static str,
    /// With one dash or two.
    pub form: Form,
    /// What its value is called in help.
    pub value_name: &'static str,
    /// What it decides, in one sentence without a full stop.
    pub help: &'static str,
    /// What it takes.
    pub takes: Takes,
    /// What it is where it is not given.
    pub default: String,
}

impl Flag {
    /// A flag that takes one of a few words.
    pub fn one_of<C: Choice>(
        name: &'static str,
        value_name: &'static str,
        help: &'static str,
        default: C,
    ) -> Self {
        let words = C::ALL.iter().map(|choice| (choice.name(), choice.summary())).collect();
        let (takes, default) = (Takes::OneOf(words), default.name().to_owned());
        Self { name, form: Form::Long, value_name, help, takes, default }
    }

    /// A flag that takes a number of nodes.
    pub fn nodes(
        name: &'static str,
        value_name: &'static str,
        help: &'static str,
        default: u16,
    ) -> Self {
        let takes = Takes::Whole(1, 64);
        Self { name, form: Form::Long, value_name, help, takes, default: default.to_string() }
    }

    /// The same flag, written with one dash.
    #[must_use]
    pub fn short(self) -> Self {
        Self { form: Form::Short, ..self }
    }

    /// As it is written.
    pub fn written(&self) -> String {
        match self.form {
            Form::Long => format!("--{}", self.name),
            Form::Short => format!("-{}", self.name),
        }
    }
}

/// The flags that were given: names without dashes, and values.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Given(BTreeMap<String, String>);

impl FromIterator<(String, String)> for Given {
    fn from_iter<I: IntoIterator<Item = (String, String)>>(flags: I) -> Self {
        Self(flags.into_iter().collect())
    }
}

impl Given {
    /// The choice that was given, or `default`.
    ///
    /// # Errors
    /// If there is no choice of the name that was given; names those that there are.
    pub fn choice<C: Choice>(&self, flag: &str, default: C) -> Result<C, ConfigError> {
        let Some(word) = self.0.get(flag) else { return Ok(default) };
        let known = C::ALL.iter().find(|choice| choice.name() == word);
        known.copied().ok_or_else(|| {
            let names: Vec<&str> = C::ALL.iter().map(|choice| choice.name()).collect();
            let flag = flag.to_owned();
            ConfigError::Value { flag, value: word.clone(), takes: names.join(", ") }
        })
    }

    /// The number that was given, or `default`.
    ///
    /// # Errors
    /// If what was given is no number.
    pub fn number(&self, flag: &str, default: u16) -> Result<u16, ConfigError> {
        let Some(word) = self.0.get(flag) else { return Ok(default) };
        word.parse().map_err(|_| {
            let (flag, takes) = (flag.to_owned(), "a whole number".to_owned());
            ConfigError::Value { flag, value: word.clone(), takes }
        })
    }
}
