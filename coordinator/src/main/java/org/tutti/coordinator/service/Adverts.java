package org.tutti.coordinator.service;

import org.jspecify.annotations.Nullable;
import org.tutti.base.Bytes;
import org.tutti.coordinator.advert.AdvertEvent;
import org.tutti.coordinator.advert.AdvertLimits;
import org.tutti.coordinator.advert.FoundSigner;
import org.tutti.coordinator.advert.Via;
import org.tutti.coordinator.event.CoordinatorException;
import org.tutti.coordinator.event.CoordinatorException.Code;
import org.tutti.coordinator.internal.advert.AdvertBook;
import org.tutti.coordinator.internal.wire.Answer;
import org.tutti.coordinator.internal.wire.ExchangeCodec;
import org.tutti.coordinator.internal.wire.Question;
import org.tutti.coordinator.internal.wire.StatementReader;
import org.tutti.coordinator.internal.wire.StatementSigner;
import org.tutti.coordinator.message.Advert;
import org.tutti.coordinator.message.AdvertDraft;
import org.tutti.coordinator.message.Contact;
import org.tutti.coordinator.message.MessageException;
import org.tutti.coordinator.message.Retirement;
import org.tutti.coordinator.message.Statement;
import org.tutti.coordinator.message.TransactionType;
import org.tutti.libp2p.host.Host;
import org.tutti.libp2p.identity.PeerId;
import org.tutti.libp2p.kad.record.SignedRecord;
import org.tutti.musig.keys.PublicKey;

import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.LongSupplier;
import java.util.function.Predicate;
import java.util.function.Supplier;

/// This node's advert and those of others: the one place that all channels bring them to.
///
/// Threads: whatever thread a statement arrives on verifies it, and holds the lock only for the
/// book, events and [Channels], none of which waits.
final class Adverts implements Exchanges.AdvertAnswers {
    private static final System.Logger LOG = System.getLogger(Adverts.class.getName());

    /// Where everything comes from that the DHT names.
    private static final String DHT_ORIGIN = "dht";

    private static final int MAX_CONTACTS = 4_096;

    /// How long a change of addresses waits at least, since the last advert.
    private static final Duration RENEW_AT_MOST = Duration.ofMinutes(1);

    private final StatementSigner signer;
    private final StatementReader reader;
    private final Verifier verifier;
    private final Host host;
    private final InstantSource clock;
    private final AdvertLimits limits;
    private final Supplier<Contact> contact;
    private final Function<PublicKey, OptionalInt> reputation;
    private final Consumer<AdvertEvent> events;
    private final Consumer<Advert> learnt;
    private final AdvertRates rates;

    /// Guards what follows.
    private final Object lock = new Object();

    private final AdvertBook book;
    private final Set<PublicKey> contacts = new HashSet<>();
    private @Nullable AdvertDraft draft;
    private @Nullable Advert own;

    /// What takes back this node's adverts, while it counts and there is none.
    private @Nullable Retirement retired;

    private long lastSequence;

    /// Peers that are greeted, and take adverts.
    private final Set<PeerId> peers = new HashSet<>();

    /// Takes this node's adverts to others.
    private final Channels channels;

    /// Ways to others. Each returns at once.
    interface Channels {
        void advertised(Advert advert);

        /// @param types under which it stood
        void retired(Retirement retirement, Set<TransactionType> types);

        void push(PeerId peer, Bytes envelope);
    }

    Adverts(
            CoordinatorBuilder b,
            StatementSigner signer,
            StatementReader reader,
            Verifier verifier,
            Supplier<Contact> contact,
            Consumer<AdvertEvent> events,
            Consumer<Advert> learnt,
            Channels channels,
            LongSupplier nanos) {
        this.signer = signer;
        this.reader = reader;
        this.verifier = verifier;
        this.host = b.host();
        this.clock = b.clock;
        this.limits = b.advertLimits;
        this.contact = contact;
        this.reputation = b.reputation;
        this.events = events;
        this.learnt = learnt;
        this.channels = channels;
        this.rates = new AdvertRates(limits, nanos);
        this.book = new AdvertBook(signer.publicKey(), b.network(), limits, b.vouchers);
    }

