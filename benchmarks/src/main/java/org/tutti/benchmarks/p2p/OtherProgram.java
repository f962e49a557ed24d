package org.tutti.benchmarks.p2p;

import org.jspecify.annotations.Nullable;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.Writer;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/// A program that measures another libp2p as [P2pBench] does ours, or none.
final class OtherProgram implements AutoCloseable {
    private final @Nullable Process process;
    private final @Nullable BufferedReader output;

    private OtherProgram(@Nullable Process process) throws IOException {
        this.process = process;
        this.output = process == null ? null : process.inputReader();
        if (output != null && output.readLine() == null) {
            throw new IOException("the other program ended");
        }
    }

    /// Starts it, and waits until it is warm.
    static OtherProgram start(Optional<Path> program) throws IOException {
        return new OtherProgram(
                program.isEmpty()
                        ? null
                        : new ProcessBuilder(program.get().toAbsolutePath().toString(), "bench")
                                .redirectError(ProcessBuilder.Redirect.INHERIT)
                                .start());
    }

    /// Has it measure once; empty if there is none.
    Optional<P2pResult> round() throws IOException {
        if (process == null || output == null) {
            return Optional.empty();
        }
        Writer input = process.outputWriter();
        input.write("round\n");
        input.flush();
        String line = output.readLine();
        if (line == null) {
            throw new IOException("the other program ended");
        }
        return Optional.of(P2pResult.parse(line));
    }

    @Override
    public void close() throws IOException {
        if (process == null) {
            return;
        }
        process.outputWriter().close();
        try {
            if (!process.waitFor(5, TimeUnit.SECONDS)) {
                process.destroyForcibly();
            }
        } catch (InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
        }
    }
}
