package org.tutti.app.p2p;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.tutti.app.cli.Main;
import org.tutti.app.exit.ExitCodes;
import org.tutti.libp2p.host.Host;
import org.tutti.libp2p.identity.KeyType;
import org.tutti.libp2p.identity.Keys;
import org.tutti.libp2p.identity.PrivateKey;
import org.tutti.libp2p.kad.Kademlia;
import org.tutti.libp2p.kad.record.PublicKeyValidator;
import org.tutti.libp2p.kad.record.SignedRecordValidator;
import org.tutti.node.json.JsonLine;
import org.tutti.node.json.JsonLineException;
import org.tutti.node.json.JsonObject;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.stream.Stream;

/// `./tutti p2p dht …` against two servers in this process.
@Timeout(60)
class DhtCommandsTest {
    private static final String CID = "QmYwAPJzv5CZsnA625s3Xf2nemtYgPpHdWEz79ojWnPbdG";
    private static final String OTHER = "QmPZ9gcCEpqKTo6aq61g2nXGUhM4iCL3ewB6LDXZCtioEB";

    @TempDir private Path folder;

    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();
    private final List<Host> servers = new ArrayList<>();
    private String bootstrap = "";

    @BeforeEach
    void start() throws Exception {
        for (int i = 0; i < 2; i++) {
            PrivateKey key = Keys.generate(KeyType.ED25519, new SecureRandom());
            Kademlia node =
                    Kademlia.builder()
                            .mode(Kademlia.Mode.SERVER)
                            .validator(new PublicKeyValidator())
                            .validator(
                                    new SignedRecordValidator(DhtOptions.bytes("tutti"), "tutti"))
                            .validator(new OpenValidator("open"))
                            .build();
            Host host =
                    Host.builder()
                            .identity(key)
                            .listen("/ip4/127.0.0.1/tcp/0")
                            .behaviour(node)
                            .build();
            servers.add(host);
            host.start();
            if (i == 0) {
                bootstrap = host.addresses().getFirst().toString();
            } else {
                node.bootstrap(List.of(servers.getFirst().addresses().getFirst()));
            }
        }
        assertThat(run("p2p", "key", "--out", folder.resolve("author").toString()))
                .isEqualTo(ExitCodes.OK);
    }

    @AfterEach
    void close() {
        servers.forEach(Host::close);
    }

    private int run(String... args) {
        out.getBuffer().setLength(0);
        err.getBuffer().setLength(0);
        return Main.run(new PrintWriter(out, true), new PrintWriter(err, true), args);
    }

    /// As the identity in the folder.
    private int dht(String... args) {
        List<String> all = new ArrayList<>(List.of("p2p", "dht"));
        all.addAll(List.of(args));
        all.addAll(
                List.of(
                        "--bootstrap",
                        bootstrap,
                        "--key",
                        folder.resolve("author").toString(),
                        "--json"));
        return run(all.toArray(String[]::new));
    }

    private JsonObject answer() throws JsonLineException {
        assertThat(out.toString().lines()).hasSize(1);
        JsonObject answer = JsonLine.parse(out.toString().strip());
        assertThat(answer.has("ok")).isTrue();
        return answer;
    }

    /// What every result has.
    private JsonObject done(int code) throws JsonLineException {
        assertThat(code).as(out + " " + err).isEqualTo(ExitCodes.OK);
        JsonObject answer = answer();
        assertThat(answer.flag("ok")).isTrue();
        assertThat(answer.has("millis")).isTrue();
        assertThat(answer.integer("hops")).isNotNegative();
        assertThat(answer.integer("messages")).isNotNegative();
        return answer;
    }

    private void refused(int code, String name) throws JsonLineException {
        assertThat(code).isEqualTo(ExitCodes.FAILED);
        assertThat(answer().flag("ok")).isFalse();
        assertThat(answer().string("code")).isEqualTo(name);
        assertThat(answer().string("message")).isNotBlank();
    }

    private static String decoded(String base64) {
        return new String(Base64.getDecoder().decode(base64), StandardCharsets.UTF_8);
    }

