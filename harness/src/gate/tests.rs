//! What is noise is no regression, and what is more than noise is one.

use std::collections::BTreeMap;

use rashomon_results::{FigureRecord, FiguresRecord, JobFactsRecord};
use rashomon_workloads::{Rng, Seed};

use super::testing::{RUNS, Scene, failing, gate, hunted, serving, valid};
use super::*;
use crate::campaign::{CellTally, Cut};
use crate::exit::Exit;

fn figure(values: impl IntoIterator<Item = u64>) -> FigureRecord {
    let mut figure = FigureRecord::default();
    values.into_iter().for_each(|value| figure.take(value));
    figure
}

fn recovery(values: impl IntoIterator<Item = u64>) -> FiguresRecord {
    FiguresRecord { recovery_us: figure(values), ..FiguresRecord::default() }
}

fn calm(values: impl IntoIterator<Item = u64>) -> FiguresRecord {
    FiguresRecord { served_calm: figure(values), ..FiguresRecord::default() }
}

fn is_worse(figure: Figure, before: &FiguresRecord, now: &FiguresRecord) -> bool {
    Comparison::of(figure, before, now).expect("there are runs enough").is_worse()
}

/// Twenty runs, half of which lie this much above and half below a middle.
fn around(middle: u64, off: u64) -> Vec<u64> {
    (0..20).map(|at| if at % 2 == 0 { middle - off } else { middle + off }).collect()
}

#[test]
fn a_figure_is_worse_beyond_four_standard_errors_and_not_below() {
    // The variance of 20 runs that are 40,000 off is 20 / 19 x 1.6e9, so four standard errors of a difference are
    // 4 x sqrt(2 x 1.6e9 / 19) = 51,911.
    let before = recovery(around(200_000, 40_000));
    let at = |middle| recovery(around(middle, 40_000));
    assert!(!is_worse(Figure::Recovery, &before, &at(200_000 + 51_900)));
    assert!(is_worse(Figure::Recovery, &before, &at(200_000 + 51_920)));
    assert!(!is_worse(Figure::Recovery, &before, &at(100_000)), "it is better");
    let share = |middle| calm(around(middle, 40_000));
    assert!(!is_worse(Figure::ServedCalm, &share(900_000), &share(900_000 - 51_900)));
    assert!(is_worse(Figure::ServedCalm, &share(900_000), &share(900_000 - 51_920)));
    assert!(!is_worse(Figure::ServedCalm, &share(900_000), &share(960_000)), "it is better");
}

#[test]
fn a_figure_that_does_not_scatter_is_worse_beyond_the_least_difference_that_matters() {
    let share = |it| calm([it; 20]);
    assert!(!is_worse(Figure::ServedCalm, &share(999_000), &share(989_000)));
    assert!(is_worse(Figure::ServedCalm, &share(999_000), &share(988_999)));
    let time = |it| recovery([it; 20]);
    assert!(!is_worse(Figure::Recovery, &time(20_000), &time(30_000)), "10 ms");
    assert!(is_worse(Figure::Recovery, &time(20_000), &time(30_001)));
    assert!(!is_worse(Figure::Recovery, &time(800_000), &time(880_000)), "a tenth");
    assert!(is_worse(Figure::Recovery, &time(800_000), &time(880_001)));
    let never = |faults: u64| FiguresRecord {
        not_recovered: figure((0..20).map(|run| u64::from(run < faults))),
        ..FiguresRecord::default()
    };
    assert!(!is_worse(Figure::NotRecovered, &never(0), &never(1)), "one run in twenty");
    assert!(!is_worse(Figure::NotRecovered, &never(0), &never(8)), "so few runs scatter that much");
    assert!(is_worse(Figure::NotRecovered, &never(0), &never(10)));
}

