package org.tutti.signing.service;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.tutti.base.Bytes;
import org.tutti.libp2p.swarm.Stream;
import org.tutti.libp2p.transport.memory.MemoryNetwork;
import org.tutti.musig.schnorr.SchnorrSignature;
import org.tutti.signing.approval.Decision;
import org.tutti.signing.approval.Hold;
import org.tutti.signing.approval.HoldListener;
import org.tutti.signing.approval.Holds;
import org.tutti.signing.approval.SettledHold;
import org.tutti.signing.journal.JournalException;
import org.tutti.signing.request.SessionId;
import org.tutti.signing.request.SigningRequest;
import org.tutti.signing.request.SigningRequestDraft;
import org.tutti.signing.session.SessionEvent;
import org.tutti.signing.session.SessionOutcome;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.UnaryOperator;

class SigningServiceTest {
    private static final String TCP = "/ip4/127.0.0.1/tcp/0";

    @TempDir Path folder;

    private HostGroup overTcp(int size) throws Exception {
        return new HostGroup(size, folder, TCP, UnaryOperator.identity());
    }

    @Test
    void threeSignersSignOverLoopbackTcp() throws Exception {
        try (HostGroup g = overTcp(3)) {
            SessionOutcome outcome =
                    g.nodes.getFirst().signing.sign(HostGroup.draft(1)).await(HostGroup.TIMEOUT);
            assertThat(outcome).isInstanceOf(SessionOutcome.Signed.class);
            for (HostGroup.Node node : g.nodes) {
                assertThat(node.await(SessionEvent.Signed.class).signatures())
                        .isEqualTo(((SessionOutcome.Signed) outcome).signatures());
            }
        }
    }

    @Test
    void fiveSignersSignOverMemory() throws Exception {
        MemoryNetwork network = new MemoryNetwork();
        try (HostGroup g =
                new HostGroup(5, folder, "/memory/%d", b -> b.transport(network.transport()))) {
            List<SessionHandle> handles = new ArrayList<>();
            for (int i = 0; i < 25; i++) {
                handles.add(g.nodes.get(i % 5).signing.sign(HostGroup.draft(i)));
            }
            for (SessionHandle handle : handles) {
                assertThat(handle.await(HostGroup.TIMEOUT))
                        .isInstanceOf(SessionOutcome.Signed.class);
            }
        }
    }

    @Test
    void memberWhoseConnectionDropsMidSessionGetsEverythingAgain() throws Exception {
        try (HostGroup g = overTcp(3)) {
            HostGroup.Node bob = g.nodes.get(1);
            CountDownLatch asked = new CountDownLatch(1);
            CountDownLatch go = new CountDownLatch(1);
            bob.approval =
                    (request, _) -> {
                        asked.countDown();
                        go.await();
                        return new Decision.Approved(request.messages());
                    };
            SessionHandle handle = g.nodes.getFirst().signing.sign(HostGroup.draft(1));
            asked.await();
            g.nodes.getFirst().host.disconnect(bob.host.peerId());
            bob.host.disconnect(g.nodes.get(2).host.peerId());
            go.countDown();
            g.connect();
            assertThat(handle.await(HostGroup.TIMEOUT)).isInstanceOf(SessionOutcome.Signed.class);
            bob.await(SessionEvent.Signed.class);
        }
    }

    @Test
    void restartedMemberResumesTheSession() throws Exception {
        try (HostGroup g = overTcp(3)) {
            HostGroup.Node bob = g.nodes.get(1);
            HostGroup.Node carol = g.nodes.get(2);
            CountDownLatch go = new CountDownLatch(1);
            carol.approval =
                    (request, _) -> {
                        go.await();
                        return new Decision.Approved(request.messages());
                    };
            SessionHandle handle = g.nodes.getFirst().signing.sign(HostGroup.draft(1));
            bob.await(SessionEvent.ReadySeen.class);
            bob.signing.status();
            bob.service.close();
            g.start(bob);
            g.awaitLinked();
            go.countDown();
            assertThat(handle.await(HostGroup.TIMEOUT)).isInstanceOf(SessionOutcome.Signed.class);
            bob.await(SessionEvent.Signed.class);
        }
    }

