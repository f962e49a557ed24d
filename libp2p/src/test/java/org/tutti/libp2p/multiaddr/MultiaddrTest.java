package org.tutti.libp2p.multiaddr;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.tutti.base.Bytes;
import org.tutti.libp2p.Vectors;
import org.tutti.libp2p.identity.PeerId;
import org.tutti.libp2p.multiformats.HashFunction;
import org.tutti.libp2p.multiformats.Multibase;
import org.tutti.libp2p.multiformats.MultiformatException;
import org.tutti.libp2p.multiformats.Multihash;
import org.tutti.libp2p.multiformats.Varint;

import tools.jackson.databind.JsonNode;

import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;

class MultiaddrTest {
    private static final String GO_VECTORS = "multiformats/go_multiaddr_vectors.json";
    private static final PeerId ALICE =
            PeerId.parse("12D3KooWCryG7Mon9orvQxcS1rYZjotPgpwoJNHHKcLLfE4Hf5mV");
    private static final PeerId RELAY =
            PeerId.parse("QmcgpsyWgH8Y8ajJz1Cu72KnS5uo2Aa2LpzU7kinSupNKC");

    @Test
    void everyAddressThatGoAcceptsGoesToBytesAndTextAndBack() {
        List<String> valid = strings("valid_strings");
        assertThat(valid).hasSize(93);
        for (String text : valid) {
            Multiaddr address = Multiaddr.parse(text);
            assertThat(Multiaddr.fromBytes(address.toBytes())).as(text).isEqualTo(address);
            assertThat(Multiaddr.parse(address.toString())).as(text).isEqualTo(address);
            boolean oneText =
                    !text.contains("/ipfs/")
                            && !text.contains("/certhash/")
                            && !text.contains("/p2p/k")
                            && !text.contains("/p2p/b")
                            && !text.endsWith("zuqzwassw")
                            && !text.endsWith("/");
            if (oneText) {
                assertThat(address).hasToString(text);
            }
        }
    }

    @Test
    void everyAddressThatGoRefusesIsRefused() {
        List<String> invalid = strings("invalid_strings");
        assertThat(invalid).hasSize(66);
        for (String text : invalid) {
            assertThatThrownBy(() -> Multiaddr.parse(text))
                    .as(text)
                    .isInstanceOf(MultiformatException.class);
        }
    }

    @Test
    void textAndBytesAreGosBothWays() {
        JsonNode vectors = Vectors.json(GO_VECTORS);
        for (JsonNode it : vectors.get("string_to_bytes")) {
            assertThat(HexFormat.of().formatHex(Multiaddr.parse(string(it)).toBytes()))
                    .isEqualTo(it.get("bytes_hex").asString());
        }
        for (JsonNode it : vectors.get("bytes_to_string")) {
            byte[] bytes = HexFormat.of().parseHex(it.get("bytes_hex").asString());
            assertThat(Multiaddr.fromBytes(bytes)).hasToString(string(it));
        }
    }

    @Test
    void everyProtocolOfTheTableIsKnownWithItsCodeAndSize() {
        List<String> rows = Vectors.lines("multiformats/multiaddr_protocols.csv");
        assertThat(rows).hasSize(42);
        for (String row : rows.subList(1, rows.size())) {
            String[] cells = row.split(",", -1);
            String name = cells[2].strip();
            Protocol protocol = Protocol.named(name).orElseThrow(() -> new AssertionError(row));
            assertThat(protocol.code()).as(row).isEqualTo(Integer.parseInt(cells[0].strip()));
            assertThat(Protocol.of(protocol.code())).contains(protocol);
            String size = cells[1].strip();
            if (protocol == Protocol.MEMORY) {
                // The table says variable; go and rust put 64 bits on the wire.
                assertThat(protocol.codec().size()).isEqualTo(8);
            } else if (size.equals("V")) {
                assertThat(protocol.codec().size()).as(row).isEqualTo(ValueCodec.VARIABLE);
            } else {
                assertThat(protocol.codec().size() * 8).as(row).isEqualTo(Integer.parseInt(size));
            }
        }
        // ipfs is a second name of p2p; plaintextv2 stands in the multicodec table alone.
        assertThat(Protocol.values()).hasSize(rows.size() - 2 + 1);
    }