#[test]
fn of_fewer_than_eight_runs_nothing_is_said() {
    let runs = |count: usize| recovery(vec![1_000; count]);
    assert_eq!(Comparison::of(Figure::Recovery, &runs(20), &runs(7)), None);
    assert_eq!(Comparison::of(Figure::Recovery, &runs(7), &runs(20)), None);
    assert!(Comparison::of(Figure::Recovery, &runs(8), &runs(8)).is_some());
    assert_eq!(Comparison::of(Figure::Silence, &runs(20), &runs(20)), None);
}

/// A time as recoveries scatter: exponential, so that a few are many times the mean.
#[expect(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a test"
)]
fn scattered(rng: &mut Rng, mean: f64) -> u64 {
    let chance = (rng.below(1_000_000) + 1) as f64 / 1_000_000.0;
    (-mean * chance.ln()) as u64
}

#[test]
fn other_runs_of_equal_code_raise_no_alarm_and_code_that_is_five_times_as_slow_does() {
    let mut rng = Seed(14).stream("noise").rng();
    let mut runs =
        |mean: f64| recovery((0..40).map(|_| scattered(&mut rng, mean)).collect::<Vec<_>>());
    let mut alarms = [0; 2];
    for _ in 0..10_000 {
        let before = runs(100_000.0);
        alarms[0] += i32::from(is_worse(Figure::Recovery, &before, &runs(100_000.0)));
        alarms[1] += i32::from(is_worse(Figure::Recovery, &before, &runs(500_000.0)));
    }
    assert!(alarms[0] <= 3, "{} false alarms in 10,000", alarms[0]);
    assert!(alarms[1] > 7_000, "{} of 10,000", alarms[1]);
}

#[test]
fn a_cell_leaves_a_doubt_if_one_run_in_twenty_is_undecided_however_few_there_are() {
    let doubts =
        |valid, unknown| CellTally { valid, unknown, ..CellTally::default() }.leaves_doubt();
    assert!(!doubts(0, 0) && !doubts(12, 0) && !doubts(39, 1));
    assert!(doubts(1, 11) && doubts(11, 1) && doubts(19, 1) && doubts(38, 2));
}

fn kinds(judged: &Judged) -> Vec<RegressionKind> {
    judged.regressions.iter().map(Regression::kind).collect()
}

const STALE: &str = "linearizable/stale-read/read";
const LOST: &str = "durable/lost-write/read";

#[test]
fn the_same_runs_are_never_worse_whatever_was_found_in_them() {
    let figures = recovery(around(200_000, 90_000));
    let bad = failing(&[STALE, LOST], "it is stale");
    for scene in [
        Scene::clean(),
        Scene::of(&[(0, bad.clone()), (1, serving(figures))]),
        Scene::of(&[(0, bad.clone()), (1, bad)]),
    ] {
        let hunts = [hunted(Some(3), 0)];
        let judged = judge(&scene.tally, Some(&scene.baseline(&hunts)), &hunts);
        assert_eq!(kinds(&judged), []);
        assert!(judged.gone.is_empty());
    }
}

#[test]
fn a_class_that_the_baseline_lacks_is_new_and_a_cell_that_was_clean_has_its_claim_refuted() {
    use RegressionKind::{ClaimRefuted, NewAnomaly};
    let stale = |cell| (cell, failing(&[STALE], "it is stale"));
    let of = |before: &[_], now: &[_]| {
        let baseline = Scene::of(before).baseline(&[]);
        judge(&Scene::of(now).tally, Some(&baseline), &[])
    };
    let fine = |cell| (cell, valid());
    let both = of(&[fine(0), fine(1)], &[fine(0), stale(1)]);
    assert_eq!(kinds(&both), [NewAnomaly, ClaimRefuted]);
    // Known from another cell, it is no new class, and the claim of this one is refuted nevertheless.
    let known = of(&[stale(0), fine(1)], &[stale(0), stale(1)]);
    assert_eq!(kinds(&known), [ClaimRefuted]);
    assert_eq!(known.regressions[0].cell(), Some(1));
    // A cell that was broken before is broken in another way.
    let other = (0, failing(&[STALE, LOST], "it is lost"));
    let more = of(&[stale(0), fine(1)], &[other, fine(1)]);
    assert_eq!(kinds(&more), [NewAnomaly]);
    let mended = of(&[stale(0), fine(1)], &[fine(0), fine(1)]);
    assert_eq!((kinds(&mended), mended.gone), (vec![], vec![STALE.to_owned()]));
}

