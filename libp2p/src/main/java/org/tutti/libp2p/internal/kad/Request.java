package org.tutti.libp2p.internal.kad;

import org.tutti.base.Bytes;

import java.util.List;

/// What one peer asks of another (kad-dht, RPC messages).
public sealed interface Request {
    /// The longest key of any request: go-libp2p refuses keys of providers above 80 bytes, and no
    /// key in use is longer.
    int MAX_KEY = 80;

    /// What the request is about.
    Bytes key();

    /// Which peers are nearest to the key, for a peer its raw id.
    record FindNode(Bytes key) implements Request {}

    /// What is under the key, and which peers are nearest to it.
    record GetValue(Bytes key) implements Request {}

    /// Keep this value.
    record PutValue(Value value) implements Request {
        @Override
        public Bytes key() {
            return value.key();
        }
    }

    /// Note that these peers provide the key; only an entry for the sender counts. Has no response.
    record AddProvider(Bytes key, List<Contact> providers) implements Request {
        public AddProvider {
            providers = List.copyOf(providers);
        }
    }

    /// Who provides the key, and which peers are nearest to it.
    record GetProviders(Bytes key) implements Request {}

    /// Answer with a `PING`.
    record Ping(Bytes key) implements Request {}
}
