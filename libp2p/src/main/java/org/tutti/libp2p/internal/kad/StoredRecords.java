package org.tutti.libp2p.internal.kad;

import org.tutti.base.Bytes;
import org.tutti.libp2p.internal.kad.records.ProviderStore;
import org.tutti.libp2p.internal.kad.records.QuorumRead;
import org.tutti.libp2p.internal.kad.records.SeenSequences;
import org.tutti.libp2p.internal.kad.records.Source;
import org.tutti.libp2p.internal.kad.records.ValueStore;
import org.tutti.libp2p.kad.record.RecordValidators;
import org.tutti.libp2p.kad.record.SeenSequence;

import java.util.List;
import java.util.Optional;

/// Values and providers in memory, within the bounds of their stores.
public final class StoredRecords implements LocalRecords {
    private final RecordValidators validators;
    private final ValueStore values;
    private final ProviderStore providers;
    private final SeenSequences seen = new SeenSequences();

    public StoredRecords(
            RecordValidators validators, ValueStore.Limits values, ProviderStore.Limits providers) {
        this.validators = validators;
        this.values = new ValueStore(validators, values);
        this.providers = new ProviderStore(providers);
    }

    @Override
    public Optional<Bytes> value(Bytes key, Now now) {
        return values.get(key, now.epochMillis());
    }

    @Override
    public Verdict put(Bytes key, Bytes value, Source from, Now now) {
        return switch (values.put(key, value, from, now.epochMillis())) {
            case ValueStore.Put.Stored _ -> Verdict.KEPT;
            case ValueStore.Put.Stale _ -> Verdict.OUTDATED;
            case ValueStore.Put.Full _ -> Verdict.FULL;
            case ValueStore.Put.Invalid invalid ->
                    switch (invalid.why().code()) {
                        case UNKNOWN_NAMESPACE -> Verdict.UNKNOWN_NAMESPACE;
                        case EXPIRED -> Verdict.EXPIRED;
                        case MALFORMED_KEY,
                                TOO_LARGE,
                                MALFORMED,
                                VERSION,
                                NETWORK,
                                NAMESPACE,
                                SIGNATURE,
                                WRONG_KEY,
                                FUTURE ->
                                Verdict.INVALID;
                    };
        };
    }

    @Override
    public QuorumRead read(Bytes key, int quorum) {
        return new QuorumRead(key, validators, quorum, seen);
    }

    @Override
    public List<SeenSequence> seen(Now now) {
        return seen.all(now.epochMillis());
    }

    @Override
    public void remember(List<SeenSequence> before, Now now) {
        seen.remember(before, now.epochMillis());
    }

    @Override
    public List<Bytes> dueForReplication(Now now, int most) {
        return values.dueForReplication(now.epochMillis(), most);
    }

    @Override
    public boolean hasValues() {
        return values.size() > 0;
    }

    @Override
    public List<Contact> providers(Bytes key, Now now) {
        return providers.providers(key, now.epochMillis()).stream()
                .map(p -> Contact.of(p.peer(), p.addresses()))
                .toList();
    }

    @Override
    public boolean addProvider(Bytes key, Contact provider, Source from, Now now) {
        return switch (providers.add(
                key, provider.peer(), provider.addresses(), from, now.epochMillis())) {
            case STORED -> true;
            case BAD_KEY, NOT_THE_SENDER, NO_ADDRESS, FULL -> false;
        };
    }
}
