package org.tutti.signing.service;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.tutti.base.Bytes;
import org.tutti.libp2p.behaviour.InboundProtocol;
import org.tutti.libp2p.host.Host;
import org.tutti.libp2p.multiaddr.Multiaddr;
import org.tutti.libp2p.transport.memory.MemoryNetwork;
import org.tutti.musig.schnorr.SchnorrSignature;
import org.tutti.signing.SeededRandom;
import org.tutti.signing.approval.Decision;
import org.tutti.signing.approval.Hold;
import org.tutti.signing.approval.HoldListener;
import org.tutti.signing.internal.engine.EngineOutput;
import org.tutti.signing.internal.engine.EngineOutput.HoldChanged.Change;
import org.tutti.signing.internal.engine.HandOvers;
import org.tutti.signing.internal.wire.EnvelopeVerifier;
import org.tutti.signing.internal.wire.GroupFixture;
import org.tutti.signing.internal.wire.GroupTable;
import org.tutti.signing.internal.wire.HandOver;
import org.tutti.signing.internal.wire.Inbound;
import org.tutti.signing.internal.wire.WireException;
import org.tutti.signing.journal.JournalRecord;
import org.tutti.signing.journal.TestJournals;
import org.tutti.signing.request.SessionId;
import org.tutti.signing.request.SigningLimits;
import org.tutti.signing.request.SigningRequest;
import org.tutti.signing.request.SigningRequestDraft;
import org.tutti.signing.session.SessionEvent;
import org.tutti.signing.session.SessionOutcome;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.UnaryOperator;

/// What becomes of each output of an engine; and the links and hand-overs that some of them use,
/// with the host of another member that only reads.
@Timeout(120)
class GroupOutputsTest {
    private static final Bytes JOURNAL = Bytes.fromHex("0a".repeat(16));
    private static final Hold HOLD = new Hold(Set.of(Bytes.fromHex("c0")), Bytes.EMPTY);
    private static final SigningLimits LIMITS = SigningLimits.DEFAULT;

    @TempDir Path folder;

    private final GroupFixture fixture = new GroupFixture(2, 91);
    private final GroupWay way = new GroupWay(fixture.group, 0, List.of());
    private final BlockingQueue<Bytes> received = new LinkedBlockingQueue<>();
    private final BlockingQueue<String> opened = new LinkedBlockingQueue<>();
    private final BlockingQueue<SessionEvent> events = new LinkedBlockingQueue<>();
    private final BlockingQueue<Decision> decisions = new LinkedBlockingQueue<>();
    private final List<String> holds = new ArrayList<>();
    private final List<Throwable> failures = new ArrayList<>();
    private final CountDownLatch agreed = new CountDownLatch(1);
    private final CountDownLatch deciding = new CountDownLatch(1);
    private final AtomicInteger reads = new AtomicInteger();

    /// Counted down when a reading has ended, or failed.
    private final CountDownLatch read = new CountDownLatch(1);

    private volatile boolean readFails;
    private volatile boolean readBreaks;
    private Host alice;
    private Host bob;
    private PeerLinks links;
    private EventDispatcher dispatcher;
    private OwnRequests own;
    private HandOverService handOvers;
    private GroupOutputs outputs;

    @BeforeEach
    void open() throws Exception {
        MemoryNetwork network = new MemoryNetwork();
        alice = host(network, 0);
        bob = host(network, 1);
        bob.handle(
                new InboundProtocol(
                        SigningService.PROTOCOL,
                        4,
                        stream -> {
                            FrameReader reader =
                                    new FrameReader(stream, LIMITS.frameBytes(), System::nanoTime);
                            try {
                                for (Optional<Bytes> frame = reader.next();
                                        frame.isPresent();
                                        frame = reader.next()) {
                                    received.add(frame.get());
                                }
                            } catch (WireException e) {
                                throw new IOException(e);
                            }
                        }));
        links =
                new PeerLinks(
                        alice,
                        _ -> 1 << 20,
                        peer -> opened.add(peer.toString()),
                        _ -> {},
                        UnaryOperator.identity(),
                        new SeededRandom(1));
        dispatcher = new EventDispatcher(16, events::add);
        own = new OwnRequests(fixture.group, fixture.owner(0).member(), LIMITS, fixture.random);
        handOvers = new HandOverService(way, fixture.owner(0).envelopeSigner(), links, this::read);
        outputs =
                new GroupOutputs(
                        way,
                        links,
                        new Approvals(
                                (request, _) -> {
                                    deciding.countDown();
                                    if (request.purpose().equals("slow")) {
                                        new CountDownLatch(1).await();
                                    }
                                    return new Decision.Approved(request.messages());
                                },
                                4,
                                (_, decision) -> decisions.add(decision),
                                failures::add),
                        dispatcher,
                        new EvidenceFolder(folder),
                        new Listener(),
                        own,
                        agreed,
                        handOvers,
                        failures::add);
    }

