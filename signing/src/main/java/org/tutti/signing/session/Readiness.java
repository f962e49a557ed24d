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
    private final EngineContext context;
    private final long[] minimumCounts;

    /// @param minimumCounts fewest entries that the others' journals must have in a Ready
    Readiness(SessionState state, long[] minimumCounts) {
        this.state = state;
        this.context = state.context;
        this.minimumCounts = minimumCounts;
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
                contexts.add(context.keyContexts.of(message.tweak()));
            }
            state.rounds = new Rounds(context, state.request.request(), contexts);
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
            state.setDeadline(context.timeouts.readiness());
        }
        // SAFETY 2: on disk before it is said, so that a restarted signer takes a higher attempt
        // and never says anything else in this one.
        Bytes envelope = state.completions.isJournaled() ? Bytes.EMPTY : state.request.envelope();
        context.append(
                new JournalRecord.Ready(state.id(), attempt.number, state.restarts, envelope));
        state.completions.journaled();
        attempt.minimumCounts = context.heads.counts();
        Statement ready =
                state.broadcast(
                        new Contribution.Ready(
                                context.signer.attestation(), context.durableHead()));
        state.evidenceBuilder.attested(ready);
        attempt.ready.put(ready);
        context.emit(
                new SessionEvent.ReadySeen(
                        context.now(), state.id(), context.self(), attempt.number));
    }

    void accept(Statement statement, Contribution.Ready ready) {
        Member author = statement.author();
        if (!context.attested(author, ready.attestation())) {
            state.abort(
                    AbortCode.BAD_VOUCH,
                    List.of(author),
                    author + "'s signing key does not vouch for its peer id");
            return;
        }
        state.evidenceBuilder.attested(statement);
        if (JournalCheck.fits(state, statement, ready.head(), minimumCounts[author.index()])) {
            state.attempt.ready.put(statement);
            context.emit(
                    new SessionEvent.ReadySeen(
                            context.now(), state.id(), author, state.attempt.number));
        }
    }
}
