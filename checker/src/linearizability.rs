//! Linearizability: is there one order of the operations that explains all they returned?
//!
//! Herlihy and Wing, "Linearizability: a correctness condition for concurrent objects", TOPLAS
//! 1990. The property is local: a history is linearizable iff each key's part of it is.
//!
//! [`check`] drops what cannot matter (definite failures, reads whose return was lost) and what is
//! not a client's (final reads, which look at one replica), splits the
//! history by key, and judges each part by the cheapest method that is exact for it:
//!
//! | part | method | cost |
//! |---|---|---|
//! | a register, no value written twice, no `cas` | zones | O(n log n) |
//! | the same with `cas`, if each that mismatched is sure to have found something else | chains of zones | O(n log n) |
//! | a list or text that grows, nothing written twice | longest read | O(n log n + length of the reads) |
//! | the same, something written twice | longest read | polynomial if it is never put, as a rule if it is; then bounded |
//! | a collection, no element put in twice; a counter of equal steps | [monitors](crate::monitors) | O(n log n) |
//! | anything else | search over configurations | exponential in the operations in flight |
//!
//! How fast that is, beside Porcupine's figures for the same work: on one thread and parsing apart,
//! but for the last line, on a machine of 2 cores on a quiet day; on a busy one it was up to twice
//! as much (`cargo bench -p rashomon-checker --bench linearizability` prints it anew, with more
//! lines):
//!
//! | work | Porcupine | here | with a least witness |
//! |---|---|---|---|
//! | Jepsen's etcd logs, 52 files | about 1 s | 0.95 ms | 3.34 ms |
//! | register, 10 clients, 10,000 ops | 3.1 s | 0.14 ms | |
//! | register, 100 clients, 100,000 ops, 1 % crashed | no answer | 2.13 ms | |
//! | `cas` of five values, 10 clients, 1,000 ops, a wrong read | 2.5 s | 2.05 ms | 4.23 ms |
//! | the same, 20 clients, a wrong read | no answer | 67.8 ms | 167 ms |
//! | the same, 50 clients, valid | no answer | 63.5 ms | |
//! | appends, 50 clients, 200 ops a key, 10 keys, valid | 3.4 s | 0.27 ms | |
//! | the same, a stale read a key | 60.9 s | 0.38 ms | 0.37 ms |
//! | appends of 20 words, 10 clients, 2,000 ops, valid | no answer | 0.44 ms | |
//! | appends and 10 % puts of 100 words, 10 clients, 2,000 ops, valid | no answer | 49 ms | |
//! | registers, 10 clients a key, 10 million ops on 1,000 keys, from a file of JSON lines | no answer | 7.3 s, 798 MB | |
//!
//! A part is `Unknown` only if the search spends its budget, or an operation is not understood.
//!
//! ```
//! use rashomon_checker::linearizability::{self, Options};
//! use rashomon_checker::{Event, EventKind, History, ModelKind, ProcessId, Value};
//!
//! let event = |index, process, kind, f, value| {
//!     Event::new(index, ProcessId(process), kind, f, value)
//! };
//! let history = History::from_events([
//!     event(0, 0, EventKind::Invoke, "write", Value::Int(1)),
//!     event(1, 0, EventKind::Ok, "write", Value::Nil),
//!     event(2, 1, EventKind::Invoke, "read", Value::Nil),
//!     event(3, 1, EventKind::Ok, "read", Value::Nil), // Too late to read nothing.
//! ])?;
//! let report = linearizability::check(&history, ModelKind::Register, &Options::default());
//! let anomaly = report.verdict.anomalies().next().expect("the read is stale");
//! assert_eq!(anomaly.class.name(), "stale-read");
//! assert_eq!(anomaly.witness.operations.len(), 2);
//! # Ok::<(), rashomon_checker::HistoryError>(())
//! ```

pub mod wgl;

mod call;
mod chains;
pub(crate) mod decode;
pub(crate) mod engine;
pub(crate) mod explain;
mod findings;
pub(crate) mod growth;
mod mismatches;
mod options;
mod own;
pub(crate) mod part;
mod places;
mod register;
mod witness;
mod zones;

pub use call::Call;
pub use decode::FailedCas;
pub use options::{Certificates, Keys, Options, Witnesses};
pub use own::{Judgement, check_calls, explain_calls};
pub use part::Part;
pub use witness::CallWitness;

pub(crate) use explain::deed;

use self::engine::{Answer, Orders};
use self::findings::{doubt, report};
use self::growth::{Effort, Growth};
use crate::monitors::MonitorVerdict;
use crate::{
    Anomaly, Budget, Certificate, History, Model, ModelKind, OpIndex, PartOrder, Value, Verdict,
};

/// How a part was judged.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "json", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "json", serde(rename_all = "kebab-case"))]
pub enum Method {
    /// By the zones of a register with unique writes.
    Zones,
    /// By the chains of a register with unique writes and swaps.
    Chains,
    /// By the longest read of a list or text that only grows.
    LongestRead,
    /// By the monitor for a collection or counter: see [`crate::monitors`].
    Monitor,
    /// By a read that no order could explain.
    Refutation,
    /// By search over configurations.
    Search,
    /// Not at all: an operation was not understood.
    Declined,
}

