package org.tutti.coordinator.internal.engine;

import org.tutti.base.Bytes;
import org.tutti.coordinator.event.CoordinatorException;
import org.tutti.coordinator.group.GroupDescriptor;
import org.tutti.coordinator.group.GroupEvent;
import org.tutti.coordinator.group.GroupFailure;
import org.tutti.coordinator.group.GroupLimits;
import org.tutti.coordinator.group.GroupPhase;
import org.tutti.coordinator.group.GroupRecord;
import org.tutti.coordinator.group.GroupView;
import org.tutti.coordinator.internal.wire.Crafted;
import org.tutti.coordinator.internal.wire.StatementReader;
import org.tutti.coordinator.message.Consent;
import org.tutti.coordinator.message.GroupForm;
import org.tutti.coordinator.message.GroupKey;
import org.tutti.coordinator.message.MessageException;
import org.tutti.coordinator.message.MessageLimits;
import org.tutti.coordinator.message.Proposal;
import org.tutti.coordinator.message.ProposalDraft;
import org.tutti.coordinator.message.ProposalId;
import org.tutti.coordinator.message.ReceiptCode;
import org.tutti.coordinator.message.Seal;
import org.tutti.coordinator.message.Statement;
import org.tutti.coordinator.message.Succession;
import org.tutti.coordinator.store.LogEntry;
import org.tutti.libp2p.identity.PeerId;
import org.tutti.musig.keys.ExtendedKeyVersions;
import org.tutti.musig.keys.ExtendedPrivateKey;
import org.tutti.musig.keys.KeyException;
import org.tutti.musig.keys.PublicKey;
import org.tutti.musig.keys.SecretKey;
import org.tutti.musig.schnorr.Schnorr;
import org.tutti.musig.schnorr.SchnorrSignature;

import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Random;
import java.util.Set;

/// Engines of several nodes' groups in one thread: what they send waits in a list, from which a
/// seed takes the next; statements are read and verified as a driver does.
final class GroupNetwork {
    static final SecureRandom SECRETS = new SecureRandom();

    final List<Node> nodes = new ArrayList<>();
    private final Random random;
    Instant now = Crafted.NOW;
    private final List<Runnable> underWay = new ArrayList<>();
    private final Set<Set<Node>> links = new HashSet<>();
    private final Map<Bytes, Statement> verified = new HashMap<>();

    GroupNetwork(long seed) {
        random = new Random(seed);
    }

    final class Node {
        final Crafted self = new Crafted();
        final PeerId peer = self.identity.publicKey().peerId();
        final GroupLimits limits;
        final List<LogEntry> log = new ArrayList<>();
        final List<GroupEvent> events = new ArrayList<>();
        final Map<ProposalId, ExtendedPrivateKey> keys = new HashMap<>();

        /// Whether it agrees to whatever is proposed.
        boolean willing = true;

        /// Whether it signs what it has agreed to.
        boolean signing = true;

        /// What it did not agree to, though it was willing.
        final List<CoordinatorException> refused = new ArrayList<>();

        GroupEngine engine;

        Node(GroupLimits limits) {
            this.limits = limits;
            engine = fresh();
        }

        private GroupEngine fresh() {
            return new GroupEngine(self.signer, peer, limits, ExtendedKeyVersions.TESTNET);
        }

        Proposal.Member member() {
            return new Proposal.Member(self.publicKey(), peer);
        }

        PublicKey key() {
            return self.publicKey();
        }

        /// As a process that was killed and started again, with what its log had.
        void restart() throws MessageException, KeyException {
            nodes.forEach(other -> disconnect(this, other));
            engine = fresh();
            List<GroupEngine.Restored> restored = new ArrayList<>();
            for (LogEntry entry : log) {
                restored.add(
                        switch (entry) {
                            case LogEntry.GroupTaken(Bytes proposal) ->
                                    new GroupEngine.Restored.Taken(
                                            (Proposal) reader().readAgain(proposal));
                            case LogEntry.GroupSaid(Bytes said) ->
                                    new GroupEngine.Restored.Said(reader().readAgain(said));
                            case LogEntry.GroupPrevious(ProposalId id, Bytes encoding) ->
                                    new GroupEngine.Restored.Previous(
                                            id, GroupDescriptor.parse(encoding));
                            case LogEntry.GroupEnded ended ->
                                    new GroupEngine.Restored.Ended(
                                            ended.proposal(),
                                            new GroupFailure(
                                                    GroupFailure.Code.valueOf(ended.code()),
                                                    ended.reason(),
                                                    PublicKey.parseAll(ended.culprits())));
                            case LogEntry.Taken _,
                                    LogEntry.Said _,
                                    LogEntry.Known _,
                                    LogEntry.Signed _,
                                    LogEntry.Over _ ->
                                    throw new IllegalStateException("not of groups: " + entry);
                        });
            }
            engine.restore(restored, now);
            log.clear();
            log.addAll(engine.snapshot());
            act();
        }