    @Test
    void errorOnTheEngineThreadIsToldToTheOwnerOfTheNode() throws Exception {
        try (HostGroup g = overTcp(2)) {
            HostGroup.Node bob = g.nodes.get(1);
            Error exhausted = new OutOfMemoryError("a test");
            bob.atClock =
                    () -> {
                        throw exhausted;
                    };
            g.nodes.getFirst().signing.sign(HostGroup.draft(1));
            assertThat(bob.failure.get(30, TimeUnit.SECONDS)).isSameAs(exhausted);
            bob.atClock = () -> {};
        }
    }

    @Test
    void errorInAnApprovalIsToldToTheOwnerOfTheNode() throws Exception {
        try (HostGroup g = overTcp(2)) {
            HostGroup.Node bob = g.nodes.get(1);
            Error exhausted = new OutOfMemoryError("a test");
            bob.approval =
                    (_, _) -> {
                        throw exhausted;
                    };
            SessionOutcome outcome =
                    g.nodes.getFirst().signing.sign(HostGroup.draft(1)).await(HostGroup.TIMEOUT);
            assertThat(outcome).isInstanceOf(SessionOutcome.Refused.class);
            assertThat(bob.failure.get(30, TimeUnit.SECONDS)).isSameAs(exhausted);
        }
    }

    @Test
    void refusalReachesEverySigner() throws Exception {
        try (HostGroup g = overTcp(3)) {
            g.nodes.get(2).approval =
                    (_, _) -> new Decision.Refused("AMOUNT_ABOVE_LIMIT", "too much");
            SessionOutcome outcome =
                    g.nodes.getFirst().signing.sign(HostGroup.draft(1)).await(HostGroup.TIMEOUT);
            assertThat(outcome)
                    .isInstanceOfSatisfying(
                            SessionOutcome.Refused.class,
                            refused -> {
                                assertThat(refused.code()).isEqualTo("AMOUNT_ABOVE_LIMIT");
                                assertThat(refused.by()).isEqualTo(g.nodes.get(2).member);
                            });
            assertThat(g.nodes.get(1).await(SessionEvent.Refused.class).reason())
                    .isEqualTo("too much");
        }
    }

    @Test
    void approvalThatFailsIsARefusal() throws Exception {
        try (HostGroup g = overTcp(2)) {
            g.nodes.get(1).approval =
                    (_, _) -> {
                        throw new IllegalStateException("secret detail");
                    };
            SessionOutcome outcome =
                    g.nodes.getFirst().signing.sign(HostGroup.draft(1)).await(HostGroup.TIMEOUT);
            assertThat(outcome)
                    .isInstanceOfSatisfying(
                            SessionOutcome.Refused.class,
                            refused -> {
                                assertThat(refused.code()).isEqualTo("APPROVAL_FAILED");
                                assertThat(refused.reason()).doesNotContain("secret");
                            });
        }
    }

    @Test
    void floodingMemberDoesNotKeepTheOthersFromSigning() throws Exception {
        try (HostGroup g = overTcp(3)) {
            HostGroup.Node alice = g.nodes.getFirst();
            HostGroup.Node mallory = g.nodes.get(2);
            // She floods one stream after another with well-framed garbage until it is reset.
            byte[] garbage = new byte[1024];
            garbage[0] = (byte) 0xfe;
            garbage[1] = 7;
            AtomicInteger resets = new AtomicInteger();
            Thread flood =
                    Thread.ofVirtual()
                            .start(() -> {
                                for (int i = 0; i < 50; i++) {
                                    try (Stream stream =
                                            mallory.host.newStream(
                                                    alice.host.peerId(), SigningService.PROTOCOL)) {
                                        for (int k = 0; k < 200; k++) {
                                            stream.write(garbage, 0, garbage.length);
                                        }
                                    } catch (IOException _) {
                                        resets.incrementAndGet();
                                    }
                                }
                            });
            for (int i = 0; i < 20; i++) {
                assertThat(alice.signing.sign(HostGroup.draft(i)).await(HostGroup.TIMEOUT))
                        .isInstanceOf(SessionOutcome.Signed.class);
            }
            flood.join();
            assertThat(resets.get()).isLessThanOrEqualTo(50);
            assertThat(alice.await(SessionEvent.Dropped.class).from()).isEqualTo(mallory.member);
        }
    }

