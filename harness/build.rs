//! Tells the program which commit it is built from, where that can be known.
//!
//! It runs again when the commit or a source file changes. A package made by `cargo package` says it
//! in a file; a plain archive says nothing, and then neither does the program.

use std::path::{Path, PathBuf};
use std::process::Command;

/// What makes the program, from the root of the workspace.
const SOURCES: [&str; 8] = [
    "Cargo.toml",
    "Cargo.lock",
    "checker/src",
    "targets/src",
    "workloads/src",
    "results/src",
    "harness/src",
    "harness/build.rs",
];

/// The commit, and whether the sources differ from it.
struct Commit {
    hash: String,
    is_dirty: bool,
}

fn main() {
    let here = PathBuf::from(std::env::var_os("CARGO_MANIFEST_DIR").expect("cargo sets it"));
    let target = std::env::var("TARGET").expect("cargo sets it");
    println!("cargo::rustc-env=RASHOMON_TARGET={target}");
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rustc-env=RASHOMON_TARGET_LINES={}", lines_of_targets(&here));
    let packaged = here.join(".cargo_vcs_info.json");
    let commit = if packaged.is_file() { of_package(&packaged) } else { of_clone(&here) };
    if let Some(Commit { hash, is_dirty }) = commit {
        println!("cargo::rustc-env=RASHOMON_COMMIT={hash}");
        println!("cargo::rustc-env=RASHOMON_DIRTY={is_dirty}");
    }
}

/// `folder=lines` for each folder of the targets: lines that are neither empty nor comments, in files that are no tests.
fn lines_of_targets(here: &Path) -> String {
    let source = here.join("../targets/src");
    println!("cargo::rerun-if-changed={}", source.display());
    let Ok(entries) = std::fs::read_dir(&source) else { return String::new() };
    let folders = entries.filter_map(Result::ok).map(|entry| entry.path());
    let mut counted: Vec<String> = folders
        .filter(|path| path.is_dir())
        .filter_map(|path| Some(format!("{}={}", path.file_name()?.to_str()?, lines(&path))))
        .collect();
    counted.sort();
    counted.join(",")
}

/// Lines of code in a folder and below it.
fn lines(folder: &Path) -> usize {
    let Ok(entries) = std::fs::read_dir(folder) else { return 0 };
    let of = |path: PathBuf| {
        if path.is_dir() {
            return lines(&path);
        }
        let is_code = path.extension().is_some_and(|it| it == "rs") && !path.ends_with("tests.rs");
        let text = std::fs::read_to_string(&path).ok().filter(|_| is_code).unwrap_or_default();
        let code = text.split("#[cfg(test)]\nmod tests {").next().unwrap_or_default();
        let counts = |line: &&str| !line.trim().is_empty() && !line.trim_start().starts_with("//");
        code.lines().filter(counts).count()
    };
    entries.filter_map(Result::ok).map(|entry| of(entry.path())).sum()
}

/// What `cargo package` wrote down.
fn of_package(file: &Path) -> Option<Commit> {
    println!("cargo::rerun-if-changed={}", file.display());
    let text = std::fs::read_to_string(file).ok()?;
    let hash = text.split("\"sha1\"").nth(1)?.split('"').nth(1)?;
    let is_hash = hash.len() >= 40 && hash.chars().all(|digit| digit.is_ascii_hexdigit());
    let is_dirty = text.contains("\"dirty\"");
    is_hash.then(|| Commit { hash: hash.to_owned(), is_dirty })
}

/// What git says of a clone of this repository; nothing where this file is not one of git's.
fn of_clone(here: &Path) -> Option<Commit> {
    git(here, &["ls-files", "--error-unmatch", "build.rs"])?;
    let root = here.parent()?;
    let head = git(here, &["rev-parse", "--symbolic-full-name", "HEAD"]);
    // A branch has a file of its own, unless git has packed it.
    for name in head.iter().map(String::as_str).chain(["HEAD", "packed-refs"]) {
        let file = git(here, &["rev-parse", "--path-format=absolute", "--git-path", name])?;
        if Path::new(&file).exists() {
            println!("cargo::rerun-if-changed={file}");
        }
    }
    for source in SOURCES {
        println!("cargo::rerun-if-changed={}", root.join(source).display());
    }
    let hash = git(here, &["rev-parse", "HEAD"])?;
    let status = ["status", "--porcelain", "--untracked-files=all", "--"];
    let changed = git(root, &[&status[..], &SOURCES].concat())?;
    Some(Commit { hash, is_dirty: !changed.is_empty() })
}

/// What git answers; nothing where there is no git, or it has no answer.
fn git(folder: &Path, arguments: &[&str]) -> Option<String> {
    // Looking must not write the index, which others may be about to change.
    let git =
        Command::new("git").arg("--no-optional-locks").args(arguments).current_dir(folder).output();
    let output = git.ok().filter(|output| output.status.success())?;
    Some(String::from_utf8(output.stdout).ok()?.trim().to_owned())
}
