use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use rashomon_checker::{Consistency, History, Invariant};
use rashomon_results::ServedRecord;
use rashomon_targets::{FaultKind, ObjectClass, TargetConfig};
use rashomon_workloads::Kind;

use super::beyond::weakest;
use super::judged::{ServedPromise, worst};
use super::target::FoundInRuns;
use super::*;
use crate::availability::{CutServed, SideServed};
use crate::claims::RunCounts;
use crate::execute::{self, Keep};
use crate::judge::{Question, Requirement};
use crate::run::drive::{Rest, Unread, UntilStopped};
use crate::settings::{Driver, Settings};

#[test]
fn the_next_models_above_a_claim_are_those_with_nothing_between() {
    let next = |claimed: &[Consistency]| weakest(Unclaimed::above(claimed).models());
    assert!(next(&[Consistency::Linearizable]).is_empty(), "nothing is above");
    let regular = next(&[Consistency::Regular]);
    assert!(regular.contains(&Consistency::MonotonicReads), "{regular:?}");
    assert!(!regular.contains(&Consistency::ReadYourWrites), "a regular register keeps them");
    assert!(!regular.contains(&Consistency::Linearizable), "monotonic reads are between");
    let nothing = next(&[]);
    assert!(nothing.contains(&Consistency::Prefix) && nothing.contains(&Consistency::Safe));
    for models in [&regular, &nothing] {
        assert_eq!(weakest(models), *models, "none of them implies another");
    }
}

#[test]
fn every_variant_is_audited_once_and_those_with_copies_by_most_of_them() {
    let all = designs();
    let names: BTreeSet<String> =
        all.iter().map(|it| format!("{} {} {}", it.name(), it.variant(), it.claim())).collect();
    assert_eq!(names.len(), all.len(), "each once");
    let every = TargetConfig::every(3..=5).into_iter().filter(|it| it.profile().copies > 1);
    for target in every {
        let name = format!("{} {} {}", target.name(), target.variant(), target.claim());
        assert!(names.contains(&name), "{name}");
    }
    assert!(
        all.iter().all(|it| it.profile().copies > 1),
        "one copy is linearizable, whatever is claimed"
    );
}

/// A design of three nodes with these flags.
fn target(flags: &str) -> TargetConfig {
    let wanted: Vec<&str> = flags.split(' ').collect();
    let has = |target: &TargetConfig| {
        let own = target.flags();
        own[0] == wanted[0] && wanted[1..].chunks(2).all(|it| own.windows(2).any(|own| own == it))
    };
    TargetConfig::every(3..=3).into_iter().find(has).unwrap()
}

/// The audits of a design with these flags.
fn audited(flags: &str, seeds: std::ops::Range<u64>) -> AuditedDesign {
    let target = target(flags);
    let mut design = AuditedDesign::new(target.clone());
    let stop = Arc::new(AtomicBool::new(false));
    for seed in seeds {
        for job in round(std::slice::from_ref(&target), seed) {
            let open = design.open(crate::judge::class(job.kind));
            let run = execute_audited(&target, &job, &open, &stop).unwrap().unwrap();
            design.take(&run);
        }
    }
    design
}

#[test]
fn quorums_keep_their_claim_and_what_is_above_it_is_refuted() {
    let flags = "leaderless --n 3 -r 2 -w 2 --write-back off --conflict lww --read-repair on";
    let design = audited(flags, 1..9);
    assert!(!design.is_refuted(), "{design:#?}");
    for class in [ObjectClass::Register, ObjectClass::Set, ObjectClass::Counter] {
        let models = design.classes[&class].stronger();
        let top = models.iter().find(|it| it.model == Consistency::Linearizable).unwrap();
        let by = top.refuted.as_ref().unwrap_or_else(|| panic!("{class:?}: {models:#?}"));
        assert!(top.model.implies(by.by) && by.again.ends_with(by.by.name()), "{by:?}");
    }
}

#[test]
fn a_design_that_claims_all_there_is_has_nothing_above() {
    let design = audited("primary-replica --failover raft --raft-reads log", 1..4);
    assert!(!design.is_refuted() && !design.is_undecided(), "{design:#?}");
    assert!(design.classes.values().all(|class| class.stronger().is_empty()));
}

#[test]
fn before_any_run_each_claim_is_there_and_undecided() {
    let design = AuditedDesign::new(target("primary-replica --failover raft --raft-reads log"));
    assert!(design.is_undecided() && !design.is_refuted());
    let claims: Vec<(&str, &str)> = design.claims().map(|(of, check, _)| (of, check)).collect();
    for claim in [("registers", "linearizable"), ("sets", "durable"), ("inside", "progress")] {
        assert!(claims.contains(&claim), "{claims:?}");
    }
}

#[test]
fn accounts_are_registers_and_the_bank_is_audited() {
    let target = target("primary-replica --failover raft --raft-reads log");
    let design = AuditedDesign::new(target.clone());
    let has =
        |class: ObjectClass| design.classes[&class].claims.contains_key(Invariant::Bank.name());
    assert!(has(ObjectClass::Register) && !has(ObjectClass::Set));
    let jobs = round(&[target], 1);
    assert!(jobs.iter().any(|job| job.kind == Kind::Bank), "{jobs:?}");
}

