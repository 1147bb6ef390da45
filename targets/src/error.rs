//! What is wrong with settings.

use thiserror::Error;

/// Settings that contradict each other.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum ConfigError {
    /// No node, or absurdly many.
    #[error("a cluster has 1 to 64 nodes, not {nodes}; give --nodes")]
    Nodes {
        /// As asked.
        nodes: u16,
    },
    /// A flag that does not take what was given.
    #[error("{flag} does not take {value:?}; it takes {takes}")]
    Value {
        /// Without dashes.
        flag: String,
        /// As given.
        value: String,
        /// What it takes.
        takes: String,
    },
    /// A family's own settings contradict each other.
    #[error("{0}")]
    Settings(String),
    /// A bug that the family has under other settings only.
    #[error("the bug {bug} does not apply to these settings of {name}; they have {own}")]
    BugOfOtherSettings {
        /// As asked.
        bug: &'static str,
        /// The target.
        name: &'static str,
        /// The bugs that these settings have.
        own: String,
    },
    /// A bug that another family has.
    #[error("the bug {bug} belongs to {owner}; {name} has {own}")]
    Bug {
        /// As asked.
        bug: &'static str,
        /// The family that has it.
        owner: &'static str,
        /// The target.
        name: &'static str,
        /// The bugs that the target has.
        own: String,
    },
}
