package org.tutti.libp2p.kad.record;

import org.tutti.base.Bytes;
import org.tutti.libp2p.identity.KeyType;
import org.tutti.libp2p.identity.Keys;
import org.tutti.libp2p.identity.PeerId;
import org.tutti.libp2p.identity.PrivateKey;

import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;

/// People whose keys are the same in every run, and their records in one network.
public final class RecordFixtures {
    public static final Instant NOW = Instant.parse("2026-05-01T12:00:00Z");
    public static final long MILLIS = NOW.toEpochMilli();
    public static final Bytes NETWORK = text("a network");
    public static final String NAMESPACE = "adverts";
    public static final Bytes NAME = text("offer");
    public static final PrivateKey ALICE = key(1);
    public static final PrivateKey MALLORY = key(2);

    public static final SignedRecordValidator VALIDATOR =
            new SignedRecordValidator(NETWORK, NAMESPACE);

    private RecordFixtures() {}

    public static Bytes text(String text) {
        return Bytes.wrap(text.getBytes(StandardCharsets.UTF_8));
    }

    /// An Ed25519 key whose 32 secret bytes are all `number`.
    public static PrivateKey key(int number) {
        return Keys.generate(
                KeyType.ED25519,
                new SecureRandom() {
                    private static final long serialVersionUID = 1;

                    @Override
                    public void nextBytes(byte[] bytes) {
                        Arrays.fill(bytes, (byte) number);
                    }
                });
    }

    public static PeerId id(PrivateKey key) {
        return key.publicKey().peerId();
    }

    /// Ids of peers of whom nobody has the key.
    public static PeerId stranger(int number) {
        byte[] bytes = new byte[36];
        java.nio.ByteBuffer.wrap(bytes).putInt(number);
        return PeerId.ofEncodedKey(Bytes.wrap(bytes));
    }

    /// A day long.
    public static SignedRecord record(PrivateKey author, long sequence, String value) {
        return record(author, sequence, Duration.ofHours(24), value);
    }

    public static SignedRecord record(
            PrivateKey author, long sequence, Duration lifetime, String value) {
        return SignedRecord.of(
                NETWORK, NAMESPACE, id(author), NAME, sequence, lifetime, text(value));
    }

    public static SignedRecord tombstone(PrivateKey author, long sequence) {
        return SignedRecord.tombstone(NETWORK, NAMESPACE, id(author), NAME, sequence);
    }

    public static Bytes keyOf(PrivateKey author) {
        return SignedRecord.keyOf(NETWORK, NAMESPACE, id(author), NAME);
    }
}
