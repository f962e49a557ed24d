package org.tutti.signing.internal.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.tutti.base.Bytes;
import org.tutti.signing.approval.Hold;
import org.tutti.signing.approval.SettledHold;
import org.tutti.signing.internal.engine.HoldRegistry.Claim;
import org.tutti.signing.internal.wire.GroupFixture;
import org.tutti.signing.internal.wire.RequestCodec;
import org.tutti.signing.journal.JournalRecord;
import org.tutti.signing.request.KeyTweak;
import org.tutti.signing.request.MessageToSign;
import org.tutti.signing.request.RequestGroup;
import org.tutti.signing.request.SessionId;
import org.tutti.signing.request.SigningLimits;
import org.tutti.signing.request.SigningRequest;
import org.tutti.signing.request.SigningRequestDraft;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

class HoldRegistryTest {
    private static final Instant NOW = GroupFixture.NOW;
    private static final Bytes COIN = name("coin");
    private static final Bytes OTHER_COIN = name("other coin");

    private final GroupFixture fixture = new GroupFixture(3, 17);
    private final Map<SessionId, HoldRegistry.Progress> progress = new HashMap<>();
    private HoldRegistry holds = new HoldRegistry(fixture.group, SigningLimits.DEFAULT.held());

    @AfterEach
    void close() {
        fixture.close();
    }

    private static Bytes name(String text) {
        return Bytes.wrap(text.getBytes(StandardCharsets.US_ASCII));
    }

    private static Hold hold(String content, Bytes... resources) {
        return new Hold(Set.of(resources), name(content));
    }

    private SigningRequest request(int requester, String key) {
        return RequestCodec.create(
                RequestGroup.of(fixture.group),
                fixture.owner(requester).member().peerId(),
                fixture.random(32),
                NOW,
                new SigningRequestDraft(
                        List.of(new MessageToSign(fixture.random(32), KeyTweak.none())),
                        "test",
                        Bytes.EMPTY,
                        name(key),
                        Duration.ofMinutes(10)));
    }

    private Claim claim(SigningRequest request, Hold hold) {
        return claim(request, hold, NOW);
    }

    private Claim claim(SigningRequest request, Hold hold, Instant now) {
        int requester = fixture.group.member(request.requester()).orElseThrow().index();
        return holds.claim(
                request,
                requester,
                hold,
                id -> progress.getOrDefault(id, new HoldRegistry.Progress(false, false)),
                now);
    }

    private void granted(SigningRequest request, Hold hold) {
        assertThat(claim(request, hold)).isInstanceOf(Claim.Granted.class);
    }

    private void refused(SigningRequest request, Hold hold, String code) {
        assertThat(claim(request, hold))
                .isInstanceOfSatisfying(
                        Claim.Refused.class, no -> assertThat(no.code()).isEqualTo(code));
    }

    private void committed(SigningRequest request, Hold hold) {
        granted(request, hold);
        holds.commit(request.sessionId());
    }

    private void over(SigningRequest request) {
        holds.ended(request.sessionId(), false, NOW);
    }

    /// Of two requests without a key by two requesters, the one that comes first.
    private List<SigningRequest> inOrder() {
        SigningRequest a = request(0, "");
        SigningRequest b = request(1, "");
        granted(a, hold("a", COIN));
        boolean bFirst = claim(b, hold("b", COIN)) instanceof Claim.Granted;
        holds = new HoldRegistry(fixture.group, SigningLimits.DEFAULT.held());
        return bFirst ? List.of(b, a) : List.of(a, b);
    }

    @Test
    void resourceOfASessionThatEndedWithoutPartialSignaturesIsFree() {
        SigningRequest first = request(0, "");
        granted(first, hold("a", COIN));
        assertThat(holds.isHeld(COIN)).isTrue();
        over(first);
        assertThat(holds.isHeld(COIN)).isFalse();
        granted(request(1, ""), hold("b", COIN));
    }

