package org.tutti.app.demo;

import java.time.Duration;

/// A regtest node of the user's (btcd, Bitcoin Core): the user is told what to do with it.
record UsersBitcoinPeer(String address, Duration timeout, Report report) implements BitcoinPeer {
    @Override
    public void fund(String group) {
        report.step(
                "fund",
                "waiting for coins: mine or pay at least two to "
                        + group
                        + " (rewards need 100 more blocks); restarting the Bitcoin node is fine");
    }

    @Override
    public void confirm(String txid) {
        report.step("mine", "waiting for a block with " + txid + ": mine one now");
    }
}