    private HandOvers read() throws IOException {
        reads.incrementAndGet();
        try {
            if (readFails) {
                throw new IOException("a test");
            }
            if (readBreaks) {
                throw new IllegalArgumentException("a test");
            }
            return new HandOvers(
                    fixture.group.id(),
                    0,
                    TestJournals.state(LIMITS, Instant.EPOCH, fixture.group.id(), List.of())
                            .group(fixture.group.id()));
        } finally {
            read.countDown();
        }
    }

    private Host host(MemoryNetwork network, int index) throws Exception {
        Host host =
                Host.builder()
                        .identity(fixture.owner(index).identity())
                        .transport(network.transport())
                        .listen(Multiaddr.parse("/memory/" + index))
                        .build();
        host.start();
        return host;
    }

    @AfterEach
    void close() {
        handOvers.close();
        links.close();
        alice.close();
        bob.close();
        fixture.close();
    }

    private final class Listener implements HoldListener {
        @Override
        public void reserved(SigningRequest request, Hold hold) {
            holds.add("reserved " + hold.equals(HOLD));
        }

        @Override
        public void committed(SigningRequest request, Hold hold) {
            holds.add("committed " + hold.equals(HOLD));
        }

        @Override
        public void released(SigningRequest request, Hold hold) {
            holds.add("released " + hold.equals(HOLD));
        }

        @Override
        public void unknown(SigningRequest request, Hold hold) {
            holds.add("unknown " + hold.equals(HOLD));
        }

        @Override
        public void signed(
                SigningRequest request, Hold hold, List<SchnorrSignature> signatures, Instant at) {
            holds.add("signed " + signatures.size() + " " + at);
        }

        @Override
        public void settled(SessionId session) {
            holds.add("settled " + session);
        }
    }

    private static <T> T next(BlockingQueue<T> queue) throws InterruptedException {
        T one = queue.poll(HostGroup.TIMEOUT.toSeconds(), TimeUnit.SECONDS);
        if (one == null) {
            throw new AssertionError("nothing came");
        }
        return one;
    }

    // --- within this node

    @Test
    void ownerOfHoldsIsToldEachChangeByItsName() {
        SigningRequest request = fixture.request(0, 1);
        List<SchnorrSignature> signatures = List.of(new SchnorrSignature(Bytes.wrap(new byte[64])));
        for (Change change : Change.values()) {
            outputs.perform(
                    new EngineOutput.HoldChanged(
                            change, request, HOLD, signatures, GroupFixture.NOW));
        }
        assertThat(holds)
                .containsExactly(
                        "reserved true",
                        "committed true",
                        "released true",
                        "unknown true",
                        "signed 1 " + GroupFixture.NOW,
                        "settled " + request.sessionId());
    }

    @Test
    void agreementOfAllIsAwaitedAndToldLikeEveryEvent() throws Exception {
        dispatcher.start();
        SessionEvent other = new SessionEvent.JournalFailed(GroupFixture.NOW, "a test");
        outputs.perform(new EngineOutput.Emit(other));
        assertThat(agreed.getCount()).isEqualTo(1);
        SessionEvent all = new SessionEvent.TermsAgreed(GroupFixture.NOW);
        outputs.perform(new EngineOutput.Emit(all));
        assertThat(agreed.getCount()).isZero();
        assertThat(next(events)).isEqualTo(other);
        assertThat(next(events)).isEqualTo(all);
        dispatcher.close();
        dispatcher.join();
    }

    @Test
    void endOfASessionStopsItsDecisionAndIsToldToItsCaller() throws Exception {
        SessionHandle handle =
                own.add(
                        new SigningRequestDraft(
                                fixture.request(0, 1).messages(),
                                "slow",
                                Bytes.EMPTY,
                                Duration.ofMinutes(1)),
                        GroupFixture.NOW);
        SigningRequest request = handle.request();
        outputs.perform(
                new EngineOutput.AskApproval(request, fixture.owner(0).member(), GroupFixture.NOW));
        deciding.await();
        SessionOutcome outcome =
                new SessionOutcome.Refused(
                        request.sessionId(), fixture.owner(1).member(), "NO", "no", false);
        outputs.perform(new EngineOutput.Finish(outcome));
        assertThat(next(decisions)).as("interrupted").isInstanceOf(Decision.Refused.class);
        assertThat(handle.await(HostGroup.TIMEOUT)).isEqualTo(outcome);
    }

    @Test
    void decisionIsTheApprovals() throws Exception {
        SigningRequest request = fixture.request(0, 1);
        outputs.perform(
                new EngineOutput.AskApproval(request, fixture.owner(0).member(), GroupFixture.NOW));
        assertThat(next(decisions)).isEqualTo(new Decision.Approved(request.messages()));
    }

    @Test
    void evidenceIsSavedAndAJournalThatCannotBeUsedEndsTheNode() {
        outputs.perform(new EngineOutput.SaveEvidence("a.evidence", Bytes.fromHex("01")));
        assertThat(Files.exists(folder.resolve("a.evidence"))).isTrue();
        outputs.perform(new EngineOutput.CannotSign("JOURNAL_WENT_BACK", "why"));
        assertThat(failures)
                .singleElement()
                .isInstanceOfSatisfying(
                        SigningStoppedException.class,
                        e -> assertThat(e.code()).isEqualTo("JOURNAL_WENT_BACK"));
    }

