package org.tutti.node.daemon;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.tutti.bitcoin.hash.Txid;
import org.tutti.bitcoin.network.Network;
import org.tutti.bitcoin.script.Script;
import org.tutti.libp2p.host.Host;
import org.tutti.libp2p.identity.KeyType;
import org.tutti.libp2p.identity.Keys;
import org.tutti.libp2p.kad.Kademlia;
import org.tutti.libp2p.multiaddr.Multiaddr;
import org.tutti.musig.keys.SecretKey;
import org.tutti.musig.musig.SecretNonce;
import org.tutti.node.api.NodeStatus;
import org.tutti.node.config.ConfigReader;
import org.tutti.node.events.EventSink;
import org.tutti.node.events.NodeEvent;
import org.tutti.node.json.JsonLine;
import org.tutti.node.json.JsonLineException;
import org.tutti.node.json.JsonObject;
import org.tutti.node.json.JsonRecords;
import org.tutti.node.keystore.KeyStore;
import org.tutti.node.keystore.NodeKeys;
import org.tutti.node.process.JvmAttach;
import org.tutti.node.process.ProcessProtection;
import org.tutti.regtest.RegtestEvents;
import org.tutti.regtest.RegtestNode;
import org.tutti.wallet.payments.PaymentState;

import java.io.BufferedReader;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/// Whole nodes in this process, asked over their control sockets: the lines that they answer, to
/// the byte. One responsibility: what a whole node does beyond its parts, and each case needs nodes
/// that run.
@Timeout(120)
class NodeTest {
    /// Nobody has its key.
    private static final String NOBODY =
            "bcrt1p2zffkaxp5py4fdutfdsrt6t6tcrc5ks09rkfd428hlhf4n5q8tqq5az5cr";

    private static final Script NOBODYS_SCRIPT =
            Script.fromHex("512050929b74c1a04954b78b4b6035e97a5e078a5a0f28ec96d547bfee9ace803ac0");

    /// Alice's or bob's, with what is public of it.
    private record Member(String name, String peerId, String signingKey, int port) {}

    @TempDir Path folder;

    private final List<Member> members = new ArrayList<>();

    @Test
    void aNodeThatKnowsNoChainAnswersWithEmptyLists() throws Exception {
        makeKeys();
        RecordedEvents heard = new RecordedEvents();
        try (Node _ = start("alice", "127.0.0.1:1", heard)) {
            NodeEvent.Started group = heard.await(NodeEvent.Started.class);
            assertThat(ask("alice", "{\"op\":\"status\"}"))
                    .isEqualTo(
                            """
                            {"ok":true,"network":"regtest","peerId":"%s","height":-1,"tip":null,"members":[%s],\
                            "totalSat":0,"spendableSat":0,"spendableCoins":0,"coins":[],"payments":[],"sessions":[],%s}\
                            """
                                    .formatted(
                                            group.peerId(),
                                            memberLines(group.peerId(), false),
                                            secrets()));
        }
    }

    @Test
    void whatCannotBeAnsweredIsRefusedWithCodeAndMessage() throws Exception {
        makeKeys();
        try (Node _ = start("alice", "127.0.0.1:1", new RecordedEvents())) {
            refused("{\"op\":5}", "BAD_REQUEST", "op: a string is needed");
            refused("{}", "BAD_REQUEST", "op: a string is needed");
            refused("[]", "BAD_REQUEST", "not a JSON object");
            refused(pay("\"5\"", ""), "BAD_REQUEST", "amountSat: an integer is needed");
            refused(
                    "{\"op\":\"status\",\"x\":1}",
                    "BAD_REQUEST",
                    "x: unknown field; none is known here");
            refused(pay("0", ""), "BAD_REQUEST", "amountSat: 1 to 2100000000000000, not 0");
            refused(pay("5", ",\"feeRate\":\"2\""), "BAD_REQUEST", "feeRate: an integer is needed");
            refused(
                    pay("5", ",\"feeRate\":0"),
                    "BAD_REQUEST",
                    "feeRate: 1 to 100000 sat/vB, not 0");
            refused(pay("5", ",\"coins\":101"), "BAD_REQUEST", "coins: 1 to 100, not 101");
            refused("{\"op\":\"pay\",\"amountSat\":5}", "BAD_REQUEST", "to: a string is needed");
            assertThat(ask("alice", pay("1000", "")))
                    .startsWith(
                            "{\"ok\":false,\"code\":\"CHAIN_UNKNOWN\",\"message\":\"this node has seen no block yet");
        }
    }

