package org.tutti.lightclient.sync;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.tutti.bitcoin.block.Block;
import org.tutti.bitcoin.block.MerkleProof;
import org.tutti.bitcoin.hash.Txid;
import org.tutti.bitcoin.network.Network;
import org.tutti.bitcoin.script.Script;
import org.tutti.bitcoin.tx.LockTime;
import org.tutti.bitcoin.tx.OutPoint;
import org.tutti.bitcoin.tx.Sequence;
import org.tutti.bitcoin.tx.Transaction;
import org.tutti.bitcoin.tx.TxIn;
import org.tutti.bitcoin.tx.TxOut;
import org.tutti.bitcoin.units.Sat;
import org.tutti.lightclient.headers.Blocks;
import org.tutti.lightclient.headers.HeaderChain;
import org.tutti.lightclient.headers.HeaderEntry;
import org.tutti.lightclient.headers.HeaderSource;
import org.tutti.lightclient.peers.PeerAddress;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

class RecentBlocksTest {
    private final HeaderChain chain = new HeaderChain(Network.REGTEST, new SplittableRandom(1));
    private RecentBlocks recent = new RecentBlocks();
    private Block tip = Network.REGTEST.genesis();

    private HeaderEntry mine(Transaction... transactions) {
        List<Transaction> all = new ArrayList<>(List.of(transactions));
        all.addFirst(Blocks.coinbase(chain.tip().height() + 1, 1));
        tip = Blocks.block(tip.header(), all);
        chain.accept(
                new HeaderSource.Operator(),
                List.of(tip.header()),
                Instant.ofEpochSecond(1_800_000_000L));
        recent.connected(chain.tip(), tip, tip.txids());
        return chain.tip();
    }

    @Test
    void aTransactionIsProvenInItsBlockAndConfirmationsGrow() {
        Transaction payment = Blocks.payment(1);
        HeaderEntry block = mine(Blocks.payment(0), payment, Blocks.payment(2));
        ConfirmedTransaction found = recent.find(payment.txid()).orElseThrow();
        assertThat(found.blockHash()).isEqualTo(block.hash());
        assertThat(found.confirmations()).isEqualTo(1);
        assertThat(found.proof().check(payment, found.header().merkleRoot()))
                .isEqualTo(MerkleProof.Verdict.PROVEN);
        mine();
        assertThat(recent.find(payment.txid()).orElseThrow().confirmations()).isEqualTo(2);
        assertThat(recent.find(Txid.ZERO)).isEmpty();
    }

    @Test
    void aDisconnectedBlockTakesItsProofsAlong() {
        Transaction payment = Blocks.payment(1);
        recent.track(payment.txid());
        HeaderEntry block = mine(payment);
        assertThat(recent.find(payment.txid())).isPresent();
        recent.disconnected(block);
        assertThat(recent.find(payment.txid())).isEmpty();
    }

    @Test
    void beyondTheLastBlocksOnlyTrackedTransactionsAreFound() {
        Transaction tracked = Blocks.payment(1);
        Transaction other = Blocks.payment(2);
        recent.track(tracked.txid());
        mine(tracked, other);
        for (int i = 0; i < RecentBlocks.MAX_BLOCKS; i++) {
            assertThat(recent.find(other.txid())).isPresent();
            mine();
        }
        assertThat(recent.find(other.txid())).isEmpty();
        assertThat(recent.find(tracked.txid()).orElseThrow().confirmations())
                .isEqualTo(RecentBlocks.MAX_BLOCKS + 1);
    }

    @Test
    void moreTransactionsThanTheBoundPushTheOldestBlocksOutButNeverTheNewest() {
        recent = new RecentBlocks(100, 6);
        Transaction first = Blocks.payment(1);
        Transaction second = Blocks.payment(2);
        mine(first);
        mine(second, Blocks.payment(3), Blocks.payment(4));
        assertThat(recent.find(first.txid())).as("six in two blocks").isPresent();
        mine();
        assertThat(recent.find(first.txid())).as("seven").isEmpty();
        assertThat(recent.find(second.txid())).isPresent();
        Transaction[] many = new Transaction[20];
        for (int i = 0; i < many.length; i++) {
            many[i] = Blocks.payment(100 + i);
        }
        mine(many);
        assertThat(recent.find(second.txid())).isEmpty();
        assertThat(recent.find(many[0].txid())).as("the newest block").isPresent();
    }

    @Test
    void moreBlocksThanTheBoundPushTheOldestOut() {
        recent = new RecentBlocks(2, 100);
        Transaction first = Blocks.payment(1);
        mine(first);
        mine();
        assertThat(recent.find(first.txid())).isPresent();
        mine();
        assertThat(recent.find(first.txid())).isEmpty();
    }

    @Test
    void whatAForkTookAwayIsProvenAgainWhereItComesBack() {
        Transaction payment = Blocks.payment(1);
        HeaderEntry gone = mine(payment);
        Block before = tip;
        recent.disconnected(gone);
        assertThat(recent.find(payment.txid())).isEmpty();
        recent.connected(gone, before, before.txids());
        assertThat(recent.find(payment.txid()).orElseThrow().blockHash()).isEqualTo(gone.hash());
    }

    @Test
    void noMoreThanTheBoundAreTracked() {
        for (int i = 0; i < RecentBlocks.MAX_TRACKED; i++) {
            assertThat(recent.track(Txid.hashOf(new byte[] {(byte) i, (byte) (i >> 8)}))).isTrue();
        }
        assertThat(recent.track(Txid.ZERO)).isFalse();
    }

    @Test
    void nothingIsProvenAboutATransactionOfSixtyFourBytes() {
        TxIn input = TxIn.unsigned(new OutPoint(Txid.hashOf(new byte[] {7}), 0), Sequence.ZERO);
        TxOut output = new TxOut(Sat.of(1), Script.fromHex("51515151"));
        Transaction inner = new Transaction(2, List.of(input), List.of(output), LockTime.NONE);
        assertThat(inner.serializeWithoutWitness().length())
                .isEqualTo(MerkleProof.FORBIDDEN_LENGTH);
        mine(inner);
        assertThat(recent.find(inner.txid())).isEmpty();
    }

    @Test
    void aClientNeedsANetworkAndHasABoundOnPeers() {
        assertThatThrownBy(() -> LightClient.builder().start())
                .isInstanceOf(IllegalStateException.class);
        LightClient.Builder builder = LightClient.builder();
        for (int port = 1; port <= LightClient.MAX_PEERS; port++) {
            builder.peer(new PeerAddress("127.0.0.1", port));
        }
        assertThatThrownBy(() -> builder.peer("127.0.0.1", 1))
                .isInstanceOf(IllegalArgumentException.class);
    }
}
