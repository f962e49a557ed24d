package org.tutti.app.chain;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.tutti.app.cli.Main;
import org.tutti.app.exit.ExitCodes;
import org.tutti.bitcoin.hash.Txid;
import org.tutti.bitcoin.script.Script;
import org.tutti.bitcoin.tx.LockTime;
import org.tutti.bitcoin.tx.OutPoint;
import org.tutti.bitcoin.tx.Sequence;
import org.tutti.bitcoin.tx.Transaction;
import org.tutti.bitcoin.tx.TxIn;
import org.tutti.bitcoin.tx.TxOut;
import org.tutti.bitcoin.units.Sat;
import org.tutti.regtest.RegtestEvents;
import org.tutti.regtest.RegtestNode;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;

class ChainBroadcastCommandTest {
    /// Anybody may spend what is paid to it.
    private static final Script REWARD = Script.fromHex("51");

    private static final long FEE = 1_000;

    /// Nodes of one clock mine the same blocks.
    private final Clock clock = Clock.fixed(Instant.now(), ZoneOffset.UTC);

    @TempDir private Path data;

    private int exit;
    private String errors = "";

    private List<String> broadcast(Transaction transaction, String... more) {
        return broadcast(transaction.serialize().toHex(), more);
    }

    private List<String> broadcast(String hex, String... more) {
        List<String> command =
                new ArrayList<>(
                        List.of("chain", "broadcast", "--network", "regtest", "--json", "--tx"));
        command.add(hex);
        command.addAll(Arrays.asList(more));
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        exit = Main.run(new PrintWriter(out), new PrintWriter(err), command.toArray(String[]::new));
        errors = err.toString();
        return out.toString().strip().lines().toList();
    }

    private RegtestNode node(RegtestEvents events) throws IOException {
        RegtestNode node =
                RegtestNode.start(
                        new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
                        clock,
                        new SplittableRandom(7),
                        events);
        node.mine(101, REWARD);
        return node;
    }

    private RegtestNode node() throws IOException {
        return node(new RegtestEvents() {});
    }

    private static String at(RegtestNode node) {
        return "127.0.0.1:" + node.port();
    }

    private static Transaction payment(RegtestNode node, long fee) {
        return payment(node, fee, LockTime.NONE);
    }

    private static Transaction payment(RegtestNode node, long fee, LockTime lockTime) {
        Transaction reward = node.block(1).transactions().getFirst();
        TxIn input = TxIn.unsigned(new OutPoint(reward.txid(), 0), Sequence.REPLACEABLE);
        TxOut output =
                new TxOut(
                        Sat.of(reward.outputs().getFirst().value().value() - fee),
                        Script.fromHex("5120" + "11".repeat(32)));
        return new Transaction(2, List.of(input), List.of(output), lockTime);
    }

