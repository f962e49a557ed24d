package org.tutti.signing.service;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.tutti.base.Bytes;
import org.tutti.libp2p.identity.SignedEnvelope;
import org.tutti.libp2p.io.Frames;
import org.tutti.libp2p.swarm.Stream;
import org.tutti.libp2p.transport.memory.MemoryNetwork;
import org.tutti.musig.schnorr.SchnorrSignature;
import org.tutti.signing.group.SignerGroup;
import org.tutti.signing.internal.wire.EnvelopeSigner;
import org.tutti.signing.internal.wire.RelayFrame;
import org.tutti.signing.internal.wire.VerifiedEnvelope;
import org.tutti.signing.internal.wire.WireException;
import org.tutti.signing.request.SigningRequestDraft;
import org.tutti.signing.session.DropReason;
import org.tutti.signing.session.SessionEvent;
import org.tutti.signing.session.SessionOutcome;
import org.tutti.signing.session.SessionTimeouts;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import java.util.Queue;
import java.util.Random;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;

/// Groups of real nodes whose messages go through a relay: only streams to it exist. In most tests
/// the relay, who is a signer like all, does badly what it is there for.
class RelayTest {
    private static final SessionTimeouts SHORT =
            new SessionTimeouts(
                    Duration.ofSeconds(10), Duration.ofSeconds(2), Duration.ofSeconds(2));

    private static final int RELAY = 1;

    @TempDir Path folder;

    private final MemoryNetwork network = new MemoryNetwork();

    private HostGroup hosts(int size, List<Integer> relays, Consumer<HostGroup.Node> before)
            throws Exception {
        return new HostGroup(
                size, folder, "/memory/%d", b -> b.transport(network.transport()), relays, before);
    }

    /// Four signers, of whom the second relays.
    private HostGroup four() throws Exception {
        return hosts(4, List.of(RELAY), node -> node.timeouts = SHORT);
    }

    private static List<SchnorrSignature> signatures(SessionHandle handle) throws Exception {
        SessionOutcome outcome = handle.await(HostGroup.TIMEOUT);
        assertThat(outcome).isInstanceOf(SessionOutcome.Signed.class);
        return ((SessionOutcome.Signed) outcome).signatures();
    }

    private static void requireSignedByAll(HostGroup g, int requester, int number)
            throws Exception {
        SessionHandle handle = g.nodes.get(requester).signing.sign(HostGroup.draft(number));
        List<SchnorrSignature> signatures = signatures(handle);
        for (HostGroup.Node node : g.nodes) {
            SessionEvent.Signed signed = node.await(SessionEvent.Signed.class);
            while (!signed.request().equals(handle.request())) {
                signed = node.await(SessionEvent.Signed.class);
            }
            assertThat(signed.signatures()).isEqualTo(signatures);
        }
    }

    private static void requireNobodyIsBlamed(HostGroup g) throws IOException {
        for (HostGroup.Node node : g.nodes) {
            Path evidence = node.folder.resolve("evidence");
            if (Files.exists(evidence)) {
                try (var files = Files.list(evidence)) {
                    assertThat(files).isEmpty();
                }
            }
        }
    }

    private static RelayFrame frame(GroupWay.Parcel parcel) {
        try {
            return RelayFrame.decode(parcel.frame());
        } catch (WireException e) {
            throw new AssertionError(e);
        }
    }

    /// Whether it carries such a message of this member, passed on or not.
    private static boolean isOf(GroupWay.Parcel parcel, HostGroup.Node author, String type) {
        try {
            Bytes envelope = parcel.frame();
            if (RelayFrame.isOne(envelope)) {
                if (!(frame(parcel) instanceof RelayFrame.Relayed relayed)) {
                    return false;
                }
                envelope = relayed.envelope();
            }
            VerifiedEnvelope verified = VerifiedEnvelope.of(envelope);
            return verified.author().equals(author.host.peerId())
                    && verified.type()
                            .equals(
                                    Bytes.wrap(
                                            ("/tutti/sign/2/" + type)
                                                    .getBytes(StandardCharsets.US_ASCII)));
        } catch (WireException e) {
            throw new AssertionError(e);
        }
    }

