package org.tutti.signing.internal.wire;

import org.tutti.base.Bytes;
import org.tutti.libp2p.identity.EnvelopeException;
import org.tutti.libp2p.identity.SignedEnvelope;
import org.tutti.signing.group.Member;
import org.tutti.signing.group.SignerGroup;

import java.util.Optional;
import java.util.function.Function;

/// Decodes what an honest engine has just signed itself: hellos, challenges and answers, without
/// verifying their signatures again. Simulated worlds exchange a million of them, and half of their
/// time would be the verification; [EnvelopeVerifierTest] tests that.
public final class HonestMessages {
    private HonestMessages() {}

    /// @param statement opens the statement that a hello remembers
    /// @return empty for any other message
    public static Optional<Inbound> decode(
            SignerGroup group,
            Bytes envelope,
            Function<Bytes, Optional<Inbound.Statement>> statement) {
        try {
            SignedEnvelope signed = SignedEnvelope.decode(envelope);
            Bytes type = signed.payloadType();
            Member author = group.member(signed.signer()).orElseThrow();
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
            return Optional.empty();
        } catch (EnvelopeException | WireException e) {
            throw new AssertionError("an honest engine sent what does not decode", e);
        }
    }
}
