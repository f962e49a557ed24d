package org.tutti.coordinator.internal.engine;

import org.tutti.base.Bytes;
import org.tutti.coordinator.approval.Judgement;
import org.tutti.coordinator.event.Channel;
import org.tutti.coordinator.event.CoordinatorEvent;
import org.tutti.coordinator.event.CoordinatorException;
import org.tutti.coordinator.internal.wire.Crafted;
import org.tutti.coordinator.internal.wire.StatementReader;
import org.tutti.coordinator.internal.wire.StatementSigner;
import org.tutti.coordinator.message.Contact;
import org.tutti.coordinator.message.Invitation;
import org.tutti.coordinator.message.InvitationDraft;
import org.tutti.coordinator.message.MessageException;
import org.tutti.coordinator.message.MessageLimits;
import org.tutti.coordinator.message.ReceiptCode;
import org.tutti.coordinator.message.RequestId;
import org.tutti.coordinator.message.RequestLimits;
import org.tutti.coordinator.message.RequestedMessage;
import org.tutti.coordinator.message.Statement;
import org.tutti.coordinator.store.LogEntry;
import org.tutti.libp2p.identity.PeerId;
import org.tutti.musig.schnorr.SchnorrSignature;
import org.tutti.signing.approval.Hold;
import org.tutti.signing.request.SessionId;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.function.Function;

/// Engines of several signers in one thread: what they send waits in a list, from which a seed
/// takes the next; statements are read and verified as a driver does.
final class EngineNetwork {
    /// How a signer judges a request.
    static final Function<Invitation, Judgement> WILLING =
            request ->
                    new Judgement.Approved(
                            request.messages().stream().map(RequestedMessage::toSign).toList(),
                            Hold.NONE,
                            List.of());

    final List<Node> nodes = new ArrayList<>();
    final Random random;
    Instant now = Crafted.NOW;
    private final List<Runnable> underWay = new ArrayList<>();
    private final Set<Set<Node>> links = new HashSet<>();
    private long sessions;

    /// Whether no session succeeds.
    boolean fails;

    /// Whether sessions begin and nobody tells how they end.
    boolean hangs;

    /// Whether one in four answers is lost: the other has taken what it was given, and the sender
    /// does not know.
    boolean losesAnswers;

    /// Whether a policy has judged by the time that a delivery is answered.
    boolean judgesAtOnce;

    EngineNetwork(long seed) {
        random = new Random(seed);
    }

    final class Node {
        final Crafted self = new Crafted();
        StatementSigner signer = self.signer;
        PeerId peer = self.identity.publicKey().peerId();
        final RequestLimits limits;
        final List<LogEntry> log = new ArrayList<>();
        final List<CoordinatorEvent> events = new ArrayList<>();
        final List<EngineOutput> outputs = new ArrayList<>();
        Function<Invitation, Judgement> policy = WILLING;
        CoordinatorEngine engine;
        boolean up = true;

        Node(RequestLimits limits) {
            this.limits = limits;
            engine = fresh();
        }

        private CoordinatorEngine fresh() {
            CoordinatorEngine made = new CoordinatorEngine(signer, peer, limits);
            made.use(contact());
            return made;
        }

        Contact contact() {
            return signer.contact(
                    Optional.of(Bytes.fromHex("44".repeat(32))),
                    List.of(),
                    now.toEpochMilli(),
                    now.plus(Duration.ofDays(20)));
        }

