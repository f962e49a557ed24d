package org.tutti.app.cli;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.tutti.app.exit.ExitCodes;
import org.tutti.bitcoin.network.Network;
import org.tutti.bitcoin.script.Script;
import org.tutti.node.config.ConfigReader;
import org.tutti.node.config.NodeConfig;
import org.tutti.node.keystore.KeyStore;
import org.tutti.node.keystore.NodeKeys;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.util.List;

/// A user who asks for something impossible gets one line and an exit code.
@Timeout(60)
class CommandsTest {
    private record Result(int exitCode, String out, String err) {}

    @TempDir Path folder;

    @ParameterizedTest
    @ValueSource(
            strings = {
                "--help",
                "demo --help",
                "node --help",
                "node init --help",
                "address --help",
                "pay --help",
                "status --help",
                "group --help",
                "group propose --help",
                "group consent --help",
                "group refuse --help",
                "group list --help",
                "group show --help",
                "group export --help",
                "request --help",
                "request create --help",
                "request list --help",
                "request show --help",
                "request join --help",
                "request refuse --help",
                "request withdraw --help",
                "request address --help",
                "session --help",
                "session list --help",
                "session show --help",
                "session watch --help",
                "p2p --help",
                "p2p listen --help",
                "p2p ping --help",
                "p2p identify --help",
                "p2p echo --help",
                "p2p perf --help",
                "bench --help",
                "bench p2p --help",
                "bench idle --help",
                "bench echoes --help",
                "bench journal --help",
                "bench kad-simulation --help",
                "bench topic-simulation --help",
                "bench gossip-simulation --help",
                "evidence --help",
                "evidence verify --help",
                "regtest --help"
            })
    void everyCommandHasHelp(String command) {
        Result result = run(command.split(" "));
        assertThat(result.exitCode()).isZero();
        assertThat(result.out()).startsWith("Usage: tutti").contains("--help");
        assertThat(result.err()).isEmpty();
    }

