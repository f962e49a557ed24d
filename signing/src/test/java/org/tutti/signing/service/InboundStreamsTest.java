package org.tutti.signing.service;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.tutti.base.Bytes;
import org.tutti.libp2p.io.Frames;
import org.tutti.libp2p.transport.memory.MemoryNetwork;
import org.tutti.signing.group.SignerGroup;
import org.tutti.signing.internal.engine.EngineTime;
import org.tutti.signing.internal.wire.Contribution;
import org.tutti.signing.internal.wire.EnvelopeSigner;
import org.tutti.signing.internal.wire.GroupFixture;
import org.tutti.signing.internal.wire.RelayFrame;
import org.tutti.signing.internal.wire.Terms;
import org.tutti.signing.journal.Journal;
import org.tutti.signing.journal.JournalCompactor;
import org.tutti.signing.journal.JournalRetention;
import org.tutti.signing.journal.MemoryJournalFiles;
import org.tutti.signing.journal.TestJournals;
import org.tutti.signing.request.SessionId;
import org.tutti.signing.request.SigningLimits;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/// A member's messages wait for a loop that is slow, whatever they are: its streams are not read
/// then.
class InboundStreamsTest {
    private static final int FRAMES = 64;
    private static final int PERMITS = 16 << 10;

    /// Each message counts as 1 KiB at least, and these are smaller.
    private static final int MOST_WAITING = 16;

    @TempDir Path folder;
    private final List<Throwable> failures = new ArrayList<>();
    private HostGroup hosts;
    private HostGroup.Node alice;
    private HostGroup.Node bob;
    private Journal journal;
    private EventLoop loop;
    private InboundStreams inbound;
    private final Groups groups = new Groups();
    private final List<GroupWay.Parcel> passedOn = new ArrayList<>();

    @BeforeEach
    void open() throws Exception {
        MemoryNetwork network = new MemoryNetwork();
        hosts = new HostGroup(3, folder, "/memory/%d", b -> b.transport(network.transport()));
        alice = hosts.nodes.get(0);
        bob = hosts.nodes.get(1);
        groups.add(alice.signing);
        journal = TestJournals.open(new MemoryJournalFiles(true));
        loop =
                new EventLoop(
                        journal,
                        new JournalCompactor(
                                journal,
                                new JournalRetention(Duration.ZERO, Duration.ZERO, 0, -1),
                                InstantSource.system(),
                                Runnable::run,
                                () -> {},
                                _ -> {}),
                        InstantSource.fixed(GroupFixture.NOW),
                        () -> EngineTime.of(GroupFixture.NOW).boot().toNanos(),
                        failures::add);
        SigningLimits limits =
                SigningLimits.DEFAULT.with(new SigningLimits.Queues(PERMITS, 1 << 20, 16, 16));
        inbound = new InboundStreams(groups, alice.host.peerId(), limits, loop, passedOn::add);
    }

    @AfterEach
    void close() throws Exception {
        hosts.close();
        journal.close();
        assertThat(failures).isEmpty();
    }

    private EnvelopeSigner bobIn(SignerGroup group) {
        return new EnvelopeSigner(
                group.member(bob.host.peerId()).orElseThrow(),
                bob.identity,
                group,
                Bytes.fromHex("b0".repeat(16)));
    }

    private static byte[] repeated(Bytes envelope) throws IOException {
        ByteArrayOutputStream script = new ByteArrayOutputStream();
        byte[] frame = Frames.encode(envelope.toArray());
        for (int i = 0; i < FRAMES; i++) {
            script.write(frame);
        }
        return script.toByteArray();
    }

    private void requireWaits(Bytes envelope) throws Exception {
        byte[] script = repeated(envelope);
        int frame = script.length / FRAMES;
        // One frame a read: what was read is what was taken.
        FakeStream stream = new FakeStream(script, frame, false, bob.host.peerId());
        Thread reader =
                Thread.ofPlatform()
                        .start(() -> {
                            try {
                                inbound.read(stream);
                            } catch (IOException e) {
                                throw new AssertionError(e);
                            }
                        });
        while (reader.isAlive() && reader.getState() != Thread.State.WAITING) {
            Thread.onSpinWait();
        }
        assertThat(stream.position() / frame).isBetween(MOST_WAITING, MOST_WAITING + 2);
        Thread looping = Thread.ofPlatform().start(loop::run);
        reader.join();
        assertThat(stream.position()).isEqualTo(script.length);
        loop.stop();
        looping.join();
    }

    @Test
    void messagesOfAGroupWait() throws Exception {
        requireWaits(bobIn(hosts.group).challenge(1, List.of(), List.of()).envelope());
    }

    @Test
    void messagesOfAnotherGroupWait() throws Exception {
        SignerGroup other = hosts.groupOf(2, 0, 1);
        requireWaits(bobIn(other).challenge(1, List.of(), List.of()).envelope());
    }

    @Test
    void hellosOfAnotherGroupWait() throws Exception {
        SignerGroup other = hosts.groupOf(2, 0, 1);
        Terms terms = new Terms(Bytes.EMPTY, Bytes.wrap(new byte[64]));
        requireWaits(bobIn(other).greet(Optional.empty(), 1, terms, false, Bytes.EMPTY).envelope());
    }

    @Test
    void whatAMemberHasARelayPassOnWaitsForNoLoopAndIsReadAtItsPace() throws Exception {
        groups.remove(alice.signing);
        alice.service.drop(hosts.group.id());
        alice.signing = HostGroup.join(alice, hosts.group, List.of(alice.host.peerId()));
        groups.add(alice.signing);
        // A nonce set of three large envelopes: what is in them is not read here.
        Bytes large = Bytes.wrap(new byte[4 << 10]);
        Bytes envelope =
                bobIn(hosts.group)
                        .sign(
                                new SessionId(Bytes.wrap(new byte[32])),
                                1,
                                new Contribution.NonceSet(List.of(large, large, large), List.of()))
                        .envelope();
        byte[] frame =
                Frames.encode(
                        new RelayFrame.Forward(hosts.group.id(), OptionalInt.of(2), false, envelope)
                                .encode()
                                .toArray());
        int atOnce = (int) RelayPace.AT_ONCE / frame.length;
        ByteArrayOutputStream script = new ByteArrayOutputStream();
        for (int i = 0; i < 4 * atOnce; i++) {
            script.write(frame);
        }
        FakeStream stream =
                new FakeStream(script.toByteArray(), frame.length, false, bob.host.peerId());
        Thread reader =
                Thread.ofPlatform()
                        .start(() -> {
                            try {
                                inbound.read(stream);
                            } catch (IOException e) {
                                throw new AssertionError(e);
                            }
                        });
        while (reader.isAlive() && reader.getState() != Thread.State.TIMED_WAITING) {
            Thread.onSpinWait();
        }
        assertThat(reader.isAlive()).as("waits for its pace").isTrue();
        inbound.close();
        reader.join();
        assertThat(stream.position()).isLessThan(script.size());
        assertThat(passedOn.size()).isGreaterThanOrEqualTo(atOnce);
        assertThat(passedOn.getFirst().to()).containsExactly(hosts.nodes.get(2).host.peerId());
    }
}
