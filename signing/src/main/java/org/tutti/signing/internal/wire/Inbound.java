package org.tutti.signing.internal.wire;

import org.tutti.base.Bytes;
import org.tutti.signing.group.Member;
import org.tutti.signing.group.SignerGroup;
import org.tutti.signing.request.SigningRequest;

import java.util.Optional;

/// A message whose envelope was verified and whose author is a member.
public sealed interface Inbound {
    /// The group that it is for.
    SignerGroup group();

    /// Who signed it; not necessarily the peer that sent it here.
    Member author();

    /// As received; forwarded, kept and used as evidence in this form. Never re-encoded.
    Bytes envelope();

    /// A request for signatures.
    record Request(SignerGroup group, Member author, SigningRequest request, Bytes envelope)
            implements Inbound {}

    /// The first message on a stream.
    ///
    /// The signature of [Hello#terms] is not verified yet.
    ///
    /// @param remembered the statement in [Hello#remembered], its signature verified; it may be of
    ///   any member, and of a time with other limits
    record Greeting(
            SignerGroup group,
            Member author,
            Hello hello,
            Optional<Statement> remembered,
            Bytes envelope)
            implements Inbound {}

    /// Which processes a member sees.
    ///
    /// @param via the member whose stream it came on
    record Challenged(
            SignerGroup group, Member author, Challenge challenge, Member via, Bytes envelope)
            implements Inbound {}

    /// That a process was there after a challenge was made.
    ///
    /// @param via the member whose stream it came on
    record Answered(SignerGroup group, Member author, Answer answer, Member via, Bytes envelope)
            implements Inbound {}

    /// A statement about a session.
    ///
    /// @param payload the signed bytes inside the envelope. Two messages for one slot are compared
    ///   by these, because the signatures of two envelopes may differ for equal content
    record Statement(
            SignerGroup group,
            Member author,
            Contribution contribution,
            Bytes payload,
            Bytes envelope)
            implements Inbound {}
}
