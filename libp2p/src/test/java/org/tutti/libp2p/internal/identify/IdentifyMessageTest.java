package org.tutti.libp2p.internal.identify;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;

import org.junit.jupiter.api.Test;
import org.tutti.base.Bytes;
import org.tutti.libp2p.host.HostBuilder;
import org.tutti.libp2p.identity.EnvelopeException;
import org.tutti.libp2p.identity.KeyType;
import org.tutti.libp2p.identity.Keys;
import org.tutti.libp2p.identity.PeerId;
import org.tutti.libp2p.identity.PrivateKey;
import org.tutti.libp2p.identity.SignedEnvelope;
import org.tutti.libp2p.internal.pb.IdentifyPb;
import org.tutti.libp2p.internal.peerstore.PeerStore;
import org.tutti.libp2p.multiaddr.Multiaddr;
import org.tutti.libp2p.peerstore.PeerInfo;
import org.tutti.libp2p.peerstore.PeerRecord;

import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.IntStream;

class IdentifyMessageTest {
    private static final Multiaddr HERE = Multiaddr.parse("/ip4/127.0.0.1/tcp/4001");
    private static final Multiaddr THERE = Multiaddr.parse("/ip4/127.0.0.1/tcp/4002");

    private final PrivateKey bobsKey = key();
    private final PeerId bob = bobsKey.publicKey().peerId();
    private final PeerStore store = new PeerStore(10, () -> 0);
    private final IdentifyReader reader = new IdentifyReader(this::certified);

    private Optional<List<Multiaddr>> certified(PeerId peer, Bytes record) {
        try {
            SignedEnvelope envelope = SignedEnvelope.decode(record);
            boolean own = envelope.signer().equals(peer);
            return own
                            && (store.certify(envelope, PeerStore.LEARNT)
                                    || store.record(peer).isPresent())
                    ? store.certifiedAddresses(peer)
                    : Optional.empty();
        } catch (EnvelopeException e) {
            return Optional.empty();
        }
    }

    private static PrivateKey key() {
        return Keys.generate(KeyType.ED25519, new SecureRandom());
    }

    private static IdentifyMessage own(PrivateKey key) {
        return new IdentifyMessage(
                key, "ipfs/0.1.0", "tutti/0.1.0", () -> Instant.parse("2026-01-01T00:00:00Z"));
    }

    private PeerInfo read(IdentifyPb message) throws Exception {
        return reader.interpret(bob, message, Optional.empty());
    }

    private static ByteString sealed(PrivateKey key, long seq, Multiaddr... addresses) {
        PeerRecord record = new PeerRecord(key.publicKey().peerId(), seq, List.of(addresses));
        return ByteString.copyFrom(record.seal(key).encode().toArray());
    }

    @Test
    void whatWeSayIsReadBack() throws Exception {
        byte[] message = own(bobsKey).encode(List.of("/a/1", "/b/1"), List.of(HERE), THERE);
        PeerInfo info = read(IdentifyPb.parseFrom(message));
        assertThat(info)
                .isEqualTo(
                        new PeerInfo(
                                bob,
                                "ipfs/0.1.0",
                                "tutti/0.1.0",
                                List.of("/a/1", "/b/1"),
                                List.of(HERE),
                                Optional.of(THERE),
                                true));
    }

    @Test
    void whatWeSayFitsWhatRustAccepts() throws Exception {
        List<Multiaddr> addresses =
                IntStream.range(1, 300)
                        .mapToObj(i -> Multiaddr.parse("/ip4/10.0.0.1/tcp/" + i))
                        .toList();
        List<String> protocols =
                IntStream.range(1, 300).mapToObj(i -> "/a-long-protocol-name/" + i).toList();
        assertThat(own(bobsKey).encode(List.of("/a/1"), addresses, HERE))
                .hasSizeLessThanOrEqualTo(IdentifyMessage.MAX_LENGTH);
        byte[] message = own(bobsKey).encode(protocols, addresses, HERE);
        assertThat(message).hasSizeLessThanOrEqualTo(IdentifyMessage.MAX_LENGTH);
        assertThat(read(IdentifyPb.parseFrom(message)).protocols()).isNotEmpty();
    }