    @Test
    void oversizedFrameResetsTheStreamAndIsCounted() throws Exception {
        try (HostGroup g = overTcp(2)) {
            HostGroup.Node alice = g.nodes.getFirst();
            HostGroup.Node mallory = g.nodes.get(1);
            try (Stream stream =
                    mallory.host.newStream(alice.host.peerId(), SigningService.PROTOCOL)) {
                byte[] head = {(byte) 0xff, (byte) 0xff, (byte) 0xff, 0x7f};
                stream.write(head, 0, head.length);
                assertThat(alice.await(SessionEvent.Dropped.class).reason().name())
                        .isEqualTo("OVERSIZE");
            }
        }
    }

    @Test
    void numberOfInboundStreamsOfAMemberIsBounded() throws Exception {
        try (HostGroup g = overTcp(2)) {
            HostGroup.Node alice = g.nodes.getFirst();
            HostGroup.Node mallory = g.nodes.get(1);
            int tooMany = SigningService.INBOUND_STREAMS_PER_MEMBER + 3;
            // Her service has one stream already; those above the limit are reset.
            CountDownLatch reset = new CountDownLatch(4);
            for (int i = 0; i < tooMany; i++) {
                Thread.ofVirtual()
                        .start(() -> {
                            try (Stream stream =
                                    mallory.host.newStream(
                                            alice.host.peerId(), SigningService.PROTOCOL)) {
                                stream.write(new byte[] {(byte) 0xff}, 0, 1);
                                stream.read(new byte[1], 0, 1);
                            } catch (IOException _) {
                                reset.countDown();
                            }
                        });
            }
            assertThat(reset.await(HostGroup.TIMEOUT.toSeconds(), TimeUnit.SECONDS)).isTrue();
        }
    }

    @Test
    void secondServiceOnTheSameDataFolderIsRefused() throws Exception {
        try (HostGroup g = overTcp(2)) {
            HostGroup.Node alice = g.nodes.getFirst();
            assertThatThrownBy(() -> g.start(alice))
                    .isInstanceOfSatisfying(
                            JournalException.class,
                            e -> assertThat(e.code()).isEqualTo(JournalException.Code.LOCKED));
        }
    }

    @Test
    void draftAboveALimitIsRefusedAtOnce() throws Exception {
        try (HostGroup g = overTcp(2)) {
            SigningGroup signing = g.nodes.getFirst().signing;
            assertThatThrownBy(() ->
                            signing.sign(
                                    new SigningRequestDraft(
                                            List.of(), "test", Bytes.EMPTY, Duration.ofMinutes(1))))
                    .isInstanceOf(IllegalArgumentException.class);
        }
    }

    @Test
    void closedServiceLeavesNoThreadAndRefusesRequests() throws Exception {
        HostGroup g = overTcp(2);
        SigningGroup signing = g.nodes.getFirst().signing;
        g.close();
        g.close();
        assertThatThrownBy(() -> signing.sign(HostGroup.draft(1)))
                .isInstanceOf(IllegalStateException.class);
    }

    /// Writes down what it is told.
    private static final class ToldHolds implements HoldListener {
        private final BlockingQueue<String> told = new LinkedBlockingQueue<>();

        @Override
        public void reserved(SigningRequest request, Hold hold) {
            told.add("reserved");
        }

        @Override
        public void committed(SigningRequest request, Hold hold) {
            told.add("committed");
        }

        @Override
        public void released(SigningRequest request, Hold hold) {
            told.add("released");
        }

        @Override
        public void unknown(SigningRequest request, Hold hold) {
            told.add("unknown");
        }

