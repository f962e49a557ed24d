package org.tutti.wallet.payments;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.tutti.base.Bytes;
import org.tutti.bitcoin.block.BlockHeader;
import org.tutti.bitcoin.block.MerkleProof;
import org.tutti.bitcoin.hash.BlockHash;
import org.tutti.bitcoin.hash.MerkleNode;
import org.tutti.bitcoin.hash.Txid;
import org.tutti.bitcoin.tx.OutPoint;
import org.tutti.bitcoin.tx.Transaction;
import org.tutti.bitcoin.tx.TxOut;
import org.tutti.bitcoin.units.Sat;
import org.tutti.libp2p.identity.KeyType;
import org.tutti.libp2p.identity.Keys;
import org.tutti.signing.request.SessionId;
import org.tutti.wallet.FakeChain;
import org.tutti.wallet.Group;
import org.tutti.wallet.coins.Utxo;
import org.tutti.wallet.coins.UtxoState;
import org.tutti.wallet.payments.TrackedPayment.Origin;
import org.tutti.wallet.spend.Confirmation;

import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/// The order of what signing tells, and what is remembered.
class PaymentLedgerTest {
    private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");
    private static final Bytes BOB =
            Keys.generate(KeyType.ED25519, new SecureRandom()).publicKey().peerId().multihash();
    private static final Origin FIRST = origin(1);
    private static final Origin SECOND = origin(2);
    private static final Origin THIRD = origin(3);

    private final PaymentLedger ledger = new PaymentLedger(2, 2);

    @Test
    void whatMayBeSignedIsNeverForgottenAndThereIsNoRoomForMore() {
        ledger.committed(FIRST);
        assertThat(ledger.hasRoom()).isTrue();
        ledger.unknown(SECOND);
        assertThat(ledger.hasRoom()).isFalse();
        signed(THIRD);
        for (int i = 4; i < 100; i++) {
            ledger.reserved(origin(i), NOW);
            ledger.released(origin(i).session());
        }
        assertThat(states())
                .startsWith(PaymentState.SIGNING, PaymentState.UNKNOWN, PaymentState.SIGNED)
                .hasSize(5);
        ledger.settled(THIRD.session());
        assertThat(ledger.hasRoom()).isFalse();
        ledger.settled(SECOND.session());
        assertThat(ledger.hasRoom()).isTrue();
    }

    @Test
    void largeTransactionsTakeTheRoomOfMany() {
        PaymentLedger many = new PaymentLedger(1_000_000, 2);
        TxOut[] outputs =
                Stream.generate(() -> new TxOut(Sat.of(5), Group.STRANGER))
                        .limit(3_000)
                        .toArray(TxOut[]::new);
        int count = 0;
        while (many.hasRoom() && count < 1_000) {
            many.committed(origin(count++, outputs));
        }
        assertThat(count).isBetween(170, 190);
    }

    @Test
    void theOldestThatIsHistoryIsForgotten() {
        for (Origin origin : List.of(FIRST, SECOND, THIRD)) {
            ledger.reserved(origin, NOW);
            ledger.released(origin.session());
        }
        assertThat(ledger.takeForgotten()).containsExactly(txid(FIRST));
        assertThat(ledger.takeForgotten()).isEmpty();
        assertThat(ledger.all())
                .extracting(TrackedPayment::txid)
                .containsExactly(txid(SECOND), txid(THIRD));
        assertThat(ledger.find(FIRST.session())).isEmpty();
    }

    @Test
    void whoseSignatureLeftIsNotGivenUpWhateverIsSaid() {
        ledger.reserved(FIRST, NOW);
        ledger.committed(FIRST);
        ledger.reserved(FIRST, NOW);
        ledger.released(FIRST.session());
        assertThat(state(FIRST)).isEqualTo(PaymentState.SIGNING);
        ledger.unknown(FIRST);
        ledger.committed(FIRST);
        ledger.released(FIRST.session());
        assertThat(state(FIRST)).isEqualTo(PaymentState.UNKNOWN);
        ledger.takeOverdue(Instant.MAX);
        assertThat(state(FIRST)).isEqualTo(PaymentState.UNKNOWN);
        signed(FIRST);
        ledger.unknown(FIRST);
        ledger.released(FIRST.session());
        assertThat(state(FIRST)).isEqualTo(PaymentState.SIGNED);
    }

