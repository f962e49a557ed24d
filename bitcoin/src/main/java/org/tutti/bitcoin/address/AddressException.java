package org.tutti.bitcoin.address;

/// A text that is not an address of the network, or a script that has no address. The message says
/// why, for people.
public final class AddressException extends Exception {
    public AddressException(String message) {
        super(message);
    }
}