    @Test
    void timeNeverFreesWhatIsCommitted() {
        SigningRequest first = request(0, "");
        committed(first, hold("a", COIN));
        over(first);
        assertThat(claim(request(1, ""), hold("b", COIN), NOW.plus(Duration.ofDays(10_000))))
                .isInstanceOf(Claim.Refused.class);
        assertThat(holds.isHeld(COIN)).isTrue();
    }

    @Test
    void signedSessionHoldsAlsoIfThisNodeKnowsOfNoPartialSignatureOfItsOwn() {
        SigningRequest request = request(0, "rent");
        granted(request, hold("a", COIN));
        holds.releaseAttempt(request.sessionId());
        assertThat(holds.isHeld(COIN)).isFalse();
        assertThat(holds.ended(request.sessionId(), true, NOW)).as("is held").isTrue();
        assertThat(holds.isHeld(COIN)).isTrue();
        refused(request(1, ""), hold("b", COIN), "CONFLICTING_SESSION");
        assertThat(holds.settle(request.sessionId(), NOW)).isNotNull();
        refused(request(0, "rent"), hold("a", COIN), "ALREADY_DONE");
    }

    @Test
    void onlySettlingAnEndedSessionFreesWhatIsCommitted() {
        SigningRequest first = request(0, "");
        committed(first, hold("a", COIN));
        assertThat(holds.settle(first.sessionId(), NOW)).as("it is live").isNull();
        over(first);
        assertThat(holds.settle(first.sessionId(), NOW)).isNotNull();
        granted(request(1, ""), hold("b", COIN));
    }

    @Test
    void sameMessagesDoNotConflict() {
        SigningRequest first = request(0, "");
        SigningRequest again =
                RequestCodec.create(
                        first.group(),
                        first.requester(),
                        fixture.random(32),
                        NOW,
                        new SigningRequestDraft(
                                first.messages(), "test", Bytes.EMPTY, Duration.ofMinutes(10)));
        committed(first, hold("a", COIN));
        over(first);
        granted(again, hold("a", COIN));
    }

    private SigningRequest sameMessages(SigningRequest as, int requester, String key) {
        return RequestCodec.create(
                as.group(),
                fixture.owner(requester).member().peerId(),
                fixture.random(32),
                NOW,
                new SigningRequestDraft(
                        as.messages(), "test", Bytes.EMPTY, name(key), Duration.ofMinutes(10)));
    }

    @Test
    void sameMessagesOfTwoOrdersAreTwoOperations() {
        Hold order = new Hold(Set.of(COIN), name("a"), /* distinct= */ true);
        SigningRequest first = request(0, "rent");
        committed(first, order);
        over(first);
        // Of another requester, also with the same key; and with another key.
        refused(sameMessages(first, 1, "rent"), order, "CONFLICTING_SESSION");
        refused(sameMessages(first, 0, "rent of May"), order, "CONFLICTING_SESSION");
        // Whoever says that the messages alone are what it does.
        refused(sameMessages(first, 1, ""), hold("a", COIN), "CONFLICTING_SESSION");
        granted(sameMessages(first, 0, "rent"), order);
    }

    @Test
    void ofTwoCrossingOrdersWithTheSameMessagesOneGetsThem() {
        Hold order = new Hold(Set.of(COIN), name("a"), /* distinct= */ true);
        SigningRequest first = request(0, "one");
        SigningRequest second = sameMessages(first, 1, "two");
        Bytes better = inOrder().getFirst().requesterId();
        for (List<SigningRequest> arrival :
                List.of(List.of(first, second), List.of(second, first))) {
            holds = new HoldRegistry(fixture.group, SigningLimits.DEFAULT.held());
            granted(arrival.getFirst(), order);
            boolean displaced =
                    claim(arrival.getLast(), order) instanceof Claim.Granted granted
                            && granted.displaced().size() == 1;
            // The same one, whichever came first.
            assertThat(displaced).isEqualTo(arrival.getLast().requesterId().equals(better));
        }
    }

