package org.tutti.libp2p.peerstore;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.tutti.base.Bytes;
import org.tutti.libp2p.Vectors;
import org.tutti.libp2p.identity.EnvelopeException;
import org.tutti.libp2p.identity.KeyType;
import org.tutti.libp2p.identity.Keys;
import org.tutti.libp2p.identity.PeerId;
import org.tutti.libp2p.identity.PrivateKey;
import org.tutti.libp2p.identity.SignedEnvelope;
import org.tutti.libp2p.multiaddr.Multiaddr;

import tools.jackson.databind.JsonNode;

import java.security.SecureRandom;
import java.util.Collections;
import java.util.List;

class PeerRecordTest {
    private final PrivateKey alice = Keys.generate(KeyType.ED25519, new SecureRandom());
    private final PrivateKey mallory = Keys.generate(KeyType.SECP256K1, new SecureRandom());
    private final PeerRecord record =
            new PeerRecord(
                    PeerId.of(alice.publicKey()),
                    7,
                    List.of(Multiaddr.parse("/ip4/127.0.0.1/tcp/4001")));

    @Test
    void gosRecordIsReadAndSealedByteForByte() throws Exception {
        JsonNode go = Vectors.json("libp2p/signed_peer_record_go.json");
        Bytes envelope = Bytes.fromHex(go.get("envelope_hex").asString());
        PeerRecord read = PeerRecord.open(SignedEnvelope.decode(envelope));
        assertThat(read.peerId()).hasToString(go.get("peer_id").asString());
        assertThat(read.seq()).isEqualTo(go.get("seq").asLong());
        assertThat(read.addresses().stream().map(it -> Bytes.wrap(it.toBytes()).toHex()))
                .containsExactlyElementsOf(
                        go.get("addresses_hex").valueStream().map(JsonNode::asString).toList());
        PrivateKey key =
                Keys.privateFromProtobuf(
                        Bytes.fromHex(go.get("private_key_protobuf_hex").asString()).toArray());
        assertThat(read.seal(key).encode()).isEqualTo(envelope);
    }

    @Test
    void theDomainAndTypeOfTheRfcsTextAreAcceptedToo() throws Exception {
        SignedEnvelope older =
                SignedEnvelope.seal(
                        alice,
                        PeerRecord.LEGACY_DOMAIN,
                        PeerRecord.LEGACY_PAYLOAD_TYPE,
                        record.encode());
        assertThat(PeerRecord.open(older)).isEqualTo(record);
        SignedEnvelope mixed =
                SignedEnvelope.seal(
                        alice, PeerRecord.LEGACY_DOMAIN, PeerRecord.PAYLOAD_TYPE, record.encode());
        assertThat(PeerRecord.open(mixed)).isEqualTo(record);
    }

    @Test
    void aRecordOfAliceSealedByMalloryIsRefused() {
        assertThatThrownBy(() -> record.seal(mallory)).isInstanceOf(IllegalArgumentException.class);
        SignedEnvelope forged =
                SignedEnvelope.seal(
                        mallory, PeerRecord.DOMAIN, PeerRecord.PAYLOAD_TYPE, record.encode());
        assertRefused(EnvelopeException.Code.PAYLOAD, forged);
    }

    @Test
    void anotherDomainOrTypeIsRefused() {
        assertRefused(
                EnvelopeException.Code.SIGNATURE,
                SignedEnvelope.seal(
                        alice, "libp2p-relay-rsvp", PeerRecord.PAYLOAD_TYPE, record.encode()));
        assertRefused(
                EnvelopeException.Code.PAYLOAD_TYPE,
                SignedEnvelope.seal(
                        alice, PeerRecord.DOMAIN, Bytes.fromHex("0302"), record.encode()));
    }

    @Test
    void aSignedPayloadThatIsNoRecordIsRefused() {
        for (String payload : List.of("", "ff", "0a00", "0a021201")) {
            assertRefused(
                    EnvelopeException.Code.PAYLOAD,
                    SignedEnvelope.seal(
                            alice,
                            PeerRecord.DOMAIN,
                            PeerRecord.PAYLOAD_TYPE,
                            Bytes.fromHex(payload)));
        }
    }

    @Test
    void anAddressThatWeDoNotKnowIsLeftOut() throws Exception {
        // Another entry: an address whose protocol code 0x7f nobody has.
        Bytes payload = Bytes.concat(record.encode(), Bytes.fromHex("1a030a017f"));
        PeerRecord read =
                PeerRecord.open(
                        SignedEnvelope.seal(
                                alice, PeerRecord.DOMAIN, PeerRecord.PAYLOAD_TYPE, payload));
        assertThat(read).isEqualTo(record);
    }

    @Test
    void moreAddressesThanTheBoundAreRefused() {
        Multiaddr address = record.addresses().getFirst();
        List<Multiaddr> tooMany = Collections.nCopies(PeerRecord.MAX_ADDRESSES + 1, address);
        assertThatThrownBy(() -> new PeerRecord(record.peerId(), 1, tooMany))
                .isInstanceOf(IllegalArgumentException.class);
        Bytes one = Bytes.concat(Bytes.fromHex("1a0a0a08"), Bytes.wrap(address.toBytes()));
        Bytes payload =
                Bytes.concat(
                        Bytes.concat(Bytes.fromHex("0a26"), record.peerId().multihash()),
                        Bytes.concat(
                                Collections.nCopies(PeerRecord.MAX_ADDRESSES + 1, one)
                                        .toArray(Bytes[]::new)));
        assertRefused(
                EnvelopeException.Code.PAYLOAD,
                SignedEnvelope.seal(alice, PeerRecord.DOMAIN, PeerRecord.PAYLOAD_TYPE, payload));
    }

    private static void assertRefused(EnvelopeException.Code code, SignedEnvelope envelope) {
        assertThatThrownBy(() -> PeerRecord.open(envelope))
                .isInstanceOf(EnvelopeException.class)
                .extracting("code")
                .isEqualTo(code);
    }
}
