package org.tutti.libp2p.security.noise;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.tutti.libp2p.identity.KeyType;
import org.tutti.libp2p.identity.Keys;
import org.tutti.libp2p.identity.PrivateKey;
import org.tutti.libp2p.internal.curve25519.Curve25519;
import org.tutti.libp2p.io.Pipe;
import org.tutti.libp2p.io.ReadTimeoutContract;
import org.tutti.libp2p.security.SecureConnection;

import java.net.SocketTimeoutException;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.FutureTask;
import java.util.concurrent.atomic.AtomicLong;

class NoiseReadTimeoutTest extends ReadTimeoutContract {
    private final PrivateKey aliceKey = Keys.generate(KeyType.ED25519, new SecureRandom());
    private final PrivateKey bobKey = Keys.generate(KeyType.ED25519, new SecureRandom());

    @Override
    protected Ends open() throws Exception {
        Pipe pipe = new Pipe(100_000);
        FutureTask<SecureConnection> bob =
                new FutureTask<>(
                        () -> new NoiseSecurity(bobKey, List.of()).secureInbound(pipe.listener()));
        Thread.ofVirtual().start(bob);
        SecureConnection alice =
                new NoiseSecurity(aliceKey, List.of())
                        .secureOutbound(pipe.dialer(), bobKey.publicKey().peerId());
        return new Ends(alice, bob.get(), bob.get()::close, alice::close);
    }

    @Test
    void aFrameThatDripsEndsAtTheLimitOfOneReadAndIsNotLost() throws Exception {
        // The clock moves a second at each look, once it is told to; no single read ever waits.
        AtomicLong now = new AtomicLong();
        AtomicLong pace = new AtomicLong();
        Pipe pipe = new Pipe(100_000);
        FutureTask<SecureConnection> bob =
                new FutureTask<>(
                        () -> new NoiseSecurity(bobKey, List.of()).secureInbound(pipe.listener()));
        Thread.ofVirtual().start(bob);
        SecureConnection alice =
                new NoiseSecurity(
                                aliceKey,
                                List.of(),
                                Duration.ofSeconds(10),
                                Curve25519::generateX25519,
                                () -> now.addAndGet(pace.get()))
                        .secureOutbound(
                                new NoiseSecurityTest.Dripping(pipe.dialer()),
                                bobKey.publicKey().peerId());
        bob.get().write(new byte[] {1, 2, 3}, 0, 3);
        pace.set(1_000_000_000);
        alice.setReadTimeout(Duration.ofSeconds(5));
        byte[] three = new byte[3];
        assertThatThrownBy(() -> alice.read(three, 0, 3))
                .isInstanceOf(SocketTimeoutException.class);
        alice.setReadTimeout(Duration.ofHours(1));
        assertThat(alice.read(three, 0, 3)).isEqualTo(3);
        assertThat(three).containsExactly(1, 2, 3);
        alice.close();
    }
}
