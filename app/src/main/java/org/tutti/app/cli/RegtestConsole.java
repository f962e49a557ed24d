package org.tutti.app.cli;

import org.tutti.bitcoin.address.Address;
import org.tutti.bitcoin.address.AddressException;
import org.tutti.bitcoin.hash.BlockHash;
import org.tutti.bitcoin.hash.Txid;
import org.tutti.bitcoin.network.Network;
import org.tutti.bitcoin.script.Script;
import org.tutti.bitcoin.tx.Transaction;
import org.tutti.bitcoin.tx.TxOut;
import org.tutti.node.json.JsonLine;
import org.tutti.regtest.Refusal;
import org.tutti.regtest.RegtestEvents;
import org.tutti.regtest.RegtestNode;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// What a regtest peer is told and tells: commands, one a line, and its events, one JSON object a
/// line. Threads: events come from any.
final class RegtestConsole implements RegtestEvents {
    /// Longest command that is read.
    private static final int MAX_COMMAND = 1_000;

    private final PrintWriter out;

    RegtestConsole(PrintWriter out) {
        this.out = out;
    }

    /// Says where it listens.
    void listening(RegtestNode node) {
        String host = node.host();
        String address = (host.contains(":") ? "[" + host + "]" : host) + ":" + node.port();
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("fixture", true);
        fields.put("network", "regtest");
        fields.put("host", host);
        fields.put("port", (long) node.port());
        fields.put("address", address);
        print("listening", fields);
    }

    /// Does what the lines say.
    ///
    /// @return whether the end was asked for, and not only reached
    boolean readCommands(RegtestNode node, InputStream in) {
        BufferedReader lines =
                new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8));
        try {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                String[] words = line.strip().split("\\s+");
                if (words[0].equals("quit")) {
                    return true;
                }
                if (line.length() > MAX_COMMAND) {
                    error("a command of more than " + MAX_COMMAND + " characters");
                } else if (!words[0].isEmpty()) {
                    command(node, words);
                }
            }
        } catch (IOException e) {
            // As good as the end.
        }
        return false;
    }

    private void command(RegtestNode node, String[] words) {
        try {
            switch (words[0]) {
                case "mine" -> {
                    need(words, 3, "mine N ADDRESS");
                    node.mine(number(words[1]), script(words[2]));
                }
                case "reorg" -> {
                    need(words, 2, "reorg N");
                    node.reorganise(number(words[1]));
                }
                case "evict" -> {
                    need(words, 2, "evict TXID");
                    Txid txid = Txid.fromDisplayHex(words[1]);
                    if (!node.evict(txid)) {
                        throw new IllegalArgumentException(
                                "does not wait, or what waits spends it: " + txid);
                    }
                    print("evicted", Map.of("txid", txid.toString()));
                }
                case "coins" -> {
                    need(words, 2, "coins ADDRESS");
                    print("coins", coins(node, words[1]));
                }
                case "status" -> {
                    List<String> mempool = node.mempool().stream().map(Txid::toString).toList();
                    Map<String, Object> fields = at(node.height(), node.tip());
                    fields.put("mempool", mempool);
                    print("status", fields);
                }
                default ->
                        error(
                                "no such command: "
                                        + words[0]
                                        + "; there are mine, reorg, evict, coins, status, quit");
            }
        } catch (IllegalArgumentException | IllegalStateException e) {
            error(String.valueOf(e.getMessage()));
        }
    }

    /// What blocks pay to an address, spent or not.
    private static Map<String, Object> coins(RegtestNode node, String address) {
        Script script = script(address);
        List<Map<String, Object>> coins = new ArrayList<>();
        for (int height = 1; height <= node.height(); height++) {
            for (Transaction transaction : node.block(height).transactions()) {
                for (int i = 0; i < transaction.outputs().size(); i++) {
                    TxOut output = transaction.outputs().get(i);
                    if (output.scriptPubKey().equals(script)) {
                        Map<String, Object> coin = new LinkedHashMap<>();
                        coin.put("txid", transaction.txid().toString());
                        coin.put("vout", (long) i);
                        coin.put("valueSat", output.value().value());
                        coin.put("height", (long) height);
                        coins.add(coin);
                    }
                }
            }
        }
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("address", address);
        fields.put("coins", coins);
        return fields;
    }

    private static void need(String[] words, int count, String form) {
        if (words.length != count) {
            throw new IllegalArgumentException("expected: " + form);
        }
    }

    private static int number(String text) {
        try {
            return Integer.parseInt(text);
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException("not a number: " + text, e);
        }
    }

    private static Script script(String address) {
        try {
            return Address.parse(address, Network.REGTEST).scriptPubKey();
        } catch (AddressException e) {
            throw new IllegalArgumentException(
                    "not a regtest address: " + address + ": " + e.getMessage(), e);
        }
    }

    private void error(String message) {
        print("error", Map.of("message", message));
    }

    private static Map<String, Object> at(int height, BlockHash tip) {
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("height", (long) height);
        fields.put("tip", tip.toString());
        return fields;
    }

    private void print(String event, Map<String, Object> fields) {
        Map<String, Object> line = new LinkedHashMap<>();
        line.put("event", event);
        line.putAll(fields);
        synchronized (out) {
            out.println(JsonLine.write(line));
            out.flush();
        }
    }

    @Override
    public void clientConnected(String remote, String userAgent) {
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("remote", remote);
        fields.put("userAgent", userAgent);
        print("client", fields);
    }

    @Override
    public void clientLost(String remote, String reason) {
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("remote", remote);
        fields.put("reason", reason);
        print("client-lost", fields);
    }

    @Override
    public void accepted(Txid txid) {
        print("mempool", Map.of("txid", txid.toString()));
    }

    @Override
    public void refused(Txid txid, Refusal refusal) {
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("txid", txid.toString());
        fields.put("code", (long) refusal.code());
        fields.put("reason", refusal.reason());
        print("tx-refused", fields);
    }

    @Override
    public void mined(int count, int height, BlockHash tip) {
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("count", (long) count);
        fields.putAll(at(height, tip));
        print("mined", fields);
    }

    @Override
    public void reorganised(int depth, int height, BlockHash tip) {
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("depth", (long) depth);
        fields.putAll(at(height, tip));
        print("reorged", fields);
    }
}
