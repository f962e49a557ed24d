package org.tutti.benchmarks.p2p;

import org.tutti.benchmarks.SameJvm;
import org.tutti.libp2p.multiaddr.Multiaddr;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.Writer;
import java.util.List;
import java.util.concurrent.TimeUnit;

/// A [BenchPeer], or another program of ours that speaks like it, in a process of its own, with the
/// same JVM and the same options as this one.
final class RemoteProcess implements AutoCloseable {
    private final Process process;
    private final BufferedReader output;
    private final Writer input;
    private final Multiaddr address;

    /// @param options of the JVM, beside those of this one; the later count
    RemoteProcess(String... options) throws IOException {
        this(BenchPeer.class, List.of(options));
    }

    /// @param program prints an address, and a line for each line that it gets
    RemoteProcess(Class<?> program, List<String> options, String... arguments) throws IOException {
        List<String> command = SameJvm.command(program, options, List.of(arguments));
        process =
                new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
        output = process.inputReader();
        input = process.outputWriter();
        address = Multiaddr.parse(line());
    }

    Multiaddr address() {
        return address;
    }

    /// What the process has used so far.
    Usage usage() throws IOException {
        return Usage.parse(ask("usage"));
    }

    /// Says something.
    ///
    /// @return its answer
    String ask(String line) throws IOException {
        input.write(line + "\n");
        input.flush();
        return line();
    }

    /// Bytes of its memory that are resident, 0 where the system does not say it.
    long residentBytes() throws IOException {
        return Resident.bytes(process.pid());
    }

    private String line() throws IOException {
        String line = output.readLine();
        if (line == null) {
            throw new IOException("the other process ended");
        }
        return line;
    }

    @Override
    public void close() throws IOException {
        input.close();
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
