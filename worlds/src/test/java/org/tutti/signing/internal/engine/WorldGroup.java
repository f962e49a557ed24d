package org.tutti.signing.internal.engine;

import org.jspecify.annotations.Nullable;
import org.tutti.base.Bytes;
import org.tutti.libp2p.identity.PeerId;
import org.tutti.musig.keys.SecretKey;
import org.tutti.signing.approval.Decision;
import org.tutti.signing.group.GroupException;
import org.tutti.signing.group.Member;
import org.tutti.signing.group.SignerGroup;
import org.tutti.signing.internal.wire.GroupFixture;
import org.tutti.signing.internal.wire.Inbound;
import org.tutti.signing.internal.wire.KeyAttestation;
import org.tutti.signing.request.RequestGroup;
import org.tutti.signing.request.SessionId;
import org.tutti.signing.request.SigningRequest;
import org.tutti.signing.session.LiveSession;
import org.tutti.signing.session.SessionOutcome;
import org.tutti.signing.session.SessionTimeouts;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;

/// One group of signers of a simulated world, some of them dishonest; above them a model of wallets
/// and a chain.
final class WorldGroup {
    private static final Duration READINESS = SessionTimeouts.DEFAULT.readiness();

    final World world;
    final SignerGroup signers;

    final Verification verification;

    /// By signer index.
    final List<WorldNode> nodes = new ArrayList<>();

    final WorldChain chain;
    final WorldChecks checks;
    final WorldAdversary adversary;
    final WorldTraffic traffic;

    private final Map<SessionId, SigningRequest> requests = new LinkedHashMap<>();
    private final Set<Bytes> keyed = new HashSet<>();

    /// Boot ids of processes that were copies.
    final Set<Bytes> copies = new HashSet<>();

    private final List<KeyAttestation> attestations = new ArrayList<>();

    /// @param machines of its members
    /// @param keys for signing, in their order
    /// @param honestPercent how often all are honest
    WorldGroup(
            World world,
            long epoch,
            List<WorldMachine> machines,
            List<SecretKey> keys,
            int honestPercent,
            Function<WorldGroup, WorldChain> chainOf) {
        this.world = world;
        int size = machines.size();
        List<SignerGroup.Candidate> candidates = new ArrayList<>();
        for (int i = 0; i < size; i++) {
            candidates.add(
                    new SignerGroup.Candidate(
                            machines.get(i).peerId(), keys.get(i).publicKey(), List.of()));
        }
        try {
            this.signers = SignerGroup.of(GroupFixture.NETWORK, epoch, candidates);
        } catch (GroupException e) {
            throw new IllegalStateException(e);
        }
        this.verification = new VerifiedOnce(Verification.of(signers, world.limits));
        this.chain = chainOf.apply(this);
        int byzantine =
                world.random.nextInt(100) < honestPercent ? 0 : 1 + world.random.nextInt(size - 1);
        Set<Integer> bad = new HashSet<>();
        while (bad.size() < byzantine) {
            bad.add(world.random.nextInt(size));
        }
        for (int i = 0; i < size; i++) {
            Member member = member(machines.get(i).peerId()).orElseThrow();
            WorldNode node =
                    new WorldNode(
                            this,
                            machines.get(i),
                            member,
                            keys.get(i),
                            bad.contains(member.index()));
            machines.get(i).nodes.add(node);
            nodes.add(node);
        }
        nodes.sort(Comparator.comparingInt(WorldNode::index));
        this.checks = new WorldChecks(this);
        this.adversary = new WorldAdversary(this);
        this.traffic = new WorldTraffic(this);
    }

    // --- what is in it

    /// 32 bytes.
    Bytes id() {
        return signers.id();
    }

    int size() {
        return signers.size();
    }

    boolean has(PeerId peer) {
        return signers.member(peer).isPresent();
    }

    Optional<Member> member(PeerId peer) {
        return signers.member(peer);
    }

    WorldNode node(int index) {
        return nodes.get(index);
    }

    /// The nodes, and the copy of one while there is one.
    List<WorldNode> processes() {
        List<WorldNode> all = new ArrayList<>();
        for (WorldMachine machine : world.processes) {
            WorldNode node = machine.node(this);
            if (node != null) {
                all.add(node);
            }
        }
        return all;
    }

    List<WorldNode> honest() {
        return nodes.stream().filter(WorldNode::honest).toList();
    }

    boolean allHonest() {
        return nodes.stream().allMatch(WorldNode::honest);
    }

    /// A copy goes on in the place of the original.
    void replace(WorldNode original, WorldNode copy) {
        nodes.set(original.index(), copy);
    }

    /// That of each signer for its own peer id, in signer order. Made once: each that is new has to
    /// be verified by all.
    List<KeyAttestation> attestations() {
        if (attestations.isEmpty()) {
            nodes.forEach(node ->
                    attestations.add(
                            KeyAttestation.make(
                                    node.key,
                                    RequestGroup.of(signers),
                                    node.member.peerId(),
                                    World.START.toEpochMilli(),
                                    World.START.plus(Duration.ofDays(30)),
                                    new byte[32])));
        }
        return attestations;
    }