    private static boolean has(List<String> lines, String event, Txid txid) {
        return lines.stream()
                .anyMatch(line ->
                        line.contains("\"event\":\"" + event + "\"")
                                && line.contains(txid.toString()));
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    @Test
    void whatOnePeerAskedForAndAnotherHasIsASuccess() throws IOException {
        List<RegtestNode> nodes = new ArrayList<>();
        List<Transaction> payments = new ArrayList<>();
        RegtestEvents relay =
                new RegtestEvents() {
                    @Override
                    public void accepted(Txid txid) {
                        nodes.forEach(node -> {
                            if (!node.mempool().contains(txid)) {
                                node.submit(payments.getFirst());
                            }
                        });
                    }
                };
        try (RegtestNode alice = node(relay);
                RegtestNode bob = node(relay)) {
            assertThat(alice.tip()).isEqualTo(bob.tip());
            nodes.addAll(List.of(alice, bob));
            Transaction payment = payment(alice, FEE);
            payments.add(payment);
            List<String> lines =
                    broadcast(payment, "--peer", at(alice), "--peer", at(bob), "--timeout", "40");
            assertThat(lines.getLast())
                    .contains("\"ok\":true", "\"state\":\"seen\"", payment.txid().toString())
                    .contains("\"announced\":1", "\"requested\":1", "\"seen\":1");
            assertThat(exit).as(errors).isEqualTo(ExitCodes.OK);
            assertThat(has(lines, "held-back", payment.txid())).isTrue();
            assertThat(has(lines, "requested", payment.txid())).isTrue();
        }
    }

    @Test
    void whatTwoPeersTakeAndDoNotPassOnIsNot() throws IOException {
        try (RegtestNode alice = node();
                RegtestNode bob = node()) {
            List<String> lines =
                    broadcast(
                            payment(alice, FEE),
                            "--peer",
                            at(alice) + "," + at(bob),
                            "--timeout",
                            "5");
            assertThat(exit).isEqualTo(ExitCodes.FAILED);
            assertThat(lines.getLast())
                    .contains("\"ok\":false", "\"code\":\"NOT_RELAYED\"", "\"seen\":0");
        }
    }

    @Test
    void onePeerThatKeepsItIsASuccessAndLaterTheBlockIs() throws IOException {
        try (RegtestNode alice = node()) {
            Transaction payment = payment(alice, FEE);
            String[] options = {"--peer", at(alice), "--data-dir", data.toString()};
            List<String> lines = broadcast(payment, options);
            assertThat(exit).as(errors).isEqualTo(ExitCodes.OK);
            assertThat(lines.getLast())
                    .contains("\"ok\":true", "\"state\":\"accepted\"", "\"height\":101");

            alice.mine(1, REWARD);
            lines = broadcast(payment, options);
            assertThat(exit).isEqualTo(ExitCodes.OK);
            assertThat(lines.getLast())
                    .contains("\"state\":\"confirmed\"", "\"confirmedHeight\":102");
        }
    }

    @Test
    void whatWaitedWhenARunEndedIsAnnouncedByTheNext() throws IOException {
        try (RegtestNode alice = node()) {
            Transaction first = payment(alice, FEE);
            broadcast(
                    first,
                    "--peer",
                    "127.0.0.1:" + freePort(),
                    "--data-dir",
                    data.toString(),
                    "--timeout",
                    "1");
            assertThat(exit).isEqualTo(ExitCodes.FAILED);
            Transaction reward = alice.block(2).transactions().getFirst();
            TxIn input = TxIn.unsigned(new OutPoint(reward.txid(), 0), Sequence.FINAL);
            Transaction second = new Transaction(2, List.of(input), first.outputs(), LockTime.NONE);
            alice.mine(1, REWARD);
            List<String> lines =
                    broadcast(second, "--peer", at(alice), "--data-dir", data.toString());
            assertThat(exit).as(errors).isEqualTo(ExitCodes.OK);
            assertThat(has(lines, "announced", first.txid())).isTrue();
            assertThat(alice.mempool()).contains(first.txid(), second.txid());
        }
    }

    @Test
    void whatAPeerRefusesIsNoSuccess() throws IOException {
        try (RegtestNode alice = node()) {
            List<String> lines =
                    broadcast(payment(alice, 10), "--peer", at(alice), "--timeout", "4");
            assertThat(exit).isEqualTo(ExitCodes.FAILED);
            assertThat(lines.getLast()).contains("\"code\":\"REFUSED\"", "min relay fee not met");
        }
    }

    @Test
    void aCoinThatABlockSpendsOtherwiseIsAConflict() throws IOException {
        try (RegtestNode alice = node()) {
            alice.submit(payment(alice, 2_000));
            alice.mine(1, REWARD);
            List<String> lines =
                    broadcast(
                            payment(alice, FEE),
                            "--peer",
                            at(alice),
                            "--data-dir",
                            data.toString());
            assertThat(exit).isEqualTo(ExitCodes.FAILED);
            assertThat(lines.getLast())
                    .contains("\"code\":\"CONFLICTED\"", "\"state\":\"conflicted\"")
                    .contains(payment(alice, 2_000).txid().toString());
        }
    }

    @Test
    void whatNoBlockMayHaveIsRefusedBeforeAnybodyIsDialled() throws IOException {
        try (RegtestNode alice = node()) {
            Transaction good = payment(alice, FEE);
            TxIn input = good.inputs().getFirst();
            Transaction twice =
                    new Transaction(2, List.of(input, input), good.outputs(), LockTime.NONE);
            List<String> lines = broadcast(twice, "--peer", at(alice));
            assertThat(exit).isEqualTo(ExitCodes.FAILED);
            assertThat(lines).hasSize(1);
            assertThat(lines.getLast())
                    .contains("\"ok\":false", "\"code\":\"INVALID\"", "DUPLICATE_INPUT");
            broadcast("00ff", "--peer", at(alice));
            assertThat(exit).isEqualTo(ExitCodes.USAGE);
            broadcast(good, "--peer", "nowhere");
            assertThat(exit).isEqualTo(ExitCodes.USAGE);
        }
    }

    @Test
    void whatOurTipDoesNotAllowIsRefusedAndWhatItAllowsIsNot() throws IOException {
        try (RegtestNode alice = node()) {
            Transaction early = payment(alice, FEE, LockTime.of(102));
            List<String> lines = broadcast(early, "--peer", at(alice));
            assertThat(exit).isEqualTo(ExitCodes.FAILED);
            assertThat(lines.getLast()).contains("\"code\":\"NOT_FINAL\"");
            assertThat(has(lines, "announced", early.txid())).isFalse();
            // Final at height 102, which a client that begins at genesis has to learn first.
            broadcast(payment(alice, FEE, LockTime.of(101)), "--peer", at(alice));
            assertThat(exit).as(errors).isEqualTo(ExitCodes.OK);
        }
    }

    @Test
    void withoutAPeerThatIsSaid() throws IOException {
        try (RegtestNode alice = node()) {
            List<String> lines =
                    broadcast(
                            payment(alice, FEE),
                            "--peer",
                            "127.0.0.1:" + freePort(),
                            "--timeout",
                            "1");
            assertThat(exit).isEqualTo(ExitCodes.FAILED);
            assertThat(lines.getLast())
                    .contains("\"code\":\"NO_PEER\"", "\"state\":\"not-announced\"");
        }
    }
}
