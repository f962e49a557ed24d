package org.tutti.node.daemon;

import org.tutti.musig.memory.MemoryProtection;
import org.tutti.node.api.NodeStatus;
import org.tutti.node.process.ProcessProtection;

import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/// What a status says of the memory that secrets lie in.
final class SecretsReport {
    private SecretsReport() {}

    /// @param attachOpen why others may attach to the JVM, if they may
    static NodeStatus.Secrets of(
            MemoryProtection memory, ProcessProtection process, Optional<String> attachOpen) {
        List<String> missing =
                Stream.of(
                                says("they may be written to swap", memory.notLocked()),
                                says("they may be in a core file", memory.inCoreFiles()),
                                says(
                                        "other processes of this user may read this one's memory",
                                        process.dumpable()),
                                says("a crash may leave a core file", process.coreFiles()),
                                says(
                                        "other processes of this user may attach to the JVM",
                                        attachOpen))
                        .flatMap(Optional::stream)
                        .toList();
        return new NodeStatus.Secrets(
                memory.notLocked().isEmpty(),
                memory.inCoreFiles().isEmpty(),
                process.dumpable().isEmpty(),
                process.coreFiles().isEmpty(),
                attachOpen.isEmpty(),
                missing);
    }

    private static Optional<String> says(String what, Optional<String> why) {
        return why.map(reason -> what + " (" + reason + ")");
    }
}
