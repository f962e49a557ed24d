package org.tutti.signing.session;

import org.tutti.base.Bytes;
import org.tutti.musig.musig.AggregateNonce;
import org.tutti.musig.musig.KeyAggContext;
import org.tutti.musig.musig.MusigException;
import org.tutti.musig.musig.NoncePair;
import org.tutti.musig.musig.PartialSignature;
import org.tutti.musig.musig.PublicNonce;
import org.tutti.musig.musig.SigningSession;
import org.tutti.musig.schnorr.Schnorr;
import org.tutti.musig.schnorr.SchnorrSignature;
import org.tutti.musig.schnorr.TaggedHash;
import org.tutti.signing.group.Member;
import org.tutti.signing.journal.JournalRecord;
import org.tutti.signing.request.SigningRequest;
import org.tutti.signing.wire.Contribution;
import org.tutti.signing.wire.Inbound.Statement;
import org.tutti.signing.wire.NonceSetHash;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/// The cryptography of a session's two rounds, for all its messages at once (BIP327).
final class Rounds {
    enum Check {
        VALID,
        /// Not below the group order, or a wrong number of them.
        MALFORMED,
        INVALID
    }

    private final EngineContext context;
    private final SigningRequest request;
    private final List<KeyAggContext> contexts;

    /// @param contexts the tweaked key of each message; none while the session is not approved
    Rounds(EngineContext context, SigningRequest request, List<KeyAggContext> contexts) {
        this.context = context;
        this.request = request;
        this.contexts = List.copyOf(contexts);
    }

    /// Round one. SAFETY 4: one pair per input, key and attempt; session, attempt and input go into
    /// each.
    ///
    /// @return the public nonces, 66 bytes each
    List<Bytes> makeNonces(Attempt attempt) {
        List<NoncePair> pairs = new ArrayList<>();
        attempt.own = pairs;
        for (int m = 0; m < contexts.size(); m++) {
            Bytes extra =
                    TaggedHash.of(
                            "tutti/nonce",
                            request.sessionId().bytes().toArray(),
                            ByteBuffer.allocate(8).putInt(attempt.number).putInt(m).array());
            pairs.add(
                    context.signer.generate(
                            contexts.get(m), request.messages().get(m).hash(), extra));
        }
        List<PublicNonce> publics = pairs.stream().map(NoncePair::pub).toList();
        attempt.publicNonces.set(context.self().index(), publics);
        return publics.stream().map(PublicNonce::bytes).toList();
    }

    /// @return whether there is a well-formed nonce for each message
    boolean parseNonces(Attempt attempt, Member author, Contribution.Nonces body) {
        if (body.nonces().size() != request.messages().size()) {
            return false;
        }
        try {
            attempt.publicNonces.set(author.index(), PublicNonce.parseAll(body.nonces()));
            return true;
        } catch (MusigException _) {
            return false;
        }
    }

    /// Round two. SAFETY 9: this node aggregates by itself, from the nonces that it received.
    /// SAFETY 10: an aggregate at infinity is taken as BIP327 says. SAFETY 1: signing consumes the
    /// secret nonces.
    Contribution.Partials sign(Attempt attempt) {
        attempt.nonceSetHash =
                NonceSetHash.of(attempt.nonces.all().stream().map(Statement::payload).toList());
        List<SigningSession> sessions = new ArrayList<>();
        List<PartialSignature> partials = new ArrayList<>();
        for (int m = 0; m < contexts.size(); m++) {
            int message = m;
            List<PublicNonce> nonces =
                    attempt.publicNonces.stream().map(list -> list.get(message)).toList();
            SigningSession session =
                    SigningSession.of(
                            contexts.get(m),
                            AggregateNonce.of(nonces),
                            request.messages().get(m).hash());
            sessions.add(session);
            partials.add(context.signer.sign(session, attempt.own.get(m)));
        }
        attempt.rounds = sessions;
        attempt.verified(context.self().index(), partials);
        return new Contribution.Partials(
                partials.stream().map(PartialSignature::bytes).toList(), attempt.nonceSetHash);
    }

    /// SAFETY 3: which nonces were spent on which messages under which aggregates, and what may be
    /// sent again.
    JournalRecord.Sign journalEntry(Attempt attempt, Statement ownPartials) {
        List<Bytes> aggregates = new ArrayList<>();
        for (int m = 0; m < contexts.size(); m++) {
            int message = m;
            aggregates.add(
                    AggregateNonce.of(
                                    attempt.publicNonces.stream()
                                            .map(list -> list.get(message))
                                            .toList())
                            .bytes());
        }
        return new JournalRecord.Sign(
                request.sessionId(),
                attempt.number,
                request.messages().stream().map(message -> message.hash()).toList(),
                attempt.nonces.all().stream().map(Statement::envelope).toList(),
                aggregates,
                attempt.nonceSetHash,
                ownPartials.envelope(),
                context.heads.all(),
                context.group.id());
    }

    Check verify(Attempt attempt, Member author, Contribution.Partials body) {
        if (body.partials().size() != contexts.size()) {
            return Check.MALFORMED;
        }
        List<PartialSignature> parsed;
        try {
            parsed = PartialSignature.parseAll(body.partials());
        } catch (MusigException _) {
            return Check.MALFORMED;
        }
        List<PublicNonce> nonces = attempt.publicNonces.get(author.index());
        for (int m = 0; m < parsed.size(); m++) {
            if (!attempt.rounds.get(m).verify(parsed.get(m), nonces.get(m), author.signingKey())) {
                return Check.INVALID;
            }
        }
        attempt.verified(author.index(), parsed);
        return Check.VALID;
    }

    /// All are verified.
    List<SchnorrSignature> aggregate(Attempt attempt) {
        List<SchnorrSignature> signatures = new ArrayList<>();
        for (int m = 0; m < contexts.size(); m++) {
            List<PartialSignature> partials = new ArrayList<>();
            for (List<PartialSignature> ofSigner : attempt.verified) {
                if (ofSigner == null) {
                    throw new IllegalStateException("aggregated before all were verified");
                }
                partials.add(ofSigner.get(m));
            }
            signatures.add(attempt.rounds.get(m).aggregate(partials));
        }
        return signatures;
    }

    /// Whether these are the BIP340 signatures of the approved messages under their tweaked keys.
    boolean verifyFinal(List<SchnorrSignature> signatures) {
        if (contexts.isEmpty() || signatures.size() != contexts.size()) {
            return false;
        }
        for (int m = 0; m < signatures.size(); m++) {
            byte[] message = request.messages().get(m).hash().toArray();
            if (!Schnorr.verify(contexts.get(m).xOnlyKey(), message, signatures.get(m))) {
                return false;
            }
        }
        return true;
    }
}
