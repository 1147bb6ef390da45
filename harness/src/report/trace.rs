//! A window of a trace, as text: one event a line.

use std::collections::BTreeMap;
use std::fmt::Write;

use rashomon_results::{Loss, MessageCopy, NodeWord, Occurrence, TraceLine};

/// Writes lines of a trace as text. What a message says is on the line that sends it only; it is
/// remembered for those that tell what became of it.
#[derive(Debug, Default)]
pub(crate) struct TraceText {
    said: BTreeMap<(String, String, u64), String>,
}

impl TraceText {
    /// Takes a line that is not shown: a message may have been sent before the window.
    pub(crate) fn pass_over(&mut self, line: &TraceLine) {
        if let Occurrence::Sent { message, what } = &line.occurrence {
            self.said.insert(link_and_number(message), what.clone());
        }
    }

    /// The text of a line: when, where and what.
    pub(crate) fn line(&mut self, line: &TraceLine) -> String {
        self.pass_over(line);
        let TraceLine { time, occurrence } = line;
        let (seconds, micros) = (time / 1_000_000_000, time % 1_000_000_000 / 1_000);
        let place = match occurrence {
            Occurrence::Invoked { process, .. } | Occurrence::Completed { process, .. } => {
                format!("p{process}")
            }
            _ => occurrence.node().unwrap_or("*").to_owned(),
        };
        let mut text = format!("{seconds:>4}.{micros:06} s  {place:<4} ");
        text.push_str(&self.what(occurrence));
        text.truncate(text.trim_end().len());
        text.push('\n');
        text
    }

    fn what(&self, occurrence: &Occurrence) -> String {
        match occurrence {
            Occurrence::Invoked { index, node, what, .. } => {
                format!("invokes {what}, at {node}  (event {index})")
            }
            Occurrence::Completed { index, what, .. } => format!("{what}  (event {index})"),
            Occurrence::Request { request, process: Some(process), what, .. } => {
                format!("takes request {request} of p{process}: {what}")
            }
            Occurrence::Request { request, what, .. } => format!("takes request {request}: {what}"),
            Occurrence::Reply { request, what, .. } => format!("answers request {request}: {what}"),
            Occurrence::Sent { message, .. } => self.outgoing(message, ""),
            Occurrence::Doubled { message, span } => {
                self.outgoing(message, &format!("a second copy, by fault {span}"))
            }
            Occurrence::Delayed { message, span } => {
                self.outgoing(message, &format!("delayed by fault {span}"))
            }
            Occurrence::Delivered { message } => self.incoming(message, ""),
            Occurrence::Lost { message, why, span } => {
                let by = span.map_or(String::new(), |span| format!(" by fault {span}"));
                let why = match why {
                    Loss::Fault => format!("LOST{by}"),
                    Loss::Damaged => format!("LOST: damaged{by}"),
                    Loss::Dead => "LOST: the node is dead".to_owned(),
                    Loss::NotTaken => "LOST: the node did not take it".to_owned(),
                };
                self.incoming(message, &why)
            }
            Occurrence::Held { message, span } => {
                self.incoming(message, &format!("HELD by fault {span}"))
            }
            Occurrence::Released { message, span } => {
                self.incoming(message, &format!("released by fault {span}"))
            }
            Occurrence::Persist { record, what, .. } => format!("writes record {record}: {what}"),
            Occurrence::Durable { record, .. } => format!("has all up to record {record} durable"),
            Occurrence::Timer { what, .. } => format!("timer {what}"),
            Occurrence::Started { life, .. } => format!("STARTS, life {life}"),
            Occurrence::Killed { records_lost: 0, .. } => "KILLED".to_owned(),
            Occurrence::Killed { records_lost, .. } => {
                format!("KILLED, with {}", super::count(*records_lost, "lost record"))
            }
            Occurrence::Paused { .. } => "STOPPED".to_owned(),
            Occurrence::Resumed { .. } => "GOES ON".to_owned(),
            Occurrence::Told { word, .. } => told(word),
            Occurrence::Struck { span, what, .. } => format!("fault {span} strikes: {what}"),
            Occurrence::Healed { span } => format!("fault {span} ends"),
            Occurrence::End { .. } => "end".to_owned(),
        }
    }

    fn outgoing(&self, message: &MessageCopy, note: &str) -> String {
        self.passage(&format!("-> {}", message.to), message, note)
    }

    fn incoming(&self, message: &MessageCopy, note: &str) -> String {
        self.passage(&format!("<- {}", message.from), message, note)
    }

    fn passage(&self, arrow: &str, message: &MessageCopy, note: &str) -> String {
        let mut text = format!("{arrow} #{}", message.message);
        if message.copy > 1 {
            text.push_str(" again");
        }
        if let Some(said) = self.said.get(&link_and_number(message)) {
            // Writing to a text does not fail.
            let _ = write!(text, "  {said}");
        }
        if !note.is_empty() {
            let _ = write!(text, "  {note}"); // As above.
        }
        text
    }
}

fn link_and_number(message: &MessageCopy) -> (String, String, u64) {
    (message.from.clone(), message.to.clone(), message.message)
}

fn told(word: &NodeWord) -> String {
    match word {
        NodeWord::Leads { epoch, .. } => format!("leads epoch {epoch}"),
        NodeWord::Counts { epoch, voter } => format!("counts the vote of {voter} in epoch {epoch}"),
        NodeWord::Follows { epoch, leader: Some(leader) } => {
            format!("follows {leader} in epoch {epoch}")
        }
        NodeWord::Follows { epoch, leader: None } => format!("follows in epoch {epoch}"),
        NodeWord::Applied { index, epoch } => format!("applies entry {index} of epoch {epoch}"),
        NodeWord::Installed { index, epoch } => {
            format!("installs all up to entry {index} of epoch {epoch}")
        }
        NodeWord::Forgot { len } => format!("forgets all after entry {len}"),
        NodeWord::Holds { key, counter, by, life } => {
            format!("holds version {counter} of {key}, by {by} in life {life}")
        }
    }
}
