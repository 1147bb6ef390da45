//! The list of families, and the one match on it.

use serde::de::Error;
use serde::{Deserialize, Deserializer, Serialize};

use crate::{ConfigError, Flag, Given, PlantedBug, Protocol, Visitor};

/// A family, before it has settings.
#[derive(Clone, Copy, Debug)]
pub struct About {
    /// The name on the command line, and in files.
    pub name: &'static str,
    /// What it is, in one sentence that begins with a small letter, without a full stop.
    pub summary: &'static str,
    /// The default number of nodes, in words.
    pub nodes: &'static str,
    /// The deviations that can be planted in it.
    pub bugs: &'static [PlantedBug],
    /// Its flags, in the order of help.
    pub flags: fn() -> Vec<Flag>,
    /// The family with the settings that flags make, or what is wrong with them.
    pub configure: fn(&Given) -> Result<Family, ConfigError>,
    /// All valid settings for a cluster of this number of nodes.
    pub every: fn(u16) -> Vec<Family>,
}

/// Makes [`Family`] of the list of families, and what would otherwise be a match on it elsewhere.
macro_rules! families {
    ($($(#[doc = $doc:literal])* $(#[cfg($cfg:meta)])? $family:ident($folder:ident::$node:ident),)+) => {
        /// Settings of one family.
        #[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
        #[serde(tag = "target", rename_all = "kebab-case")]
        pub enum Family {
            $($(#[doc = $doc])* $(#[cfg($cfg)])? $family(<crate::$folder::$node as Protocol>::Settings),)+
        }

        impl Family {
            /// All of them, in the order of `rashomon list targets`.
            pub const ALL: &'static [About] = &[
                $($(#[cfg($cfg)])? About {
                    name: <crate::$folder::$node as Protocol>::NAME,
                    summary: <crate::$folder::$node as Protocol>::SUMMARY,
                    nodes: <crate::$folder::$node as Protocol>::NODES,
                    bugs: <crate::$folder::$node as Protocol>::BUGS,
                    flags: <crate::$folder::$node as Protocol>::flags,
                    configure: |given| <crate::$folder::$node as Protocol>::configure(given).map(Self::$family),
                    every: |nodes| {
                        <crate::$folder::$node as Protocol>::every(nodes).into_iter().map(Self::$family).collect()
                    },
                },)+
            ];

            /// Does something with the family, whichever it is: the only match on families.
            pub fn visit<V: Visitor>(&self, visitor: V) -> V::Out {
                match self {
                    $($(#[cfg($cfg)])? Self::$family(settings) => {
                        visitor.visit::<crate::$folder::$node>(settings)
                    })+
                }
            }
        }
    };
}

families! {
    /// One node takes writes and sends them to the others.
    PrimaryReplica(primary_replica::PrimaryReplica),
    /// Any node takes reads and writes, and asks quorums.
    Leaderless(leaderless::Leaderless),
    /// Every node takes writes, and sends them to the others.
    MultiLeader(multi_leader::MultiLeader),
    /// Records by Raft, and logs by quorums.
    Hybrid(hybrid::Hybrid),
    /// One node holds all data, and the others forward requests to it. For tests only.
    #[cfg(feature = "test-family")]
    Solo(solo::Solo),
}

impl Family {
    /// The family of a name, before it has settings.
    pub fn named(name: &str) -> Option<&'static About> {
        Self::ALL.iter().find(|family| family.name == name)
    }

    /// The bugs that can be planted, of all families.
    pub fn bugs() -> impl Iterator<Item = PlantedBug> {
        Self::ALL.iter().flat_map(|family| family.bugs).copied()
    }

    /// The bug of a name, in whichever family it is.
    pub fn bug(name: &str) -> Option<PlantedBug> {
        Self::bugs().find(|bug| bug.name == name)
    }
}

impl<'de> Deserialize<'de> for PlantedBug {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let name = String::deserialize(deserializer)?;
        let none = || D::Error::custom(format!("there is no planted bug {name:?}"));
        Family::bug(&name).ok_or_else(none)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Name;

    impl Visitor for Name {
        type Out = &'static str;

        fn visit<P: Protocol>(self, _settings: &P::Settings) -> &'static str {
            P::NAME
        }
    }

    #[test]
    fn a_family_has_one_name_on_the_command_line_in_files_and_in_the_list() {
        for about in Family::ALL {
            let family = (about.configure)(&Given::default()).unwrap();
            assert_eq!(family.visit(Name), about.name);
            let unknown = Family::ALL.iter().filter(|other| other.name == about.name).count();
            assert_eq!(unknown, 1, "{}", about.name);
        }
    }

    #[test]
    fn flags_without_a_value_have_the_default_that_help_tells() {
        for about in Family::ALL {
            let plain = (about.configure)(&Given::default()).unwrap();
            let defaults =
                (about.flags)().into_iter().map(|flag| (flag.name.to_owned(), flag.default));
            let told = (about.configure)(&defaults.collect()).unwrap();
            assert_eq!(plain, told, "{}", about.name);
        }
    }

    #[test]
    fn bugs_have_names_of_their_own_among_all_families() {
        let mut names: Vec<&str> = Family::bugs().map(|bug| bug.name).collect();
        let all = names.len();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), all);
    }
}
