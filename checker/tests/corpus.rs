//! Every history of the corpus is judged as it is known to be, with a witness if it is wrong.
#![expect(clippy::disallowed_methods, reason = "the corpus lies in files")]
#![expect(clippy::unwrap_used, reason = "a test may panic")]

mod external;

use std::path::Path;

use external::corpus;
use rashomon_checker::formats::{Format, ReadOptions, load};
use rashomon_checker::linearizability::{self, Certificates, FailedCas, Options};
use rashomon_checker::{ModelKind, Verdict, verify};

/// Judges each file that a table names, and says how many there were.
fn judge(folder: &Path) -> usize {
    let table = std::fs::read_to_string(folder.join("VERDICTS.csv")).unwrap();
    let mut judged = 0;
    for line in table.lines().skip(1) {
        let [name, _, expected] = line.split(',').collect::<Vec<_>>()[..] else {
            panic!("{line} has three columns")
        };
        let bytes = std::fs::read(folder.join(name)).unwrap();
        let loaded = load(&bytes[..], &ReadOptions::default()).unwrap();
        let model = if name.starts_with("kv/") { ModelKind::Kv } else { ModelKind::CasRegister };
        // Jepsen's etcd client fails a cas only if the comparison failed.
        let failed_cas = match loaded.format {
            Format::JepsenLog => FailedCas::Mismatched,
            _ => FailedCas::SaysNothing,
        };
        let certificates = Certificates::Orders;
        let options = Options { failed_cas, certificates, ..Options::default() };
        let report = linearizability::check(&loaded.history, model, &options);
        let valid = match expected.trim() {
            "Ok" => true,
            "Illegal" => false,
            other => panic!("{name}: {other} is no verdict"),
        };
        assert!(!report.verdict.is_unknown(), "{name}: {:?}", report.verdict);
        assert_eq!(report.verdict.is_valid(), valid, "{name}: {:?}", report.verdict);
        for anomaly in report.verdict.anomalies() {
            verify::anomaly(anomaly).unwrap_or_else(|refused| panic!("{name}: {refused}"));
        }
        if let (Verdict::Valid { certificate }, FailedCas::SaysNothing) =
            (&report.verdict, failed_cas)
        {
            verify::certificate(&loaded.history, model, certificate).unwrap();
        }
        judged += 1;
    }
    judged
}

#[test]
fn the_corpus_of_porcupine_is_judged_as_it_is_known_to_be() {
    if let Some(corpus) = corpus() {
        assert_eq!(judge(&corpus.join("porcupine")), 56);
    }
}

#[test]
fn the_corpus_of_knossos_is_judged_as_it_is_known_to_be() {
    if let Some(corpus) = corpus() {
        assert!(judge(&corpus.join("knossos")) >= 59);
    }
}