        /// As a process that was killed and started again.
        void restart() throws MessageException {
            stop();
            engine = fresh();
            List<CoordinatorEngine.Restored> restored = new ArrayList<>();
            StatementReader reader = reader();
            for (LogEntry entry : log) {
                restored.add(
                        switch (entry) {
                            case LogEntry.Taken(Bytes request, Bytes psbt) ->
                                    new CoordinatorEngine.Restored.Taken(
                                            (Invitation) reader.readAgain(request), psbt);
                            case LogEntry.Said(Bytes said) ->
                                    new CoordinatorEngine.Restored.Said(reader.readAgain(said));
                            case LogEntry.Known(Bytes known) ->
                                    new CoordinatorEngine.Restored.Known(
                                            (Contact) reader.readAgain(known));
                            case LogEntry.Signed(RequestId id, List<Bytes> signatures) ->
                                    new CoordinatorEngine.Restored.Signed(
                                            id,
                                            signatures.stream()
                                                    .map(SchnorrSignature::new)
                                                    .toList());
                            case LogEntry.Over(RequestId id, Instant until, String _) ->
                                    new CoordinatorEngine.Restored.Over(id, until);
                            case LogEntry.GroupTaken _,
                                    LogEntry.GroupSaid _,
                                    LogEntry.GroupPrevious _,
                                    LogEntry.GroupEnded _ ->
                                    throw new IllegalStateException("not of requests: " + entry);
                        });
            }
            engine.restore(restored, now);
            log.clear();
            log.addAll(engine.snapshot());
            up = true;
            act();
        }

        void stop() {
            for (Node other : nodes) {
                disconnect(this, other);
            }
            up = false;
        }

        Invitation announce(InvitationDraft draft) throws CoordinatorException {
            Invitation request = self.signer.request(draft, now.toEpochMilli());
            engine.announce(request, draft.psbt(), Optional.empty(), now);
            act();
            return request;
        }

        /// Does what the engine wants.
        void act() {
            for (EngineOutput output : engine.takeOutputs()) {
                outputs.add(output);
                switch (output) {
                    case EngineOutput.Append(LogEntry entry) -> log.add(entry);
                    case EngineOutput.Note(LogEntry entry) -> log.add(entry);
                    case EngineOutput.Deliver deliver -> send(this, deliver);
                    case EngineOutput.Judge(Invitation request, Bytes _) ->
                            later(() -> {
                                engine.judged(request.id(), policy.apply(request), now);
                                act();
                            });
                    case EngineOutput.Sign(Invitation request) ->
                            later(() -> session(this, request));
                    case EngineOutput.Emit(CoordinatorEvent event) -> events.add(event);
                    case EngineOutput.Fetch _,
                            EngineOutput.Publish _,
                            EngineOutput.FormGroup _,
                            EngineOutput.TakeStep _,
                            EngineOutput.LeaveGroup _,
                            EngineOutput.DeliverGroup _,
                            EngineOutput.JudgeGroup _,
                            EngineOutput.SealGroup _,
                            EngineOutput.EmitGroup _ -> {
                        // Looked at by tests.
                    }
                }
            }
        }

        <E extends CoordinatorEvent> List<E> seen(Class<E> kind) {
            return events.stream().filter(kind::isInstance).map(kind::cast).toList();
        }

        boolean has(Class<? extends CoordinatorEvent> kind) {
            return !seen(kind).isEmpty();
        }

        @Override
        public String toString() {
            return "node " + nodes.indexOf(this);
        }
    }

    StatementReader reader() {
        return new StatementReader(Crafted.NETWORK, MessageLimits.DEFAULT);
    }

    Node add() {
        return add(RequestLimits.DEFAULT);
    }

    Node add(RequestLimits limits) {
        Node node = new Node(limits);
        nodes.add(node);
        return node;
    }

    void later(Runnable action) {
        underWay.add(action);
    }

    /// Every two of them, and they tell each other whom they speak for.
    void connectAll() {
        for (int i = 0; i < nodes.size(); i++) {
            for (int j = i + 1; j < nodes.size(); j++) {
                connect(nodes.get(i), nodes.get(j));
            }
        }
    }

    void connect(Node one, Node other) {
        if (one.up && other.up && links.add(Set.of(one, other))) {
            var _ = one.engine.learn(other.contact(), now);
            var _ = other.engine.learn(one.contact(), now);
            one.engine.connected(other.peer, now);
            other.engine.connected(one.peer, now);
            one.act();
            other.act();
        }
    }

    void disconnect(Node one, Node other) {
        if (one != other && links.remove(Set.of(one, other))) {
            one.engine.disconnected(other.peer, now);
            other.engine.disconnected(one.peer, now);
            one.act();
            other.act();
        }
    }

    private boolean isConnected(Node one, Node other) {
        return links.contains(Set.of(one, other));
    }

