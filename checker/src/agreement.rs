//! Random small histories, judged by everything that can judge them.
//!
//! Four judges must agree: one that tries every order, the reference search with a memo, the
//! engine, and whatever [`linearizability::check`] chooses, each witness and each certificate
//! passing the separate verifier. A checker with a planted bug must be caught.

mod brute;
mod generate;

pub use generate::{Chance, history};

use crate::linearizability::decode::{self, FailedCas};
use crate::linearizability::engine::{self, Answer, Orders};
use crate::linearizability::{self, Call, Certificates, Options, wgl};
use crate::{Budget, History, Model, ModelKind, OpIndex, Verdict, verify};

/// What all judges said of one history.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Agreed {
    /// There is an order.
    Linearizable,
    /// There is none.
    NotLinearizable,
}

/// Judges one random history of `model` every way there is.
///
/// # Errors
///
/// Tells the history and the verdicts if two judges disagree, or if evidence is refused.
pub fn case(model: ModelKind, seed: u64) -> Result<Agreed, String> {
    let history = history(model, &mut Chance::new(seed));
    let told = |what: String| {
        let lines: Vec<String> =
            history.iter().map(|op| format!("  {}", crate::WitnessOp::new(&op))).collect();
        format!("{model} seed {seed}: {what}\n{}\n{history:?}", lines.join("\n"))
    };
    let ops: Vec<OpIndex> = history.indices().collect();
    let failed_cas =
        if seed.is_multiple_of(3) { FailedCas::Mismatched } else { FailedCas::SaysNothing };
    let answers = decode::with_model(model, &history, &ops, failed_cas, EveryWay)
        .map_err(|doubt| told(doubt.to_string()))?;
    let expected = answers[0].1;
    if let Some((judge, answer)) = answers.iter().find(|&&(_, answer)| answer != expected) {
        return Err(told(format!("brute force says {expected}, {judge} says {answer}")));
    }
    let options = Options { failed_cas, ..Options::default() };
    for certificates in [Certificates::Named, Certificates::Orders] {
        let options = Options { certificates, ..options.clone() };
        let report = linearizability::check(&history, model, &options);
        if report.verdict.is_valid() != expected || report.verdict.is_unknown() {
            return Err(told(format!("brute force says {expected}, check {report:?}")));
        }
        let evidence = evidence(&history, model, failed_cas, &report.verdict);
        evidence.map_err(|refused| told(format!("{refused}: {report:?}")))?;
    }
    Ok(if expected { Agreed::Linearizable } else { Agreed::NotLinearizable })
}

fn evidence(
    history: &History,
    model: ModelKind,
    failed_cas: FailedCas,
    verdict: &Verdict<crate::Anomaly>,
) -> Result<(), verify::Refused> {
    for anomaly in verdict.anomalies() {
        verify::witness(&anomaly.witness)?;
    }
    match verdict {
        Verdict::Valid { certificate }
            if !certificate.orders.is_empty() && failed_cas == FailedCas::SaysNothing =>
        {
            verify::certificate(history, model, certificate)
        }
        Verdict::Valid { .. } | Verdict::Invalid { .. } | Verdict::Unknown { .. } => Ok(()),
    }
}

struct EveryWay;

impl decode::Judge for EveryWay {
    type Answer = Vec<(&'static str, bool)>;

    fn judge<M: Model>(self, model: &M, calls: Vec<Call<M::Op, M::Ret>>) -> Self::Answer {
        let budget = Budget::default();
        let left: Vec<_> = calls.iter().collect();
        let search = engine::search(model, &calls, &budget, Orders::Told);
        vec![
            ("brute force", brute::linearizable(model, &left, &model.init())),
            ("reference", wgl::is_linearizable(model, &calls, &budget) == Some(true)),
            ("engine", matches!(search.answer, Answer::Linearizable(Some(_)))),
        ]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn agree(model: ModelKind, cases: u64) {
        let mut invalid = 0;
        for seed in 0..cases {
            match case(model, seed) {
                Ok(Agreed::Linearizable) => {}
                Ok(Agreed::NotLinearizable) => invalid += 1,
                Err(told) => panic!("{told}"),
            }
        }
        let share = invalid * 100 / cases;
        assert!((10..=90).contains(&share), "{model}: {share} % of the histories are invalid");
    }

    #[test]
    fn all_judges_agree_on_registers() {
        agree(ModelKind::Register, 40_000);
    }

    #[test]
    fn all_judges_agree_on_registers_with_cas() {
        agree(ModelKind::CasRegister, 40_000);
    }

    #[test]
    fn all_judges_agree_on_texts() {
        agree(ModelKind::Kv, 5_000);
    }

    #[test]
    fn all_judges_agree_on_lists() {
        agree(ModelKind::ListAppend, 5_000);
    }

    #[test]
    fn all_judges_agree_on_sets() {
        agree(ModelKind::Set, 5_000);
    }

    #[test]
    fn all_judges_agree_on_counters() {
        agree(ModelKind::Counter, 5_000);
    }

    #[test]
    fn all_judges_agree_on_containers() {
        agree(ModelKind::Queue, 4_000);
        agree(ModelKind::Stack, 4_000);
        agree(ModelKind::PriorityQueue, 4_000);
    }
}
