package org.tutti.signing.internal.engine;

import org.jspecify.annotations.Nullable;
import org.tutti.base.Bytes;
import org.tutti.libp2p.identity.PrivateKey;
import org.tutti.musig.keys.SecretKey;
import org.tutti.signing.approval.Decision;
import org.tutti.signing.group.Member;
import org.tutti.signing.internal.wire.EnvelopeSigner;
import org.tutti.signing.internal.wire.GroupFixture;
import org.tutti.signing.journal.Journal;
import org.tutti.signing.journal.JournalCompactor;
import org.tutti.signing.journal.JournalEntry;
import org.tutti.signing.journal.JournalHead;
import org.tutti.signing.journal.JournalRecord;
import org.tutti.signing.journal.JournalRetention;
import org.tutti.signing.journal.JournalState;
import org.tutti.signing.journal.MemoryJournalFiles;
import org.tutti.signing.journal.TestJournals;
import org.tutti.signing.request.RequestGroup;
import org.tutti.signing.request.SessionId;
import org.tutti.signing.session.LiveSession;
import org.tutti.signing.session.MemberState;
import org.tutti.signing.session.SessionOutcome;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// One signer of a simulated world: the real engine, group commit and journal, with two clocks, a
/// disk that fails, and a wallet above. What it does wrong is decided by its [World].
final class WorldNode {
    private static final Set<String> LIVE = Set.of("READINESS", "NONCES", "PARTIALS");

    /// Journals of worlds are small, and compacted whenever half of one would go.
    private static final int COMPACT_GROWTH = 8 << 10;

    /// A decision that a person has not made yet.
    record Later(Instant due, EngineInput.Decided decided) {}

    final World world;
    final Member member;
    final PrivateKey identity;
    final SecretKey key;
    final boolean byzantine;
    final WorldWallet wallet;
    final ArrayDeque<EngineInput> todo = new ArrayDeque<>();
    final List<Later> undecided = new ArrayList<>();
    final Map<SessionId, SessionOutcome> outcomes = new HashMap<>();
    final Map<String, Bytes> evidence = new HashMap<>();
    final MemoryJournalFiles file = new MemoryJournalFiles();

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

    /// Its journal was never replaced by an older one.
    boolean intact = true;

    /// Its wall clock was never set.
    boolean clockUntouched = true;

    Duration wallOffset = Duration.ZERO;
    byte[] backup = new byte[0];

    /// It is killed while it sends this many more messages; negative if it is not.
    int sendsUntilKilled = -1;

    /// It is killed between its next write and force.
    boolean tornAtNextForce;

    /// How often its process was started.
    int starts;

    boolean diskFails;

    /// The process that this one is a copy of, while both are there.
    private @Nullable WorldNode original;

    /// Two processes have had its identity.
    boolean wasCopied;

    /// A copy has sent partial signatures of which this process does not know, and is gone.
    boolean copyHasSigned;

    /// Partial signatures have left since there are two.
    boolean hasSignedSinceCopied;

    /// Messages took no time while there was a copy of this process, which was there itself.
    boolean copyFoundInTime = true;

    /// When its copy ended: until others have found that there were two, a restart of this one
    /// looks as if its journal had gone back.
    private @Nullable Instant copyEnded;

    /// The members that it has connections with, if it is a copy.
    private final Set<Integer> reached = new HashSet<>();

    /// With each member's processes, in the order in which they were opened: a link is one stream,
    /// on the first.
    private final Map<Integer, List<WorldNode>> connections = new HashMap<>();

    private final Map<WorldNode, World.Link> links = new HashMap<>();
    private @Nullable SessionEngine engine;
    private @Nullable GroupEngine groupEngine;
    private @Nullable GroupCommit commit;
    private @Nullable JournalCompactor compactor;
    private @Nullable EnvelopeSigner envelopeSigner;

    WorldNode(World world, Member member, PrivateKey identity, SecretKey key, boolean byzantine) {
        this.world = world;
        this.member = member;
        this.identity = identity;
        this.key = key;
        this.byzantine = byzantine;
        this.wallet = world.chain.wallet(this);
        file.failing(() -> diskFails);
        file.probe(operation -> {
            if (tornAtNextForce && operation.equals("force") && alive()) {
                throw new SimNode.Killed();
            }
        });
    }

    /// A second process of it, on another machine.
    static WorldNode copyOf(WorldNode original) {
        World world = original.world;
        WorldNode copy =
                new WorldNode(world, original.member, original.identity, original.key, false);
        copy.original = original;
        copy.file.content(original.file.content());
        copy.evidence.putAll(original.evidence);
        copy.settled.putAll(original.settled);
        copy.conflictAllowed.addAll(original.conflictAllowed);
        copy.stored.addAll(original.stored);
        copy.intact = original.intact;
        copy.copyHasSigned = original.copyHasSigned;
        copy.clockUntouched = original.clockUntouched;
        copy.wallOffset = original.wallOffset;
        copy.starts = original.starts;
        boolean all = world.chance(70);
        for (WorldNode other : world.nodes) {
            if (all || world.chance(60)) {
                copy.reached.add(other.index());
            }
        }
        original.wasCopied = true;
        original.hasSignedSinceCopied = false;
        copy.wasCopied = true;
        return copy;
    }

