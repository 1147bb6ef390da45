//! What each side of a partition serves, and whether what it serves is linearizable: CP or AP as measured.

use rashomon_checker::ladder::{Ladder, Subject as Judged};
use rashomon_checker::linearizability::{Options, Witnesses};
use rashomon_checker::{Budget, Consistency};
use rashomon_results::ServedRecord;
use rashomon_workloads::Kind;

use super::{each, objects};
use crate::availability::CutServed;
use crate::campaign::SeedRange;
use crate::cut::{self, LoneNode};
use crate::execute::Finished;
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
    /// Whether the runs are linearizable.
    pub(crate) order: OrderFound,
    /// The command that makes the first of these runs again, or the first that is not linearizable.
    pub(crate) again: String,
}

/// Whether operations had an order. Of several runs, the one that comes last here says most.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum OrderFound {
    /// It was not judged.
    NotJudged,
    /// No run was decided.
    Undecided,
    /// A run is linearizable, and none refutes that all are.
    NotRefuted,
    /// A run is not.
    Refuted,
}

/// What the CAP theorem leaves of two promises, as measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum CapWord {
    /// Not served on both sides, and each run that was decided is linearizable.
    Cp,
    /// Served on both sides, and not linearizable.
    Ap,
    /// Neither.
    Neither,
    /// Served on both sides, and linearizability is not refuted by these runs.
    Open,
    /// Not served on both sides, and no run tells whether it is linearizable; or a side was asked nothing.
    Undecided,
}

impl CapWord {
    /// The word.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Cp => "CP",
            Self::Ap => "AP",
            Self::Neither => "neither",
            Self::Open => "AP, not refuted",
            Self::Undecided => "undecided",
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
        if sides.iter().any(|it| it.asked == 0) {
            return CapWord::Undecided;
        }
        let is_available = |it: &ServedRecord| it.ok * 100 >= it.asked * AVAILABLE;
        match (sides.iter().all(is_available), self.order) {
            (true, OrderFound::Refuted) => CapWord::Ap,
            (true, OrderFound::NotJudged | OrderFound::Undecided | OrderFound::NotRefuted) => {
                CapWord::Open
            }
            (false, OrderFound::Refuted) => CapWord::Neither,
            (false, OrderFound::NotRefuted) => CapWord::Cp,
            (false, OrderFound::NotJudged | OrderFound::Undecided) => CapWord::Undecided,
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
    for (kind, objects) in objects(target) {
        for lone in LoneNode::of(target) {
            let mut figures = CutFigures {
                lone,
                objects,
                served: CutServed::default(),
                order: OrderFound::NotJudged,
                again: String::new(),
            };
            for seed in each(seeds) {
                let settings = cut::settings(target, kind, seed);
                let run = cut::run(&settings, lone, watcher)?;
                figures.served.add(cut::served(&run, &settings));
                if figures.again.is_empty() {
                    figures.again = cut::command(&settings, lone);
                }
                if !kind.has_order() || figures.order == OrderFound::Refuted {
                    continue;
                }
                figures.order = figures.order.max(order(&run, kind));
                if figures.order == OrderFound::Refuted {
                    let settings = settings.requiring(Consistency::Linearizable);
                    figures.again = cut::command(&settings, lone);
                }
            }
            found.push(figures);
        }
    }
    Ok(found)
}

/// Whether one run is linearizable.
fn order(run: &Finished, kind: Kind) -> OrderFound {
    let budget = Budget { configurations: 500_000, ..Budget::default() };
    let options = Options { budget, witnesses: Witnesses::AsFound, ..Options::default() };
    let judged = Judged::new(&run.history, kind.model(), &options);
    let mut ladder = Ladder::new();
    ladder.judge(&judged, |it| it == Consistency::Linearizable);
    let rung = ladder.rung(Consistency::Linearizable);
    if rung.is_broken() {
        OrderFound::Refuted
    } else if rung.holds() {
        OrderFound::NotRefuted
    } else {
        OrderFound::Undecided
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_no_run_decides_is_neither_cp_nor_refuted() {
        let sides = |ok: [u64; 2]| ok.map(|ok| ServedRecord { asked: 100, ok });
        let word = |order, ok| {
            let (lone, objects, again) = (LoneNode::Third, "registers", String::new());
            let served = CutServed::default();
            CutFigures { lone, objects, served, order, again }.word(sides(ok)).name()
        };
        let of = |ok| {
            use OrderFound::{NotJudged, NotRefuted, Refuted, Undecided};
            [NotJudged, Undecided, NotRefuted, Refuted].map(|order| word(order, ok))
        };
        assert_eq!(of([0, 100]), ["undecided", "undecided", "CP", "neither"]);
        let open = "AP, not refuted";
        assert_eq!(of([99, 100]), [open, open, open, "AP"]);
    }
}
