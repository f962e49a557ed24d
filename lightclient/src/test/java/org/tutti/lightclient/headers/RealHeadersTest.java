package org.tutti.lightclient.headers;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.tutti.base.Bytes;
import org.tutti.bitcoin.block.BlockHeader;
import org.tutti.bitcoin.block.ProofOfWork;
import org.tutti.bitcoin.hash.BlockHash;
import org.tutti.bitcoin.network.Network;
import org.tutti.lightclient.headers.HeaderVectors.Boundary;
import org.tutti.lightclient.headers.HeaderVerdict.Rule;

import tools.jackson.databind.JsonNode;

import java.math.BigInteger;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SortedMap;
import java.util.TreeSet;
import java.util.stream.Stream;

/// All real headers at hand go through the rules of their networks.
class RealHeadersTest {
    private static final Instant NOW = Instant.ofEpochSecond(1_800_000_000L);
    private static final HeaderSource OPERATOR = new HeaderSource.Operator();

    /// Headers in a row.
    ///
    /// @param height of the first one
    record Run(Network network, String file, int height) {
        List<BlockHeader> headers() {
            return HeaderVectors.headers(file);
        }

        ChainStart start() {
            return height == 0
                    ? ChainStart.genesis(network)
                    : HeaderVectors.mainnetStart(headers().getFirst(), height);
        }

        HeaderChain chain(HeaderChain.ProofCheck proofCheck) {
            return RealHeadersTest.chain(network, start(), proofCheck);
        }

        @Override
        public String toString() {
            return file;
        }
    }

    private static HeaderChain chain(
            Network network, ChainStart start, HeaderChain.ProofCheck proofCheck) {
        return new HeaderChain(
                network, new MemoryHeaderStore(start), 7, proofCheck, 10_000, 52_560);
    }

    private static Stream<Run> runs() {
        return Stream.of(
                new Run(Network.MAINNET, "headers-mainnet/mainnet_0-32259.bin.gz", 0),
                new Run(Network.MAINNET, "headers-mainnet/mainnet_40000-49999.bin.gz", 40_000),
                new Run(Network.MAINNET, "headers-mainnet/mainnet_300000-300499.bin", 300_000),
                new Run(Network.MAINNET, "headers-mainnet/mainnet_586657-589289.bin.gz", 586_657),
                new Run(Network.MAINNET, "headers-mainnet/mainnet_665280-665407.bin", 665_280),
                new Run(Network.MAINNET, "headers-mainnet/mainnet_832001-833097.bin.gz", 832_001),
                new Run(Network.TESTNET3, "headers-testnet3/testnet3_0-9999.bin.gz", 0),
                new Run(Network.TESTNET4, "headers-testnet4/testnet4_0-100.bin", 0),
                new Run(Network.SIGNET, "headers-signet/signet_0-2015.bin.gz", 0),
                new Run(Network.REGTEST, "headers-forks/regtest_0-100.bin", 0));
    }

    private static void acceptAll(HeaderChain chain, List<BlockHeader> headers) {
        for (int from = 0; from < headers.size(); from += HeaderChain.MAX_BATCH) {
            int to = Math.min(headers.size(), from + HeaderChain.MAX_BATCH);
            assertThat(chain.accept(OPERATOR, headers.subList(from, to), NOW))
                    .isInstanceOf(HeaderVerdict.Accepted.class);
        }
    }

    @ParameterizedTest
    @MethodSource("runs")
    void aRunKeepsAllRulesOfItsNetwork(Run run) {
        List<BlockHeader> headers = run.headers();
        HeaderChain chain = run.chain(CompactTarget::isMetBy);
        acceptAll(chain, headers);
        HeaderEntry last = chain.heaviestHeader();
        assertThat(last.header()).isEqualTo(headers.getLast());
        assertThat(last.height()).isEqualTo(run.height() + headers.size() - 1);
        int retargets = 0;
        int easiest = 0;
        BigInteger work = BigInteger.ZERO;
        for (int i = 0; i < headers.size(); i++) {
            retargets += i > 0 && (run.height() + i) % HeaderRules.PERIOD == 0 ? 1 : 0;
            easiest += headers.get(i).bits() == run.network().difficulty().limitBits() ? 1 : 0;
            work = work.add(headers.get(i).work());
        }
        assertThat(last.chainWork()).isEqualTo(work);
        System.out.printf(
                "%s: %,d headers (link, bits, proof of work, version, future), median time from"
                        + " the %s on, %d retargets, %d of the easiest target%n",
                run, headers.size(), run.height() == 0 ? "first" : "twelfth", retargets, easiest);
    }

