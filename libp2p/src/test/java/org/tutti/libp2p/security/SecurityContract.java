package org.tutti.libp2p.security;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.tutti.libp2p.identity.KeyType;
import org.tutti.libp2p.identity.Keys;
import org.tutti.libp2p.identity.PeerId;
import org.tutti.libp2p.identity.PrivateKey;
import org.tutti.libp2p.io.ForwardingConnection;
import org.tutti.libp2p.io.Frames;
import org.tutti.libp2p.io.Pipe;
import org.tutti.libp2p.io.RawConnection;

import java.io.IOException;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;

/// What every security protocol must do, over whatever connection. Alice dials Bob, and Mallory
/// sits between them.
@Timeout(60)
public abstract class SecurityContract {
    /// After which Mallory closes a connection on which nothing happens.
    private static final Duration BOREDOM = Duration.ofMillis(300);

    private final PrivateKey alice = Keys.generate(KeyType.ED25519, new SecureRandom());
    private final PrivateKey bob = Keys.generate(KeyType.SECP256K1, new SecureRandom());
    private final List<RawConnection> opened = new ArrayList<>();

    /// The protocol as whoever holds the key speaks it.
    protected abstract SecurityProtocol protocol(PrivateKey key);

    private record Ends(SecureConnection alice, SecureConnection bob) {}

    @AfterEach
    void close() {
        opened.forEach(RawConnection::close);
    }

