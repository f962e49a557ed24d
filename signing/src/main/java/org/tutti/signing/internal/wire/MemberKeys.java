package org.tutti.signing.internal.wire;

import org.tutti.base.Bytes;
import org.tutti.libp2p.identity.KeyFormatException;
import org.tutti.libp2p.identity.PublicKey;
import org.tutti.libp2p.identity.SignedEnvelope;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/// The identity keys of members, each decoded once: every envelope carries its author's, and a
/// decoded one holds native memory until the collector finds it.
///
/// What is remembered is which key these bytes are, and nothing of what it signed. Keys of others
/// are decoded each time, so that strangers fill nothing. Safe for all threads.
final class MemberKeys implements SignedEnvelope.KeyReader {
    /// Most keys that are remembered. More members than that, or former ones, and it begins anew.
    static final int MAX_KEPT = 4_096;

    private final GroupTable groups;
    private final Map<Bytes, PublicKey> known = new ConcurrentHashMap<>();

    MemberKeys(GroupTable groups) {
        this.groups = groups;
    }

    @Override
    public PublicKey read(byte[] protobuf) throws KeyFormatException {
        Bytes encoded = Bytes.wrap(protobuf);
        PublicKey same = known.get(encoded);
        if (same != null) {
            return same;
        }
        PublicKey key = PublicKey.fromProtobuf(protobuf);
        if (groups.hasMember(key.peerId())) {
            if (known.size() >= MAX_KEPT) {
                known.clear();
            }
            known.put(encoded, key);
        }
        return key;
    }

    int size() {
        return known.size();
    }
}
