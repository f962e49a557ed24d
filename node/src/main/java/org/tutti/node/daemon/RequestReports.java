package org.tutti.node.daemon;

import org.tutti.coordinator.event.CoordinatorEvent;
import org.tutti.coordinator.message.Invitation;
import org.tutti.coordinator.message.RequestId;
import org.tutti.musig.keys.PublicKey;
import org.tutti.node.events.NodeEvent;
import org.tutti.signing.session.Step;

import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;

/// Translates what becomes of requests into the node's events.
final class RequestReports {
    private RequestReports() {}

    static NodeEvent of(CoordinatorEvent event) {
        return switch (event) {
            case CoordinatorEvent.PeerBlocked e ->
                    new NodeEvent.PeerBlocked(e.peer().toString(), e.code(), e.addresses());
            case CoordinatorEvent.OfRequest of -> of(of);
        };
    }

    private static NodeEvent of(CoordinatorEvent.OfRequest event) {
        String request = text(event.request());
        return switch (event) {
            case CoordinatorEvent.RequestCreated e -> created(e.invitation());
            case CoordinatorEvent.RequestReceived e -> arrived(e);
            case CoordinatorEvent.ApprovalNeeded e ->
                    new NodeEvent.ApprovalNeeded(request, e.summary());
            case CoordinatorEvent.RequestJoined e ->
                    new NodeEvent.RequestJoined(request, text(e.signer()), e.joined(), e.of());
            case CoordinatorEvent.RequestRefused e ->
                    new NodeEvent.RequestRefused(request, text(e.signer()), e.code(), e.reason());
            case CoordinatorEvent.RequestWithdrawn e ->
                    new NodeEvent.RequestWithdrawn(request, e.reason());
            case CoordinatorEvent.RequestExpired _ -> new NodeEvent.RequestExpired(request);
            case CoordinatorEvent.ParticipantConnected e ->
                    new NodeEvent.ParticipantConnected(request, text(e.signer()));
            case CoordinatorEvent.ParticipantDisconnected e ->
                    new NodeEvent.ParticipantDisconnected(request, text(e.signer()));
            case CoordinatorEvent.SessionReady _ -> new NodeEvent.SessionReady(request);
            case CoordinatorEvent.SessionCreated e ->
                    new NodeEvent.SessionCreated(request, e.session().toString());
            case CoordinatorEvent.SessionJoined e ->
                    new NodeEvent.SessionJoined(request, e.session().toString());
            case CoordinatorEvent.StepNeeded e ->
                    new NodeEvent.StepNeeded(request, e.session().toString(), round(e.step()));
            case CoordinatorEvent.Round1Complete e ->
                    new NodeEvent.Round1Complete(request, e.session().toString());
            case CoordinatorEvent.Round2Complete e ->
                    new NodeEvent.Round2Complete(request, e.session().toString());
            case CoordinatorEvent.SignerLate e ->
                    new NodeEvent.SignerLate(request, text(e.signer()));
            case CoordinatorEvent.SessionAborted e ->
                    new NodeEvent.SessionAborted(
                            request, e.code(), e.reason(), texts(e.culprits()));
            case CoordinatorEvent.Finalized e ->
                    new NodeEvent.Finalized(
                            request, e.signatures().stream().map(s -> s.bytes().toHex()).toList());
            case CoordinatorEvent.ShouldBroadcast _ -> new NodeEvent.ShouldBroadcast(request);
            case CoordinatorEvent.BroadcastConfirmed _ -> new NodeEvent.BroadcastConfirmed(request);
            case CoordinatorEvent.SessionClosed _ -> new NodeEvent.SessionClosed(request);
        };
    }

    private static int round(Step step) {
        return switch (step) {
            case NONCES -> 1;
            case PARTIALS -> 2;
        };
    }

    private static NodeEvent created(Invitation made) {
        return new NodeEvent.RequestCreated(
                text(made.id()),
                made.keys().size(),
                made.type(),
                made.amount(),
                made.description(),
                made.header().notAfter().toString());
    }

    private static NodeEvent arrived(CoordinatorEvent.RequestReceived event) {
        Invitation request = event.invitation();
        return new NodeEvent.RequestArrived(
                text(request.id()),
                text(request.requester()),
                switch (event.via()) {
                    case DIRECT -> NodeEvent.RequestChannel.DIRECT;
                    case GOSSIP -> NodeEvent.RequestChannel.GOSSIP;
                    case INBOX -> NodeEvent.RequestChannel.INBOX;
                },
                event.from().toString(),
                event.isFromRequester(),
                request.keys().size(),
                request.type(),
                request.amount(),
                request.description());
    }

    static String text(RequestId request) {
        return request.toString();
    }

    static String text(PublicKey key) {
        return key.bytes().toHex();
    }

    static List<String> texts(List<PublicKey> keys) {
        return keys.stream().map(RequestReports::text).toList();
    }

    static String time(Instant at) {
        return at.truncatedTo(ChronoUnit.MILLIS).toString();
    }
}
