package org.tutti.node.daemon;

import org.tutti.node.events.EventSink;
import org.tutti.node.events.NodeEvent;
import org.tutti.signing.group.Member;
import org.tutti.signing.request.SigningRequest;
import org.tutti.signing.session.SessionEvent;
import org.tutti.signing.session.SessionOutcome;
import org.tutti.wallet.spend.UnsignedPayment;

import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Function;

/// Translates the signing service's events into the node's. That everything is signed is reported
/// by [PaymentReports], with the coins.
///
/// Runs on the signing service's event thread, one call at a time.
final class SessionReports implements Consumer<SessionEvent> {
    private final Setup setup;
    private final Function<SigningRequest, Optional<UnsignedPayment>> payments;
    private final EventSink events;

    /// @param payments reads the payment of a request
    SessionReports(
            Setup setup,
            Function<SigningRequest, Optional<UnsignedPayment>> payments,
            EventSink events) {
        this.setup = setup;
        this.payments = payments;
        this.events = events;
    }

    @Override
    public void accept(SessionEvent event) {
        switch (event) {
            case SessionEvent.Announced e ->
                    events.emit(e.at(), announced(e.request(), e.requester()));
            case SessionEvent.Resumed e ->
                    events.emit(
                            e.at(),
                            new NodeEvent.Resumed(e.request().sessionId().toString(), e.attempt()));
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
            case SessionEvent.StepAwaited _ -> {
                // Payments go on by themselves.
            }
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
            case SessionEvent.Signed _ -> {}
            case SessionEvent.Refused e ->
                    events.emit(
                            e.at(),
                            new NodeEvent.Refused(
                                    e.session().toString(),
                                    e.by().peerId().toString(),
                                    e.code(),
                                    e.reason(),
                                    e.partialsLeft()));
            case SessionEvent.Aborted e -> events.emit(e.at(), aborted(e.outcome()));
            case SessionEvent.Dropped e ->
                    events.emit(
                            e.at(),
                            new NodeEvent.Dropped(
                                    e.from().peerId().toString(), e.reason().name(), e.count()));
            case SessionEvent.ClockStepped e ->
                    events.emit(e.at(), new NodeEvent.ClockStepped(e.by().toSeconds()));
            case SessionEvent.JournalWentBack e ->
                    events.emit(
                            e.at(), new NodeEvent.JournalWentBack(e.shownBy().peerId().toString()));
            case SessionEvent.CopyFound e ->
                    events.emit(
                            e.at(),
                            new NodeEvent.CopyFound(
                                    e.member().peerId().toString(), e.member().equals(self())));
            case SessionEvent.CopyGone e ->
                    events.emit(
                            e.at(),
                            new NodeEvent.CopyGone(
                                    e.member().peerId().toString(), e.member().equals(self())));
            case SessionEvent.TermsDiffer e ->
                    events.emit(
                            e.at(),
                            new NodeEvent.AddressDiffers(
                                    e.member().peerId().toString(),
                                    GroupAgreement.text(e.theirs())));
            case SessionEvent.TermsAgreed e -> events.emit(e.at(), agreed());
            case SessionEvent.OtherGroup e ->
                    events.emit(
                            e.at(),
                            new NodeEvent.GroupDiffers(
                                    e.member().peerId().toString(),
                                    e.group().toHex(),
                                    setup.group().id().toHex()));
            case SessionEvent.RecoveryAsked e ->
                    events.emit(
                            e.at(),
                            new NodeEvent.RecoveryAsked(
                                    e.member().peerId().toString(), e.journal().toHex()));
            case SessionEvent.RecoveryConsented e ->
                    events.emit(
                            e.at(),
                            new NodeEvent.RecoveryAccepted(
                                    e.by().peerId().toString(),
                                    e.member().peerId().toString(),
                                    e.journal().toHex()));
            case SessionEvent.Recovered e -> events.emit(e.at(), new NodeEvent.Recovered());
            case SessionEvent.NobodyRemembers e ->
                    events.emit(e.at(), new NodeEvent.NobodyRemembers());
            case SessionEvent.JournalFailed e ->
                    events.emit(e.at(), new NodeEvent.JournalFailed(e.message()));
        }
    }

    private static NodeEvent aborted(SessionOutcome.Aborted outcome) {
        return new NodeEvent.Aborted(
                outcome.sessionId().toString(),
                outcome.by().peerId().toString(),
                outcome.code(),
                outcome.reason(),
                peerIds(outcome.culprits()),
                peerIds(outcome.observed()),
                peerIds(outcome.claimed()),
                outcome.evidence().map(Object::toString),
                outcome.partialsLeft());
    }

    private NodeEvent announced(SigningRequest request, Member requester) {
        String session = request.sessionId().toString();
        if (!requester.equals(self())) {
            return new NodeEvent.RequestReceived(
                    session, requester.peerId().toString(), request.purpose());
        }
        Optional<UnsignedPayment> payment = payments.apply(request);
        return new NodeEvent.Announced(
                session,
                payment.map(p -> p.transaction().txid().toString()).orElse(""),
                request.messages().size());
    }

    private NodeEvent agreed() {
        return new NodeEvent.Agreed(
                setup.wallet().network().name(),
                setup.wallet().internalKey().bytes().toHex(),
                setup.wallet().outputKey().bytes().toHex(),
                setup.wallet().address().text(),
                setup.wallet().scriptPubKey().toHex());
    }

    private Member self() {
        return setup.self();
    }

    private static List<String> peerIds(List<Member> members) {
        return members.stream().map(member -> member.peerId().toString()).toList();
    }
}
