//! The description that a family of protocols must give.

use std::fmt::Debug;

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::{Claim, ConfigError, Flag, Given, Node, PlantedBug, Profile};

/// A protocol with its settings: a family. Implemented by its node.
pub trait Protocol: Node<Config = (Self::Settings, Vec<PlantedBug>)> + Send + 'static {
    /// What tells one configuration from another.
    type Settings: Clone + Debug + PartialEq + Eq + Serialize + DeserializeOwned + Send + Sync;

    /// The name on the command line, and in files.
    const NAME: &'static str;

    /// What it is, in one sentence that begins with a small letter, without a full stop.
    const SUMMARY: &'static str;

    /// The default number of nodes, in words.
    const NODES: &'static str;

    /// The deviations that can be planted in it.
    const BUGS: &'static [PlantedBug];

    /// Those of them that apply to these settings.
    fn bugs(settings: &Self::Settings) -> Vec<PlantedBug> {
        let _ = settings;
        Self::BUGS.to_vec()
    }

    /// Its flags, in the order of help.
    fn flags() -> Vec<Flag>;

    /// The settings that these flags make.
    ///
    /// # Errors
    /// If a flag has a value that it does not take.
    fn configure(given: &Given) -> Result<Self::Settings, ConfigError>;

    /// The flags that make these settings: names without dashes, and values. All of them.
    fn given(settings: &Self::Settings) -> Vec<(&'static str, String)>;

    /// Checks that the settings do not contradict each other, in a cluster of `nodes`.
    ///
    /// # Errors
    /// Names the flag at fault.
    fn validate(settings: &Self::Settings, nodes: u16) -> Result<(), ConfigError>;

    /// All valid settings for a cluster of `nodes`.
    fn every(nodes: u16) -> Vec<Self::Settings>;

    /// The default number of nodes for these settings.
    fn default_nodes(settings: &Self::Settings) -> u16;

    /// What tells the settings from others of the family, apart from sizes of clusters and quorums.
    fn variant(settings: &Self::Settings) -> String;

    /// The profile of a cluster of `nodes`. The settings are valid.
    fn profile(settings: &Self::Settings, nodes: u16) -> Profile;

    /// What these settings promise.
    fn claim(settings: &Self::Settings) -> Claim;
}

/// Something that is done with a family, whichever it is.
pub trait Visitor {
    /// What comes of it.
    type Out;

    /// Does it with a family of these settings.
    fn visit<P: Protocol>(self, settings: &P::Settings) -> Self::Out;
}
