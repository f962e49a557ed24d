package org.tutti.signing.internal.engine;

import java.util.ArrayList;
import java.util.List;

/// One rule of the program each, left out or turned around in its source, and what catches it: a
/// world of one of the seeds, or a named test.
enum PlantedBug {
    DUPLICATE_OF_A_SLOT_ACCEPTED(
            "internal/engine/Session",
            "if (known == null) { accept(statement, body); }",
            "if (known == null || !known.payload().equals(statement.payload())) {"
                    + " accept(statement, body); }",
            "internal.engine.CheatingTest#twoDifferentNoncesToOneSignerProveEquivocation"),
    UNVERIFIED_FINAL(
            "internal/engine/Session",
            "else if (MusigRounds.verifyFinal(request, keys, signatures)) {",
            "else if (signatures.size() == keys.size()) {",
            12),
    NONCE_SET_HASH_SKIPS_A_SIGNER(
            "internal/wire/NonceSetHash",
            "payloads.get(i).toArray()",
            "payloads.get(Math.min(i, parts.length - 2)).toArray()",
            201),
    NONCE_SETS_NOT_COMPARED(
            "internal/engine/Session",
            "if (!partials.nonceSetHash().equals(attempt.nonceSetHash)) { sendNonceSet();",
            "if (false) { sendNonceSet();",
            213),
    AUTHOR_OF_A_SETS_NONCES_UNCHECKED(
            "internal/engine/NonceSets",
            "verified.author().equals(known.author().peerId()) && contribution.body()",
            "contribution.body()",
            33),
    UNDURABLE_HEAD_TOLD("internal/engine/EngineContext", "return forcedHead;", "return head;", 4),
    READY_BEFORE_THE_DISK(
            "journal/JournalRecord",
            "case Ready _, Sign _, Settled _, ConflictAllowed _, Started _, Refused _, Agreed _,"
                    + " OfRecovery _ -> true;",
            "case Sign _, Settled _, ConflictAllowed _, Started _, Refused _, Agreed _,"
                    + " OfRecovery _ -> true; case Ready _ -> false;",
            12),
    PARTIAL_SIGNATURES_BEFORE_THE_DISK(
            "internal/engine/GroupCommit",
            "if (forced < outputs.size() && !tried(journal::force, now)) {",
            "if (false) {",
            0),
    SIGNATURES_TOLD_THAT_ARE_NOT_ON_DISK(
            "internal/engine/GroupCommit",
            "return changed.change() == EngineOutput.HoldChanged.Change.SIGNED",
            "return false",
            "internal.engine.GroupCommitTest"
                    + "#signaturesThatAFailingDiskDoesNotHaveAreNotToldToTheirOwner"),
    SAME_ATTEMPT_AFTER_A_RESTART(
            "internal/engine/Session",
            "replayed(context, known, known.attempt() + 1, known.restarts() + 1)",
            "replayed(context, known, known.attempt(), known.restarts() + 1)",
            1),
    NONCE_NOT_WIPED_AT_SHUTDOWN(
            "internal/engine/Completions",
            "if (completion == null) { wipe.run();",
            "if (completion == null) {",
            5),
    NONCES_BEFORE_ALL_ARE_READY(
            "internal/engine/Session",
            "phase == Phase.READINESS && attempt.ready.full()",
            "phase == Phase.READINESS",
            0),
    BAD_PARTIAL_SIGNATURE_ACCEPTED(
            "internal/engine/MusigRounds", "return Check.INVALID;", "continue;", 16),
    EVIDENCE_OF_ANOTHER_SESSION_ACCEPTED(
            "blame/EvidenceCheck",
            "return contribution.session().equals(request.sessionId()) && contribution.group()",
            "return contribution.group()",
            0),
    EVIDENCE_OF_TWO_PROCESSES_ACCEPTED(
            "blame/EvidenceCheck", "if (!one.boot().equals(two.boot())) {", "if (false) {", 13),
    EVIDENCE_WITH_ANOTHER_COUNT_ACCEPTED(
            "blame/EvidenceCheck",
            "if (nonces.size() != keys.size()) {",
            "if (false) {",
            "blame.EvidenceCheckTest#noncesMustBeThoseOfAllSignersForThisAttempt"),
    TWO_PROCESSES_TAKEN_FOR_ONE(
            "internal/engine/Session",
            "return one.contribution().boot().equals(two.contribution().boot());",
            "return true;",
            97),
    /// And nothing else notices that it was forgotten.
    FORGETTING_WITHOUT_CLOCK_SKEW(
            "internal/engine/FinishedSessions",
            "Duration skew = limits.requests().clockSkew();",
            "Duration skew = Duration.ZERO;",
            1,
            "",
            "FORGOTTEN_REQUEST_TAKEN_AGAIN"),
    FORGOTTEN_REQUEST_TAKEN_AGAIN(
            "internal/engine/FinishedSessions",
            "return forgotten.contains(expires.toEpochMilli());",
            "return false;",
            1),
    WHAT_A_START_SKIPS_FORGOTTEN(
            "internal/engine/JournalReplay",
            "forgotten.add(known.expiresMillis());",
            "",
            "internal.engine.WrongClockTest#startWithAClockFarAheadThatIsSetRightForgetsNothing"),
    ALL_REFUSED_UNTIL_THE_LATEST_FORGOTTEN_TIME(
            "journal/ForgottenTimes",
            "return index < size && first[index] <= millis;",
            "return index < size;",
            "internal.engine.WrongClockTest"
                    + "#clockThatWasFarAheadForRequestsAndACompactionFreezesNothing"),
    KEY_FREED_BY_A_SESSION_HANDED_OVER(
            "journal/GroupState",
            "if (now && !(recovery.began() && !recovery.over())) {",
            "if (now) {",
            "journal.GroupStateTest#onlyWhatAllSignNowProvesWhenAKeyWasSettledAtTheLatest"),
    FORGETTING_AFTER_A_CLOCK_STEP(
            "internal/engine/EngineContext",
            "return !clockStepped && !wall",
            "return !wall",
            "internal.engine.ExpiryTest"
                    + "#afterAStepNothingIsForgottenUntilTheOperatorHasLookedAtTheClock"),
    EXPIRY_UNCHECKED_ON_A_MESSAGE(
            "internal/engine/SessionEngine",
            "context.begin(now); tick(); if (!isOfAnotherGroup(input)) {",
            "context.begin(now); if (input instanceof EngineInput.Tick) { tick(); }"
                    + " if (!isOfAnotherGroup(input)) {",
            5),
    EXPIRY_BY_THE_WALL_CLOCK_ALONE(
            "internal/engine/Session",
            "return !context.now().isBefore(request.expires())"
                    + " || !context.running().isBefore(expires);",
            "return !context.now().isBefore(request.expires());",
            "internal.engine.ExpiryTest#sessionExpiresAlsoWhenTheWallClockIsSetBack"),
    EXPIRY_BY_THE_BOOT_CLOCK_ALONE(
            "internal/engine/Session",
            "return !context.now().isBefore(request.expires())"
                    + " || !context.running().isBefore(expires);",
            "return !context.running().isBefore(expires);",
            268),
    RESUMED_WITHOUT_APPROVAL(
            "internal/engine/Session",
            "} else if (session.completions.havePartialsLeft()) {",
            "} else if (true) {",
            12),
    SIGNATURES_NOT_TOLD_AGAIN(
            "internal/engine/SessionEngine",
            "context.tell(EngineOutput.HoldChanged.Change.SIGNED, request.request(),"
                    + " known.hold(), signed.signatures());",
            "",
            1),
    NOTHING_LEARNED_AFTER_THE_END(
            "internal/engine/Completions",
            "return partialsLeft && completion != null && completion.signatures().isEmpty();",
            "return false;",
            "internal.engine.LearningTest#partialSignaturesThatComeAfterExpiryCompleteTheSession"),
    HOLD_RELEASED_BY_AN_ABORT(
            "internal/engine/HoldRegistry",
            "if (entry.state == HoldEntry.State.COMMITTED) { return true; }",
            "if (entry.state == HoldEntry.State.COMMITTED && signed) { return true; }",
            20),
    HOLD_RELEASED_BY_TIME(
            "journal/KeptSession",
            "return expired(millis) && holdsNothing();",
            "return expired(millis);",
            20),
    HOLD_RELEASED_AT_A_RESTART(
            "internal/engine/Session",
            "if (known.bindsHold() && !known.hold().isNone()) {",
            "if (false) {",
            20),
    HOLD_RELEASED_WITH_THE_ATTEMPT(
            "internal/engine/HoldRegistry",
            "if (entry != null && entry.state != HoldEntry.State.COMMITTED) { free(entry); }",
            "if (entry != null) { free(entry); }",
            40),
    COMMITTED_CONFLICT_ACCEPTED(
            "internal/engine/HoldRegistry",
            "if (other.state == HoldEntry.State.COMMITTED && !other.conflictAllowed",
            "if (false && !other.conflictAllowed",
            1),
    VERSION_WITHOUT_A_COMMON_RESOURCE_ACCEPTED(
            "internal/engine/HoldRegistry",
            "return committed && common.isEmpty() ? no(",
            "return false ? no(",
            33),
    KEY_OF_A_HOLD_FORGOTTEN_AT_A_RESTART(
            "internal/engine/HoldRegistry",
            "entry.conflictAllowed = conflictAllowed; put(entry, HoldEntry.State.COMMITTED);"
                    + " bind(entry);",
            "entry.conflictAllowed = conflictAllowed; put(entry, HoldEntry.State.COMMITTED);",
            33),
    SETTLED_KEY_FORGOTTEN_AT_A_RESTART(
            "internal/engine/HoldRegistry",
            "binding = new Binding(settled.content(), settled.session()); keys.put(key, binding);",
            "binding = new Binding(settled.content(), settled.session());",
            12),
    SETTLED_KEY_FREED_BY_ONE_CLOCK_AT_A_START(
            "internal/engine/JournalReplay",
            ".map(time -> Math.min(now, time.toEpochMilli())) .orElse(Long.MIN_VALUE);",
            ".map(_ -> now) .orElse(now);",
            "internal.engine.EngineSessionsTest#clockFarAheadFreesNoKeyOfASettledHold"),
    SETTLED_KEY_FREED_BY_REQUESTS_OF_ONE(
            "journal/GroupState",
            "long time = Math.min(cutoff, agreedMillis) - skew;",
            "long time = cutoff - skew;",
            "journal.GroupStateTest"
                    + "#keyIsNotFreedByTheTimeOfRequestsThatOnlyThisNodeWasReadyFor"),
    ORIGINAL_NOT_REACHED_BESIDE_ITS_COPY(
            "internal/engine/Presence",
            "toReachAll.add(author);",
            "",
            "internal.engine.PresenceTest"
                    + "#processThatAnswersAfterAnotherIsChallengedWithItOnAllConnections"),
    SETTLED_OPERATION_DONE_AGAIN(
            "internal/engine/HoldRegistry",
            "if (binding.freeAt != null) { return no(",
            "if (false) { return no(",
            4),
    KEY_TAKEN_FOR_ANOTHER_CONTENT(
            "internal/engine/HoldRegistry",
            "if (!entry.cancels() && !binding.content.equals(entry.hold.content())) {",
            "if (false) {",
            "internal.engine.HoldRegistryTest#keyBelongsToOneContent"),
    GROUP_OF_A_REQUEST_UNCHECKED(
            "internal/engine/Admission",
            "return request.group().equals(RequestGroup.of(group));",
            "return true;",
            40),
    CROSSING_REQUESTS_ORDERED_BY_ARRIVAL(
            "internal/engine/HoldRegistry",
            "boolean first = own.isBefore(rank(other, progress, now));",
            "boolean first = true;",
            "internal.engine.HoldRegistryTest"
                    + "#ofTwoCrossingSessionsOneDisplacesTheOtherWhicheverArrivesFirst"),
    JOURNAL_THAT_WENT_BACK_ACCEPTED(
            "internal/engine/SessionEngine",
            "if (remembered.isPresent()) {",
            "if (false) {",
            "internal.engine.JournalWentBackTest"
                    + "#nodeWhoseJournalWentBackIsShownItAndSignsNothingAnyMore"),
    HELLO_OF_ANOTHER_PASSED_ON(
            "internal/wire/EnvelopeVerifier",
            "if (ofItsStream && !message.author().equals(via)) {",
            "if (false) {",
            "internal.wire.EnvelopeVerifierTest#helloIsOfTheMemberWhoseStreamItIsOn"),
    MESSAGE_FROM_OUTSIDE_THE_GROUP_TAKEN(
            "internal/wire/EnvelopeVerifier",
            "Member via = member(message.group(), sender);",
            "Member via = message.author();",
            "internal.wire.EnvelopeVerifierTest"
                    + "#messageOfAMemberIsTakenFromMembersOfItsGroupAlone"),
    NONCES_KEPT_IN_A_DROPPED_GROUP(
            "service/EventLoop",
            "outputs.addAll(handle(group, new EngineInput.GroupDropped()));",
            "",
            "service.EventLoopTest#groupThatHasLeftIsSuspendedAndHandlesNothing"),
    SIGNED_HOLD_WITHOUT_OWN_PARTIALS_RELEASED(
            "internal/engine/HoldRegistry",
            "if (signed && entry.state != HoldEntry.State.COMMITTED) {",
            "if (false) {",
            "internal.engine.HoldRegistryTest"
                    + "#signedSessionHoldsAlsoIfThisNodeKnowsOfNoPartialSignatureOfItsOwn"),
    READY_BEFORE_ALL_SAID_HELLO(
            "internal/engine/Session",
            "if (!context.presence().complete()) { await();",
            "if (false) { await();",
            "internal.engine.JournalWentBackTest#nobodyIsReadyBeforeAllHaveSaidHello"),
    COPY_FOUND_BY_THE_SAME_CHALLENGE(
            "internal/engine/MemberProcesses",
            "&& number > processes.getLast().since && !isLast(known)",
            "&& !isLast(known)",
            "internal.engine.CopyTest#lateAnswerOfAProcessThatHasEndedIsNoCopy"),
    SIGNED_ALTHOUGH_THERE_IS_A_COPY(
            "internal/engine/Session",
            "boolean alone = context.presence().copied().isEmpty();",
            "boolean alone = true;",
            "internal.engine.CopyTest#copyStopsWhatIsReadyUntilItIsGone"),
    COPY_BY_HEARSAY(
            "internal/engine/Presence",
            "if (answer.challenger() != self || !answer.challengerBoot().equals(ownBoot)) {",
            "if (false) {",
            "internal.engine.CopyTest#answersToOthersChallengesProveNoCopy"),
    HEAD_OF_A_COPY_COUNTS(
            "internal/engine/PeerHeads",
            "now.isBefore(head.countsFrom) ? waiting : counted;",
            "false ? waiting : counted;",
            53),
    OTHER_TERMS_IGNORED(
            "internal/engine/Presence",
            "&& differing().isEmpty() && context.recovery()",
            "&& context.recovery()",
            "internal.engine.TermsTest#memberWithOtherTermsIsNamedAndNothingIsSignedWithIt"),
    RECOVERED_ALTHOUGH_NOBODY_REMEMBERS(
            "internal/engine/Recovery",
            "if (somebodyRemembers || earlierUnknown) {",
            "if (true) {",
            "internal.engine.RecoveryTest" + "#ifAllHaveLostTheirJournalsTheOperatorHasToSaySo"),
    CONSENT_NOT_VERIFIED(
            "internal/engine/Recovery",
            "&& ConsentMessage.isOf(consent, context.requestGroup(), author.signingKey());",
            ";",
            "internal.engine.RecoveryTest"
                    + "#consentToAnotherJournalOrMemberOrOfAnotherKeyIsNone"),
    HANDED_OVER_WITHOUT_A_PROOF(
            "internal/engine/Recovery",
            "|| (own.isEmpty() && !signed)",
            "",
            "internal.engine.RecoveryTest" + "#sessionWithoutAProofThatSheTookPartIsNotHeld"),
    REPLACED_JOURNAL_TAKEN(
            "internal/engine/Recovery",
            "return consent != null && !consent.journal().equals(head.journal());",
            "return false;",
            "internal.engine.RecoveryTest"
                    + "#headsOfTheEarlierJournalCountNoMoreAndOneWhoComesBackWithItSignsNothing"),
    SIGNED_WHILE_IT_IS_HANDED_OVER(
            "internal/engine/SessionEngine",
            "if (context.recovery().consent(member, journal)) {",
            "context.recovery().consent(member, journal); if (false) {",
            "internal.engine.RecoveryTest"
                    + "#consentEndsSessionsSoThatNothingIsSignedWhileItIsHandedOver"),
    TERMS_NOT_VERIFIED(
            "internal/engine/Presence",
            "if (!isSigned(author, greeting.hello().terms())) {",
            "if (false) {",
            "internal.engine.TermsTest#termsThatTheSigningKeyDidNotSignForThisGroupAreNoHello"),
    TWO_PROCESSES_CONVICTED(
            "blame/EvidenceCheck",
            "if (!one.boot().equals(two.boot())) {",
            "if (false) {",
            "blame.EvidenceCheckTest#messagesOfTwoProcessesAreNotEquivocation"),
    ATTESTATION_THAT_IS_OVER_TAKEN(
            "internal/engine/Session",
            "if (ready.attestation().isOver(context.now())) {",
            "if (false) {",
            "internal.engine.SessionEngineTest"
                    + "#attestationThatIsOverAbortsTheSessionAndConvictsNobody"),
    FORGOTTEN_BY_THE_WALL_CLOCK_ALONE(
            "internal/engine/EngineContext",
            "&& !running.isBefore(runningTime);",
            "&& true;",
            "internal.engine.ExpiryTest" + "#clockThatRunsAheadByLessThanAStepForgetsNothing"),
    COMPACTED_WITHOUT_WHAT_LEFT("journal/KeptSession", "sign().ifPresent(records::add);", "", 64),
    COMPACTED_BY_THE_WALL_CLOCK_ALONE(
            "journal/JournalState",
            "long cutoff = Math.min(now.toEpochMilli(), proven);",
            "long cutoff = now.toEpochMilli();",
            "journal.JournalCompactionTest#wallClockThatIsFarAheadForgetsNothing"),
    SESSION_THAT_MAY_SIGN_LEFT_OUT(
            "journal/JournalState",
            "forget(false);",
            "forget(true);",
            "journal.JournalCompactionTest#sessionWhoseEndWasNotWrittenIsForgottenAtAStartAlone"),
    GROUP_OF_A_HEAD_IGNORED(
            "journal/JournalHead",
            "TaggedHash.of(\"tutti/journal\", journal, group)",
            "TaggedHash.of(\"tutti/journal\", journal)",
            "journal.JournalTest#chainsOfTwoJournalsOrGroupsDifferFromTheStart"),
    MESSAGE_OF_ANOTHER_GROUP_TAKEN(
            "internal/engine/SessionEngine", "if (!isOfAnotherGroup(input)) {", "if (true) {", 1),
    HEAD_COUNTS_UNCHALLENGED(
            "internal/engine/PeerHeads",
            "return challengedAt.equals(Instant.MAX) ? Instant.MAX : challengedAt.plus(SETTLES);",
            "return challengedAt.equals(Instant.MAX) ? Instant.MIN : challengedAt.plus(SETTLES);",
            526),
    CHAIN_OF_ANOTHER_GROUP_CONTINUED(
            "journal/Journal",
            "JournalHead head = heads.get(group); return head == null",
            "JournalHead head = heads.isEmpty() ? null : heads.values().iterator().next();"
                    + " return head == null",
            1),
    ENTRY_WRITTEN_FOR_ANOTHER_GROUP(
            "internal/engine/GroupCommit",
            "entries.add(new JournalEntry(of.from().group(), record));",
            "entries.add(new JournalEntry(outputs.getFirst().from().group(), record));",
            1),
    FORCED_FOR_THE_FIRST_GROUP_ALONE(
            "internal/engine/GroupCommit",
            "forced = record.mustForce() ? Math.min(forced, i) : forced;",
            "forced = record.mustForce() && of.from().equals(outputs.getFirst().from())"
                    + " ? Math.min(forced, i) : forced;",
            1),
    NONCES_KEPT_WHEN_ITS_GROUP_IS_DROPPED(
            "internal/engine/SessionEngine",
            "close( \"GROUP_DROPPED\", AbortCode.GROUP_DROPPED,"
                    + " \"this node has left the group\");",
            "{}",
            5),
    ONE_GROUP_ALONE_COMPACTED(
            "journal/JournalState",
            "return groups.entrySet().stream() .flatMap(",
            "return groups.entrySet().stream().limit(1).flatMap(",
            1),
    GROUP_ADDED_WITHOUT_ITS_ENTRIES(
            "journal/GroupReading",
            "if (entry.group().equals(group)) {",
            "if (!entry.group().equals(group)) {",
            13),
    HELLO_FOR_ANOTHER_PROCESS_COUNTS(
            "internal/engine/Presence",
            "if (!hello.receiverBoot().equals(context.envelopeSigner.boot()) ||",
            "if (",
            "internal.engine.OverRelayTest#helloThatNamesAnotherProcessOrNoneDoesNotCount"),
    OLD_HELLO_COUNTS_AGAIN(
            "internal/engine/Presence",
            "&& hello.challenge() <= last.number) {",
            "&& false) {",
            "internal.engine.OverRelayTest"
                    + "#helloThatIsRepeatedOrOlderThanOneThatCountedDoesNotCount"),
    STATEMENT_WHOSE_HEAD_IS_NOT_REMEMBERED_TAKEN(
            "internal/engine/Presence",
            "|| isPresent(statement.author().index(), statement.contribution().boot());",
            "|| true;",
            "internal.engine.OverRelayTest"
                    + "#readyAndNoncesAreNotTakenFromAProcessWhoseHeadWouldNotBeRemembered"),
    ANSWER_OF_THE_PAST_TAKEN_FOR_A_COPY(
            "internal/engine/MemberProcesses",
            "&& number <= processes.getLast().since;",
            "&& false;",
            "internal.engine.OverRelayTest"
                    + "#answerOfThePastThatARelayHasKeptBackMakesNoCopyOfAProcess"),
    HEAD_STATED_BEFORE_THE_ANSWER_FORGOTTEN(
            "internal/engine/Presence",
            "heads.answered(author, answer.boot()).ifPresent(this::observeHead);",
            "",
            "internal.engine.PresenceTest#headOfAProcessThatHasNotAnsweredDoesNotCountUntilItHas"),
    RENAMED_BEFORE_IT_WAS_ON_DISK(
            "journal/Journal",
            "copy(compacted.prefix(), temporary); temporary.force();",
            "copy(compacted.prefix(), temporary);",
            "journal.JournalCompactionTest#noCrashLosesAnEntryThatWasForced");

