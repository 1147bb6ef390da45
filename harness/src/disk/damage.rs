//! Damage to what a disk holds while its node is dead.

use serde::{Deserialize, Serialize};

use super::record;

/// What happens to a log.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Damage {
    /// A bit changes in a record before the last one; the number says which, modulo the number of such bits.
    Flip(u64),
    /// The end is lost, and with it this many records: of the first of them a half is left.
    Cut(u64),
    /// All of it is lost.
    All,
}

impl Damage {
    /// Damages the records of `log` from `from` on, and returns how many of them it damaged.
    pub(crate) fn strike(self, log: &mut Vec<u8>, from: usize) -> u64 {
        let Ok(scanned) = record::scan(log, from) else { return 0 };
        let starts: Vec<usize> = scanned.records.iter().map(|(at, _)| *at).collect();
        let end = scanned.end;
        match self {
            Self::Flip(which) => {
                let Some(&last) = starts.last().filter(|last| **last > from) else { return 0 };
                let bit = which % ((last - from) as u64 * 8);
                log[from + (bit / 8) as usize] ^= 1 << (bit % 8);
                1
            }
            Self::Cut(records) => {
                let lost = starts.len().min(usize::try_from(records).unwrap_or(usize::MAX));
                let Some(&first) = starts.get(starts.len() - lost) else { return 0 };
                let next = starts.get(starts.len() - lost + 1).copied().unwrap_or(end);
                log.truncate(first + (next - first) / 2);
                lost as u64
            }
            Self::All => {
                log.truncate(from);
                starts.len() as u64
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FROM: usize = 3;

    fn log() -> Vec<u8> {
        let mut log = vec![0; FROM];
        for payload in ["one", "two", "three"] {
            record::append(&mut log, payload.as_bytes());
        }
        log
    }

    /// How many records a node finds, unless it refuses the log.
    fn found(log: &[u8]) -> Option<usize> {
        record::scan(log, FROM).ok().map(|scanned| scanned.records.len())
    }

    #[test]
    fn a_flipped_bit_is_never_taken_for_a_torn_record() {
        for which in (0..2000).chain([u64::MAX]) {
            let mut log = log();
            assert_eq!(Damage::Flip(which).strike(&mut log, FROM), 1);
            assert_eq!(found(&log), None, "{which}");
        }
        let mut one = log();
        assert_eq!(Damage::Cut(2).strike(&mut one, FROM), 2);
        let before = one.clone();
        assert_eq!(
            Damage::Flip(7).strike(&mut one, FROM),
            0,
            "the last record alone is left alone"
        );
        assert_eq!(one, before);
    }

    #[test]
    fn a_log_that_is_cut_lacks_as_many_records_as_were_to_be_lost() {
        for (asked, lost, left) in [(0, 0, 3), (1, 1, 2), (2, 2, 1), (3, 3, 0), (9, 3, 0)] {
            let mut log = log();
            assert_eq!(Damage::Cut(asked).strike(&mut log, FROM), lost);
            assert_eq!(found(&log), Some(left));
        }
        let mut log = log();
        assert_eq!((Damage::All.strike(&mut log, FROM), log.len()), (3, FROM));
        assert_eq!(Damage::Cut(1).strike(&mut log, FROM), 0, "there is nothing to lose");
    }
}
