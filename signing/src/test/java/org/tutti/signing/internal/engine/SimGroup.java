package org.tutti.signing.internal.engine;

import static org.assertj.core.api.Assertions.assertThat;

import org.tutti.base.Bytes;
import org.tutti.libp2p.identity.KeyType;
import org.tutti.libp2p.identity.Keys;
import org.tutti.libp2p.identity.PrivateKey;
import org.tutti.musig.keys.SecretKey;
import org.tutti.signing.SeededRandom;
import org.tutti.signing.group.GroupException;
import org.tutti.signing.group.Member;
import org.tutti.signing.group.SignerGroup;
import org.tutti.signing.internal.wire.Contribution;
import org.tutti.signing.internal.wire.EnvelopeVerifier;
import org.tutti.signing.internal.wire.GroupFixture;
import org.tutti.signing.internal.wire.GroupTable;
import org.tutti.signing.internal.wire.Inbound;
import org.tutti.signing.internal.wire.KeyAttestation;
import org.tutti.signing.internal.wire.WireException;
import org.tutti.signing.journal.JournalRecord;
import org.tutti.signing.journal.MemoryJournalFiles;
import org.tutti.signing.journal.TestJournals;
import org.tutti.signing.request.KeyTweak;
import org.tutti.signing.request.MessageToSign;
import org.tutti.signing.request.RequestGroup;
import org.tutti.signing.request.SessionId;
import org.tutti.signing.request.SigningLimits;
import org.tutti.signing.request.SigningRequest;
import org.tutti.signing.session.SessionOutcome;
import org.tutti.signing.session.SessionTimeouts;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;

/// A whole group on a simulated network. One seed determines keys, order, broken connections and
/// crashes; time passes only when nothing else can happen.
///
/// A connection keeps its messages in order, as a stream does, and loses them only when it breaks;
/// then both ends are told that it is open again. Every message that leaves a node is checked (see
/// [#inspect]).
final class SimGroup implements AutoCloseable {
    /// What a dishonest node sends in place of a message of its engine.
    interface Tamper {
        List<Bytes> send(int to, Inbound message);
    }

    final SignerGroup group;
    final List<SimNode> nodes = new ArrayList<>();
    final NonceRecorder watch = new NonceRecorder();
    final SeededRandom secureRandom;
    final RandomGenerator random;
    final EnvelopeVerifier envelopeVerifier;
    final SigningLimits limits;

    /// Whether a relay stands between them, who may bring what one has said to anybody, at any
    /// time.
    final boolean overRelay;

    SessionTimeouts timeouts = SessionTimeouts.DEFAULT;
    Instant now = Instant.parse("2026-01-01T00:00:00Z");
    private final List<ArrayDeque<Bytes>> links = new ArrayList<>();
    private final Map<Integer, Tamper> tampers = new HashMap<>();
    private final Map<String, Bytes> signedOnce = new HashMap<>();
    private Consumer<SimNode> beforeSend = _ -> {};
    private final List<Inbound.Statement> said = new ArrayList<>();
    private int sent;
    private int boots;

    SimGroup(int size, long seed) {
        this(size, seed, SigningLimits.DEFAULT, true);
    }

    SimGroup(int size, long seed, SigningLimits limits, boolean forceWorks) {
        this(size, seed, limits, forceWorks, false);
    }

