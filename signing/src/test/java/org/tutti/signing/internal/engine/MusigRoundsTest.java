package org.tutti.signing.internal.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.tutti.base.Bytes;
import org.tutti.musig.musig.KeyAggContext;
import org.tutti.musig.schnorr.SchnorrSignature;
import org.tutti.signing.internal.wire.GroupFixture;
import org.tutti.signing.request.RequestGroup;
import org.tutti.signing.request.SigningRequest;

import java.util.ArrayList;
import java.util.List;

class MusigRoundsTest {
    private final GroupFixture fixture = new GroupFixture(2, 8);
    private final SigningRequest request = fixture.request(0, 2);
    private final NonceRecorder recorder = new NonceRecorder();
    private final List<KeyAggContext> keys = new ArrayList<>();
    private final MusigRounds alice = rounds(0);
    private final MusigRounds bob = rounds(1);

    MusigRoundsTest() {
        KeyContexts contexts = new KeyContexts(fixture.group);
        request.messages().forEach(message -> keys.add(contexts.of(message)));
    }

    private MusigRounds rounds(int index) {
        GroupFixture.Owner owner = fixture.owner(index);
        Signer signer =
                recorder.watch(
                        new KeySigner(
                                owner.key(),
                                RequestGroup.of(fixture.group),
                                owner.member().peerId(),
                                fixture.random));
        return new MusigRounds(signer, request, 1, index, 2);
    }

    @AfterEach
    void close() {
        alice.close();
        bob.close();
        fixture.close();
    }

    private void exchangeNonces() {
        List<Bytes> ofAlice = alice.makeNonces(keys);
        List<Bytes> ofBob = bob.makeNonces(keys);
        assertThat(alice.addNonces(1, ofBob)).isTrue();
        assertThat(bob.addNonces(0, ofAlice)).isTrue();
    }

    @Test
    void partialSignaturesOfAllMakeSignaturesOfAllMessages() {
        exchangeNonces();
        alice.sign();
        assertThat(alice.allVerified()).isFalse();
        assertThat(alice.verify(fixture.owner(1).member(), bob.sign()))
                .isEqualTo(MusigRounds.Check.VALID);
        assertThat(alice.allVerified()).isTrue();
        List<SchnorrSignature> signatures = alice.aggregate().orElseThrow();
        assertThat(MusigRounds.verifyFinal(request, keys, signatures)).isTrue();
        assertThat(alice.aggregateNonces()).isEqualTo(bob.aggregateNonces()).hasSize(2);
        assertThat(MusigRounds.verifyFinal(request, keys, signatures.reversed())).isFalse();
        assertThat(MusigRounds.verifyFinal(request, keys, signatures.subList(0, 1))).isFalse();
        assertThat(MusigRounds.verifyFinal(request, List.of(), List.of())).isFalse();
    }

    @Test
    void everyMessageHasItsOwnNonce() {
        assertThat(alice.makeNonces(keys)).doesNotHaveDuplicates().hasSize(2);
    }

    @Test
    void malformedOrTooFewNoncesAreRefused() {
        List<Bytes> good = bob.makeNonces(keys);
        assertThat(alice.addNonces(1, good.subList(0, 1))).isFalse();
        assertThat(alice.addNonces(1, List.of(good.get(0), Bytes.wrap(new byte[66])))).isFalse();
        assertThat(alice.addNonces(1, good)).isTrue();
    }

    @Test
    void invalidAndMalformedPartialSignaturesAreTold() {
        exchangeNonces();
        alice.sign();
        List<Bytes> good = bob.sign();
        assertThat(alice.verify(fixture.owner(1).member(), good.reversed()))
                .isEqualTo(MusigRounds.Check.INVALID);
        assertThat(alice.verify(fixture.owner(1).member(), good.subList(0, 1)))
                .isEqualTo(MusigRounds.Check.MALFORMED);
        Bytes tooLarge = Bytes.fromHex("ff".repeat(32));
        assertThat(alice.verify(fixture.owner(1).member(), List.of(good.get(0), tooLarge)))
                .isEqualTo(MusigRounds.Check.MALFORMED);
        assertThat(alice.isVerified(1)).isFalse();
        assertThatThrownBy(alice::aggregate).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void noncesSignOnlyOnce() {
        exchangeNonces();
        alice.sign();
        assertThatThrownBy(alice::sign).isInstanceOf(IllegalStateException.class);
        assertThat(recorder.signatures()).isEqualTo(2);
    }

    @Test
    void closingWipesTheNoncesThatWereNotSpent() {
        exchangeNonces();
        assertThat(recorder.unwiped()).isEqualTo(4);
        alice.close();
        assertThat(recorder.unwiped()).isEqualTo(2);
        bob.sign();
        assertThat(recorder.unwiped()).isZero();
    }
}
