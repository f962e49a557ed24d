package org.tutti.libp2p.requestresponse;

import org.tutti.base.Bytes;
import org.tutti.libp2p.GivenStream;
import org.tutti.libp2p.Vectors;
import org.tutti.libp2p.io.FrameException;
import org.tutti.libp2p.io.Frames;

import tools.jackson.databind.JsonNode;

import java.io.EOFException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/// Messages of strangers on a stream: refused with a typed error, or read within the bound, the
/// same however the bytes are cut, and written as they were.
public final class FramingFuzz {
    private static final int MAX = 4096;

    private static Framing target = Framing.LENGTH_PREFIXED;

    private FramingFuzz() {}

    /// Jazzer says which framing is meant.
    public static void fuzzerInitialize(String[] args) {
        target = Framing.valueOf(args[0]);
    }

    /// Jazzer tries an input.
    public static void fuzzerTestOneInput(byte[] input) {
        test(target, input);
    }

    static void test(Framing framing, byte[] input) {
        GivenStream stream = new GivenStream(input, 0);
        byte[] message;
        try {
            message = framing.read(stream, MAX);
        } catch (FrameException | EOFException e) {
            return;
        } catch (IOException e) {
            throw new IllegalStateException("untyped", e);
        }
        require(message.length <= MAX, "a message above the bound");
        byte[] frame = framing.encode(message);
        require(
                Arrays.equals(frame, Arrays.copyOf(input, input.length - stream.left())),
                "another was written");
        try {
            require(
                    Arrays.equals(message, framing.read(new GivenStream(input, 1), MAX)),
                    "another message in other pieces");
        } catch (IOException e) {
            throw new IllegalStateException("refused in other pieces", e);
        }
    }

    static List<byte[]> seeds(Framing framing) {
        List<byte[]> seeds = new ArrayList<>();
        seeds.add(framing.encode(new byte[0]));
        seeds.add(framing.encode(new byte[300]));
        seeds.add(framing.encode(new byte[MAX]));
        seeds.add(Frames.encode(new byte[MAX + 1]));
        JsonNode record = Vectors.json("libp2p/signed_peer_record_go.json");
        seeds.add(framing.encode(Bytes.fromHex(record.get("envelope_hex").asString()).toArray()));
        return seeds;
    }

    private static void require(boolean holds, String otherwise) {
        if (!holds) {
            throw new IllegalStateException(otherwise);
        }
    }
}
