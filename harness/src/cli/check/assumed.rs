//! What is required of transactions if no argument says so: what their file asks for, or else everything.

use rashomon_checker::consistency::ConsistencyFamily;
use rashomon_checker::{Consistency, Value, visible};

const ADVICE: &str = "--require NAME requires another model";

/// What is required although no argument says so.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Assumed {
    Nothing,
    /// The strongest model, as the file asks for none.
    Strongest,
    /// What the `:opts` of the file ask for, and what of that is not judged here.
    OfFile {
        models: Vec<Consistency>,
        unjudged: Vec<String>,
    },
}

impl Assumed {
    /// What the map about the test asks for: models by `:consistency-models`, or by the `:anomalies` that it
    /// forbids.
    ///
    /// # Errors
    ///
    /// If it asks for nothing that is judged here.
    pub(super) fn of(metadata: Option<&Value>) -> anyhow::Result<Self> {
        let options = metadata.and_then(|it| field(it, "opts"));
        let option = |name| options.and_then(|it| field(it, name));
        let words = |name| option(name).map(words).unwrap_or_default();
        let named = words("consistency-models").into_iter().map(|it| (model(&it), it));
        let forbidden = words("anomalies").into_iter().map(|it| (forbidding(&it), it));
        let asked: Vec<_> = named.chain(forbidden).collect();
        let (mut models, mut unjudged) = (Vec::new(), Vec::new());
        // With anomalies alone Elle asks for strict serializability as well, unless it has a list of no models.
        if !asked.is_empty() && option("consistency-models").is_none() {
            models.push(Consistency::StrictSerializable);
        }
        for (model, name) in asked {
            match model {
                Some(model) => models.push(model),
                None => unjudged.push(name),
            }
        }
        if models.is_empty() && unjudged.is_empty() {
            return Ok(Self::Strongest);
        }
        if models.is_empty() {
            let unjudged = listed(&unjudged);
            anyhow::bail!("the file's own :opts name {unjudged}, which is not judged; {ADVICE}");
        }
        models.sort_unstable();
        models.dedup();
        Ok(Self::OfFile { models, unjudged })
    }

    pub(super) fn models(&self) -> &[Consistency] {
        match self {
            Self::Nothing => &[],
            Self::Strongest => &[Consistency::StrictSerializable],
            Self::OfFile { models, .. } => models,
        }
    }

    /// That in sentences.
    pub(super) fn told(&self) -> Vec<String> {
        let Self::OfFile { models, unjudged } = self else {
            let strongest = format!("strict-serializable is assumed to be required; {ADVICE}");
            return if *self == Self::Strongest { vec![strongest] } else { Vec::new() };
        };
        let mut told = Vec::new();
        if !models.is_empty() {
            let names: Vec<&str> = models.iter().map(|it| it.name()).collect();
            told.push(format!("the file's own :opts require {}; {ADVICE}", names.join(", ")));
        }
        if !unjudged.is_empty() {
            let names = listed(unjudged);
            told.push(format!("the file's own :opts name {names}, which is not judged; {ADVICE}"));
        }
        told
    }
}

fn listed(names: &[String]) -> String {
    let names: Vec<String> = names.iter().map(|it| visible(it).to_string()).collect();
    names.join(", ")
}

/// The value of a keyword in a map.
fn field<'a>(map: &'a Value, name: &str) -> Option<&'a Value> {
    let Value::Map(pairs) = map else { return None };
    pairs.iter().find_map(|(key, value)| {
        matches!(key, Value::Keyword(it) if &**it == name).then_some(value)
    })
}

/// The words of a list or set.
fn words(list: &Value) -> Vec<String> {
    let word = |it: &Value| match it {
        Value::Keyword(word) | Value::Str(word) => word.to_string(),
        other => other.to_string(),
    };
    match list {
        Value::Nil => Vec::new(),
        Value::Keyword(_) | Value::Str(_) => vec![word(list)],
        _ => list.as_list().unwrap_or_default().iter().map(word).collect(),
    }
}

/// The model of a name of Elle's.
fn model(name: &str) -> Option<Consistency> {
    match name {
        "strong-serializable" | "PL-SS" => Some(Consistency::StrictSerializable),
        "PL-1" => Some(Consistency::ReadUncommitted),
        "PL-2" => Some(Consistency::ReadCommitted),
        "PL-CS" => Some(Consistency::CursorStability),
        "PL-2.99" => Some(Consistency::RepeatableRead),
        "PL-SI" => Some(Consistency::SnapshotIsolation),
        "PL-3" => Some(Consistency::Serializable),
        name => {
            let model: Option<Consistency> = name.parse().ok();
            model.filter(|it| it.family() == ConsistencyFamily::Transactions)
        }
    }
}

/// The weakest model that forbids what Elle calls so.
fn forbidding(anomaly: &str) -> Option<Consistency> {
    match anomaly {
        "G0" => Some(Consistency::ReadUncommitted),
        "G1" | "G1a" | "G1b" | "G1c" => Some(Consistency::ReadCommitted),
        "internal" => Some(Consistency::ReadAtomic),
        "G-single" | "G-single-item" => Some(Consistency::ParallelSnapshotIsolation),
        "G-nonadjacent" | "G-nonadjacent-item" => Some(Consistency::SnapshotIsolation),
        "G2-item" => Some(Consistency::RepeatableRead),
        "G2" => Some(Consistency::Serializable),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;

    fn map(name: &str, words: &[&str]) -> Value {
        let keyword = |it: &str| Value::Keyword(Arc::from(it));
        let list = Value::list(words.iter().copied().map(keyword));
        let none = (keyword("consistency-models"), Value::Nil);
        let options = if name == "anomalies" {
            Value::Map(Arc::from([none, (keyword(name), list)]))
        } else {
            Value::Map(Arc::from([(keyword(name), list)]))
        };
        Value::Map(Arc::from([(keyword("opts"), options)]))
    }

    #[test]
    fn a_file_is_held_to_what_it_asks_for_itself() {
        let models = |name, words: &[&str]| Assumed::of(Some(&map(name, words))).unwrap();
        let asked = models("consistency-models", &["serializable", "causal-cerone"]);
        assert_eq!(asked.models(), [Consistency::Serializable]);
        assert!(asked.told()[1].contains("causal-cerone"), "{:?}", asked.told());
        assert_eq!(models("anomalies", &["G0"]).models(), [Consistency::ReadUncommitted]);
        let strongest = Assumed::of(None).unwrap();
        assert_eq!(strongest.models(), [Consistency::StrictSerializable]);
    }

    #[test]
    fn a_file_that_asks_for_what_is_not_judged_alone_is_refused() {
        let error = Assumed::of(Some(&map("consistency-models", &["causal-cerone"]))).unwrap_err();
        assert!(error.to_string().contains("--require"), "{error}");
    }
}
