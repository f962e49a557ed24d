package org.tutti.signing.internal.engine;

import org.jspecify.annotations.Nullable;
import org.tutti.base.Bytes;
import org.tutti.libp2p.identity.KeyType;
import org.tutti.libp2p.identity.Keys;
import org.tutti.libp2p.identity.PrivateKey;
import org.tutti.musig.keys.SecretKey;
import org.tutti.musig.schnorr.TaggedHash;
import org.tutti.signing.approval.Decision;
import org.tutti.signing.group.GroupException;
import org.tutti.signing.group.Member;
import org.tutti.signing.group.SignerGroup;
import org.tutti.signing.internal.wire.EnvelopeVerifier;
import org.tutti.signing.internal.wire.GroupFixture;
import org.tutti.signing.internal.wire.GroupTable;
import org.tutti.signing.internal.wire.HonestMessages;
import org.tutti.signing.internal.wire.Inbound;
import org.tutti.signing.internal.wire.KeyAttestation;
import org.tutti.signing.internal.wire.WireException;
import org.tutti.signing.request.RequestGroup;
import org.tutti.signing.request.SessionId;
import org.tutti.signing.request.SigningLimits;
import org.tutti.signing.request.SigningRequest;
import org.tutti.signing.session.LiveSession;
import org.tutti.signing.session.SessionOutcome;
import org.tutti.signing.session.SessionTimeouts;

import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.function.Function;
import java.util.random.RandomGenerator;

/// A group of signers, some of them dishonest, on machines and a network with faults, above them a
/// model of wallets and a chain. One seed determines all of it.
///
/// First comes a time of chaos, then of calm, in which every honest node is up and in time; then
/// the sessions have to end as they must. [WorldChecks] looks at everything meanwhile. Faults,
/// traffic and dishonest members are elsewhere too; here is the order of events, which is one list.
final class World implements AutoCloseable {
    static final Instant START = GroupFixture.NOW;

    private static final Duration READINESS = SessionTimeouts.DEFAULT.readiness();

    final SignerGroup group;

    /// By signer index.
    final List<WorldNode> nodes = new ArrayList<>();

    /// The nodes, and the copy of one while there is one.
    final List<WorldNode> processes = new ArrayList<>();

    final WorldChain chain;
    final WorldCounts counts;
    final NonceRecorder watch = new NonceRecorder();
    final SeededRandom secureRandom;
    final RandomGenerator random;
    final SigningLimits limits = SigningLimits.DEFAULT;
    final SessionTimeouts timeouts = SessionTimeouts.DEFAULT;
    final WorldChecks checks;
    final WorldAdversary adversary;
    Instant now = START;
    private final EnvelopeVerifier envelopeVerifier;
    private final Map<Bytes, EngineInput> opened = new HashMap<>();
    private final Map<SessionId, SigningRequest> requests = new LinkedHashMap<>();
    private final Set<Bytes> keyed = new HashSet<>();
    private final List<Link> waiting = new ArrayList<>();
    private final WorldTraffic traffic;
    private final WorldFaults faults;
    private boolean calm;
    private int boots;

    /// One direction of a connection; its messages stay in order.
    static final class Link {
        final WorldNode to;
        final ArrayDeque<EngineInput> queue = new ArrayDeque<>();
        boolean listed;

        Link(WorldNode to) {
            this.to = to;
        }
    }