    private void send(Node from, EngineOutput.Deliver deliver) {
        Optional<LogEntry.Taken> content =
                deliver.whole() ? from.engine.content(deliver.request()) : Optional.empty();
        CoordinatorEngine sender = from.engine;
        later(() -> {
            Optional<Node> to =
                    nodes.stream()
                            .filter(node -> node.peer.equals(deliver.to()))
                            .filter(node -> isConnected(from, node))
                            .findFirst();
            if (from.engine != sender) {
                return; // Another process by now.
            }
            if (to.isEmpty()) {
                from.engine.notDelivered(deliver.to(), deliver.request(), now);
                from.act();
                return;
            }
            ReceiptCode code = give(from, to.get(), deliver, content);
            List<Bytes> back =
                    to.get()
                            .engine
                            .statementsBeside(
                                    from.peer, deliver.request(), deliver.statements(), now);
            to.get().act();
            boolean lost = losesAnswers && random.nextInt(4) == 0;
            later(() -> {
                if (from.engine == sender && lost) {
                    from.engine.notDelivered(deliver.to(), deliver.request(), now);
                    from.act();
                } else if (from.engine == sender) {
                    from.engine.receipt(
                            deliver.to(),
                            deliver.request(),
                            code,
                            deliver.statements(),
                            read(back),
                            now);
                    from.act();
                }
            });
        });
    }

    private ReceiptCode give(
            Node from, Node to, EngineOutput.Deliver deliver, Optional<LogEntry.Taken> content) {
        try {
            Optional<Invitation> request =
                    content.isEmpty()
                            ? Optional.empty()
                            : Optional.of((Invitation) reader().read(content.get().request(), now));
            return to.engine.delivered(
                    from.peer,
                    Channel.DIRECT,
                    deliver.request(),
                    request,
                    content.map(LogEntry.Taken::psbt).orElse(Bytes.EMPTY),
                    read(deliver.statements()),
                    judgesAtOnce ? request.map(to.policy) : Optional.empty(),
                    now);
        } catch (MessageException e) {
            return ReceiptCode.OVER;
        }
    }

    List<Statement> read(List<Bytes> envelopes) {
        List<Statement> all = new ArrayList<>();
        for (Bytes envelope : envelopes) {
            try {
                all.add(reader().read(envelope, now));
            } catch (MessageException e) {
                // Expired.
            }
        }
        return all;
    }

    /// Signing, at its shortest: with all who are connected it succeeds, else it does not.
    private void session(Node requester, Invitation request) {
        SessionId id = new SessionId(Bytes.fromHex("%064x".formatted(++sessions)));
        List<Node> signers =
                nodes.stream()
                        .filter(node -> request.keys().contains(node.self.publicKey()))
                        .toList();
        boolean all =
                !fails
                        && signers.stream()
                                .allMatch(node ->
                                        node == requester
                                                || (isConnected(requester, node)
                                                        && node.engine.maySign(request.id())));
        for (Node node : signers) {
            if (node == requester || isConnected(requester, node)) {
                node.engine.sessionStarted(request.id(), id, node == requester, now);
                if (hangs) {
                    // It is still under way.
                } else if (all) {
                    node.engine.committed(request.id());
                    node.engine.signed(
                            request.id(),
                            List.of(new SchnorrSignature(Bytes.wrap(new byte[64]))),
                            now);
                } else {
                    node.engine.sessionEnded(
                            request.id(), "NO_ANSWER", "some are missing", List.of(), now);
                }
                node.act();
            }
        }
    }

    /// One thing that is under way happens.
    boolean step() {
        if (underWay.isEmpty()) {
            return false;
        }
        underWay.remove(random.nextInt(underWay.size())).run();
        return true;
    }

    /// Until nothing is under way.
    void settle() {
        int steps = 0;
        while (step()) {
            if (++steps > 100_000) {
                throw new AssertionError("it does not end");
            }
        }
    }

    /// Time passes, second by second.
    void pass(Duration time) {
        for (Instant end = now.plus(time); now.isBefore(end); ) {
            now = now.plusSeconds(1);
            for (Node node : nodes) {
                if (node.up) {
                    node.engine.tick(now);
                    node.act();
                }
            }
            settle();
        }
    }
}
