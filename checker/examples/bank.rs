//! Does a bank lose money? Judged against a model of one's own.
//!
//! ```text
//! cargo run -p rashomon-checker --example bank
//! ```

use std::sync::{Mutex, PoisonError};

use rashomon_checker::linearizability::{Judgement, check_calls, explain_calls};
use rashomon_checker::record::Recorder;
use rashomon_checker::{Budget, Model, Observed};

/// What two accounts hold.
type Balances = [i64; 2];

struct Bank;

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Op {
    Deposit(usize, i64),
    Audit,
}

impl Model for Bank {
    type State = Balances;
    type Op = Op;
    type Ret = Option<Balances>; // What an audit counts.
    type Next = Option<Balances>;

    fn init(&self) -> Balances {
        [0, 0]
    }

    fn step(&self, state: &Balances, op: &Op, seen: Observed<&Self::Ret>) -> Self::Next {
        let mut next = *state;
        if let Op::Deposit(account, amount) = op {
            next[*account] += amount;
        }
        match seen {
            Observed::Returned(Some(counted)) if counted != state => None,
            Observed::Returned(_) | Observed::Lost => Some(next),
        }
    }

    fn describe(&self, op: &Op, seen: Observed<&Self::Ret>) -> String {
        match (op, seen) {
            (Op::Deposit(account, amount), _) => format!("put {amount} into account {account}"),
            (Op::Audit, Observed::Returned(Some(counted))) => format!("counted {counted:?}"),
            (Op::Audit, _) => "counted".to_owned(),
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Tellers {
    /// They look at the balances before each deposit.
    Careful,
    /// They look only in the morning. Planted: they overwrite what others did since.
    Hasty,
}

/// Has two tellers make deposits, and an audit afterwards.
fn judge(tellers: Tellers) -> String {
    let (balances, recorder) = (Mutex::new([0; 2]), Recorder::new());
    let lock = || balances.lock().unwrap_or_else(PoisonError::into_inner);
    let mut logs: Vec<_> = (0..3).map(|_| recorder.log()).collect();
    std::thread::scope(|scope| {
        for (teller, log) in logs[..2].iter_mut().enumerate() {
            let lock = &lock;
            scope.spawn(move || {
                let mut known = [0; 2];
                for (account, amount) in [(teller, 50), (1 - teller, 30), (teller, 20)] {
                    log.call(Op::Deposit(account, amount), || {
                        let mut held = lock();
                        if tellers == Tellers::Careful {
                            known = *held;
                        }
                        known[account] += amount;
                        *held = known;
                        None
                    });
                }
            });
        }
    });
    logs[2].call(Op::Audit, || Some(*lock()));
    let calls = recorder.merge(logs);
    match check_calls(&Bank, &calls, &Budget::default()) {
        Judgement::Linearizable(_) => format!("{tellers:?}: valid"),
        Judgement::Unknown(doubt) => format!("{tellers:?}: unknown: {doubt}"),
        Judgement::NotLinearizable { .. } => {
            let witness = explain_calls(&Bank, &calls, &Budget::default());
            format!("{tellers:?}: invalid\n\n{}", witness.expect("the budget was enough"))
        }
    }
}

pub(crate) fn verdicts() -> String {
    [judge(Tellers::Careful), judge(Tellers::Hasty)].join("\n")
}

#[expect(clippy::print_stdout, reason = "a command prints")]
fn main() {
    println!("{}", verdicts());
}
