//! The README shows what the program prints, and its commands are commands.
//!
//! `RASHOMON_UPDATE=1 cargo test -p rashomon --test readme` writes the sample anew.

#![allow(clippy::unwrap_used, clippy::allow_attributes, reason = "tests may")]

mod program;

use program::Program;

const README: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../README.md");
/// Stands before the sample, with the command whose output it is.
const SAMPLE: &str = "<!-- sample: ";
/// Stands for the time in the name of a run.
const TIME: &str = "20261122T223354Z";

/// The text between the sample's fences, and where it is in the README.
fn sample(readme: &str) -> std::ops::Range<usize> {
    let comment = readme.find(SAMPLE).expect("the README has a sample");
    let start = comment + readme[comment..].find("```text\n").unwrap() + "```text\n".len();
    start..start + readme[start..].find("```\n").unwrap()
}

/// What the sample's command prints, with the time of the run replaced.
fn printed(readme: &str) -> String {
    let command = readme.split(SAMPLE).nth(1).unwrap().split(" -->").next().unwrap();
    let program = Program::new();
    let words: Vec<&str> = command.split(' ').skip(1).collect();
    let ended = program.run(&words);
    ended.expect(1);
    let newest = std::fs::canonicalize(program.latest()).unwrap();
    let id = newest.file_name().unwrap().to_str().unwrap();
    let time = id.split_once('-').unwrap().0;
    assert_eq!(time.len(), TIME.len());
    ended.stdout.replace(time, TIME)
}

#[test]
fn the_sample_is_what_the_program_prints() {
    let readme = std::fs::read_to_string(README).unwrap();
    let (place, printed) = (sample(&readme), printed(&readme));
    if std::env::var_os("RASHOMON_UPDATE").is_some() {
        let mut updated = readme.clone();
        updated.replace_range(place, &printed);
        std::fs::write(README, updated).unwrap();
        return;
    }
    assert!(
        readme[place.clone()] == printed,
        "the sample in the README has drifted; \
         `RASHOMON_UPDATE=1 cargo test -p rashomon --test readme` writes it anew. It shows\n{}\n\
         and the program prints\n{printed}",
        &readme[place]
    );
}

#[test]
fn every_command_of_the_readme_is_one() {
    let readme = std::fs::read_to_string(README).unwrap();
    let program = Program::new();
    let mut tried = 0;
    for block in readme.split("```sh\n").skip(1) {
        let block = block.split("```").next().unwrap();
        for line in block.lines().flat_map(|line| line.split(" && ")) {
            let line = line.split('#').next().unwrap().trim();
            let Some(arguments) = line.strip_prefix("rashomon ") else { continue };
            // Help comes once all that stands before it has been understood.
            let words: Vec<&str> = arguments.split_whitespace().chain(["--help"]).collect();
            assert_eq!(program.run(&words).code, 0, "{line}");
            tried += 1;
        }
    }
    assert!(tried > 10, "{tried} commands were found");
}

#[test]
fn the_readme_names_the_version_of_rust_that_the_manifest_asks_for() {
    let readme = std::fs::read_to_string(README).unwrap();
    let manifest = std::fs::read_to_string(README.replace("README.md", "Cargo.toml")).unwrap();
    let manifest: toml::Table = manifest.parse().unwrap();
    let version = manifest["workspace"]["package"]["rust-version"].as_str().unwrap();
    assert!(readme.contains(&format!("Rust {version}")), "Rust {version}");
}
