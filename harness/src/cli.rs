//! The command line.

mod audit;
mod bugs;
mod campaign;
mod check;
mod claims;
mod compare;
mod faults;
mod gate;
mod ladder;
mod list;
mod manual;
mod opened;
mod our_bugs;
mod output;
mod prune;
mod reading;
mod replay;
mod reproduce;
mod run;
mod seeds;
mod session;
mod shrink;
mod stored;
mod target;
mod trace;
mod trials;
mod usage;
mod values;
mod words;

use std::ffi::OsString;
use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand, ValueEnum};
use rashomon_checker::{visible, visible_lines};

use crate::exit::Exit;
pub(crate) use our_bugs::report_our_own_bugs;
use output::{Output, asks_for_json};

const EXIT_CODES: &str = "\
Exit codes:
  0   this run found no violation of what was required
  1   what was required was violated
  2   the command line is wrong, or cannot be executed here
  3   undecided: a budget was spent, or the run tested too little
  70  a bug in rashomon itself
  130 interrupted";

/// Starts a replicated store, injects faults, records what its clients saw, and judges, with
/// evidence, which consistency promise it kept.
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
    /// On a terminal that supports them
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
    /// Judge a recorded history, of rashomon or of another tool
    Check(check::CheckArgs),
    /// Run a stored run again, or a scenario: same settings, same seed, same plan
    Replay(replay::ReplayArgs),
    /// Look for a simulated run that fails as one on real processes did
    Reproduce(reproduce::ReproduceArgs),
    /// Cut a simulated run that was a violation down to the least that fails in the same way, and tell its story
    Shrink(shrink::ShrinkArgs),
    /// Show what happened inside the cluster of a stored run: messages, records, faults
    Trace(trace::TraceArgs),
    /// Test every configuration against its own claim, in simulation
    Claims(claims::ClaimsArgs),
    /// Run targets, workloads, faults, sizes and seeds of a file, all combined; resumable after a kill
    Campaign(Box<campaign::CampaignArgs>),
    /// Compare a campaign with a baseline that was accepted: for every change of a program
    Gate(Box<gate::GateArgs>),
    /// Test what a design claims, and refute the stronger models that it does not claim
    Audit(Box<audit::AuditArgs>),
    /// Measure designs side by side: what they cost, keep and serve, and how they grow
    Compare(compare::CompareArgs),
    /// Look for every planted bug, in simulation: is this program blind?
    Bugs(bugs::BugsArgs),
    /// List targets, faults, models, stored runs and more
    List(list::ListArgs),
    /// Remove old runs from the store
    Prune(prune::PruneArgs),
    /// Print completions for a shell
    Completions(manual::CompletionsArgs),
    /// Print a manual page
    Man(manual::ManArgs),
    /// Run one reference node (`run` starts these as child processes)
    Node(NodeArgs),
    /// Run one reference node that speaks the Maelstrom protocol
    MaelstromNode(MaelstromNodeArgs),
    /// Run a program that ends with its parent (started by a warden)
    #[command(hide = true)]
    Leased(LeasedArgs),
    /// Run a program, and end all of its processes with it (started by `run maelstrom`)
    #[command(hide = true)]
    Warden(LeasedArgs),
}

#[derive(Debug, clap::Args)]
#[command(after_help = "Example:
  rashomon run maelstrom --workload lin-kv -- rashomon maelstrom-node leaderless --write-back on")]
struct MaelstromNodeArgs {
    #[command(flatten)]
    target: target::TargetArgs,
    /// The folder for the data of nodes, with a folder for each
    #[arg(long, value_name = "DIR", default_value = "maelstrom-node")]
    data: PathBuf,
}

#[derive(Debug, clap::Args)]
struct LeasedArgs {
    /// The process id of the parent
    parent: u32,
    /// The program and its arguments
    #[arg(last = true, required = true)]
    command: Vec<String>,
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

/// Executes the command line.
pub(crate) fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => return refuse(&error).into(),
    };
    let output = Output::new(cli.output.json, cli.output.quiet, cli.output.color);
    let done = match cli.command {
        Command::Run(args) => run::run(&args, &output),
        Command::Check(args) => check::check(&args, &output),
        Command::Replay(args) => replay::replay(&args, &output),
        Command::Reproduce(args) => reproduce::reproduce(&args, &output),
        Command::Shrink(args) => shrink::shrink(&args, &output),
        Command::Bugs(args) => bugs::bugs(&args, &output),
        Command::Audit(args) => audit::audit(&args, &output),
        Command::Compare(args) => compare::compare(&args, &output),
        Command::Campaign(args) => campaign::campaign(&args, &output),
        Command::Gate(args) => gate::gate(&args, &output),
        Command::Trace(args) => trace::trace(&args, &output),
        Command::Claims(args) => claims::claims(&args, &output),
        Command::List(args) => list::list(&args, &output),
        Command::Prune(args) => prune::prune(&args, &output),
        Command::Completions(args) => manual::completions(&args),
        Command::Man(args) => manual::man(&args),
        Command::MaelstromNode(args) => {
            let target = args.target.config();
            target.and_then(|it| crate::node::run_maelstrom(&it, &args.data)).map(|()| Exit::Valid)
        }
        Command::Leased(args) => {
            crate::leased::run(args.parent, &args.command).map(|()| Exit::Valid)
        }
        Command::Warden(args) => {
            crate::system::ward(args.parent, &args.command, crate::leased::run)
                .map(|()| Exit::Valid)
        }
        Command::Node(args) => crate::node::run(&args.config, args.leased).map(|()| Exit::Valid),
    };
    match done {
        Ok(exit) => output.end(exit).into(),
        Err(error) => {
            output.refuse(Exit::Usage, &format!("{error:#}"));
            output.end(Exit::Usage).into()
        }
    }
}

/// Prints clap's message. Help and version are no errors; clap knows.
fn refuse(error: &clap::Error) -> Exit {
    if !error.use_stderr() {
        let _ = error.print(); // The reader has gone away.
        return Exit::Valid;
    }
    // Arguments that were not understood have no flags: whether JSON is wanted is read from the words.
    let json = asks_for_json(std::env::args_os());
    let output = Output::new(json, false, Color::Auto);
    if let Some(sentence) = usage::sentence(error) {
        output.refuse(Exit::Usage, &sentence);
        return Exit::Usage;
    }
    if json {
        output.refuse(Exit::Usage, error.to_string().trim());
        return Exit::Usage;
    }
    let shown = |argument: OsString| visible(&argument.to_string_lossy()).into_owned();
    let (given, shown): (Vec<OsString>, Vec<String>) =
        std::env::args_os().map(|argument| (argument.clone(), shown(argument))).unzip();
    // It quotes arguments as they are, among colours of its own: have it quote what can be printed.
    if given.iter().zip(&shown).all(|(given, shown)| given.as_os_str() == shown.as_str()) {
        let _ = error.print();
    } else if let Err(error) = Cli::try_parse_from(shown) {
        let _ = error.print();
    } else {
        let _ = write!(std::io::stderr(), "{}", visible_lines(&error.to_string()));
    }
    Exit::Usage
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
