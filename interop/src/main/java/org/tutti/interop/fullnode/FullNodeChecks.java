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
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/// The light client does with a real btcd what it does with our fixture.
public final class FullNodeChecks {
    private static final long FEE = 1_000;

    /// How long nothing is to be heard before it counts as silence.
    private static final Duration SILENCE = Duration.ofSeconds(15);

    private final Btcd btcd;
    private final Btcd second;
    private final PrintStream out;
    private final SecretKey key;
    private final Events events = new Events();

    private FullNodeChecks(Btcd btcd, Btcd second, PrintStream out, SecretKey key) {
        this.btcd = btcd;
        this.second = second;
        this.out = out;
        this.key = key;
    }

    /// @param args the folder with `btcd` and `btcctl`
    public static void main(String[] args) throws Exception {
        if (args.length != 1) {
            System.err.println("usage: FullNodeChecks FOLDER_WITH_BTCD_AND_BTCCTL");
            System.exit(2);
        }
        Path folder = Files.createTempDirectory("tutti-btcd-");
        Path folder2 = Files.createTempDirectory("tutti-btcd-");
        try (Btcd btcd = new Btcd(Path.of(args[0]), folder);
                Btcd second = new Btcd(Path.of(args[0]), folder2);
                SecretKey key = SecretKey.generate(new SecureRandom())) {
            new FullNodeChecks(btcd, second, System.out, key).run();
        } finally {
            delete(folder);
            delete(folder2);
        }
        System.exit(0);
    }

    private static void delete(Path folder) throws IOException {
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
    }

    private void run() throws Exception {
        btcd.start(address());
        try (LightClient client =
                LightClient.builder()
                        .network(Network.REGTEST)
                        .peer("127.0.0.1", btcd.p2pPort())
                        .listener(events)
                        .start()) {
            say(events.await("peer"));
            btcd.ctl("generate", "101");
            say(events.await("tip 101"));
            restart();
            broadcast(client);
            refuse(client);
            reorganise();
        }
        syncFromNothing();
        relay();
        feeFilter();
        chainSync();
        out.println("ok: btcd agrees");
    }

    private void say(String line) {
        out.println("  " + line);
    }

    private String address() throws AddressException {
        return Address.of(script(), Network.REGTEST).text();
    }

    private Script script() {
        return Script.p2tr(key.publicKey().xOnly().bytes());
    }

    /// As a user must do to give btcd another mining address. On regtest btcd forgets its chain
    /// when it starts, so that the new one leaves ours at genesis.
    private void restart() throws Exception {
        out.println("restart");
        btcd.stop();
        say(events.await("lost"));
        btcd.start(address());
        say(events.await("peer"));
        btcd.ctl("generate", "102");
        say(events.await("disconnected block 1 "));
        say(events.await("tip 102"));
    }

    private void broadcast(LightClient client) throws Exception {
        out.println("broadcast and mine");
        Transaction payment = spendReward(1);
        client.broadcast(payment);
        say(events.await("requested " + payment.txid()));
        say(events.await("accepted " + payment.txid()));
        require(
                btcd.ctl("getrawmempool").contains(payment.txid().toString()),
                "the payment is in btcd's memory pool");
        btcd.ctl("generate", "1");
        say(events.await("mined " + payment.txid()));
        say(events.await("tip 103"));
        ConfirmedTransaction confirmed = client.confirmation(payment.txid()).orElseThrow();
        require(
                confirmed.proof().check(payment, confirmed.header().merkleRoot())
                                == MerkleProof.Verdict.PROVEN
                        && confirmed.blockHash().toString().equals(btcd.ctl("getblockhash", "103")),
                "the Merkle branch leads to btcd's block 103");
    }

    private void refuse(LightClient client) throws Exception {
        out.println("refuse one changed bit");
        Transaction good = spendReward(2);
        byte[] signature = good.inputs().getFirst().witness().getFirst().toArray();
        signature[10] ^= 1;
        Transaction bad = good.withWitness(0, List.of(Bytes.of(signature)));
        client.broadcast(bad);
        say(events.await("refused " + bad.txid()));
        require(!btcd.ctl("getrawmempool").contains(bad.txid().toString()), "btcd did not take it");
    }

    private void reorganise() throws Exception {
        out.println("reorganise");
        String left = btcd.ctl("getblockhash", "102");
        btcd.ctl("invalidateblock", left);
        btcd.ctl("generate", "3");
        say(events.await("disconnected block 103 "));
        say(events.await("disconnected block 102 " + left));
        say(events.await("connected block 102 "));
        say(events.await("tip 104"));
        require(
                btcd.ctl("getbestblockhash").equals(btcd.ctl("getblockhash", "104")),
                "btcd is at 104 too");
    }

    /// A client that comes later, and starts at a birthday.
    private void syncFromNothing() throws InterruptedException {
        out.println("sync from a birthday");
        Events late = new Events();
        try (LightClient _ =
                LightClient.builder()
                        .network(Network.REGTEST)
                        .peer("127.0.0.1", btcd.p2pPort())
                        .birthday(50)
                        .listener(late)
                        .start()) {
            say(late.await("connected block"));
            say(late.await("tip 104"));
        }
    }

