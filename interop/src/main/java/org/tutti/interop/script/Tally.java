package org.tutti.interop.script;

import org.tutti.bitcoin.interpreter.Opcode;
import org.tutti.bitcoin.interpreter.ScriptError;
import org.tutti.bitcoin.interpreter.ScriptFlag;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/// What a run has tried. Not thread-safe.
final class Tally {
    private static final int EACH_AT_LEAST = 100;
    private static final int VALID_PERCENT_AT_LEAST = 30;

    private final long[] opcodes = new long[256];
    private final Map<ScriptError, Long> errors = new EnumMap<>(ScriptError.class);
    private final Map<String, Long> kinds = new TreeMap<>();
    private final Set<Integer> publicFlags = new HashSet<>();
    private long comparisons;
    private long valid;

    void ran(int opcode) {
        opcodes[opcode]++;
    }

    void failed(ScriptError error) {
        errors.merge(error, 1L, Long::sum);
    }

    void compared(ScriptCase tried, Set<ScriptFlag> flags, boolean validInCore) {
        comparisons++;
        valid += validInCore ? 1 : 0;
        kinds.merge(tried.kind().split(" ", 2)[0], 1L, Long::sum);
        if (ScriptFlag.CONSENSUS.containsAll(flags)) {
            publicFlags.add(Flags.bits(flags));
        }
    }

    void add(Tally other) {
        for (int i = 0; i < opcodes.length; i++) {
            opcodes[i] += other.opcodes[i];
        }
        other.errors.forEach((error, count) -> errors.merge(error, count, Long::sum));
        other.kinds.forEach((kind, count) -> kinds.merge(kind, count, Long::sum));
        publicFlags.addAll(other.publicFlags);
        comparisons += other.comparisons;
        valid += other.valid;
    }

    long comparisons() {
        return comparisons;
    }

    private long validPercent() {
        return comparisons == 0 ? 0 : 100 * valid / comparisons;
    }

    /// What the run did not try often enough.
    List<String> missing() {
        List<String> missing = new ArrayList<>();
        for (int opcode = 0; opcode <= Opcode.OP_CHECKSIGADD; opcode++) {
            if (opcodes[opcode] < EACH_AT_LEAST) {
                missing.add(Opcode.name(opcode) + " ran " + opcodes[opcode] + " times");
            }
        }
        for (ScriptError error : ScriptError.values()) {
            long count = errors.getOrDefault(error, 0L);
            if (count < EACH_AT_LEAST) {
                missing.add(error + " came " + count + " times");
            }
        }
        if (validPercent() < VALID_PERCENT_AT_LEAST) {
            missing.add("only " + validPercent() + " % are valid in Core");
        }
        if (publicFlags.size() < allPublicFlags()) {
            missing.add(publicFlags.size() + " sets of Core's public flags");
        }
        return missing;
    }

    /// Every subset but those with WITNESS and without P2SH.
    private static int allPublicFlags() {
        return (1 << ScriptFlag.CONSENSUS.size()) * 3 / 4;
    }

    /// Lines for people.
    List<String> lines() {
        List<String> lines = new ArrayList<>();
        lines.add(
                comparisons
                        + " comparisons, "
                        + validPercent()
                        + " % valid in Core, "
                        + publicFlags.size()
                        + " of "
                        + allPublicFlags()
                        + " sets of Core's public flags; by kind "
                        + kinds);
        StringBuilder ran = new StringBuilder("opcodes run:");
        for (int opcode = 0; opcode < opcodes.length; opcode++) {
            if (opcodes[opcode] > 0) {
                ran.append(' ').append(Opcode.name(opcode)).append(' ').append(opcodes[opcode]);
            }
        }
        lines.add(ran.toString());
        lines.add("errors: " + errors);
        return lines;
    }
}