    @Test
    void ofTwoCrossingSessionsOneDisplacesTheOtherWhicheverArrivesFirst() {
        List<SigningRequest> order = inOrder();
        SigningRequest better = order.getFirst();
        SigningRequest worse = order.getLast();
        granted(better, hold("a", COIN));
        refused(worse, hold("b", COIN), "CONFLICTING_SESSION");
        over(better);
        over(worse);
        // The better one ended unsigned although it had won: now it ranks last for this coin.
        granted(worse, hold("b", COIN));
        refused(better, hold("a", COIN), "CONFLICTING_SESSION");
        assertThat(claim(better, hold("a", COIN), NOW.plus(HoldRegistry.PENALTY)))
                .isInstanceOfSatisfying(
                        Claim.Granted.class,
                        yes ->
                                assertThat(yes.displaced())
                                        .extracting(entry -> entry.request)
                                        .containsExactly(worse));
    }

    @Test
    void requesterCannotGetAheadByAnotherSessionId() {
        SigningRequest better = inOrder().getFirst();
        int worseOwner = better.requester().equals(fixture.owner(0).member().peerId()) ? 1 : 0;
        granted(better, hold("a", COIN));
        for (int i = 0; i < 50; i++) {
            refused(request(worseOwner, ""), hold("b", COIN), "CONFLICTING_SESSION");
        }
    }

    @Test
    void sessionThatComesFirstWaitsForAnAttemptThatHasNonces() {
        List<SigningRequest> order = inOrder();
        SigningRequest better = order.getFirst();
        SigningRequest worse = order.getLast();
        granted(worse, hold("b", COIN));
        progress.put(worse.sessionId(), new HoldRegistry.Progress(true, false));
        assertThat(claim(better, hold("a", COIN))).isInstanceOf(Claim.Waits.class);
        assertThat(holds.waiting()).containsExactly(better.sessionId());
        holds.releaseAttempt(worse.sessionId());
        progress.clear();
        granted(better, hold("a", COIN));
        refused(worse, hold("b", COIN), "CONFLICTING_SESSION");
    }

    @Test
    void sessionWithAKnownPartialSignatureComesFirst() {
        List<SigningRequest> order = inOrder();
        SigningRequest better = order.getFirst();
        SigningRequest worse = order.getLast();
        granted(better, hold("a", COIN));
        progress.put(worse.sessionId(), new HoldRegistry.Progress(false, true));
        assertThat(claim(worse, hold("b", COIN)))
                .isInstanceOfSatisfying(
                        Claim.Granted.class, yes -> assertThat(yes.displaced()).hasSize(1));
    }

    @Test
    void sessionCannotCommitWhatItHasNotReserved() {
        List<SigningRequest> order = inOrder();
        granted(order.getLast(), hold("b", COIN));
        granted(order.getFirst(), hold("a", COIN));
        assertThatThrownBy(() -> holds.commit(order.getLast().sessionId()))
                .isInstanceOf(IllegalStateException.class);
    }

    @Test
    void keyBelongsToOneContent() {
        SigningRequest first = request(0, "rent");
        granted(first, hold("a", COIN));
        refused(request(0, "rent"), hold("b", OTHER_COIN), "KEY_IN_USE");
        granted(request(1, "rent"), hold("b", OTHER_COIN));
    }

    @Test
    void keyOfARunningSessionIsNotStartedAgain() {
        granted(request(0, "rent"), hold("a", COIN));
        refused(request(0, "rent"), hold("a", OTHER_COIN), "ALREADY_RUNNING");
    }

    @Test
    void keyIsFreeWithASessionThatCannotBeSigned() {
        SigningRequest first = request(0, "rent");
        granted(first, hold("a", COIN));
        over(first);
        granted(request(0, "rent"), hold("b", OTHER_COIN));
    }

