package org.tutti.app.p2p;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.tutti.app.cli.Main;
import org.tutti.app.exit.ExitCodes;
import org.tutti.libp2p.host.Host;
import org.tutti.libp2p.identity.KeyType;
import org.tutti.libp2p.identity.Keys;
import org.tutti.libp2p.multiaddr.Multiaddr;
import org.tutti.node.json.JsonLine;
import org.tutti.node.json.JsonObject;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.security.SecureRandom;

@Timeout(60)
class PingCommandTest {
    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    private int run(String... args) {
        return Main.run(new PrintWriter(out, true), new PrintWriter(err, true), args);
    }

    private static Host listen() throws Exception {
        Host host =
                Host.builder()
                        .identity(Keys.generate(KeyType.ED25519, new SecureRandom()))
                        .listen(Multiaddr.parse("/ip4/127.0.0.1/tcp/0"))
                        .build();
        host.start();
        return host;
    }

    @Test
    void printsWhoAnsweredAndEachRoundTrip() throws Exception {
        try (Host bob = listen()) {
            String address = bob.addresses().getFirst().toString();
            for (String type : new String[] {"ed25519", "secp256k1"}) {
                out.getBuffer().setLength(0);
                int code =
                        run("p2p", "ping", address, "--count", "3", "--json", "--key-type", type);
                assertThat(code).as(err.toString()).isEqualTo(ExitCodes.OK);
                JsonObject answer = JsonLine.parse(out.toString().strip());
                assertThat(answer.flag("ok")).isTrue();
                assertThat(answer.string("peerId")).isEqualTo(bob.peerId().toString());
                assertThat(answer.strings("rttMicros")).hasSize(3);
            }
        }
    }

    @Test
    void saysWhyNobodyAnsweredAndShowsNoStackTrace() throws Exception {
        Host bob = listen();
        String address = bob.addresses().getFirst().toString();
        bob.close();
        assertThat(run("p2p", "ping", address, "--json")).isEqualTo(ExitCodes.FAILED);
        JsonObject answer = JsonLine.parse(out.toString().strip());
        assertThat(answer.flag("ok")).isFalse();
        assertThat(answer.string("code")).isEqualTo("DIAL_FAILED");
        assertThat(answer.string("message")).contains("Connection refused");
        assertThat(err.toString()).isEmpty();
    }

    @Test
    void anAddressThatNamesNoPeerIsAMistakeInTheCommand() {
        assertThat(run("p2p", "ping", "/ip4/127.0.0.1/tcp/1")).isEqualTo(ExitCodes.USAGE);
        assertThat(run("p2p", "ping", "/nonsense")).isEqualTo(ExitCodes.USAGE);
        assertThat(err.toString()).contains("/nonsense");
    }
}
