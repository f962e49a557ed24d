package org.tutti.coordinator.service;

import org.jspecify.annotations.Nullable;
import org.tutti.base.Bytes;
import org.tutti.coordinator.approval.Judgement;
import org.tutti.coordinator.event.Channel;
import org.tutti.coordinator.inbox.SealedDelivery;
import org.tutti.coordinator.internal.engine.CoordinatorEngine;
import org.tutti.coordinator.internal.engine.EngineOutput;
import org.tutti.coordinator.internal.wire.Answer;
import org.tutti.coordinator.internal.wire.ExchangeCodec;
import org.tutti.coordinator.internal.wire.Question;
import org.tutti.coordinator.internal.wire.StatementSigner;
import org.tutti.coordinator.message.Contact;
import org.tutti.coordinator.message.Invitation;
import org.tutti.coordinator.message.MessageException;
import org.tutti.coordinator.message.MessageException.Code;
import org.tutti.coordinator.message.ReceiptCode;
import org.tutti.coordinator.message.RequestId;
import org.tutti.coordinator.message.Statement;
import org.tutti.coordinator.store.LogEntry;
import org.tutti.libp2p.identity.PeerId;
import org.tutti.musig.keys.PublicKey;

import java.io.IOException;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.function.Supplier;

/// Questions and answers with other peers: what is read is verified on the thread that it came on,
/// and reaches the loop as values.
final class Exchanges implements AutoCloseable {
    private final CoordinatorProtocol protocol;
    private final Loop loop;
    private final Verifier verifier;
    private final Judges judges;
    private final Function<RequestId, Optional<Invitation>> open;
    private final Tasks tasks;
    private final CoordinatorSettings settings;
    private final Supplier<Bytes> greeting;
    private final GroupAnswers groups;
    private final Bytes network;
    private final Map<PeerId, Outbox> outboxes = new ConcurrentHashMap<>();

    /// What one exchange delivers, unless one delivery alone is longer.
    private static final int BATCH_BYTES = 512 << 10;

    /// What an entry of an inbox takes beside what it seals.
    private static final int ENTRY_OVERHEAD = 256;

    private final InboxQueries inboxes = new InboxQueries(System::nanoTime);

    /// Answers what is asked about groups.
    interface GroupAnswers {
        Answer.Group answer(PeerId peer, Question.Group question)
                throws MessageException, InterruptedException;
    }

    Exchanges(
            CoordinatorProtocol protocol,
            Loop loop,
            Verifier verifier,
            Judges judges,
            Function<RequestId, Optional<Invitation>> open,
            Tasks tasks,
            CoordinatorSettings settings,
            Supplier<Bytes> greeting,
            GroupAnswers groups,
            Bytes network) {
        this.groups = groups;
        this.protocol = protocol;
        this.loop = loop;
        this.verifier = verifier;
        this.judges = judges;
        this.open = open;
        this.tasks = tasks;
        this.settings = settings;
        this.greeting = greeting;
        this.network = network;
    }

    /// Answers what peers say and ask of adverts.
    interface AdvertAnswers {
        Answer taken(PeerId peer, List<Bytes> envelopes) throws IOException;

        Answer asked(PeerId peer, Question.Find find) throws IOException;
    }

    private @Nullable AdvertAnswers adverts; // written before start

    void use(AdvertAnswers value) {
        adverts = value;
    }

    private AdvertAnswers adverts() throws IOException {
        AdvertAnswers answers = adverts;
        if (answers == null) {
            throw new IOException("nobody speaks of adverts here");
        }
        return answers;
    }

    /// Hands over what this node says of its adverts. Whoever is not reached hears it otherwise.
    void push(PeerId peer, Bytes advert) {
        tasks.run(
                "push-advert",
                () -> {
                    try {
                        var _ = ask(peer, new Question.Adverts(List.of(advert)));
                    } catch (IOException e) {
                        // It has left, or has heard too much of adverts.
                    }
                });
    }

    /// @param signers for whom streams are kept, whatever strangers do
    void start(Predicate<PeerId> signers) {
        protocol.use(this::respond, signers);
    }

    @Override
    public void close() {
        protocol.stop();
    }

    // --- asking

