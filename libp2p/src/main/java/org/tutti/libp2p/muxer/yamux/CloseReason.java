package org.tutti.libp2p.muxer.yamux;

import org.jspecify.annotations.Nullable;
import org.tutti.libp2p.muxer.MuxerException;
import org.tutti.libp2p.muxer.MuxerException.Code;

import java.io.IOException;

/// Why a connection ended. No exception, because most connections end without anybody asking why,
/// and each who asks gets one of its own, whose stack trace is the asker's.
///
/// @param cause what failed underneath, if anything
record CloseReason(Code code, String detail, @Nullable Throwable cause) {
    CloseReason(Code code, String detail) {
        this(code, detail, null);
    }

    static CloseReason transportFailed(IOException cause) {
        return new CloseReason(Code.TRANSPORT_FAILED, String.valueOf(cause.getMessage()), cause);
    }

    MuxerException exception() {
        return new MuxerException(code, detail, cause);
    }
}