    AdvertRates rates() {
        return rates;
    }

    // --- this node's own

    /// Advertises, in place of what was advertised before: what it says of types that are no longer
    /// among it is taken back in their topics.
    Advert advertise(AdvertDraft wanted) throws CoordinatorException {
        synchronized (lock) {
            Advert made = made(wanted);
            Advert before = own;
            draft = wanted;
            own = made;
            retired = null;
            channels.advertised(made);
            push(made.envelope());
            // After what replaces it: whoever hears both in this order only sees it replaced.
            if (before != null) {
                Set<TransactionType> dropped = EnumSet.copyOf(before.terms().types());
                dropped.removeAll(made.terms().types());
                if (!dropped.isEmpty()) {
                    long sequence = before.header().sequence();
                    channels.retired(signer.retire(sequence, sequence), dropped);
                }
            }
            events.accept(new AdvertEvent.SignerAdvertised(clock.instant(), made));
            return made;
        }
    }

    /// As others will read it: whatever they would refuse is refused here.
    private Advert made(AdvertDraft wanted) throws CoordinatorException {
        try {
            Instant now = clock.instant();
            Advert advert = signer.advert(wanted, contact.get(), nextSequence(now));
            if (advert.envelope().length() > SignedRecord.MAX_VALUE) {
                throw new CoordinatorException(
                        Code.INVALID,
                        "the advert has "
                                + advert.envelope().length()
                                + " bytes, and the DHT takes "
                                + SignedRecord.MAX_VALUE);
            }
            var _ = reader.read(advert.envelope(), now);
            return advert;
        } catch (MessageException | IllegalArgumentException e) {
            throw new CoordinatorException(Code.INVALID, String.valueOf(e.getMessage()));
        }
    }

    /// The time, or one more than the last. What a clock said that was far ahead binds nobody.
    private long nextSequence(Instant now) {
        long millis = now.toEpochMilli();
        boolean ahead = lastSequence > now.plus(reader.limits().clockSkew()).toEpochMilli();
        lastSequence = ahead ? millis : Math.max(millis, lastSequence + 1);
        return lastSequence;
    }

    /// Takes back whatever this key has advertised until now, also in an earlier process.
    ///
    /// @return false if nothing was advertised by this one
    boolean withdraw() {
        synchronized (lock) {
            Advert before = own;
            Set<TransactionType> types =
                    before == null
                            ? EnumSet.allOf(TransactionType.class)
                            : EnumSet.copyOf(before.terms().types());
            long sequence = nextSequence(clock.instant());
            Retirement retirement = signer.retire(sequence, sequence);
            retired = retirement;
            own = null;
            draft = null;
            channels.retired(retirement, types);
            push(retirement.envelope());
            events.accept(new AdvertEvent.SignerWithdrawn(clock.instant(), signer.publicKey()));
            return before != null;
        }
    }

    Optional<Advert> own() {
        synchronized (lock) {
            return Optional.ofNullable(own);
        }
    }

    private void push(Bytes envelope) {
        peers.forEach(peer -> channels.push(peer, envelope));
    }

    /// A peer can be asked: it gets what this node says last.
    void greeted(PeerId peer) {
        synchronized (lock) {
            peers.add(peer);
            last().ifPresent(envelope -> channels.push(peer, envelope));
        }
    }

    private Optional<Bytes> last() {
        if (own != null) {
            return Optional.of(own.envelope());
        }
        return Optional.ofNullable(retired)
                .filter(r -> r.header().notAfter().isAfter(clock.instant()))
                .map(Statement::envelope);
    }

    /// Whether it is what this node says last.
    boolean isLast(Bytes envelope) {
        synchronized (lock) {
            return last().filter(envelope::equals).isPresent();
        }
    }

