package org.tutti.bitcoin.address;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import org.junit.jupiter.api.Test;
import org.tutti.base.Bytes;
import org.tutti.bitcoin.Vectors;
import org.tutti.bitcoin.network.Network;
import org.tutti.bitcoin.script.Script;
import org.tutti.musig.keys.Base58Check;
import org.tutti.musig.keys.KeyException;

import tools.jackson.databind.JsonNode;

import java.util.Locale;

class AddressTest {
    private static Network network(String coreName) {
        return Network.all().stream()
                .filter(n -> n.coreName().equals(coreName))
                .findFirst()
                .orElseThrow();
    }

    @Test
    void everyValidAddressOfCoreIsReadAndWritten() throws Exception {
        int addresses = 0;
        int keys = 0;
        for (JsonNode entry : Vectors.json("addresses/key_io_valid.json")) {
            String text = entry.get(0).asString();
            JsonNode about = entry.get(2);
            Network network = network(about.get("chain").asString());
            if (about.get("isPrivkey").asBoolean()) {
                // A private key in WIF: not an address, and must not be taken for one.
                assertNoAddress(text, network);
                assertWif(text, entry.get(1).asString(), about, network);
                keys++;
                continue;
            }
            Script script = Script.of(Vectors.hex(entry.get(1)));
            assertThat(Address.parse(text, network).scriptPubKey()).as(text).isEqualTo(script);
            assertThat(Address.of(script, network).text()).isEqualTo(text);
            if (about.path("tryCaseFlip").asBoolean(false)) {
                String upper = text.toUpperCase(Locale.ROOT);
                assertThat(Address.parse(upper, network).scriptPubKey()).isEqualTo(script);
                assertThat(Address.parse(upper, network).text()).isEqualTo(text);
            }
            addresses++;
        }
        assertThat(addresses).isPositive();
        System.out.println("key_io_valid.json: " + addresses + " addresses, " + keys + " keys");
    }

    private static void assertWif(String text, String key, JsonNode about, Network network)
            throws KeyException {
        String version = String.format(Locale.ROOT, "%02x", network.prefixes().wif());
        String suffix = about.get("isCompressed").asBoolean() ? "01" : "";
        Bytes payload = Bytes.fromHex(version + key + suffix);
        assertThat(Bytes.wrap(Base58Check.decode(text))).isEqualTo(payload);
        assertThat(Base58Check.encode(payload.toArray())).isEqualTo(text);
    }

    @Test
    void everyInvalidAddressOfCoreIsRefusedOnEveryNetwork() {
        int cases = 0;
        for (JsonNode entry : Vectors.json("addresses/key_io_invalid.json")) {
            for (Network network : Network.all()) {
                assertNoAddress(entry.get(0).asString(), network);
            }
            cases++;
        }
        assertThat(cases).isPositive();
    }

    private static void assertNoAddress(String text, Network network) {
        assertThatExceptionOfType(AddressException.class)
                .as("%s on %s", text, network)
                .isThrownBy(() -> Address.parse(text, network));
    }

    @Test
    void base58IsReadAndWritten() throws Exception {
        int cases = 0;
        for (JsonNode entry : Vectors.json("addresses/base58_encode_decode.json")) {
            Bytes bytes = Vectors.hex(entry.get(0));
            String text = entry.get(1).asString();
            assertThat(Base58Check.encodePlain(bytes.toArray())).isEqualTo(text);
            assertThat(Bytes.wrap(Base58Check.decodePlain(text))).isEqualTo(bytes);
            cases++;
        }
        assertThat(cases).isPositive();
    }

    @Test
    void bip173() throws Exception {
        assertThat(bech32("bech32/bip173_bech32_vectors.json", Bech32.Encoding.BECH32))
                .isPositive();
    }

    @Test
    void bip350() throws Exception {
        assertThat(bech32("bech32/bip350_bech32_vectors.json", Bech32.Encoding.BECH32M))
                .isPositive();
    }

    private static int bech32(String file, Bech32.Encoding encoding) throws Exception {
        int cases = 0;
        for (JsonNode entry : Vectors.json(file)) {
            String text = withOddBytes(entry);
            switch (entry.get("section").asString()) {
                case "valid_string" -> {
                    Bech32 decoded = Bech32.decode(text);
                    assertThat(decoded.encoding()).as(text).isEqualTo(encoding);
                    assertThat(decoded.encode()).isEqualTo(text.toLowerCase(Locale.ROOT));
                }
                case "invalid_string" -> assertNotOf(encoding, text);
                case "valid_address" -> assertValid(text, entry, file);
                case "invalid_address" -> {
                    for (Network network : Network.all()) {
                        assertNoAddress(text, network);
                    }
                }
                default -> throw new AssertionError(entry.toString());
            }
            cases++;
        }
        return cases;
    }

    private static String withOddBytes(JsonNode entry) {
        String text = entry.get("string").asString();
        if (entry.has("prefix_byte")) {
            text = oddByte(entry.get("prefix_byte")) + text;
        }
        return entry.has("suffix_byte") ? text + oddByte(entry.get("suffix_byte")) : text;
    }

    private static char oddByte(JsonNode node) {
        return (char)
                (node.isNumber()
                        ? node.asInt()
                        : Integer.decode(
                                node.asString().startsWith("0x")
                                        ? node.asString()
                                        : "0x" + node.asString()));
    }

    private static void assertNotOf(Bech32.Encoding encoding, String text) {
        try {
            assertThat(Bech32.decode(text).encoding()).as(text).isNotEqualTo(encoding);
        } catch (AddressException expected) {
            assertThat(expected).hasMessageMatching(".+");
        }
    }

    private static void assertValid(String text, JsonNode entry, String file) throws Exception {
        Network network =
                text.toLowerCase(Locale.ROOT).startsWith("bc1")
                        ? Network.MAINNET
                        : Network.TESTNET3;
        Script script = Script.of(Vectors.hex(entry.get("scriptPubKey")));
        if (file.contains("bip173") && script.witnessVersion() != 0) {
            // BIP350 replaced BIP173 for version 1 and above: these were addresses once, and must
            // not be any longer.
            assertNoAddress(text, network);
            return;
        }
        assertThat(Address.parse(text, network).scriptPubKey()).as(text).isEqualTo(script);
        assertThat(Address.of(script, network).text()).isEqualTo(text.toLowerCase(Locale.ROOT));
    }

    @Test
    void anAddressOfAnotherNetworkSaysSo() {
        assertThatExceptionOfType(AddressException.class)
                .isThrownBy(() ->
                        Address.parse(
                                "bc1p0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7vqzk5jj0",
                                Network.REGTEST))
                .withMessage("the address starts with bc, this network's with bcrt");
    }

    @Test
    void anEndlessTextIsRefusedBeforeItIsDecoded() {
        assertNoAddress("2".repeat(Base58Check.MAX_CHARACTERS + 1), Network.MAINNET);
        assertNoAddress("bc1" + "q".repeat(1_000_000), Network.MAINNET);
    }

    @Test
    void aScriptWithoutAddressHasNone() {
        for (String hex : new String[] {"", "6a", "51", "0003010203", "76a914" + "00".repeat(21)}) {
            assertThatExceptionOfType(AddressException.class)
                    .isThrownBy(() -> Address.of(Script.fromHex(hex), Network.MAINNET));
        }
    }
}