    World(long seed, WorldCounts counts, Function<World, WorldChain> chainOf) {
        this.random = new SplittableRandom(seed);
        this.secureRandom = new SeededRandom(seed);
        this.counts = counts;
        int size = sizeOf(seed, random);
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
        this.chain = chainOf.apply(this);
        this.envelopeVerifier = new EnvelopeVerifier(GroupTable.of(group), limits);
        int byzantine = random.nextInt(100) < 12 ? 0 : 1 + random.nextInt(size - 1);
        Set<Integer> bad = new HashSet<>();
        while (bad.size() < byzantine) {
            bad.add(random.nextInt(size));
        }
        for (int i = 0; i < size; i++) {
            Member member = group.member(identities.get(i).publicKey().peerId()).orElseThrow();
            nodes.add(
                    new WorldNode(
                            this,
                            member,
                            identities.get(i),
                            keys.get(i),
                            bad.contains(member.index())));
        }
        nodes.sort(Comparator.comparingInt(WorldNode::index));
        processes.addAll(nodes);
        this.checks = new WorldChecks(this);
        this.adversary = new WorldAdversary(this);
        this.traffic = new WorldTraffic(this);
        this.faults = new WorldFaults(this);
        nodes.forEach(WorldNode::start);
    }

    /// Half 2 to 4 members, a quarter 5 to 8, a quarter 9 to 15.
    private static int sizeOf(long seed, RandomGenerator random) {
        return switch (cost(seed)) {
            case 0 -> 2 + random.nextInt(3);
            case 1 -> 5 + random.nextInt(4);
            default -> 9 + random.nextInt(7);
        };
    }

    /// How much a seed costs: 0, 1 or 2.
    static int cost(long seed) {
        return Math.max(0, Math.floorMod(seed, 4) - 1);
    }

    // --- what is in it

    /// That of each signer for its own peer id, in signer order.
    List<KeyAttestation> attestations() {
        return nodes.stream()
                .map(node ->
                        KeyAttestation.make(
                                node.key,
                                RequestGroup.of(group),
                                node.member.peerId(),
                                now.toEpochMilli(),
                                now.plus(Duration.ofDays(30)),
                                new byte[32]))
                .toList();
    }

    WorldNode node(int index) {
        return nodes.get(index);
    }

    List<WorldNode> honest() {
        return nodes.stream().filter(WorldNode::honest).toList();
    }

    boolean allHonest() {
        return nodes.stream().allMatch(WorldNode::honest);
    }

    /// Whether every operation can be done once it is calm: all are honest, remember all that they
    /// have signed, and had no copy that could not be found in time.
    boolean mustEnd() {
        return nodes.stream()
                .allMatch(node ->
                        node.honest()
                                && node.intact
                                && !hasCopySigned(node)
                                && node.copyFoundInTime);
    }

    /// Whether a signer exists that is honest and has forgotten nothing: it alone keeps an
    /// operation from happening twice.
    boolean protectedBySomebody() {
        return nodes.stream()
                .anyMatch(node -> node.honest() && node.intact && !hasCopySigned(node));
    }

    /// Whether a copy of this node has sent partial signatures of which it does not know.
    private boolean hasCopySigned(WorldNode node) {
        return node.copyHasSigned
                || copy().filter(copy -> copy.index() == node.index() && copy.hasSignedSinceCopied)
                        .isPresent();
    }

    boolean calm() {
        return calm;
    }

    @Nullable SigningRequest request(SessionId id) {
        return requests.get(id);
    }

    List<SigningRequest> requests() {
        return List.copyOf(requests.values());
    }

    void know(SigningRequest request) {
        requests.putIfAbsent(request.sessionId(), request);
    }

    boolean isKeyed(WorldChain.Transaction transaction) {
        return keyed.contains(transaction.operation());
    }

    void keyed(Bytes operation) {
        keyed.add(operation);
    }

    Bytes boot() {
        return Bytes.wrap(ByteBuffer.allocate(16).putInt(++boots).array());
    }

    Bytes random32() {
        byte[] bytes = new byte[32];
        random.nextBytes(bytes);
        return Bytes.wrap(bytes);
    }

    boolean chance(int percent) {
        return random.nextInt(100) < percent;
    }

    <T> T any(List<T> list) {
        return list.get(random.nextInt(list.size()));
    }

