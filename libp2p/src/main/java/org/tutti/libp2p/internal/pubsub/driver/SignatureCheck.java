package org.tutti.libp2p.internal.pubsub.driver;

import org.jspecify.annotations.Nullable;
import org.tutti.base.BoundedMap;
import org.tutti.base.Bytes;
import org.tutti.libp2p.identity.KeyFormatException;
import org.tutti.libp2p.identity.PublicKey;
import org.tutti.libp2p.internal.pubsub.Verification;
import org.tutti.libp2p.pubsub.Message;
import org.tutti.libp2p.pubsub.SignaturePolicy;

/// Whether a message has the fields that the policy wants, and its author's signature
/// (pubsub/README.md, "Signature Policy Options"). Safe for all threads; the lock guards the keys.
final class SignatureCheck {
    /// Authors whose keys are kept ready: making one costs as much as a signature's check.
    static final int MAX_KEYS = 512;

    private final SignaturePolicy policy;
    private final int maxData;
    private final BoundedMap<Bytes, PublicKey> keys = new BoundedMap<>(MAX_KEYS);

    /// @param maxData the longest content
    SignatureCheck(SignaturePolicy policy, int maxData) {
        this.policy = policy;
        this.maxData = maxData;
    }

    Verification check(Message message) {
        if (message.dataLength() > maxData) {
            return Verification.WRONG_FIELDS;
        }
        return switch (policy) {
            case STRICT_SIGN -> signature(message);
            case LAX_NO_SIGN ->
                    message.signature().isPresent() ? signature(message) : authored(message);
            // "the from, seqno, signature and key fields MUST be absent".
            case STRICT_NO_SIGN ->
                    message.hasFrom()
                                    || message.hasSequenceNumber()
                                    || message.signature().isPresent()
                                    || message.key().isPresent()
                            ? Verification.WRONG_FIELDS
                            : Verification.GOOD;
        };
    }

    /// "from, seqno and signature MUST be present"; the sequence number is "a 64-bit big-endian
    /// uint".
    private Verification signature(Message message) {
        if (!message.hasFrom()
                || message.signature().isEmpty()
                || message.sequenceNumber().length() != Long.BYTES) {
            return Verification.WRONG_FIELDS;
        }
        PublicKey key = key(message);
        return key != null && message.isSignedBy(key) ? Verification.GOOD : Verification.FORGED;
    }

    /// rust's sequence numbers have twenty bytes.
    private static Verification authored(Message message) {
        return message.from().isPresent() && message.hasSequenceNumber()
                ? Verification.GOOD
                : Verification.WRONG_FIELDS;
    }

    private @Nullable PublicKey key(Message message) {
        Bytes author = message.fromBytes();
        // One that names its key is rare, and judged by that key.
        boolean kept = message.key().isEmpty();
        if (kept) {
            synchronized (keys) {
                PublicKey known = keys.get(author);
                if (known != null) {
                    return known;
                }
            }
        }
        try {
            PublicKey key = message.authorKey();
            if (kept) {
                synchronized (keys) {
                    keys.put(author, key);
                }
            }
            return key;
        } catch (KeyFormatException e) {
            return null;
        }
    }
}
