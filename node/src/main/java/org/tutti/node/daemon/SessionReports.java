package org.tutti.node.daemon;

import org.tutti.node.events.EventSink;
import org.tutti.node.events.NodeEvent;
import org.tutti.signing.group.Member;
import org.tutti.signing.request.SigningRequest;
import org.tutti.signing.session.SessionEvent;
import org.tutti.signing.session.SessionOutcome;
import org.tutti.wallet.policy.PaymentApproval;
import org.tutti.wallet.spend.UnsignedPayment;

import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/// Turns the signing service's events into the node's, and tells the payments.
///
/// Runs on the signing service's event thread, one call at a time.
final class SessionReports implements Consumer<SessionEvent> {
    private final Member self;
    private final Payments payments;
    private final PaymentApproval approval;
    private final EventSink events;

    /// @param approval told which sessions bind coins again after a restart, and which do no more
    SessionReports(Member self, Payments payments, PaymentApproval approval, EventSink events) {
        this.self = self;
        this.payments = payments;
        this.approval = approval;
        this.events = events;
    }

    @Override
    public void accept(SessionEvent event) {
        switch (event) {
            case SessionEvent.Announced e ->
                    events.emit(e.at(), announced(e.request(), e.requester()));
            case SessionEvent.Resumed e -> {
                approval.resumed(e.request());
                events.emit(
                        e.at(),
                        new NodeEvent.Resumed(e.request().sessionId().toString(), e.attempt()));
            }
            case SessionEvent.ReadySeen e ->
                    events.emit(
                            e.at(),
                            new NodeEvent.Ready(
                                    e.session().toString(),
                                    e.attempt(),
                                    e.member().peerId().toString(),
                                    e.member().index()));
            case SessionEvent.AttemptStarted e ->
                    events.emit(
                            e.at(),
                            new NodeEvent.AttemptStarted(e.session().toString(), e.attempt()));
            case SessionEvent.NoncesSeen e ->
                    events.emit(
                            e.at(),
                            new NodeEvent.Nonces(
                                    e.session().toString(),
                                    e.attempt(),
                                    e.member().peerId().toString(),
                                    e.member().index()));
            case SessionEvent.PartialSeen e ->
                    events.emit(
                            e.at(),
                            new NodeEvent.Partials(
                                    e.session().toString(),
                                    e.attempt(),
                                    e.member().peerId().toString(),
                                    e.member().index()));
            case SessionEvent.AttemptFailed e ->
                    events.emit(
                            e.at(),
                            new NodeEvent.AttemptFailed(
                                    e.session().toString(),
                                    e.attempt(),
                                    peerIds(e.holdouts()),
                                    "waited for " + e.holdouts()));
            case SessionEvent.Signed e -> {
                // Told again after a restart, it still binds its coins.
                approval.resumed(e.request());
                payments.signed(
                        e.at(),
                        e.request(),
                        e.signatures(),
                        e.request().requester().equals(self.peerId()));
            }
            case SessionEvent.Refused e -> {
                approval.ended(e.session());
                events.emit(
                        e.at(),
                        new NodeEvent.Refused(
                                e.session().toString(),
                                e.by().peerId().toString(),
                                e.code(),
                                e.reason()));
            }
            case SessionEvent.Aborted e -> {
                SessionOutcome.Aborted how = e.outcome();
                approval.ended(how.sessionId());
                events.emit(
                        e.at(),
                        new NodeEvent.Aborted(
                                how.sessionId().toString(),
                                how.by().peerId().toString(),
                                how.code(),
                                how.reason(),
                                peerIds(how.culprits()),
                                peerIds(how.claimed()),
                                how.evidence().map(Object::toString)));
            }
            case SessionEvent.Dropped e ->
                    events.emit(
                            e.at(),
                            new NodeEvent.Dropped(
                                    e.from().peerId().toString(), e.reason().name(), e.count()));
            case SessionEvent.JournalFailed e ->
                    events.emit(e.at(), new NodeEvent.JournalFailed(e.message()));
        }
    }

    private NodeEvent announced(SigningRequest request, Member requester) {
        String session = request.sessionId().toString();
        if (!requester.equals(self)) {
            return new NodeEvent.RequestReceived(
                    session, requester.peerId().toString(), request.purpose());
        }
        Optional<UnsignedPayment> payment = payments.read(request.context());
        return new NodeEvent.Announced(
                session,
                payment.map(p -> p.transaction().txid().toString()).orElse(""),
                request.messages().size());
    }

    private static List<String> peerIds(List<Member> members) {
        return members.stream().map(member -> member.peerId().toString()).toList();
    }
}
