package org.tutti.musig.musig;

import org.jspecify.annotations.Nullable;
import org.tutti.musig.musig.MusigException.Code;
import org.tutti.musig.musig.MusigException.Contribution;
import org.tutti.musig.schnorr.SchnorrSignature;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/// Round two of one signer for one message (BIP327): has signed, takes the partial signatures of
/// the others as they come, verifies each on receipt, says whose are missing, and gives a signature
/// only once it verifies. Made by [FirstRound#finish]. Not safe for threads; holds no secrets.
public final class SecondRound {
    private final SigningSession session;
    private final List<PublicNonce> nonces;
    private final int own;
    private final @Nullable PartialSignature[] signatures;

    SecondRound(
            SigningSession session,
            List<PublicNonce> nonces,
            int own,
            PartialSignature ownSignature) {
        this.session = session;
        this.nonces = List.copyOf(nonces);
        this.own = own;
        this.signatures = new PartialSignature[nonces.size()];
        signatures[own] = ownSignature;
    }

    /// What the others need of this signer.
    public PartialSignature partialSignature() {
        return Objects.requireNonNull(signatures[own]);
    }

    /// Takes a signer's partial signature and verifies it (BIP327 PartialSigVerify). The same one
    /// again changes nothing.
    ///
    /// @throws MusigException INVALID if it does not verify under this signer's key and nonce, this
    ///   message and these tweaks; CONFLICTING if that signer sent another, valid one before
    /// @throws IndexOutOfBoundsException if there is no such signer
    public void receive(int signer, PartialSignature signature) throws MusigException {
        PartialSignature before = signatures[Objects.checkIndex(signer, signatures.length)];
        if (before != null) {
            if (!before.equals(signature)) {
                throw invalid(signer, Code.CONFLICTING, "another partial signature than before");
            }
            return;
        }
        if (!session.verify(signature, nonces.get(signer), session.context().keys().get(signer))) {
            throw invalid(signer, Code.INVALID, "the partial signature does not verify");
        }
        signatures[signer] = signature;
    }

    private static MusigException invalid(int signer, Code code, String message) {
        return new MusigException(Contribution.PARTIAL_SIGNATURE, code, message).by(signer);
    }

    /// The signers whose partial signatures are missing, in their order.
    public List<Integer> holdouts() {
        return FirstRound.missing(signatures);
    }

    /// The group's signature, verified (BIP340) under the aggregate key with its tweaks.
    ///
    /// @throws IllegalStateException naming the signers that are missing
    public SchnorrSignature finish() {
        List<Integer> holdouts = holdouts();
        if (!holdouts.isEmpty()) {
            throw new IllegalStateException("no partial signatures yet from signers " + holdouts);
        }
        List<PartialSignature> all = new ArrayList<>();
        for (PartialSignature signature : signatures) {
            all.add(Objects.requireNonNull(signature));
        }
        return session.aggregate(all, nonces);
    }
}
