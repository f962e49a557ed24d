package org.tutti.musig.musig;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.tutti.base.Bytes;
import org.tutti.musig.internal.secp256k1.Scratch;
import org.tutti.musig.internal.secp256k1.ScratchPool;
import org.tutti.musig.keys.PublicKey;
import org.tutti.musig.keys.SecretKey;
import org.tutti.musig.keys.XOnlyPublicKey;
import org.tutti.musig.schnorr.Schnorr;
import org.tutti.musig.schnorr.SchnorrSignature;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/// Every call gives its working space back, when it fails too: else each allocates anew.
class WorkingSpaceTest {
    private static final Bytes BAD_32 = Bytes.fromHex("ff".repeat(32));
    private static final Bytes BAD_33 = Bytes.fromHex("05" + "ff".repeat(32));
    private static final Bytes BAD_66 = Bytes.fromHex("05".repeat(66));
    private static final Bytes TWEAK = Bytes.fromHex("01".repeat(32));
    private static final Bytes MESSAGE = MusigFixture.MESSAGE;
    private final ScratchPool pool = new ScratchPool();

    private interface Call {
        void run() throws Exception;
    }

    private void givesBack(Call call) throws Exception {
        pool.fill();
        call.run();
        pool.assertFull();
    }

    private void givesBackFailing(Call call) {
        pool.fill();
        assertThatThrownBy(call::run).isInstanceOf(Exception.class);
        pool.assertFull();
    }

    @Test
    void keys() throws Exception {
        try (SecretKey alice = MusigFixture.key(1)) {
            PublicKey key = alice.publicKey();
            Bytes xOnly = key.xOnly().bytes();
            givesBack(() -> MusigFixture.key(7).close());
            givesBack(() -> PublicKey.parse(key.bytes()));
            givesBackFailing(() -> PublicKey.parse(BAD_33));
            givesBack(() -> key.plus(TWEAK));
            givesBackFailing(() -> key.plus(BAD_32));
            givesBack(() -> XOnlyPublicKey.parse(xOnly));
            givesBackFailing(() -> XOnlyPublicKey.parse(BAD_32));
            givesBack(() -> key.xOnly().evenPublicKey());
        }
    }

    @Test
    void signatures() throws Exception {
        byte[] message = new byte[5];
        SecretKey alice = MusigFixture.key(1);
        SchnorrSignature signature = Schnorr.sign(alice, message, new byte[32]);
        givesBack(() -> Schnorr.sign(alice, message, new byte[32]));
        givesBack(() -> Schnorr.verify(alice.publicKey().xOnly(), message, signature));
        alice.close();
        givesBackFailing(() -> Schnorr.sign(alice, message, new byte[32]));
    }

    /// What an earlier call left in a working space is not relied on.
    @Test
    void aBlankWorkingSpaceWillDo() throws Exception {
        pool.drain();
        try (SecretKey alice = MusigFixture.key(1)) {
            pool.drain();
            PublicKey sum = alice.publicKey().plus(TWEAK);
            pool.drain();
            assertThat(sum.xOnly().evenPublicKey().xOnly()).isEqualTo(sum.xOnly());
        }
    }

    /// No memory is allocated for a message that fits.
    @Test
    void aMessageThatFitsLiesInTheWorkingSpace() throws Exception {
        Scratch s = Scratch.take();
        byte[] message = new byte[(int) s.message.byteSize()];
        s.giveBack();
        message[message.length - 1] = 7;
        try (SecretKey alice = MusigFixture.key(1)) {
            pool.fill();
            Schnorr.sign(alice, message, new byte[32]);
            assertThat(pool.spaces())
                    .anyMatch(used -> Arrays.equals(Scratch.get(used.message, 1024), message));
        }
    }

    @Test
    void rounds() throws Exception {
        try (SecretKey alice = MusigFixture.key(1)) {
            List<PublicKey> keys = List.of(alice.publicKey());
            KeyAggContext context = KeyAggContext.of(keys);
            NoncePair pair = nonce(alice, context);
            Bytes nonce = pair.pub().bytes();
            AggregateNonce sum = AggregateNonce.of(List.of(pair.pub()));
            SigningSession session = SigningSession.of(context, sum, MESSAGE);
            PartialSignature partial = session.sign(pair.secret(), alice);
            givesBack(() -> KeyAggContext.of(keys));
            givesBack(() -> context.withTapTweak(Optional.empty()));
            givesBack(() -> nonce(alice, context).secret().close());
            givesBack(() -> PublicNonce.parse(nonce));
            givesBackFailing(() -> PublicNonce.parse(BAD_66));
            givesBack(() -> AggregateNonce.of(List.of(pair.pub())));
            givesBack(() -> AggregateNonce.parse(nonce));
            givesBackFailing(() -> AggregateNonce.parse(BAD_66));
            givesBack(sum::bytes);
            givesBack(() -> SigningSession.of(context, sum, MESSAGE));
            givesBack(() -> PartialSignature.parse(partial.bytes()));
            givesBackFailing(() -> PartialSignature.parse(BAD_32));
            givesBack(() -> session.verify(partial, pair.pub(), alice.publicKey()));
        }
    }

    private static NoncePair nonce(SecretKey key, KeyAggContext context) {
        return NonceGenerator.generate(
                key, key.publicKey(), context, MESSAGE, Bytes.EMPTY, MusigFixture.seeded(3));
    }
}
