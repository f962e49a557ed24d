package org.tutti.app.demo;

import org.tutti.node.json.JsonObject;

import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// What one node's events say about the group's coins, followed until enough of them can be spent.
///
/// Threads: one.
final class Funds {
    record SeenCoin(long valueSat, long height, boolean coinbase) {}

    private final int maturity;
    private final int wanted;
    private final Map<String, SeenCoin> coins = new LinkedHashMap<>();

    /// Coins that were spent, or whose block left the chain: what a Bitcoin node that forgot its
    /// chain does to them.
    private final Set<String> gone = new HashSet<>();

    private long height = -1;

    /// @param maturity blocks before a coinbase may be spent
    /// @param wanted how many coins are needed
    Funds(int maturity, int wanted) {
        this.maturity = maturity;
        this.wanted = wanted;
    }

    /// Takes an event; true once a tip is reached at which enough coins can be spent.
    boolean see(JsonObject event) {
        switch (event.text("event").orElse("")) {
            case "coin" -> {
                coins.put(
                        name(event),
                        new SeenCoin(
                                (long) event.number("valueSat"),
                                (long) event.number("height"),
                                event.flag("coinbase")));
                gone.remove(name(event));
            }
            case "coin-changed" -> {
                if (event.text("change").orElse("").equals("restored")) {
                    gone.remove(name(event));
                } else {
                    gone.add(name(event));
                }
            }
            case "tip" -> height = (long) event.number("height");
            default -> {
                return false;
            }
        }
        return spendable().size() >= wanted;
    }

    private static String name(JsonObject event) {
        return event.text("txid").orElse("?") + ":" + (long) event.number("vout");
    }

    /// Coins that the next block may spend.
    List<SeenCoin> spendable() {
        return coins().stream()
                .filter(coin -> coin.height() <= height)
                .filter(coin -> !coin.coinbase() || height + 1 - coin.height() >= maturity)
                .toList();
    }

    /// Coins that are neither spent nor lost.
    List<SeenCoin> coins() {
        return coins.entrySet().stream()
                .filter(coin -> !gone.contains(coin.getKey()))
                .map(Map.Entry::getValue)
                .toList();
    }

    long height() {
        return height;
    }

    /// Value of the first `count` coins that can be spent, in satoshi.
    long sumOf(int count) {
        return spendable().stream().limit(count).mapToLong(SeenCoin::valueSat).sum();
    }
}