    SimGroup(int size, long seed, SigningLimits limits, boolean forceWorks, boolean overRelay) {
        this.overRelay = overRelay;
        this.random = new SplittableRandom(seed);
        this.secureRandom = new SeededRandom(seed);
        this.limits = limits;
        List<PrivateKey> identities = new ArrayList<>();
        List<SecretKey> keys = new ArrayList<>();
        List<SignerGroup.Candidate> candidates = new ArrayList<>();
        for (int i = 0; i < size; i++) {
            identities.add(Keys.generate(KeyType.ED25519, secureRandom));
            keys.add(SecretKey.generate(secureRandom));
            candidates.add(
                    new SignerGroup.Candidate(
                            identities.get(i).publicKey().peerId(),
                            keys.get(i).publicKey(),
                            List.of()));
        }
        try {
            this.group = SignerGroup.of(GroupFixture.NETWORK, 7, candidates);
        } catch (GroupException e) {
            throw new IllegalStateException(e);
        }
        this.envelopeVerifier = new EnvelopeVerifier(GroupTable.of(group), limits);
        for (int i = 0; i < size; i++) {
            Member member = group.member(identities.get(i).publicKey().peerId()).orElseThrow();
            nodes.add(
                    new SimNode(
                            this,
                            member,
                            identities.get(i),
                            keys.get(i),
                            new MemoryJournalFiles(forceWorks)));
        }
        nodes.sort(Comparator.comparingInt(SimNode::index));
        for (int i = 0; i < size * size; i++) {
            links.add(new ArrayDeque<>());
        }
        nodes.forEach(SimNode::start);
        greet();
    }

    /// Delivers what the start has made, until it is quiet, and every process is known for long.
    private void greet() {
        deliverInOrder();
        now = now.plus(Presence.CHALLENGE_PAUSE);
        nodes.forEach(node -> node.handle(new EngineInput.Tick()));
        deliverInOrder();
        now = now.plus(PeerHeads.SETTLES);
        nodes.forEach(node -> node.handle(new EngineInput.Tick()));
        deliverInOrder();
        sent = 0;
    }

    private void deliverInOrder() {
        for (SimNode node : nodes) {
            while (!node.todo.isEmpty()) {
                node.handle(node.todo.remove());
            }
        }
        int before;
        do {
            before = sent;
            for (SimNode from : nodes) {
                for (SimNode to : nodes) {
                    ArrayDeque<Bytes> queue = link(from.index(), to.index());
                    while (!queue.isEmpty()) {
                        Inbound message = GroupFixture.from(open(queue.remove()), from.member);
                        to.handle(new EngineInput.Received(message));
                    }
                }
            }
        } while (sent > before);
    }

    /// A hello of this node's process.
    Inbound.Greeting hello(SimNode node, Optional<Inbound.Statement> remembered) {
        return node.envelopeSigner()
                .greet(remembered, 1, node.signer().agree(GroupFixture.TERMS), false, Bytes.EMPTY);
    }

    SimNode node(int index) {
        return nodes.get(index);
    }

    /// That of each signer, in signer order.
    List<KeyAttestation> attestations() {
        return nodes.stream().map(SimNode::attestation).toList();
    }

    void tamper(SimNode mallory, Tamper tamper) {
        tampers.put(mallory.index(), tamper);
    }

    /// Runs before each message leaves; throws [SimNode.Killed] to kill the sender there.
    void beforeSend(Consumer<SimNode> value) {
        beforeSend = value;
    }

    // --- requests

    SigningRequest request(SimNode requester, int messages, Duration lifetime) {
        List<MessageToSign> list = new ArrayList<>();
        for (int i = 0; i < messages; i++) {
            list.add(
                    new MessageToSign(
                            random32(), i % 2 == 0 ? KeyTweak.keyPathOnly() : KeyTweak.none()));
        }
        return request(requester, list, lifetime);
    }

    SigningRequest request(SimNode requester, List<MessageToSign> messages, Duration lifetime) {
        return GroupFixture.requestOf(
                RequestGroup.of(group),
                requester.member.peerId(),
                random32(),
                now,
                now.plus(lifetime),
                messages,
                "test",
                Bytes.EMPTY);
    }

    /// The group under another epoch, which requests may name.
    RequestGroup otherEpoch(int difference) {
        RequestGroup own = RequestGroup.of(group);
        return new RequestGroup(own.network(), own.id(), own.epoch() + difference, own.keys());
    }

    /// A statement as a member of the group would make it.
    Contribution contribution(SessionId session, int attempt, int signer, Contribution.Body body) {
        return new Contribution(
                group.id(), Bytes.wrap(new byte[16]), session, attempt, signer, body);
    }

