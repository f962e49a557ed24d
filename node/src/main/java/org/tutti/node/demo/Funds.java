package org.tutti.node.demo;

import org.tutti.node.json.JsonObject;

import java.util.ArrayList;
import java.util.List;

/// What one node's events say about the group's coins, followed until enough of them can be spent.
///
/// Threads: one.
final class Funds {
    record SeenCoin(long valueSat, long height, boolean coinbase) {}

    private final int maturity;
    private final int wanted;
    private final List<SeenCoin> coins = new ArrayList<>();
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
            case "coin" ->
                    coins.add(
                            new SeenCoin(
                                    (long) event.number("valueSat"),
                                    (long) event.number("height"),
                                    event.flag("coinbase")));
            case "tip" -> height = (long) event.number("height");
            default -> {
                return false;
            }
        }
        return spendable().size() >= wanted;
    }

    /// Coins that the next block may spend.
    List<SeenCoin> spendable() {
        return coins.stream()
                .filter(coin -> coin.height() <= height)
                .filter(coin -> !coin.coinbase() || height + 1 - coin.height() >= maturity)
                .toList();
    }

    List<SeenCoin> coins() {
        return List.copyOf(coins);
    }

    long height() {
        return height;
    }

    /// Value of the first `count` coins that can be spent, in satoshi.
    long sumOf(int count) {
        return spendable().stream().limit(count).mapToLong(SeenCoin::valueSat).sum();
    }
}
