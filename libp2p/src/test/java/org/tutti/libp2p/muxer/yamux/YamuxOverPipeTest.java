package org.tutti.libp2p.muxer.yamux;

import org.tutti.libp2p.io.Pipe;
import org.tutti.libp2p.muxer.MuxedConnection;
import org.tutti.libp2p.muxer.MuxerContract;
import org.tutti.libp2p.security.Plain;

import java.util.List;

/// With buffers so small that every write waits for the other side.
class YamuxOverPipeTest extends MuxerContract {
    @Override
    protected List<MuxedConnection> connect() {
        Pipe pipe = new Pipe(700);
        YamuxMuxer muxer = new YamuxMuxer();
        return List.of(
                muxer.open(new Plain(pipe.dialer()), true),
                muxer.open(new Plain(pipe.listener()), false));
    }
}
