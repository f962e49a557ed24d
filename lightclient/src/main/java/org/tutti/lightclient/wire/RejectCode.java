package org.tutti.lightclient.wire;

/// Codes of `reject` (BIP61).
public final class RejectCode {
    public static final int MALFORMED = 0x01;
    public static final int INVALID = 0x10;
    public static final int OBSOLETE = 0x11;
    public static final int DUPLICATE = 0x12;
    public static final int NONSTANDARD = 0x40;
    public static final int DUST = 0x41;
    public static final int INSUFFICIENT_FEE = 0x42;

    private RejectCode() {}
}
