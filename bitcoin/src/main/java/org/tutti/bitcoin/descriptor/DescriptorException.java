package org.tutti.bitcoin.descriptor;

/// The text is not a descriptor, or one of a form that this program does not read.
public final class DescriptorException extends Exception {
    private static final long serialVersionUID = 1;

    DescriptorException(String message) {
        super(message);
    }

    DescriptorException(String message, Exception cause) {
        super(message, cause);
    }
}