impl Method {
    /// The stable name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Zones => "zones",
            Self::Chains => "chains",
            Self::LongestRead => "longest-read",
            Self::Monitor => "monitor",
            Self::Refutation => "refutation",
            Self::Search => "search",
            Self::Declined => "declined",
        }
    }
}

/// The verdict on a history, and how it came about.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "json", derive(serde::Serialize, serde::Deserialize))]
pub struct Report {
    /// What it was judged against.
    pub model: ModelKind,
    /// The conclusion.
    pub verdict: Verdict<Anomaly>,
    /// Each part, in the order of the keys' first use.
    pub parts: Vec<PartReport>,
}

/// What became of one part of a history.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "json", derive(serde::Serialize, serde::Deserialize))]
pub struct PartReport {
    /// The key, if the operations have one.
    pub key: Option<Value>,
    /// The word for its verdict.
    pub verdict: String,
    /// How it was judged.
    pub method: Method,
    /// Its operations, failed ones and all.
    pub operations: u64,
    /// Configurations visited.
    pub configurations: u64,
    /// Bytes the search held.
    pub bytes: u64,
}

/// Judges `history` against `model`.
///
/// The same history, model and options give the same report on every machine, however many threads
/// there are, unless the budget has a `stop`.
pub fn check(history: &History, model: ModelKind, options: &Options) -> Report {
    let parts = part::split_clients(history);
    let mut verdict: Option<Verdict<Anomaly>> = None;
    let mut reports = Vec::with_capacity(parts.len());
    for (part_verdict, report) in findings::judge_all(history, model, &parts, options) {
        reports.push(report);
        verdict = Some(match verdict {
            None => part_verdict,
            Some(so_far) => so_far.and(part_verdict),
        });
    }
    let verdict = verdict.unwrap_or(Verdict::Valid { certificate: Certificate::default() });
    Report { model, verdict, parts: reports }
}

type Judged = (Verdict<Anomaly>, PartReport);

/// Makes an anomaly of a violation, for no more than the budget that is given.
type Explain<'a> = Box<dyn Fn(&Options) -> Anomaly + Send + Sync + 'a>;

/// What judging a part found.
enum Finding<'a> {
    /// A verdict.
    Told(Judged),
    /// A violation that is not explained yet.
    Seen { report: PartReport, explain: Explain<'a> },
}

/// Judges a part by a method that costs little, if there is one that is exact for it.
fn judge_cheaply<'a>(
    history: &'a History,
    model: ModelKind,
    part: &'a Part,
    options: &Options,
) -> Option<Finding<'a>> {
    match model {
        ModelKind::Register | ModelKind::CasRegister => {
            judge_register(history, model, part, options)
        }
        ModelKind::Kv | ModelKind::ListAppend => {
            judge_growth(history, model, part, options, Effort::Quick)
        }
        _ if options.certificates == Certificates::Orders => None,
        _ => judge_elements(history, model, part),
    }
}

/// Judges a part by search; a list or text by the longest read first, if that may try things out.
fn judge_by_search<'a>(
    history: &'a History,
    model: ModelKind,
    part: &'a Part,
    options: &Options,
) -> Finding<'a> {
    let grows = matches!(model, ModelKind::Kv | ModelKind::ListAppend);
    if grows && let Some(found) = judge_growth(history, model, part, options, Effort::Whole) {
        return found;
    }
    let orders = match options.certificates {
        Certificates::Named => Orders::Untold,
        Certificates::Orders => Orders::Told,
    };
    let search = Search { budget: &options.budget, orders };
    let found = decode::with_model(model, history, &part.operations, options.failed_cas, search);
    let found = match found {
        Ok(found) => found,
        Err(doubt) => {
            return Finding::Told(judged(part, Verdict::unknown(doubt), Method::Declined, None));
        }
    };
    let verdict = match &found.search.answer {
        Answer::Linearizable(order) => {
            let call = |&call: &u32| found.calls[call as usize];
            let order = order.as_ref().map(|order| order.iter().map(call).collect());
            valid(part, Method::Search, order)
        }
        Answer::Violation { stuck } => {
            let seen = (found.calls[*stuck], found.search.configurations);
            let explain = move |options: &_| explain::search(history, model, part, seen, options);
            return Finding::seen(part, Method::Search, Some(&found.search), explain);
        }
        Answer::Spent | Answer::Stopped => {
            Verdict::unknown(doubt(part.key.as_ref(), &found.search).expect("it was not decided"))
        }
    };
    Finding::Told(judged(part, verdict, Method::Search, Some(&found.search)))
}