    /// The boot id of the next process.
    Bytes boot() {
        return Bytes.wrap(ByteBuffer.allocate(16).putInt(++boots).array());
    }

    Bytes random32() {
        byte[] bytes = new byte[32];
        random.nextBytes(bytes);
        return Bytes.wrap(bytes);
    }

    SessionId ask(SimNode requester, int messages) {
        SigningRequest request = request(requester, messages, Duration.ofMinutes(30));
        requester.handle(new EngineInput.LocalRequest(request));
        return request.sessionId();
    }

    // --- the network

    void send(SimNode from, int to, Bytes envelope) {
        beforeSend.accept(from);
        if (open(envelope) instanceof Inbound.Statement statement) {
            said.add(statement);
        }
        Tamper tamper = tampers.get(from.index());
        if (tamper == null) {
            inspect(from, envelope);
            enqueue(from.index(), to, envelope);
        } else {
            tamper.send(to, open(envelope)).forEach(changed -> enqueue(from.index(), to, changed));
        }
    }

    /// The statements that this node's engine has sent so far.
    List<Inbound.Statement> said(SimNode node) {
        return said.stream().filter(s -> s.author().equals(node.member)).toList();
    }

    /// Sends bytes as if they came from this node.
    void enqueue(int from, int to, Bytes envelope) {
        sent++;
        if (node(from).alive() && node(to).alive()) {
            link(from, to).add(envelope);
        }
    }

    /// A message that has not been delivered yet.
    Optional<Bytes> peek() {
        return links.stream().flatMap(ArrayDeque::stream).findFirst();
    }

    int sent() {
        return sent;
    }

    /// Index of who has signed it.
    int author(Bytes envelope) {
        return open(envelope).author().index();
    }

    Inbound open(Bytes envelope) {
        try {
            return envelopeVerifier.verify(envelope);
        } catch (WireException e) {
            throw new AssertionError(
                    "an honest node sent an invalid message: " + e.getMessage(), e);
        }
    }

    /// SAFETY 3 and 8, seen from outside: no honest node ever signs two different messages for one
    /// slot, across all restarts, and no partial signature leaves before its journal entry would
    /// survive a crash.
    private void inspect(SimNode from, Bytes envelope) {
        if (!(open(envelope) instanceof Inbound.Statement statement)
                || !statement.author().equals(from.member)) {
            return;
        }
        Contribution c = statement.contribution();
        boolean slotted =
                c.body() instanceof Contribution.Ready
                        || c.body() instanceof Contribution.Nonces
                        || c.body() instanceof Contribution.Partials;
        if (slotted) {
            String slot =
                    from.index()
                            + " "
                            + c.session()
                            + " "
                            + c.attempt()
                            + " "
                            + c.body().getClass().getSimpleName();
            Bytes earlier = signedOnce.putIfAbsent(slot, statement.payload());
            if (earlier != null && !earlier.equals(statement.payload())) {
                throw new AssertionError("an honest node signed two messages for slot " + slot);
            }
        }
        if (c.body() instanceof Contribution.Partials && !isDurable(from, envelope)) {
            throw new AssertionError(
                    "a partial signature left before its journal entry was forced");
        }
    }

    /// A process that is killed right after it reported a result must find it in its journal.
    void requireWritten(SimNode node, SessionId id) {
        List<JournalRecord> records = new ArrayList<>();
        try {
            records.addAll(TestJournals.records(node.file.backup()));
        } catch (IOException e) {
            throw new AssertionError(e);
        }
        assertThat(records)
                .as("the result was reported before it was written")
                .anyMatch(r -> r instanceof JournalRecord.Final fin && fin.session().equals(id));
    }

    private static boolean isDurable(SimNode node, Bytes partials) {
        List<JournalRecord> records = new ArrayList<>();
        try {
            records.addAll(TestJournals.records(node.file.durableCopy()));
        } catch (IOException e) {
            throw new AssertionError(e);
        }
        return records.stream()
                .anyMatch(r ->
                        r instanceof JournalRecord.Sign sign
                                && sign.ownPartials().equals(partials));
    }