    @Test
    void keyIsFreeWithASessionThatWasDisplacedBeforeItEnded() {
        List<SigningRequest> order = inOrder();
        int owner = fixture.group.member(order.getLast().requester()).orElseThrow().index();
        SigningRequest keyed = request(owner, "rent");
        granted(keyed, hold("a", COIN));
        granted(order.getFirst(), hold("x", COIN));
        over(keyed);
        granted(request(owner, "rent"), hold("b", OTHER_COIN));
    }

    @Test
    void newVersionMustMakeAllCommittedVersionsImpossible() {
        SigningRequest first = request(0, "rent");
        committed(first, hold("a", COIN, OTHER_COIN));
        over(first);
        refused(request(0, "rent"), hold("a", name("third")), "MAY_HAPPEN_TWICE");
        SigningRequest second = request(0, "rent");
        committed(second, hold("a", COIN, name("third")));
        over(second);
        // It conflicts with the first alone; both together share only the first coin.
        refused(request(0, "rent"), hold("a", OTHER_COIN), "MAY_HAPPEN_TWICE");
        granted(request(0, "rent"), hold("a", COIN));
    }

    @Test
    void whatDoesNothingItselfCancelsAnOperationWithItsKeyIfAtMostOneOfAllCanHappen() {
        Hold cancel = new Hold(Set.of(COIN), Bytes.EMPTY);
        SigningRequest first = request(0, "rent");
        committed(first, hold("a", COIN, OTHER_COIN));
        over(first);
        // Another key, another requester, another coin.
        refused(request(0, "food"), cancel, "CONFLICTING_SESSION");
        refused(request(1, "rent"), cancel, "CONFLICTING_SESSION");
        refused(
                request(0, "rent"),
                new Hold(Set.of(name("third")), Bytes.EMPTY),
                "MAY_HAPPEN_TWICE");
        SigningRequest cancelling = request(0, "rent");
        committed(cancelling, cancel);
        over(cancelling);
        // The operation may be tried once more, in the place of both, and nothing else with its
        // key.
        refused(request(0, "rent"), hold("a", OTHER_COIN), "MAY_HAPPEN_TWICE");
        refused(request(0, "rent"), hold("b", COIN), "KEY_IN_USE");
        granted(request(0, "rent"), hold("a", COIN));
    }

    @Test
    void keyIsBoundToTheOperationAlsoWhereWhatCancelsItIsPutBackFirst() {
        SigningRequest first = request(0, "rent");
        SigningRequest cancelling = request(0, "rent");
        holds.restore(cancelling, 0, new Hold(Set.of(COIN), Bytes.EMPTY), false);
        holds.restore(first, 0, hold("a", COIN, OTHER_COIN), false);
        over(cancelling);
        over(first);
        refused(request(0, "rent"), hold("b", COIN), "KEY_IN_USE");
        granted(request(0, "rent"), hold("a", COIN));
    }

    @Test
    void otherOperationTakesACommittedResourceOnlyWhenTheOperatorAgrees() {
        SigningRequest first = request(0, "rent");
        committed(first, hold("a", COIN));
        over(first);
        refused(request(0, "food"), hold("b", COIN), "CONFLICTING_SESSION");
        assertThat(holds.allowConflict(first.sessionId())).isTrue();
        granted(request(0, "food"), hold("b", COIN));
    }

    @Test
    void resourceMayBeChosenWhenTheOperatorAgreesForEachOfItsHolders() {
        SigningRequest first = request(0, "rent");
        committed(first, hold("a", COIN, OTHER_COIN));
        over(first);
        SigningRequest second = request(0, "rent");
        committed(second, hold("a", COIN));
        over(second);
        holds.allowConflict(first.sessionId());
        assertThat(holds.isHeld(OTHER_COIN)).isFalse();
        assertThat(holds.isHeld(COIN)).as("by the second version").isTrue();
        holds.allowConflict(second.sessionId());
        assertThat(holds.isHeld(COIN)).isFalse();
        SigningRequest food = request(0, "food");
        granted(food, hold("b", COIN));
        assertThat(holds.isHeld(COIN)).as("by the session that took it").isTrue();
        over(food);
        assertThat(holds.isHeld(COIN)).isFalse();
    }

