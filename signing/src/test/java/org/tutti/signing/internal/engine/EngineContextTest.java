package org.tutti.signing.internal.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.tutti.base.Bytes;
import org.tutti.signing.approval.Hold;
import org.tutti.signing.blame.Evidence;
import org.tutti.signing.group.Member;
import org.tutti.signing.internal.wire.Contribution;
import org.tutti.signing.internal.wire.GroupFixture;
import org.tutti.signing.internal.wire.Inbound.Statement;
import org.tutti.signing.internal.wire.KeyAttestation;
import org.tutti.signing.journal.JournalHead;
import org.tutti.signing.journal.JournalRecord;
import org.tutti.signing.journal.OwnHeads;
import org.tutti.signing.journal.TestJournals;
import org.tutti.signing.request.RequestGroup;
import org.tutti.signing.request.SessionId;
import org.tutti.signing.request.SigningLimits;
import org.tutti.signing.request.SigningRequest;
import org.tutti.signing.session.DropReason;
import org.tutti.signing.session.SessionEvent;
import org.tutti.signing.session.SessionTimeouts;

import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// What the sessions of one engine share, and the helpers of a session that need little else:
/// admission and sending again.
class EngineContextTest {
    private static final Instant NOW = GroupFixture.NOW;
    private static final Duration BOOT = Duration.ofHours(5);
    private static final SigningLimits DEFAULT = SigningLimits.DEFAULT;

    private final OneEngine alice = new OneEngine();
    private final GroupFixture fixture = alice.fixture;
    private EngineContext context = context(DEFAULT, Set.of());

    @AfterEach
    void close() {
        alice.close();
    }

    private EngineContext context(SigningLimits limits, Set<String> savedEvidence) {
        EngineContext made =
                new EngineContext(
                        new EngineConfig(
                                fixture.group,
                                fixture.owner(0).envelopeSigner(),
                                alice.signer(fixture.owner(0)),
                                SessionTimeouts.DEFAULT,
                                limits,
                                GroupFixture.TERMS,
                                Path.of("evidence"),
                                savedEvidence),
                        TestJournals.NO_ENTRY,
                        new OwnHeads(TestJournals.ID));
        made.begin(new EngineTime(NOW, BOOT));
        return made;
    }

    private void begin(Duration wall, Duration boot) {
        context.begin(new EngineTime(NOW.plus(wall), BOOT.plus(boot)));
    }

    // --- time

    @Test
    void timeIsOverWhenBothClocksSaySo() {
        Instant time = NOW.plusSeconds(60);
        begin(Duration.ofSeconds(60), Duration.ofSeconds(60).minusNanos(1));
        assertThat(context.surelyOver(time, time)).isFalse();
        begin(Duration.ofSeconds(60).minusNanos(1), Duration.ofSeconds(60));
        assertThat(context.surelyOver(time, time)).isFalse();
        begin(Duration.ofSeconds(60), Duration.ofSeconds(60));
        assertThat(context.surelyOver(time, time)).isTrue();
        assertThat(context.running()).isEqualTo(time);
        assertThat(context.now()).isEqualTo(time);
    }

    @Test
    void afterAStepOfTheWallClockNothingIsOverUntilTheOperatorSaysThatItIsRight() {
        begin(Duration.ofHours(3), Duration.ZERO);
        assertThat(context.outputs())
                .containsExactly(
                        new EngineOutput.Emit(
                                new SessionEvent.ClockStepped(
                                        NOW.plus(Duration.ofHours(3)), Duration.ofHours(3))));
        begin(Duration.ofHours(4), Duration.ofHours(1));
        assertThat(context.outputs()).as("no step").isEmpty();
        assertThat(context.surelyOver(NOW, NOW)).isFalse();
        context.acceptClock();
        assertThat(context.surelyOver(NOW, NOW)).isTrue();
    }

    @Test
    void wallTimeIsAsFarAwayByTheClockThatNobodySets() {
        begin(Duration.ofSeconds(70), Duration.ofSeconds(10));
        assertThat(context.toRunning(NOW.plusSeconds(71))).isEqualTo(NOW.plusSeconds(11));
        assertThat(context.runningAt(new EngineTime(Instant.EPOCH, BOOT.plusSeconds(3))))
                .isEqualTo(NOW.plusSeconds(3));
    }

    // --- journal

