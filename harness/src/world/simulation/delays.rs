//! How long what is no message takes: a client's connection, and a write to a disk.

use rashomon_workloads::Rng;

/// A client is near its node: 50 to 150 microseconds.
pub(crate) fn client_delay(rng: &mut Rng) -> u64 {
    rng.between(50_000, 150_000)
}

/// A disk write takes 0.2 to 1 ms; one in fifty takes up to 20 ms.
pub(crate) fn sync_time(rng: &mut Rng) -> u64 {
    let usual = rng.between(200_000, 1_000_000);
    if rng.below(50) == 0 { usual + rng.between(0, 20_000_000) } else { usual }
}
