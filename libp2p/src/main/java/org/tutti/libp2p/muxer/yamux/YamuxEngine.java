package org.tutti.libp2p.muxer.yamux;

import org.jspecify.annotations.Nullable;
import org.tutti.libp2p.muxer.MuxerException.Code;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// The rules of one yamux connection, without sockets, threads or clocks: headers, calls of the
/// application and the time go in, outputs come out. Payload never passes through here, only its
/// length.
///
/// Not thread-safe: the driver calls it under one lock. Times are monotonic nanoseconds.
///
/// One file, because every flag, window and bound of the specification's frame rules works on the
/// same tables.
final class YamuxEngine {
    private static final long MAX_SEND_WINDOW = 0xffff_ffffL;

    private final boolean initiator;
    private final YamuxConfig config;
    private final Map<Integer, StreamState> streams = new HashMap<>();

    /// Streams that we are done with, in the order of when we stop waiting for the remote's end.
    private final Map<Integer, Long> lingering = new LinkedHashMap<>();

    private final UselessFrames useless;
    private final ReceiveMemory memory;
    private long nextStreamId;
    private int unacknowledged;
    private int unaccepted;
    private long budgetUsed;
    private long lastHeard;

    /// Whether streams that brought nothing were more than the budget allows.
    private boolean overdrawn;

    private int nextPing;
    private long pingSentAt;
    private boolean pinging;
    private long roundTrip = -1;
    private boolean terminated;

    /// @param memory that windows grow in; the driver's as well
    YamuxEngine(boolean initiator, YamuxConfig config, ReceiveMemory memory, long now) {
        this.initiator = initiator;
        this.config = config;
        this.memory = memory;
        // "The client side should use odd ID's, and the server even."
        this.nextStreamId = initiator ? 1 : 2;
        this.lastHeard = now;
        this.useless =
                new UselessFrames(config.uselessFrameBurst(), config.uselessFramesPerSecond(), now);
    }

    // What the remote sends.

    /// A frame's header has arrived; of a data frame the payload follows.
    List<YamuxOutput> receive(Header header, long now) {
        lastHeard = now;
        if (terminated) {
            return List.of();
        }
        if (overdrawn) {
            return flooded(new ArrayList<>(1), "streams without data");
        }
        if (header.version() != 0) {
            return violation("version " + header.version());
        }
        if ((header.flags() & ~Header.ALL_FLAGS) != 0) {
            return violation("unknown flags");
        }
        return switch (header.type()) {
            case Header.DATA, Header.WINDOW_UPDATE -> receiveStreamFrame(header, now);
            case Header.PING -> receivePing(header, now);
            case Header.GO_AWAY -> receiveGoAway(header);
            default -> violation("unknown frame type " + header.type());
        };
    }

    private List<YamuxOutput> receiveStreamFrame(Header header, long now) {
        if (header.streamId() == 0) {
            return violation("stream frame for the session");
        }
        boolean data = header.type() == Header.DATA;
        if (data && header.unsignedLength() > config.maxWindow()) {
            // No window of ours was ever this large.
            return violation("data frame of " + header.unsignedLength() + " bytes");
        }
        List<YamuxOutput> outputs = new ArrayList<>(4);
        StreamState stream = streams.get(header.streamId());
        if (header.has(Header.SYN)) {
            if (stream != null || isOurs(header.streamId())) {
                return violation("SYN for stream " + Integer.toUnsignedString(header.streamId()));
            }
            stream = accept(header, now, outputs);
        } else if (stream == null && isOurs(header.streamId()) && neverOpened(header.streamId())) {
            return violation("frame for a stream that nobody opened");
        }
        if (stream == null) {
            // Late frames of a stream that has ended or was refused: the remote could not know.
            discard(header, outputs);
            return spendLate(header, now)
                    ? outputs
                    : flooded(outputs, "frames of streams that are not open");
        }
        if (header.has(Header.RST)) {
            // go sends an error code in the length of a window update with RST: never credit it.
            forget(stream);
            outputs.add(new YamuxOutput.RemoteReset(stream.id, data ? 0 : header.unsignedLength()));
            discard(header, outputs);
            // Streams of ours are as many as we open; one that brought nothing is paid for already.
            return !stream.inbound || !stream.delivered || useless.spend(now)
                    ? outputs
                    : flooded(outputs, "streams that it opens and resets");
        }
        boolean useful = header.has(Header.SYN);
        if (header.has(Header.ACK) && !stream.inbound && !stream.acknowledged) {
            useful = true;
            stream.acknowledged = true;
            unacknowledged--;
            outputs.add(new YamuxOutput.Acknowledged(stream.id));
        }
        if (data) {
            useful |= receiveData(stream, header.length(), outputs);
        } else if (header.length() != 0) {
            stream.sendWindow =
                    Math.min(MAX_SEND_WINDOW, stream.sendWindow + header.unsignedLength());
            outputs.add(new YamuxOutput.Writable(stream.id));
            // A remote that begins with a larger window gives it with SYN or ACK.
            useful |= stream.credited();
        }
        if (header.has(Header.FIN) && !stream.remoteEnded && streams.containsKey(stream.id)) {
            useful = true;
            stream.remoteEnded = true;
            memory.windowClosed(stream.id);
            outputs.add(new YamuxOutput.RemoteEnd(stream.id));
            forgetIfDone(stream);
        }
        return useful || useless.spend(now)
                ? outputs
                : flooded(outputs, "empty frames and credit that nobody waits for");
    }

