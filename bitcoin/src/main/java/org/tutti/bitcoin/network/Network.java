package org.tutti.bitcoin.network;

import org.tutti.base.Bytes;
import org.tutti.bitcoin.block.Block;
import org.tutti.bitcoin.block.ProofOfWork;

import java.math.BigInteger;

/// The Bitcoin networks and their constants (Bitcoin Core `chainparams.cpp`; BIP94, BIP325).
@SuppressWarnings("ImmutableEnumChecker") // All fields are records of immutable values.
public enum Network {
    MAINNET(
            "main",
            new Wire("f9beb4d9", 8333),
            new Prefixes("bc", 0, 5, 128, "0488b21e", "0488ade4"),
            new Difficulty(0x1d00ffffL, false, false, false, "dee8e2a309ad8a9820433c68"),
            new Heights(227_931, 388_381, 363_725, 419_328, 481_824),
            Genesis.times("29ab5f49ffff001d1dac2b7c")),
    TESTNET3(
            "test",
            new Wire("0b110907", 18333),
            new Prefixes("tb", 111, 196, 239, "043587cf", "04358394"),
            new Difficulty(0x1d00ffffL, true, false, false, "16dd270dd94fac1d7632"),
            new Heights(21_111, 581_885, 330_776, 770_112, 834_624),
            Genesis.times("dae5494dffff001d1aa4ae18")),
    TESTNET4(
            "testnet4",
            new Wire("1c163f28", 48333),
            new Prefixes("tb", 111, 196, 239, "043587cf", "04358394"),
            new Difficulty(0x1d00ffffL, true, true, false, "34a4690fe592dc49c7c"),
            new Heights(1, 1, 1, 1, 1),
            Genesis.may2024("046f3566ffff001dbb0c7817")),
    SIGNET(
            "signet",
            new Wire("0a03cf40", 38333),
            new Prefixes("tb", 111, 196, 239, "043587cf", "04358394"),
            new Difficulty(0x1e0377aeL, false, false, false, "206e86f08e8"),
            new Heights(1, 1, 1, 1, 1),
            Genesis.times("008f4d5fae77031e8ad22203")),
    REGTEST(
            "regtest",
            new Wire("fabfb5da", 18444),
            new Prefixes("bcrt", 111, 196, 239, "043587cf", "04358394"),
            new Difficulty(0x207fffffL, true, false, true, "0"),
            new Heights(1, 1, 1, 1, 0),
            Genesis.times("dae5494dffff7f2002000000"));

    private final String coreName;
    private final Wire wire;
    private final Prefixes prefixes;
    private final Difficulty difficulty;
    private final Heights heights;
    private final Block genesis;

    Network(
            String coreName,
            Wire wire,
            Prefixes prefixes,
            Difficulty difficulty,
            Heights heights,
            Block genesis) {
        this.coreName = coreName;
        this.wire = wire;
        this.prefixes = prefixes;
        this.difficulty = difficulty;
        this.heights = heights;
        this.genesis = genesis;
    }

    /// How peers find and know the network.
    ///
    /// @param magic 4 bytes in front of every P2P message, as sent
    /// @param defaultPort of the P2P network
    public record Wire(Bytes magic, int defaultPort) {
        Wire(String magicHex, int defaultPort) {
            this(Bytes.fromHex(magicHex), defaultPort);
        }
    }

    /// What keys and addresses start with.
    ///
    /// @param hrp human-readable part of segwit addresses
    /// @param p2pkh version byte of base58 addresses that pay a key hash
    /// @param p2sh version byte of base58 addresses that pay a script hash
    /// @param wif version byte of private keys
    /// @param xpub 4 bytes before a public BIP32 key
    /// @param xprv 4 bytes before a private BIP32 key
    public record Prefixes(String hrp, int p2pkh, int p2sh, int wif, Bytes xpub, Bytes xprv) {
        Prefixes(String hrp, int p2pkh, int p2sh, int wif, String xpub, String xprv) {
            this(hrp, p2pkh, p2sh, wif, Bytes.fromHex(xpub), Bytes.fromHex(xprv));
        }
    }

    /// How hard a block is to make.
    ///
    /// @param limitBits the easiest target, in compact form
    /// @param allowsMinimumAfter20Minutes whether a block 20 minutes late may have the easiest
    ///   target
    /// @param bip94 whether the retarget looks at the first block of the period (BIP94)
    /// @param neverRetargets whether the bits stay what they are
    /// @param minimumChainWork work that the best chain had when this was written
    public record Difficulty(
            long limitBits,
            boolean allowsMinimumAfter20Minutes,
            boolean bip94,
            boolean neverRetargets,
            BigInteger minimumChainWork) {
        Difficulty(long limitBits, boolean late, boolean bip94, boolean never, String workHex) {
            this(limitBits, late, bip94, never, new BigInteger(workHex, 16));
        }

        /// The easiest target as a number.
        public BigInteger limit() {
            return ProofOfWork.target(limitBits).orElseThrow();
        }
    }

    /// Heights from which the soft forks apply.
    ///
    /// @param bip34 height in the coinbase
    /// @param bip65 OP_CHECKLOCKTIMEVERIFY
    /// @param bip66 strict DER
    /// @param csv BIP68, BIP112, BIP113
    /// @param segwit BIP141, BIP143, BIP147
    public record Heights(int bip34, int bip65, int bip66, int csv, int segwit) {}

    /// The name Bitcoin Core gives the network: `main`, `test`, `testnet4`, `signet`, `regtest`.
    public String coreName() {
        return coreName;
    }

    public Wire wire() {
        return wire;
    }

    public Prefixes prefixes() {
        return prefixes;
    }

    public Difficulty difficulty() {
        return difficulty;
    }

    public Heights heights() {
        return heights;
    }

    /// The first block.
    public Block genesis() {
        return genesis;
    }
}
