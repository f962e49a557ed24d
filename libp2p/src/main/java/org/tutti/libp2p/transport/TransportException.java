package org.tutti.libp2p.transport;

import org.tutti.libp2p.multiaddr.Multiaddr;

import java.io.IOException;

/// The environment failed: an address cannot be dialled or bound.
public final class TransportException extends IOException {
    /// What went wrong.
    public enum Code {
        /// The transport does not know this kind of address: a fault of the caller.
        UNSUPPORTED_ADDRESS,
        /// The name has no address of the wanted family.
        UNRESOLVABLE,
        /// Nobody listens there.
        REFUSED,
        /// No answer in the time given.
        TIMEOUT,
        /// The network has no way there.
        UNREACHABLE,
        /// The port to listen on is taken.
        ADDRESS_IN_USE,
        /// This process, or the machine, has as many files and sockets open as it may: it says
        /// nothing about the address.
        DESCRIPTORS,
        /// Any other failure of the operating system.
        FAILED
    }

    private final Code code;
    private final transient Multiaddr address;

    /// @param detail a sentence for a person, without the address
    public TransportException(Code code, Multiaddr address, String detail) {
        super(address + ": " + detail);
        this.code = code;
        this.address = address;
    }

    public Code code() {
        return code;
    }

    /// The address that was dialled or listened on.
    public Multiaddr address() {
        return address;
    }
}
