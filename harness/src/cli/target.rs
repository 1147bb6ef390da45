//! The flags that make a target, built from what each family says of its own.

use clap::builder::{PossibleValue, PossibleValuesParser};
use clap::parser::ValueSource;
use clap::{Arg, ArgAction, ArgMatches, Command, FromArgMatches, Parser};
use rashomon_targets::{About, Family, Flag, Form, Given, PlantedBug, Takes, TargetConfig};

use super::{usage, words};
use crate::subject::{Program, Subject};

/// What is tested.
#[derive(Clone, Debug)]
pub(super) struct TargetArgs {
    /// The family; none: the user's program.
    family: Option<&'static About>,
    nodes: Option<u16>,
    /// The flags that were given, with their values.
    given: Vec<(Shared, String)>,
    bugs: Vec<PlantedBug>,
}

/// A flag, and the families that have it.
#[derive(Clone, Debug)]
struct Shared {
    flag: Flag,
    owners: Vec<&'static About>,
}

/// The flags of all families, each once.
fn shared() -> Vec<Shared> {
    let mut all: Vec<Shared> = Vec::new();
    for family in Family::ALL {
        for flag in (family.flags)() {
            match all.iter_mut().find(|there| there.flag.name == flag.name) {
                Some(there) => there.add(family, &flag),
                None => all.push(Shared { flag, owners: vec![family] }),
            }
        }
    }
    all
}

impl Shared {
    /// Another family has the flag too, perhaps with other words.
    fn add(&mut self, family: &'static About, flag: &Flag) {
        self.owners.push(family);
        if let (Takes::OneOf(words), Takes::OneOf(more)) = (&mut self.flag.takes, &flag.takes) {
            // One word is one choice, though each family explains it in its own way.
            for &(word, summary) in more {
                if words.iter().all(|&(there, _)| there != word) {
                    words.push((word, summary));
                }
            }
        }
    }

    fn argument(&self) -> Arg {
        let Flag { name, form, value_name, help, takes, default } = &self.flag;
        let argument = match form {
            Form::Long => Arg::new(*name).long(*name),
            Form::Short => Arg::new(*name).short(name.chars().next()),
        };
        let heading = match self.owners[..] {
            [owner] => owner.name,
            _ => "Several targets",
        };
        let argument = argument
            .value_name(*value_name)
            .help(format!("{help} [default: {default}]"))
            .help_heading(heading);
        match takes {
            Takes::OneOf(words) => argument.value_parser(one_of(words.iter().copied())),
            &Takes::Whole(least, most) => argument.value_parser(move |text: &str| {
                words::whole(text, least, most).map(|number| number.to_string())
            }),
        }
    }
}

/// Takes one of these words, each with what it means.
pub(super) fn one_of(
    words: impl IntoIterator<Item = (&'static str, &'static str)>,
) -> PossibleValuesParser {
    let value = |(name, summary): (&'static str, &'static str)| {
        let value = PossibleValue::new(name);
        if summary.is_empty() { value } else { value.help(capital(summary)) }
    };
    PossibleValuesParser::new(words.into_iter().map(value))
}

/// Takes the name of a target.
pub(super) fn names() -> PossibleValuesParser {
    one_of(Family::ALL.iter().map(|family| (family.name, family.summary)))
}

/// What each family has where nobody says: `primary-replica 3, leaderless 1`.
fn of_each(told: impl Fn(&About) -> String) -> String {
    let each = Family::ALL.iter().map(|family| format!("{} {}", family.name, told(family)));
    each.collect::<Vec<String>>().join(", ")
}

/// How many keys each family has in use where nobody says.
pub(super) fn keys_of_each() -> String {
    of_each(|about| {
        let plain = (about.configure)(&Given::default());
        plain.map_or_else(
            |_| "as it says".to_owned(),
            |family| TargetConfig::new(family, None, Vec::new()).profile().keys.to_string(),
        )
    })
}