    private static boolean isPassedOn(GroupWay.Parcel parcel) {
        return RelayFrame.isOne(parcel.frame()) && frame(parcel) instanceof RelayFrame.Relayed;
    }

    private static GroupWay.Parcel of(GroupWay.Parcel parcel, RelayFrame frame) {
        return new GroupWay.Parcel(parcel.to(), frame.encode(), parcel.everyConnection());
    }

    private static SessionEvent.Dropped awaitDropped(HostGroup.Node node, DropReason reason)
            throws InterruptedException {
        SessionEvent.Dropped dropped = node.await(SessionEvent.Dropped.class);
        while (dropped.reason() != reason) {
            dropped = node.await(SessionEvent.Dropped.class);
        }
        return dropped;
    }

    // --- a relay that does what it is there for

    @Test
    void seventeenSignersWithStreamsToOneOfThemAloneGetOneSignature() throws Exception {
        try (HostGroup g = hosts(17, List.of(3), _ -> {})) {
            for (HostGroup.Node node : g.nodes) {
                assertThat(node.service.links()).isEqualTo(node.member.index() == 3 ? 16 : 1);
            }
            requireSignedByAll(g, 9, 1);
            requireSignedByAll(g, 3, 2);
        }
    }

    @Test
    void memberThatLeavesAndComesBackIsFoundAgain() throws Exception {
        try (HostGroup g = four()) {
            requireSignedByAll(g, 0, 1);
            HostGroup.Node carol = g.nodes.get(2);
            carol.service.drop(g.group.id());
            carol.signing = HostGroup.join(carol, g.group, g.peers(List.of(RELAY)));
            requireSignedByAll(g, 0, 2);
            HostGroup.Node relay = g.nodes.get(RELAY);
            relay.service.drop(g.group.id());
            relay.signing = HostGroup.join(relay, g.group, g.peers(List.of(RELAY)));
            requireSignedByAll(g, 3, 3);
        }
    }

    @Test
    void anotherRelayTakesOver() throws Exception {
        try (HostGroup g = four()) {
            requireSignedByAll(g, 0, 1);
            for (HostGroup.Node node : g.nodes) {
                node.service.relayBy(g.group.id(), g.peers(List.of(3)));
            }
            for (HostGroup.Node node : g.nodes) {
                if (node.member.index() != 3
                        && !node.host.isConnected(g.nodes.get(3).host.peerId())) {
                    node.host.connect(g.nodes.get(3).host.addresses().getFirst());
                }
            }
            requireSignedByAll(g, 0, 2);
            assertThat(g.nodes.stream().map(node -> node.service.links()))
                    .containsExactly(1, 1, 1, 3);
        }
    }

    // --- one that does not

    @Test
    void relayThatWithholdsNoncesEndsTheSessionByItsDeadlineAndNobodyIsBlamed() throws Exception {
        try (HostGroup g = four()) {
            g.nodes.get(RELAY).sending =
                    (parcel, links) -> {
                        if (!isOf(parcel, g.nodes.get(2), "nonces")) {
                            links.accept(parcel);
                        }
                    };
            SigningRequestDraft draft =
                    new SigningRequestDraft(
                            HostGroup.draft(1).messages(),
                            "test",
                            Bytes.EMPTY,
                            Duration.ofSeconds(3));
            SessionOutcome outcome =
                    g.nodes.getFirst().signing.sign(draft).await(HostGroup.TIMEOUT);
            assertThat(outcome)
                    .isInstanceOfSatisfying(
                            SessionOutcome.Aborted.class,
                            aborted -> assertThat(aborted.culprits()).isEmpty());
            requireNobodyIsBlamed(g);
        }
    }

