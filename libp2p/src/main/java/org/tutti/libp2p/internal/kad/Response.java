package org.tutti.libp2p.internal.kad;

import java.util.List;
import java.util.Optional;

/// What a peer answers, one case for each request that has an answer.
public sealed interface Response {
    /// Peers that the other side knows nearest to the key, in no order that can be relied on.
    List<Contact> closer();

    /// To `FindNode`.
    record Closer(List<Contact> closer) implements Response {
        public Closer {
            closer = List.copyOf(closer);
        }
    }

    /// To `GetValue`.
    record Found(Optional<Value> value, List<Contact> closer) implements Response {
        public Found {
            closer = List.copyOf(closer);
        }
    }

    /// To `PutValue`: what was kept. go and js take it as stored only if it is what they sent.
    record Stored(Value value) implements Response {
        @Override
        public List<Contact> closer() {
            return List.of();
        }
    }

    /// To `GetProviders`.
    record Providers(List<Contact> providers, List<Contact> closer) implements Response {
        public Providers {
            providers = List.copyOf(providers);
            closer = List.copyOf(closer);
        }
    }

    /// To `Ping`.
    record Pong() implements Response {
        @Override
        public List<Contact> closer() {
            return List.of();
        }
    }
}
