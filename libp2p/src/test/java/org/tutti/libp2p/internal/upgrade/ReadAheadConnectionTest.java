package org.tutti.libp2p.internal.upgrade;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.tutti.libp2p.io.Pipe;
import org.tutti.libp2p.io.ReadTimeoutContract;
import org.tutti.libp2p.security.Plain;
import org.tutti.libp2p.security.SecureConnection;

import java.io.IOException;

class ReadAheadConnectionTest extends ReadTimeoutContract {
    @Override
    protected Ends open() {
        Pipe pipe = new Pipe(1000);
        SecureConnection alice = new ReadAheadConnection(new Plain(pipe.dialer()), new byte[0]);
        return new Ends(alice, pipe.listener(), pipe.listener()::close, pipe.dialer()::close);
    }

    @Test
    void bytesReadAheadComeBeforeThoseThatFollow() throws IOException {
        Pipe pipe = new Pipe(1000);
        SecureConnection alice =
                new ReadAheadConnection(new Plain(pipe.dialer()), new byte[] {1, 2, 3});
        pipe.listener().write(new byte[] {4}, 0, 1);
        byte[] two = new byte[2];
        assertThat(alice.read(two, 0, 2)).isEqualTo(2);
        assertThat(two).containsExactly(1, 2);
        assertThat(alice.read(two, 0, 2)).isEqualTo(1);
        assertThat(two[0]).isEqualTo((byte) 3);
        assertThat(alice.read(two, 0, 2)).isEqualTo(1);
        assertThat(two[0]).isEqualTo((byte) 4);
    }
}