    @Test
    void relayThatRepeatsEverythingAndOldThingsChangesNothing() throws Exception {
        try (HostGroup g = four()) {
            List<GroupWay.Parcel> before = new ArrayList<>();
            Random random = new Random(1);
            g.nodes.get(RELAY).sending =
                    (parcel, links) -> {
                        links.accept(parcel);
                        if (!isPassedOn(parcel)) {
                            return;
                        }
                        links.accept(parcel);
                        synchronized (before) {
                            before.add(parcel);
                            GroupWay.Parcel old = before.get(random.nextInt(before.size()));
                            if (frame(old) instanceof RelayFrame.Relayed relayed
                                    && !parcel.to()
                                            .contains(g.group.member(relayed.from()).peerId())) {
                                links.accept(of(parcel, relayed));
                            }
                        }
                    };
            for (int i = 1; i <= 3; i++) {
                requireSignedByAll(g, 2, i);
            }
            requireNobodyIsBlamed(g);
        }
    }

    @Test
    void relayThatReordersDelaysAtMost() throws Exception {
        try (HostGroup g = four()) {
            Queue<Runnable> held = new ConcurrentLinkedQueue<>();
            AtomicBoolean done = new AtomicBoolean();
            g.nodes.get(RELAY).sending = (parcel, links) -> held.add(() -> links.accept(parcel));
            Thread releasing =
                    Thread.ofVirtual()
                            .start(() -> {
                                while (!done.get()) {
                                    List<Runnable> some = new ArrayList<>();
                                    for (Runnable one = held.poll();
                                            one != null;
                                            one = held.poll()) {
                                        some.addFirst(one);
                                    }
                                    some.forEach(Runnable::run);
                                    try {
                                        TimeUnit.MILLISECONDS.sleep(10);
                                    } catch (InterruptedException _) {
                                        return;
                                    }
                                }
                            });
            requireSignedByAll(g, 2, 1);
            requireSignedByAll(g, 0, 2);
            requireNobodyIsBlamed(g);
            done.set(true);
            releasing.join();
        }
    }

    @Test
    void whatARelayHasAlteredIsRefusedAndCountedAgainstIt() throws Exception {
        try (HostGroup g = four()) {
            AtomicInteger altered = new AtomicInteger();
            g.nodes.get(RELAY).sending =
                    (parcel, links) -> {
                        if (isPassedOn(parcel)
                                && isOf(parcel, g.nodes.get(2), "ready")
                                && altered.getAndIncrement() == 0) {
                            RelayFrame.Relayed relayed = (RelayFrame.Relayed) frame(parcel);
                            byte[] bytes = relayed.envelope().toArray();
                            bytes[bytes.length - 1] ^= 1; // In its signature.
                            parcel =
                                    of(
                                            parcel,
                                            new RelayFrame.Relayed(
                                                    relayed.group(), 2, Bytes.wrap(bytes)));
                        }
                        links.accept(parcel);
                    };
            requireSignedByAll(g, 2, 1);
            assertThat(altered.get()).isPositive();
            requireNobodyIsBlamed(g);
        }
    }

    @Test
    void alteredAndRenamedFramesAreTheRelaysFault() throws Exception {
        try (HostGroup g = four()) {
            HostGroup.Node dave = g.nodes.get(3);
            EnvelopeSigner carol =
                    new EnvelopeSigner(
                            g.group.member(2),
                            g.nodes.get(2).identity,
                            g.group,
                            Bytes.fromHex("c0".repeat(16)));
            Bytes envelope = carol.challenge(1, List.of(), List.of()).envelope();
            byte[] altered = envelope.toArray();
            altered[altered.length - 1] ^= 1;
            Bytes group = g.group.id();
            // As alice's, what carol has signed; then with a byte that carol has not.
            require(g, dave, new RelayFrame.Relayed(group, 0, envelope), DropReason.WRONG_INDEX);
            require(
                    g,
                    dave,
                    new RelayFrame.Relayed(group, 2, Bytes.wrap(altered)),
                    DropReason.BAD_ENVELOPE);
            require(g, dave, new RelayFrame.Relayed(group, 3, envelope), DropReason.MALFORMED);
        }
    }

