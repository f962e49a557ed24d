package org.tutti.libp2p.muxer.yamux;

import org.tutti.libp2p.muxer.MuxerException;

/// What the engine wants done, in this order.
sealed interface YamuxOutput {
    /// Send a frame without payload.
    record Send(Header header) implements YamuxOutput {}

    /// The remote opened a stream: offer it to the application.
    record Accept(int streamId) implements YamuxOutput {}

    /// The next `length` bytes of the connection are this stream's.
    record Deliver(int streamId, int length) implements YamuxOutput {}

    /// The next `length` bytes of the connection belong to no stream: drop them.
    record Discard(int length) implements YamuxOutput {}

    /// The remote will send no more on this stream.
    record RemoteEnd(int streamId) implements YamuxOutput {}

    /// The stream is gone: the remote reset it.
    ///
    /// @param errorCode unsigned 32 bits, 0 for none
    record RemoteReset(int streamId, long errorCode) implements YamuxOutput {}

    /// The stream is gone: we reset it, because of what the remote or the application did.
    record LocalReset(int streamId, String reason) implements YamuxOutput {}

    /// A stream of the remote was reset, or not taken at all, because of a bound of ours.
    ///
    /// @param limit its name
    record Refused(String limit) implements YamuxOutput {}

    /// There is more room in the remote's window.
    record Writable(int streamId) implements YamuxOutput {}

    /// The remote acknowledged a stream of ours, so that another may be opened.
    record Acknowledged(int streamId) implements YamuxOutput {}

    /// A ping came back.
    record RoundTrip(long nanos) implements YamuxOutput {}

    /// End the connection, with a go-away frame of this code. Always the last output.
    record Terminate(MuxerException.Code code, int goAwayCode, String detail)
            implements YamuxOutput {}
}