#[test]
fn a_bug_that_is_not_found_or_whose_runs_are_not_clean_without_it_is_missed() {
    let scene = Scene::clean();
    let of = |hunt: BugHunt| {
        let baseline = scene.baseline(&[hunted(Some(3), 0)]);
        kinds(&judge(&scene.tally, Some(&baseline), &[hunt]))
    };
    assert_eq!(of(hunted(Some(19), 0)), []);
    assert_eq!(of(hunted(None, 0)), [RegressionKind::BugMissed]);
    assert_eq!(of(hunted(Some(3), 1)), [RegressionKind::BugMissed]);
    assert_eq!(of(BugHunt { block: None, ..hunted(None, 0) }), [], "nothing is known");
}

#[test]
fn figures_are_compared_in_each_cell_and_by_kind() {
    let slow = |middle| serving(recovery(around(middle, 10_000)));
    let before = Scene::of(&[(0, slow(100_000)), (1, slow(100_000))]).baseline(&[]);
    let now = Scene::of(&[(0, slow(100_000)), (1, slow(300_000))]);
    let judged = judge(&now.tally, Some(&before), &[]);
    assert_eq!(kinds(&judged), [RegressionKind::SlowerRecovery]);
    assert_eq!(judged.regressions[0].cell(), Some(1));
    assert_eq!(judged.comparisons.len(), 2);
}

#[test]
fn a_figure_that_too_few_runs_of_a_whole_cell_have_now_is_not_known() {
    let slow = |runs| serving(recovery(around(100_000, 10_000).into_iter().take(runs)));
    let before = Scene::of(&[(0, slow(8)), (1, slow(7))]).baseline(&[]);
    let of = |now: &[_]| judge(&Scene::of(now).tally, Some(&before), &[]).vanished;
    assert_eq!(of(&[(0, slow(8)), (1, slow(0))]), []);
    assert_eq!(of(&[(0, slow(7)), (1, slow(7))]), [(0, Figure::Recovery)]);
    let part = JobFactsRecord { valid: RUNS - 1, ..slow(7) };
    assert_eq!(of(&[(0, part), (1, slow(7))]), [], "the others may have it");
}

#[test]
fn what_the_baseline_required_and_nobody_does_now_is_named() {
    let mut scene = Scene::clean();
    scene.campaign.cells[1].settings.require = vec!["linearizable".to_owned()];
    let mut baseline = scene.baseline(&[]);
    assert!(baseline.cells[0].required.len() > 1, "{:?}", baseline.cells[0].required);
    assert_eq!(baseline.cells[1].required, ["linearizable"]);
    assert_eq!(no_longer_required(&baseline, &scene.campaign), None);
    let mut less = |name: &str| {
        baseline.cells[1].required = vec![name.to_owned()];
        no_longer_required(&baseline, &scene.campaign)
    };
    assert_eq!(less("sequential"), None, "what is stronger is required");
    let told = less("strict-serializable").expect("it is stronger");
    assert!(told.starts_with("it required strict-serializable of other / "), "{told}");
}

#[test]
fn a_bug_of_the_baseline_that_is_not_looked_for_is_not_known() {
    let (scene, lines) = (Scene::clean(), BTreeMap::new());
    let baseline = scene.baseline(&[hunted(Some(3), 0)]);
    let (judged, campaign) = (judge(&scene.tally, Some(&baseline), &[]), scene.told());
    let hunts = [hunted(Some(4), 0)];
    let mut told = gate(&campaign, &baseline, (&judged, &[]), &lines);
    assert_eq!((told.dropped().len(), told.exit()), (1, Exit::Unknown));
    told.hunts = &hunts;
    assert_eq!((told.dropped().len(), told.exit()), (0, Exit::Valid));
    told.hunts = &[];
    told.planted = Some(hunts[0].lookout.bug);
    assert_eq!((told.dropped().len(), told.exit()), (0, Exit::Valid), "none was asked for");
}

