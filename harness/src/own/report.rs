//! The results of the runs.

use std::fmt;

use rashomon_results::{RunRecord, RunVerdict};

use crate::report::{Glyphs, Screen, count, first, verdict_page};

/// The results of the runs.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Report {
    /// How many runs were made.
    pub runs: u64,
    /// Operations of all runs.
    pub operations: u64,
    /// How often a planted bug had an effect, as counted by the nodes alive at the end.
    pub bug_hits: u64,
    /// The run of the lowest seed in which something required was broken.
    pub violation: Option<Violation>,
    /// The seeds of all runs in which something required was broken, ascending.
    pub violating: Vec<u64>,
    /// The undecided runs, by ascending seed.
    pub undecided: Vec<Undecided>,
    /// How many of them may be.
    pub(super) unknown_allowed: u64,
}

/// The verdict on all runs together.
#[derive(Clone, Copy, Debug)]
pub enum Verdict<'a> {
    /// Nothing was found against what was required, in these runs.
    Valid,
    /// Something that was required was broken.
    Violation(&'a Violation),
    /// Nothing was found, but these runs are undecided; the list is empty if no run was made.
    Unknown(&'a [Undecided]),
}

/// A run that violated a requirement.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Violation {
    /// In simulation the same build, settings and seed make the same run again: give `.seed(seed)`.
    pub seed: u64,
    /// The name of what was required, such as `linearizable`.
    pub check: String,
    /// What was found, in a sentence.
    pub summary: String,
    /// The run's facts: faults and what they did, every check, every anomaly with its witness.
    pub record: RunRecord,
}

/// An undecided run.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Undecided {
    /// The seed.
    pub seed: u64,
    /// Why, a sentence each.
    pub doubts: Vec<String>,
    /// Whether a node panicked, after which there is no run to judge.
    pub panicked: bool,
}

/// A run that is over.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Ran {
    /// Nothing was found against what was required, in this run.
    Valid(RunRecord),
    /// Something that was required was broken.
    Violation(Violation),
    /// It is undecided.
    Unknown(Undecided, Option<RunRecord>),
}

impl Ran {
    /// A run with its record.
    pub(super) fn of(record: RunRecord) -> Self {
        let seed = record.seed;
        let found = first(&record);
        let found = found.map(|(check, anomaly)| (check.check.clone(), anomaly.summary.clone()));
        match (record.verdict, found) {
            (RunVerdict::Valid, _) => Self::Valid(record),
            (RunVerdict::Violation, Some((check, summary))) => {
                Self::Violation(Violation { seed, check, summary, record })
            }
            (RunVerdict::Violation | RunVerdict::Unknown, _) => {
                let doubts = record.all_doubts().map(ToString::to_string).collect();
                Self::Unknown(Undecided { seed, doubts, panicked: false }, Some(record))
            }
        }
    }

    /// A run that a node ended with a panic.
    pub(super) fn panicked(seed: u64, words: &str) -> Self {
        let doubts = vec![format!("a node panicked: {words}")];
        Self::Unknown(Undecided { seed, doubts, panicked: true }, None)
    }

    /// The run's facts, if it came to an end.
    pub fn record(&self) -> Option<&RunRecord> {
        match self {
            Self::Valid(record) | Self::Violation(Violation { record, .. }) => Some(record),
            Self::Unknown(_, record) => record.as_ref(),
        }
    }

    /// Whether it ends a series of runs.
    pub(super) fn ends(&self) -> bool {
        match self {
            Self::Valid(_) => false,
            Self::Violation(_) => true,
            Self::Unknown(undecided, _) => undecided.panicked,
        }
    }
}

impl Violation {
    /// The verdict box, the operations that suffice to show the anomaly, drawn, and the argument step
    /// by step: what `rashomon run` prints.
    pub fn story(&self) -> String {
        let screen = Screen { glyphs: Glyphs::unicode(), columns: 80 };
        let page = verdict_page(&self.record, screen).text();
        format!("{page}  again     .seed({})\n", self.seed)
    }
}

impl Report {
    /// No run yet.
    pub(super) fn new(unknown_allowed: u64) -> Self {
        Self {
            runs: 0,
            operations: 0,
            bug_hits: 0,
            violation: None,
            violating: Vec::new(),
            undecided: Vec::new(),
            unknown_allowed,
        }
    }

    /// Adds a run. They come by ascending seed.
    pub(super) fn add(&mut self, ran: Ran) {
        self.runs += 1;
        if let Some(record) = ran.record() {
            self.operations += record.evidence.operations;
            self.bug_hits += record.evidence.bug_hits;
        }
        match ran {
            Ran::Valid(_) => {}
            Ran::Violation(violation) => {
                self.violating.push(violation.seed);
                self.violation.get_or_insert(violation);
            }
            Ran::Unknown(undecided, _) => self.undecided.push(undecided),
        }
    }

    /// The verdict on all runs together: a violation beats an undecided run, and that beats
    /// a clean result. As many runs as [`allow_unknown`](crate::Harness::allow_unknown) says may be unknown,
    /// if some are decided; a node that panicked is never allowed.
    pub fn verdict(&self) -> Verdict<'_> {
        let unknown = self.undecided.len() as u64;
        let allowed = unknown <= self.unknown_allowed && unknown < self.runs;
        let panicked = self.undecided.iter().any(|undecided| undecided.panicked);
        match &self.violation {
            Some(violation) => Verdict::Violation(violation),
            None if allowed && !panicked => Verdict::Valid,
            None => Verdict::Unknown(&self.undecided),
        }
    }

    /// Passes a test if nothing was found against what was required.
    ///
    /// # Panics
    /// With the explained violation, or with the undecided runs and the reasons.
    #[track_caller]
    pub fn assert_kept(&self) {
        assert!(matches!(self.verdict(), Verdict::Valid), "\n{self}");
    }

    /// Passes a test if something that was required was broken: the expected bug was found.
    ///
    /// # Panics
    /// If nothing was found.
    #[track_caller]
    pub fn assert_violation(&self) -> &Violation {
        match &self.violation {
            Some(violation) => violation,
            None => panic!("no violation was found\n{self}"),
        }
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.verdict() {
            Verdict::Valid => write!(f, "{}: no violation found", count(self.runs, "run")),
            Verdict::Violation(violation) => f.write_str(&violation.story()),
            Verdict::Unknown([]) => f.write_str("no run was made; give .seeds(1..=100)"),
            Verdict::Unknown(undecided) => {
                let (unknown, runs) = (undecided.len(), count(self.runs, "run"));
                writeln!(
                    f,
                    "{unknown} of {runs} are undecided; .allow_unknown(n) allows n of them"
                )?;
                for Undecided { seed, doubts, .. } in undecided {
                    writeln!(f, "  seed {seed}: {}", doubts.join("; "))?;
                }
                Ok(())
            }
        }
    }
}
