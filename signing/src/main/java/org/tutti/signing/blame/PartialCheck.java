package org.tutti.signing.blame;

import org.tutti.base.Bytes;
import org.tutti.musig.keys.PublicKey;
import org.tutti.musig.musig.AggregateNonce;
import org.tutti.musig.musig.InvalidTweakException;
import org.tutti.musig.musig.KeyAggContext;
import org.tutti.musig.musig.MusigException;
import org.tutti.musig.musig.PartialSignature;
import org.tutti.musig.musig.PublicNonce;
import org.tutti.musig.musig.SigningSession;
import org.tutti.signing.internal.keys.MessageKeys;
import org.tutti.signing.request.MessageToSign;
import org.tutti.signing.request.SigningRequest;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// BIP327's partial signature verification, from encoded messages.
final class PartialCheck {
    private PartialCheck() {}

    /// Finds the first partial signature that does not verify, and describes it.
    ///
    /// @param nonces by signer, then by message
    /// @throws NotProvenException if all verify, or the session cannot be rebuilt
    static String findBad(
            SigningRequest request,
            List<PublicKey> keys,
            List<List<Bytes>> nonces,
            int culprit,
            List<Bytes> partials)
            throws NotProvenException {
        int count = request.messages().size();
        if (partials.size() != count || nonces.stream().anyMatch(list -> list.size() != count)) {
            throw new NotProvenException(
                    "the numbers of nonces, partial signatures and messages differ");
        }
        for (int m = 0; m < count; m++) {
            if (!verifies(request.messages().get(m), m, keys, nonces, culprit, partials.get(m))) {
                return "sent a partial signature for message " + m + " that does not verify";
            }
        }
        throw new NotProvenException("the partial signatures verify");
    }

    private static boolean verifies(
            MessageToSign message,
            int index,
            List<PublicKey> keys,
            List<List<Bytes>> nonces,
            int culprit,
            Bytes partial)
            throws NotProvenException {
        try {
            List<PublicNonce> parsed = new ArrayList<>();
            for (List<Bytes> ofSigner : nonces) {
                parsed.add(PublicNonce.parse(ofSigner.get(index)));
            }
            KeyAggContext context = MessageKeys.of(KeyAggContext.of(keys), message);
            SigningSession session =
                    SigningSession.of(context, AggregateNonce.of(parsed), message.hash());
            return session.verify(
                    PartialSignature.parse(partial), parsed.get(culprit), keys.get(culprit));
        } catch (InvalidTweakException | MusigException e) {
            throw new NotProvenException("the session cannot be rebuilt: " + e.getMessage());
        }
    }

    /// What is wrong with the form of a list of public nonces, if anything.
    static Optional<String> badNonces(List<Bytes> nonces, int messages) {
        if (nonces.size() != messages) {
            return Optional.of("sent " + nonces.size() + " nonces for " + messages + " messages");
        }
        for (Bytes nonce : nonces) {
            try {
                PublicNonce.parse(nonce);
            } catch (MusigException _) {
                return Optional.of("sent a nonce that is not two points");
            }
        }
        return Optional.empty();
    }

    /// What is wrong with the form of a list of partial signatures, if anything.
    static Optional<String> badScalars(List<Bytes> partials, int messages) {
        if (partials.size() != messages) {
            return Optional.of(
                    "sent "
                            + partials.size()
                            + " partial signatures for "
                            + messages
                            + " messages");
        }
        for (Bytes partial : partials) {
            try {
                PartialSignature.parse(partial);
            } catch (MusigException _) {
                return Optional.of("sent a partial signature that is not below the group order");
            }
        }
        return Optional.empty();
    }
}
