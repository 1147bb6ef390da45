//! Claims that others wrote down, of any system, and which of them no system can keep together.

use std::cmp::Reverse;
use std::fmt;

use rashomon_checker::consistency::ConsistencyFamily;
use rashomon_checker::{Consistency, Invariant, ModelKind};
use rashomon_targets::{FaultKind, ObjectClass};

use crate::claims::CUT;
use crate::judge::Question;

/// The claims of a file.
#[derive(Clone, Debug)]
pub(crate) struct WrittenClaims {
    /// What they are claims of.
    pub(crate) system: String,
    /// What the objects of a history are, if the file says so.
    pub(crate) model: Option<ModelKind>,
    /// Each claim, in the order of the file.
    pub(crate) claims: Vec<WrittenClaim>,
}

/// A claim.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct WrittenClaim {
    /// Its name.
    pub(crate) name: String,
    /// Where it was made.
    pub(crate) source: Option<String>,
    /// What is claimed.
    pub(crate) promise: WrittenPromise,
    /// The kind of objects that it is about.
    pub(crate) objects: ObjectClass,
    /// What the keys begin with that it is about; all of them if there is none.
    pub(crate) keys: Option<String>,
    /// The faults under which it holds.
    pub(crate) under: Vec<FaultKind>,
}

/// What is claimed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum WrittenPromise {
    /// A consistency model, or an invariant.
    Keeps(Question),
    /// That operations are done while a cut lasts.
    Serves {
        /// Which.
        operations: ServedOperations,
        /// For clients of which nodes.
        side: ClaimedSide,
        /// At least this number of a hundred.
        percent: u64,
    },
}

/// Operations that a claim of availability is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ServedOperations {
    /// Those that change nothing.
    Reads,
    /// All others.
    Writes,
    /// All.
    Both,
}

/// The nodes that a claim of availability is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ClaimedSide {
    /// Those of both sides of a cut.
    Both,
    /// Those of the larger side.
    Larger,
}

impl ServedOperations {
    /// Whether reads are among them.
    pub(crate) fn has_reads(self) -> bool {
        self != Self::Writes
    }

    /// Whether others than reads are among them.
    pub(crate) fn has_writes(self) -> bool {
        self != Self::Reads
    }

    /// The word in reports.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Reads => "reads",
            Self::Writes => "writes",
            Self::Both => "reads and writes",
        }
    }
}

impl WrittenPromise {
    /// Whether it is about objects of one kind. An invariant is about whatever it speaks of.
    pub(crate) fn is_of_objects(self) -> bool {
        !matches!(self, Self::Keeps(Question::Invariant(_)))
    }
}

impl WrittenClaim {
    /// Why it says nothing of what happens while a node is cut off, though it is about that; nothing if it does, or is
    /// about something else.
    pub(super) fn leaves_cuts_out(&self) -> Option<String> {
        let is_of_cuts = matches!(self.promise, WrittenPromise::Serves { .. });
        (is_of_cuts && !self.under.contains(&CUT)).then(|| {
            let cut = CUT.name();
            format!("it is about partitions and leaves them out; add \"{cut}\" to `under`")
        })
    }
}

impl fmt::Display for WrittenPromise {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Keeps(question) => f.write_str(question.name()),
            Self::Serves { operations, side, percent } => {
                let side = match side {
                    ClaimedSide::Both => "both sides",
                    ClaimedSide::Larger => "the larger side",
                };
                write!(f, "{percent} % of {} on {side} of a partition", operations.name())
            }
        }
    }
}

