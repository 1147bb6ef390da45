//! Rules about the source that no compiler checks.

#![allow(clippy::unwrap_used, clippy::allow_attributes, reason = "tests may")]

#[path = "tidy/phrases.rs"]
mod phrases;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

const ROOT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/..");

/// Which crate may depend on which: the list of ARCHITECTURE.md.
const ARROWS: [(&str, &[&str]); 5] = [
    ("checker", &[]),
    ("targets", &[]),
    ("workloads", &["rashomon-checker"]),
    ("results", &["rashomon-checker"]),
    (
        "harness",
        &["rashomon-checker", "rashomon-results", "rashomon-targets", "rashomon-workloads"],
    ),
];

#[test]
fn crates_depend_only_on_those_that_the_architecture_lists() {
    for (folder, allowed) in ARROWS {
        let path = Path::new(ROOT).join(folder).join("Cargo.toml");
        let manifest: toml::Table = std::fs::read_to_string(&path).unwrap().parse().unwrap();
        for kind in ["dependencies", "dev-dependencies", "build-dependencies"] {
            let known = manifest.get(kind).and_then(toml::Value::as_table);
            for name in known.into_iter().flat_map(toml::Table::keys) {
                let ours = name.starts_with("rashomon");
                assert!(
                    !ours || allowed.contains(&name.as_str()),
                    "{folder} must not depend on {name}"
                );
            }
        }
    }
}

#[test]
fn the_workspace_has_the_crates_of_the_design_and_no_other() {
    let path = Path::new(ROOT).join("Cargo.toml");
    let manifest: toml::Table = std::fs::read_to_string(path).unwrap().parse().unwrap();
    let members: Vec<&str> = manifest["workspace"]["members"]
        .as_array()
        .unwrap()
        .iter()
        .filter_map(|m| m.as_str())
        .collect();
    assert_eq!(members, ["harness", "checker", "targets", "workloads", "results"]);
}

/// Pure crates have a `clippy.toml` that forbids clocks, threads, files and the environment.
#[test]
fn pure_crates_are_kept_pure_by_a_tool() {
    for folder in ["checker", "targets", "workloads"] {
        let rules =
            std::fs::read_to_string(Path::new(ROOT).join(folder).join("clippy.toml")).unwrap();
        for forbidden in
            ["Instant::now", "SystemTime::now", "thread::spawn", "env::var", "fs::write"]
        {
            assert!(rules.contains(forbidden), "{folder}/clippy.toml allows {forbidden}");
        }
    }
}

#[test]
fn no_source_file_is_longer_than_500_lines_of_code() {
    for (path, text) in sources() {
        let code = text.split("#[cfg(test)]\nmod tests {").next().unwrap_or_default();
        let lines = code.lines().count();
        assert!(lines <= 500, "{}: {lines} lines; split it by concept", path.display());
    }
}

#[test]
fn nothing_pretends_to_be_done() {
    for (path, text) in sources() {
        for (number, line) in (1..).zip(text.lines()) {
            let words =
                [concat!("to", "do!"), concat!("unimple", "mented!"), concat!("#[ig", "nore")];
            for word in words {
                assert!(!line.contains(word), "{}:{number}: {line}", path.display());
            }
        }
    }
}

/// What only Linux has stands in one module, or in tests, that only Linux builds.
#[test]
fn what_only_linux_has_is_used_only_there() {
    let words = [
        concat!("/pr", "oc/"),
        concat!("/sys", "/fs"),
        concat!("pr", "ctl"),
        concat!("pdeath", "sig"),
        concat!("e", "poll"),
        concat!("mem", "fd"),
        concat!("pid", "fd"),
        concat!("signal", "fd"),
        concat!("os::", "linux"),
    ];
    let only = "#[cfg(target_os = \"linux\")]\nmod linux;";
    let all = sources();
    let of = |end: &str| all.iter().find(|(path, _)| path.ends_with(end)).unwrap().1;
    assert!(of("harness/src/system.rs").contains(only), "only Linux builds system/linux.rs");
    assert!(words.iter().any(|word| of("harness/src/system/linux.rs").contains(word)));
    for (path, text) in &all {
        if path.ends_with("harness/src/system/linux.rs")
            || path.to_string_lossy().contains("harness/src/system/linux/")
            || text.contains("\n#![cfg(target_os = \"linux\")]\n")
        {
            continue;
        }
        // Whether the item at hand is built for Linux only: its attributes come before it.
        let (mut is_linux, mut is_next_linux) = (false, false);
        for (number, line) in (1..).zip(text.lines()) {
            if line.starts_with("#[cfg(target_os = \"linux\")]") {
                is_next_linux = true;
            } else if line.starts_with(char::is_alphabetic) {
                is_linux = std::mem::take(&mut is_next_linux);
            }
            if is_linux {
                continue;
            }
            let used = words.iter().find(|word| line.contains(*word));
            let place = path.display();
            assert!(
                used.is_none(),
                "{place}:{number} uses {used:?}; harness/src/system may\n{line}"
            );
        }
    }
}

