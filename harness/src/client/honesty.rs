//! What a process may honestly say after a reply: the one rule, for whichever target replied.

use rashomon_workloads::{Action, Completion};

use super::reply::{Reply, Why};

/// Whether this is why a node that holds no copy of an object answers nothing about its own.
pub(crate) fn is_not_replica(why: &str) -> bool {
    why == Why::NotReplica.to_string()
}

/// What a process may honestly say after `reply` to `action`.
///
/// A read has no effect, so one without an answer has failed. A write without an answer may have
/// been done, or be done at any later time.
pub(crate) fn completion(action: &Action, reply: Reply) -> Completion {
    match reply {
        Reply::Done(returned) => Completion::Ok(returned),
        Reply::Refused { why, hint: _ } => Completion::Fail(why.to_string()),
        Reply::Lost(why) | Reply::Unsure(why) if action.is_read() => Completion::Fail(why),
        Reply::Lost(why) | Reply::Unsure(why) => Completion::Info(why),
    }
}

#[cfg(test)]
mod tests {
    use rashomon_targets::{Answer, FailCode};
    use rashomon_workloads::{QueueOp, RegisterOp, Returned};

    use super::*;
    use crate::client::reference;

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
        let mismatch = reference::reply(cas.kind(), Answer::fail(FailCode::CasMismatch));
        assert_eq!(completion(&cas, mismatch), Completion::Ok(Returned::Mismatch));
    }

    #[test]
    fn a_refused_connection_is_a_definite_failure() {
        let write = register(RegisterOp::Write(1));
        assert!(matches!(completion(&write, Reply::refused(Why::Unreached)), Completion::Fail(_)));
    }
}
