package org.tutti.musig.keys;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// Rule 17 of docs/signing-safety.md: no byte array that a secret was in still has it after its
/// use, looked for in a dump of the heap.
class NoCopiesTest {
    private static final byte MASK = 0x5a;
    private static final DerivationPath HARDENED =
            DerivationPath.of(DerivationPath.HARDENED + 3, 1);

    @TempDir Path folder;

    /// The secrets to look for, masked: this table must not be what is found.
    private final Map<String, byte[]> secrets = new LinkedHashMap<>();

    private void lookFor(String name, SecretKey key) {
        byte[] secret = key.export();
        byte[] masked = secret.clone();
        for (int i = 0; i < masked.length; i++) {
            masked[i] ^= MASK;
        }
        Arrays.fill(secret, (byte) 0);
        secrets.put(name, masked);
    }

    private static boolean has(ByteBuffer array, byte[] masked) {
        for (int from = 0; from <= array.limit() - masked.length; from++) {
            int i = 0;
            while (i < masked.length && (array.get(from + i) ^ MASK) == masked[i]) {
                i++;
            }
            if (i == masked.length) {
                return true;
            }
        }
        return false;
    }

    private List<String> found() {
        List<String> found = new ArrayList<>();
        HeapDump.forEachByteArray(
                folder,
                array ->
                        secrets.forEach((name, masked) -> {
                            if (has(array, masked)) {
                                found.add(name + " in " + array.limit() + " bytes");
                            }
                        }));
        return found;
    }

    @Test
    void aCopyThatWasForgottenIsFound() {
        try (SecretKey key = SecretKey.generate(new SecureRandom())) {
            lookFor("key", key);
            assertThat(found()).isEmpty();
            byte[] forgotten = key.export();
            assertThat(found()).containsExactly("key in 32 bytes");
            Arrays.fill(forgotten, (byte) 0);
            assertThat(found()).isEmpty();
        }
    }

    @Test
    void derivingParsingAndExportingLeaveNoCopy() throws KeyException {
        byte[] seed = "a seed of the test's own".getBytes(StandardCharsets.UTF_8);
        ExtendedKeyVersions versions = ExtendedKeyVersions.MAINNET;
        try (ExtendedPrivateKey master = ExtendedPrivateKey.fromSeed(seed, versions);
                ExtendedPrivateKey child = master.derive(HARDENED);
                ExtendedPrivateKey read = ExtendedPrivateKey.parse(child.exportText());
                SecretKey sum = read.secretKey().plus(Arrays.copyOf(seed, 32))) {
            lookFor("master", master.secretKey());
            lookFor("child", child.secretKey());
            lookFor("sum", sum);
            // What HMAC gave, which is the child once the master is known.
            ExtendedPrivateKey parent =
                    master.derive(DerivationPath.of(DerivationPath.HARDENED + 3));
            lookFor("tweak", difference(child, parent));
        }
        assertThat(found()).isEmpty();
    }

    /// child - parent, as a key.
    private static SecretKey difference(ExtendedPrivateKey child, ExtendedPrivateKey parent)
            throws KeyException {
        try (parent) {
            BigInteger order =
                    new BigInteger(
                            "fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141", 16);
            byte[] one = child.secretKey().export();
            byte[] other = parent.secretKey().export();
            byte[] result =
                    new BigInteger(1, one)
                            .subtract(new BigInteger(1, other))
                            .mod(order)
                            .toByteArray();
            byte[] fixed = new byte[32];
            int length = Math.min(32, result.length);
            System.arraycopy(result, result.length - length, fixed, 32 - length, length);
            SecretKey key = SecretKey.of(fixed);
            for (byte[] used : List.of(one, other, result, fixed)) {
                Arrays.fill(used, (byte) 0);
            }
            return key;
        }
    }
}
