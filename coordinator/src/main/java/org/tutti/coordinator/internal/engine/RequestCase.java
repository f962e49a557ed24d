package org.tutti.coordinator.internal.engine;

import org.jspecify.annotations.Nullable;
import org.tutti.base.Bytes;
import org.tutti.coordinator.approval.Judgement;
import org.tutti.coordinator.event.RequestPhase;
import org.tutti.coordinator.event.RequestView;
import org.tutti.coordinator.message.Invitation;
import org.tutti.coordinator.message.Join;
import org.tutti.coordinator.message.Refusal;
import org.tutti.coordinator.message.RequestLimits;
import org.tutti.coordinator.message.Statement;
import org.tutti.coordinator.message.Withdrawal;
import org.tutti.libp2p.identity.PeerId;
import org.tutti.musig.keys.PublicKey;
import org.tutti.musig.schnorr.SchnorrSignature;
import org.tutti.signing.request.SessionId;
import org.tutti.signing.session.Step;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// One request on this node.
final class RequestCase {
    /// What a request costs beside its bytes: keys, maps, messages.
    private static final int OVERHEAD = 4_096;

    private static final int OVERHEAD_PER_KEY = 1_024;

    private final Invitation request;
    private final PublicKey self;

    /// Who relays; none where all are connected to all.
    private final Optional<PublicKey> relay;

    private final Map<PublicKey, Signer> signers = new LinkedHashMap<>();
    private Bytes psbt;
    private RequestPhase phase;
    private List<String> summary = List.of();
    private @Nullable Withdrawal withdrawal;
    private List<SchnorrSignature> signatures = List.of();

    /// Whom the group was formed with; none before all have joined.
    private Map<PublicKey, PeerId> formed = Map.of();

    private @Nullable Instant nextForming;
    private boolean committed;
    private @Nullable Instant signedAt;
    private @Nullable Instant sessionBegan;
    private @Nullable Awaited awaited;
    private int sessions;
    private @Nullable Instant nextSession;
    private Duration pause;

    /// Since when something is left to the requester to pass on.
    private @Nullable Instant heldBackSince;

    RequestCase(Invitation request, Bytes psbt, PublicKey self, Instant now, RequestLimits limits) {
        this.request = request;
        this.self = self;
        this.relay = limits.relay(request);
        this.psbt = psbt;
        this.phase =
                request.psbt().isPresent() && psbt.isEmpty()
                        ? RequestPhase.FETCHING
                        : RequestPhase.JUDGING;
        this.pause = limits.retryFirst();
        for (PublicKey key : request.keys()) {
            signers.put(key, new Signer(key, now, limits));
        }
    }

    /// A step that a session waits for.
    record Awaited(SessionId session, Step step) {}

    Invitation request() {
        return request;
    }

    Bytes psbt() {
        return psbt;
    }

    /// What it takes in memory.
    static long bytes(Invitation request) {
        return OVERHEAD
                + (long) OVERHEAD_PER_KEY * request.keys().size()
                + 2L * request.envelope().length()
                + request.psbt().map(Invitation.PsbtReference::length).orElse(0);
    }

    void fetched(Bytes transaction) {
        psbt = transaction;
        phase = RequestPhase.JUDGING;
    }

    boolean isOwn() {
        return request.requester().equals(self);
    }

    Signer own() {
        return signer(self).orElseThrow();
    }

    Optional<Signer> signer(PublicKey key) {
        return Optional.ofNullable(signers.get(key));
    }

    /// Whether something has been left to the requester for this time; from the first call on.
    boolean hasHeldBack(Duration time, Instant now) {
        Instant since = heldBackSince;
        if (since == null) {
            since = now;
            heldBackSince = now;
        }
        return !now.isBefore(since.plus(time));
    }

    void holdsNothingBack() {
        heldBackSince = null;
    }

    List<Signer> others() {
        return signers.values().stream().filter(signer -> !signer.key().equals(self)).toList();
    }

    RequestPhase phase() {
        return phase;
    }

    void phase(RequestPhase next) {
        phase = next;
    }

    void judged(Judgement judgement) {
        summary = judgement.summary();
    }

    List<String> summary() {
        return summary;
    }

    /// What a log needs of them: of a signer that refused after it had joined both, in their order,
    /// because the group was formed with the join.
    List<Bytes> everStated() {
        List<Bytes> all = new ArrayList<>();
        for (Signer signer : signers.values()) {
            Optional<Bytes> joined = signer.everJoined().map(Statement::envelope);
            Optional<Bytes> last = signer.said().map(Statement::envelope);
            joined.ifPresent(all::add);
            last.filter(statement -> !joined.equals(last)).ifPresent(all::add);
        }
        withdrawal().map(Statement::envelope).ifPresent(all::add);
        return all;
    }

    /// Every join, refusal and withdrawal, as envelopes.
    List<Bytes> statements() {
        List<Bytes> all = new ArrayList<>();
        for (Signer signer : signers.values()) {
            signer.said().map(Statement::envelope).ifPresent(all::add);
        }
        withdrawal().map(Statement::envelope).ifPresent(all::add);
        return all;
    }

    Optional<Withdrawal> withdrawal() {
        return Optional.ofNullable(withdrawal);
    }

    void withdrawn(Withdrawal statement) {
        withdrawal = statement;
    }

    int joined() {
        return (int) signers.values().stream().filter(s -> s.join().isPresent()).count();
    }

