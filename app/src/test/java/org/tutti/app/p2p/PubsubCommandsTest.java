package org.tutti.app.p2p;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.tutti.app.cli.Main;
import org.tutti.app.exit.ExitCodes;
import org.tutti.libp2p.host.Host;
import org.tutti.libp2p.host.HostBuilder;
import org.tutti.libp2p.identity.KeyType;
import org.tutti.libp2p.identity.Keys;
import org.tutti.libp2p.identity.PrivateKey;
import org.tutti.libp2p.pubsub.ReceivedMessage;
import org.tutti.libp2p.pubsub.Subscription;
import org.tutti.libp2p.pubsub.floodsub.FloodSub;
import org.tutti.libp2p.pubsub.gossipsub.GossipSub;
import org.tutti.node.json.JsonLine;
import org.tutti.node.json.JsonObject;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.Objects;

/// `./tutti p2p pubsub publish` to a peer in this process. `subscribe` runs until it is told to
/// end: the interop runs have it as a process.
@Timeout(60)
class PubsubCommandsTest {
    private static final Duration SOON = Duration.ofSeconds(20);

    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();
    private final PrivateKey key = Keys.generate(KeyType.ED25519, new SecureRandom());
    private Host host = builder().build();

    @AfterEach
    void close() {
        host.close();
    }

    private HostBuilder builder() {
        return Host.builder().identity(key).listen("/ip4/127.0.0.1/tcp/0");
    }

    private void start(HostBuilder builder) throws Exception {
        host = builder.build();
        host.start();
    }

    private int run(String... args) {
        out.getBuffer().setLength(0);
        err.getBuffer().setLength(0);
        return Main.run(new PrintWriter(out, true), new PrintWriter(err, true), args);
    }

    private String address() {
        return host.addresses().getFirst().toString();
    }

    private static ReceivedMessage next(Subscription subscription) throws InterruptedException {
        return Objects.requireNonNull(subscription.poll(SOON), "no message came");
    }

    private static String text(ReceivedMessage message) {
        return new String(message.message().data().toArray(), StandardCharsets.UTF_8);
    }

    @Test
    void aMessageOfTextAndOneOfBytesArrive() throws Exception {
        GossipSub gossip = GossipSub.builder(key).build();
        start(builder().behaviour(gossip));
        try (Subscription subscription = gossip.subscribe("t")) {
            String[] common = {
                "p2p", "pubsub", "publish", "--topic", "t", "--peer", address(), "--json"
            };
            assertThat(run(with(common, "--data", "hello")))
                    .as(err.toString())
                    .isEqualTo(ExitCodes.OK);
            ReceivedMessage message = next(subscription);
            assertThat(text(message)).isEqualTo("hello");
            JsonObject published = JsonLine.parse(out.toString().strip());
            assertThat(published.string("event")).isEqualTo("published");
            assertThat(published.string("topic")).isEqualTo("t");
            assertThat(published.string("id")).isEqualTo(message.id().toHex());
            assertThat(published.integer("sent")).isEqualTo(1);

            assertThat(run(with(common, "--data-base64", "AAE="))).isEqualTo(ExitCodes.OK);
            assertThat(next(subscription).message().data().toArray()).containsExactly(0, 1);
        }
    }

    @Test
    void floodsubWithoutSignaturesToo() throws Exception {
        FloodSub flood = FloodSub.unsigned();
        start(builder().behaviour(flood));
        try (Subscription subscription = flood.subscribe("t")) {
            assertThat(
                            run(
                                    "p2p",
                                    "pubsub",
                                    "publish",
                                    "--protocol",
                                    "floodsub",
                                    "--signature",
                                    "none",
                                    "--topic",
                                    "t",
                                    "--peer",
                                    address(),
                                    "--data",
                                    "hello"))
                    .as(err.toString())
                    .isEqualTo(ExitCodes.OK);
            assertThat(text(next(subscription))).isEqualTo("hello");
        }
    }

    @Test
    void aTopicThatNobodyHasIsAnErrorInTime() throws Exception {
        GossipSub gossip = GossipSub.builder(key).build();
        start(builder().behaviour(gossip));
        assertThat(
                        run(
                                "p2p", "pubsub", "publish", "--topic", "t", "--peer", address(),
                                "--data", "x", "--wait", "1", "--json"))
                .isEqualTo(ExitCodes.FAILED);
        JsonObject answer = JsonLine.parse(out.toString().lines().toList().getLast());
        assertThat(answer.flag("ok")).isFalse();
        assertThat(answer.string("message")).contains("no peer is subscribed to t");
    }

    @Test
    void whatCannotBeMeantIsRefused() throws Exception {
        GossipSub gossip = GossipSub.builder(key).build();
        start(builder().behaviour(gossip));
        var _ = gossip.subscribe("t");
        String[] common = {"p2p", "pubsub", "publish", "--topic", "t"};
        assertThat(run(with(common, "--peer", "/ip4/127.0.0.1/tcp/1", "--data", "x")))
                .isEqualTo(ExitCodes.USAGE);
        assertThat(run(with(common, "--peer", address(), "--data", "x", "--data-base64", "AA==")))
                .isEqualTo(ExitCodes.USAGE);
        assertThat(run(with(common, "--peer", address(), "--data-base64", "?")))
                .isEqualTo(ExitCodes.USAGE);
        assertThat(run(with(common, "--data", "x", "--protocol", "mail")))
                .isEqualTo(ExitCodes.USAGE);
        assertThat(run("p2p", "pubsub", "publish", "--data", "x")).isEqualTo(ExitCodes.USAGE);
    }

    private static String[] with(String[] common, String... more) {
        return java.util.stream.Stream.of(common, more)
                .flatMap(java.util.Arrays::stream)
                .toArray(String[]::new);
    }
}
