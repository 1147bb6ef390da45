//! A target: a family of protocols, its settings, and the size of its cluster.

use std::ops::RangeInclusive;

use serde::{Deserialize, Serialize};

use crate::{Claim, ConfigError, Family, PlantedBug, Profile, Protocol, Visitor};

/// A cluster to be tested.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TargetConfig {
    /// The protocol.
    #[serde(flatten)]
    pub family: Family,
    /// How many nodes.
    pub nodes: u16,
    /// Planted bugs, none by default.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub bugs: Vec<PlantedBug>,
}

/// The description of a target, whichever family it is.
struct Described {
    name: &'static str,
    given: Vec<(String, String)>,
    variant: String,
    profile: Profile,
    claim: Claim,
}

/// Asks for all of it.
struct Describe {
    nodes: u16,
}

impl Visitor for Describe {
    type Out = Described;

    fn visit<P: Protocol>(self, settings: &P::Settings) -> Described {
        let flags = P::flags();
        let written = |name: &str| {
            let flag = flags.iter().find(|flag| flag.name == name);
            flag.map_or_else(|| format!("--{name}"), crate::Flag::written)
        };
        let given = P::given(settings).into_iter();
        Described {
            name: P::NAME,
            given: given.map(|(name, value)| (written(name), value)).collect(),
            variant: P::variant(settings),
            profile: P::profile(settings, self.nodes),
            claim: P::claim(settings),
        }
    }
}

/// Checks settings.
struct Validate<'a> {
    target: &'a TargetConfig,
}

impl Visitor for Validate<'_> {
    type Out = Result<(), ConfigError>;

    fn visit<P: Protocol>(self, settings: &P::Settings) -> Self::Out {
        let own = P::bugs(settings);
        if let Some(bug) = self.target.bugs.iter().find(|bug| !own.contains(bug)) {
            let mut families = Family::ALL.iter();
            let owner = families.find(|family| family.bugs.contains(bug));
            let owner = owner.map_or("another target", |family| family.name);
            let own: Vec<&str> = own.iter().map(|bug| bug.name).collect();
            let own = if own.is_empty() { "none".to_owned() } else { own.join(", ") };
            let (bug, name) = (bug.name, P::NAME);
            return Err(if owner == name {
                ConfigError::BugOfOtherSettings { bug, name, own }
            } else {
                ConfigError::Bug { bug, owner, name, own }
            });
        }
        P::validate(settings, self.target.nodes)
    }
}

/// Asks for the default number of nodes.
struct DefaultNodes;

impl Visitor for DefaultNodes {
    type Out = u16;

    fn visit<P: Protocol>(self, settings: &P::Settings) -> u16 {
        P::default_nodes(settings)
    }
}

impl TargetConfig {
    /// A cluster of `nodes`, or of as many as the family says.
    pub fn new(family: Family, nodes: Option<u16>, bugs: Vec<PlantedBug>) -> Self {
        let nodes = nodes.unwrap_or_else(|| family.visit(DefaultNodes));
        Self { family, nodes, bugs }
    }

    /// Checks that the settings do not contradict each other.
    ///
    /// # Errors
    /// Names the flag at fault.
    pub fn validate(&self) -> Result<(), ConfigError> {
        if self.nodes == 0 || self.nodes > 64 {
            return Err(ConfigError::Nodes { nodes: self.nodes });
        }
        self.family.visit(Validate { target: self })
    }

    /// Every configuration of every family on clusters of these sizes, without planted bugs.
    pub fn every(sizes: RangeInclusive<u16>) -> Vec<Self> {
        let of = |nodes: u16| {
            let families = Family::ALL.iter().flat_map(move |about| (about.every)(nodes));
            families.map(move |family| Self { family, nodes, bugs: Vec::new() })
        };
        sizes.flat_map(of).collect()
    }

    /// Its profile.
    pub fn profile(&self) -> Profile {
        self.described().profile
    }

    /// What tells it from others of its family, apart from the sizes of clusters and quorums.
    pub fn variant(&self) -> String {
        self.described().variant
    }

