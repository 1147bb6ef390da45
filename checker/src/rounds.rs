//! Shares one budget among tasks when it is not known beforehand which are hard.
//!
//! In the first round every task has enough for an easy one of its size. Those left undecided then
//! have equal shares of what is left, in rounds that grow eightfold, so that an early end costs
//! little. What a task may spend depends on what the rounds before cost, and never on time or on
//! the number of threads: the answers are the same on every machine.

use crate::Budget;

/// A task that a budget may not suffice for.
pub(crate) trait Task: Sync {
    /// What comes of it.
    type Answer: Attempt + Send;

    /// How large it is, in events.
    fn events(&self) -> u64;

    /// Does it, or as much of it as `budget` allows.
    fn attempt(&self, budget: &Budget) -> Self::Answer;

    /// Whether there is no need to know more of the tasks that are not decided, given this.
    fn ends_all(&self, answer: &Self::Answer) -> bool;
}

/// What came of a task.
pub(crate) trait Attempt {
    /// Configurations visited.
    fn visited(&self) -> u64;

    /// Whether a larger budget may tell more.
    fn is_spent(&self) -> bool;
}

/// Configurations that an easy task visits for each of its events, and for itself.
const EASY_PER_EVENT: u64 = 16;
const EASY: u64 = 2_000;

/// Tasks that may run at the same time in the first round, which is for tasks that need little memory.
const AT_ONCE: u64 = 64;

/// By how much shares grow from round to round.
const GROWTH: u64 = 8;

/// What comes of each of `tasks` under one budget, which they share.
pub(crate) fn share<T: Task>(tasks: &[T], budget: &Budget) -> Vec<T::Answer> {
    if let [only] = tasks {
        return vec![only.attempt(budget)];
    }
    let mut had: Vec<u64> =
        tasks.iter().map(|task| easy(task).min(budget.configurations)).collect();
    let mut answers = first(tasks, budget);
    let mut left = budget.configurations;
    for answer in answers.iter().filter(|answer| answer.is_spent()) {
        left = left.saturating_sub(answer.visited());
    }
    loop {
        let open: Vec<usize> = (0..tasks.len()).filter(|&at| answers[at].is_spent()).collect();
        let fair = left / (open.len() as u64).max(1);
        // Less than twice what it had before would tell little that is new.
        let worth = |at: &usize| fair >= 2 * had[*at];
        let again: Vec<usize> = open.into_iter().filter(worth).collect();
        let most = again.iter().map(|&at| had[at]).max().unwrap_or(0);
        let is_over = tasks.iter().zip(&answers).any(|(task, answer)| task.ends_all(answer));
        if again.is_empty() || is_over {
            return answers;
        }
        let configurations = fair.min(GROWTH.saturating_mul(most));
        // One after the other: each may need all the memory there is.
        for at in again {
            if budget.is_stopped() {
                return answers;
            }
            had[at] = configurations;
            answers[at] = tasks[at].attempt(&Budget { configurations, ..budget.clone() });
            left = left.saturating_sub(answers[at].visited());
        }
    }
}

/// What comes of each of `tasks` in the first round, which easy ones do not need more than.
pub(crate) fn first<T: Task>(tasks: &[T], budget: &Budget) -> Vec<T::Answer> {
    each(tasks, T::events, |task| {
        let configurations = easy(task).min(budget.configurations);
        let bytes = budget.bytes / AT_ONCE;
        task.attempt(&Budget { configurations, bytes, stop: budget.stop.clone() })
    })
}

/// Configurations that the first round gives to a task.
pub(crate) fn easy<T: Task>(task: &T) -> u64 {
    EASY.saturating_add(EASY_PER_EVENT.saturating_mul(task.events()))
}

/// Waking other threads costs more than work on fewer events than this.
#[cfg(feature = "parallel")]
const WORTH_SHARING: u64 = 20_000;

/// What `work` makes of each of `items`, on several threads if there are many events.
#[cfg(feature = "parallel")]
pub(crate) fn each<T: Sync, A: Send>(
    items: &[T],
    events: impl Fn(&T) -> u64,
    work: impl Fn(&T) -> A + Sync + Send,
) -> Vec<A> {
    use rayon::prelude::*;
    if items.len() < 2 || items.iter().map(events).sum::<u64>() < WORTH_SHARING {
        return items.iter().map(work).collect();
    }
    items.par_iter().map(work).collect()
}

/// What `work` makes of each of `items`.
#[cfg(not(feature = "parallel"))]
pub(crate) fn each<T, A>(
    items: &[T],
    _events: impl Fn(&T) -> u64,
    work: impl Fn(&T) -> A,
) -> Vec<A> {
    items.iter().map(work).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A task that takes this number of configurations.
    struct Takes(u64);

    struct Took(u64, bool);

    impl Task for Takes {
        type Answer = Took;

        fn events(&self) -> u64 {
            10
        }

        fn attempt(&self, budget: &Budget) -> Took {
            Took(self.0.min(budget.configurations), self.0 > budget.configurations)
        }

        fn ends_all(&self, answer: &Took) -> bool {
            answer.0 == 7
        }
    }

    impl Attempt for Took {
        fn visited(&self) -> u64 {
            self.0
        }

        fn is_spent(&self) -> bool {
            self.1
        }
    }

    fn undecided(tasks: &[Takes], configurations: u64) -> Vec<usize> {
        let answers = share(tasks, &Budget { configurations, ..Budget::default() });
        (0..tasks.len()).filter(|&at| answers[at].is_spent()).collect()
    }

    #[test]
    fn a_hard_task_takes_nothing_from_easy_ones_and_has_what_they_leave() {
        let tasks = [Takes(1_000_000), Takes(u64::MAX), Takes(90), Takes(500_000), Takes(1)];
        assert_eq!(undecided(&tasks, 10_000_000), [1]);
        assert_eq!(undecided(&tasks, 3_000_000), [0, 1]);
        assert_eq!(undecided(&tasks, 50), [0, 1, 2, 3]);
    }

    #[test]
    fn the_order_of_the_tasks_makes_no_difference() {
        let costs = [3_000, 700_000, 20, 90_000, u64::MAX, 400_000, 2_000_000];
        for budget in [10_000, 100_000, 1_000_000, 10_000_000] {
            let decided = |costs: &[u64]| {
                let tasks: Vec<Takes> = costs.iter().copied().map(Takes).collect();
                let mut left: Vec<u64> =
                    undecided(&tasks, budget).into_iter().map(|at| costs[at]).collect();
                left.sort_unstable();
                left
            };
            let mut turned = costs;
            turned.reverse();
            assert_eq!(decided(&costs), decided(&turned), "{budget}");
        }
    }

    #[test]
    fn all_tasks_together_take_little_more_than_the_budget() {
        let tasks: Vec<Takes> = (0..100).map(|_| Takes(u64::MAX)).collect();
        for configurations in [1_000_000, 30_000_000] {
            let answers = share(&tasks, &Budget { configurations, ..Budget::default() });
            let last: u64 = answers.iter().map(Took::visited).sum();
            assert!(last <= configurations, "{last} of {configurations}");
        }
    }

    #[test]
    fn what_ends_all_ends_them_before_the_next_round() {
        let tasks = [Takes(7), Takes(1_000_000), Takes(60)];
        assert_eq!(undecided(&tasks, 100_000_000), [1]);
    }
}