    Answer ask(PeerId peer, Question question) throws IOException {
        byte[] answer = protocol.ask(peer, ExchangeCodec.encode(question));
        try {
            return ExchangeCodec.decodeAnswer(answer, settings.messages());
        } catch (MessageException e) {
            verifier.punish(peer, e);
            throw new IOException(peer + " gave no proper answer: " + e.getMessage(), e);
        }
    }

    /// Tells a peer who can be asked through this one, and learns the same of it. A peer that does
    /// not answer may still be asked for other things.
    void greet(PeerId peer, Bytes contact) throws InterruptedException {
        try {
            if (ask(peer, new Question.Greeting(Optional.of(contact)))
                    instanceof Question.Greeting answer) {
                learn(peer, answer);
            }
        } catch (IOException e) {
            // It has left, or speaks it no longer.
        }
    }

    private void learn(PeerId peer, Question.Greeting greeting) throws InterruptedException {
        if (greeting.contact().isEmpty()) {
            return;
        }
        try {
            // A contact of another peer than the one that greets would be hearsay.
            if (verifier.read(greeting.contact().get(), peer) instanceof Contact contact
                    && contact.header().author().equals(peer)) {
                loop.post((e, now) -> e.learn(contact, now));
            }
        } catch (MessageException e) {
            // It was held against the peer.
        }
    }

    /// On the loop's thread: what is sent is taken from the engine now.
    void deliver(CoordinatorEngine engine, EngineOutput.Deliver deliver) {
        Optional<LogEntry.Taken> content =
                deliver.whole() ? engine.content(deliver.request()) : Optional.empty();
        Question.Delivery delivery =
                new Question.Delivery(
                        deliver.request(),
                        content.map(LogEntry.Taken::request),
                        content.map(LogEntry.Taken::psbt).orElse(Bytes.EMPTY),
                        deliver.statements());
        enqueue(deliver.to(), delivery);
    }

    /// What waits for one peer. Guarded by itself.
    private static final class Outbox {
        private final Deque<Question.Delivery> waiting = new ArrayDeque<>();
    }

    /// Deliveries to one peer go one exchange after the other, each with all that waits by then. As
    /// much waits as the engine has requests, because each waits for its receipt.
    private void enqueue(PeerId to, Question.Delivery delivery) {
        boolean[] begin = {false};
        outboxes.compute(
                to,
                (_, outbox) -> {
                    Outbox now = outbox == null ? new Outbox() : outbox;
                    begin[0] = outbox == null;
                    now.waiting.add(delivery);
                    return now;
                });
        if (begin[0]) {
            tasks.run("deliver", () -> drain(to));
        }
    }

    private List<Question.Delivery> takeWaiting(PeerId to) {
        List<Question.Delivery> batch = new ArrayList<>();
        outboxes.computeIfPresent(
                to,
                (_, outbox) -> {
                    int length = 0;
                    while (!outbox.waiting.isEmpty()
                            && batch.size() < ExchangeCodec.MAX_DELIVERIES) {
                        length += outbox.waiting.getFirst().length();
                        if (!batch.isEmpty() && length > BATCH_BYTES) {
                            break;
                        }
                        batch.add(outbox.waiting.removeFirst());
                    }
                    return batch.isEmpty() ? null : outbox;
                });
        return batch;
    }

    private void drain(PeerId to) throws InterruptedException {
        for (List<Question.Delivery> batch = takeWaiting(to);
                !batch.isEmpty();
                batch = takeWaiting(to)) {
            deliver(to, batch);
        }
    }

    private void deliver(PeerId to, List<Question.Delivery> batch) throws InterruptedException {
        List<Receipt> receipts = new ArrayList<>();
        try {
            if (ask(to, new Question.Deliveries(batch))
                            instanceof Answer.Receipts(List<Answer.Receipt> all)
                    && all.size() == batch.size()) {
                for (int i = 0; i < all.size(); i++) {
                    Answer.Receipt receipt = all.get(i);
                    receipts.add(
                            new Receipt(
                                    batch.get(i),
                                    receipt.code(),
                                    open.apply(batch.get(i).id())
                                            .map(request ->
                                                    verifier.readAll(
                                                            receipt.statements(), request, to))
                                            .orElse(List.of())));
                }
            }
        } catch (IOException e) {
            // Told below.
        }
        loop.post((e, now) -> {
            for (Receipt receipt : receipts) {
                e.receipt(
                        to,
                        receipt.delivery().id(),
                        receipt.code(),
                        receipt.delivery().statements(),
                        receipt.statements(),
                        now);
            }
            if (receipts.isEmpty()) {
                batch.forEach(delivery -> e.notDelivered(to, delivery.id(), now));
            }
            return true;
        });
    }

