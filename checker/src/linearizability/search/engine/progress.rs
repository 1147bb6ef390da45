//! How far a search has come.

/// How far a strategy has come.
#[derive(Clone, Copy)]
pub(super) enum Progress<T> {
    /// There is an order.
    Linearizable(T),
    /// There is none: no configuration passes the event `at`.
    Violation { at: usize },
    /// Nobody knows yet.
    Open,
}
