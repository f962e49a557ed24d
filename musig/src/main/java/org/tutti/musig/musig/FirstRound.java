package org.tutti.musig.musig;

import org.jspecify.annotations.Nullable;
import org.tutti.base.Bytes;
import org.tutti.musig.keys.SecretKey;
import org.tutti.musig.musig.MusigException.Code;
import org.tutti.musig.musig.MusigException.Contribution;

import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.stream.IntStream;

/// Round one of one signer for one message (BIP327): makes its own nonce, takes those of the others
/// as they come, says whose are missing, and ends in a [SecondRound] that signs.
///
/// Signers are named by their place in the group's keys, from 0. Nothing here can be aggregated
/// before every nonce is there, and no slot can be filled twice with different nonces.
///
/// Not safe for threads. [#close()] wipes the secret nonce if the round was not finished.
///
/// ```java
/// try (FirstRound first = FirstRound.begin(context, message, 0, key, sessionId, random)) {
///     send(first.publicNonce());
///     first.receive(1, bobsNonce);
///     SecondRound second = first.finish(key);
///     send(second.partialSignature());
///     second.receive(1, bobsPartial);
///     SchnorrSignature signature = second.finish();
/// }
/// ```
public final class FirstRound implements AutoCloseable {
    private final KeyAggContext context;
    private final Bytes message32;
    private final int own;
    private final NoncePair pair;
    private final @Nullable PublicNonce[] nonces;

    private FirstRound(KeyAggContext context, Bytes message32, int own, NoncePair pair) {
        this.context = context;
        this.message32 = message32;
        this.own = own;
        this.pair = pair;
        this.nonces = new PublicNonce[context.keys().size()];
        nonces[own] = pair.pub();
    }

    /// Makes this signer's nonce.
    ///
    /// @param context the group with the tweaks of this message
    /// @param message32 the 32 bytes to be signed
    /// @param own this signer's place in the group's keys: with equal keys only the caller knows it
    /// @param key this signer's secret key
    /// @param extraIn what never repeats, such as session id, attempt and input; see
    ///   [NonceGenerator]
    /// @throws SigningRefusedException KEY_NOT_IN_GROUP if the key is not the one at that place
    /// @throws IllegalStateException as [NonceGenerator] does
    public static FirstRound begin(
            KeyAggContext context,
            Bytes message32,
            int own,
            SecretKey key,
            Bytes extraIn,
            SecureRandom random) {
        Objects.checkIndex(own, context.keys().size());
        if (!context.keys().get(own).equals(key.publicKey())) {
            throw new SigningRefusedException(
                    SigningRefusedException.Code.KEY_NOT_IN_GROUP,
                    "the key at place " + own + " is another");
        }
        NoncePair pair =
                NonceGenerator.generate(key, key.publicKey(), context, message32, extraIn, random);
        return new FirstRound(context, message32, own, pair);
    }

    /// What the others need of this signer.
    public PublicNonce publicNonce() {
        return pair.pub();
    }

    /// Takes a signer's nonce. The same one again changes nothing.
    ///
    /// @throws MusigException CONFLICTING if that signer sent another before
    /// @throws IndexOutOfBoundsException if there is no such signer
    public void receive(int signer, PublicNonce nonce) throws MusigException {
        PublicNonce before = nonces[Objects.checkIndex(signer, nonces.length)];
        if (before == null) {
            nonces[signer] = nonce;
        } else if (!before.equals(nonce)) {
            throw new MusigException(
                            Contribution.PUBLIC_NONCE,
                            Code.CONFLICTING,
                            "another nonce than before")
                    .by(signer);
        }
    }

    /// The signers whose nonces are missing, in their order.
    public List<Integer> holdouts() {
        return missing(nonces);
    }

    static List<Integer> missing(@Nullable Object[] slots) {
        return IntStream.range(0, slots.length).filter(i -> slots[i] == null).boxed().toList();
    }

    /// Aggregates the nonces, signs, and consumes the secret nonce: once, whatever comes of it.
    ///
    /// @param key the secret key of [#begin]
    /// @throws IllegalStateException naming the signers that are missing; the round goes on then
    /// @throws NonceReusedException if the round was finished or closed before
    /// @throws SigningRefusedException if it is another key
    public SecondRound finish(SecretKey key) {
        List<Integer> holdouts = holdouts();
        if (!holdouts.isEmpty()) {
            throw new IllegalStateException("no nonces yet from signers " + holdouts);
        }
        List<PublicNonce> all = new ArrayList<>();
        for (PublicNonce nonce : nonces) {
            all.add(Objects.requireNonNull(nonce));
        }
        SigningSession session = SigningSession.of(context, AggregateNonce.of(all), message32);
        PartialSignature signature = session.sign(pair.secret(), key);
        return new SecondRound(session, all, own, signature);
    }

    /// Wipes the secret nonce if it was not used. Idempotent.
    @Override
    public void close() {
        pair.secret().close();
    }

    @Override
    public String toString() {
        return "FirstRound["
                + context
                + ", nonces of "
                + Arrays.stream(nonces).filter(Objects::nonNull).count()
                + "]";
    }
}
