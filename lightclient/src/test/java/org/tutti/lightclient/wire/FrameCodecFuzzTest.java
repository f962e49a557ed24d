package org.tutti.lightclient.wire;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.tutti.bitcoin.network.Network;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;

/// Damaged frames and payloads: each is a message or a typed refusal, nothing else. A failure names
/// its seed.
class FrameCodecFuzzTest {
    private final FrameCodec codec = new FrameCodec(Network.REGTEST.magic());

    @Test
    void damagedBytesAreMessagesOrTypedRefusals() {
        run(20_000);
    }

    @Test
    @Tag("fuzz")
    void damagedBytesAreMessagesOrTypedRefusalsForLong() {
        run(2_000_000);
    }

    private void run(int cases) {
        List<P2pMessage> messages = FrameCodecTest.messages();
        for (int seed = 0; seed < cases; seed++) {
            SplittableRandom random = new SplittableRandom(seed);
            P2pMessage message = messages.get(random.nextInt(messages.size()));
            byte[] bytes =
                    random.nextBoolean()
                            ? codec.encode(message)
                            : FrameCodecTest.frame(
                                    message.command(),
                                    damage(MessageCodec.encode(message), random));
            readOne(random.nextInt(4) == 0 ? damage(bytes, random) : bytes, seed);
        }
    }

    private void readOne(byte[] bytes, int seed) {
        try {
            P2pMessage read = codec.read(new ByteArrayInputStream(bytes));
            // What was read can be written.
            codec.encode(read);
        } catch (IOException e) {
            // Typed: that is the point.
        } catch (RuntimeException e) {
            throw new AssertionError("seed " + seed, e);
        }
    }

    private static byte[] damage(byte[] bytes, SplittableRandom random) {
        byte[] damaged =
                switch (random.nextInt(3)) {
                    case 0 -> Arrays.copyOf(bytes, random.nextInt(bytes.length + 1));
                    case 1 -> Arrays.copyOf(bytes, bytes.length + random.nextInt(40));
                    default -> bytes.clone();
                };
        for (int i = random.nextInt(4); i > 0 && damaged.length > 0; i--) {
            damaged[random.nextInt(damaged.length)] = (byte) random.nextInt(256);
        }
        return damaged;
    }
}
