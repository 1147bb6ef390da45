//! A user's own model: a stream that is only appended to, some of whose appends were lost.
//! `cargo run --release -p rashomon-checker --example streams -- FILE`
//!
//! A line of the file is `{"event": {"Start": ..}, "client_id": .., "op_id": ..}` or the same with
//! `Finish`. An append says which hashes its records have, and on which tail or token it depends; an
//! append that depends on another state does nothing. What is read is given as a hash of all.
#![expect(clippy::disallowed_methods, reason = "an example reads a file and the clock")]
#![expect(clippy::print_stdout, reason = "its output is its purpose")]

use std::collections::BTreeMap;
use std::time::Instant;

use rashomon_checker::linearizability::{Call, Judgement, check_calls};
use rashomon_checker::{Budget, Model, Observed, OpIndex, Position};
use serde_json::Value;

/// An append-only stream.
struct Stream;

/// How many records there are, the hash of them all, and the token that guards them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
struct Held {
    tail: u64,
    hash: u64,
    token: Option<String>,
}

/// What is asked.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Op {
    Append {
        hashes: Vec<u64>,
        set_token: Option<String>,
        /// What it depends on.
        token: Option<String>,
        at: Option<u64>,
    },
    Read,
    CheckTail,
}

/// What is returned: the tail after it, and the hash if it was read.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Told {
    tail: u64,
    hash: Option<u64>,
}

impl Model for Stream {
    type State = Held;
    type Op = Op;
    type Ret = Told;
    type Next = Option<Held>;

    fn init(&self) -> Held {
        Held::default()
    }

    fn step(&self, held: &Held, op: &Op, seen: Observed<&Told>) -> Option<Held> {
        let next = match op {
            Op::Append { hashes, set_token, token, at } => {
                let matches = at.is_none_or(|at| at == held.tail)
                    && (token.is_none() || *token == held.token);
                match (matches, seen) {
                    (false, Observed::Lost) => return Some(held.clone()),
                    (false, Observed::Returned(_)) => return None,
                    (true, _) => Held {
                        tail: held.tail + hashes.len() as u64,
                        hash: hashes.iter().fold(held.hash, |hash, &record| xxh3(record, hash)),
                        token: set_token.clone().or_else(|| held.token.clone()),
                    },
                }
            }
            Op::Read | Op::CheckTail => held.clone(),
        };
        match seen {
            Observed::Returned(told) => {
                let hash_fits = told.hash.is_none_or(|hash| hash == next.hash);
                (told.tail == next.tail && hash_fits).then_some(next)
            }
            Observed::Lost => Some(next),
        }
    }

    fn is_pure(&self, op: &Op, _seen: Observed<&Told>) -> bool {
        matches!(op, Op::Read | Op::CheckTail)
    }
}

/// XXH3 of 64 bits, of eight bytes: Yann Collet, <https://github.com/Cyan4973/xxHash>.
fn xxh3(record: u64, seed: u64) -> u64 {
    #[expect(clippy::cast_possible_truncation, reason = "halves are meant")]
    let halves = |it: u64| [it as u32, (it >> 32) as u32];
    let [low, high] = halves(record);
    let seed = seed ^ u64::from(halves(seed)[0].swap_bytes()) << 32;
    let flip = (0x1cad_21f7_2c81_017c_u64 ^ 0xdb97_9083_e96d_d4de).wrapping_sub(seed);
    let keyed = (u64::from(high) + (u64::from(low) << 32)) ^ flip;
    let mut mixed = keyed ^ keyed.rotate_left(49) ^ keyed.rotate_left(24);
    mixed = mixed.wrapping_mul(0x9fb2_1c65_1e98_df25);
    mixed ^= (mixed >> 35).wrapping_add(8);
    mixed = mixed.wrapping_mul(0x9fb2_1c65_1e98_df25);
    mixed ^ mixed >> 28
}

fn op(start: &Value) -> Op {
    match start.as_str() {
        Some("Read") => return Op::Read,
        Some("CheckTail") => return Op::CheckTail,
        _ => {}
    }
    let append = &start["Append"];
    let text = |name: &str| append[name].as_str().map(str::to_owned);
    let hashes = append["record_hashes"].as_array().expect("an append has records");
    Op::Append {
        hashes: hashes.iter().filter_map(Value::as_u64).collect(),
        set_token: text("set_fencing_token"),
        token: text("fencing_token"),
        at: append["match_seq_num"].as_u64(),
    }
}

/// The calls of a file, those that failed for certain apart.
fn calls(text: &str) -> Vec<Call<Op, Told>> {
    let mut open: BTreeMap<u64, (Op, Position)> = BTreeMap::new();
    let mut calls = Vec::new();
    for (at, line) in (0u32..).zip(text.lines()) {
        let line: Value = serde_json::from_str(line).expect("a line is JSON");
        let id = line["op_id"].as_u64().expect("an operation has a number");
        let event = &line["event"];
        if !event["Start"].is_null() {
            open.insert(id, (op(&event["Start"]), Position(at)));
            continue;
        }
        let (op, invoked) = open.remove(&id).expect("what finishes has started");
        let index = OpIndex(invoked.0);
        if event["Finish"] == "AppendIndefiniteFailure" {
            calls.push(Call::lost(index, op, invoked));
        } else if let Some(told) = event["Finish"].as_object().and_then(|it| it.values().next())
            && let Some(tail) = told["tail"].as_u64()
        {
            let told = Told { tail, hash: told["stream_hash"].as_u64() };
            calls.push(Call::returned(index, op, told, invoked, Position(at)));
        }
    }
    let lost = open.into_values();
    calls.extend(lost.map(|(op, invoked)| Call::lost(OpIndex(invoked.0), op, invoked)));
    calls.sort_by_key(|call| call.invoked);
    calls
}

fn main() {
    let file = std::env::args().nth(1).expect("give a file");
    let calls = calls(&std::fs::read_to_string(&file).expect("the file can be read"));
    let before = Instant::now();
    let judgement = check_calls(&Stream, &calls, &Budget::default());
    let time = before.elapsed();
    let told = match judgement {
        Judgement::Linearizable(order) => format!("linearizable, {} took effect", order.len()),
        Judgement::NotLinearizable { stuck } => format!("not linearizable: {:?}", calls[stuck]),
        Judgement::Unknown(doubt) => format!("unknown: {doubt}"),
    };
    println!("{} calls: {told}, in {} ms", calls.len(), time.as_millis());
}