    static Bytes hash(String tag, Bytes... parts) {
        return TaggedHash.of(
                "world/" + tag, Arrays.stream(parts).map(Bytes::toArray).toArray(byte[][]::new));
    }

    // --- the network

    /// A message of an engine leaves, for whomever it is connected with.
    void leaves(WorldNode from, Bytes envelope) {
        if (from.honest()) {
            EngineInput input = openOfEngine(from, envelope);
            if (input instanceof EngineInput.Received(Inbound.Statement statement)) {
                checks.ofHonest(from, statement);
            } else if (!(input instanceof EngineInput.Received)) {
                throw new AssertionError(from + " sent what is not a message");
            }
        }
    }

    void send(WorldNode from, WorldNode to, Bytes envelope) {
        if (from.honest()) {
            enqueue(from, to, envelope);
        } else {
            adversary.send(from, to, envelope);
        }
    }

    /// Verified once, however many receive it.
    EngineInput open(Bytes envelope) {
        return opened.computeIfAbsent(envelope, this::verify);
    }

    /// What a node's own engine sends, the same program on all: every sixteenth is verified all the
    /// same.
    EngineInput openOfEngine(WorldNode from, Bytes envelope) {
        EngineInput known = opened.get(envelope);
        if (known == null) {
            boolean sampled = envelope.get(envelope.length() - 1) % 16 == 0;
            known = sampled ? verify(envelope) : decode(from, envelope);
            opened.put(envelope, known);
        }
        return known;
    }

    private EngineInput decode(WorldNode from, Bytes envelope) {
        return HonestMessages.decode(group, from.member, envelope, this::statement)
                .<EngineInput>map(this::received)
                .orElseGet(() -> verify(envelope));
    }

    private Optional<Inbound.Statement> statement(Bytes envelope) {
        return open(envelope) instanceof EngineInput.Received(Inbound.Statement statement)
                ? Optional.of(statement)
                : Optional.empty();
    }

    private EngineInput verify(Bytes envelope) {
        try {
            return received(envelopeVerifier.verify(envelope));
        } catch (WireException e) {
            return new EngineInput.Rejected(0, e.reason());
        }
    }

    private EngineInput received(Inbound message) {
        if (message instanceof Inbound.Statement statement) {
            adversary.hear(statement);
        }
        return new EngineInput.Received(message);
    }

    void enqueue(WorldNode from, WorldNode to, Bytes envelope) {
        if (from.equals(to) || !from.alive() || !to.alive()) {
            return;
        }
        EngineInput input = open(envelope);
        if (input instanceof EngineInput.Rejected(int _, var reason)) {
            input = new EngineInput.Rejected(from.index(), reason);
        } else if (input instanceof EngineInput.Received(Inbound message)) {
            input = new EngineInput.Received(GroupFixture.from(message, from.member));
        }
        Link link = from.link(to);
        link.queue.add(input);
        if (!link.listed) {
            link.listed = true;
            waiting.add(link);
        }
    }

    /// The process is there, and all that can reach it open a connection to it.
    void connected(WorldNode node) {
        for (WorldNode other : processes) {
            if (other.alive()
                    && other.reaches(node)
                    && node.reaches(other)
                    && !node.connections(other.index()).contains(other)) {
                connect(node, other);
                connect(other, node);
            }
        }
    }

    private static void connect(WorldNode from, WorldNode to) {
        List<WorldNode> known = from.connections(to.index());
        known.add(to);
        if (known.size() == 1) {
            from.todo.add(new EngineInput.PeerConnected(to.index()));
        }
    }

    void disconnected(WorldNode node) {
        for (WorldNode other : processes) {
            disconnect(node, other);
            disconnect(other, node);
        }
    }

    /// The link goes on to another connection, if there is one.
    private static void disconnect(WorldNode from, WorldNode to) {
        from.link(to).queue.clear();
        List<WorldNode> known = from.connections(to.index());
        boolean first = !known.isEmpty() && known.getFirst().equals(to);
        known.remove(to);
        if (first && !known.isEmpty() && from.alive()) {
            from.todo.add(new EngineInput.PeerConnected(to.index()));
        }
    }

