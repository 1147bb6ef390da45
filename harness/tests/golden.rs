//! Equal settings and seeds give equal bytes, in every build: the histories of a few runs are known.
//!
//! A change that is to leave runs as they are must leave these sums as they are. A change that moves
//! chance, or changes what a protocol does, gives new ones and says so in its commit.

#![allow(clippy::unwrap_used, clippy::allow_attributes, reason = "tests may")]

mod program;

use program::Program;

/// Faults by name, so that a new one changes none of these runs.
const FAULTS: &str = "partition,messages,kill,pause,corrupt";

/// A target, and the CRC-32 of the history of each of the first seeds.
const KNOWN: [(&str, [u32; 3]); 3] = [
    ("primary-replica", [0x9d46_3844, 0x85f4_e131, 0x1313_bf4f]),
    ("leaderless", [0x5446_68db, 0x954b_d623, 0xf84c_c92a]),
    ("multi-leader", [0xb949_b7f2, 0xd103_e2cb, 0x75b9_50e5]),
];

#[test]
fn the_histories_of_each_family_are_byte_for_byte_what_they_were() {
    for (target, sums) in KNOWN {
        let program = Program::new();
        let found: Vec<String> = (1..=sums.len())
            .map(|seed| {
                let seed = seed.to_string();
                let words = ["run", target, "--sim", "--ops", "300", "--faults", FAULTS, "--quiet"];
                let ended = program.run(&[&words[..], &["--seed", &seed]].concat());
                assert!([0, 1, 3].contains(&ended.code), "{ended}");
                let history = std::fs::read(program.latest().join("history.jsonl")).unwrap();
                format!("{:08x}", crc32fast::hash(&history))
            })
            .collect();
        assert_eq!(found, sums.map(|sum| format!("{sum:08x}")), "{target}: seeds 1, 2 and 3");
    }
}
