//! The trace of a run, as worlds write it: what happens to nodes and messages, `trace.jsonl`.
//!
//! A run that is not kept has a tracer without a sink: nothing is made for it, and nothing written.

mod live;
mod words;

use std::io::{self, Write};
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard};

use rashomon_results::{Loss, MessageCopy, Occurrence, StoreError, TraceLine, TraceWriter};
use rashomon_targets::{Effect, Input, InputOf, Node, NodeId, Order};

use crate::fault::{CopyNumber, Departure, DirectedLink, LinkOutcome};

pub(crate) use live::LiveTracer;

/// Takes what happens, and writes it down if the run is kept.
#[derive(Clone, Debug, Default)]
pub(crate) struct Tracer(Option<Arc<Mutex<Sink>>>);

/// Where lines go.
#[derive(Debug)]
enum Sink {
    /// Into the run's folder, until the trace is finished.
    File(Option<TraceWriter>),
    /// Kept in memory.
    Memory(Vec<TraceLine>),
    /// To the harness that has started this node, on standard output, with the time of the machine.
    Parent,
}

impl Sink {
    fn take(&mut self, line: &TraceLine) {
        match self {
            Self::File(Some(writer)) => writer.write(line),
            Self::File(None) => {}
            Self::Memory(lines) => lines.push(line.clone()),
            Self::Parent => {
                let mut text = serde_json::to_string(line).expect("keys of lines are texts");
                text.push('\n');
                // A harness that has gone away needs no trace, and this node ends with it.
                let _ = io::stdout().write_all(text.as_bytes());
            }
        }
    }
}

impl Tracer {
    /// Writes to a new file.
    ///
    /// # Errors
    /// If it cannot be written.
    pub(crate) fn to_file(path: &Path) -> Result<Self, StoreError> {
        let writer = TraceWriter::create(path, TraceWriter::LIMIT)?;
        Ok(Self(Some(Arc::new(Mutex::new(Sink::File(Some(writer)))))))
    }

    /// Keeps all in memory: for short runs.
    pub(crate) fn in_memory() -> Self {
        Self(Some(Arc::new(Mutex::new(Sink::Memory(Vec::new())))))
    }

    /// Takes what is kept in memory.
    pub(crate) fn take_lines(&self) -> Vec<TraceLine> {
        let Some(sink) = &self.0 else { return Vec::new() };
        match &mut *lock(sink) {
            Sink::Memory(lines) => std::mem::take(lines),
            Sink::File(_) | Sink::Parent => Vec::new(),
        }
    }

    /// Tells the process that has started this one.
    pub(crate) fn to_parent() -> Self {
        Self(Some(Arc::new(Mutex::new(Sink::Parent))))
    }

    /// Whether anybody looks.
    pub(crate) fn is_on(&self) -> bool {
        self.0.is_some()
    }

    /// Takes note of what happens at `time`, in nanoseconds of the run.
    pub(crate) fn note(&self, time: u64, occurrence: impl FnOnce() -> Occurrence) {
        if let Some(sink) = &self.0 {
            // Words of nodes are made before the lock is taken: others need not wait for them.
            let line = TraceLine { time, occurrence: occurrence() };
            lock(sink).take(&line);
        }
    }

    /// Ends the trace; what comes later is not written.
    ///
    /// # Errors
    /// If the disk did not take all of it.
    pub(crate) fn finish(&self, time: u64) -> Result<(), StoreError> {
        let Some(sink) = &self.0 else { return Ok(()) };
        match &mut *lock(sink) {
            Sink::File(writer) => writer.take().map_or(Ok(()), |writer| writer.finish(time)),
            Sink::Memory(_) | Sink::Parent => Ok(()),
        }
    }

    /// A node takes in an input. What its peers say is known by its messages.
    pub(crate) fn takes<N: Node>(&self, time: u64, id: NodeId, input: &InputOf<N>) {
        if self.0.is_none() {
            return;
        }
        let node = id.to_string();
        let occurrence = match input {
            Input::Request { id, request } => Occurrence::Request {
                node,
                request: id.0,
                process: request.caller.map(|caller| caller.client),
                what: words::request(&request.op),
            },
            Input::Timer(timer) => Occurrence::Timer { node, what: format!("{timer:?}") },
            Input::Durable(record) => Occurrence::Durable { node, record: record.0 },
            Input::Start | Input::Message { .. } | Input::Admin(_) => return,
        };
        self.note(time, || occurrence);
    }