    @Test
    void aPaymentIsSignedConfirmedAndListed() throws Exception {
        makeKeys();
        try (RegtestNode bitcoin = RegtestNode.start(0, new RegtestEvents() {})) {
            String peer = bitcoin.host() + ":" + bitcoin.port();
            RecordedEvents alice = new RecordedEvents();
            RecordedEvents bob = new RecordedEvents();
            try (Node _ = start("alice", peer, alice);
                    Node _ = start("bob", peer, bob)) {
                NodeEvent.Started started = alice.await(NodeEvent.Started.class);
                NodeEvent.Agreed group = alice.await(NodeEvent.Agreed.class);
                assertThat(ask("alice", "{\"op\":\"address\"}"))
                        .isEqualTo("{\"ok\":true," + addressFields(group) + "}");
                bob.await(NodeEvent.Agreed.class);
                bitcoin.mine(1, Script.fromHex(group.scriptPubKey()));
                bitcoin.mine(100, NOBODYS_SCRIPT);
                NodeEvent.UtxoReceived coin = alice.await(NodeEvent.UtxoReceived.class);
                alice.awaitTip(101);
                bob.awaitTip(101);
                assertThat(ask("alice", "{\"op\":\"status\"}"))
                        .isEqualTo(
                                """
                                {"ok":true,"network":"regtest","address":"%s","peerId":"%s","height":101,"tip":"%s","members":[%s],\
                                "totalSat":5000000000,"spendableSat":5000000000,"spendableCoins":1,\
                                "coins":[{"txid":"%s","vout":0,"valueSat":5000000000,"height":1,\
                                "coinbase":true,"spendable":true}],"payments":[],"sessions":[],%s}\
                                """
                                        .formatted(
                                                group.address(),
                                                started.peerId(),
                                                bitcoin.tip(),
                                                memberLines(started.peerId(), true),
                                                coin.txid(),
                                                secrets()));

                String paid =
                        ask(
                                "alice",
                                pay("4000000000", ",\"feeRate\":3,\"coins\":1,\"key\":\"rent\""));
                NodeEvent.Signed signed = alice.await(NodeEvent.Signed.class);
                assertThat(paid)
                        .isEqualTo(
                                """
                                {"ok":true,"session":"%s","txid":"%s","feeSat":462,\
                                "state":"signed","key":"rent"}\
                                """
                                        .formatted(signed.session(), signed.txid()));
                alice.await(NodeEvent.Broadcast.class);
                assertThat(ask("alice", "{\"op\":\"status\"}"))
                        .endsWith(
                                """
                                "payments":[{"txid":"%s","state":"sent","requester":"%s","confirmations":0,%s}],"sessions":[],%s}\
                                """
                                        .formatted(
                                                signed.txid(),
                                                started.peerId(),
                                                paymentFields(signed.session(), true),
                                                secrets()));
                // Asked for again, it is answered, not made once more.
                assertThat(ask("alice", pay("4000000000", ",\"key\":\"rent\"")))
                        .isEqualTo(paid.replace("signed", "sent"));
                refused(
                        pay("4000000001", ",\"key\":\"rent\""),
                        "KEY_IN_USE",
                        "this key belongs to another payment: session %s has another amount or destination"
                                .formatted(signed.session()));
                refused(
                        pay("4000000000", ""),
                        "EQUAL_PAYMENT",
                        "a payment of the same amount to the same destination is not confirmed: session %s, transaction %s; to make another one, say so with --again"
                                .formatted(signed.session(), signed.txid()));
                bitcoin.mine(2, NOBODYS_SCRIPT);
                bob.await(NodeEvent.Confirmed.class);
                bob.awaitTip(103);
                assertThat(ask("bob", "{\"op\":\"status\"}"))
                        .endsWith(
                                """
                                "payments":[{"txid":"%s","state":"confirmed","requester":"%s","confirmations":2,\
                                "blockHash":"%s",%s}],"sessions":[],%s}\
                                """
                                        .formatted(
                                                signed.txid(),
                                                started.peerId(),
                                                bitcoin.block(102).hash(),
                                                paymentFields(signed.session(), false),
                                                secrets()));
            }
            alice.await(NodeEvent.Stopped.class);
        }
    }

