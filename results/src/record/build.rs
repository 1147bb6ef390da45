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

impl BuildRecord {
    /// As much of the commit as tells it from others, for people.
    pub fn short_commit(&self) -> String {
        let short = |commit: &String| commit.chars().take(10).collect();
        self.commit.as_ref().map_or_else(|| "an unknown commit".to_owned(), short)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_commit_is_cut_between_letters() {
        let of = |commit: Option<&str>| {
            let build = BuildRecord {
                version: String::new(),
                commit: commit.map(str::to_owned),
                dirty: None,
                target: String::new(),
                canary: None,
            };
            build.short_commit()
        };
        assert_eq!(of(Some("0123456789abcdef")), "0123456789");
        assert_eq!(of(Some("012345678é, of somewhere")), "012345678é");
        assert_eq!((of(Some("0")), of(None)), ("0".to_owned(), "an unknown commit".to_owned()));
    }
}
