package org.tutti.wallet.payments;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.tutti.bitcoin.block.BlockHeader;
import org.tutti.bitcoin.block.MerkleProof;
import org.tutti.bitcoin.hash.BlockHash;
import org.tutti.bitcoin.hash.MerkleNode;
import org.tutti.bitcoin.hash.Txid;
import org.tutti.bitcoin.tx.OutPoint;
import org.tutti.bitcoin.tx.Transaction;
import org.tutti.bitcoin.tx.TxOut;
import org.tutti.bitcoin.units.Sat;
import org.tutti.wallet.FakeChain;
import org.tutti.wallet.Group;
import org.tutti.wallet.spend.Confirmation;

import java.time.Instant;
import java.util.List;
import java.util.Optional;

class PaymentLedgerTest {
    private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");
    private static final Txid FIRST = txid(1);
    private static final Txid SECOND = txid(2);
    private static final Txid THIRD = txid(3);
    private static final Transaction TRANSACTION =
            FakeChain.spend(List.of(new OutPoint(FIRST, 0)), new TxOut(Sat.of(5), Group.STRANGER));

    private final PaymentLedger ledger = new PaymentLedger(2);

    @Test
    void theOldestIsForgottenWhereEveryPaymentIsStillUnderWay() {
        assertThat(add(FIRST)).isEmpty();
        assertThat(add(SECOND)).isEmpty();
        ledger.checked(FIRST, PaymentState.CHECKED);
        assertThat(add(THIRD)).contains(FIRST);
        assertThat(ledger.all()).extracting(TrackedPayment::txid).containsExactly(SECOND, THIRD);
    }

    @Test
    void aConfirmedOrFailedPaymentIsForgottenBeforeAnOlderOneThatIsUnderWay() {
        add(FIRST);
        add(SECOND);
        ledger.confirmed(confirmation(SECOND));
        assertThat(add(THIRD)).contains(SECOND);
        ledger.checked(THIRD, PaymentState.FAILED);
        assertThat(add(SECOND)).contains(THIRD);
        assertThat(ledger.all()).extracting(TrackedPayment::txid).containsExactly(FIRST, SECOND);
    }

    @Test
    void aPaymentThatIsKnownTakesNobodysPlaceAndKeepsItsTransaction() {
        ledger.add(FIRST, Optional.empty(), NOW);
        add(SECOND);
        assertThat(ledger.add(FIRST, Optional.of(TRANSACTION), NOW)).isEmpty();
        assertThat(ledger.add(FIRST, Optional.empty(), NOW)).isEmpty();
        assertThat(ledger.all().getFirst().transaction()).contains(TRANSACTION);
    }

    @Test
    void theVerdictOfACheckDoesNotUndoAConfirmation() {
        add(FIRST);
        ledger.confirmed(confirmation(FIRST));
        assertThat(ledger.checked(FIRST, PaymentState.CHECKED)).isEqualTo(PaymentState.CONFIRMED);
        assertThat(ledger.checked(SECOND, PaymentState.CHECKED)).isEqualTo(PaymentState.CHECKED);
        assertThat(ledger.all()).hasSize(1);
    }

    @Test
    void aPaymentWithoutItsTransactionIsNeverOverdue() {
        ledger.add(FIRST, Optional.empty(), NOW);
        ledger.confirmed(confirmation(FIRST));
        ledger.unconfirmed(FIRST);
        assertThat(ledger.takeOverdue(NOW.plus(PaymentLedger.REBROADCAST_AFTER))).isEmpty();
    }

    private Optional<Txid> add(Txid txid) {
        return ledger.add(txid, Optional.of(TRANSACTION), NOW);
    }

    private static Confirmation confirmation(Txid txid) {
        return new Confirmation(
                txid,
                new BlockHeader(4, BlockHash.ZERO, MerkleNode.of(txid.bytes()), 0, 0x207fffffL, 0),
                7,
                MerkleProof.of(List.of(txid), 0));
    }

    private static Txid txid(int number) {
        return Txid.hashOf(new byte[] {(byte) number});
    }
}