/// A claim about registers under partitions.
fn claim(promise: WrittenPromise) -> WrittenClaim {
    WrittenClaim {
        name: "claim".to_owned(),
        source: None,
        promise,
        objects: ObjectClass::Register,
        keys: None,
        under: vec![FaultKind::Partition],
    }
}

#[test]
fn a_run_whose_final_reads_prove_nothing_is_undecided_whatever_they_show() {
    let target = target("primary-replica --failover naive --reads primary");
    let seen = |settings: &Settings| {
        let plan = execute::plan(settings);
        let stop = Arc::new(AtomicBool::new(false));
        let watcher = &mut UntilStopped(&stop);
        let nothing = Requirement::nothing();
        let run =
            execute::execute_asking(&nothing, settings, &plan, Keep::default(), watcher).unwrap();
        let history = History::clone(&run.history);
        let (settings, kind) = (settings.clone(), Kind::Register);
        let run = JudgedRun { settings, kind, plan, driven: run.driven };
        JudgedHistory {
            history,
            source: HistorySource::Run(Box::new(run)),
            options: options(&stop),
        }
    };
    let durable = claim(WrittenPromise::Keeps(Question::Model(Consistency::Durable)));
    let mut fates = BTreeSet::new();
    for seed in 1..9 {
        let mut settings = Settings::new(target.clone(), Kind::Register, Driver::Simulation, seed);
        settings.faults = vec![FaultKind::Partition];
        settings.ops = Some(1000);
        let mut judged = seen(&settings);
        fates.insert(judged.judge(&durable).fate);
        let HistorySource::Run(run) = &mut judged.source else { unreachable!() };
        run.driven.rest = Rest::NotRested;
        assert_eq!(judged.judge(&durable).fate, ClaimFate::Undecided, "seed {seed}");
        let HistorySource::Run(run) = &mut judged.source else { unreachable!() };
        let (key, node) = ("k1".to_owned(), rashomon_targets::NodeId(1));
        run.driven.rest = Rest::Rested;
        run.driven.unread.push(Unread { key, node, why: "timeout".to_owned() });
        assert_eq!(judged.judge(&durable).fate, ClaimFate::Undecided, "seed {seed}");
    }
    assert!(fates.contains(&ClaimFate::Broken), "as it was, some run shows a loss: {fates:?}");
}

#[test]
fn one_bad_cut_of_several_breaks_a_claim_of_availability() {
    let cut = |smaller, larger| {
        let side = |ok| SideServed {
            reads: ServedRecord { asked: 100, ok },
            writes: ServedRecord::default(),
        };
        CutServed { smaller: side(smaller), larger: side(larger) }
    };
    let promise = |operations, side| ServedPromise { operations, side, percent: 50 };
    let reads = promise(ServedOperations::Reads, ClaimedSide::Larger);
    let claim = claim(WrittenPromise::Serves {
        operations: ServedOperations::Reads,
        side: ClaimedSide::Larger,
        percent: 50,
    });
    let judged = |cuts: &[CutServed], name| reads.judge(&claim, cuts, Some(name));
    let (good, bad) = (judged(&[cut(0, 100)], "one"), judged(&[cut(100, 0)], "other"));
    assert_eq!((good.fate, bad.fate), (ClaimFate::Held, ClaimFate::Broken));
    assert_eq!(judged(&[cut(0, 100), cut(0, 0)], "one").fate, ClaimFate::Held, "as a whole");
    assert!(reads.is_broken_by(&[cut(0, 0)]) && !reads.is_broken_by(&[cut(0, 50)]));
    let writes = promise(ServedOperations::Writes, ClaimedSide::Both);
    let untested = writes.judge(&claim, &[cut(0, 100)], None);
    assert_eq!(untested.fate, ClaimFate::Untested, "no write was asked for");
    let both = worst(vec![good.clone(), untested]).unwrap();
    assert_eq!(both.fate, ClaimFate::Untested, "half of it was not tested");
    assert_eq!(worst(vec![good.clone(), bad]).unwrap().fate, ClaimFate::Broken);
    let ClaimEvidence::Sides(shares) = worst(vec![good.clone(), good]).unwrap().evidence else {
        unreachable!()
    };
    assert_eq!(shares.len(), 2, "what rests on both tells both");
}

#[test]
fn where_too_few_runs_are_decided_a_claim_is_undecided() {
    let claim = claim(WrittenPromise::Keeps(Question::Model(Consistency::Linearizable)));
    let found = |runs, violations, unknown| {
        let first = (violations > 0).then(|| ("command".to_owned(), "why".to_owned()));
        let doubt = (unknown > 0).then(|| "doubt".to_owned());
        let counts = RunCounts { runs, violations, unknown, ..RunCounts::default() };
        FoundInRuns { counts, first, doubt }.told(&claim)
    };
    for (found, fate) in [
        (found(40, 0, 1), ClaimFate::Held),
        (found(40, 0, 2), ClaimFate::Undecided),
        (found(12, 0, 12), ClaimFate::Undecided),
        (found(40, 1, 39), ClaimFate::Broken),
        (found(0, 0, 0), ClaimFate::Untested),
    ] {
        assert_eq!(found.fate, fate, "{found:?}");
    }
    let evidence = found(40, 0, 1).evidence;
    assert!(
        matches!(evidence, ClaimEvidence::Runs { decided: 39, unknown: 1, .. }),
        "{evidence:?}"
    );
}