    /// The first one is signed, so that both nodes hold its only coin until it is final.
    @Test
    void aPaymentTakesTheCoinOfAnotherOnlyWhereEveryOperatorAgrees() throws Exception {
        makeKeys();
        try (RegtestNode bitcoin = RegtestNode.start(0, new RegtestEvents() {})) {
            String peer = bitcoin.host() + ":" + bitcoin.port();
            RecordedEvents alice = new RecordedEvents();
            RecordedEvents bob = new RecordedEvents();
            try (Node _ = start("alice", peer, alice);
                    Node _ = start("bob", peer, bob)) {
                NodeEvent.Agreed group = alice.await(NodeEvent.Agreed.class);
                bob.await(NodeEvent.Agreed.class);
                bitcoin.mine(1, Script.fromHex(group.scriptPubKey()));
                bitcoin.mine(100, NOBODYS_SCRIPT);
                alice.awaitTip(101);
                bob.awaitTip(101);
                assertThat(ask("alice", pay("4000000000", ""))).contains("\"ok\":true");
                NodeEvent.Signed first = alice.await(NodeEvent.Signed.class);
                bob.await(NodeEvent.Signed.class);
                String other = pay("3000000000", ",\"feeRate\":3");
                refused(
                        other,
                        "INSUFFICIENT_FUNDS",
                        "0 sat in 0 coins do not cover 3000000000 sat and the fee; 5000000000 sat in 1 coins are held by payments that are not final");
                allowConflict("alice", first.session());
                assertThat(payOnceNot("INSUFFICIENT_FUNDS", other))
                        .contains("\"code\":\"CONFLICTING_SESSION\"");
                allowConflict("bob", first.session());
                assertThat(payOnceNot("CONFLICTING_SESSION", other)).contains("\"ok\":true");
                NodeEvent.Signed second = bob.await(NodeEvent.Signed.class);
                assertThat(second.txid()).isNotEqualTo(first.txid());
            }
        }
    }

    @Test
    void aPolicyThatIsReadAgainDecidesFromThenOn() throws Exception {
        makeKeys();
        try (RegtestNode bitcoin = RegtestNode.start(0, new RegtestEvents() {})) {
            String peer = bitcoin.host() + ":" + bitcoin.port();
            RecordedEvents alice = new RecordedEvents();
            RecordedEvents bob = new RecordedEvents();
            try (Node _ = start("alice", peer, alice);
                    Node bobs = start("bob", peer, bob)) {
                NodeEvent.Agreed group = alice.await(NodeEvent.Agreed.class);
                bob.await(NodeEvent.Agreed.class);
                bitcoin.mine(1, Script.fromHex(group.scriptPubKey()));
                bitcoin.mine(100, NOBODYS_SCRIPT);
                alice.awaitTip(101);
                bob.awaitTip(101);
                Path file = folder.resolve("bob.toml");
                String good = Files.readString(file);
                Files.writeString(
                        file,
                        good.replace("max_amount_sat = 10000000000", "max_amount_sat = 1000"));
                bobs.reload(ConfigReader.read(file));
                assertThat(bob.await(NodeEvent.Reloaded.class).changes())
                        .containsExactly("policy.max_amount_sat = 1000");
                refused(pay("4000000000", ""), "AMOUNT_ABOVE_LIMIT");
                Files.writeString(file, good.replace("= 1000000000000", "= 3000000000"));
                bobs.reload(ConfigReader.read(file));
                refused(pay("4000000000", ""), "AMOUNT_ABOVE_DAY_LIMIT");
                Files.writeString(file, good);
                bobs.reload(ConfigReader.read(file));
                assertThat(ask("alice", pay("4000000000", ""))).contains("\"ok\":true");
            }
        }
    }

    /// Without its Bitcoin peer a node knows its coins, and not whether they are still there.
    @Test
    @SuppressWarnings("try") // The Bitcoin peer goes away in the middle.
    void aPolicyThatRequiresAFreshChainPaysNothingWithoutBitcoinPeers() throws Exception {
        makeKeys();
        RecordedEvents alice = new RecordedEvents();
        RecordedEvents bob = new RecordedEvents();
        try (RegtestNode bitcoin = RegtestNode.start(0, new RegtestEvents() {})) {
            String peer = bitcoin.host() + ":" + bitcoin.port();
            try (Node alices = start("alice", peer, alice);
                    Node _ = start("bob", peer, bob)) {
                NodeEvent.Agreed group = alice.await(NodeEvent.Agreed.class);
                bob.await(NodeEvent.Agreed.class);
                bitcoin.mine(2, Script.fromHex(group.scriptPubKey()));
                bitcoin.mine(100, NOBODYS_SCRIPT);
                alice.awaitTip(102);
                bob.awaitTip(102);
                Path file = folder.resolve("alice.toml");
                Files.writeString(
                        file,
                        Files.readString(file)
                                .replace(
                                        "max_amount_sat",
                                        "require_fresh_chain = true\nmax_amount_sat"));
                alices.reload(ConfigReader.read(file));
                assertThat(alice.await(NodeEvent.Reloaded.class).changes())
                        .containsExactly("policy.require_fresh_chain = true");
                while (!alices.api().status().chain().fresh()) {
                    Thread.sleep(10);
                }
                assertThat(ask("alice", pay("1000000000", ""))).contains("\"ok\":true");
                bitcoin.close();
                while (alices.api().status().chain().fresh()) {
                    Thread.sleep(10); // It is looked at a few times a second.
                }
                refused(pay("2000000000", ""), "CHAIN_NOT_FRESH");
            }
        }
    }

