package org.tutti.interop.script;

import org.tutti.bitcoin.interpreter.ScriptFlag;

import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/// Sets of flags that Core has an answer for.
final class Flags {
    /// In the order of Core's bits (`SCRIPT_VERIFY_…`).
    private static final List<ScriptFlag> BITS = List.of(ScriptFlag.values());

    /// Those of Core's public interface, which the crate bitcoinconsensus takes.
    private static final List<ScriptFlag> PUBLIC = List.copyOf(ScriptFlag.CONSENSUS);

    private Flags() {}

    static int bits(Set<ScriptFlag> flags) {
        int bits = 0;
        for (ScriptFlag flag : flags) {
            bits |= 1 << BITS.indexOf(flag);
        }
        return bits;
    }

    /// Any of those that blocks are checked with, past and present.
    static Set<ScriptFlag> anyPublic(Choices choices) {
        return any(choices, PUBLIC, 50);
    }

    static Set<ScriptFlag> any(Choices choices) {
        return any(choices, BITS, choices.of(20, 50, 90));
    }

    private static Set<ScriptFlag> any(Choices choices, List<ScriptFlag> all, int percent) {
        Set<ScriptFlag> flags = EnumSet.noneOf(ScriptFlag.class);
        for (ScriptFlag flag : all) {
            if (choices.percent(percent)) {
                flags.add(flag);
            }
        }
        return consistent(flags);
    }

    /// Without what needs a flag that is not there.
    static Set<ScriptFlag> consistent(Set<ScriptFlag> flags) {
        if (!flags.contains(ScriptFlag.P2SH)) {
            flags.remove(ScriptFlag.WITNESS);
        }
        if (!flags.contains(ScriptFlag.WITNESS)) {
            flags.remove(ScriptFlag.CLEANSTACK);
        }
        return flags;
    }

    /// Those of blocks today, and these.
    static Set<ScriptFlag> consensusWith(Set<ScriptFlag> more) {
        Set<ScriptFlag> flags = EnumSet.copyOf(ScriptFlag.CONSENSUS);
        flags.addAll(more);
        return flags;
    }
}
