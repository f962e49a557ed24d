package org.tutti.coordinator.service;

import org.tutti.base.Bytes;
import org.tutti.coordinator.advert.AdvertLimits;
import org.tutti.coordinator.advert.FoundSigner;
import org.tutti.coordinator.advert.SearchResult;
import org.tutti.coordinator.advert.SearchResult.End;
import org.tutti.coordinator.advert.SignerFilter;
import org.tutti.coordinator.advert.Via;
import org.tutti.coordinator.internal.wire.Answer;
import org.tutti.coordinator.internal.wire.Question;
import org.tutti.coordinator.message.Advert;
import org.tutti.coordinator.message.MessageException;
import org.tutti.coordinator.message.TransactionType;
import org.tutti.libp2p.identity.PeerId;
import org.tutti.libp2p.kad.TopicResult;
import org.tutti.musig.keys.PublicKey;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/// One search: what is known, connected peers and the DHT at once.
final class SignerSearch {
    private static final int MAX_WAITING = 256;

    private final SignerFilter filter;
    private final Adverts adverts;
    private final AdvertDirectory directory;
    private final Exchanges exchanges;
    private final Tasks tasks;
    private final AdvertLimits limits;

    /// What waits for whoever asked: those who look wait while it is full, so that a listing of ten
    /// thousand adverts is never in memory at once.
    private final BlockingQueue<Step> steps = new ArrayBlockingQueue<>(MAX_WAITING);

    private final Map<TransactionType, TopicResult.Listed> listings = new ConcurrentHashMap<>();

    /// What those who look tell the one who asked.
    private sealed interface Step {
        record Found(FoundSigner signer) implements Step {}

        record Done() implements Step {}
    }

    SignerSearch(
            SignerFilter filter,
            Adverts adverts,
            AdvertDirectory directory,
            Exchanges exchanges,
            Tasks tasks,
            AdvertLimits limits) {
        this.filter = filter;
        this.adverts = adverts;
        this.directory = directory;
        this.exchanges = exchanges;
        this.tasks = tasks;
        this.limits = limits;
    }

    SearchResult run(Duration time, Consumer<? super FoundSigner> taker)
            throws InterruptedException {
        long deadline = System.nanoTime() + time.toNanos();
        List<FoundSigner> known = adverts.all();
        List<Thread> looking = start();
        try {
            return collect(known, looking.size(), deadline, taker);
        } finally {
            looking.forEach(Thread::interrupt);
        }
    }

    private List<Thread> start() {
        List<Thread> looking = new ArrayList<>();
        adverts.peers().stream()
                .limit(limits.peersAsked())
                .forEach(peer -> looking.add(look("find-direct", () -> ask(peer))));
        Set<TransactionType> types =
                filter.types().isEmpty() ? EnumSet.allOf(TransactionType.class) : filter.types();
        types.forEach(type -> looking.add(look("find-dht", () -> list(type))));
        return looking;
    }

    private Thread look(String name, Tasks.Task task) {
        return tasks.start(
                name,
                () -> {
                    try {
                        task.run();
                    } finally {
                        put(new Step.Done());
                    }
                });
    }

    private SearchResult collect(
            List<FoundSigner> known,
            int looking,
            long deadline,
            Consumer<? super FoundSigner> taker)
            throws InterruptedException {
        Set<PublicKey> told = new HashSet<>();
        for (FoundSigner signer : known) {
            tell(cached(signer), told, taker);
        }
        int left = looking;
        while (left > 0 && told.size() < filter.maxResults()) {
            Step step = steps.poll(deadline - System.nanoTime(), TimeUnit.NANOSECONDS);
            if (step == null) {
                return new SearchResult(told.size(), End.TIME, listings);
            }
            switch (step) {
                case Step.Found(FoundSigner signer) -> tell(signer, told, taker);
                case Step.Done() -> left--;
            }
        }
        End end = told.size() < filter.maxResults() ? End.COMPLETE : End.RESULTS;
        return new SearchResult(told.size(), end, listings);
    }

    private static FoundSigner cached(FoundSigner signer) {
        return new FoundSigner(signer.advert(), Via.CACHE, signer.verified(), signer.reputation());
    }

    private void found(Advert advert, Via via) {
        put(new Step.Found(adverts.found(advert, via)));
    }

    private void put(Step step) {
        // Whoever ends because this node is closed still says so.
        if (steps.offer(step)) {
            return;
        }
        try {
            steps.put(step);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt(); // The search is over: nobody waits for it.
        }
    }

    private void tell(
            FoundSigner signer, Set<PublicKey> told, Consumer<? super FoundSigner> taker) {
        PublicKey key = signer.advert().header().key();
        if (told.size() < filter.maxResults() && filter.matches(signer) && told.add(key)) {
            taker.accept(signer);
        }
    }

    private void list(TransactionType type) throws InterruptedException {
        directory
                .list(type, SignerFilter.MAX_RESULTS, advert -> found(advert, Via.DHT))
                .ifPresent(listed -> listings.put(type, listed));
    }

    private void ask(PeerId peer) {
        Optional<PublicKey> after = Optional.empty();
        try {
            for (int page = 0; page < limits.pagesAsked(); page++) {
                Answer answer = exchanges.ask(peer, new Question.Find(filter.types(), after));
                if (!(answer instanceof Answer.Found(List<Bytes> envelopes, boolean more))) {
                    return;
                }
                Optional<PublicKey> last = take(peer, envelopes);
                boolean higher =
                        last.isPresent()
                                && (after.isEmpty() || last.get().compareTo(after.get()) > 0);
                if (!more || !higher) {
                    return; // Whoever says that there is more, without going on, is left alone.
                }
                after = last;
            }
        } catch (IOException e) {
            // It has left, or does not speak of adverts.
        }
    }

    /// @return the key of the last
    private Optional<PublicKey> take(PeerId peer, List<Bytes> envelopes) {
        PublicKey[] last = new PublicKey[1];
        for (Bytes envelope : envelopes) {
            try {
                adverts.take(
                                envelope,
                                peer,
                                Via.DIRECT,
                                one -> {
                                    last[0] = one.header().key();
                                    return one instanceof Advert;
                                })
                        .advert()
                        .ifPresent(one -> found(one, Via.DIRECT));
            } catch (MessageException e) {
                if (e.isHostile()) {
                    return Optional.empty();
                }
            }
        }
        return Optional.ofNullable(last[0]);
    }
}
