package org.tutti.signing.internal.engine;

import org.jspecify.annotations.Nullable;
import org.tutti.base.Bytes;
import org.tutti.musig.keys.SecretKey;
import org.tutti.signing.approval.Decision;
import org.tutti.signing.group.Member;
import org.tutti.signing.internal.wire.EnvelopeSigner;
import org.tutti.signing.internal.wire.GroupFixture;
import org.tutti.signing.internal.wire.Inbound;
import org.tutti.signing.journal.Journal;
import org.tutti.signing.journal.JournalEntry;
import org.tutti.signing.journal.JournalHead;
import org.tutti.signing.journal.JournalRecord;
import org.tutti.signing.journal.JournalState;
import org.tutti.signing.request.RequestGroup;
import org.tutti.signing.request.SessionId;
import org.tutti.signing.session.LiveSession;
import org.tutti.signing.session.MemberState;
import org.tutti.signing.session.SessionEvent;
import org.tutti.signing.session.SessionOutcome;

import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// One signer of a group of a simulated world: the real engine, with a wallet above, on a
/// [WorldMachine] that has others too.
final class WorldNode {
    private static final Set<String> LIVE = Set.of("READINESS", "NONCES", "PARTIALS");

    /// A decision that a person has not made yet.
    record Later(Instant due, EngineInput.Decided decided) {}

    final World world;
    final WorldGroup group;
    final WorldMachine machine;
    final Member member;
    final SecretKey key;
    final boolean byzantine;
    final WorldWallet wallet;
    final List<Later> undecided = new ArrayList<>();
    final Map<SessionId, SessionOutcome> outcomes = new HashMap<>();
    final Map<String, Bytes> evidence = new HashMap<>();

    /// Sessions approved by this process.
    final Set<SessionId> approved = new HashSet<>();

    /// When this process first heard of a session.
    final Map<SessionId, EngineTime> seen = new HashMap<>();

    /// Sessions for which partial signatures have left, in all processes, and were not settled.
    final Map<SessionId, WorldChain.Transaction> signed = new HashMap<>();

    /// Those that were settled.
    final Map<SessionId, WorldChain.Transaction> settled = new HashMap<>();

    /// Partial signatures that were made before a restart.
    final Set<Bytes> stored = new HashSet<>();

    final Set<SessionId> conflictAllowed = new HashSet<>();

    /// How often it was started, or joined its group again: its sessions may go on then, whatever
    /// was said of them when they were suspended.
    int starts;

    /// A copy has sent partial signatures of which this process does not know, and is gone.
    boolean copyHasSigned;

    /// Another node has signed with nonces of a copy: it knows then that this signer took part in
    /// what its journal does not have.
    boolean copyTookPart;

    /// Partial signatures have left since there are two.
    boolean hasSignedSinceCopied;

    /// Boot ids of each member that have answered this process, in the order in which they did
    /// first.
    private final Map<Integer, Set<Bytes>> answered = new HashMap<>();

    private @Nullable GroupEngine engine;
    private @Nullable EnvelopeSigner envelopeSigner;

    WorldNode(
            WorldGroup group,
            WorldMachine machine,
            Member member,
            SecretKey key,
            boolean byzantine) {
        this.world = group.world;
        this.group = group;
        this.machine = machine;
        this.member = member;
        this.key = key;
        this.byzantine = byzantine;
        this.wallet = group.chain.wallet(this);
    }

    /// The same of a second process.
    static WorldNode copyOf(WorldNode original, WorldMachine machine) {
        WorldNode copy =
                new WorldNode(original.group, machine, original.member, original.key, false);
        copy.evidence.putAll(original.evidence);
        copy.settled.putAll(original.settled);
        copy.conflictAllowed.addAll(original.conflictAllowed);
        copy.stored.addAll(original.stored);
        copy.copyHasSigned = original.copyHasSigned;
        copy.copyTookPart = original.copyTookPart;
        copy.starts = original.starts;
        original.hasSignedSinceCopied = false;
        return copy;
    }

    /// It stands for the signer from now on.
    void takesOver(WorldNode ended) {
        copyHasSigned |= ended.hasSignedSinceCopied;
        outcomes.putAll(ended.outcomes);
        group.replace(ended, this);
    }

    int index() {
        return member.index();
    }

    boolean honest() {
        return !byzantine;
    }

    boolean alive() {
        return engine != null;
    }

    /// Whether it remembers all that it has signed.
    boolean intact() {
        return machine.intact;
    }

    SessionEngine engine() {
        return groupEngine().engine();
    }

    GroupEngine groupEngine() {
        if (engine == null) {
            throw new IllegalStateException("not running");
        }
        return engine;
    }

    EnvelopeSigner envelopeSigner() {
        if (envelopeSigner == null) {
            throw new IllegalStateException("not running");
        }
        return envelopeSigner;
    }

