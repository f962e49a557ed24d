package org.tutti.musig.keys;

import org.tutti.musig.keys.KeyException.Code;

import java.util.ArrayList;
import java.util.List;

/// The steps from a key to a descendant (BIP32): child numbers 0…2^32-1, from 2^31 on hardened.
///
/// @param steps at most [#MAX_STEPS]
public record DerivationPath(List<Long> steps) {
    /// The first hardened child number.
    public static final long HARDENED = 1L << 31;

    /// BIP32 keeps the depth in one byte.
    public static final int MAX_STEPS = 255;

    /// @throws IllegalArgumentException for too many steps or an invalid number
    public DerivationPath {
        steps = List.copyOf(steps);
        if (steps.size() > MAX_STEPS) {
            throw new IllegalArgumentException("at most " + MAX_STEPS + " derivation steps");
        }
        for (long step : steps) {
            if (step < 0 || step >= 2 * HARDENED) {
                throw new IllegalArgumentException("no child number: " + step);
            }
        }
    }

    /// The steps given.
    public static DerivationPath of(long... steps) {
        List<Long> list = new ArrayList<>();
        for (long step : steps) {
            list.add(step);
        }
        return new DerivationPath(list);
    }

    /// Reads `m/86h/1'/0H/0/5`; the leading `m` may be missing.
    ///
    /// @throws KeyException BAD_PATH
    public static DerivationPath parse(String text) throws KeyException {
        List<Long> steps = new ArrayList<>();
        String rest = text.equals("m") ? "" : text.startsWith("m/") ? text.substring(2) : text;
        if (!rest.isEmpty()) {
            for (String part : rest.split("/", MAX_STEPS + 2)) {
                steps.add(step(part));
            }
        }
        if (steps.size() > MAX_STEPS) {
            throw new KeyException(Code.BAD_PATH, "at most " + MAX_STEPS + " derivation steps");
        }
        return new DerivationPath(steps);
    }

    private static long step(String part) throws KeyException {
        boolean hardened = part.matches(".*['hH]");
        String digits = hardened ? part.substring(0, part.length() - 1) : part;
        if (!digits.matches("[0-9]{1,10}") || Long.parseLong(digits) >= HARDENED) {
            throw new KeyException(Code.BAD_PATH, "no derivation step: '" + part + "'");
        }
        return Long.parseLong(digits) + (hardened ? HARDENED : 0);
    }

    /// Whether a public key can follow it.
    public boolean isPublic() {
        return steps.stream().allMatch(step -> step < HARDENED);
    }

    @Override
    public String toString() {
        StringBuilder text = new StringBuilder("m");
        for (long step : steps) {
            text.append('/').append(step & (HARDENED - 1)).append(step >= HARDENED ? "h" : "");
        }
        return text.toString();
    }
}
