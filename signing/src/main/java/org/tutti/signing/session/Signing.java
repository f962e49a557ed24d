package org.tutti.signing.session;

import org.tutti.musig.schnorr.SchnorrSignature;
import org.tutti.signing.blame.Evidence;
import org.tutti.signing.group.Member;
import org.tutti.signing.session.SessionState.Phase;
import org.tutti.signing.wire.Contribution;
import org.tutti.signing.wire.DropReason;
import org.tutti.signing.wire.Inbound.Statement;

import java.util.List;

/// The two rounds of one session, and its signatures: who is heard, and what follows. The
/// cryptography is in [Rounds].
final class Signing {
    /// After so many answers of one member that do not verify, its next ones are not looked at:
    /// each costs the loop a verification.
    static final int MAX_BAD_FINALS = 3;

    private final SessionState state;
    private final EngineContext context;
    private final NonceSets nonceSets;
    private final int[] badFinals;

    Signing(SessionState state, NonceSets nonceSets) {
        this.state = state;
        this.context = state.context;
        this.nonceSets = nonceSets;
        this.badFinals = new int[context.group.size()];
    }

    /// Goes on to the next phase when all that this one waits for is here.
    void advance() {
        if (!state.over() && state.phase == Phase.READINESS && state.attempt.ready.full()) {
            makeNonces();
        }
        if (!state.over() && state.phase == Phase.NONCES && state.attempt.nonces.full()) {
            sign();
        }
        if (!state.over() && state.phase == Phase.PARTIALS && state.attempt.allVerified()) {
            finish(state.rounds.aggregate(state.attempt));
        }
    }

    /// SAFETY 7: only here, when every signer is ready, are nonces made.
    private void makeNonces() {
        Attempt attempt = state.attempt;
        state.phase = Phase.NONCES;
        state.setDeadline(context.timeouts.nonces());
        context.emit(new SessionEvent.AttemptStarted(context.now(), state.id(), attempt.number));
        Statement nonces =
                state.broadcast(
                        new Contribution.Nonces(
                                state.rounds.makeNonces(attempt), context.durableHead()));
        attempt.nonces.put(nonces);
        context.emit(
                new SessionEvent.NoncesSeen(
                        context.now(), state.id(), context.self(), attempt.number));
    }

    void acceptNonces(Statement statement, Contribution.Nonces nonces) {
        Member author = statement.author();
        Attempt attempt = state.attempt;
        if (!state.rounds.parseNonces(attempt, author, nonces)) {
            badContribution(statement, author + " sent public nonces that are none");
            return;
        }
        // The author made this after it had our Ready of this attempt, so it must know at least
        // what we knew then.
        long floor = attempt.minimumCounts[author.index()];
        if (JournalCheck.fits(state, statement, nonces.head(), floor)) {
            attempt.nonces.put(statement);
            context.emit(
                    new SessionEvent.NoncesSeen(context.now(), state.id(), author, attempt.number));
            if (state.phase == Phase.READINESS) {
                // For its author all are ready: a Ready is being kept from this node, and the
                // others will not wait for as long as readiness may take.
                state.requestMissingAt =
                        SessionState.earlier(
                                state.requestMissingAt,
                                context.now().plus(context.timeouts.nonces().dividedBy(4)));
            }
        }
    }

    private void sign() {
        Attempt attempt = state.attempt;
        state.phase = Phase.PARTIALS;
        state.setDeadline(context.timeouts.partials());
        Contribution.Partials body = state.rounds.sign(attempt);
        Statement partials = context.envelopeSigner.sign(state.id(), attempt.number, body);
        // SAFETY 3: the journal's entry is made durable before the partial signatures leave.
        context.append(state.rounds.journalEntry(attempt, partials));
        context.output(new EngineOutput.Broadcast(partials.envelope()));
        attempt.partials.put(partials);
        context.emit(
                new SessionEvent.PartialSeen(
                        context.now(), state.id(), context.self(), attempt.number));
        for (int i = 0; i < context.group.size() && !state.over(); i++) {
            if (attempt.partials.get(i) != null && i != context.self().index()) {
                examine(i);
            }
        }
    }

    void acceptPartials(Statement statement) {
        state.attempt.partials.put(statement);
        if (state.phase == Phase.PARTIALS) {
            examine(statement.author().index());
        }
    }

    /// SAFETY 11: verified on arrival, and a bad one names its signer. Only a partial signature
    /// that claims the nonces that this node has can be judged; for another the nonceSets are
    /// compared.
    private void examine(int index) {
        Attempt attempt = state.attempt;
        Statement statement = attempt.partials.get(index);
        if (statement == null
                || !(statement.contribution().body() instanceof Contribution.Partials partials)) {
            return;
        }
        Member author = statement.author();
        if (!partials.nonceSetHash().equals(attempt.nonceSetHash)) {
            nonceSets.show();
            nonceSets.compare(index, statement, partials);
            return;
        }
        switch (state.rounds.verify(attempt, author, partials)) {
            case VALID ->
                    context.emit(
                            new SessionEvent.PartialSeen(
                                    context.now(), state.id(), author, attempt.number));
            case MALFORMED ->
                    badContribution(statement, author + " sent partial signatures that are none");
            case INVALID ->
                    state.abort(
                            AbortCode.BAD_PARTIAL,
                            author,
                            author + " sent a partial signature that does not verify",
                            state.evidenceBuilder.build(
                                    Evidence.Kind.BAD_PARTIAL,
                                    index,
                                    attempt.nonces.all().stream().map(Statement::envelope).toList(),
                                    statement.envelope()));
        }
    }

    private void badContribution(Statement statement, String reason) {
        state.abort(
                AbortCode.BAD_CONTRIBUTION,
                statement.author(),
                reason,
                state.evidenceBuilder.build(
                        Evidence.Kind.BAD_CONTRIBUTION,
                        statement.author().index(),
                        List.of(),
                        statement.envelope()));
    }

    /// SAFETY 12: verified as BIP340 before it is used or told.
    private void finish(List<SchnorrSignature> signatures) {
        if (!state.rounds.verifyFinal(signatures)) {
            state.abort(
                    AbortCode.INTERNAL,
                    List.of(),
                    "valid partial signatures made an invalid signature");
            return;
        }
        state.completions.signed(signatures);
    }

    /// SAFETY 13: the stored answer of someone who has finished. Nothing but the signatures is
    /// believed.
    void finishedElsewhere(Member author, Contribution.Final fin) {
        List<SchnorrSignature> signatures =
                fin.signatures().stream().map(SchnorrSignature::new).toList();
        if (state.phase == Phase.APPROVING) {
            context.drop(author, DropReason.OUT_OF_PHASE);
        } else if (badFinals[author.index()] >= MAX_BAD_FINALS) {
            context.drop(author, DropReason.TOO_MANY_ANSWERS);
        } else if (state.rounds.verifyFinal(signatures)) {
            finish(signatures);
        } else {
            badFinals[author.index()]++;
            context.drop(author, DropReason.BAD_FINAL);
        }
    }
}
