package org.tutti.signing.internal.wire;

import org.tutti.base.Bytes;
import org.tutti.libp2p.identity.PrivateKey;
import org.tutti.libp2p.identity.SignedEnvelope;
import org.tutti.signing.group.Member;
import org.tutti.signing.group.SignerGroup;
import org.tutti.signing.request.SessionId;
import org.tutti.signing.request.SigningRequest;

import java.util.Optional;

/// Signs this node's messages with its identity key (never the signing key: SAFETY 17).
public final class EnvelopeSigner {
    private final Member self;
    private final PrivateKey identity;
    private final SignerGroup group;
    private final Bytes boot;

    /// @param boot this process's boot id
    /// @throws IllegalArgumentException if the key is not the member's identity
    public EnvelopeSigner(Member self, PrivateKey identity, SignerGroup group, Bytes boot) {
        if (!identity.publicKey().peerId().equals(self.peerId())) {
            throw new IllegalArgumentException("the identity key is not that of " + self);
        }
        this.self = self;
        this.identity = identity;
        this.group = group;
        this.boot = boot;
    }

    public Member self() {
        return self;
    }

    public Inbound.Request sign(SigningRequest request) {
        Bytes envelope =
                SignedEnvelope.seal(
                                identity,
                                PayloadType.REQUEST_DOMAIN,
                                PayloadType.REQUEST.bytes(),
                                request.payload())
                        .encode();
        return new Inbound.Request(group, self, request, envelope);
    }

    /// The greeting for a member.
    ///
    /// @param remembered the member's own statement with its highest journal head, if there is one
    public Inbound.Greeting greet(Optional<Inbound.Statement> remembered) {
        Hello hello =
                new Hello(
                        group.id(),
                        self.index(),
                        boot,
                        remembered.map(Inbound.Statement::envelope).orElse(Bytes.EMPTY));
        Bytes envelope =
                SignedEnvelope.seal(
                                identity,
                                PayloadType.HELLO_DOMAIN,
                                PayloadType.HELLO.bytes(),
                                hello.encode())
                        .encode();
        return new Inbound.Greeting(group, self, hello, remembered, envelope);
    }

    public Inbound.Statement sign(SessionId session, int attempt, Contribution.Body body) {
        Contribution contribution =
                new Contribution(group.id(), boot, session, attempt, self.index(), body);
        Bytes payload = ContributionCodec.encode(contribution);
        Bytes envelope =
                SignedEnvelope.seal(
                                identity,
                                PayloadType.CONTRIBUTION_DOMAIN,
                                PayloadType.of(body).bytes(),
                                payload)
                        .encode();
        return new Inbound.Statement(group, self, contribution, payload, envelope);
    }

    @Override
    public String toString() {
        return "envelopeSigner of " + self;
    }
}
