//! The report of many runs together.

use std::collections::BTreeMap;
use std::time::Duration;

use rashomon_results::strict::{Header, Stamped};
use rashomon_results::{DoubtRecord, RunRecord};
use serde::Serialize;

use crate::execute::Finished;
use crate::exit::Exit;
use crate::report::{count, summary_line, thousands, why};
use crate::settings::Driver;

/// What is remembered of one of many runs.
pub(super) struct Line {
    pub(super) exit: Exit,
    text: String,
    /// What was found first, or the first doubt.
    why: String,
    /// Why it is unknown, if it is.
    doubts: Vec<DoubtRecord>,
    /// The command that runs it again, if it says all.
    again: Option<String>,
    operations: u64,
    /// Nanoseconds that it lasted in its own time.
    lasted: u128,
    judged_in: Duration,
    bug_hits: u64,
}

impl Line {
    /// Of a run that is valid: only sums are reported of such runs.
    pub(super) fn valid(finished: &Finished) -> Self {
        Self {
            exit: Exit::Valid,
            text: String::new(),
            why: String::new(),
            doubts: Vec::new(),
            again: None,
            operations: finished.tally.invoked,
            lasted: u128::from(finished.driven.end.0),
            judged_in: finished.judged_in,
            bug_hits: finished.driven.bug_hits,
        }
    }

    /// Of a run that is over.
    pub(super) fn of(record: &RunRecord, exit: Exit, judged_in: Duration) -> Self {
        Self {
            exit,
            text: summary_line(record),
            why: why(record),
            doubts: record.all_doubts().cloned().collect(),
            again: record.again.clone(),
            operations: record.evidence.operations,
            lasted: u128::from(record.known.end.0),
            judged_in,
            bug_hits: record.evidence.bug_hits,
        }
    }

    /// Its JSON form.
    fn report(&self, seed: u64) -> NotValid<'_> {
        NotValid {
            seed,
            verdict: self.exit.word(),
            exit: self.exit.number(),
            why: &self.why,
            doubts: &self.doubts,
            again: self.again.as_deref(),
        }
    }
}

/// How fast runs went, and how.
pub(super) struct Pace {
    pub(super) elapsed: Duration,
    pub(super) threads: usize,
    pub(super) driver: Driver,
}

/// What a report of many runs says first.
const HEADER: Header = Header { format: "rashomon-seeds", version: 1 };

/// Many runs, for machines.
#[derive(Serialize)]
pub(super) struct SeriesReport<'a> {
    verdict: &'static str,
    exit: u8,
    seed: u64,
    runs: u64,
    asked: u64,
    not_run: u64,
    interrupted: bool,
    verdicts: BTreeMap<&'static str, u64>,
    violations: Vec<u64>,
    unknown: Vec<u64>,
    first_not_valid: Option<u64>,
    not_valid: Vec<NotValid<'a>>,
    operations: u64,
    seconds: f64,
    runs_per_second: f64,
    runs_per_second_per_core: f64,
    times_real_time: f64,
    bug_hits: u64,
}

/// One of many runs that is not valid, for machines.
#[derive(Serialize)]
struct NotValid<'a> {
    seed: u64,
    verdict: &'static str,
    exit: u8,
    why: &'a str,
    doubts: &'a [DoubtRecord],
    again: Option<&'a str>,
}

/// Many runs, as far as they came.
pub(super) struct Series {
    pub(super) first_seed: u64,
    /// How many were asked for.
    pub(super) count: u64,
    /// Those that were made, by their number from the first seed on.
    pub(super) lines: BTreeMap<u64, Line>,
    pub(super) pace: Pace,
    pub(super) has_planted_bug: bool,
    pub(super) is_interrupted: bool,
}

impl Series {
    /// The worst of them.
    pub(super) fn exit(&self) -> Exit {
        let start = if self.is_interrupted { Exit::Interrupted } else { Exit::Valid };
        self.lines.values().map(|line| line.exit).fold(start, Exit::and)
    }

    /// The seed of the first run that ended so.
    pub(super) fn first(&self, exit: Exit) -> Option<u64> {
        self.seeds(exit).next()
    }

    fn seeds(&self, exit: Exit) -> impl Iterator<Item = u64> {
        let with = self.lines.iter().filter(move |(_, line)| line.exit == exit);
        with.map(|(number, _)| self.first_seed + number)
    }