    @Test
    void aSignedRecordIsPutReplacedAndGot() throws Exception {
        JsonObject first = done(dht("put", "/tutti/a", "hello"));
        assertThat(first.integer("stored")).isEqualTo(2);
        String key = first.string("key");
        assertThat(done(dht("put", "/tutti/a", "aGVsbG8gYWdhaW4=", "--base64")).string("key"))
                .isEqualTo(key);
        JsonObject got = done(dht("get", "/tutti/a"));
        assertThat(decoded(got.string("value"))).isEqualTo("hello again");
        // Somebody else names the author, or the key.
        String author = got.string("author");
        List<String> stranger = List.of("--bootstrap", bootstrap, "--json");
        for (List<String> what :
                List.of(
                        List.of("p2p", "dht", "get", "/tutti/a", "--author", author),
                        List.of("p2p", "dht", "get", "--key-hex", key))) {
            JsonObject same =
                    done(
                            run(
                                    Stream.concat(what.stream(), stranger.stream())
                                            .toArray(String[]::new)));
            assertThat(decoded(same.string("value"))).isEqualTo("hello again");
            assertThat(same.string("author")).isEqualTo(author);
        }
        refused(dht("get", "/tutti/b"), "NOT_FOUND");
    }

    @Test
    void whatIsProvidedIsFoundByCidAndByMultihash() throws Exception {
        JsonObject provided = done(dht("provide", CID));
        assertThat(provided.integer("told")).isEqualTo(2);
        JsonObject found = done(dht("find-providers", CID));
        assertThat(found.objects("providers"))
                .extracting(p -> p.string("peerId"))
                .containsExactly(provided.string("peerId"));
        assertThat(found.string("key")).isEqualTo(provided.string("key"));
        assertThat(done(dht("find-providers", OTHER, "--max", "1")).objects("providers")).isEmpty();
    }

    @Test
    void aPeerIsFoundWhereItIsReached() throws Exception {
        Host second = servers.get(1);
        JsonObject found = done(dht("find-peer", second.peerId().toString()));
        assertThat(found.strings("addresses"))
                .containsExactly(second.addresses().getFirst().toString());
        refused(
                dht(
                        "find-peer",
                        Keys.generate(KeyType.ED25519, new SecureRandom())
                                .publicKey()
                                .peerId()
                                .toString()),
                "NOT_FOUND");
    }

    @Test
    void entriesUnderATopicAreListed() throws Exception {
        JsonObject published = done(dht("publish", "swaps", "up to 1 BTC"));
        assertThat(published.integer("stored")).isPositive();
        JsonObject listed = done(dht("list", "swaps"));
        assertThat(listed.string("end")).isEqualTo("COMPLETE");
        assertThat(listed.objects("entries")).hasSize(1);
        JsonObject entry = listed.objects("entries").getFirst();
        assertThat(decoded(entry.string("value"))).isEqualTo("up to 1 BTC");
        assertThat(entry.string("author")).isEqualTo(published.string("author"));
        assertThat(done(dht("list", "nothing")).objects("entries")).isEmpty();
    }

    @Test
    void whatCannotBeMeantIsRefusedWithItsName() throws Exception {
        refused(dht("put", "/nobody/a", "x"), "UNKNOWN_NAMESPACE");
        refused(dht("get", "no namespace"), "MALFORMED_KEY");
        assertThat(run("p2p", "dht", "get", "/tutti/a", "--json")).isEqualTo(ExitCodes.USAGE);
        assertThat(out + "" + err).contains("--bootstrap");
        for (String[] wrong :
                new String[][] {
                    {"put", "/tutti/a"},
                    {"get"},
                    {"get", "/tutti/a", "--key-hex", "00"},
                    {"get", "--key-hex", "0"},
                    {"find-providers", "no cid"},
                    {"find-providers", CID, "--max", "0"},
                    {"list", "t", "--max", "10001"},
                    {"find-peer", "nobody"},
                    {"put", "/tutti/a", "?", "--base64"},
                    {"get", "/tutti/a", "--timeout", "0"},
                }) {
            assertThat(dht(wrong)).as(List.of(wrong).toString()).isEqualTo(ExitCodes.USAGE);
        }
    }

    @Test
    void withoutAServerThereIsAReasonAndAnEnd() throws Exception {
        servers.forEach(Host::close);
        int code = dht("get", "/tutti/a", "--timeout", "20");
        assertThat(code).isEqualTo(ExitCodes.FAILED);
        assertThat(answer().flag("ok")).isFalse();
        assertThat(answer().string("code")).isNotBlank();
    }
}
