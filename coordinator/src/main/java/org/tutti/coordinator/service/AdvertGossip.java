package org.tutti.coordinator.service;

import org.tutti.base.Bytes;
import org.tutti.coordinator.advert.Via;
import org.tutti.coordinator.message.Advert;
import org.tutti.coordinator.message.MessageException;
import org.tutti.coordinator.message.Retirement;
import org.tutti.coordinator.message.Statement;
import org.tutti.coordinator.message.TransactionType;
import org.tutti.libp2p.identity.PeerId;
import org.tutti.libp2p.pubsub.Message;
import org.tutti.libp2p.pubsub.Pubsub;
import org.tutti.libp2p.pubsub.Subscription;
import org.tutti.libp2p.pubsub.ValidationResult;
import org.tutti.musig.schnorr.TaggedHash;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Collection;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// Adverts by gossip: a topic for each type of transaction. A message is taken when it is
/// validated, so that it is verified once.
final class AdvertGossip implements AutoCloseable {
    private final Optional<Pubsub> pubsub;
    private final Bytes network;
    private final Adverts adverts;
    private final Verifier verifier;
    private final Tasks tasks;
    private final CoordinatorSettings settings;

    /// Guarded by itself.
    private final Map<TransactionType, Subscription> subscriptions =
            new EnumMap<>(TransactionType.class);

    AdvertGossip(
            Optional<Pubsub> pubsub,
            Bytes network,
            Adverts adverts,
            Verifier verifier,
            Tasks tasks,
            CoordinatorSettings settings) {
        this.pubsub = pubsub;
        this.network = network;
        this.adverts = adverts;
        this.verifier = verifier;
        this.tasks = tasks;
        this.settings = settings;
    }

    static String topic(Bytes network, TransactionType type) {
        return "/tutti/adverts/1/" + network.toHex() + "/" + type.word();
    }

    void subscribe(Collection<TransactionType> types) {
        if (pubsub.isEmpty()) {
            return;
        }
        synchronized (subscriptions) {
            for (TransactionType type : types) {
                if (!subscriptions.containsKey(type)) {
                    subscriptions.put(type, subscribed(pubsub.get(), type));
                }
            }
        }
    }

    private Subscription subscribed(Pubsub to, TransactionType type) {
        String topic = topic(network, type);
        to.validator(topic, (message, forwarder) -> validate(type, message, forwarder));
        Subscription subscription = to.subscribe(topic);
        tasks.run(
                "adverts-" + type.word(),
                () -> {
                    while (subscription.take() != null) {
                        // It was taken when it was validated.
                    }
                });
        return subscription;
    }

    void unsubscribe(Collection<TransactionType> types) {
        synchronized (subscriptions) {
            for (TransactionType type : types) {
                Subscription subscription = subscriptions.remove(type);
                if (subscription != null) {
                    subscription.close();
                }
            }
        }
    }

    Set<TransactionType> subscribed() {
        synchronized (subscriptions) {
            EnumSet<TransactionType> types = EnumSet.noneOf(TransactionType.class);
            types.addAll(subscriptions.keySet());
            return types;
        }
    }

    /// Each type's topic gets it; it counts once. Where nobody hears it, as just after the start,
    /// it is said again until somebody does, or this node says something else.
    void publish(Bytes envelope, Collection<TransactionType> types) {
        pubsub.ifPresent(to -> {
            for (TransactionType type : types) {
                tasks.run("publish-advert", () -> publish(to, topic(network, type), envelope));
            }
        });
    }

    private void publish(Pubsub to, String topic, Bytes envelope) throws InterruptedException {
        Duration pause = settings.findFirst();
        while (to.publish(topic, envelope).sent() == 0) {
            Thread.sleep(pause);
            if (!adverts.isLast(envelope)) {
                return;
            }
            Duration doubled = pause.multipliedBy(2);
            pause = doubled.compareTo(settings.findMost()) < 0 ? doubled : settings.findMost();
        }
    }

    /// Nobody is punished for what comes twice, too often, too late, or has expired on its way.
    private ValidationResult validate(TransactionType type, Message message, PeerId forwarder) {
        if (verifier.isBanned(forwarder) || !adverts.rates().allowForwarder(forwarder)) {
            return ValidationResult.IGNORE;
        }
        Bytes envelope = message.data();
        try {
            Adverts.Result result =
                    adverts.take(envelope, forwarder, Via.GOSSIP, one -> belongs(one, type));
            return switch (result.outcome()) {
                case NEW, KNOWN ->
                        isFirst(type, envelope) ? ValidationResult.ACCEPT : ValidationResult.IGNORE;
                case NOT_TAKEN, TOO_OFTEN -> ValidationResult.IGNORE;
            };
        } catch (MessageException e) {
            return e.isHostile() ? ValidationResult.REJECT : ValidationResult.IGNORE;
        }
    }

    private static boolean belongs(Statement statement, TransactionType type) {
        return statement instanceof Retirement
                || (statement instanceof Advert advert && advert.terms().types().contains(type));
    }

    private boolean isFirst(TransactionType type, Bytes envelope) {
        Bytes word = Bytes.wrap(type.word().getBytes(StandardCharsets.US_ASCII));
        return adverts.rates().isFirst(TaggedHash.of("tutti/advert-passed", word, envelope));
    }

    @Override
    public void close() {
        unsubscribe(EnumSet.allOf(TransactionType.class));
    }
}
