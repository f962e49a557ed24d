package org.tutti.musig.schnorr;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.tutti.base.Bytes;
import org.tutti.musig.keys.KeyException;
import org.tutti.musig.keys.SecretKey;
import org.tutti.musig.keys.XOnlyPublicKey;
import org.tutti.musig.reference.ReferenceSchnorr;
import org.tutti.musig.vectors.VectorCount;
import org.tutti.musig.vectors.Vectors;

import java.util.List;

class Bip340VectorsTest {
    private static final String FILE = "bip340/test-vectors.csv";

    @Test
    void everyCaseOfBip340SignsAndVerifiesAsWritten() throws KeyException {
        VectorCount tally = new VectorCount(FILE);
        List<String> lines =
                Vectors.text(FILE).lines().skip(1).filter(line -> !line.isBlank()).toList();
        for (String line : lines) {
            String[] fields = line.split(",", 8);
            sign(fields);
            verify(fields);
            tally.natively();
        }
        tally.print();
    }

    /// A short message lies in the working space, a long one in memory of its own.
    @Test
    void messagesOfEveryLengthAreSignedAsTheReferenceSigns() throws KeyException {
        byte[] secret = hex("03".repeat(32));
        try (SecretKey key = SecretKey.of(secret)) {
            for (int length : new int[] {0, 1, 1023, 1024, 1025, 70_000}) {
                byte[] message = new byte[length];
                SchnorrSignature signature = Schnorr.sign(key, message, new byte[32]);
                assertThat(signature.bytes())
                        .as("%d bytes", length)
                        .isEqualTo(
                                Bytes.wrap(ReferenceSchnorr.sign(secret, message, new byte[32])));
                assertThat(Schnorr.verify(key.publicKey().xOnly(), message, signature)).isTrue();
                assertThat(signature).hasToString(signature.bytes().toHex());
            }
        }
    }

    private static void sign(String[] fields) throws KeyException {
        if (fields[1].isEmpty()) {
            return;
        }
        byte[] secret = hex(fields[1]);
        byte[] message = hex(fields[4]);
        try (SecretKey key = SecretKey.of(secret)) {
            assertThat(key.publicKey().xOnly().bytes()).isEqualTo(Bytes.wrap(hex(fields[2])));
            Bytes expected = Bytes.wrap(hex(fields[5]));
            assertThat(Schnorr.sign(key, message, hex(fields[3])).bytes())
                    .as("case %s", fields[0])
                    .isEqualTo(expected);
            assertThat(Bytes.wrap(ReferenceSchnorr.sign(secret, message, hex(fields[3]))))
                    .as("case %s on the reference", fields[0])
                    .isEqualTo(expected);
        }
    }

    private static void verify(String[] fields) {
        boolean expected = fields[6].equals("TRUE");
        byte[] message = hex(fields[4]);
        byte[] signature = hex(fields[5]);
        assertThat(nativelyValid(fields[2], message, signature))
                .as("case %s: %s", fields[0], fields[7])
                .isEqualTo(expected);
        assertThat(ReferenceSchnorr.verify(hex(fields[2]), message, signature))
                .as("case %s on the reference: %s", fields[0], fields[7])
                .isEqualTo(expected);
    }

    private static boolean nativelyValid(String key, byte[] message, byte[] signature) {
        try {
            return Schnorr.verify(
                    XOnlyPublicKey.parse(Bytes.wrap(hex(key))),
                    message,
                    new SchnorrSignature(Bytes.wrap(signature)));
        } catch (KeyException e) {
            return false;
        }
    }

    private static byte[] hex(String text) {
        return Bytes.fromHex(text).toArray();
    }
}