    /// Each header of interest is changed in one field, with proof of work out of the way.
    @ParameterizedTest
    @MethodSource("runs")
    void withoutProofOfWorkOneWrongFieldFails(Run run) {
        List<BlockHeader> headers = run.headers();
        TreeSet<Integer> places = new TreeSet<>(List.of(12, 13, headers.size() - 1));
        for (int i = 12; i < headers.size(); i++) {
            boolean boundary = (run.height() + i) % HeaderRules.PERIOD <= 1;
            boolean easy = headers.get(i).bits() != headers.get(i - 1).bits();
            if (boundary || (easy && places.size() < 60)) {
                places.add(i);
            }
        }
        HeaderChain chain = run.chain((_, _, _) -> true);
        int done = 0;
        int versions = 0;
        for (int place : places) {
            acceptAll(chain, headers.subList(done, place));
            done = place;
            BlockHeader good = headers.get(place);
            long median = chain.medianTime(chain.heaviestHeader());
            long future = NOW.plus(HeaderChain.MAX_FUTURE).getEpochSecond();
            refused(chain, withBits(good, good.bits() + 1), Rule.WRONG_BITS);
            refused(chain, withBits(good, good.bits() | 0x0080_0000L), Rule.WRONG_BITS);
            if (!isMinimumAfter20Minutes(run.network()) || isFirstOfPeriod(run, place)) {
                refused(chain, withTime(good, median), Rule.TIME_TOO_OLD);
                refused(chain, withTime(good, future + 1), Rule.TIME_TOO_NEW);
            }
            int height = run.height() + place;
            if (height >= run.network().softForks().bip34()) {
                int least = leastVersion(run.network(), height);
                refused(chain, withVersion(good, least - 1), Rule.OLD_VERSION);
                refused(chain, withVersion(good, Integer.MIN_VALUE), Rule.OLD_VERSION);
                versions++;
            }
        }
        acceptAll(chain, headers.subList(done, headers.size()));
        System.out.printf(
                "%s: %d headers with one wrong field each, %d of them with old versions%n",
                run, places.size(), versions);
    }

    private static boolean isMinimumAfter20Minutes(Network network) {
        return network.difficulty().rules().size() > 0 && !network.difficulty().neverRetargets();
    }

    private static boolean isFirstOfPeriod(Run run, int place) {
        return (run.height() + place) % HeaderRules.PERIOD == 0;
    }

    private static int leastVersion(Network network, int height) {
        if (height >= network.softForks().bip65()) {
            return 4;
        }
        return height >= network.softForks().bip66() ? 3 : 2;
    }

    private static void refused(HeaderChain chain, BlockHeader header, Rule rule) {
        assertThat(chain.accept(OPERATOR, List.of(header), NOW))
                .as("%s", header)
                .isInstanceOfSatisfying(
                        HeaderVerdict.Refused.class,
                        verdict -> assertThat(verdict.rule()).isEqualTo(rule));
    }

    private static BlockHeader withBits(BlockHeader of, long bits) {
        return new BlockHeader(
                of.version(), of.previous(), of.merkleRoot(), of.time(), bits, of.nonce());
    }

    private static BlockHeader withTime(BlockHeader of, long time) {
        return new BlockHeader(
                of.version(), of.previous(), of.merkleRoot(), time, of.bits(), of.nonce());
    }

    private static BlockHeader withVersion(BlockHeader of, int version) {
        return new BlockHeader(
                version, of.previous(), of.merkleRoot(), of.time(), of.bits(), of.nonce());
    }

    @Test
    void everyRetargetOfMainnetAndAllWorkFollowFromTheTable() {
        SortedMap<Integer, Boundary> table = HeaderVectors.retargets();
        HeaderRules rules = new HeaderRules(Network.MAINNET);
        int retargets = 0;
        for (Map.Entry<Integer, Boundary> line : table.entrySet()) {
            int height = line.getKey();
            BlockHeader header = line.getValue().header();
            assertThat(header.hash()).hasToString(line.getValue().hash());
            Boundary below = table.get(height - 1);
            if (height % HeaderRules.PERIOD != 0 || height == 0) {
                Boundary first = table.get(height - HeaderRules.PERIOD + 1);
                if (first != null) {
                    assertThat(header.bits()).isEqualTo(first.header().bits());
                    BigInteger blocks = BigInteger.valueOf(HeaderRules.PERIOD - 1L);
                    assertThat(line.getValue().work())
                            .isEqualTo(first.work().add(header.work().multiply(blocks)));
                }
                continue;
            }
            Boundary first = Objects.requireNonNull(table.get(height - HeaderRules.PERIOD));
            Objects.requireNonNull(below);
            assertThat(header.previous()).isEqualTo(below.header().hash());
            assertThat(
                            rules.retarget(
                                    below.header().bits(),
                                    below.header().time() - first.header().time()))
                    .as("bits of %d", height)
                    .isEqualTo(header.bits());
            assertThat(line.getValue().work()).isEqualTo(below.work().add(header.work()));
            retargets++;
        }
        System.out.printf("retargets of mainnet up to %,d: %d%n", table.lastKey(), retargets);
        assertThat(retargets).isEqualTo(table.lastKey() / HeaderRules.PERIOD);
    }

