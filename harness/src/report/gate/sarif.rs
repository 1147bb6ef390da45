//! A gate in SARIF 2.1.0, the form in which code analysis is exchanged
//! (OASIS, "Static Analysis Results Interchange Format Version 2.1.0", 2020).

use std::collections::BTreeMap;

use rashomon_checker::visible;
use serde::Serialize;

use super::wording::{RegressionText, name, regressions, unknowns};
use crate::gate::{RegressionKind, ToldGate};

/// A log of one run.
#[derive(Serialize)]
pub(crate) struct SarifLog {
    version: &'static str,
    #[serde(rename = "$schema")]
    schema: &'static str,
    runs: [SarifRun; 1],
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct SarifRun {
    tool: SarifTool,
    automation_details: SarifAutomation,
    invocations: [SarifInvocation; 1],
    results: Vec<SarifResult>,
}

#[derive(Serialize)]
struct SarifTool {
    driver: SarifDriver,
}

#[derive(Serialize)]
struct SarifDriver {
    name: &'static str,
    version: &'static str,
    rules: Vec<SarifRule>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct SarifRule {
    id: &'static str,
    short_description: SarifText,
}

#[derive(Serialize)]
struct SarifAutomation {
    /// Ends with a slash: what stands before it is the category of the analysis.
    id: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct SarifInvocation {
    execution_successful: bool,
    exit_code: u8,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct SarifResult {
    rule_id: &'static str,
    rule_index: usize,
    level: &'static str,
    message: SarifText,
    locations: [SarifLocation; 1],
    partial_fingerprints: BTreeMap<&'static str, String>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    properties: BTreeMap<&'static str, String>,
}

#[derive(Serialize)]
struct SarifText {
    text: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct SarifLocation {
    physical_location: SarifPlace,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct SarifPlace {
    artifact_location: SarifFile,
    region: SarifRegion,
}

#[derive(Serialize)]
struct SarifFile {
    uri: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct SarifRegion {
    start_line: u64,
}

/// The rule of what is not known.
const UNDECIDED: &str = "undecided";

/// The report in SARIF.
pub(crate) fn gate_sarif(told: &ToldGate<'_>) -> SarifLog {
    let mut rules: Vec<SarifRule> =
        RegressionKind::ALL.iter().map(|kind| rule(kind.name(), kind.meaning())).collect();
    rules.push(rule(UNDECIDED, "Something that the gate asks for is not known."));
    let worse = regressions(told).into_iter().map(|one| of_regression(told, one));
    let unknown = unknowns(told).into_iter().map(|(text, line)| SarifResult {
        rule_id: UNDECIDED,
        rule_index: RegressionKind::ALL.len(),
        level: "warning",
        message: SarifText { text: visible(&text).into_owned() },
        locations: [location(told, line)],
        partial_fingerprints: fingerprint(&text),
        properties: BTreeMap::new(),
    });
    let driver = SarifDriver { name: "rashomon", version: env!("CARGO_PKG_VERSION"), rules };
    let run = SarifRun {
        tool: SarifTool { driver },
        automation_details: SarifAutomation { id: format!("rashomon gate {}/", name(told)) },
        invocations: [SarifInvocation {
            execution_successful: true,
            exit_code: told.exit().number(),
        }],
        results: worse.chain(unknown).collect(),
    };
    let schema =
        "https://docs.oasis-open.org/sarif/sarif/v2.1.0/os/schemas/sarif-schema-2.1.0.json";
    SarifLog { version: "2.1.0", schema, runs: [run] }
}

fn rule(id: &'static str, meaning: &str) -> SarifRule {
    SarifRule { id, short_description: SarifText { text: meaning.to_owned() } }
}

fn of_regression(told: &ToldGate<'_>, one: RegressionText) -> SarifResult {
    let index = RegressionKind::ALL.iter().position(|kind| *kind == one.kind);
    let message = format!("{}. {}", visible(&one.title), visible(&one.evidence));
    let properties = [("evidence", one.evidence), ("again", one.again)];
    SarifResult {
        rule_id: one.kind.name(),
        rule_index: index.expect("the list has every kind"),
        level: if told.rules.expects_regression { "note" } else { "error" },
        message: SarifText { text: message },
        locations: [location(told, one.line)],
        partial_fingerprints: fingerprint(&one.id),
        properties: properties.map(|(name, text)| (name, visible(&text).into_owned())).into(),
    }
}

/// What tells one result from others, in every run of the gate.
fn fingerprint(id: &str) -> BTreeMap<&'static str, String> {
    [("regression/v1", visible(id).into_owned())].into()
}

fn location(told: &ToldGate<'_>, line: u64) -> SarifLocation {
    SarifLocation {
        physical_location: SarifPlace {
            artifact_location: SarifFile { uri: uri(told.file) },
            region: SarifRegion { start_line: line },
        },
    }
}

/// A path as a reference in a URI: every byte that is not plain is escaped (RFC 3986).
fn uri(path: &str) -> String {
    let mut uri = String::new();
    for byte in path.strip_prefix("./").unwrap_or(path).bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b'/' => {
                uri.push(char::from(byte));
            }
            _ => uri.push_str(&format!("%{byte:02X}")),
        }
    }
    uri
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_becomes_a_reference_that_names_it() {
        assert_eq!(uri("./results/a b.toml"), "results/a%20b.toml");
        assert_eq!(uri("a:ü%"), "a%3A%C3%BC%25");
    }
}
