package org.tutti.coordinator.event;

import org.tutti.coordinator.message.Invitation;
import org.tutti.coordinator.message.RequestId;
import org.tutti.libp2p.identity.PeerId;
import org.tutti.musig.keys.PublicKey;
import org.tutti.musig.schnorr.SchnorrSignature;
import org.tutti.signing.request.SessionId;
import org.tutti.signing.session.Step;

import java.time.Instant;
import java.util.List;

/// What happens to the requests of a node.
public sealed interface CoordinatorEvent {
    Instant at();

    /// What happens to one request.
    sealed interface OfRequest extends CoordinatorEvent {
        RequestId request();
    }

    /// A peer has sent what nobody honest sends as often as may be, and is not listened to until
    /// enough time has passed.
    ///
    /// @param code what it sent last
    /// @param addresses IP addresses from which nobody is listened to either, from now on
    record PeerBlocked(Instant at, PeerId peer, String code, List<String> addresses)
            implements CoordinatorEvent {
        public PeerBlocked {
            addresses = List.copyOf(addresses);
        }
    }

    /// This node made a request.
    record RequestCreated(Instant at, Invitation invitation) implements OfRequest {
        @Override
        public RequestId request() {
            return invitation.id();
        }
    }

    /// A request that names this node's key arrived, once however often it comes.
    ///
    /// @param from who handed it over
    record RequestReceived(Instant at, Invitation invitation, Channel via, PeerId from)
            implements OfRequest {
        @Override
        public RequestId request() {
            return invitation.id();
        }

        /// Whether it came from the requester itself.
        public boolean isFromRequester() {
            return from.equals(invitation.header().author());
        }
    }

    /// The rules allow a request, and a person decides.
    ///
    /// @param summary what it really does
    record ApprovalNeeded(Instant at, RequestId request, List<String> summary)
            implements OfRequest {}

    /// A signer, perhaps this one, has joined.
    ///
    /// @param joined how many have
    /// @param of how many are needed
    record RequestJoined(Instant at, RequestId request, PublicKey signer, int joined, int of)
            implements OfRequest {}

    /// A signer, perhaps this one, has refused, which ends the request.
    record RequestRefused(
            Instant at, RequestId request, PublicKey signer, String code, String reason)
            implements OfRequest {}

    /// The requester took it back.
    record RequestWithdrawn(Instant at, RequestId request, String reason) implements OfRequest {}

    /// It expired before it was signed.
    record RequestExpired(Instant at, RequestId request) implements OfRequest {}

    /// A signer is connected, or another whom its key speaks through.
    record ParticipantConnected(Instant at, RequestId request, PublicKey signer)
            implements OfRequest {}

    /// A signer of a request that is not over is no longer connected.
    record ParticipantDisconnected(Instant at, RequestId request, PublicKey signer)
            implements OfRequest {}

    /// All have joined: the signers are a group from now on.
    record SessionReady(Instant at, RequestId request) implements OfRequest {}

    /// A request of `signing` was made from it.
    record SessionCreated(Instant at, RequestId request, SessionId session) implements OfRequest {}

    /// This node takes part in its session.
    record SessionJoined(Instant at, RequestId request, SessionId session) implements OfRequest {}

    /// In a request that goes step by step: its session waits for this node's user, until the
    /// deadline of the phase ([org.tutti.coordinator.service.Coordinator#startRound1],
    /// [org.tutti.coordinator.service.Coordinator#startRound2]). In each attempt anew.
    record StepNeeded(Instant at, RequestId request, SessionId session, Step step)
            implements OfRequest {}

    /// All public nonces are here.
    record Round1Complete(Instant at, RequestId request, SessionId session) implements OfRequest {}

    /// All partial signatures are here.
    record Round2Complete(Instant at, RequestId request, SessionId session) implements OfRequest {}

    /// A signer's message did not come in time.
    record SignerLate(Instant at, RequestId request, PublicKey signer) implements OfRequest {}

    /// A session of it ended without signatures; another is made while the request counts.
    ///
    /// @param culprits whom it is blamed on, if anybody
    record SessionAborted(
            Instant at, RequestId request, String code, String reason, List<PublicKey> culprits)
            implements OfRequest {}

    /// All signatures are here, each verified; told again at each start until it is settled.
    record Finalized(Instant at, RequestId request, List<SchnorrSignature> signatures)
            implements OfRequest {}

    /// This node is the one that should send the transaction.
    record ShouldBroadcast(Instant at, RequestId request) implements OfRequest {}

    /// What was signed is final.
    record BroadcastConfirmed(Instant at, RequestId request) implements OfRequest {}

    /// Nothing of it goes on here any more.
    ///
    /// @param partialsLeft whether partial signatures of this node's left: what was signed is
    ///   settled then
    record SessionClosed(Instant at, RequestId request, boolean partialsLeft)
            implements OfRequest {}
}
