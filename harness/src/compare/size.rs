//! How large a design is as a program: what can be counted of its source and its description.

use rashomon_targets::{Family, TargetConfig};

/// What was counted when this program was built: `folder=lines` of each folder of the targets, without comments, tests
/// and empty lines.
const LINES: &str = env!("RASHOMON_TARGET_LINES");

/// The size of a design's family.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct DesignSize {
    /// Settings that it has.
    pub(crate) knobs: usize,
    /// Configurations of them that make sense for a cluster of this size.
    pub(crate) configurations: usize,
    /// Lines of code in its own folder. A protocol that it shares with others has a folder of its own.
    pub(crate) lines: Option<u64>,
}

impl DesignSize {
    /// That of a target.
    pub(crate) fn of(target: &TargetConfig) -> Self {
        let about = Family::named(target.name());
        Self {
            knobs: about.map_or(0, |about| (about.flags)().len()),
            configurations: about.map_or(0, |about| (about.every)(target.nodes).len()),
            lines: lines(target.name()),
        }
    }
}

/// Lines in the folder of a family.
fn lines(name: &str) -> Option<u64> {
    let folder = name.replace('-', "_");
    let mut all = LINES.split(',').filter_map(|entry| entry.split_once('='));
    all.find(|(known, _)| *known == folder).and_then(|(_, lines)| lines.parse().ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_lines_of_every_family_were_counted() {
        for about in Family::ALL {
            assert!(lines(about.name).is_some_and(|it| it > 50), "{}: {LINES}", about.name);
        }
    }
}
