//! A short run as a drawing: a lane for the clients and one for each node, time downwards.

use std::collections::BTreeMap;

use rashomon_results::{Loss, MessageCopy, NodeWord, Occurrence, TraceLine};

use super::story::{Cast, instant, millis};

/// The width of all lanes together, as far as they can be so narrow.
const WIDTH: usize = 92;
/// The width of a lane, at least and at most.
const LANE: [usize; 2] = [14, 24];
/// The most lines that are drawn.
const LINES: usize = 160;

/// A drawing, line by line.
struct Drawing {
    nodes: Vec<String>,
    lane: usize,
    lines: Vec<String>,
    left_out: usize,
}

/// Draws what happens while operations of the story are under way, and faults at any time. Messages are drawn
/// where they arrive, or do not.
pub(crate) fn space_time(lines: &[TraceLine], nodes: Vec<String>, cast: &Cast) -> String {
    let mut drawing = Drawing::of(nodes);
    let mut sent: BTreeMap<MessageCopy, (u64, String)> = BTreeMap::new();
    let (mut invoked, mut under_way) = (0, BTreeMap::new());
    for TraceLine { time, occurrence } in lines {
        let is_met = under_way.values().any(|is_told| *is_told);
        match occurrence {
            Occurrence::Invoked { index, process, node, what } => {
                invoked += 1;
                let is_told = invoked <= cast.load || cast.events.contains(index);
                under_way.insert(*process, is_told);
                if is_told {
                    drawing.arrow(*time, ("", node), &format!("p{process}: {what}"), ">");
                }
            }
            Occurrence::Completed { process, node, what, .. } => {
                if under_way.remove(process) == Some(true) {
                    drawing.arrow(*time, (node, ""), &format!("p{process}: {what}"), ">");
                }
            }
            Occurrence::Sent { message, what } => {
                sent.insert(message.clone(), (*time, what.clone()));
            }
            Occurrence::Delivered { message } if is_met => {
                drawing.message(*time, message, sent.get(message), ("", ">"));
            }
            Occurrence::Lost { message, why, .. } if is_met => {
                let why = match why {
                    Loss::Fault | Loss::NotTaken => "lost ",
                    Loss::Damaged => "damaged ",
                    Loss::Dead => "at a dead node ",
                };
                drawing.message(*time, message, sent.get(message), (why, "x"));
            }
            Occurrence::Held { message, .. } if is_met => {
                drawing.message(*time, message, sent.get(message), ("held ", "x"));
            }
            other => {
                if let Some((node, text)) = mark(other) {
                    drawing.mark(*time, &node, &text);
                }
            }
        }
    }
    drawing.text()
}

/// What happens to a node or to all, by itself.
fn mark(occurrence: &Occurrence) -> Option<(String, String)> {
    Some(match occurrence {
        Occurrence::Struck { span, what, .. } => {
            (String::new(), format!("-- fault {span} strikes: {what}"))
        }
        Occurrence::Healed { span } => (String::new(), format!("-- fault {span} ends")),
        Occurrence::Killed { node, .. } => (node.clone(), "KILLED".to_owned()),
        Occurrence::Started { node, life } if *life > 1 => (node.clone(), "STARTS".to_owned()),
        Occurrence::Paused { node } => (node.clone(), "STOPS".to_owned()),
        Occurrence::Resumed { node } => (node.clone(), "GOES ON".to_owned()),
        Occurrence::Told { node, word: NodeWord::Leads { epoch, .. } } => {
            (node.clone(), format!("leads {epoch}"))
        }
        _ => return None,
    })
}

impl Drawing {
    fn of(nodes: Vec<String>) -> Self {
        let [least, most] = LANE;
        let lane = (WIDTH / (nodes.len() + 1)).clamp(least, most);
        Self { nodes, lane, lines: Vec::new(), left_out: 0 }
    }

    /// The column of a node; that of the clients for none.
    fn column(&self, node: &str) -> usize {
        let place = self.nodes.iter().position(|it| it == node);
        place.map_or(0, |place| (place + 1) * self.lane)
    }

