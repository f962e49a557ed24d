package org.tutti.libp2p.kad.record;

import org.tutti.base.Bytes;
import org.tutti.libp2p.multiformats.HashFunction;

/// BIP340's tagged hash, written down a second time.
public final class Tagged {
    private Tagged() {}

    public static Bytes hash(String tag, String hex) {
        Bytes tagHash = HashFunction.SHA2_256.digest(RecordFixtures.text(tag).toArray());
        return HashFunction.SHA2_256.digest(
                Bytes.concat(tagHash, tagHash, Bytes.fromHex(hex)).toArray());
    }
}