    @Test
    void onlyAHeadThatACrashCannotLoseIsToldToOthers() {
        JournalRecord unforced = new JournalRecord.Ended(new SessionId(OneEngine.NO_HASH), "X");
        JournalRecord forced = new JournalRecord.Started(Bytes.wrap(new byte[16]));
        JournalHead one = TestJournals.NO_ENTRY.next(unforced.type(), unforced.payload());
        JournalHead two = one.next(forced.type(), forced.payload());
        JournalHead three = two.next(unforced.type(), unforced.payload());
        context.append(unforced);
        assertThat(context.durableHead()).isEqualTo(TestJournals.NO_ENTRY);
        context.append(forced);
        assertThat(context.durableHead()).isEqualTo(two);
        context.append(unforced);
        assertThat(context.durableHead()).isEqualTo(two);
        assertThat(List.of(one, two, three)).allMatch(context.ownHeads()::has);
        assertThat(context.outputs()).hasSize(3);
    }

    // --- what others said

    @Test
    void messagesThatAreDroppedAreCountedByMemberAndReason() {
        Member bob = alice.member(1);
        for (int i = 0; i < 5; i++) {
            context.drop(bob, DropReason.DUPLICATE);
        }
        assertThat(context.dropped(1, DropReason.DUPLICATE)).isEqualTo(5);
        assertThat(context.dropped(1, DropReason.EXPIRED)).isZero();
        assertThat(context.dropped(2, DropReason.DUPLICATE)).isZero();
        assertThat(context.outputs())
                .extracting(output -> ((EngineOutput.Emit) output).event())
                .extracting(event -> ((SessionEvent.Dropped) event).count())
                .containsExactly(1L, 2L, 4L);
    }

    @Test
    void attestationIsOfTheMembersKeyForItsPeer() {
        KeyAttestation bobs = fixture.owner(1).attestation();
        assertThat(context.attested(alice.member(1), bobs)).isTrue();
        assertThat(context.attested(alice.member(1), bobs)).isTrue();
        assertThat(context.attested(alice.member(2), bobs)).isFalse();
        assertThat(context.attested(alice.member(2), bobs)).isFalse();
        KeyAttestation older =
                KeyAttestation.make(
                        fixture.owner(1).key(),
                        RequestGroup.of(fixture.group),
                        alice.member(1).peerId(),
                        5,
                        NOW.plusSeconds(1),
                        new byte[32]);
        assertThat(context.attested(alice.member(1), older)).as("an older one counts").isTrue();
        KeyAttestation forged =
                new KeyAttestation(bobs.sequence() + 1, bobs.notAfterMillis(), bobs.signature());
        assertThat(context.attested(alice.member(1), forged)).isFalse();
    }

    @Test
    void ownerIsToldOfNothingThatIsNotHeld() {
        SigningRequest request = fixture.request(1, 1);
        context.tell(EngineOutput.HoldChanged.Change.RESERVED, request, Hold.NONE, List.of());
        assertThat(context.outputs()).isEmpty();
        Hold hold = new Hold(Set.of(Bytes.fromHex("c0")), Bytes.EMPTY);
        context.tell(EngineOutput.HoldChanged.Change.RESERVED, request, hold, List.of());
        assertThat(context.outputs()).hasSize(1);
    }

    @Test
    void whatBecameFreeIsSaidOnce() {
        assertThat(context.takeResourcesFreed()).isFalse();
        context.resourcesFreed();
        assertThat(context.takeResourcesFreed()).isTrue();
        assertThat(context.takeResourcesFreed()).isFalse();
    }

    // --- evidence

    /// Of two Ready messages of this signer.
    private Evidence evidence(int culprit) {
        SigningRequest request = fixture.request(1, 1);
        EvidenceBuilder builder =
                new EvidenceBuilder(fixture.owner(1).envelopeSigner().sign(request).envelope(), 3);
        Statement ready = alice.ready(culprit, request, 1);
        assertThat(builder.build(Evidence.Kind.EQUIVOCATION, culprit, List.of())).isEmpty();
        builder.attested(ready);
        Statement other = alice.ready(culprit, request, 1, OneEngine.head(2));
        return builder.build(
                        Evidence.Kind.EQUIVOCATION,
                        culprit,
                        List.of(),
                        ready.envelope(),
                        other.envelope())
                .orElseThrow();
    }

    private String name(int culprit) {
        return fixture.group.id().slice(0, 8)
                + "-"
                + alice.member(culprit).signingKey().bytes()
                + "-EQUIVOCATION.evidence";
    }

    private Optional<Path> saved(int culprit) {
        return context.save(evidence(culprit), alice.member(culprit));
    }

    private List<String> files() {
        return context.outputs().stream()
                .map(output -> ((EngineOutput.SaveEvidence) output).fileName())
                .toList();
    }

    @Test
    void firstEvidenceOfEachKindAgainstEachMemberIsSaved() {
        Path file = Path.of("evidence").resolve(name(1));
        assertThat(saved(1)).contains(file);
        assertThat(saved(1)).contains(file);
        assertThat(saved(2)).isPresent();
        assertThat(files()).containsExactly(name(1), name(2));
    }

