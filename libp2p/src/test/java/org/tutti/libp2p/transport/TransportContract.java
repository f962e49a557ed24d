package org.tutti.libp2p.transport;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.tutti.libp2p.identity.KeyType;
import org.tutti.libp2p.identity.Keys;
import org.tutti.libp2p.identity.PeerId;
import org.tutti.libp2p.identity.PrivateKey;
import org.tutti.libp2p.io.Frames;
import org.tutti.libp2p.multiaddr.Multiaddr;
import org.tutti.libp2p.muxer.MuxedStream;
import org.tutti.libp2p.security.HandshakeException;

import java.io.IOException;
import java.nio.channels.ClosedChannelException;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.LinkedBlockingQueue;

/// What every transport must do, whether it calls the upgrader or secures and muxes by itself:
/// connections are authenticated and carry streams. Alice dials Bob.
@Timeout(60)
public abstract class TransportContract {
    private static final Duration SOON = Duration.ofSeconds(20);
    private static final PeerCheck ANYBODY = (_, _, _) -> {};

    private final PrivateKey alice = Keys.generate(KeyType.ED25519, new SecureRandom());
    private final PrivateKey bob = Keys.generate(KeyType.SECP256K1, new SecureRandom());
    private final List<Listener> listeners = new ArrayList<>();
    private final List<CapableConnection> connections = new ArrayList<>();

    /// A transport of whoever holds the key; all of one test reach one another.
    protected abstract Transport transport(PrivateKey identity, PeerCheck check);

    /// An address to listen on at a port that is free.
    protected abstract Multiaddr anyAddress();

    /// What a peer check was told.
    private record Checked(PeerId peer, Multiaddr remoteAddress, boolean outbound) {}

    private record Ends(CapableConnection alice, CapableConnection bob) {}

    @AfterEach
    void close() {
        connections.forEach(c -> c.muxed().close());
        listeners.forEach(Listener::close);
    }

    private Listener listen(PeerCheck check) throws IOException {
        Listener listener = transport(bob, check).listen(anyAddress());
        listeners.add(listener);
        return listener;
    }

    private static <T> FutureTask<T> async(Callable<T> work) {
        FutureTask<T> task = new FutureTask<>(work);
        Thread.ofVirtual().start(task);
        return task;
    }

    private static <T> T get(FutureTask<T> task) throws Exception {
        try {
            return task.get();
        } catch (ExecutionException e) {
            throw (Exception) e.getCause();
        }
    }

    /// What Alice dials, with the last message of the handshake on its way.
    private CapableConnection dial(Listener listener, PeerCheck check, PeerId peer)
            throws IOException {
        CapableConnection dialled =
                transport(alice, check).dial(listener.addresses().getFirst(), peer, SOON);
        connections.add(dialled);
        dialled.muxed().flush();
        return dialled;
    }

    private Ends connect(PeerCheck alices, PeerCheck bobs) throws Exception {
        Listener listener = listen(bobs);
        FutureTask<CapableConnection> upgrading = async(() -> listener.accept().upgrade());
        CapableConnection dialled = dial(listener, alices, bob.publicKey().peerId());
        CapableConnection accepted = get(upgrading);
        connections.add(accepted);
        return new Ends(dialled, accepted);
    }

    @Test
    void bothEndsKnowWhoTheOtherIsAndWhere() throws Exception {
        Ends ends = connect(ANYBODY, ANYBODY);
        assertThat(ends.alice.remoteKey()).isEqualTo(bob.publicKey());
        assertThat(ends.alice.remotePeer()).isEqualTo(bob.publicKey().peerId());
        assertThat(ends.bob.remoteKey()).isEqualTo(alice.publicKey());
        assertThat(ends.bob.remotePeer()).isEqualTo(alice.publicKey().peerId());
        assertThat(ends.alice.remoteAddress())
                .isEqualTo(listeners.getFirst().addresses().getFirst());
        assertThat(ends.bob.localAddress()).isEqualTo(ends.alice.remoteAddress());
        assertThat(ends.bob.remoteAddress()).isEqualTo(ends.alice.localAddress());
        assertThat(ends.alice.isLimited()).isFalse();
    }

