package org.tutti.coordinator.service;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.tutti.base.Bytes;
import org.tutti.coordinator.group.GroupLimits;
import org.tutti.coordinator.internal.engine.CoordinatorEngine;
import org.tutti.coordinator.internal.engine.GroupEngine;
import org.tutti.coordinator.internal.wire.Crafted;
import org.tutti.coordinator.internal.wire.StatementReader;
import org.tutti.coordinator.message.MessageLimits;
import org.tutti.coordinator.message.RequestLimits;
import org.tutti.coordinator.store.RequestLog;
import org.tutti.libp2p.identity.PeerId;
import org.tutti.libp2p.peerscore.PeerScores;
import org.tutti.libp2p.pubsub.Message;
import org.tutti.libp2p.pubsub.ValidationResult;
import org.tutti.libp2p.pubsub.Validator;
import org.tutti.musig.keys.ExtendedKeyVersions;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// What gossip passes on, and whom it punishes.
class GossipTest {
    @TempDir private Path folder;
    private Instant now = Crafted.NOW;
    private final Crafted alice = new Crafted();
    private final Crafted bob = new Crafted();
    private final PeerId forwarder = new Crafted().identity.publicKey().peerId();
    private final CapturedPubsub pubsub = new CapturedPubsub();
    private final List<AutoCloseable> open = new ArrayList<>();

    @AfterEach
    void close() throws Exception {
        for (AutoCloseable part : open) {
            part.close();
        }
    }

    /// Gossip around a coordinator that does not run: requests are judged, and go no further.
    private Validator validator() throws IOException {
        RequestLog log = RequestLog.open(folder.resolve("requests")).log();
        Tasks tasks = new Tasks();
        Gossip gossip =
                new Gossip(
                        Optional.of(pubsub),
                        Crafted.NETWORK,
                        new Loop(
                                new CoordinatorEngine(
                                        bob.signer,
                                        bob.identity.publicKey().peerId(),
                                        RequestLimits.DEFAULT),
                                new GroupEngine(
                                        bob.signer,
                                        bob.identity.publicKey().peerId(),
                                        GroupLimits.DEFAULT,
                                        ExtendedKeyVersions.TESTNET),
                                log,
                                () -> now,
                                _ -> {},
                                () -> {},
                                _ -> {}),
                        new Verifier(
                                new StatementReader(Crafted.NETWORK, MessageLimits.DEFAULT),
                                () -> now,
                                new PeerScores(() -> now)),
                        tasks,
                        () -> now,
                        CoordinatorSettings.DEFAULT);
        gossip.start();
        open.add(gossip);
        open.add(tasks);
        open.add(log);
        return pubsub.validator("/tutti/requests/1/" + Crafted.NETWORK.toHex());
    }

    private static Message message(Bytes data) {
        return Message.anonymous("/tutti/requests/1/" + Crafted.NETWORK.toHex(), data);
    }

    private Message request(Crafted by) {
        return message(
                by.signer
                        .request(
                                by.draft(by == alice ? bob.publicKey() : alice.publicKey()),
                                now.toEpochMilli())
                        .envelope());
    }

    @Test
    void aKeyHasFourRequestsAtOnceAndOneMoreEveryThirtySecondsAndNobodyIsPunished()
            throws IOException {
        Validator validator = validator();
        for (int i = 0; i < 4; i++) {
            assertThat(validator.validate(request(alice), forwarder))
                    .isEqualTo(ValidationResult.ACCEPT);
        }
        assertThat(validator.validate(request(alice), forwarder))
                .isEqualTo(ValidationResult.IGNORE);
        assertThat(validator.validate(request(bob), forwarder)).isEqualTo(ValidationResult.ACCEPT);
        now = now.plus(Duration.ofSeconds(29));
        assertThat(validator.validate(request(alice), forwarder))
                .isEqualTo(ValidationResult.IGNORE);
        now = now.plus(Duration.ofSeconds(1));
        assertThat(validator.validate(request(alice), forwarder))
                .isEqualTo(ValidationResult.ACCEPT);
        assertThat(validator.validate(request(alice), forwarder))
                .isEqualTo(ValidationResult.IGNORE);
    }

    @Test
    void whatIsForgedOrNoRequestIsRejectedAndWhatIsOldIsIgnored() throws IOException {
        Validator validator = validator();
        Bytes join =
                bob.signer
                        .join(
                                alice.signer.request(
                                        alice.draft(bob.publicKey()), now.toEpochMilli()),
                                now.toEpochMilli())
                        .envelope();
        assertThat(validator.validate(message(join), forwarder)).isEqualTo(ValidationResult.REJECT);
        assertThat(validator.validate(message(Bytes.fromHex("00")), forwarder))
                .isEqualTo(ValidationResult.REJECT);
        Message old = request(alice);
        now = now.plus(Duration.ofHours(2));
        assertThat(validator.validate(old, forwarder)).isEqualTo(ValidationResult.IGNORE);
        for (int i = 0; i < 12; i++) {
            var _ = validator.validate(message(Bytes.fromHex("00")), forwarder);
        }
        // From whoever has done that, nothing is taken any more.
        assertThat(validator.validate(request(alice), forwarder))
                .isEqualTo(ValidationResult.IGNORE);
    }
}
