package org.tutti.lightclient.wire;

import org.tutti.base.Bytes;
import org.tutti.bitcoin.block.Block;
import org.tutti.bitcoin.block.BlockHeader;
import org.tutti.bitcoin.block.SerializedBlock;
import org.tutti.bitcoin.hash.BlockHash;
import org.tutti.bitcoin.hash.Hash256;

import java.util.List;

/// A message between two Bitcoin peers.
///
/// Each record is one command of the protocol. What we have no use for travels as [Unknown]. Limits
/// on list sizes are those that Bitcoin Core enforces on what it receives; the compact constructors
/// hold both directions to them.
public sealed interface P2pMessage {

    /// The protocol version we speak, and write into `getheaders`.
    int PROTOCOL_VERSION = 70_016;

    /// Most entries of one `inv`, `getdata` or `notfound`.
    int MAX_INVENTORY = 50_000;

    /// Most headers of one `headers`.
    int MAX_HEADERS = 2_000;

    /// Most hashes of a block locator.
    int MAX_LOCATOR = 101;

    /// Most bytes of a user agent (BIP14, Bitcoin Core's MAX_SUBVERSION_LENGTH).
    int MAX_USER_AGENT = 256;

    /// The command as the frame header names it, at most 12 ASCII characters.
    String command();

    /// First message in both directions.
    ///
    /// @param protocol protocol version, ours is 70016
    /// @param services bit field, see [Services]
    /// @param timestamp seconds since 1970
    /// @param nonce random, to recognise a connection to ourselves
    /// @param userAgent BIP14, ASCII
    /// @param startHeight height of the sender's best block
    /// @param relay BIP37: false asks not to be told of loose transactions
    record Version(
            int protocol,
            long services,
            long timestamp,
            long nonce,
            String userAgent,
            int startHeight,
            boolean relay)
            implements P2pMessage {
        public Version {
            if (userAgent.length() > MAX_USER_AGENT) {
                throw new IllegalArgumentException("user agent above " + MAX_USER_AGENT + " bytes");
            }
        }

        @Override
        public String command() {
            return "version";
        }
    }

    /// Answers an acceptable `version`.
    record Verack() implements P2pMessage {
        @Override
        public String command() {
            return "verack";
        }
    }

    /// Are you there? (BIP31)
    record Ping(long nonce) implements P2pMessage {
        @Override
        public String command() {
            return "ping";
        }
    }

    /// The answer to a `ping`, with its nonce (BIP31).
    record Pong(long nonce) implements P2pMessage {
        @Override
        public String command() {
            return "pong";
        }
    }

    /// Asks for up to 2,000 headers after the first hash of the locator that the receiver knows.
    ///
    /// @param locator block hashes, newest first
    /// @param stop last wanted hash, all zero for as many as fit
    record GetHeaders(List<BlockHash> locator, BlockHash stop) implements P2pMessage {
        public GetHeaders {
            locator = bounded(locator, MAX_LOCATOR, "locator");
        }

        @Override
        public String command() {
            return "getheaders";
        }
    }

    /// Headers, each the child of the one before.
    record Headers(List<BlockHeader> headers) implements P2pMessage {
        public Headers {
            headers = bounded(headers, MAX_HEADERS, "headers");
        }

        @Override
        public String command() {
            return "headers";
        }
    }

    /// The sender has these.
    record Inv(List<InventoryItem> items) implements P2pMessage {
        public Inv {
            items = bounded(items, MAX_INVENTORY, "inv");
        }

        @Override
        public String command() {
            return "inv";
        }
    }

    /// The sender wants these.
    record GetData(List<InventoryItem> items) implements P2pMessage {
        public GetData {
            items = bounded(items, MAX_INVENTORY, "getdata");
        }

        @Override
        public String command() {
            return "getdata";
        }
    }

    /// The sender does not have these.
    record NotFound(List<InventoryItem> items) implements P2pMessage {
        public NotFound {
            items = bounded(items, MAX_INVENTORY, "notfound");
        }

        @Override
        public String command() {
            return "notfound";
        }
    }

    /// A whole block, as it was sent: whoever needs it reads it.
    record BlockMessage(SerializedBlock block) implements P2pMessage {
        public BlockMessage(Block block) {
            this(SerializedBlock.of(block));
        }

        @Override
        public String command() {
            return "block";
        }
    }

    /// A transaction.
    record TxMessage(org.tutti.bitcoin.tx.Transaction transaction) implements P2pMessage {
        @Override
        public String command() {
            return "tx";
        }
    }

    /// Please announce new blocks by `headers`, not by `inv` (BIP130).
    record SendHeaders() implements P2pMessage {
        @Override
        public String command() {
            return "sendheaders";
        }
    }

    /// Please do not announce transactions below this rate (BIP133).
    ///
    /// @param satPerKvb satoshi per 1,000 virtual bytes
    record FeeFilter(long satPerKvb) implements P2pMessage {
        @Override
        public String command() {
            return "feefilter";
        }
    }

    /// Asks what is in the receiver's memory pool (BIP35).
    record Mempool() implements P2pMessage {
        @Override
        public String command() {
            return "mempool";
        }
    }

    /// Asks for addresses of other peers.
    record GetAddr() implements P2pMessage {
        @Override
        public String command() {
            return "getaddr";
        }
    }

    /// Why a message was refused (BIP61). Bitcoin Core no longer sends it, btcd does.
    ///
    /// @param refused the command that was refused
    /// @param code see [RejectCode]
    /// @param reason text; what is above [#MAX_REASON] characters is cut off
    /// @param hash 32 bytes: id of the transaction or block refused, all zero when it was another
    ///   message
    record Reject(String refused, int code, String reason, Bytes hash) implements P2pMessage {
        /// Most characters of the reason that are kept. btcd sends some hundred.
        public static final int MAX_REASON = 500;

        /// Most bytes of the reason that are sent: no receiver need take more (BIP61).
        public static final int MAX_SENT_REASON = 111;

        public Reject {
            hash.requireLength(Hash256.LENGTH, "hash");
            reason = reason.substring(0, Math.min(reason.length(), MAX_REASON));
        }

        @Override
        public String command() {
            return "reject";
        }
    }

    /// A well-framed message that this module does not read: addresses, compact blocks, filters,
    /// and whatever comes to be.
    record Unknown(String command, Bytes payload) implements P2pMessage {}

    private static <T> List<T> bounded(List<T> items, int max, String what) {
        if (items.size() > max) {
            throw new IllegalArgumentException(
                    what + " with " + items.size() + " entries, at most " + max);
        }
        return List.copyOf(items);
    }
}
