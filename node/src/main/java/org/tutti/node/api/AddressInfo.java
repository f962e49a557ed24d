package org.tutti.node.api;

/// The group's address, as the node derives it from the members' keys.
///
/// @param network such as `regtest`
/// @param internalKey 32 bytes, x-only, hex: the members' aggregate key
/// @param outputKey 32 bytes, x-only, hex: the key on the chain
public record AddressInfo(String address, String network, String internalKey, String outputKey) {}
