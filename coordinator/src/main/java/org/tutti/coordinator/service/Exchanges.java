package org.tutti.coordinator.service;

import org.tutti.base.Bytes;
import org.tutti.coordinator.event.Channel;
import org.tutti.coordinator.inbox.SealedDelivery;
import org.tutti.coordinator.internal.engine.CoordinatorEngine;
import org.tutti.coordinator.internal.engine.EngineOutput;
import org.tutti.coordinator.internal.wire.Answer;
import org.tutti.coordinator.internal.wire.ExchangeCodec;
import org.tutti.coordinator.internal.wire.Question;
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
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;

/// Questions and answers with other peers: what is read is verified on the thread that it came on,
/// and reaches the loop as values.
final class Exchanges implements AutoCloseable {
    private final CoordinatorProtocol protocol;
    private final Loop loop;
    private final Verifier verifier;
    private final Tasks tasks;
    private final CoordinatorSettings settings;
    private final Supplier<Bytes> greeting;
    private final Bytes network;

    Exchanges(
            CoordinatorProtocol protocol,
            Loop loop,
            Verifier verifier,
            Tasks tasks,
            CoordinatorSettings settings,
            Supplier<Bytes> greeting,
            Bytes network) {
        this.protocol = protocol;
        this.loop = loop;
        this.verifier = verifier;
        this.tasks = tasks;
        this.settings = settings;
        this.greeting = greeting;
        this.network = network;
    }

    void start() {
        protocol.use(this::respond);
    }

    @Override
    public void close() {
        protocol.use(null);
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
        tasks.run("deliver", () -> deliver(deliver.to(), delivery));
    }

    private void deliver(PeerId to, Question.Delivery delivery) throws InterruptedException {
        try {
            if (ask(to, delivery) instanceof Answer.Receipt receipt) {
                List<Statement> statements = verifier.readAll(receipt.statements(), to);
                loop.post((e, now) -> {
                    e.receipt(
                            to,
                            delivery.id(),
                            receipt.code(),
                            delivery.statements(),
                            statements,
                            now);
                    return true;
                });
                return;
            }
        } catch (IOException e) {
            // Told below.
        }
        loop.post((e, now) -> {
            e.notDelivered(to, delivery.id(), now);
            return true;
        });
    }

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
            throws MessageException, InterruptedException {
        return switch (question) {
            case Question.Greeting greets -> {
                learn(peer, greets);
                yield new Question.Greeting(Optional.of(greeting.get()));
            }
            case Question.Delivery delivery -> {
                Taken taken = take(peer, Channel.DIRECT, delivery);
                yield new Answer.Receipt(taken.code(), taken.statements());
            }
            case Question.Fetch(RequestId id) -> {
                Bytes psbt = call(e -> e.content(id).map(LogEntry.Taken::psbt).orElse(Bytes.EMPTY));
                yield new Question.Delivery(id, Optional.empty(), psbt, List.of());
            }
            case Question.InboxQuery(PublicKey recipient, Set<RequestId> known) ->
                    inbox(recipient, known);
        };
    }

    /// What became of a delivery.
    ///
    /// @param statements envelopes that the other may not have
    record Taken(ReceiptCode code, List<Bytes> statements) {}

    /// Verifies what somebody handed over, and gives it to the loop; on disk when this returns.
    Taken take(PeerId from, Channel via, Question.Delivery delivery) throws InterruptedException {
        Optional<Invitation> request = Optional.empty();
        boolean known = call(e -> e.knows(delivery.id()));
        if (!known && delivery.request().isPresent()) {
            try {
                request = Optional.of(invitation(from, delivery));
            } catch (MessageException e) {
                return new Taken(
                        e.code() == Code.EXPIRED ? ReceiptCode.OVER : ReceiptCode.INVALID,
                        List.of());
            }
        }
        if (!known && request.isEmpty()) {
            return new Taken(ReceiptCode.UNKNOWN_REQUEST, List.of());
        }
        List<Statement> statements = verifier.readAll(delivery.statements(), from);
        Optional<Invitation> read = request;
        return call((e, now) -> {
            ReceiptCode code =
                    e.delivered(from, via, delivery.id(), read, delivery.psbt(), statements, now);
            return new Taken(code, e.statementsBeside(delivery.id(), delivery.statements()));
        });
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
        return request;
    }

    /// What is kept for a recipient, encrypted to it: whoever asks in its place learns only that
    /// there is something.
    private Answer.Inbox inbox(PublicKey recipient, Set<RequestId> known)
            throws InterruptedException {
        record Kept(RequestId id, Bytes delivery) {}

        record All(Optional<Bytes> inboxKey, List<Kept> kept) {}

        All all =
                call((e, now) -> {
                    List<Kept> kept = new ArrayList<>();
                    int bytes = 0;
                    for (RequestId id : e.keptFor(recipient, new HashSet<>(known))) {
                        Optional<LogEntry.Taken> content = e.content(id);
                        if (content.isEmpty() || kept.size() >= ExchangeCodec.MAX_ENTRIES) {
                            continue;
                        }
                        Bytes delivery =
                                ExchangeCodec.encodeDelivery(
                                        new Question.Delivery(
                                                id,
                                                content.map(LogEntry.Taken::request),
                                                content.get().psbt(),
                                                e.statementsBeside(id, List.of())));
                        bytes += delivery.length() + 256;
                        if (bytes > CoordinatorProtocol.MAX_ANSWER) {
                            break;
                        }
                        kept.add(new Kept(id, delivery));
                    }
                    return new All(e.inboxKey(recipient, now), kept);
                });
        List<SealedDelivery> entries = new ArrayList<>();
        if (all.inboxKey().isPresent()) {
            for (Kept kept : all.kept()) {
                try {
                    entries.add(
                            SealedDelivery.seal(
                                    all.inboxKey().get(),
                                    network,
                                    recipient,
                                    kept.id(),
                                    kept.delivery()));
                } catch (IllegalArgumentException e) {
                    break; // The recipient's inbox key is none: it has to be asked directly.
                }
            }
        }
        return new Answer.Inbox(entries);
    }

    private interface Look<T> {
        T at(CoordinatorEngine engine);
    }

    private <T> T call(Look<T> look) throws InterruptedException {
        return call((e, _) -> look.at(e));
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