    @Test
    void whatIsWrongInsideAnEnvelopeIsItsAuthorsFaultAndTheRelayIsReadOn() throws Exception {
        try (HostGroup g = four()) {
            HostGroup.Node carol = g.nodes.get(2);
            HostGroup.Node dave = g.nodes.get(3);
            HostGroup.Node relay = g.nodes.get(RELAY);
            Bytes nonsense =
                    SignedEnvelope.seal(
                                    carol.identity,
                                    "tutti-sign-hello",
                                    Bytes.wrap(
                                            "/tutti/sign/2/challenge"
                                                    .getBytes(StandardCharsets.US_ASCII)),
                                    Bytes.fromHex("ff"))
                            .encode();
            byte[] bytes =
                    Frames.encode(
                            new RelayFrame.Relayed(g.group.id(), 2, nonsense).encode().toArray());
            try (Stream stream =
                    relay.host.newStream(dave.host.peerId(), SigningService.PROTOCOL)) {
                stream.write(bytes, 0, bytes.length);
                assertThat(awaitDropped(dave, DropReason.MALFORMED).from()).isEqualTo(carol.member);
                stream.write(bytes, 0, bytes.length);
                assertThat(awaitDropped(dave, DropReason.MALFORMED).count()).isEqualTo(2);
            }
        }
    }

    /// The relay writes a frame, which resets its stream and is counted against it.
    private static void require(HostGroup g, HostGroup.Node to, RelayFrame frame, DropReason reason)
            throws Exception {
        HostGroup.Node relay = g.nodes.get(RELAY);
        try (Stream stream = relay.host.newStream(to.host.peerId(), SigningService.PROTOCOL)) {
            byte[] bytes = Frames.encode(frame.encode().toArray());
            stream.write(bytes, 0, bytes.length);
            assertThat(awaitDropped(to, reason).from()).isEqualTo(relay.member);
        }
    }

    // --- others than the relay

    @Test
    void memberThatIsNotTheRelayPassesNothingOnAndTellsNothing() throws Exception {
        try (HostGroup g = four()) {
            HostGroup.Node mallory = g.nodes.get(2);
            HostGroup.Node dave = g.nodes.get(3);
            EnvelopeSigner alice =
                    new EnvelopeSigner(
                            g.group.member(0),
                            g.nodes.getFirst().identity,
                            g.group,
                            Bytes.fromHex("a0".repeat(16)));
            Bytes envelope = alice.challenge(1, List.of(), List.of()).envelope();
            mallory.host.connect(dave.host.addresses().getFirst());
            Bytes group = g.group.id();
            // All on one stream, which stays: she may know of a request that dave does not.
            try (Stream stream =
                    mallory.host.newStream(dave.host.peerId(), SigningService.PROTOCOL)) {
                for (RelayFrame frame :
                        List.of(
                                new RelayFrame.Relayed(group, 0, envelope),
                                new RelayFrame.Reachable(group, true, List.of(0), List.of()),
                                new RelayFrame.Forward(group, OptionalInt.of(0), false, envelope),
                                new RelayFrame.Forward(
                                        group, OptionalInt.of(0), false, envelope))) {
                    byte[] bytes = Frames.encode(frame.encode().toArray());
                    stream.write(bytes, 0, bytes.length);
                }
            }
            SessionEvent.Dropped last = awaitDropped(dave, DropReason.NOT_THE_RELAY);
            while (last.count() < 4) { // Told at the first, second and fourth.
                assertThat(last.from()).isEqualTo(mallory.member);
                last = awaitDropped(dave, DropReason.NOT_THE_RELAY);
            }
            requireSignedByAll(g, 0, 1);
        }
    }

    @Test
    void memberCannotHaveTheRelaySendWhatAnotherHasSigned() throws Exception {
        try (HostGroup g = four()) {
            EnvelopeSigner alice =
                    new EnvelopeSigner(
                            g.group.member(0),
                            g.nodes.getFirst().identity,
                            g.group,
                            Bytes.fromHex("a0".repeat(16)));
            requireNotPassedOn(g, alice);
        }
    }