        /// With its disk gone, but for its keys.
        void loseDisk() throws MessageException, KeyException {
            log.clear();
            events.clear();
            restart();
        }

        /// Takes a group back, read and verified as a driver does.
        void adopt(GroupRecord record) throws CoordinatorException, MessageException {
            List<Statement> said = new ArrayList<>();
            for (Bytes envelope : record.statements()) {
                said.add(reader().readAgain(envelope));
            }
            engine.adopt(
                    (Proposal) reader().readAgain(record.proposal()),
                    said,
                    record.previous().map(GroupNetwork::parse),
                    now);
            act();
        }

        Proposal propose(GroupForm form, List<Node> members) throws CoordinatorException {
            Proposal proposal = self.signer.proposal(draft(form, members), now.toEpochMilli());
            engine.propose(proposal, now);
            consent(proposal);
            return proposal;
        }

        /// A group that follows another.
        Proposal proposeAfter(GroupDescriptor previous, List<Node> members)
                throws CoordinatorException {
            Proposal proposal = after(previous, members);
            engine.propose(proposal, now);
            consent(proposal);
            return proposal;
        }

        /// As a program of ours makes it.
        Proposal after(GroupDescriptor previous, List<Node> members) throws CoordinatorException {
            return made(members, engine.after(previous.id(), members(members)));
        }

        /// Whatever it says.
        Proposal made(List<Node> members, ProposalDraft.After after) {
            return self.signer.proposal(
                    new ProposalDraft(
                            "savings, again",
                            members(members),
                            GroupForm.EXTENDED,
                            9,
                            Duration.ofHours(1),
                            Optional.of(after)),
                    now.toEpochMilli());
        }

        /// What this node signs of a group that another follows.
        Succession succession(Proposal proposal, GroupDescriptor previous, Bytes descriptor) {
            return self.signer.succession(
                    proposal.id(),
                    previous.id(),
                    descriptor,
                    signed(previous.proposal(), Succession.message(previous.id(), descriptor)),
                    now.toEpochMilli());
        }

        void consent(Proposal proposal) throws CoordinatorException {
            if (proposal.member(key()).isEmpty()) {
                engine.leave(proposal.id(), now);
                act();
                return;
            }
            consent(proposal, groupKey(proposal), "");
        }

        void consent(Proposal proposal, GroupKey groupKey, String policy)
                throws CoordinatorException {
            engine.consent(
                    proposal.id(),
                    groupKey,
                    policy,
                    proof(proposal, groupKey, secret(proposal).secretKey()),
                    now);
            act();
        }

        GroupKey groupKey(Proposal proposal) {
            ExtendedPrivateKey key = secret(proposal);
            return proposal.form() == GroupForm.FIXED
                    ? new GroupKey.Bare(key.publicKey())
                    : GroupKey.Extended.ofMaster(key.neuter());
        }

        ExtendedPrivateKey secret(Proposal proposal) {
            return keys.computeIfAbsent(proposal.id(), _ -> freshKey(ExtendedKeyVersions.TESTNET));
        }

        SchnorrSignature proof(Proposal proposal, GroupKey groupKey, SecretKey secret) {
            Bytes message = Consent.proofMessage(proposal.id(), key(), groupKey.bytes());
            return Schnorr.sign(secret, message.toArray(), SECRETS);
        }

        /// A consent that this node signs properly, whatever is in it.
        Consent crafted(Proposal proposal, GroupKey groupKey, SecretKey secret, String policy) {
            return self.signer.consent(
                    proposal,
                    groupKey,
                    policy,
                    proof(proposal, groupKey, secret),
                    now.toEpochMilli());
        }

