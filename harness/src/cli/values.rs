//! Values of flags that have names, listed by `--help` and guessed at when misspelt.

use clap::builder::{PossibleValue, PossibleValuesParser, TypedValueParser};
use rashomon_checker::formats::Format;
use rashomon_checker::{Consistency, Invariant, ModelKind};

use super::words;

/// A format, or whichever it looks like.
#[derive(Clone, Copy, Debug)]
pub(super) struct Wanted(pub(super) Option<Format>);

/// Takes the name of a model.
pub(super) fn model_parser() -> impl TypedValueParser<Value = ModelKind> {
    let named = |kind: &ModelKind| PossibleValue::new(kind.name()).help(kind.summary());
    PossibleValuesParser::new(ModelKind::ALL.iter().map(named))
        .map(|name| name.parse().expect("one of the names"))
}

/// Takes the name of a consistency model.
///
/// # Errors
/// Says which one may be meant.
pub(super) fn consistency(name: &str) -> Result<Consistency, String> {
    name.parse().map_err(|_| {
        if name.parse::<Invariant>().is_ok() {
            return format!("this is an invariant: give --invariant {name}");
        }
        let meant = words::meant(name, Consistency::ALL.iter().map(|it| it.name()));
        format!("no consistency model has this name{meant}; `rashomon list consistency` lists them")
    })
}

/// Takes the name of an invariant.
///
/// # Errors
/// Says which one may be meant.
pub(super) fn invariant(name: &str) -> Result<Invariant, String> {
    name.parse().map_err(|_| {
        let meant = words::meant(name, Invariant::ALL.iter().map(|it| it.name()));
        format!("there is no such invariant{meant}; `rashomon list invariants` lists them")
    })
}

/// Takes the name of a format, or `auto`.
pub(super) fn format_parser() -> impl TypedValueParser<Value = Wanted> {
    let named = |format: &Format| match format {
        // What our own files are called, and what the tool is called.
        Format::JsonLines => {
            PossibleValue::new(format.name()).alias("jsonl").help(format.summary())
        }
        _ => PossibleValue::new(format.name()).help(format.summary()),
    };
    let auto = PossibleValue::new("auto").help("whichever it looks like");
    PossibleValuesParser::new([auto].into_iter().chain(Format::ALL.iter().map(named))).map(|name| {
        match &*name {
            "auto" => Wanted(None),
            "jsonl" => Wanted(Some(Format::JsonLines)),
            name => Wanted(Some(name.parse().expect("one of the names"))),
        }
    })
}
