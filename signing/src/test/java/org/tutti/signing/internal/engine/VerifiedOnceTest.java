package org.tutti.signing.internal.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.tutti.base.Bytes;
import org.tutti.signing.group.Member;
import org.tutti.signing.internal.wire.GroupFixture;
import org.tutti.signing.internal.wire.Terms;
import org.tutti.signing.internal.wire.WireException;
import org.tutti.signing.request.RequestGroup;
import org.tutti.signing.request.SigningLimits;

/// The worlds' memory of what was verified accepts no more than verifying each time does.
class VerifiedOnceTest {
    @Test
    void whatIsNotSignedIsRefusedEachTime() throws Exception {
        try (GroupFixture fixture = new GroupFixture(3, 9)) {
            Verification once =
                    new VerifiedOnce(Verification.of(fixture.group, SigningLimits.DEFAULT));
            RequestGroup group = RequestGroup.of(fixture.group);
            Member alice = fixture.owner(0).member();
            Member bob = fixture.owner(1).member();
            Terms terms = fixture.terms(0, GroupFixture.TERMS);
            Terms others = new Terms(Bytes.fromHex("01"), terms.signature());
            Bytes envelope =
                    fixture.owner(0).envelopeSigner().sign(fixture.request(0, 1)).envelope();
            byte[] changed = envelope.toArray();
            changed[changed.length - 1] ^= 1;
            for (int i = 0; i < 2; i++) {
                assertThat(once.isAgreed(group, alice, terms)).isTrue();
                assertThat(once.isAgreed(group, bob, terms)).isFalse();
                assertThat(once.isAgreed(group, alice, others)).isFalse();
                assertThat(once.inner(envelope).author()).isEqualTo(alice);
                assertThatThrownBy(() -> once.inner(Bytes.wrap(changed)))
                        .isInstanceOf(WireException.class);
            }
        }
    }
}
