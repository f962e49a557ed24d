package org.tutti.lightclient.proof;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import org.junit.jupiter.api.Test;
import org.tutti.bitcoin.block.Block;
import org.tutti.bitcoin.block.BlockHeader;
import org.tutti.bitcoin.network.Difficulty;
import org.tutti.bitcoin.network.Network;
import org.tutti.bitcoin.proof.InclusionProof;
import org.tutti.bitcoin.proof.ProofFault;
import org.tutti.bitcoin.script.Script;
import org.tutti.bitcoin.tx.Transaction;
import org.tutti.lightclient.headers.Blocks;
import org.tutti.lightclient.headers.HeaderChain;
import org.tutti.lightclient.headers.HeaderEntry;
import org.tutti.lightclient.headers.HeaderSource;

import java.math.BigInteger;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/// Proofs against a chain that extends, forks and is reorganised.
class ProofVerifierTest {
    private static final Instant NOW = Instant.ofEpochSecond(1_800_000_000L);
    private static final ProofPolicy ANY_DEPTH = ProofPolicy.confirmations(1);

    /// Alice's deposit is in the block at height 3.
    private final List<Block> below = Blocks.onGenesis(2, 1);

    private final Block block =
            Blocks.block(
                    below.getLast().header(),
                    Stream.concat(
                                    Stream.of(Blocks.coinbase(3, 1)),
                                    IntStream.range(0, 4).mapToObj(Blocks::payment))
                            .toList());
    private final List<Block> above = Blocks.on(block, 3, 4, 1);
    private final InclusionProof proof = InclusionProof.of(block, 2);
    private final Transaction deposit = block.transactions().get(2);

    private final HeaderChain chain = chain(Network.REGTEST);

    private HeaderChain chain(Network network) {
        HeaderChain made = new HeaderChain(network, new SplittableRandom(1));
        accept(made, below);
        accept(made, List.of(block));
        return made;
    }

    private static void accept(HeaderChain chain, List<Block> blocks) {
        chain.accept(new HeaderSource.Operator(), Blocks.headers(blocks), NOW);
    }

    private ProofVerdict verify(ProofPolicy policy) {
        return new ProofVerifier(chain, policy).verify(proof);
    }

    private HeaderEntry entry(Block of) {
        return chain.find(of.hash()).orElseThrow();
    }

    private ProvenTransaction proven(int confirmations) {
        return new ProvenTransaction(deposit.txid(), 2, entry(block), confirmations);
    }

    @Test
    void aProvenTransactionIsAsDeepAsOurChainSays() {
        assertThat(verify(ANY_DEPTH)).isEqualTo(new ProofVerdict.Confirmed(proven(1)));
        for (int depth = 2; depth <= 5; depth++) {
            assertThat(verify(ProofPolicy.confirmations(depth)))
                    .isEqualTo(new ProofVerdict.TooShallow(proven(depth - 1), depth));
            accept(chain, List.of(above.get(depth - 2)));
            assertThat(verify(ProofPolicy.confirmations(depth)))
                    .isEqualTo(new ProofVerdict.Confirmed(proven(depth)));
        }
    }

    @Test
    void aDepthIsAtLeastOne() {
        assertThatExceptionOfType(IllegalArgumentException.class)
                .isThrownBy(() -> new ProofPolicy(0, true));
    }

    @Test
    void aBlockOnAStaleForkIsNotInTheBestChain() {
        List<Block> fork = Blocks.on(below.getFirst(), 1, 3, 2);
        accept(chain, fork);
        assertThat(chain.tip().hash()).isEqualTo(fork.getLast().hash());
        assertThat(verify(ANY_DEPTH))
                .isEqualTo(
                        new ProofVerdict.NotInBestChain(
                                deposit.txid(), entry(block), entry(below.getFirst())));
    }

    @Test
    void afterAReorganisationAndBackTheAnswerFollowsTheChain() {
        assertThat(verify(ANY_DEPTH)).isInstanceOf(ProofVerdict.Confirmed.class);
        List<Block> fork = Blocks.on(below.getLast(), 2, 2, 2);
        accept(chain, fork);
        assertThat(verify(ANY_DEPTH)).isInstanceOf(ProofVerdict.NotInBestChain.class);
        assertThat(new ProofVerifier(chain, ANY_DEPTH).verify(InclusionProof.of(fork.get(0), 0)))
                .isInstanceOf(ProofVerdict.Confirmed.class);
        accept(chain, above);
        assertThat(verify(ANY_DEPTH)).isEqualTo(new ProofVerdict.Confirmed(proven(5)));
        assertThat(new ProofVerifier(chain, ANY_DEPTH).verify(InclusionProof.of(fork.get(0), 0)))
                .isInstanceOf(ProofVerdict.NotInBestChain.class);
    }