    void disconnected(PeerId peer) {
        synchronized (lock) {
            peers.remove(peer);
            book.disconnected(peer, clock.instant());
            book.takeEvents().forEach(events);
        }
    }

    /// Peers that can be asked.
    List<PeerId> peers() {
        synchronized (lock) {
            return peers.stream().filter(host::isConnected).toList();
        }
    }

    /// What is due: the own advert again, and the end of others.
    void tick() {
        Instant now = clock.instant();
        Optional<AdvertDraft> again;
        synchronized (lock) {
            again = Optional.ofNullable(draft).filter(_ -> isDue(now));
            book.tick(now);
            book.takeEvents().forEach(events);
        }
        if (again.isPresent()) {
            try {
                var _ = advertise(again.get());
            } catch (CoordinatorException e) {
                LOG.log(System.Logger.Level.WARNING, "the advert cannot be renewed", e);
            }
        }
    }

    private boolean isDue(Instant now) {
        Advert advert = own;
        if (advert == null) {
            return false;
        }
        Instant made = advert.header().made();
        Duration half = Duration.between(made, advert.header().notAfter()).dividedBy(2);
        boolean moved = !advert.addresses().equals(contact.get().addresses());
        // A clock that went back makes it due at once: otherwise the advert were long over first.
        return !now.isBefore(made.plus(half))
                || now.isBefore(made.minus(reader.limits().clockSkew()))
                || (moved && !now.isBefore(made.plus(RENEW_AT_MOST)));
    }

    // --- those of others

    /// What became of a statement that somebody brought.
    enum Outcome {
        NEW,
        KNOWN,
        /// Its key has said something newer, or its author has too many.
        NOT_TAKEN,
        /// Its key says too much.
        TOO_OFTEN
    }

    /// What became of it, and the advert if it is known now.
    record Result(Outcome outcome, Optional<Advert> advert) {}

    /// Takes an advert or a retirement, from whoever brings it. Checks cheapest first: what is not
    /// news costs no signature.
    ///
    /// @param wanted whether a statement may come this way
    /// @throws MessageException if it is none, or must not be used
    Result take(Bytes envelope, PeerId from, Via via, Predicate<Statement> wanted)
            throws MessageException {
        Result[] early = {new Result(Outcome.NOT_TAKEN, Optional.empty())};
        Optional<Statement> statement =
                verifier.readIf(
                        envelope,
                        from,
                        one -> {
                            if (!wanted.test(one)) {
                                return true; // Refused below, when it is known who says it.
                            }
                            early[0] = wouldTake(one);
                            return early[0].outcome() == Outcome.NEW;
                        });
        if (statement.isEmpty()) {
            return early[0];
        }
        if (!wanted.test(statement.get())) {
            MessageException e =
                    new MessageException(
                            MessageException.Code.WRONG_KIND, "a statement that has no place here");
            verifier.punish(from, e);
            throw e;
        }
        return take(statement.get(), from, via);
    }

    private Result wouldTake(Statement statement) {
        synchronized (lock) {
            if (statement instanceof Advert advert) {
                return switch (book.wouldTake(advert)) {
                    case DISCOVERED, UPDATED -> new Result(Outcome.NEW, Optional.of(advert));
                    case KNOWN -> new Result(Outcome.KNOWN, Optional.of(advert));
                    case OLD, TOO_MANY -> new Result(Outcome.NOT_TAKEN, Optional.empty());
                };
            }
            Outcome outcome = Outcome.NOT_TAKEN;
            if (statement instanceof Retirement retirement) {
                if (book.wouldTake(retirement)) {
                    outcome = Outcome.NEW;
                } else if (book.has(retirement)) {
                    outcome = Outcome.KNOWN;
                }
            }
            return new Result(outcome, Optional.empty());
        }
    }

