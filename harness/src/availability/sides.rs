//! What each side of a cut did for its clients.

use std::collections::{BTreeMap, BTreeSet};

use rashomon_checker::{Event, EventKind, History, ProcessId, Time};
use rashomon_results::ServedRecord;

use super::Struck;
use crate::claims::CUT;
use crate::run::drive::SpanOutcome;

/// What one side of a cut did for clients that asked one of its nodes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct SideServed {
    /// Operations that change nothing.
    pub(crate) reads: ServedRecord,
    /// All others.
    pub(crate) writes: ServedRecord,
}

/// What both sides of cuts did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct CutServed {
    /// The side with fewer nodes.
    pub(crate) smaller: SideServed,
    /// The other one.
    pub(crate) larger: SideServed,
}

/// The word of operations that change nothing.
const READ: &str = "read";

/// Whether an event is one of an operation that changes nothing.
pub(crate) fn is_read(event: &Event) -> bool {
    &*event.f == READ
}

/// An operation under way.
struct Asked {
    at: Time,
    is_read: bool,
    /// Which cut lasts, and whether the node is on its smaller side.
    side: Option<(usize, bool)>,
}

/// What each side did while a cut lasted: of operations invoked `grace` nanoseconds after it began or later, and at
/// least `patience` before it ended, those done within `patience` by a node of the side that was asked. O(n c), for n
/// events and c cuts.
pub(crate) fn served_across_cuts(
    history: &History,
    spans: &[SpanOutcome],
    [grace, patience]: [u64; 2],
) -> CutServed {
    let all: BTreeSet<&str> = history.nodes().collect();
    let is_cut = |span: &&SpanOutcome| span.span.kind() == CUT.name();
    let cuts = spans.iter().filter(is_cut).filter_map(|span| Struck::of(span, &all));
    let cuts: Vec<Struck> =
        cuts.filter(|it| !it.nodes.is_empty() && it.nodes.len() < all.len()).collect();
    let mut served = CutServed::default();
    let mut under_way: BTreeMap<ProcessId, Asked> = BTreeMap::new();
    for event in history.events().filter(|event| !event.is_final) {
        let Some(node) = event.node.as_deref() else { continue };
        if event.kind == EventKind::Invoke {
            let mut lasting = cuts.iter().enumerate().filter(|(_, cut)| {
                cut.from.0.saturating_add(grace) <= event.time.0
                    && event.time.0.saturating_add(patience) <= cut.to.0
            });
            // Where two overlap, there are more sides than two.
            let side = match (lasting.next(), lasting.next()) {
                (Some((at, cut)), None) => Some((at, cut.nodes.contains(node))),
                _ => None,
            };
            let asked = Asked { at: event.time, is_read: is_read(&event), side };
            under_way.insert(event.process, asked);
            continue;
        }
        let Some(Asked { at, is_read, side: Some((cut, is_smaller)) }) =
            under_way.remove(&event.process)
        else {
            continue;
        };
        let of = if is_smaller { &mut served.smaller } else { &mut served.larger };
        let of = if is_read { &mut of.reads } else { &mut of.writes };
        let is_in_time = event.time.0 <= at.0.saturating_add(patience);
        let is_on_its_side = cuts[cut].nodes.contains(node) == is_smaller;
        of.asked += 1;
        of.ok += u64::from(event.kind == EventKind::Ok && is_in_time && is_on_its_side);
    }
    served
}

impl SideServed {
    fn add(&mut self, other: Self) {
        for (mine, theirs) in [(&mut self.reads, other.reads), (&mut self.writes, other.writes)] {
            mine.asked += theirs.asked;
            mine.ok += theirs.ok;
        }
    }
}

impl CutServed {
    /// Adds what was served in another run.
    pub(crate) fn add(&mut self, other: Self) {
        self.smaller.add(other.smaller);
        self.larger.add(other.larger);
    }
}