/// Types know the fields of JSON; nothing checks a text that names one.
#[test]
fn no_json_is_indexed_by_text_or_made_without_a_type_inside_the_program() {
    let allowed = [
        // It reads format and version of whatever is there, before any type is asked.
        "results/src/strict.rs",
        // Programs of others say what they like to each other, and it is carried as it is.
        "harness/src/client/maelstrom.rs",
        "harness/src/node/maelstrom.rs",
        "harness/src/world/stdio/message.rs",
        // The name of a target says which type reads it, and the word for a fault.
        "harness/src/subject.rs",
        "harness/src/fault.rs",
    ];
    let mut found = Vec::new();
    for (path, text) in sources() {
        let path = path.to_string_lossy().into_owned();
        let is_program = path.contains("harness/src/") || path.contains("results/src/");
        if !is_program || path.ends_with("tests.rs") || allowed.iter().any(|it| path.ends_with(it))
        {
            continue;
        }
        let program = text.split("#[cfg(test)]").next().unwrap_or_default();
        for line in program.lines().filter(|line| !line.trim_start().starts_with("//")) {
            let indexes = |(at, _): (usize, &str)| {
                let before = line[..at].chars().next_back();
                before.is_some_and(|it| it.is_alphanumeric() || "_)]".contains(it))
            };
            let is_typeless = line.contains("json!") || line.contains("serde_json::Value");
            if is_typeless || line.match_indices("[\"").any(indexes) {
                found.push(format!("{path}: {}", line.trim()));
            }
        }
    }
    assert!(found.is_empty(), "{}", found.join("\n"));
}

/// A plain clone has no corpus beside it: a test that reads it must first ask whether it is there.
#[test]
fn the_corpus_is_sought_in_one_place() {
    let sought: Vec<PathBuf> = sources()
        .into_iter()
        .filter(|(path, text)| {
            !path.ends_with("checker/tests/external/mod.rs")
                && !path.components().any(|part| part.as_os_str() == "benches")
                && text.contains(concat!("../", "shared"))
        })
        .map(|(path, _)| path)
        .collect();
    assert!(
        sought.is_empty(),
        "{sought:?} read beside the repository; checker/tests/external does"
    );
}

/// Every Rust file of the five crates.
fn sources() -> BTreeMap<PathBuf, String> {
    let mut found = BTreeMap::new();
    let mut folders: Vec<PathBuf> =
        ARROWS.iter().map(|(folder, _)| Path::new(ROOT).join(folder)).collect();
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() && !path.ends_with("target") && !path.ends_with("runs") {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                found.insert(path.clone(), std::fs::read_to_string(&path).unwrap());
            }
        }
    }
    assert!(found.len() > 50, "the sources were found");
    found
}

/// Whether a licence expression leaves a choice of which all parts are allowed.
fn is_allowed(expression: &str, allowed: &[&str]) -> bool {
    expression.replace('/', " OR ").split(" OR ").any(|choice| {
        let choice = choice.trim().trim_matches(['(', ')']);
        choice.split(" AND ").all(|part| {
            let part = part.trim().trim_matches(['(', ')']);
            allowed.contains(&part)
        })
    })
}

#[test]
fn every_licence_is_one_of_those_allowed() {
    let rules: toml::Table =
        std::fs::read_to_string(Path::new(ROOT).join("deny.toml")).unwrap().parse().unwrap();
    let allowed: Vec<&str> =
        rules["licenses"]["allow"].as_array().unwrap().iter().filter_map(|l| l.as_str()).collect();
    let cargo = std::env::var("CARGO").unwrap_or_else(|_| "cargo".to_owned());
    let output = std::process::Command::new(cargo)
        .args(["tree", "--workspace", "--locked", "--offline", "--prefix", "none"])
        .args(["--format", "{p}|{l}"])
        .current_dir(ROOT)
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let listed = String::from_utf8(output.stdout).unwrap();
    let packages: Vec<(&str, &str)> =
        listed.lines().filter_map(|line| line.trim_end_matches(" (*)").split_once('|')).collect();
    assert!(packages.len() > 50, "the dependencies were found");
    for (package, licence) in packages {
        assert!(is_allowed(licence, &allowed), "{package} is {licence:?}");
    }
}

/// What `cargo package` would put into the checker's package, and what a registry asks of it.
#[test]
fn the_checker_can_be_published_as_it_is() {
    let read = |file: &str| std::fs::read_to_string(Path::new(ROOT).join(file)).unwrap();
    let manifest: toml::Table = read("checker/Cargo.toml").parse().unwrap();
    let package = manifest["package"].as_table().unwrap();
    for field in ["description", "license", "readme", "documentation", "keywords", "categories"] {
        assert!(package.contains_key(field), "checker/Cargo.toml has no {field}");
    }
    assert_eq!(package["publish"].as_bool(), Some(true));
    for licence in ["LICENSE-MIT", "LICENSE-APACHE"] {
        assert_eq!(read(licence), read(&format!("checker/{licence}")), "{licence} differs");
    }
    let cargo = std::env::var("CARGO").unwrap_or_else(|_| "cargo".to_owned());
    let output = std::process::Command::new(cargo)
        .args(["package", "--package", "rashomon-checker", "--list", "--allow-dirty", "--offline"])
        .current_dir(ROOT)
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let listed = String::from_utf8(output.stdout).unwrap();
    let files: Vec<&str> = listed.lines().collect();
    for file in ["README.md", "LICENSE-MIT", "LICENSE-APACHE", "src/lib.rs", "examples/bank.rs"] {
        assert!(files.contains(&file), "{file} is not in the package: {files:?}");
    }
    assert!(!files.iter().any(|file| file.starts_with("fuzz/")), "{files:?}");
}
