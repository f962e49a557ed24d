package org.tutti.app.p2p;

import org.tutti.base.Bytes;
import org.tutti.libp2p.identity.PeerId;
import org.tutti.libp2p.kad.record.InvalidRecordException;
import org.tutti.libp2p.kad.record.PublicKeyValidator;
import org.tutti.libp2p.kad.record.RecordValidators;
import org.tutti.libp2p.kad.record.SignedRecord;
import org.tutti.libp2p.multiformats.Cid;
import org.tutti.libp2p.multiformats.MultiformatException;

/// What a user types as a key, as bytes.
final class DhtKey {
    private static final String PUBLIC_KEYS = "/pk/";

    private DhtKey() {}

    /// The key of a value: `/NAMESPACE/NAME`. In a namespace of signed records it is the key of the
    /// author's record with this name, in `/pk` of the peer with this id.
    ///
    /// @throws InvalidRecordException if it has another form
    static Bytes ofValue(DhtOptions dht, String text, PeerId author) throws InvalidRecordException {
        Bytes raw = DhtOptions.bytes(text);
        String namespace = RecordValidators.namespaceOf(raw);
        if (text.startsWith(PUBLIC_KEYS)) {
            return PublicKeyValidator.keyOf(peer(text.substring(PUBLIC_KEYS.length())));
        }
        return dht.isSigned(namespace)
                ? SignedRecord.keyOf(dht.networkBytes(), namespace, author, name(text))
                : raw;
    }

    /// What follows the namespace.
    static Bytes name(String text) {
        return DhtOptions.bytes(text.substring(text.indexOf('/', 1) + 1));
    }

    private static PeerId peer(String text) throws InvalidRecordException {
        try {
            return PeerId.parse(text);
        } catch (MultiformatException e) {
            throw new InvalidRecordException(
                    InvalidRecordException.Code.MALFORMED_KEY,
                    "/pk/ is followed by a peer id: " + e.getMessage());
        }
    }

    /// What is provided: the multihash of a CID, or a multihash.
    ///
    /// @throws MultiformatException if it is neither
    static Bytes ofContent(String text) {
        return Cid.parse(text).multihash().toBytes();
    }
}