    @Test
    void whatIsOnlyReservedIsGivenUpWhenItsRequestExpiresAndMayComeBack() {
        ledger.reserved(FIRST, NOW);
        ledger.takeOverdue(NOW.minusNanos(1));
        assertThat(state(FIRST)).isEqualTo(PaymentState.PROPOSED);
        ledger.takeOverdue(NOW);
        assertThat(state(FIRST)).isEqualTo(PaymentState.GIVEN_UP);
        ledger.committed(FIRST);
        assertThat(state(FIRST)).isEqualTo(PaymentState.SIGNING);
    }

    @Test
    void theVerdictOfACheckDoesNotUndoAConfirmation() {
        signed(FIRST);
        ledger.confirmed(confirmation(FIRST));
        assertThat(ledger.checked(FIRST, true)).isEqualTo(PaymentState.CONFIRMED);
        assertThat(ledger.checked(SECOND, true)).isEqualTo(PaymentState.GIVEN_UP);
        assertThat(ledger.all()).hasSize(1);
    }

    @Test
    void signaturesThatAreToldAgainAreCheckedOnce() {
        signed(FIRST);
        PaymentLedger.Unchecked once = ledger.unchecked().getFirst();
        assertThat(ledger.take(once)).isTrue();
        assertThat(ledger.take(once)).isFalse();
        ledger.checked(FIRST, true);
        signed(FIRST);
        assertThat(ledger.unchecked()).isEmpty();
    }

    @Test
    void aPaymentWithoutItsTransactionIsNeverOverdue() {
        ledger.confirmed(confirmation(FIRST));
        ledger.unconfirmed(txid(FIRST));
        ledger.unknown(SECOND);
        assertThat(ledger.takeOverdue(NOW.plus(PaymentLedger.REBROADCAST_AFTER))).isEmpty();
    }

    @Test
    void oneTransactionOfTwoSessionsIsSentOnce() {
        Origin again =
                new Origin(
                        SECOND.session(),
                        BOB,
                        Instant.EPOCH,
                        Bytes.EMPTY,
                        FIRST.content(),
                        FIRST.unsigned());
        for (Origin origin : List.of(FIRST, again)) {
            signed(origin);
            ledger.checked(origin, true);
        }
        assertThat(ledger.takeOverdue(NOW.plus(PaymentLedger.REBROADCAST_AFTER))).hasSize(1);
    }

    @Test
    void aClockThatJumpsFarAheadAndBackDoesNotStopRebroadcasts() {
        signed(FIRST);
        ledger.checked(FIRST, true);
        assertThat(ledger.takeOverdue(NOW.plus(Duration.ofDays(3_650)))).hasSize(1);
        assertThat(ledger.takeOverdue(NOW)).as("the clock is right again").hasSize(1);
        Instant next = NOW.plus(PaymentLedger.REBROADCAST_AGAIN);
        assertThat(ledger.takeOverdue(next.minusNanos(1))).isEmpty();
        assertThat(ledger.takeOverdue(next)).hasSize(1);
    }

    @Test
    void aChainThatDoesNotHaveTheCoinsChangesNothing() {
        signed(FIRST);
        ledger.confirmed(confirmation(FIRST));
        assertThat(ledger.look(_ -> Optional.empty(), 100))
                .containsExactly(
                        Map.entry(
                                FIRST.session(),
                                new PaymentOutcome(true, FIRST.unsigned().txid())));
        assertThat(state(FIRST)).isEqualTo(PaymentState.CONFIRMED);
    }

    /// Of two transactions that spend its coins the one that was mined first is its conflict.
    @Test
    void theFirstOfTwoThatSpendTheCoinsIsTheConflict() {
        Transaction unsigned =
                FakeChain.spend(
                        List.of(coin(1), coin(2), coin(3)), new TxOut(Sat.of(5), Group.STRANGER));
        Origin three =
                new Origin(FIRST.session(), BOB, Instant.EPOCH, Bytes.EMPTY, Bytes.EMPTY, unsigned);
        signed(three);
        Map<OutPoint, UtxoState> chain =
                Map.of(
                        coin(1), spent(coin(1), 40, 6),
                        coin(2), spent(coin(2), 41, 5),
                        coin(3), spent(coin(3), 42, 5));
        assertThat(ledger.look(coin -> Optional.ofNullable(chain.get(coin)), 9)).isEmpty();
        assertThat(ledger.find(three.session()).orElseThrow().conflict()).contains(hash(41));
        assertThat(ledger.look(coin -> Optional.ofNullable(chain.get(coin)), 10))
                .containsExactly(Map.entry(three.session(), new PaymentOutcome(false, hash(41))));
    }