    private Result take(Statement statement, PeerId from, Via via) {
        String origin = via == Via.DHT ? DHT_ORIGIN : Origins.of(host, from);
        boolean counted = via == Via.GOSSIP || via == Via.DHT;
        Result result;
        synchronized (lock) {
            Instant now = clock.instant();
            result = wouldTake(statement); // Another thread may have brought it meanwhile.
            if (result.outcome() != Outcome.NEW) {
                return result;
            }
            if (counted && !allow(statement)) {
                return new Result(Outcome.TOO_OFTEN, Optional.empty());
            }
            if (statement instanceof Advert advert) {
                boolean known = contacts.contains(advert.header().key());
                var _ = book.take(advert, via, origin, known, now);
            } else if (statement instanceof Retirement retirement) {
                var _ = book.retire(retirement, origin, now);
            }
            book.takeEvents().forEach(events);
        }
        result.advert().ifPresent(learnt);
        return result;
    }

    private boolean allow(Statement statement) {
        PublicKey key = statement.header().key();
        return statement instanceof Advert ? rates.allowAdvert(key) : rates.allowRetirement(key);
    }

    /// Keys that this node has agreed to sign with: their adverts stay longest.
    void contacts(List<PublicKey> keys) {
        synchronized (lock) {
            if (contacts.size() + keys.size() <= MAX_CONTACTS) {
                contacts.addAll(keys);
            }
        }
    }

    /// The advert of a key, if it counts.
    Optional<Advert> find(PublicKey key) {
        synchronized (lock) {
            return book.get(key, clock.instant()).map(AdvertBook.Known::advert);
        }
    }

    /// An advert that was taken, as a signer that was found: also if there was no room to keep it.
    FoundSigner found(Advert advert, Via via) {
        return found(new AdvertBook.Known(advert, via, book.isVerified(advert, clock.instant())));
    }

    private FoundSigner found(AdvertBook.Known known) {
        return new FoundSigner(
                known.advert(),
                known.via(),
                known.verified(),
                reputation.apply(known.advert().header().key()));
    }

    /// All that are known and count.
    List<FoundSigner> all() {
        List<AdvertBook.Known> known;
        synchronized (lock) {
            known = book.all(clock.instant());
        }
        return known.stream().map(this::found).toList();
    }

    // --- over streams

    /// What a peer hands over: verified, and no token is taken for it.
    @Override
    public Answer taken(PeerId peer, List<Bytes> envelopes) throws IOException {
        requireAllowed(peer, Math.max(1, envelopes.size()));
        for (Bytes envelope : envelopes) {
            if (verifier.isBanned(peer)) {
                break;
            }
            try {
                var _ = take(envelope, peer, Via.DIRECT, Adverts::isOfAdverts);
            } catch (MessageException e) {
                // It was held against the peer, if it was hostile.
            }
        }
        return new Answer.AdvertsTaken();
    }

    static boolean isOfAdverts(Statement statement) {
        return statement instanceof Advert || statement instanceof Retirement;
    }

    /// What a peer asks for; this node's own advert is among it.
    @Override
    public Answer asked(PeerId peer, Question.Find find) throws IOException {
        requireAllowed(peer, ExchangeCodec.MAX_ADVERTS / 4);
        synchronized (lock) {
            AdvertBook.Page page =
                    book.page(
                            find.types(),
                            find.after(),
                            ExchangeCodec.MAX_ADVERTS - 1,
                            clock.instant());
            List<Bytes> envelopes = new ArrayList<>(page.envelopes());
            Advert mine = own;
            if (mine != null
                    && find.after().isEmpty()
                    && (find.types().isEmpty()
                            || mine.terms().types().stream().anyMatch(find.types()::contains))) {
                envelopes.addFirst(mine.envelope());
            }
            return new Answer.Found(envelopes, page.more());
        }
    }

    private void requireAllowed(PeerId peer, int count) throws IOException {
        if (!rates.allowAsked(peer, count)) {
            throw new IOException(peer + " asks too often about adverts");
        }
    }
}