    private ArrayDeque<Bytes> link(int from, int to) {
        return links.get(from * group.size() + to);
    }

    void connected(SimNode node) {
        for (SimNode other : nodes) {
            if (!other.equals(node) && other.alive()) {
                other.todo.add(new EngineInput.PeerConnected(node.index()));
                node.todo.add(new EngineInput.PeerConnected(other.index()));
            }
        }
    }

    void disconnectAll(SimNode node) {
        disconnected(node);
    }

    void disconnected(SimNode node) {
        for (SimNode other : nodes) {
            link(node.index(), other.index()).clear();
            link(other.index(), node.index()).clear();
        }
    }

    /// The connection between two nodes breaks, loses its messages, and is opened again.
    void breakLink(SimNode a, SimNode b) {
        link(a.index(), b.index()).clear();
        link(b.index(), a.index()).clear();
        if (a.alive() && b.alive()) {
            a.todo.add(new EngineInput.PeerConnected(b.index()));
            b.todo.add(new EngineInput.PeerConnected(a.index()));
        }
    }

    /// One input of one node, chosen by the seed.
    ///
    /// @return false if there is nothing to deliver
    boolean step() {
        List<Runnable> possible = new ArrayList<>();
        for (SimNode node : nodes) {
            if (node.alive() && !node.todo.isEmpty()) {
                possible.add(() -> node.handle(node.todo.remove()));
            }
            for (SimNode from : nodes) {
                ArrayDeque<Bytes> queue = link(from.index(), node.index());
                if (node.alive() && !queue.isEmpty()) {
                    possible.add(() -> deliver(from, node, queue));
                }
            }
        }
        if (possible.isEmpty()) {
            return false;
        }
        possible.get(random.nextInt(possible.size())).run();
        return true;
    }

    /// Delivers one message, or several as one batch of the group commit.
    private void deliver(SimNode from, SimNode node, ArrayDeque<Bytes> queue) {
        int count = random.nextInt(4) == 0 ? Math.min(queue.size(), 3) : 1;
        List<EngineInput> batch = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            try {
                batch.add(
                        input(
                                node,
                                GroupFixture.from(
                                        envelopeVerifier.verify(queue.remove()), from.member)));
            } catch (WireException e) {
                batch.add(new EngineInput.Rejected(node.index() == 0 ? 1 : 0, e.reason()));
            }
        }
        node.handle(batch.toArray(new EngineInput[0]));
    }

    private static EngineInput input(SimNode node, Inbound message) {
        return message instanceof Inbound.HandedOver handedOver
                ? new EngineInput.HandedOver(
                        handedOver,
                        handedOver.sessions().stream()
                                .map(session -> node.holdOf.apply(session.request().request()))
                                .toList())
                : new EngineInput.Received(message);
    }

    /// Runs until everything is delivered, without time passing.
    void settle() {
        while (step()) {}
    }

    /// Advances to the next deadline of any node, and delivers what follows.
    ///
    /// @return false if no node has a deadline
    boolean passTime() {
        Optional<Instant> next =
                nodes.stream()
                        .filter(SimNode::alive)
                        .flatMap(node -> node.engine().nextDeadline().stream())
                        .min(Instant::compareTo);
        if (next.isEmpty()) {
            return false;
        }
        now = next.get().isAfter(now) ? next.get() : now;
        nodes.forEach(node -> node.handle(new EngineInput.Tick()));
        settle();
        return true;
    }

    /// Runs until every session has ended.
    void run() {
        settle();
        int rounds = 0;
        while (passTime()) {
            if (++rounds > 2_000) {
                throw new AssertionError("the sessions do not end");
            }
        }
    }

    Optional<SessionOutcome> outcome(int node, SessionId id) {
        return Optional.ofNullable(node(node).outcomes.get(id));
    }

    @Override
    public void close() {
        nodes.forEach(node -> node.key.close());
    }
}
