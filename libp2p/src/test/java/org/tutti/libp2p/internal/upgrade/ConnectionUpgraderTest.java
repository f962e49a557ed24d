package org.tutti.libp2p.internal.upgrade;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import static java.nio.charset.StandardCharsets.UTF_8;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.tutti.libp2p.identity.KeyType;
import org.tutti.libp2p.identity.Keys;
import org.tutti.libp2p.identity.PeerId;
import org.tutti.libp2p.identity.PrivateKey;
import org.tutti.libp2p.internal.upgrade.ConnectionUpgrader.Upgraded;
import org.tutti.libp2p.io.MemoryScope;
import org.tutti.libp2p.io.Pipe;
import org.tutti.libp2p.io.RawConnection;
import org.tutti.libp2p.multistream.NegotiationException;
import org.tutti.libp2p.muxer.MuxedStream;
import org.tutti.libp2p.muxer.yamux.YamuxMuxer;
import org.tutti.libp2p.security.HandshakeException;
import org.tutti.libp2p.security.Plain;
import org.tutti.libp2p.security.SecureConnection;
import org.tutti.libp2p.security.SecurityProtocol;
import org.tutti.libp2p.security.noise.NoiseSecurity;
import org.tutti.libp2p.time.Deadlines;
import org.tutti.libp2p.time.ManualClock;
import org.tutti.libp2p.transport.PeerCheck;

import java.io.IOException;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.FutureTask;

@Timeout(60)
class ConnectionUpgraderTest {
    private static final PeerCheck ANYBODY = (_, _, _) -> {};

    /// They expire when somebody moves the clock.
    private static final Deadlines DEADLINES =
            new Deadlines(new ManualClock(), Duration.ofSeconds(10));

    private final PrivateKey alice = Keys.generate(KeyType.ED25519, new SecureRandom());
    private final PrivateKey bob = Keys.generate(KeyType.ED25519, new SecureRandom());
    private final PeerId bobsId = bob.publicKey().peerId();
    private final Pipe pipe = new Pipe(100_000);

    private static ConnectionUpgrader upgrader(PeerCheck check, SecurityProtocol... securities) {
        return new ConnectionUpgrader(
                List.of(securities),
                List.of(new YamuxMuxer()),
                check,
                (_, _) -> MemoryScope.unlimited(),
                DEADLINES,
                System::nanoTime);
    }

    private static SecurityProtocol noise(PrivateKey key, String... muxers) {
        return new NoiseSecurity(key, List.of(muxers));
    }

    private FutureTask<Upgraded> bobAccepts(ConnectionUpgrader upgrader) {
        FutureTask<Upgraded> task = new FutureTask<>(() -> upgrader.inbound(pipe.listener()));
        Thread.ofVirtual().start(task);
        return task;
    }

    private static void assertStreamsWork(Upgraded from, Upgraded to) throws IOException {
        MuxedStream opened = from.muxed().openStream();
        opened.write(new byte[] {7}, 0, 1);
        byte[] one = new byte[1];
        assertThat(to.muxed().acceptStream().read(one, 0, 1)).isEqualTo(1);
        assertThat(one).containsExactly(7);
    }

    @Test
    void theMuxerIsTakenFromTheHandshake() throws Exception {
        FutureTask<Upgraded> accepting =
                bobAccepts(upgrader(ANYBODY, noise(bob, YamuxMuxer.PROTOCOL_ID)));
        Upgraded alices =
                upgrader(ANYBODY, noise(alice, YamuxMuxer.PROTOCOL_ID))
                        .outbound(pipe.dialer(), bobsId);
        alices.muxed().flush();
        Upgraded bobs = accepting.get();
        assertThat(alices.secure().inlinedMuxer()).contains(YamuxMuxer.PROTOCOL_ID);
        assertThat(bobs.secure().remoteKey()).isEqualTo(alice.publicKey());
        assertStreamsWork(alices, bobs);
        assertStreamsWork(bobs, alices);
        alices.muxed().close();
    }

