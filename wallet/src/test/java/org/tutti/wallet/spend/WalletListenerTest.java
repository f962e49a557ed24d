package org.tutti.wallet.spend;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.tutti.bitcoin.block.Block;
import org.tutti.bitcoin.block.MerkleProof;
import org.tutti.bitcoin.hash.Txid;
import org.tutti.bitcoin.tx.OutPoint;
import org.tutti.bitcoin.tx.Transaction;
import org.tutti.bitcoin.tx.TxOut;
import org.tutti.bitcoin.units.Sat;
import org.tutti.wallet.FakeChain;
import org.tutti.wallet.Group;
import org.tutti.wallet.coins.UtxoEvent;
import org.tutti.wallet.coins.UtxoStore;

import java.util.ArrayList;
import java.util.List;

class WalletListenerTest {
    private final Group group = new Group();
    private final UtxoStore utxos = new UtxoStore(group.wallet);
    private final ConfirmationTracker confirmations = new ConfirmationTracker();
    private final List<WalletEvent> events = new ArrayList<>();
    private final WalletListener listener = new WalletListener(utxos, confirmations, events::add);
    private final FakeChain blocks = new FakeChain(new UtxoStore(group.wallet));

    @Test
    void aFollowedTransactionIsConfirmedWithABranchThatChecks() {
        Transaction pays = blocks.pay(group.wallet.scriptPubKey(), 1_000);
        assertThat(confirmations.track(pays.txid())).isTrue();
        Block block =
                blocks.block(
                        Group.STRANGER,
                        blocks.pay(Group.STRANGER, 5),
                        pays,
                        blocks.pay(Group.STRANGER, 6));
        listener.blockConnected(7, block.header(), block);

        Confirmation confirmation = confirmations.confirmation(pays.txid()).orElseThrow();
        assertThat(confirmation.blockHash()).isEqualTo(block.hash());
        assertThat(confirmation.depth(7)).isEqualTo(1);
        assertThat(confirmation.depth(12)).isEqualTo(6);
        assertThat(confirmation.proof().index()).isEqualTo(2);
        assertThat(confirmation.proof().check(pays, block.header().merkleRoot()))
                .isEqualTo(MerkleProof.Verdict.PROVEN);
        assertThat(events)
                .hasSize(2)
                .contains(new WalletEvent.Confirmed(confirmation))
                .first()
                .isInstanceOfSatisfying(
                        WalletEvent.UtxoChanged.class,
                        changed ->
                                assertThat(changed.event()).isInstanceOf(UtxoEvent.Received.class));

        events.clear();
        listener.blockDisconnected(7, block.header());
        assertThat(confirmations.confirmation(pays.txid())).isEmpty();
        assertThat(utxos.unspent()).isEmpty();
        assertThat(events).hasSize(2).contains(new WalletEvent.Unconfirmed(confirmation));
    }

    @Test
    void aTransactionConfirmedAgainOnTheOtherBranchIsToldAgain() {
        Transaction pays = blocks.pay(group.wallet.scriptPubKey(), 1_000);
        confirmations.track(pays.txid());
        Block first = blocks.block(Group.STRANGER, pays);
        Block second = blocks.block(Group.STRANGER, pays, blocks.pay(Group.STRANGER, 5));
        listener.blockConnected(7, first.header(), first);
        listener.blockDisconnected(7, first.header());
        listener.blockConnected(7, second.header(), second);
        assertThat(confirmations.confirmation(pays.txid()).orElseThrow().blockHash())
                .isEqualTo(second.hash());
    }

    @Test
    void whatSpendsACoinIsConfirmedAlsoWhenNobodyAskedToFollowIt() {
        Transaction pays = blocks.pay(group.wallet.scriptPubKey(), 1_000);
        Transaction spends =
                FakeChain.spend(
                        List.of(new OutPoint(pays.txid(), 0)),
                        new TxOut(Sat.of(900), Group.STRANGER));
        blocks.mine(pays);
        Block first = blocks.last();
        listener.blockConnected(7, first.header(), first);
        Block second = blocks.block(Group.STRANGER, spends);
        listener.blockConnected(8, second.header(), second);
        assertThat(confirmations.confirmation(spends.txid()).orElseThrow().height()).isEqualTo(8);
    }

    @Test
    void moreTransactionsThanTheBoundAreNotFollowed() {
        ConfirmationTracker small = new ConfirmationTracker(2);
        Txid first = Txid.hashOf(new byte[] {1});
        assertThat(small.track(first)).isTrue();
        assertThat(small.track(Txid.hashOf(new byte[] {2}))).isTrue();
        assertThat(small.track(Txid.hashOf(new byte[] {3}))).isFalse();
        assertThat(small.track(first)).isTrue();
        small.forget(first);
        assertThat(small.track(Txid.hashOf(new byte[] {3}))).isTrue();
    }
}
