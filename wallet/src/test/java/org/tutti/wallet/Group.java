package org.tutti.wallet;

import org.tutti.base.Bytes;
import org.tutti.bitcoin.network.Network;
import org.tutti.bitcoin.script.Script;
import org.tutti.musig.keys.Bip328;
import org.tutti.musig.keys.DerivationPath;
import org.tutti.musig.keys.KeyException;
import org.tutti.musig.keys.PublicKey;
import org.tutti.musig.keys.SecretKey;
import org.tutti.musig.musig.AggregateNonce;
import org.tutti.musig.musig.KeyAggContext;
import org.tutti.musig.musig.NonceGenerator;
import org.tutti.musig.musig.NoncePair;
import org.tutti.musig.musig.SigningSession;
import org.tutti.musig.schnorr.SchnorrSignature;
import org.tutti.wallet.coins.GroupWallet;
import org.tutti.wallet.coins.WalletException;

import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/// Alice, bob and carol, who share a wallet, with keys that every test run has again.
public final class Group {
    public static final Script STRANGER = Script.fromHex("0014" + "5e".repeat(20));

    public final GroupWallet wallet;
    private final List<SecretKey> secrets = new ArrayList<>();
    private final SecureRandom random = new SecureRandom();

    public Group() {
        this(GroupWallet::of);
    }

    /// With two branches of addresses.
    public static Group derived() {
        return new Group(GroupWallet::derived);
    }

    private interface Wallets {
        GroupWallet of(List<PublicKey> keys, Network network) throws WalletException;
    }

    private Group(Wallets wallets) {
        try {
            for (int i = 1; i <= 3; i++) {
                byte[] scalar = new byte[32];
                scalar[31] = (byte) i;
                secrets.add(SecretKey.of(scalar));
            }
            wallet = wallets.of(publicKeys(), Network.REGTEST);
        } catch (KeyException | WalletException e) {
            throw new IllegalStateException(e);
        }
    }

    public List<PublicKey> publicKeys() {
        return secrets.stream().map(SecretKey::publicKey).toList();
    }

    /// What the three of them sign when all agree.
    public SchnorrSignature sign(Bytes message) {
        return sign(KeyAggContext.of(wallet.keys()).withTapTweak(Optional.empty()), message);
    }

    /// The same for the key that is derived along a path.
    public SchnorrSignature sign(List<Integer> path, Bytes message) {
        KeyAggContext aggregate = KeyAggContext.of(wallet.keys());
        try {
            DerivationPath steps =
                    DerivationPath.of(path.stream().mapToLong(Integer::longValue).toArray());
            return sign(
                    aggregate
                            .withPlainTweaks(
                                    Bip328.derive(aggregate.aggregateKey(), steps).tweaks())
                            .withTapTweak(Optional.empty()),
                    message);
        } catch (KeyException e) {
            throw new IllegalStateException(e);
        }
    }

    /// What the three of them sign under their aggregate key as it is tweaked.
    public SchnorrSignature sign(KeyAggContext context, Bytes message) {
        List<SecretKey> ordered = wallet.keys().stream().map(this::secretOf).toList();
        List<NoncePair> nonces =
                ordered.stream()
                        .map(key ->
                                NonceGenerator.generate(
                                        key,
                                        key.publicKey(),
                                        context,
                                        message,
                                        Bytes.EMPTY,
                                        random))
                        .toList();
        AggregateNonce nonce = AggregateNonce.of(nonces.stream().map(NoncePair::pub).toList());
        SigningSession session = SigningSession.of(context, nonce, message);
        return session.aggregate(
                IntStream.range(0, ordered.size())
                        .mapToObj(i -> session.sign(nonces.get(i).secret(), ordered.get(i)))
                        .toList());
    }

    private SecretKey secretOf(PublicKey key) {
        return secrets.stream().filter(s -> s.publicKey().equals(key)).findFirst().orElseThrow();
    }
}