    @Test
    void everyMultiaddrCodeOfTheMulticodecTableIsKnownUnlessNobodySaysWhatItsValueIs() {
        List<String> undefined = List.of("thread", "shs", "silverpine", "scion");
        for (String row : Vectors.lines("multiformats/multicodec_table.csv")) {
            String[] cells = row.split(",", -1);
            if (cells[1].strip().equals("multiaddr") && !undefined.contains(cells[0].strip())) {
                long code = Long.decode(cells[2].strip());
                assertThat(Protocol.of(code)).as(row).map(Protocol::text).contains(cells[0]);
            }
        }
    }

    @Test
    void anAddressOfEveryProtocolParsesFromTextAndBytes() {
        List<String> examples = new ArrayList<>(strings("valid_strings"));
        examples.addAll(EVERY_OTHER_PROTOCOL);
        for (Protocol protocol : Protocol.values()) {
            assertThat(examples)
                    .as(protocol.text())
                    .anyMatch(text -> {
                        Multiaddr address = Multiaddr.parse(text);
                        return address.has(protocol)
                                && Multiaddr.fromBytes(address.toBytes()).equals(address)
                                && Multiaddr.parse(address.toString()).equals(address);
                    });
        }
    }

    private static final List<String> EVERY_OTHER_PROTOCOL =
            List.of(
                    "/dns/example.com/tcp/443/wss",
                    "/dns4/example.com/udp/1/quic-v1",
                    "/dns6/example.com/dccp/7",
                    "/dnsaddr/bootstrap.libp2p.io",
                    "/ip4/1.2.3.4/tcp/1/p2p-circuit",
                    "/ip4/1.2.3.4/tcp/1/ws/p2p-websocket-star",
                    "/ip4/1.2.3.4/tcp/1/p2p-stardust",
                    "/ip4/1.2.3.4/tcp/1/plaintextv2",
                    "/ip4/1.2.3.4/tcp/1/p2p-webrtc-star");

    @Test
    void theConformanceFeatureHolds() {
        List<String> lines = Vectors.lines("multiformats/multiaddr.feature");
        Multiaddr address = null;
        List<List<String>> table = new ArrayList<>();
        int scenarios = 0;
        for (String line : lines) {
            String text = line.strip();
            String last = text.substring(text.lastIndexOf(' ') + 1);
            if (text.startsWith("Given the multiaddr")) {
                address =
                        last.startsWith("0x")
                                ? Multiaddr.fromBytes(hex(last))
                                : Multiaddr.parse(last);
                table.clear();
            } else if (text.startsWith("|")) {
                table.add(
                        java.util.Arrays.stream(text.substring(1).split("\\|", -1))
                                .map(String::strip)
                                .toList());
            } else if (address != null && text.startsWith("Then the packed form is")) {
                assertThat(address.toBytes()).isEqualTo(hex(last));
            } else if (address != null && text.startsWith("Then the string form is")) {
                assertThat(address).hasToString(last);
            } else if (address != null && text.startsWith("And the packed size is 8")) {
                assertThat(address.toBytes()).hasSize(8);
            } else if (address != null && text.startsWith("And the string size is 23")) {
                assertThat(address.toString()).hasSize(23);
            }
            if (address != null && table.size() == 3) {
                assertComponents(address, table);
                scenarios++;
                table.clear();
            }
        }
        assertThat(scenarios).isEqualTo(2);
    }

    private static void assertComponents(Multiaddr address, List<List<String>> table) {
        List<String> columns = table.getFirst();
        assertThat(address.components()).hasSize(table.size() - 1);
        for (int i = 1; i < table.size(); i++) {
            List<String> row = table.get(i);
            Multiaddr.Component component = address.components().get(i - 1);
            assertThat(component).hasToString(row.get(columns.indexOf("string")));
            assertThat(component.text()).isEqualTo(row.get(columns.indexOf("value")));
            assertThat(component.protocol().text()).isEqualTo(row.get(columns.indexOf("protocol")));
            assertThat(component.protocol().code())
                    .isEqualTo(Integer.parseInt(row.get(columns.indexOf("codec"))));
            assertThat(component.value().toArray())
                    .isEqualTo(hex(row.get(columns.indexOf("rawValue"))));
            assertThat(Multiaddr.of(component).toBytes())
                    .isEqualTo(hex(row.get(columns.indexOf("packed"))));
        }
    }

