package org.tutti.libp2p.multiaddr;

import static java.nio.charset.StandardCharsets.UTF_8;

import org.tutti.libp2p.Vectors;
import org.tutti.libp2p.multiformats.MultiformatException;

import tools.jackson.databind.JsonNode;

import java.util.ArrayList;
import java.util.List;

/// Addresses of strangers, as bytes and as text: refused with a typed error, or read into one that
/// both its forms lead back to.
public final class MultiaddrFuzz {
    /// What can be tried.
    enum Target {
        BYTES,
        TEXT
    }

    private static Target target = Target.BYTES;

    private MultiaddrFuzz() {}

    /// Jazzer says which target is meant.
    public static void fuzzerInitialize(String[] args) {
        target = Target.valueOf(args[0]);
    }

    /// Jazzer tries an input.
    public static void fuzzerTestOneInput(byte[] input) {
        test(target, input);
    }

    static void test(Target what, byte[] input) {
        try {
            Multiaddr address =
                    switch (what) {
                        case BYTES -> Multiaddr.fromBytes(input);
                        case TEXT -> Multiaddr.parse(new String(input, UTF_8));
                    };
            require(Multiaddr.fromBytes(address.toBytes()).equals(address), "other bytes");
            if (address.toString().length() <= Multiaddr.MAX_LENGTH) {
                require(Multiaddr.parse(address.toString()).equals(address), "another text");
            }
            address.peerId().ifPresent(address::withPeerId);
        } catch (MultiformatException _) {
            // Typed: that is the point.
        }
    }

    static List<byte[]> seeds(Target what) {
        List<byte[]> seeds = new ArrayList<>();
        for (JsonNode text : texts()) {
            try {
                Multiaddr address = Multiaddr.parse(text.asString());
                seeds.add(
                        switch (what) {
                            case BYTES -> address.toBytes();
                            case TEXT -> text.asString().getBytes(UTF_8);
                        });
            } catch (MultiformatException e) {
                // Of the vectors that nobody may read: a seed as text alone.
                if (what == Target.TEXT) {
                    seeds.add(text.asString().getBytes(UTF_8));
                }
            }
        }
        return seeds;
    }

    private static List<JsonNode> texts() {
        JsonNode vectors = Vectors.json("multiformats/go_multiaddr_vectors.json");
        List<JsonNode> texts = new ArrayList<>();
        for (JsonNode list : vectors) {
            list.valueStream().filter(JsonNode::isString).forEach(texts::add);
        }
        return texts;
    }

    private static void require(boolean holds, String otherwise) {
        if (!holds) {
            throw new IllegalStateException(otherwise);
        }
    }
}
