package org.tutti.signing.service;

import org.tutti.base.Bytes;
import org.tutti.signing.approval.Hold;
import org.tutti.signing.approval.HoldListener;
import org.tutti.signing.internal.engine.EngineOutput;
import org.tutti.signing.internal.engine.GroupEngine;
import org.tutti.signing.request.SigningRequest;
import org.tutti.signing.session.SessionEvent;

import java.util.concurrent.CountDownLatch;
import java.util.function.Consumer;

/// Performs the outputs of one group's engine, on the loop's thread.
///
/// @param way of the messages to the other members
/// @param agreed counted down when all members have agreed to the terms
record GroupOutputs(
        GroupWay way,
        PeerLinks links,
        Approvals approvals,
        EventDispatcher events,
        EvidenceFolder evidence,
        HoldListener holdListener,
        OwnRequests ownRequests,
        CountDownLatch agreed,
        HandOverService handOvers,
        Consumer<? super Throwable> onFailure)
        implements GroupEngine.OutputHandler {
    @Override
    public void perform(EngineOutput output) {
        switch (output) {
            case EngineOutput.Send(int member, Bytes envelope) ->
                    way.send(member, envelope, false).ifPresent(links::send);
            case EngineOutput.Broadcast(Bytes envelope) ->
                    way.broadcast(envelope).forEach(links::send);
            case EngineOutput.SendToAllConnections(int member, Bytes envelope) ->
                    way.send(member, envelope, true).ifPresent(links::send);
            case EngineOutput.AskApproval ask -> approvals.ask(ask.request(), ask.requester());
            case EngineOutput.Emit(var event) -> {
                if (event instanceof SessionEvent.TermsAgreed) {
                    agreed.countDown();
                }
                events.offer(event);
            }
            case EngineOutput.SaveEvidence(String name, Bytes content) ->
                    evidence.save(name, content);
            case EngineOutput.HoldChanged changed -> tell(changed);
            case EngineOutput.HandOver question -> handOvers.ask(question);
            case EngineOutput.CannotSign(String code, String reason) ->
                    onFailure.accept(new SigningStoppedException(code, reason));
            case EngineOutput.Finish(var outcome) -> {
                approvals.cancel(outcome.sessionId());
                ownRequests.finish(outcome);
            }
            case EngineOutput.Append _ ->
                    throw new IllegalArgumentException("the loop writes the journal");
        }
    }

    private void tell(EngineOutput.HoldChanged changed) {
        SigningRequest request = changed.request();
        Hold hold = changed.hold();
        switch (changed.change()) {
            case RESERVED -> holdListener.reserved(request, hold);
            case COMMITTED -> holdListener.committed(request, hold);
            case RELEASED -> holdListener.released(request, hold);
            case UNKNOWN -> holdListener.unknown(request, hold);
            case SIGNED -> holdListener.signed(request, hold, changed.signatures(), changed.at());
            case SETTLED -> holdListener.settled(request.sessionId());
        }
    }
}