    private boolean spendLate(Header header, long now) {
        if (header.has(Header.SYN)) {
            return useless.spend(now);
        }
        if (header.type() == Header.DATA) {
            return useless.spendLate(header.length(), now);
        }
        boolean credit = header.length() != 0 && !header.has(Header.RST);
        return credit ? useless.spendLateCredit(now) : useless.spend(now);
    }

    private @Nullable StreamState accept(Header header, long now, List<YamuxOutput> outputs) {
        boolean full = streams.size() >= config.maxStreams();
        if (full || unaccepted >= config.ackBacklog()) {
            outputs.add(new YamuxOutput.Send(reset(header.streamId())));
            outputs.add(
                    new YamuxOutput.Refused(
                            full ? YamuxConfig.MAX_STREAMS : YamuxConfig.ACK_BACKLOG));
            useless.expectLate(YamuxConfig.INITIAL_WINDOW);
            return null;
        }
        StreamState stream = new StreamState(header.streamId(), true, now);
        streams.put(stream.id, stream);
        unaccepted++;
        outputs.add(new YamuxOutput.Accept(stream.id));
        return stream;
    }

    /// @return whether the application gets anything of it, or it was on its way when we closed
    private boolean receiveData(StreamState stream, int length, List<YamuxOutput> outputs) {
        if (length == 0) {
            return false;
        }
        if (length > stream.receiveCredit || stream.remoteEnded) {
            outputs.add(new YamuxOutput.Send(reset(stream.id)));
            forget(stream);
            outputs.add(
                    new YamuxOutput.LocalReset(
                            stream.id,
                            stream.remoteEnded
                                    ? "the remote sent data after its end"
                                    : "the remote overran the window"));
            outputs.add(
                    new YamuxOutput.Refused(
                            stream.remoteEnded
                                    ? YamuxConfig.DATA_AFTER_END
                                    : YamuxConfig.RECEIVE_WINDOW));
            outputs.add(new YamuxOutput.Discard(length));
            return false;
        }
        stream.receiveCredit -= length;
        if (stream.readClosed) {
            outputs.add(new YamuxOutput.Discard(length));
            int cost = Math.max(length, UselessFrames.MIN_LATE_BYTES);
            boolean onItsWay = cost <= stream.lateBytes;
            stream.lateBytes -= onItsWay ? cost : 0;
            return onItsWay;
        }
        outputs.add(new YamuxOutput.Deliver(stream.id, length));
        stream.delivered = true;
        return true;
    }

    private static void discard(Header header, List<YamuxOutput> outputs) {
        if (header.type() == Header.DATA && header.length() != 0) {
            outputs.add(new YamuxOutput.Discard(header.length()));
        }
    }

    private List<YamuxOutput> receivePing(Header header, long now) {
        if (header.streamId() != 0) {
            return violation("ping on a stream");
        }
        if (header.flags() == Header.ACK && pinging && header.length() == nextPing) {
            pinging = false;
            roundTrip = Math.max(1, now - pingSentAt);
            return List.of(new YamuxOutput.RoundTrip(roundTrip));
        }
        if (!useless.spendPing(now)) {
            return flooded(new ArrayList<>(1), "pings");
        }
        return switch (header.flags()) {
            case Header.SYN ->
                    List.of(
                            new YamuxOutput.Send(
                                    new Header(Header.PING, Header.ACK, 0, header.length())));
            // An answer that nobody waits for any more.
            case Header.ACK -> List.of();
            default -> violation("ping with flags " + header.flags());
        };
    }

    private List<YamuxOutput> receiveGoAway(Header header) {
        if (header.streamId() != 0) {
            return violation("go-away on a stream");
        }
        String why =
                switch (header.length()) {
                    case Header.NORMAL_TERMINATION -> "normal termination";
                    case Header.PROTOCOL_ERROR -> "it says that we broke the protocol";
                    case Header.INTERNAL_ERROR -> "internal error";
                    default -> "code " + Integer.toUnsignedString(header.length());
                };
        terminated = true;
        return List.of(
                new YamuxOutput.Terminate(
                        Code.GO_AWAY, Header.NORMAL_TERMINATION, "go-away: " + why));
    }

