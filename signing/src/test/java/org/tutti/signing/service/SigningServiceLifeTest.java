package org.tutti.signing.service;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.tutti.base.Bytes;
import org.tutti.libp2p.identity.KeyType;
import org.tutti.libp2p.identity.Keys;
import org.tutti.libp2p.identity.PeerId;
import org.tutti.libp2p.transport.memory.MemoryNetwork;
import org.tutti.signing.SeededRandom;
import org.tutti.signing.approval.Decision;
import org.tutti.signing.approval.Hold;
import org.tutti.signing.approval.HoldListener;
import org.tutti.signing.group.SignerGroup;
import org.tutti.signing.journal.FolderJournalFiles;
import org.tutti.signing.journal.JournalRecovery;
import org.tutti.signing.request.SessionId;
import org.tutti.signing.request.SigningRequest;
import org.tutti.signing.request.SigningRequestDraft;
import org.tutti.signing.session.MemberState;
import org.tutti.signing.session.RecoveryStatus;
import org.tutti.signing.session.SessionEvent;
import org.tutti.signing.session.SessionOutcome;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;

/// What callers of a service may rely on from its start to its end, and what its operator tells it.
@Timeout(120)
class SigningServiceLifeTest {
    private static final Bytes COIN = Bytes.fromHex("c0");

    @TempDir Path folder;

    private final MemoryNetwork network = new MemoryNetwork();

    private HostGroup hosts(int size) throws Exception {
        return new HostGroup(size, folder, "/memory/%d", b -> b.transport(network.transport()));
    }

    private static SessionOutcome sign(SigningGroup group, int number) throws Exception {
        return group.sign(HostGroup.draft(number)).await(HostGroup.TIMEOUT);
    }

    // --- start, change, end

    private static <T> T inAnotherThread(Callable<T> call) throws Exception {
        FutureTask<T> task = new FutureTask<>(call);
        var _ = Thread.ofPlatform().daemon(true).start(task);
        return task.get(HostGroup.TIMEOUT.toSeconds(), TimeUnit.SECONDS);
    }

    /// Until its approval is given again nothing is reserved for it, and yet it may be signed.
    @Test
    void whatGoesOnAfterARestartIsUnderWayBeforeItIsApprovedAgain() throws Exception {
        try (HostGroup g = hosts(2)) {
            HostGroup.Node alice = g.nodes.get(0);
            HostGroup.Node bob = g.nodes.get(1);
            Hold hold = new Hold(Set.of(COIN), Bytes.fromHex("0c"));
            CountDownLatch reserved = new CountDownLatch(1);
            alice.approval = (request, _) -> new Decision.Approved(request.messages(), hold);
            alice.holdOf = _ -> hold;
            alice.service.close();
            alice.holds =
                    new HoldListener() {
                        @Override
                        public void reserved(SigningRequest request, Hold told) {
                            reserved.countDown();
                        }
                    };
            g.start(alice);
            g.connect();
            bob.approval = (_, _) -> never();
            assertThat(alice.signing.holds().underWay()).isEmpty();
            SessionId session = alice.signing.sign(HostGroup.draft(1)).request().sessionId();
            assertThat(alice.signing.holds().underWay()).containsOnly(Map.entry(session, hold));
            reserved.await();
            alice.service.close();
            alice.approval = (_, _) -> never();
            g.start(alice);
            assertThat(alice.signing.holds().underWay()).containsOnly(Map.entry(session, hold));
            assertThat(alice.signing.holds().isHeld(COIN)).isFalse();
        }
    }