    /// How many were asked for and not made.
    fn not_run(&self) -> u64 {
        self.count - self.lines.len() as u64
    }

    fn counts(&self) -> BTreeMap<&'static str, u64> {
        let mut counts = BTreeMap::new();
        for line in self.lines.values() {
            *counts.entry(line.exit.word()).or_default() += 1;
        }
        counts
    }

    fn sum(&self, of: fn(&Line) -> u64) -> u64 {
        self.lines.values().map(of).sum()
    }

    /// Runs a second, and times real time.
    fn rates(&self) -> [f64; 2] {
        let lasted: u128 = self.lines.values().map(|line| line.lasted).sum();
        let seconds = self.pace.elapsed.as_secs_f64().max(1e-9);
        #[expect(clippy::cast_precision_loss, reason = "figures for people")]
        let (runs, virtual_seconds) = (self.lines.len() as f64, lasted as f64 / 1e9);
        [runs / seconds, virtual_seconds / seconds]
    }

    /// For machines: fields are only ever added.
    pub(super) fn report(&self) -> Stamped<SeriesReport<'_>> {
        let [runs_per_second, times_real_time] = self.rates();
        #[expect(clippy::cast_precision_loss, reason = "figures for people")]
        let runs_per_second_per_core = runs_per_second / self.pace.threads as f64;
        let not_valid = self.lines.iter().filter(|(_, line)| line.exit != Exit::Valid);
        let not_valid: Vec<NotValid<'_>> =
            not_valid.map(|(number, line)| line.report(self.first_seed + number)).collect();
        HEADER.on(SeriesReport {
            verdict: self.exit().word(),
            exit: self.exit().number(),
            seed: self.first_seed,
            runs: self.lines.len() as u64,
            asked: self.count,
            not_run: self.not_run(),
            interrupted: self.is_interrupted,
            verdicts: self.counts(),
            violations: self.seeds(Exit::Violation).collect(),
            unknown: self.seeds(Exit::Unknown).collect(),
            first_not_valid: not_valid.first().map(|run| run.seed),
            not_valid,
            operations: self.sum(|line| line.operations),
            seconds: self.pace.elapsed.as_secs_f64(),
            runs_per_second,
            runs_per_second_per_core,
            times_real_time,
            bug_hits: self.sum(|line| line.bug_hits),
        })
    }

    /// For people: a line for each run that is not valid, what to do about the unknown ones, and all
    /// of them in a line.
    pub(super) fn text(&self) -> String {
        let simulated = self.pace.driver == Driver::Simulation;
        let mut text = String::new();
        // Each real run has had its box.
        for line in self.lines.values().filter(|line| simulated && line.exit != Exit::Valid) {
            text.push_str(&format!("{}\n", line.text));
        }
        text.push_str(&self.advice());
        text.push_str(&self.summary());
        text
    }

    /// What to do about runs that are unknown: each advice once.
    fn advice(&self) -> String {
        let mut advices: BTreeMap<String, Vec<u64>> = BTreeMap::new();
        for (number, line) in self.lines.iter().filter(|(_, line)| line.exit == Exit::Unknown) {
            if let Some(DoubtRecord { whose, advice, .. }) = line.doubts.first() {
                let advice = format!("{}: {advice}", whose.name());
                advices.entry(advice).or_default().push(self.first_seed + number);
            }
        }
        let told = advices.into_iter().map(|(advice, seeds)| {
            let runs = count(seeds.len() as u64, "run");
            format!("{runs} unknown, the first of seed {}: {advice}\n", seeds[0])
        });
        told.collect()
    }

    fn summary(&self) -> String {
        let runs = self.lines.len() as u64;
        let counts = self.counts().into_iter().map(|(word, number)| match word {
            "violation" => count(number, word),
            _ => format!("{} {word}", thousands(number)),
        });
        let mut parts: Vec<String> = counts.collect();
        if self.not_run() > 0 {
            parts.push(format!("{} not run", thousands(self.not_run())));
        }
        let why = if self.is_interrupted { " (interrupted)" } else { "" };
        let of = match self.not_run() {
            0 => String::new(),
            _ => format!(" of {}", thousands(self.count)),
        };
        format!(
            "{}{of} from seed {}: {}{why}; {} in {}{}\n",
            count(runs, "run"),
            self.first_seed,
            parts.join(", "),
            count(self.sum(|line| line.operations), "operation"),
            self.pace_text(),
            self.planted_text(),
        )
    }

    fn pace_text(&self) -> String {
        let seconds = self.pace.elapsed.as_secs_f64();
        if self.pace.driver == Driver::Cluster {
            return format!("{seconds:.1} s");
        }
        let [per_second, times_real] = self.rates();
        let judged_in: Duration = self.lines.values().map(|line| line.judged_in).sum();
        #[expect(clippy::cast_precision_loss, reason = "figures for people")]
        let threads = self.pace.threads as f64;
        let judging = judged_in.as_secs_f64() / (seconds * threads).max(1e-9) * 100.0;
        let per_core = per_second / threads;
        format!(
            "{seconds:.2} s: {per_second:.0} runs/s on {} ({per_core:.0} a core), {times_real:.0} \
             times real time, {judging:.0} % of it judging",
            count(self.pace.threads as u64, "core"),
        )
    }

    fn planted_text(&self) -> String {
        if !self.has_planted_bug {
            return String::new();
        }
        let hits = self.sum(|line| line.bug_hits);
        format!("; planted bugs had an effect {}", count(hits, "time"))
    }
}