    /// What is settled is not to be settled again, and what may not be signed never is.
    @Test
    void onlyWhatMayHaveBeenSignedIsSettled() {
        ledger.reserved(FIRST, NOW);
        ledger.committed(SECOND);
        assertThat(ledger.look(coin -> Optional.of(spent(coin, 40, 1)), 100)).isEmpty();
        ledger.unknown(SECOND);
        assertThat(ledger.look(coin -> Optional.of(spent(coin, 40, 1)), 100))
                .containsExactly(Map.entry(SECOND.session(), new PaymentOutcome(false, hash(40))));
    }

    @Test
    void whatIsSettledOrExpiresMakesTheOldestHistoryForgotten() {
        PaymentLedger small = new PaymentLedger(9, 1);
        small.reserved(FIRST, NOW);
        small.released(FIRST.session());
        small.unknown(SECOND);
        small.settled(SECOND.session());
        assertThat(small.takeForgotten()).containsExactly(txid(FIRST));
        small.reserved(THIRD, NOW);
        small.takeOverdue(NOW);
        assertThat(small.takeForgotten()).containsExactly(txid(SECOND));
    }

    private static OutPoint coin(int number) {
        return new OutPoint(hash(number), 0);
    }

    private static Txid hash(int number) {
        return Txid.hashOf(new byte[] {(byte) number});
    }

    private static UtxoState spent(OutPoint coin, int by, int height) {
        Utxo utxo = new Utxo(coin, new TxOut(Sat.of(9), Group.STRANGER), 1, false);
        return new UtxoState.Spent(utxo, hash(by), height);
    }

    /// The first is sent; the next takes its place when three blocks went by without it, and not
    /// while its own signatures are not checked.
    @Test
    void aLadderIsClimbedOneRungForEveryThreeBlocks() {
        List<Origin> rungs = new ArrayList<>();
        for (int rung = 1; rung <= 3; rung++) {
            rungs.add(
                    new Origin(
                            FIRST.session(),
                            BOB,
                            Instant.EPOCH,
                            Bytes.EMPTY,
                            Bytes.EMPTY,
                            FakeChain.spend(
                                    FIRST.coins(), new TxOut(Sat.of(9 - rung), Group.STRANGER)),
                            rung,
                            3));
        }
        rungs.forEach(this::signed);
        ledger.checked(rungs.get(0), true);
        ledger.checked(rungs.get(2), true);
        assertThat(rungs.stream().map(ledger::isNext)).containsExactly(true, false, false);
        Instant later = NOW.plus(PaymentLedger.REBROADCAST_AFTER);
        assertThat(ledger.takeOverdue(later)).containsExactly(rungs.get(0).unsigned());
        Map<OutPoint, UtxoState> unspent =
                Map.of(FIRST.coins().getFirst(), new UtxoState.Unspent(utxo(FIRST)));
        look(unspent, 10);
        ledger.climb(10, NOW.minusSeconds(1), NOW);
        // Blocks from before, as after a start, do not count.
        ledger.climb(100, NOW.minusSeconds(1), NOW);
        ledger.climb(11, NOW, NOW);
        ledger.climb(13, NOW, NOW);
        assertThat(rungs.stream().map(ledger::isNext)).containsExactly(true, false, false);
        ledger.climb(14, NOW, NOW);
        assertThat(ledger.takeOverdue(later)).isEmpty();
        ledger.checked(rungs.get(1), true);
        ledger.climb(14, NOW, NOW);
        assertThat(ledger.takeOverdue(later)).containsExactly(rungs.get(1).unsigned());
        assertThat(rungs.stream().map(ledger::isNext)).containsExactly(false, true, false);
        ledger.climb(16, NOW, NOW);
        Instant again = later.plus(PaymentLedger.REBROADCAST_AGAIN);
        assertThat(ledger.takeOverdue(again)).containsExactly(rungs.get(1).unsigned());
        ledger.climb(17, NOW, NOW);
        assertThat(ledger.takeOverdue(again)).containsExactly(rungs.get(2).unsigned());
        // The second is mined: the others are replaced once that is final, and settle once.
        Map<OutPoint, UtxoState> spent =
                Map.of(
                        FIRST.coins().getFirst(),
                        new UtxoState.Spent(utxo(FIRST), rungs.get(1).unsigned().txid(), 18));
        assertThat(look(spent, 18)).isEmpty();
        assertThat(states())
                .containsExactly(
                        PaymentState.CONFLICTED, PaymentState.CONFIRMED, PaymentState.CONFLICTED);
        assertThat(look(spent, 23))
                .isEqualTo(Map.of(FIRST.session(), new PaymentOutcome(true, txid(rungs.get(1)))));
        assertThat(states())
                .containsExactly(
                        PaymentState.REPLACED, PaymentState.CONFIRMED, PaymentState.REPLACED);
        ledger.settled(FIRST.session());
        assertThat(ledger.all()).allMatch(TrackedPayment::settled);
    }