        Seal seal(Proposal proposal, Bytes descriptor) {
            return self.signer.seal(
                    proposal.id(),
                    descriptor,
                    Schnorr.sign(
                            secret(proposal).secretKey(),
                            Seal.message(descriptor).toArray(),
                            SECRETS),
                    now.toEpochMilli());
        }

        GroupView view(Proposal proposal) {
            return engine.group(proposal.id()).orElseThrow();
        }

        GroupPhase phase(Proposal proposal) {
            return view(proposal).phase();
        }

        GroupFailure failure(Proposal proposal) {
            return view(proposal).failure().orElseThrow();
        }

        <E extends GroupEvent> List<E> seen(Class<E> kind) {
            return events.stream().filter(kind::isInstance).map(kind::cast).toList();
        }

        /// Does what the engine wants.
        void act() {
            for (EngineOutput output : engine.takeOutputs()) {
                switch (output) {
                    case EngineOutput.Append(LogEntry entry) -> log.add(entry);
                    case EngineOutput.DeliverGroup deliver -> send(this, deliver);
                    case EngineOutput.JudgeGroup(Proposal proposal) -> {
                        if (willing) {
                            later(() -> agree(proposal));
                        }
                    }
                    case EngineOutput.SealGroup wanted -> {
                        GroupEngine asking = engine;
                        later(() -> {
                            if (engine == asking && signing) {
                                sign(wanted);
                            }
                        });
                    }
                    case EngineOutput.EmitGroup(GroupEvent event) -> events.add(event);
                    default -> throw new IllegalStateException("not of groups: " + output);
                }
            }
        }

        private void sign(EngineOutput.SealGroup wanted) {
            Optional<SchnorrSignature> seal =
                    wanted.member()
                            ? Optional.of(
                                    signed(wanted.proposal(), Seal.message(wanted.descriptor())))
                            : Optional.empty();
            Optional<SchnorrSignature> succession =
                    wanted.yielding()
                            .map(old ->
                                    signed(
                                            old.proposal(),
                                            Succession.message(
                                                    old.descriptor(), wanted.descriptor())));
            engine.sealed(wanted.proposal(), wanted.descriptor(), seal, succession, now);
            act();
        }

        SchnorrSignature signed(ProposalId group, Bytes message) {
            return Schnorr.sign(
                    Objects.requireNonNull(keys.get(group)).secretKey(),
                    message.toArray(),
                    SECRETS);
        }

        private void agree(Proposal proposal) {
            try {
                if (phase(proposal) == GroupPhase.PROPOSED) {
                    consent(proposal);
                }
            } catch (CoordinatorException e) {
                refused.add(e);
            }
        }

        /// What a peer says, read and verified as a driver does; on disk afterwards.
        ReceiptCode hear(Node from, Proposal proposal, boolean whole, Statement... statements) {
            return hear(from, proposal, whole, envelopes(statements));
        }

        ReceiptCode hear(Node from, Proposal proposal, boolean whole, List<Bytes> envelopes) {
            return hear(from, proposal, whole, envelopes, Optional.empty());
        }

        ReceiptCode hear(
                Node from,
                Proposal proposal,
                boolean whole,
                List<Bytes> envelopes,
                Optional<Bytes> previous) {
            List<Statement> read = new ArrayList<>();
            for (Bytes envelope : envelopes) {
                read(envelope).ifPresent(read::add); // A driver leaves out what is no member's.
            }
            ReceiptCode code =
                    engine.received(
                            from.peer,
                            proposal.id(),
                            whole ? Optional.of(proposal) : Optional.empty(),
                            read,
                            previous.map(GroupNetwork::parse),
                            now);
            act();
            return code;
        }

        @Override
        public String toString() {
            return "node " + nodes.indexOf(this);
        }
    }

    private static List<Bytes> envelopes(Statement... statements) {
        return List.of(statements).stream().map(Statement::envelope).toList();
    }

    private static GroupDescriptor parse(Bytes encoding) {
        try {
            return GroupDescriptor.parse(encoding);
        } catch (MessageException e) {
            throw new IllegalStateException(e);
        }
    }

    private static List<Proposal.Member> members(List<Node> nodes) {
        return nodes.stream().map(Node::member).toList();
    }

