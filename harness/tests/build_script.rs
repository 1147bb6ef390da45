//! What the build script knows of the commit: in a clone, in a package, in a plain archive, and in a
//! folder within another repository's clone.

#![allow(clippy::unwrap_used, clippy::allow_attributes, reason = "tests may")]

use std::path::{Path, PathBuf};
use std::process::Command;

use tempfile::TempDir;

/// The build script, compiled, and a folder like that of this repository.
struct Script {
    folder: TempDir,
    program: PathBuf,
}

impl Script {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let program = folder.path().join("build-script");
        let source = concat!(env!("CARGO_MANIFEST_DIR"), "/build.rs");
        let rustc = std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
        let mut compile = Command::new(rustc);
        compile.args(["--edition", "2024", "-o"]).arg(&program).arg(source);
        assert!(compile.status().unwrap().success(), "{source} does not compile");
        let harness = folder.path().join("sources/harness");
        std::fs::create_dir_all(harness.join("src")).unwrap();
        std::fs::copy(source, harness.join("build.rs")).unwrap();
        std::fs::write(harness.join("src/lib.rs"), "").unwrap();
        Self { folder, program }
    }

    fn root(&self) -> PathBuf {
        self.folder.path().join("sources")
    }

    fn harness(&self) -> PathBuf {
        self.root().join("harness")
    }

    /// What it tells the program: the commit, and whether the sources differ from it.
    fn told(&self) -> Option<(String, String)> {
        let mut run = Command::new(&self.program);
        run.env("CARGO_MANIFEST_DIR", self.harness()).env("TARGET", "a-b-c");
        let output = run.env_remove("GIT_DIR").output().unwrap();
        assert!(output.status.success(), "{output:?}");
        let text = String::from_utf8(output.stdout).unwrap();
        assert!(text.contains("cargo::rustc-env=RASHOMON_TARGET=a-b-c\n"), "{text}");
        let value = |name: &str| {
            let prefix = format!("cargo::rustc-env={name}=");
            text.lines().find_map(|line| line.strip_prefix(&prefix)).map(str::to_owned)
        };
        value("RASHOMON_COMMIT").zip(value("RASHOMON_DIRTY"))
    }
}

fn git(folder: &Path, arguments: &[&str]) -> String {
    let mut git = Command::new("git");
    git.args(["-c", "user.name=n", "-c", "user.email=e", "-c", "commit.gpgsign=false"]);
    let output = git.args(arguments).current_dir(folder).env_remove("GIT_DIR").output().unwrap();
    assert!(output.status.success(), "git {arguments:?}: {output:?}");
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}

#[test]
fn in_a_plain_archive_nothing_is_known_and_nothing_fails() {
    assert_eq!(Script::new().told(), None);
}

#[test]
fn in_a_clone_the_commit_is_known_and_whether_a_source_file_differs_from_it() {
    let script = Script::new();
    git(&script.root(), &["init", "--quiet"]);
    assert_eq!(script.told(), None, "it holds no commit, and not this file");
    git(&script.root(), &["add", "."]);
    git(&script.root(), &["commit", "--quiet", "-m", "m"]);
    let commit = git(&script.root(), &["rev-parse", "HEAD"]);
    assert_eq!(script.told(), Some((commit.clone(), "false".to_owned())));
    std::fs::write(script.root().join("notes.txt"), "no source").unwrap();
    assert_eq!(script.told(), Some((commit.clone(), "false".to_owned())));
    std::fs::write(script.harness().join("src/lib.rs"), "// changed").unwrap();
    assert_eq!(script.told(), Some((commit, "true".to_owned())));
}

#[test]
fn a_package_knows_the_commit_that_it_was_made_from() {
    let script = Script::new();
    let hash = "0123456789abcdef0123456789abcdef01234567";
    let info = |dirty: &str| format!("{{\n \"git\": {{\n \"sha1\": \"{hash}\"{dirty}\n }}\n}}");
    for (dirty, told) in [("", "false"), (",\n \"dirty\": true", "true")] {
        std::fs::write(script.harness().join(".cargo_vcs_info.json"), info(dirty)).unwrap();
        assert_eq!(script.told(), Some((hash.to_owned(), told.to_owned())));
    }
}

#[test]
fn a_folder_in_somebody_elses_clone_is_not_of_their_commit() {
    let script = Script::new();
    std::fs::write(script.folder.path().join("theirs"), "").unwrap();
    git(script.folder.path(), &["init", "--quiet"]);
    git(script.folder.path(), &["add", "theirs"]);
    git(script.folder.path(), &["commit", "--quiet", "-m", "m"]);
    assert_eq!(script.told(), None);
}