    /// Whether somebody ended it.
    boolean isEnded() {
        return withdrawal != null
                || signers.values().stream()
                        .flatMap(s -> s.said().stream())
                        .anyMatch(Refusal.class::isInstance);
    }

    /// The refusals and the withdrawal that ended it, as envelopes.
    List<Bytes> ending() {
        List<Bytes> all = new ArrayList<>();
        for (Signer signer : signers.values()) {
            signer.said()
                    .filter(Refusal.class::isInstance)
                    .map(Statement::envelope)
                    .ifPresent(all::add);
        }
        withdrawal().map(Statement::envelope).ifPresent(all::add);
        return all;
    }

    boolean allJoined() {
        return joined() == signers.size();
    }

    /// Whom each key speaks through, of those who have joined at some time.
    Map<PublicKey, PeerId> peers() {
        Map<PublicKey, PeerId> peers = new LinkedHashMap<>();
        for (Signer signer : signers.values()) {
            signer.everJoined()
                    .map(Join::header)
                    .ifPresent(header -> peers.put(signer.key(), header.author()));
        }
        return peers;
    }

    Map<PublicKey, PeerId> formed() {
        return formed;
    }

    void formed(Map<PublicKey, PeerId> peers) {
        formed = Map.copyOf(peers);
    }

    void notFormed(Instant now, RequestLimits limits) {
        formed = Map.of();
        nextForming = now.plus(limits.retryFirst());
    }

    /// Whether the signers are no group yet, or another one than they were.
    boolean mayForm(Instant now) {
        return !peers().equals(formed) && (nextForming == null || !now.isBefore(nextForming));
    }

    /// Whether every other signer is connected and has all joins: a session begun before would only
    /// wait for them. Where one relays, it alone has to be: who else has them is not known here,
    /// and a session waits for whoever has not.
    boolean canBegin(Instant now) {
        List<Bytes> joins =
                signers.values().stream()
                        .flatMap(s -> s.join().stream())
                        .map(Join::envelope)
                        .toList();
        return !formed.isEmpty()
                && (nextSession == null || !now.isBefore(nextSession))
                && others().stream()
                        .filter(this::isLinked)
                        .allMatch(s -> s.isConnected() && joins.stream().allMatch(s::hasStatement));
    }

    /// Whether this node's messages to another signer go to it directly.
    boolean isLinked(Signer other) {
        return relay.isEmpty() || relay.get().equals(self) || relay.get().equals(other.key());
    }

    void beginSession(Instant now) {
        sessions++;
        phase = RequestPhase.SIGNING;
        sessionBegan = now;
        signers.values().forEach(signer -> signer.late(false));
    }

    int sessions() {
        return sessions;
    }

    /// Whether a session may still be under way: until it is over, or too old to be, this node's
    /// partial signatures may leave.
    boolean mayBeInSession(Instant now, RequestLimits limits) {
        return sessionBegan != null && now.isBefore(sessionBegan.plus(limits.session()));
    }

    Optional<Awaited> awaited() {
        return Optional.ofNullable(awaited);
    }

    void awaits(@Nullable Awaited step) {
        awaited = step;
    }

    void sessionEnded(Instant now, RequestLimits limits) {
        sessionBegan = null;
        awaited = null;
        nextSession = now.plus(pause);
        Duration doubled = pause.multipliedBy(2);
        pause = doubled.compareTo(limits.retryMost()) < 0 ? doubled : limits.retryMost();
        if (phase == RequestPhase.SIGNING) {
            phase = RequestPhase.READY;
        }
    }

    /// After a restart: until signing has told what has left, it may be in a session.
    void mayHaveSigned(Instant now) {
        phase = RequestPhase.MAY_BE_SIGNED;
        sessionBegan = now;
    }

    boolean isCommitted() {
        return committed;
    }

    void commit() {
        committed = true;
    }

    /// Whether it has been signed for so long. Signed in what is the future now: the clock went
    /// back, and nobody knows for how long.
    boolean lingers(Duration time, Instant now) {
        return signedAt != null
                && (!now.isBefore(signedAt.plus(time)) || now.isBefore(signedAt.minus(time)));
    }

    List<SchnorrSignature> signatures() {
        return signatures;
    }

    void signed(List<SchnorrSignature> all, Instant now) {
        awaited = null;
        signatures = List.copyOf(all);
        signedAt = now;
        phase = RequestPhase.SIGNED;
    }

    /// Whether it still leads to something: to signatures, or to what was signed being settled.
    boolean mayStillBeSigned() {
        return switch (phase) {
            case FETCHING, JUDGING, AWAITING_APPROVAL, JOINED, READY, SIGNING -> true;
            case SIGNED, MAY_BE_SIGNED -> false;
        };
    }

    RequestView view(Instant now) {
        boolean done = phase == RequestPhase.SIGNED;
        List<RequestView.SignerView> views = new ArrayList<>();
        for (Signer signer : signers.values()) {
            signer.look(done, now);
            boolean isSelf = signer.key().equals(self);
            views.add(
                    new RequestView.SignerView(
                            signer.key(),
                            isSelf,
                            isSelf || signer.isConnected(),
                            signer.state(),
                            signer.since(),
                            signer.lastHeard()));
        }
        return new RequestView(request, isOwn(), phase, summary, views, signatures);
    }
}
