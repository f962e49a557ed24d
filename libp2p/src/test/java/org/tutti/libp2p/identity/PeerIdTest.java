package org.tutti.libp2p.identity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.bouncycastle.util.BigIntegers;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.tutti.base.Bytes;
import org.tutti.libp2p.Vectors;
import org.tutti.libp2p.multiformats.Multibase;
import org.tutti.libp2p.multiformats.MultiformatException;

import tools.jackson.databind.JsonNode;

import java.math.BigInteger;
import java.util.HexFormat;
import java.util.List;

class PeerIdTest {
    @Test
    void everyTextFormOfTheSpecificationParses() {
        List<JsonNode> strings =
                Vectors.json("libp2p/peer_id_key_vectors.json")
                        .get("peer_id_strings")
                        .valueStream()
                        .toList();
        assertThat(strings).isNotEmpty();
        for (JsonNode it : strings) {
            String text = it.get("string").asString();
            PeerId id = PeerId.parse(text);
            assertThat(text).isIn(id.toString(), id.toCid());
            assertThat(PeerId.parse(id.toString())).isEqualTo(id);
            assertThat(PeerId.parse(id.toCid())).isEqualTo(id);
            assertThat(PeerId.fromBytes(id.toBytes())).isEqualTo(id);
        }
    }

    @Test
    void everyCaseOfTheJvmImplementationHolds() throws Exception {
        JsonNode cases = Vectors.json("libp2p/jvm_peerid_strings.json");
        assertThat(cases).hasSize(6);
        assertThat(PeerId.fromBytes(hex(cases, 0, 0))).hasToString(string(cases, 0, 1));
        assertThat(PublicKey.fromProtobuf(hex(cases, 1, 0)).peerId().toBytes())
                .isEqualTo(hex(cases, 1, 1));
        assertThat(PublicKey.fromProtobuf(hex(cases, 2, 0)).peerId())
                .hasToString(string(cases, 2, 1));

        byte[] x = BigIntegers.asUnsignedByteArray(32, new BigInteger(string(cases, 3, 0)));
        boolean odd = new BigInteger(string(cases, 3, 1)).testBit(0);
        Bytes point = Bytes.concat(Bytes.fromHex(odd ? "03" : "02"), Bytes.wrap(x));
        assertThat(PublicKey.of(KeyType.SECP256K1, point).peerId())
                .hasToString(string(cases, 3, 2));

        // The expected id of the fifth case was not extracted; the key is what can be checked.
        String secret = string(cases, 4, 0).replaceAll("\\s", "");
        assertThat(Keys.privateFromProtobuf(HexFormat.of().parseHex(secret)).publicKey().type())
                .isEqualTo(KeyType.SECP256K1);

        PeerId id = PeerId.fromBytes(hex(cases, 5, 0));
        assertThat(id).hasToString(string(cases, 5, 1));
        assertThat(PeerId.parse(string(cases, 5, 2))).isEqualTo(id);
    }

    @Test
    void aShortKeyIsInTheIdAndALongOneIsNot() {
        assertThat(PeerId.parse("12D3KooWD3eckifWpRn9wQpMG9R9hX3sD158z7EqHWmweQAJU5SA").inlineKey())
                .map(PublicKey::type)
                .contains(KeyType.ED25519);
        assertThat(PeerId.parse("QmYyQSo1c1Ym7orWxLYvCrM2EmxFTANf8wXmmE7DWjhx5N").inlineKey())
                .isEmpty();
    }

    @Test
    void anIdWhoseInlineKeyIsNoKeyHasNone() {
        assertThat(PeerId.fromBytes(HexFormat.of().parseHex("0003080112")).inlineKey()).isEmpty();
    }

    @Test
    void keysOf42BytesAreCarriedAndOf43BytesHashed() {
        PeerId inline = PeerId.ofEncodedKey(Bytes.wrap(new byte[42]));
        PeerId hashed = PeerId.ofEncodedKey(Bytes.wrap(new byte[43]));
        assertThat(inline.multihash().toHex()).startsWith("002a").hasSize(2 * 44);
        assertThat(hashed.multihash().toHex()).startsWith("1220").hasSize(2 * 34);
        assertThat(PeerId.parse(inline.toString())).isEqualTo(inline);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "1",
                "Qm",
                "hello",
                "16Uiu2HAmDJQXZM39z5TzoZN7Sw8tbwjR6Evg9CFmiWhLbnSFGAD0",
                "QmYyQSo1c1Ym7orWxLYvCrM2EmxFTANf8wXmmE7DWjhx5",
                "QmYyQSo1c1Ym7orWxLYvCrM2EmxFTANf8wXmmE7DWjhx5NN",
                // A CID of a document, and not of a key.
                "bafkreifoybygix7fh3r3g5rqle3wcnhqldgdg4shzf4k3ulyw3gn7mabt4",
                "bafz",
                "b",
                "z",
                "🚀"
            })
    void whatIsNoPeerIdIsRefused(String text) {
        assertThatThrownBy(() -> PeerId.parse(text)).isInstanceOf(MultiformatException.class);
    }

    @Test
    void goRefusesACidOfAnotherCodecAndSoDoWe() {
        String cid = Vectors.json("libp2p/go_peer_test_keys.json").get("exampleCid").asString();
        assertThatThrownBy(() -> PeerId.parse(cid)).isInstanceOf(MultiformatException.class);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "00",
                "0000",
                "1220",
                "12200102",
                "1114e861e452cfd84dca9a176258c3d06e020a0c93d8",
                "110ae861e452cfd84dca9a17",
                "00030801"
            })
    void bytesOfAnotherShapeAreNoPeerId(String hex) {
        assertThatThrownBy(() -> PeerId.fromBytes(HexFormat.of().parseHex(hex)))
                .isInstanceOf(MultiformatException.class);
    }

    @Test
    void anIdentityOver42BytesIsRefused() {
        byte[] tooLong = new byte[45];
        tooLong[1] = 43;
        assertThatThrownBy(() -> PeerId.fromBytes(tooLong))
                .isInstanceOf(MultiformatException.class);
        assertThatThrownBy(() -> PeerId.parse("1".repeat(600)))
                .isInstanceOf(MultiformatException.class);
    }

    @Test
    void theLongestTextThatACidCanHaveIsRead() {
        PeerId longest = PeerId.ofEncodedKey(Bytes.wrap(new byte[42]));
        byte[] cid = Bytes.concat(Bytes.fromHex("0172"), longest.multihash()).toArray();
        assertThat(PeerId.parse(Multibase.BASE2.encode(cid))).isEqualTo(longest);
    }

    private static String string(JsonNode cases, int index, int at) {
        return cases.get(index).get("strings").get(at).asString();
    }

    private static byte[] hex(JsonNode cases, int index, int at) {
        return HexFormat.of().parseHex(string(cases, index, at));
    }
}
