//! What has been seen of the writes of a key: a version vector, and dots beyond its gaps.
//!
//! Preguiça, Baquero, Almeida, Fonte and Gonçalves, "Brief announcement: efficient causality tracking in
//! distributed storage systems with dotted version vectors", PODC 2012: each write has a *dot*, the number
//! that its coordinator gave it, and beside it the *context*, all writes that its client had seen.
//!
//! Differs: a coordinator need not hold a copy of the key, so a replica may have seen its second write and
//! not its first. A vector alone would take the first for seen. So a context has the dots beyond such a gap
//! one by one, as the causal contexts of Almeida, Shoker and Baquero do ("Delta state replicated data types",
//! JPDC 2018), until the gap is filled.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::store::Fnv;
use crate::{Incarnation, NodeId, Token};

/// A life of a coordinator. The next life counts its writes anew, as it may have forgotten their number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Life {
    /// The coordinator.
    pub node: NodeId,
    /// Its incarnation.
    pub incarnation: Incarnation,
}

/// One write of a key. Written `2.1.7`: the seventh that the first life of n2 coordinated.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Dot {
    /// Who coordinated it.
    pub life: Life,
    /// Which of its writes of the key it is, from 1.
    pub number: u64,
}

/// Writes of a key that have been seen. Equal if and only if the same writes have been. Written
/// `1.1.5,2.1.3+2.1.7`: the first five of n1, the first three of n2, and its seventh.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Context {
    /// Of each life: all writes up to this number.
    upto: BTreeMap<Life, u64>,
    /// Writes beyond a gap.
    beyond: BTreeSet<Dot>,
}

impl Context {
    /// Whether it has seen nothing.
    pub(super) fn is_empty(&self) -> bool {
        self.upto.is_empty() && self.beyond.is_empty()
    }

    /// Whether it has seen a write.
    pub(super) fn has(&self, dot: Dot) -> bool {
        self.upto.get(&dot.life).is_some_and(|&upto| dot.number <= upto)
            || self.beyond.contains(&dot)
    }

    /// Sees a write.
    pub(super) fn see(&mut self, dot: Dot) {
        self.beyond.insert(dot);
        self.close_gaps();
    }

    /// Sees all that another has seen; `false` if that was nothing new.
    pub(super) fn join(&mut self, other: &Self) -> bool {
        let before = self.clone();
        for (&life, &theirs) in &other.upto {
            let mine = self.upto.entry(life).or_default();
            *mine = theirs.max(*mine);
        }
        self.beyond.extend(&other.beyond);
        self.close_gaps();
        *self != before
    }

    /// Moves dots that are no longer beyond a gap to the vector.
    fn close_gaps(&mut self) {
        // In the order of their numbers, so each closes the gap before the next.
        self.beyond.retain(|dot| match self.upto.get_mut(&dot.life) {
            Some(upto) if dot.number <= upto.saturating_add(1) => {
                *upto = dot.number.max(*upto);
                false
            }
            None if dot.number <= 1 => {
                self.upto.insert(dot.life, dot.number);
                false
            }
            Some(_) | None => true,
        });
    }

    /// As a client gets it.
    pub(super) fn token(&self) -> Token {
        Token(self.to_string().into())
    }

    pub(super) fn hash_into(&self, hash: &mut Fnv) {
        hash.number(self.upto.len() as u64);
        self.last().for_each(|dot| dot.hash_into(hash));
        hash.number(self.beyond.len() as u64);
        self.beyond.iter().for_each(|dot| dot.hash_into(hash));
    }

    /// The last write of each life before a gap.
    fn last(&self) -> impl Iterator<Item = Dot> {
        self.upto.iter().map(|(&life, &number)| Dot { life, number })
    }
}

impl Dot {
    pub(super) fn hash_into(self, hash: &mut Fnv) {
        let Self { life: Life { node, incarnation }, number } = self;
        for number in [u64::from(node.0), incarnation, number] {
            hash.number(number);
        }
    }
}

/// A text that is no dot or no context.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("not a context: 1.1.5,2.1.3+2.1.7 is one")]
pub struct Malformed;

