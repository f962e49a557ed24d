package org.tutti.libp2p.internal.pubsub.driver;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.tutti.libp2p.GivenStream;
import org.tutti.libp2p.identity.PeerId;
import org.tutti.libp2p.multiformats.Varint;

import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

class RpcReaderTest {
    private static final int MAX = 1 << 20;
    private static final PeerId ALICE =
            PeerId.parse("12D3KooWDpJ7As7BWAwRMfu1VU2WCqNjvq387JEYKDBj4kx6nXTN");
    private static final PeerId MALLORY =
            PeerId.parse("12D3KooWD3eckifWpRn9wQpMG9R9hX3sD158z7EqHWmweQAJU5SA");

    private final UnfinishedRpcs unfinished = new UnfinishedRpcs();
    private final AtomicLong clock = new AtomicLong();

    private static byte[] frames(int... lengths) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        for (int length : lengths) {
            out.writeBytes(Varint.encode(length));
            byte[] body = new byte[length];
            Arrays.fill(body, (byte) length);
            out.writeBytes(body);
        }
        return out.toByteArray();
    }

    private RpcReader reader(byte[] input, long pieces) {
        return new RpcReader(new GivenStream(input, pieces), MAX, unfinished, clock::get);
    }

    @Test
    void rpcsComeAsTheyWereSentHoweverTheyAreCut() throws IOException {
        int[] lengths = {0, 1, 300, 16_384, 16_385, 100_000, 5, MAX};
        for (long pieces = 0; pieces < 20; pieces++) {
            try (RpcReader reader = reader(frames(lengths), pieces)) {
                for (int length : lengths) {
                    byte[] expected = new byte[length];
                    Arrays.fill(expected, (byte) length);
                    assertThat(reader.next()).isEqualTo(expected);
                    assertThat(unfinished.memory()).isZero();
                }
                assertThat(reader.next()).isNull();
            }
        }
    }

    /// A stream that gives one byte a read, and takes its time.
    private RpcReader dripping(byte[] input, Duration each) {
        return new RpcReader(
                new GivenStreamOfBytes(input, () -> clock.addAndGet(each.toNanos())),
                MAX,
                unfinished,
                clock::get);
    }

    @Test
    void anRpcThatHasBegunComesWholeInTime() {
        Duration each = RpcReader.MAX_TIME.dividedBy(10);
        try (RpcReader reader = dripping(frames(30), each)) {
            assertThatThrownBy(reader::next).isInstanceOf(SocketTimeoutException.class);
        }
        assertThat(unfinished.memory()).isZero();
    }

    @Test
    void betweenRpcsNobodyIsHurried() throws IOException {
        // One byte each: the length of an RPC without content.
        try (RpcReader reader = dripping(new byte[20], RpcReader.MAX_TIME.multipliedBy(3))) {
            for (int i = 0; i < 20; i++) {
                assertThat(reader.next()).isEmpty();
            }
        }
        // Two bytes each: the time begins with the first of each.
        try (RpcReader reader = dripping(frames(1, 1, 1), RpcReader.MAX_TIME.dividedBy(2))) {
            for (int i = 0; i < 3; i++) {
                assertThat(reader.next()).hasSize(1);
            }
        }
    }

    @Test
    void whatHasNotComeWholeCountsUntilItsStreamEnds() throws IOException {
        byte[] cut = Arrays.copyOf(frames(MAX), 200_000);
        try (RpcReader reader = reader(cut, 1)) {
            assertThatThrownBy(reader::next).isInstanceOf(EOFException.class);
            assertThat(unfinished.memory()).isBetween(200_000, 600_000);
        }
        assertThat(unfinished.memory()).isZero();
    }

    @Test
    void whoHasMostLosesItsOldest() {
        UnfinishedRpcs small = new UnfinishedRpcs(100);
        AtomicInteger ended = new AtomicInteger();
        UnfinishedRpcs.Unfinished first =
                new UnfinishedRpcs.Unfinished(MALLORY, () -> ended.addAndGet(1));
        UnfinishedRpcs.Unfinished second =
                new UnfinishedRpcs.Unfinished(MALLORY, () -> ended.addAndGet(10));
        UnfinishedRpcs.Unfinished honest =
                new UnfinishedRpcs.Unfinished(ALICE, () -> ended.addAndGet(100));
        assertThat(small.takes(first, 40)).isTrue();
        assertThat(small.takes(second, 40)).isTrue();
        assertThat(small.takes(honest, 30)).isTrue();
        assertThat(ended).hasValue(1);
        assertThat(small.memory()).isEqualTo(70);
        assertThat(small.takes(first, 50)).as("it was given up").isFalse();
        assertThat(small.takes(honest, 60)).isTrue();
        assertThat(ended).hasValue(1);
        assertThat(small.takes(second, 80)).as("it is the greediest itself").isFalse();
        assertThat(ended).hasValue(11);
        small.ended(honest);
        small.ended(honest);
        assertThat(small.memory()).isZero();
    }
}