    /// And is opened again.
    void breakLink(WorldNode a, WorldNode b) {
        a.link(b).queue.clear();
        b.link(a).queue.clear();
        if (a.alive() && b.alive() && a.reaches(b) && b.reaches(a)) {
            reconnect(a, b);
            reconnect(b, a);
        }
    }

    private static void reconnect(WorldNode from, WorldNode to) {
        List<WorldNode> known = from.connections(to.index());
        known.remove(to);
        known.add(to);
        from.todo.add(new EngineInput.PeerConnected(to.index()));
    }

    // --- copies

    /// A second process with the identity, the keys and a copy of the journal of this one.
    void copy(WorldNode original) {
        WorldNode copy = WorldNode.copyOf(original);
        processes.add(copy);
        copy.start();
        counts.count("copies");
        if (chance(50)) {
            // The original loses its connections, and its links go on to the copy.
            nodes.forEach(other -> breakLink(original, other));
        }
        if (chance(60)) {
            // It becomes ready as soon as all have said hello to it.
            traffic.askOf(copy);
        }
    }

    /// Empty while there is none.
    Optional<WorldNode> copy() {
        return processes.size() == nodes.size()
                ? Optional.empty()
                : Optional.of(processes.getLast());
    }

    void copyEnds() {
        copy().ifPresent(copy -> {
            if (copy.alive()) {
                copy.die(WorldNode.Loss.ALL);
            }
            processes.remove(copy);
            node(copy.index()).copyEnds(copy.hasSignedSinceCopied);
        });
    }

    /// The copy goes on alone: its journal lacks what the original has written since.
    void originalEnds() {
        copy().ifPresent(copy -> {
            WorldNode original = node(copy.index());
            if (original.alive()) {
                original.die(WorldNode.Loss.ALL);
            }
            nodes.set(copy.index(), copy);
            processes.remove(original);
            copy.takesOver(original);
        });
    }

    // --- decisions

    void decide(WorldNode node, EngineOutput.AskApproval ask) {
        SessionId id = ask.request().sessionId();
        know(ask.request());
        node.seen.putIfAbsent(id, node.time());
        if (node.byzantine) {
            node.todo.add(
                    new EngineInput.Decided(id, new Decision.Approved(ask.request().messages())));
            return;
        }
        Decision decision = node.wallet.decide(ask.request());
        if (decision instanceof Decision.Approved) {
            checks.requirePermitted(node, ask.request());
        }
        if (!calm && chance(3)) {
            decision = new Decision.Refused("NO", "a person does not want it");
        }
        countCrossing(node, ask.request());
        if (decision instanceof Decision.Refused
                && nodes.stream().anyMatch(other -> other.isLive(id))) {
            counts.hit(WorldFault.REFUSAL);
        }
        EngineInput.Decided decided = new EngineInput.Decided(id, decision);
        if (!calm && chance(12)) {
            Duration wait =
                    chance(70)
                            ? Duration.ofSeconds(1 + random.nextInt(18))
                            : READINESS.plusSeconds(random.nextInt(60));
            node.undecided.add(new WorldNode.Later(now.plus(wait), decided));
            if (nodes.stream().anyMatch(other -> other.isLive(id))) {
                counts.hit(WorldFault.SLOW_APPROVAL);
            }
        } else {
            node.todo.add(decided);
        }
    }

    private void countCrossing(WorldNode node, SigningRequest request) {
        if (!chain.knows(request.context())) {
            return;
        }
        WorldChain.Transaction transaction = chain.find(request.context());
        for (LiveSession live : node.liveSessions()) {
            SigningRequest other = request(live.id());
            if (other != null
                    && node.isLive(live.id())
                    && chain.knows(other.context())
                    && chain.find(other.context()).conflictsWith(transaction)) {
                counts.hit(WorldFault.CROSSING);
                return;
            }
        }
    }

