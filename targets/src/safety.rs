//! What must never happen inside a cluster, as far as its nodes tell of themselves
//! ([`TraceEvent`](crate::TraceEvent)), or as its driver sees.

use serde::{Deserialize, Serialize};

/// A property of the replicated logs that one leader an epoch writes, whose names are those of Raft (Ongaro and
/// Ousterhout 2014, figure 3); or progress, which is one of safety as far as it has a bound.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SafetyProperty {
    /// At most one node leads an epoch.
    ElectionSafety,
    /// A node votes for at most one node in an epoch.
    VoteOnce,
    /// No two nodes apply different entries at one place of the log.
    StateMachineSafety,
    /// A leader has every entry that was committed in an earlier epoch.
    LeaderCompleteness,
    /// Some time after the last fault the cluster serves, and comes to rest once nobody asks for anything.
    Progress,
}

impl SafetyProperty {
    /// All of them.
    pub const ALL: [Self; 5] = [
        Self::ElectionSafety,
        Self::VoteOnce,
        Self::StateMachineSafety,
        Self::LeaderCompleteness,
        Self::Progress,
    ];

    /// The one of this name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|it| it.name() == name)
    }

    /// The name in files and reports.
    pub fn name(self) -> &'static str {
        match self {
            Self::ElectionSafety => "election-safety",
            Self::VoteOnce => "vote-once",
            Self::StateMachineSafety => "state-machine-safety",
            Self::LeaderCompleteness => "leader-completeness",
            Self::Progress => "progress",
        }
    }
}
