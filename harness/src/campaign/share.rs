//! A share of a campaign's jobs: what one of several machines does.

use std::str::FromStr;

use rashomon_results::ShareRecord;

/// The jobs whose place in the order is `index`, modulo `of`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Share {
    index: u32,
    of: u32,
}

/// The most shares.
const MOST: u32 = 100_000;

impl Share {
    /// All jobs.
    pub(crate) const ALL: Self = Self { index: 0, of: 1 };

    /// Whether it has the job at this place of the order.
    pub(crate) fn has(self, place: usize) -> bool {
        place as u64 % u64::from(self.of) == u64::from(self.index)
    }

    /// Whether it is the first, which also does what is to be done once.
    pub(crate) fn is_first(self) -> bool {
        self.index == 0
    }

    /// As a journal says it; nothing of all jobs.
    pub(crate) fn record(self) -> Option<ShareRecord> {
        (self != Self::ALL).then_some(ShareRecord { index: self.index, of: self.of })
    }

    /// The name of its journal.
    pub(crate) fn journal(self) -> String {
        match self.record() {
            None => "journal.jsonl".to_owned(),
            Some(ShareRecord { index, of }) => format!("journal.{index}-of-{of}.jsonl"),
        }
    }
}

impl FromStr for Share {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || {
            "it takes the number of the share, counted from 0, and how many there are: 0/16 to 15/16"
                .to_owned()
        };
        let (index, of) = text.split_once('/').ok_or_else(wrong)?;
        let number = |text: &str| text.parse::<u32>().map_err(|_| wrong());
        let (index, of) = (number(index)?, number(of)?);
        if index < of && of <= MOST { Ok(Self { index, of }) } else { Err(wrong()) }
    }
}
