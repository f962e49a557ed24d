package org.tutti.coordinator.service;

import org.jspecify.annotations.Nullable;
import org.tutti.base.Bytes;
import org.tutti.libp2p.identity.PeerId;
import org.tutti.libp2p.pubsub.PublishResult;
import org.tutti.libp2p.pubsub.Pubsub;
import org.tutti.libp2p.pubsub.ReceivedMessage;
import org.tutti.libp2p.pubsub.Subscription;
import org.tutti.libp2p.pubsub.Validator;

import java.time.Duration;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/// Keeps the validators that it is given; carries nothing.
final class CapturedPubsub implements Pubsub {
    private final Map<String, Validator> validators = new ConcurrentHashMap<>();

    Validator validator(String topic) {
        return Objects.requireNonNull(validators.get(topic));
    }

    @Override
    public Subscription subscribe(String topic) {
        return new Subscription() {
            @Override
            public String topic() {
                return topic;
            }

            @Override
            public @Nullable ReceivedMessage take() {
                return null;
            }

            @Override
            public @Nullable ReceivedMessage poll(Duration timeout) {
                return null;
            }

            @Override
            public long dropped() {
                return 0;
            }

            @Override
            public void close() {
                // Nothing is open.
            }
        };
    }

    @Override
    public PublishResult publish(String topic, Bytes data) {
        return new PublishResult(Bytes.EMPTY, 0, 0);
    }

    @Override
    public void validator(String topic, Validator validator) {
        validators.put(topic, validator);
    }

    @Override
    public Set<PeerId> peers(String topic) {
        return Set.of();
    }
}
