package org.tutti.node.daemon;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.tutti.base.Bytes;
import org.tutti.bitcoin.block.BlockHeader;
import org.tutti.bitcoin.block.MerkleProof;
import org.tutti.bitcoin.hash.BlockHash;
import org.tutti.bitcoin.hash.MerkleNode;
import org.tutti.bitcoin.hash.Txid;
import org.tutti.bitcoin.script.Script;
import org.tutti.bitcoin.tx.LockTime;
import org.tutti.bitcoin.tx.OutPoint;
import org.tutti.bitcoin.tx.Sequence;
import org.tutti.bitcoin.tx.Transaction;
import org.tutti.bitcoin.tx.TxIn;
import org.tutti.bitcoin.tx.TxOut;
import org.tutti.bitcoin.units.Sat;
import org.tutti.musig.schnorr.SchnorrSignature;
import org.tutti.node.daemon.RecordedEvents.Timed;
import org.tutti.node.events.NodeEvent;
import org.tutti.signing.request.SessionId;
import org.tutti.wallet.coins.Utxo;
import org.tutti.wallet.coins.UtxoEvent;
import org.tutti.wallet.payments.PaymentEvent;
import org.tutti.wallet.spend.Confirmation;
import org.tutti.wallet.spend.UnsignedPayment;

import java.time.Instant;
import java.util.List;

/// Payments and coins as a node reports them.
class PaymentReportsTest {
    private static final Instant AT = Instant.parse("2026-01-01T00:00:00Z");
    private static final SessionId SESSION = new SessionId(Bytes.fromHex("ab".repeat(32)));
    private static final String ID = "ab".repeat(32);
    private static final Txid FUNDING = Txid.hashOf(new byte[] {1});
    private static final TxOut OUTPUT =
            new TxOut(Sat.of(900), Script.fromHex("5120" + "cc".repeat(32)));
    private static final Utxo COIN = new Utxo(new OutPoint(FUNDING, 3), OUTPUT, 7, true);
    private static final Transaction TRANSACTION =
            new Transaction(
                    2,
                    List.of(TxIn.unsigned(COIN.outPoint(), Sequence.REPLACEABLE)),
                    List.of(OUTPUT),
                    LockTime.NONE);
    private static final String TXID = TRANSACTION.txid().toString();

    private final RecordedEvents events = new RecordedEvents();
    private final PaymentReports reports = new PaymentReports(events);

    @Test
    void aSignedPaymentIsReportedWithWhatItSpendsAndWhatWasSigned() {
        UnsignedPayment payment = new UnsignedPayment(TRANSACTION, List.of(COIN));
        SchnorrSignature signature = new SchnorrSignature(Bytes.fromHex("11".repeat(64)));
        Transaction signed = TRANSACTION.withWitness(0, List.of(signature.bytes()));
        reports.accept(new PaymentEvent.Signed(AT, SESSION, payment, List.of(signature), signed));
        assertThat(events.takeTimed())
                .containsExactly(
                        new Timed(
                                AT,
                                new NodeEvent.Signed(
                                        ID,
                                        TXID,
                                        signed.serialize().toHex(),
                                        List.of(
                                                new NodeEvent.Prevout(
                                                        FUNDING.toString(),
                                                        3,
                                                        900,
                                                        "5120" + "cc".repeat(32))),
                                        List.of(
                                                new NodeEvent.SignedInput(
                                                        payment.sighashes().getFirst().toHex(),
                                                        "11".repeat(64))))));
    }

    @Test
    void checksAndBroadcastsAreReported() {
        reports.accept(new PaymentEvent.Checked(SESSION, TRANSACTION));
        reports.accept(new PaymentEvent.CheckFailed(SESSION, TRANSACTION.txid(), "input 0: x"));
        reports.accept(new PaymentEvent.Broadcast(TRANSACTION.txid(), "127.0.0.1:1"));
        reports.accept(new PaymentEvent.BroadcastAccepted(TRANSACTION.txid(), "127.0.0.1:1"));
        reports.accept(new PaymentEvent.BroadcastSeen(TRANSACTION.txid(), "127.0.0.1:2", 1));
        reports.accept(new PaymentEvent.BroadcastUnseen(TRANSACTION.txid(), 3));
        reports.accept(new PaymentEvent.BroadcastDropped(TRANSACTION.txid(), "127.0.0.1:1"));
        reports.accept(new PaymentEvent.BroadcastRefused(TRANSACTION.txid(), "dust"));
        assertThat(events.take())
                .containsExactly(
                        new NodeEvent.Checked(ID, TXID, 1),
                        new NodeEvent.CheckFailed(ID, TXID, "input 0: x"),
                        new NodeEvent.Broadcast(TXID, "127.0.0.1:1"),
                        new NodeEvent.BroadcastAccepted(TXID, "127.0.0.1:1"),
                        new NodeEvent.BroadcastSeen(TXID, "127.0.0.1:2", 1),
                        new NodeEvent.BroadcastUnseen(TXID, 3),
                        new NodeEvent.BroadcastDropped(TXID, "127.0.0.1:1"),
                        new NodeEvent.BroadcastRefused(TXID, "dust"));
    }

    @Test
    void aConfirmationIsReportedWithItsMerkleBranch() {
        Txid sibling = Txid.hashOf(new byte[] {2});
        BlockHeader header = new BlockHeader(4, BlockHash.ZERO, MerkleNode.ZERO, 0, 0x207fffffL, 0);
        Confirmation confirmation =
                new Confirmation(
                        TRANSACTION.txid(),
                        header,
                        7,
                        MerkleProof.of(List.of(sibling, TRANSACTION.txid()), 1));
        String block = header.hash().toString();
        reports.accept(new PaymentEvent.Confirmed(confirmation, 2));
        reports.accept(new PaymentEvent.Unconfirmed(confirmation));
        assertThat(events.take())
                .containsExactly(
                        new NodeEvent.Confirmed(TXID, 7, block, List.of(sibling.toString()), 1, 2),
                        new NodeEvent.Unconfirmed(TXID, 7, block));
    }

    @Test
    void coinsThatComeAndGoAreReported() {
        UtxoReports coins = new UtxoReports(events);
        coins.accept(new UtxoEvent.Received(COIN));
        coins.accept(new UtxoEvent.Spent(COIN, TRANSACTION.txid(), 8));
        coins.accept(new UtxoEvent.Lost(COIN));
        coins.accept(new UtxoEvent.Restored(COIN));
        assertThat(events.take())
                .containsExactly(
                        new NodeEvent.UtxoReceived(FUNDING.toString(), 3, 900, 7, true),
                        new NodeEvent.UtxoChanged(
                                FUNDING.toString(), 3, NodeEvent.UtxoChange.SPENT),
                        new NodeEvent.UtxoChanged(FUNDING.toString(), 3, NodeEvent.UtxoChange.LOST),
                        new NodeEvent.UtxoChanged(
                                FUNDING.toString(), 3, NodeEvent.UtxoChange.RESTORED));
    }
}
