package org.tutti.coordinator.service;

import org.jspecify.annotations.Nullable;
import org.tutti.base.BoundedMap;
import org.tutti.base.Bytes;
import org.tutti.coordinator.event.Channel;
import org.tutti.coordinator.message.Invitation;
import org.tutti.coordinator.message.MessageException;
import org.tutti.coordinator.message.Statement;
import org.tutti.libp2p.identity.PeerId;
import org.tutti.libp2p.pubsub.Message;
import org.tutti.libp2p.pubsub.Pubsub;
import org.tutti.libp2p.pubsub.ReceivedMessage;
import org.tutti.libp2p.pubsub.Subscription;
import org.tutti.libp2p.pubsub.ValidationResult;
import org.tutti.musig.keys.PublicKey;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;

/// Requests by gossip, without their transactions: whom they name asks the requester for those.
final class Gossip implements AutoCloseable {
    /// Keys whose requests are counted.
    private static final int MAX_KEYS = 65_536;

    private final Optional<Pubsub> pubsub;
    private final String topic;
    private final Loop loop;
    private final Verifier verifier;
    private final Tasks tasks;
    private final InstantSource clock;
    private final CoordinatorSettings settings;
    private final BoundedMap<PublicKey, Allowance> allowances = new BoundedMap<>(MAX_KEYS);
    private @Nullable Subscription subscription; // written by start

    /// How often a key may be carried.
    private static final class Allowance {
        private double left;
        private Instant at;

        Allowance(double left, Instant at) {
            this.left = left;
            this.at = at;
        }
    }

    Gossip(
            Optional<Pubsub> pubsub,
            Bytes network,
            Loop loop,
            Verifier verifier,
            Tasks tasks,
            InstantSource clock,
            CoordinatorSettings settings) {
        this.pubsub = pubsub;
        this.topic = "/tutti/requests/1/" + network.toHex();
        this.loop = loop;
        this.verifier = verifier;
        this.tasks = tasks;
        this.clock = clock;
        this.settings = settings;
    }

    void start() {
        if (pubsub.isEmpty()) {
            return;
        }
        pubsub.get().validator(topic, this::validate);
        Subscription subscribed = pubsub.get().subscribe(topic);
        subscription = subscribed;
        tasks.run(
                "coordinator-gossip",
                () -> {
                    for (ReceivedMessage message = subscribed.take();
                            message != null;
                            message = subscribed.take()) {
                        received(message);
                    }
                });
    }

    void publish(Bytes envelope) {
        pubsub.ifPresent(to ->
                tasks.run(
                        "publish-request",
                        () -> {
                            var _ = to.publish(topic, envelope);
                        }));
    }

    /// Nobody is punished for what has expired on its way, or comes too often.
    private ValidationResult validate(Message message, PeerId forwarder) {
        if (verifier.isBanned(forwarder)) {
            return ValidationResult.IGNORE;
        }
        try {
            Statement statement = verifier.read(message.data(), forwarder);
            if (!(statement instanceof Invitation request)) {
                return ValidationResult.REJECT;
            }
            return allow(request.requester()) ? ValidationResult.ACCEPT : ValidationResult.IGNORE;
        } catch (MessageException e) {
            return e.isHostile() ? ValidationResult.REJECT : ValidationResult.IGNORE;
        }
    }

    private boolean allow(PublicKey key) {
        Instant now = clock.instant();
        synchronized (allowances) {
            Allowance allowance = allowances.get(key);
            if (allowance == null) {
                allowance = new Allowance(settings.gossipBurst(), now);
                allowances.put(key, allowance);
            }
            Duration passed = Duration.between(allowance.at, now);
            if (passed.isPositive()) {
                allowance.left =
                        Math.min(
                                settings.gossipBurst(),
                                allowance.left
                                        + (double) passed.toMillis()
                                                / settings.gossipInterval().toMillis());
                allowance.at = now;
            }
            if (allowance.left < 1) {
                return false;
            }
            allowance.left--;
            return true;
        }
    }

    private void received(ReceivedMessage message) throws InterruptedException {
        try {
            if (verifier.read(message.message().data(), message.via())
                    instanceof Invitation request) {
                // Its author has the transaction; who passed it on need not.
                PeerId author = request.header().author();
                loop.post((e, now) ->
                        e.delivered(
                                author,
                                Channel.GOSSIP,
                                request.id(),
                                Optional.of(request),
                                Bytes.EMPTY,
                                List.of(),
                                Optional.empty(),
                                now));
            }
        } catch (MessageException e) {
            // It has expired since it was validated.
        }
    }

    @Override
    public void close() {
        Subscription subscribed = subscription;
        if (subscribed != null) {
            subscribed.close();
        }
    }
}