    @ParameterizedTest
    @CsvSource({
        "::, 00000000000000000000000000000000",
        "::1, 00000000000000000000000000000001",
        "1::, 00010000000000000000000000000000",
        "2001:db8::1:0:0:1, 20010db8000000000001000000000001",
        "2001:db8:0:1:1:1:1:1, 20010db8000000010001000100010001",
        "::ffff:1.2.3.4, 00000000000000000000ffff01020304",
        "1:2:3:4:5:6:7:8, 00010002000300040005000600070008"
    })
    void anIp6AddressIsPrintedAsRfc5952Wants(String text, String hex) {
        Multiaddr address = Multiaddr.parse("/ip6/" + text);
        assertThat(address.components().getFirst().value().toHex()).isEqualTo(hex);
        assertThat(address).hasToString("/ip6/" + text);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "1:2:3:4:5:6:7",
                "1:2:3:4:5:6:7:8:9",
                "1::2::3",
                ":::",
                ":1",
                "1:",
                "12345::",
                "g::",
                "1:2:3:4:5:6:7:8::",
                "::1:2:3:4:5:6:7:8",
                "1.2.3.4",
                "::1.2.3",
                "::1.2.3.4:5",
                "fe80::1%eth0",
                "::٣",
                "::+1",
                "::ffff:01.2.3.4",
                ""
            })
    void whatIsNoIp6AddressIsRefused(String text) {
        assertThatThrownBy(() -> Multiaddr.parse("/ip6/" + text))
                .isInstanceOf(MultiformatException.class);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "127.0.0",
                "127.0.0.1.1",
                "127.0.0.256",
                "01.2.3.4",
                "1.2.3.+4",
                "1.2.3.",
                "0x7f.0.0.1",
                "localhost",
                "1.2.3.٤",
                "2130706433"
            })
    void whatIsNoIp4AddressIsRefused(String text) {
        assertThatThrownBy(() -> Multiaddr.parse("/ip4/" + text))
                .isInstanceOf(MultiformatException.class);
    }

    @Test
    void thePeerIsTheLastComponentAndThroughARelayTheTarget() {
        Multiaddr direct = Multiaddr.parse("/ip4/1.2.3.4/tcp/1");
        assertThat(direct.peerId()).isEmpty();
        assertThat(direct.withPeerId(ALICE).peerId()).contains(ALICE);
        assertThat(direct.withPeerId(RELAY).withPeerId(ALICE).peerId()).contains(ALICE);
        assertThat(direct.withPeerId(ALICE).withoutPeerId()).isEqualTo(direct);

        Multiaddr circuit = direct.withPeerId(RELAY).encapsulate(Multiaddr.parse("/p2p-circuit"));
        assertThat(circuit.peerId()).isEmpty();
        assertThat(circuit.withPeerId(ALICE).peerId()).contains(ALICE);
        assertThat(circuit.decapsulate(Protocol.P2P_CIRCUIT).peerId()).contains(RELAY);
        assertThat(direct.decapsulate(Protocol.WS)).isEqualTo(direct);
        assertThat(direct.decapsulate(Protocol.IP4).isEmpty()).isTrue();
    }

    @Test
    void nothingFollowsAPath() {
        Multiaddr path = Multiaddr.parse("/unix/tmp/socket");
        assertThatThrownBy(() -> path.withPeerId(ALICE)).isInstanceOf(MultiformatException.class);
        byte[] twice = new byte[2 * path.toBytes().length];
        System.arraycopy(path.toBytes(), 0, twice, 0, twice.length / 2);
        System.arraycopy(path.toBytes(), 0, twice, twice.length / 2, twice.length / 2);
        assertThatThrownBy(() -> Multiaddr.fromBytes(twice))
                .isInstanceOf(MultiformatException.class);
    }

    @Test
    void aMultihashThatNoPeerHasIsNoAddress() {
        Bytes sha512 = Multihash.of(HashFunction.SHA2_512, new byte[0]).toBytes();
        Bytes cut = Bytes.fromHex("121f" + "00".repeat(31));
        for (Bytes multihash : List.of(sha512, cut)) {
            String cid =
                    Multibase.BASE32.encode(
                            Bytes.concat(Bytes.fromHex("0172"), multihash).toArray());
            byte[] bytes =
                    Bytes.concat(
                                    Bytes.fromHex("a503"),
                                    Bytes.wrap(Varint.encode(multihash.length())),
                                    multihash)
                            .toArray();
            assertThatThrownBy(() -> Multiaddr.parse("/p2p/" + cid))
                    .isInstanceOf(MultiformatException.class);
            assertThatThrownBy(() -> Multiaddr.fromBytes(bytes))
                    .isInstanceOf(MultiformatException.class);
        }
    }

    @Test
    void anIdentityThatIsTooLongForAKeyIsAnAddressButNoPeer() {
        Multihash identity = Multihash.of(HashFunction.IDENTITY, new byte[80]);
        Multiaddr address = Multiaddr.of(new Multiaddr.Component(Protocol.P2P, identity.toBytes()));
        assertThat(address.peerId()).isEmpty();
        assertThat(Multiaddr.parse(address.toString())).isEqualTo(address);
    }

    @Test
    void anI2pNameMayBePadded() {
        String name = "566niximlxdzpanmn4qouucvua3k7neniwss47li5r6ugoertzuq";
        assertThat(Multiaddr.parse("/garlic32/" + name + "===="))
                .isEqualTo(Multiaddr.parse("/garlic32/" + name));
        assertThatThrownBy(() -> Multiaddr.parse("/garlic32/" + name + "==="))
                .isInstanceOf(MultiformatException.class);
        assertThatThrownBy(() -> Multiaddr.parse("/garlic32/" + name + "====" + "=".repeat(8)))
                .isInstanceOf(MultiformatException.class);
    }

    @Test
    void anAddressOverTheBoundsIsRefused() {
        String longest = "/unix/" + "a".repeat(Multiaddr.MAX_LENGTH - 6);
        assertThatThrownBy(() -> Multiaddr.parse(longest + "a"))
                .isInstanceOf(MultiformatException.class)
                .hasMessageContaining("at most");
        assertThatThrownBy(() -> Multiaddr.fromBytes(new byte[Multiaddr.MAX_LENGTH + 1]))
                .isInstanceOf(MultiformatException.class)
                .hasMessageContaining("at most");
        String many = "/tls".repeat(Multiaddr.MAX_COMPONENTS);
        assertThat(Multiaddr.parse(many).components()).hasSize(Multiaddr.MAX_COMPONENTS);
        assertThatThrownBy(() -> Multiaddr.parse(many + "/tls"))
                .isInstanceOf(MultiformatException.class);
        Multiaddr full = Multiaddr.parse(many);
        assertThatThrownBy(() -> full.encapsulate(full)).isInstanceOf(MultiformatException.class);
        byte[] tooMany = new byte[2 * (Multiaddr.MAX_COMPONENTS + 1)];
        for (int i = 0; i < tooMany.length; i += 2) {
            Varint.put(Protocol.TLS.code(), tooMany, i);
        }
        assertThatThrownBy(() -> Multiaddr.fromBytes(tooMany))
                .isInstanceOf(MultiformatException.class);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"/dns/a\u001b[2J", "/ip6zone/a\nb/ip6/::1", "/unix/a\u0007", "/sni/\u009b1"})
    void controlCharactersNeitherGetInNorIntoTheError(String text) {
        assertThatThrownBy(() -> Multiaddr.parse(text))
                .isInstanceOf(MultiformatException.class)
                .satisfies(e ->
                        assertThat(String.valueOf(e.getMessage()).chars()).noneMatch(c -> c < 32));
    }

    @Test
    void theErrorNamesProtocolAndValueButNotPagesOfIt() {
        assertThatThrownBy(() -> Multiaddr.parse("/ip4/127.0.0.1/tcp/99999"))
                .hasMessageContaining("tcp \"99999\"");
        assertThatThrownBy(() -> Multiaddr.parse("/" + "x".repeat(2000)))
                .satisfies(
                        e -> assertThat(String.valueOf(e.getMessage()).length()).isLessThan(200));
    }

    private static byte[] hex(String prefixed) {
        return HexFormat.of().parseHex(prefixed.substring(2));
    }

    private static List<String> strings(String name) {
        return Vectors.json(GO_VECTORS).get(name).valueStream().map(JsonNode::asString).toList();
    }

    private static String string(JsonNode it) {
        return it.get("string").asString();
    }
}
