//! What is wrong with a command line, in one sentence with the fix.

use clap::Error;
use clap::error::{ContextKind, ContextValue, ErrorKind};

/// What is wrong, in one sentence; `None` if clap says it best, over several lines.
pub(super) fn sentence(error: &Error) -> Option<String> {
    let text = |kind| match error.get(kind)? {
        ContextValue::String(text) => Some(text.clone()),
        ContextValue::Strings(texts) => texts.first().cloned(),
        _ => None,
    };
    let list = |kind| match error.get(kind) {
        Some(ContextValue::Strings(texts)) => texts.clone(),
        _ => Vec::new(),
    };
    let meant = |kind| text(kind).map(|it| format!("; did you mean `{it}`?"));
    let argument = text(ContextKind::InvalidArg).unwrap_or_default();
    // `--reads <WHO>` is a flag, `[TARGET]` a place.
    let flag = argument.trim_start_matches(['[', '<']);
    let flag = flag.split([' ', '=', '[', ']', '>']).next().unwrap_or_default();
    match error.kind() {
        ErrorKind::UnknownArgument => {
            let fix = meant(ContextKind::SuggestedArg)
                .unwrap_or_else(|| "; --help lists what there is".to_owned());
            Some(format!("there is no `{argument}` here{fix}"))
        }
        ErrorKind::InvalidSubcommand => {
            let name = text(ContextKind::InvalidSubcommand)?;
            let fix = meant(ContextKind::SuggestedSubcommand)
                .unwrap_or_else(|| "; --help lists what there is".to_owned());
            Some(format!("there is no command `{name}`{fix}"))
        }
        ErrorKind::InvalidValue => {
            let value = text(ContextKind::InvalidValue)?;
            let names = list(ContextKind::ValidValue);
            let fix = match meant(ContextKind::SuggestedValue) {
                Some(meant) => meant,
                None if names.is_empty() => "; --help says what it takes".to_owned(),
                None => format!("; it takes {}", names.join(", ")),
            };
            if value.is_empty() {
                return Some(format!("{flag} needs a value{fix}"));
            }
            Some(format!("{flag} does not take `{value}`{fix}"))
        }
        ErrorKind::ValueValidation => {
            let value = text(ContextKind::InvalidValue)?;
            let why = std::error::Error::source(error)?;
            Some(format!("{flag} does not take `{value}`: {why}"))
        }
        ErrorKind::MissingRequiredArgument => {
            let names = list(ContextKind::InvalidArg);
            (!names.is_empty())
                .then(|| format!("{} is missing; --help says what it is", names.join(" and ")))
        }
        _ => None,
    }
}
