package org.tutti.signing.internal.wire;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.tutti.base.Bytes;
import org.tutti.libp2p.identity.PeerId;
import org.tutti.musig.keys.PublicKey;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.List;

/// The hashes that other nodes compute too, against fixed bytes and against SHA-256 alone: a tag
/// can never change.
class HashTagsTest {
    private static final Bytes ONE = Bytes.fromHex("01");
    private static final Bytes TWO = Bytes.fromHex("0203");

    private static Bytes tagged(String tag, Bytes data) {
        try {
            MessageDigest sha = MessageDigest.getInstance("SHA-256");
            byte[] hash = sha.digest(tag.getBytes(StandardCharsets.US_ASCII));
            sha.update(hash);
            sha.update(hash);
            return Bytes.wrap(sha.digest(data.toArray()));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void nonceSetHashIsAHashOfHashesInSignerOrder() {
        Bytes expected =
                tagged(
                        "tutti/view",
                        Bytes.concat(tagged("tutti/nonces", ONE), tagged("tutti/nonces", TWO)));
        assertThat(NonceSetHash.of(List.of(ONE, TWO))).isEqualTo(expected);
        assertThat(NonceSetHash.of(List.of(TWO, ONE))).isNotEqualTo(expected);
        assertThat(NonceSetHash.of(List.of(Bytes.concat(ONE, TWO)))).isNotEqualTo(expected);
    }

    @Test
    void nonceSetHashHasItsFixedBytes() {
        assertThat(NonceSetHash.of(List.of(ONE, TWO)).toHex())
                .isEqualTo("dc68e28779b0e964221192079ca1dbea9b7cacd5a1ada028ad4a2f268d43e745");
    }

    @Test
    void keyAttestationIsOverPeerIdAndKey() throws Exception {
        PeerId peer = PeerId.parse("12D3KooWD3eckifWpRn9wQpMG9R9hX3sD158z7EqHWmweQAJU5SA");
        PublicKey key =
                PublicKey.parse(
                        Bytes.fromHex(
                                "02f9308a019258c31049344f85f89d5229b531c845836f99b08601f113bce036f9"));
        Bytes message = KeyAttestation.message(peer, key);
        assertThat(message)
                .isEqualTo(
                        tagged("tutti/vouch", Bytes.concat(Bytes.of(peer.toBytes()), key.bytes())));
        assertThat(message.toHex())
                .isEqualTo("a7d9de3e318e304f0b7f688d0a468f1cbba7c6a7c347ee9bf4f60f432c313819");
    }
}