/// Why no system keeps a claim together with the claims of availability of `all`: the theorem, and its reason in a
/// sentence; nothing if none says so.
///
/// What counts is whether something that one side does can be missed by what the other side answers, or whether
/// both answer without hearing each other. Each object may be served by one side alone: so a claim is refused only if
/// the shares that two sides serve are together more than all there is.
pub(crate) fn contradiction(of: &WrittenClaim, all: &[WrittenClaim]) -> Option<Contradiction> {
    let WrittenPromise::Keeps(Question::Model(model)) = of.promise else { return None };
    if !of.under.contains(&CUT) {
        return None;
    }
    let beside: Vec<ServedClaim<'_>> = all
        .iter()
        .filter(|other| other.under.contains(&CUT) && overlap(of, other))
        .filter_map(served)
        .collect();
    // The first of those that promise the most.
    let most = |wanted: fn(ServedOperations) -> bool, everywhere: bool| {
        let found = beside
            .iter()
            .filter(|it| wanted(it.operations) && (!everywhere || it.side == ClaimedSide::Both));
        found.min_by_key(|it| Reverse(it.percent))
    };
    let reads = |everywhere| most(ServedOperations::has_reads, everywhere);
    let writes = |everywhere| most(ServedOperations::has_writes, everywhere);
    let meet = |(reads, writes): (&ServedClaim<'_>, &ServedClaim<'_>)| {
        let name = |it: &ServedClaim<'_>| it.name.to_owned();
        (reads.percent + writes.percent > 100).then(|| (name(reads), name(writes)))
    };
    let across = reads(true).zip(writes(false)).and_then(meet);
    let across = across.or_else(|| reads(false).zip(writes(true)).and_then(meet));
    let both = reads(true).zip(writes(true)).and_then(meet);
    let theorem = theorem(model)?;
    let (reads, writes) = if theorem.needs_both_everywhere { both } else { across }?;
    let with = if reads == writes { vec![reads] } else { vec![reads, writes] };
    Some(Contradiction { with, theorem })
}

/// A claim that contradicts others.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Contradiction {
    /// The names of the others.
    pub(crate) with: Vec<String>,
    /// Why.
    pub(crate) theorem: Theorem,
}

/// A theorem that says what no system can do while a cut lasts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Theorem {
    /// Whether it needs reads and writes on both sides; else reads on one side and writes on the other are enough.
    needs_both_everywhere: bool,
    /// What it says.
    pub(crate) why: &'static str,
    /// Whose it is.
    pub(crate) source: &'static str,
}

const CAP: Theorem = Theorem {
    needs_both_everywhere: false,
    why: "a read on one side cannot know of a write that was acknowledged on the other",
    source: "the CAP theorem: Gilbert and Lynch, Brewer's conjecture and the feasibility of consistent, available, \
             partition-tolerant web services, SIGACT News 2002, theorem 1",
};
const SEQUENTIAL: Theorem = Theorem {
    needs_both_everywhere: true,
    why: "if each side writes one object and then reads the other's, no one order of all operations explains that \
          both read the old value",
    source: "Lipton and Sandberg, PRAM: a scalable shared memory, 1988, theorem 1, and Attiya and Welch, Sequential \
             consistency versus linearizability, TOCS 1994: a read and a write together take as long as a message",
};
const LOST_UPDATES: Theorem = Theorem {
    needs_both_everywhere: true,
    why: "two transactions that read and write the same object, one on each side, must both be refused or both commit, \
          and then one update is lost",
    source: "Bailis et al., Highly available transactions, VLDB 2013, section 5.2; Davidson, Garcia-Molina and Skeen, \
             Consistency in partitioned networks, Computing Surveys 1985",
};

/// The theorem about a model; none where sessions that stay with a node can have it on both sides.
fn theorem(model: Consistency) -> Option<Theorem> {
    let prevents_lost_updates =
        [Consistency::CursorStability, Consistency::ParallelSnapshotIsolation]
            .into_iter()
            .any(|it| model.implies(it));
    match model {
        Consistency::Prefix => None,
        Consistency::StrictSerializable => Some(CAP),
        _ if model.family() == ConsistencyFamily::RealTime => Some(CAP),
        Consistency::Sequential => Some(SEQUENTIAL),
        _ if prevents_lost_updates => Some(LOST_UPDATES),
        _ => None,
    }
}

/// A claim of availability.
struct ServedClaim<'a> {
    name: &'a str,
    operations: ServedOperations,
    side: ClaimedSide,
    percent: u64,
}

/// What a claim says of availability, if anything.
fn served(claim: &WrittenClaim) -> Option<ServedClaim<'_>> {
    match claim.promise {
        WrittenPromise::Serves { operations, side, percent } => {
            Some(ServedClaim { name: &claim.name, operations, side, percent })
        }
        WrittenPromise::Keeps(_) => None,
    }
}

/// Whether some object may be one of both.
fn overlap(one: &WrittenClaim, other: &WrittenClaim) -> bool {
    let keys = match (&one.keys, &other.keys) {
        (Some(one), Some(other)) => {
            one.starts_with(other.as_str()) || other.starts_with(one.as_str())
        }
        _ => true,
    };
    keys && one.objects == other.objects
}

/// The question that a name asks; nothing if neither a consistency model nor an invariant has it.
pub(crate) fn question(name: &str) -> Option<Question> {
    let model = name.parse::<Consistency>().ok().map(Question::Model);
    model.or_else(|| name.parse::<Invariant>().ok().map(Question::Invariant))
}
