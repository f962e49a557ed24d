package org.tutti.libp2p.identity;

import org.tutti.libp2p.Vectors;

import tools.jackson.databind.JsonNode;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;

/// Keys and signatures as bytes: only a typed refusal leaves a parser, and a key has one encoding.
public final class IdentityFuzz {
    /// What can be tried.
    enum Target {
        PUBLIC_KEY,
        PRIVATE_KEY,
        SIGNATURE
    }

    private static Target target = Target.PUBLIC_KEY;

    private IdentityFuzz() {}

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
            switch (what) {
                case PUBLIC_KEY -> {
                    PublicKey key = PublicKey.fromProtobuf(input);
                    require(Arrays.equals(key.toProtobuf().toArray(), input), "two encodings");
                    require(!key.verify(input, input), "a key signed itself");
                }
                case PRIVATE_KEY -> {
                    PrivateKey key = Keys.privateFromProtobuf(input);
                    require(
                            key.publicKey().verify(input, key.sign(input)),
                            "a signature that does not verify");
                    require(
                            Keys.privateFromProtobuf(key.toProtobuf())
                                    .publicKey()
                                    .equals(key.publicKey()),
                            "another key was written");
                }
                case SIGNATURE ->
                        DerSignature.parse(input, EcdsaCurve.P521.domain().getN())
                                .ifPresent(s ->
                                        require(Arrays.equals(s.encode(), input), "two encodings"));
            }
        } catch (KeyFormatException _) {
            // Typed: that is the point.
        }
    }

    static List<byte[]> seeds(Target what) {
        return switch (what) {
            case PUBLIC_KEY -> specification("PublicKey", "pub");
            case PRIVATE_KEY -> specification("PrivateKey", "priv");
            case SIGNATURE ->
                    List.of(
                            Vectors.bytes("libp2p/go_crypto_test_data/2.sig"),
                            Vectors.bytes("libp2p/go_crypto_test_data/3.sig"));
        };
    }

    /// The spec's and go's. The spec's file has private and public keys in turn.
    private static List<byte[]> specification(String message, String ending) {
        List<byte[]> seeds = new ArrayList<>();
        JsonNode keys = Vectors.json("libp2p/peer_id_key_vectors.json").get("keys");
        for (int i = message.equals("PrivateKey") ? 0 : 1; i < keys.size(); i += 2) {
            seeds.add(HexFormat.of().parseHex(keys.get(i).get("protobuf_hex").asString()));
        }
        for (int number : new int[] {0, 2, 3}) {
            seeds.add(Vectors.bytes("libp2p/go_crypto_test_data/" + number + "." + ending));
        }
        return seeds;
    }

    private static void require(boolean holds, String otherwise) {
        if (!holds) {
            throw new IllegalStateException(otherwise);
        }
    }
}
