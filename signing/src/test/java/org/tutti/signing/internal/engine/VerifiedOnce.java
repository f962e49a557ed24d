package org.tutti.signing.internal.engine;

import org.tutti.base.Bytes;
import org.tutti.signing.group.Member;
import org.tutti.signing.internal.wire.Inbound;
import org.tutti.signing.internal.wire.KeyAttestation;
import org.tutti.signing.internal.wire.Terms;
import org.tutti.signing.internal.wire.WireException;
import org.tutti.signing.request.RequestGroup;

import java.util.HashMap;
import java.util.Map;

/// Verifies whatever was signed in a group once, however many of its engines ask, and however often
/// they are started: a simulated world would otherwise spend most of its time on it.
final class VerifiedOnce implements Verification {
    private final Verification verified;
    private final Map<Object, Boolean> statements = new HashMap<>();

    /// By envelope: a message, or why it is none.
    private final Map<Bytes, Object> envelopes = new HashMap<>();

    VerifiedOnce(Verification verified) {
        this.verified = verified;
    }

    private record Attested(RequestGroup group, Member member, KeyAttestation attestation) {}

    private record Agreed(RequestGroup group, Member member, Terms terms) {}

    @Override
    public Inbound inner(Bytes envelope) throws WireException {
        Object known = envelopes.computeIfAbsent(envelope, this::open);
        if (known instanceof Inbound message) {
            return message;
        }
        throw (WireException) known;
    }

    private Object open(Bytes envelope) {
        try {
            return verified.inner(envelope);
        } catch (WireException e) {
            return e;
        }
    }

    @Override
    public boolean isAttested(RequestGroup group, Member member, KeyAttestation attestation) {
        return statements.computeIfAbsent(
                new Attested(group, member, attestation),
                _ -> verified.isAttested(group, member, attestation));
    }

    @Override
    public boolean isAgreed(RequestGroup group, Member member, Terms terms) {
        return statements.computeIfAbsent(
                new Agreed(group, member, terms), _ -> verified.isAgreed(group, member, terms));
    }
}
