//! Rashomon.
fn main() {}
