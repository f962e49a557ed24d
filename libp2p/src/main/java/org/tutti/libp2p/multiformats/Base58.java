package org.tutti.libp2p.multiformats;

/// Base58 with Bitcoin's alphabet and no checksum, the usual text of a peer id
/// (multiformats/multibase, base58btc without its prefix).
public final class Base58 {
    private static final BaseX BTC =
            new BaseX("123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz", false);

    private Base58() {}

    public static String encode(byte[] bytes) {
        return BTC.encode(bytes);
    }

    /// @throws MultiformatException on a character outside the alphabet, or more than 1024 of them
    public static byte[] decode(String text) {
        return BTC.decode(text);
    }
}