    // What the application wants.

    /// Whether one more stream may be opened now.
    Opening canOpen() {
        if (streams.size() >= config.maxStreams()) {
            return Opening.FULL;
        }
        if (nextStreamId > 0xffff_ffffL) {
            return Opening.EXHAUSTED;
        }
        return unacknowledged >= config.ackBacklog() ? Opening.WAIT : Opening.NOW;
    }

    /// The answers of `canOpen`.
    enum Opening {
        NOW,
        /// Until the remote acknowledges one.
        WAIT,
        FULL,
        EXHAUSTED
    }

    /// Opens a stream. The remote learns of it with the first frame.
    int open(long now) {
        if (canOpen() != Opening.NOW) {
            throw new IllegalStateException("no stream can be opened now");
        }
        StreamState stream = new StreamState((int) nextStreamId, false, now);
        nextStreamId += 2;
        streams.put(stream.id, stream);
        unacknowledged++;
        return stream.id;
    }

    /// The application has taken a stream that the remote opened.
    void accepted(int streamId) {
        StreamState stream = streams.get(streamId);
        if (stream != null && stream.inbound && !stream.acknowledged) {
            stream.acknowledged = true;
            unaccepted--;
        }
    }

    /// SYN or ACK as a frame of its own, if it was not sent yet: for an application that waits for
    /// the remote to speak first.
    List<YamuxOutput> announce(int streamId) {
        StreamState stream = streams.get(streamId);
        if (stream == null || stream.pendingFlags == 0) {
            return List.of();
        }
        return List.of(new YamuxOutput.Send(window(stream, 0)));
    }

    /// The header of the next data frame with at most `wanted` bytes; empty if the window is
    /// closed. The caller must send it with its payload.
    ///
    /// @return null if the remote's window is full
    @Nullable Header write(int streamId, int wanted) {
        StreamState stream = streams.get(streamId);
        if (stream == null || stream.localEnded) {
            throw new IllegalStateException("stream " + streamId + " takes no data");
        }
        int length = (int) Math.min(Math.min(wanted, config.maxFrame()), stream.sendWindow);
        if (length == 0) {
            return null;
        }
        stream.sent(length);
        return new Header(Header.DATA, stream.takePendingFlags(), streamId, length);
    }

    /// The application has read so many bytes of this stream: the remote may send as many again.
    List<YamuxOutput> consumed(int streamId, int count, long now) {
        StreamState stream = streams.get(streamId);
        if (stream == null || stream.remoteEnded || stream.readClosed) {
            return List.of();
        }
        stream.consumed += count;
        if (stream.consumed < stream.receiveWindow / 2) {
            return List.of();
        }
        List<YamuxOutput> outputs = new ArrayList<>(2);
        long delta = stream.consumed + grow(stream, now, outputs);
        stream.consumed = 0;
        stream.updatedAt = now;
        stream.receiveCredit += delta;
        outputs.add(new YamuxOutput.Send(window(stream, (int) delta)));
        return outputs;
    }

    /// Auto-tuning as go and rust do it: a window that is used up within a few round trips is what
    /// limits the sender, so double it. Without a round-trip time, measure one first.
    private long grow(StreamState stream, long now, List<YamuxOutput> outputs) {
        if (roundTrip < 0) {
            ping(now, outputs);
            return 0;
        }
        if (now - stream.updatedAt > 4 * roundTrip) {
            return 0;
        }
        long more =
                Math.min(
                        Math.min(stream.receiveWindow, config.maxWindow() - stream.receiveWindow),
                        config.windowBudget() - budgetUsed);
        if (more <= 0 || !memory.grow(stream.id, more)) {
            return 0;
        }
        stream.receiveWindow += more;
        budgetUsed += more;
        return more;
    }

    /// The application will write no more. FIN goes in a frame of its own: js loses a payload that
    /// comes with it.
    List<YamuxOutput> closeWrite(int streamId, long now) {
        StreamState stream = streams.get(streamId);
        if (stream == null || stream.localEnded) {
            return List.of();
        }
        stream.localEnded = true;
        Header fin =
                new Header(
                        Header.WINDOW_UPDATE, stream.takePendingFlags() | Header.FIN, streamId, 0);
        lingerOrForget(stream, now);
        return List.of(new YamuxOutput.Send(fin));
    }

    /// The application will read no more: what comes is dropped, and gives the remote no new
    /// credit.
    void closeRead(int streamId, long now) {
        StreamState stream = streams.get(streamId);
        if (stream != null && !stream.readClosed) {
            stream.readClosed = true;
            memory.windowClosed(stream.id);
            stream.lateBytes = stream.receiveCredit;
            lingerOrForget(stream, now);
        }
    }

