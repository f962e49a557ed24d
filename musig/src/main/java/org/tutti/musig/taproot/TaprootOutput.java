package org.tutti.musig.taproot;

import org.tutti.base.Bytes;
import org.tutti.musig.keys.XOnlyPublicKey;

import java.util.List;
import java.util.Optional;

/// A Taproot output: the key on chain and where it comes from.
///
/// @param internalKey the key before the tweak
/// @param merkleRoot 32 bytes, empty without scripts
/// @param tweak 32 bytes, what was added times G
/// @param outputKey the key on chain
/// @param outputKeyHasOddY the parity that a control block carries
public record TaprootOutput(
        XOnlyPublicKey internalKey,
        Optional<Bytes> merkleRoot,
        Bytes tweak,
        XOnlyPublicKey outputKey,
        boolean outputKeyHasOddY) {

    /// The locking script: OP_1 and a push of the key, 34 bytes.
    public Bytes scriptPubKey() {
        return Bytes.concat(Bytes.fromHex("5120"), outputKey.bytes());
    }

    /// The control block that spends a leaf (BIP341): leaf version with the parity, internal key,
    /// path.
    ///
    /// @throws IllegalArgumentException for an odd leaf version or a path over 128 steps
    public Bytes controlBlock(TapLeaf leaf, List<Bytes> path) {
        if (path.size() > TapTree.MAX_DEPTH) {
            throw new IllegalArgumentException("a path has at most 128 steps, not " + path.size());
        }
        byte[] head = {(byte) (leaf.version() | (outputKeyHasOddY ? 1 : 0))};
        Bytes steps = Bytes.concat(path.toArray(Bytes[]::new));
        return Bytes.concat(Bytes.wrap(head), internalKey.bytes(), steps);
    }
}