    @Test
    void bitcoinPeersThatAreReadAgainAreFollowedFromThenOn() throws Exception {
        makeKeys();
        RecordedEvents alice = new RecordedEvents();
        try (RegtestNode bitcoin = RegtestNode.start(0, new RegtestEvents() {});
                Node alices = start("alice", "127.0.0.1:1", alice)) {
            bitcoin.mine(3, NOBODYS_SCRIPT);
            Path file = folder.resolve("alice.toml");
            String peer = bitcoin.host() + ":" + bitcoin.port();
            Files.writeString(file, Files.readString(file).replace("127.0.0.1:1", peer));
            alices.reload(ConfigReader.read(file));
            assertThat(alice.await(NodeEvent.Reloaded.class).changes())
                    .containsExactly("bitcoin.peers = [" + peer + "]");
            alice.awaitTip(3);
            assertThat(alices.api().status().chain().peers())
                    .extracting(NodeStatus.BitcoinPeer::peer)
                    .containsExactly(peer);
        }
    }

    /// What waits in the memory pool is replaced there, first by a version that pays more, then by
    /// one that pays the group alone; and that one is mined.
    @Test
    void aPaymentIsBumpedAndThenCancelled() throws Exception {
        makeKeys();
        try (RegtestNode bitcoin = RegtestNode.start(0, new RegtestEvents() {})) {
            String peer = bitcoin.host() + ":" + bitcoin.port();
            RecordedEvents alice = new RecordedEvents();
            RecordedEvents bob = new RecordedEvents();
            try (Node _ = start("alice", peer, alice);
                    Node _ = start("bob", peer, bob)) {
                NodeEvent.Agreed group = alice.await(NodeEvent.Agreed.class);
                bob.await(NodeEvent.Agreed.class);
                bitcoin.mine(1, Script.fromHex(group.scriptPubKey()));
                bitcoin.mine(100, NOBODYS_SCRIPT);
                alice.awaitTip(101);
                bob.awaitTip(101);
                String first = signed(ask("alice", pay("4000000000", ",\"key\":\"rent\"")));
                awaitMempool(bitcoin, first);
                assertThat(ask("bob", "{\"op\":\"bump\",\"id\":\"%s\"}".formatted(first)))
                        .contains("\"code\":\"NOT_OURS\"");
                refused("{\"op\":\"bump\",\"id\":\"rent\",\"feeRate\":2}", "FEE_RATE_TOO_LOW");
                String second =
                        signed(ask("alice", "{\"op\":\"bump\",\"id\":\"rent\",\"feeRate\":9}"));
                awaitMempool(bitcoin, second);
                String third = signed(ask("alice", "{\"op\":\"cancel\",\"id\":\"rent\"}"));
                awaitMempool(bitcoin, third);
                bitcoin.mine(6, NOBODYS_SCRIPT);
                alice.awaitTip(107);
                bob.awaitTip(107);
                for (String name : List.of("alice", "bob")) {
                    awaitStatus(name, "{\"txid\":\"" + third + "\",\"state\":\"confirmed\"");
                    awaitStatus(name, "{\"txid\":\"" + second + "\",\"state\":\"replaced\"");
                    awaitStatus(name, "{\"txid\":\"" + first + "\",\"state\":\"replaced\"");
                }
                refused(pay("4000000000", ",\"key\":\"rent\""), "CANCELLED");
                refused("{\"op\":\"bump\",\"id\":\"rent\"}", "ALREADY_CONFIRMED");
            }
        }
    }

    private static String signed(String answer) throws JsonLineException {
        JsonObject result = JsonLine.parse(answer);
        assertThat(result.flag("ok")).as(answer).isTrue();
        return result.string("txid");
    }

