//! One part of a history, judged by the cheapest method that is exact for it.

use super::elements::{monitor, why_hard};
use crate::linearizability::built_in::BuiltIn;
use crate::linearizability::list::{self, Effort, Growth};
use crate::linearizability::options::{Certificates, Options};
use crate::linearizability::register::{accesses, chains, zones};
use crate::linearizability::report::{Method, PartReport};
use crate::linearizability::search::engine::{self, Answer, Orders};
use crate::linearizability::violation::MonitorVerdict;
use crate::linearizability::{decode, explain};
use crate::rounds::Attempt;
use crate::{Anomaly, Budget, Call, Doubt, History, ModelKind, OpIndex, Part, PartOrder, Verdict};

pub(super) type Judged = (Verdict<Anomaly>, PartReport);

/// Makes an anomaly of a violation, for no more than the budget that is given.
pub(super) type Explain<'a> = Box<dyn Fn(&Options) -> Anomaly + Send + Sync + 'a>;

/// What judging a part found.
pub(super) enum Finding<'a> {
    /// A verdict.
    Told(Judged),
    /// A violation that is not explained yet.
    Seen { report: PartReport, explain: Explain<'a> },
}

/// Judges a part by a method that costs little, if there is one that is exact for it.
pub(super) fn judge_cheaply<'a>(
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
pub(super) fn judge_by_search<'a>(
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
    let search = BySearch { budget: &options.budget, orders };
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
            let mut doubt = found.search.doubt(part.key.as_ref()).expect("it was not decided");
            if let Doubt::BudgetSpent { why, .. } = &mut doubt {
                *why = why_hard(model, history, &part.operations);
            }
            Verdict::unknown(doubt)
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
    let accesses = accesses::accesses(history, model, part, options.failed_cas)?;
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
        zones::Zones::NotUnique => (accesses::refute(&accesses)?, Method::Refutation),
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
    match list::judge(history, model, part, options, effort) {
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
    match monitor(model, history, &part.operations)? {
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

pub(super) fn judged(
    part: &Part,
    verdict: Verdict<Anomaly>,
    method: Method,
    search: Option<&engine::Search>,
) -> Judged {
    let report = report(part, verdict.name(), method, search);
    (verdict, report)
}

impl Finding<'_> {
    pub(super) fn is_violation(&self) -> bool {
        match self {
            Self::Told((verdict, _)) => verdict.is_invalid(),
            Self::Seen { .. } => true,
        }
    }
}

impl Attempt for Finding<'_> {
    fn visited(&self) -> u64 {
        match self {
            Self::Told((_, report)) | Self::Seen { report, .. } => report.configurations,
        }
    }

    fn is_spent(&self) -> bool {
        match self {
            Self::Told((verdict, _)) => {
                verdict.doubts().any(|doubt| matches!(doubt, Doubt::BudgetSpent { .. }))
            }
            Self::Seen { .. } => false,
        }
    }
}

impl<'a> Finding<'a> {
    pub(super) fn explain(&self) -> Option<&Explain<'a>> {
        match self {
            Self::Told(_) => None,
            Self::Seen { explain, .. } => Some(explain),
        }
    }
}

/// What is reported of a part.
fn report(
    part: &Part,
    verdict: &str,
    method: Method,
    search: Option<&engine::Search>,
) -> PartReport {
    PartReport {
        key: part.key.clone(),
        verdict: verdict.to_owned(),
        method,
        operations: part.operations.len() as u64,
        configurations: search.map_or(0, |search| search.configurations),
        bytes: search.map_or(0, |search| search.bytes),
    }
}

/// The search, to be run with whatever model it turns out to be.
struct BySearch<'a> {
    budget: &'a Budget,
    orders: Orders,
}

struct Searched {
    search: engine::Search,
    /// The operation of each call.
    calls: Vec<OpIndex>,
}

impl decode::ModelTask for BySearch<'_> {
    type Answer = Searched;

    fn judge<M: BuiltIn>(self, model: &M, calls: Vec<Call<M::Op, M::Ret>>) -> Searched {
        Searched {
            search: model.search(&calls, self.budget, self.orders),
            calls: calls.iter().map(|call| call.index).collect(),
        }
    }
}