/// Judges a register without search, if that is possible.
fn judge_register<'a>(
    history: &'a History,
    model: ModelKind,
    part: &'a Part,
    options: &Options,
) -> Option<Finding<'a>> {
    let accesses = register::accesses(history, model, part, options.failed_cas)?;
    let certain = options.certificates == Certificates::Named;
    let (zones, method) = if accesses.has_cas {
        (chains::judge(&accesses), Method::Chains)
    } else {
        (zones::judge(&accesses, zones::Rules::ALL), Method::Zones)
    };
    let (clash, method) = match zones {
        zones::Zones::Linearizable if certain => {
            let judged = judged(part, Verdict::valid(method.name()), method, None);
            return Some(Finding::Told(judged));
        }
        zones::Zones::Linearizable | zones::Zones::Undecided => return None,
        zones::Zones::Clash(clash) => (clash, method),
        zones::Zones::NotUnique => (register::refute(&accesses)?, Method::Refutation),
    };
    let explain = move |options: &_| explain::clash(history, model, part, &clash, options);
    Some(Finding::seen(part, method, None, explain))
}

/// Judges a list or text without search, if that is possible.
fn judge_growth<'a>(
    history: &'a History,
    model: ModelKind,
    part: &'a Part,
    options: &Options,
    effort: Effort,
) -> Option<Finding<'a>> {
    match growth::judge(history, model, part, options, effort) {
        Growth::Declined => None,
        Growth::Linearizable(order) => {
            let verdict = valid(part, Method::LongestRead, order);
            Some(Finding::Told(judged(part, verdict, Method::LongestRead, None)))
        }
        Growth::Refuted(refuted) => {
            let explain = move |options: &_| {
                explain::growth(history, model, part, &refuted.least(options), options)
            };
            Some(Finding::seen(part, Method::LongestRead, None, explain))
        }
    }
}

/// Valid, by this method, which may have found an order.
fn valid(part: &Part, method: Method, order: Option<Vec<OpIndex>>) -> Verdict<Anomaly> {
    let mut verdict = Verdict::valid(method.name());
    if let (Verdict::Valid { certificate }, Some(order)) = (&mut verdict, order) {
        certificate.orders.push(PartOrder { key: part.key.clone(), order });
    }
    verdict
}

/// Judges a collection or counter without search, if that is possible.
fn judge_elements<'a>(
    history: &'a History,
    model: ModelKind,
    part: &'a Part,
) -> Option<Finding<'a>> {
    match decode::monitor(model, history, &part.operations)? {
        MonitorVerdict::Undecided { .. } => None,
        MonitorVerdict::Valid => {
            let verdict = Verdict::valid(Method::Monitor.name());
            Some(Finding::Told(judged(part, verdict, Method::Monitor, None)))
        }
        MonitorVerdict::Invalid { culprits, reason } => {
            let explain = move |options: &_| {
                explain::culprits(history, model, part, culprits.clone(), reason, options)
            };
            Some(Finding::seen(part, Method::Monitor, None, explain))
        }
    }
}

impl<'a> Finding<'a> {
    fn seen(
        part: &Part,
        method: Method,
        search: Option<&engine::Search>,
        explain: impl Fn(&Options) -> Anomaly + Send + Sync + 'a,
    ) -> Self {
        let report = report(part, "invalid", method, search);
        Self::Seen { report, explain: Box::new(explain) }
    }
}

fn judged(
    part: &Part,
    verdict: Verdict<Anomaly>,
    method: Method,
    search: Option<&engine::Search>,
) -> Judged {
    let report = report(part, verdict.name(), method, search);
    (verdict, report)
}

/// The search, to be run with whatever model it turns out to be.
struct Search<'a> {
    budget: &'a Budget,
    orders: Orders,
}

struct Found {
    search: engine::Search,
    /// The operation of each call.
    calls: Vec<OpIndex>,
}

impl decode::Judge for Search<'_> {
    type Answer = Found;

    fn judge<M: Model>(self, model: &M, calls: Vec<Call<M::Op, M::Ret>>) -> Found {
        Found {
            search: engine::search(model, &calls, self.budget, self.orders),
            calls: calls.iter().map(|call| call.index).collect(),
        }
    }
}

/// The verdict of the reference, [`wgl`], on each part of `history`: to measure with, and to
/// compare. No verdict if an operation is not understood or a budget is spent, unless another part
/// has no order; steps are those of all parts.
pub fn reference(
    history: &History,
    model: ModelKind,
    options: &Options,
    budget: &Budget,
) -> wgl::Walk {
    let mut whole = wgl::Walk { linearizable: Some(true), steps: 0 };
    for part in part::split_clients(history) {
        let judge = Reference { budget };
        let ops = &part.operations;
        let walk = decode::with_model(model, history, ops, options.failed_cas, judge);
        let walk = walk.unwrap_or_default();
        whole.steps += walk.steps;
        whole.linearizable = match (whole.linearizable, walk.linearizable) {
            (Some(false), _) | (_, Some(false)) => Some(false),
            (Some(true), Some(true)) => Some(true),
            _ => None,
        };
    }
    whole
}

struct Reference<'a> {
    budget: &'a Budget,
}

impl decode::Judge for Reference<'_> {
    type Answer = wgl::Walk;

    fn judge<M: Model>(self, model: &M, calls: Vec<Call<M::Op, M::Ret>>) -> wgl::Walk {
        wgl::search(model, &calls, self.budget)
    }
}
