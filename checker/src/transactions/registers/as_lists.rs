//! Transactions on registers with an order of the versions, as those on lists that they are like: a version
//! is an element, and a read saw it and all before it.

use super::rank::versions_of_keys;
use super::table::{OutsideRead, RegisterPart, RegisterTable};
use crate::transactions::graph::{TxnGraph, TxnScope};
use crate::transactions::lists::{ListRead, Lists};
use crate::transactions::table::{Deed, MicroOp, TxnTable};

/// For each key its versions, each with its writer, in an order.
pub(super) type VersionOrders = Vec<Vec<(u32, u32)>>;

/// The orders that follow from places of the writers.
pub(super) fn orders_by(table: &RegisterTable, places: &[u32]) -> VersionOrders {
    let mut orders = versions_of_keys(table);
    for versions in &mut orders {
        versions.sort_unstable_by_key(|&(_, writer)| places[writer as usize]);
    }
    orders
}

/// The dependencies of transactions on registers, where versions came in these orders. What shows an edge is
/// a version, or a read, by its number in `table`. O(n log n).
pub(super) fn dependencies(
    table: &RegisterTable,
    reads: &[OutsideRead],
    orders: &VersionOrders,
) -> TxnGraph {
    let lists = as_lists(table, reads, orders);
    TxnGraph::new(&lists.0, &lists.1, TxnScope::Whole)
}

fn as_lists(
    table: &RegisterTable,
    reads: &[OutsideRead],
    orders: &VersionOrders,
) -> (TxnTable, Lists) {
    let number = |len: usize| u32::try_from(len).expect("there are fewer than 2^32 versions");
    let mut it = TxnTable {
        txns: table.txns.clone(),
        keys: table.keys.clone(),
        // Nothing is decided by the values.
        elements: vec![crate::Value::Nil; table.versions.len()],
        appended_by: vec![None; table.versions.len()],
        ..TxnTable::default()
    };
    let mut place_in_list = vec![0u32; table.versions.len()];
    let mut longest = Vec::new();
    for versions in orders {
        let start = number(it.read.len());
        for &(version, _) in versions {
            place_in_list[version as usize] = number(it.read.len());
            it.read.push(version);
            it.appended_by[version as usize] = table.versions[version as usize].written_by;
        }
        longest.push(start..number(it.read.len()));
    }
    // What a part did is looked up in `reads` and `appended_by`.
    let part = |part: &RegisterPart| MicroOp { txn: part.txn, key: part.key, deed: Deed::LostRead };
    it.parts = table.parts.iter().map(part).collect();
    let reads = reads.iter().map(|read| {
        let start = longest[read.key as usize].start;
        let end = read.seen.map_or(start, |(version, _)| place_in_list[version as usize] + 1);
        ListRead { txn: read.txn, part: read.part, key: read.key, seen: start..end }
    });
    let lists = Lists {
        counts: table.counts.clone(),
        reads: reads.collect(),
        // Only lists are asked for it.
        place: Vec::new(),
        unread: vec![Vec::new(); longest.len()],
        longest,
        incompatible: Vec::new(),
    };
    (it, lists)
}