    @Test
    void theVersionIsTold() {
        assertThat(run("--version").out()).startsWith("tutti ").contains("Java 25");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "dance",
                "demo --signers 1",
                "demo --signers 16",
                "demo --signers three",
                "demo --bitcoin-peer nowhere",
                "demo --scenario storm",
                "demo --scenario offline --signers 2",
                "demo --scenario offline --bitcoin-peer 127.0.0.1:18444",
                "request create --data x --keys a,b",
                "request create --data x --keys a,b --psbt AA --hash 00",
                "request create --data x --keys a,b --psbt AA --as-given",
                "request create --data x --psbt AA",
                "group show --data x",
                "group consent --data x",
                "group propose --data x --name n",
                "group propose --data x --members a",
                "request show --data x",
                "request address --network main --keys a,b",
                "request address --keys a,b",
                "p2p listen --dht server --contacts nowhere",
                "demo --bitcoin-peer 127.0.0.1:99999",
                "demo --wait 0",
                "demo --wait 99999999999999999",
                "bench idle --connections 10001",
                "bench idle --addresses 0",
                "bench echoes --unread 1001",
                "bench p2p --rounds 0",
                "bench sign --signers 1",
                "bench sign --signers 251",
                "bench sign --signers many",
                "bench sign --sessions 0",
                "bench sign --concurrency -1",
                "bench journal --sessions 0",
                "bench journal --sessions 1000001",
                "bench sign --concurrency 129",
                "bench kad-simulation --nodes 29",
                "bench topic-simulation --honest 1",
                "bench topic-simulation --ground 9",
                "bench kad-simulation --lookups 9",
                "bench kad-simulation --seeds 4",
                "bench kad-simulation --scenarios PEACE",
                "bench gossip-simulation --subscribers 10001",
                "bench gossip-simulation --messages 9",
                "bench gossip-simulation --seeds 0",
                "bench nothing",
                "p2p listen --listen /ip4/127.0.0.1/udp/0",
                "p2p ping /ip4/127.0.0.1/tcp/1",
                "pay --data x --to y --amount-sat -5",
                "pay --data x --to y --amount-sat 5 --fee-rate 0",
                "pay --data x --to y --amount-sat 5 --coins 0",
                "node init --data x --network regtest --listen /ip4/127.0.0.1/udp/5/quic-v1",
                "node",
                "node init",
                "node init --data x --network regtest --listen nowhere",
                "node init --data x",
                "node init --data x --network main",
                "node init --data x --network mainnet --signet-challenge 51",
                "node init --data x --network signet --signet-challenge challenge",
                "pay --data x",
                "regtest --listen 5"
            })
    void aWrongCommandLineIsOneLineAndWhereToLook(String command) {
        Result result = run(command.split(" "));
        assertThat(result.exitCode()).isEqualTo(ExitCodes.USAGE);
        assertThat(result.err().lines()).hasSize(2);
        assertThat(result.err()).startsWith("tutti: ").contains("--help");
    }

    @Test
    void aBadConfigurationNamesFileLineAndKey() throws Exception {
        Path config = twoMembers(7001);
        Files.writeString(config, Files.readString(config).replace("max_fee_sat", "max_fees_sat"));
        refused(ExitCodes.CONFIG, config + ":5: policy.max_fee_sat: missing", config);
    }

    @Test
    void aMissingConfigurationIsNamed() {
        Path config = folder.resolve("none.toml");
        refused(ExitCodes.CONFIG, config + ": no such file", config);
    }

    @Test
    void aDataFolderThatIsNotThereSaysHowToMakeIt() throws Exception {
        Path config = twoMembers(7001);
        Files.writeString(config, Files.readString(config).replace("\"alice\"", "\"nobody\""));
        refused(ExitCodes.CONFIG, "node init --data", config);
    }

    @Test
    void aDataFolderInUseIsRefused() throws Exception {
        Path config = twoMembers(7001);
        Path file = folder.resolve("alice/lock");
        try (FileChannel channel =
                        FileChannel.open(
                                file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
                FileLock _ = channel.lock()) {
            refused(ExitCodes.ENVIRONMENT, "another node is running", config);
        }
    }

    @Test
    void aFolderThatHasKeysKeepsThemAndShowsItsLinesAgain() {
        String alice = folder.resolve("alice").toString();
        Result first = run("node", "init", "--network", "regtest", "--data", alice);
        assertThat(first.exitCode()).isEqualTo(ExitCodes.OK);
        assertThat(first.out()).contains("[[members]]", "signing_key");
        Result again = run("node", "init", "--network", "regtest", "--data", alice);
        assertThat(again.exitCode()).isEqualTo(ExitCodes.CONFIG);
        assertThat(again.out()).isEqualTo(first.out());
        assertThat(again.err()).contains("never replaced");
        Result member = run("node", "member", "--data", alice);
        assertThat(member.exitCode()).isEqualTo(ExitCodes.OK);
        assertThat(member.out()).isEqualTo(first.out());
    }

    @Test
    void aCheckSaysWhatIsRiskyAndWhatIsWrongWithoutAStart() throws Exception {
        Path config = twoMembers(9);
        Result good = run("node", "check", "--config", config.toString());
        assertThat(good.exitCode()).isEqualTo(ExitCodes.OK);
        assertThat(good.out())
                .contains("warning: policy.any_destination", "warning: policy.max_amount_per_day")
                .contains("the node can start");
        Files.setPosixFilePermissions(config, PosixFilePermissions.fromString("rw-rw-rw-"));
        Result open = run("node", "check", "--config", config.toString(), "--json");
        assertThat(open.out()).startsWith("{\"ok\":true,").contains("other users may write it");
        Result other =
                run(
                        "node",
                        "check",
                        "--config",
                        config.toString(),
                        "--data",
                        folder.resolve("nobody").toString());
        assertThat(other.exitCode()).isEqualTo(ExitCodes.CONFIG);
        assertThat(other.out()).contains("error: ", "the node cannot start");
        Files.writeString(config, "network = \"bogus\"");
        Result bogus = run("node", "check", "--config", config.toString(), "--json");
        assertThat(bogus.exitCode()).isEqualTo(ExitCodes.CONFIG);
        assertThat(bogus.out()).contains("\"ok\":false", "\"code\":\"CONFIG\"", "bogus");
    }

    @Test
    void keysThatAreNotInTheGroupAreRefused() throws Exception {
        Path config = twoMembers(7001);
        Files.writeString(config, Files.readString(config).replace("\"alice\"", "\"carol\""));
        new KeyStore(folder.resolve("carol")).create(Network.REGTEST, new SecureRandom()).close();
        refused(ExitCodes.CONFIG, "none of the [[members]]", config);
    }

    @Test
    void aPortInUseIsNamed() throws Exception {
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            Path config = twoMembers(taken.getLocalPort());
            refused(ExitCodes.ENVIRONMENT, "PORT_IN_USE: ", config);
        }
    }

    @Test
    void aDamagedJournalIsNotSignedWith() throws Exception {
        Path config = twoMembers(7001);
        Files.writeString(folder.resolve("alice/journal"), "this is no journal");
        refused(ExitCodes.ENVIRONMENT, "not a journal", config);
    }

    @Test
    void aBenchmarkFolderThatIsNotThereIsNamed() {
        Path none = folder.resolve("none");
        Result result = run("bench", "sign", "--dir", none.toString());
        assertThat(result.exitCode()).isEqualTo(ExitCodes.ENVIRONMENT);
        assertThat(result.err()).contains("--dir: " + none);
    }

    @Test
    void aDataFolderThatIsAFileIsNotTakenForOneWithKeys() throws Exception {
        Path file = folder.resolve("file");
        Files.writeString(file, "");
        Result result = run("node", "init", "--network", "regtest", "--data", file.toString());
        assertThat(result.exitCode()).isEqualTo(ExitCodes.CONFIG);
        assertThat(result.err()).contains("not a folder").doesNotContain("has keys already");
    }

    @Test
    void aDamagedRecordOfApprovalsIsNotSignedWith() throws Exception {
        Path config = twoMembers(7001);
        Files.writeString(
                config,
                Files.readString(config)
                        .replace("max_fee_sat", "max_amount_per_day_sat = 5\nmax_fee_sat"));
        Files.writeString(folder.resolve("alice/approved"), "x".repeat(52));
        refused(ExitCodes.ENVIRONMENT, "alice/approved: cannot be used: damaged", config);
    }

    @Test
    void keysAreNotMadeTwice() {
        Path dave = folder.resolve("dave");
        assertThat(init(dave, "regtest").exitCode()).isZero();
        Result again = init(dave, "regtest");
        assertThat(again.exitCode()).isEqualTo(ExitCodes.CONFIG);
        assertThat(again.err()).contains("has keys already");
    }

    @ParameterizedTest
    @ValueSource(strings = {"mainnet", "testnet3", "testnet4", "signet", "regtest"})
    void keysCanBeMadeForAnyNetworkAndSaySo(String network) throws Exception {
        Path dave = folder.resolve("dave");
        Result result = init(dave, network);
        assertThat(result.exitCode()).isZero();
        String id = Network.byName(network).orElseThrow().id().toHex();
        assertThat(result.out()).contains("# keys for network = \"" + network + "\", id " + id);
        assertThat(Files.readString(dave.resolve("member.toml"))).isEqualTo(result.out());
        NodeConfig example = ConfigReader.read(dave.resolve("requests.toml"));
        assertThat(example.hasGroup()).isFalse();
        assertThat(example.requests().orElseThrow().mode())
                .isEqualTo(NodeConfig.RequestsConfig.Mode.ASK);
        new KeyStore(dave).open(Network.byName(network).orElseThrow()).close();
    }

    @Test
    void keysForAnotherSignetAreNotThePublicSignets() throws Exception {
        Path dave = folder.resolve("dave");
        Result result =
                run(
                        "node",
                        "init",
                        "--network",
                        "signet",
                        "--signet-challenge",
                        "51",
                        "--json",
                        "--data",
                        dave.toString());
        assertThat(result.exitCode()).isZero();
        Network own = Network.signet(Script.fromHex("51"));
        assertThat(result.out())
                .contains("\"network\":\"signet\",\"networkId\":\"" + own.id().toHex() + "\"");
        new KeyStore(dave).open(own).close();
    }

    @Test
    void aKeyForMainnetIsNotUsedOnRegtest() throws Exception {
        Path config = twoMembers(7001);
        Path signingKey = folder.resolve("alice/keys/signing.key");
        List<String> lines = Files.readAllLines(signingKey);
        Files.writeString(
                signingKey,
                lines.getFirst() + "\nnetwork regtest " + Network.MAINNET.id().toHex() + "\n");
        refused(
                ExitCodes.CONFIG,
                signingKey + ": this key is for mainnet, the configuration names regtest",
                config);
        Files.writeString(
                config,
                Files.readString(config).replace("network = \"regtest\"", "network = \"mainnet\""));
        Files.writeString(signingKey, String.join("\n", lines));
        refused(
                ExitCodes.CONFIG,
                signingKey + ": this key is for regtest, the configuration names mainnet",
                config);
    }

    @Test
    void aKeyThatNamesNoNetworkIsRefusedWithTheRemedy() throws Exception {
        Path config = twoMembers(7001);
        Path signingKey = folder.resolve("alice/keys/signing.key");
        Files.writeString(signingKey, Files.readAllLines(signingKey).getFirst() + "\n");
        refused(ExitCodes.CONFIG, "tutti node init --network regtest", config);
        refused(ExitCodes.CONFIG, "network regtest " + Network.REGTEST.id().toHex(), config);
    }

    private static Result init(Path data, String network) {
        return run("node", "init", "--network", network, "--data", data.toString());
    }

    @Test
    void withoutARunningNodeTheCommandsSaySo() {
        for (List<String> command :
                List.of(
                        List.of("address"),
                        List.of("status"),
                        List.of("pay", "--to", "x", "--amount-sat", "5"))) {
            List<String> all = new java.util.ArrayList<>(command);
            all.addAll(List.of("--data", folder.toString()));
            Result result = run(all.toArray(String[]::new));
            assertThat(result.exitCode()).isEqualTo(ExitCodes.ENVIRONMENT);
            assertThat(result.err().lines()).hasSize(1);
            assertThat(result.err()).contains("no node is running");
        }
    }

    @Test
    void aFileThatIsNoEvidenceProvesNothing() throws Exception {
        Path file = folder.resolve("rubbish.evidence");
        Files.writeString(file, "rubbish");
        Result result = run("evidence", "verify", file.toString());
        assertThat(result.exitCode()).isEqualTo(ExitCodes.FAILED);
        assertThat(result.out()).contains("proves nothing");
        Result missing = run("evidence", "verify", folder.resolve("none").toString());
        assertThat(missing.exitCode()).isEqualTo(ExitCodes.ENVIRONMENT);
        assertThat(missing.err().lines()).hasSize(1);
    }

    private void refused(int exitCode, String reason, Path config) {
        Result result = run("node", "--config", config.toString());
        assertThat(result.err()).startsWith("tutti: ").contains(reason);
        assertThat(result.err().lines()).hasSize(1);
        assertThat(result.exitCode()).isEqualTo(exitCode);
    }

    /// A configuration for alice's folder, and her keys in it.
    private Path twoMembers(int port) throws Exception {
        StringBuilder toml =
                new StringBuilder(
                        """
                        data = "alice"
                        network = "regtest"
                        [bitcoin]
                        peers = ["127.0.0.1:1"]
                        [policy]
                        max_amount_sat = 1000
                        max_fee_sat = 100
                        any_destination = true
                        """);
        for (String name : List.of("alice", "bob")) {
            try (NodeKeys keys =
                    new KeyStore(folder.resolve(name))
                            .create(Network.REGTEST, new SecureRandom())) {
                toml.append("[[members]]\npeer_id = \"")
                        .append(keys.identity().publicKey().peerId())
                        .append("\"\nsigning_key = \"")
                        .append(keys.signing().publicKey().bytes())
                        .append("\"\naddress = \"/ip4/127.0.0.1/tcp/")
                        .append(port)
                        .append("\"\n");
            }
        }
        Path config = folder.resolve("alice.toml");
        Files.writeString(config, toml);
        return config;
    }

    private static Result run(String... args) {
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        int code = Main.run(new PrintWriter(out, true), new PrintWriter(err, true), args);
        assertThat(err.toString()).doesNotContain("\tat ").doesNotContain("Exception");
        return new Result(code, out.toString(), err.toString());
    }

    @Test
    void anUnexpectedFailureIsCalledADefectInOneLine() throws IOException {
        Files.createDirectory(folder.resolve("alice.toml"));
        Result result = run("node", "--config", folder.resolve("alice.toml").toString());
        assertThat(result.err().lines()).hasSize(1);
    }
}