    /// The block at the same height of another branch, whose header is as good.
    @Test
    void theHeaderOfAForkAtTheSameHeightIsNotOurs() {
        accept(chain, above);
        Block twin = Blocks.on(below.getLast(), 2, 1, 2).getFirst();
        accept(chain, List.of(twin));
        assertThat(entry(twin).height()).isEqualTo(entry(block).height());
        assertThat(new ProofVerifier(chain, ANY_DEPTH).verify(InclusionProof.of(twin, 0)))
                .isInstanceOf(ProofVerdict.NotInBestChain.class);
        InclusionProof renamed =
                new InclusionProof(twin.hash(), deposit, proof.branch(), proof.depth());
        assertThat(new ProofVerifier(chain, ANY_DEPTH).verify(renamed))
                .isInstanceOfSatisfying(
                        ProofVerdict.Refused.class,
                        refused -> assertThat(refused.fault()).isEqualTo(ProofFault.OTHER_ROOT));
    }

    @Test
    void aBlockThatWeDoNotHaveIsUnknown() {
        Block next = above.getFirst();
        assertThat(new ProofVerifier(chain, ANY_DEPTH).verify(InclusionProof.of(next, 0)))
                .isEqualTo(new ProofVerdict.UnknownBlock(next.hash()));
    }

    @Test
    void aBlockThatTheOperatorInvalidatedProvesNothingUntilItIsReconsidered() {
        chain.invalidate(below.getLast().hash());
        assertThat(verify(ANY_DEPTH)).isEqualTo(new ProofVerdict.UnknownBlock(block.hash()));
        chain.reconsider(below.getLast().hash());
        assertThat(verify(ANY_DEPTH)).isEqualTo(new ProofVerdict.Confirmed(proven(1)));
    }

    @Test
    void aChainWithTooLittleWorkConfirmsNothingForThoseWhoPay() {
        Difficulty old = Network.REGTEST.difficulty();
        BigInteger one = Network.REGTEST.genesisHeader().work();
        Network network =
                Network.REGTEST.toBuilder()
                        .difficulty(
                                new Difficulty(
                                        old.limitBits(),
                                        old.rules(),
                                        one.multiply(BigInteger.valueOf(5))))
                        .build();
        HeaderChain cheap = chain(network);
        assertThat(new ProofVerifier(cheap, ANY_DEPTH).verify(proof))
                .isEqualTo(new ProofVerdict.TooLittleWork(proven(1)));
        assertThat(new ProofVerifier(cheap, new ProofPolicy(1, false)).verify(proof))
                .isEqualTo(new ProofVerdict.Confirmed(proven(1)));
        accept(cheap, above.subList(0, 1));
        assertThat(new ProofVerifier(cheap, ANY_DEPTH).verify(proof))
                .isEqualTo(new ProofVerdict.Confirmed(proven(2)));
    }

    @Test
    void onASignetABlockCountsOnceItWasVerified() {
        HeaderChain signet =
                chain(Network.REGTEST.toBuilder().signetChallenge(Script.fromHex("51")).build());
        accept(signet, above);
        ProofVerifier verifier = new ProofVerifier(signet, ANY_DEPTH);
        assertThat(verifier.verify(proof)).isInstanceOf(ProofVerdict.NotInBestChain.class);
        List<HeaderEntry> needed = signet.unverified(100);
        assertThat(needed).isNotEmpty();
        needed.forEach(entry -> signet.blockVerified(entry.hash()));
        assertThat(verifier.verify(proof)).isInstanceOf(ProofVerdict.Confirmed.class);
    }

    @Test
    void aProofWithoutTheTreesDepthIsUnauthenticatedWhereverItsBlockIs() {
        InclusionProof bare =
                new InclusionProof(block.hash(), deposit, proof.branch(), Optional.empty());
        ProofVerdict unauthenticated =
                new ProofVerdict.LeafUnauthenticated(deposit.txid(), entry(block));
        assertThat(new ProofVerifier(chain, ANY_DEPTH).verify(bare)).isEqualTo(unauthenticated);
        accept(chain, Blocks.on(below.getLast(), 2, 2, 2));
        assertThat(new ProofVerifier(chain, ANY_DEPTH).verify(bare)).isEqualTo(unauthenticated);
    }

    @Test
    void aFalseProofIsRefusedWithItsReason() {
        InclusionProof other =
                new InclusionProof(block.hash(), Blocks.payment(50), proof.branch(), proof.depth());
        assertThat(new ProofVerifier(chain, ANY_DEPTH).verify(other))
                .isInstanceOfSatisfying(
                        ProofVerdict.Refused.class,
                        refused -> {
                            assertThat(refused.fault()).isEqualTo(ProofFault.OTHER_ROOT);
                            assertThat(refused.code()).isEqualTo("other-root");
                            assertThat(refused.block()).isEqualTo(entry(block));
                        });
    }

    @Test
    void aCoinbaseIsToldFromAPayment() {
        BlockHeader header = block.header();
        assertThat(header.hash()).isEqualTo(block.hash());
        assertThat(proven(1).isCoinbase()).isFalse();
        assertThat(new ProofVerifier(chain, ANY_DEPTH).verify(InclusionProof.of(block, 0)))
                .isInstanceOfSatisfying(
                        ProofVerdict.Confirmed.class,
                        confirmed -> assertThat(confirmed.transaction().isCoinbase()).isTrue());
    }
}
