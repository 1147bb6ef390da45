//! A clock that runs at another rate.

use std::fmt;

use rashomon_targets::NodeId;
use rashomon_workloads::Rng;
use serde::de::Error;
use serde::{Deserialize, Deserializer, Serialize};

use super::menu::victim;
use super::{Aim, Aimed, Definition, FaultMenu, Hold, Strike, Track, Victim};

/// How much drawn clocks gain or lose, in millionths.
const DRAWN: [i32; 4] = [1_000, 50_000, 200_000, 500_000];

/// Both clocks of a node run at another rate, and so do its timers. At the end the wall clock is set right; what its
/// monotonic clock has gained or lost it keeps.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "fault", rename = "drift")]
pub(crate) struct ClockDrift {
    /// Whose.
    pub(crate) node: Victim,
    /// How much it gains, in millionths; it loses if negative.
    #[serde(deserialize_with = "gains")]
    pub(crate) gains: i32,
}

/// The least and the most, in millionths. A timer keeps the length that it was set to: one of a clock that is slower
/// still would outlast the fault by far.
const LEAST: i32 = -900_000;
const MOST: i32 = 9_000_000;

fn gains<'de, D: Deserializer<'de>>(from: D) -> Result<i32, D::Error> {
    let gains = i32::deserialize(from)?;
    if !(LEAST..=MOST).contains(&gains) {
        return Err(D::Error::custom(format!("{gains} millionths; give {LEAST} to {MOST}")));
    }
    Ok(gains)
}

impl Definition for ClockDrift {
    const SUMMARY: &'static str = "both clocks of a node and its timers run too fast or too slow; at the end the wall clock is set right";
    const PARAMETERS: &'static str = "node: a number or primary; gains: millionths, loses if negative, -900000 to 9000000; drawn: \
                                      0.1, 5, 20 or 50 % faster or slower";
    const WORDS: &'static [&'static str] = &["drift"];
    const TRACK: Track = Track::Clock;
    const HOLD: Hold = Hold::Inside;
    const IDLE: &'static str = "the node was dead or stopped, or there was no primary";

    fn draw(rng: &mut Rng, menu: &FaultMenu) -> Self {
        let node = victim(rng, menu);
        let gains = DRAWN[rng.index(DRAWN.len())];
        Self { node, gains: if rng.below(2) == 0 { gains } else { -gains } }
    }
}

impl Aimed for ClockDrift {
    fn aim(&self) -> Aim<'_> {
        Aim::One(self.node)
    }

    fn strike(&self, _nodes: &[NodeId], primaries: &[NodeId]) -> Option<Strike> {
        self.node.node(primaries).map(|node| Strike::SetRate { node, gains: self.gains })
    }
}

impl fmt::Display for ClockDrift {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [percent, rest] =
            [self.gains.unsigned_abs() / 10_000, self.gains.unsigned_abs() % 10_000];
        let side = if self.gains < 0 { "slower" } else { "faster" };
        write!(f, "clocks of {} {percent}.{rest:04} % {side}", self.node)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rate_at_which_a_clock_nearly_stands_still_is_refused_with_what_there_is() {
        let read = |gains: i32| {
            let fault = format!(r#"{{"fault": "drift", "node": {{"node": 1}}, "gains": {gains}}}"#);
            serde_json::from_str::<ClockDrift>(&fault)
                .map(|it| it.gains)
                .map_err(|it| it.to_string())
        };
        assert_eq!([LEAST, MOST].map(read), [Ok(LEAST), Ok(MOST)]);
        let told = read(LEAST - 1).unwrap_err();
        assert!(told.contains("give -900000 to 9000000"), "{told}");
    }
}
