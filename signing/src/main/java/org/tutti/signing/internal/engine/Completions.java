package org.tutti.signing.internal.engine;

import org.jspecify.annotations.Nullable;
import org.tutti.base.Bytes;
import org.tutti.musig.schnorr.SchnorrSignature;
import org.tutti.signing.blame.Evidence;
import org.tutti.signing.group.Member;
import org.tutti.signing.internal.wire.Contribution;
import org.tutti.signing.internal.wire.EnvelopeVerifier;
import org.tutti.signing.internal.wire.Inbound;
import org.tutti.signing.journal.JournalRecord;
import org.tutti.signing.request.SessionId;
import org.tutti.signing.session.AbortCode;
import org.tutti.signing.session.SessionEvent;
import org.tutti.signing.session.SessionOutcome;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/// Completes one session, at most once. Every way of completing it wipes the secret nonces, and all
/// except suspending are recorded in the journal.
final class Completions {
    private final EngineContext context;
    private final Inbound.Request request;
    private final Runnable wipe;
    private boolean journaled;
    private boolean partialsLeft;
    private @Nullable Completion completion;

    /// @param wipe wipes the session's secret nonces
    Completions(EngineContext context, Inbound.Request request, Runnable wipe) {
        this.context = context;
        this.request = request;
        this.wipe = wipe;
    }

    /// The journal has an entry of the session, so its end is recorded too.
    void journaled() {
        journaled = true;
    }

    boolean isJournaled() {
        return journaled;
    }

    /// This node's partial signatures leave, or left before a restart.
    void partialsLeft() {
        partialsLeft = true;
    }

    boolean over() {
        return completion != null;
    }

    Optional<Completion> completion() {
        return Optional.ofNullable(completion);
    }

    private SessionId id() {
        return request.request().sessionId();
    }

    /// SAFETY 12: the signatures were verified as BIP340.
    void signed(List<SchnorrSignature> signatures) {
        wipe.run();
        List<Bytes> bytes = signatures.stream().map(SchnorrSignature::bytes).toList();
        context.append(new JournalRecord.Final(id(), bytes));
        context.emit(new SessionEvent.Signed(context.now(), request.request(), signatures));
        end(new Completion(new SessionOutcome.Signed(id(), signatures), bytes, Bytes.EMPTY));
    }

    void refused(Member by, String code, String reason, Bytes closing) {
        wipe.run();
        endInJournal("REFUSED " + code);
        context.emit(new SessionEvent.Refused(context.now(), id(), by, code, reason));
        end(
                new Completion(
                        new SessionOutcome.Refused(id(), by, code, reason, partialsLeft),
                        List.of(),
                        closing));
    }

    /// A member aborted. That ends the session, because without this member there is no signature.
    /// Whom it blames is its own claim: this node blames nobody for it.
    void abortedBy(Member by, Contribution.Abort abort, Bytes closing) {
        List<Member> claimed = abort.culprits().stream().map(context.group::member).toList();
        Blame blame = new Blame(List.of(), List.of(), claimed, Optional.empty());
        aborted(by, abort.code(), blame, abort.reason(), closing);
    }

    /// @param culprits whom this node blames
    /// @param observed who is only seen to be silent or behind
    /// @param claimed whom another member blames
    private record Blame(
            List<Member> culprits,
            List<Member> observed,
            List<Member> claimed,
            Optional<Path> evidence) {}

    /// This node aborts, and has the proof if there is evidence.
    void abort(
            int attempt,
            AbortCode code,
            Member culprit,
            String reason,
            Optional<Evidence> evidence) {
        Optional<Path> path =
                evidence.map(e -> {
                    // The whole id: a session whose id has the same first digits can be
                    // constructed, and would overwrite the file.
                    String name = id() + "-" + culprit.index() + ".evidence";
                    context.output(new EngineOutput.SaveEvidence(name, e.encode()));
                    return context.evidencePath(name);
                });
        List<Bytes> proof = evidence.map(Evidence::proof).orElse(List.of());
        // Blame is what a file convicts; without one it is an observation.
        List<Member> named = List.of(culprit);
        Blame blame =
                path.isPresent()
                        ? new Blame(named, List.of(), List.of(), path)
                        : new Blame(List.of(), named, List.of(), path);
        giveUp(attempt, code, blame, reason, proof);
    }

    /// @param observed who is seen to be silent or behind, which proves nothing
    void abort(int attempt, AbortCode code, List<Member> observed, String reason) {
        Blame blame = new Blame(List.of(), observed, List.of(), Optional.empty());
        giveUp(attempt, code, blame, reason, List.of());
    }

    private void giveUp(
            int attempt, AbortCode code, Blame blame, String reason, List<Bytes> proof) {
        if (completion != null) {
            return;
        }
        List<Integer> indices =
                Stream.concat(blame.culprits().stream(), blame.observed().stream())
                        .map(Member::index)
                        .toList();
        boolean small =
                proof.stream().mapToInt(Bytes::length).sum() <= EnvelopeVerifier.MAX_PROOF_BYTES;
        Contribution.Abort body =
                new Contribution.Abort(code.name(), indices, reason, small ? proof : List.of());
        Inbound.Statement signed = context.envelopeSigner.sign(id(), attempt, body);
        context.output(new EngineOutput.Broadcast(signed.envelope()));
        aborted(context.self(), code.name(), blame, reason, signed.envelope());
    }

    private void aborted(Member by, String code, Blame blame, String reason, Bytes closing) {
        wipe.run();
        endInJournal(code);
        SessionOutcome.Aborted outcome =
                new SessionOutcome.Aborted(
                        id(),
                        by,
                        code,
                        blame.culprits(),
                        blame.observed(),
                        blame.claimed(),
                        reason,
                        blame.evidence(),
                        partialsLeft);
        context.emit(new SessionEvent.Aborted(context.now(), outcome));
        end(new Completion(outcome, List.of(), closing));
    }

    /// Ends without a message or a journal entry: the next start resumes the session (SAFETY 2).
    void suspend(AbortCode code, String reason) {
        if (completion == null) {
            wipe.run();
            SessionOutcome outcome =
                    new SessionOutcome.Aborted(
                            id(),
                            context.self(),
                            code.name(),
                            List.of(),
                            List.of(),
                            List.of(),
                            reason,
                            Optional.empty(),
                            partialsLeft);
            end(new Completion(outcome, List.of(), Bytes.EMPTY));
        }
    }

    private void endInJournal(String code) {
        if (journaled) {
            context.append(new JournalRecord.Ended(id(), code));
        }
    }

    private void end(Completion how) {
        completion = how;
        context.output(new EngineOutput.Finish(how.outcome()));
    }
}
