//! The bank workload: money is transferred between accounts, and all balances are read.
//!
//! Jepsen's `bank`. A transfer is a transaction that goes on only if both balances are what the client
//! believes, and writes both: so it neither makes nor destroys money, and never overdraws an account. A read
//! is a transaction, too, so the balances that it returns have one sum, however stale it may be. All accounts
//! are opened by one transaction.

use rashomon_checker::{Invariant, ModelKind, Time};

use crate::definition::{Definition, Ending, Making};
use crate::{
    Action, Completion, Context, Generator, Key, MicroOp, MicroReturned, Next, Op, OpKind, Place,
    Returned, Rng,
};

/// The workload.
pub(crate) const WORKLOAD: Definition = Definition {
    name: "bank",
    aliases: &[],
    summary: "transfers between accounts as transactions that compare and write two balances, and reads of \
              all balances at once; what the accounts hold together never changes",
    needs: &[OpKind::Transaction],
    // What a single account is.
    model: ModelKind::CasRegister,
    final_reads: None,
    // No checker judges the order of transactions.
    checks: &[],
    invariants: &[Invariant::Bank],
    measure: None,
    generator,
    ending: Ending::Reads(|accounts| vec![all(accounts)]),
};

/// How many accounts there are: some, so that not every transfer meets another.
const ACCOUNTS: usize = 8;
/// What each holds at first.
const DEPOSIT: i64 = 20;
/// The most that is transferred at a time.
const MOST: u64 = 9;

/// The read of all balances.
pub(crate) fn all(accounts: &[Key]) -> Action {
    Action::Transaction(accounts.iter().cloned().map(MicroOp::Read).collect())
}

struct Bank {
    rng: Rng,
    accounts: Vec<Key>,
    /// Whether the accounts are known to be open.
    open: bool,
    /// What each account is believed to hold; nothing of what another seems to have changed.
    believed: Vec<Option<i64>>,
}

pub(crate) fn generator(making: &Making<'_>) -> Box<dyn Generator> {
    let accounts = (0..ACCOUNTS).map(|_| making.keys.open("accounts/")).collect();
    let (rng, believed) = (making.seed.rng(), vec![None; ACCOUNTS]);
    Box::new(Bank { rng, accounts, open: false, believed })
}

impl Bank {
    fn make(&mut self) -> Action {
        let draw = self.rng.below(3);
        match (self.open, draw) {
            (false, 1..) => self.opening(),
            (true, 1..) => self.transfer().unwrap_or_else(|| all(&self.accounts)),
            (_, 0) => all(&self.accounts),
        }
    }

    /// Opens all accounts, unless they are open: it may be asked again.
    fn opening(&self) -> Action {
        let closed = self.accounts.iter().map(|account| MicroOp::Compare(account.clone(), None));
        let deposit = |account: &Key| MicroOp::Write(account.clone(), DEPOSIT);
        Action::Transaction(closed.chain(self.accounts.iter().map(deposit)).collect())
    }

    /// Some amount from one account to another; nothing if it is not known what they hold, or the one holds
    /// nothing.
    fn transfer(&mut self) -> Option<Action> {
        let from = self.rng.index(ACCOUNTS);
        let to = (from + 1 + self.rng.index(ACCOUNTS - 1)) % ACCOUNTS;
        let (held, other) = (self.believed[from]?, self.believed[to]?);
        let most = MOST.min(held.unsigned_abs());
        let amount = (most > 0).then(|| self.rng.between(1, most).cast_signed())?;
        let [from, to] = [from, to].map(|at| self.accounts[at].clone());
        Some(Action::Transaction(vec![
            MicroOp::Compare(from.clone(), Some(held)),
            MicroOp::Compare(to.clone(), Some(other)),
            MicroOp::Write(from, held - amount),
            MicroOp::Write(to, other + amount),
        ]))
    }

