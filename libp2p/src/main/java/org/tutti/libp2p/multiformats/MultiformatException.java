package org.tutti.libp2p.multiformats;

/// Text or bytes that are not the multiformat they claim to be.
///
/// Unchecked because most callers parse what an operator or a constant says; whoever parses what a
/// peer sent catches it there.
public final class MultiformatException extends IllegalArgumentException {
    /// Which format was violated.
    public enum Format {
        VARINT,
        MULTIBASE,
        MULTIHASH,
        MULTIADDR,
        PEER_ID
    }

    private final Format format;

    public MultiformatException(Format format, String message) {
        super(message);
        this.format = format;
    }

    public Format format() {
        return format;
    }
}
