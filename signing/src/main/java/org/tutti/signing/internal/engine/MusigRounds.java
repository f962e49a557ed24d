package org.tutti.signing.internal.engine;

import org.jspecify.annotations.Nullable;
import org.tutti.base.Bytes;
import org.tutti.musig.musig.AggregateNonce;
import org.tutti.musig.musig.AggregationException;
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
import org.tutti.signing.request.SigningRequest;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// The cryptography of one attempt: the two rounds of BIP327, for all messages of the session at
/// once. Holds the attempt's secret nonces; closing it wipes those that were not spent.
final class MusigRounds implements AutoCloseable {
    enum Check {
        VALID,
        /// Not below the group order, or a wrong number of them.
        MALFORMED,
        INVALID
    }

    private final Signer signer;
    private final SigningRequest request;
    private final int attempt;
    private final int self;
    private final List<List<PublicNonce>> publicNonces = new ArrayList<>();
    private final @Nullable List<PartialSignature>[] verified;
    private int verifiedCount;
    private List<KeyAggContext> keys = List.of();
    private List<NoncePair> own = List.of();
    private List<Bytes> aggregateNonces = List.of();
    private List<SigningSession> sessions = List.of();

    /// @param attempt number of the attempt
    /// @param self index of this node's member
    @SuppressWarnings({"unchecked", "rawtypes"})
    MusigRounds(Signer signer, SigningRequest request, int attempt, int self, int members) {
        this.signer = signer;
        this.request = request;
        this.attempt = attempt;
        this.self = self;
        this.verified = new List[members];
        for (int i = 0; i < members; i++) {
            publicNonces.add(List.of());
        }
    }

    /// Round one. SAFETY 4: one pair per input, key and attempt; session, attempt and input go into
    /// each.
    ///
    /// @param tweakedKeys the aggregate key of each message under its tweak
    /// @return the public nonces, 66 bytes each
    List<Bytes> makeNonces(List<KeyAggContext> tweakedKeys) {
        keys = List.copyOf(tweakedKeys);
        List<NoncePair> pairs = new ArrayList<>();
        own = pairs; // Before the first pair is made, so that a failure leaves none unwiped.
        for (int m = 0; m < keys.size(); m++) {
            Bytes extra =
                    TaggedHash.of(
                            "tutti/nonce",
                            request.sessionId().bytes().toArray(),
                            ByteBuffer.allocate(8).putInt(attempt).putInt(m).array());
            pairs.add(signer.generate(keys.get(m), request.messages().get(m).hash(), extra));
        }
        List<PublicNonce> publics = pairs.stream().map(NoncePair::pub).toList();
        publicNonces.set(self, publics);
        return publics.stream().map(PublicNonce::bytes).toList();
    }

    /// Takes another signer's public nonces.
    ///
    /// @return whether there is a well-formed nonce for each message
    boolean addNonces(int member, List<Bytes> encoded) {
        if (encoded.size() != request.messages().size()) {
            return false;
        }
        try {
            publicNonces.set(member, PublicNonce.parseAll(encoded));
            return true;
        } catch (MusigException _) {
            return false;
        }
    }

    /// Round two, when all nonces are here. SAFETY 9: this node aggregates by itself, from the
    /// nonces that it received. SAFETY 10: an aggregate at infinity is accepted as BIP327 says.
    /// SAFETY 1: signing consumes the secret nonces.
    ///
    /// @return the partial signatures, 32 bytes each
    List<Bytes> sign() {
        List<Bytes> aggregates = new ArrayList<>();
        List<SigningSession> made = new ArrayList<>();
        List<PartialSignature> partials = new ArrayList<>();
        for (int m = 0; m < keys.size(); m++) {
            int message = m;
            AggregateNonce aggregate =
                    AggregateNonce.of(
                            publicNonces.stream().map(nonces -> nonces.get(message)).toList());
            SigningSession session =
                    SigningSession.of(keys.get(m), aggregate, request.messages().get(m).hash());
            aggregates.add(aggregate.bytes());
            made.add(session);
            partials.add(signer.sign(session, own.get(m)));
        }
        aggregateNonces = aggregates;
        sessions = made;
        addVerified(self, partials);
        return partials.stream().map(PartialSignature::bytes).toList();
    }