#[cfg(test)]
mod tests {
    use rashomon_results::WhoseRecord;

    use super::*;

    fn line(exit: Exit) -> Line {
        let doubt = DoubtRecord {
            whose: WhoseRecord::Harness,
            what: "fault 0 changed nothing".to_owned(),
            advice: "give more --ops".to_owned(),
        };
        Line {
            exit,
            text: format!("a line of exit {}", exit.number()),
            doubts: if exit == Exit::Unknown { vec![doubt] } else { Vec::new() },
            why: String::new(),
            again: None,
            operations: 100,
            lasted: 1_000_000_000,
            judged_in: Duration::from_millis(1),
            bug_hits: 0,
        }
    }

    fn series(exits: &[Exit], count: u64) -> Series {
        let pace = Pace { elapsed: Duration::from_secs(1), threads: 2, driver: Driver::Simulation };
        Series {
            first_seed: 5,
            count,
            lines: (0..).zip(exits.iter().copied().map(line)).collect(),
            pace,
            has_planted_bug: false,
            is_interrupted: false,
        }
    }

    #[test]
    fn a_series_that_ended_early_says_how_many_were_not_run() {
        let text = series(&[Exit::Violation], 50).text();
        assert!(
            text.contains("1 run of 50 from seed 5: 1 violation, 49 not run; 100 op"),
            "{text}"
        );
        let whole = series(&[Exit::Valid, Exit::Violation, Exit::Violation], 3).text();
        assert!(whole.contains("3 runs from seed 5: 1 valid, 2 violations; 300 op"), "{whole}");
    }

    #[test]
    fn an_unknown_run_is_counted_and_told_with_advice() {
        let series = series(&[Exit::Valid, Exit::Unknown, Exit::Unknown], 3);
        let text = series.text();
        assert!(text.contains("1 valid") && text.contains("2 unknown"), "{text}");
        let advice = "2 runs unknown, the first of seed 6: harness: give more --ops";
        assert!(text.contains(advice), "{text}");
        assert_eq!(series.exit(), Exit::Unknown);
        let json = serde_json::to_value(series.report()).unwrap();
        assert_eq!(json["unknown"], serde_json::json!([6, 7]));
        assert_eq!(json["not_valid"][0]["seed"], 6);
        assert_eq!(json["not_valid"][0]["doubts"][0]["whose"], "harness");
    }

    #[test]
    fn an_interrupted_series_is_never_valid_and_a_violation_is_never_masked() {
        let mut valid = series(&[Exit::Valid], 3);
        valid.is_interrupted = true;
        assert_eq!(valid.exit(), Exit::Interrupted);
        assert!(valid.text().contains("2 not run (interrupted)"), "{}", valid.text());
        let mut found = series(&[Exit::Violation, Exit::Interrupted], 3);
        found.is_interrupted = true;
        assert_eq!(found.exit(), Exit::Violation);
    }
}
