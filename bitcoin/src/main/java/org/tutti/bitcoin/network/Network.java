package org.tutti.bitcoin.network;

import org.jspecify.annotations.Nullable;
import org.tutti.base.Bytes;
import org.tutti.bitcoin.block.Block;
import org.tutti.bitcoin.block.BlockHeader;
import org.tutti.bitcoin.codec.Sha256;
import org.tutti.bitcoin.codec.WireWriter;
import org.tutti.bitcoin.hash.BlockHash;
import org.tutti.bitcoin.script.Script;
import org.tutti.musig.keys.ExtendedKeyVersions;

import java.math.BigInteger;
import java.util.EnumSet;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;

/// What one Bitcoin network is made of: its constants, as data (Bitcoin Core `chainparams.cpp`;
/// BIP94, BIP325).
///
/// Nothing asks which network it has; it asks for the constant that it needs. So a network that is
/// not listed here works like those that are: see [#signet(Script)] and [#toBuilder()]. Two
/// networks are equal when all their constants are.
///
/// @param name as configuration files write it: `mainnet`, `testnet3`, `testnet4`, `signet`,
///   `regtest`
/// @param coreName as Bitcoin Core writes it: `main`, `test`, `testnet4`, `signet`, `regtest`
/// @param magic 4 bytes in front of every P2P message, as sent
/// @param defaultPort of the P2P network, 1 to 65535
/// @param prefixes of addresses
/// @param keyVersions of extended keys
/// @param difficulty how hard a block is to make
/// @param subsidyHalvingInterval after how many blocks the subsidy of a block is halved
/// @param knownHeight a height that the network's chain is known to have reached; 0 if none is.
///   Nothing is checked against it but how long a chain may be
/// @param softForks heights from which they apply
/// @param genesis the first block
/// @param signetChallenge what the signers of blocks must satisfy, on a signet
public record Network(
        String name,
        String coreName,
        Bytes magic,
        int defaultPort,
        AddressPrefixes prefixes,
        ExtendedKeyVersions keyVersions,
        Difficulty difficulty,
        int subsidyHalvingInterval,
        int knownHeight,
        SoftForks softForks,
        Block genesis,
        Optional<Script> signetChallenge) {
    private static final int MAINNET_HALVING_INTERVAL = 210_000;
    private static final AddressPrefixes TEST_PREFIXES = new AddressPrefixes("tb", 111, 196, 239);

    public static final Network MAINNET =
            new Builder()
                    .name("mainnet", "main")
                    .peers("f9beb4d9", 8333)
                    .prefixes(new AddressPrefixes("bc", 0, 5, 128))
                    .keyVersions(ExtendedKeyVersions.MAINNET)
                    .difficulty(0x1d00ffffL, none(), "dee8e2a309ad8a9820433c68")
                    .knownHeight(953_567)
                    .softForks(new SoftForks(227_931, 388_381, 363_725, 419_328, 481_824))
                    .genesis(Genesis.times("29ab5f49ffff001d1dac2b7c"))
                    .build();

    public static final Network TESTNET3 =
            new Builder()
                    .name("testnet3", "test")
                    .peers("0b110907", 18333)
                    .difficulty(
                            0x1d00ffffL,
                            EnumSet.of(RetargetRule.MINIMUM_AFTER_20_MINUTES),
                            "16dd270dd94fac1d7632")
                    .knownHeight(5_011_775)
                    .softForks(new SoftForks(21_111, 581_885, 330_776, 770_112, 834_624))
                    .genesis(Genesis.times("dae5494dffff001d1aa4ae18"))
                    .build();

    public static final Network TESTNET4 =
            new Builder()
                    .name("testnet4", "testnet4")
                    .peers("1c163f28", 48333)
                    .difficulty(
                            0x1d00ffffL,
                            EnumSet.of(
                                    RetargetRule.MINIMUM_AFTER_20_MINUTES,
                                    RetargetRule.FIRST_BLOCK_OF_PERIOD,
                                    RetargetRule.NO_TIME_WARP),
                            "34a4690fe592dc49c7c")
                    .knownHeight(139_103)
                    .softForks(SoftForks.FROM_START)
                    .genesis(Genesis.may2024("046f3566ffff001dbb0c7817"))
                    .build();

    /// The public signet.
    public static final Network SIGNET =
            signet(
                            Script.fromHex(
                                    "512103ad5e0edad18cb1f0fc0d28a3d4f1f3e445640337489abb10404f2d1e"
                                            + "086be430210359ef5021964fe22d6f8e05b2463c9540ce96883fe3"
                                            + "b278760f048f5189f2e6c452ae"))
                    .toBuilder()
                    .minimumChainWork("206e86f08e8")
                    .knownHeight(308_447)
                    .build();

    public static final Network REGTEST =
            new Builder()
                    .name("regtest", "regtest")
                    .peers("fabfb5da", 18444)
                    .prefixes(new AddressPrefixes("bcrt", 111, 196, 239))
                    .difficulty(
                            0x207fffffL,
                            EnumSet.of(RetargetRule.NEVER, RetargetRule.MINIMUM_AFTER_20_MINUTES),
                            "0")
                    .subsidyHalvingInterval(150)
                    .softForks(new SoftForks(1, 1, 1, 1, 0))
                    .genesis(Genesis.times("dae5494dffff7f2002000000"))
                    .build();

    private static final List<Network> ALL = List.of(MAINNET, TESTNET3, TESTNET4, SIGNET, REGTEST);

    /// @throws IllegalArgumentException if a value is out of its range
    public Network {
        magic.requireLength(4, "magic");
        if (defaultPort < 1
                || defaultPort > 65_535
                || subsidyHalvingInterval < 1
                || knownHeight < 0) {
            throw new IllegalArgumentException(
                    "not a port, an interval and a height: "
                            + defaultPort
                            + ", "
                            + subsidyHalvingInterval
                            + ", "
                            + knownHeight);
        }
    }

    private static Set<RetargetRule> none() {
        return EnumSet.noneOf(RetargetRule.class);
    }

    /// The networks that everybody knows.
    public static List<Network> all() {
        return ALL;
    }

    /// The network that configuration files call so.
    public static Optional<Network> byName(String name) {
        return ALL.stream().filter(network -> network.name.equals(name)).findFirst();
    }

    /// The signet whose blocks satisfy a challenge. Only its magic follows from the challenge; the
    /// rest is the same for all signets, the genesis block included.
    ///
    /// @param challenge the script that signatures of blocks are checked against (BIP325)
    public static Network signet(Script challenge) {
        return new Builder()
                .name("signet", "signet")
                .peers(signetMagic(challenge), 38333)
                .difficulty(0x1e0377aeL, none(), "0")
                .softForks(SoftForks.FROM_START)
                .genesis(Genesis.times("008f4d5fae77031e8ad22203"))
                .signetChallenge(challenge)
                .build();
    }

    /// BIP325: "the first four bytes of the sha256d-hash of the block script" "as a single data
    /// push".
    private static Bytes signetMagic(Script challenge) {
        WireWriter push = new WireWriter();
        challenge.write(push);
        return Bytes.of(Sha256.twice(push.toArray()), 0, 4);
    }

    public BlockHeader genesisHeader() {
        return genesis.header();
    }

    public BlockHash genesisHash() {
        return genesis.hash();
    }

    /// What tells this network from all others: 32 bytes, BIP340's tagged hash `tutti/network` over
    /// the hash of the genesis block and the signet's challenge.
    ///
    /// Nothing that is signed names its network: a signature of a transaction counts wherever its
    /// inputs exist, and whoever mines regtest blocks can make any input exist there. So keys are
    /// made for one network, and this is how they name it. The challenge is part of it because all
    /// signets have one genesis block; names and magic are not, because they make no chain of its
    /// own.
    public Bytes id() {
        return Bytes.wrap(
                Sha256.tagged(
                        "tutti/network",
                        genesisHash().toArray(),
                        signetChallenge
                                .map(challenge -> challenge.bytes().toArray())
                                .orElseGet(() -> new byte[0])));
    }

    /// A builder that starts with the constants of this network.
    public Builder toBuilder() {
        return new Builder(this);
    }

    /// [#name()]
    @Override
    public String toString() {
        return name;
    }

    /// Makes a network of constants of its own.
    public static final class Builder {
        private String name = "";
        private String coreName = "";
        private @Nullable Bytes magic;
        private int defaultPort;
        private AddressPrefixes prefixes = TEST_PREFIXES;
        private ExtendedKeyVersions keyVersions = ExtendedKeyVersions.TESTNET;
        private @Nullable Difficulty difficulty;
        private int subsidyHalvingInterval = MAINNET_HALVING_INTERVAL;
        private int knownHeight;
        private SoftForks softForks = SoftForks.FROM_START;
        private @Nullable Block genesis;
        private Optional<Script> signetChallenge = Optional.empty();

        private Builder() {}

        private Builder(Network network) {
            name = network.name;
            coreName = network.coreName;
            magic = network.magic;
            defaultPort = network.defaultPort;
            prefixes = network.prefixes;
            keyVersions = network.keyVersions;
            difficulty = network.difficulty;
            subsidyHalvingInterval = network.subsidyHalvingInterval;
            knownHeight = network.knownHeight;
            softForks = network.softForks;
            genesis = network.genesis;
            signetChallenge = network.signetChallenge;
        }

        /// @param inConfig as configuration files write it
        /// @param inCore as Bitcoin Core writes it
        public Builder name(String inConfig, String inCore) {
            name = inConfig;
            coreName = inCore;
            return this;
        }

        private Builder peers(String magicHex, int port) {
            return peers(Bytes.fromHex(magicHex), port);
        }

        /// How peers find and know the network.
        public Builder peers(Bytes newMagic, int newDefaultPort) {
            magic = newMagic;
            defaultPort = newDefaultPort;
            return this;
        }

        public Builder prefixes(AddressPrefixes value) {
            prefixes = value;
            return this;
        }

        public Builder keyVersions(ExtendedKeyVersions value) {
            keyVersions = value;
            return this;
        }

        private Builder difficulty(long limitBits, Set<RetargetRule> rules, String workHex) {
            return difficulty(new Difficulty(limitBits, rules, new BigInteger(workHex, 16)));
        }

        private Builder minimumChainWork(String hex) {
            Difficulty old = Objects.requireNonNull(difficulty);
            return difficulty(old.limitBits(), old.rules(), hex);
        }

        public Builder difficulty(Difficulty value) {
            difficulty = value;
            return this;
        }

        public Builder subsidyHalvingInterval(int blocks) {
            subsidyHalvingInterval = blocks;
            return this;
        }

        public Builder knownHeight(int height) {
            knownHeight = height;
            return this;
        }

        public Builder softForks(SoftForks value) {
            softForks = value;
            return this;
        }

        public Builder genesis(Block value) {
            genesis = value;
            return this;
        }

        public Builder signetChallenge(Script value) {
            signetChallenge = Optional.of(value);
            return this;
        }

        /// @throws IllegalArgumentException if a value is out of its range
        public Network build() {
            return new Network(
                    name,
                    coreName,
                    Objects.requireNonNull(magic, "peers"),
                    defaultPort,
                    prefixes,
                    keyVersions,
                    Objects.requireNonNull(difficulty, "difficulty"),
                    subsidyHalvingInterval,
                    knownHeight,
                    softForks,
                    Objects.requireNonNull(genesis, "genesis"),
                    signetChallenge);
        }
    }
}
