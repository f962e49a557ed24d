package org.tutti.wallet.coins;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.junit.jupiter.api.Test;
import org.tutti.bitcoin.block.Block;
import org.tutti.bitcoin.block.BlockHeader;
import org.tutti.bitcoin.script.Script;
import org.tutti.bitcoin.tx.OutPoint;
import org.tutti.bitcoin.tx.Transaction;
import org.tutti.bitcoin.tx.TxOut;
import org.tutti.bitcoin.units.Sat;
import org.tutti.wallet.FakeChain;
import org.tutti.wallet.Group;

import java.util.ArrayDeque;
import java.util.List;
import java.util.Optional;
import java.util.Random;

class UtxoStoreTest {
    private final Group group = new Group();
    private final Script ours = group.wallet.scriptPubKey();
    private final UtxoStore utxos = new UtxoStore(group.wallet);
    private final FakeChain chain = new FakeChain(utxos);

    @Test
    void onlyOutputsToTheGroupAreCoins() {
        Transaction pays = chain.pay(ours, 1_000, 2_000);
        chain.mine(chain.pay(Group.STRANGER, 7_000), pays);
        assertThat(utxos.balance()).isEqualTo(Sat.of(3_000));
        assertThat(utxos.spendable())
                .extracting(Utxo::outPoint)
                .containsExactly(new OutPoint(pays.txid(), 1), new OutPoint(pays.txid(), 0));
        assertThat(utxos.find(new OutPoint(pays.txid(), 2))).isEmpty();
    }

    @Test
    void aCoinbaseMayBeSpentWhenTheNextBlockIsTheHundredthAfterIt() {
        chain.mineTo(ours);
        chain.mineEmpty(98);
        assertThat(utxos.spendable()).isEmpty();
        assertThat(utxos.unspent()).hasSize(1);
        chain.mine();
        assertThat(utxos.spendable()).hasSize(1);
        chain.disconnect();
        assertThat(utxos.spendable()).isEmpty();
    }

    @Test
    void aSpentCoinSaysByWhomAndWhere() {
        Transaction pays = chain.pay(ours, 1_000);
        chain.mine(pays);
        OutPoint utxo = new OutPoint(pays.txid(), 0);
        Transaction spends = FakeChain.spend(List.of(utxo), new TxOut(Sat.of(900), Group.STRANGER));
        List<UtxoEvent> events = chain.mine(spends);
        assertThat(events).hasSize(1);
        assertThat(utxos.find(utxo).orElseThrow())
                .isInstanceOfSatisfying(
                        UtxoState.Spent.class,
                        spent -> {
                            assertThat(spent.by()).isEqualTo(spends.txid());
                            assertThat(spent.height()).isEqualTo(2);
                        });
        assertThat(utxos.spendable()).isEmpty();
        assertThat(utxos.balance()).isEqualTo(Sat.ZERO);
    }

    @Test
    void aReorganisationTakesBackWhatItsBlocksDid() {
        Transaction pays = chain.pay(ours, 1_000);
        chain.mine(pays);
        OutPoint first = new OutPoint(pays.txid(), 0);
        chain.mine();
        Transaction spends = FakeChain.spend(List.of(first), new TxOut(Sat.of(900), ours));
        chain.mine(spends);
        OutPoint change = new OutPoint(spends.txid(), 0);
        assertThat(utxos.balance()).isEqualTo(Sat.of(900));

        Utxo changeCoin = utxos.spendable().getFirst();
        Utxo firstCoin = utxos.find(first).orElseThrow().utxo();
        assertThat(chain.disconnect())
                .containsExactly(new UtxoEvent.Restored(firstCoin), new UtxoEvent.Lost(changeCoin));
        assertThat(utxos.find(change)).isEmpty();
        assertThat(utxos.balance()).isEqualTo(Sat.of(1_000));
        assertThat(utxos.tipHeight()).isEqualTo(2);

        assertThat(chain.disconnect()).isEmpty();
        assertThat(chain.disconnect()).containsExactly(new UtxoEvent.Lost(firstCoin));
        assertThat(utxos.unspent()).isEmpty();
        // The other branch goes on from there.
        chain.mine(chain.pay(ours, 5_000));
        assertThat(utxos.balance()).isEqualTo(Sat.of(5_000));
    }

    @Test
    void aCoinMadeAndSpentInOneBlockIsGoneWithTheBlock() {
        Transaction pays = chain.pay(ours, 1_000);
        OutPoint utxo = new OutPoint(pays.txid(), 0);
        Transaction spends = FakeChain.spend(List.of(utxo), new TxOut(Sat.of(900), ours));
        chain.mine(pays, spends);
        assertThat(utxos.balance()).isEqualTo(Sat.of(900));
        chain.disconnect();
        assertThat(utxos.find(utxo)).isEqualTo(Optional.empty());
        assertThat(utxos.unspent()).isEmpty();
    }

