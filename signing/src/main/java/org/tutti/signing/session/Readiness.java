package org.tutti.signing.session;

import org.tutti.base.Bytes;
import org.tutti.musig.musig.InvalidTweakException;
import org.tutti.musig.musig.KeyAggContext;
import org.tutti.signing.approval.Decision;
import org.tutti.signing.group.Member;
import org.tutti.signing.journal.JournalRecord;
import org.tutti.signing.request.MessageToSign;
import org.tutti.signing.wire.Contribution;
import org.tutti.signing.wire.Inbound.Statement;

import java.util.ArrayList;
import java.util.List;

/// Approval and readiness of one session: the phases in which no nonce exists.
final class Readiness {
    private final SessionState state;
    private final EngineContext desk;
    private final long[] requestFloors;

    /// @param requestFloors fewest entries that the others' journals must have in a Ready
    Readiness(SessionState state, long[] requestFloors) {
        this.state = state;
        this.desk = state.desk;
        this.requestFloors = requestFloors;
    }

    void decide(Decision decision) {
        switch (decision) {
            case Decision.Refused(String code, String reason) -> state.refuse(code, reason);
            case Decision.Approved(List<MessageToSign> messages) -> {
                // SAFETY 14: what is signed is what the approval rebuilt; the request only has to
                // agree.
                if (!messages.equals(state.request.request().messages())) {
                    state.refuse(
                            "MESSAGES_DIFFER",
                            "the request's messages are not those of its context");
                    return;
                }
                approve(messages);
            }
        }
    }

    private void approve(List<MessageToSign> messages) {
        try {
            List<KeyAggContext> contexts = new ArrayList<>();
            for (MessageToSign message : messages) {
                contexts.add(desk.contexts.of(message.tweak()));
            }
            state.rounds = new Rounds(desk, state.request.request(), contexts);
        } catch (InvalidTweakException _) {
            state.refuse("BAD_TWEAK", "a tweak leads to no key");
            return;
        }
        becomeReady();
    }

    void becomeReady() {
        Attempt attempt = state.attempt;
        state.phase = SessionState.Phase.READINESS;
        if (attempt.number > 1) {
            state.setDeadline(desk.timeouts.readiness());
        }
        // SAFETY 2: on disk before it is said, so that a restarted signer takes a higher attempt
        // and never says anything else in this one.
        Bytes envelope = state.endings.isJournaled() ? Bytes.EMPTY : state.request.envelope();
        desk.append(new JournalRecord.Ready(state.id(), attempt.number, state.restarts, envelope));
        state.endings.journaled();
        attempt.floors = desk.heads.floors();
        Statement ready =
                state.say(new Contribution.Ready(desk.signer.vouch(), desk.durableHead()));
        state.prosecutor.vouched(ready);
        attempt.ready.put(ready);
        desk.emit(new SessionEvent.ReadySeen(desk.now(), state.id(), desk.self(), attempt.number));
    }

    void accept(Statement statement, Contribution.Ready ready) {
        Member author = statement.author();
        if (!desk.vouched(author, ready.vouch())) {
            state.abort(
                    AbortCode.BAD_VOUCH,
                    List.of(author),
                    author + "'s signing key does not vouch for its peer id");
            return;
        }
        state.prosecutor.vouched(statement);
        if (JournalCheck.fits(state, statement, ready.head(), requestFloors[author.index()])) {
            state.attempt.ready.put(statement);
            desk.emit(
                    new SessionEvent.ReadySeen(
                            desk.now(), state.id(), author, state.attempt.number));
        }
    }
}
