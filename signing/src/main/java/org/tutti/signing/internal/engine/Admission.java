package org.tutti.signing.internal.engine;

import org.tutti.signing.group.SignerGroup;
import org.tutti.signing.request.RequestGroup;
import org.tutti.signing.request.SigningLimits;
import org.tutti.signing.request.SigningRequest;
import org.tutti.signing.session.DropReason;

import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.Optional;

/// Whether a request may become a session at all, checked before the approval is asked.
final class Admission {
    private static final int NONCES_OVERHEAD = 320;
    private static final int NONCE_BYTES = 68;

    private Admission() {}

    /// SAFETY 15: the session id commits to the ordered keys and the epoch; here they are compared
    /// with this group's, and so is the network: a signature hash names no chain.
    static boolean isOf(SignerGroup group, SigningRequest request) {
        return request.group().equals(RequestGroup.of(group));
    }

    /// How many live sessions there are, and the size of their requests.
    record Load(int sessions, long requestBytes) {
        static Load of(Collection<Session> sessions) {
            return new Load(
                    sessions.size(),
                    sessions.stream()
                            .mapToLong(session -> session.request().envelope().length())
                            .sum());
        }
    }

    /// Why a request is rejected.
    ///
    /// @param code sent in the refusal; empty if none is sent
    record Rejection(DropReason reason, String code, String message) {}

    /// Most bytes of a Nonces envelope, so that those of all signers together fit a NonceSet
    /// message and a journal entry.
    static int nonceEnvelopeBytes(SigningRequest request) {
        return NONCES_OVERHEAD + NONCE_BYTES * request.messages().size();
    }

    static Optional<Rejection> check(
            EngineContext context,
            SigningRequest request,
            Load live,
            Load ofRequester,
            boolean room) {
        SigningLimits limits = context.limits;
        if (!isOf(context.group, request)) {
            return reject(
                    DropReason.WRONG_GROUP,
                    "WRONG_GROUP",
                    "the request is for another group or epoch");
        }
        Instant now = context.now();
        if (!now.isBefore(request.expires())) {
            return reject(DropReason.EXPIRED, "", "the request has expired");
        }
        Duration lifetime = Duration.between(request.created(), request.expires());
        if (lifetime.compareTo(limits.requests().lifetime()) > 0
                || request.created().isAfter(now.plus(limits.requests().clockSkew()))) {
            return reject(
                    DropReason.EXPIRED,
                    "BAD_TIMES",
                    "created in the future, or valid for too long");
        }
        long bytes = (long) context.group.size() * nonceEnvelopeBytes(request);
        if (bytes > limits.nonceSetBytes()) {
            return reject(
                    DropReason.MALFORMED, "TOO_LARGE", "too many messages for so many signers");
        }
        int size = request.payload().length();
        if (live.sessions() >= limits.live().sessions()
                || ofRequester.sessions() >= limits.live().sessionsPerRequester()
                || live.requestBytes() + size > limits.live().requestBytes()
                || ofRequester.requestBytes() + size > limits.live().requestBytes() / 2
                || !room) {
            return reject(DropReason.TOO_MANY_SESSIONS, "BUSY", "too many sessions at once");
        }
        return Optional.empty();
    }

    private static Optional<Rejection> reject(DropReason reason, String code, String message) {
        return Optional.of(new Rejection(reason, code, message));
    }
}
