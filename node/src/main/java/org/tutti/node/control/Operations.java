package org.tutti.node.control;

import org.jspecify.annotations.Nullable;
import org.tutti.node.api.AdvertOrder;
import org.tutti.node.api.ApiException;
import org.tutti.node.api.GroupOrder;
import org.tutti.node.api.NodeApi;
import org.tutti.node.api.PayRequest;
import org.tutti.node.api.ReplaceRequest;
import org.tutti.node.api.RequestOrder;
import org.tutti.node.api.SessionWatch;
import org.tutti.node.api.SignerQuery;
import org.tutti.node.json.JsonLineException;
import org.tutti.node.json.JsonObject;
import org.tutti.node.json.JsonOmitted;
import org.tutti.node.json.JsonRecords;

import java.util.Map;
import java.util.Optional;

/// The operations of [NodeApi] as JSON objects: `op` names the operation, the request's fields
/// stand beside it.
final class Operations implements ControlHandler {
    static final String OP = "op";
    static final String ADDRESS = "address";
    static final String STATUS = "status";
    static final String PAY = "pay";
    static final String PAYMENTS = "payments";
    static final String PAYMENT = "payment";
    static final String BUMP = "bump";
    static final String CANCEL = "cancel";
    static final String ACCEPT_CLOCK = "accept-clock";
    static final String ALLOW_CONFLICT = "allow-conflict";
    static final String ACCEPT_RECOVERY = "accept-recovery";
    static final String REQUEST_CREATE = "request-create";
    static final String REQUESTS = "requests";
    static final String REQUEST = "request";
    static final String REQUEST_JOIN = "request-join";
    static final String REQUEST_REFUSE = "request-refuse";
    static final String REQUEST_WITHDRAW = "request-withdraw";
    static final String REQUEST_RELEASE = "request-release";
    static final String REQUEST_ROUND = "request-round";
    static final String SESSIONS = "sessions";
    static final String SESSION = "session";
    static final String SESSION_EVENTS = "session-events";
    static final String GROUP_PROPOSE = "group-propose";
    static final String GROUP_CONSENT = "group-consent";
    static final String GROUP_REFUSE = "group-refuse";
    static final String GROUPS = "groups";
    static final String GROUP = "group";
    static final String GROUP_EXPORT = "group-export";
    static final String GROUP_IMPORT = "group-import";
    static final String ADVERTISE = "advertise";
    static final String WITHDRAW_ADVERT = "withdraw-advert";
    static final String SIGNERS = "signers";
    static final String VOUCH = "vouch";
    static final String SIGNER_EVENTS = "signer-events";
    private static final String KNOWN =
            String.join(
                    ", ",
                    ADDRESS,
                    STATUS,
                    PAY,
                    PAYMENTS,
                    PAYMENT,
                    BUMP,
                    CANCEL,
                    ACCEPT_CLOCK,
                    ALLOW_CONFLICT,
                    ACCEPT_RECOVERY,
                    REQUEST_CREATE,
                    REQUESTS,
                    REQUEST,
                    REQUEST_JOIN,
                    REQUEST_REFUSE,
                    REQUEST_WITHDRAW,
                    REQUEST_RELEASE,
                    REQUEST_ROUND,
                    SESSIONS,
                    SESSION,
                    SESSION_EVENTS,
                    GROUP_PROPOSE,
                    GROUP_CONSENT,
                    GROUP_REFUSE,
                    GROUPS,
                    GROUP,
                    GROUP_EXPORT,
                    GROUP_IMPORT,
                    ADVERTISE,
                    WITHDRAW_ADVERT,
                    SIGNERS,
                    VOUCH,
                    SIGNER_EVENTS);

    /// For the operation that tells an address.
    record OfAddress(@JsonOmitted Optional<String> group) {}

    /// For the operation about one payment.
    record OfPayment(String id) {}

    /// For the operation about one session.
    record OfSession(String session) {}

    /// For the operation about a member's new journal.
    record OfRecovery(String peerId, String journal) {}

    /// For the operations about one request.
    record OfRequest(String request) {}

    /// For the operation that starts a round of one.
    record OfRound(String request, int round) {}

    /// For the operations that end one.
    record OfEnd(String request, String reason) {}

    /// For the operations about one group.
    record OfGroup(String group) {}

    /// For the operation that takes one back.
    record OfRecord(String record) {}

    /// For consent to one.
    record OfConsent(String group, String policy) {}

    /// For the operation that ends one.
    record OfGroupEnd(String group, String reason) {}

    /// For the operation that vouches.
    record OfVouch(String key, long seconds) {}

    /// For operations that take nothing but their name.
    private record NoFields() {}

