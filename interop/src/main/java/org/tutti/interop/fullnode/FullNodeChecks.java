package org.tutti.interop.fullnode;

import org.tutti.base.Bytes;
import org.tutti.bitcoin.address.Address;
import org.tutti.bitcoin.address.AddressException;
import org.tutti.bitcoin.block.Block;
import org.tutti.bitcoin.block.MerkleProof;
import org.tutti.bitcoin.codec.DecodeException;
import org.tutti.bitcoin.network.Network;
import org.tutti.bitcoin.script.Script;
import org.tutti.bitcoin.tx.LockTime;
import org.tutti.bitcoin.tx.OutPoint;
import org.tutti.bitcoin.tx.Sequence;
import org.tutti.bitcoin.tx.SighashType;
import org.tutti.bitcoin.tx.TaprootSighash;
import org.tutti.bitcoin.tx.Transaction;
import org.tutti.bitcoin.tx.TxIn;
import org.tutti.bitcoin.tx.TxOut;
import org.tutti.bitcoin.units.Sat;
import org.tutti.lightclient.connection.Handshake;
import org.tutti.lightclient.connection.WireConnection;
import org.tutti.lightclient.sync.ConfirmedTransaction;
import org.tutti.lightclient.sync.LightClient;
import org.tutti.lightclient.wire.InventoryItem;
import org.tutti.lightclient.wire.P2pMessage;
import org.tutti.lightclient.wire.P2pMessage.FeeFilter;
import org.tutti.lightclient.wire.P2pMessage.Inv;
import org.tutti.lightclient.wire.Services;
import org.tutti.musig.keys.SecretKey;
import org.tutti.musig.schnorr.Schnorr;

import java.io.IOException;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/// The light client does with a real full node what it does with our fixture. Two nodes of one
/// kind, a first that everything is done with and a second that knows the first.
final class FullNodeChecks {
    static final long FEE = 1_000;

    /// How long nothing is to be heard before it counts as silence.
    static final Duration SILENCE = Duration.ofSeconds(15);

    private static final int DEEP = 4_500;
    private static final int REORGANISED = 30;

    /// So few blocks on it that the client still follows it: see `TransactionBroadcaster.BURIED`.
    private static final int YOUNG = 5;

    private final FullNode first;
    private final FullNode second;
    private final PrintStream out;
    private final SecretKey key;
    private final Events events = new Events();

    FullNodeChecks(FullNode first, FullNode second, PrintStream out, SecretKey key) {
        this.first = first;
        this.second = second;
        this.out = out;
        this.key = key;
    }

    /// The first one is left running, on a chain that all of this made.
    void run() throws Exception {
        first.start(address());
        try (LightClient client =
                LightClient.builder()
                        .network(Network.REGTEST)
                        .peer("127.0.0.1", first.p2pPort())
                        .listener(events)
                        .start()) {
            say(events.await("peer"));
            first.generate(101);
            say(events.await("tip 101"));
            restart();
            broadcast(client);
            refuse(client);
            reorganise(client);
        }
        syncFromNothing();
        relay();
        feeFilter();
        chainSync();
    }

    void say(String line) {
        out.println("  " + line);
    }

    void begin(String what) {
        out.println(what);
    }

    String address() throws AddressException {
        return Address.of(script(), Network.REGTEST).text();
    }

    private Script script() {
        return Script.p2tr(key.publicKey().xOnly().bytes());
    }

    private void restart() throws Exception {
        begin("restart");
        first.stop();
        say(events.await("lost"));
        first.start(address());
        say(events.await("peer"));
        if (first.keepsChain()) {
            first.generate(1);
        } else {
            // The new one leaves ours at genesis.
            first.generate(102);
            say(events.await("disconnected block 1 "));
        }
        say(events.await("tip 102"));
    }

    private void broadcast(LightClient client) throws Exception {
        begin("broadcast and mine");
        Transaction payment = spendReward(1);
        client.broadcast(payment);
        say(events.await("requested " + payment.txid()));
        say(events.await("accepted " + payment.txid()));
        require(first.hasInMemoryPool(payment.txid()), "the payment is in its memory pool");
        first.generate(1);
        say(events.await("mined " + payment.txid()));
        say(events.await("tip 103"));
        ConfirmedTransaction confirmed = client.confirmation(payment.txid()).orElseThrow();
        require(
                confirmed.proof().check(payment, confirmed.header().merkleRoot())
                                == MerkleProof.Verdict.PROVEN
                        && confirmed.blockHash().toString().equals(first.hashAt(103)),
                "the Merkle branch leads to its block 103");
    }

    private void refuse(LightClient client) throws Exception {
        begin("refuse one changed bit");
        Transaction good = spendReward(2);
        byte[] signature = good.inputs().getFirst().witness().getFirst().toArray();
        signature[10] ^= 1;
        Transaction bad = good.withWitness(0, List.of(Bytes.of(signature)));
        client.broadcast(bad);
        awaitNotTaken(events, bad);
        require(!first.hasInMemoryPool(bad.txid()), "it was not taken");
    }

