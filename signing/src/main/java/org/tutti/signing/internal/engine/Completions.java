package org.tutti.signing.internal.engine;

import org.jspecify.annotations.Nullable;
import org.tutti.base.Bytes;
import org.tutti.musig.schnorr.SchnorrSignature;
import org.tutti.signing.approval.Hold;
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
    /// Longest envelope that is kept to answer with.
    private static final int MAX_CLOSING = 2 << 10;

    private final EngineContext context;
    private final Inbound.Request request;
    private final Runnable wipe;
    private Hold hold = Hold.NONE;
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

    /// What the session holds.
    void holds(Hold value) {
        hold = value;
    }

    boolean havePartialsLeft() {
        return partialsLeft;
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

    /// The signatures became known after the session had ended here without them: expiry and policy
    /// stop signing, never learning.
    void learned(List<SchnorrSignature> signatures) {
        List<Bytes> bytes = signatures.stream().map(SchnorrSignature::bytes).toList();
        context.append(new JournalRecord.Final(id(), bytes));
        context.emit(new SessionEvent.Signed(context.now(), request.request(), signatures));
        completion =
                new Completion(new SessionOutcome.Signed(id(), signatures), bytes, Bytes.EMPTY);
        context.holds().ended(id(), true, context.running());
        context.tell(EngineOutput.HoldChanged.Change.SIGNED, request.request(), hold, signatures);
    }

    /// Whether its signatures are not known, and others may complete them.
    boolean mayLearn() {
        return partialsLeft && completion != null && completion.signatures().isEmpty();
    }

    /// Sets how the session had ended before a restart; nothing is written or told.
    void restored(Completion how) {
        completion = how;
    }

    void refused(Member by, String code, String reason, Bytes closing) {
        wipe.run();
        endInJournal("REFUSED " + code);
        context.emit(new SessionEvent.Refused(context.now(), id(), by, code, reason, partialsLeft));
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
        // Kept to answer with until the request expires: not with the proofs that it may carry.
        Bytes kept =
                closing.length() <= MAX_CLOSING
                        ? closing
                        : context.envelopeSigner
                                .sign(id(), 1, new Contribution.Abort(abort.code(), List.of(), ""))
                                .envelope();
        aborted(by, abort.code(), blame, abort.reason(), kept);
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
        Optional<Path> path = evidence.flatMap(e -> context.save(e, culprit));
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
        Bytes kept =
                signed.envelope().length() <= MAX_CLOSING
                        ? signed.envelope()
                        : context.envelopeSigner
                                .sign(
                                        id(),
                                        attempt,
                                        new Contribution.Abort(code.name(), indices, reason))
                                .envelope();
        aborted(context.self(), code.name(), blame, reason, kept);
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
            // Its holds are not told: they are the same at the next start.
            completion = new Completion(outcome, List.of(), Bytes.EMPTY);
            context.output(new EngineOutput.Finish(outcome));
        }
    }

    private void endInJournal(String code) {
        if (journaled) {
            context.append(new JournalRecord.Ended(id(), code));
        }
    }

    private void end(Completion how) {
        completion = how;
        boolean signed = how.outcome() instanceof SessionOutcome.Signed;
        context.holds().ended(id(), signed, context.running());
        context.resourcesFreed();
        if (how.outcome() instanceof SessionOutcome.Signed(var _, var signatures)) {
            context.tell(
                    EngineOutput.HoldChanged.Change.SIGNED, request.request(), hold, signatures);
        } else {
            context.tell(
                    partialsLeft
                            ? EngineOutput.HoldChanged.Change.UNKNOWN
                            : EngineOutput.HoldChanged.Change.RELEASED,
                    request.request(),
                    hold,
                    List.of());
        }
        context.output(new EngineOutput.Finish(how.outcome()));
    }
}
