//! Somebody else's crate tests its own node.

#![allow(clippy::unwrap_used, clippy::allow_attributes, reason = "tests may")]

use std::path::{Path, PathBuf};
use std::process::Command;

const ROOT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/..");
const CRATE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/examples/own-node");

#[test]
fn the_example_of_an_own_node_finds_its_mistake_and_tells_its_story() {
    // The workspace's own folder, so that what both build is built once.
    let target = std::env::var_os("CARGO_TARGET_DIR");
    let target = target.map_or_else(|| Path::new(ROOT).join("target"), PathBuf::from);
    let cargo = std::env::var("CARGO").unwrap_or_else(|_| "cargo".to_owned());
    let output = Command::new(cargo)
        .args(["test", "--locked", "--offline", "--", "--nocapture", "--test-threads", "1"])
        .current_dir(CRATE)
        .env("CARGO_TARGET_DIR", target)
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    let all = format!("{said}{}", String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{all}");
    for part in ["4 passed", "✗ VIOLATION", "stale read", "again     .seed("] {
        assert!(said.contains(part), "{part:?} is not told in\n{all}");
    }
}