    private final NodeApi api;

    Operations(NodeApi api) {
        this.api = api;
    }

    @Override
    public Map<String, @Nullable Object> handle(JsonObject request)
            throws ApiException, JsonLineException {
        return JsonRecords.fields(answer(request.string(OP), request.without(OP)));
    }

    private Record answer(String operation, JsonObject fields)
            throws ApiException, JsonLineException {
        return switch (operation) {
            case ADDRESS -> api.address(JsonRecords.read(OfAddress.class, fields).group());
            case STATUS -> {
                JsonRecords.read(NoFields.class, fields);
                yield api.status();
            }
            case PAY -> api.pay(JsonRecords.read(PayRequest.class, fields));
            case PAYMENTS -> {
                JsonRecords.read(NoFields.class, fields);
                yield api.payments();
            }
            case PAYMENT -> api.payment(JsonRecords.read(OfPayment.class, fields).id());
            case BUMP -> api.bump(JsonRecords.read(ReplaceRequest.class, fields));
            case CANCEL -> api.cancel(JsonRecords.read(ReplaceRequest.class, fields));
            case ACCEPT_CLOCK -> {
                JsonRecords.read(NoFields.class, fields);
                yield api.acceptClock();
            }
            case ALLOW_CONFLICT ->
                    api.allowConflict(JsonRecords.read(OfSession.class, fields).session());
            case ACCEPT_RECOVERY -> {
                OfRecovery of = JsonRecords.read(OfRecovery.class, fields);
                yield api.acceptRecovery(of.peerId(), of.journal());
            }
            case REQUEST_CREATE -> api.createRequest(JsonRecords.read(RequestOrder.class, fields));
            case REQUESTS -> {
                JsonRecords.read(NoFields.class, fields);
                yield api.requests();
            }
            case REQUEST -> api.request(JsonRecords.read(OfRequest.class, fields).request());
            case REQUEST_JOIN ->
                    api.joinRequest(JsonRecords.read(OfRequest.class, fields).request());
            case REQUEST_REFUSE -> {
                OfEnd of = JsonRecords.read(OfEnd.class, fields);
                yield api.refuseRequest(of.request(), of.reason());
            }
            case REQUEST_WITHDRAW -> {
                OfEnd of = JsonRecords.read(OfEnd.class, fields);
                yield api.withdrawRequest(of.request(), of.reason());
            }
            case REQUEST_RELEASE ->
                    api.releaseRequest(JsonRecords.read(OfRequest.class, fields).request());
            case REQUEST_ROUND -> {
                OfRound of = JsonRecords.read(OfRound.class, fields);
                yield api.startRound(of.request(), of.round());
            }
            case SESSIONS -> {
                JsonRecords.read(NoFields.class, fields);
                yield api.sessions();
            }
            case SESSION -> api.session(JsonRecords.read(OfSession.class, fields).session());
            case SESSION_EVENTS -> api.sessionEvents(JsonRecords.read(SessionWatch.class, fields));
            case GROUP_PROPOSE -> api.proposeGroup(JsonRecords.read(GroupOrder.class, fields));
            case GROUP_CONSENT -> {
                OfConsent of = JsonRecords.read(OfConsent.class, fields);
                yield api.consentToGroup(of.group(), of.policy());
            }
            case GROUP_REFUSE -> {
                OfGroupEnd of = JsonRecords.read(OfGroupEnd.class, fields);
                yield api.refuseGroup(of.group(), of.reason());
            }
            case GROUPS -> {
                JsonRecords.read(NoFields.class, fields);
                yield api.groups();
            }
            case GROUP -> api.group(JsonRecords.read(OfGroup.class, fields).group());
            case GROUP_EXPORT -> api.exportGroup(JsonRecords.read(OfGroup.class, fields).group());
            case GROUP_IMPORT -> api.importGroup(JsonRecords.read(OfRecord.class, fields).record());
            case ADVERTISE -> api.advertise(JsonRecords.read(AdvertOrder.class, fields));
            case WITHDRAW_ADVERT -> {
                JsonRecords.read(NoFields.class, fields);
                yield api.withdrawAdvert();
            }
            case SIGNERS -> api.findSigners(JsonRecords.read(SignerQuery.class, fields));
            case VOUCH -> {
                OfVouch of = JsonRecords.read(OfVouch.class, fields);
                yield api.vouchFor(of.key(), of.seconds());
            }
            case SIGNER_EVENTS -> api.signerEvents(JsonRecords.read(SessionWatch.class, fields));
            default ->
                    throw new JsonLineException(
                            "%s: unknown operation \"%s\"; known: %s"
                                    .formatted(OP, operation, KNOWN));
        };
    }
}