    fn believe(&mut self, account: &Key, balance: Option<i64>) {
        if let Some(at) = self.accounts.iter().position(|it| it == account) {
            self.believed[at] = balance;
        }
    }
}

impl Generator for Bank {
    fn next(&mut self, context: &Context<'_>) -> Next {
        let Some(process) = context.any_free(&mut self.rng) else {
            return Next::Pending(Time(u64::MAX));
        };
        Next::Invoke { process, op: Op { action: self.make(), place: Place::Any } }
    }

    fn observe(&mut self, op: &Op, completion: &Completion) {
        let Action::Transaction(parts) = &op.action else { return };
        let returned = match completion {
            Completion::Ok(Returned::Transaction(returned)) => returned,
            // Another changed an account, or may have.
            Completion::Ok(_) | Completion::Fail(_) | Completion::Info(_) => {
                for part in parts {
                    if let MicroOp::Write(account, _) = part {
                        self.believe(account, None);
                    }
                }
                return;
            }
        };
        for (part, returned) in parts.iter().zip(returned) {
            match (part, returned) {
                (MicroOp::Write(account, balance), _) => {
                    self.open = true;
                    self.believe(account, Some(*balance));
                }
                (MicroOp::Read(account), MicroReturned::Value(balance)) => {
                    self.open |= balance.is_some();
                    self.believe(account, *balance);
                }
                _ => {}
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use rashomon_checker::ProcessId;

    use super::*;
    use crate::{Kind, Seed, Sizes, Workload};

    /// A store that does one transaction at a time.
    #[derive(Default)]
    struct Store(BTreeMap<Key, i64>);

    impl Store {
        fn act(&mut self, action: &Action) -> Completion {
            let Action::Transaction(parts) = action else { panic!("{action:?}") };
            let holds = |part: &MicroOp| match part {
                MicroOp::Compare(key, held) => self.0.get(key) == held.as_ref(),
                _ => true,
            };
            if !parts.iter().all(holds) {
                return Completion::Fail("cas-mismatch".to_owned());
            }
            let each = parts.iter().map(|part| match part {
                MicroOp::Read(key) => MicroReturned::Value(self.0.get(key).copied()),
                MicroOp::Write(key, value) => {
                    self.0.insert(key.clone(), *value);
                    MicroReturned::Done
                }
                MicroOp::Compare(..) | MicroOp::Append(..) => MicroReturned::Done,
            });
            Completion::Ok(Returned::Transaction(each.collect()))
        }
    }

    #[test]
    fn transfers_keep_the_total_and_never_overdraw() {
        let sizes =
            Sizes { lasts: Time(1_000), ops: None, rate: None, burst: 1, keys: 1, ops_per_key: 1 };
        let kind = Kind::Bank;
        let mut workload = Workload::new(kind, Seed(1), &sizes, kind.needs());
        let context = Context { now: Time(0), free: &[ProcessId(0)], processes: 1 };
        let mut store = Store::default();
        let mut transfers = 0;
        for round in 0..2000 {
            let Next::Invoke { op, .. } = workload.load().next(&context) else {
                panic!("it goes on")
            };
            if round % 5 == 0 {
                continue; // It was lost.
            }
            let completion = store.act(&op.action);
            let is_write = !op.action.is_read();
            assert!(matches!(completion, Completion::Ok(_)), "one client alone believes the truth");
            transfers += u32::from(is_write);
            workload.load().observe(&op, &completion);
            assert!(store.0.values().all(|&balance| balance >= 0), "{:?}", store.0);
            let total: i64 = store.0.values().sum();
            assert!(total == 0 || total == DEPOSIT * 8, "{:?}", store.0);
        }
        assert!(transfers > 700, "{transfers} transfers");
        let mut sweep = workload.sweep(3);
        let swept = std::iter::from_fn(|| match sweep.next(&context) {
            Next::Invoke { op, .. } => Some(op),
            Next::Pending(_) | Next::Done => None,
        });
        assert_eq!(swept.count(), 3, "all accounts at once, through each node");
    }
}