    @Test
    void evidenceThatIsThereIsNotWrittenAgainAndConvictsStill() {
        context = context(DEFAULT, Set.of(name(1)));
        assertThat(saved(1)).isPresent();
        assertThat(files()).isEmpty();
    }

    @Test
    void evidenceThatConvictsNobodyIsNoneAndIsNotSaved() {
        Evidence good = evidence(1);
        Evidence bad =
                new Evidence(
                        good.kind(),
                        good.culprit(),
                        good.request(),
                        good.attestingReady(),
                        good.nonces(),
                        List.of(good.proof().getFirst(), good.proof().getFirst()));
        assertThat(context.save(bad, alice.member(1))).isEmpty();
        assertThat(files()).isEmpty();
        assertThat(saved(1)).isPresent();
    }

    @Test
    void evidenceOfThisGroupIsBoundedAndThatOfOthersDoesNotCount() {
        SigningLimits one =
                new SigningLimits(
                        DEFAULT.frameBytes(),
                        DEFAULT.nonceSetBytes(),
                        1,
                        DEFAULT.requests(),
                        DEFAULT.attempts(),
                        DEFAULT.live(),
                        DEFAULT.finished(),
                        DEFAULT.held(),
                        DEFAULT.queues());
        context = context(one, Set.of("another-group.evidence"));
        assertThat(saved(1)).isPresent();
        assertThat(saved(2)).as("no room is left").isEmpty();
        assertThat(saved(1)).isPresent();
        assertThat(files()).containsExactly(name(1));
        context = context(one, Set.of(name(2)));
        assertThat(saved(1)).isEmpty();
    }

    // --- admission

    private Optional<String> rejection(SigningRequest request) {
        Admission.Load none = new Admission.Load(0, 0);
        return rejection(request, none, none, true);
    }

    private Optional<String> rejection(
            SigningRequest request, Admission.Load all, Admission.Load own, boolean room) {
        return Admission.check(context, request, all, own, room)
                .map(why -> why.reason() + " " + why.code());
    }

    private SigningRequest valid(Duration from, Duration to) {
        return fixture.request(1, 1, NOW.plus(from), NOW.plus(to));
    }

    @Test
    void requestCountsFromItsCreationToItsExpiryAndNotForTooLong() {
        Duration skew = DEFAULT.requests().clockSkew();
        Duration lifetime = DEFAULT.requests().lifetime();
        Duration minute = Duration.ofMinutes(1);
        Duration ms = Duration.ofMillis(1);
        assertThat(rejection(valid(minute.negated(), ms))).isEmpty();
        assertThat(rejection(valid(minute.negated(), Duration.ZERO))).contains("EXPIRED ");
        assertThat(rejection(valid(skew, skew.plus(minute)))).isEmpty();
        assertThat(rejection(valid(skew.plus(ms), skew.plus(minute))))
                .contains("EXPIRED BAD_TIMES");
        assertThat(rejection(valid(Duration.ZERO, lifetime))).isEmpty();
        assertThat(rejection(valid(Duration.ZERO, lifetime.plus(ms))))
                .contains("EXPIRED BAD_TIMES");
    }

    @Test
    void requestIsOfThisGroupAndEpoch() {
        SigningRequest request = fixture.request(1, 1);
        RequestGroup own = RequestGroup.of(fixture.group);
        SigningRequest other =
                GroupFixture.requestOf(
                        new RequestGroup(own.network(), own.id(), own.epoch() + 1, own.keys()),
                        request.requester(),
                        request.salt(),
                        request.created(),
                        request.expires(),
                        request.messages(),
                        request.purpose(),
                        request.context());
        assertThat(rejection(request)).isEmpty();
        assertThat(rejection(other)).contains("WRONG_GROUP WRONG_GROUP");
    }

    @Test
    void nonceSetsOfARequestMustFitAFrame() {
        SigningRequest request = fixture.request(1, 4);
        assertThat(Admission.nonceEnvelopeBytes(request)).isEqualTo(320 + 4 * 68);
        for (int missing : new int[] {0, 1}) {
            context =
                    context(
                            new SigningLimits(
                                    DEFAULT.frameBytes(),
                                    3 * (320 + 4 * 68) - missing,
                                    DEFAULT.evidenceFiles(),
                                    DEFAULT.requests(),
                                    DEFAULT.attempts(),
                                    DEFAULT.live(),
                                    DEFAULT.finished(),
                                    DEFAULT.held(),
                                    DEFAULT.queues()),
                            Set.of());
            assertThat(rejection(request).isPresent()).isEqualTo(missing == 1);
        }
        assertThat(rejection(request)).contains("MALFORMED TOO_LARGE");
    }

