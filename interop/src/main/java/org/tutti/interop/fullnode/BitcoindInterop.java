package org.tutti.interop.fullnode;

import org.tutti.bitcoin.address.Address;
import org.tutti.bitcoin.network.Network;
import org.tutti.bitcoin.script.Script;
import org.tutti.bitcoin.tx.Transaction;
import org.tutti.lightclient.sync.LightClient;
import org.tutti.musig.keys.SecretKey;

import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/// The light client with a real Bitcoin Core: what it does with any full node, and what only this
/// one can be told to do.
public final class BitcoindInterop {
    /// Anybody's blocks are good.
    private static final String CHALLENGE = "51";

    /// How long a node may take to read its blocks anew.
    private static final Duration REINDEXED = Duration.ofMinutes(5);

    private final FullNodeChecks checks;
    private final Bitcoind node;
    private final Path program;

    private BitcoindInterop(FullNodeChecks checks, Bitcoind node, Path program) {
        this.checks = checks;
        this.node = node;
        this.program = program;
    }

    /// @param args the path of `bitcoind`; `bitcoin-cli` lies beside it
    public static void main(String[] args) throws Exception {
        if (args.length != 1) {
            System.err.println("usage: BitcoindInterop BITCOIND");
            System.exit(2);
        }
        Path program = Path.of(args[0]);
        try (Bitcoind first = Bitcoind.regtest(program);
                Bitcoind second = Bitcoind.regtest(program);
                SecretKey key = SecretKey.generate(new SecureRandom())) {
            FullNodeChecks checks = new FullNodeChecks(first, second, System.out, key);
            checks.run();
            second.stop();
            new BitcoindInterop(checks, first, program).run();
        }
        try (Bitcoind bitcoin = Bitcoind.regtest(program);
                PaymentChecks payments = new PaymentChecks(bitcoin)) {
            payments.run(System.out);
        }
        System.out.println("ok: Bitcoin Core agrees");
        System.exit(0);
    }

    private void run() throws Exception {
        restartInTheMiddle();
        reindex();
        otherPorts();
        blocksOnly();
        minimumFee();
        pruned();
        signet();
    }

    private LightClient client(FullNode peer, int birthday, Events events) {
        return LightClient.builder()
                .network(Network.REGTEST)
                .peer("127.0.0.1", peer.p2pPort())
                .birthday(birthday)
                .listener(events)
                .start();
    }

    private void restart(String... options) throws Exception {
        node.stop();
        node.start(checks.address(), options);
    }

    /// The node goes while its blocks are being fetched, and comes again.
    private void restartInTheMiddle() throws Exception {
        checks.begin("restart in the middle of a sync");
        Events events = new Events();
        try (LightClient _ = client(node, 1, events)) {
            checks.say(events.await("connected block 100 "));
            restart();
            checks.say(events.await("lost"));
            checks.say(events.await("peer"));
            int tip = node.height();
            checks.say(events.await("tip " + tip + " " + node.hashAt(tip)));
        }
    }

    /// While it reads its blocks anew it has no headers for us, and then all.
    private void reindex() throws Exception {
        checks.begin("-reindex");
        Events events = new Events();
        int tip = node.height();
        try (LightClient _ = client(node, tip - 1, events)) {
            checks.say(events.await("tip " + tip));
            restart("-reindex");
            checks.say(events.await("lost"));
            checks.say(events.await("peer"));
            FullNode.await(
                    () -> node.height() == tip, REINDEXED, "it has read all of its blocks anew");
            node.generate(1);
            checks.say(events.await("tip " + (tip + 1)));
        }
    }

