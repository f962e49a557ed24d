package org.tutti.libp2p.kad.record;

import org.jspecify.annotations.Nullable;
import org.tutti.base.Bytes;
import org.tutti.libp2p.kad.record.InvalidRecordException.Code;

import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/// Signed records of one namespace in one network (`docs/protocol.md`, "Signed record"). Several
/// namespaces have several of these.
public final class SignedRecordValidator implements RecordValidator {
    private final Bytes network;
    private final String namespace;

    /// @param network 1 to 64 bytes
    /// @param namespace 1 to 32 of `a`–`z`, `0`–`9`, `-`
    public SignedRecordValidator(Bytes network, String namespace) {
        if (network.isEmpty() || network.length() > SignedRecord.MAX_NETWORK) {
            throw new IllegalArgumentException("network of " + network.length() + " bytes");
        }
        this.network = network;
        this.namespace = RecordValidators.requireNamespace(namespace);
    }

    @Override
    public String namespace() {
        return namespace;
    }

    @Override
    public ValidRecord validate(Bytes key, Bytes value, Instant now) throws InvalidRecordException {
        SignedRecord record = open(key, value, now);
        return new ValidRecord(
                record.expires(),
                record.rememberedUntil(),
                Optional.of(record.author()),
                OptionalLong.of(record.sequence()));
    }

    /// The record under `key`, after every check.
    ///
    /// @throws InvalidRecordException if the value does not belong under this key at this time
    public SignedRecord open(Bytes key, Bytes value, Instant now) throws InvalidRecordException {
        SignedRecord.Sealed sealed = SignedRecord.read(value);
        SignedRecord record = sealed.record();
        requireRightPlace(record, key);
        requireRightTime(record, now);
        // Last, because it costs most: what has no business here is refused before.
        sealed.verify();
        return record;
    }

    private void requireRightPlace(SignedRecord record, Bytes key) throws InvalidRecordException {
        if (!record.network().equals(network)) {
            throw new InvalidRecordException(Code.NETWORK, "record of another network");
        }
        if (!record.namespace().equals(namespace)) {
            throw new InvalidRecordException(
                    Code.NAMESPACE,
                    "record of the namespace " + record.namespace() + ", not " + namespace);
        }
        if (!record.key().equals(key)) {
            throw new InvalidRecordException(
                    Code.WRONG_KEY, "record of " + record.author() + " under another key");
        }
    }

    private static void requireRightTime(SignedRecord record, Instant now)
            throws InvalidRecordException {
        Instant made = Instant.ofEpochMilli(record.sequence());
        if (made.isAfter(now.plus(SignedRecord.MAX_CLOCK_SKEW))) {
            throw new InvalidRecordException(
                    Code.FUTURE, "record of " + record.author() + " was made at " + made);
        }
        if (!record.expires().isAfter(now)) {
            throw new InvalidRecordException(
                    Code.EXPIRED,
                    "record of " + record.author() + " expired at " + record.expires());
        }
    }

    @Override
    public int select(Bytes key, List<Bytes> values) throws InvalidRecordException {
        int best = -1;
        @Nullable SignedRecord bestRecord = null;
        @Nullable InvalidRecordException refused = null;
        for (int i = 0; i < values.size(); i++) {
            try {
                SignedRecord record = SignedRecord.read(values.get(i)).record();
                if (bestRecord == null
                        || compare(record, values.get(i), bestRecord, values.get(best)) > 0) {
                    best = i;
                    bestRecord = record;
                }
            } catch (InvalidRecordException e) {
                refused = e;
            }
        }
        if (refused != null && best < 0) {
            throw refused;
        }
        if (best < 0) {
            throw new IllegalArgumentException("nothing to select from");
        }
        return best;
    }

    /// The bytes decide at last, so that all replicas of what an author signed twice agree.
    private static int compare(
            SignedRecord one, Bytes value, SignedRecord other, Bytes otherValue) {
        int bySequence = Long.compare(one.sequence(), other.sequence());
        if (bySequence != 0) {
            return bySequence;
        }
        int byTombstone = Boolean.compare(one.isTombstone(), other.isTombstone());
        return byTombstone != 0 ? byTombstone : value.compareTo(otherValue);
    }
}