fn capital(sentence: &str) -> String {
    let mut letters = sentence.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

fn bug(name: &str) -> Result<PlantedBug, String> {
    Family::bug(name).ok_or_else(|| {
        let meant = words::meant(name, Family::bugs().map(|bug| bug.name));
        format!("no bug has this name{meant}; `rashomon list bugs` lists them")
    })
}

impl clap::Args for TargetArgs {
    fn augment_args(command: Command) -> Command {
        let target = Arg::new("target")
            .value_name("TARGET")
            .help("What to test")
            .default_value(Family::ALL[0].name)
            .value_parser(one_of(
                Family::ALL
                    .iter()
                    .map(|family| (family.name, family.summary))
                    .chain([(Program::NAME, Program::SUMMARY)]),
            ));
        let nodes = Arg::new("nodes")
            .long("nodes")
            .value_name("N")
            .help(format!("How many nodes [default: {}]", of_each(|about| about.nodes.to_owned())))
            .value_parser(|text: &str| words::whole(text, 1u16, 64));
        let bug = Arg::new("bug")
            .long("bug")
            .value_name("NAME")
            .help("Plant a bug (see `rashomon list bugs`); may be given more than once")
            .action(ArgAction::Append)
            .value_parser(bug);
        let flags = shared();
        command.arg(target).arg(nodes).args(flags.iter().map(Shared::argument)).arg(bug)
    }

    fn augment_args_for_update(command: Command) -> Command {
        Self::augment_args(command)
    }
}

impl FromArgMatches for TargetArgs {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, clap::Error> {
        let name = matches.get_one::<String>("target").map_or(Family::ALL[0].name, String::as_str);
        let given = shared().into_iter().filter_map(|shared| {
            let id = shared.flag.name;
            let is_given = matches.value_source(id) == Some(ValueSource::CommandLine);
            let value = matches.get_one::<String>(id).filter(|_| is_given)?.clone();
            Some((shared, value))
        });
        Ok(Self {
            family: Family::named(name),
            nodes: matches.get_one("nodes").copied(),
            given: given.collect(),
            bugs: matches.get_many("bug").unwrap_or_default().copied().collect(),
        })
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), clap::Error> {
        *self = Self::from_arg_matches(matches)?;
        Ok(())
    }
}

impl TargetArgs {
    /// Whether no flag of a target was given.
    pub(super) fn is_plain(&self) -> bool {
        self.given.is_empty() && self.nodes.is_none() && self.bugs.is_empty()
    }

    /// The target.
    ///
    /// # Errors
    /// If flags contradict each other, or a flag or a bug belongs to another target.
    pub(super) fn config(&self) -> anyhow::Result<TargetConfig> {
        let Some(family) = self.family else {
            anyhow::bail!("{} runs your own program; name a built-in target", Program::NAME)
        };
        self.refuse_strangers(family.name)?;
        let flags = self.given.iter();
        let given: Given =
            flags.map(|(shared, value)| (shared.flag.name.to_owned(), value.clone())).collect();
        let config = TargetConfig::new((family.configure)(&given)?, self.nodes, self.bugs.clone());
        config.validate()?;
        Ok(config)
    }

    /// What is tested, `program` being what the command line has after `--`.
    ///
    /// # Errors
    /// As [`config`](Self::config), or if a program is missing, or there is one that nobody runs.
    pub(super) fn subject(&self, program: &[String]) -> anyhow::Result<Subject> {
        if let Some(family) = self.family {
            anyhow::ensure!(
                program.is_empty(),
                "{} is a built-in target and runs no program; give `rashomon run {} -- PROGRAM`",
                family.name,
                Program::NAME
            );
            return Ok(self.config()?.into());
        }
        self.refuse_strangers(Program::NAME)?;
        if let Some(bug) = self.bugs.first() {
            anyhow::bail!("{} cannot be planted in your own program", bug.name);
        }
        let program = Program::new(self.nodes, program.to_vec()).map_err(anyhow::Error::msg)?;
        Ok(Subject::Maelstrom(program))
    }

    fn refuse_strangers(&self, name: &str) -> anyhow::Result<()> {
        // A flag of another target would do nothing; better say so than be misread.
        for (Shared { flag, owners }, _) in &self.given {
            if !owners.iter().any(|owner| owner.name == name) {
                let owners: Vec<&str> = owners.iter().map(|owner| owner.name).collect();
                anyhow::bail!(
                    "{} belongs to {}; {} does not have it",
                    flag.written(),
                    owners.join(" and "),
                    name
                );
            }
        }
        Ok(())
    }
}

/// A target, as `rashomon run` takes it.
#[derive(Debug, Parser)]
#[command(no_binary_name = true, disable_help_flag = true, name = "target")]
struct TargetWords {
    #[command(flatten)]
    target: TargetArgs,
}

/// The target of these words, on a cluster of this size if one is given.
///
/// # Errors
/// What is wrong with the words.
pub(super) fn target_of(given: &str, nodes: Option<u16>) -> Result<TargetConfig, String> {
    let given: Vec<&str> = given.split_whitespace().collect();
    if nodes.is_some() && given.contains(&"--nodes") {
        return Err(
            "the target gives --nodes, and its size gives nodes; leave one of them out".to_owned()
        );
    }
    let nodes = nodes.map(|nodes| ["--nodes".to_owned(), nodes.to_string()]);
    let all = given.into_iter().map(str::to_owned).chain(nodes.into_iter().flatten());
    let parsed = TargetWords::try_parse_from(all);
    let words =
        parsed.map_err(|error| usage::sentence(&error).unwrap_or_else(|| error.to_string()))?;
    words.target.config().map_err(|error| format!("{error:#}"))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn a_flag_of_several_families_names_each_choice_once() {
        let mut several = 0;
        for Shared { flag, owners } in shared() {
            let Takes::OneOf(words) = &flag.takes else { continue };
            let names: BTreeSet<&str> = words.iter().map(|&(name, _)| name).collect();
            assert_eq!(names.len(), words.len(), "--{}: {words:?}", flag.name);
            let of_owner =
                |owner: &&About| (owner.flags)().into_iter().find(|it| it.name == flag.name);
            for theirs in owners.iter().filter_map(of_owner) {
                let Takes::OneOf(theirs) = theirs.takes else { continue };
                assert!(theirs.iter().all(|(name, _)| names.contains(name)), "--{}", flag.name);
            }
            several += usize::from(owners.len() > 1);
        }
        assert!(several > 0, "flags that families share");
    }
}
