package org.tutti.coordinator.inbox;

import org.tutti.base.Bytes;
import org.tutti.musig.keys.PublicKey;
import org.tutti.musig.schnorr.TaggedHash;

import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.List;

/// Where the DHT says who has something for a recipient: another place each day, so that nobody can
/// own it for long, and what is not renewed is gone.
public final class InboxPlace {
    private static final long DAY_MILLIS = 86_400_000;

    /// Multihash of SHA2-256: the digest is the place.
    private static final Bytes SHA2_256 = Bytes.fromHex("1220");

    private InboxPlace() {}

    /// The days since 1970 of a time.
    public static long day(Instant time) {
        return Math.floorDiv(time.toEpochMilli(), DAY_MILLIS);
    }

    /// The provider key of one day: a multihash.
    public static Bytes of(Bytes network, PublicKey recipient, long day) {
        Bytes number = Bytes.wrap(ByteBuffer.allocate(8).putLong(day).array());
        return Bytes.concat(
                SHA2_256,
                TaggedHash.of("tutti/coordinator/inbox", network, recipient.bytes(), number));
    }

    /// Where a recipient looks: holders renew within a day, and clocks differ.
    public static List<Bytes> read(Bytes network, PublicKey recipient, Instant now) {
        long today = day(now);
        return List.of(
                of(network, recipient, today),
                of(network, recipient, today - 1),
                of(network, recipient, today + 1));
    }
}