#[test]
fn what_is_cut_short_or_not_known_or_blind_is_not_accepted() {
    let mut unknown = valid();
    (unknown.valid, unknown.unknown) = (38, 2);
    let (clean, doubtful) = (Scene::clean(), Scene::of(&[(0, valid()), (1, unknown)]));
    let (part, lines) = (Scene::of(&[(0, valid())]), BTreeMap::new());
    let baseline = clean.baseline(&[]);
    let is_accepted = |scene: &Scene, cut: Option<Cut>, hunt: BugHunt, unknown_fails: bool| {
        let hunts = [hunt];
        let (judged, mut campaign) = (judge(&scene.tally, None, &hunts), scene.told());
        campaign.cut = cut;
        let mut told = gate(&campaign, &baseline, (&judged, &hunts), &lines);
        (told.baseline, told.rules.unknown_fails) = (None, unknown_fails);
        told.is_acceptable()
    };
    let found = || hunted(Some(3), 0);
    assert!(is_accepted(&clean, None, found(), true));
    assert!(!is_accepted(&clean, Some(Cut::Interrupted), found(), false));
    assert!(!is_accepted(&clean, None, hunted(None, 0), false));
    assert!(!is_accepted(&part, None, found(), false));
    assert!(!is_accepted(&doubtful, None, found(), true));
    assert!(is_accepted(&doubtful, None, found(), false), "it is a warning");
}

#[test]
fn the_exit_is_that_of_what_is_worse_and_then_of_what_is_not_known() {
    let (clean, lines) = (Scene::clean(), BTreeMap::new());
    let bad = Scene::of(&[(0, failing(&[STALE], "it is stale")), (1, valid())]);
    let mut unknown = valid();
    (unknown.valid, unknown.unknown) = (36, 4);
    let unknown = Scene::of(&[(0, valid()), (1, unknown)]);
    let part = Scene::of(&[(0, valid())]);
    let baseline = clean.baseline(&[]);
    let exit = |scene: &Scene, cut: Option<Cut>, [unknown_fails, expects_regression]: [bool; 2]| {
        let judged = judge(&scene.tally, Some(&baseline), &[]);
        let mut campaign = scene.told();
        campaign.cut = cut;
        let mut told = gate(&campaign, &baseline, (&judged, &[]), &lines);
        told.rules = GateRules { unknown_fails, expects_regression };
        told.exit()
    };
    let (fail, warn, expect) = ([true, false], [false, false], [true, true]);
    assert_eq!(exit(&clean, None, fail), Exit::Valid);
    assert_eq!(exit(&clean, None, expect), Exit::Violation, "one was expected");
    assert_eq!(exit(&bad, None, fail), Exit::Violation);
    assert_eq!(exit(&bad, None, expect), Exit::Valid);
    assert_eq!(exit(&unknown, None, fail), Exit::Unknown);
    assert_eq!(exit(&unknown, None, warn), Exit::Valid);
    assert_eq!(exit(&part, Some(Cut::Budget), fail), Exit::Unknown);
    assert_eq!(exit(&part, Some(Cut::Budget), warn), Exit::Valid);
    assert_eq!(exit(&part, Some(Cut::Interrupted), warn), Exit::Interrupted);
    assert_eq!(exit(&bad, Some(Cut::Interrupted), fail), Exit::Violation, "it is never masked");
    assert_eq!(exit(&bad, Some(Cut::Interrupted), expect), Exit::Interrupted);
    let judged = judge(&clean.tally, None, &[]);
    let campaign = clean.told();
    let mut told = gate(&campaign, &baseline, (&judged, &[]), &lines);
    told.baseline = None;
    assert_eq!(told.exit(), Exit::Unknown, "a baseline was asked for, and is not written");
    told.is_accepted = true;
    assert_eq!(told.exit(), Exit::Valid);
}
