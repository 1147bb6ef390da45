//! What is audited, as the command line has it.

use clap::builder::ValueParser;
use clap::parser::ValueSource;
use clap::{Arg, ArgMatches, Args, Command, FromArgMatches};
use rashomon_targets::{Family, TargetConfig};

use crate::cli::target::TargetArgs;

/// What the command line names, if anything.
#[derive(Clone, Debug)]
pub(super) struct AuditedArgs {
    target: TargetArgs,
    name: Option<String>,
}

/// What is audited.
#[derive(Clone, Debug)]
pub(super) enum Audited {
    /// A target.
    Target(TargetConfig),
    /// A history: a file, a folder, or the name of a stored run.
    History(String),
}

impl Args for AuditedArgs {
    fn augment_args(command: Command) -> Command {
        let audited = |it: Arg| {
            it.help("A target and its flags; with --claims also a history, or a stored run")
                .value_name("TARGET|HISTORY")
                .value_parser(ValueParser::string())
                .hide_default_value(true)
        };
        TargetArgs::augment_args(command).mut_arg("target", audited)
    }

    fn augment_args_for_update(command: Command) -> Command {
        Self::augment_args(command)
    }
}

impl FromArgMatches for AuditedArgs {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, clap::Error> {
        let is_named = matches.value_source("target") == Some(ValueSource::CommandLine);
        let name = matches.get_one::<String>("target").filter(|_| is_named).cloned();
        Ok(Self { target: TargetArgs::from_arg_matches(matches)?, name })
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), clap::Error> {
        *self = Self::from_arg_matches(matches)?;
        Ok(())
    }
}

impl AuditedArgs {
    /// What is named, if anything.
    ///
    /// # Errors
    /// If flags of a target contradict each other, or are given without one.
    pub(super) fn audited(&self) -> anyhow::Result<Option<Audited>> {
        if let Some(name) = &self.name
            && Family::named(name).is_some()
        {
            return Ok(Some(Audited::Target(self.target.config()?)));
        }
        anyhow::ensure!(
            self.target.is_plain(),
            "flags of a target are given, and no target; name one, as in `rashomon audit primary-replica`"
        );
        Ok(self.name.clone().map(Audited::History))
    }
}