    @Test
    void sessionsAndTheirBytesAreBoundedForAllAndForEachRequester() {
        SigningRequest request = fixture.request(1, 1);
        int size = request.payload().length();
        context = context(DEFAULT.with(new SigningLimits.Live(5, 3, 4 * size, 1)), Set.of());
        Admission.Load most = new Admission.Load(4, 3L * size);
        Admission.Load mostOfOne = new Admission.Load(2, size);
        assertThat(rejection(request, most, mostOfOne, true)).isEmpty();
        String busy = "TOO_MANY_SESSIONS BUSY";
        assertThat(rejection(request, most, mostOfOne, false)).contains(busy);
        for (Admission.Load all :
                List.of(new Admission.Load(5, 0), new Admission.Load(0, 3L * size + 1))) {
            assertThat(rejection(request, all, mostOfOne, true)).contains(busy);
        }
        for (Admission.Load own :
                List.of(new Admission.Load(3, 0), new Admission.Load(0, size + 1))) {
            assertThat(rejection(request, most, own, true)).contains(busy);
        }
    }

    // --- sending again

    private List<Bytes> sent(int to) {
        return context.outputs().stream()
                .map(EngineOutput.Send.class::cast)
                .peek(send -> assertThat(send.member()).isEqualTo(to))
                .map(EngineOutput.Send::envelope)
                .toList();
    }

    @Test
    void memberIsSentEverythingThatItMayHaveMissed() {
        SigningRequest request = fixture.request(1, 1);
        Attempt attempt = new Attempt(1, alice.rounds(0, request), 3);
        Bytes envelope = Bytes.fromHex("01");
        Bytes earlier = Bytes.fromHex("02");
        Retransmission again = new Retransmission(context, envelope, List.of(earlier));
        attempt.ready.put(alice.ready(1, request, 1));
        again.resend(attempt, 2);
        assertThat(sent(2)).containsExactly(envelope, earlier);
        Statement ready = alice.ready(0, request, 1);
        Statement nonces = alice.nonces(0, request, 1);
        Statement set =
                alice.sign(
                        0, request.sessionId(), 1, new Contribution.NonceSet(List.of(), List.of()));
        attempt.ready.put(ready);
        attempt.nonces.put(nonces);
        attempt.ownNonceSet = set;
        context.begin(new EngineTime(NOW, BOOT));
        again.resend(attempt, 2);
        assertThat(sent(2))
                .containsExactly(
                        envelope, earlier, ready.envelope(), nonces.envelope(), set.envelope());
    }

    @Test
    void messagesThatAMemberAsksForAreSentAFewTimesInAnAttempt() {
        SigningRequest request = fixture.request(1, 1);
        Attempt attempt = new Attempt(4, alice.rounds(0, request), 3);
        Retransmission again = new Retransmission(context, Bytes.EMPTY, List.of());
        for (int i = 0; i < 3; i++) {
            attempt.ready.put(alice.ready(i, request, 4));
        }
        Contribution.RetransmissionRequest wanted =
                new Contribution.RetransmissionRequest(
                        Contribution.Phase.READY, List.of(2, 1, 0, 1));
        for (int i = 0; i < 3; i++) {
            context.begin(new EngineTime(NOW, BOOT));
            again.answer(attempt, alice.sign(2, request.sessionId(), 4, wanted), wanted);
            assertThat(sent(2))
                    .containsExactly(
                            attempt.ready.all().get(0).envelope(),
                            attempt.ready.all().get(1).envelope());
        }
        again.answer(attempt, alice.sign(2, request.sessionId(), 4, wanted), wanted);
        assertThat(context.dropped(2, DropReason.TOO_MANY_ANSWERS)).isEqualTo(1);
        again.answer(attempt, alice.sign(1, request.sessionId(), 3, wanted), wanted);
        assertThat(context.dropped(1, DropReason.STALE_ATTEMPT)).isEqualTo(1);
        assertThat(Collections.frequency(List.of(attempt.answers[1], attempt.answers[2]), 3))
                .as("one that is of another attempt does not count")
                .isEqualTo(1);
    }

    @Test
    void messagesOfAnAttemptAreCountedOnceEachAndReadWhenAllAreThere() {
        SigningRequest request = fixture.request(1, 1);
        Attempt.Slots slots = new Attempt.Slots(2);
        Statement first = alice.ready(0, request, 1);
        slots.put(first);
        slots.put(first);
        assertThat(slots.full()).isFalse();
        assertThatThrownBy(slots::all).isInstanceOf(IllegalStateException.class);
        Statement second = alice.ready(1, request, 1);
        slots.put(second);
        assertThat(slots.full()).isTrue();
        assertThat(slots.all()).containsExactly(first, second);
        assertThat(slots.envelopes()).containsExactly(first.envelope(), second.envelope());
    }
}
