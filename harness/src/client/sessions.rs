//! What nodes gave to clients, to be given back.

use std::collections::BTreeMap;

use rashomon_targets::{Caller, Key, Token, Tokens};

/// The tokens of one client: the last that it was given.
#[derive(Debug, Default)]
struct Wallet {
    session: Option<Token>,
    contexts: BTreeMap<Key, Token>,
}

/// The tokens of every client that was given any. A client that retires takes its tokens
/// along: the client in its place has seen nothing.
#[derive(Debug, Default)]
pub(crate) struct Sessions {
    wallets: BTreeMap<u64, Wallet>,
}

impl Sessions {
    /// What a client brings with a request about `key`. A context is of one key, so a request about several
    /// has none.
    pub(crate) fn tokens(&self, caller: Caller, key: Option<&Key>) -> Tokens {
        let Some(wallet) = self.wallets.get(&caller.client) else { return Tokens::default() };
        let context = key.and_then(|key| wallet.contexts.get(key)).cloned();
        Tokens { session: wallet.session.clone(), context }
    }

    /// A response about `key` gave these to a client. One that gives none takes none away.
    pub(crate) fn keep(&mut self, caller: Caller, key: Option<&Key>, given: Tokens) {
        let Tokens { session, context } = given;
        if session.is_none() && context.is_none() {
            return;
        }
        let wallet = self.wallets.entry(caller.client).or_default();
        wallet.session = session.or(wallet.session.take());
        if let (Some(context), Some(key)) = (context, key) {
            wallet.contexts.insert(key.clone(), context);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tokens(session: &str, context: Option<&str>) -> Tokens {
        let token = |text: &str| Token(text.into());
        Tokens { session: Some(token(session)), context: context.map(token) }
    }

    #[test]
    fn a_client_brings_its_last_session_token_and_the_context_of_the_key_and_nobody_elses() {
        let mut sessions = Sessions::default();
        let (ann, bob) = (Caller { client: 1, seq: 1 }, Caller { client: 2, seq: 1 });
        let (x, y) = (Key::from("x"), Key::from("y"));
        sessions.keep(ann, Some(&x), tokens("s1", Some("x1")));
        sessions.keep(ann, Some(&y), tokens("s2", None));
        sessions.keep(ann, Some(&y), Tokens::default());
        assert_eq!(sessions.tokens(ann, Some(&x)), tokens("s2", Some("x1")));
        assert_eq!(sessions.tokens(ann, Some(&y)), tokens("s2", None));
        assert_eq!(sessions.tokens(bob, Some(&x)), Tokens::default());
    }
}
