package org.tutti.signing.internal.engine;

import org.jspecify.annotations.Nullable;
import org.tutti.base.Bytes;
import org.tutti.signing.approval.Hold;
import org.tutti.signing.group.SignerGroup;
import org.tutti.signing.internal.wire.EnvelopeVerifier;
import org.tutti.signing.internal.wire.GroupTable;
import org.tutti.signing.internal.wire.Inbound;
import org.tutti.signing.internal.wire.WireException;
import org.tutti.signing.journal.JournalHead;
import org.tutti.signing.journal.JournalRecord;
import org.tutti.signing.request.SessionId;
import org.tutti.signing.request.SigningLimits;

import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.BiConsumer;

/// What a journal records about sessions that have not expired: accumulated while it is read, so
/// that a long journal needs no more memory than its live sessions.
public final class JournalReplay implements BiConsumer<JournalRecord, JournalHead> {
    private final SignerGroup group;
    private final EnvelopeVerifier envelopeVerifier;
    private final Instant now;
    private final Map<SessionId, ReplayedSession> sessions = new LinkedHashMap<>();
    private final OwnHeads ownHeads = new OwnHeads();
    private List<Bytes> lastNonces = List.of();
    private final Map<Integer, JournalRecord.Agreed> agreed = new TreeMap<>();
    private boolean refused;
    private final Map<SessionId, JournalRecord.Settled> settled = new LinkedHashMap<>();

    /// @param now sessions that expired before are skipped, unless their partial signatures left
    ///   and what they hold was not settled
    public JournalReplay(SignerGroup group, SigningLimits limits, Instant now) {
        this.group = group;
        this.envelopeVerifier = new EnvelopeVerifier(GroupTable.of(group), limits);
        this.now = now;
    }

    static final class ReplayedSession {
        private final Bytes requestEnvelope;
        private final boolean expired;
        private Inbound.@Nullable Request request;
        Hold hold;
        int attempt;
        int restarts;
        boolean conflictAllowed;
        JournalRecord.@Nullable Sign sign;
        @Nullable JournalRecord end;

        ReplayedSession(Bytes requestEnvelope, boolean expired, Hold hold) {
            this.requestEnvelope = requestEnvelope;
            this.expired = expired;
            this.hold = hold;
        }

        /// Whether the request has expired, so that it cannot be signed any more.
        boolean expired() {
            return expired;
        }

        Inbound.Request request() {
            if (request == null) {
                throw new IllegalStateException("not verified yet");
            }
            return request;
        }

        /// Nothing depends on it any more.
        boolean mayForget() {
            return expired && (!bindsHold() || hold.isNone());
        }

        /// Its signatures may exist, or do.
        boolean bindsHold() {
            return sign != null || end instanceof JournalRecord.Final;
        }
    }

    @Override
    public void accept(JournalRecord record, JournalHead head) {
        ownHeads.add(head);
        switch (record) {
            case JournalRecord.Ready ready -> ready(ready);
            case JournalRecord.Sign sign -> {
                // A signer's index is valid only in the group in which the entry was written.
                if (sign.group().equals(group.id())) {
                    lastNonces = sign.nonceEnvelopes();
                }
                ReplayedSession known = sessions.get(sign.session());
                if (known != null) {
                    known.sign = sign;
                }
            }
            case JournalRecord.Final end -> ended(end.session(), end);
            case JournalRecord.Ended end -> ended(end.session(), end);
            case JournalRecord.ConflictAllowed allowed -> {
                ReplayedSession known = sessions.get(allowed.session());
                if (known != null) {
                    known.conflictAllowed = true;
                }
            }
            case JournalRecord.Settled over -> settled(over);
            case JournalRecord.Started _ -> {}
            case JournalRecord.Agreed said -> agreed.put(said.signer(), said);
            case JournalRecord.Refused no -> refused |= no.group().equals(group.id());
        }
    }

