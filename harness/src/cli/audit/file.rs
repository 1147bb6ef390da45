//! The file of claims: its keys, and what is wrong with them.

use std::ops::Range;

use rashomon_checker::{Consistency, Invariant, ModelKind};
use rashomon_targets::{FaultKind, ObjectClass};
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use crate::audit::{
    ClaimedSide, ServedOperations, WrittenClaim, WrittenClaims, WrittenPromise, contradiction,
    question,
};
use crate::cli::reading::{Entries, Reading};
use crate::cli::{faults, words};
use crate::subject::USUAL_FAULTS;

/// What the file says first.
const FORMAT: &str = "rashomon-claims-file";
const VERSION: u64 = 1;
/// What is right at each place.
const CLAIM: &str = "[claims.fresh-reads] and below it keeps = \"linearizable\"";
const SERVES: &str = "serves = \"both-sides\"";
const OBJECTS: [(&str, ObjectClass); 5] = [
    ("registers", ObjectClass::Register),
    ("sets", ObjectClass::Set),
    ("counters", ObjectClass::Counter),
    ("queues", ObjectClass::Changing),
    ("locks", ObjectClass::Changing),
];

/// Reads a file.
///
/// # Errors
/// All that is wrong with it, each with its line and column: also claims that no system can keep together.
pub(super) fn read(name: &str, text: &str) -> Result<WrittenClaims, String> {
    let mut reading = Reading::new(name, text);
    let table = reading.parse();
    let claims = whole(&mut reading, table.get_ref());
    reading.finish()?;
    Ok(claims)
}

fn whole(reading: &mut Reading<'_>, table: &DeTable<'_>) -> WrittenClaims {
    let top = Entries::of(table);
    reading.only(&top, &["format", "version", "system", "model", "claims"]);
    reading.header(&top, FORMAT, VERSION);
    let system = top.get("system").and_then(|value| reading.text(value, "system = \"toykv 0.3\""));
    let model = top.get("model").and_then(|value| {
        let text = reading.text(value, "model = \"register\"")?;
        let model = text.parse::<ModelKind>().ok();
        if model.is_none() {
            let meant = words::meant(&text, ModelKind::ALL.iter().map(|it| it.name()));
            let how =
                format!("no model is called `{text}`{meant}; `rashomon list models` lists them");
            reading.wrong(&value.span(), how);
        }
        model
    });
    let mut found: Vec<(Range<usize>, WrittenClaim)> = Vec::new();
    let all = top.get("claims").and_then(|value| reading.table(value, CLAIM));
    for (key, value) in all.iter().flat_map(|all| &all.0) {
        let Some(entries) = reading.table(value, CLAIM) else { continue };
        let name = key.get_ref().to_string();
        found.extend(claim(reading, name, (&key.span(), &entries)).map(|it| (key.span(), it)));
    }
    if top.get("claims").is_none() || all.is_some_and(|all| all.0.is_empty()) {
        reading.wrong(&(0..0), format!("the file has no claim; write {CLAIM}"));
    }
    let claims: Vec<WrittenClaim> = found.iter().map(|(_, claim)| claim.clone()).collect();
    for (at, claim) in &found {
        if let Some(against) = contradiction(claim, &claims) {
            let with = against.with.join(" and ");
            let (what, why, source) = (claim.promise, against.theorem.why, against.theorem.source);
            let how = format!(
                "no system keeps `{}` ({what}) together with `{with}` while it is partitioned: {why} ({source}); leave \
                 partition out of `under` of one, or claim `serves = \"larger-side\"`",
                claim.name
            );
            reading.wrong(at, how);
        }
    }
    WrittenClaims { system: system.unwrap_or_else(|| "the system".to_owned()), model, claims }
}