    @Test
    void resourceMayStillBeChosenAfterARestart() {
        holds.restore(request(0, ""), 0, hold("a", COIN), true);
        assertThat(holds.isHeld(COIN)).isFalse();
        holds.restore(request(0, ""), 0, hold("b", OTHER_COIN), false);
        assertThat(holds.isHeld(OTHER_COIN)).isTrue();
    }

    @Test
    void keyStaysTakenForThirtyDaysAfterItWasSettled() {
        SigningRequest first = request(0, "rent");
        committed(first, hold("a", COIN));
        holds.ended(first.sessionId(), true, NOW);
        holds.settle(first.sessionId(), NOW);
        refused(request(0, "rent"), hold("a", OTHER_COIN), "ALREADY_DONE");
        refused(request(0, "rent"), hold("b", OTHER_COIN), "KEY_IN_USE");
        Instant last = NOW.plus(HoldRegistry.KEY_KEPT).minusNanos(1);
        assertThat(claim(request(0, "rent"), hold("a", OTHER_COIN), last))
                .isInstanceOf(Claim.Refused.class);
        assertThat(claim(request(0, "rent"), hold("b", OTHER_COIN), last.plusNanos(1)))
                .isInstanceOf(Claim.Granted.class);
    }

    @Test
    void keysOfOneRequesterAreBounded() {
        holds = new HoldRegistry(fixture.group, new SigningLimits.Held(100, 1 << 20, 2));
        granted(request(0, "a"), hold("a", name("1")));
        granted(request(0, "b"), hold("b", name("2")));
        refused(request(0, "c"), hold("c", name("3")), "TOO_MANY_KEYS");
        granted(request(1, "c"), hold("c", name("3")));
    }

    @Test
    void keysWhoseTimeIsOverDoNotCount() {
        holds = new HoldRegistry(fixture.group, new SigningLimits.Held(100, 1 << 20, 2));
        for (String key : List.of("a", "b")) {
            SigningRequest request = request(0, key);
            committed(request, hold(key, name(key)));
            holds.ended(request.sessionId(), true, NOW);
            holds.settle(request.sessionId(), NOW);
        }
        refused(request(0, "c"), hold("c", name("3")), "TOO_MANY_KEYS");
        assertThat(claim(request(0, "c"), hold("c", name("3")), NOW.plus(HoldRegistry.KEY_KEPT)))
                .isInstanceOf(Claim.Granted.class);
    }

    @Test
    void numberAndBytesOfHoldsAreBounded() {
        holds = new HoldRegistry(fixture.group, new SigningLimits.Held(1, 1 << 20, 10));
        granted(request(0, ""), hold("a", name("1")));
        refused(request(0, ""), hold("b", name("2")), "TOO_MANY_HELD");
        SigningRequest first = request(0, "");
        int nonces = 3 * Admission.nonceEnvelopeBytes(first);
        int bytes = first.payload().length() + nonces;
        holds = new HoldRegistry(fixture.group, new SigningLimits.Held(100, bytes + 1, 10));
        granted(first, hold("a", name("1")));
        granted(request(0, ""), hold("a", name("3")));
        holds = new HoldRegistry(fixture.group, new SigningLimits.Held(100, bytes, 10));
        granted(first, hold("a", name("1")));
        refused(request(0, ""), hold("b", name("2")), "TOO_MANY_HELD");
    }

