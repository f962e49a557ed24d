package org.tutti.signing.internal.wire;

import org.tutti.base.Bytes;
import org.tutti.signing.group.Member;
import org.tutti.signing.group.SignerGroup;
import org.tutti.signing.journal.JournalRecord;
import org.tutti.signing.request.SigningRequest;

import java.util.List;
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

    /// A member's consent to another's new journal. Its signature is not verified yet.
    record Consented(
            SignerGroup group, Member author, JournalRecord.Consent consent, Bytes envelope)
            implements Inbound {}

    /// A member whose journal was lost asks for what this node remembers.
    record HandOverAsked(SignerGroup group, Member author, HandOverRequest request, Bytes envelope)
            implements Inbound {}

    /// A part of what a member remembers.
    ///
    /// @param sessions in the order of [HandOver#sessions], the signatures of their envelopes
    ///   verified
    record HandedOver(
            SignerGroup group,
            Member author,
            HandOver handOver,
            List<Session> sessions,
            Bytes envelope)
            implements Inbound {
        public HandedOver {
            sessions = List.copyOf(sessions);
        }

        /// @param nonces statements about this session, each with [Contribution.Nonces]
        /// @param partials statements about this session, each with [Contribution.Partials]
        /// @param signatures 64 bytes each, not verified
        public record Session(
                Request request,
                List<Statement> nonces,
                List<Statement> partials,
                List<Bytes> signatures) {
            public Session {
                nonces = List.copyOf(nonces);
                partials = List.copyOf(partials);
                signatures = List.copyOf(signatures);
            }
        }
    }

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
