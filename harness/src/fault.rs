//! Faults as data: what goes wrong, when, and for how long.
//!
//! A plan is drawn from the seed before the run. It can be printed, stored, edited and replayed.
//! Healing is the end of a span, so it cannot be forgotten.
//!
//! A kind of fault is a file here, and its line in the list of [`rashomon_targets::faults!`].

mod aim;
mod condition;
mod definition;
mod draw;
mod effect;
mod efficacy;
mod link;
mod menu;
mod on_links;
mod plan;
mod shape;
mod stretch;
mod strike;

pub(crate) mod bit_flip;
pub(crate) mod clock_drift;
pub(crate) mod clock_skew;
pub(crate) mod clock_strobe;
pub(crate) mod corrupt;
pub(crate) mod disk_error;
pub(crate) mod kill;
pub(crate) mod lost_disk;
pub(crate) mod lying_fsync;
pub(crate) mod membership;
pub(crate) mod messages;
pub(crate) mod partition;
pub(crate) mod pause;
pub(crate) mod rate_limit;
pub(crate) mod slow;
pub(crate) mod slow_disk;
pub(crate) mod swizzle;
pub(crate) mod torn_write;
pub(crate) mod truncate;

use std::fmt;

use rashomon_targets::{FaultKind, NodeId};
use rashomon_workloads::Rng;
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::Value;

pub(crate) use aim::{Aim, Victim, Victims};
pub(crate) use condition::Condition;
pub(crate) use definition::{Aimed, Definition, Hold, Track};
pub(crate) use draw::draw;
pub(crate) use effect::{Arrival, Fate, LinkEffect, SharedEffect};
pub(crate) use efficacy::Efficacy;
pub(crate) use link::{
    CopyNumber, Departure, Link, LinkOutcome, Luck, NumberedCopy, Passage, usual_delay,
};
pub(crate) use menu::{FaultChoice, FaultMenu, Topologies};
pub(crate) use on_links::OnLinks;
pub(crate) use plan::{FaultSpan, HEADER, Origin, Plan};
pub(crate) use shape::{DirectedLink, Direction, Shape};
pub(crate) use stretch::Stretch;
pub(crate) use strike::{Data, Strike};

/// A kind of fault, before one is drawn.
#[derive(Clone, Copy, Debug)]
pub(crate) struct About {
    /// Which.
    pub(crate) kind: FaultKind,
    /// What it does, in one sentence that begins with a small letter, without a full stop.
    pub(crate) summary: &'static str,
    /// Its parameters in a plan, and those of drawn ones.
    pub(crate) parameters: &'static str,
    /// The words for it in a plan.
    words: &'static [&'static str],
    /// Beside which faults it is drawn.
    pub(crate) track: Track,
    /// What it takes hold of.
    pub(crate) hold: Hold,
    /// Why one that struck may have changed nothing.
    pub(crate) idle: &'static str,
    /// What drawn ones wait for, three times of four.
    once: Option<Condition>,
    draw: fn(&mut Rng, &FaultMenu) -> Fault,
    read: fn(Value) -> serde_json::Result<Fault>,
}

/// Makes [`Fault`] of the list of kinds, and what would otherwise be a match on it elsewhere.
macro_rules! define {
    ($($(#[doc = $doc:literal])* $kind:ident($file:ident, $name:literal),)+) => {
        /// One thing that goes wrong.
        #[derive(Clone, Debug, PartialEq, Eq)]
        pub(crate) enum Fault {
            $($(#[doc = $doc])* $kind($file::$kind),)+
        }

        impl Fault {
            /// All kinds, in the order of `rashomon list faults`.
            pub(crate) const ALL: &'static [About] = &[$(About {
                kind: FaultKind::$kind,
                summary: <$file::$kind as Definition>::SUMMARY,
                parameters: <$file::$kind as Definition>::PARAMETERS,
                words: <$file::$kind as Definition>::WORDS,
                track: <$file::$kind as Definition>::TRACK,
                hold: <$file::$kind as Definition>::HOLD,
                once: <$file::$kind as Definition>::ONCE,
                idle: <$file::$kind as Definition>::IDLE,
                draw: |rng, menu| Self::$kind(Definition::draw(rng, menu)),
                read: |value| serde_json::from_value(value).map(Self::$kind),
            },)+];

            /// Which kind it is.
            pub(crate) fn kind(&self) -> FaultKind {
                match self {
                    $(Self::$kind(_) => FaultKind::$kind,)+
                }
            }

            fn aimed(&self) -> &dyn Aimed {
                match self {
                    $(Self::$kind(fault) => fault,)+
                }
            }
        }

        impl Serialize for Fault {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                match self {
                    $(Self::$kind(fault) => fault.serialize(serializer),)+
                }
            }
        }

        impl fmt::Display for Fault {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                match self {
                    $(Self::$kind(fault) => fault.fmt(f),)+
                }
            }
        }

        $(impl From<$file::$kind> for Fault {
            fn from(fault: $file::$kind) -> Self {
                Self::$kind(fault)
            }
        })+
    };
}