    void finished(WorldNode node, SessionOutcome outcome) {
        checks.ended(node, outcome);
        traffic.ended(node, outcome);
        if (outcome instanceof SessionOutcome.Signed) {
            faults.signed(outcome.sessionId());
        }
        counts.count("ends: " + outcome.getClass().getSimpleName());
    }

    // --- time

    /// One input of one node, or several together.
    ///
    /// @return false if nothing can happen without time passing
    boolean step() {
        waiting.removeIf(link -> {
            link.listed = !link.queue.isEmpty();
            return !link.listed;
        });
        List<WorldNode> busy = new ArrayList<>();
        for (WorldNode node : processes) {
            if (node.alive() && !node.todo.isEmpty()) {
                busy.add(node);
            }
        }
        int choices = busy.size() + waiting.size();
        if (choices == 0) {
            return false;
        }
        int choice = random.nextInt(choices);
        if (choice < busy.size()) {
            WorldNode node = busy.get(choice);
            node.handle(node.todo.remove());
        } else {
            deliver(waiting.get(choice - busy.size()));
        }
        return true;
    }

    private void deliver(Link link) {
        WorldNode node = link.to;
        if (!node.alive()) {
            link.queue.clear();
            return;
        }
        int most = random.nextInt(5) == 0 ? 2 + random.nextInt(6) : 1;
        List<EngineInput> batch = new ArrayList<>();
        while (batch.size() < most && !link.queue.isEmpty()) {
            batch.add(link.queue.remove());
        }
        if (most > 1) {
            for (Link other : waiting) {
                if (other.to.equals(link.to) && batch.size() < most && !other.queue.isEmpty()) {
                    batch.add(other.queue.remove());
                }
            }
            while (batch.size() < most && !node.todo.isEmpty()) {
                batch.add(node.todo.remove());
            }
        }
        if (batch.size() > 1 && node.honest() && node.isLive()) {
            counts.hit(WorldFault.BATCH);
        }
        node.handle(batch.toArray(new EngineInput[0]));
    }

    void deliverAll() {
        int steps = 0;
        while (step()) {
            if (++steps > 200_000) {
                throw new AssertionError("messages go on for ever");
            }
        }
    }

    /// Advances to the next deadline or decision of any node.
    ///
    /// @return false if there is none
    boolean passTime() {
        Duration next = null;
        for (WorldNode node : processes) {
            if (node.alive()) {
                next = earlier(next, node.untilNextDeadline().orElse(null));
                for (WorldNode.Later later : node.undecided) {
                    next = earlier(next, Duration.between(now, later.due()));
                }
            }
        }
        if (next == null) {
            return false;
        }
        advance(next.isNegative() ? Duration.ZERO : next);
        return true;
    }

    private static @Nullable Duration earlier(@Nullable Duration a, @Nullable Duration b) {
        return a == null || (b != null && b.compareTo(a) < 0) ? b : a;
    }

    /// The nodes notice it when they come to it: messages may come first.
    void advance(Duration duration) {
        noteTimeBesideCopy(duration);
        now = now.plus(duration);
        for (WorldNode node : processes) {
            if (!node.alive()) {
                continue;
            }
            node.undecided.removeIf(later -> {
                boolean due = !now.isBefore(later.due());
                if (due) {
                    node.todo.add(later.decided());
                }
                return due;
            });
            Duration until = node.untilNextDeadline().orElse(null);
            if (until != null && until.isZero()) {
                node.todo.add(new EngineInput.Tick());
            }
        }
    }