    @Test
    void journalIsWrittenByTheLoopAlone() {
        EngineOutput entry = new EngineOutput.Append(new JournalRecord.Recovered());
        assertThatIllegalArgumentException().isThrownBy(() -> outputs.perform(entry));
    }

    // --- to others

    private void connect() throws Exception {
        links.add(fixture.group, way::needsLink);
        alice.subscribe(links::onSwarmEvent);
        links.start();
        alice.connect(bob.addresses().getFirst());
        assertThat(next(opened)).isEqualTo(bob.peerId().toString());
    }

    @Test
    void whatIsSentReachesTheMemberInItsOrder() throws Exception {
        connect();
        for (EngineOutput output :
                List.of(
                        new EngineOutput.Send(1, Bytes.fromHex("01")),
                        new EngineOutput.Send(0, Bytes.fromHex("00")),
                        new EngineOutput.Broadcast(Bytes.fromHex("02")),
                        new EngineOutput.SendToAllConnections(0, Bytes.fromHex("00")),
                        new EngineOutput.SendToAllConnections(1, Bytes.fromHex("03")),
                        new EngineOutput.Send(1, Bytes.fromHex("04")))) {
            outputs.perform(output);
        }
        for (int i = 1; i <= 4; i++) {
            assertThat(next(received)).isEqualTo(Bytes.fromHex("0" + i));
        }
        assertThat(received).isEmpty();
    }

    @Test
    void linksAreToTheOtherMembersOnceEachAndEndWithTheLastGroup() throws Exception {
        assertThat(links.add(fixture.group, way::needsLink)).as("none is open yet").isEmpty();
        assertThat(links.add(fixture.group, way::needsLink)).isEmpty();
        assertThat(links.count()).isEqualTo(1);
        assertThat(links.isOpen(bob.peerId())).isFalse();
        connect();
        assertThat(links.isOpen(bob.peerId())).isTrue();
        assertThat(links.add(fixture.group, way::needsLink))
                .as("it is open, and says no hello for a group that is added")
                .containsExactly(fixture.owner(1).member());
        links.retain(peer -> peer.equals(bob.peerId()));
        assertThat(links.count()).isEqualTo(1);
        links.retain(_ -> false);
        assertThat(links.count()).isZero();
        assertThat(links.isOpen(bob.peerId())).isFalse();
        outputs.perform(new EngineOutput.Send(1, Bytes.fromHex("01")));
        outputs.perform(new EngineOutput.Broadcast(Bytes.fromHex("01")));
        assertThat(received).isEmpty();
    }

    @Test
    void linkToAPeerThatIsConnectedAlreadyIsOpenedWhenItsGroupIsAdded() throws Exception {
        alice.connect(bob.addresses().getFirst());
        links.start();
        links.add(fixture.group, way::needsLink);
        assertThat(next(opened)).isEqualTo(bob.peerId().toString());
    }

    // --- hand-overs

    private HandOver nextHandOver() throws Exception {
        return handOver(next(received));
    }

    private HandOver handOver(Bytes envelope) throws WireException {
        EnvelopeVerifier verifier = new EnvelopeVerifier(GroupTable.of(fixture.group), LIMITS);
        return ((Inbound.HandedOver) verifier.verify(envelope)).handOver();
    }

    private void ask(Bytes after) {
        outputs.perform(new EngineOutput.HandOver(1, JOURNAL, after, Map.of()));
    }

    @Test
    void memberThatAsksIsSentWhatItAskedForFromOneReading() throws Exception {
        connect();
        ask(Bytes.EMPTY);
        HandOver part = nextHandOver();
        assertThat(part.journal()).isEqualTo(JOURNAL);
        assertThat(part.signer()).isZero();
        assertThat(part.last()).isTrue();
        Bytes after = Bytes.fromHex("11".repeat(32));
        ask(after);
        assertThat(nextHandOver().after()).isEqualTo(after);
        assertThat(reads).hasValue(1);
    }

    @Test
    void journalThatCannotBeReadIsReadAgainForTheNextQuestion() throws Exception {
        connect();
        readFails = true;
        ask(Bytes.EMPTY);
        read.await();
        readFails = false;
        askUntilAnswered();
    }

    @Test
    void faultOfOneReadingLeavesTheNextQuestionToAnotherThread() throws Exception {
        connect();
        readBreaks = true;
        ask(Bytes.EMPTY);
        read.await();
        readBreaks = false;
        askUntilAnswered();
    }

    private void askUntilAnswered() throws Exception {
        Bytes after = Bytes.fromHex("11".repeat(32));
        // Its thread may not have ended yet, and drops what waits then, as for a member that asks
        // again.
        Bytes answer = null;
        while (answer == null) {
            ask(after);
            answer = received.poll(10, TimeUnit.MILLISECONDS);
        }
        assertThat(handOver(answer).after()).isEqualTo(after);
    }

    @Test
    void nobodyIsAnsweredAfterTheEnd() throws Exception {
        connect();
        handOvers.close();
        ask(Bytes.EMPTY);
        assertThat(reads).hasValue(0);
        assertThat(received).isEmpty();
    }
}
