//! What is wrong with a command line, in one sentence with the fix.

use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{CommandFactory, Error};

use super::{Cli, words};

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
    let argument = text(ContextKind::InvalidArg).unwrap_or_default();
    // `--reads <WHO>` is a flag, `[TARGET]` a place.
    let flag = argument.trim_start_matches(['[', '<']);
    let flag = flag.split([' ', '=', '[', ']', '>']).next().unwrap_or_default();
    match error.kind() {
        ErrorKind::UnknownArgument if argument.trim_start_matches('-').parse::<f64>().is_ok() => {
            Some(format!("`{argument}` is not a flag, and numbers cannot be negative here"))
        }
        ErrorKind::UnknownArgument => {
            let fix = meant(&argument, &flags());
            Some(format!("unexpected argument `{argument}`{fix}"))
        }
        ErrorKind::InvalidSubcommand => {
            let name = text(ContextKind::InvalidSubcommand)?;
            let known = Cli::command();
            let known = known.get_subcommands().filter(|it| !it.is_hide_set());
            let fix = meant(&name, &known.map(|it| it.get_name().to_owned()).collect::<Vec<_>>());
            Some(format!("there is no command `{name}`{fix}"))
        }
        ErrorKind::InvalidValue => {
            let value = text(ContextKind::InvalidValue)?;
            let names = list(ContextKind::ValidValue);
            let fix = match words::alike(&value, names.iter().map(String::as_str)) {
                Some(meant) => format!("; did you mean `{meant}`?"),
                None if names.is_empty() => "; --help lists its values".to_owned(),
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
                .then(|| format!("{} is missing; --help describes it", names.join(" and ")))
        }
        _ => None,
    }
}

/// What was meant, of these; else where to look.
fn meant(word: &str, known: &[String]) -> String {
    match words::alike(word, known.iter().map(String::as_str)) {
        Some(meant) => format!("; did you mean `{meant}`?"),
        None => "; --help lists the commands and flags".to_owned(),
    }
}

/// The long flags of the command that was given, and those of every command.
fn flags() -> Vec<String> {
    let mut all = Cli::command();
    all.build(); // Else there is no --help yet.
    let given = std::env::args().find_map(|word| all.find_subcommand(word).cloned());
    let commands = given.into_iter().chain([all]);
    let long = |it: &clap::Arg| it.get_long().map(|name| format!("--{name}"));
    commands.flat_map(|it| it.get_arguments().filter_map(long).collect::<Vec<_>>()).collect()
}