    @Test
    void theSignedRecordWinsOverTheUnsignedAddresses() throws Exception {
        PeerInfo info =
                read(
                        IdentifyPb.newBuilder()
                                .addListenAddrs(ByteString.copyFrom(HERE.toBytes()))
                                .setSignedPeerRecord(sealed(bobsKey, 1, THERE))
                                .build());
        assertThat(info.listenAddresses()).containsExactly(THERE);
        assertThat(info.certifiedAddresses()).isTrue();
    }

    @Test
    void aRecordOfSomebodyElseOrWithoutAValidSignatureIsIgnored() throws Exception {
        byte[] damaged = sealed(bobsKey, 1, THERE).toByteArray();
        damaged[damaged.length - 1] ^= 1;
        for (ByteString record :
                List.of(
                        sealed(key(), 1, THERE),
                        ByteString.copyFrom(damaged),
                        ByteString.copyFromUtf8("junk"))) {
            PeerInfo info =
                    read(
                            IdentifyPb.newBuilder()
                                    .addListenAddrs(ByteString.copyFrom(HERE.toBytes()))
                                    .setSignedPeerRecord(record)
                                    .build());
            assertThat(info.listenAddresses()).containsExactly(HERE);
            assertThat(info.certifiedAddresses()).isFalse();
        }
    }

    @Test
    void anOlderRecordDoesNotReplaceANewerOne() throws Exception {
        // go counts nanoseconds, beyond what a signed number or a double would hold.
        ByteString newer = sealed(bobsKey, -1, THERE);
        assertThat(read(IdentifyPb.newBuilder().setSignedPeerRecord(newer).build()))
                .extracting(PeerInfo::listenAddresses)
                .isEqualTo(List.of(THERE));
        ByteString older = sealed(bobsKey, 5, HERE);
        assertThat(read(IdentifyPb.newBuilder().setSignedPeerRecord(older).build()))
                .extracting(PeerInfo::listenAddresses)
                .isEqualTo(List.of(THERE));
    }

    /// The clock stands still, or goes back: a peer that has the record before would ignore this.
    @Test
    void theNumberOfOurRecordRisesWithEachChange() throws Exception {
        AtomicReference<Instant> now = new AtomicReference<>(Instant.ofEpochMilli(5_000));
        IdentifyMessage own = new IdentifyMessage(bobsKey, "ipfs/0.1.0", "a/1", now::get);
        long last = 0;
        for (int i = 1; i <= 5; i++) {
            Multiaddr address = Multiaddr.parse("/ip4/127.0.0.1/tcp/" + i);
            byte[] message = own.encode(List.of("/a/1"), List.of(address), THERE);
            Bytes envelope =
                    Bytes.wrap(IdentifyPb.parseFrom(message).getSignedPeerRecord().toByteArray());
            long seq = PeerRecord.open(SignedEnvelope.decode(envelope)).seq();
            assertThat(seq).isGreaterThan(last).isGreaterThanOrEqualTo(5_000);
            last = seq;
            if (i == 3) {
                now.set(Instant.ofEpochMilli(100));
            }
        }
    }

    @Test
    void addressesOfOthersUnknownOnesAndTooManyAreLeftOut() throws Exception {
        IdentifyPb.Builder message =
                IdentifyPb.newBuilder()
                        .addListenAddrs(ByteString.copyFromUtf8("junk"))
                        .addListenAddrs(
                                ByteString.copyFrom(
                                        HERE.withPeerId(key().publicKey().peerId()).toBytes()));
        assertThat(read(message.build()).listenAddresses()).isEmpty();
        for (int i = 1; i < 100; i++) {
            message.addListenAddrs(
                    ByteString.copyFrom(Multiaddr.parse("/ip4/10.0.0.1/tcp/" + i).toBytes()));
            message.addProtocols("/p/" + i).addProtocols("/q/" + i).addProtocols("/r/" + i);
        }
        PeerInfo info = read(message.build());
        assertThat(info.listenAddresses()).hasSize(PeerStore.MAX_ADDRESSES);
        assertThat(info.protocols()).hasSize(IdentifyReader.MAX_PROTOCOLS);
    }

    @Test
    void ourAgentCarriesTheVersionOfTheBuild() throws Exception {
        String pom = Files.readString(Path.of(System.getProperty("tutti.root"), "pom.xml"));
        String version = pom.replaceFirst("(?s).*?<version>(.*?)</version>.*", "$1");
        assertThat(HostBuilder.AGENT).isEqualTo("tutti/" + version);
    }
}