    private void lingerOrForget(StreamState stream, long now) {
        if (stream.localEnded && stream.readClosed && !stream.remoteEnded) {
            lingering.put(stream.id, now + config.lingerTimeout().toNanos());
        }
        forgetIfDone(stream);
    }

    /// The application gives the stream up.
    List<YamuxOutput> reset(int streamId, String reason) {
        StreamState stream = streams.get(streamId);
        if (stream == null) {
            return List.of();
        }
        forget(stream);
        expectLate(stream);
        YamuxOutput failed = new YamuxOutput.LocalReset(streamId, reason);
        // The remote does not know a stream that was never announced.
        return stream.pendingFlags == Header.SYN
                ? List.of(failed)
                : List.of(new YamuxOutput.Send(reset(streamId)), failed);
    }

    // What time brings.

    /// Streams whose remote end never comes.
    List<YamuxOutput> tick(long now) {
        List<YamuxOutput> outputs = new ArrayList<>(2);
        if (terminated) {
            return outputs;
        }
        while (!lingering.isEmpty()) {
            Map.Entry<Integer, Long> oldest = lingering.entrySet().iterator().next();
            if (oldest.getValue() - now > 0) {
                break;
            }
            outputs.addAll(reset(oldest.getKey(), "the remote never ended the stream"));
            outputs.add(new YamuxOutput.Refused(YamuxConfig.LINGER_TIMEOUT));
        }
        return outputs;
    }

    /// Asks the remote for an answer, unless it still owes one.
    List<YamuxOutput> ping(long now) {
        List<YamuxOutput> outputs = new ArrayList<>(1);
        if (!terminated) {
            ping(now, outputs);
        }
        return outputs;
    }

    private void ping(long now, List<YamuxOutput> outputs) {
        if (!pinging) {
            pinging = true;
            pingSentAt = now;
            nextPing++;
            outputs.add(new YamuxOutput.Send(new Header(Header.PING, Header.SYN, 0, nextPing)));
        }
    }

    // What tests and the driver may ask.

    int streamCount() {
        return streams.size();
    }

    /// Bytes by which the receive windows exceed their initial size.
    long budgetUsed() {
        return budgetUsed;
    }

    // Inside.

    private boolean isOurs(int streamId) {
        return (streamId & 1) == (initiator ? 1 : 0);
    }

    private boolean neverOpened(int streamId) {
        return Integer.toUnsignedLong(streamId) >= nextStreamId;
    }

    private Header window(StreamState stream, int delta) {
        return new Header(Header.WINDOW_UPDATE, stream.takePendingFlags(), stream.id, delta);
    }

    private static Header reset(int streamId) {
        return new Header(Header.WINDOW_UPDATE, Header.RST, streamId, 0);
    }

    private void forgetIfDone(StreamState stream) {
        if (stream.localEnded && stream.remoteEnded) {
            forget(stream);
        }
    }

    private void forget(StreamState stream) {
        if (streams.remove(stream.id) == null) {
            return;
        }
        lingering.remove(stream.id);
        useless.expectLateCredits(stream.creditsDue());
        // Also where we reset it, because it was one too many.
        overdrawn |= stream.inbound && !stream.delivered && !useless.spend(lastHeard);
        budgetUsed -= stream.receiveWindow - YamuxConfig.INITIAL_WINDOW;
        memory.windowClosed(stream.id);
        if (!stream.acknowledged) {
            if (stream.inbound) {
                unaccepted--;
            } else {
                unacknowledged--;
            }
        }
    }

    private List<YamuxOutput> violation(String detail) {
        return terminate(Code.PROTOCOL_VIOLATION, Header.PROTOCOL_ERROR, detail);
    }

    /// The remote may still send what it has credit for, until it knows that nobody reads it.
    private void expectLate(StreamState stream) {
        if (!stream.remoteEnded) {
            useless.expectLate(stream.readClosed ? stream.lateBytes : stream.receiveCredit);
        }
    }

    private List<YamuxOutput> flooded(List<YamuxOutput> outputs, String what) {
        // Nobody waits for the payload of the last one.
        outputs.removeIf(YamuxOutput.Discard.class::isInstance);
        outputs.addAll(
                terminate(
                        Code.FLOOD,
                        Header.PROTOCOL_ERROR,
                        "too many frames that bring nothing, the last of them: " + what));
        return outputs;
    }

    private List<YamuxOutput> terminate(Code code, int goAwayCode, String detail) {
        terminated = true;
        return List.of(new YamuxOutput.Terminate(code, goAwayCode, detail));
    }
}
