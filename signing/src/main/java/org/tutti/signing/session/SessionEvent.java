package org.tutti.signing.session;

import org.tutti.base.Bytes;
import org.tutti.musig.schnorr.SchnorrSignature;
import org.tutti.signing.group.Member;
import org.tutti.signing.request.SessionId;
import org.tutti.signing.request.SigningRequest;

import java.time.Duration;
import java.time.Instant;
import java.util.List;

/// What a node reports to its listener. No event contains a secret.
public sealed interface SessionEvent {
    Instant at();

    /// A request, of this node or of another, was accepted for a decision.
    record Announced(Instant at, SigningRequest request, Member requester)
            implements SessionEvent {}

    /// A session was resumed after a restart, in this attempt.
    record Resumed(Instant at, SigningRequest request, int attempt) implements SessionEvent {}

    /// A signer (perhaps this one) is online and has approved.
    record ReadySeen(Instant at, SessionId session, Member member, int attempt)
            implements SessionEvent {}

    /// All are ready: nonces are made.
    record AttemptStarted(Instant at, SessionId session, int attempt) implements SessionEvent {}

    /// In a session that goes step by step: this node sends this only when its user says so
    /// ([org.tutti.signing.service.SigningGroup#take]), and until the deadline of the phase.
    record StepAwaited(Instant at, SessionId session, int attempt, Step step)
            implements SessionEvent {}

    /// A signer's (perhaps this one's) public nonces arrived.
    record NoncesSeen(Instant at, SessionId session, Member member, int attempt)
            implements SessionEvent {}

    /// A signer's (perhaps this one's) partial signatures arrived and are valid.
    record PartialSeen(Instant at, SessionId session, Member member, int attempt)
            implements SessionEvent {}

    /// An attempt failed; its nonces are wiped.
    ///
    /// @param holdouts the members whose messages are missing on this node
    record AttemptFailed(Instant at, SessionId session, int attempt, List<Member> holdouts)
            implements SessionEvent {}

    /// All signatures of a session became known, each verified: in the session, or at any time
    /// after it ended here without them. Reported again at each start, until the request has
    /// expired and its hold is settled. Whoever owns the hold is told the same by
    /// [org.tutti.signing.approval.HoldListener#signed], and misses nothing.
    record Signed(Instant at, SigningRequest request, List<SchnorrSignature> signatures)
            implements SessionEvent {}

    /// A signer refused.
    ///
    /// @param partialsLeft see [SessionOutcome#partialsLeft()]
    record Refused(
            Instant at,
            SessionId session,
            Member by,
            String code,
            String reason,
            boolean partialsLeft)
            implements SessionEvent {}

    /// The session was aborted.
    record Aborted(Instant at, SessionOutcome.Aborted outcome) implements SessionEvent {}

    /// A message was dropped. Reported for the first one of this reason and member, then at each
    /// power of two.
    ///
    /// @param count how many were dropped for this reason from this member so far
    record Dropped(Instant at, Member from, DropReason reason, long count)
            implements SessionEvent {}

    /// The wall clock was set while this process ran. What is remembered for a time is not
    /// forgotten until the operator has looked at the clock.
    ///
    /// @param by positive if it was set forward
    record ClockStepped(Instant at, Duration by) implements SessionEvent {}

    /// This node's journal went back, or is not the one that was used: it signs nothing with it any
    /// more.
    ///
    /// @param shownBy the member that remembered more
    record JournalWentBack(Instant at, Member shownBy) implements SessionEvent {}

    /// Two processes with this member's identity, perhaps this node's own, are there at the same
    /// time: one is a copy of the other. Nothing is signed until one is gone.
    record CopyFound(Instant at, Member member) implements SessionEvent {}

    /// One of the two is gone.
    record CopyGone(Instant at, Member member) implements SessionEvent {}

    /// A member takes the group's terms to be others: nothing is signed with it.
    ///
    /// @param theirs what it says
    record TermsDiffer(Instant at, Member member, Bytes theirs) implements SessionEvent {}

    /// All members have agreed to the group's terms, each with its signing key. Told at each start
    /// from then on.
    record TermsAgreed(Instant at) implements SessionEvent {}

    /// A member is in another group than this node: network, epoch or a key differ in its
    /// configuration.
    ///
    /// @param group id of that group, 32 bytes
    record OtherGroup(Instant at, Member member, Bytes group) implements SessionEvent {}

    /// A member's journal was lost: it asks for this node's consent to go on with a new one.
    /// Nothing is signed before all have consented.
    ///
    /// @param journal id of the new one, 16 bytes: the operator compares it with what the member's
    ///   operator says
    record RecoveryAsked(Instant at, Member member, Bytes journal) implements SessionEvent {}

    /// A member has consented to another's new journal: this node to another's, or another to this
    /// node's.
    ///
    /// @param member whose journal it is
    record RecoveryConsented(Instant at, Member by, Member member, Bytes journal)
            implements SessionEvent {}

    /// All have consented to this node's new journal and handed over what they remember: it is used
    /// from now on.
    record Recovered(Instant at) implements SessionEvent {}

    /// All have, but all have lost their journals: the operator has to say that earlier payments
    /// are unknown.
    record NobodyRemembers(Instant at) implements SessionEvent {}

    /// The journal cannot be written: this node stops signing until it is restarted.
    record JournalFailed(Instant at, String message) implements SessionEvent {}
}