    private Pipe pipe() {
        Pipe pipe = new Pipe(10_000);
        opened.add(pipe.dialer());
        return pipe;
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

    private FutureTask<SecureConnection> dial(RawConnection raw, PeerId expected) {
        return async(() -> protocol(alice).secureOutbound(raw, expected));
    }

    private FutureTask<SecureConnection> dial(RawConnection raw) {
        return dial(raw, bob.publicKey().peerId());
    }

    private FutureTask<SecureConnection> listen(RawConnection raw) {
        return async(() -> protocol(bob).secureInbound(raw));
    }

    private Ends connect(RawConnection dialer, RawConnection listener) throws Exception {
        FutureTask<SecureConnection> listening = listen(listener);
        SecureConnection alices = get(dial(dialer));
        return new Ends(alices, get(listening));
    }

    private Ends connect() throws Exception {
        Pipe pipe = pipe();
        return connect(pipe.dialer(), pipe.listener());
    }

    private static byte[] random(int seed, int length) {
        byte[] bytes = new byte[length];
        new Random(seed).nextBytes(bytes);
        return bytes;
    }

    private static FutureTask<Void> write(SecureConnection to, byte[] bytes) {
        return async(() -> {
            to.write(bytes, 0, bytes.length);
            return null;
        });
    }

    private static byte[] read(SecureConnection from, int length) throws IOException {
        byte[] bytes = new byte[length];
        Frames.readFully(from, bytes, 0, length);
        return bytes;
    }

    private static void assertClosed(RawConnection raw) {
        assertThatThrownBy(() -> raw.write(new byte[1], 0, 1)).isInstanceOf(IOException.class);
    }

    @ParameterizedTest
    @EnumSource
    void bothIdentitiesAreProven(KeyType type) throws Exception {
        PrivateKey carol = Keys.generate(type, new SecureRandom());
        Pipe there = pipe();
        FutureTask<SecureConnection> listening =
                async(() -> protocol(carol).secureInbound(there.listener()));
        SecureConnection dialled =
                protocol(bob).secureOutbound(there.dialer(), carol.publicKey().peerId());
        assertThat(dialled.remoteKey()).isEqualTo(carol.publicKey());
        assertThat(dialled.remotePeer()).isEqualTo(carol.publicKey().peerId());
        assertThat(get(listening).remoteKey()).isEqualTo(bob.publicKey());
        Pipe back = pipe();
        FutureTask<SecureConnection> listens =
                async(() -> protocol(bob).secureInbound(back.listener()));
        protocol(carol).secureOutbound(back.dialer(), bob.publicKey().peerId());
        assertThat(get(listens).remotePeer()).isEqualTo(carol.publicKey().peerId());
    }

    @Test
    void aDialerWhoHasNothingToSayEndsTheHandshakeWithAFlush() throws Exception {
        Pipe pipe = pipe();
        FutureTask<SecureConnection> listening = listen(pipe.listener());
        SecureConnection alices =
                protocol(alice).secureOutboundLazily(pipe.dialer(), bob.publicKey().peerId());
        alices.flush();
        assertThat(get(listening).remoteKey()).isEqualTo(alice.publicKey());
    }

    @Test
    void anotherPeerThanTheDialledOneIsRefusedByTheDialer() throws Exception {
        Pipe pipe = pipe();
        PeerId carol = Keys.generate(KeyType.ED25519, new SecureRandom()).publicKey().peerId();
        FutureTask<SecureConnection> listening = listen(pipe.listener());
        assertThatThrownBy(() -> get(dial(pipe.dialer(), carol)))
                .isInstanceOfSatisfying(
                        HandshakeException.class,
                        e -> assertThat(e.code()).isEqualTo(HandshakeException.Code.WRONG_PEER));
        assertClosed(pipe.dialer());
        assertThatThrownBy(() -> readNothing(get(listening))).isInstanceOf(IOException.class);
    }

    /// A listener may be done before the dialer refuses it: then it finds the end.
    private static void readNothing(SecureConnection connection) throws IOException {
        if (connection.read(new byte[1], 0, 1) < 0) {
            throw new IOException("the end");
        }
    }

    @Test
    void megabytesInBothDirectionsAtOnceArriveUnchanged() throws Exception {
        Ends ends = connect();
        byte[] there = random(1, 2_000_000);
        byte[] back = random(2, 1_000_000);
        FutureTask<Void> writingThere = write(ends.alice, there);
        FutureTask<Void> writingBack = write(ends.bob, back);
        FutureTask<byte[]> readingThere = async(() -> read(ends.bob, there.length));
        assertThat(Arrays.equals(read(ends.alice, back.length), back)).isTrue();
        assertThat(Arrays.equals(get(readingThere), there)).isTrue();
        get(writingThere);
        get(writingBack);
    }

    @Test
    void bytesMayComeOneAtATime() throws Exception {
        Pipe pipe = pipe();
        Ends ends = connect(new Between(pipe.dialer(), 1, -1), new Between(pipe.listener(), 1, -1));
        FutureTask<Void> writing = write(ends.alice, random(3, 20_000));
        assertThat(read(ends.bob, 20_000)).isEqualTo(random(3, 20_000));
        get(writing);
    }

    @Test
    void whatIsAppendedTravelsAtTheFlush() throws Exception {
        Ends ends = connect();
        for (int i = 0; i < 10; i++) {
            ends.alice.append(new byte[] {(byte) i}, 0, 1);
        }
        ends.alice.flush();
        assertThat(read(ends.bob, 10)).containsExactly(0, 1, 2, 3, 4, 5, 6, 7, 8, 9);
    }

    @Test
    void nothingThatIsWrittenCanBeReadOnTheWay() throws Exception {
        Pipe pipe = pipe();
        Between wire = new Between(pipe.dialer(), Integer.MAX_VALUE, -1);
        Ends ends = connect(wire, pipe.listener());
        byte[] secret =
                "a secret that is long enough".getBytes(java.nio.charset.StandardCharsets.US_ASCII);
        ends.alice.write(secret, 0, secret.length);
        assertThat(read(ends.bob, secret.length)).isEqualTo(secret);
        assertThat(new String(wire.written(), java.nio.charset.StandardCharsets.ISO_8859_1))
                .doesNotContain("secret");
    }

    @Test
    void theEndOfOneIsSeenByTheOther() throws Exception {
        Ends ends = connect();
        ends.alice.close();
        ends.alice.close();
        assertThat(ends.bob.read(new byte[1], 0, 1)).isEqualTo(-1);
    }

    @Test
    void closingWakesAReader() throws Exception {
        Ends ends = connect();
        FutureTask<Integer> reading = async(() -> ends.alice.read(new byte[1], 0, 1));
        ends.alice.close();
        // The end or a failure, but no waiting.
        assertThat(reading)
                .satisfiesAnyOf(
                        task -> assertThat(task.get()).isEqualTo(-1),
                        task ->
                                assertThatThrownBy(task::get)
                                        .isInstanceOf(ExecutionException.class)
                                        .hasCauseInstanceOf(IOException.class));
    }

    @Test
    void garbageIsRefusedByBothSides() throws Exception {
        for (int length : new int[] {1, 2, 100, 5_000}) {
            Pipe toListener = pipe();
            FutureTask<SecureConnection> listening = listen(toListener.listener());
            toListener.dialer().write(random(length, length), 0, length);
            toListener.dialer().close();
            assertThatThrownBy(() -> get(listening)).isInstanceOf(IOException.class);
            assertClosed(toListener.listener());
            Pipe toDialer = pipe();
            FutureTask<SecureConnection> dialling = dial(toDialer.dialer());
            // After its first bytes: else it may not even be there.
            Frames.readFully(toDialer.listener(), new byte[1], 0, 1);
            toDialer.listener().write(random(length, length), 0, length);
            toDialer.listener().close();
            assertThatThrownBy(() -> get(dialling)).isInstanceOf(IOException.class);
            assertClosed(toDialer.dialer());
        }
    }

    @Test
    void whoeverLeavesBeforeTheHandshakeEndsItForTheOther() throws Exception {
        Pipe one = pipe();
        one.dialer().close();
        assertThatThrownBy(() -> get(listen(one.listener())))
                .isInstanceOf(HandshakeException.class);
        Pipe other = pipe();
        other.listener().close();
        assertThatThrownBy(() -> get(dial(other.dialer()))).isInstanceOf(IOException.class);
    }

    /// However much of what a dialer sends has come, less than all of it is no handshake.
    @Test
    void aHandshakeThatIsCutOffIsRefused() throws Exception {
        int whole = handshakeBytes();
        for (int limit = 0; limit < whole; limit++) {
            Pipe pipe = pipe();
            FutureTask<SecureConnection> listening = listen(pipe.listener());
            FutureTask<SecureConnection> dialling =
                    dial(new Between(pipe.dialer(), Integer.MAX_VALUE, limit));
            assertThatThrownBy(() -> readNothing(get(listening)))
                    .as("cut off after %d of %d bytes", limit, whole)
                    .isInstanceOf(IOException.class);
            assertThatThrownBy(() -> readNothing(get(dialling))).isInstanceOf(IOException.class);
        }
    }

    /// What a dialer sends until its handshake is done.
    private int handshakeBytes() throws Exception {
        Pipe pipe = pipe();
        Between wire = new Between(pipe.dialer(), Integer.MAX_VALUE, -1);
        connect(wire, pipe.listener());
        return wire.written().length;
    }

    /// Whatever byte Mallory changes, the two never agree on anything.
    @Test
    void aHandshakeThatIsAlteredLeadsNowhere() throws Exception {
        int whole = handshakeBytes();
        for (int at = 0; at < whole; at++) {
            Pipe pipe = pipe();
            FutureTask<SecureConnection> listening = listen(pipe.listener());
            Between wire = new Between(pipe.dialer(), Integer.MAX_VALUE, -1);
            wire.alter(at);
            FutureTask<SecureConnection> dialling = dial(wire);
            // A length that was altered leaves both waiting.
            FutureTask<Void> bored =
                    async(() -> {
                        Thread.sleep(BOREDOM);
                        pipe.dialer().close();
                        return null;
                    });
            boolean bobIsDone = succeeds(listening);
            boolean aliceIsDone = succeeds(dialling);
            bored.cancel(true);
            assertThat(bobIsDone && aliceIsDone).as("byte %d of %d altered", at, whole).isFalse();
        }
    }

    private static boolean succeeds(FutureTask<SecureConnection> handshake) throws Exception {
        try {
            get(handshake);
            return true;
        } catch (IOException e) {
            return false;
        }
    }

    @Test
    void dataThatIsAlteredIsNotRead() throws Exception {
        byte[] data = random(5, 100);
        for (int at = 0; at < 100; at += 7) {
            Pipe pipe = pipe();
            Between wire = new Between(pipe.dialer(), Integer.MAX_VALUE, -1);
            Ends ends = connect(wire, pipe.listener());
            wire.alter(wire.written().length + at);
            ends.alice.write(data, 0, data.length);
            ends.alice.close();
            assertThatThrownBy(() -> read(ends.bob, data.length))
                    .as("byte %d altered", at)
                    .isInstanceOf(IOException.class);
        }
    }

    /// Data that is missing at the end must not look like an end that was meant, where the protocol
    /// says so; a whole frame that is cut is an error in any case.
    @Test
    void dataThatIsCutOffIsNotRead() throws Exception {
        Pipe pipe = pipe();
        Between wire = new Between(pipe.dialer(), Integer.MAX_VALUE, -1);
        Ends ends = connect(wire, pipe.listener());
        wire.cutAfter(wire.written().length + 10);
        byte[] data = random(6, 100);
        assertThatThrownBy(
                        () -> {
                            ends.alice.write(data, 0, data.length);
                            read(ends.bob, data.length);
                        })
                .isInstanceOf(IOException.class);
    }

    /// One end of a connection, with Mallory behind it: gives bytes in small pieces, alters one
    /// that is written, or closes the connection after so many.
    private static final class Between extends ForwardingConnection {
        private final int maxRead;
        private final java.io.ByteArrayOutputStream written = new java.io.ByteArrayOutputStream();
        private int limit;
        private int altered = -1;

        /// @param maxRead bytes of one read
        /// @param limit bytes that are written before the connection is closed, -1 for all
        Between(RawConnection inner, int maxRead, int limit) {
            super(inner);
            this.maxRead = maxRead;
            this.limit = limit;
        }

        synchronized byte[] written() {
            return written.toByteArray();
        }

        synchronized void alter(int at) {
            altered = at;
        }

        synchronized void cutAfter(int bytes) {
            limit = bytes;
        }

        @Override
        public int read(byte[] target, int offset, int length) throws IOException {
            return super.read(target, offset, Math.min(maxRead, length));
        }

        @Override
        public void write(byte[] source, int offset, int length) throws IOException {
            byte[] copy = Arrays.copyOfRange(source, offset, offset + length);
            int count;
            synchronized (this) {
                int from = written.size();
                if (altered >= from && altered < from + length) {
                    copy[altered - from] ^= 0x20;
                }
                count = limit < 0 ? length : Math.clamp(limit - from, 0, length);
                written.write(copy, 0, count);
            }
            super.write(copy, 0, count);
            if (count < length || (limit >= 0 && limit == written().length)) {
                close();
            }
        }
    }
}