    @Test
    void bothEndsOpenStreams() throws Exception {
        Ends ends = connect(ANYBODY, ANYBODY);
        for (List<CapableConnection> order :
                List.of(List.of(ends.alice, ends.bob), List.of(ends.bob, ends.alice))) {
            MuxedStream opened = order.getFirst().muxed().openStream();
            opened.write(new byte[] {7}, 0, 1);
            opened.closeWrite();
            MuxedStream accepted = order.getLast().muxed().acceptStream();
            byte[] one = new byte[1];
            Frames.readFully(accepted, one, 0, 1);
            assertThat(one).containsExactly(7);
            assertThat(accepted.read(one, 0, 1)).isEqualTo(-1);
        }
    }

    @Test
    void anotherPeerThanTheDialledOneIsRefused() throws Exception {
        Listener listener = listen(ANYBODY);
        FutureTask<CapableConnection> upgrading = async(() -> listener.accept().upgrade());
        assertThatThrownBy(() -> dial(listener, ANYBODY, alice.publicKey().peerId()))
                .isInstanceOfSatisfying(
                        HandshakeException.class,
                        e -> assertThat(e.code()).isEqualTo(HandshakeException.Code.WRONG_PEER));
        assertThatThrownBy(() -> useless(get(upgrading))).isInstanceOf(IOException.class);
    }

    /// A listener may learn only after its handshake that the dialer did not want it (as in TLS
    /// 1.3).
    private void useless(CapableConnection connection) throws IOException {
        connections.add(connection);
        connection.muxed().acceptStream();
    }

    @Test
    void bothEndsAreAskedWhetherThePeerMayStay() throws Exception {
        BlockingQueue<Checked> alices = new LinkedBlockingQueue<>();
        BlockingQueue<Checked> bobs = new LinkedBlockingQueue<>();
        Ends ends =
                connect(
                        (peer, address, outbound) ->
                                alices.add(new Checked(peer, address, outbound)),
                        (peer, address, outbound) ->
                                bobs.add(new Checked(peer, address, outbound)));
        assertThat(alices)
                .containsExactly(
                        new Checked(bob.publicKey().peerId(), ends.alice.remoteAddress(), true));
        assertThat(bobs)
                .containsExactly(
                        new Checked(alice.publicKey().peerId(), ends.bob.remoteAddress(), false));
    }

    @Test
    void aPeerThatMayNotStayIsDisconnected() throws Exception {
        IOException no = new IOException("not you");
        Listener listener =
                listen((_, _, _) -> {
                    throw no;
                });
        FutureTask<CapableConnection> upgrading = async(() -> listener.accept().upgrade());
        FutureTask<MuxedStream> dialling =
                async(() ->
                        dial(listener, ANYBODY, bob.publicKey().peerId()).muxed().acceptStream());
        assertThatThrownBy(() -> get(upgrading)).isSameAs(no);
        assertThatThrownBy(() -> get(dialling)).isInstanceOf(IOException.class);
    }

    @Test
    void closingAPendingConnectionWakesItsUpgrade() throws Exception {
        Listener listener = listen(ANYBODY);
        // It says nothing: its handshake waits for the other side.
        FutureTask<CapableConnection> dialling =
                async(() -> dial(listener, ANYBODY, bob.publicKey().peerId()));
        PendingConnection pending = listener.accept();
        pending.close();
        pending.close();
        assertThatThrownBy(pending::upgrade).isInstanceOf(IOException.class);
        assertThatThrownBy(() -> useless(get(dialling))).isInstanceOf(IOException.class);
    }

    @Test
    void closingTheListenerWakesItAndLeavesItsConnections() throws Exception {
        Ends ends = connect(ANYBODY, ANYBODY);
        Listener listener = listeners.getFirst();
        FutureTask<PendingConnection> accepting = async(listener::accept);
        listener.close();
        listener.close();
        assertThatThrownBy(() -> get(accepting)).isInstanceOf(ClosedChannelException.class);
        MuxedStream opened = ends.alice.muxed().openStream();
        opened.write(new byte[] {1}, 0, 1);
        assertThat(ends.bob.muxed().acceptStream().read(new byte[1], 0, 1)).isEqualTo(1);
    }

    @Test
    void theEndOfOneIsTheEndOfTheOther() throws Exception {
        Ends ends = connect(ANYBODY, ANYBODY);
        FutureTask<MuxedStream> accepting = async(() -> ends.bob.muxed().acceptStream());
        ends.alice.muxed().close();
        assertThatThrownBy(() -> get(accepting)).isInstanceOf(IOException.class);
        assertThat(ends.bob.muxed().isOpen()).isFalse();
    }
}
