package org.tutti.libp2p.identity;

import org.tutti.base.Bytes;
import org.tutti.libp2p.identity.KeyFormatException.Code;
import org.tutti.libp2p.multiformats.MultiformatException;
import org.tutti.libp2p.multiformats.Varint;

import java.nio.ByteBuffer;
import java.util.Arrays;

/// The `PublicKey` and `PrivateKey` messages of peer-ids.md#keys: field 1 the type, field 2 the
/// data.
///
/// Written by hand because peer-ids.md asks for more than protobuf does: "encoding must be
/// deterministic", fields minimal, in tag order, all present, none added. A message that a protobuf
/// library would read although it is encoded otherwise would give a key two peer ids.
final class KeyProtobuf {
    /// An RSA key of 8192 bits has 1,062 bytes in PKIX form; its private PKCS#1 form 4,678.
    static final int MAX_LENGTH = 5000;

    private static final byte TYPE_TAG = 0x08;
    private static final byte DATA_TAG = 0x12;

    private KeyProtobuf() {}

    /// One message taken apart.
    @SuppressWarnings("ArrayRecordComponent") // wiped after use, and it never leaves this class
    private record Parts(KeyType type, byte[] data) {}

    static byte[] encode(KeyType type, byte[] data) {
        byte[] out = new byte[3 + Varint.size(data.length) + data.length];
        out[0] = TYPE_TAG;
        out[1] = (byte) type.number();
        out[2] = DATA_TAG;
        int at = Varint.put(data.length, out, 3);
        System.arraycopy(data, 0, out, at, data.length);
        return out;
    }

    static PublicKey parsePublic(byte[] protobuf) throws KeyFormatException {
        Parts parts = parse(protobuf);
        return PublicKey.of(parts.type, Bytes.wrap(parts.data));
    }

    static PrivateKey parsePrivate(byte[] protobuf) throws KeyFormatException {
        Parts parts = parse(protobuf);
        try {
            return switch (parts.type) {
                case ED25519 -> Ed25519PrivateKey.parse(parts.data);
                case SECP256K1 -> Secp256k1PrivateKey.parse(parts.data);
                case RSA -> RsaPrivateKey.parse(parts.data);
                case ECDSA -> EcdsaPrivateKey.parse(parts.data);
            };
        } finally {
            Arrays.fill(parts.data, (byte) 0);
        }
    }

    private static Parts parse(byte[] protobuf) throws KeyFormatException {
        if (protobuf.length > MAX_LENGTH) {
            throw new KeyFormatException(
                    Code.SIZE, "key of " + protobuf.length + " bytes, at most " + MAX_LENGTH);
        }
        if (protobuf.length < 4 || protobuf[0] != TYPE_TAG || protobuf[2] != DATA_TAG) {
            throw new KeyFormatException(Code.ENCODING, "not a key message");
        }
        int number = protobuf[1];
        KeyType type =
                KeyType.of(number)
                        .orElseThrow(() ->
                                new KeyFormatException(
                                        Code.UNSUPPORTED, "unknown key type " + number));
        ByteBuffer rest = ByteBuffer.wrap(protobuf, 3, protobuf.length - 3);
        try {
            if (Varint.get(rest) != rest.remaining()) {
                throw new KeyFormatException(Code.ENCODING, "key data is cut short or followed");
            }
        } catch (MultiformatException e) {
            throw new KeyFormatException(Code.ENCODING, "length of the key data is not a varint");
        }
        return new Parts(type, Arrays.copyOfRange(protobuf, rest.position(), protobuf.length));
    }
}
