//! The rows of a comparison, in words. A row that no design fills is absent.

use rashomon_checker::k_atomic::Quantiles;
use rashomon_results::ServedRecord;

use super::ToldComparison;
use crate::compare::{ComparedDesign, CutFigures, DeadNode, OutageTimes, SIZES};
use crate::compare::{ScaleLoad, StaleFigures, StaleReads};
use crate::cut::LoneNode;
use crate::report::{count, in_unit, percent, thousands};

/// A row.
pub(super) struct ComparedRow {
    /// What it belongs to.
    pub(super) group: &'static str,
    /// What was measured.
    pub(super) label: String,
    /// Of each design.
    pub(super) cells: Vec<String>,
    /// How.
    pub(super) how: String,
}

/// A part of what was measured of reads.
type OfReads = fn(&StaleFigures) -> StaleReads;

/// Where something does not apply to a design.
const NONE: &str = "–";

/// All rows.
pub(super) fn rows(told: &ToldComparison<'_>) -> Vec<ComparedRow> {
    let mut rows = Rows { told, all: Vec::new() };
    takers(&mut rows);
    costs(&mut rows);
    kept(&mut rows);
    served(&mut rows);
    outage(&mut rows);
    stale(&mut rows);
    conflicts(&mut rows);
    size(&mut rows);
    scale(&mut rows);
    rows.all
}

struct Rows<'a> {
    told: &'a ToldComparison<'a>,
    all: Vec<ComparedRow>,
}

impl Rows<'_> {
    fn add(
        &mut self,
        (group, label): (&'static str, &str),
        how: &str,
        cell: impl Fn(&ComparedDesign) -> Option<String>,
    ) {
        let cells: Vec<Option<String>> = self.told.designs.iter().map(cell).collect();
        if cells.iter().all(Option::is_none) {
            return;
        }
        let cells = cells.into_iter().map(|cell| cell.unwrap_or_else(|| NONE.to_owned())).collect();
        self.all.push(ComparedRow { group, label: label.to_owned(), cells, how: how.to_owned() });
    }
}

fn takers(rows: &mut Rows<'_>) {
    let how = "nodes that answered one, without faults, first seed";
    let of = |nodes: usize, of: usize| format!("{nodes} of {of} nodes");
    rows.add(("who takes what", "writes"), how, |it| {
        it.takers.as_ref().map(|it| of(it.writes.len(), it.nodes))
    });
    rows.add(("who takes what", "reads"), how, |it| {
        it.takers.as_ref().map(|it| of(it.reads.len(), it.nodes))
    });
    let how = "what nodes said they are, when asked something; one counts in each role that it had";
    rows.add(("who takes what", "nodes that ever were"), how, |it| {
        let roles = &it.takers.as_ref()?.roles;
        let told = roles.iter().map(|(role, nodes)| format!("{nodes} {role}"));
        Some(told.collect::<Vec<_>>().join(", "))
    });
}

fn costs(rows: &mut Rows<'_>) {
    const GROUP: &str = "architecture";
    let how = "traces of 4 s: the reads, or the writes, of 100 operations a second, one after another, \
               less those of an idle cluster; first seed";
    let cell = |of: fn(&crate::compare::Costs) -> f64| {
        move |it: &ComparedDesign| it.costs.as_ref().map(|it| format!("{:.1}", of(it)))
    };
    rows.add((GROUP, "messages for a read"), how, cell(|it| it.messages_per_read));
    rows.add((GROUP, "messages for a write"), how, cell(|it| it.messages_per_write));
    rows.add((GROUP, "disk writes for a read"), how, cell(|it| it.syncs_per_read));
    rows.add((GROUP, "disk writes for a write, all nodes"), how, cell(|it| it.syncs_per_write));
    let how = "a trace of 4 s with one operation";
    rows.add((GROUP, "messages a second when idle"), how, cell(|it| it.messages_by_itself));
    rows.add((GROUP, "objects of these operations"), "the workloads that the design takes", |it| {
        it.costs.as_ref().map(|it| it.objects.to_owned())
    });
}

