//! `rashomon completions` and `rashomon man`: what a shell and `man` know of the command line.

use std::io::Write;

use anyhow::Context;
use clap::CommandFactory;
use clap_complete::Shell;

use super::Cli;
use crate::exit::Exit;

#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  rashomon completions bash > ~/.local/share/bash-completion/completions/rashomon
  rashomon completions fish > ~/.config/fish/completions/rashomon.fish")]
pub(super) struct CompletionsArgs {
    /// Which shell they are for
    shell: Shell,
}

#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  rashomon man > ~/.local/share/man/man1/rashomon.1
  rashomon man run > ~/.local/share/man/man1/rashomon-run.1
  rashomon man check | man -l -")]
pub(super) struct ManArgs {
    /// The page of one command [default: of the program]
    command: Option<String>,
}

/// Executes `rashomon completions`.
pub(super) fn completions(args: &CompletionsArgs) -> anyhow::Result<Exit> {
    let mut text = Vec::new();
    clap_complete::generate(args.shell, &mut Cli::command(), "rashomon", &mut text);
    print(&text)
}

/// Executes `rashomon man`.
pub(super) fn man(args: &ManArgs) -> anyhow::Result<Exit> {
    let mut program = Cli::command();
    program.build();
    let mut page = program.clone();
    if let Some(name) = &args.command {
        let names: Vec<&str> = program.get_subcommands().map(clap::Command::get_name).collect();
        page = program
            .find_subcommand(name)
            .with_context(|| {
                format!("there is no command {name:?}; the commands are {}", names.join(", "))
            })?
            .clone();
        page = page.display_name(format!("rashomon-{name}"));
    }
    let mut text = Vec::new();
    clap_mangen::Man::new(page).render(&mut text).context("write the page")?;
    print(&text)
}

/// Prints what is ours from the first byte to the last, tabs included.
fn print(text: &[u8]) -> anyhow::Result<Exit> {
    let mut out = std::io::stdout().lock();
    match out.write_all(text).and_then(|()| out.flush()) {
        Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => {
            Err(error).context("write to standard output")
        }
        Ok(()) | Err(_) => Ok(Exit::Valid),
    }
}