    /// The documented command: from nothing, killed in the middle and started again, and once more
    /// with what is new.
    private void chainSync() throws Exception {
        out.println("chain sync");
        int before = Integer.parseInt(btcd.ctl("getblockcount").strip());
        btcd.ctl("generate", "4500");
        int tip = before + 4500;
        Path data = Files.createTempDirectory("tutti-btcd-sync-");
        try {
            Process killed = startChainSync(data);
            String line = killed.inputReader().readLine();
            killed.destroyForcibly().waitFor();
            say("killed after " + line);
            String result = chainSync(data);
            say(result);
            require(
                    result.contains("\"ok\":true")
                            && result.contains("\"height\":" + tip + ",")
                            && result.contains(btcd.ctl("getblockhash", "" + tip)),
                    "after kill -9 it ends at btcd's block " + tip);
            btcd.ctl("generate", "7");
            result = chainSync(data);
            require(
                    result.contains("\"height\":" + (tip + 7) + ",")
                            && result.contains("\"fetched\":7,"),
                    "the next run fetches the 7 headers that are new");
            String left = btcd.ctl("getblockhash", "" + (tip - 4));
            btcd.ctl("invalidateblock", left);
            btcd.ctl("generate", "30");
            result = chainSync(data);
            require(
                    result.contains("\"height\":" + (tip + 25) + ",")
                            && result.contains(btcd.ctl("getblockhash", "" + (tip + 25))),
                    "a branch that btcd left while we were away is left too");
        } finally {
            delete(data);
        }
    }

    private Process startChainSync(Path data) throws IOException {
        return new ProcessBuilder(
                        ProcessHandle.current().info().command().orElse("java"),
                        "--enable-native-access=ALL-UNNAMED",
                        "-cp",
                        System.getProperty("java.class.path"),
                        "org.tutti.app.cli.Main",
                        "chain",
                        "sync",
                        "--network",
                        "regtest",
                        "--peer",
                        "127.0.0.1:" + btcd.p2pPort(),
                        "--data-dir",
                        data.toString(),
                        "--json")
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
    }

    private String chainSync(Path data) throws IOException, InterruptedException {
        Process sync = startChainSync(data);
        List<String> lines = sync.inputReader().lines().toList();
        require(sync.waitFor() == 0, "chain sync ends with 0");
        return lines.getLast();
    }

    /// A second btcd that knows the first: whichever of them is told, the other one has it from it.
    private void relay() throws Exception {
        out.println("relay to a second btcd");
        second.start(address());
        second.ctl("addnode", "127.0.0.1:" + btcd.p2pPort(), "add");
        awaitSameTip();
        Events told = new Events();
        Transaction payment = spendReward(3);
        try (LightClient client =
                LightClient.builder()
                        .network(Network.REGTEST)
                        .peer("127.0.0.1", btcd.p2pPort())
                        .peer("127.0.0.1", second.p2pPort())
                        .listener(told)
                        .start()) {
            say(told.await("tip 104"));
            client.broadcast(payment, Sat.of(FEE));
            say(told.await("requested " + payment.txid()));
            say(told.await("seen " + payment.txid()));
            for (Btcd each : List.of(btcd, second)) {
                require(
                        each.ctl("getrawmempool").contains(payment.txid().toString()),
                        "it is in the memory pool of port " + each.p2pPort());
            }
            // What pays more would replace it (BIP125).
            Transaction rival = spendReward(3, FEE / 2);
            client.broadcast(rival);
            say(told.await("refused " + rival.txid()));
            second.ctl("generate", "1");
            say(told.await("mined " + payment.txid()));
            say(told.await("conflicted " + rival.txid()));
        }
    }

    private void awaitSameTip() throws Exception {
        for (int i = 0; i < 600; i++) {
            if (second.ctl("getbestblockhash").equals(btcd.ctl("getbestblockhash"))) {
                return;
            }
            Thread.sleep(100);
        }
        throw new IllegalStateException("the second btcd does not follow the first");
    }

    /// What we say of fees keeps the announcements of others away, and lets them in again.
    private void feeFilter() throws Exception {
        out.println("fee filter");
        awaitSameTip();
        Clock clock = Clock.systemUTC();
        try (WireConnection connection =
                new WireConnection(
                        new Socket(InetAddress.getLoopbackAddress(), btcd.p2pPort()),
                        Network.REGTEST.magic(),
                        clock)) {
            shakeHands(connection, clock);
            connection.write(new FeeFilter(Sat.MAX_VALUE));
            Transaction unheard = spendReward(4);
            btcd.ctl("sendrawtransaction", unheard.serialize().toHex());
            require(!announces(connection, unheard), "with a high filter btcd announces nothing");
            connection.write(new FeeFilter(0));
            Transaction heard = spendReward(5);
            btcd.ctl("sendrawtransaction", heard.serialize().toHex());
            require(announces(connection, heard), "without it btcd announces it");
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

    private static boolean announces(WireConnection connection, Transaction transaction)
            throws IOException {
        long end = System.nanoTime() + SILENCE.toNanos();
        InventoryItem wanted = new InventoryItem.Transaction(transaction.txid(), false);
        try {
            for (long left = SILENCE.toNanos(); left > 0; left = end - System.nanoTime()) {
                P2pMessage message = connection.read(Duration.ofNanos(left));
                if (message instanceof Inv(List<InventoryItem> items) && items.contains(wanted)) {
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

    private Transaction spendReward(int height) throws Exception {
        return spendReward(height, FEE);
    }

    private Transaction spendReward(int height, long fee) throws Exception {
        String hash = btcd.ctl("getblockhash", Integer.toString(height));
        Block block = parse(btcd.ctl("getblock", hash, "0"));
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

    private void require(boolean condition, String what) {
        if (!condition) {
            throw new IllegalStateException("failed: " + what);
        }
        say(what);
    }
}
