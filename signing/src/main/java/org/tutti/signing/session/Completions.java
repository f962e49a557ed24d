package org.tutti.signing.session;

import org.jspecify.annotations.Nullable;
import org.tutti.base.Bytes;
import org.tutti.musig.schnorr.SchnorrSignature;
import org.tutti.signing.blame.Evidence;
import org.tutti.signing.group.Member;
import org.tutti.signing.journal.JournalRecord;
import org.tutti.signing.request.SessionId;
import org.tutti.signing.wire.Contribution;
import org.tutti.signing.wire.EnvelopeVerifier;
import org.tutti.signing.wire.Inbound;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/// The ways in which one session ends. Each wipes the secret nonces, and all but suspending tell
/// the journal; there is one ending only.
final class Completions {
    private final EngineContext desk;
    private final Inbound.Request request;
    private final Runnable wipe;
    private boolean journaled;
    private @Nullable Completion ending;

    /// @param wipe wipes what the session holds of secret nonces
    Completions(EngineContext desk, Inbound.Request request, Runnable wipe) {
        this.desk = desk;
        this.request = request;
        this.wipe = wipe;
    }

    /// The journal knows the session: it must hear of its end.
    void journaled() {
        journaled = true;
    }

    boolean isJournaled() {
        return journaled;
    }

    boolean over() {
        return ending != null;
    }

    Optional<Completion> ending() {
        return Optional.ofNullable(ending);
    }

    private SessionId id() {
        return request.request().sessionId();
    }

    /// SAFETY 12: the signatures were verified as BIP340.
    void signed(List<SchnorrSignature> signatures) {
        wipe.run();
        List<Bytes> bytes = signatures.stream().map(SchnorrSignature::bytes).toList();
        desk.append(new JournalRecord.Final(id(), bytes));
        desk.emit(new SessionEvent.Signed(desk.now(), request.request(), signatures));
        end(new Completion(new SessionOutcome.Signed(id(), signatures), bytes, Bytes.EMPTY));
    }

    void refused(Member by, String code, String reason, Bytes closing) {
        wipe.run();
        endInJournal("REFUSED " + code);
        desk.emit(new SessionEvent.Refused(desk.now(), id(), by, code, reason));
        end(new Completion(new SessionOutcome.Refused(id(), by, code, reason), List.of(), closing));
    }

    /// A member gives up. Its word ends the session, because without it there is no signature; whom
    /// it blames is its own claim, and nobody is blamed here for it.
    void abortedBy(Member by, Contribution.Abort abort, Bytes closing) {
        List<Member> claimed = abort.culprits().stream().map(desk.group::member).toList();
        Blame blame = new Blame(List.of(), claimed, Optional.empty());
        aborted(by, abort.code(), blame, abort.reason(), closing);
    }

    /// @param culprits whom this node names
    /// @param claimed whom another names
    private record Blame(List<Member> culprits, List<Member> claimed, Optional<Path> evidence) {}

    /// This node gives up and can prove why, if there is evidence.
    void abort(
            int attempt,
            AbortCode code,
            Member culprit,
            String reason,
            Optional<Evidence> evidence) {
        Optional<Path> path =
                evidence.map(e -> {
                    // The whole id: of a part of it another session could be made that overwrites
                    // the file.
                    String name = id() + "-" + culprit.index() + ".evidence";
                    desk.act(new EngineOutput.SaveEvidence(name, e.encode()));
                    return desk.evidencePath(name);
                });
        List<Bytes> proof = evidence.map(Evidence::proof).orElse(List.of());
        giveUp(attempt, code, new Blame(List.of(culprit), List.of(), path), reason, proof);
    }

    void abort(int attempt, AbortCode code, List<Member> culprits, String reason) {
        Blame blame = new Blame(culprits, List.of(), Optional.empty());
        giveUp(attempt, code, blame, reason, List.of());
    }

    private void giveUp(
            int attempt, AbortCode code, Blame blame, String reason, List<Bytes> proof) {
        if (ending != null) {
            return;
        }
        List<Integer> indices = blame.culprits().stream().map(Member::index).toList();
        boolean small =
                proof.stream().mapToInt(Bytes::length).sum() <= EnvelopeVerifier.MAX_PROOF_BYTES;
        Contribution.Abort body =
                new Contribution.Abort(code.name(), indices, reason, small ? proof : List.of());
        Inbound.Statement said = desk.sealer.seal(id(), attempt, body);
        desk.act(new EngineOutput.Broadcast(said.envelope()));
        aborted(desk.self(), code.name(), blame, reason, said.envelope());
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
                        blame.claimed(),
                        reason,
                        blame.evidence());
        desk.emit(new SessionEvent.Aborted(desk.now(), outcome));
        end(new Completion(outcome, List.of(), closing));
    }

    /// Ends without a word to others or to the journal: the next start goes on with it (SAFETY 2).
    void suspend(AbortCode code, String reason) {
        if (ending == null) {
            wipe.run();
            SessionOutcome outcome =
                    new SessionOutcome.Aborted(
                            id(),
                            desk.self(),
                            code.name(),
                            List.of(),
                            List.of(),
                            reason,
                            Optional.empty());
            end(new Completion(outcome, List.of(), Bytes.EMPTY));
        }
    }

    private void endInJournal(String code) {
        if (journaled) {
            desk.append(new JournalRecord.Ended(id(), code));
        }
    }

    private void end(Completion how) {
        ending = how;
        desk.act(new EngineOutput.Finish(how.outcome()));
    }
}