    EngineTime time() {
        return machine.time();
    }

    /// Whether this session is in readiness, nonces or partial signatures here.
    boolean isLive(SessionId id) {
        for (LiveSession session : liveSessions()) {
            if (session.id().equals(id)) {
                return LIVE.contains(session.phase());
            }
        }
        return false;
    }

    boolean isLive() {
        for (LiveSession session : liveSessions()) {
            if (LIVE.contains(session.phase())) {
                return true;
            }
        }
        return false;
    }

    List<LiveSession> liveSessions() {
        return alive() ? engine().liveSessions() : List.of();
    }

    Optional<Duration> untilNextDeadline() {
        return alive() ? engine().untilNextDeadline(time()) : Optional.empty();
    }

    // --- life and death

    /// Takes part from here on.
    ///
    /// @param state what the journal says
    /// @param entries all that it has
    /// @return what its engine says first
    List<GroupOutput> join(Journal journal, JournalState state, List<JournalEntry> entries) {
        starts++;
        Bytes id = group.id();
        Bytes boot = world.boot();
        if (machine.isCopy()) {
            group.copies.add(boot);
        }
        JournalRecord.Started started = new JournalRecord.Started(boot);
        JournalHead head = journal.head(id).next(started.type(), started.payload());
        state.accept(new JournalEntry(id, started), head);
        JournalReplay replay = new JournalReplay(group.signers, group.verification, state);
        EnvelopeSigner envelopes =
                new EnvelopeSigner(member, machine.identity, group.signers, boot);
        envelopeSigner = envelopes;
        EngineConfig config =
                new EngineConfig(
                        group.signers,
                        envelopes,
                        watchCopies(
                                new KeySigner(
                                        key,
                                        RequestGroup.of(group.signers),
                                        member.peerId(),
                                        world.secureRandom)),
                        world.timeouts,
                        world.limits,
                        GroupFixture.TERMS,
                        Path.of("evidence"),
                        evidence.keySet(),
                        group.verification);
        SessionEngine sessions = new SessionEngine(config, head, replay);
        GroupEngine fresh = new GroupEngine(id, sessions, this::perform);
        engine = fresh;
        rememberSigned(entries);
        List<EngineOutput> outputs = new ArrayList<>();
        outputs.add(new EngineOutput.Append(started));
        outputs.addAll(sessions.restore(replay, time()));
        sessions.liveSessions().forEach(session -> seen.putIfAbsent(session.id(), time()));
        return fresh.outputs(outputs);
    }

    /// SAFETY 32, and each nonce signs once.
    private Signer watchCopies(Signer signer) {
        return world.watch.watch(
                signer,
                this,
                () -> {
                    if (honest()
                            && engine().memberStates().stream().anyMatch(MemberState::copied)) {
                        throw new AssertionError(this + " signs beside a copy that it has found");
                    }
                });
    }

    /// What is in the journal may have left, even if nobody received it.
    private void rememberSigned(List<JournalEntry> entries) {
        Set<SessionId> holding = new HashSet<>();
        for (JournalEntry entry : entries) {
            if (!entry.group().equals(group.id())) {
                continue;
            }
            JournalRecord record = entry.record();
            if (record instanceof JournalRecord.Ready ready && !ready.hold().isNone()) {
                holding.add(ready.session());
            } else if (record instanceof JournalRecord.Sign sign) {
                var request = group.request(sign.session());
                if (request != null) {
                    stored.add(sign.ownPartials());
                }
                // In a snapshot one that is settled holds nothing from the beginning.
                if (request != null && holding.contains(sign.session())) {
                    signed.putIfAbsent(sign.session(), group.chain.find(request.context()));
                }
            } else if (record instanceof JournalRecord.Settled over) {
                signed.remove(over.session());
            }
        }
    }

    /// What it has said and holds after a start.
    ///
    /// @param outputs of all nodes of its machine
    void requireRestored(List<JournalEntry> entries, List<GroupOutput> outputs) {
        if (honest()) {
            List<JournalRecord> own =
                    entries.stream()
                            .filter(entry -> entry.group().equals(group.id()))
                            .map(JournalEntry::record)
                            .toList();
            List<EngineOutput> said =
                    outputs.stream()
                            .filter(output -> output.from().group().equals(group.id()))
                            .map(GroupOutput::output)
                            .toList();
            WorldChecks.requireToldAgain(this, own, said);
            WorldChecks.requireHeld(this);
        }
    }

    void handle(EngineInput input) {
        machine.handle(new WorldMachine.Input(this, input));
    }

    /// When the machine comes to it.
    void later(EngineInput input) {
        machine.todo.add(new WorldMachine.Input(this, input));
    }

