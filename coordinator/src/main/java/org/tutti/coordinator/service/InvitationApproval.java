package org.tutti.coordinator.service;

import org.tutti.base.Bytes;
import org.tutti.coordinator.approval.Judgement;
import org.tutti.coordinator.approval.RequestPolicy;
import org.tutti.coordinator.message.Invitation;
import org.tutti.coordinator.message.RequestId;
import org.tutti.coordinator.message.RequestedMessage;
import org.tutti.signing.approval.Approval;
import org.tutti.signing.approval.Decision;
import org.tutti.signing.approval.Hold;
import org.tutti.signing.group.Member;
import org.tutti.signing.request.MessageToSign;
import org.tutti.signing.request.SigningRequest;

import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Predicate;

/// Decides on the sessions of a request: only what was joined is signed, exactly as it was asked
/// for, for whoever asked for it, and only if the policy still agrees.
final class InvitationApproval implements Approval {
    /// The purpose of a session whose context is the id of a request.
    static final String PURPOSE = "invitation";

    private final RequestPolicy policy;
    private final Function<RequestId, Optional<Known>> requests;
    private final Predicate<? super Invitation> stepwise;

    /// A request on this node.
    ///
    /// @param joined whether this node has joined it, and nobody has ended it
    record Known(Invitation request, Bytes psbt, boolean joined) {}

    InvitationApproval(RequestPolicy policy, Function<RequestId, Optional<Known>> requests) {
        this(policy, requests, _ -> false);
    }

    /// @param stepwise whether this node's user takes the steps of a request's sessions
    InvitationApproval(
            RequestPolicy policy,
            Function<RequestId, Optional<Known>> requests,
            Predicate<? super Invitation> stepwise) {
        this.policy = policy;
        this.requests = requests;
        this.stepwise = stepwise;
    }

    /// The request that a session is for.
    static Optional<RequestId> requestOf(SigningRequest session) {
        return session.purpose().equals(PURPOSE)
                        && session.context().length() == RequestId.BYTES
                        && session.idempotencyKey().equals(session.context())
                ? Optional.of(new RequestId(session.context()))
                : Optional.empty();
    }

    static List<MessageToSign> messages(Invitation request) {
        return request.messages().stream().map(RequestedMessage::toSign).toList();
    }

    @Override
    public Decision decide(SigningRequest session, Member requester) throws InterruptedException {
        Optional<RequestId> id = requestOf(session);
        if (id.isEmpty()) {
            return new Decision.Refused("NOT_A_REQUEST", "the session names no request");
        }
        Optional<Known> known = requests.apply(id.get());
        if (known.isEmpty() || !known.get().joined()) {
            return new Decision.Refused("NOT_JOINED", "this signer has not joined the request");
        }
        Invitation request = known.get().request();
        if (!requester.signingKey().equals(request.requester())) {
            return new Decision.Refused("NOT_THE_REQUESTER", "another signer made the request");
        }
        if (!session.messages().equals(messages(request))) {
            return new Decision.Refused(
                    "MESSAGES_DIFFER", "the session has other messages than the request");
        }
        return switch (policy.judgeBeforeSigning(request, known.get().psbt())) {
            case Judgement.Approved approved ->
                    new Decision.Approved(
                            approved.messages(), approved.hold(), stepwise.test(request));
            // The person was asked before this node joined.
            case Judgement.AskPerson ask ->
                    new Decision.Approved(ask.messages(), ask.hold(), stepwise.test(request));
            case Judgement.Refused(String code, String reason) ->
                    new Decision.Refused(code, reason);
        };
    }

    @Override
    public Hold holdOf(SigningRequest session) {
        return requestOf(session)
                .flatMap(requests)
                .map(known -> policy.holdOf(known.request(), known.psbt()))
                .orElse(Hold.NONE);
    }
}
