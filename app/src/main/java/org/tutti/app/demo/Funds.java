package org.tutti.app.demo;

import org.tutti.node.events.NodeEvent;

import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// What one node's events say about the group's coins, followed until enough of them can be spent.
///
/// Threads: one.
final class Funds {
    private final int maturity;
    private final int wanted;
    private final Map<String, NodeEvent.UtxoReceived> coins = new LinkedHashMap<>();

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
    boolean see(NodeEvent event) {
        if (event instanceof NodeEvent.UtxoReceived coin) {
            String outPoint = outPoint(coin.txid(), coin.vout());
            coins.put(outPoint, coin);
            gone.remove(outPoint);
        } else if (event instanceof NodeEvent.UtxoChanged coin) {
            String outPoint = outPoint(coin.txid(), coin.vout());
            if (coin.change() == NodeEvent.UtxoChange.RESTORED) {
                gone.remove(outPoint);
            } else {
                gone.add(outPoint);
            }
        } else if (event instanceof NodeEvent.Tip tip) {
            height = tip.height();
        } else {
            return false;
        }
        return spendable().size() >= wanted;
    }

    private static String outPoint(String txid, long vout) {
        return txid + ":" + vout;
    }

    /// Coins that the next block may spend.
    List<NodeEvent.UtxoReceived> spendable() {
        return coins().stream()
                .filter(coin -> coin.height() <= height)
                .filter(coin -> !coin.coinbase() || height + 1 - coin.height() >= maturity)
                .toList();
    }

    /// Coins that are neither spent nor lost.
    List<NodeEvent.UtxoReceived> coins() {
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
        return spendable().stream().limit(count).mapToLong(NodeEvent.UtxoReceived::valueSat).sum();
    }
}
