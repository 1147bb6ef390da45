//! Progress on standard error, while a run goes on.

use std::io::Write;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use rashomon_checker::{Event, EventKind, Time, visible};

use super::{percent, thousands};
use crate::exit::Exit;
use crate::fault::{Aim, FaultSpan, Victim};
use crate::run::drive::{SpanOutcome, Stage, Watcher};
use crate::run::recorder::{OperationCounts, Sighting};

/// How progress is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Show {
    /// Lines that are redrawn.
    Live,
    /// A line an event, without escapes.
    Lines,
    /// Nothing.
    Nothing,
}

/// Shows a run's progress, and passes on a request to stop.
pub(crate) struct Progress {
    show: Show,
    bar: ProgressBar,
    lasts: Time,
    stop: Arc<AtomicBool>,
    drawn: Instant,
    beat: Instant,
    rate_from: (Time, u64),
    rate: u64,
    last_error: Option<String>,
}

impl Progress {
    /// For a load of this length; `stop` is set when the run is to end.
    pub(crate) fn new(show: Show, lasts: Time, stop: Arc<AtomicBool>) -> Self {
        let target = match show {
            Show::Live => ProgressDrawTarget::stderr(),
            Show::Lines | Show::Nothing => ProgressDrawTarget::hidden(),
        };
        let bar = ProgressBar::with_draw_target(Some((lasts.0 / 1_000_000).max(1)), target);
        let template = " {prefix:<6} {bar:40} {msg}";
        bar.set_style(
            ProgressStyle::with_template(template)
                .expect("the template is constant")
                .progress_chars("━╸ "),
        );
        let now = Instant::now();
        Self {
            show,
            bar,
            lasts,
            stop,
            drawn: now,
            beat: now,
            rate_from: (Time(0), 0),
            rate: 0,
            last_error: None,
        }
    }

    /// Takes the live lines away.
    pub(crate) fn finish(&self) {
        self.bar.finish_and_clear();
    }

    fn line(&self, now: Time, kind: &str, what: &str) {
        if self.show == Show::Lines {
            // A closed standard error is no reason to stop.
            let _ = writeln!(std::io::stderr(), "{} {kind:<8} {}", clock(now), visible(what));
        }
    }
}

impl Watcher for Progress {
    fn recorded(&mut self, event: &Event) {
        if event.kind == EventKind::Info || event.kind == EventKind::Fail {
            self.last_error = event.error.as_ref().map(|why| {
                let why = why.to_string();
                visible(&format!("{} {}: {}", event.who(), event.f, why.trim_matches('"'))).into()
            });
        }
    }

    fn tick(
        &mut self,
        now: Time,
        tally: OperationCounts,
        stage: Stage,
        in_force: &mut dyn Iterator<Item = &FaultSpan>,
    ) {
        if self.show == Show::Nothing || self.drawn.elapsed() < Duration::from_millis(100) {
            return;
        }
        self.drawn = Instant::now();
        if now.0 > self.rate_from.0.0 + 500_000_000 {
            let done = (tally.invoked - self.rate_from.1) * 1_000_000_000;
            self.rate = done / (now.0 - self.rate_from.0.0);
            self.rate_from = (now, tally.invoked);
        }
        let faults: Vec<String> = in_force
            .map(|span| {
                let left = span.end().0.saturating_sub(now.0) / 100_000_000;
                format!("{} (heals in {}.{} s)", span.fault, left / 10, left % 10)
            })
            .collect();
        let counts = format!(
            "{} ops  {}/s  ok {}  fail {}  info {}",
            thousands(tally.invoked),
            thousands(self.rate),
            percent(tally.ok, tally.invoked),
            percent(tally.fail, tally.invoked),
            percent(tally.info, tally.invoked),
        );
        if self.show == Show::Live {
            self.bar.set_prefix(stage.name());
            self.bar.set_position(now.0.min(self.lasts.0) / 1_000_000);
            let fault = if faults.is_empty() { "none".to_owned() } else { faults.join(", ") };
            let error = self.last_error.as_deref().unwrap_or("none");
            self.bar.set_message(format!(
                "{} of {}\n ops    {counts}\n fault  {fault}\n error  {error}",
                clock(now),
                clock(self.lasts)
            ));
        } else if self.beat.elapsed() > Duration::from_secs(30) {
            self.beat = Instant::now();
            self.line(now, "status", &counts);
        }
    }

    fn fault_began(&mut self, now: Time, SpanOutcome { span, on, .. }: &SpanOutcome) {
        let primary = match on[..] {
            [node] if span.fault.aim() == Aim::One(Victim::Primary) => {
                format!("  (primary {node})")
            }
            _ => String::new(),
        };
        self.line(now, "fault", &format!("#{} begin {}{primary}", span.id, span.fault));
    }

    fn fault_healed(&mut self, now: Time, SpanOutcome { span, .. }: &SpanOutcome) {
        self.line(now, "fault", &format!("#{} heal {}", span.id, span.fault));
    }

    fn sighted(&mut self, _sighting: &Sighting) {
        // Whatever ends the program from now on.
        Exit::Violation.note();
    }

    fn wants_stop(&mut self) -> bool {
        self.stop.load(Ordering::Relaxed)
    }
}

/// `00:05.3`.
fn clock(time: Time) -> String {
    let tenths = time.0 / 100_000_000;
    format!("{:02}:{:02}.{}", tenths / 600, tenths / 10 % 60, tenths % 10)
}