    /// The name on the command line.
    pub fn name(&self) -> &'static str {
        self.described().name
    }

    /// The command-line flags that make this target, its name first.
    pub fn flags(&self) -> Vec<String> {
        let described = self.described();
        let mut flags = vec![described.name.to_owned()];
        flags.extend(described.given.into_iter().flat_map(|(flag, value)| [flag, value]));
        flags.extend(["--nodes".to_owned(), self.nodes.to_string()]);
        for bug in &self.bugs {
            flags.extend(["--bug".to_owned(), bug.name.to_owned()]);
        }
        flags
    }

    /// What it promises. A planted bug does not change the promise: that is the point of it.
    pub fn claim(&self) -> Claim {
        self.described().claim
    }

    fn described(&self) -> Described {
        self.family.visit(Describe { nodes: self.nodes })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Given;

    #[test]
    fn every_configuration_makes_sense_is_told_apart_by_its_flags_and_comes_once() {
        let all = TargetConfig::every(3..=7);
        let mut flags: Vec<Vec<String>> = all.iter().map(TargetConfig::flags).collect();
        assert!(all.iter().all(|config| config.validate().is_ok()));
        // 3 * 3 * 2, six that lag with session tokens, two failovers with two ways to read, and six ways to read and two to write under Raft of
        // one family, three topologies of another, and eight of the hybrid family. Of the third n * n quorums
        // without write-back, for two kinds of clock, and those of them that meet with it, each with
        // read repair and anti-entropy or without; and where a node holds no copy, all that once more
        // with hints, and with hints that count if there is no write-back.
        let quorums = |nodes: usize| -> usize {
            let of = |n: usize| {
                let (any, meet) = (n * n, n * (n + 1) / 2);
                let with_hints = if n < nodes { any + meet + any } else { 0 };
                (3 * any + meet + with_hints) * 4
            };
            (1..=nodes).map(of).sum()
        };
        assert_eq!(
            all.len(),
            (3..=7)
                .map(|nodes| 40
                    + 3
                    + 8
                    + usize::from(cfg!(feature = "test-family"))
                    + quorums(nodes))
                .sum()
        );
        flags.sort();
        flags.dedup();
        assert_eq!(flags.len(), all.len());
    }

    #[test]
    fn the_flags_of_every_configuration_make_it_again() {
        for config in TargetConfig::every(3..=5) {
            let flags = config.flags();
            let about = Family::named(&flags[0]).unwrap();
            let pairs = flags[1..]
                .chunks_exact(2)
                .map(|pair| (pair[0].trim_start_matches('-').to_owned(), pair[1].clone()));
            let given: Given = pairs.collect();
            assert_eq!((about.configure)(&given).as_ref(), Ok(&config.family), "{flags:?}");
        }
    }

    #[test]
    fn a_bug_of_another_family_is_refused_with_the_name_of_its_owner_and_the_own_bugs() {
        for about in Family::ALL {
            let family = (about.configure)(&Given::default()).unwrap();
            for bug in Family::bugs() {
                let target = TargetConfig::new(family.clone(), None, vec![bug]);
                let checked = target.validate();
                if about.bugs.contains(&bug) {
                    let is_other = matches!(checked, Err(ConfigError::BugOfOtherSettings { .. }));
                    assert!(checked.is_ok() || is_other, "{checked:?}");
                    continue;
                }
                let told = checked.unwrap_err().to_string();
                let owner = Family::ALL.iter().find(|it| it.bugs.contains(&bug)).unwrap();
                assert!(told.contains(bug.name) && told.contains(owner.name), "{told}");
            }
        }
    }

    #[test]
    fn each_bug_has_a_place_under_some_settings_of_its_family_and_is_refused_under_the_others() {
        let planted =
            |family: &Family, bug| TargetConfig::new(family.clone(), Some(3), vec![bug]).validate();
        for about in Family::ALL {
            let all = (about.every)(3);
            for &bug in about.bugs {
                assert!(all.iter().any(|family| planted(family, bug).is_ok()), "{}", bug.name);
            }
        }
        let raft: Given = [("failover".to_owned(), "raft".to_owned())].into_iter().collect();
        let about = Family::named("primary-replica").unwrap();
        let [raft, plain] = [raft, Given::default()].map(|it| (about.configure)(&it).unwrap());
        let bug = |name| Family::bug(name).unwrap();
        assert_eq!(planted(&raft, bug("raft-local-read")), Ok(()));
        let told = planted(&plain, bug("raft-local-read")).unwrap_err().to_string();
        assert!(told.contains("these settings") && told.contains("pr-ack-before-fsync"), "{told}");
        assert!(planted(&raft, bug("pr-ack-before-fsync")).is_err());
    }
}
