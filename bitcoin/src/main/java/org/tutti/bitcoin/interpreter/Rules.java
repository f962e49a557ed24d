package org.tutti.bitcoin.interpreter;

import java.util.EnumSet;
import java.util.Set;

/// The flags of one run, and whether they fit together.
final class Rules {
    private final Set<ScriptFlag> flags;
    private final boolean minimal;
    private final boolean strictDer;

    /// @throws IllegalArgumentException for a set that Bitcoin Core refuses by an assertion:
    ///   WITNESS without P2SH, CLEANSTACK without WITNESS
    Rules(Set<ScriptFlag> flags) {
        this.flags = EnumSet.noneOf(ScriptFlag.class);
        this.flags.addAll(flags);
        // Otherwise P2SH, or WITNESS, would make valid what was not: no soft fork does that.
        requireWith(ScriptFlag.WITNESS, ScriptFlag.P2SH);
        requireWith(ScriptFlag.CLEANSTACK, ScriptFlag.WITNESS);
        minimal = has(ScriptFlag.MINIMALDATA);
        strictDer = has(ScriptFlag.DERSIG) || has(ScriptFlag.LOW_S) || has(ScriptFlag.STRICTENC);
    }

    private void requireWith(ScriptFlag flag, ScriptFlag needed) {
        if (has(flag) && !has(needed)) {
            throw new IllegalArgumentException(flag + " needs " + needed);
        }
    }

    boolean has(ScriptFlag flag) {
        return flags.contains(flag);
    }

    /// Whether numbers and pushes must have their shortest form.
    boolean minimal() {
        return minimal;
    }

    /// Whether signatures must be written as BIP66 says.
    boolean strictDer() {
        return strictDer;
    }
}
