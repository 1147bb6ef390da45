//! Which test holds which sentence of "certain verdicts": a table that is checked against the sources.
//!
//! Each sentence was false once, and the tests named beside it failed then. If you change one of
//! these tests, this table says what it must still prove.

#![allow(clippy::unwrap_used, clippy::allow_attributes, reason = "tests may")]

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// What is promised, and the tests that hold it, as `file::function`.
struct Promise(&'static str, &'static [&'static str]);

const VIOLATIONS: &[Promise] = &[
    Promise(
        "final reads prove nothing where the cluster did not come to rest",
        &[
            "harness/src/judge/tests.rs::what_final_reads_lack_is_certain_only_where_the_cluster_rested_and_nothing_broke",
        ],
    ),
    Promise(
        "nor where a node broke down without a fault",
        &[
            "harness/tests/cleanup.rs::a_node_killed_by_hand_is_no_violation_but_the_environments_doing",
        ],
    ),
    Promise(
        "nor where a copy was not read",
        &["harness/src/judge/tests.rs::a_lost_write_is_only_suspected_in_a_shaken_run"],
    ),
    Promise(
        "a proxy survives EMFILE and other passing errors",
        &[
            "harness/src/world/processes/proxy/tests.rs::a_listener_outlives_all_errors_but_its_own",
            "harness/tests/cleanup.rs::a_run_short_of_descriptors_is_the_environments_doing",
        ],
    ),
    Promise(
        "a link that ends is a breakdown, told",
        &[
            "harness/src/run/drive/tests.rs::what_broke_is_known_at_the_end",
            "harness/src/judge/tests.rs::each_doubt_about_a_run_alone_makes_it_unknown_and_names_whose_doing_it_is",
        ],
    ),
];

const ORDER: &[Promise] = &[
    Promise(
        "events are ordered by time where that is well defined, and it is said",
        &[
            "checker/tests/strange_formats.rs::where_times_contradict_lines_events_are_taken_by_time_and_that_is_said",
        ],
    ),
    Promise(
        "else the file is refused with the line",
        &["checker/tests/strange_formats.rs::an_order_that_is_not_well_defined_is_refused_by_line"],
    ),
    Promise(
        "a process that invokes twice is an error",
        &[
            "checker/tests/strange_formats.rs::a_process_that_invokes_twice_is_an_error_whatever_the_order",
        ],
    ),
];

const TUPLES: &[Promise] = &[
    Promise(
        "the shape of independent values is recognised, and --independent asked for",
        &[
            "checker/tests/strange_formats.rs::values_that_are_pairs_are_not_taken_for_a_key_and_a_value",
        ],
    ),
    Promise(
        "where it is unambiguous it is assumed, and said",
        &[
            "checker/tests/strange_formats.rs::pairs_of_a_key_and_a_value_are_recognised_by_reads_that_carry_a_key",
            "harness/tests/strangers.rs::what_was_taken_for_granted_is_said",
        ],
    ),
];

const PROCESSES: &[Promise] = &[
    Promise(
        "any scalar names a process",
        &[
            "checker/tests/strange_formats.rs::any_scalar_names_a_process_and_only_nemesis_is_the_nemesis",
            "checker/tests/strange_formats.rs::names_of_processes_survive_being_written",
        ],
    ),
    Promise(
        "only nemesis is the nemesis",
        &[
            "checker/tests/strange_formats.rs::any_scalar_names_a_process_and_only_nemesis_is_the_nemesis",
        ],
    ),
    Promise(
        "what was passed over is counted and printed",
        &["harness/tests/strangers.rs::what_was_taken_for_granted_is_said"],
    ),
];

const MODELS: &[Promise] = &[
    Promise(
        "a model that is given is the model, whatever the operations look like",
        &["harness/tests/cli.rs::a_given_model_is_judged_whatever_could_be_guessed"],
    ),
    Promise(
        "a guess says that it guessed",
        &["harness/tests/cli.rs::a_guess_says_that_it_guessed_and_from_what"],
    ),
    Promise(
        "a guess refuses functions or values that are not the model's",
        &[
            "harness/tests/cli.rs::what_cannot_be_guessed_is_refused_with_the_models_to_give",
            "checker/src/model/guess/tests.rs::values_that_are_not_the_models_are_not_guessed",
        ],
    ),
    Promise(
        "an add is never judged as a set's where it may be a counter's",
        &["checker/src/model/guess/tests.rs::an_addition_alone_is_not_guessed_to_be_of_a_set"],
    ),
    Promise(
        "an operation that the given model lacks is refused, with the models that have it",
        &[
            "harness/tests/cli.rs::a_given_model_without_the_operation_names_the_models_that_have_it",
        ],
    ),
];

const BUDGETS: &[Promise] = &[
    Promise(
        "--budget-memory raises the search's cap",
        &["harness/src/cli/check.rs::a_memory_budget_is_the_searchs_too"],
    ),
    Promise(
        "--budget-seconds and Ctrl-C end the shrinking of a witness",
        &["checker/tests/budgets.rs::a_stop_ends_the_making_of_a_least_witness"],
    ),
    Promise(
        "and the reading of a pipe that says nothing",
        &[
            "harness/tests/check_input.rs::a_pipe_that_is_silent_is_given_up_when_the_time_is_up",
            "harness/tests/check_input.rs::a_pipe_that_is_silent_is_given_up_at_ctrl_c",
        ],
    ),
];

const INTERRUPTED: &[Promise] = &[
    Promise(
        "an interrupted run says so, in the box and in the record",
        &[
            "harness/tests/cleanup.rs::ctrl_c_ends_the_load_heals_and_judges",
            "harness/src/run/drive/tests.rs::an_interrupted_load_heals_and_is_told_as_interrupted",
        ],
    ),
    Promise(
        "it is never plain valid, and exits 130, or 1 if a violation was found",
        &["harness/tests/cleanup.rs::ctrl_c_ends_the_load_heals_and_judges"],
    ),
    Promise(
        "one Ctrl-C ends a series of seeds",
        &[
            "harness/tests/cleanup.rs::a_real_series_has_one_thread_for_signals_and_one_ctrl_c_ends_it",
        ],
    ),
    Promise(
        "exit codes rank 1, 70, 130, 2, 3, 0",
        &["harness/src/exit.rs::exits_rank_violation_bug_interrupted_usage_unknown_valid"],
    ),
];

const REPLAY: &[Promise] = &[
    Promise(
        "replay compares with its own run, not with the latest",
        &["harness/tests/runs.rs::a_replay_is_compared_with_its_own_new_run"],
    ),
    Promise(
        "plan.json and faults.jsonl have a format and a version",
        &["harness/tests/runs.rs::every_file_of_a_run_says_its_format_and_version"],
    ),
    Promise(
        "unknown keys are refused",
        &["harness/src/fault/plan.rs::a_key_that_a_fault_does_not_have_is_refused_with_its_place"],
    ),
    Promise(
        "a changed plan or settings file is a named error",
        &["harness/tests/runs.rs::a_stored_run_with_a_changed_file_is_refused_and_the_file_named"],
    ),
];

const RECORD: &[Promise] = &[
    Promise(
        "the record holds the clock, the set's questions and what was asked",
        &["harness/tests/runs.rs::a_stored_run_is_asked_what_run_asked_and_answers_the_same"],
    ),
    Promise(
        "check RUN asks the same questions and answers the same",
        &[
            "harness/tests/runs.rs::a_stored_run_is_asked_what_run_asked_and_answers_the_same",
            "harness/tests/runs.rs::a_stored_run_is_as_unknown_as_it_was",
        ],
    ),
];

const TERMINAL: &[Promise] = &[
    Promise(
        "control characters, C1 and bidi overrides are shown, not sent",
        &[
            "checker/src/visible.rs::no_character_acts_on_a_terminal_once_it_is_shown",
            "harness/tests/terminal.rs::no_text_of_a_history_acts_on_the_terminal",
            "harness/tests/terminal.rs::no_byte_of_a_mutated_file_acts_on_the_terminal",
            "harness/tests/terminal.rs::what_a_node_says_does_not_act_on_the_terminal",
        ],
    ),
    Promise(
        "--json escapes C1 and bidi",
        &["harness/tests/terminal.rs::json_holds_the_same_texts_with_what_acts_escaped"],
    ),
];

const WIRE: &[Promise] = &[
    Promise(
        "frames carry a cluster and an incarnation; another harness's node is refused",
        &[
            "harness/src/world/processes/tests.rs::a_node_of_another_cluster_on_the_port_of_a_dead_one_hears_nothing",
            "harness/src/node/peers.rs::only_members_of_the_cluster_are_heard_in_whichever_of_their_lives",
        ],
    ),
    Promise(
        "a proxy forgets a dead node's address",
        &["harness/src/world/processes/proxy/tests.rs::a_dead_nodes_address_is_forgotten"],
    ),
    Promise(
        "what a frame only claims is not allocated",
        &["harness/src/frame.rs::what_is_only_claimed_takes_no_memory"],
    ),
    Promise(
        "a torn tail and a damaged length are told apart",
        &[
            "harness/src/node/wal.rs::damage_to_any_byte_before_a_whole_record_is_refused_and_the_file_left_as_it_is",
        ],
    ),
];

const LEAKS: &[Promise] = &[
    Promise(
        "a series of real runs leaks neither threads nor descriptors",
        &[
            "harness/tests/cleanup.rs::a_real_series_has_one_thread_for_signals_and_one_ctrl_c_ends_it",
        ],
    ),
    Promise(
        "4,294,967,295 keys are refused",
        &["harness/tests/cli.rs::a_bad_flag_is_named_and_exits_2"],
    ),
    Promise(
        "a result that cannot be written is an error",
        &[
            "harness/tests/runs.rs::a_result_that_cannot_be_written_is_an_error_and_a_reader_that_left_is_none",
        ],
    ),
    Promise(
        "a simulated series that is ended by a signal prints what it has",
        &["harness/tests/cleanup.rs::one_ctrl_c_ends_a_simulated_series_which_tells_what_it_has"],
    ),
];

const REPEATS: &[Promise] = &[
    Promise(
        "texts and lists whose elements repeat are decided without search",
        &[
            "checker/src/agreement/growing/tests.rs::texts_and_lists_whose_elements_repeat_are_judged_as_by_brute_force",
            "checker/src/agreement/growing/tests.rs::long_histories_of_twenty_texts_or_elements_are_decided_without_search",
        ],
    ),
    Promise(
        "once one part is violated, the others get a bounded budget unless --all-keys",
        &[
            "checker/tests/budgets.rs::a_key_that_violates_ends_the_search_of_the_others_unless_all_are_asked_for",
            "harness/tests/check_input.rs::all_keys_are_searched_after_a_violation_only_where_that_is_asked",
        ],
    ),
    Promise(
        "sets judge whether add and remove changed anything",
        &[
            "checker/tests/stories.rs::a_set_that_is_wrong_only_by_what_changes_said_is_a_violation",
            "checker/tests/stories.rs::a_completion_that_repeats_the_element_says_nothing_of_change",
        ],
    ),
    Promise(
        "queues and stacks are peeked; there are a deque and a mutex",
        &[
            "checker/tests/stories.rs::a_peek_that_shows_what_is_not_next_is_a_violation",
            "checker/tests/stories.rs::a_deque_gives_from_the_end_that_was_asked",
            "checker/tests/stories.rs::a_lock_held_by_two_is_told_as_such",
        ],
    ),
    Promise(
        "stacks of unique values with lost operations are decided fast, or say why not",
        &[
            "checker/src/linearizability/check/elements.rs::a_budget_spent_on_takes_without_a_return_says_what_makes_them_hard",
        ],
    ),
    // How many of each kind are decided, `cargo bench --bench decide` counts.
    Promise(
        "each history to decide is decided, or unknown with the reason, within the budget",
        &[
            "checker/src/agreement/delayed.rs::queues_and_stacks_of_few_values_are_judged_as_by_brute_force",
            "checker/src/agreement/switching.rs::the_changes_of_a_register_tell_what_the_reference_tells",
            "checker/tests/budgets.rs::a_register_of_few_values_is_decided_without_trying_the_orders_of_its_writes",
            "checker/tests/budgets.rs::an_undecided_key_says_how_far_it_is_proved",
        ],
    ),
];

const ABD: &[Promise] = &[
    Promise(
        "a read skips the write-back only if the agreeing answers and r exceed n",
        &[
            "targets/src/leaderless/node/tests.rs::a_read_skips_write_back_only_if_every_later_quorum_meets_a_holder",
            "harness/tests/claims.rs::agreeing_answers_alone_do_not_spare_a_read_its_write_back",
        ],
    ),
    Promise(
        "answers of a former life count for nothing",
        &[
            "targets/src/leaderless/node/tests.rs::an_answer_to_a_former_life_counts_for_no_operation",
            "harness/tests/claims.rs::an_answer_to_a_killed_coordinator_counts_for_nothing_after_its_restart",
        ],
    ),
    Promise(
        "every claimed configuration is walked",
        &["harness/tests/claims.rs::every_configuration_keeps_its_claim_in_short_runs"],
    ),
    Promise(
        "runs under a plan of dense kills can tell",
        &[
            "harness/src/claims.rs::runs_under_a_plan_can_tell_however_densely_it_kills_and_however_shortly_it_cuts",
        ],
    ),
    Promise(
        "who answers what, of which incarnation, holds for every message of every family",
        &[
            "targets/src/primary_replica/shipping/node/tests.rs::what_a_primary_could_still_forget_is_sent_to_nobody",
            "targets/src/leaderless/node/tests.rs::an_answer_to_a_former_life_counts_for_no_operation",
        ],
    ),
];

const JUDGING: &[Promise] = &[
    Promise(
        "judging has a budget for the whole run, of memory and work",
        &["checker/tests/budgets.rs::many_hard_keys_share_one_budget"],
    ),
    Promise(
        "a spent budget is unknown, with what was proved",
        &["checker/tests/budgets.rs::an_undecided_key_says_how_far_it_is_proved"],
    ),
    Promise(
        "SIGTERM ends judging at once",
        &[
            "checker/tests/budgets.rs::a_stop_before_anything_is_judged_leaves_everything_undecided",
            "harness/tests/cleanup.rs::a_signal_while_a_run_is_judged_ends_judging_and_is_told",
        ],
    ),
];

const BROKEN: &[Promise] = &[
    Promise(
        "a planted bug breaks what it is said to break, and the run without it is clean",
        &[
            "harness/tests/planted_bugs.rs::every_planted_bug_is_found_where_it_shows_and_nothing_is_without_it",
        ],
    ),
    Promise(
        "each doubt of the judge has a test that fails when it is ignored",
        &[
            "harness/src/judge/tests.rs::each_doubt_about_a_run_alone_makes_it_unknown_and_names_whose_doing_it_is",
            "harness/src/judge/tests.rs::a_history_that_tests_nothing_makes_a_run_unknown",
            "harness/src/judge/tests.rs::a_check_that_could_not_decide_makes_a_run_unknown",
        ],
    ),
    Promise(
        "so have the recorder's times and order",
        &[
            "harness/src/run/drive/tests.rs::an_invocation_is_recorded_before_it_is_sent_and_with_the_time_of_before",
            "harness/src/run/drive/tests.rs::a_completion_is_recorded_once_its_reply_is_there_and_with_that_time",
            "harness/src/run/drive/tests.rs::replies_that_are_there_are_taken_before_anything_new_is_asked",
        ],
    ),
    Promise(
        "so have healing and settling",
        &[
            "harness/src/run/drive/tests.rs::every_fault_heals_before_the_cluster_is_awaited_and_none_strikes_after_the_load",
            "harness/src/run/drive/tests.rs::copies_are_read_only_once_the_cluster_rests_and_stays_so",
            "harness/src/run/drive/tests.rs::a_cluster_that_never_rests_is_told_as_unsettled",
        ],
    ),
];

const DOUBTS: &[Promise] = &[Promise(
    "every unknown names whose doing it is, and what to do",
    &["harness/tests/runs.rs::an_undecided_history_names_whose_doing_it_is_and_what_to_do"],
)];

const SEEDS: &[Promise] = &[
    Promise(
        "a search over seeds stops at violations only",
        &[
            "harness/tests/runs.rs::a_series_stops_at_the_first_violation_and_says_how_many_were_not_run",
        ],
    ),
    Promise(
        "an unknown run is counted and told, with advice",
        &["harness/tests/runs.rs::a_series_has_the_plan_of_a_file_and_unknown_runs_do_not_end_it"],
    ),
    Promise(
        "--seeds takes the file of a plan",
        &["harness/tests/runs.rs::a_series_has_the_plan_of_a_file_and_unknown_runs_do_not_end_it"],
    ),
    Promise(
        "runs that were not made are counted",
        &[
            "harness/tests/runs.rs::a_series_stops_at_the_first_violation_and_says_how_many_were_not_run",
        ],
    ),
];

const ALL: [&[Promise]; 18] = [
    VIOLATIONS,
    ORDER,
    TUPLES,
    PROCESSES,
    MODELS,
    BUDGETS,
    INTERRUPTED,
    REPLAY,
    RECORD,
    TERMINAL,
    WIRE,
    LEAKS,
    REPEATS,
    ABD,
    JUDGING,
    BROKEN,
    DOUBTS,
    SEEDS,
];

#[test]
fn every_sentence_is_held_by_tests_that_exist() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let mut texts: BTreeMap<&str, String> = BTreeMap::new();
    let mut sentences = BTreeSet::new();
    for Promise(sentence, tests) in ALL.into_iter().flatten() {
        assert!(sentences.insert(sentence), "said twice: {sentence}");
        assert!(!tests.is_empty(), "nothing holds this: {sentence}");
        for test in *tests {
            let (file, function) = test.split_once("::").unwrap();
            let text = texts.entry(file).or_insert_with(|| {
                std::fs::read_to_string(root.join(file))
                    .unwrap_or_else(|why| panic!("{sentence}: {file}: {why}"))
            });
            let (before, _) = text
                .split_once(&format!("fn {function}("))
                .unwrap_or_else(|| panic!("{sentence}: no {function} in {file}"));
            let above = before.rsplit("\n\n").next().unwrap_or_default();
            assert!(above.contains("test]"), "{sentence}: {test} is no test");
        }
    }
}
