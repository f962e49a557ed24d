package org.tutti.signing.request;

import org.tutti.base.Bytes;
import org.tutti.signing.group.SignerGroup;

import java.util.List;

/// The group that a request is for, as the request names it (SAFETY 15).
///
/// @param network 32 bytes that name the chain
/// @param id of the group, 32 bytes
/// @param epoch epoch of the signer set
/// @param keys compressed signing keys in group order, 33 bytes each
public record RequestGroup(Bytes network, Bytes id, long epoch, List<Bytes> keys) {
    public RequestGroup {
        network.requireLength(32, "network");
        id.requireLength(32, "group id");
        keys = List.copyOf(keys);
    }

    public static RequestGroup of(SignerGroup group) {
        return new RequestGroup(
                group.network(),
                group.id(),
                group.epoch(),
                group.signingKeys().stream().map(key -> key.bytes()).toList());
    }
}
