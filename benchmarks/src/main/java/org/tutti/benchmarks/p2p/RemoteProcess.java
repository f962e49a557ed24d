package org.tutti.benchmarks.p2p;

import org.tutti.libp2p.multiaddr.Multiaddr;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.Writer;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/// A [BenchPeer] in a process of its own, with the same JVM and the same options as this one.
final class RemoteProcess implements AutoCloseable {
    private final Process process;
    private final BufferedReader output;
    private final Writer input;
    private final Multiaddr address;

    /// @param options of the JVM, beside those of this one; the later count
    RemoteProcess(String... options) throws IOException {
        this(BenchPeer.class, List.of(), options);
    }

    /// @param main the program, which prints its address first
    /// @param arguments of the program
    RemoteProcess(Class<?> main, List<String> arguments, String... options) throws IOException {
        List<String> command = new ArrayList<>();
        command.add(ProcessHandle.current().info().command().orElse("java"));
        for (String option : ManagementFactory.getRuntimeMXBean().getInputArguments()) {
            // A debugger's or profiler's port and file are this process's own.
            if (!option.startsWith("-agentlib") && !option.startsWith("-XX:StartFlightRecording")) {
                command.add(option);
            }
        }
        command.addAll(List.of(options));
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), main.getName()));
        command.addAll(arguments);
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

    /// What it answers to a line.
    String ask(String question) throws IOException {
        input.write(question + "\n");
        input.flush();
        return line();
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
