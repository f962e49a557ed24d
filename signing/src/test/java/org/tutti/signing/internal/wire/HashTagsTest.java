package org.tutti.signing.internal.wire;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.tutti.base.Bytes;
import org.tutti.libp2p.identity.PeerId;
import org.tutti.musig.keys.PublicKey;
import org.tutti.musig.keys.SecretKey;
import org.tutti.musig.schnorr.Schnorr;
import org.tutti.signing.request.RequestGroup;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
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
    void keyAttestationIsOverNetworkGroupTimesKeyAndPeerId() throws Exception {
        PeerId peer = PeerId.parse("12D3KooWD3eckifWpRn9wQpMG9R9hX3sD158z7EqHWmweQAJU5SA");
        Bytes signed =
                tagged(
                        "tutti/attestation",
                        Bytes.concat(
                                Bytes.fromHex(
                                        "02"
                                                + "99".repeat(32)
                                                + "77".repeat(32)
                                                + "0000000000000007"
                                                + "0000000000000006"
                                                + "0000000000000005"
                                                + KEY),
                                Bytes.of(peer.toBytes())));
        assertThat(signed.toHex())
                .isEqualTo("5f845a49873ad9ed8c070df83a1fd626cb02f311c8a1aa2189037172a0fded16");
        try (SecretKey secret = SecretKey.of(oneAsSecret())) {
            KeyAttestation made =
                    KeyAttestation.make(
                            secret, GROUP, peer, 5, Instant.ofEpochMilli(6), new byte[32]);
            assertThat(made.signature())
                    .isEqualTo(Schnorr.sign(secret, signed.toArray(), new byte[32]).bytes());
            assertThat(made.isOf(GROUP, peer, PublicKey.parse(Bytes.fromHex(KEY)))).isTrue();
        }
    }

    @Test
    void termsAreSignedOverNetworkGroupAndText() throws Exception {
        Bytes signed =
                tagged(
                        "tutti/terms",
                        Bytes.fromHex("01" + "99".repeat(32) + "77".repeat(32) + "6263"));
        try (SecretKey secret = SecretKey.of(oneAsSecret())) {
            Terms made = Terms.make(secret, GROUP, Bytes.fromHex("6263"), new byte[32]);
            assertThat(made.signature())
                    .isEqualTo(Schnorr.sign(secret, signed.toArray(), new byte[32]).bytes());
            assertThat(made.isOf(GROUP, PublicKey.parse(Bytes.fromHex(KEY)))).isTrue();
        }
    }

    /// The point of the number 1.
    private static final String KEY =
            "0279be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798";

    private static final RequestGroup GROUP =
            new RequestGroup(
                    Bytes.wrap(filled(0x99)),
                    Bytes.wrap(filled(0x77)),
                    7,
                    List.of(Bytes.fromHex(KEY)));

    private static byte[] filled(int value) {
        byte[] bytes = new byte[32];
        java.util.Arrays.fill(bytes, (byte) value);
        return bytes;
    }

    private static byte[] oneAsSecret() {
        byte[] one = new byte[32];
        one[31] = 1;
        return one;
    }
}
