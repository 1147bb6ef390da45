//! Questions to put to a history: the consistency that is promised, required, or only looked at.

/// A question to put to a history. Of orders, the stronger come first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Check {
    /// Does every operation take effect at one instant between its invocation and its completion?
    Linearizable,
    /// Does every read see the last write before it, or one that overlaps it?
    Regular,
    /// Does every read see what a beginning of the writes left, however old?
    Prefix,
    /// Is everything that was acknowledged still there, or overwritten, at the end?
    Durable,
    /// Do replicas agree at the end?
    Convergent,
}

impl Check {
    /// All of them, in the order in which they are told.
    pub const ALL: [Self; 5] =
        [Self::Linearizable, Self::Regular, Self::Prefix, Self::Durable, Self::Convergent];

    /// The name on the command line and in stored runs.
    pub fn name(self) -> &'static str {
        match self {
            Self::Linearizable => "linearizable",
            Self::Regular => "regular",
            Self::Prefix => "prefix",
            Self::Durable => "durable",
            Self::Convergent => "convergent",
        }
    }

    /// One sentence.
    pub fn summary(self) -> &'static str {
        match self {
            Self::Linearizable => {
                "every operation takes effect at one instant between its invocation and its \
                 completion; implies regular"
            }
            Self::Regular => {
                "a read sees the last write completed before it, or one that overlaps it; implies \
                 prefix"
            }
            Self::Prefix => "a read sees what some beginning of one order of the writes left",
            Self::Durable => "what was acknowledged is still there, or overwritten, at the end",
            Self::Convergent => "replicas agree once faults have ended and the cluster rests",
        }
    }

    /// Whether whatever is this is also that.
    pub fn implies(self, weaker: Self) -> bool {
        let order = |check| matches!(check, Self::Linearizable | Self::Regular | Self::Prefix);
        self == weaker || order(self) && order(weaker) && self < weaker
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_orders_the_stronger_implies_the_weaker_and_nothing_else_implies_anything() {
        let implied: Vec<(&str, &str)> = Check::ALL
            .into_iter()
            .flat_map(|one| Check::ALL.map(|other| (one, other)))
            .filter(|(one, other)| one != other && one.implies(*other))
            .map(|(one, other)| (one.name(), other.name()))
            .collect();
        let orders =
            [("linearizable", "regular"), ("linearizable", "prefix"), ("regular", "prefix")];
        assert_eq!(implied, orders);
    }
}