    /// Three rates are signed in one session. The lowest is sent; after three blocks that do not
    /// have it, because the peer has forgotten it each time, the next one; and whichever node is
    /// there sends it.
    @Test
    void aLadderIsClimbedWhileThePaymentIsInNoBlockAlsoWithoutItsRequester() throws Exception {
        makeKeys();
        try (RegtestNode bitcoin = RegtestNode.start(0, new RegtestEvents() {})) {
            String peer = bitcoin.host() + ":" + bitcoin.port();
            RecordedEvents bob = new RecordedEvents();
            try (Node _ = start("bob", peer, bob)) {
                List<String> rungs;
                RecordedEvents alice = new RecordedEvents();
                try (Node alices = start("alice", peer, alice)) {
                    NodeEvent.Agreed group = alice.await(NodeEvent.Agreed.class);
                    bob.await(NodeEvent.Agreed.class);
                    bitcoin.mine(1, Script.fromHex(group.scriptPubKey()));
                    bitcoin.mine(100, NOBODYS_SCRIPT);
                    alice.awaitTip(101);
                    bob.awaitTip(101);
                    refused(pay("4000000000", ",\"feeLadder\":[2,1]"), "BAD_REQUEST");
                    refused(pay("4000000000", ",\"feeLadder\":[1,2,3,4]"), "BAD_REQUEST");
                    refused(pay("4000000000", ",\"feeLadder\":[1,5,100000]"), "FEE_ABOVE_LIMIT");
                    String first =
                            signed(
                                    ask(
                                            "alice",
                                            pay(
                                                    "4000000000",
                                                    ",\"feeLadder\":[1,5,20],\"key\":\"rent\"")));
                    awaitMempool(bitcoin, first);
                    assertThat(alices.api().payment("rent").rung())
                            .contains(new NodeStatus.Rung(1, 3));
                    // Asked for again, what was sent is told.
                    assertThat(signed(ask("alice", pay("4000000000", ",\"key\":\"rent\""))))
                            .isEqualTo(first);
                    rungs =
                            alices.api().payments().payments().reversed().stream()
                                    .filter(payment -> payment.rung().isPresent())
                                    .filter(payment -> payment.state() != PaymentState.GIVEN_UP)
                                    .map(NodeStatus.Payment::txid)
                                    .toList();
                    assertThat(rungs).hasSize(3).startsWith(first);
                    awaitStatus("bob", "{\"txid\":\"" + rungs.get(2) + "\",\"state\":\"signed\"");
                }
                // Alice is away: bob climbs.
                for (int block = 0; block < 4; block++) {
                    for (Txid waiting : bitcoin.mempool()) {
                        bitcoin.evict(waiting);
                    }
                    bitcoin.mine(1, NOBODYS_SCRIPT);
                    bob.awaitTip(102 + block);
                }
                awaitMempool(bitcoin, rungs.get(1));
                bitcoin.mine(6, NOBODYS_SCRIPT);
                awaitStatus("bob", "{\"txid\":\"" + rungs.get(1) + "\",\"state\":\"confirmed\"");
                awaitStatus("bob", "{\"txid\":\"" + rungs.get(0) + "\",\"state\":\"replaced\"");
                awaitStatus("bob", "{\"txid\":\"" + rungs.get(2) + "\",\"state\":\"replaced\"");
            }
        }
    }

    private static void awaitMempool(RegtestNode bitcoin, String txid) {
        while (bitcoin.mempool().stream().map(Txid::toString).noneMatch(txid::equals)
                || bitcoin.mempool().size() != 1) {
            Thread.onSpinWait();
        }
    }

    private void allowConflict(String name, String session) throws IOException {
        assertThat(ask(name, "{\"op\":\"allow-conflict\",\"session\":\"%s\"}".formatted(session)))
                .isEqualTo("{\"ok\":true,\"session\":\"%s\"}".formatted(session));
    }

    /// What an operator allows reaches the signing engine a moment after the answer.
    private String payOnceNot(String code, String request) throws IOException {
        String answer;
        do {
            answer = ask("alice", request);
        } while (answer.contains("\"code\":\"" + code + "\""));
        return answer;
    }

    /// Only its requester shows the key.
    private static String paymentFields(String session, boolean own) {
        return """
        "seenBy":0,"session":"%s",%s"amountSat":4000000000,\
        "outputs":[{"to":"%s","amountSat":4000000000}],"feeSat":462,"feeRate":3.0\
        """
                .formatted(session, own ? "\"key\":\"rent\"," : "", NOBODY);
    }

