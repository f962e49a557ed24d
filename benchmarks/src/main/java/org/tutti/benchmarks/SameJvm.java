package org.tutti.benchmarks;

import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.List;

/// Other processes with the same JVM, the same class path and the same options as this one.
public final class SameJvm {
    private SameJvm() {}

    /// The command of such a process.
    ///
    /// @param program whose `main` it runs
    /// @param options of the JVM, beside those of this one; the later count
    public static List<String> command(
            Class<?> program, List<String> options, List<String> arguments) {
        List<String> command = new ArrayList<>();
        command.add(ProcessHandle.current().info().command().orElse("java"));
        for (String option : ManagementFactory.getRuntimeMXBean().getInputArguments()) {
            // A debugger's or profiler's port and file are this process's own.
            if (!option.startsWith("-agentlib") && !option.startsWith("-XX:StartFlightRecording")) {
                command.add(option);
            }
        }
        command.addAll(options);
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), program.getName()));
        command.addAll(arguments);
        return command;
    }
}
