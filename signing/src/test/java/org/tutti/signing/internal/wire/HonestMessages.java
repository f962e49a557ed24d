package org.tutti.signing.internal.wire;

import org.tutti.base.Bytes;
import org.tutti.libp2p.identity.EnvelopeException;
import org.tutti.libp2p.identity.SignedEnvelope;
import org.tutti.signing.group.Member;
import org.tutti.signing.group.SignerGroup;
import org.tutti.signing.request.SigningLimits;
import org.tutti.signing.request.SigningRequest;

import java.util.Optional;
import java.util.function.Function;

/// Decodes what an engine has just signed itself, without verifying its signature again. Simulated
/// worlds exchange a million of them, and half of their time would be the verification;
/// [EnvelopeVerifierTest] tests that.
public final class HonestMessages {
    private HonestMessages() {}

    /// @param author whose engine it was
    /// @param statement opens the statement that a hello remembers
    /// @return empty for a message of another author
    public static Optional<Inbound> decode(
            SignerGroup group,
            Member author,
            Bytes envelope,
            SigningLimits limits,
            Function<Bytes, Optional<Inbound.Statement>> statement) {
        try {
            SignedEnvelope signed = SignedEnvelope.decode(envelope);
            Bytes type = signed.payloadType();
            if (!signed.signer().equals(author.peerId())) {
                return Optional.empty();
            }
            if (type.equals(PayloadType.REQUEST.bytes())) {
                SigningRequest request = RequestCodec.decode(signed.payload(), limits);
                return Optional.of(new Inbound.Request(group, author, request, envelope));
            }
            if (type.equals(PayloadType.HELLO.bytes())) {
                Hello hello = Hello.decode(signed.payload());
                Optional<Inbound.Statement> remembered =
                        hello.remembered().isEmpty()
                                ? Optional.empty()
                                : statement.apply(hello.remembered());
                return Optional.of(
                        new Inbound.Greeting(group, author, hello, remembered, envelope));
            }
            if (type.equals(PayloadType.CHALLENGE.bytes())) {
                Challenge challenge = Challenge.decode(signed.payload());
                return Optional.of(
                        new Inbound.Challenged(group, author, challenge, author, envelope));
            }
            if (type.equals(PayloadType.ANSWER.bytes())) {
                Answer answer = Answer.decode(signed.payload());
                return Optional.of(new Inbound.Answered(group, author, answer, author, envelope));
            }
            Contribution contribution = ContributionCodec.decode(signed.payload());
            return Optional.of(
                    new Inbound.Statement(group, author, contribution, signed.payload(), envelope));
        } catch (EnvelopeException | WireException e) {
            throw new AssertionError("an honest engine sent what does not decode", e);
        }
    }
}