fn kept(rows: &mut Rows<'_>) {
    const GROUP: &str = "consistency";
    let how = "session-roam and register, seeds by turns without faults and under those that the claim covers";
    let also = "; a run that cannot decide does not count";
    rows.add((GROUP, "strongest models that survived"), &format!("{how}{also}"), |it| {
        let kept = it.kept.as_ref()?;
        let told = kept.strongest.iter().map(|(model, runs)| format!("{model} in {runs}"));
        let told = told.collect::<Vec<_>>().join(", ");
        let of = if told.is_empty() { "none in" } else { " of" };
        Some(format!("{told}{of} {} runs ({})", kept.runs, kept.objects))
    });
    rows.add((GROUP, "weakest models that a run refuted"), how, |it| {
        let refuted = &it.kept.as_ref()?.refuted;
        let names: Vec<String> = refuted.iter().map(|(model, _)| model.to_string()).collect();
        Some(if names.is_empty() { "none".to_owned() } else { names.join(", ") })
    });
    rows.add(
        (GROUP, "acknowledged writes lost"),
        "the same runs, as far as the cluster came to rest",
        |it| {
            let writes = it.kept.as_ref()?.writes?;
            Some(format!("{} of {}", thousands(writes.lost), thousands(writes.acknowledged)))
        },
    );
}

fn served(rows: &mut Rows<'_>) {
    const GROUP: &str = "under a partition";
    for lone in [LoneNode::Primary, LoneNode::Third] {
        for objects in ["registers", "counters"] {
            let find = move |it: &ComparedDesign| {
                it.served.iter().find(|it| it.lone == lone && it.objects == objects).cloned()
            };
            let how = format!("{objects}, 6 s, from 2 s after the cut on; plan {}", lone.file());
            let label = |what: &str| format!("{}, {objects}: {what}", lone.name());
            rows.add((GROUP, &label("reads, lone node / others")), &how, |it| {
                find(it).map(|it| sides([it.served.smaller.reads, it.served.larger.reads]))
            });
            rows.add((GROUP, &label("writes, lone node / others")), &how, |it| {
                find(it).map(|it| sides([it.served.smaller.writes, it.served.larger.writes]))
            });
            let how = "AP: both sides did 99 % or more; CP: they did not, and each run that was decided \
                       is linearizable; undecided: no run was";
            rows.add((GROUP, &label("so reads / writes are")), how, |it| {
                find(it).map(|it| words(&it))
            });
        }
    }
}

fn sides([lone, others]: [ServedRecord; 2]) -> String {
    let told = |it: ServedRecord| match it.asked {
        0 => "not asked".to_owned(),
        asked => percent(it.ok, asked),
    };
    format!("{} / {}", told(lone), told(others))
}

fn words(it: &CutFigures) -> String {
    format!("{} / {}", it.reads().name(), it.writes().name())
}

fn outage(rows: &mut Rows<'_>) {
    const GROUP: &str = "a primary dies";
    let how = "from the kill to the first one done that was invoked after it; 3 s dead, the load ends 6 s after the \
               kill; p50 / max over the seeds";
    let told = |it: Quantiles| format!("{} / {}", in_unit(it.p50), in_unit(it.max));
    let all = |it: OutageTimes| match (it.took_ns.map(told), it.never) {
        (Some(took), 0) => took,
        (Some(took), never) => format!("{took}; to the end in {}", count(never, "run")),
        (None, _) => "to the end".to_owned(),
    };
    rows.add((GROUP, "no writes for"), how, |it| it.outage.as_ref().map(|it| all(it.writes)));
    rows.add((GROUP, "no reads for"), how, |it| it.outage.as_ref().map(|it| all(it.reads)));
    let how = "from the restart to the first operation done by that node";
    rows.add((GROUP, "the node serves again after"), how, |it| {
        it.outage.as_ref()?.recovered.map(told)
    });
    rows.add((GROUP, "what was killed"), "the primary, or the first of equals", |it| {
        it.outage.as_ref().map(|it| match it.of {
            DeadNode::Primary => "the primary".to_owned(),
            DeadNode::First => "n1, of equals".to_owned(),
        })
    });
}