    private record Receipt(
            Question.Delivery delivery, ReceiptCode code, List<Statement> statements) {}

    /// Asks for the transaction of a request that came without.
    void fetch(PeerId from, RequestId id) {
        tasks.run(
                "fetch",
                () -> {
                    Bytes psbt = Bytes.EMPTY;
                    try {
                        if (ask(from, new Question.Fetch(id))
                                instanceof Question.Delivery fetched) {
                            psbt = fetched.psbt();
                        }
                    } catch (IOException e) {
                        // It has left, or does not have it.
                    }
                    Bytes found = psbt;
                    loop.post((e, now) -> {
                        e.fetched(id, found, now);
                        return true;
                    });
                });
    }

    // --- answering

    private byte[] respond(PeerId peer, byte[] question) throws IOException {
        if (verifier.isBanned(peer)) {
            throw new IOException(peer + " has sent too much that is forged");
        }
        try {
            return ExchangeCodec.encode(
                    answer(peer, ExchangeCodec.decodeQuestion(question, settings.messages())));
        } catch (MessageException e) {
            verifier.punish(peer, e);
            throw new IOException(peer + " asked something improper: " + e.getMessage(), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException(e);
        } catch (IllegalStateException e) {
            throw new IOException(e); // Closed.
        }
    }

    private Answer answer(PeerId peer, Question question)
            throws MessageException, InterruptedException, IOException {
        return switch (question) {
            case Question.Greeting greets -> {
                learn(peer, greets);
                yield new Question.Greeting(Optional.of(greeting.get()));
            }
            case Question.Deliveries(List<Question.Delivery> all) ->
                    new Answer.Receipts(take(peer, Channel.DIRECT, all));
            case Question.Fetch(RequestId id) -> {
                Bytes psbt = call((e, now) -> e.psbtFor(peer, id, now));
                yield new Question.Delivery(id, Optional.empty(), psbt, List.of());
            }
            case Question.InboxQuery(PublicKey recipient, Set<RequestId> known) ->
                    inbox(peer, recipient, known);
            case Question.Group group -> groups.answer(peer, group);
            case Question.Adverts(List<Bytes> envelopes) -> adverts().taken(peer, envelopes);
            case Question.Find find -> adverts().asked(peer, find);
        };
    }

    /// Verifies what somebody handed over, and gives it to the loop; on disk when this returns.
    List<Answer.Receipt> take(PeerId from, Channel via, List<Question.Delivery> deliveries)
            throws InterruptedException {
        List<Read> all = new ArrayList<>();
        try {
            for (Question.Delivery delivery : deliveries) {
                all.add(read(from, delivery));
            }
            for (Read read : all) {
                read.judgement = read.early.isEmpty() ? Optional.empty() : read.early.get().quick();
            }
            return call((e, now) -> {
                List<Answer.Receipt> receipts = new ArrayList<>();
                for (Read read : all) {
                    receipts.add(give(e, from, via, read, now));
                }
                return receipts;
            });
        } finally {
            all.forEach(read -> read.early.ifPresent(Judges.Early::close));
        }
    }

    /// A delivery, verified.
    private static final class Read {
        private final Question.Delivery delivery;
        private List<Statement> statements = List.of();
        private Optional<ReceiptCode> refused = Optional.empty();
        private Optional<Invitation> request = Optional.empty();
        private Optional<Judges.Early> early = Optional.empty();
        private Optional<Judgement> judgement = Optional.empty();

        Read(Question.Delivery delivery) {
            this.delivery = delivery;
        }
    }

    private Read read(PeerId from, Question.Delivery delivery) {
        Read read = new Read(delivery);
        Optional<Invitation> known = open.apply(delivery.id());
        try {
            if (known.isEmpty() && delivery.request().isPresent()) {
                Invitation request = invitation(from, delivery);
                read.request = Optional.of(request);
                if (request.psbt().isEmpty() || !delivery.psbt().isEmpty()) {
                    read.early = Optional.of(judges.early(request, delivery.psbt()));
                }
            }
            read.statements =
                    known.or(() -> read.request)
                            .map(request -> verifier.readAll(delivery.statements(), request, from))
                            .orElse(List.of());
        } catch (MessageException e) {
            read.refused =
                    Optional.of(e.code() == Code.EXPIRED ? ReceiptCode.OVER : ReceiptCode.INVALID);
        }
        return read;
    }

    private static Answer.Receipt give(
            CoordinatorEngine engine, PeerId from, Channel via, Read read, Instant now) {
        if (read.refused.isPresent()) {
            return new Answer.Receipt(read.refused.get(), List.of());
        }
        Question.Delivery delivery = read.delivery;
        ReceiptCode code =
                engine.delivered(
                        from,
                        via,
                        delivery.id(),
                        read.request,
                        delivery.psbt(),
                        read.statements,
                        read.judgement,
                        now);
        // What came from an inbox is answered to nobody.
        return new Answer.Receipt(
                code,
                via == Channel.DIRECT
                        ? engine.statementsBeside(from, delivery.id(), delivery.statements(), now)
                        : List.of());
    }

    private Invitation invitation(PeerId from, Question.Delivery delivery) throws MessageException {
        Bytes envelope = delivery.request().orElseThrow();
        if (!(verifier.read(envelope, from) instanceof Invitation request)
                || !request.id().equals(delivery.id())) {
            MessageException e =
                    new MessageException(Code.WRONG_KIND, "not the request that was named");
            verifier.punish(from, e);
            throw e;
        }
        Optional<Invitation.PsbtReference> given =
                delivery.psbt().isEmpty()
                        ? Optional.empty()
                        : Optional.of(StatementSigner.reference(delivery.psbt()));
        if (given.isPresent() && !given.equals(request.psbt())) {
            MessageException e =
                    new MessageException(Code.MALFORMED, "not the transaction that was named");
            verifier.punish(from, e);
            throw e;
        }
        return request;
    }

    /// What is kept for a recipient, encrypted to it: whoever asks in its place learns only that
    /// there is something. Whoever asks too often, or when too many do, is answered later.
    private Answer.Inbox inbox(PeerId peer, PublicKey recipient, Set<RequestId> known)
            throws InterruptedException, IOException {
        if (!inboxes.allow(peer)) {
            throw new IOException(peer + " asks too often what is kept");
        }
        record Kept(RequestId id, LogEntry.Taken content, List<Bytes> statements) {}

        record All(Optional<Bytes> inboxKey, List<Kept> kept) {}

        All all =
                call((e, now) ->
                        new All(
                                e.inboxKey(recipient, now),
                                e.keptFor(recipient, known).stream()
                                        .limit(ExchangeCodec.MAX_ENTRIES)
                                        .flatMap(id ->
                                                e.content(id).stream()
                                                        .map(taken ->
                                                                new Kept(
                                                                        id,
                                                                        taken,
                                                                        e.statements(id))))
                                        .toList()));
        List<SealedDelivery> entries = new ArrayList<>();
        int bytes = 0;
        for (Kept kept : all.inboxKey().isPresent() ? all.kept() : List.<Kept>of()) {
            Bytes delivery =
                    ExchangeCodec.encodeDelivery(
                            new Question.Delivery(
                                    kept.id(),
                                    Optional.of(kept.content().request()),
                                    kept.content().psbt(),
                                    kept.statements()));
            bytes += delivery.length() + ENTRY_OVERHEAD;
            if (bytes > CoordinatorProtocol.MAX_ANSWER) {
                break;
            }
            try {
                entries.add(
                        SealedDelivery.seal(
                                all.inboxKey().get(), network, recipient, kept.id(), delivery));
            } catch (IllegalArgumentException e) {
                break; // The recipient's inbox key is none: it has to be asked directly.
            }
        }
        return new Answer.Inbox(entries);
    }

    private <T> T call(Loop.Step<T> step) throws InterruptedException {
        try {
            return loop.call(step);
        } catch (InterruptedException | RuntimeException e) {
            throw e;
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }
}
