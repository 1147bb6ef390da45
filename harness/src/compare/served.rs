//! What each side of a partition serves, and whether what it serves is linearizable: CP or AP as measured.

use rashomon_checker::Budget;
use rashomon_checker::Consistency;
use rashomon_checker::ladder::{Ladder, Subject as Judged};
use rashomon_checker::linearizability::{Options, Witnesses};
use rashomon_results::ServedRecord;

use super::{each, workload};
use crate::availability::CutServed;
use crate::campaign::SeedRange;
use crate::cut::{self, LoneNode};
use crate::run::drive::Watcher;
use crate::subject::Subject;

/// Of a hundred operations, as many have to be done on a side for it to be available.
const AVAILABLE: u64 = 99;

/// What was served while a node was cut off.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct CutFigures {
    /// Which node.
    pub(crate) lone: LoneNode,
    /// The objects.
    pub(crate) objects: &'static str,
    /// What each side served, once it had had time to take over.
    pub(crate) served: CutServed,
    /// Whether some run is not linearizable.
    pub(crate) order: OrderFound,
    /// The command that makes the first of these runs again, or the first that is not linearizable.
    pub(crate) again: String,
}

/// Whether operations had an order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum OrderFound {
    /// No run refutes that they are linearizable.
    NotRefuted,
    /// A run does.
    Refuted,
    /// It was not judged.
    NotJudged,
}

/// What the CAP theorem leaves of two promises, as measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum CapWord {
    /// Not served on both sides, and linearizability not refuted.
    Cp,
    /// Served on both sides, and not linearizable.
    Ap,
    /// Neither.
    Neither,
    /// Served on both sides, and linearizability is not refuted by these runs.
    Open,
}

impl CapWord {
    /// The word.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Cp => "CP",
            Self::Ap => "AP",
            Self::Neither => "neither",
            Self::Open => "AP, not refuted",
        }
    }
}

impl CutFigures {
    /// The word for reads.
    pub(crate) fn reads(&self) -> CapWord {
        self.word([self.served.smaller.reads, self.served.larger.reads])
    }

    /// The word for writes.
    pub(crate) fn writes(&self) -> CapWord {
        self.word([self.served.smaller.writes, self.served.larger.writes])
    }

    fn word(&self, sides: [ServedRecord; 2]) -> CapWord {
        let is_available = |it: &ServedRecord| it.asked > 0 && it.ok * 100 >= it.asked * AVAILABLE;
        match (sides.iter().all(is_available), self.order) {
            (true, OrderFound::NotRefuted) => CapWord::Open,
            (true, OrderFound::Refuted | OrderFound::NotJudged) => CapWord::Ap,
            (false, OrderFound::NotRefuted) => CapWord::Cp,
            (false, OrderFound::Refuted | OrderFound::NotJudged) => CapWord::Neither,
        }
    }
}

/// Cuts nodes off.
pub(super) fn measure(
    target: &Subject,
    seeds: SeedRange,
    watcher: &mut dyn Watcher,
) -> anyhow::Result<Vec<CutFigures>> {
    let mut found = Vec::new();
    for (name, objects) in
        [("register", "registers"), ("siblings", "registers"), ("counter", "counters")]
    {
        let Some(kind) = workload(target, name) else { continue };
        if found.iter().any(|it: &CutFigures| it.objects == objects) {
            continue;
        }
        for lone in LoneNode::of(target) {
            let mut figures = CutFigures {
                lone,
                objects,
                served: CutServed::default(),
                order: if kind.has_order() {
                    OrderFound::NotRefuted
                } else {
                    OrderFound::NotJudged
                },
                again: String::new(),
            };
            for seed in each(seeds) {
                let settings = cut::settings(target, kind, seed);
                let run = cut::run(&settings, lone, watcher)?;
                figures.served.add(cut::served(&run, &settings));
                let is_first = figures.again.is_empty();
                let budget = Budget { configurations: 500_000, ..Budget::default() };
                let options =
                    Options { budget, witnesses: Witnesses::AsFound, ..Options::default() };
                let is_broken = figures.order == OrderFound::NotRefuted && {
                    let judged = Judged::new(&run.history, kind.model(), &options);
                    let mut ladder = Ladder::new();
                    ladder.judge(&judged, |it| it == Consistency::Linearizable);
                    ladder.rung(Consistency::Linearizable).is_broken()
                };
                if is_broken {
                    figures.order = OrderFound::Refuted;
                }
                if is_first || is_broken {
                    figures.again = cut::command(&settings, lone);
                }
            }
            found.push(figures);
        }
    }
    Ok(found)
}
