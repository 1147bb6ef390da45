//! A comparison, for machines: figures as numbers, and the rows in words.

use rashomon_checker::k_atomic::Quantiles;
use rashomon_results::ServedRecord;
use rashomon_results::strict::{Header, Stamped};
use serde::Serialize;

use super::rows::rows;
use super::{ToldComparison, name};
use crate::compare::{ComparedDesign, CutFigures, ScalePoint};

/// What it says first.
const HEADER: Header = Header { format: "rashomon-compare", version: 1 };

/// A comparison as far as it came.
#[derive(Serialize)]
pub(crate) struct CompareReport {
    exit: u8,
    seed: u64,
    seeds: u64,
    seconds: f64,
    interrupted: bool,
    compared: Vec<ReportedCompared>,
    rows: Vec<ReportedRow>,
}

/// A row in words.
#[derive(Serialize)]
struct ReportedRow {
    group: &'static str,
    label: String,
    values: Vec<String>,
    how: String,
}

/// The figures of a design.
#[derive(Serialize)]
struct ReportedCompared {
    name: String,
    flags: Vec<String>,
    messages_per_read: Option<f64>,
    messages_per_write: Option<f64>,
    syncs_per_read: Option<f64>,
    syncs_per_write: Option<f64>,
    models_kept: Vec<ReportedKept>,
    models_judged_in: Option<u64>,
    acknowledged: Option<u64>,
    lost_writes: Option<u64>,
    write_outage_ns: Option<Quantiles>,
    write_outage_never_over: Option<u64>,
    read_outage_ns: Option<Quantiles>,
    read_outage_never_over: Option<u64>,
    cuts: Vec<ReportedCut>,
    sizes: Vec<ReportedSize>,
}

/// A model that survived.
#[derive(Serialize)]
struct ReportedKept {
    model: &'static str,
    runs: u64,
}

/// What was served while a node was cut off.
#[derive(Serialize)]
struct ReportedCut {
    lone: &'static str,
    objects: &'static str,
    lone_reads: ServedRecord,
    lone_writes: ServedRecord,
    other_reads: ServedRecord,
    other_writes: ServedRecord,
    reads_are: &'static str,
    writes_are: &'static str,
    again: String,
}

/// What a cluster of one size did.
#[derive(Serialize)]
struct ReportedSize {
    nodes: u16,
    reads_a_second: Option<u64>,
    read_ns: Option<Quantiles>,
    writes_a_second: Option<u64>,
    write_ns: Option<Quantiles>,
}

/// Everything.
pub(crate) fn compare_report(told: &ToldComparison<'_>, exit: u8) -> Stamped<CompareReport> {
    let rows = rows(told).into_iter().map(|row| ReportedRow {
        group: row.group,
        label: row.label,
        values: row.cells,
        how: row.how,
    });
    HEADER.on(CompareReport {
        exit,
        seed: told.seeds.first,
        seeds: told.seeds.count,
        seconds: told.elapsed.as_secs_f64(),
        interrupted: told.is_interrupted,
        compared: told.designs.iter().map(reported).collect(),
        rows: rows.collect(),
    })
}

fn reported(design: &ComparedDesign) -> ReportedCompared {
    let costs = design.costs.as_ref();
    let kept = design.kept.as_ref();
    let models = kept.into_iter().flat_map(|it| &it.strongest);
    let models = models.map(|(model, runs)| ReportedKept { model: model.name(), runs: *runs });
    let writes = kept.and_then(|it| it.writes);
    let outage = design.outage.as_ref();
    let [written, read] = [outage.map(|it| it.writes), outage.map(|it| it.reads)];
    ReportedCompared {
        name: name(design),
        flags: design.target.flags(),
        messages_per_read: costs.map(|it| it.messages_per_read),
        messages_per_write: costs.map(|it| it.messages_per_write),
        syncs_per_read: costs.map(|it| it.syncs_per_read),
        syncs_per_write: costs.map(|it| it.syncs_per_write),
        models_kept: models.collect(),
        models_judged_in: kept.map(|it| it.runs),
        acknowledged: writes.map(|it| it.acknowledged),
        lost_writes: writes.map(|it| it.lost),
        write_outage_ns: written.and_then(|it| it.took_ns),
        write_outage_never_over: written.map(|it| it.never),
        read_outage_ns: read.and_then(|it| it.took_ns),
        read_outage_never_over: read.map(|it| it.never),
        cuts: design.served.iter().map(cut).collect(),
        sizes: design.scale.iter().map(size).collect(),
    }
}

fn cut(of: &CutFigures) -> ReportedCut {
    ReportedCut {
        lone: of.lone.name(),
        objects: of.objects,
        lone_reads: of.served.smaller.reads,
        lone_writes: of.served.smaller.writes,
        other_reads: of.served.larger.reads,
        other_writes: of.served.larger.writes,
        reads_are: of.reads().name(),
        writes_are: of.writes().name(),
        again: of.again.clone(),
    }
}

fn size(of: &ScalePoint) -> ReportedSize {
    ReportedSize {
        nodes: of.nodes,
        reads_a_second: of.reads.map(|it| it.a_second),
        read_ns: of.reads.map(|it| it.took_ns),
        writes_a_second: of.writes.map(|it| it.a_second),
        write_ns: of.writes.map(|it| it.took_ns),
    }
}

#[cfg(test)]
mod tests {
    use rashomon_targets::TargetConfig;

    use super::*;

    #[test]
    fn what_was_not_measured_is_null_and_not_zero() {
        let design = ComparedDesign::new(TargetConfig::every(3..=3).swap_remove(0));
        let told = serde_json::to_value(reported(&design)).unwrap();
        for field in ["acknowledged", "lost_writes", "models_judged_in", "write_outage_ns"] {
            assert!(told[field].is_null(), "{field}: {told:#}");
        }
    }
}
