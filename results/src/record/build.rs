//! Which program ran a run.

use serde::{Deserialize, Serialize};

/// Which program ran a run: equal builds, settings and seeds give equal simulated runs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BuildRecord {
    /// The version of rashomon.
    pub version: String,
    /// The commit that it was built from; nothing if that was not known, as in a plain archive.
    pub commit: Option<String>,
    /// Whether its sources differed from that commit; nothing if that was not known.
    pub dirty: Option<bool>,
    /// The machine and system that it was built for.
    pub target: String,
    /// A checksum of the histories of some fixed simulated runs: builds that have the same canary
    /// simulate alike, as far as these runs can tell. Nothing where it was not computed.
    pub canary: Option<String>,
}
