package org.tutti.libp2p.muxer.yamux;

import org.tutti.libp2p.io.Pipe;
import org.tutti.libp2p.io.ReadTimeoutContract;
import org.tutti.libp2p.muxer.MuxedConnection;
import org.tutti.libp2p.muxer.MuxedStream;
import org.tutti.libp2p.security.Plain;

class YamuxReadTimeoutTest extends ReadTimeoutContract {
    @Override
    protected Ends open() throws Exception {
        Pipe pipe = new Pipe(100_000);
        MuxedConnection alice = new YamuxMuxer().open(new Plain(pipe.dialer()), true);
        MuxedConnection bob = new YamuxMuxer().open(new Plain(pipe.listener()), false);
        MuxedStream bobs = bob.openStream();
        bobs.write(new byte[] {0}, 0, 1);
        MuxedStream alices = alice.acceptStream();
        alices.read(new byte[1], 0, 1);
        return new Ends(
                alices,
                bobs,
                bobs::close,
                () -> {
                    alice.close();
                    bob.close();
                });
    }
}
