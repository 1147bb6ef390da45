//! Transactions of tests, in short lines.

use crate::EventKind;
use crate::agreement::{ToldPart, ToldTxn};

/// A line a transaction: `0 1-4 ok ax1 ry[1,2]` of lists, `0 1-4 ok wx1 gy2 gz_` of registers.
pub(super) fn told(text: &str) -> Vec<ToldTxn> {
    let lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
    let one = |line: &str| {
        let mut words = line.split_whitespace();
        let process = words.next().unwrap().parse().unwrap();
        let (from, to) = words.next().unwrap().split_once('-').unwrap();
        let end = match words.next().unwrap() {
            "ok" => EventKind::Ok,
            "fail" => EventKind::Fail,
            _ => EventKind::Info,
        };
        let part = |word: &str| {
            let key = word[1..].chars().next().unwrap();
            let rest = word[2..].trim_matches(['[', ']']);
            match &word[..1] {
                "a" => return ToldPart::Append(key, rest.parse().unwrap()),
                "w" => return ToldPart::Write(key, rest.parse().unwrap()),
                "g" => return ToldPart::Get(key, rest.parse().ok()),
                _ => {}
            }
            let items = rest.split(',').filter(|it| !it.is_empty());
            ToldPart::Read(key, items.map(|it| it.parse().unwrap()).collect())
        };
        let span = (from.parse().unwrap(), to.parse().unwrap());
        ToldTxn { process, span, end, parts: words.map(part).collect() }
    };
    lines.map(one).collect()
}
