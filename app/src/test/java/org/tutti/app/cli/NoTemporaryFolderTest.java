package org.tutti.app.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.tutti.app.exit.ExitCodes;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// A temporary folder that is missing, full, read-only or noexec, with real processes: what does
/// not need it works, what does says so.
///
/// The permissions of a folder do not bind root, and tests may be root: a file stands in the
/// folder's place, or file systems are mounted for one process alone.
@Timeout(240)
class NoTemporaryFolderTest {
    private static final List<String> NEEDS_IT =
            List.of("demo", "bench musig", "bench p2p", "train-class-archive");

    @TempDir Path folder;

    @Test
    void whatNeedsOneRefusesInOneLine() throws Exception {
        Path file = Files.writeString(folder.resolve("file"), "");
        for (String command : NEEDS_IT) {
            Ended ended = run(List.of(), temporary(file), command.split(" "));
            assertThat(ended.out() + ended.err())
                    .as(command)
                    .contains("no temporary folder: " + file + ": ", "TUTTI_JAVA_OPTS=")
                    .doesNotContain("defect");
            assertThat(ended.exitCode()).as(command).isEqualTo(ExitCodes.ENVIRONMENT);
        }
    }

    @Test
    void keysAreMadeWithoutOne() throws Exception {
        Path file = Files.writeString(folder.resolve("file"), "");
        Ended ended =
                run(
                        List.of(),
                        temporary(file),
                        "node",
                        "init",
                        "--network",
                        "regtest",
                        "--data",
                        "x");
        assertThat(ended.exitCode()).as(ended.err()).isZero();
        assertThat(folder.resolve("x/keys/signing.key")).exists();
    }

    @ParameterizedTest
    @ValueSource(strings = {"node init --network regtest --data x", "regtest --listen 127.0.0.1:0"})
    void aNativeLibraryThatCannotBeUnpackedIsNoDefect(String command) throws Exception {
        Path file = Files.writeString(folder.resolve("file"), "");
        List<String> options = List.of("-Dfr.acinq.secp256k1.tmpdir=" + file);
        run(List.of(), options, command.split(" "))
                .assertEnvironmentFailure("-Dfr.acinq.secp256k1.tmpdir=FOLDER");
        assertThat(folder.resolve("x/keys")).doesNotExist();
    }

    @Test
    void aDemoWhoseProcessesCannotRunHereIsNoDefectEither() throws Exception {
        Path file = Files.writeString(folder.resolve("file"), "");
        Ended ended = run(List.of(), List.of("-Dfr.acinq.secp256k1.tmpdir=" + file), "demo");
        assertThat(ended.out()).contains("PROCESS_ENDED: bitcoin ended with 4 ", "no libsecp256k1");
        assertThat(ended.exitCode()).isEqualTo(ExitCodes.ENVIRONMENT);
    }

    @ParameterizedTest
    @ValueSource(strings = {"size=64k", "size=64m,ro"})
    void aFullOrReadOnlyOneIsSaidToBeThat(String options) throws Exception {
        Path mounted = Files.createDirectory(folder.resolve("mounted"));
        List<String> namespace = mounting(options, mounted);
        Ended demo = run(namespace, temporary(mounted), "demo");
        assertThat(demo.out()).contains("no temporary folder: " + mounted + ": ");
        assertThat(demo.exitCode()).isEqualTo(ExitCodes.ENVIRONMENT);
        Ended init =
                run(
                        namespace,
                        temporary(mounted),
                        "node",
                        "init",
                        "--network",
                        "regtest",
                        "--data",
                        "x");
        assertThat(init.exitCode()).as(init.err()).isZero();
    }

    @Test
    void inOneWhereNothingCanBeRunTheWholeDemoWorks() throws Exception {
        Path mounted = Files.createDirectory(folder.resolve("mounted"));
        Ended demo = run(mounting("noexec", mounted), temporary(mounted), "demo");
        assertThat(demo.exitCode()).as(demo.out() + demo.err()).isZero();
    }

    @Test
    void whereNothingCanBeRunAnywhereItIsSaidOfEveryFolder() throws Exception {
        Path mounted = Files.createDirectory(folder.resolve("mounted"));
        List<String> namespace =
                mounting("noexec", mounted, Path.of("/dev/shm"), Path.of("/var/tmp"));
        List<String> options = new ArrayList<>(temporary(mounted));
        options.add("-Duser.home=" + mounted);
        options.add("-Duser.dir=" + mounted);
        Ended ended =
                run(
                        namespace,
                        options,
                        "node",
                        "init",
                        "--network",
                        "regtest",
                        "--data",
                        folder.resolve("x").toString());
        ended.assertEnvironmentFailure(mounted + ": nothing can be run from there (noexec)");
        assertThat(ended.err()).contains("/dev/shm: ", "/var/tmp: ");
    }

    private static List<String> temporary(Path path) {
        return List.of("-Djava.io.tmpdir=" + path);
    }

    private Ended run(List<String> namespace, List<String> options, String... args)
            throws Exception {
        List<String> command = new ArrayList<>(namespace);
        command.addAll(Ended.java(options, args));
        ProcessBuilder builder = new ProcessBuilder(command).directory(folder.toFile());
        // The next best folder would be there.
        builder.environment().remove("XDG_RUNTIME_DIR");
        builder.environment().remove("XDG_CACHE_HOME");
        return Ended.run(builder);
    }

    /// Starts a command in a mount namespace of its own, where memory is mounted with these
    /// options.
    private List<String> mounting(String options, Path... folders) throws Exception {
        StringBuilder script = new StringBuilder();
        for (Path path : folders) {
            script.append("mount -t tmpfs -o ").append(options).append(" tutti ").append(path);
            script.append(" && ");
        }
        List<String> command =
                List.of("unshare", "-rm", "sh", "-c", script + "exec \"$@\"", "namespace");
        List<String> tried = new ArrayList<>(command);
        tried.add("true");
        boolean works;
        try {
            works = Ended.run(new ProcessBuilder(tried)).exitCode() == 0;
        } catch (java.io.IOException e) {
            works = false;
        }
        assumeTrue(works, "file systems cannot be mounted here (unshare -rm)");
        return command;
    }
}
