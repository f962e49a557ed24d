package org.tutti.libp2p.perf;

import org.tutti.libp2p.GivenStream;
import org.tutti.libp2p.behaviour.BehaviourContext;
import org.tutti.libp2p.time.ManualClock;

import java.io.EOFException;
import java.io.IOException;
import java.lang.reflect.Proxy;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;

/// What a stranger says in a measurement, who asks or who answers: as many bytes as were asked for
/// and are allowed, or a typed refusal and a stream that is reset.
public final class PerfFuzz {
    /// What can be tried.
    enum Target {
        SERVER,
        CLIENT
    }

    private static final long MAX = 100_000;

    private static Target target = Target.SERVER;

    private PerfFuzz() {}

    /// Jazzer says which target is meant.
    public static void fuzzerInitialize(String[] args) {
        target = Target.valueOf(args[0]);
    }

    /// Jazzer tries an input.
    public static void fuzzerTestOneInput(byte[] input) {
        test(target, input);
    }

    static void test(Target what, byte[] input) {
        GivenStream stream = new GivenStream(input, input.length);
        Perf perf = Perf.server(new Perf.Limits(1, MAX, Duration.ofSeconds(1)));
        perf.attached(context(stream));
        try {
            switch (what) {
                case SERVER -> {
                    perf.protocols().getFirst().handler().handle(stream);
                    require(input.length >= Long.BYTES, "an answer to half a question");
                    require(stream.written() == ByteBuffer.wrap(input).getLong(), "another length");
                }
                case CLIENT -> {
                    // One that has an odd number of bytes says one too many.
                    long wanted = input.length & ~1L;
                    PerfResult result =
                            perf.run(stream.remotePeer(), 9, wanted, Duration.ofSeconds(1));
                    require(result.downloadBytes() == input.length, "another number of bytes");
                }
            }
            require(!stream.isReset(), "reset although all went well");
        } catch (PerfException | EOFException e) {
            require(stream.isReset(), "left open");
        } catch (IOException e) {
            throw new IllegalStateException("untyped", e);
        }
        require(stream.written() <= MAX, "more than is allowed");
    }

    /// The parts of a host that a measurement needs.
    private static BehaviourContext context(GivenStream stream) {
        ManualClock clock = new ManualClock();
        return (BehaviourContext)
                Proxy.newProxyInstance(
                        PerfFuzz.class.getClassLoader(),
                        new Class<?>[] {BehaviourContext.class},
                        (_, method, _) ->
                                switch (method.getName()) {
                                    case "timer" -> clock;
                                    case "openStream" -> stream;
                                    default -> throw new IllegalStateException(method.getName());
                                });
    }

    static List<byte[]> seeds(Target what) {
        return switch (what) {
            case SERVER -> List.of(question(0, 0), question(70_000, 5), question(-1, 0));
            case CLIENT -> List.of(new byte[0], new byte[9], new byte[70_000]);
        };
    }

    private static byte[] question(long wanted, int upload) {
        return ByteBuffer.allocate(Long.BYTES + upload).putLong(wanted).array();
    }

    private static void require(boolean holds, String otherwise) {
        if (!holds) {
            throw new IllegalStateException(otherwise);
        }
    }
}
