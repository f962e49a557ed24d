package org.tutti.app.demo;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// How the driver starts another process of Tutti: the same Java, the same jar, the flags of a
/// small process.
final class JavaCommand {
    /// What the JVM takes on Linux where it is told nothing.
    private static final String USUAL_TEMPORARY = "/tmp";

    private final Class<?> mainClass;

    /// @param mainClass whose `main` is run, unless all of this runs from a jar, which knows its
    ///   own
    JavaCommand(Class<?> mainClass) {
        this.mainClass = mainClass;
    }

    /// The whole command line for `./tutti args…`, without the script.
    List<String> line(List<String> args) {
        return line(System.getProperty("java.home"), System.getProperty("java.class.path"), args);
    }

    /// How many cores the virtual threads of one node share: half of them, as the script says.
    private static int carriers() {
        return Math.max(1, Runtime.getRuntime().availableProcessors() / 2);
    }

    /// The script leaves an empty file if the JVM could not make an archive.
    private static boolean isThere(Path archive) {
        try {
            return Files.size(archive) > 0;
        } catch (IOException e) {
            return false;
        }
    }

    private static String absolute(String classPath) {
        return Stream.of(classPath.split(File.pathSeparator))
                .map(entry -> Path.of(entry).toAbsolutePath().toString())
                .collect(Collectors.joining(File.pathSeparator));
    }

    /// Where this process was told to keep temporary files: the other one has the same reasons.
    private static List<String> folders() {
        List<String> options = new ArrayList<>();
        for (String name : List.of("java.io.tmpdir", "fr.acinq.secp256k1.tmpdir")) {
            String folder = System.getProperty(name);
            if (folder != null && !folder.equals(USUAL_TEMPORARY)) {
                options.add("-D" + name + "=" + absolute(folder));
            }
        }
        return options;
    }

    List<String> line(String javaHome, String givenClassPath, List<String> args) {
        // The other process may have another working folder.
        String classPath = absolute(givenClassPath);
        List<String> command = new ArrayList<>();
        command.add(Path.of(javaHome, "bin", "java").toString());
        command.addAll(
                List.of(
                        "-XX:+UseSerialGC",
                        "-XX:TieredStopAtLevel=1",
                        "-Xss512k",
                        "-Xms16m",
                        "-Xmn10m",
                        "-Xmx160m",
                        "-XX:-UsePerfData",
                        "-Djdk.virtualThreadScheduler.parallelism=" + carriers(),
                        "--sun-misc-unsafe-memory-access=allow"));
        if (args.getFirst().equals("node")) {
            // As the script does: nobody attaches to a process that holds a signing key.
            command.add("-XX:+DisableAttachMechanism");
        }
        command.addAll(folders());
        if (classPath.endsWith(".jar") && !classPath.contains(File.pathSeparator)) {
            Path archive = Path.of(classPath).resolveSibling("tutti.jsa");
            if (isThere(archive)) {
                command.add("-XX:SharedArchiveFile=" + archive);
                command.add("-Xshare:auto");
                command.add("-Xlog:disable");
                command.add("-Xlog:all=off");
            }
            command.addAll(List.of("-jar", classPath));
        } else {
            command.addAll(
                    List.of(
                            "--enable-native-access=ALL-UNNAMED",
                            "-cp",
                            classPath,
                            mainClass.getName()));
        }
        command.addAll(args);
        return command;
    }
}
