//! What a process may honestly say after a reply: the one rule, for whichever target replied.

use rashomon_workloads::{Action, Completion, Returned};

use super::reference;
use crate::world::Reply;

/// Why a node that holds no copy of a key answers nothing about its own.
pub(crate) const NOT_REPLICA: &str = "not-replica";

/// What a target's answer says of the operation, in nobody's wire format.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Meaning {
    /// It took effect, and returned this.
    Done(Returned),
    /// It had no effect, and never will; here is why.
    Refused(&'static str),
    /// Nobody knows, and here is why.
    Lost(String),
}

/// What a process may honestly say after `reply` to `action`.
///
/// A read has no effect, so one without an answer has failed. A write without an answer may have
/// been done, or be done at any later time.
pub(crate) fn completion(action: &Action, reply: Reply) -> Completion {
    let unknown =
        |why| if action.is_read() { Completion::Fail(why) } else { Completion::Info(why) };
    match reply {
        Reply::Answered(answer) => match reference::meaning(action, answer) {
            Meaning::Done(returned) => Completion::Ok(returned),
            Meaning::Refused(why) => Completion::Fail(why.to_owned()),
            Meaning::Lost(why) => unknown(why),
        },
        Reply::Refused => Completion::Fail("connection refused".to_owned()),
        Reply::Unsent(why) => Completion::Fail(format!("not sent: {why}")),
        Reply::Lost(why) => unknown(why),
    }
}

#[cfg(test)]
mod tests {
    use rashomon_targets::{Answer, FailCode};
    use rashomon_workloads::{QueueOp, RegisterOp};

    use super::*;

    fn register(op: RegisterOp) -> Action {
        Action::Register("k0".into(), op)
    }

    #[test]
    fn a_write_without_an_answer_is_unknown_and_a_read_has_failed() {
        let lost = || Reply::Lost("timeout".into());
        let (write, read) = (register(RegisterOp::Write(1)), register(RegisterOp::Read));
        assert_eq!(completion(&write, lost()), Completion::Info("timeout".into()));
        assert_eq!(completion(&read, lost()), Completion::Fail("timeout".into()));
    }

    #[test]
    fn a_dequeue_without_an_answer_may_have_taken_something() {
        let dequeue = Action::Queue("q".into(), QueueOp::Dequeue);
        let lost = completion(&dequeue, Reply::Lost("timeout".into()));
        assert_eq!(lost, Completion::Info("timeout".into()));
    }

    #[test]
    fn a_comparison_that_failed_has_taken_place() {
        let cas = register(RegisterOp::Cas { old: 1, new: 2 });
        let mismatch = Reply::Answered(Answer::fail(FailCode::CasMismatch));
        assert_eq!(completion(&cas, mismatch), Completion::Ok(Returned::Mismatch));
    }

    #[test]
    fn a_refused_connection_is_a_definite_failure() {
        let write = register(RegisterOp::Write(1));
        assert!(matches!(completion(&write, Reply::Refused), Completion::Fail(_)));
    }
}
