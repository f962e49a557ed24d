package org.tutti.signing.approval;

import org.tutti.base.Bytes;

import java.util.Set;

/// What a session holds while it may be signed, as the approval names it. Signing compares, and
/// understands nothing of it.
///
/// Its life: *reserved* by this node's Ready, for the attempt; *committed* once its own partial
/// signatures have left, which time never undoes; then *settled*, because what was signed can no
/// longer be taken back or no longer happen. A hold that was never committed is *released* when its
/// session ends.
///
/// @param resources what two different operations must not use at a time; for a payment its coins.
///   At most [#MAX_RESOURCES], each of 1 to [#MAX_RESOURCE_BYTES] bytes
/// @param content what the operation does, whichever resources it uses: for a payment its
///   destinations and amounts. Two requests with one idempotency key must agree in it. At most 32
///   bytes. With resources and no content it does nothing but take the place of others: a payment
///   to the group itself, which may cancel any operation with its key
/// @param distinct what another request with the same messages wants. If false, the same: it signs
///   what may be signed already. If true, and its requester or idempotency key is another one, an
///   operation of its own: whoever orders a payment does not choose the transaction, and two equal
///   orders whose nodes build the same one must not both be told that theirs was made
public record Hold(Set<Bytes> resources, Bytes content, boolean distinct) {
    public static final int MAX_RESOURCES = 256;
    public static final int MAX_RESOURCE_BYTES = 64;

    /// Holds nothing: sessions for it never conflict.
    public static final Hold NONE = new Hold(Set.of(), Bytes.EMPTY);

    /// Of an operation that is its messages, whoever asks for them.
    public Hold(Set<Bytes> resources, Bytes content) {
        this(resources, content, /* distinct= */ false);
    }

    /// @throws IllegalArgumentException if it is larger than a hold may be
    public Hold {
        resources = Set.copyOf(resources);
        if (resources.size() > MAX_RESOURCES
                || resources.stream().anyMatch(r -> r.isEmpty() || r.length() > MAX_RESOURCE_BYTES)
                || content.length() > 32) {
            throw new IllegalArgumentException("a hold of " + resources.size() + " resources");
        }
    }

    public boolean isNone() {
        return resources.isEmpty() && content.isEmpty();
    }
}
