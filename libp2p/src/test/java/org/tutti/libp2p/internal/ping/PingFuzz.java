package org.tutti.libp2p.internal.ping;

import org.tutti.libp2p.GivenStream;
import org.tutti.libp2p.ping.PingException;

import java.io.EOFException;
import java.io.IOException;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;

/// What a stranger says on a ping stream, who asks or who answers: whole pings are answered, half
/// ones end the stream, and an answer that is not what was sent is a typed error.
public final class PingFuzz {
    /// Of what is sent in pings.
    private static final long SEED = 1;

    private PingFuzz() {}

    /// Jazzer tries an input.
    public static void fuzzerTestOneInput(byte[] input) {
        GivenStream asked = new GivenStream(input, input.length);
        try {
            new Ping(new SecureRandom()).protocols().getFirst().handler().handle(asked);
            require(asked.written() == input.length, "another number of bytes than came");
        } catch (EOFException e) {
            require(input.length % Ping.SIZE != 0, "refused whole pings");
            require(
                    asked.written() == input.length - input.length % Ping.SIZE,
                    "a half ping was answered");
        } catch (IOException e) {
            throw new IllegalStateException("untyped", e);
        }
        GivenStream answering = new GivenStream(input, input.length);
        boolean answered = true;
        try {
            new NegotiatedPingStream(answering, SEED).ping();
        } catch (PingException | EOFException e) {
            answered = false;
        } catch (IOException e) {
            throw new IllegalStateException("untyped", e);
        }
        // Jazzer sees what is compared, and finds the answer sooner or later.
        byte[] sent = new byte[Ping.SIZE];
        new SplittableRandom(SEED).nextBytes(sent);
        boolean same =
                Arrays.equals(sent, Arrays.copyOf(input, Ping.SIZE)) && input.length >= Ping.SIZE;
        require(answered == same, "another answer than what was sent");
        require(answered || answering.isReset(), "left open");
    }

    static List<byte[]> seeds() {
        return List.of(new byte[0], new byte[Ping.SIZE], new byte[3 * Ping.SIZE]);
    }

    private static void require(boolean holds, String otherwise) {
        if (!holds) {
            throw new IllegalStateException(otherwise);
        }
    }
}