    /// Whether every operation can be done once it is calm: all are honest, remember all that they
    /// have signed, and had no copy that could not be found in time.
    boolean mustEnd() {
        return nodes.stream()
                .allMatch(node ->
                        node.honest()
                                && node.intact()
                                && !hasCopySigned(node)
                                && !node.copyTookPart
                                && node.machine.copyFoundInTime);
    }

    /// Whether a signer exists that is honest and has forgotten nothing: it alone keeps an
    /// operation from happening twice.
    boolean protectedBySomebody() {
        return nodes.stream()
                .anyMatch(node -> node.honest() && node.intact() && !hasCopySigned(node));
    }

    /// Whether a copy of this node has sent partial signatures of which it does not know.
    private boolean hasCopySigned(WorldNode node) {
        return node.copyHasSigned
                || world.copy()
                        .map(copy -> copy.node(this))
                        .filter(copy -> copy.index() == node.index() && copy.hasSignedSinceCopied)
                        .isPresent();
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

    boolean anyLive() {
        return nodes.stream().anyMatch(node -> !node.liveSessions().isEmpty());
    }

    // --- messages

    /// A message of an engine leaves, for whomever it is connected with.
    void leaves(WorldNode from, Bytes envelope) {
        if (from.honest()) {
            EngineInput input = world.messages.openOfEngine(from, envelope);
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

    void enqueue(WorldNode from, WorldNode to, Bytes envelope) {
        if (!from.machine.equals(to.machine) && from.machine.alive() && to.machine.alive()) {
            world.network.enqueue(from.machine, to.machine, world.messages.open(envelope));
        }
    }

    // --- decisions

    void decide(WorldNode node, EngineOutput.AskApproval ask) {
        SessionId id = ask.request().sessionId();
        know(ask.request());
        node.seen.putIfAbsent(id, node.time());
        if (node.byzantine) {
            node.later(
                    new EngineInput.Decided(id, new Decision.Approved(ask.request().messages())));
            return;
        }
        Decision decision = node.wallet.decide(ask.request());
        if (decision instanceof Decision.Approved) {
            checks.requirePermitted(node, ask.request());
        }
        if (!world.calm() && world.chance(3)) {
            decision = new Decision.Refused("NO", "a person does not want it");
        }
        countCrossing(node, ask.request());
        countSameNames(node, ask.request());
        if (decision instanceof Decision.Refused && isLive(id)) {
            world.counts.hit(WorldFault.REFUSAL);
        }
        EngineInput.Decided decided = new EngineInput.Decided(id, decision);
        if (!world.calm() && world.chance(12)) {
            Duration wait =
                    world.chance(70)
                            ? Duration.ofSeconds(1 + world.random.nextInt(18))
                            : READINESS.plusSeconds(world.random.nextInt(60));
            node.undecided.add(new WorldNode.Later(world.now.plus(wait), decided));
            if (isLive(id)) {
                world.counts.hit(WorldFault.SLOW_APPROVAL);
            }
        } else {
            node.later(decided);
        }
    }

    private boolean isLive(SessionId id) {
        return nodes.stream().anyMatch(node -> node.isLive(id));
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
                world.counts.hit(WorldFault.CROSSING);
                return;
            }
        }
    }

    private void countSameNames(WorldNode node, SigningRequest request) {
        for (WorldNode other : node.machine.nodes) {
            if (!other.equals(node)
                    && other.alive()
                    && (other.group.hasRequestWith(request.idempotencyKey())
                            || (chain.knows(request.context())
                                    && chain.find(request.context()).coins().stream()
                                            .anyMatch(other.engine()::isHeld)))) {
                world.counts.hit(WorldFault.SAME_NAMES_IN_TWO_GROUPS);
                return;
            }
        }
    }

    private boolean hasRequestWith(Bytes key) {
        return !key.isEmpty()
                && requests.values().stream()
                        .anyMatch(request -> request.idempotencyKey().equals(key));
    }

    void finished(WorldNode node, SessionOutcome outcome) {
        checks.ended(node, outcome);
        traffic.ended(node, outcome);
        if (outcome instanceof SessionOutcome.Signed) {
            world.faults.signed(this, outcome.sessionId());
        }
        world.counts.count("ends: " + outcome.getClass().getSimpleName());
    }

    // --- its end

    void requireOver() {
        for (WorldNode node : honest()) {
            if (!node.liveSessions().isEmpty()) {
                throw new AssertionError(node + " has sessions that do not end");
            }
            if (world.watch.unwiped(node) > 0) {
                throw new AssertionError(node + " keeps secret nonces of sessions that are over");
            }
        }
    }

    /// All blocks that this group needs, and what follows for the holds.
    void mine(int blocks) {
        chain.mine(blocks);
        for (WorldNode node : nodes) {
            if (node.alive()) {
                for (SessionId id : node.wallet.settled()) {
                    node.handle(new EngineInput.Settle(id, Bytes.EMPTY));
                }
            }
        }
    }

    /// What the wallets take for final is settled when the nodes come to it.
    void settleSoon() {
        for (WorldNode node : nodes) {
            if (node.alive()) {
                for (SessionId id : node.wallet.settled()) {
                    node.later(new EngineInput.Settle(id, Bytes.EMPTY));
                }
            }
        }
    }

    void close() {
        nodes.forEach(node -> node.key.close());
        chain.close();
    }
}