    /// Real times and bits without hashes: the rule of 20 minutes far into testnet3.
    @Test
    void timesAndBitsOfTestnet3FollowFromOneAnother() {
        List<String> lines =
                HeaderVectors.lines("headers-testnet3/testnet3_52416-56454_time_bits.csv");
        HeaderRules rules = new HeaderRules(Network.TESTNET3);
        BranchState state = new BranchState(rules.limitBits());
        int checked = 0;
        int easiest = 0;
        int retargets = 0;
        for (String line : lines.subList(1, lines.size())) {
            String[] fields = line.split(",", -1);
            int height = Integer.parseInt(fields[0]);
            long time = Long.parseLong(fields[1]);
            long bits = Long.parseLong(fields[2], 16);
            if (checked == 0) {
                state.height = height - 1;
                assertThat(height % HeaderRules.PERIOD).isZero();
            } else {
                assertThat(bits)
                        .as("bits of %d", height)
                        .isEqualTo(rules.expectedBits(state, time));
                assertThat(rules.broken(state, 4, time, NOW.getEpochSecond())).isNull();
                easiest += bits == rules.limitBits() ? 1 : 0;
                retargets += height % HeaderRules.PERIOD == 0 ? 1 : 0;
            }
            state.push(time, bits);
            checked++;
        }
        System.out.printf(
                "testnet3 times and bits: %,d, %d retargets, %d after 20 minutes%n",
                checked, retargets, easiest);
        assertThat(checked).isEqualTo(lines.size() - 1);
        assertThat(easiest).isPositive();
        assertThat(retargets).isPositive();
    }

    @Test
    void electrumsTargetsOfMainnetAreThoseOfTheTable() {
        // Each line has the last hash of a period and the target of the next one.
        SortedMap<Integer, Boundary> table = HeaderVectors.retargets();
        int compared = 0;
        int period = 0;
        for (JsonNode line :
                HeaderVectors.json("headers-mainnet/electrum_mainnet_checkpoints.json")) {
            Boundary last = table.get(HeaderRules.PERIOD * (period + 1) - 1);
            Boundary next = table.get(HeaderRules.PERIOD * (period + 1));
            if (last != null && next != null) {
                assertThat(line.get(0).asString()).isEqualTo(last.hash());
                assertThat(ProofOfWork.target(next.header().bits()))
                        .contains(line.get(1).bigIntegerValue());
                compared++;
            }
            period++;
        }
        assertThat(compared).isEqualTo(table.size() / 2);
    }

    private static Stream<String> checkpointFiles() {
        return Stream.of(
                "headers-mainnet/org.bitcoin.production.checkpoints.txt",
                "headers-signet/org.bitcoin.signet.checkpoints.txt",
                "headers-testnet3/org.bitcoin.test.checkpoints.txt");
    }

