package org.tutti.musig.vectors;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import java.util.TreeMap;

/// Counts the cases of a vector file: those that ran on the native library, and those that only the
/// reference can express, with the reason.
public final class VectorCount {
    private final String file;
    private final Map<String, Integer> reasons = new TreeMap<>();
    private int natively;

    /// Counts for one file.
    public VectorCount(String file) {
        this.file = file;
    }

    /// A case ran natively (and, where there is one, on the reference).
    public void natively() {
        natively++;
    }

    /// A case ran on the reference alone.
    public void onReference(String reason) {
        reasons.merge(reason, 1, Integer::sum);
    }

    /// Prints the counts, and fails for a file without cases.
    public void print() {
        int alone = reasons.values().stream().mapToInt(Integer::intValue).sum();
        System.out.println(
                "vectors "
                        + file
                        + ": "
                        + (natively + alone)
                        + " cases, "
                        + natively
                        + " natively, "
                        + alone
                        + " on the reference alone"
                        + (alone == 0 ? "" : " " + reasons));
        assertThat(natively + alone).as("cases of " + file).isPositive();
    }
}