    /// A copy is found in time if messages arrive before time passes, and the original is there.
    private void noteTimeBesideCopy(Duration duration) {
        copy().ifPresent(copy -> {
            WorldNode original = node(copy.index());
            boolean onTheWay =
                    waiting.stream().anyMatch(link -> !link.queue.isEmpty())
                            || processes.stream()
                                    .anyMatch(node -> node.alive() && !node.todo.isEmpty());
            if (duration.isPositive()
                    && (onTheWay || !original.alive() || original.stopped() || copy.stopped())) {
                original.copyFoundInTime = false;
            }
        });
    }

    /// Until every session has ended.
    void untilOver() {
        deliverAll();
        int rounds = 0;
        while (passTime()) {
            deliverAll();
            if (++rounds > 2_000) {
                throw new AssertionError("the sessions do not end");
            }
        }
    }

    // --- a life

    void live() {
        chaos();
        calmDown();
        untilOver();
        requireOver();
        if (mustEnd() && nodes.stream().anyMatch(node -> node.wasCopied)) {
            counts.count("worlds that a copy must not have stopped");
        }
        traffic.finishAll();
        adversary.frame();
        faults.setClocksBackAfterExpiry();
        deliverAll();
        untilOver();
        requireOver();
        for (WorldNode node : nodes) {
            if (node.honest() && node.alive()) {
                if (node.intact) {
                    WorldChecks.requireHeld(node);
                }
                node.shutdown();
            }
        }
    }

    private void chaos() {
        int perSession = 3 * group.size() * (group.size() - 1);
        int faultRate = Math.clamp(2_600 / perSession, 6, 110);
        int idle = 0;
        for (int steps = 0; steps < 110 + 9 * perSession || idle < 5; steps++) {
            int dice = random.nextInt(1_000);
            if (dice < faultRate) {
                faults.oneFault();
            } else if (traffic.hasMore() && (dice < 2 * faultRate || !anyLive())) {
                traffic.ask();
            } else if (!step()) {
                idle++;
                if (!passTime()) {
                    return;
                }
            }
            if (steps > 40 * perSession + 2_000) {
                return;
            }
        }
    }

    private boolean anyLive() {
        return nodes.stream().anyMatch(node -> !node.liveSessions().isEmpty());
    }

    private void calmDown() {
        calm = true;
        copyEnds();
        for (WorldNode node : nodes) {
            node.tornAtNextForce = false;
            node.sendsUntilKilled = -1;
            node.diskFails = false;
            node.wallet.limit(WorldWallet.NO_LIMIT);
            node.wallOffset = Duration.ZERO;
            if (node.alive() && node.stopped()) {
                node.die(WorldNode.Loss.NOTHING);
            }
            if (!node.alive()) {
                node.start();
            }
            node.todo.add(new EngineInput.AcceptClock());
        }
    }

    /// A member that loses power for all at once.
    void restartAll() {
        for (WorldNode node : nodes) {
            if (node.alive()) {
                node.die(WorldNode.Loss.ALL);
            }
        }
        nodes.forEach(WorldNode::start);
    }

    private void requireOver() {
        for (WorldNode node : honest()) {
            if (!node.liveSessions().isEmpty()) {
                throw new AssertionError(node + " has sessions that do not end");
            }
            if (watch.unwiped(node) > 0) {
                throw new AssertionError(node + " keeps secret nonces of sessions that are over");
            }
        }
    }

    /// All blocks that this world needs, and what follows for the holds.
    void mine(int blocks) {
        chain.mine(blocks);
        for (WorldNode node : nodes) {
            if (node.alive()) {
                for (SessionId id : node.wallet.settled()) {
                    node.handle(new EngineInput.Settle(id));
                }
            }
        }
    }

    /// What the wallets take for final is settled when the nodes come to it.
    void settleSoon() {
        for (WorldNode node : nodes) {
            if (node.alive()) {
                for (SessionId id : node.wallet.settled()) {
                    node.todo.add(new EngineInput.Settle(id));
                }
            }
        }
    }

    @Override
    public void close() {
        nodes.forEach(node -> node.key.close());
    }
}