    /// Ports behind which there are no peers of this network are called what they are.
    private void otherPorts() throws Exception {
        checks.begin("other ports and networks");
        Events rpc = new Events();
        try (LightClient _ =
                LightClient.builder()
                        .network(Network.REGTEST)
                        .peer("127.0.0.1", node.rpcPort())
                        .listener(rpc)
                        .start()) {
            // Core's own server, since 31, says nothing before it has a whole line.
            String lost = rpc.await("lost");
            checks.say(lost);
            checks.require(
                    lost.contains("NOT_BITCOIN") || lost.contains("HANDSHAKE_TIMEOUT"),
                    "its RPC port is no peer");
        }
        Events other = new Events();
        try (LightClient _ =
                LightClient.builder()
                        .network(Network.TESTNET4)
                        .peer("127.0.0.1", node.p2pPort())
                        .listener(other)
                        .start()) {
            String lost = other.await("lost");
            checks.say(lost);
            checks.require(lost.contains("NO_ANSWER"), "a node of another network says nothing");
        }
    }

    /// Such a node disconnects whoever sends it a transaction, or its name.
    private void blocksOnly() throws Exception {
        checks.begin("-blocksonly");
        restart("-blocksonly");
        Events events = new Events();
        int tip = node.height();
        Transaction payment = checks.spendReward(7);
        try (LightClient client = client(node, tip, events)) {
            checks.say(events.await("tip " + tip));
            client.broadcast(payment);
            Instant end = Instant.now().plus(FullNodeChecks.SILENCE);
            while (Instant.now().isBefore(end)) {
                node.generate(1);
                tip++;
                checks.require(
                        !events.hasBefore("lost", "tip " + tip), "block " + tip + " is followed");
                Thread.sleep(3_000);
            }
        }
        broadcastEndsWith("NO_TAKER", payment);
    }

    private void minimumFee() throws Exception {
        checks.begin("-minrelaytxfee");
        restart("-minrelaytxfee=0.001");
        Transaction payment = checks.spendReward(7);
        broadcastEndsWith("FEE_TOO_LOW", payment, "--fee-sat", Long.toString(FullNodeChecks.FEE));
        // Who does not say what it pays is asked for it, and learns that it was dropped.
        broadcastEndsWith("DROPPED", payment, "--timeout", "30");
        restart();
    }

    private void broadcastEndsWith(String code, Transaction payment, String... options)
            throws Exception {
        Path data = Files.createTempDirectory("tutti-full-node-broadcast-");
        try {
            List<String> all = new ArrayList<>(List.of(options));
            all.addAll(List.of("--tx", payment.serialize().toHex()));
            Process process =
                    FullNodeChecks.startChain("broadcast", data, node, all.toArray(String[]::new));
            List<String> lines = process.inputReader().lines().toList();
            checks.require(
                    process.waitFor() == 1 && lines.getLast().contains("\"" + code + "\""),
                    "chain broadcast ends with " + code + ": " + lines.getLast());
        } finally {
            FullNode.delete(data);
        }
    }

    private void pruned() throws Exception {
        checks.begin("-prune");
        try (Bitcoind pruned = Bitcoind.regtest(program)) {
            pruned.start(checks.address(), "-prune=1", "-fastprune");
            pruned.generate(1_500);
            pruned.ctl("pruneblockchain", "1000");
            Events events = new Events();
            try (LightClient _ = client(pruned, 1, events)) {
                checks.say(events.await("lost PRUNED"));
            }
        }
    }

    /// A signet of our own, whose blocks anybody may make: its work is real.
    private void signet() throws Exception {
        checks.begin("custom signet");
        Network network = Network.signet(Script.fromHex(CHALLENGE));
        String address = Address.of(Script.fromHex("5120" + "11".repeat(32)), network).text();
        Path data = Files.createTempDirectory("tutti-full-node-signet-");
        try (Bitcoind signet = Bitcoind.signet(program, CHALLENGE)) {
            signet.start(address);
            signet.generate(8);
            Process sync =
                    FullNodeChecks.startChain(
                            "sync",
                            data,
                            signet,
                            "--network",
                            "signet",
                            "--signet-challenge",
                            CHALLENGE);
            String result = sync.inputReader().lines().toList().getLast();
            checks.require(
                    sync.waitFor() == 0
                            && result.contains("\"height\":8,")
                            && result.contains(signet.bestHash()),
                    "chain sync ends at its block 8, whose solutions hold");
        } finally {
            FullNode.delete(data);
        }
    }
}