    /// A chain can start at each checkpoint, and where no block has the easiest target the work in
    /// between follows from the bits.
    @ParameterizedTest
    @MethodSource("checkpointFiles")
    void aChainCanStartAtEachCheckpointOfBitcoinj(String file) {
        Network network =
                file.contains("mainnet")
                        ? Network.MAINNET
                        : file.contains("signet") ? Network.SIGNET : Network.TESTNET3;
        BigInteger workBefore = BigInteger.ZERO;
        BlockHeader before = null;
        int heightBefore = 0;
        int count = 0;
        for (String line : HeaderVectors.lines(file).subList(3, HeaderVectors.lines(file).size())) {
            byte[] bytes =
                    Base64.getDecoder().decode(line + "=".repeat((4 - line.length() % 4) % 4));
            int workLength = bytes.length - 4 - BlockHeader.LENGTH;
            BigInteger work = new BigInteger(1, bytes, 0, workLength);
            int height = new BigInteger(1, bytes, workLength, 4).intValueExact();
            BlockHeader header =
                    HeaderVectors.header(Bytes.of(bytes, workLength + 4, bytes.length));
            assertThat(height % HeaderRules.PERIOD).isZero();
            ChainStart start =
                    new ChainStart(
                            header,
                            new ChainStart.Anchor(
                                    height,
                                    header.bits(),
                                    header.time(),
                                    work.subtract(header.work())));
            assertThat(start.fault(network)).isEmpty();
            HeaderChain chain = chain(network, start, CompactTarget::isMetBy);
            assertThat(chain.tip().chainWork()).isEqualTo(work);
            assertThat(chain.tip().height()).isEqualTo(height);
            if (before != null && !network.equals(Network.TESTNET3)) {
                assertThat(height).isEqualTo(heightBefore + HeaderRules.PERIOD);
                BigInteger between =
                        before.work().multiply(BigInteger.valueOf(HeaderRules.PERIOD - 1L));
                assertThat(work).isEqualTo(workBefore.add(between).add(header.work()));
            }
            assertThat(work).isGreaterThan(workBefore);
            workBefore = work;
            before = header;
            heightBefore = height;
            count++;
        }
        System.out.printf("%s: %d checkpoints%n", file, count);
        assertThat(count).isPositive();
    }

    @Test
    void headersOfTheForkOfJuly2015HaveAVersionThatBip66Ended() {
        List<BlockHeader> fork = HeaderVectors.headers("headers-forks/bip66_fork_2015-07-04.bin");
        ChainStart start = HeaderVectors.mainnetStart(fork.getFirst(), 363_731);
        assertThat(fork.getFirst().version()).isEqualTo(2);
        assertThat(start.fault(Network.MAINNET))
                .hasValueSatisfying(fault -> assertThat(fault).contains("version"));
        HeaderRules rules = new HeaderRules(Network.MAINNET);
        BranchState below = BranchState.at(start, rules.limitBits());
        below.height = 363_730;
        for (BlockHeader header : fork) {
            assertThat(
                            rules.broken(
                                    below,
                                    header.version(),
                                    header.time() + 3_600,
                                    NOW.getEpochSecond()))
                    .isEqualTo(header.version() < 3 ? Rule.OLD_VERSION : null);
        }
        // What was built on it can be told from nothing but its parent.
        List<BlockHeader> built = fork.subList(1, fork.size());
        HeaderChain chain =
                chain(
                        Network.MAINNET,
                        HeaderVectors.mainnetStart(built.getFirst(), 363_732),
                        CompactTarget::isMetBy);
        acceptAll(chain, built);
        assertThat(chain.tip().height()).isEqualTo(363_736);
    }

    @Test
    void coresAlternateChainIsBestUntilTheRealOneHasMoreWork() {
        List<BlockHeader> real =
                HeaderVectors.headers("headers-mainnet/mainnet_0-32259.bin.gz").subList(1, 4_000);
        List<BlockHeader> alternate =
                HeaderVectors.headers("headers-forks/mainnet_alt_1-2015.bin.gz");
        HeaderChain chain =
                chain(Network.MAINNET, ChainStart.genesis(Network.MAINNET), CompactTarget::isMetBy);
        acceptAll(chain, alternate);
        assertThat(chain.tip().height()).isEqualTo(alternate.size());
        acceptAll(chain, real.subList(0, 2_015));
        assertThat(chain.tip().hash()).isEqualTo(alternate.getLast().hash());
        assertThat(chain.accept(OPERATOR, real.subList(2_015, 2_016), NOW))
                .isInstanceOfSatisfying(
                        HeaderVerdict.Reorganized.class,
                        verdict -> assertThat(verdict.fork().height()).isZero());
        HeaderRules rules = new HeaderRules(Network.MAINNET);
        BranchState state = BranchState.at(ChainStart.genesis(Network.MAINNET), rules.limitBits());
        alternate.forEach(header -> state.push(header.time(), header.bits()));
        long next = rules.expectedBits(state, alternate.getLast().time() + 120);
        assertThat(ProofOfWork.work(next).divide(alternate.getLast().work()))
                .as("its next block needs four times the work")
                .isEqualTo(BigInteger.valueOf(4));
    }

    @Test
    void theTimestampsAndNoncesOfTheAlternateChainAreThoseOfItsHeaders() {
        JsonNode json = HeaderVectors.json("headers-forks/mainnet_alt.json");
        List<BlockHeader> headers =
                HeaderVectors.headers("headers-forks/mainnet_alt_1-2015.bin.gz");
        for (int i = 0; i < headers.size(); i++) {
            assertThat(headers.get(i).time()).isEqualTo(json.get("timestamps").get(i).asLong());
            assertThat(headers.get(i).nonce()).isEqualTo(json.get("nonces").get(i).asLong());
        }
    }

