package org.tutti.libp2p.kad.record;

import org.tutti.base.Bytes;
import org.tutti.libp2p.identity.KeyFormatException;
import org.tutti.libp2p.identity.PeerId;
import org.tutti.libp2p.identity.PublicKey;
import org.tutti.libp2p.kad.record.InvalidRecordException.Code;
import org.tutti.libp2p.multiformats.MultiformatException;

import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/// `/pk/` and the bytes of a peer id: the peer's public key (libp2p/specs kad-dht/README.md, "Value
/// routing").
public final class PublicKeyValidator implements RecordValidator {
    /// The longest encoded key that is looked at: RSA of 8,192 bits has about 1,070 bytes.
    static final int MAX_VALUE = 2_048;

    /// The key under which the public key of `peer` is stored.
    public static Bytes keyOf(PeerId peer) {
        return RecordValidators.keyOf("pk", peer.multihash());
    }

    @Override
    public String namespace() {
        return "pk";
    }

    @Override
    public ValidRecord validate(Bytes key, Bytes value, Instant now) throws InvalidRecordException {
        PeerId peer = peerOf(key);
        if (value.length() > MAX_VALUE) {
            throw new InvalidRecordException(
                    Code.TOO_LARGE,
                    "public key of " + value.length() + " bytes, at most " + MAX_VALUE);
        }
        try {
            // "It checks that equality `SHA256(value) == peerID` stands"; a peer id of today may
            // have the key itself in it, and go compares with the id of the key.
            if (!peer.matches(PublicKey.fromProtobuf(value.toArray()))) {
                throw new InvalidRecordException(Code.WRONG_KEY, "the key of another than " + peer);
            }
        } catch (KeyFormatException e) {
            throw new InvalidRecordException(Code.MALFORMED, "not a public key");
        }
        Instant expires = now.plus(MAX_AGE);
        return new ValidRecord(expires, expires, Optional.of(peer), OptionalLong.empty());
    }

    /// All that are valid are the same.
    @Override
    public int select(Bytes key, List<Bytes> values) throws InvalidRecordException {
        peerOf(key);
        return 0;
    }

    private static PeerId peerOf(Bytes key) throws InvalidRecordException {
        Bytes rest = RecordValidators.restOf(key, "pk");
        if (rest == null) {
            throw new InvalidRecordException(Code.MALFORMED_KEY, "the key is not /pk/…");
        }
        try {
            return new PeerId(rest);
        } catch (MultiformatException e) {
            throw new InvalidRecordException(Code.MALFORMED_KEY, "/pk/ and no peer id");
        }
    }
}