    @Test
    void aMuxerThatTheHandshakeDoesNotNameIsNegotiated() throws Exception {
        FutureTask<Upgraded> accepting = bobAccepts(upgrader(ANYBODY, noise(bob)));
        Upgraded alices = upgrader(ANYBODY, noise(alice)).outbound(pipe.dialer(), bobsId);
        assertThat(alices.secure().inlinedMuxer()).isEmpty();
        assertStreamsWork(alices, accepting.get());
        alices.muxed().close();
    }

    @Test
    void amongSeveralSecurityProtocolsTheFirstThatTheRemoteHasIsTaken() throws Exception {
        FutureTask<Upgraded> accepting = bobAccepts(upgrader(ANYBODY, noise(bob)));
        Upgraded alices =
                upgrader(ANYBODY, new Unsafe("/unheard/1"), noise(alice))
                        .outbound(pipe.dialer(), bobsId);
        assertStreamsWork(alices, accepting.get());
        alices.muxed().close();
    }

    @Test
    void aRemoteWithoutOurSecurityProtocolIsReported() throws Exception {
        byte[] refusal = "\u0013/multistream/1.0.0\n\u0003na\n".getBytes(UTF_8);
        pipe.listener().write(refusal, 0, refusal.length);
        assertThatThrownBy(() -> upgrader(ANYBODY, noise(alice)).outbound(pipe.dialer(), bobsId))
                .isInstanceOfSatisfying(
                        NegotiationException.class,
                        e ->
                                assertThat(e.code())
                                        .isEqualTo(NegotiationException.Code.NOT_SUPPORTED));
    }

    @Test
    void bothSidesAreCheckedOnceTheirIdentityIsProven() throws Exception {
        List<String> asked = Collections.synchronizedList(new ArrayList<>());
        PeerCheck noting = (peer, _, outbound) -> asked.add(peer + " " + outbound);
        FutureTask<Upgraded> accepting = bobAccepts(upgrader(noting, noise(bob)));
        Upgraded alices = upgrader(noting, noise(alice)).outbound(pipe.dialer(), bobsId);
        accepting.get();
        assertThat(asked)
                .containsExactlyInAnyOrder(bobsId + " true", alice.publicKey().peerId() + " false");
        alices.muxed().close();
    }

    @Test
    void aPeerThatTheCheckRefusesIsClosedBeforeAMuxerIsAgreedOn() {
        FutureTask<Upgraded> accepting =
                bobAccepts(
                        upgrader(
                                (_, _, _) -> {
                                    throw new IOException("not you");
                                },
                                noise(bob)));
        assertThatThrownBy(() -> upgrader(ANYBODY, noise(alice)).outbound(pipe.dialer(), bobsId))
                .isInstanceOf(IOException.class);
        assertThatThrownBy(accepting::get).hasRootCauseMessage("not you");
        assertThatThrownBy(() -> pipe.listener().write(new byte[1], 0, 1))
                .isInstanceOf(IOException.class);
    }

    @Test
    void aSecurityProtocolThatDoesNotCheckWhoAnswersDoesNotGetPast() {
        FutureTask<Upgraded> accepting = bobAccepts(upgrader(ANYBODY, new Unsafe("/unsafe/1")));
        assertThatThrownBy(() ->
                        upgrader(ANYBODY, new Unsafe("/unsafe/1")).outbound(pipe.dialer(), bobsId))
                .isInstanceOfSatisfying(
                        HandshakeException.class,
                        e -> assertThat(e.code()).isEqualTo(HandshakeException.Code.WRONG_PEER));
        assertThatThrownBy(accepting::get).hasCauseInstanceOf(IOException.class);
    }

    /// Takes anybody for a peer of its own invention.
    private record Unsafe(String protocolId) implements SecurityProtocol {
        @Override
        public SecureConnection secureOutbound(RawConnection connection, PeerId expected) {
            return new Plain(connection);
        }

        @Override
        public SecureConnection secureInbound(RawConnection connection) {
            return new Plain(connection);
        }
    }
}