    /// What the system gives depends on the machine.
    private static String secrets() {
        NodeStatus.Secrets secrets =
                SecretsReport.of(
                        SecretKey.memoryProtection().and(SecretNonce.memoryProtection()),
                        ProcessProtection.NOT_ASKED_FOR,
                        JvmAttach.open());
        assertThat(secrets.notDumpable()).isFalse();
        assertThat(secrets.coreFilesOff()).isFalse();
        return "\"secrets\":" + JsonLine.write(JsonRecords.fields(secrets)) + ",\"refused\":[]";
    }

    private static String pay(String amount, String more) {
        return "{\"op\":\"pay\",\"to\":\"%s\",\"amountSat\":%s%s}".formatted(NOBODY, amount, more);
    }

    private void refused(String request, String code, String message) throws IOException {
        assertThat(ask("alice", request))
                .isEqualTo(
                        "{\"ok\":false,\"code\":\"%s\",\"message\":\"%s\"}"
                                .formatted(code, message));
    }

    private static String addressFields(NodeEvent.Agreed group) {
        return """
        "address":"%s","network":"regtest","internalKey":"%s","outputKey":"%s\"\
        """
                .formatted(group.address(), group.internalKey(), group.outputKey());
    }

    /// Signers are numbered in the order of their signing keys.
    private String memberLines(String self, boolean connected) {
        List<Member> sorted =
                members.stream().sorted(Comparator.comparing(Member::signingKey)).toList();
        List<String> lines = new ArrayList<>();
        for (Member member : sorted) {
            lines.add(
                    """
                    {"signer":%d,"peerId":"%s","signingKey":"%s","self":%b,"connected":%b,"state":"%s"}\
                    """
                            .formatted(
                                    lines.size(),
                                    member.peerId(),
                                    member.signingKey(),
                                    member.peerId().equals(self),
                                    connected && !member.peerId().equals(self),
                                    connected || member.peerId().equals(self)
                                            ? "agreed"
                                            : "waiting"));
        }
        return String.join(",", lines);
    }

    @Test
    void aJournalThatIsMissingBesideKeysIsSaidAtTheStart() throws Exception {
        makeKeys();
        Path data = folder.resolve("alice");
        Node.makeJournal(data, new SecureRandom());
        byte[] made = Files.readAllBytes(data.resolve("journal"));
        Node.makeJournal(data, new SecureRandom());
        assertThat(Files.readAllBytes(data.resolve("journal"))).isEqualTo(made);
        RecordedEvents first = new RecordedEvents();
        try (Node _ = start("alice", "127.0.0.1:1", first)) {
            assertThat(first.take())
                    .hasAtLeastOneElementOfType(NodeEvent.Listening.class)
                    .noneMatch(NodeEvent.JournalMissing.class::isInstance);
        }
        Files.delete(data.resolve("journal"));
        RecordedEvents second = new RecordedEvents();
        try (Node _ = start("alice", "127.0.0.1:1", second)) {
            assertThat(second.await(NodeEvent.JournalMissing.class).path())
                    .isEqualTo(data.resolve("journal").toString());
        }
    }

    @Test
    void aMemberOfAnotherGroupIsNamedOnBothSides() throws Exception {
        makeKeys();
        RecordedEvents alice = new RecordedEvents();
        RecordedEvents bob = new RecordedEvents();
        try (Node _ = start("alice", "127.0.0.1:1", alice);
                Node _ = start("bob", "127.0.0.1:1", bob, "epoch = 2\n")) {
            NodeEvent.GroupDiffers seen = alice.await(NodeEvent.GroupDiffers.class);
            NodeEvent.GroupDiffers back = bob.await(NodeEvent.GroupDiffers.class);
            assertThat(seen.ours()).isEqualTo(back.theirs());
            assertThat(seen.theirs()).isEqualTo(back.ours());
            assertThat(ask("alice", "{\"op\":\"status\"}"))
                    .contains("\"state\":\"other-group\",\"theirs\":\"" + seen.theirs() + "\"")
                    .doesNotContain("\"address\"");
        }
    }

    /// Both listen where nobody was told. Alice has no address of bob at all, and bob an old one.
    @Test
    void membersAreFoundByTheirPeerIdsInADht() throws Exception {
        makeKeys();
        RecordedEvents alice = new RecordedEvents();
        RecordedEvents bob = new RecordedEvents();
        Kademlia dht = Kademlia.builder().mode(Kademlia.Mode.SERVER).build();
        try (Host server =
                Host.builder()
                        .identity(Keys.generate(KeyType.ED25519, new SecureRandom()))
                        .listen(Multiaddr.parse("/ip4/127.0.0.1/tcp/0"))
                        .behaviour(dht)
                        .build()) {
            server.start();
            String more =
                    """
                    listen = "/ip4/127.0.0.1/tcp/0"
                    dht.bootstrap = ["%s"]
                    """
                            .formatted(server.addresses().getFirst());
            try (Node _ = start("alice", "127.0.0.1:1", alice, more, false);
                    Node _ = start("bob", "127.0.0.1:1", bob, more, true)) {
                alice.await(NodeEvent.Agreed.class);
                bob.await(NodeEvent.Agreed.class);
            }
            assertThat(dht.knownPeers()).as("who holds signing keys is a client").isEmpty();
        }
    }