    /// As after a start, where the node hears of them again.
    @Test
    void blocksFromBeforeItWaitedDoNotClimb() {
        List<Origin> rungs = new ArrayList<>();
        for (int rung = 1; rung <= 2; rung++) {
            rungs.add(
                    new Origin(
                            FIRST.session(),
                            BOB,
                            Instant.EPOCH,
                            Bytes.EMPTY,
                            Bytes.EMPTY,
                            FIRST.unsigned(),
                            rung,
                            2));
        }
        rungs.forEach(this::signed);
        rungs.forEach(rung -> ledger.checked(rung, true));
        ledger.climb(10, NOW.minusSeconds(1), NOW);
        ledger.climb(100, NOW.minusSeconds(1), NOW);
        ledger.climb(102, NOW, NOW);
        assertThat(rungs.stream().map(ledger::isNext)).containsExactly(true, false);
        ledger.climb(103, NOW, NOW);
        assertThat(rungs.stream().map(ledger::isNext)).containsExactly(false, true);
    }

    @Test
    void aLadderThatIsGivenUpIsGivenUpWhole() {
        for (int rung = 1; rung <= 2; rung++) {
            ledger.reserved(
                    new Origin(
                            FIRST.session(),
                            BOB,
                            Instant.EPOCH,
                            Bytes.EMPTY,
                            Bytes.EMPTY,
                            FIRST.unsigned(),
                            rung,
                            2),
                    NOW);
        }
        ledger.released(FIRST.session());
        assertThat(states()).hasSize(2).containsOnly(PaymentState.GIVEN_UP);
    }

    private static Utxo utxo(Origin origin) {
        return new Utxo(origin.coins().getFirst(), new TxOut(Sat.of(9), Group.STRANGER), 1, false);
    }

    private Map<SessionId, PaymentOutcome> look(Map<OutPoint, UtxoState> chain, int height) {
        return ledger.look(coin -> Optional.ofNullable(chain.get(coin)), height);
    }

    private void signed(Origin origin) {
        ledger.signed(
                origin,
                new PaymentLedger.Unchecked(origin, List.of(), NOW),
                origin.unsigned(),
                NOW);
    }

    private PaymentState state(Origin origin) {
        return ledger.find(origin.session()).orElseThrow().state();
    }

    private List<PaymentState> states() {
        return ledger.all().stream().map(TrackedPayment::state).toList();
    }

    private static Confirmation confirmation(Origin origin) {
        Txid txid = txid(origin);
        return new Confirmation(
                txid,
                new BlockHeader(4, BlockHash.ZERO, MerkleNode.of(txid.bytes()), 0, 0x207fffffL, 0),
                7,
                MerkleProof.of(List.of(txid), 0));
    }

    private static Txid txid(Origin origin) {
        return origin.unsigned().txid();
    }

    private static Origin origin(int number) {
        return origin(number, new TxOut(Sat.of(5), Group.STRANGER));
    }

    private static Origin origin(int number, TxOut... outputs) {
        Txid coin = Txid.hashOf(new byte[] {(byte) number, (byte) (number >> 8)});
        Transaction unsigned = FakeChain.spend(List.of(new OutPoint(coin, 0)), outputs);
        return new Origin(
                new SessionId(coin.bytes()),
                BOB,
                Instant.EPOCH,
                Bytes.EMPTY,
                Bytes.EMPTY,
                unsigned);
    }
}
