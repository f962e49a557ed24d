package org.tutti.bitcoin.interpreter;

import org.jspecify.annotations.Nullable;
import org.tutti.bitcoin.codec.WireWriter;

import java.security.MessageDigest;
import java.util.Arrays;
import java.util.function.Supplier;

/// The hashes that the signatures of one input sign. The last one of each kind is kept as it stands
/// before the hash type goes in, so that a script which checks many signatures over the same code
/// hashes the transaction once (Bitcoin Core `SigHashCache`).
///
/// Not thread-safe.
final class SighashCache {
    private static final int KINDS = 6;

    private static final class Entry {
        private final byte[] scriptCode;
        private final MessageDigest started;

        Entry(byte[] scriptCode, MessageDigest started) {
            this.scriptCode = scriptCode;
            this.started = started;
        }
    }

    private final Supplier<? extends EcdsaSighash> sighash;
    private final int inputIndex;
    private final @Nullable Entry[] entries = new Entry[KINDS];

    /// @param sighash made when the first signature asks for it
    SighashCache(Supplier<? extends EcdsaSighash> sighash, int inputIndex) {
        this.sighash = sighash;
        this.inputIndex = inputIndex;
    }

    /// 32 bytes.
    byte[] hash(byte[] scriptCode, int hashType) {
        if (sighash.get().signsOne(inputIndex, hashType)) {
            byte[] one = new byte[32];
            one[0] = 1;
            return one;
        }
        MessageDigest sha256 = copy(started(scriptCode, hashType));
        sha256.update(new WireWriter(16).i32(hashType).toArray());
        return sha256.digest(sha256.digest());
    }

    private MessageDigest started(byte[] scriptCode, int hashType) {
        int kind = kind(hashType);
        Entry known = entries[kind];
        if (known != null && Arrays.equals(known.scriptCode, scriptCode)) {
            return known.started;
        }
        MessageDigest started = sighash.get().started(inputIndex, scriptCode, hashType);
        entries[kind] = new Entry(scriptCode, started);
        return started;
    }

    private static int kind(int hashType) {
        int outputs = EcdsaSighash.isSingle(hashType) ? 2 : EcdsaSighash.isNone(hashType) ? 1 : 0;
        return outputs + (EcdsaSighash.isAnyoneCanPay(hashType) ? 3 : 0);
    }

    private static MessageDigest copy(MessageDigest digest) {
        try {
            return (MessageDigest) digest.clone();
        } catch (CloneNotSupportedException e) {
            // The JDK's own can.
            throw new IllegalStateException("this Java's SHA-256 cannot be copied", e);
        }
    }
}
