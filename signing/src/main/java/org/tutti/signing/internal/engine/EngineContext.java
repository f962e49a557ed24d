package org.tutti.signing.internal.engine;

import org.jspecify.annotations.Nullable;
import org.tutti.base.Bytes;
import org.tutti.musig.schnorr.SchnorrSignature;
import org.tutti.signing.approval.Hold;
import org.tutti.signing.blame.Evidence;
import org.tutti.signing.blame.Verdict;
import org.tutti.signing.group.Member;
import org.tutti.signing.group.SignerGroup;
import org.tutti.signing.internal.wire.EnvelopeSigner;
import org.tutti.signing.internal.wire.KeyAttestation;
import org.tutti.signing.journal.JournalHead;
import org.tutti.signing.journal.JournalRecord;
import org.tutti.signing.journal.OwnHeads;
import org.tutti.signing.request.RequestGroup;
import org.tutti.signing.request.SessionId;
import org.tutti.signing.request.SigningLimits;
import org.tutti.signing.request.SigningRequest;
import org.tutti.signing.session.DropReason;
import org.tutti.signing.session.SessionEvent;
import org.tutti.signing.session.SessionTimeouts;

import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// What the sessions of one engine share: group and keys, the journal's head, the time, and the
/// list of outputs of the current input. Used by the engine's thread only.
final class EngineContext implements FinishedSessions.Clocks {
    /// A larger step of the wall clock while this process runs is reported, and nothing is
    /// forgotten after it.
    static final Duration MAX_CLOCK_STEP = Duration.ofHours(2);

    private static final Duration MAX_CLOCK_STEP_BACK = MAX_CLOCK_STEP.negated();

    /// Bytes of the group's id in the names of its evidence: one signing key may be in several
    /// groups.
    private static final int GROUP_IN_NAME = 8;

    final SignerGroup group;
    final EnvelopeSigner envelopeSigner;
    final Signer signer;
    final SessionTimeouts timeouts;
    final SigningLimits limits;
    final Verification verification;

    /// Whether a relay may stand between the members, which can repeat and withhold messages.
    final boolean overRelay;

    final KeyContexts keyContexts;
    private final Path evidenceFolder;
    private final List<Map<DropReason, Long>> drops = new ArrayList<>();
    private final @Nullable KeyAttestation[] attestations;
    private final RequestGroup requestGroup;
    private JournalHead head;
    private JournalHead forcedHead;
    private final OwnHeads ownHeads;
    private final HoldRegistry holds;
    private final Presence presence;
    private final Recovery recovery;
    private @Nullable EngineTime start;
    private Instant wall = Instant.EPOCH;
    private Instant running = Instant.EPOCH;
    private Duration clockOffset = Duration.ZERO;
    private boolean clockStepped;
    private boolean resourcesFreed;
    private Map<SessionId, Session> liveSessions = Map.of();
    private final String evidencePrefix;
    private final Set<String> savedEvidence;
    private List<EngineOutput> outputs = new ArrayList<>();

    EngineContext(EngineConfig config, JournalHead head, OwnHeads ownHeads) {
        this.group = config.group();
        this.envelopeSigner = config.envelopeSigner();
        this.signer = config.signer();
        this.timeouts = config.timeouts();
        this.limits = config.limits();
        this.evidenceFolder = config.evidenceFolder();
        this.verification = config.verification();
        this.overRelay = config.overRelay();
        this.keyContexts = new KeyContexts(group);
        this.holds = new HoldRegistry(group, limits.held());
        this.evidencePrefix = group.id().slice(0, GROUP_IN_NAME) + "-";
        this.savedEvidence = new HashSet<>(config.savedEvidence());
        savedEvidence.removeIf(name -> !name.startsWith(evidencePrefix));
        for (int i = 0; i < group.size(); i++) {
            drops.add(new EnumMap<>(DropReason.class));
        }
        this.attestations = new KeyAttestation[group.size()];
        this.requestGroup = RequestGroup.of(group);
        this.head = head;
        this.forcedHead = head;
        this.ownHeads = ownHeads;
        this.recovery = new Recovery(this, head.journal());
        this.presence = new Presence(this, config.terms());
    }

    void begin(EngineTime time) {
        this.outputs = new ArrayList<>();
        EngineTime first = start;
        if (first == null) {
            first = time;
            start = time;
        }
        wall = time.wall();
        running = runningAt(time);
        Duration offset = Duration.between(running, wall);
        Duration step = offset.minus(clockOffset);
        // Without `abs`, which computes with decimals, at each input.
        if (step.compareTo(MAX_CLOCK_STEP) > 0 || step.compareTo(MAX_CLOCK_STEP_BACK) < 0) {
            clockStepped = true;
            emit(new SessionEvent.ClockStepped(wall, step));
        }
        clockOffset = offset;
    }

    List<EngineOutput> outputs() {
        return outputs;
    }

    /// [#running] at this time.
    Instant runningAt(EngineTime time) {
        EngineTime first = start;
        return first == null ? time.wall() : first.wall().plus(time.boot().minus(first.boot()));
    }

    /// The wall clock: what events are dated with, and what new requests are compared with.
    Instant now() {
        return wall;
    }

    /// A clock that nobody sets and that counts sleep, in the words of the wall clock at the start.
    Instant running() {
        return running;
    }