    /// btcd says why; of Bitcoin Core it is seen that it does not have what it got.
    private void awaitNotTaken(Events heard, Transaction transaction) throws InterruptedException {
        say(heard.await((first.saysWhy() ? "refused " : "dropped ") + transaction.txid()));
    }

    /// A payment that 30 blocks of another node undo, and that is announced and mined again.
    private void reorganise(LightClient client) throws Exception {
        begin("reorganise");
        second.start(address());
        second.connectTo(first);
        second.awaitTipOf(first);
        second.disconnectFrom(first);
        int shared = first.height();
        first.generate(REORGANISED - YOUNG);
        Transaction payment = spendReward(3);
        client.broadcast(payment);
        say(events.await("accepted " + payment.txid()));
        first.generate(YOUNG);
        say(events.await("mined " + payment.txid()));
        say(events.await("tip " + (shared + REORGANISED)));
        second.generate(REORGANISED + 1);
        second.connectTo(first);
        first.awaitTipOf(second);
        say(events.await("disconnected block " + (shared + REORGANISED)));
        say(events.await("reopened " + payment.txid()));
        say(events.await("disconnected block " + (shared + 1) + " "));
        int tip = shared + REORGANISED + 1;
        say(events.await("tip " + tip + " " + first.hashAt(tip)));
        FullNode.await(
                () -> first.hasInMemoryPool(payment.txid()),
                "what was undone is in its memory pool again");
        first.generate(1);
        say(events.await("mined " + payment.txid() + " " + (tip + 1)));
        say(events.await("tip " + (tip + 1)));
        second.awaitTipOf(first);
        second.stop();
    }

    /// A client that comes later, and starts at a birthday.
    private void syncFromNothing() throws Exception {
        begin("sync from a birthday");
        Events late = new Events();
        try (LightClient _ =
                LightClient.builder()
                        .network(Network.REGTEST)
                        .peer("127.0.0.1", first.p2pPort())
                        .birthday(50)
                        .listener(late)
                        .start()) {
            say(late.await("connected block 50 "));
            say(late.await("tip " + first.height()));
        }
    }

    /// The documented command: from nothing, killed in the middle and started again, once more with
    /// what is new, and after forks of 30 blocks and of nearly all.
    private void chainSync() throws Exception {
        begin("chain sync");
        int tip = first.height() + DEEP;
        first.generate(DEEP);
        Path data = Files.createTempDirectory("tutti-full-node-sync-");
        try {
            Process killed = startChain("sync", data, first);
            String line = killed.inputReader().readLine();
            killed.destroyForcibly().waitFor();
            say("killed after " + line);
            say(chainSync(data, tip));
            first.generate(7);
            tip += 7;
            require(
                    chainSync(data, tip).contains("\"fetched\":7,"),
                    "the next run fetches the 7 headers that are new");
            first.leaveFrom(tip - 4);
            first.generate(REORGANISED);
            tip += REORGANISED - 5;
            say(chainSync(data, tip));
            first.leaveFrom(tip - DEEP);
            first.generate(DEEP + 3);
            tip += 2;
            say(chainSync(data, tip));
        } finally {
            FullNode.delete(data);
        }
    }

    /// @return the result
    String chainSync(Path data, int tip) throws Exception {
        Process sync = startChain("sync", data, first);
        List<String> lines = sync.inputReader().lines().toList();
        require(sync.waitFor() == 0, "chain sync ends with 0");
        String result = lines.getLast();
        require(
                result.contains("\"ok\":true")
                        && result.contains("\"height\":" + tip + ",")
                        && result.contains(first.hashAt(tip)),
                "it ends at the node's block " + tip);
        return result;
    }

    /// `./tutti chain COMMAND …` with a node as the one peer.
    static Process startChain(String command, Path data, FullNode peer, String... more)
            throws IOException {
        List<String> all =
                new ArrayList<>(
                        List.of(
                                ProcessHandle.current().info().command().orElse("java"),
                                "--enable-native-access=ALL-UNNAMED",
                                "-cp",
                                System.getProperty("java.class.path"),
                                "org.tutti.app.cli.Main",
                                "chain",
                                command,
                                "--peer",
                                "127.0.0.1:" + peer.p2pPort(),
                                "--data-dir",
                                data.toString(),
                                "--json"));
        List<String> options = List.of(more);
        if (!options.contains("--network")) {
            all.addAll(List.of("--network", "regtest"));
        }
        all.addAll(options);
        return new ProcessBuilder(all).redirectError(ProcessBuilder.Redirect.INHERIT).start();
    }

