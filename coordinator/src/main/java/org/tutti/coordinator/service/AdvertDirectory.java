package org.tutti.coordinator.service;

import org.tutti.base.Bytes;
import org.tutti.coordinator.advert.Via;
import org.tutti.coordinator.message.Advert;
import org.tutti.coordinator.message.MessageException;
import org.tutti.coordinator.message.Statement;
import org.tutti.coordinator.message.TransactionType;
import org.tutti.libp2p.kad.ListLimits;
import org.tutti.libp2p.kad.TopicResult;
import org.tutti.libp2p.kad.Topics;
import org.tutti.libp2p.kad.record.InvalidRecordException;
import org.tutti.libp2p.kad.record.SignedRecord;
import org.tutti.libp2p.kad.record.Topic;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;

/// Adverts in the DHT: an entry of this peer under the topic of each type. The DHT is a hint
/// (SAFETY 19): what it gives is verified by signature, or not used.
final class AdvertDirectory {
    /// The namespace of adverts in the DHT.
    static final String NAMESPACE = "advert";

    private final Optional<Topics> topics;
    private final Bytes network;
    private final Adverts adverts;
    private final Verifier verifier;
    private final Tasks tasks;
    private final CoordinatorSettings settings;

    /// What each topic shall have: an advert, or none. Guarded by itself, with what follows.
    private final Map<TransactionType, Optional<Bytes>> wanted =
            new EnumMap<>(TransactionType.class);

    /// Topics that somebody brings to what is wanted, one after the other: a record with a higher
    /// sequence never has an older advert.
    private final Set<TransactionType> working = EnumSet.noneOf(TransactionType.class);

    AdvertDirectory(
            Optional<Topics> topics,
            Bytes network,
            Adverts adverts,
            Verifier verifier,
            Tasks tasks,
            CoordinatorSettings settings) {
        this.topics = topics;
        this.network = network;
        this.adverts = adverts;
        this.verifier = verifier;
        this.tasks = tasks;
        this.settings = settings;
    }

    private Topic topic(TransactionType type) {
        return new Topic(
                network, NAMESPACE, Bytes.wrap(type.word().getBytes(StandardCharsets.US_ASCII)));
    }

    void publish(Advert advert) {
        topics.ifPresent(to ->
                advert.terms()
                        .types()
                        .forEach(type -> want(to, type, Optional.of(advert.envelope()))));
    }

    void withdraw(Set<TransactionType> types) {
        topics.ifPresent(to -> types.forEach(type -> want(to, type, Optional.empty())));
    }

    private void want(Topics to, TransactionType type, Optional<Bytes> value) {
        synchronized (wanted) {
            wanted.put(type, value);
            if (!working.add(type)) {
                return; // Whoever is at it sees that it wants something else by now.
            }
        }
        tasks.run("publish-advert", () -> bringAbout(to, type));
    }

    /// Until somebody keeps what is wanted; from then on the DHT's driver publishes it again.
    private void bringAbout(Topics to, TransactionType type) throws InterruptedException {
        Duration pause = settings.findFirst();
        while (true) {
            Optional<Bytes> value = wanted(type);
            boolean done = bringAbout(to, type, value);
            synchronized (wanted) {
                if (done && value.equals(wanted.get(type))) {
                    working.remove(type);
                    return;
                }
            }
            if (!done) {
                Thread.sleep(pause);
                Duration doubled = pause.multipliedBy(2);
                pause = doubled.compareTo(settings.findMost()) < 0 ? doubled : settings.findMost();
            }
        }
    }

    private Optional<Bytes> wanted(TransactionType type) {
        synchronized (wanted) {
            return wanted.getOrDefault(type, Optional.empty());
        }
    }

    private boolean bringAbout(Topics to, TransactionType type, Optional<Bytes> value)
            throws InterruptedException {
        try {
            if (value.isPresent()) {
                var _ = to.publish(topic(type), value.get());
            } else {
                var _ = to.withdraw(topic(type));
            }
            return true;
        } catch (IOException e) {
            if (Thread.interrupted()) {
                throw new InterruptedException();
            }
            return false; // Nobody can be asked now.
        } catch (InvalidRecordException e) {
            return true; // The DHT was made without a validator for adverts.
        }
    }

    /// Lists the adverts of a type, each as it is verified, on the calling thread.
    ///
    /// @param found each advert that counts
    /// @return none if nobody could be asked
    Optional<TopicResult.Listed> list(TransactionType type, int entries, Consumer<Advert> found)
            throws InterruptedException {
        if (topics.isEmpty()) {
            return Optional.empty();
        }
        try {
            return Optional.of(
                    topics.get()
                            .list(
                                    topic(type),
                                    ListLimits.entries(entries),
                                    entry -> take(type, entry).ifPresent(found)));
        } catch (IOException e) {
            if (Thread.interrupted()) {
                throw new InterruptedException();
            }
            return Optional.empty();
        } catch (InvalidRecordException e) {
            return Optional.empty(); // The DHT was made without a validator for adverts.
        }
    }

    private Optional<Advert> take(TransactionType type, SignedRecord entry) {
        if (entry.value().isEmpty() || verifier.isBanned(entry.author())) {
            return Optional.empty();
        }
        try {
            return adverts.take(
                            entry.value().get(),
                            entry.author(),
                            Via.DHT,
                            one -> belongs(one, type, entry))
                    .advert();
        } catch (MessageException e) {
            return Optional.empty(); // Whoever wrote the entry has done that.
        }
    }

    /// An author's entry has its own advert.
    private static boolean belongs(Statement statement, TransactionType type, SignedRecord entry) {
        return statement instanceof Advert advert
                && advert.header().author().equals(entry.author())
                && advert.terms().types().contains(type);
    }
}
