package org.tutti.node.process;

import java.io.IOException;

/// A process that protects itself, says what it got, and ends when its input does.
final class ProtectedProcess {
    private ProtectedProcess() {}

    /// Prints one line.
    public static void main(String[] args) throws IOException {
        System.out.println(ProcessProtection.apply());
        while (System.in.read() >= 0) {
            // Only the end matters.
        }
    }
}
