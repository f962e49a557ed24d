package org.tutti.app.p2p;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.tutti.app.cli.Main;
import org.tutti.app.exit.ExitCodes;
import org.tutti.libp2p.host.Host;
import org.tutti.libp2p.identity.IdentityFile;
import org.tutti.libp2p.identity.KeyType;
import org.tutti.libp2p.identity.Keys;
import org.tutti.libp2p.multiaddr.Multiaddr;
import org.tutti.node.json.JsonLine;
import org.tutti.node.json.JsonObject;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;

@Timeout(60)
class KeyCommandTest {
    @TempDir Path folder;

    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    private int run(String... args) {
        out.getBuffer().setLength(0);
        err.getBuffer().setLength(0);
        return Main.run(new PrintWriter(out, true), new PrintWriter(err, true), args);
    }

    @ParameterizedTest
    @ValueSource(strings = {"ed25519", "secp256k1", "ecdsa", "rsa"})
    void makesAnIdentityOfEachKindAndPrintsItsPeer(String type) throws Exception {
        Path file = folder.resolve("identity.key");
        int code = run("p2p", "key", "--out", file.toString(), "--type", type, "--json");
        assertThat(code).as(err.toString()).isEqualTo(ExitCodes.OK);
        JsonObject answer = JsonLine.parse(out.toString().strip());
        assertThat(answer.flag("ok")).isTrue();
        assertThat(answer.string("type")).isEqualTo(type);
        assertThat(answer.string("peerId"))
                .isEqualTo(IdentityFile.load(file).publicKey().peerId().toString());
        assertThat(IdentityFile.load(file).publicKey().type().name()).isEqualToIgnoringCase(type);
    }

    @Test
    void printsThePeerIdAloneForPeople() throws Exception {
        Path file = folder.resolve("identity.key");
        assertThat(run("p2p", "key", "--out", file.toString())).isEqualTo(ExitCodes.OK);
        assertThat(out.toString().strip())
                .isEqualTo(IdentityFile.load(file).publicKey().peerId().toString());
    }

    @Test
    void aFileThatIsThereIsNotReplaced() throws Exception {
        Path file = folder.resolve("identity.key");
        assertThat(run("p2p", "key", "--out", file.toString())).isEqualTo(ExitCodes.OK);
        byte[] before = Files.readAllBytes(file);
        assertThat(run("p2p", "key", "--out", file.toString())).isEqualTo(ExitCodes.ENVIRONMENT);
        assertThat(err.toString()).contains("exists there already").doesNotContain("\tat ");
        assertThat(file).hasBinaryContent(before);
    }

    @Test
    void thePeerOfTheFileIsTheOneThatConnects() throws Exception {
        Path file = folder.resolve("identity.key");
        assertThat(run("p2p", "key", "--out", file.toString())).isEqualTo(ExitCodes.OK);
        String alice = out.toString().strip();
        try (Host bob =
                Host.builder()
                        .identity(Keys.generate(KeyType.ED25519, new SecureRandom()))
                        .listen(Multiaddr.parse("/ip4/127.0.0.1/tcp/0"))
                        .build()) {
            java.util.concurrent.BlockingQueue<String> seen =
                    new java.util.concurrent.LinkedBlockingQueue<>();
            var _ =
                    bob.subscribe(event -> {
                        if (event instanceof org.tutti.libp2p.swarm.SwarmEvent.ConnectionOpened o) {
                            seen.add(o.peer().toString());
                        }
                    });
            bob.start();
            String address = bob.addresses().getFirst().toString();
            assertThat(run("p2p", "ping", address, "--count", "1", "--key", file.toString()))
                    .as(err.toString())
                    .isEqualTo(ExitCodes.OK);
            assertThat(seen.take()).isEqualTo(alice);
        }
    }

    @Test
    void aKeyFileThatCannotBeUsedIsNamed() throws Exception {
        String address =
                "/ip4/127.0.0.1/tcp/1/p2p/12D3KooWDpJ7As7BWAwRMfu1VU2WCqNjvq387JEYKDBj4kx6nXTN";
        Path file = folder.resolve("identity.key");
        assertThat(run("p2p", "ping", address, "--key", file.toString()))
                .isEqualTo(ExitCodes.CONFIG);
        assertThat(err.toString()).contains("no such file");
        Files.write(file, new byte[3]);
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r--r--"));
        assertThat(run("p2p", "ping", address, "--key", file.toString()))
                .isEqualTo(ExitCodes.CONFIG);
        assertThat(err.toString()).contains("chmod 600");
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
        assertThat(run("p2p", "ping", address, "--key", file.toString()))
                .isEqualTo(ExitCodes.CONFIG);
        assertThat(err.toString()).contains("not a libp2p private key");
    }
}