    /// Goes on with an attempt that was signed in before a restart, when all nonces were added:
    /// only to verify the others' partial signatures.
    ///
    /// @return whether this node's partial signatures fit
    boolean resume(List<KeyAggContext> tweakedKeys, Member own, List<Bytes> ownPartials) {
        keys = List.copyOf(tweakedKeys);
        List<SigningSession> made = new ArrayList<>();
        for (int m = 0; m < keys.size(); m++) {
            int message = m;
            AggregateNonce aggregate =
                    AggregateNonce.of(
                            publicNonces.stream().map(nonces -> nonces.get(message)).toList());
            made.add(SigningSession.of(keys.get(m), aggregate, request.messages().get(m).hash()));
        }
        sessions = made;
        return verify(own, ownPartials) == Check.VALID;
    }

    /// The aggregate nonces that were signed under, 66 bytes each.
    List<Bytes> aggregateNonces() {
        return aggregateNonces;
    }

    /// SAFETY 11: verifies another signer's partial signatures under the nonces that this node has.
    Check verify(Member author, List<Bytes> partials) {
        if (partials.size() != sessions.size()) {
            return Check.MALFORMED;
        }
        List<PartialSignature> parsed;
        try {
            parsed = PartialSignature.parseAll(partials);
        } catch (MusigException _) {
            return Check.MALFORMED;
        }
        List<PublicNonce> nonces = publicNonces.get(author.index());
        for (int m = 0; m < parsed.size(); m++) {
            if (!sessions.get(m).verify(parsed.get(m), nonces.get(m), author.signingKey())) {
                return Check.INVALID;
            }
        }
        addVerified(author.index(), parsed);
        return Check.VALID;
    }

    private void addVerified(int member, List<PartialSignature> signatures) {
        if (verified[member] == null) {
            verifiedCount++;
        }
        verified[member] = signatures;
    }

    boolean isVerified(int member) {
        return verified[member] != null;
    }

    boolean allVerified() {
        return verifiedCount == verified.length;
    }

    /// The signatures, when all partial signatures are verified. SAFETY 12: each is verified as
    /// BIP340 here.
    ///
    /// @return empty if they make no valid signature, which would be a fault of this program
    Optional<List<SchnorrSignature>> aggregate() {
        List<SchnorrSignature> signatures = new ArrayList<>();
        for (int m = 0; m < sessions.size(); m++) {
            List<PartialSignature> partials = new ArrayList<>();
            for (List<PartialSignature> ofSigner : verified) {
                if (ofSigner == null) {
                    throw new IllegalStateException("aggregated before all were verified");
                }
                partials.add(ofSigner.get(m));
            }
            try {
                signatures.add(sessions.get(m).aggregate(partials));
            } catch (AggregationException _) {
                return Optional.empty();
            }
        }
        return Optional.of(signatures);
    }

    /// Whether these are the BIP340 signatures of the request's messages under these keys (SAFETY
    /// 12).
    ///
    /// @param keys the aggregate key of each message; empty before the approval
    static boolean verifyFinal(
            SigningRequest request, List<KeyAggContext> keys, List<SchnorrSignature> signatures) {
        if (keys.isEmpty() || signatures.size() != keys.size()) {
            return false;
        }
        for (int m = 0; m < signatures.size(); m++) {
            byte[] message = request.messages().get(m).hash().toArray();
            if (!Schnorr.verify(keys.get(m).xOnlyKey(), message, signatures.get(m))) {
                return false;
            }
        }
        return true;
    }

    /// SAFETY 1, 2: nothing of this attempt will sign any more.
    @Override
    public void close() {
        own.forEach(pair -> pair.secret().close());
        own = List.of();
    }
}
