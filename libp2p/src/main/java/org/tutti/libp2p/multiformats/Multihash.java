package org.tutti.libp2p.multiformats;

import org.tutti.base.Bytes;

import java.nio.ByteBuffer;

/// A digest that says which function made it: varint code, varint length, digest
/// (multiformats/multihash).
///
/// Any code parses; [HashFunction] knows those that we can compute.
///
/// @param code from the multicodec table, such as 0x12 for sha2-256
/// @param digest the digest, possibly cut to its first bytes; at most [#MAX_DIGEST]
public record Multihash(long code, Bytes digest) {
    /// The longest digest: no function of the table makes more than 128 bytes, and what a peer id
    /// carries by identity has at most 42.
    public static final int MAX_DIGEST = 128;

    public Multihash {
        if (code < 0) {
            throw malformed("negative code");
        }
        if (digest.length() > MAX_DIGEST) {
            throw malformed("digest of " + digest.length() + " bytes, at most " + MAX_DIGEST);
        }
    }

    /// The digest of `input`.
    public static Multihash of(HashFunction function, byte[] input) {
        return new Multihash(function.code(), function.digest(input));
    }

    /// @throws MultiformatException unless the bytes are one multihash and nothing else
    public static Multihash parse(Bytes bytes) {
        return parse(ByteBuffer.wrap(bytes.toArray()));
    }

    /// @throws MultiformatException unless the rest of the buffer is one multihash and nothing else
    static Multihash parse(ByteBuffer in) {
        long code = Varint.get(in);
        long length = Varint.get(in);
        if (length != in.remaining()) {
            throw malformed("digest of " + in.remaining() + " bytes, announced " + length);
        }
        if (length > MAX_DIGEST) {
            throw malformed("digest of " + length + " bytes, at most " + MAX_DIGEST);
        }
        byte[] digest = new byte[(int) length];
        in.get(digest);
        return new Multihash(code, Bytes.wrap(digest));
    }

    public Bytes toBytes() {
        int codeSize = Varint.size(code);
        int prefix = codeSize + Varint.size(digest.length());
        byte[] out = new byte[prefix + digest.length()];
        Varint.put(code, out, 0);
        Varint.put(digest.length(), out, codeSize);
        digest.copyTo(out, prefix);
        return Bytes.wrap(out);
    }

    private static MultiformatException malformed(String message) {
        return new MultiformatException(MultiformatException.Format.MULTIHASH, message);
    }
}