    /// A second node that knows the first: whichever of them is told, the other one has it from it.
    private void relay() throws Exception {
        begin("relay to a second one");
        second.start(address());
        second.connectTo(first);
        second.awaitTipOf(first);
        int tip = first.height();
        Events told = new Events();
        Transaction payment = spendReward(4);
        try (LightClient client =
                LightClient.builder()
                        .network(Network.REGTEST)
                        .peer("127.0.0.1", first.p2pPort())
                        .peer("127.0.0.1", second.p2pPort())
                        .listener(told)
                        .start()) {
            say(told.await("tip " + tip));
            client.broadcast(payment, Sat.of(FEE));
            say(told.await("requested " + payment.txid()));
            say(told.await("seen " + payment.txid()));
            for (FullNode each : List.of(first, second)) {
                require(
                        each.hasInMemoryPool(payment.txid()),
                        "it is in the memory pool of port " + each.p2pPort());
            }
            // What pays more would replace it (BIP125).
            Transaction rival = spendReward(4, FEE / 2);
            client.broadcast(rival);
            awaitNotTaken(told, rival);
            second.generate(1);
            say(told.await("mined " + payment.txid()));
            say(told.await("conflicted " + rival.txid()));
        }
        first.awaitTipOf(second);
    }

    /// What we say of fees keeps the announcements of others away, and lets them in again.
    private void feeFilter() throws Exception {
        begin("fee filter");
        Clock clock = Clock.systemUTC();
        try (WireConnection connection =
                new WireConnection(
                        new Socket(InetAddress.getLoopbackAddress(), first.p2pPort()),
                        Network.REGTEST.magic(),
                        clock)) {
            shakeHands(connection, clock);
            connection.write(new FeeFilter(Sat.MAX_VALUE));
            Transaction unheard = spendReward(5);
            first.ctl("sendrawtransaction", unheard.serialize().toHex());
            require(
                    !announces(connection, unheard, SILENCE),
                    "with a high filter it announces nothing");
            connection.write(new FeeFilter(0));
            Transaction heard = spendReward(6);
            first.ctl("sendrawtransaction", heard.serialize().toHex());
            require(announces(connection, heard, FullNode.TIMEOUT), "without it it announces it");
        }
    }

    private static void shakeHands(WireConnection connection, Clock clock) throws IOException {
        P2pMessage.Version ours =
                new P2pMessage.Version(
                        P2pMessage.PROTOCOL_VERSION,
                        Services.LIGHT_CLIENT,
                        clock.instant().getEpochSecond(),
                        7,
                        "/tutti-interop/",
                        0,
                        true);
        Handshake handshake = new Handshake(ours, true, Services.NEEDED);
        for (P2pMessage message : handshake.start()) {
            connection.write(message);
        }
        while (true) {
            switch (handshake.on(connection.read(SILENCE))) {
                case Handshake.Step.Continue(List<P2pMessage> send) -> {
                    for (P2pMessage message : send) {
                        connection.write(message);
                    }
                }
                case Handshake.Step.Done _ -> {
                    return;
                }
                case Handshake.Step.Refused(var reason) ->
                        throw new IllegalStateException(reason.toString());
            }
        }
    }

    private static boolean announces(
            WireConnection connection, Transaction transaction, Duration within)
            throws IOException {
        long end = System.nanoTime() + within.toNanos();
        // By wtxid where both sides know it (BIP339).
        Set<InventoryItem> names =
                Set.of(
                        new InventoryItem.Transaction(transaction.txid(), false),
                        new InventoryItem.TransactionByWtxid(transaction.wtxid()));
        try {
            for (long left = within.toNanos(); left > 0; left = end - System.nanoTime()) {
                P2pMessage message = connection.read(Duration.ofNanos(left));
                if (message instanceof Inv(List<InventoryItem> items)
                        && items.stream().anyMatch(names::contains)) {
                    return true;
                }
                if (message instanceof P2pMessage.Ping(long nonce)) {
                    connection.write(new P2pMessage.Pong(nonce));
                }
            }
        } catch (SocketTimeoutException e) {
            return false;
        }
        return false;
    }

    /// Spends a reward that has had its hundred blocks, back to us.
    Transaction spendReward(int height) throws Exception {
        return spendReward(height, FEE);
    }

    private Transaction spendReward(int height, long fee) throws Exception {
        Block block = parse(first.ctl("getblock", first.hashAt(height), "0"));
        Transaction reward = block.transactions().getFirst();
        TxOut prevout = reward.outputs().getFirst();
        TxIn input = TxIn.unsigned(new OutPoint(reward.txid(), 0), Sequence.REPLACEABLE);
        TxOut output = new TxOut(Sat.of(prevout.value().value() - fee), script());
        Transaction unsigned = new Transaction(2, List.of(input), List.of(output), LockTime.NONE);
        Bytes sighash = TaprootSighash.keyPath(unsigned, List.of(prevout), 0, SighashType.DEFAULT);
        Bytes signature = Schnorr.sign(key, sighash.toArray(), new byte[32]).bytes();
        return unsigned.withWitness(0, List.of(signature));
    }

    private static Block parse(String hex) throws DecodeException {
        return Block.parse(Bytes.fromHex(hex.replace("\"", "")));
    }

    void require(boolean condition, String what) {
        if (!condition) {
            throw new IllegalStateException("failed: " + what);
        }
        say(what);
    }
}
