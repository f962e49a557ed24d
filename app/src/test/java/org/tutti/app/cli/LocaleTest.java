package org.tutti.app.cli;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// Names that the locale's encoding lacks, with real processes: the right folder or a refusal,
/// never another folder.
///
/// The names are made by the shell, as bytes: the JVM of this test may itself have such a locale.
@Timeout(240)
class LocaleTest {
    private static final String IN_FOLDER =
            "mkdir $N; cd $N; exec \"$@\" node init --network regtest --data x";
    private static final String AS_ARGUMENT = "exec \"$@\" node init --network regtest --data $N";
    private static final String IN_ARGUMENT =
            "mkdir $N; exec \"$@\" node init --network regtest --data $N/x";
    private static final String IN_FOLDER_AND_AS_ARGUMENT =
            "mkdir -p $N; cd $N; exec \"$@\" node init --network regtest --data $N";
    private static final String AS_TEMPORARY =
            "mkdir $N; JAVA_TOOL_OPTIONS=-Djava.io.tmpdir=$PWD/$N exec \"$@\" node init --network regtest --data x";

    /// The configuration in the file is complete: only its folder can be refused.
    private static final String IN_CONFIGURATION =
            """
            LC_ALL=C.UTF-8 "$@" node init --network regtest --data $N --listen /ip4/127.0.0.1/tcp/9001 >/dev/null || exit 99
            cat >c.toml <<CONFIG
            data = "$N"
            network = "regtest"
            [bitcoin]
            peers = ["127.0.0.1:1"]
            [policy]
            max_amount_sat = 1
            max_fee_sat = 1
            any_destination = true
            CONFIG
            cat $N/member.toml >>c.toml
            exec "$@" node --config c.toml
            """;

    private static final List<String> UTF8 =
            List.of("N=$'h\\xc3\\xa9llo'", "N=$'\\xf0\\x9f\\x98\\x80'");

    /// One folder in the other.
    private static final String UTF8_BOTH = "N=$'h\\xc3\\xa9llo/\\xf0\\x9f\\x98\\x80'";

    private static final String NOT_UTF8 = "N=$'h\\xe9llo'";

    @TempDir Path folder;

    @ParameterizedTest
    @ValueSource(strings = {IN_FOLDER, AS_ARGUMENT, IN_ARGUMENT, AS_TEMPORARY})
    void underCTheClassPathRefusesWhatItCannotName(String how) throws Exception {
        for (String name : List.of(UTF8.getFirst(), UTF8.getLast(), NOT_UTF8)) {
            Ended ended = byClassPath("C", name, how);
            ended.assertEnvironmentFailure("another file or folder");
            assertNoKeys();
        }
    }

    @Test
    void underCTheClassPathRefusesAFolderInAConfiguration() throws Exception {
        byClassPath("C", UTF8.getFirst(), IN_CONFIGURATION)
                .assertEnvironmentFailure("c.toml: data: ");
    }

    @Test
    void underUtf8AnArgumentThatIsNoneIsRefused() throws Exception {
        for (String how : List.of(IN_FOLDER, AS_ARGUMENT)) {
            byClassPath("C.UTF-8", NOT_UTF8, how).assertEnvironmentFailure("not UTF-8");
            assertNoKeys();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"C", "POSIX", "nonsense", "C.UTF-8"})
    void underEveryLocaleTheScriptTakesTheRightFolder(String locale) throws Exception {
        Ended ended = byScript(locale, UTF8_BOTH, IN_FOLDER_AND_AS_ARGUMENT);
        assertThat(ended.exitCode()).as(ended.err()).isZero();
        // Exactly there, and nowhere else.
        Ended found =
                shell(
                        "C",
                        UTF8_BOTH,
                        "[ -f $N/$N/keys/signing.key ] && find . -name signing.key | wc -l",
                        List.of());
        assertThat(found.out().strip()).isEqualTo("1");
    }

    @Test
    void underCTheScriptRefusesWhatIsNoUtf8() throws Exception {
        for (String how : List.of(IN_FOLDER, AS_ARGUMENT)) {
            byScript("C", NOT_UTF8, how).assertEnvironmentFailure("not UTF-8");
            assertNoKeys();
        }
    }

    @Test
    void underCTheScriptTakesTheFolderOfAConfiguration() throws Exception {
        Ended ended = byScript("C", UTF8.getFirst(), IN_CONFIGURATION);
        // One member is no group: whoever says so has accepted the folder.
        assertThat(ended.err()).contains("at least two [[members]]");
    }

    @Test
    void theScriptMayBeInSuchAFolderItself() throws Exception {
        ScriptClone clone = ScriptClone.in(folder.resolve("clone")).built();
        Ended ended =
                shell(
                        "C",
                        UTF8.getFirst(),
                        "mv clone $N; TUTTI_JAVA=\"$1\" exec $N/tutti --version",
                        List.of(ScriptClone.realJava().toString()));
        assertThat(clone.root).doesNotExist();
        assertThat(ended.out()).as(ended.err()).startsWith("tutti ");
    }

    private void assertNoKeys() throws Exception {
        Ended found = shell("C", "N=", "find . -name signing.key; rm -rf -- *", List.of());
        assertThat(found.out()).isEmpty();
    }

    private Ended byClassPath(String locale, String name, String how) throws Exception {
        return shell(locale, name, how, Ended.java(List.of()));
    }

    private Ended byScript(String locale, String name, String how) throws Exception {
        ScriptClone clone = ScriptClone.in(folder.resolveSibling("clone-" + System.nanoTime()));
        clone.built();
        try {
            return shell(
                    locale,
                    name,
                    how,
                    List.of(
                            "env",
                            "TUTTI_JAVA=" + ScriptClone.realJava(),
                            clone.script.toString()));
        } finally {
            org.tutti.app.demo.Folders.delete(clone.root);
        }
    }

    /// Runs a shell script in the test's folder; `$@` is the command.
    private Ended shell(String locale, String name, String script, List<String> command)
            throws Exception {
        List<String> all = new ArrayList<>(List.of("bash", "-c", name + "\n" + script, "test"));
        all.addAll(command);
        ProcessBuilder builder = new ProcessBuilder(all).directory(folder.toFile());
        builder.environment().put("LC_ALL", locale);
        return Ended.run(builder);
    }
}
