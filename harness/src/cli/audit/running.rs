//! Makes the runs of an audit on all cores, round by round, so that what is found does not depend on how many
//! cores there are.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use rashomon_targets::TargetConfig;

use crate::audit::{AuditRun, AuditedDesign, execute_audited, round};
use crate::campaign::SeedRange;
use crate::cli::output::Output;
use crate::cli::seeds;
use crate::exit::Exit;
use crate::judge::class;
use crate::parallel::{Each, all_cores, up_to_first};
use crate::report::progress::Show;
use crate::report::thousands;

/// How often a line is written where none can be redrawn.
const BEAT: Duration = Duration::from_secs(30);

/// When an audit ends early.
#[derive(Clone, Copy, Debug)]
pub(super) struct AuditLimits<'a> {
    /// No run begins after this.
    pub(super) deadline: Option<Instant>,
    /// Whether the user has interrupted it.
    pub(super) stop: &'a Arc<AtomicBool>,
}

impl AuditLimits<'_> {
    fn is_over(&self) -> bool {
        let is_late = self.deadline.is_some_and(|deadline| Instant::now() >= deadline);
        is_late || self.stop.load(Ordering::Relaxed)
    }
}

/// Audits these designs with each seed. Returns what was found, how many runs were made, and how many were asked
/// for.
///
/// # Errors
/// If a run cannot be made.
pub(super) fn audit_all(
    targets: &[TargetConfig],
    seeds: SeedRange,
    limits: &AuditLimits<'_>,
    output: &Output,
) -> anyhow::Result<(Vec<AuditedDesign>, u64, u64)> {
    let planned = round(targets, seeds.first).len() as u64 * seeds.count;
    let mut designs: Vec<AuditedDesign> = targets.iter().cloned().map(AuditedDesign::new).collect();
    let bar = seeds::bar(planned, output);
    let (started, beat) = (Instant::now(), Mutex::new(Instant::now()));
    let mut made = 0;
    for seed in seeds.first..seeds.first + seeds.count {
        let jobs = round(targets, seed);
        let each = Each {
            run: |number: u64| {
                let job = &jobs[usize::try_from(number).expect("jobs are counted by usize")];
                let design = &designs[job.design];
                let open = design.open(class(job.kind));
                let run = execute_audited(&design.target, job, &open, limits.stop);
                bar.inc(1);
                status(output, [bar.position(), planned], started, &beat);
                run
            },
            ends: |run: &anyhow::Result<Option<AuditRun>>| run.is_err(),
            stop: || limits.is_over(),
        };
        let runs = up_to_first(jobs.len() as u64, all_cores(), &each);
        for (number, run) in runs {
            let Some(run) = run? else { continue };
            made += 1;
            if run.is_refuting() {
                Exit::Violation.note(); // However the program ends from now on.
            }
            let job = &jobs[usize::try_from(number).expect("jobs are counted by usize")];
            designs[job.design].take(&run);
        }
        if limits.is_over() {
            break;
        }
    }
    bar.finish_and_clear();
    Ok((designs, made, planned))
}

/// Says now and then how far it is and how long the rest takes, where there is no terminal.
fn status(output: &Output, [done, of]: [u64; 2], started: Instant, beat: &Mutex<Instant>) {
    let mut last = beat.lock().expect("no thread panics with it");
    if output.progress() != Show::Lines || last.elapsed() < BEAT {
        return;
    }
    *last = Instant::now();
    let seconds = started.elapsed().as_secs();
    let left = seconds.saturating_mul(of.saturating_sub(done)) / done.max(1);
    output.note(&format!("{} of {} runs  {left} s left", thousands(done), thousands(of)));
}
