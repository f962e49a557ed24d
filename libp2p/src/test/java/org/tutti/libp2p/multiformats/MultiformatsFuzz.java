package org.tutti.libp2p.multiformats;

import static java.nio.charset.StandardCharsets.UTF_8;

import org.tutti.base.Bytes;
import org.tutti.libp2p.Vectors;
import org.tutti.libp2p.identity.PeerId;

import tools.jackson.databind.JsonNode;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/// Numbers, digests, texts in any base and peer ids: refused with a typed error, or read into
/// something that is written as it was.
public final class MultiformatsFuzz {
    /// What can be tried.
    enum Target {
        VARINT,
        MULTIHASH,
        MULTIBASE,
        PEER_ID,
        PEER_ID_TEXT,
        CID
    }

    private static Target target = Target.VARINT;

    private MultiformatsFuzz() {}

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
                case VARINT -> {
                    ByteBuffer in = ByteBuffer.wrap(input);
                    long value = Varint.get(in);
                    require(Varint.encode(value), Arrays.copyOf(input, in.position()));
                }
                case MULTIHASH ->
                        require(Multihash.parse(Bytes.of(input)).toBytes().toArray(), input);
                case MULTIBASE -> {
                    byte[] bytes = Multibase.decode(new String(input, UTF_8));
                    // No base has more than eight bits a character.
                    if (bytes.length > input.length) {
                        throw new IllegalStateException("more bytes than characters");
                    }
                }
                case PEER_ID -> {
                    PeerId id = PeerId.fromBytes(input);
                    require(id.toBytes(), input);
                    sameText(id);
                    var _ = id.inlineKey();
                }
                case PEER_ID_TEXT -> sameText(PeerId.parse(new String(input, UTF_8)));
                case CID -> {
                    Cid cid = Cid.parse(new String(input, UTF_8));
                    byte[] hash = cid.multihash().toBytes().toArray();
                    require(Multihash.parse(Bytes.of(hash)).toBytes().toArray(), hash);
                }
            }
        } catch (MultiformatException _) {
            // Typed: that is the point.
        }
    }

    private static void sameText(PeerId id) {
        if (!PeerId.parse(PeerId.textOf(id.multihash())).equals(id)
                || !PeerId.parse(id.toCid()).equals(id)) {
            throw new IllegalStateException("another id was written");
        }
    }

    private static void require(byte[] written, byte[] read) {
        if (!Arrays.equals(written, read)) {
            throw new IllegalStateException("two encodings");
        }
    }

    static List<byte[]> seeds(Target what) {
        return switch (what) {
            case VARINT ->
                    java.util.stream.LongStream.of(0, 127, 128, 1L << 32, Long.MAX_VALUE)
                            .mapToObj(Varint::encode)
                            .toList();
            case MULTIHASH ->
                    last("multiformats/multihash_test_cases.csv")
                            .map(text -> Bytes.fromHex(text).toArray())
                            .toList();
            case MULTIBASE ->
                    last("multiformats/multibase_basic.csv")
                            .map(text -> text.replace("\"", "").strip().getBytes(UTF_8))
                            .toList();
            case PEER_ID -> peers().stream().map(PeerId::toBytes).toList();
            case PEER_ID_TEXT, CID -> {
                List<byte[]> texts = new ArrayList<>();
                for (PeerId peer : peers()) {
                    texts.add(peer.toString().getBytes(UTF_8));
                    texts.add(peer.toCid().getBytes(UTF_8));
                }
                yield texts;
            }
        };
    }

    /// The last column.
    private static java.util.stream.Stream<String> last(String file) {
        return Vectors.lines(file).stream()
                .skip(1)
                .filter(line -> !line.isBlank())
                .map(line -> line.substring(line.lastIndexOf(',') + 1).strip());
    }

    /// Go's with an Ed25519 key, which its id carries, and js's with an RSA key.
    private static List<PeerId> peers() {
        JsonNode go = Vectors.json("libp2p/signed_peer_record_go.json").get("peer_id");
        JsonNode js = Vectors.json("libp2p/js_peerid_rsa.json").get("id");
        return List.of(PeerId.parse(go.asString()), PeerId.parse(js.asString()));
    }
}
