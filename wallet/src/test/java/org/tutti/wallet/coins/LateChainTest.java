package org.tutti.wallet.coins;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.tutti.bitcoin.block.Block;
import org.tutti.bitcoin.block.BlockHeader;
import org.tutti.bitcoin.hash.BlockHash;
import org.tutti.bitcoin.script.Script;
import org.tutti.lightclient.sync.ChainListener;
import org.tutti.wallet.FakeChain;
import org.tutti.wallet.Group;
import org.tutti.wallet.coins.CoinRescan.Step;

import java.util.ArrayList;
import java.util.List;

@Timeout(20)
class LateChainTest {
    private static final Script MINER = Script.fromHex("51");

    private final Group group = new Group();
    private final FakeChain chain = new FakeChain(new UtxoStore(group.wallet));
    private final List<Block> blocks = new ArrayList<>();
    private final List<String> told = new ArrayList<>();

    private final ChainListener listener =
            new ChainListener() {
                @Override
                public void blockConnected(int height, BlockHeader header, Block block) {
                    assertThat(block.header()).isEqualTo(header);
                    told.add("+" + height);
                }

                @Override
                public void blockDisconnected(int height, BlockHeader header) {
                    told.add("-" + height);
                }

                @Override
                public void tip(int height, BlockHash hash) {
                    told.add("tip " + height);
                }
            };

    private void mine(int count) {
        for (int i = 0; i < count; i++) {
            chain.mineTo(MINER);
            blocks.add(chain.last());
        }
    }

    /// The last block, as the light client tells it.
    private void connect(LateChain late) {
        Block last = blocks.getLast();
        late.blockConnected(blocks.size(), last.header(), last);
        late.tip(blocks.size(), last.hash());
    }

    private void disconnect(LateChain late) {
        int height = blocks.size();
        Block gone = blocks.removeLast();
        chain.disconnect();
        late.blockDisconnected(height, gone.header());
    }

    private LateChain from(int birthday) {
        LateChain late = new LateChain(listener, birthday);
        late.begin(blocks.size(), blocks.isEmpty() ? null : blocks.getLast().hash());
        return late;
    }

    private Step rescan(LateChain late, int height) {
        return late.rescan(height, blocks.get(height - 1));
    }

    @Test
    void olderBlocksAreToldFromTheBirthdayOnAndThenThoseThatCome() throws Exception {
        mine(4);
        LateChain late = from(2);
        assertThat(late.isCaughtUp()).isFalse();
        assertThat(late.awaitRescan()).isEqualTo(2);
        assertThat(rescan(late, 2)).isEqualTo(Step.GOES_ON);
        assertThat(rescan(late, 3)).isEqualTo(Step.GOES_ON);
        assertThat(rescan(late, 4)).isEqualTo(Step.DONE);
        assertThat(late.isCaughtUp()).isTrue();
        mine(1);
        connect(late);
        assertThat(told).containsExactly("+2", "+3", "+4", "tip 4", "+5", "tip 5");
        disconnect(late);
        assertThat(told).endsWith("-5");
        assertThat(late.isCaughtUp()).isTrue();
    }

    @Test
    void aBlockThatComesWhileOlderOnesAreFetchedIsToldInItsTurn() throws Exception {
        mine(3);
        LateChain late = from(1);
        assertThat(late.awaitRescan()).isEqualTo(1);
        assertThat(rescan(late, 1)).isEqualTo(Step.GOES_ON);
        mine(1);
        connect(late);
        assertThat(told).containsExactly("+1");
        assertThat(late.tipHeight()).isEqualTo(4);
        assertThat(rescan(late, 2)).isEqualTo(Step.GOES_ON);
        assertThat(rescan(late, 3)).isEqualTo(Step.GOES_ON);
        // The next one is at hand before the one that was fetched.
        mine(1);
        connect(late);
        assertThat(rescan(late, 4)).isEqualTo(Step.GOES_ON);
        assertThat(rescan(late, 5)).isEqualTo(Step.DONE);
        assertThat(told).containsExactly("+1", "+2", "+3", "+4", "+5", "tip 5");
    }

    @Test
    void whatComesWhenTheRescanHasJustToldTheOneBeforeNeedsNoFetching() throws Exception {
        mine(3);
        LateChain late = from(2);
        assertThat(late.awaitRescan()).isEqualTo(2);
        assertThat(rescan(late, 2)).isEqualTo(Step.GOES_ON);
        Block third = blocks.get(2);
        late.blockConnected(3, third.header(), third);
        assertThat(told).containsExactly("+2", "+3");
        assertThat(rescan(late, 3)).isEqualTo(Step.DONE);
        assertThat(told).containsExactly("+2", "+3");
    }

    @Test
    void aBirthdayThatHasNotComeIsWaitedForAndNothingIsFetched() {
        mine(1);
        LateChain late = from(3);
        assertThat(late.isCaughtUp()).isTrue();
        mine(1);
        connect(late);
        mine(1);
        connect(late);
        assertThat(told).containsExactly("tip 2", "+3", "tip 3");
    }

    @Test
    void aReorganisationBelowTheLightClientsFirstBlockIsFollowedBackBlockByBlock()
            throws Exception {
        mine(4);
        LateChain late = from(1);
        int height = late.awaitRescan();
        while (rescan(late, height) == Step.GOES_ON) {
            height++;
        }
        // The light client began at block 4: of the others nothing is said.
        disconnect(late);
        blocks.removeLast();
        chain.disconnect();
        mine(3);
        connect(late);
        assertThat(late.isCaughtUp()).isFalse();
        told.clear();
        assertThat(late.awaitRescan()).isEqualTo(4);
        assertThat(rescan(late, 4)).isEqualTo(Step.BEGIN_AGAIN);
        assertThat(late.awaitRescan()).isEqualTo(3);
        assertThat(rescan(late, 3)).isEqualTo(Step.GOES_ON);
        assertThat(rescan(late, 4)).isEqualTo(Step.GOES_ON);
        assertThat(rescan(late, 5)).isEqualTo(Step.DONE);
        assertThat(told).containsExactly("-3", "+3", "+4", "+5", "tip 5");
    }

    @Test
    void aChainThatBecameShorterBelowTheLightClientsFirstBlockIsTakenBackFirst() throws Exception {
        mine(3);
        LateChain late = from(1);
        for (int height = late.awaitRescan(); height <= 3; height++) {
            rescan(late, height);
        }
        mine(1);
        Block other = chain.block(MINER);
        late.begin(2, other.hash());
        told.clear();
        assertThat(late.awaitRescan()).isEqualTo(2);
        assertThat(told).containsExactly("-3", "-2");
    }

    @Test
    void aChangeDeeperThanWhatIsRememberedIsNeverTakenForTheChain() throws Exception {
        mine(5);
        LateChain late = new LateChain(listener, 1, 2);
        late.begin(5, blocks.getLast().hash());
        for (int height = late.awaitRescan(); height <= 5; height++) {
            rescan(late, height);
        }
        assertThat(late.isCaughtUp()).isTrue();
        disconnect(late);
        disconnect(late);
        mine(2);
        Block fourth = blocks.get(3);
        late.blockConnected(4, fourth.header(), fourth);
        connect(late);
        assertThat(told).endsWith("-5", "-4");
        assertThat(late.isCaughtUp()).isFalse();
        assertThat(rescan(late, 4)).isEqualTo(Step.DONE);
        assertThat(told).endsWith("-5", "-4");
        // Not even where the chain ends below the birthday, so that nothing would be missing.
        late.begin(0, null);
        assertThat(late.isCaughtUp()).isFalse();
    }
}