    /// An empty line: where time passes at each node.
    fn lanes(&self) -> Vec<char> {
        let mut line = vec![' '; (self.nodes.len() + 1) * self.lane];
        for place in 0..self.nodes.len() {
            line[(place + 1) * self.lane] = '|';
        }
        line
    }

    fn push(&mut self, time: u64, line: Vec<char>) {
        if self.lines.len() == LINES {
            self.left_out += 1;
            return;
        }
        let line: String = line.into_iter().collect();
        self.lines.push(format!("{:>12}  {}\n", instant(time), line.trim_end()));
    }

    fn message(
        &mut self,
        time: u64,
        message: &MessageCopy,
        sent: Option<&(u64, String)>,
        (why, end): (&str, &str),
    ) {
        let said = sent.map_or("", |(_, what)| what.as_str());
        let first = said.split([' ', '{', '(']).next().unwrap_or_default();
        let took = sent.map_or(String::new(), |(sent, _)| format!(" {}", millis(time - sent)));
        let link = (message.from.as_str(), message.to.as_str());
        self.arrow(time, link, &format!("{why}{first}{took}"), end);
    }

    /// An arrow between two lanes, with a text on it.
    fn arrow(&mut self, time: u64, (from, to): (&str, &str), text: &str, end: &str) {
        let (start, goal) = (self.column(from), self.column(to));
        let (left, right) = (start.min(goal), start.max(goal));
        let mut line = self.lanes();
        let inside = right - left - 1;
        for place in &mut line[left + 1..right] {
            *place = '-';
        }
        let end = if end == "x" {
            'x'
        } else if start < goal {
            '>'
        } else {
            '<'
        };
        let text: Vec<char> = text.chars().take(inside.saturating_sub(3)).collect();
        let from = left + 1 + (inside - text.len()) / 2;
        line[from..from + text.len()].copy_from_slice(&text);
        if start < goal {
            line[right - 1] = end;
        } else {
            line[left + 1] = end;
        }
        self.push(time, line);
    }

    fn mark(&mut self, time: u64, node: &str, text: &str) {
        let mut line = self.lanes();
        let from = self.column(node);
        for (at, letter) in (from..).zip(text.chars()) {
            match line.get_mut(at) {
                Some(place) => *place = letter,
                None => line.push(letter),
            }
        }
        self.push(time, line);
    }

    fn text(self) -> String {
        let lane = self.lane;
        let mut head = format!("{:>12}  {:lane$}", "", "clients");
        for node in &self.nodes {
            head.push_str(&format!("{node:lane$}"));
        }
        let mut text = format!("{}\n{}", head.trim_end(), self.lines.concat());
        if self.left_out > 0 {
            text.push_str(&format!("{:>12}  {} more lines\n", "", self.left_out));
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_is_an_arrow_from_lane_to_lane_and_one_that_is_lost_has_no_head() {
        let mut drawing = Drawing { lane: 22, ..Drawing::of(vec!["n1".into(), "n2".into()]) };
        let message = MessageCopy { from: "n2".into(), to: "n1".into(), message: 1, copy: 1 };
        let sent = (1_000_000, "Ship { of: 7 }".to_owned());
        drawing.arrow(1_000_000, ("", "n1"), "p3: write k 7", ">");
        drawing.message(3_200_000, &message, Some(&sent), ("", ">"));
        drawing.message(3_200_000, &message, Some(&sent), ("lost ", "x"));
        drawing.mark(4_000_000, "n2", "KILLED");
        let text = drawing.text();
        let lines: Vec<&str> = text.lines().map(|line| &line[14.min(line.len())..]).collect();
        assert_eq!(
            lines,
            [
                "clients               n1                    n2",
                " ----p3: write k 7--->|                     |",
                "                      |<----Ship 2.2 ms-----|",
                "                      |x-lost Ship 2.2 ms---|",
                "                      |                     KILLED",
            ],
            "{text}"
        );
    }
}