    /// Whether a time that was so far away when it was noted is over by both clocks. Nothing that
    /// must be remembered is forgotten before that, nor after a step of the wall clock until the
    /// operator has looked at it.
    @Override
    public boolean surelyOver(Instant wallTime, Instant runningTime) {
        return !clockStepped && !wall.isBefore(wallTime) && !running.isBefore(runningTime);
    }

    /// A request may have been created by a clock that is a little ahead. After a step of the clock
    /// nothing is, as nothing is over.
    @Override
    public boolean isFarAhead(Instant expires) {
        Duration longest = limits.requests().clockSkew().plus(limits.requests().lifetime());
        return !clockStepped && expires.isAfter(wall.plus(longest));
    }

    /// A wall time in the words of [#running], as far as both clocks agree now.
    Instant toRunning(Instant wallTime) {
        return running.plus(Duration.between(wall, wallTime));
    }

    void acceptClock() {
        clockStepped = false;
    }

    HoldRegistry holds() {
        return holds;
    }

    /// The engine's live sessions; set once by it.
    void liveSessions(Map<SessionId, Session> live) {
        liveSessions = live;
    }

    /// Bytes of all nonce sets that wait for a comparison.
    long nonceSetBytes() {
        return liveSessions.values().stream().mapToLong(Session::nonceSetBytes).sum();
    }

    /// How far a live session is.
    HoldRegistry.Progress progress(SessionId id) {
        Session session = liveSessions.get(id);
        return session == null ? new HoldRegistry.Progress(false, false) : session.progress();
    }

    /// Another session has taken what this one had reserved.
    void displace(SessionId id) {
        Session session = liveSessions.get(id);
        if (session != null) {
            session.displaced();
        }
    }

    /// Something that other sessions may wait for is free.
    void resourcesFreed() {
        resourcesFreed = true;
    }

    /// Whether that happened since the last call.
    boolean takeResourcesFreed() {
        boolean freed = resourcesFreed;
        resourcesFreed = false;
        return freed;
    }

    /// Tells the owner of a hold, unless nothing is held.
    void tell(
            EngineOutput.HoldChanged.Change change,
            SigningRequest request,
            Hold hold,
            List<SchnorrSignature> signatures) {
        if (!hold.isNone()) {
            output(new EngineOutput.HoldChanged(change, request, hold, signatures, wall));
        }
    }

    /// Saves evidence if it convicts: the first of each kind against each culprit.
    ///
    /// @return the file that convicts this culprit; empty if there is none, and so no blame: there
    ///   is no more room, or a third party would not be convinced
    Optional<Path> save(Evidence evidence, Member culprit) {
        String name =
                evidencePrefix + culprit.signingKey().bytes() + "-" + evidence.kind() + ".evidence";
        if (!savedEvidence.contains(name)) {
            Bytes file = evidence.encode();
            if (savedEvidence.size() >= limits.evidenceFiles()
                    || !(Evidence.verify(file) instanceof Verdict.Guilty)) {
                return Optional.empty();
            }
            savedEvidence.add(name);
            output(new EngineOutput.SaveEvidence(name, file));
        }
        return Optional.of(evidencePath(name));
    }

    Member self() {
        return envelopeSigner.self();
    }

    void output(EngineOutput output) {
        outputs.add(output);
    }

    void emit(SessionEvent event) {
        outputs.add(new EngineOutput.Emit(event));
    }

    void append(JournalRecord record) {
        head = head.next(record.type(), record.payload());
        ownHeads.add(head);
        if (record.mustForce()) {
            forcedHead = head;
        }
        outputs.add(new EngineOutput.Append(record));
    }

    /// The head of what a crash cannot lose. Only this one may be sent to others: a signer that
    /// reports a head, crashes and comes back with fewer entries would be blamed for a journal that
    /// went backwards.
    JournalHead durableHead() {
        return forcedHead;
    }

    OwnHeads ownHeads() {
        return ownHeads;
    }

    /// Who is there.
    Presence presence() {
        return presence;
    }

    /// Journals that were lost.
    Recovery recovery() {
        return recovery;
    }

    /// SAFETY 8: dropped and counted.
    void drop(Member from, DropReason reason) {
        long count = drops.get(from.index()).merge(reason, 1L, Long::sum);
        if (Long.bitCount(count) == 1) {
            emit(new SessionEvent.Dropped(wall, from, reason, count));
        }
    }

    long dropped(int member, DropReason reason) {
        return drops.get(member).getOrDefault(reason, 0L);
    }

    /// Whether the member's signing key attests its peer id, at whatever time. The one with the
    /// highest sequence is verified once.
    boolean attested(Member member, KeyAttestation attestation) {
        KeyAttestation known = attestations[member.index()];
        if (attestation.equals(known)) {
            return true;
        }
        boolean valid = verification.isAttested(requestGroup, member, attestation);
        if (valid && (known == null || attestation.sequence() > known.sequence())) {
            attestations[member.index()] = attestation;
        }
        return valid;
    }

    /// The group as requests name it.
    RequestGroup requestGroup() {
        return requestGroup;
    }

    private Path evidencePath(String fileName) {
        return evidenceFolder.resolve(fileName);
    }
}