    @Test
    void whatIsOfAnotherGroupIsNotPassedOnInThisOne() throws Exception {
        try (HostGroup g = four()) {
            HostGroup.Node mallory = g.nodes.get(2);
            // The same members in the same order.
            SignerGroup both = g.groupOf(2, 0, 1, 2, 3);
            HostGroup.join(g.nodes.get(RELAY), both);
            EnvelopeSigner ofAnother =
                    new EnvelopeSigner(
                            both.member(mallory.host.peerId()).orElseThrow(),
                            mallory.identity,
                            both,
                            Bytes.fromHex("a0".repeat(16)));
            requireNotPassedOn(g, ofAnother);
        }
    }

    /// The third member asks the relay to send everybody a challenge of this author, in the group
    /// of all.
    private static void requireNotPassedOn(HostGroup g, EnvelopeSigner author) throws Exception {
        HostGroup.Node relay = g.nodes.get(RELAY);
        HostGroup.Node mallory = g.nodes.get(2);
        Bytes envelope = author.challenge(1, List.of(), List.of()).envelope();
        Bytes forbidden = new RelayFrame.Relayed(g.group.id(), 2, envelope).encode();
        AtomicInteger passedOn = new AtomicInteger();
        relay.sending =
                (parcel, links) -> {
                    if (parcel.frame().equals(forbidden)) {
                        passedOn.incrementAndGet();
                    }
                    links.accept(parcel);
                };
        try (Stream stream = mallory.host.newStream(relay.host.peerId(), SigningService.PROTOCOL)) {
            byte[] bytes =
                    Frames.encode(
                            new RelayFrame.Forward(
                                            g.group.id(), OptionalInt.empty(), false, envelope)
                                    .encode()
                                    .toArray());
            stream.write(bytes, 0, bytes.length);
            assertThat(awaitDropped(relay, DropReason.WRONG_INDEX).from().peerId())
                    .isEqualTo(mallory.host.peerId());
        }
        assertThat(passedOn).hasValue(0);
    }

    @Test
    void memberThatFloodsTheRelayIsReadSlowlyWhileTheOthersSign() throws Exception {
        try (HostGroup g = hosts(4, List.of(RELAY), _ -> {})) {
            HostGroup.Node relay = g.nodes.get(RELAY);
            HostGroup.Node mallory = g.nodes.get(3);
            EnvelopeSigner signer =
                    new EnvelopeSigner(
                            mallory.member,
                            mallory.identity,
                            g.group,
                            Bytes.fromHex("d0".repeat(16)));
            byte[] bytes =
                    Frames.encode(
                            new RelayFrame.Forward(
                                            g.group.id(),
                                            OptionalInt.empty(),
                                            false,
                                            signer.answer(0, Bytes.fromHex("01".repeat(16)), 1)
                                                    .envelope())
                                    .encode()
                                    .toArray());
            AtomicBoolean done = new AtomicBoolean();
            Thread flood =
                    Thread.ofVirtual()
                            .start(() -> {
                                try (Stream stream =
                                        mallory.host.newStream(
                                                relay.host.peerId(), SigningService.PROTOCOL)) {
                                    while (!done.get()) {
                                        stream.write(bytes, 0, bytes.length);
                                    }
                                } catch (IOException _) {
                                    // Ended with the host.
                                }
                            });
            // Not with her: whoever floods delays what it has to say itself.
            SignerGroup three = g.groupOf(2, 0, RELAY, 2);
            List<SigningGroup> others = new ArrayList<>();
            for (int i = 0; i < 3; i++) {
                others.add(HostGroup.join(g.nodes.get(i), three, List.of(relay.host.peerId())));
            }
            for (int i = 1; i <= 3; i++) {
                signatures(others.getFirst().sign(HostGroup.draft(i)));
            }
            done.set(true);
            flood.join();
        }
    }
}
