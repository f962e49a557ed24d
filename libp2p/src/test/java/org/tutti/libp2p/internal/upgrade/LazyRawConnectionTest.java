package org.tutti.libp2p.internal.upgrade;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import static java.nio.charset.StandardCharsets.UTF_8;

import org.junit.jupiter.api.Test;
import org.tutti.base.Bytes;
import org.tutti.libp2p.io.Pipe;
import org.tutti.libp2p.io.RawConnection;
import org.tutti.libp2p.io.ReadTimeoutContract;
import org.tutti.libp2p.multistream.NegotiationException;

import java.io.IOException;
import java.net.SocketTimeoutException;
import java.time.Duration;

/// A connection on which the dialer's proposal of `/a` travels with its first bytes.
class LazyRawConnectionTest extends ReadTimeoutContract {
    private static final String PROPOSAL = "\u0013/multistream/1.0.0\n\u0003/a\n";
    private static final String REFUSAL = "\u0013/multistream/1.0.0\n\u0003na\n";

    private final Pipe pipe = new Pipe(1000);
    private long now;
    private final RawConnection lazy =
            new LazyRawConnection(pipe.dialer(), LazyNegotiation.proposing("/a", () -> now));

    @Override
    protected Ends open() throws Exception {
        Pipe fresh = new Pipe(1000);
        RawConnection alice =
                new LazyRawConnection(
                        fresh.dialer(), LazyNegotiation.proposing("/a", System::nanoTime));
        alice.write(new byte[0], 0, 0);
        // The answer to a proposal is the same text.
        byte[] answer = PROPOSAL.getBytes(UTF_8);
        fresh.listener().write(answer, 0, answer.length);
        return new Ends(alice, fresh.listener(), fresh.listener()::close, fresh.dialer()::close);
    }

    private void bobWrites(String text) throws IOException {
        byte[] bytes = text.getBytes(UTF_8);
        pipe.listener().write(bytes, 0, bytes.length);
    }

    private String bobReads() throws IOException {
        byte[] buffer = new byte[1000];
        return new String(buffer, 0, pipe.listener().read(buffer, 0, buffer.length), UTF_8);
    }

    private String aliceReads() throws IOException {
        byte[] buffer = new byte[1000];
        return new String(buffer, 0, lazy.read(buffer, 0, buffer.length), UTF_8);
    }

    @Test
    void theProposalTravelsWithTheFirstBytes() throws IOException {
        lazy.write("hello".getBytes(UTF_8), 0, 5);
        assertThat(bobReads()).isEqualTo(PROPOSAL + "hello");
        lazy.write("more".getBytes(UTF_8), 0, 4);
        assertThat(bobReads()).isEqualTo("more");
    }

    @Test
    void whoeverReadsFirstSendsTheProposalBeforeItWaits() throws IOException {
        bobWrites(PROPOSAL + "hello");
        assertThat(aliceReads()).isEqualTo("hello");
        assertThat(bobReads()).isEqualTo(PROPOSAL);
    }

    @Test
    void aRefusalShowsAtTheFirstRead() throws IOException {
        bobWrites(REFUSAL);
        assertThatThrownBy(this::aliceReads)
                .isInstanceOfSatisfying(
                        NegotiationException.class,
                        e ->
                                assertThat(e.code())
                                        .isEqualTo(NegotiationException.Code.NOT_SUPPORTED));
    }

    @Test
    void consentGoesOutBeforeAReadThatHasToWait() throws IOException {
        RawConnection consenting =
                new LazyRawConnection(
                        pipe.dialer(),
                        LazyNegotiation.consenting(
                                new ProtocolNegotiator.Accepted(
                                        "/a", Bytes.of("yes".getBytes(UTF_8)), Bytes.EMPTY)));
        bobWrites("x");
        assertThat(consenting.read(new byte[1], 0, 1)).isEqualTo(1);
        assertThat(bobReads()).isEqualTo("yes");
    }

    @Test
    void bytesReadAheadComeFirstAndConsentWaitsForAnAnswer() throws IOException {
        RawConnection consenting =
                new LazyRawConnection(
                        pipe.dialer(),
                        LazyNegotiation.consenting(
                                new ProtocolNegotiator.Accepted(
                                        "/a",
                                        Bytes.of("yes".getBytes(UTF_8)),
                                        Bytes.of("ab".getBytes(UTF_8)))));
        byte[] two = new byte[2];
        assertThat(consenting.read(two, 0, 2)).isEqualTo(2);
        assertThat(two).containsExactly('a', 'b');
        consenting.write("!".getBytes(UTF_8), 0, 1);
        assertThat(bobReads()).isEqualTo("yes!");
    }

    @Test
    void aReplyThatDripsEndsAtTheLimitOfOneReadAndMayBeReadOn() throws IOException {
        // Each look at the clock is a second later; no single read ever waits.
        long[] clock = {0};
        Pipe drip = new Pipe(1000);
        RawConnection alice =
                new LazyRawConnection(
                        new OneByteAtATime(drip.dialer()),
                        LazyNegotiation.proposing("/a", () -> clock[0] += 1_000_000_000));
        byte[] reply = (PROPOSAL + "z").getBytes(UTF_8);
        drip.listener().write(reply, 0, reply.length);
        alice.setReadTimeout(Duration.ofSeconds(10));
        byte[] one = new byte[1];
        assertThatThrownBy(() -> alice.read(one, 0, 1)).isInstanceOf(SocketTimeoutException.class);
        alice.setReadTimeout(Duration.ofHours(1));
        assertThat(alice.read(one, 0, 1)).isEqualTo(1);
        assertThat(one).containsExactly('z');
    }
}
