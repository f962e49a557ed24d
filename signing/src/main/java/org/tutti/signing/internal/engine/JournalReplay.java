package org.tutti.signing.internal.engine;

import org.jspecify.annotations.Nullable;
import org.tutti.base.Bytes;
import org.tutti.signing.approval.Hold;
import org.tutti.signing.group.SignerGroup;
import org.tutti.signing.internal.wire.Inbound;
import org.tutti.signing.internal.wire.WireException;
import org.tutti.signing.journal.ForgottenTimes;
import org.tutti.signing.journal.GroupState;
import org.tutti.signing.journal.JournalRecord;
import org.tutti.signing.journal.JournalState;
import org.tutti.signing.journal.OwnHeads;
import org.tutti.signing.journal.RecoveryState;
import org.tutti.signing.request.SessionId;
import org.tutti.signing.request.SigningLimits;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// What a journal says to the engine of one group: what matters of its entries, verified, as far as
/// it is this group's.
public final class JournalReplay {
    private final SignerGroup group;
    private final Verification verification;
    private final GroupState state;
    private final long now;
    private final ForgottenTimes forgotten = new ForgottenTimes();

    /// What idempotency keys are free by.
    private final long agreed;

    /// @param journal as it was read; sessions that expired before its time are skipped, unless
    ///   their partial signatures left and what they hold was not settled
    public JournalReplay(SignerGroup group, SigningLimits limits, JournalState journal) {
        this(group, Verification.of(group, limits), journal);
    }

    JournalReplay(SignerGroup group, Verification verification, JournalState journal) {
        this.group = group;
        this.verification = verification;
        this.state = journal.group(group.id());
        this.now = journal.now().toEpochMilli();
        forgotten.addAll(state.forgotten());
        this.agreed =
                state.agreedTime()
                        .map(time -> Math.min(now, time.toEpochMilli()))
                        .orElse(Long.MIN_VALUE);
    }

    /// What is known of a session.
    ///
    /// @param expired whether the request has expired, so that it cannot be signed any more
    /// @param hold what it holds; none once that is settled
    /// @param sign of the last attempt for which this node's partial signatures left
    /// @param end a Final or Ended
    record ReplayedSession(
            Inbound.Request request,
            boolean expired,
            Hold hold,
            int attempt,
            int restarts,
            boolean conflictAllowed,
            JournalRecord.@Nullable Sign sign,
            @Nullable JournalRecord end) {
        /// The same, with an end.
        ReplayedSession endedBy(JournalRecord how) {
            return new ReplayedSession(
                    request, expired, hold, attempt, restarts, conflictAllowed, sign, how);
        }

        /// Its signatures may exist, or do.
        boolean bindsHold() {
            return sign != null || end instanceof JournalRecord.Final;
        }
    }

    /// Frees the requests, which may be large.
    void clear() {
        state.clear();
    }

    /// The sessions that matter, their requests verified: most that a journal has do not, and are
    /// not verified at all. One of another group, or beyond the current limits, is left out.
    ///
    /// What the wall clock alone says is over is forgotten like anything else: it may be wrong.
    Map<SessionId, ReplayedSession> sessions() {
        Map<SessionId, ReplayedSession> verified = new LinkedHashMap<>();
        state.sessions()
                .forEach((id, known) -> {
                    if (known.mayForget(now)) {
                        forgotten.add(known.expiresMillis());
                        return;
                    }
                    Inbound.Request request = request(known.requestEnvelope());
                    if (request != null) {
                        verified.put(
                                id,
                                new ReplayedSession(
                                        request,
                                        known.expired(now),
                                        known.hold(),
                                        known.attempt(),
                                        known.restarts(),
                                        known.conflictAllowed(),
                                        known.sign().orElse(null),
                                        known.end().orElse(null)));
                    }
                });
        return verified;
    }

    private Inbound.@Nullable Request request(Bytes envelope) {
        try {
            return verification.inner(envelope) instanceof Inbound.Request request
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
        for (Bytes envelope : state.lastNonces()) {
            try {
                if (verification.inner(envelope) instanceof Inbound.Statement statement) {
                    statements.add(statement);
                }
            } catch (WireException _) {
                // Of a member that is not there any more: nothing is shown to it.
            }
        }
        return statements;
    }

    /// Who has agreed to which terms; verified when it was written.
    List<JournalRecord.Agreed> agreed() {
        return state.agreed();
    }

    /// The last heads of this journal.
    public OwnHeads ownHeads() {
        return state.ownHeads();
    }

    /// Whether this journal must not be used for the group any more.
    boolean refused() {
        return state.refused();
    }

    /// What it says of lost journals.
    RecoveryState recovery() {
        return state.recovery();
    }

    /// Settled holds whose idempotency keys are still taken.
    ///
    /// SAFETY 30: by the wall clock of this start and by a time that all members have agreed to.
    /// The clock alone may be far ahead.
    List<JournalRecord.Settled> settled() {
        return state.settled().stream()
                .filter(over -> agreed < over.keyFreeAt().toEpochMilli())
                .toList();
    }

    /// How long after this start. Whenever it was settled, it was before: so never longer than from
    /// now on.
    Duration keyTakenFor(JournalRecord.Settled over) {
        Instant surely = Instant.ofEpochMilli(Math.max(agreed, 0));
        Duration left = Duration.between(surely, over.keyFreeAt());
        return left.compareTo(HoldRegistry.KEY_KEPT) < 0 ? left : HoldRegistry.KEY_KEPT;
    }

    /// When the requests expire of the sessions that were forgotten, those that [#sessions] left
    /// out among them.
    ForgottenTimes forgotten() {
        return forgotten;
    }

    /// This node's two envelopes of a signed attempt, which may be sent again.
    static List<Bytes> resendable(ReplayedSession session, int self) {
        List<Bytes> envelopes = new ArrayList<>();
        JournalRecord.Sign sign = session.sign();
        if (sign != null && self < sign.nonceEnvelopes().size() && !sign.ownPartials().isEmpty()) {
            envelopes.add(sign.nonceEnvelopes().get(self));
            envelopes.add(sign.ownPartials());
        }
        return envelopes;
    }
}
