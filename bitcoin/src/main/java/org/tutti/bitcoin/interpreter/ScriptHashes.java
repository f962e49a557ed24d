package org.tutti.bitcoin.interpreter;

import org.tutti.bitcoin.codec.Sha256;
import org.tutti.musig.keys.Ripemd160;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

/// The hash functions that scripts have opcodes for. Each answer is a fresh array.
final class ScriptHashes {
    private ScriptHashes() {}

    static byte[] hash(int opcode, byte[] data) {
        return switch (opcode) {
            case Opcode.OP_RIPEMD160 -> Ripemd160.of(data);
            case Opcode.OP_SHA1 -> digest("SHA-1").digest(data);
            case Opcode.OP_SHA256 -> Sha256.single(data);
            case Opcode.OP_HASH160 -> Ripemd160.of(Sha256.single(data));
            case Opcode.OP_HASH256 -> Sha256.twice(data);
            default -> throw new IllegalArgumentException(Opcode.name(opcode) + " hashes nothing");
        };
    }

    static MessageDigest sha256() {
        return digest("SHA-256");
    }

    private static MessageDigest digest(String name) {
        try {
            return MessageDigest.getInstance(name);
        } catch (NoSuchAlgorithmException e) {
            // Every Java platform must have both (java.security.MessageDigest).
            throw new IllegalStateException("this Java has no " + name, e);
        }
    }
}
