package org.tutti.libp2p.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.tutti.libp2p.identity.PeerId;
import org.tutti.libp2p.multiaddr.Multiaddr;
import org.tutti.libp2p.transport.TransportException;
import org.tutti.libp2p.transport.TransportException.Code;

import java.io.IOException;
import java.nio.channels.ClosedChannelException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;

/// What every transport must do that gives bytes alone. Alice dials Bob.
@Timeout(60)
public abstract class RawTransportContract {
    private static final Duration SOON = Duration.ofSeconds(20);

    /// More than any transport keeps for a reader.
    private static final int MUCH = 30_000_000;

    private final List<RawConnection> connections = new ArrayList<>();
    private final List<RawListener> listeners = new ArrayList<>();

    /// The same at each call of one test.
    protected abstract RawTransport transport();

    /// An address to listen on at a port that is free.
    protected abstract Multiaddr anyAddress();

    /// An address of another kind.
    protected abstract Multiaddr otherKind();

    private record Ends(RawConnection alice, RawConnection bob) {}

    @AfterEach
    void close() {
        connections.forEach(RawConnection::close);
        listeners.forEach(RawListener::close);
    }

    private RawListener listen(Multiaddr address) throws IOException {
        RawListener listener = transport().listen(address);
        listeners.add(listener);
        return listener;
    }

    private RawConnection dial(RawListener listener) throws IOException {
        RawConnection connection = transport().dial(listener.addresses().getFirst(), SOON);
        connections.add(connection);
        return connection;
    }

    private RawConnection accept(RawListener listener) throws IOException {
        RawConnection connection = listener.accept();
        connections.add(connection);
        return connection;
    }

