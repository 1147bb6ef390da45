//! How an operation ended.

/// How an operation ended, as far as its process could tell.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "json", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "json", serde(rename_all = "kebab-case"))]
pub enum Outcome<R> {
    /// It took effect, and returned `R`.
    Ok(R),
    /// It did not take effect, and never will.
    Fail,
    /// Nobody knows: a timeout, a lost connection, a crashed client, or no completion at all. It
    /// may take effect at any later time, or never.
    Indeterminate,
}

impl<R> Outcome<R> {
    /// What it returned, if it is known to have taken effect.
    pub fn ok(&self) -> Option<&R> {
        match self {
            Self::Ok(ret) => Some(ret),
            Self::Fail | Self::Indeterminate => None,
        }
    }

    /// The same outcome with another return.
    pub fn map<S>(self, translate: impl FnOnce(R) -> S) -> Outcome<S> {
        match self {
            Self::Ok(ret) => Outcome::Ok(translate(ret)),
            Self::Fail => Outcome::Fail,
            Self::Indeterminate => Outcome::Indeterminate,
        }
    }
}