    /// One change of one source file.
    ///
    /// @param module whose source file it is
    /// @param file below the package of the module, without extension
    /// @param text occurs once; white space does not count
    record Edit(String module, String file, String text, String replacement) {
        /// The file below the module's folder of sources.
        String source() {
            return "org/tutti/" + module + "/" + file + ".java";
        }
    }

    private final String file;
    private final String text;
    private final String replacement;

    /// A seed whose world was seen to catch it; others are tried if it does not any more.
    final long seed;

    /// `Class#method` below the package of this module; empty if worlds catch it.
    final String test;

    private final String also;

    PlantedBug(String file, String text, String replacement, long seed) {
        this(file, text, replacement, seed, "", "");
    }

    PlantedBug(String file, String text, String replacement, String test) {
        this(file, text, replacement, 0, test, "");
    }

    /// @param also another bug that is planted with it, or empty
    PlantedBug(String file, String text, String replacement, long seed, String test, String also) {
        this.file = file;
        this.text = text;
        this.replacement = replacement;
        this.seed = seed;
        this.test = test;
        this.also = also;
    }

    List<Edit> edits() {
        List<Edit> edits = new ArrayList<>();
        edits.add(new Edit("signing", file, text, replacement));
        if (!also.isEmpty()) {
            edits.addAll(valueOf(also).edits());
        }
        return edits;
    }

    boolean caughtByWorlds() {
        return test.isEmpty();
    }
}
