//! The command line.

mod check;
mod list;
mod output;
mod replay;
mod run;
mod seeds;
mod target;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand, ValueEnum};

use crate::exit::Exit;
use output::Output;

const EXIT_CODES: &str = "\
Exit codes:
  0   nothing was found against what was asked, in this run
  1   an anomaly was found
  2   the command makes no sense, or cannot be carried out here
  3   it cannot be told: a budget was spent, or the run tested nothing
  70  a bug in rashomon itself
  130 interrupted";

/// Starts a replicated store, hurts it, records what its clients saw, and says, with evidence,
/// which consistency promise it kept.
#[derive(Debug, Parser)]
#[command(version, after_help = EXIT_CODES)]
struct Cli {
    #[command(flatten)]
    output: OutputArgs,
    #[command(subcommand)]
    command: Command,
}

/// How results are shown.
#[derive(Clone, Copy, Debug, clap::Args)]
struct OutputArgs {
    /// Print one JSON object on standard output instead of text
    #[arg(long, global = true)]
    json: bool,
    /// No progress on standard error
    #[arg(long, short, global = true)]
    quiet: bool,
    /// When to use colours
    #[arg(long, global = true, value_name = "WHEN", default_value = "auto")]
    color: Color,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Color {
    /// On a terminal that wants them
    Auto,
    /// Even into a file
    Always,
    /// Not at all
    Never,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Run a cluster under load and faults, and judge what its clients saw
    Run(Box<run::RunArgs>),
    /// Judge a recorded history, ours or another tool's
    Check(check::CheckArgs),
    /// Run a stored run again: same settings, same seed, same plan
    Replay(replay::ReplayArgs),
    /// List what there is
    List(list::ListArgs),
    /// Run one reference node (what `run` starts as child processes)
    Node(NodeArgs),
}

#[derive(Debug, clap::Args)]
#[command(after_help = "Example:
  rashomon node --config results/runs/latest/nodes/n1/node.toml")]
struct NodeArgs {
    /// The node's configuration, in TOML
    #[arg(long, value_name = "FILE")]
    config: PathBuf,
    /// End when standard input ends, and with the parent process
    #[arg(long)]
    leased: bool,
}

/// Where runs are kept.
#[derive(Clone, Debug, clap::Args)]
struct StoreArgs {
    /// Where runs are kept
    #[arg(long, value_name = "DIR", default_value = "results/runs", env = "RASHOMON_STORE")]
    store: PathBuf,
}

/// Carries out the command line.
pub(crate) fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => {
            // Help and version are no errors; clap knows.
            let _ = error.print();
            let code = if error.use_stderr() { Exit::Usage } else { Exit::Valid };
            return code.into();
        }
    };
    let output = Output::new(cli.output.json, cli.output.quiet, cli.output.color);
    let done = match cli.command {
        Command::Run(args) => run::run(&args, &output),
        Command::Check(args) => check::check(&args, &output),
        Command::Replay(args) => replay::replay(&args, &output),
        Command::List(args) => list::list(&args, &output),
        Command::Node(args) => crate::node::run(&args.config, args.leased).map(|()| Exit::Valid),
    };
    match done {
        Ok(exit) => exit.into(),
        Err(error) => {
            output.error(&format!("{error:#}"));
            Exit::Usage.into()
        }
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_command_line_is_consistent() {
        Cli::command().debug_assert();
    }
}