/// One claim. What is wrong with it is noted.
fn claim(
    reading: &mut Reading<'_>,
    name: String,
    (at, entries): (&Range<usize>, &Entries<'_>),
) -> Option<WrittenClaim> {
    let keys = ["keeps", "serves", "operations", "percent", "objects", "keys", "under", "source"];
    reading.only(entries, &keys);
    let promise = match (entries.get("keeps"), entries.get("serves")) {
        (Some(value), None) => {
            for key in ["operations", "percent"] {
                if let Some(value) = entries.get(key) {
                    let how = format!(
                        "`{key}` belongs to a claim of availability; write {SERVES}, or leave it out"
                    );
                    reading.wrong(&value.span(), how);
                }
            }
            keeps(reading, value)
        }
        (None, Some(value)) => serves(reading, value, entries),
        (Some(_), Some(value)) => {
            reading.wrong(&value.span(), "a claim has `keeps` or `serves`; make two claims of it");
            None
        }
        (None, None) => {
            let how =
                format!("a claim says what the system keeps or serves: write {CLAIM}, or {SERVES}");
            reading.wrong(at, how);
            None
        }
    };
    let mut text =
        |key: &str, example: &str| entries.get(key).and_then(|value| reading.text(value, example));
    let (source, keys) = (text("source", "source = \"README\""), text("keys", "keys = \"users/\""));
    let objects = objects(reading, entries);
    let under = under(reading, entries);
    Some(WrittenClaim { name, source, promise: promise?, objects, keys, under })
}

fn keeps(reading: &mut Reading<'_>, value: &Spanned<DeValue<'_>>) -> Option<WrittenPromise> {
    let text = reading.text(value, "keeps = \"linearizable\"")?;
    let asked = question(&text);
    if asked.is_none() {
        let models = Consistency::ALL.iter().map(|it| it.name());
        let meant = words::meant(&text, models.chain(Invariant::ALL.iter().map(|it| it.name())));
        let how = format!(
            "no consistency model and no invariant is called `{text}`{meant}; `rashomon list consistency` and \
             `rashomon list invariants` list them"
        );
        reading.wrong(&value.span(), how);
    }
    asked.map(WrittenPromise::Keeps)
}

fn serves(
    reading: &mut Reading<'_>,
    value: &Spanned<DeValue<'_>>,
    entries: &Entries<'_>,
) -> Option<WrittenPromise> {
    let side = match reading.text(value, SERVES)?.as_str() {
        "both-sides" => Some(ClaimedSide::Both),
        "larger-side" => Some(ClaimedSide::Larger),
        _ => {
            reading.wrong(&value.span(), "it takes \"both-sides\" or \"larger-side\"");
            None
        }
    };
    let (mut reads, mut writes) = (false, false);
    if let Some(value) = entries.get("operations") {
        for (text, span) in reading.texts(value, "operations = [\"reads\", \"writes\"]") {
            match text.as_str() {
                "reads" => reads = true,
                "writes" => writes = true,
                _ => reading.wrong(&span, "there are \"reads\" and \"writes\""),
            }
        }
    }
    let operations = match (reads, writes) {
        (true, false) => ServedOperations::Reads,
        (false, true) => ServedOperations::Writes,
        (true, true) | (false, false) => ServedOperations::Both,
    };
    let percent = match entries.get("percent") {
        None => Some(99),
        Some(value) => reading.whole(value, [1, 100], "percent = 99"),
    };
    Some(WrittenPromise::Serves { operations, side: side?, percent: percent? })
}

fn objects(reading: &mut Reading<'_>, entries: &Entries<'_>) -> ObjectClass {
    let Some(value) = entries.get("objects") else { return ObjectClass::Register };
    let Some(text) = reading.text(value, "objects = \"registers\"") else {
        return ObjectClass::Register;
    };
    let known = OBJECTS.iter().find(|(name, _)| *name == text);
    if known.is_none() {
        let names: Vec<&str> = OBJECTS.iter().map(|(name, _)| *name).collect();
        let meant = words::meant(&text, names.iter().copied());
        reading.wrong(&value.span(), format!("there are {}{meant}", names.join(", ")));
    }
    known.map_or(ObjectClass::Register, |(_, class)| *class)
}

/// The kinds of fault; the usual ones where the file does not say.
fn under(reading: &mut Reading<'_>, entries: &Entries<'_>) -> Vec<FaultKind> {
    let Some(value) = entries.get("under") else { return USUAL_FAULTS.to_vec() };
    let mut kinds: Vec<FaultKind> = Vec::new();
    for (text, span) in reading.texts(value, "under = [\"kill\"], or under = \"none\"") {
        match faults::kinds(&text) {
            Ok(named) => kinds.extend(named),
            Err(why) => reading.wrong(&span, why),
        }
    }
    kinds.sort_unstable();
    kinds.dedup();
    kinds
}
