package org.tutti.libp2p.identity;

import org.tutti.base.Bytes;
import org.tutti.libp2p.multiformats.HashFunction;
import org.tutti.libp2p.multiformats.Multibase;
import org.tutti.libp2p.multiformats.MultiformatException;
import org.tutti.libp2p.multiformats.Multihash;
import org.tutti.libp2p.multiformats.Varint;

import java.nio.ByteBuffer;
import java.util.Optional;

/// The multihash of a peer's encoded public key (libp2p/specs peer-ids/peer-ids.md#peer-ids).
///
/// A key of at most 42 bytes is carried whole (identity multihash), a longer one as its SHA-256.
///
/// @param multihash the identity multihash of 1 to 42 bytes, or a sha2-256 multihash of 34 bytes
public record PeerId(Bytes multihash) {
    /// peer-ids.md: "Keys that serialize to more than 42 bytes must be hashed using sha256".
    public static final int MAX_INLINE_KEY = 42;

    /// The longest text that [#parse] looks at: the identity of 42 bytes takes 131 digits in base 2
    /// … we accept any multibase, base 2 being the longest.
    private static final int MAX_TEXT = 512;

    /// Code of `libp2p-key` in the multicodec table.
    private static final long LIBP2P_KEY = 0x72;

    /// @throws MultiformatException if the bytes are not a multihash of the two kinds above
    public PeerId {
        if (multihash.length() > MAX_INLINE_KEY + 2) {
            throw malformed("peer id of " + multihash.length() + " bytes");
        }
        Multihash parsed = Multihash.parse(multihash);
        boolean identity =
                parsed.code() == HashFunction.IDENTITY.code() && !parsed.digest().isEmpty();
        boolean sha256 =
                parsed.code() == HashFunction.SHA2_256.code() && parsed.digest().length() == 32;
        if (!identity && !sha256) {
            throw malformed("peer id is neither an identity nor a sha2-256 multihash");
        }
    }

    /// The id of the peer that holds this key.
    public static PeerId of(PublicKey key) {
        return key.peerId();
    }

    /// The id of the key with this deterministic protobuf encoding.
    public static PeerId ofEncodedKey(Bytes protobuf) {
        HashFunction function =
                protobuf.length() <= MAX_INLINE_KEY ? HashFunction.IDENTITY : HashFunction.SHA2_256;
        return new PeerId(Multihash.of(function, protobuf.toArray()).toBytes());
    }

    /// Reads both text forms: base58btc of the multihash (`12D3…`, `Qm…`), or a CIDv1 with the
    /// codec `libp2p-key` in any multibase (`bafz…`, `k51…`).
    ///
    /// @throws MultiformatException if it is neither
    public static PeerId parse(String text) {
        return new PeerId(parseMultihash(text));
    }

    /// The multihash of either text form, whatever its function: whether it is a peer's is for the
    /// caller to judge.
    ///
    /// @throws MultiformatException if it is neither form
    public static Bytes parseMultihash(String text) {
        if (text.isEmpty() || text.length() > MAX_TEXT) {
            throw malformed("peer id of " + text.length() + " characters");
        }
        // peer-ids.md, Decoding: "If it starts with `1` or `Qm`, it's a bare base58btc multihash".
        if (text.startsWith("1") || text.startsWith("Qm")) {
            Bytes multihash = Bytes.wrap(Multibase.BASE58_BTC.decodeBare(text));
            Multihash.parse(multihash);
            return multihash;
        }
        ByteBuffer cid = ByteBuffer.wrap(Multibase.decode(text));
        if (Varint.get(cid) != 1 || Varint.get(cid) != LIBP2P_KEY) {
            throw malformed("CID is not version 1 of a libp2p-key");
        }
        byte[] multihash = new byte[cid.remaining()];
        cid.get(multihash);
        Multihash.parse(Bytes.of(multihash));
        return Bytes.wrap(multihash);
    }

    /// @throws MultiformatException if the bytes are not a peer id
    public static PeerId fromBytes(byte[] multihash) {
        return new PeerId(Bytes.of(multihash));
    }

    /// The multihash.
    public byte[] toBytes() {
        return multihash.toArray();
    }

    /// The public key, if the id is short enough to carry one and it is well formed.
    public Optional<PublicKey> inlineKey() {
        if (multihash.get(0) != HashFunction.IDENTITY.code()) {
            return Optional.empty();
        }
        try {
            return Optional.of(
                    PublicKey.fromProtobuf(multihash.slice(2, multihash.length()).toArray()));
        } catch (KeyFormatException e) {
            return Optional.empty();
        }
    }

    /// Whether this is the id of `key`.
    public boolean matches(PublicKey key) {
        return key.peerId().equals(this);
    }

    /// Peer ids are no secrets: of two that differ, unlike those of [Bytes], the first byte that
    /// differs decides.
    @Override
    public boolean equals(Object other) {
        return this == other
                || (other instanceof PeerId id && multihash.compareTo(id.multihash) == 0);
    }

    @Override
    public int hashCode() {
        return multihash.hashCode();
    }

    /// The newer text form: CIDv1, codec `libp2p-key`, base 32.
    public String toCid() {
        return cidOf(multihash);
    }

    /// The text that [#parseMultihash] reads back to this multihash: base58btc where that is
    /// recognised, a CID for ids made with other hash functions.
    public static String textOf(Bytes multihash) {
        String base58 = Multibase.BASE58_BTC.encodeBare(multihash.toArray());
        return base58.startsWith("1") || base58.startsWith("Qm") ? base58 : cidOf(multihash);
    }

    private static String cidOf(Bytes multihash) {
        Bytes prefix = Bytes.of(new byte[] {1, (byte) LIBP2P_KEY});
        return Multibase.BASE32.encode(Bytes.concat(prefix, multihash).toArray());
    }

    /// base58btc of the multihash: peer-ids.md says to show this form.
    @Override
    public String toString() {
        return Multibase.BASE58_BTC.encodeBare(multihash.toArray());
    }

    private static MultiformatException malformed(String message) {
        return new MultiformatException(MultiformatException.Format.PEER_ID, message);
    }
}
