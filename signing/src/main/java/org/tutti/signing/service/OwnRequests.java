package org.tutti.signing.service;

import org.jspecify.annotations.Nullable;
import org.tutti.base.Bytes;
import org.tutti.base.PlainText;
import org.tutti.signing.group.Member;
import org.tutti.signing.group.SignerGroup;
import org.tutti.signing.internal.wire.RequestCodec;
import org.tutti.signing.request.RequestGroup;
import org.tutti.signing.request.SessionId;
import org.tutti.signing.request.SigningLimits;
import org.tutti.signing.request.SigningRequest;
import org.tutti.signing.request.SigningRequestDraft;
import org.tutti.signing.session.SessionOutcome;

import java.security.SecureRandom;
import java.time.Instant;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;

/// The requests of this node, and the callers that wait for their outcome. Thread-safe; a bounded
/// number may be pending.
final class OwnRequests {
    private final SignerGroup group;
    private final Member self;
    private final SigningLimits limits;
    private final SecureRandom random;
    private final Semaphore free;
    private final Map<SessionId, Pending> pending = new ConcurrentHashMap<>();

    /// @param isNew made by this process: it takes one of the free places
    private record Pending(CompletableFuture<SessionOutcome> outcome, boolean isNew) {}

    /// Why no request reaches the engine any more.
    private volatile @Nullable String
            closedBecause; // written once, before what is pending is ended

    OwnRequests(SignerGroup group, Member self, SigningLimits limits, SecureRandom random) {
        this.group = group;
        this.self = self;
        this.limits = limits;
        this.random = random;
        this.free = new Semaphore(2 * limits.live().sessions());
    }

    /// Makes a request from a draft.
    ///
    /// @throws IllegalStateException if too many are pending, or none are taken any more
    SessionHandle add(SigningRequestDraft draft, Instant now) {
        if (closedBecause != null) {
            throw new IllegalStateException("no requests are taken any more: " + closedBecause);
        }
        if (!free.tryAcquire()) {
            throw new IllegalStateException("too many requests are pending");
        }
        byte[] salt = new byte[32];
        random.nextBytes(salt);
        SigningRequest request =
                RequestCodec.create(
                        RequestGroup.of(group), self.peerId(), Bytes.wrap(salt), now, draft);
        return handle(request, /* isNew= */ true);
    }

    /// For one more caller that waits for a request of this node's, perhaps from before a restart.
    /// To be called where [#finish] is, before the session has ended: those that go on are as many
    /// as sessions may be live.
    SessionHandle join(SigningRequest request) {
        Pending known = pending.get(request.sessionId());
        return known == null
                ? handle(request, /* isNew= */ false)
                : new SessionHandle(request, known.outcome);
    }

    private SessionHandle handle(SigningRequest request, boolean isNew) {
        Pending added = new Pending(new CompletableFuture<>(), isNew);
        pending.put(request.sessionId(), added);
        String reason = closedBecause;
        if (reason != null) {
            refuse(request.sessionId(), reason);
        }
        return new SessionHandle(request, added.outcome);
    }

    /// @throws IllegalArgumentException if the draft exceeds a limit
    void requireWithinLimits(SigningRequestDraft draft) {
        SigningLimits.Requests most = limits.requests();
        boolean fits =
                !draft.messages().isEmpty()
                        && draft.messages().size() <= most.messages()
                        && draft.context().length() <= most.contextBytes()
                        && draft.idempotencyKey().length() <= SigningRequestDraft.MAX_KEY_BYTES
                        && draft.purpose().length() <= most.purposeChars()
                        && PlainText.isPlain(draft.purpose())
                        && draft.lifetime().compareTo(most.lifetime()) <= 0
                        && draft.lifetime().isPositive();
        if (!fits) {
            throw new IllegalArgumentException(
                    "the purpose is not plain text, or the draft exceeds a limit of " + most);
        }
    }

    /// Takes no more requests, and refuses those that have no outcome: they came after the engine's
    /// last input.
    void close(String code) {
        closedBecause = code;
        pending.keySet().forEach(id -> refuse(id, code));
    }

    private void refuse(SessionId id, String code) {
        finish(new SessionOutcome.Refused(id, self, code, "this node has left the group", false));
    }

    /// Gives the outcome to the caller, if the session was requested by this node.
    void finish(SessionOutcome outcome) {
        Pending ended = pending.remove(outcome.sessionId());
        if (ended != null) {
            if (ended.isNew) {
                free.release();
            }
            ended.outcome.complete(outcome);
        }
    }
}
