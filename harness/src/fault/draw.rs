//! Draws a plan from a seed.

use rashomon_checker::Time;
use rashomon_workloads::{Rng, Seed};

use super::{About, Fault, FaultChoice, FaultMenu, FaultSpan, Origin, Plan, Topologies, Track};

/// The shortest fault that a swarm has, in nanoseconds, where the load is long enough.
const SHORTEST: u64 = 20_000_000;
/// The longest.
const LONGEST: u64 = 5_000_000_000;

/// Draws a plan, of one of three families: one run of four has tracks of faults that follow each other at a steady
/// pace; where nobody named kinds of fault, one of eight has no faults, as these suppress what takes operations
/// that overlap; all others have a swarm. Everything heals before the load ends.
pub(crate) fn draw(seed: Seed, menu: &FaultMenu) -> Plan {
    let mut rng = seed.stream("family").rng();
    let mut spans = match (rng.below(8), menu.choice) {
        (0, FaultChoice::Unnamed) => Vec::new(),
        (1..=2, _) => steady(seed, menu),
        _ => swarm(&mut rng, menu),
    };
    spans.sort_by_key(|span| span.start);
    for (id, span) in (0..).zip(&mut spans) {
        span.id = id;
    }
    Plan { spans }
}

/// Each track of faults beside the others, each fault followed by a quiet time.
fn steady(seed: Seed, menu: &FaultMenu) -> Vec<FaultSpan> {
    let menu = &FaultMenu { topologies: Topologies::TwoSides, ..menu.clone() };
    Track::ALL.into_iter().flat_map(|it| track(seed.stream(it.stream()), menu, it)).collect()
}

/// The least time between two faults of which one follows soon after the other, in nanoseconds.
const SOON: u64 = 1_000_000;
/// The longest.
const SOON_AT_MOST: u64 = 400_000_000;

/// How long a fault of a swarm lasts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Length {
    /// As long as in a track.
    Usual,
    /// Of any order of magnitude.
    Any,
}

/// Faults that may overlap. Each kind has one as long as in a track, so that each is likely to change something; most
/// others have lengths of every order of magnitude. Most follow soon after one of another track, at the same node. The
/// choice of kinds is that of Groce et al., "Swarm testing", ISSTA 2012.
fn swarm(rng: &mut Rng, menu: &FaultMenu) -> Vec<FaultSpan> {
    let kinds = kinds_of_swarm(rng, menu);
    // Each kind twice, the second time alone: one of them may strike a node that another fault holds or cuts off.
    let mut order = kinds.repeat(2);
    let more = if kinds.is_empty() { 0 } else { rng.between(1, 9) };
    order.extend((0..more).map(|_| kinds[rng.index(kinds.len())]));
    let mut spans: Vec<FaultSpan> = Vec::new();
    for (place, kind) in order.into_iter().enumerate() {
        let is_usual = place < kinds.len() || rng.below(3) == 0;
        let length = if is_usual { Length::Usual } else { Length::Any };
        let topologies = if place < kinds.len() { Topologies::TwoSides } else { Topologies::All };
        let of_others = |span: &&FaultSpan| span.fault.about().track != kind.track;
        let is_alone = (kinds.len()..kinds.len() * 2).contains(&place);
        let earlier = spans.last().filter(of_others).filter(|_| !is_alone && rng.below(4) > 0);
        let span =
            anywhere((rng, &FaultMenu { topologies, ..menu.clone() }), (kind, length), earlier);
        spans.push(span);
    }
    spans
}

/// A fault that begins at any time, or soon after another one and at the same node: much of what goes wrong takes
/// two of them within the time of a lease, or of a write to a disk.
fn anywhere(
    (rng, menu): (&mut Rng, &FaultMenu),
    (kind, length): (&About, Length),
    earlier: Option<&FaultSpan>,
) -> FaultSpan {
    let focus = earlier.and_then(|span| span.fault.aim().one());
    let menu = &FaultMenu { focus, ..menu.clone() };
    let unit = (menu.lasts.0 / 100).max(1);
    let (least, most) = kind.track.lasts();
    let lasts = match length {
        Length::Usual => unit * rng.between(least, most),
        Length::Any => log_uniform(rng, SHORTEST.min(unit * least), LONGEST.min(unit * most * 2)),
    };
    let latest = unit * 90 - lasts;
    let start = match earlier {
        Some(FaultSpan { start: Time(start), .. }) => {
            (start + log_uniform(rng, SOON, SOON_AT_MOST.min(unit * 10))).min(latest)
        }
        None => rng.between(unit * 3, latest),
    };
    let fault = (kind.draw)(rng, menu);
    let once = kind.once.filter(|_| rng.below(4) > 0);
    let [start, lasts] = [start, lasts].map(Time);
    FaultSpan { id: 0, fault, start, lasts, once, origin: Origin::Drawn }
}

/// The kinds of fault of a swarm: all of them, or, every other time where nobody named them, each with one chance of
/// two, and one at least.
fn kinds_of_swarm(rng: &mut Rng, menu: &FaultMenu) -> Vec<&'static About> {
    let fits =
        |it: &&About| menu.kinds.contains(&it.kind) && menu.nodes.len() >= it.track.least_nodes();
    let all: Vec<&About> = Fault::ALL.iter().filter(fits).collect();
    if menu.choice == FaultChoice::Named || all.is_empty() || rng.below(2) == 0 {
        return all;
    }
    let surely = rng.index(all.len());
    let kept = all.iter().enumerate().filter(|(at, _)| rng.below(2) == 0 || *at == surely);
    kept.map(|(_, kind)| *kind).collect()
}

/// A number of `least` to `most`: each doubling is as likely as any other.
fn log_uniform(rng: &mut Rng, least: u64, most: u64) -> u64 {
    let doublings = u64::from((most / least.max(1)).max(1).ilog2()) + 1;
    let from = least << rng.below(doublings);
    rng.between(from.min(most), (from * 2).min(most))
}

fn track(seed: Seed, menu: &FaultMenu, track: Track) -> Vec<FaultSpan> {
    let is_wanted = |it: &&About| it.track == track && menu.kinds.contains(&it.kind);
    let kinds: Vec<&About> = Fault::ALL.iter().filter(is_wanted).collect();
    let (mut rng, mut waits) = (seed.rng(), seed.stream("waits").rng());
    let mut spans = Vec::new();
    if kinds.is_empty() || menu.nodes.len() < track.least_nodes() {
        return spans;
    }
    let unit = (menu.lasts.0 / 100).max(1);
    let end = unit * 90;
    let mut start = unit * rng.between(6, 12);
    let mut turn = rng.index(kinds.len());
    let (least, most) = track.lasts();
    loop {
        let lasts = unit * rng.between(least, most);
        if start + lasts > end {
            return spans;
        }
        let kind = kinds[turn % kinds.len()];
        let fault = (kind.draw)(&mut rng, menu);
        let once = kind.once.filter(|_| waits.below(4) > 0);
        spans.push(FaultSpan {
            id: 0,
            fault,
            start: Time(start),
            lasts: Time(lasts),
            once,
            origin: Origin::Drawn,
        });
        start += lasts + unit * rng.between(5, 10);
        turn += 1;
    }
}

#[cfg(test)]
mod tests;
