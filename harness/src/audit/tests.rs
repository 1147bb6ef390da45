use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use rashomon_checker::{Consistency, Invariant};
use rashomon_targets::{ObjectClass, TargetConfig};
use rashomon_workloads::Kind;

use super::beyond::weakest;
use super::*;

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
    let has = |class| design.classes[&class].claims.contains_key(Invariant::Bank.name());
    assert!(has(ObjectClass::Register) && !has(ObjectClass::Set));
    let jobs = round(&[target], 1);
    assert!(jobs.iter().any(|job| job.kind == Kind::Bank), "{jobs:?}");
}
