//! Chance as data: what it decided in a run, each thing by a name that says what it is for.
//!
//! A run draws from streams, so to leave out one operation moves all that is drawn later. A scenario holds what was
//! drawn by name instead. A name follows from the cause of a thing: the slot and the time of an operation, the
//! message or timer that a node took in, and the place among all that the node did then. So what is left of
//! a run, when something else is cut away, has the chance that it had.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use rashomon_workloads::{Rng, Seed};
use serde::{Deserialize, Serialize};

/// What kind of thing chance decides.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Decides {
    /// How long a message takes, in nanoseconds.
    Delay,
    /// What the faults on its link do to a message: the seed from which each of them draws.
    Fate,
    /// How long a write to a disk takes, in nanoseconds.
    Write,
    /// How long a request or a reply takes, in nanoseconds.
    Client,
    /// How many of its records that are not durable a killed node keeps.
    Keep,
    /// A number that a node draws.
    Draw,
}

impl Decides {
    const ALL: [Self; 6] =
        [Self::Delay, Self::Fate, Self::Write, Self::Client, Self::Keep, Self::Draw];

    fn word(self) -> &'static str {
        match self {
            Self::Delay => "delay",
            Self::Fate => "fate",
            Self::Write => "write",
            Self::Client => "client",
            Self::Keep => "keep",
            Self::Draw => "draw",
        }
    }

    /// What it usually is, if there is such a thing: a time in the middle of those that are drawn.
    fn usual(self) -> Option<u64> {
        match self {
            Self::Delay => Some(2_000_000),
            Self::Write => Some(500_000),
            Self::Client => Some(100_000),
            Self::Fate | Self::Keep | Self::Draw => None,
        }
    }
}

/// The name of one thing that chance decides. In files: a word and 16 hexadecimal digits, as in
/// `delay-00c0ffee00c0ffee`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub(crate) struct Name {
    what: Decides,
    cause: u64,
}

impl Name {
    /// That of what is decided about something with this cause.
    pub(crate) fn new(what: Decides, cause: Seed) -> Self {
        Self { what, cause: cause.0 }
    }

    /// What it usually is, if it is a time.
    pub(crate) fn usual(self) -> Option<u64> {
        self.what.usual()
    }
}

impl fmt::Display for Name {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}-{:016x}", self.what.word(), self.cause)
    }
}

impl From<Name> for String {
    fn from(name: Name) -> Self {
        name.to_string()
    }
}

impl TryFrom<String> for Name {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let refused = || {
            format!(
                "{text:?} is no name of a thing that chance decides; an example: delay-00c0ffee00c0ffee"
            )
        };
        let (word, digits) = text.split_once('-').ok_or_else(refused)?;
        let what = Decides::ALL.into_iter().find(|what| what.word() == word);
        let cause = u64::from_str_radix(digits, 16).ok().filter(|_| digits.len() == 16);
        let name = what.zip(cause).map(|(what, cause)| Self { what, cause });
        name.filter(|name| name.to_string() == text).ok_or_else(refused)
    }
}

/// What was decided, by name.
pub(crate) type Decided = BTreeMap<Name, u64>;

/// How chance decides what has not been decided.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Otherwise {
    /// It is drawn from the key and its name.
    Drawn,
    /// A message takes 2 ms, a write to a disk 0.5 ms, and a client's request or reply 0.1 ms; the rest is drawn
    /// from the key and its name.
    Usual,
}

/// The chance of a scenario.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Chance {
    /// From which all is drawn that is not decided.
    pub(crate) key: u64,
    /// How the rest is decided.
    pub(crate) otherwise: Otherwise,
    /// What is decided.
    pub(crate) decided: Arc<Decided>,
}

impl Chance {
    /// All is drawn from this key.
    pub(crate) fn drawn(key: u64) -> Self {
        Self { key, otherwise: Otherwise::Drawn, decided: Arc::default() }
    }

    /// What it decides about one thing; `draw` as a run draws it.
    pub(crate) fn decide(&self, name: Name, draw: impl FnOnce(&mut Rng) -> u64) -> u64 {
        if let Some(&decided) = self.decided.get(&name) {
            return decided;
        }
        if self.otherwise == Otherwise::Usual
            && let Some(usual) = name.what.usual()
        {
            return usual;
        }
        let seed = Seed(self.key).stream(name.what.word()).nth(name.cause);
        draw(&mut seed.rng())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_the_same_after_writing_and_reading_and_a_strange_one_is_refused() {
        for what in Decides::ALL {
            let name = Name::new(what, Seed(77));
            assert_eq!(Name::try_from(name.to_string()), Ok(name));
        }
        for strange in ["delay", "delay-7", "dela-0000000000000001", "delay-000000000000000G"] {
            assert!(Name::try_from(strange.to_owned()).unwrap_err().contains(strange));
        }
    }

    #[test]
    fn what_is_decided_stays_and_the_rest_depends_on_its_name_and_the_key_only() {
        let [delay, other] = [1, 2].map(|cause| Name::new(Decides::Delay, Seed(cause)));
        let keep = Name::new(Decides::Keep, Seed(1));
        let mut chance = Chance {
            key: 9,
            otherwise: Otherwise::Drawn,
            decided: Decided::from([(other, 5)]).into(),
        };
        let decide = |chance: &Chance, name| chance.decide(name, Rng::next_u64);
        let (drawn, kept) = (decide(&chance, delay), decide(&chance, keep));
        assert_eq!(decide(&chance, other), 5);
        assert_ne!(drawn, kept);
        chance.otherwise = Otherwise::Usual;
        assert_eq!(decide(&chance, delay), 2_000_000);
        assert_eq!([decide(&chance, other), decide(&chance, keep)], [5, kept]);
        chance.key = 10;
        assert_ne!(decide(&chance, keep), kept);
    }
}
