package org.tutti.bitcoin.address;

/// A text that is no address of the network, or a script that has none. The message says why, for
/// people.
public final class AddressException extends Exception {
    public AddressException(String message) {
        super(message);
    }
}
