//! Session tokens: a read waits until its node has what the client's session has seen.
//!
//! Terry et al., "Session guarantees for weakly consistent replicated data", PDIS 1994: a session's token tells
//! what it has read and written, and a node that has not all of that does not answer. With one log, a token is
//! a length of that log. Writes need no waiting: the primary has every entry that anybody has seen, and puts
//! the next after them.

use super::super::bugs::{SESSION_TOKEN_IGNORED, TOKEN_OF_OWN_WRITES};
use super::Shipping;
use super::node::Out;
use super::waiting::Waiting;
use crate::{Answer, FailCode, Nanos, Now, ReadLevel, Request, RequestId, Response, Token};

/// A read that has waited for so long is refused, so that its client can ask another node.
const WAITS: Nanos = 300_000_000;

impl Shipping {
    /// Answers a read, or has it wait for what its session has seen.
    pub(super) fn read(&mut self, now: Now, id: RequestId, request: &Request, out: &mut Out<'_>) {
        let token = request.tokens.session.as_ref().filter(|_| self.config.session_tokens);
        let Ok(seen) = token.map_or(Ok(0), |token| token.0.parse()) else {
            return out.reply_without_waiting_for_disk(id, Answer::fail(FailCode::BadToken));
        };
        let op = request.op.clone();
        let waits = request.read == ReadLevel::Default && self.applied < seen;
        if waits && !self.bugs.hit(SESSION_TOKEN_IGNORED) {
            self.readers.push(Waiting { id, op, seen, since: now.monotonic });
        } else {
            self.answer(&Waiting { id, op, seen, since: now.monotonic }, out);
        }
    }

    fn answer(&mut self, read: &Waiting, out: &mut Out<'_>) {
        let answer = self.store.read(&read.op);
        let mut shown = read.seen.max(self.applied);
        if shown > read.seen && self.config.session_tokens && self.bugs.hit(TOKEN_OF_OWN_WRITES) {
            shown = read.seen;
        }
        let response = self.with_token(answer, shown);
        out.reply(read.id, response);
    }

    /// What a client receives that has seen this number of entries then.
    pub(super) fn with_token(&self, answer: Answer, seen: u64) -> Response {
        let mut response = Response::from(answer);
        if self.config.session_tokens {
            response.tokens.session = Some(Token(seen.to_string().into()));
        }
        response
    }

    /// Answers those that have waited for what is applied now.
    pub(super) fn answer_readers(&mut self, out: &mut Out<'_>) {
        let applied = self.applied;
        let ready: Vec<Waiting> = self.readers.extract_if(.., |it| it.seen <= applied).collect();
        for read in &ready {
            self.answer(read, out);
        }
    }

    /// Refuses those that have waited for too long.
    pub(super) fn refuse_readers(&mut self, now: Now, out: &mut Out<'_>) {
        self.readers.retain(|read| {
            let waits_on = now.monotonic.saturating_sub(read.since) < WAITS;
            if !waits_on {
                out.reply_without_waiting_for_disk(read.id, Answer::fail(FailCode::NotReady));
            }
            waits_on
        });
    }
}
