//! The examples say what they should.

#[expect(dead_code, reason = "a command's main")]
#[path = "../examples/bank.rs"]
mod bank;
#[expect(dead_code, reason = "a command's main")]
#[path = "../examples/queue.rs"]
mod queue;

#[test]
fn a_queue_under_a_lock_is_valid_and_a_lazy_one_says_that_it_is_empty_when_it_is_not() {
    let told = queue::verdicts();
    assert!(told.starts_with("locked: valid\nlazy: invalid\n\nfalse empty result\n"), "{told}");
    for part in ["├ dequeue → nil ┤", "├ enqueue ", "why  1. p", "so  "] {
        assert!(told.contains(part), "no {part} in\n{told}");
    }
}

#[test]
fn a_careful_bank_is_valid_and_a_hasty_one_loses_money() {
    let told = bank::verdicts();
    assert!(told.starts_with("Careful: valid\nHasty: invalid\n\n"), "{told}");
    for part in ["put 50 into account ", "p2 counted [", "✗ stuck", "why  1. p", "so  p2 counted ["]
    {
        assert!(told.contains(part), "no {part} in\n{told}");
    }
}
