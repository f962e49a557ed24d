package org.tutti.app.cli;

import org.jspecify.annotations.Nullable;
import org.tutti.node.files.PathEncoding;

import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/// What has to be right before any command runs, because nothing later would notice: the operating
/// system, and that every path is the one that was meant.
final class StartCheck {
    /// The JVM's own paths that we use: where relative ones begin, and what processes are started
    /// from.
    private static final List<String> PATH_PROPERTIES =
            List.of("user.dir", "java.io.tmpdir", "java.class.path", "java.home");

    private StartCheck() {}

    /// One line for people if Tutti cannot go on.
    ///
    /// @param properties the system properties
    static Optional<String> fault(
            Function<String, @Nullable String> properties,
            PathEncoding encoding,
            List<String> args) {
        String os = properties.apply("os.name");
        if (!"Linux".equals(os)) {
            return Optional.of("Tutti runs on Linux, and this is " + os);
        }
        for (String name : PATH_PROPERTIES) {
            String path = properties.apply(name);
            Optional<String> fault =
                    path == null ? Optional.empty() : encoding.faultOfDecoded(path);
            if (fault.isPresent()) {
                return Optional.of(words(name) + " " + path + ": " + fault.get());
            }
        }
        for (String arg : args) {
            Optional<String> fault = encoding.faultOfDecoded(arg);
            if (fault.isPresent()) {
                return Optional.of("argument " + arg + ": " + fault.get());
            }
        }
        return Optional.empty();
    }

    private static String words(String property) {
        return switch (property) {
            case "user.dir" -> "working folder";
            case "java.io.tmpdir" -> "temporary folder";
            case "java.class.path" -> "Tutti's own files";
            default -> property;
        };
    }
}
