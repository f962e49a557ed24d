package org.tutti.app.p2p;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.tutti.app.cli.Main;
import org.tutti.app.exit.ExitCodes;
import org.tutti.libp2p.host.Host;
import org.tutti.libp2p.host.HostBuilder;
import org.tutti.libp2p.identity.KeyType;
import org.tutti.libp2p.identity.Keys;
import org.tutti.libp2p.perf.Perf;
import org.tutti.libp2p.swarm.StreamHandler;
import org.tutti.node.json.JsonLine;
import org.tutti.node.json.JsonLineException;
import org.tutti.node.json.JsonObject;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;

/// `./tutti p2p identify|echo|perf` against a peer in this process.
@Timeout(60)
class ClientCommandsTest {
    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();
    private final List<Host> hosts = new ArrayList<>();
    private final CountDownLatch release = new CountDownLatch(1);

    @AfterEach
    void close() {
        release.countDown();
        hosts.forEach(Host::close);
    }

    private int run(String... args) {
        out.getBuffer().setLength(0);
        err.getBuffer().setLength(0);
        return Main.run(new PrintWriter(out, true), new PrintWriter(err, true), args);
    }

    private JsonObject answer() throws JsonLineException {
        assertThat(out.toString().lines()).hasSize(1);
        return JsonLine.parse(out.toString().strip());
    }

    private static HostBuilder builder() {
        return Host.builder()
                .identity(Keys.generate(KeyType.SECP256K1, new SecureRandom()))
                .listen("/ip4/127.0.0.1/tcp/0");
    }

    private Host start(HostBuilder builder) throws IOException {
        Host host = builder.build();
        hosts.add(host);
        host.start();
        return host;
    }

    private Host answering(String protocol, StreamHandler handler) throws IOException {
        return start(builder().handler(protocol, handler));
    }

    private static String address(Host host) {
        return host.addresses().getFirst().toString();
    }

    @Test
    void identifyPrintsWhatWasLearnt() throws Exception {
        Host bob = start(builder().agentVersion("bob/1"));
        assertThat(run("p2p", "identify", address(bob), "--json")).isEqualTo(ExitCodes.OK);
        JsonObject answer = answer();
        assertThat(answer.flag("ok")).isTrue();
        assertThat(answer.string("peerId")).isEqualTo(bob.peerId().toString());
        assertThat(answer.string("agentVersion")).isEqualTo("bob/1");
        assertThat(answer.string("keyType")).isEqualTo("secp256k1");
        assertThat(answer.string("observedAddress")).startsWith("/ip4/127.0.0.1/tcp/");
        assertThat(answer.flag("certifiedAddresses")).isTrue();
        assertThat(answer.strings("protocols")).contains("/ipfs/ping/1.0.0");
        assertThat(answer.strings("listenAddresses")).hasSize(1);
        assertThat(run("p2p", "identify", address(bob))).isEqualTo(ExitCodes.OK);
        assertThat(out.toString()).contains(bob.peerId() + " (secp256k1)", "bob/1");
    }

    @Test
    void echoComparesWhatComesBack() throws Exception {
        Host bob = answering(Echo.PROTOCOL, Echo::answer);
        for (String bytes : new String[] {"1", "1024", "1000000"}) {
            assertThat(run("p2p", "echo", address(bob), "--bytes", bytes, "--json"))
                    .as(out.toString())
                    .isEqualTo(ExitCodes.OK);
            assertThat(answer().flag("ok")).isTrue();
            assertThat(answer().integer("bytes")).isEqualTo(Long.parseLong(bytes));
            assertThat(answer().integer("micros")).isPositive();
        }
    }

    /// As the example of go does.
    @Test
    void whoeverAnswersALineIsGoodEnough() throws Exception {
        Host bob =
                answering(
                        Echo.PROTOCOL,
                        stream -> {
                            int next;
                            do {
                                next = stream.inputStream().read();
                                stream.outputStream().write(next);
                            } while (next != '\n');
                        });
        assertThat(run("p2p", "echo", address(bob), "--bytes", "100")).isEqualTo(ExitCodes.OK);
    }

    @Test
    void anotherEchoIsAFailure() throws Exception {
        Host silent = answering("/silent/1", stream -> stream.inputStream().readAllBytes());
        Host loud =
                answering(
                        "/loud/1",
                        stream -> {
                            stream.inputStream().transferTo(stream.outputStream());
                            // What would come next, if there were more.
                            stream.outputStream().write('a' + 1024 % 26);
                        });
        Host wrong = answering("/wrong/1", stream -> stream.outputStream().write(new byte[100]));
        for (String[] args :
                new String[][] {
                    {address(silent), "/silent/1"},
                    {address(loud), "/loud/1"},
                    {address(wrong), "/wrong/1"}
                }) {
            assertThat(run("p2p", "echo", args[0], "--protocol", args[1], "--json"))
                    .isEqualTo(ExitCodes.FAILED);
            assertThat(answer().flag("ok")).isFalse();
            assertThat(answer().string("code")).isEqualTo("WRONG_ECHO");
        }
    }

