//! Runs the program in a folder of its own.

#![allow(
    dead_code,
    unreachable_pub,
    missing_docs,
    clippy::allow_attributes,
    clippy::unwrap_used,
    clippy::new_without_default,
    reason = "each test file uses its own part of this"
)]

use std::fmt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use tempfile::TempDir;

/// The program, with a folder that is its working directory and holds its store.
pub struct Program {
    folder: TempDir,
    environment: Vec<(String, String)>,
}

/// How it ended, and what it said.
pub struct Ended {
    pub code: i32,
    pub stdout: String,
    pub stderr: String,
}

impl Program {
    pub fn new() -> Self {
        Self { folder: tempfile::tempdir().unwrap(), environment: Vec::new() }
    }

    #[must_use]
    pub fn with_environment(mut self, name: &str, value: &str) -> Self {
        self.environment.push((name.to_owned(), value.to_owned()));
        self
    }

    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// The folder of the last run.
    pub fn latest(&self) -> PathBuf {
        self.folder().join("results/runs/latest")
    }

    pub fn command(&self, program: &str, arguments: &[&str]) -> Command {
        let mut command = Command::new(program);
        command
            .args(arguments)
            .current_dir(self.folder())
            .stdin(Stdio::null())
            .env_remove("RASHOMON_STORE")
            .env_remove("RASHOMON_CAMPAIGNS")
            .env("LANG", "C.UTF-8")
            .env("RASHOMON", env!("CARGO_BIN_EXE_rashomon"))
            .envs(self.environment.iter().cloned());
        command
    }

    pub fn run(&self, arguments: &[&str]) -> Ended {
        Ended::from(self.command(env!("CARGO_BIN_EXE_rashomon"), arguments).output().unwrap())
    }

    pub fn shell(&self, script: &str) -> Ended {
        Ended::from(self.command("sh", &["-c", script]).output().unwrap())
    }
}

impl Ended {
    #[track_caller]
    pub fn expect(&self, code: i32) {
        assert_eq!(self.code, code, "{self}");
    }
}

impl From<Output> for Ended {
    fn from(output: Output) -> Self {
        Self {
            code: output.status.code().unwrap_or(-1),
            stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
            stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
        }
    }
}

impl fmt::Display for Ended {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "exit {}\n{}\n{}", self.code, self.stdout, self.stderr)
    }
}
