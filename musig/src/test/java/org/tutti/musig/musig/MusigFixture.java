package org.tutti.musig.musig;

import org.tutti.base.Bytes;
import org.tutti.musig.keys.KeyException;
import org.tutti.musig.keys.SecretKey;

import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;

/// A message, keys and randomness shared by the tests of this package.
final class MusigFixture {
    static final Bytes MESSAGE = Bytes.wrap(new byte[32]);

    private MusigFixture() {}

    /// The secret key with this small number.
    static SecretKey key(int number) throws KeyException {
        byte[] scalar = new byte[32];
        scalar[30] = (byte) (number >> 8);
        scalar[31] = (byte) number;
        return SecretKey.of(scalar);
    }

    /// Repeatable, so only for tests.
    static SecureRandom seeded(long seed) {
        try {
            SecureRandom random = SecureRandom.getInstance("SHA1PRNG");
            random.setSeed(seed);
            return random;
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }
}
