package org.tutti.libp2p.internal.kad;

import org.tutti.base.Bytes;
import org.tutti.libp2p.identity.PeerId;

import java.util.List;
import java.util.Optional;

/// Keeps nothing.
enum NoRecords implements LocalRecords {
    INSTANCE;

    @Override
    public Optional<Value> value(Bytes key, Now now) {
        return Optional.empty();
    }

    @Override
    public Verdict put(PeerId from, Value value, Now now) {
        return Verdict.UNKNOWN_NAMESPACE;
    }

    @Override
    public boolean isValid(Bytes key, Bytes value, Now now) {
        return false;
    }

    @Override
    public boolean isBetter(Bytes key, Bytes candidate, Bytes than) {
        return false;
    }

    @Override
    public List<Contact> providers(Bytes key, Now now) {
        return List.of();
    }

    @Override
    public boolean addProvider(Bytes key, Contact provider, Now now) {
        return false;
    }
}
