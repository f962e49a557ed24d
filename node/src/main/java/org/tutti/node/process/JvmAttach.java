package org.tutti.node.process;

import com.sun.management.HotSpotDiagnosticMXBean;

import org.jspecify.annotations.Nullable;

import java.lang.management.ManagementFactory;
import java.util.Optional;

/// Whether `jcmd` and its like may attach to this JVM. They use a socket that the JVM opens itself
/// for any process of the same user, so that it is no help that the process is not dumpable; and
/// whoever is attached can load code that reads all memory. Only a flag at the start closes it.
public final class JvmAttach {
    private static final String FLAG = "DisableAttachMechanism";

    private JvmAttach() {}

    /// Why others may attach; empty if they may not.
    public static Optional<String> open() {
        return open(ManagementFactory.getPlatformMXBean(HotSpotDiagnosticMXBean.class));
    }

    static Optional<String> open(@Nullable HotSpotDiagnosticMXBean options) {
        try {
            if (options == null) {
                return Optional.of("this JVM does not say");
            }
            return options.getVMOption(FLAG).getValue().equals("true")
                    ? Optional.empty()
                    : Optional.of("started without -XX:+" + FLAG);
        } catch (IllegalArgumentException e) {
            return Optional.of("this JVM has no " + FLAG);
        }
    }
}
