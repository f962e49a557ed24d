package org.tutti.app.demo;

import org.tutti.bitcoin.address.Address;
import org.tutti.bitcoin.address.AddressException;
import org.tutti.bitcoin.hash.Txid;
import org.tutti.bitcoin.network.Network;
import org.tutti.bitcoin.psbt.Psbt;
import org.tutti.bitcoin.psbt.PsbtException;
import org.tutti.bitcoin.tx.OutPoint;
import org.tutti.bitcoin.tx.TxOut;
import org.tutti.bitcoin.units.FeeRate;
import org.tutti.bitcoin.units.Sat;
import org.tutti.musig.keys.PublicKey;
import org.tutti.node.api.ApiException;
import org.tutti.node.api.RequestInfo;
import org.tutti.node.api.RequestOrder;
import org.tutti.node.control.ControlClient;
import org.tutti.node.events.NodeEvent;
import org.tutti.node.json.JsonLineException;
import org.tutti.node.json.JsonObject;
import org.tutti.wallet.coins.GroupWallet;
import org.tutti.wallet.coins.WalletException;
import org.tutti.wallet.request.RequestDrafts;
import org.tutti.wallet.spend.PaymentException;

import java.time.Duration;
import java.util.List;

/// What signers without a group do in the demo: a coin is paid to their address, one of them asks
/// for its spending, and all see it signed and confirmed.
///
/// @param nodes of the signers, in the order of their keys; whoever asks is the first
record StrangersSpend(
        Workspace workspace,
        Report report,
        OwnBitcoinPeer bitcoin,
        List<ManagedProcess> nodes,
        List<PublicKey> keys,
        Duration step) {
    private static final int COINBASE_MATURITY = 100;

    GroupWallet wallet() {
        try {
            return GroupWallet.of(keys, Network.REGTEST);
        } catch (WalletException e) {
            throw new IllegalStateException(e);
        }
    }

    /// Has a coin paid to the signers' address, and makes the transaction that spends it.
    Psbt fund(GroupWallet wallet) throws DemoFailed {
        bitcoin.fund(wallet.address().text());
        JsonObject coin = bitcoin.coins(wallet.address().text()).getFirst();
        for (ManagedProcess node : nodes) {
            node.await(
                    NodeEvent.Tip.class,
                    e -> e.height() >= COINBASE_MATURITY + 1,
                    Deadline.in(step));
        }
        report.step("funded", "the signers' address " + wallet.address() + " has coins");
        try {
            Sat value = Sat.of(coin.integer("valueSat"));
            return RequestDrafts.spend(
                    wallet,
                    new OutPoint(Txid.fromDisplayHex(coin.string("txid")), coin.integer("vout")),
                    value,
                    new TxOut(
                            Sat.of(value.value() * 6 / 10),
                            Address.parse(bitcoin.destination(), Network.REGTEST).scriptPubKey()),
                    FeeRate.satPerVirtualByte(2));
        } catch (JsonLineException e) {
            throw new DemoFailed("BAD_EVENT", e.reason());
        } catch (AddressException | PaymentException e) {
            throw new IllegalStateException(e);
        }
    }

    /// @return the request's id
    String ask(Psbt psbt) throws DemoFailed {
        report.step("ask", "asking node-1 to make a request for all");
        try {
            RequestInfo made =
                    new ControlClient(workspace.folder().resolve("node-1"), step)
                            .createRequest(
                                    RequestOrder.of(
                                            keys.stream().map(key -> key.bytes().toHex()).toList(),
                                            psbt.toBase64()));
            return made.request();
        } catch (ApiException e) {
            throw new DemoFailed(e.code(), "node-1: " + e.reason());
        }
    }

    DemoResult signed(GroupWallet wallet, Psbt psbt) throws DemoFailed {
        String txid = txid(psbt);
        Signatures signatures = Signatures.await(nodes, txid, Deadline.in(step));
        report.step(
                "signed",
                "every node has the signatures, %.1f ms after the announcement"
                        .formatted(signatures.announceToSignatureMillis()));
        for (ManagedProcess node : nodes) {
            node.await(NodeEvent.Checked.class, e -> e.txid().equals(txid), Deadline.in(step));
        }
        bitcoin.confirm(txid);
        NodeEvent.Confirmed confirmed = Demo.awaitConfirmed(nodes, txid, bitcoin.timeout());
        report.step("confirmed", "every node checked the Merkle branch of " + txid);
        NodeEvent.Agreed group =
                new NodeEvent.Agreed(
                        wallet.network().name(),
                        wallet.internalKey().bytes().toHex(),
                        wallet.outputKey().bytes().toHex(),
                        wallet.address().text(),
                        wallet.scriptPubKey().toHex());
        return new DemoResult(nodes.size(), group, signatures, confirmed);
    }

    private static String txid(Psbt psbt) {
        try {
            return psbt.unsignedTransaction().txid().toString();
        } catch (PsbtException e) {
            throw new IllegalStateException(e);
        }
    }
}
