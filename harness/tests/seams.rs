//! The seams hold: a fault, a workload and a family are each named in one place and its line in a
//! list. Whatever else names one would have to be found and changed to add another.

#![allow(clippy::unwrap_used, clippy::allow_attributes, reason = "tests may")]

use std::path::{Path, PathBuf};

const ROOT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/..");

/// The program without its tests: the source of the crates that know of faults, workloads, families.
fn program() -> Vec<(String, String)> {
    let mut found = Vec::new();
    let mut folders: Vec<PathBuf> = ["targets", "workloads", "results", "harness"]
        .map(|folder| Path::new(ROOT).join(folder).join("src"))
        .to_vec();
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            let name = path.strip_prefix(ROOT).unwrap().to_string_lossy().into_owned();
            if path.is_dir() {
                folders.push(path);
            } else if !name.ends_with("tests.rs") && !name.ends_with("conformance.rs") {
                let text = std::fs::read_to_string(&path).unwrap();
                let code = text.split("#[cfg(test)]\nmod tests").next().unwrap_or_default();
                let lines = code.lines().filter(|line| !line.trim_start().starts_with("//"));
                found.push((name, lines.collect::<Vec<_>>().join("\n")));
            }
        }
    }
    assert!(found.len() > 50, "the sources were found");
    found
}

/// The files that hold one of the words, apart from those that are `home` to the thing.
fn named_in(words: &[String], home: impl Fn(&str) -> bool) -> Vec<String> {
    // A longer name that ends in the word is another's: `ModelKind::Set` names no workload.
    let is_whole = |text: &str, at: usize| {
        !text[..at].ends_with(|before: char| before.is_alphanumeric() || before == '_')
    };
    let names = |text: &str| {
        words.iter().any(|word| text.match_indices(word.as_str()).any(|(at, _)| is_whole(text, at)))
    };
    let is_stranger = |(file, text): &(String, String)| !home(file) && names(text);
    let mut files: Vec<String> =
        program().into_iter().filter(is_stranger).map(|(file, _)| file).collect();
    files.sort();
    files
}

/// What the lines of the list in `file` between `from` and `to` say: the name of the type, and what
/// stands in brackets behind it.
fn list(file: &str, from: &str, to: &str) -> Vec<(String, String)> {
    let text = std::fs::read_to_string(Path::new(ROOT).join(file)).unwrap();
    let (_, rest) = text.split_once(from).unwrap();
    let (lines, _) = rest.split_once(to).unwrap();
    let entry = |line: &str| {
        let (kind, inside) = line.trim().split_once('(')?;
        let is_entry = kind.chars().all(char::is_alphanumeric) && inside.ends_with("),");
        is_entry.then(|| (kind.to_owned(), inside.trim_end_matches("),").to_owned()))
    };
    let found: Vec<_> = lines.lines().filter_map(entry).collect();
    assert!(found.len() > 1, "{file}: {lines}");
    found
}

#[test]
fn a_fault_is_named_in_its_file_and_its_line_and_by_claims_and_plain_settings_only() {
    // Who thought about whether a promise holds under it; what a run has where nobody says.
    let speaks_of_some = |file: &str| {
        file.ends_with("/claim.rs")
            || [
                "harness/src/subject.rs",
                "harness/src/claims.rs",
                "harness/src/settings.rs",
                "harness/src/own/load.rs",
                // A test that counts what some runs take.
                "harness/src/execute/effort.rs",
            ]
            .contains(&file)
    };
    for (kind, inside) in list("targets/src/claim.rs", "$define! {", "    };\n}") {
        let (file, name) = inside.split_once(", ").unwrap();
        let name = name.trim_matches('"');
        let words = [
            format!("FaultKind::{kind}"),
            format!("Fault::{kind}"),
            format!("{file}::"),
            format!("\"{name}\""),
        ];
        let home = format!("harness/src/fault/{file}.rs");
        let is_home = |at: &str| at == home || at == "targets/src/claim.rs" || speaks_of_some(at);
        let strangers = named_in(&words, is_home);
        assert!(strangers.is_empty(), "{kind} is named in {strangers:?}");
        assert!(Path::new(ROOT).join(&home).is_file(), "{home}");
    }
    // The one that came last is named by claims, and nowhere else.
    let last = named_in(&["FaultKind::Corrupt".to_owned()], |at| at.ends_with("/claim.rs"));
    assert_eq!(
        last,
        ["harness/src/subject.rs"],
        "what another crate's node or program is required to keep"
    );
}

#[test]
fn a_workload_is_named_in_its_file_and_its_line_only() {
    for (kind, file) in list("workloads/src/kind.rs", "workloads! {\n", "\n}") {
        let words = [format!("Kind::{kind}"), format!("{file}::WORKLOAD")];
        let home =
            |at: &str| at == format!("workloads/src/{file}.rs") || at == "workloads/src/kind.rs";
        // Which workload a claim is tested with, and what a plain `run` does.
        let chooses =
            ["harness/src/claims.rs", "harness/src/cli/run.rs", "harness/src/own/load.rs"];
        let strangers = named_in(&words, |at| home(at) || chooses.contains(&at));
        assert!(strangers.is_empty(), "{kind} is named in {strangers:?}");
    }
}

#[test]
fn a_family_is_named_in_its_folder_and_its_line_only() {
    for (family, node) in list("targets/src/family.rs", "families! {\n", "\n}") {
        let (folder, _) = node.split_once("::").unwrap();
        let words = [format!("Family::{family}"), format!("{folder}::"), family.clone() + "("];
        // The hybrid family is made of two others.
        let home = |at: &str| {
            at.starts_with(&format!("targets/src/{folder}/"))
                || at.starts_with("targets/src/hybrid/")
                || ["targets/src/family.rs", "targets/src/lib.rs"].contains(&at)
        };
        let strangers = named_in(&words, home);
        assert!(strangers.is_empty(), "{family} is named in {strangers:?}");
    }
}

/// The family that came last is one that nobody uses: what names it is there for the sake of naming.
#[test]
fn a_family_takes_one_folder_its_line_and_the_declaration_that_rust_wants() {
    let is_it = |line: &str| line.to_lowercase().contains("solo");
    let outside = program().into_iter().filter(|(file, _)| !file.starts_with("targets/src/solo/"));
    let named: Vec<(String, String)> = outside
        .flat_map(|(file, text)| {
            let lines = text.lines().filter(|line| is_it(line)).map(|line| line.trim().to_owned());
            lines.map(|line| (file.clone(), line)).collect::<Vec<_>>()
        })
        .collect();
    let mut named: Vec<(&str, &str)> = named.iter().map(|(at, it)| (&**at, &**it)).collect();
    named.sort_unstable();
    let line = ("targets/src/family.rs", "Solo(solo::Solo),");
    assert_eq!(named, [line, ("targets/src/lib.rs", "pub mod solo;")]);
    let mut files: Vec<String> = std::fs::read_dir(Path::new(ROOT).join("targets/src/solo"))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    files.sort();
    // Those that CONTRIBUTING.md names.
    assert_eq!(files, ["bugs.rs", "claim.rs", "config.rs", "family.rs", "mod.rs", "node.rs"]);
}