    /// For its machine, which performs what follows.
    List<GroupOutput> handled(EngineInput input) {
        GroupEngine running = engine;
        if (running == null) {
            return List.of();
        }
        if (input instanceof EngineInput.Decided(SessionId id, Decision.Approved _)) {
            approved.add(id);
        } else if (input instanceof EngineInput.AcceptClock) {
            wallet.trustClock();
        }
        if (input instanceof EngineInput.Received(Inbound.Answered answer)
                && answer.answer().challengerBoot().equals(envelopeSigner().boot())) {
            answered.computeIfAbsent(answer.author().index(), _ -> new LinkedHashSet<>())
                    .add(answer.answer().boot());
        }
        List<EngineOutput> outputs = running.engine().handle(input, time());
        noteCopiesThatTookPart(outputs);
        return running.outputs(outputs);
    }

    /// Whether a copy of this signer has answered before the signer has, and was not found: when
    /// the signer is heard it seems to have been started again, and what the copy said to be of its
    /// journal.
    boolean hasHeardACopyFirst(WorldNode of) {
        if (!alive() || engine().memberStates().get(of.index()).copied()) {
            return false;
        }
        for (Bytes boot : answered.getOrDefault(of.index(), Set.of())) {
            if (group.copies.contains(boot)) {
                return true;
            }
            if (boot.equals(of.envelopeSigner().boot())) {
                return false;
            }
        }
        return false;
    }

    private void noteCopiesThatTookPart(List<EngineOutput> outputs) {
        if (group.copies.isEmpty()) {
            return;
        }
        for (EngineOutput output : outputs) {
            if (output instanceof EngineOutput.Append(JournalRecord.Sign sign)) {
                for (Bytes nonces : sign.nonceEnvelopes()) {
                    if (world.messages.open(nonces)
                                    instanceof EngineInput.Received(Inbound.Statement statement)
                            && group.copies.contains(statement.contribution().boot())) {
                        group.node(statement.author().index()).copyTookPart = true;
                    }
                }
            }
        }
    }

    /// It takes no part any more, and has no memory.
    void left() {
        engine = null;
        undecided.clear();
        approved.clear();
        seen.clear();
        answered.clear();
        wallet.restarted();
        world.watch.died(this);
    }

    private void perform(EngineOutput output) {
        switch (output) {
            case EngineOutput.Send(int to, Bytes envelope) -> {
                group.leaves(this, envelope);
                send(to, envelope);
            }
            case EngineOutput.SendToAllConnections(int to, Bytes envelope) -> {
                group.leaves(this, envelope);
                List.copyOf(connections(to)).forEach(peer -> send(peer, envelope));
            }
            case EngineOutput.Broadcast(Bytes envelope) -> {
                group.leaves(this, envelope);
                for (int to = 0; to < group.size(); to++) {
                    send(to, envelope);
                }
            }
            case EngineOutput.AskApproval ask -> group.decide(this, ask);
            case EngineOutput.Emit(SessionEvent.ClockStepped _) -> wallet.doubtClock();
            case EngineOutput.Emit _, EngineOutput.CannotSign _, EngineOutput.HandOver _ -> {}
            case EngineOutput.SaveEvidence(String name, Bytes content) -> {
                evidence.put(name, content);
                if (honest()) {
                    group.checks.requireConvicts(content);
                }
            }
            case EngineOutput.HoldChanged changed -> {
                SessionId id = changed.request().sessionId();
                WorldChain.Transaction transaction = signed.get(id);
                if (changed.change() == EngineOutput.HoldChanged.Change.SETTLED
                        && transaction != null) {
                    WorldChecks.requireFinal(this, transaction);
                    signed.remove(id);
                    settled.put(id, transaction);
                }
                wallet.changed(changed);
            }
            case EngineOutput.Finish(SessionOutcome outcome) -> {
                outcomes.put(outcome.sessionId(), outcome);
                if (honest()) {
                    group.finished(this, outcome);
                }
            }
            case EngineOutput.Append _ -> throw new IllegalStateException("not for the outside");
        }
    }

    private List<WorldMachine> connections(int to) {
        return machine.connections(group.signers.member(to).peerId());
    }

    private void send(int to, Bytes envelope) {
        List<WorldMachine> peers = connections(to);
        if (!peers.isEmpty()) {
            send(peers.getFirst(), envelope);
        }
    }

    private void send(WorldMachine peer, Bytes envelope) {
        machine.sends();
        WorldNode to = peer.node(group);
        if (to != null) {
            group.send(this, to, envelope);
        }
    }

    @Override
    public String toString() {
        return (byzantine ? "mallory " : machine.isCopy() ? "copy of node " : "node ")
                + index()
                + (world.groups.indexOf(group) == 1 ? " of the second group" : "");
    }
}