impl fmt::Display for Dot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { life: Life { node, incarnation }, number } = self;
        write!(f, "{}.{incarnation}.{number}", node.0)
    }
}

impl FromStr for Dot {
    type Err = Malformed;

    fn from_str(text: &str) -> Result<Self, Malformed> {
        let mut parts = text.splitn(3, '.');
        let mut next = || parts.next().ok_or(Malformed);
        let node = NodeId(next()?.parse().map_err(|_| Malformed)?);
        let incarnation = next()?.parse().map_err(|_| Malformed)?;
        let number = next()?.parse().map_err(|_| Malformed)?;
        let dot = Self { life: Life { node, incarnation }, number };
        if number == 0 { Err(Malformed) } else { Ok(dot) }
    }
}

impl fmt::Display for Context {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, dot) in self.last().enumerate() {
            write!(f, "{}{dot}", if at == 0 { "" } else { "," })?;
        }
        self.beyond.iter().try_for_each(|dot| write!(f, "+{dot}"))
    }
}

impl FromStr for Context {
    type Err = Malformed;

    fn from_str(text: &str) -> Result<Self, Malformed> {
        let mut parts = text.split('+');
        let last = parts.next().unwrap_or_default();
        let mut context = Self::default();
        for dot in last.split(',').filter(|_| !last.is_empty()) {
            let Dot { life, number } = dot.parse()?;
            let upto = context.upto.entry(life).or_default();
            *upto = number.max(*upto);
        }
        context.beyond = parts.map(str::parse).collect::<Result<_, _>>()?;
        context.close_gaps();
        Ok(context)
    }
}

impl From<Dot> for String {
    fn from(dot: Dot) -> Self {
        dot.to_string()
    }
}

impl TryFrom<String> for Dot {
    type Error = Malformed;

    fn try_from(text: String) -> Result<Self, Malformed> {
        text.parse()
    }
}

impl From<Context> for String {
    fn from(context: Context) -> Self {
        context.to_string()
    }
}

impl TryFrom<String> for Context {
    type Error = Malformed;

    fn try_from(text: String) -> Result<Self, Malformed> {
        text.parse()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn dot(node: u16, number: u64) -> Dot {
        Dot { life: Life { node: NodeId(node), incarnation: 1 }, number }
    }

    fn of(dots: &[(u16, u64)]) -> Context {
        let mut context = Context::default();
        for &(node, number) in dots {
            context.see(dot(node, number));
        }
        context
    }

    fn dots() -> impl Strategy<Value = Vec<(u16, u64)>> {
        prop::collection::vec((1..4u16, 1..9u64), 0..12)
    }

    proptest! {
        /// Against sets of dots.
        #[test]
        fn a_context_has_what_it_saw_and_nothing_else(mine in dots(), theirs in dots()) {
            let (mut context, other) = (of(&mine), of(&theirs));
            let grows = theirs.iter().any(|dot| !mine.contains(dot));
            prop_assert_eq!(context.join(&other), grows);
            for node in 1..4 {
                for number in 1..10 {
                    let seen = mine.contains(&(node, number)) || theirs.contains(&(node, number));
                    prop_assert_eq!(context.has(dot(node, number)), seen);
                }
            }
            let mut both = [mine, theirs].concat();
            both.reverse();
            prop_assert_eq!(&context, &of(&both), "in whichever order");
            prop_assert_eq!(context.to_string().parse(), Ok(context));
        }
    }

    #[test]
    fn a_context_is_written_as_a_vector_and_the_dots_beyond_its_gaps() {
        let gaps = of(&[(1, 1), (1, 2), (2, 1), (2, 4), (3, 2)]);
        assert_eq!(gaps.to_string(), "1.1.2,2.1.1+2.1.4+3.1.2");
        assert_eq!(Context::default().to_string(), "");
        assert_eq!("1.1.2+1.1.3".parse(), Ok(of(&[(1, 1), (1, 2), (1, 3)])), "there is no gap");
        for malformed in
            ["x", "1.1", "1.1.0", "1.1.1,", "+", "1.1.1+", "70000.1.1", "1.1.1 ", "1.1.1.1"]
        {
            assert_eq!(malformed.parse::<Context>(), Err(Malformed), "{malformed}");
        }
    }
}