    private void ended(SessionId id, JournalRecord end) {
        ReplayedSession known = sessions.get(id);
        if (known != null) {
            known.end = end;
            if (known.mayForget()) {
                sessions.remove(id);
            }
        }
    }

    private void settled(JournalRecord.Settled over) {
        ReplayedSession known = sessions.get(over.session());
        if (known != null) {
            known.hold = Hold.NONE;
            if (known.mayForget()) {
                sessions.remove(over.session());
            }
        }
        boolean keyTaken = !over.idempotencyKey().isEmpty() && now.isBefore(over.keyFreeAt());
        if (keyTaken && over.group().equals(group.id())) {
            settled.put(over.session(), over);
        }
    }

    private void ready(JournalRecord.Ready ready) {
        if (!ready.requestEnvelope().isEmpty()) {
            boolean expired = now.toEpochMilli() >= ready.expiresMillis();
            // A session that holds nothing and has expired is over, whatever follows.
            if (!expired || !ready.hold().isNone()) {
                sessions.putIfAbsent(
                        ready.session(),
                        new ReplayedSession(ready.requestEnvelope(), expired, ready.hold()));
            }
        }
        ReplayedSession known = sessions.get(ready.session());
        if (known != null) {
            known.attempt = Math.max(known.attempt, ready.attempt());
            known.restarts = Math.max(known.restarts, ready.restarts());
            // Once the partial signatures have left, it holds what it held then.
            known.hold = known.sign == null ? ready.hold() : known.hold;
        }
    }

    /// Frees the requests, which may be large.
    void clear() {
        sessions.clear();
        lastNonces = List.of();
        settled.clear();
    }

    /// The sessions that matter, their requests verified: most that a journal has do not, and are
    /// not verified at all. One of another group, or beyond the current limits, is left out.
    Map<SessionId, ReplayedSession> sessions() {
        Map<SessionId, ReplayedSession> verified = new LinkedHashMap<>();
        sessions.forEach((id, known) -> {
            if (!known.mayForget()) {
                known.request = request(known.requestEnvelope);
                if (known.request != null) {
                    verified.put(id, known);
                }
            }
        });
        return verified;
    }

    private Inbound.@Nullable Request request(Bytes envelope) {
        try {
            return envelopeVerifier.verify(envelope) instanceof Inbound.Request request
                            && Admission.isOf(group, request.request())
                    ? request
                    : null;
        } catch (WireException _) {
            return null;
        }
    }

    /// The others' statements with the highest heads of their journals that this one has: the
    /// nonces of the last attempt that was signed in.
    List<Inbound.Statement> statementsWithHeads() {
        List<Inbound.Statement> statements = new ArrayList<>();
        for (Bytes envelope : lastNonces) {
            try {
                if (envelopeVerifier.verify(envelope) instanceof Inbound.Statement statement) {
                    statements.add(statement);
                }
            } catch (WireException _) {
                // Of a member that is not there any more: nothing is shown to it.
            }
        }
        return statements;
    }

    /// Who has agreed to which terms; perhaps of another group, so each is verified.
    List<JournalRecord.Agreed> agreed() {
        return List.copyOf(agreed.values());
    }

    /// The last heads of this journal.
    public OwnHeads ownHeads() {
        return ownHeads;
    }

    /// Whether this journal must not be used for the group any more.
    boolean refused() {
        return refused;
    }

    /// Settled holds whose idempotency keys are still taken.
    Iterable<JournalRecord.Settled> settled() {
        return settled.values();
    }

    /// This node's two envelopes of a signed attempt, which may be sent again.
    static List<Bytes> resendable(ReplayedSession session, int self) {
        List<Bytes> envelopes = new ArrayList<>();
        JournalRecord.Sign sign = session.sign;
        if (sign != null && self < sign.nonceEnvelopes().size()) {
            envelopes.add(sign.nonceEnvelopes().get(self));
            envelopes.add(sign.ownPartials());
        }
        return envelopes;
    }
}
