package org.tutti.interop.btcd;

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
import org.tutti.lightclient.sync.ConfirmedTransaction;
import org.tutti.lightclient.sync.LightClient;
import org.tutti.musig.keys.SecretKey;
import org.tutti.musig.schnorr.Schnorr;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/// The light client does with a real btcd what it does with our fixture.
public final class BtcdInterop {
    private static final long FEE = 1_000;

    private final Btcd btcd;
    private final PrintStream out;
    private final SecretKey key;
    private final Events events = new Events();

    private BtcdInterop(Btcd btcd, PrintStream out, SecretKey key) {
        this.btcd = btcd;
        this.out = out;
        this.key = key;
    }

    /// @param args the folder with `btcd` and `btcctl`
    public static void main(String[] args) throws Exception {
        if (args.length != 1) {
            System.err.println("usage: BtcdInterop FOLDER_WITH_BTCD_AND_BTCCTL");
            System.exit(2);
        }
        Path folder = Files.createTempDirectory("tutti-btcd-");
        try (Btcd btcd = new Btcd(Path.of(args[0]), folder);
                SecretKey key = SecretKey.generate(new SecureRandom())) {
            new BtcdInterop(btcd, System.out, key).run();
        } finally {
            delete(folder);
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
        btcd.ctl("generate", "4500");
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
                            && result.contains("\"height\":4604")
                            && result.contains(btcd.ctl("getblockhash", "4604")),
                    "after kill -9 it ends at btcd's block 4604");
            btcd.ctl("generate", "7");
            result = chainSync(data);
            require(
                    result.contains("\"height\":4611") && result.contains("\"fetched\":7,"),
                    "the next run fetches the 7 headers that are new");
            String left = btcd.ctl("getblockhash", "4600");
            btcd.ctl("invalidateblock", left);
            btcd.ctl("generate", "30");
            result = chainSync(data);
            require(
                    result.contains("\"height\":4629")
                            && result.contains(btcd.ctl("getblockhash", "4629")),
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

    private Transaction spendReward(int height) throws Exception {
        String hash = btcd.ctl("getblockhash", Integer.toString(height));
        Block block = parse(btcd.ctl("getblock", hash, "0"));
        Transaction reward = block.transactions().getFirst();
        TxOut prevout = reward.outputs().getFirst();
        TxIn input = TxIn.unsigned(new OutPoint(reward.txid(), 0), Sequence.REPLACEABLE);
        TxOut output = new TxOut(Sat.of(prevout.value().value() - FEE), script());
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
