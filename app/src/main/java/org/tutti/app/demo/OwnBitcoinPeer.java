package org.tutti.app.demo;

import org.tutti.node.json.JsonObject;

import java.time.Duration;
import java.util.List;

/// Our regtest fixture, which mines on command from its standard input.
final class OwnBitcoinPeer implements BitcoinPeer {
    private static final Duration STEP = Duration.ofSeconds(60);

    private final ManagedProcess process;
    private final String address;
    private final Report report;

    private OwnBitcoinPeer(ManagedProcess process, String address, Report report) {
        this.process = process;
        this.address = address;
        this.report = report;
    }

    static OwnBitcoinPeer start(Workspace workspace, Report report) throws DemoFailed {
        ManagedProcess process =
                workspace.start(
                        "bitcoin",
                        List.of("regtest", "--json", "--exit-on-eof"),
                        event -> report.event("bitcoin", event));
        String address = Demo.text(process.await("listening", Deadline.in(STEP)), "address");
        report.step("bitcoin", "a regtest Bitcoin peer (a fixture) listens on " + address);
        return new OwnBitcoinPeer(process, address, report);
    }

    @Override
    public String address() {
        return address;
    }

    @Override
    public Duration timeout() {
        return STEP;
    }

    @Override
    public void fund(String group) throws DemoFailed {
        report.step(
                "mine",
                "telling the Bitcoin peer to mine two coins for the group, then 100 blocks");
        process.tell("mine 2 " + group);
        process.tell("mine 100 " + destination());
    }

    /// What the blocks so far pay to an address.
    List<JsonObject> coins(String address) throws DemoFailed {
        process.tell("coins " + address);
        JsonObject answer =
                process.await(
                        "coins of " + address,
                        e ->
                                e.text("event").orElse("").equals("coins")
                                        && e.text("address").orElse("").equals(address),
                        Deadline.in(STEP));
        return answer.objects("coins");
    }

    @Override
    public void confirm(String txid) throws DemoFailed {
        process.await(
                "the transaction in its mempool",
                e ->
                        e.text("event").orElse("").equals("mempool")
                                && e.text("txid").orElse("").equals(txid),
                Deadline.in(STEP));
        report.step(
                "mine", "telling the Bitcoin peer, which took the transaction, to mine a block");
        process.tell("mine 1 " + destination());
    }
}
