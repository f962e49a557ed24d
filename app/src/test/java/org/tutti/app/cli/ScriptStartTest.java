package org.tutti.app.cli;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.tutti.app.exit.ExitCodes;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;

/// What `./tutti` does before Java runs: finding its folder, building, and what the user's shell
/// was told that must not matter.
@Timeout(120)
class ScriptStartTest {
    @TempDir Path folder;
    private ScriptClone clone;
    private Path jdk;

    @BeforeEach
    void makeClone() throws Exception {
        clone = ScriptClone.in(folder.resolve("clone"));
        jdk = clone.fakeJdk();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "CDPATH=/:.:/tmp",
                "IFS=/",
                "GLOBIGNORE=*",
                "GREP_OPTIONS=--color=always",
                "GREP_COLORS=x",
                "POSIXLY_CORRECT=1",
                "SHELLOPTS=braceexpand:errexit:hashall:noclobber:noglob:posix",
                "BASHOPTS=dotglob:failglob:nocasematch:nullglob",
                "BASH_FUNC_cd%%=() { echo elsewhere; }",
                "BASH_FUNC_readlink%%=() { echo elsewhere; }",
                "BASH_FUNC_command%%=() { return 1; }",
                "JAVA_HOME=/nowhere",
                "LC_ALL=nonsense",
                "LC_ALL=C",
                "LANG=",
                "TMPDIR=/nowhere",
                "OSTYPE=darwin",
                "SECONDS=x"
            })
    void whatTheUsersShellWasToldDoesNotMatter(String setting) throws Exception {
        clone.built();
        ProcessBuilder builder = clone.start(jdk, "status", "--data", "a b");
        int equals = setting.indexOf('=');
        builder.environment().put(setting.substring(0, equals), setting.substring(equals + 1));
        Ended ended = Ended.run(builder);
        // What bash itself says of a locale that is not there.
        assertThat(ended.err().lines().filter(line -> !line.startsWith("bash: warning"))).isEmpty();
        assertThat(ended.exitCode()).isZero();
        assertThat(ended.out().lines().toList())
                .containsSequence("-jar", clone.jar.toString(), "status", "--data", "a b");
    }

    @Test
    void aFileOfCommandsForEveryShellDoesNotMatter() throws Exception {
        clone.built();
        Path file = folder.resolve("env");
        Files.writeString(file, "set -euC; CDPATH=/tmp; IFS=:; shopt -s failglob; cd() { :; }\n");
        ProcessBuilder builder = clone.start(jdk, "--version");
        builder.environment().put("BASH_ENV", file.toString());
        builder.environment().put("TUTTI_JAVA_OPTS", "-Da=b -Dc=*");
        Ended ended = Ended.run(builder);
        assertThat(ended.err()).isEmpty();
        assertThat(ended.out().lines().toList())
                .containsSequence("-Da=b", "-Dc=*", "-jar", clone.jar.toString(), "--version");
    }

    @Test
    void withoutAnyVariableItStarts() throws Exception {
        clone.built();
        ProcessBuilder builder = clone.start(jdk, "--version");
        builder.environment().keySet().retainAll(List.of("PATH", "TUTTI_JAVA"));
        assertThat(Ended.run(builder).exitCode()).isZero();
    }

    @Test
    void withoutHomeAJavaIsSearchedForAllTheSame() throws Exception {
        clone.built();
        ProcessBuilder builder = clone.start(jdk, "--version");
        builder.environment().keySet().retainAll(List.of("PATH"));
        builder.environment().put("JAVA_HOME", jdk.toString());
        Ended ended = Ended.run(builder);
        assertThat(ended.err()).isEmpty();
        assertThat(ended.out()).contains(clone.jar.toString());
    }

    @Test
    void itFindsItsFolderFromEverywhere() throws Exception {
        clone.built();
        Path links = Files.createDirectories(folder.resolve("links/-x"));
        Files.createSymbolicLink(links.resolve("one"), Path.of("../two"));
        Files.createSymbolicLink(folder.resolve("links/two"), Path.of("../clone/tutti"));
        Path elsewhere = Files.createDirectories(folder.resolve("elsewhere/clone"));
        for (String how :
                List.of(
                        "cd .. && clone/tutti",
                        "cd .. && bash clone/tutti",
                        "bash tutti",
                        "cd ../links && bash -- -x/one",
                        "cd ../links/-x && ./one",
                        "cd / && ../$OLDPWD/tutti")) {
            ProcessBuilder builder = clone.start(jdk);
            builder.command("bash", "-c", how + " --version");
            builder.environment().put("CDPATH", elsewhere.getParent() + ":" + folder);
            Ended ended = Ended.run(builder);
            assertThat(ended.err()).as(how).isEmpty();
            assertThat(ended.out().lines().toList())
                    .as(how)
                    .containsSequence("-jar", clone.jar.toString(), "--version");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"with a space", "-dash", "*[a]?", "line\nfeed\n", "quote'\"$x"})
    void aFolderMayHaveAnyNameThatJavaCanRead(String name) throws Exception {
        ScriptClone other = ScriptClone.in(folder.resolve(name)).built();
        Ended ended = Ended.run(other.start(ScriptClone.realJava(), "--version"));
        assertThat(ended.err()).isEmpty();
        assertThat(ended.out()).startsWith("tutti ");
    }

    @Test
    void aFolderWithAColonIsRefused() throws Exception {
        ScriptClone other = ScriptClone.in(folder.resolve("a:b")).built();
        Ended.run(other.start(jdk, "--version")).assertEnvironmentFailure("colon");
    }

    @ParameterizedTest
    @ValueSource(strings = {"Darwin", "FreeBSD", "MINGW64_NT-10.0"})
    void anotherSystemThanLinuxIsRefused(String system) throws Exception {
        clone.built().command("uname", "echo " + system);
        Ended.run(clone.start(jdk, "--version"))
                .assertEnvironmentFailure("Tutti runs on Linux, and this is " + system);
    }

    @Test
    void whatIsBuiltIsUsedAndSaidToBeOldWhenItIs() throws Exception {
        clone.builtAt(Instant.now().minusSeconds(100)).command("mvn", "echo built; exit 1");
        assertThat(Ended.run(clone.start(jdk, "--version")).err()).isEmpty();
        Files.writeString(clone.source().toPath(), "changed");
        Ended ended = Ended.run(clone.start(jdk, "--version"));
        assertThat(ended.err())
                .isEqualTo(
                        "tutti: the built program is older than the sources; run ./tutti build to rebuild it\n");
        assertThat(ended.out()).contains(clone.jar.toString());
        assertThat(ended.exitCode()).isZero();
    }

    @Test
    void whoeverDoesNotWantABuildIsNotToldOfIt() throws Exception {
        clone.builtAt(Instant.now().minusSeconds(100));
        Files.writeString(clone.source().toPath(), "changed");
        ProcessBuilder builder = clone.start(jdk, "--version");
        builder.environment().put("TUTTI_NO_BUILD", "1");
        assertThat(Ended.run(builder).err()).isEmpty();
    }

    @Test
    void whereNothingIsBuiltAnyCommandBuildsFirstAndSaysHowFarItIs() throws Exception {
        clone.command("mvn", maven("exit 0"));
        Ended ended = Ended.run(clone.start(jdk, "--version"));
        assertThat(ended.err().lines().map(line -> line.replaceAll("\\d:\\d\\d", "0:00")).toList())
                .hasSize(4)
                .contains(
                        "tutti: 0:00 building 1/2, Tutti bytes",
                        "tutti: 0:00 building 2/2, Tutti node",
                        "tutti: 0:00 built");
        assertThat(ended.out()).contains("-jar", "--version").doesNotContain("INFO");
        assertThat(ended.exitCode()).isZero();
        assertThat(clone.jar.resolveSibling("build.log"))
                .content()
                .contains("Building Tutti node", "Downloaded from");
    }

    @Test
    void aNewBuildTakesTheArchiveOfTheOldOneAwayAndIsAsOldAsItsBeginning() throws Exception {
        clone.builtAt(Instant.now().minusSeconds(100));
        Path archive = Files.writeString(clone.jar.resolveSibling("tutti.jsa"), "of the old jar");
        clone.command("mvn", maven("exit 0"));
        assertThat(Ended.run(clone.start(jdk, "build")).exitCode()).isZero();
        assertThat(archive).content().isEmpty();
        // The jar may not have what was changed while it was built.
        assertThat(Files.getLastModifiedTime(clone.jar))
                .isEqualTo(Files.getLastModifiedTime(clone.jar.resolveSibling(".build.began")));
    }

    @Test
    void aBuildThatFailsShowsWhyAndWhereAllOfItIs() throws Exception {
        clone.command("mvn", "echo '[ERROR] no such symbol'; exit 1");
        Ended ended = Ended.run(clone.start(jdk, "--version"));
        assertThat(ended.exitCode()).isEqualTo(ExitCodes.ENVIRONMENT);
        assertThat(ended.err())
                .contains("no such symbol", "the build failed", clone.jar.getParent() + "/build");
        assertThat(ended.out()).isEmpty();
    }

    @Test
    void withoutAJarAndWithoutABuildItRefuses() throws Exception {
        for (String command : List.of("--version", "build")) {
            ProcessBuilder builder = clone.start(jdk, command);
            builder.environment().put("TUTTI_NO_BUILD", "1");
            Ended.run(builder).assertEnvironmentFailure("TUTTI_NO_BUILD is set");
        }
    }

    @Test
    void twoThatComeToAFreshCloneBuildItOnce() throws Exception {
        clone.command("mvn", maven("echo once >> '" + folder.resolve("builds") + "'"));
        ProcessBuilder builder = clone.start(jdk);
        builder.command("bash", "-c", "./tutti --version & ./tutti --version & wait");
        assertThat(Ended.run(builder).exitCode()).isZero();
        assertThat(folder.resolve("builds")).hasContent("once");
    }

    /// A Maven that says what Maven says, and makes a jar.
    private String maven(String more) {
        return """
        echo '[INFO] Scanning for projects...'
        echo '[INFO] Building Tutti bytes 0.1.0                             [1/2]'
        echo 'Downloaded from central: a.jar'
        echo '[INFO] Building Tutti node 0.1.0-SNAPSHOT                     [2/2]'
        : > '%s'
        %s
        """
                .formatted(clone.jar, more);
    }

    @Test
    void messagesOfTheJvmAboutItsOptionsDoNotMatter() throws Exception {
        clone.built();
        ProcessBuilder builder = clone.start(ScriptClone.realJava(), "--version");
        builder.environment()
                .putAll(
                        Map.of(
                                "JAVA_TOOL_OPTIONS", "-Da=b",
                                "_JAVA_OPTIONS", "-Dc=d",
                                "JDK_JAVA_OPTIONS", "-De=f",
                                "CLASSPATH", "/nowhere"));
        Ended ended = Ended.run(builder);
        assertThat(ended.exitCode()).isZero();
        assertThat(ended.out()).startsWith("tutti ");
    }
}
