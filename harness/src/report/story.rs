//! The story of a short run: who did what when, a sentence each, made from its trace.

use std::collections::{BTreeMap, BTreeSet};

use rashomon_results::{Loss, MessageCopy, NodeWord, Occurrence, TraceLine};

use super::count;

/// A message that takes longer than this is part of the story, in nanoseconds: one in ten does without a fault.
const LATE: u64 = 6_000_000;

/// Operations whose answers say more than that they were done.
const RETURNING: [&str; 5] = ["read", "txn", "dequeue", "acquire", "generate"];

/// A sentence, and when it was so.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Sentence {
    /// Nanoseconds since the start of the run.
    pub(crate) time: u64,
    /// Without a full stop.
    pub(crate) text: String,
    /// The process whose invocation this is, until another sentence follows.
    invocation: Option<u64>,
}

/// What a story tells of.
#[derive(Clone, Debug, Default)]
pub(crate) struct Cast {
    /// The number of operations of the load, all of which are in the story.
    pub(crate) load: usize,
    /// Events of the history that are in it, too: those that show what is wrong.
    pub(crate) events: BTreeSet<u64>,
}

/// An operation under way.
struct UnderWay {
    what: String,
    is_told: bool,
}

/// Makes sentences of lines.
#[derive(Default)]
struct Teller {
    cast: Cast,
    told: Vec<Sentence>,
    invoked: usize,
    under_way: BTreeMap<u64, UnderWay>,
    /// What is wrong now, by the fault's number.
    in_force: BTreeMap<u32, String>,
    /// What each fault did to messages, by link.
    took: BTreeMap<u32, BTreeMap<(String, String), u64>>,
    sent: BTreeMap<MessageCopy, (u64, String)>,
}

/// The story of a run: its operations, its faults, and what these did. O(lines x logarithm of messages).
pub(crate) fn story(lines: &[TraceLine], cast: Cast) -> Vec<Sentence> {
    let mut teller = Teller { cast, ..Teller::default() };
    for line in lines {
        teller.hear(line);
    }
    teller.told
}

impl Teller {
    fn tell(&mut self, time: u64, text: String) {
        self.told.push(Sentence { time, text, invocation: None });
    }

    fn hear(&mut self, line: &TraceLine) {
        let TraceLine { time, occurrence } = line;
        match occurrence {
            Occurrence::Invoked { index, process, node, what } => {
                self.invoked(*time, (*index, *process), node, what);
            }
            Occurrence::Completed { process, node, what, .. } => {
                self.completed(*time, *process, node, what);
            }
            Occurrence::Struck { span, what, .. } => {
                self.in_force.insert(*span, what.clone());
                self.tell(*time, format!("fault {span} strikes: {what}"));
            }
            Occurrence::Healed { span } => self.healed(*time, *span),
            Occurrence::Killed { node, records_lost: 0 } => {
                self.tell(*time, format!("{node} is killed"));
            }
            Occurrence::Killed { node, records_lost } => {
                let lost = count(*records_lost, "record");
                let text = format!("{node} is killed, and loses {lost} not yet durable");
                self.tell(*time, text);
            }
            Occurrence::Started { node, life } if *life > 1 => {
                self.tell(*time, format!("{node} starts again"));
            }
            Occurrence::Paused { node } => self.tell(*time, format!("{node} stops")),
            Occurrence::Resumed { node } => self.tell(*time, format!("{node} goes on")),
            Occurrence::Told { node, word: NodeWord::Leads { epoch, .. } } => {
                self.tell(*time, format!("{node} leads epoch {epoch}"));
            }
            _ => self.hear_of_message(*time, occurrence),
        }
    }

    fn hear_of_message(&mut self, time: u64, occurrence: &Occurrence) {
        match occurrence {
            Occurrence::Sent { message, what } => {
                self.sent.insert(message.clone(), (time, what.clone()));
            }
            Occurrence::Lost { message, why: Loss::Fault | Loss::Damaged, span: Some(span) }
            | Occurrence::Held { message, span } => {
                let link = (message.from.clone(), message.to.clone());
                *self.took.entry(*span).or_default().entry(link).or_default() += 1;
            }
            Occurrence::Delivered { message } => {
                let Some((sent, what)) = self.sent.remove(message) else { return };
                let took = time - sent;
                let is_met = self.under_way.values().any(|it| it.is_told);
                if took > LATE && is_met {
                    let MessageCopy { from, to, .. } = message;
                    let text = format!("{to} gets what {from} sent {} ago: {what}", millis(took));
                    self.tell(time, text);
                }
            }
            _ => {}
        }
    }