    @Test
    void aPeerThatDoesNotSpeakItIsNamed() throws Exception {
        Host bob = start(builder());
        for (String command : new String[] {"echo", "perf"}) {
            assertThat(run("p2p", command, address(bob), "--json")).isEqualTo(ExitCodes.FAILED);
            assertThat(answer().string("code")).isEqualTo("PROTOCOL_NOT_SUPPORTED");
        }
    }

    @Test
    void perfPrintsBytesASecond() throws Exception {
        Host bob = start(builder().behaviour(Perf.server(Perf.Limits.defaults())));
        String[] args = {
            "p2p", "perf", address(bob), "--upload", "300000", "--download", "200000", "--json"
        };
        assertThat(run(args)).as(out.toString()).isEqualTo(ExitCodes.OK);
        JsonObject answer = answer();
        assertThat(answer.flag("ok")).isTrue();
        assertThat(answer.integer("uploadBytes")).isEqualTo(300_000);
        assertThat(answer.integer("downloadBytes")).isEqualTo(200_000);
        assertThat(answer.integer("bytesPerSecond")).isPositive();
        assertThat(answer.integer("uploadBytesPerSecond")).isPositive();
        assertThat(answer.integer("downloadBytesPerSecond")).isPositive();
        assertThat(run("p2p", "perf", address(bob), "--upload", "1000", "--download", "1000"))
                .isEqualTo(ExitCodes.OK);
        assertThat(out.toString()).contains("MB/s");
    }

    @Test
    void aServerWithABoundBelowIsAFailure() throws Exception {
        Perf.Limits limits = new Perf.Limits(1, 1_000, Duration.ofMinutes(1));
        Host bob = start(builder().behaviour(Perf.server(limits)));
        assertThat(run("p2p", "perf", address(bob), "--upload", "0", "--json"))
                .isEqualTo(ExitCodes.FAILED);
        assertThat(answer().flag("ok")).isFalse();
    }

    @Test
    void aPeerThatNeverAnswersIsGivenUpAtTheTimeout() throws Exception {
        Host bob =
                answering(
                        Echo.PROTOCOL,
                        stream -> {
                            // Now it has agreed.
                            stream.outputStream().write('a');
                            try {
                                release.await();
                            } catch (InterruptedException e) {
                                Thread.currentThread().interrupt();
                            }
                        });
        assertThat(run("p2p", "echo", address(bob), "--timeout", "1", "--json"))
                .isEqualTo(ExitCodes.FAILED);
        assertThat(answer().string("code")).isEqualTo("TIMEOUT");
        assertThat(run("p2p", "echo", address(bob), "--timeout", "1")).isEqualTo(ExitCodes.FAILED);
        assertThat(err.toString()).contains("not done within 1 s").doesNotContain("\tat ");
    }

    @Test
    void securityMayBeNamed() throws Exception {
        Host bob = start(builder());
        assertThat(run("p2p", "ping", address(bob), "--security", "noise", "--count", "1"))
                .isEqualTo(ExitCodes.OK);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "ping /ip4/127.0.0.1/tcp/1/p2p/%s --security tls",
                "ping /ip4/127.0.0.1/tcp/1/p2p/%s --timeout 0",
                "ping /ip4/127.0.0.1/tcp/1/p2p/%s --timeout 86401",
                "ping /ip4/127.0.0.1/tcp/1/p2p/%s --count 0",
                "identify /ip4/127.0.0.1/tcp/1",
                "echo /ip4/127.0.0.1/tcp/1",
                "echo /ip4/127.0.0.1/tcp/1/p2p/%s --bytes 0",
                "echo /ip4/127.0.0.1/tcp/1/p2p/%s --protocol echo",
                "perf /ip4/127.0.0.1/tcp/1",
                "perf /ip4/127.0.0.1/tcp/1/p2p/%s --upload -1",
                "listen --allow nobody"
            })
    void whatCannotBeIsAMistakeInTheCommand(String command) {
        String peer = "12D3KooWDpJ7As7BWAwRMfu1VU2WCqNjvq387JEYKDBj4kx6nXTN";
        String[] args = ("p2p " + command.formatted(peer)).split(" ");
        assertThat(run(args)).isEqualTo(ExitCodes.USAGE);
    }
}
