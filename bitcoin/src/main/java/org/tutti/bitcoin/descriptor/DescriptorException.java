package org.tutti.bitcoin.descriptor;

/// A text that is no descriptor, or none that this program understands.
public final class DescriptorException extends Exception {
    private static final long serialVersionUID = 1;

    DescriptorException(String message) {
        super(message);
    }

    DescriptorException(String message, Exception cause) {
        super(message, cause);
    }
}