    @Test
    void whatASessionHeldBeforeItsApprovalWasAskedAgainIsFree() {
        SigningRequest other = request(1, "");
        committed(other, hold("x", OTHER_COIN));
        over(other);
        SigningRequest first = request(0, "");
        granted(first, hold("a", COIN));
        granted(first, hold("a", name("third")));
        assertThat(holds.isHeld(COIN)).isFalse();
        assertThat(holds.isHeld(name("third"))).isTrue();
        refused(first, hold("a", OTHER_COIN), "CONFLICTING_SESSION");
        assertThat(holds.isHeld(name("third"))).isFalse();
    }

    /// Winning is either: another session was refused, or one lost what it had reserved.
    @Test
    void requesterRanksLastAfterASessionThatTookFromAnotherAndEndedUnsigned() {
        List<SigningRequest> order = inOrder();
        SigningRequest better = order.getFirst();
        SigningRequest worse = order.getLast();
        granted(worse, hold("b", COIN));
        granted(better, hold("a", COIN));
        over(better);
        over(worse);
        granted(worse, hold("b", COIN));
        refused(better, hold("a", COIN), "CONFLICTING_SESSION");
    }

    @Test
    void sessionThatHasWonIsAWinnerInItsNextAttemptToo() {
        List<SigningRequest> order = inOrder();
        SigningRequest better = order.getFirst();
        SigningRequest worse = order.getLast();
        granted(better, hold("a", COIN));
        refused(worse, hold("b", COIN), "CONFLICTING_SESSION");
        over(worse);
        holds.releaseAttempt(better.sessionId());
        granted(better, hold("a", COIN));
        over(better);
        granted(worse, hold("b", COIN));
        refused(better, hold("a", COIN), "CONFLICTING_SESSION");
    }

    @Test
    void requesterOfASessionThatCompetedWithNobodyOrWasSignedDoesNotRankLast() {
        List<SigningRequest> order = inOrder();
        SigningRequest better = order.getFirst();
        SigningRequest worse = order.getLast();
        granted(better, hold("a", COIN));
        over(better);
        granted(better, hold("a", COIN));
        refused(worse, hold("b", COIN), "CONFLICTING_SESSION");
        over(worse);
        holds.commit(better.sessionId());
        assertThat(holds.ended(better.sessionId(), true, NOW)).isTrue();
        holds.settle(better.sessionId(), NOW);
        granted(worse, hold("b", COIN));
        granted(better, hold("a", COIN));
    }

    @Test
    void penaltyIsForTheResourcesThatWereWonAlone() {
        List<SigningRequest> order = inOrder();
        SigningRequest better = order.getFirst();
        SigningRequest worse = order.getLast();
        granted(better, hold("a", COIN));
        refused(worse, hold("b", COIN), "CONFLICTING_SESSION");
        over(better);
        over(worse);
        granted(worse, hold("b", OTHER_COIN));
        granted(better, hold("a", OTHER_COIN));
    }

    @Test
    void keyWhoseTimeIsOverIsBoundToItsNewContent() {
        SigningRequest first = request(0, "rent");
        committed(first, hold("a", COIN));
        over(first);
        holds.settle(first.sessionId(), NOW);
        Instant free = NOW.plus(HoldRegistry.KEY_KEPT);
        assertThat(claim(request(0, "rent"), hold("b", COIN), free))
                .isInstanceOf(Claim.Granted.class);
        refused(request(0, "rent"), hold("a", OTHER_COIN), "KEY_IN_USE");
        refused(request(0, "rent"), hold("b", OTHER_COIN), "ALREADY_RUNNING");
    }