    /// The caller of the time before is gone with it.
    @Test
    void whatGoesOnAfterARestartIsFoundByItsKeyAndWaitedForAgain() throws Exception {
        Bytes key = Bytes.fromHex("0e");
        try (HostGroup g = hosts(2)) {
            HostGroup.Node alice = g.nodes.get(0);
            HostGroup.Node bob = g.nodes.get(1);
            CountDownLatch asked = new CountDownLatch(1);
            CountDownLatch agrees = new CountDownLatch(1);
            bob.approval =
                    (request, _) -> {
                        asked.countDown();
                        agrees.await();
                        return new Decision.Approved(request.messages(), Hold.NONE);
                    };
            assertThat(alice.signing.running(key)).isEmpty();
            SessionHandle before = alice.signing.sign(withKey(HostGroup.draft(1), key));
            assertThat(alice.signing.running(Bytes.EMPTY)).isEmpty();
            SessionId session = before.request().sessionId();
            asked.await();
            alice.service.close();
            g.start(alice);
            g.connect();
            SessionHandle found = alice.signing.running(key).orElseThrow();
            SessionHandle again = alice.signing.running(key).orElseThrow();
            assertThat(found.request().sessionId()).isEqualTo(session);
            assertThat(bob.signing.running(key)).as("it is alice's").isEmpty();
            assertThat(found.outcome()).isEmpty();
            agrees.countDown();
            assertThat(found.await(HostGroup.TIMEOUT)).isInstanceOf(SessionOutcome.Signed.class);
            assertThat(again.outcome()).isEqualTo(found.outcome());
            assertThat(alice.signing.running(key)).isEmpty();
        }
    }

    private static SigningRequestDraft withKey(SigningRequestDraft draft, Bytes key) {
        return new SigningRequestDraft(
                draft.messages(), draft.purpose(), draft.context(), key, draft.lifetime());
    }

    private static Decision never() throws InterruptedException {
        new CountDownLatch(1).await();
        throw new AssertionError("cannot be");
    }

    /// None of them leaves the service locked behind it.
    @Test
    void eachCallMayComeFromAThreadOfItsOwn() throws Exception {
        try (HostGroup g = hosts(2)) {
            HostGroup.Node alice = g.nodes.getFirst();
            alice.service.close();
            SigningService service =
                    SigningService.builder()
                            .host(alice.host)
                            .identity(alice.identity)
                            .dataFolder(alice.folder)
                            .build();
            SignerGroup other = g.groupOf(2, 0, 1);
            GroupParticipation participation =
                    GroupParticipation.of(other, alice.key, alice.approval());
            inAnotherThread(() -> {
                service.start();
                return true;
            });
            SigningGroup added = inAnotherThread(() -> service.add(participation));
            assertThat(service.groups()).containsExactly(added);
            assertThat(service.group(other.id())).containsSame(added);
            assertThat(service.group(g.group.id())).isEmpty();
            for (int i = 0; i < 2; i++) {
                inAnotherThread(() -> {
                    service.drop(other.id());
                    return true;
                });
                assertThat(service.groups()).isEmpty();
            }
            for (int i = 0; i < 2; i++) {
                inAnotherThread(() -> {
                    service.close();
                    return true;
                });
            }
            assertThatThrownBy(() -> inAnotherThread(() -> service.add(participation)))
                    .hasCauseInstanceOf(IllegalStateException.class);
        }
    }

    private static List<String> loops() {
        return Thread.getAllStackTraces().keySet().stream()
                .map(Thread::getName)
                .filter(name -> name.equals("tutti-sign-loop"))
                .toList();
    }

    /// Its host goes on.
    @Test
    void whatIsClosedServesNobodyAndLeavesNoLoop() throws Exception {
        try (HostGroup g = hosts(2)) {
            HostGroup.Node alice = g.nodes.get(0);
            HostGroup.Node bob = g.nodes.get(1);
            int before = loops().size();
            alice.service.close();
            assertThat(loops()).hasSize(before - 1);
            while (!bob.signing.status().linked().isEmpty()) {
                Thread.sleep(1);
            }
            assertThat(bob.host.isConnected(alice.host.peerId())).isTrue();
            assertThatThrownBy(
                            () -> bob.host.newStream(alice.host.peerId(), SigningService.PROTOCOL))
                    .isInstanceOf(IOException.class);
        }
    }

    @Test
    void agreementIsAwaitedNoLongerThanWasAskedFor() throws Exception {
        try (HostGroup g = hosts(2)) {
            HostGroup.Node alice = g.nodes.getFirst();
            assertThat(alice.signing.awaitAgreed(HostGroup.TIMEOUT)).isTrue();
            // Bob is not in it.
            SigningGroup alone = HostGroup.join(alice, g.groupOf(2, 0, 1));
            assertThat(alone.awaitAgreed(Duration.ZERO)).isFalse();
            assertThat(alone.self()).isEqualTo(alone.group().member(alice.host.peerId()).get());
            assertThat(alone).hasToString(alone.self() + " in " + alone.group());
        }
    }

    // --- the operator