    static ExtendedPrivateKey freshKey(ExtendedKeyVersions versions) {
        byte[] seed = new byte[32];
        SECRETS.nextBytes(seed);
        try {
            return ExtendedPrivateKey.fromSeed(seed, versions);
        } catch (KeyException e) {
            throw new IllegalStateException(e);
        }
    }

    static StatementReader reader() {
        return new StatementReader(Crafted.NETWORK, MessageLimits.DEFAULT);
    }

    /// Each is verified once, as a driver does.
    private Optional<Statement> read(Bytes envelope) {
        return Optional.of(
                verified.computeIfAbsent(
                        envelope,
                        e -> {
                            try {
                                return reader().read(e, now);
                            } catch (MessageException x) {
                                throw new IllegalStateException(x);
                            }
                        }));
    }

    ProposalDraft draft(GroupForm form, List<Node> members) {
        return new ProposalDraft(
                "savings",
                members.stream().map(Node::member).toList(),
                form,
                7,
                Duration.ofHours(1));
    }

    Node add() {
        return add(GroupLimits.DEFAULT);
    }

    Node add(GroupLimits limits) {
        Node node = new Node(limits);
        nodes.add(node);
        return node;
    }

    /// So many nodes.
    static GroupNetwork of(long seed, int count) {
        GroupNetwork network = new GroupNetwork(seed);
        for (int i = 0; i < count; i++) {
            var _ = network.add();
        }
        return network;
    }

    private void later(Runnable action) {
        underWay.add(action);
    }

    /// Every two of them.
    void connectAll() {
        for (int i = 0; i < nodes.size(); i++) {
            for (int j = i + 1; j < nodes.size(); j++) {
                connect(nodes.get(i), nodes.get(j));
            }
        }
    }

    void connect(Node one, Node other) {
        if (links.add(Set.of(one, other))) {
            one.engine.connected(other.peer, now);
            other.engine.connected(one.peer, now);
            one.act();
            other.act();
        }
    }

    void disconnect(Node one, Node other) {
        if (one != other && links.remove(Set.of(one, other))) {
            one.engine.disconnected(other.peer);
            other.engine.disconnected(one.peer);
        }
    }

    /// To whom which group was told that is followed.
    final List<PeerId> toldPrevious = new ArrayList<>();

    private void send(Node from, EngineOutput.DeliverGroup deliver) {
        deliver.previous().ifPresent(_ -> toldPrevious.add(deliver.to()));
        GroupEngine sender = from.engine;
        Proposal proposal = sender.proposal(deliver.proposal()).orElseThrow();
        later(() -> {
            if (from.engine != sender) {
                return; // Another process by now.
            }
            Optional<Node> to =
                    nodes.stream()
                            .filter(node -> node.peer.equals(deliver.to()))
                            .filter(node -> links.contains(Set.of(from, node)))
                            .findFirst();
            if (to.isEmpty()) {
                sender.notDelivered(deliver.to(), deliver.proposal(), now);
                from.act();
                return;
            }
            ReceiptCode code =
                    to.get()
                            .hear(
                                    from,
                                    proposal,
                                    deliver.envelope().isPresent(),
                                    deliver.statements(),
                                    deliver.previous());
            List<Bytes> ending = to.get().engine.ending(from.peer, deliver.proposal());
            later(() -> {
                if (from.engine != sender) {
                    return;
                }
                List<Statement> back = new ArrayList<>();
                for (Bytes envelope : ending) {
                    read(envelope).filter(proposal::admits).ifPresent(back::add);
                }
                sender.receipt(
                        deliver.to(),
                        deliver.proposal(),
                        code,
                        deliver.envelope().isPresent(),
                        deliver.previous().isPresent(),
                        deliver.statements(),
                        back,
                        now);
                from.act();
            });
        });
    }

    /// Until nothing is under way.
    void run() {
        while (step()) {
            // All of it.
        }
    }

    /// One of what is under way.
    boolean step() {
        if (underWay.isEmpty()) {
            return false;
        }
        underWay.remove(random.nextInt(underWay.size())).run();
        return true;
    }

    void pass(Duration time) {
        now = now.plus(time);
        for (Node node : nodes) {
            node.engine.tick(now);
            node.act();
        }
        run();
    }
}