    @Test
    void holdCountsOnceHoweverOftenItIsClaimedAndNotAfterItsEnd() {
        SigningRequest first = request(0, "");
        int bytes = first.payload().length() + 3 * Admission.nonceEnvelopeBytes(first);
        holds = new HoldRegistry(fixture.group, new SigningLimits.Held(100, 2 * bytes, 10));
        for (int i = 0; i < 5; i++) {
            granted(first, hold("a", COIN));
        }
        assertThat(holds.hasRoomFor(1)).isTrue();
        SigningRequest second = request(0, "");
        granted(second, hold("b", OTHER_COIN));
        assertThat(holds.hasRoomFor(0)).as("no byte is left").isFalse();
        refused(request(0, ""), hold("c", name("3")), "TOO_MANY_HELD");
        over(first);
        assertThat(holds.hasRoomFor(0)).isTrue();
        granted(request(0, ""), hold("c", name("3")));
    }

    @Test
    void roomForMoreHoldsIsCounted() {
        holds = new HoldRegistry(fixture.group, new SigningLimits.Held(3, 1 << 20, 10));
        granted(request(0, ""), hold("a", COIN));
        assertThat(holds.hasRoomFor(2)).isTrue();
        assertThat(holds.hasRoomFor(3)).isFalse();
    }

    @Test
    void keyOfARestoredHoldIsTaken() {
        holds.restore(request(0, "rent"), 0, hold("a", COIN), false);
        assertThat(holds.isKeyTaken(0, name("rent"))).isTrue();
        assertThat(holds.isKeyTaken(1, name("rent"))).isFalse();
        refused(request(0, "rent"), hold("b", OTHER_COIN), "KEY_IN_USE");
    }

    private static JournalRecord.Settled settled(SessionId session, String key, String content) {
        return new JournalRecord.Settled(session, 0, name(key), name(content), NOW, Bytes.EMPTY);
    }

    @Test
    void keysOfAJournalCountOnceEachAndAreTakenUntilTheirTime() {
        holds = new HoldRegistry(fixture.group, new SigningLimits.Held(100, 1 << 20, 2));
        Instant free = NOW.plusSeconds(60);
        SessionId settled = request(0, "").sessionId();
        assertThat(holds.hasRoomForKey(0)).isTrue();
        for (int i = 0; i < 3; i++) {
            holds.restoreKey(settled(settled, "rent", "a"), free);
        }
        assertThat(holds.hasRoomForKey(0)).isTrue();
        holds.restoreKey(settled(settled, "food", "b"), free);
        assertThat(holds.hasRoomForKey(0)).isFalse();
        assertThat(holds.hasRoomForKey(1)).isTrue();
        refused(request(0, "rent"), hold("a", COIN), "ALREADY_DONE");
        refused(request(0, "other"), hold("c", COIN), "TOO_MANY_KEYS");
        assertThat(claim(request(0, "other"), hold("c", COIN), free))
                .isInstanceOf(Claim.Granted.class);
    }

    @Test
    void keyOfSeveralSettledVersionsHasTheContentOfOneAndTheLatestTime() {
        SessionId id = request(0, "").sessionId();
        SessionId cancels = request(0, "").sessionId();
        Instant free = NOW.plusSeconds(60);
        for (int first = 0; first < 2; first++) {
            holds = new HoldRegistry(fixture.group, SigningLimits.DEFAULT.held());
            JournalRecord.Settled paid = settled(id, "rent", "a");
            JournalRecord.Settled cancelled = settled(cancels, "rent", "");
            holds.restoreKey(first == 0 ? paid : cancelled, first == 0 ? free : NOW);
            holds.restoreKey(first == 0 ? cancelled : paid, first == 0 ? NOW : free);
            refused(request(0, "rent"), hold("a", COIN), "ALREADY_DONE");
            refused(request(0, "rent"), hold("b", COIN), "KEY_IN_USE");
        }
    }

