package org.tutti.app.cli;

import java.io.File;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.jar.Attributes;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import java.util.stream.Collectors;

/// A clone of the repository that has nothing but the script, and what the script finds around it:
/// tests run before the real jar is made.
final class ScriptClone {
    private static final Path SCRIPT = Path.of(System.getProperty("tutti.root"), "tutti");

    final Path root;
    final Path script;
    final Path jar;
    private final Path bin;

    private ScriptClone(Path root, String module) {
        this.root = root;
        this.script = root.resolve("tutti");
        this.jar = root.resolve(module).resolve("target/tutti.jar");
        this.bin = root.resolve("bin");
    }

    static ScriptClone in(Path root) throws IOException {
        Files.createDirectories(root);
        String module =
                Files.readAllLines(SCRIPT).stream()
                        .filter(line -> line.startsWith("MODULE="))
                        .map(line -> line.substring("MODULE=".length()))
                        .findFirst()
                        .orElseThrow();
        ScriptClone clone = new ScriptClone(root, module);
        Files.copy(SCRIPT, clone.script);
        Files.setPosixFilePermissions(clone.script, PosixFilePermissions.fromString("rwxr-xr-x"));
        Files.createDirectories(clone.bin);
        Files.createDirectories(root.resolve(module).resolve("src/main"));
        clone.source().setLastModified(Instant.EPOCH.toEpochMilli());
        return clone;
    }

    /// The module's build file, which the jar is made of.
    File source() throws IOException {
        Path source = jar.resolveSibling("../pom.xml").normalize();
        return (Files.exists(source) ? source : Files.createFile(source)).toFile();
    }

    /// Puts a jar there that starts the classes under test.
    ScriptClone built() throws IOException {
        Manifest manifest = new Manifest();
        Attributes main = manifest.getMainAttributes();
        main.put(Attributes.Name.MANIFEST_VERSION, "1.0");
        main.put(Attributes.Name.MAIN_CLASS, Main.class.getName());
        main.put(new Attributes.Name("Enable-Native-Access"), "ALL-UNNAMED");
        main.put(
                Attributes.Name.CLASS_PATH,
                Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator))
                        .map(entry -> Path.of(entry).toUri().toASCIIString())
                        .collect(Collectors.joining(" ")));
        Files.createDirectories(jar.getParent());
        try (OutputStream file = Files.newOutputStream(jar)) {
            new JarOutputStream(file, manifest).close();
        }
        return this;
    }

    /// Says when the jar was made.
    ScriptClone builtAt(Instant time) throws IOException {
        built();
        Files.setLastModifiedTime(jar, FileTime.from(time));
        return this;
    }

    /// A command that the script finds before those of the system.
    void command(String name, String shell) throws IOException {
        executable(bin.resolve(name), shell);
    }

    /// A Java 25 that prints its arguments, one a line.
    Path fakeJdk() throws IOException {
        Path jdk = root.resolve("jdk");
        Files.createDirectories(jdk.resolve("bin"));
        Files.writeString(jdk.resolve("release"), "JAVA_VERSION=\"25.0.1\"\n");
        executable(jdk.resolve("bin/java"), "printf '%s\\n' \"$@\"\n");
        return jdk;
    }

    private static void executable(Path file, String shell) throws IOException {
        Files.writeString(file, "#!/bin/sh\n" + shell);
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
    }

    /// To run the script with a Java: the one of the test, or a fake one.
    ProcessBuilder start(Path java, String... args) {
        List<String> command = new ArrayList<>(List.of(script.toString()));
        command.addAll(List.of(args));
        ProcessBuilder builder = new ProcessBuilder(command).directory(root.toFile());
        builder.environment().put("TUTTI_JAVA", java.toString());
        builder.environment().put("PATH", bin + ":" + System.getenv("PATH"));
        return builder;
    }

    static Path realJava() {
        return Path.of(System.getProperty("java.home"));
    }
}
