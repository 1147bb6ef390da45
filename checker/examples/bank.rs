//! Does a bank lose money? Judged against a model of one's own.
//!
//! ```text
//! cargo run -p rashomon-checker --example bank
//! ```

use std::sync::{Mutex, MutexGuard, PoisonError};

use rashomon_checker::linearizability::{Judgement, check_calls, explain_calls};
use rashomon_checker::record::Recorder;
use rashomon_checker::{Budget, Model, Observed};

/// Two accounts.
struct Bank;

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Op {
    Deposit { account: usize, amount: i64 },
    Audit,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Ret {
    Done,
    Balances([i64; 2]),
}

impl Model for Bank {
    type State = [i64; 2];
    type Op = Op;
    type Ret = Ret;
    type Next = Option<[i64; 2]>;

    fn init(&self) -> [i64; 2] {
        [0, 0]
    }

    fn step(&self, state: &[i64; 2], op: &Op, seen: Observed<&Ret>) -> Option<[i64; 2]> {
        let mut next = *state;
        if let Op::Deposit { account, amount } = op {
            next[*account] += amount;
        }
        match seen {
            Observed::Returned(Ret::Balances(told)) if told != state => None,
            Observed::Returned(_) | Observed::Lost => Some(next),
        }
    }

    fn describe(&self, op: &Op, seen: Observed<&Ret>) -> String {
        match (op, seen) {
            (Op::Deposit { account, amount }, _) => format!("put {amount} into account {account}"),
            (Op::Audit, Observed::Returned(Ret::Balances(told))) => format!("counted {told:?}"),
            (Op::Audit, _) => "counted".to_owned(),
        }
    }
}

#[derive(Clone, Copy, Debug)]
enum Tellers {
    /// They look at the balances before each deposit.
    Careful,
    /// They look only in the morning. Planted: they overwrite what others did since.
    Hasty,
}

/// Has two tellers make deposits, and an audit afterwards.
fn judge(tellers: Tellers) -> String {
    let (balances, recorder) = (Mutex::new([0; 2]), Recorder::new());
    let lock =
        || -> MutexGuard<'_, [i64; 2]> { balances.lock().unwrap_or_else(PoisonError::into_inner) };
    let morning = *lock();
    let mut logs: Vec<_> = (0..3).map(|_| recorder.log()).collect();
    std::thread::scope(|scope| {
        for (teller, log) in logs[..2].iter_mut().enumerate() {
            let (mut known, lock) = (morning, &lock);
            scope.spawn(move || {
                for (number, amount) in [50, 30, 20].into_iter().enumerate() {
                    let op = Op::Deposit { account: (teller + number) % 2, amount };
                    log.call(op, || {
                        let mut held = lock();
                        if let Tellers::Careful = tellers {
                            known = *held;
                        }
                        known[(teller + number) % 2] += amount;
                        *held = known;
                        Ret::Done
                    });
                }
            });
        }
    });
    logs[2].call(Op::Audit, || Ret::Balances(*lock()));
    let calls = recorder.merge(logs);
    match check_calls(&Bank, &calls, &Budget::default()) {
        Judgement::Linearizable(_) => format!("{tellers:?}: valid"),
        Judgement::Unknown(doubt) => format!("{tellers:?}: unknown: {doubt}"),
        Judgement::NotLinearizable { .. } => {
            match explain_calls(&Bank, &calls, &Budget::default()) {
                Some(witness) => format!("{tellers:?}: invalid\n\n{witness}"),
                None => format!("{tellers:?}: invalid"),
            }
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