    private Ends connect() throws IOException {
        RawListener listener = listen(anyAddress());
        RawConnection alice = dial(listener);
        return new Ends(alice, accept(listener));
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

    private static FutureTask<Void> write(RawConnection to, byte[] bytes) {
        return async(() -> {
            to.write(bytes, 0, bytes.length);
            return null;
        });
    }

    private static byte[] random(int seed, int length) {
        byte[] bytes = new byte[length];
        new Random(seed).nextBytes(bytes);
        return bytes;
    }

    private static byte[] read(RawConnection from, int length) throws IOException {
        byte[] bytes = new byte[length];
        Frames.readFully(from, bytes, 0, length);
        return bytes;
    }

    private static void assertCode(ThrowingCallable work, Code code) {
        assertThatThrownBy(work)
                .isInstanceOfSatisfying(
                        TransportException.class, e -> assertThat(e.code()).isEqualTo(code));
    }

    @Test
    void aPortIsResolvedAndBothEndsKnowBothAddresses() throws Exception {
        RawListener listener = listen(anyAddress());
        Multiaddr bound = listener.addresses().getFirst();
        assertThat(bound).isNotEqualTo(anyAddress());
        assertThat(transport().handles(bound)).isTrue();
        RawConnection alice = dial(listener);
        RawConnection bob = accept(listener);
        assertThat(alice.remoteAddress()).isEqualTo(bound);
        assertThat(bob.localAddress()).isEqualTo(bound);
        assertThat(bob.remoteAddress()).isEqualTo(alice.localAddress());
        assertThat(alice.isDialer()).isTrue();
        assertThat(bob.isDialer()).isFalse();
    }

    @Test
    void anAddressMayEndInAPeerId() throws Exception {
        RawListener listener = listen(anyAddress());
        PeerId peer = PeerId.parse("12D3KooWDpJ7As7BWAwRMfu1VU2WCqNjvq387JEYKDBj4kx6nXTN");
        Multiaddr address = listener.addresses().getFirst().withPeerId(peer);
        assertThat(transport().handles(address)).isTrue();
        RawConnection alice = transport().dial(address, SOON);
        connections.add(alice);
        assertThat(alice.remoteAddress()).isEqualTo(address.withoutPeerId());
    }

    @Test
    void whatWasWrittenBeforeItWasAcceptedArrives() throws Exception {
        RawListener listener = listen(anyAddress());
        RawConnection alice = dial(listener);
        alice.write(new byte[] {1, 2, 3}, 0, 3);
        assertThat(read(accept(listener), 3)).containsExactly(1, 2, 3);
    }

    @Test
    void megabytesInBothDirectionsAtOnceArriveInOrder() throws Exception {
        Ends ends = connect();
        byte[] there = random(1, 3_000_000);
        byte[] back = random(2, 2_000_000);
        FutureTask<Void> writingThere = write(ends.alice, there);
        FutureTask<Void> writingBack = write(ends.bob, back);
        FutureTask<byte[]> readingThere = async(() -> read(ends.bob, there.length));
        assertThat(Arrays.equals(read(ends.alice, back.length), back)).isTrue();
        assertThat(Arrays.equals(get(readingThere), there)).isTrue();
        get(writingThere);
        get(writingBack);
    }

    @Test
    void aReaderWhoDoesNotReadStopsTheWriterAndLosesNothing() throws Exception {
        Ends ends = connect();
        byte[] much = random(3, MUCH);
        FutureTask<Void> writing = write(ends.alice, much);
        assertThat(read(ends.bob, 1)).containsExactly(much[0]);
        // Everything cannot be on its way: somebody would have to keep it.
        assertThat(writing.isDone()).isFalse();
        byte[] rest = read(ends.bob, MUCH - 1);
        assertThat(Arrays.equals(rest, Arrays.copyOfRange(much, 1, MUCH))).isTrue();
        get(writing);
    }

    @Test
    void whatWasWrittenBeforeTheEndIsRead() throws Exception {
        Ends ends = connect();
        ends.alice.write(new byte[] {1}, 0, 1);
        ends.alice.close();
        ends.alice.close();
        assertThat(read(ends.bob, 1)).containsExactly(1);
        assertThat(ends.bob.read(new byte[1], 0, 1)).isEqualTo(-1);
        assertThatThrownBy(() -> ends.alice.write(new byte[1], 0, 1))
                .isInstanceOf(IOException.class);
        assertThatThrownBy(() -> ends.alice.read(new byte[1], 0, 1))
                .isInstanceOf(IOException.class);
    }

    @Test
    void whoeverWritesToOneThatHasGoneHearsOfIt() throws Exception {
        Ends ends = connect();
        ends.bob.close();
        assertThatThrownBy(() -> get(write(ends.alice, new byte[MUCH])))
                .isInstanceOf(IOException.class);
    }

    @Test
    void closingWakesAReaderAndAWriter() throws Exception {
        Ends reading = connect();
        FutureTask<Integer> reader = async(() -> reading.alice.read(new byte[1], 0, 1));
        reading.alice.close();
        assertThatThrownBy(() -> get(reader)).isInstanceOf(IOException.class);
        Ends writing = connect();
        FutureTask<Void> writer = write(writing.alice, new byte[MUCH]);
        // It has begun, and cannot end.
        read(writing.bob, 1);
        writing.alice.close();
        assertThatThrownBy(() -> get(writer)).isInstanceOf(IOException.class);
    }

    @Test
    void closingAListenerWakesItAndLeavesItsConnections() throws Exception {
        RawListener listener = listen(anyAddress());
        RawConnection alice = dial(listener);
        RawConnection bob = accept(listener);
        FutureTask<RawConnection> accepting = async(listener::accept);
        listener.close();
        listener.close();
        assertThatThrownBy(() -> get(accepting)).isInstanceOf(ClosedChannelException.class);
        alice.write(new byte[] {1}, 0, 1);
        assertThat(read(bob, 1)).containsExactly(1);
    }

    @Test
    void whoeverHasSaidNothingIsSilent() throws Exception {
        Ends ends = connect();
        assertThat(ends.bob.isSilent()).isTrue();
        ends.alice.write(new byte[] {1}, 0, 1);
        read(ends.bob, 1);
        assertThat(ends.bob.isSilent()).isFalse();
    }

    @Test
    void anAddressIsTakenUntilItsListenerIsClosed() throws Exception {
        RawListener listener = listen(anyAddress());
        Multiaddr address = listener.addresses().getFirst();
        assertCode(() -> transport().listen(address), Code.ADDRESS_IN_USE);
        listener.close();
        assertCode(() -> transport().dial(address, SOON), Code.REFUSED);
        listen(address);
    }

    @Test
    void addressesOfAnotherKindAreRefused() {
        assertThat(transport().handles(otherKind())).isFalse();
        assertCode(() -> transport().dial(otherKind(), SOON), Code.UNSUPPORTED_ADDRESS);
        assertCode(() -> transport().listen(otherKind()), Code.UNSUPPORTED_ADDRESS);
    }
}