    /// The copy is the node from now on.
    void takesOver(WorldNode ended) {
        original = null;
        intact = false;
        copyHasSigned |= ended.hasSignedSinceCopied;
        copyFoundInTime = ended.copyFoundInTime;
        outcomes.putAll(ended.outcomes);
        backup = ended.backup;
        if (alive()) {
            world.connected(this);
        }
    }

    void copyEnds(boolean hasSigned) {
        copyHasSigned |= hasSigned;
        copyEnded = world.now;
    }

    boolean isCopy() {
        return original != null;
    }

    /// Whether there are connections between the two. A process has none with its own identity.
    boolean reaches(WorldNode other) {
        return other.index() != index() && (original == null || reached.contains(other.index()));
    }

    List<WorldNode> connections(int member) {
        return connections.computeIfAbsent(member, _ -> new ArrayList<>());
    }

    World.Link link(WorldNode to) {
        return links.computeIfAbsent(to, World.Link::new);
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

    boolean stopped() {
        GroupCommit running = commit;
        return running != null && running.failed();
    }

    SessionEngine engine() {
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
        return new EngineTime(world.now.plus(wallOffset), Duration.between(World.START, world.now));
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

    void start() {
        List<JournalRecord> records;
        List<EngineOutput> outputs;
        diskFails = false;
        starts++;
        // A key stays taken for 30 days by the wall clock alone if a node starts with a wrong one.
        if (wallOffset.compareTo(Duration.ofDays(20)) > 0) {
            wallOffset = Duration.ZERO;
        }
        try {
            JournalRetention retention =
                    new JournalRetention(
                            world.limits.requests().lifetime(),
                            world.limits.requests().clockSkew(),
                            0,
                            COMPACT_GROWTH);
            JournalState state = new JournalState(retention, time().wall());
            Journal journal = Journal.open(file, this::journalId, state);
            records = TestJournals.records(file);
            Bytes boot = world.boot();
            JournalRecord.Started started = new JournalRecord.Started(boot);
            Bytes group = world.group.id();
            journal.append(group, List.of(started));
            journal.force();
            state.accept(new JournalEntry(group, started), journal.head(group));
            JournalReplay replay = new JournalReplay(world.group, world.limits, state);
            EnvelopeSigner envelopes = new EnvelopeSigner(member, identity, world.group, boot);
            envelopeSigner = envelopes;
            Signer signer =
                    watchCopies(
                            new KeySigner(
                                    key,
                                    RequestGroup.of(world.group),
                                    member.peerId(),
                                    world.secureRandom));
            EngineConfig config =
                    new EngineConfig(
                            world.group,
                            envelopes,
                            signer,
                            world.timeouts,
                            world.limits,
                            GroupFixture.TERMS,
                            Path.of("evidence"),
                            evidence.keySet());
            SessionEngine fresh = new SessionEngine(config, journal.head(group), replay);
            engine = fresh;
            GroupEngine freshEngine = new GroupEngine(group, fresh, this::perform);
            GroupCommit freshCommit = new GroupCommit(List.of(freshEngine), journal);
            groupEngine = freshEngine;
            commit = freshCommit;
            compactor =
                    new JournalCompactor(
                            journal,
                            retention,
                            () -> time().wall(),
                            Runnable::run,
                            () -> {},
                            _ -> {});
            rememberSigned(records);
            outputs = fresh.restore(replay, time());
            fresh.liveSessions().forEach(session -> seen.putIfAbsent(session.id(), time()));
            orDie(() -> freshCommit.perform(freshEngine.outputs(outputs), time()));
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
        if (honest() && intact) {
            WorldChecks.requireToldAgain(this, records, outputs);
            WorldChecks.requireHeld(this);
        }
        if (alive()) {
            world.connected(this);
        }
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
    private void rememberSigned(List<JournalRecord> records) {
        Set<SessionId> holding = new HashSet<>();
        for (JournalRecord record : records) {
            if (record instanceof JournalRecord.Ready ready && !ready.hold().isNone()) {
                holding.add(ready.session());
            } else if (record instanceof JournalRecord.Sign sign) {
                var request = world.request(sign.session());
                if (request != null) {
                    stored.add(sign.ownPartials());
                }
                // In a snapshot one that is settled holds nothing from the beginning.
                if (request != null && holding.contains(sign.session())) {
                    signed.putIfAbsent(sign.session(), world.chain.find(request.context()));
                }
            } else if (record instanceof JournalRecord.Settled settled) {
                signed.remove(settled.session());
            }
        }
    }

    void handle(EngineInput... batch) {
        SessionEngine running = engine;
        GroupEngine of = groupEngine;
        GroupCommit committing = commit;
        JournalCompactor compacting = compactor;
        if (running == null || of == null || committing == null || compacting == null) {
            return;
        }
        orDie(() -> {
            List<EngineOutput> outputs = new ArrayList<>();
            for (EngineInput input : batch) {
                if (input instanceof EngineInput.Decided(SessionId id, Decision.Approved _)) {
                    approved.add(id);
                }
                outputs.addAll(running.handle(input, time()));
            }
            committing.perform(of.outputs(outputs), time());
            committing.compact(compacting, time());
        });
        if (alive()
                && honest()
                && intact
                && Arrays.stream(batch).anyMatch(EngineInput.Tick.class::isInstance)) {
            WorldChecks.requireHeld(this);
        }
    }

    private void orDie(Runnable step) {
        boolean live = mayBeKilled() && isLive();
        try {
            step.run();
        } catch (SimNode.Killed _) {
            if (live && honest()) {
                world.counts.hit(tornAtNextForce ? WorldFault.TORN_WRITE : WorldFault.POWER_LOSS);
            }
            die(tornAtNextForce ? Loss.PART : Loss.ALL);
        }
    }

    private boolean mayBeKilled() {
        return tornAtNextForce || sendsUntilKilled >= 0;
    }

    /// What a stop loses of what was not forced.
    enum Loss {
        NOTHING,
        PART,
        ALL
    }

    /// Loses its memory, and what was not forced.
    void die(Loss loss) {
        Instant ended = copyEnded;
        if (ended != null && world.now.isBefore(ended.plus(PeerHeads.SETTLES))) {
            copyFoundInTime = false;
        }
        engine = null;
        commit = null;
        sendsUntilKilled = -1;
        tornAtNextForce = false;
        todo.clear();
        undecided.clear();
        approved.clear();
        seen.clear();
        wallet.restarted();
        world.watch.died(this);
        byte[] written = file.content();
        file.crash();
        int durable = file.content().length;
        if (loss != Loss.ALL && written.length > durable) {
            int rest = written.length - durable;
            int kept = loss == Loss.NOTHING ? rest : world.random.nextInt(rest);
            file.content(Arrays.copyOf(written, durable + kept));
        }
        world.disconnected(this);
    }

    /// An orderly stop.
    void shutdown() {
        handle(new EngineInput.Shutdown());
        if (alive()) {
            WorldChecks.requireWiped(this);
            die(Loss.NOTHING);
        }
    }

    /// The operator replaces the journal by an older copy.
    void restoreBackup() {
        if (alive()) {
            die(Loss.ALL);
        }
        file.content(backup.clone());
        intact = false;
    }

    private void perform(EngineOutput output) {
        switch (output) {
            case EngineOutput.Send(int to, Bytes envelope) -> {
                world.leaves(this, envelope);
                send(to, envelope);
            }
            case EngineOutput.SendToAllConnections(int to, Bytes envelope) -> {
                world.leaves(this, envelope);
                List.copyOf(connections(to)).forEach(peer -> send(peer, envelope));
            }
            case EngineOutput.Broadcast(Bytes envelope) -> {
                world.leaves(this, envelope);
                for (int to = 0; to < world.group.size(); to++) {
                    send(to, envelope);
                }
            }
            case EngineOutput.AskApproval ask -> world.decide(this, ask);
            case EngineOutput.Emit _, EngineOutput.CannotSign _, EngineOutput.HandOver _ -> {}
            case EngineOutput.SaveEvidence(String name, Bytes content) -> {
                evidence.put(name, content);
                if (honest()) {
                    WorldChecks.requireConvicts(world, content);
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
                    world.finished(this, outcome);
                }
            }
            case EngineOutput.Append _ -> throw new IllegalStateException("not for the outside");
        }
    }

    private void send(int to, Bytes envelope) {
        List<WorldNode> peers = connections(to);
        if (!peers.isEmpty()) {
            send(peers.getFirst(), envelope);
        }
    }

    private void send(WorldNode to, Bytes envelope) {
        if (sendsUntilKilled >= 0 && --sendsUntilKilled < 0) {
            throw new SimNode.Killed();
        }
        world.send(this, to, envelope);
    }

    private Bytes journalId() {
        return member.signingKey().bytes().slice(0, JournalHead.JOURNAL_ID_BYTES);
    }

    @Override
    public String toString() {
        return (byzantine ? "mallory " : isCopy() ? "copy of node " : "node ") + index();
    }
}
