package org.tutti.lightclient.connection;

/// Why a connection ended.
///
/// @param detail for people, one line
public record DisconnectReason(Code code, String detail) {
    /// Tells apart a peer that misbehaved from a network that failed.
    public enum Code {
        /// Could not connect, or the connection broke.
        UNREACHABLE(false),
        /// The peer closed.
        CLOSED(false),
        /// We closed.
        SHUTDOWN(false),
        /// Bytes that are not a message, or a frame that never ends.
        WIRE(true),
        /// No complete handshake in time.
        HANDSHAKE_TIMEOUT(false),
        /// A message that is not allowed before the handshake is done.
        HANDSHAKE_ORDER(true),
        /// The peer is ourselves.
        SELF_CONNECTION(true),
        /// The peer's protocol version lacks what we need.
        OLD_PROTOCOL(false),
        /// The peer does not serve whole blocks with witnesses.
        MISSING_SERVICES(false),
        /// The peer is a pruned node: it serves the last blocks alone.
        PRUNED(false),
        /// The peer is a node of another network.
        OTHER_NETWORK(false),
        /// No Bitcoin node but a web server answers there, perhaps a node's RPC port.
        NOT_BITCOIN(false),
        /// The peer closed without a word: a node of another network does, or one that is full.
        NO_ANSWER(false),
        /// A header that breaks a rule.
        INVALID_HEADER(true),
        /// Headers whose parents we do not know, again and again.
        UNCONNECTED_HEADERS(true),
        /// A block that is not what its header says.
        INVALID_BLOCK(true),
        /// A block asked for did not come in time. Slow is not false.
        BLOCK_STALLED(false),
        /// Blocks that we did not ask for.
        UNREQUESTED(true),
        /// More messages than the rate limit allows.
        FLOODING(true),
        /// Nothing heard, not even the answer to a ping.
        SILENT(false),
        /// The peer does not read what we send.
        NOT_READING(false),
        /// We could not handle what it sent: a defect, or too little memory.
        OUR_FAILURE(false);

        private final boolean misbehaviour;

        Code(boolean misbehaviour) {
            this.misbehaviour = misbehaviour;
        }

        /// Whether only a broken or hostile peer does this.
        public boolean isMisbehaviour() {
            return misbehaviour;
        }
    }

    @Override
    public String toString() {
        return code + (detail.isEmpty() ? "" : ": " + detail);
    }
}