    /// A virtual machine that was restored beside the running one.
    @Test
    void aCopyOfANodeIsToldToAllAndNothingIsSignedWhileItIsThere() throws Exception {
        makeKeys();
        RecordedEvents alice = new RecordedEvents();
        RecordedEvents bob = new RecordedEvents();
        RecordedEvents copy = new RecordedEvents();
        try (Node _ = start("alice", "127.0.0.1:1", alice);
                Node _ = start("bob", "127.0.0.1:1", bob)) {
            alice.await(NodeEvent.Agreed.class);
            bob.await(NodeEvent.Agreed.class);
            copyFolder("alice", "copy");
            try (Node _ =
                    start("copy", "127.0.0.1:1", copy, "listen = \"/ip4/127.0.0.1/tcp/0\"\n")) {
                assertThat(alice.await(NodeEvent.CopyFound.class).self()).isTrue();
                assertThat(copy.await(NodeEvent.CopyFound.class).self()).isTrue();
                assertThat(bob.await(NodeEvent.CopyFound.class).self()).isFalse();
                assertThat(ask("bob", "{\"op\":\"status\"}")).contains("\"state\":\"copied\"");
            }
            assertThat(alice.await(NodeEvent.CopyGone.class).self()).isTrue();
            assertThat(bob.await(NodeEvent.CopyGone.class).self()).isFalse();
            assertThat(ask("bob", "{\"op\":\"status\"}")).doesNotContain("\"state\":\"copied\"");
        }
    }

    /// The disk was replaced: keys are there, the journal is not.
    @Test
    void aNodeWhoseJournalWasLostIsToldWhatItSignedAndHoldsIt() throws Exception {
        makeKeys();
        try (RegtestNode bitcoin = RegtestNode.start(0, new RegtestEvents() {})) {
            String peer = bitcoin.host() + ":" + bitcoin.port();
            RecordedEvents bob = new RecordedEvents();
            try (Node _ = start("bob", peer, bob)) {
                RecordedEvents alice = new RecordedEvents();
                NodeEvent.Signed paid;
                try (Node _ = start("alice", peer, alice)) {
                    NodeEvent.Agreed group = alice.await(NodeEvent.Agreed.class);
                    bob.await(NodeEvent.Agreed.class);
                    bitcoin.mine(1, Script.fromHex(group.scriptPubKey()));
                    bitcoin.mine(100, NOBODYS_SCRIPT);
                    alice.awaitTip(101);
                    bob.awaitTip(101);
                    assertThat(ask("alice", pay("4000000000", ""))).contains("\"ok\":true");
                    paid = alice.await(NodeEvent.Signed.class);
                    bob.await(NodeEvent.Signed.class);
                }
                Files.delete(folder.resolve("alice/journal"));
                NodeRecovery begun =
                        NodeRecovery.begin(
                                ConfigReader.read(folder.resolve("alice.toml")),
                                folder.resolve("alice"),
                                false,
                                false);
                assertThat(begun.putAside()).isEmpty();
                RecordedEvents again = new RecordedEvents();
                try (Node _ = start("alice", peer, again)) {
                    NodeEvent.RecoveryAsked asked = bob.await(NodeEvent.RecoveryAsked.class);
                    assertThat(asked.peerId()).isEqualTo(begun.peerId());
                    assertThat(asked.journal()).isEqualTo(begun.journal());
                    again.awaitTip(101);
                    assertThat(ask("alice", "{\"op\":\"status\"}"))
                            .contains("\"recovery\":{\"journal\":\"" + begun.journal() + "\"");
                    assertThat(ask("bob", "{\"op\":\"status\"}"))
                            .contains("\"state\":\"recovering\",\"theirs\":\"" + begun.journal());
                    refused(pay("1000", ""), "RECOVERING");
                    assertThat(accept(begun.peerId(), "00".repeat(16)))
                            .contains("\"code\":\"NOT_ASKED_FOR\"");
                    assertThat(accept(begun.peerId(), begun.journal())).contains("\"ok\":true");
                    again.await(NodeEvent.Recovered.class);
                    // Sent, or seen: the peer has it from before.
                    awaitStatus("alice", "{\"txid\":\"" + paid.txid() + "\",\"state\":\"se");
                    refused(pay("1000", ""), "INSUFFICIENT_FUNDS");
                    refused(pay("4000000000", ""), "EQUAL_PAYMENT");
                    bitcoin.mine(1, NOBODYS_SCRIPT);
                    assertThat(again.await(NodeEvent.Confirmed.class).txid())
                            .isEqualTo(paid.txid());
                }
            }
        }
    }

