package org.tutti.libp2p.kad.record;

import org.tutti.base.Bytes;

import java.time.Instant;
import java.util.List;

/// Judges the values of one namespace (libp2p/specs kad-dht/README.md, "Entry validation"; the
/// `Validator` of go-libp2p-record). Pure: the same answer for the same arguments, at once, from
/// any thread. What it is given comes from strangers.
public interface RecordValidator {
    /// How long a replica keeps a value whose namespace says nothing of it (go-libp2p-kad-dht's
    /// `MaxRecordAge`, 48 hours).
    java.time.Duration MAX_AGE = java.time.Duration.ofHours(48);

    /// What is between the first two slashes of its keys, such as `pk`.
    String namespace();

    /// Whether `value` belongs under `key` at this time.
    ///
    /// @param key `/NAMESPACE/…`, of this namespace
    /// @throws InvalidRecordException if it does not
    ValidRecord validate(Bytes key, Bytes value, Instant now) throws InvalidRecordException;

    /// Which value counts most. The decision depends on the values alone, not on their order, so
    /// that all replicas come to have the same.
    ///
    /// @param values valid ones, or such as were valid before they expired; at least one
    /// @return an index in `values`
    /// @throws InvalidRecordException if none of them is a record
    int select(Bytes key, List<Bytes> values) throws InvalidRecordException;
}
