package org.tutti.libp2p;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/// Every parser that a peer's bytes reach has a fuzz target. Parsers are found by what stands in
/// their sources, so a new one fails here until it is in the table.
class FuzzTargetsTest {
    /// What a source has that makes something of bytes or text.
    private static final Pattern PARSES =
            Pattern.compile(
                    "parseFrom\\(|mergeFrom\\(|readFully\\(|Frames\\.read|newDecoder\\("
                            + "|static \\S+ (decode|fromBytes|parse|tryFromBytes)\\("
                            + "|\\.read\\(\\w+, \\w+, \\w+\\)|Varint\\.get");

    /// The target of each, by the package that both are below.
    private static final Map<String, String> TARGETS =
            new TreeMap<>(
                    Map.ofEntries(
                            Map.entry("identity/DerSignature", "identity/IdentityFuzz"),
                            Map.entry("identity/EcdsaPrivateKey", "identity/IdentityFuzz"),
                            Map.entry("identity/EcdsaPublicKey", "identity/IdentityFuzz"),
                            Map.entry("identity/Ed25519PrivateKey", "identity/IdentityFuzz"),
                            Map.entry("identity/Ed25519PublicKey", "identity/IdentityFuzz"),
                            Map.entry("identity/KeyProtobuf", "identity/IdentityFuzz"),
                            Map.entry("identity/Pkix", "identity/IdentityFuzz"),
                            Map.entry("identity/RsaPrivateKey", "identity/IdentityFuzz"),
                            Map.entry("identity/RsaPublicKey", "identity/IdentityFuzz"),
                            Map.entry("identity/Secp256k1PrivateKey", "identity/IdentityFuzz"),
                            Map.entry("identity/Secp256k1PublicKey", "identity/IdentityFuzz"),
                            Map.entry("identity/PeerId", "multiformats/MultiformatsFuzz"),
                            Map.entry("identity/SignedEnvelope", "peerstore/PeerRecordFuzz"),
                            Map.entry("internal/dns/DnsMessage", "internal/dns/DnsFuzz"),
                            Map.entry("internal/dns/DnsName", "internal/dns/DnsFuzz"),
                            Map.entry("internal/dns/DnsRecord", "internal/dns/DnsFuzz"),
                            Map.entry(
                                    "internal/identify/IdentifyReader",
                                    "internal/identify/IdentifyFuzz"),
                            Map.entry(
                                    "internal/multistream/Messages",
                                    "internal/multistream/NegotiationFuzz"),
                            Map.entry(
                                    "internal/ping/NegotiatedPingStream", "internal/ping/PingFuzz"),
                            Map.entry("internal/ping/Ping", "internal/ping/PingFuzz"),
                            Map.entry("internal/kad/KadCodec", "internal/kad/KadFuzz"),
                            Map.entry("internal/pubsub/RpcCodec", "internal/pubsub/PubsubFuzz"),
                            Map.entry(
                                    "internal/pubsub/driver/PubsubDriver",
                                    "internal/pubsub/PubsubFuzz"),
                            Map.entry("kad/FileRoutingTableStorage", "kad/RoutingTableFuzz"),
                            Map.entry("kad/KadDriver", "internal/kad/KadFuzz"),
                            Map.entry(
                                    "kad/record/FileSeenSequenceStorage",
                                    "kad/record/SeenSequencesFuzz"),
                            Map.entry("kad/record/SignedRecord", "kad/record/RecordFuzz"),
                            Map.entry("multiformats/Cid", "multiformats/MultiformatsFuzz"),
                            Map.entry("peerscore/FilePeerScoreStorage", "peerscore/PeerScoresFuzz"),
                            Map.entry("pubsub/Message", "internal/pubsub/PubsubFuzz"),
                            Map.entry("internal/swarm/AddressResolver", "internal/swarm/NamesFuzz"),
                            Map.entry("io/Frames", "requestresponse/FramingFuzz"),
                            Map.entry("multiaddr/Multiaddr", "multiaddr/MultiaddrFuzz"),
                            Map.entry("multiaddr/ValueCodec", "multiaddr/MultiaddrFuzz"),
                            Map.entry("multiaddr/ValueText", "multiaddr/MultiaddrFuzz"),
                            Map.entry("mdns/MdnsEngine", "mdns/MdnsFuzz"),
                            Map.entry("multiformats/Multibase", "multiformats/MultiformatsFuzz"),
                            Map.entry("multiformats/Multihash", "multiformats/MultiformatsFuzz"),
                            Map.entry("muxer/yamux/Header", "muxer/yamux/YamuxFuzz"),
                            Map.entry("peerstore/FilePeerStorage", "peerstore/StoredPeersFuzz"),
                            Map.entry("peerstore/PeerRecord", "peerstore/PeerRecordFuzz"),
                            Map.entry("perf/Perf", "perf/PerfFuzz"),
                            Map.entry("requestresponse/Framing", "requestresponse/FramingFuzz"),
                            Map.entry("security/noise/FrameReader", "security/noise/NoiseFuzz"),
                            Map.entry("security/noise/NoisePayload", "security/noise/NoiseFuzz")));

    /// Found by their look, but they hand bytes on and make nothing of them.
    private static final List<String> HAND_ON =
            List.of(
                    "internal/time/DeadlineStream",
                    "internal/upgrade/CountedConnection",
                    "internal/upgrade/LazyNegotiation",
                    "internal/upgrade/ReadAheadConnection",
                    "swarm/StreamInput",
                    "transport/tcp/TcpConnection");

    private static Path source(String set) {
        return Path.of(
                System.getProperty("tutti.root"), "libp2p/src", set, "java/org/tutti/libp2p");
    }

    @Test
    void everyParserHasATarget() throws IOException {
        TreeSet<String> found = new TreeSet<>();
        Path main = source("main");
        try (Stream<Path> files = Files.walk(main)) {
            for (Path file : files.filter(f -> f.toString().endsWith(".java")).toList()) {
                if (PARSES.matcher(Files.readString(file)).find()) {
                    found.add(main.relativize(file).toString().replace(".java", ""));
                }
            }
        }
        found.removeAll(HAND_ON);
        found.removeAll(TARGETS.keySet());
        assertThat(found).as("parsers without a fuzz target").isEmpty();
    }

    @Test
    void everyTargetIsRunWithDamagedSeedsAndWithJazzer() throws IOException {
        List<String> missing = new ArrayList<>();
        for (Map.Entry<String, String> entry : TARGETS.entrySet()) {
            Path parser = source("main").resolve(entry.getKey() + ".java");
            Path target = source("test").resolve(entry.getValue() + ".java");
            Path test = source("test").resolve(entry.getValue() + "Test.java");
            if (!Files.exists(parser)
                    || !Files.readString(target).contains("void fuzzerTestOneInput(")
                    || !Files.readString(test).contains("Fuzzing.damaged(")
                    || !Files.readString(test).contains("Fuzzing.withJazzer(")) {
                missing.add(entry.toString());
            }
        }
        assertThat(missing).isEmpty();
    }
}