    @Test
    void manyReorganisationsLeaveWhatTheBestChainSays() {
        Random random = new Random(11);
        UtxoStore fresh = new UtxoStore(group.wallet);
        ArrayDeque<Block> best = new ArrayDeque<>();
        for (int round = 0; round < 500; round++) {
            if (chain.height() > 1 && random.nextInt(3) == 0) {
                chain.disconnect();
                best.removeLast();
            } else {
                List<Utxo> spendable = utxos.spendable();
                Transaction next =
                        spendable.isEmpty() || random.nextBoolean()
                                ? chain.pay(ours, 1_000 + random.nextInt(1_000))
                                : FakeChain.spend(
                                        List.of(
                                                spendable
                                                        .get(random.nextInt(spendable.size()))
                                                        .outPoint()),
                                        new TxOut(Sat.of(10 + random.nextInt(500)), ours));
                chain.mine(next);
                best.addLast(chain.last());
            }
        }
        int height = FakeChain.FIRST_HEIGHT;
        for (Block block : best) {
            fresh.connect(height++, block);
        }
        assertThat(utxos.unspent()).containsExactlyInAnyOrderElementsOf(fresh.unspent());
        assertThat(utxos.balance()).isEqualTo(fresh.balance());
    }

    /// The light client tells blocks from the birthday on. Where the branches part below it, the
    /// first block of the new one is no child of anything that was told.
    @Test
    void aBranchThatPartsBelowTheBirthdayIsFollowed() {
        Block first = chain.block(ours, chain.pay(ours, 1_000));
        utxos.connect(10, first);
        utxos.disconnect(10, first.header().previous());
        assertThat(utxos.unspent()).isEmpty();
        FakeChain branch = new FakeChain(new UtxoStore(group.wallet));
        branch.mine();
        Block other = branch.block(Script.fromHex("51"), branch.pay(ours, 2_000));
        assertThat(other.header().previous()).isNotEqualTo(first.header().previous());
        utxos.connect(10, other);
        assertThat(utxos.balance()).isEqualTo(Sat.of(2_000));
        assertThat(utxos.tipHeight()).isEqualTo(10);
        utxos.connect(11, childOf(other));
        assertThat(utxos.tipHeight()).isEqualTo(11);
    }

    private static Block childOf(Block parent) {
        BlockHeader header =
                new BlockHeader(4, parent.hash(), parent.header().merkleRoot(), 1, 0x207fffffL, 0);
        return new Block(header, List.of(parent.transactions().getFirst()));
    }

    @Test
    void aBlockThatDoesNotFollowIsAMisuse() {
        chain.mine();
        Block stray = new FakeChain(utxos).block(ours);
        assertThatIllegalArgumentException().isThrownBy(() -> utxos.connect(2, stray));
        assertThatIllegalArgumentException().isThrownBy(() -> utxos.connect(3, chain.block(ours)));
        assertThatIllegalArgumentException().isThrownBy(() -> utxos.disconnect(7, stray.hash()));
    }

    @Test
    void coinsBeyondTheBoundAreCountedAndNotHeld() {
        UtxoStore small = new UtxoStore(group.wallet, 2);
        FakeChain other = new FakeChain(small);
        other.mine(other.pay(ours, 1_000, 2_000, 3_000));
        assertThat(small.unspent()).hasSize(2);
        assertThat(small.ignored()).isEqualTo(1);
        other.disconnect();
        assertThat(small.unspent()).isEmpty();
    }

    @Test
    void aChainThatLiesAboutMoneyMakesNoCoinsOfIt() {
        Transaction all = chain.pay(ours, Sat.MAX_VALUE - 1);
        chain.mine(all);
        chain.mine(chain.pay(ours, 2), chain.pay(ours, 1));
        assertThat(utxos.balance()).isEqualTo(Sat.MAX);
        assertThat(utxos.unspent()).hasSize(2);
        assertThat(utxos.ignored()).isEqualTo(1);
        chain.disconnect();
        assertThat(utxos.balance()).isEqualTo(Sat.of(Sat.MAX_VALUE - 1));
    }

    @Test
    void aSpentCoinDoesNotComeBackWithACopyOfItsTransaction() {
        Transaction pays = chain.pay(ours, 1_000);
        OutPoint utxo = new OutPoint(pays.txid(), 0);
        chain.mine(pays);
        chain.mine(FakeChain.spend(List.of(utxo), new TxOut(Sat.of(900), Group.STRANGER)));
        chain.mine(pays);
        assertThat(utxos.find(utxo).orElseThrow()).isInstanceOf(UtxoState.Spent.class);
        chain.disconnect();
        assertThat(utxos.find(utxo).orElseThrow()).isInstanceOf(UtxoState.Spent.class);
        chain.disconnect();
        assertThat(utxos.balance()).isEqualTo(Sat.of(1_000));
    }
}
