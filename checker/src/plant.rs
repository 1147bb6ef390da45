//! Mistakes planted in the checkers, to see that the tests find them.

/// A rule forgotten or broken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Bug {
    ForgetTakenTwice,
    SkipClipping,
    QueueForgetOrder,
    QueueForgetStranded,
    QueueForgetEmpty,
    QueueEmptyOneByOne,
    QueueLostTakesAreFree,
    QueueIgnoreLostTakes,
    QueueEmptyIgnoresLostTakes,
    StackKeepMoments,
    StackForgetEmpty,
    StackForgetEarlyPush,
    StackForgetLatePop,
    StackStopAtFirstLayer,
    StackIgnoreLostTakes,
    StackFirstLostTakeOnly,
    LeastForgetBlocking,
    LeastForgetMoments,
    LeastForgetEmpty,
    LeastIgnoreLostTakes,
    SetForgetAbsence,
    SetForgetRemoval,
    SetEveryRemovalWorks,
    SetAddLatestOnly,
    SetForgetOverlap,
    SetForgetOrder,
    SetForgetNarrowing,
    SetTrustProjections,
    SetForgetFresh,
    SetForgetTaken,
    SetForgetRepeated,
    PeekTrustTheRest,
    MutexForgetOthers,
    MutexForgetHolder,
    MutexForgetUnreleased,
    CounterForgetUpper,
    CounterForgetLower,
    CounterForgetReads,
    CounterForgetContained,
    CounterForgetStep,
    CounterTrustUnequal,
    ChainForgetOrder,
    ChainForgetRivals,
    ChainForgetLoops,
    ChainForgetLost,
    ChainForgetFailed,
    MismatchTrustAnyLater,
    MismatchTrustAnyEarlier,
    SearchIgnoreLostInDominance,
    SearchIgnoreSeenInDominance,
    SearchForgetLost,
    SearchTakeAnyRead,
    SearchNeedNothing,
    NarrowForgetCuts,
    TrailForgetFirst,
    DelayedForgetCuts,
    DelayedQueueForgetOrder,
    DelayedStackForgetCover,
    DelayedStackTakeLatest,
    DelayedStackSealTooSoon,
    DelayedStackForgetSeal,
    DelayedStackMergeGaps,
    PieceForgetLost,
    PieceTrustAnyRest,
    RestForgetOthers,
    GrowthForgetWithin,
    GrowthForgetBetween,
    GrowthForgetPrefixes,
    GrowthForgetMissed,
    GrowthRaiseTooFar,
    GrowthForgetInvocations,
    GrowthForgetUnseen,
    GrowthForgetOrders,
    GrowthForgetSurplus,
    GrowthStrikeStart,
    GrowthTrustHints,
    ConvergeForgetOverlap,
    ConvergeMissedIsLost,
    ConvergeForgetReadd,
    ConvergeAlwaysApart,
    ConvergeCountUnknown,
    OnlineForgetWithin,
    OnlineForgetAround,
    OnlineForgetReaders,
    OnlineForgetOwner,
    OnlineForgetFailure,
    OwnForgetSpared,
    OrderForgetFresh,
    OrderForgetFuture,
    OrderForgetWithin,
    OrderForgetCircles,
    OrderForgetMisses,
    OrderForgetLost,
    OrderReadsInTurn,
    SwitchForgetCuts,
    SwitchForgetDebt,
    SwitchForgetStock,
    SwitchForgetNeeds,
    SwitchForgetCover,
    SwitchUseLast,
    SwitchNeverPass,
    SwitchNeverUseAtEnd,
    SessionsForgetOwn,
    SessionsForgetReads,
    SessionsForgetInitial,
    SessionsForgetOverwritten,
    SessionsForgetSwapped,
    SessionsForgetLateSight,
    SessionsForgetCauses,
    CausalForgetInitial,
    CausalForgetOverwritten,
    CausalForgetForced,
    CausalOwnSessionOnly,
    OneOrderForgetRounds,
    SetFullForgetOverlap,
    SetFullForgetReadd,
    IdsForgetDistant,
    IdsForgetNext,
    QueueForgetTwice,
    QueueForgetUnknownTakes,
    MonotonicTrustWrites,
    ForkEqualOnly,
    BankForgetGains,
    LockForgetUnreleased,
    FencingAllowEqual,
    BoundsForgetNegative,
    OrSetForgetConcurrent,
    OrSetForgetOthers,
    SiblingsForgetSeen,
    LastWriteForgetOverlap,
    BoundsTrustReplicas,
    SequentialForgetLocks,
    SequentialBlameFirst,
    BehindCountsTwice,
    KSearchOneMore,
}

#[cfg(test)]
thread_local! {
    static PLANTED: std::cell::Cell<Option<Bug>> = const { std::cell::Cell::new(None) };
}

/// Whether `bug` is to be made. Never, outside tests.
#[cfg(test)]
pub(crate) fn planted(bug: Bug) -> bool {
    PLANTED.get() == Some(bug)
}

/// Whether `bug` is to be made. Never, outside tests.
#[cfg(not(test))]
#[inline]
pub(crate) const fn planted(_bug: Bug) -> bool {
    false
}

/// What `run` answers with the mistake made.
#[cfg(test)]
pub(crate) fn with<A>(bug: Bug, run: impl FnOnce() -> A) -> A {
    PLANTED.set(Some(bug));
    let answer = run();
    PLANTED.set(None);
    answer
}