rashomon_targets::faults!(define);

impl Fault {
    /// What its kind says of itself.
    pub(crate) fn about(&self) -> &'static About {
        About::of(self.kind())
    }

    /// What it does to a cluster of `nodes` where `primaries` take themselves to be primary, the latest
    /// epoch first; nothing where it is aimed at a primary and there is none.
    pub(crate) fn strike(&self, nodes: &[NodeId], primaries: &[NodeId]) -> Option<Strike> {
        self.aimed().strike(nodes, primaries)
    }

    /// The nodes that it names by their numbers.
    pub(crate) fn named(&self) -> Vec<NodeId> {
        self.aimed().named()
    }

    /// Its target: the nodes or links that it strikes.
    pub(crate) fn aim(&self) -> Aim<'_> {
        self.aimed().aim()
    }
}

impl About {
    /// That of a kind.
    pub(crate) fn of(kind: FaultKind) -> &'static Self {
        let is_it = |about: &&Self| about.kind == kind;
        Fault::ALL.iter().find(is_it).expect("the list makes the kinds and their files")
    }
}

/// What of a fault in a file says which kind it is.
#[derive(Deserialize)]
struct Named {
    fault: String,
    effect: Option<NamedEffect>,
}

#[derive(Deserialize)]
struct NamedEffect {
    effect: String,
}

/// The word for a fault on links, whose effect says which it is.
const LINKS: &str = "links";

impl<'de> Deserialize<'de> for Fault {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let there = Value::deserialize(from)?;
        let Named { fault, effect } = Named::deserialize(&there).map_err(D::Error::custom)?;
        let word = match effect {
            Some(NamedEffect { effect }) if fault == LINKS => effect,
            None if fault == LINKS => return Err(D::Error::missing_field("effect")),
            _ => fault,
        };
        let of = Self::ALL.iter().find(|about| about.words.contains(&word.as_str()));
        let Some(about) = of else {
            let known: Vec<&str> =
                Self::ALL.iter().flat_map(|about| about.words).copied().collect();
            return Err(D::Error::custom(format!(
                "a plan has no fault {word:?}; it has {}",
                known.join(", ")
            )));
        };
        (about.read)(there).map_err(D::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use rashomon_checker::Time;
    use rashomon_workloads::Seed;

    use super::*;

    fn menu() -> FaultMenu {
        let nodes = (1..=5).map(NodeId).collect();
        let lasts = Time(10_000_000_000);
        let (kinds, choice) = (FaultKind::ALL.to_vec(), FaultChoice::Named);
        FaultMenu {
            kinds,
            choice,
            nodes,
            has_primary: true,
            focus: None,
            topologies: Topologies::All,
            lasts,
        }
    }

    #[test]
    fn a_fault_drawn_of_a_kind_is_of_that_kind_after_writing_and_reading() {
        for about in Fault::ALL {
            for seed in 0..50 {
                let drawn = (about.draw)(&mut Seed(seed).rng(), &menu());
                assert_eq!(drawn.kind(), about.kind);
                let written = serde_json::to_string(&drawn).unwrap();
                let read: Fault = serde_json::from_str(&written).unwrap();
                assert_eq!(read, drawn, "{written}");
                assert_eq!(read.about().kind, about.kind);
            }
        }
    }

    #[test]
    fn no_two_kinds_have_a_name_or_a_word_of_a_plan_in_common() {
        let words: Vec<&str> = Fault::ALL.iter().flat_map(|about| about.words).copied().collect();
        let names: Vec<&str> = Fault::ALL.iter().map(|about| about.kind.name()).collect();
        for all in [words, names] {
            let once = |word: &&str| all.iter().filter(|other| *other == word).count() == 1;
            assert!(!all.is_empty() && all.iter().all(once), "{all:?}");
        }
    }

    #[test]
    fn a_word_that_no_fault_has_is_refused_and_those_there_are_are_told() {
        for text in [
            r#"{"fault":"kil","node":"primary"}"#,
            r#"{"fault":"links","shape":"all","direction":"both","effect":{"effect":"los"}}"#,
            r#"{"fault":"links","shape":"all","direction":"both"}"#,
        ] {
            let told = serde_json::from_str::<Fault>(text).unwrap_err().to_string();
            let words = told.contains("it has drop, hold, loss") && told.contains("corrupt");
            assert!(words || told.contains("missing field `effect`"), "{told}");
        }
    }
}
