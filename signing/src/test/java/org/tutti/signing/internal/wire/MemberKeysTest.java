package org.tutti.signing.internal.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.tutti.base.Bytes;
import org.tutti.libp2p.identity.KeyFormatException;
import org.tutti.libp2p.identity.KeyType;
import org.tutti.libp2p.identity.PeerId;
import org.tutti.libp2p.identity.PublicKey;
import org.tutti.signing.SeededRandom;
import org.tutti.signing.group.SignerGroup;
import org.tutti.signing.request.SessionId;
import org.tutti.signing.request.SigningLimits;
import org.tutti.signing.session.DropReason;

import java.util.HashSet;
import java.util.Optional;
import java.util.Random;
import java.util.Set;

class MemberKeysTest {
    private final GroupFixture fixture = new GroupFixture(2, 7);
    private final GroupFixture.Owner alice = fixture.owner(0);
    private final Set<PeerId> members = new HashSet<>(Set.of(alice.member().peerId()));
    private final GroupTable groups =
            new GroupTable() {
                @Override
                public Optional<SignerGroup> find(Bytes id) {
                    return Optional.of(fixture.group).filter(group -> group.id().equals(id));
                }

                @Override
                public boolean hasMember(PeerId peer) {
                    return members.contains(peer);
                }
            };
    private final MemberKeys keys = new MemberKeys(groups);

    @AfterEach
    void close() {
        fixture.close();
    }

    @Test
    void aMembersKeyIsDecodedOnce() throws Exception {
        PublicKey key = alice.identity().publicKey();
        PublicKey read = keys.read(key.toProtobuf().toArray());
        assertThat(read).isEqualTo(key);
        assertThat(keys.read(key.toProtobuf().toArray())).isSameAs(read);
        assertThat(keys.size()).isEqualTo(1);
    }

    @Test
    void nothingOfAStrangerIsKept() throws Exception {
        PublicKey bob = fixture.owner(1).identity().publicKey();
        PublicKey read = keys.read(bob.toProtobuf().toArray());
        assertThat(read).isEqualTo(bob);
        assertThat(keys.read(bob.toProtobuf().toArray())).isNotSameAs(read);
        assertThat(keys.size()).isZero();
    }

    @Test
    void whatIsNoKeyIsRefusedEachTime() {
        byte[] cut = alice.identity().publicKey().toProtobuf().slice(0, 20).toArray();
        for (int i = 0; i < 2; i++) {
            assertThatThrownBy(() -> keys.read(cut)).isInstanceOf(KeyFormatException.class);
        }
        assertThat(keys.size()).isZero();
    }

    @Test
    void noMoreKeysAreKeptThanTheBound() throws Exception {
        MemberKeys ofAll =
                new MemberKeys(
                        new GroupTable() {
                            @Override
                            public Optional<SignerGroup> find(Bytes id) {
                                return Optional.empty();
                            }

                            @Override
                            public boolean hasMember(PeerId peer) {
                                return true;
                            }
                        });
        Random random = new SeededRandom(8);
        for (int i = 0; i < MemberKeys.MAX_KEPT; i++) {
            ofAll.read(anyKey(random));
        }
        assertThat(ofAll.size()).isEqualTo(MemberKeys.MAX_KEPT);
        ofAll.read(anyKey(random));
        assertThat(ofAll.size()).isEqualTo(1);
    }

    private static byte[] anyKey(Random random) throws KeyFormatException {
        byte[] raw = new byte[32];
        random.nextBytes(raw);
        return PublicKey.of(KeyType.ED25519, Bytes.wrap(raw)).toProtobuf().toArray();
    }

    /// SAFETY 8: that a key is known says nothing of a signature.
    @Test
    void eachSignatureOfAKnownKeyIsVerifiedAndAFormerMemberIsAStranger() throws Exception {
        EnvelopeVerifier verifier = new EnvelopeVerifier(groups, SigningLimits.DEFAULT);
        Bytes envelope =
                alice.envelopeSigner()
                        .sign(
                                new SessionId(fixture.random(32)),
                                1,
                                new Contribution.Refuse("NO", "no"))
                        .envelope();
        assertThat(verifier.verify(envelope).author()).isEqualTo(alice.member());
        byte[] forged = envelope.toArray();
        forged[forged.length - 1] ^= 1;
        refuses(verifier, Bytes.wrap(forged), DropReason.BAD_ENVELOPE);
        members.clear();
        refuses(verifier, envelope, DropReason.UNKNOWN_SIGNER);
    }

    private static void refuses(EnvelopeVerifier verifier, Bytes frame, DropReason reason) {
        assertThatThrownBy(() -> verifier.verify(frame))
                .isInstanceOfSatisfying(
                        WireException.class, e -> assertThat(e.reason()).isEqualTo(reason));
    }
}