    /// Events of different parts of a node come in any order.
    private void awaitStatus(String name, String part) throws IOException {
        String status;
        do {
            status = ask(name, "{\"op\":\"status\"}");
        } while (!status.contains(part));
    }

    private String accept(String peerId, String journal) throws IOException {
        return ask(
                "bob",
                "{\"op\":\"accept-recovery\",\"peerId\":\"%s\",\"journal\":\"%s\"}"
                        .formatted(peerId, journal));
    }

    private void refused(String request, String code) throws IOException {
        assertThat(ask("alice", request)).contains("\"code\":\"" + code + "\"");
    }

    private void copyFolder(String from, String to) throws IOException {
        try (Stream<Path> files = Files.walk(folder.resolve(from))) {
            for (Path file : files.toList()) {
                Path copy = folder.resolve(to).resolve(folder.resolve(from).relativize(file));
                if (Files.isDirectory(file) || Files.isRegularFile(file)) {
                    Files.copy(file, copy, StandardCopyOption.COPY_ATTRIBUTES);
                }
            }
        }
    }

    private Node start(String name, String bitcoinPeer, EventSink events) throws Exception {
        return start(name, bitcoinPeer, events, "");
    }

    private Node start(String name, String bitcoinPeer, EventSink events, String more)
            throws Exception {
        return start(name, bitcoinPeer, events, more, true);
    }

    private Node start(
            String name, String bitcoinPeer, EventSink events, String more, boolean addresses)
            throws Exception {
        StringBuilder toml =
                new StringBuilder(
                        more
                                + """
                                network = "regtest"
                                [bitcoin]
                                peers = ["%s"]
                                [policy]
                                max_amount_sat = 10000000000
                                max_amount_per_day_sat = 1000000000000
                                max_fee_sat = 100000
                                destinations = ["%s"]
                                """
                                        .formatted(bitcoinPeer, NOBODY));
        for (Member member : members) {
            toml.append(
                    """
                    [[members]]
                    peer_id = "%s"
                    signing_key = "%s"
                    """
                            .formatted(member.peerId(), member.signingKey()));
            if (addresses) {
                toml.append("address = \"/ip4/127.0.0.1/tcp/%d\"\n".formatted(member.port()));
            }
        }
        Path config = Files.writeString(folder.resolve(name + ".toml"), toml);
        return Node.start(
                ConfigReader.read(config),
                folder.resolve(name),
                ProcessProtection.NOT_ASKED_FOR,
                events);
    }

    private void makeKeys() throws Exception {
        try (ServerSocket first = loopback();
                ServerSocket second = loopback()) {
            makeKeys("alice", first.getLocalPort());
            makeKeys("bob", second.getLocalPort());
        }
    }

    private static ServerSocket loopback() throws IOException {
        return new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
    }

    private void makeKeys(String name, int port) throws Exception {
        try (NodeKeys keys =
                new KeyStore(folder.resolve(name)).create(Network.REGTEST, new SecureRandom())) {
            members.add(
                    new Member(
                            name,
                            keys.identity().publicKey().peerId().toString(),
                            keys.signing().publicKey().bytes().toHex(),
                            port));
        }
    }

    /// One line to the node's control socket, and the line that it answers.
    private String ask(String name, String request) throws IOException {
        try (SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX)) {
            channel.connect(UnixDomainSocketAddress.of(folder.resolve(name + "/control.sock")));
            ByteBuffer bytes = ByteBuffer.wrap((request + "\n").getBytes(StandardCharsets.UTF_8));
            while (bytes.hasRemaining()) {
                channel.write(bytes);
            }
            String answer =
                    new BufferedReader(Channels.newReader(channel, StandardCharsets.UTF_8))
                            .readLine();
            // How far the chain is followed, and when what happened, changes from run to run.
            return answer.replaceFirst(",\"chain\":\\{.*}}$", "}")
                    .replaceFirst(",\"policy\":\\{[^}]*}", "")
                    .replaceAll(",\"(since|created)\":\"[^\"]*\"", "");
        }
    }
}