    fn invoked(&mut self, time: u64, (index, process): (u64, u64), node: &str, what: &str) {
        self.invoked += 1;
        let is_told = self.invoked <= self.cast.load || self.cast.events.contains(&index);
        if is_told {
            let text = format!("p{process} asks {node}: {what}");
            self.told.push(Sentence { time, text, invocation: Some(process) });
        }
        self.under_way.insert(process, UnderWay { what: what.to_owned(), is_told });
    }

    fn completed(&mut self, time: u64, process: u64, node: &str, how: &str) {
        let Some(UnderWay { what, is_told: true }) = self.under_way.remove(&process) else {
            return;
        };
        if self.told.last().is_some_and(|last| last.invocation == Some(process)) {
            self.told.pop(); // Nothing happened in between.
        }
        let (outcome, value) = how.split_once(' ').unwrap_or((how, ""));
        let f = what.split(' ').next().unwrap_or_default();
        let text = match outcome {
            // A comparison or an acquisition that failed says `false`.
            "ok" if RETURNING.contains(&f) || value == "false" => {
                format!("p{process} asks {node}: {what}, and gets {value}")
            }
            "ok" => format!("{node} acknowledges to p{process}: {what}{}", self.meanwhile()),
            "fail" => format!("{node} refuses p{process}: {what} ({value})"),
            _ => format!("p{process} never learns what became of: {what} ({value})"),
        };
        self.tell(time, text);
    }

    fn meanwhile(&self) -> String {
        let faults: Vec<&str> = self.in_force.values().map(String::as_str).collect();
        if faults.is_empty() { String::new() } else { format!(", during {}", faults.join(", ")) }
    }

    fn healed(&mut self, time: u64, span: u32) {
        self.in_force.remove(&span);
        let took = self.took.remove(&span).unwrap_or_default();
        let links: Vec<String> =
            took.iter().map(|((from, to), number)| format!("{from} to {to}: {number}")).collect();
        let what = if links.is_empty() {
            String::new()
        } else {
            format!("; messages that it took: {}", links.join(", "))
        };
        self.tell(time, format!("fault {span} ends{what}"));
    }
}

/// A time of the run in seconds, by microseconds.
pub(crate) fn instant(time: u64) -> String {
    format!("{}.{:06} s", time / 1_000_000_000, time % 1_000_000_000 / 1_000)
}

/// A length of time.
pub(super) fn millis(time: u64) -> String {
    format!("{}.{} ms", time / 1_000_000, time % 1_000_000 / 100_000)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(time: u64, occurrence: Occurrence) -> TraceLine {
        TraceLine { time, occurrence }
    }

    fn invoked(index: u64, process: u64, what: &str) -> Occurrence {
        let (node, what) = ("n1".to_owned(), what.to_owned());
        Occurrence::Invoked { index, process, node, what }
    }

    fn completed(index: u64, process: u64, what: &str) -> Occurrence {
        let (node, what) = ("n1".to_owned(), what.to_owned());
        Occurrence::Completed { index, process, node, what }
    }

    #[test]
    fn a_story_tells_of_operations_faults_and_late_messages_and_of_nothing_else() {
        let message = MessageCopy { from: "n1".into(), to: "n2".into(), message: 4, copy: 1 };
        let strikes =
            Occurrence::Struck { span: 3, what: "n1 cut off".into(), on: vec!["n1".into()] };
        let lost = Occurrence::Lost { message: message.clone(), why: Loss::Fault, span: Some(3) };
        let other = MessageCopy { message: 5, ..message };
        let lines = [
            line(1, strikes),
            line(2, invoked(0, 3, "write k 7")),
            line(3, completed(1, 3, "ok 7")),
            line(4, lost),
            line(5, Occurrence::Healed { span: 3 }),
            line(6, invoked(2, 4, "read k")),
            line(7, Occurrence::Sent { message: other.clone(), what: "Ship".into() }),
            line(9_000_007, Occurrence::Delivered { message: other }),
            line(9_000_008, completed(3, 4, "ok 3")),
            line(9_000_009, invoked(4, 5, "read other")),
            line(9_000_010, completed(5, 5, "ok nil")),
        ];
        let told = story(&lines, Cast { load: 2, events: BTreeSet::new() });
        let texts: Vec<&str> = told.iter().map(|it| it.text.as_str()).collect();
        assert_eq!(
            texts,
            [
                "fault 3 strikes: n1 cut off",
                "n1 acknowledges to p3: write k 7, during n1 cut off",
                "fault 3 ends; messages that it took: n1 to n2: 1",
                "p4 asks n1: read k",
                "n2 gets what n1 sent 9.0 ms ago: Ship",
                "p4 asks n1: read k, and gets 3",
            ]
        );
    }
}