    /// A node has something done. What it sends is known by its messages.
    pub(crate) fn wants<N: Node>(&self, time: u64, id: NodeId, order: &Order<N>) {
        if self.0.is_none() {
            return;
        }
        let node = id.to_string();
        let occurrence = match order {
            Effect::Reply { id, response } => {
                Occurrence::Reply { node, request: id.0, what: words::answer(&response.answer) }
            }
            Effect::Persist { id, record } => {
                Occurrence::Persist { node, record: id.0, what: words::json(record) }
            }
            Effect::Trace(event) => Occurrence::Told { node, word: words::node_word(event) },
            Effect::Send { .. } | Effect::SetTimer { .. } | Effect::Administered(_) => return,
        };
        self.note(time, || occurrence);
    }

    /// As [`takes`](Self::takes), at the time of the machine.
    pub(crate) fn takes_now<N: Node>(&self, id: NodeId, input: &InputOf<N>) {
        if self.is_on() {
            self.takes::<N>(live::machine_time(), id, input);
        }
    }

    /// As [`wants`](Self::wants), at the time of the machine.
    pub(crate) fn wants_now<N: Node>(&self, id: NodeId, order: &Order<N>) {
        if self.is_on() {
            self.wants::<N>(live::machine_time(), id, order);
        }
    }

    /// A message leaves a node, and a fault may have a hand in it. `what` it says.
    pub(crate) fn departs(
        &self,
        time: u64,
        link: DirectedLink,
        departure: &Departure,
        what: impl FnOnce() -> String,
    ) {
        if self.0.is_none() {
            return;
        }
        let number = |copy| CopyNumber { message: departure.message, copy };
        let message = |copy| named(link, number(copy));
        self.note(time, || Occurrence::Sent { message: message(1), what: what() });
        if let Some(span) = departure.delayed_by {
            self.note(time, || Occurrence::Delayed { message: message(1), span });
        }
        if let Some(span) = departure.lost_by {
            self.loses(time, link, number(1), (Loss::Fault, Some(span)));
        } else if let Some(span) = departure.doubled_by {
            self.note(time, || Occurrence::Doubled { message: message(2), span });
        }
    }

    /// A link has decided about a message that would arrive. One that does is noted where it does.
    pub(crate) fn decided<M>(
        &self,
        time: u64,
        link: DirectedLink,
        number: CopyNumber,
        outcome: &LinkOutcome<M>,
    ) {
        match *outcome {
            LinkOutcome::Arrives(_) => {}
            LinkOutcome::Lost(span) => self.loses(time, link, number, (Loss::Fault, Some(span))),
            LinkOutcome::Held(span) => {
                self.note(time, || Occurrence::Held { message: named(link, number), span });
            }
        }
    }

    /// A message reaches its node.
    pub(crate) fn delivers(&self, time: u64, link: DirectedLink, number: CopyNumber) {
        self.note(time, || Occurrence::Delivered { message: named(link, number) });
    }

    /// A message will not arrive: why, and which span did it.
    pub(crate) fn loses(
        &self,
        time: u64,
        link: DirectedLink,
        number: CopyNumber,
        (why, span): (Loss, Option<u32>),
    ) {
        self.note(time, || Occurrence::Lost { message: named(link, number), why, span });
    }

    /// A span that is over lets go of a message.
    pub(crate) fn releases(&self, time: u64, link: DirectedLink, number: CopyNumber, span: u32) {
        self.note(time, || Occurrence::Released { message: named(link, number), span });
    }
}

fn named((from, to): DirectedLink, CopyNumber { message, copy }: CopyNumber) -> MessageCopy {
    MessageCopy { from: from.to_string(), to: to.to_string(), message, copy }
}

fn lock(sink: &Mutex<Sink>) -> MutexGuard<'_, Sink> {
    sink.lock().expect("nobody panics while writing a line")
}