fn stale(rows: &mut Rows<'_>) {
    const GROUP: &str = "staleness";
    let how = "session-roam; p50 / p99 / max: of the runs the middle, the greatest, the greatest";
    let both: [(&str, OfReads); 2] =
        [("without faults", |it| it.calm), ("under partitions", |it| it.cut)];
    for (when, of) in both {
        rows.add((GROUP, &format!("stale reads {when}")), how, |it| {
            let of = of(it.stale.as_ref()?);
            Some(format!("{} of {}", percent(of.stale, of.reads), thousands(of.reads)))
        });
        rows.add((GROUP, &format!("versions behind {when}")), how, |it| {
            let [p50, p99, max] = of(it.stale.as_ref()?).versions;
            Some(format!("{p50} / {p99} / {max}"))
        });
        rows.add((GROUP, &format!("time behind {when}")), how, |it| {
            let times = of(it.stale.as_ref()?).times_ns.map(in_unit);
            Some(times.join(" / "))
        });
    }
}

fn conflicts(rows: &mut Rows<'_>) {
    const GROUP: &str = "conflicts";
    let how = "siblings: each process writes in place of what it has read; without faults, at rest in the end";
    rows.add((GROUP, "writes that nobody had seen, gone"), how, |it| {
        let it = it.siblings.as_ref()?;
        Some(format!("{} of {}", thousands(it.discarded), thousands(it.writes)))
    });
    rows.add((GROUP, "reads of several values (most)"), how, |it| {
        let it = it.siblings.as_ref()?;
        Some(format!("{} ({})", percent(it.conflicting, it.reads), it.most))
    });
}

fn size(rows: &mut Rows<'_>) {
    const GROUP: &str = "complexity";
    rows.add((GROUP, "message types"), "kinds seen in the traces", |it| {
        it.costs.as_ref().map(|it| it.message_kinds.to_string())
    });
    rows.add((GROUP, "record types"), "kinds seen in the traces", |it| {
        it.costs.as_ref().map(|it| it.record_kinds.to_string())
    });
    let how = "flags of the family, and combinations of them that make sense at this size";
    rows.add((GROUP, "knobs (configurations)"), how, |it| {
        Some(format!("{} ({})", it.size.knobs, thousands(it.size.configurations as u64)))
    });
    let how =
        "own folder, without tests and comments, counted when this program was built; a proxy";
    rows.add((GROUP, "lines of code"), how, |it| it.size.lines.map(thousands));
}

fn scale(rows: &mut Rows<'_>) {
    const GROUP: &str = "as replicas grow";
    let point = |it: &ComparedDesign, nodes| it.scale.iter().find(|it| it.nodes == nodes).cloned();
    let told = |it: Option<ScaleLoad>| match it {
        None => "none done".to_owned(),
        Some(ScaleLoad { a_second, took_ns }) => {
            let [p50, p99] = [took_ns.p50, took_ns.p99].map(in_unit);
            format!("{}, {p50} / {p99}", thousands(a_second))
        }
    };
    let how = "12 clients a node that never rest, nothing else asked, registers, first seed, for 400 ms \
               once there is a primary; latency p50 / p99";
    for nodes in SIZES {
        rows.add((GROUP, &format!("reads a second, {nodes} nodes")), how, |it| {
            point(it, nodes).map(|it| told(it.reads))
        });
    }
    for nodes in SIZES {
        rows.add((GROUP, &format!("writes a second, {nodes} nodes")), how, |it| {
            point(it, nodes).map(|it| told(it.writes))
        });
    }
}

/// Runs that one may want to make again, and what each shows.
pub(super) fn commands(told: &ToldComparison<'_>) -> Vec<(String, String)> {
    let mut found = Vec::new();
    for (at, design) in (1..).zip(told.designs) {
        let _: u32 = at;
        let mut add = |what: &str, command: Option<&String>| {
            found.extend(command.map(|it| (format!("[{at}] {what}"), it.clone())));
        };
        let kept = design.kept.as_ref();
        for (model, command) in kept.into_iter().flat_map(|it| &it.refuted) {
            add(&format!("refutes {model}"), Some(command));
        }
        add("loses acknowledged writes", kept.and_then(|it| it.lost_in.as_ref()));
        for figures in &design.served {
            add(&format!("{}, {}", figures.lone.name(), figures.objects), Some(&figures.again));
        }
        add("a node dies", design.outage.as_ref().map(|it| &it.again));
        add("staleness under partitions", design.stale.as_ref().map(|it| &it.again));
        add("conflicts", design.siblings.as_ref().map(|it| &it.again));
    }
    found
}
