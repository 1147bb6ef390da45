//! A node whose panics are kept distinct from those of the harness.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};

use rashomon_targets::{Boot, Input, Node, Now, Outbox, Purpose, Status};

/// A node that marks its panics.
pub(super) struct Caught<N>(N);

/// What a panic of a node becomes.
struct NodePanic(String);

/// Does something of a node's, and marks its panic. The node is not used again after one.
fn mark<T>(act: impl FnOnce() -> T) -> T {
    catch_unwind(AssertUnwindSafe(act))
        .unwrap_or_else(|panic| resume_unwind(Box::new(NodePanic(words(&*panic)))))
}

/// What a panic said.
fn words(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().map(|text| (*text).to_owned());
    let text = text.or_else(|| panic.downcast_ref::<String>().cloned());
    text.unwrap_or_else(|| "no message".to_owned())
}

/// What `run` gives, or what a node said when it panicked. Any other panic goes on.
pub(super) fn unless_node_panics<T>(run: impl FnOnce() -> T) -> Result<T, String> {
    catch_unwind(AssertUnwindSafe(run)).map_err(|panic| match panic.downcast::<NodePanic>() {
        Ok(node) => node.0,
        Err(panic) => resume_unwind(panic),
    })
}

impl<N: Node> Node for Caught<N> {
    type Message = N::Message;
    type Record = N::Record;
    type Timer = N::Timer;
    type Config = N::Config;

    fn recover(
        config: &Self::Config,
        boot: Boot,
        records: impl IntoIterator<Item = Self::Record>,
    ) -> Self {
        Self(mark(|| N::recover(config, boot, records)))
    }

    fn handle(
        &mut self,
        now: Now,
        input: Input<Self::Message, Self::Timer>,
        out: &mut Outbox<'_, Self::Message, Self::Record, Self::Timer>,
    ) {
        mark(|| self.0.handle(now, input, out));
    }

    fn status(&self) -> Status {
        mark(|| self.0.status())
    }

    /// A trace is all that needs these words: a run goes on without them, as it would if it were not
    /// traced.
    fn purpose(message: &Self::Message) -> Purpose {
        catch_unwind(AssertUnwindSafe(|| N::purpose(message))).unwrap_or(Purpose::Operation)
    }

    fn describe(message: &Self::Message) -> String {
        catch_unwind(AssertUnwindSafe(|| N::describe(message)))
            .unwrap_or_else(|panic| format!("`describe` panicked: {}", words(&*panic)))
    }
}
