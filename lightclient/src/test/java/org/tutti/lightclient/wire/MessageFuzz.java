package org.tutti.lightclient.wire;

import org.tutti.bitcoin.network.Network;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.Set;

/// The payload of every command, and whole frames: only a typed refusal leaves the decoder, what it
/// makes is counted against the bytes that came, and is written as the same bytes.
public final class MessageFuzz {
    /// The target that reads frames instead of payloads.
    static final String FRAME = "FRAME";

    /// Commands of which not all is kept: what is written is read and written as the same again.
    private static final Set<String> NOT_ALL_IS_KEPT = Set.of("version", "reject", "getheaders");

    private static final FrameCodec FRAMES = new FrameCodec(Network.REGTEST.magic());

    private static String target = FRAME;

    private MessageFuzz() {}

    /// Jazzer says which command is meant.
    public static void fuzzerInitialize(String[] args) {
        target = args[0];
    }

    /// Jazzer tries an input.
    public static void fuzzerTestOneInput(byte[] input) {
        test(target, input);
    }

    static List<String> targets() {
        return java.util.stream.Stream.concat(
                        java.util.stream.Stream.of(FRAME),
                        FrameCodecTest.messages().stream().map(P2pMessage::command).distinct())
                .toList();
    }

    static List<byte[]> seeds(String target) {
        return FrameCodecTest.messages().stream()
                .filter(message -> target.equals(FRAME) || message.command().equals(target))
                .map(message ->
                        target.equals(FRAME)
                                ? FRAMES.encode(message)
                                : MessageCodec.encode(message))
                .toList();
    }

    static void test(String target, byte[] input) {
        try {
            if (target.equals(FRAME)) {
                FRAMES.encode(FRAMES.read(new ByteArrayInputStream(input)));
            } else if (input.length <= MessageCodec.maxPayload(target)) {
                payload(target, input);
            }
        } catch (IOException _) {
            // Typed: that is the point.
        }
    }

    private static void payload(String command, byte[] payload) throws WireException {
        P2pMessage message = MessageCodec.decode(command, payload);
        require(message.command().equals(command), "another command");
        require(least(message) <= payload.length, "more objects than bytes");
        byte[] written = MessageCodec.encode(message);
        if (NOT_ALL_IS_KEPT.contains(command)) {
            byte[] again = MessageCodec.encode(MessageCodec.decode(command, written));
            require(Arrays.equals(written, again), "another message is written");
        } else {
            require(Arrays.equals(written, payload), "another message is written");
        }
    }

    /// The fewest bytes that such lists take on the wire.
    private static long least(P2pMessage message) {
        return switch (message) {
            case P2pMessage.Headers(var headers) -> 81L * headers.size();
            case P2pMessage.Inv(var items) -> 36L * items.size();
            case P2pMessage.GetData(var items) -> 36L * items.size();
            case P2pMessage.NotFound(var items) -> 36L * items.size();
            case P2pMessage.GetHeaders(var locator, var _) -> 32L * locator.size();
            case P2pMessage.Unknown(var _, var bytes) -> bytes.length();
            default -> 0;
        };
    }

    private static void require(boolean holds, String otherwise) {
        if (!holds) {
            throw new AssertionError(otherwise);
        }
    }
}
