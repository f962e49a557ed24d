package org.tutti.bitcoin.interpreter;

import org.tutti.base.Bytes;
import org.tutti.bitcoin.script.Script;

import java.util.Optional;

/// What an output commits to and a witness satisfies (BIP141).
///
/// @param version 0 to 16
/// @param program 2 to 40 bytes
record WitnessProgram(int version, Bytes program) {
    private static final int KEY_HASH_BYTES = 20;
    private static final int SCRIPT_HASH_BYTES = 32;
    private static final int TAPROOT_BYTES = 32;

    private static final Bytes ANCHOR = Bytes.fromHex("4e73");

    /// The program that a script is, by its bytes alone: one opcode, and one push without a length
    /// opcode.
    static Optional<WitnessProgram> of(Script script) {
        return script.isWitnessProgram()
                ? Optional.of(new WitnessProgram(script.witnessVersion(), script.witnessProgram()))
                : Optional.empty();
    }

    boolean isKeyHash() {
        return version == 0 && program.length() == KEY_HASH_BYTES;
    }

    boolean isScriptHash() {
        return version == 0 && program.length() == SCRIPT_HASH_BYTES;
    }

    boolean isTaproot() {
        return version == 1 && program.length() == TAPROOT_BYTES;
    }

    /// Pay-to-anchor: an output that anybody may spend, of which relaying has no objection (Bitcoin
    /// Core `IsPayToAnchor`).
    boolean isAnchor() {
        return version == 1 && program.equals(ANCHOR);
    }
}
