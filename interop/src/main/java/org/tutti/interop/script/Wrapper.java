package org.tutti.interop.script;

/// What stands around a script: where it is, and which rules it is run by.
enum Wrapper {
    BARE,
    P2SH,
    P2WSH,
    P2SH_P2WSH,
    TAPSCRIPT;

    boolean isBeforeSegwit() {
        return this == BARE || this == P2SH;
    }

    boolean isTapscript() {
        return this == TAPSCRIPT;
    }

    /// How long a script may become before it stops growing: the redeem script of P2SH is an item
    /// of 520 bytes at most.
    int room() {
        return this == P2SH ? 380 : 3_000;
    }
}