    private static void delete(Path path) throws IOException {
        try (Stream<Path> files = Files.walk(path)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
    }

    private static MemberState state(HostGroup.Node at, HostGroup.Node of) throws Exception {
        return at.signing.status().members().get(of.member.index());
    }

    /// Only whoever asks is consented to, and only with the journal that it names.
    @Test
    void memberWhoseJournalWasLostGoesOnWithTheConsentOfTheOther() throws Exception {
        try (HostGroup g = hosts(2)) {
            HostGroup.Node alice = g.nodes.get(0);
            HostGroup.Node bob = g.nodes.get(1);
            assertThat(sign(alice.signing, 1)).isInstanceOf(SessionOutcome.Signed.class);
            PeerId nobody =
                    Keys.generate(KeyType.ED25519, new SeededRandom(98)).publicKey().peerId();
            Bytes other = Bytes.fromHex("0e".repeat(16));
            for (PeerId wrong : List.of(nobody, alice.host.peerId())) {
                assertThatIllegalArgumentException()
                        .isThrownBy(() -> alice.signing.consent(wrong, other));
            }
            assertThat(alice.signing.consent(bob.host.peerId(), other)).isFalse();

            bob.service.close();
            Path journal = bob.folder.resolve("journal");
            delete(journal);
            Bytes fresh = Bytes.fromHex("0b".repeat(16));
            JournalRecovery.begin(
                    FolderJournalFiles.open(journal), fresh, List.of(g.group.id()), false);
            g.start(bob);
            while (state(alice, bob).newJournal().isEmpty()) {
                Thread.sleep(1);
            }
            assertThat(state(alice, bob).newJournal()).contains(fresh);
            assertThat(bob.signing.status().recovery().map(RecoveryStatus::journal))
                    .contains(fresh);
            assertThat(alice.signing.consent(bob.host.peerId(), other)).isFalse();
            assertThat(alice.signing.consent(bob.host.peerId(), fresh)).isTrue();
            bob.await(SessionEvent.Recovered.class);
            assertThat(sign(alice.signing, 2)).isInstanceOf(SessionOutcome.Signed.class);
        }
    }

    @Test
    void whatIsHeldMayBeSignedOnceMoreWhereAllOperatorsAllowIt() throws Exception {
        try (HostGroup g = hosts(2)) {
            HostGroup.Node alice = g.nodes.get(0);
            HostGroup.Node bob = g.nodes.get(1);
            for (HostGroup.Node node : g.nodes) {
                node.approval =
                        (request, _) ->
                                new Decision.Approved(
                                        request.messages(), new Hold(Set.of(COIN), Bytes.EMPTY));
            }
            SessionHandle first = alice.signing.sign(HostGroup.draft(1));
            assertThat(first.await(HostGroup.TIMEOUT)).isInstanceOf(SessionOutcome.Signed.class);
            bob.await(SessionEvent.Signed.class);
            assertThat(sign(alice.signing, 2)).isInstanceOf(SessionOutcome.Refused.class);
            for (HostGroup.Node node : List.of(alice, bob)) {
                node.signing.holds().allowConflict(first.request().sessionId());
                node.signing.status();
            }
            assertThat(sign(alice.signing, 3)).isInstanceOf(SessionOutcome.Signed.class);
        }
    }

    /// A wall clock that is set ahead makes nothing old, and one that is set back makes nothing
    /// new.
    @Test
    void whatHasSurelyPassedIsTheEarlierOfTwoClocks() {
        Instant noon = Instant.parse("2026-11-30T12:00:00Z");
        AtomicReference<Instant> wall = new AtomicReference<>(noon);
        AtomicLong boot = new AtomicLong(7_000);
        InstantSource passed =
                SigningService.earlierOf(() -> Objects.requireNonNull(wall.get()), boot::get);
        List<Instant> seen = new ArrayList<>();
        seen.add(passed.instant());
        boot.addAndGet(1_000);
        wall.set(noon.plusSeconds(3_600));
        seen.add(passed.instant());
        boot.addAndGet(Duration.ofHours(2).toNanos());
        seen.add(passed.instant());
        wall.set(noon.minusSeconds(60));
        seen.add(passed.instant());
        assertThat(seen)
                .containsExactly(
                        noon,
                        noon.plusNanos(1_000),
                        noon.plusSeconds(3_600),
                        noon.minusSeconds(60));
    }
}