    @Test
    void coresTestnet3HeadersAreFollowedAndItsForksHaveTooLittleWork() {
        HeaderChain chain =
                chain(
                        Network.TESTNET3,
                        ChainStart.genesis(Network.TESTNET3),
                        CompactTarget::isMetBy);
        List<BlockHeader> main = new ArrayList<>();
        List<BlockHeader> forks = new ArrayList<>();
        for (String line : HeaderVectors.lines("headers-forks/blockheader_testnet3.hex")) {
            if (line.startsWith("fork:")) {
                forks.add(HeaderVectors.header(Bytes.fromHex(line.substring("fork:".length()))));
            } else if (!line.isBlank()) {
                main.add(HeaderVectors.header(Bytes.fromHex(line)));
            }
        }
        acceptAll(chain, main);
        assertThat(chain.tip().header()).isEqualTo(main.getLast());
        assertThat(chain.accept(new HeaderSource.OtherPeer(1), forks, NOW))
                .isInstanceOf(HeaderVerdict.LowWork.class);
        assertThat(chain.accept(OPERATOR, forks, NOW))
                .isInstanceOf(HeaderVerdict.ForkExtended.class);
    }

    @Test
    void aStaleHeaderWithoutItsParentWaits() {
        List<BlockHeader> run =
                HeaderVectors.headers("headers-mainnet/mainnet_832001-833097.bin.gz");
        HeaderChain chain =
                chain(
                        Network.MAINNET,
                        HeaderVectors.mainnetStart(run.getFirst(), 832_001),
                        CompactTarget::isMetBy);
        List<BlockHeader> stale = HeaderVectors.headers("headers-forks/mainnet_stale_0823226.bin");
        assertThat(chain.accept(new HeaderSource.OtherPeer(1), stale, NOW))
                .isEqualTo(new HeaderVerdict.Unconnected(stale.getFirst().previous()));
        assertThat(HeaderVectors.mainnetStart(stale.getFirst(), 823_226).fault(Network.MAINNET))
                .isEmpty();
    }

    @Test
    void headersOfSummaAreFollowedAcrossARetargetAndItsBadOnesAreNot() {
        for (String file : List.of("summa_headers.json", "summa_headersWithRetarget.json")) {
            JsonNode json = HeaderVectors.json("headers-forks/" + file);
            BlockHeader first = summa(json.get("genesis"));
            int height = json.get("genesis").get("height").asInt();
            HeaderChain chain =
                    chain(
                            Network.MAINNET,
                            HeaderVectors.mainnetStart(first, height),
                            CompactTarget::isMetBy);
            for (JsonNode next : json.get("chain")) {
                BlockHeader header = summa(next);
                BlockHash orphan = BlockHash.ZERO;
                if (json.has("orphan_562630") && next.get("height").asInt() == 562_630) {
                    orphan = summa(json.get("orphan_562630")).hash();
                    assertThat(
                                    chain.accept(
                                            OPERATOR,
                                            List.of(summa(json.get("orphan_562630"))),
                                            NOW))
                            .isInstanceOf(HeaderVerdict.Extended.class);
                }
                assertThat(chain.accept(OPERATOR, List.of(header), NOW))
                        .isInstanceOf(HeaderVerdict.Accepted.class);
                assertThat(header.hash()).hasToString(next.get("digest").asString().substring(2));
                if (!orphan.equals(BlockHash.ZERO)) {
                    assertThat(chain.tip().hash()).as("the first seen stays").isEqualTo(orphan);
                }
            }
            JsonNode last = json.get("chain").get(json.get("chain").size() - 1);
            assertThat(chain.tip().header()).isEqualTo(summa(last));
            assertThat(chain.tip().height()).isEqualTo(last.get("height").asInt());
            if (json.has("badHeader")) {
                assertThat(chain.accept(OPERATOR, List.of(summa(json.get("badHeader"))), NOW))
                        .isNotInstanceOf(HeaderVerdict.Accepted.class);
            }
            if (json.has("oldPeriodStart")) {
                BlockHeader period = summa(json.get("oldPeriodStart"));
                assertThat(HeaderVectors.mainnetStart(first, height).anchor().time())
                        .isEqualTo(period.time());
            }
        }
    }

    private static BlockHeader summa(JsonNode node) {
        return HeaderVectors.header(Bytes.fromHex(node.get("hex").asString().substring(2)));
    }
}