        @Override
        public void signed(
                SigningRequest request, Hold hold, List<SchnorrSignature> signatures, Instant at) {
            told.add("signed");
        }

        @Override
        public void settled(SessionId session) {
            told.add("settled");
        }

        String next() throws InterruptedException {
            return String.valueOf(told.poll(HostGroup.TIMEOUT.toSeconds(), TimeUnit.SECONDS));
        }
    }

    @Test
    void theOwnerIsToldTheLifeOfAHoldAndSettlesIt() throws Exception {
        try (HostGroup g = overTcp(2)) {
            Bytes coin = Bytes.of(new byte[] {7});
            for (HostGroup.Node node : g.nodes) {
                node.approval =
                        (request, _) ->
                                new Decision.Approved(
                                        request.messages(), new Hold(Set.of(coin), Bytes.EMPTY));
            }
            HostGroup.Node alice = g.nodes.getFirst();
            ToldHolds told = new ToldHolds();
            alice.holds = told;
            alice.service.close();
            g.start(alice);
            g.awaitLinked();
            SessionHandle handle = alice.signing.sign(draftWithKey());
            assertThat(handle.await(HostGroup.TIMEOUT)).isInstanceOf(SessionOutcome.Signed.class);
            assertThat(told.next()).isEqualTo("reserved");
            assertThat(told.next()).isEqualTo("committed");
            assertThat(told.next()).isEqualTo("signed");
            assertThat(alice.signing.holds().isHeld(coin)).isTrue();
            assertThat(alice.signing.holds().isHeld(Bytes.of(new byte[] {8}))).isFalse();
            SessionId id = handle.request().sessionId();
            Bytes tooLong = Bytes.wrap(new byte[Holds.MAX_OUTCOME_BYTES + 1]);
            assertThatThrownBy(() -> alice.signing.holds().settle(id, tooLong))
                    .isInstanceOf(IllegalArgumentException.class);
            Bytes longest = tooLong.slice(0, Holds.MAX_OUTCOME_BYTES);
            alice.signing.holds().settle(id, longest);
            assertThat(told.next()).isEqualTo("settled");
            assertThat(alice.signing.holds().settled(handle.request().idempotencyKey()))
                    .containsExactly(new SettledHold(id, Bytes.EMPTY, longest));
            assertThat(alice.signing.holds().isHeld(coin)).isFalse();

            CountDownLatch reserved = new CountDownLatch(1);
            g.nodes.get(1).approval =
                    (_, _) -> {
                        reserved.await();
                        return new Decision.Refused("NO", "no");
                    };
            alice.signing.sign(HostGroup.draft(2));
            assertThat(told.next()).isEqualTo("reserved");
            reserved.countDown();
            assertThat(told.next()).isEqualTo("released");
        }
    }

    private static SigningRequestDraft draftWithKey() {
        return new SigningRequestDraft(
                HostGroup.draft(1).messages(),
                "test",
                Bytes.EMPTY,
                Bytes.of(new byte[] {9}),
                Duration.ofMinutes(1));
    }

    /// The others see at once that a member is gone, and again that it is back.
    @Test
    void statusSaysWhoIsLinked() throws Exception {
        try (HostGroup g = overTcp(2)) {
            HostGroup.Node alice = g.nodes.getFirst();
            HostGroup.Node bob = g.nodes.get(1);
            assertThat(alice.signing.status().linked()).containsExactly(bob.member);
            alice.host.disconnect(bob.host.peerId());
            while (!alice.signing.status().linked().isEmpty()) {
                Thread.onSpinWait();
            }
            g.connect();
            assertThat(alice.signing.status().linked()).containsExactly(bob.member);
        }
    }

    @Test
    void aServiceIsNamedByItsMemberAndGroup() throws Exception {
        try (HostGroup g = overTcp(2)) {
            HostGroup.Node alice = g.nodes.getFirst();
            assertThat(alice.service)
                    .hasToString(
                            "signing service of %s in [%s in %s]"
                                    .formatted(alice.host.peerId(), alice.member, g.group));
            assertThat(alice.signing.status().signing()).isTrue();
        }
    }
}
