package org.tutti.bitcoin.interpreter;

import org.tutti.base.Bytes;
import org.tutti.bitcoin.codec.Sha256;
import org.tutti.musig.keys.KeyException;
import org.tutti.musig.keys.XOnlyPublicKey;
import org.tutti.musig.taproot.TapLeaf;
import org.tutti.musig.taproot.TapTweak;
import org.tutti.musig.taproot.TaprootOutput;

import java.util.Arrays;
import java.util.Optional;

/// How a leaf belongs to a Taproot output (BIP341): `leaf version and parity, internal key, path`.
final class ControlBlock {
    private static final int KEY_END = 33;
    private static final int NODE_BYTES = 32;
    private static final int MAX_NODES = 128;
    private static final int LEAF_MASK = 0xfe;

    private final byte[] bytes;

    private ControlBlock(byte[] bytes) {
        this.bytes = bytes;
    }

    static ControlBlock parse(byte[] bytes) throws ScriptException {
        int path = bytes.length - KEY_END;
        if (path < 0 || path > MAX_NODES * NODE_BYTES || path % NODE_BYTES != 0) {
            throw new ScriptException(ScriptError.TAPROOT_WRONG_CONTROL_SIZE);
        }
        return new ControlBlock(bytes);
    }

    TapLeaf leaf(byte[] script) {
        return new TapLeaf(bytes[0] & LEAF_MASK, Bytes.wrap(script));
    }

    /// Whether the output key is the internal key, tweaked by the tree that has the leaf at this
    /// path.
    boolean commits(byte[] outputKey, Bytes leafHash) {
        try {
            XOnlyPublicKey internal = XOnlyPublicKey.parse(Bytes.of(bytes, 1, KEY_END));
            Bytes root = Bytes.wrap(root(leafHash.toArray()));
            TaprootOutput output = TapTweak.output(internal, Optional.of(root));
            boolean odd = (bytes[0] & 1) == 1;
            return output.outputKeyHasOddY() == odd
                    && Arrays.equals(output.outputKey().bytes().toArray(), outputKey);
        } catch (KeyException e) {
            // The internal key is not a point of the curve, or the tweaked one would not be.
            return false;
        }
    }

    private byte[] root(byte[] leafHash) {
        byte[] hash = leafHash;
        for (int at = KEY_END; at < bytes.length; at += NODE_BYTES) {
            byte[] node = Arrays.copyOfRange(bytes, at, at + NODE_BYTES);
            boolean first = Arrays.compareUnsigned(hash, node) < 0;
            hash = Sha256.tagged("TapBranch", first ? hash : node, first ? node : hash);
        }
        return hash;
    }
}