    @Test
    void outcomesAreRememberedForAsLongAsTheirKeyIsTakenAndAreBounded() {
        Bytes key = name("rent");
        SigningRequest first = request(0, "rent");
        committed(first, hold("a", COIN));
        holds.ended(first.sessionId(), true, NOW);
        HoldEntry entry = Objects.requireNonNull(holds.settle(first.sessionId(), NOW));
        holds.rememberOutcome(entry, name("made"));
        holds.rememberOutcome(entry, name("made"));
        SettledHold made = new SettledHold(first.sessionId(), name("a"), name("made"));
        assertThat(holds.settled(0, key)).containsExactly(made);
        assertThat(holds.settled(1, key)).as("another requester's").isEmpty();
        for (int i = 0; i < HoldRegistry.MAX_OUTCOMES; i++) {
            holds.restoreKey(settled(request(0, "").sessionId(), "rent", "a"), NOW);
        }
        assertThat(holds.settled(0, key)).hasSize(HoldRegistry.MAX_OUTCOMES).startsWith(made);
        Instant over = NOW.plus(HoldRegistry.KEY_KEPT);
        assertThat(claim(request(0, "rent"), hold("b", OTHER_COIN), over))
                .isInstanceOf(Claim.Granted.class);
        assertThat(holds.settled(0, key)).isEmpty();
    }

    @Test
    void outcomeWithoutAKeyIsNotRemembered() {
        SigningRequest first = request(0, "");
        committed(first, hold("a", COIN));
        over(first);
        HoldEntry entry = Objects.requireNonNull(holds.settle(first.sessionId(), NOW));
        holds.rememberOutcome(entry, name("made"));
        assertThat(holds.settled(0, Bytes.EMPTY)).isEmpty();
    }

    /// Another process with its keys made the partial signatures, while this one still waited.
    @Test
    void keyOfASessionThatIsSignedWhileItWaitsIsTaken() {
        List<SigningRequest> order = inOrder();
        int owner = fixture.group.member(order.getFirst().requester()).orElseThrow().index();
        SigningRequest waiting = request(owner, "rent");
        granted(order.getLast(), hold("b", COIN));
        progress.put(order.getLast().sessionId(), new HoldRegistry.Progress(true, false));
        assertThat(claim(waiting, hold("a", COIN))).isInstanceOf(Claim.Waits.class);
        assertThat(holds.isKeyTaken(owner, name("rent"))).isFalse();
        assertThat(holds.ended(waiting.sessionId(), true, NOW)).isTrue();
        assertThat(holds.isKeyTaken(owner, name("rent"))).isTrue();
        refused(request(owner, "rent"), hold("x", OTHER_COIN), "KEY_IN_USE");
    }

    @Test
    void onlyWhatIsCommittedStaysAfterTheEnd() {
        SigningRequest unknown = request(0, "");
        assertThat(holds.ended(unknown.sessionId(), true, NOW)).isFalse();
        assertThat(holds.settle(unknown.sessionId(), NOW)).isNull();
        granted(unknown, hold("a", COIN));
        assertThat(holds.allowConflict(unknown.sessionId())).isFalse();
        assertThat(holds.ended(unknown.sessionId(), false, NOW)).isFalse();
        assertThat(holds.allowConflict(unknown.sessionId())).isFalse();
        SigningRequest signed = request(0, "");
        committed(signed, hold("a", COIN));
        assertThat(holds.ended(signed.sessionId(), false, NOW)).isTrue();
        holds.releaseAttempt(signed.sessionId());
        assertThat(holds.isHeld(COIN)).as("no failed attempt frees it").isTrue();
    }

    @Test
    void sessionThatHoldsNothingIsAlwaysGrantedAndCommitsNothing() {
        SigningRequest request = request(0, "");
        granted(request, Hold.NONE);
        holds.commit(request.sessionId());
        assertThat(holds.ended(request.sessionId(), true, NOW)).isFalse();
    }

    @Test
    void committedHoldStaysAsItIsInALaterAttempt() {
        SigningRequest first = request(0, "");
        committed(first, hold("a", COIN));
        granted(first, hold("a", OTHER_COIN));
        holds.commit(first.sessionId());
        assertThat(holds.isHeld(COIN)).isTrue();
        assertThat(holds.isHeld(OTHER_COIN)).isFalse();
    }
}
